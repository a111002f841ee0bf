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
// with one space between fields, in which lines that begin with # and empty
// ones say nothing. Lines that name a witness are for auditors, and are not the
// witness's business.
func parsePolicy(text string) (*policy, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[0] != policyFormat {
		return nil, fmt.Errorf("line 1: a policy file begins with the line %s", policyFormat)
	}
	p := &policy{}
	for i, line := range lines[1:] {
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "witness ") {
			continue
		}
		g, err := parseGeneration(strings.Split(line, " "))
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
	if g.from > g.to || g.to == 0 {
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

// signed is a checkpoint that the operator signed.
type signed struct {
	evidence.Checkpoint
	note *note.Note // with both of the operator's signatures and no others
}

// bytes are the note as it is kept: what else stood on it when it came is not
// the witness's to pass on.
func (s signed) bytes() string {
	b, err := note.Sign(s.note)
	if err != nil {
		panic("witness: a note that was read cannot be written: " + err.Error())
	}
	return string(b)
}

// open checks that both keys of a generation signed the checkpoint.
func (p *policy) open(b []byte, origin string) (signed, error) {
	why := evidence.ErrUntrusted
	for _, g := range p.generations {
		c, err := evidence.OpenCheckpoint(b, origin, g.verifiers, nil)
		switch {
		case err == nil && g.from <= c.Size && c.Size <= g.to:
			n, err := note.Open(b, note.VerifierList(g.verifiers...))
			return signed{c.Checkpoint, &note.Note{Text: n.Text, Sigs: n.Sigs}}, err
		case err == nil:
			why = fmt.Errorf("%w: the key that signed it is not for this size", evidence.ErrUntrusted)
		case errors.Is(err, evidence.ErrCheckpoint):
			return signed{}, refuse(http.StatusBadRequest, "The note is not a checkpoint.")
		}
	}
	return signed{}, refuse(http.StatusForbidden, "The operator's keys, as this witness knows them, have not both signed it: %v.", why)
}

// openText checks that the operator signed a note that is not a checkpoint, by
// a key that is in use for a log of that size. An ML-DSA-44 key signs nothing
// but checkpoints (C2SP tlog-cosignature), so it is the Ed25519 key alone.
func (p *policy) openText(b []byte, size uint64) (*note.Note, error) {
	for _, g := range p.generations {
		if g.to != maxSize && (size < g.from || size > g.to) {
			continue
		}
		if n, err := note.Open(b, note.VerifierList(g.verifiers[0])); err == nil {
			return &note.Note{Text: n.Text, Sigs: n.Sigs}, nil
		}
	}
	return nil, refuse(http.StatusForbidden, "The operator's key, as this witness knows it, has not signed it.")
}

// maxSize bounds logs, as evidence does.
const maxSize = 1<<62 - 1

// parseSize reads a number written the one way it can be.
func parseSize(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil && n <= maxSize && strconv.FormatUint(n, 10) == text
}
