package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// ErrPolicy means that bytes are not a policy file; the error says which line.
var ErrPolicy = errors.New("evidence: not a policy file")

const (
	policyHead = "wardroom/policy/1"
	// MaxPolicy bounds a policy file in bytes: a key of either kind takes less
	// than 2 KB, and an operator changes keys a few times in a decade.
	MaxPolicy = 1 << 20
)

// A Policy says whose signatures make a checkpoint worth anything: those of
// the log's operator, whose keys have generations, and of every witness.
// Whoever checks a log brings a policy of their own; the keys in it are worth
// what the way is worth by which they came.
//
// The text form is UTF-8 with LF. The first line is "wardroom/policy/1"; then,
// in any order, with blank lines and lines that begin with # between them,
//
//	log <verifier Ed25519> <verifier ML-DSA-44> [<from size> [<to size>]]
//	witness <verifier> [<verifier>]
//
// one line a generation of the operator's keys, with the sizes of the log it
// may sign (both included; absent: any), and one line a witness. Fields are
// separated by single spaces.
type Policy struct {
	Log       []Generation
	Witnesses []Witness

	generations []opener
}

// A Generation is a pair of keys that the operator signs with, both at once.
type Generation struct {
	Ed25519, MLDSA string // verifier lines
	From, To       uint64 // sizes of the log, both included; To 0: any from From on
}

// A Witness is a second party: its one or two verifier lines. Each must have
// cosigned.
type Witness struct{ Keys []string }

// opener is a generation together with the witnesses, ready to check.
type opener struct {
	Generation
	n         int
	need      []note.Verifier
	witnesses map[keyID]bool
}

type keyID struct {
	name string
	hash uint32
}

// Sealed is a checkpoint that has every signature its policy asks for.
type Sealed struct {
	Signed
	// Generation of the operator's keys, as the policy counts them: 1, 2 ….
	Generation int
	// At is when the last of the witnesses had cosigned it, by the witnesses'
	// own clocks; zero if the policy names none. What it covers is not younger.
	At time.Time
}

// ParsePolicy reads a policy file, or returns ErrPolicy.
func ParsePolicy(b []byte) (*Policy, error) {
	fail := func(n int, why string) (*Policy, error) { return nil, fmt.Errorf("%w: line %d: %s", ErrPolicy, n, why) }
	if len(b) > MaxPolicy {
		return fail(1, "the file is too long")
	}
	if bytes.IndexByte(b, '\r') >= 0 || !utf8.Valid(b) {
		return fail(1, "it is not UTF-8 with lines that end with LF alone")
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if lines[0] != policyHead {
		return fail(1, "it is not "+strconv.Quote(policyHead))
	}
	p := &Policy{}
	for i, line := range lines[1:] {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, " ")
		switch {
		case f[0] == "log" && 3 <= len(f) && len(f) <= 5:
			g := Generation{Ed25519: f[1], MLDSA: f[2]}
			var err error
			if len(f) > 3 {
				g.From, err = parseSize(f[3])
			}
			if err == nil && len(f) > 4 {
				if g.To, err = parseSize(f[4]); err == nil && (g.To == 0 || g.To < g.From) {
					err = ErrPolicy
				}
			}
			if err != nil {
				return fail(i+2, "the sizes are not two numbers, the smaller first")
			}
			p.Log = append(p.Log, g)
		case f[0] == "witness" && (len(f) == 2 || len(f) == 3):
			p.Witnesses = append(p.Witnesses, Witness{Keys: f[1:]})
		default:
			return fail(i+2, "neither a log nor a witness")
		}
		if why := p.ready(); why != "" {
			return fail(i+2, why)
		}
	}
	if len(p.Log) == 0 {
		return fail(len(lines), "it names no log's keys")
	}
	return p, nil
}

// parseSize reads a size as it is written in a checkpoint.
func parseSize(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > maxSize || strconv.FormatUint(n, 10) != s {
		return 0, ErrPolicy
	}
	return n, nil
}

// NewPolicy returns a policy of these keys, or ErrPolicy.
func NewPolicy(log []Generation, witnesses []Witness) (*Policy, error) {
	// By its text, so that there is one judge of what a policy may say.
	return ParsePolicy([]byte((&Policy{Log: log, Witnesses: witnesses}).String()))
}

// ready makes the verifiers; it returns what is wrong with the keys.
func (p *Policy) ready() string {
	var cosign []note.Verifier
	seen := map[keyID]bool{}
	for _, w := range p.Witnesses {
		for _, line := range w.Keys {
			v, err := NewTimedVerifier(line)
			if err != nil {
				return "not a witness's verifier key"
			}
			if id := (keyID{v.Name(), v.KeyHash()}); seen[id] {
				return "a witness's key stands there twice"
			}
			seen[keyID{v.Name(), v.KeyHash()}] = true
			cosign = append(cosign, v)
		}
	}
	p.generations = nil
	for i, g := range p.Log {
		ed, err1 := NewVerifier(g.Ed25519)
		pq, err2 := NewTimedVerifier(g.MLDSA)
		if err1 != nil || err2 != nil || pq.KeyHash() != verifierHashOf(g.MLDSA, algMLDSA44) {
			return "not an Ed25519 and an ML-DSA-44 verifier key"
		}
		if seen[keyID{ed.Name(), ed.KeyHash()}] || seen[keyID{pq.Name(), pq.KeyHash()}] {
			return "a key is the log's and a witness's"
		}
		p.generations = append(p.generations, opener{g, i + 1, append([]note.Verifier{ed, pq}, cosign...), seen})
	}
	return ""
}

// verifierHashOf is the key hash of a line of that algorithm; 0 of any other.
func verifierHashOf(line string, alg byte) uint32 {
	if k, err := parseVerifier(line); err == nil && k.alg == alg {
		return k.hash
	}
	return 0
}

// String is the policy file.
func (p *Policy) String() string {
	var b strings.Builder
	b.WriteString(policyHead + "\n")
	for _, g := range p.Log {
		b.WriteString("log " + g.Ed25519 + " " + g.MLDSA)
		if g.From > 0 || g.To > 0 {
			fmt.Fprintf(&b, " %d", g.From)
		}
		if g.To > 0 {
			fmt.Fprintf(&b, " %d", g.To)
		}
		b.WriteByte('\n')
	}
	for _, w := range p.Witnesses {
		b.WriteString("witness " + strings.Join(w.Keys, " ") + "\n")
	}
	return b.String()
}

// Open checks a signed note of the log of that origin: both keys of a
// generation that may sign its size must have signed it, and every witness
// must have cosigned. Signatures of others are passed over. The errors are
// ErrCheckpoint and ErrUntrusted.
func (p *Policy) Open(b []byte, origin string) (Sealed, error) {
	c, err := ReadCheckpoint(b)
	if err != nil || c.Origin != origin {
		return Sealed{}, ErrCheckpoint
	}
	failed := fmt.Errorf("%w: no generation of keys may sign %d entries", ErrUntrusted, c.Size)
	var outside error // by keys that may sign other sizes
	for _, g := range p.generations {
		if c.Size < g.From || g.To > 0 && c.Size > g.To {
			if _, err := OpenCheckpoint(b, origin, g.need[:2], nil); err == nil {
				outside = fmt.Errorf("%w: the keys that signed it are not for this size", ErrUntrusted)
			}
			continue
		}
		signed, err := OpenCheckpoint(b, origin, g.need, nil)
		if err != nil {
			failed = err
			continue
		}
		s := Sealed{Signed: signed, Generation: g.n}
		for _, by := range signed.By {
			if g.witnesses[keyID{by.Name, by.Hash}] && by.Time.After(s.At) {
				s.At = by.Time
			}
		}
		return s, nil
	}
	if outside != nil {
		return Sealed{}, outside
	}
	return Sealed{}, failed
}

// ReadCheckpoint returns what a signed note says, without asking who signed
// it: nothing in it is known to be true. The error is ErrCheckpoint.
func ReadCheckpoint(b []byte) (Checkpoint, error) {
	if len(b) > MaxCheckpoint {
		return Checkpoint{}, ErrCheckpoint
	}
	// note.Open with no verifiers reads the whole form and hands the text out
	// in its error.
	_, err := note.Open(b, note.VerifierList())
	var n *note.UnverifiedNoteError
	if !errors.As(err, &n) {
		return Checkpoint{}, ErrCheckpoint
	}
	return parseCheckpoint(n.Note.Text)
}
