package witness

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
)

// policy is the operator's keys: one generation after the other, both keys of
// each must sign.
type policy struct {
	*evidence.Policy
	verifiers [][]note.Verifier // by generation: Ed25519, ML-DSA-44
}

// parsePolicy reads a policy file (see [evidence.Policy]). Lines that name a
// witness are for auditors, and are not the witness's business.
func parsePolicy(text string) (*policy, error) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "witness ") {
			lines[i] = "" // the others keep their numbers
		}
	}
	read, err := evidence.ParsePolicy([]byte(strings.Join(lines, "\n")))
	if err != nil {
		return nil, err
	}
	p := &policy{Policy: read}
	for _, g := range read.Log {
		ed, err := evidence.NewVerifier(g.Ed25519)
		pq, err2 := evidence.NewTimedVerifier(g.MLDSA)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		p.verifiers = append(p.verifiers, []note.Verifier{ed, pq})
	}
	return p, nil
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
	c, err := p.Open(b, origin)
	switch {
	case errors.Is(err, evidence.ErrCheckpoint):
		return signed{}, refuse(http.StatusBadRequest, "The note is not a checkpoint.")
	case err != nil:
		return signed{}, refuse(http.StatusForbidden, "The operator's keys, as this witness knows them, have not both signed it: %v.", err)
	}
	n, err := note.Open(b, note.VerifierList(p.verifiers[c.Generation-1]...))
	if err != nil {
		return signed{}, err
	}
	return signed{c.Checkpoint, &note.Note{Text: n.Text, Sigs: n.Sigs}}, nil
}

// openText checks that the operator signed a note that is not a checkpoint, by
// a key that is in use for a log of that size. An ML-DSA-44 key signs nothing
// but checkpoints (C2SP tlog-cosignature), so it is the Ed25519 key alone.
func (p *policy) openText(b []byte, size uint64) (*note.Note, error) {
	for i, g := range p.Log {
		if g.To != 0 && (size < g.From || size > g.To) {
			continue
		}
		if n, err := note.Open(b, note.VerifierList(p.verifiers[i][0])); err == nil {
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
