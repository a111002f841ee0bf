package witness

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
)

const policyFormat = "wardroom/policy/1"

// policy is the operator's keys: one generation after the other, both keys of
// each must sign.
type policy struct{ generations []generation }

type generation struct {
	verifiers []note.Verifier
	keys      []string // as written
	from, to  uint64   // sizes it signed, both included
	line      string
}

// parsePolicy reads a file of the form
//
//	wardroom/policy/1
//	log <Ed25519 key> <ML-DSA-44 key> [<from size> [<to size>]]
//
// in which lines that begin with # and empty ones say nothing. Lines that name
// a witness are for auditors, and are not the witness's business.
func parsePolicy(text string) (*policy, error) {
	lines := strings.Split(text, "\n")
	if lines[0] != policyFormat {
		return nil, fmt.Errorf("line 1: a policy file begins with the line %s", policyFormat)
	}
	p := &policy{}
	for i, line := range lines[1:] {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") || fields[0] == "witness" {
			continue
		}
		g, err := parseGeneration(fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		p.generations = append(p.generations, g)
	}
	if len(p.generations) == 0 {
		return nil, errors.New("no line that begins with log names the operator's keys")
	}
	return p, nil
}

func parseGeneration(fields []string) (generation, error) {
	if fields[0] != "log" || len(fields) < 3 || len(fields) > 5 {
		return generation{}, errors.New("want: log <Ed25519 key> <ML-DSA-44 key> [<from size> [<to size>]]")
	}
	g := generation{keys: fields[1:3], to: maxSize, line: strings.Join(fields, " ")}
	for i, alg := range []byte{algEd25519, algMLDSA44} {
		v, err := verifierOf(fields[1+i], alg)
		if err != nil {
			return generation{}, err
		}
		g.verifiers = append(g.verifiers, v)
	}
	for i, into := range []*uint64{&g.from, &g.to} {
		if len(fields) > 3+i {
			var ok bool
			if *into, ok = parseSize(fields[3+i]); !ok {
				return generation{}, fmt.Errorf("%q is no size", fields[3+i])
			}
		}
	}
	if g.from > g.to {
		return generation{}, errors.New("the range of sizes ends before it begins")
	}
	return g, nil
}

// Kinds of keys, as the first byte of a verifier key says (C2SP signed-note).
const (
	algEd25519  = 0x01
	algCosigner = 0x04 // Ed25519, with a time
	algMLDSA44  = 0x06
)

// verifierOf reads a verifier key that must be of that kind.
func verifierOf(vkey string, alg byte) (note.Verifier, error) {
	bad := fmt.Errorf("%.60q is not a verifier key of the kind that stands here", vkey)
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 || len(parts[0]) > evidence.MaxName {
		return nil, bad
	}
	k, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(k) == 0 || k[0] != alg {
		return nil, bad
	}
	var v note.Verifier
	if alg == algEd25519 {
		v, err = note.NewVerifier(vkey)
	} else {
		v, err = cosign.NewVerifierForCosignatureV1(vkey)
	}
	if err != nil || fmt.Sprintf("%08x", v.KeyHash()) != parts[1] {
		return nil, bad
	}
	return v, nil
}

// open checks that both keys of a generation signed the checkpoint.
func (p *policy) open(b []byte, origin string) (evidence.Signed, error) {
	err := evidence.ErrUntrusted
	for _, g := range p.generations {
		s, e := evidence.OpenCheckpoint(b, origin, g.verifiers, nil)
		switch {
		case e == nil && g.from <= s.Size && s.Size <= g.to:
			return s, nil
		case e == nil:
			err = fmt.Errorf("%w: the key that signed it is not for this size", evidence.ErrUntrusted)
		case errors.Is(e, evidence.ErrCheckpoint):
			return evidence.Signed{}, refuse(http.StatusBadRequest, "The note is not a checkpoint.")
		}
	}
	return evidence.Signed{}, refuse(http.StatusForbidden, "The operator's keys, as this witness knows them, have not both signed it: %v.", err)
}

// maxSize bounds logs, as evidence does.
const maxSize = 1<<62 - 1

// parseSize reads a number written the one way it can be.
func parseSize(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil && n <= maxSize && strconv.FormatUint(n, 10) == text
}
