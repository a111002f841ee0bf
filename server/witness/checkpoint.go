package witness

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
)

// maxProof is how many hashes a proof of consistency has at most (C2SP
// tlog-witness).
const maxProof = 63

// MaxAddCheckpoint is how many bytes an add-checkpoint request has at most.
const MaxAddCheckpoint = 64 + maxProof*45 + 1 + evidence.MaxCheckpoint

// addCheckpoint is a request to cosign.
type addCheckpoint struct {
	old   uint64
	proof tlog.TreeProof
	note  []byte
}

// parseAddCheckpoint reads the body of C2SP tlog-witness: "old N", up to 63
// hashes, an empty line, the note.
func parseAddCheckpoint(body []byte) (a addCheckpoint, err error) {
	bad := refuse(http.StatusBadRequest, "The request is not in the form of C2SP tlog-witness add-checkpoint.")
	head, rest, found := bytes.Cut(body, []byte("\n\n"))
	if !found || len(body) > MaxAddCheckpoint {
		return a, bad
	}
	lines := strings.Split(string(head), "\n")
	size, found := strings.CutPrefix(lines[0], "old ")
	old, ok := parseSize(size)
	if !found || !ok || len(lines)-1 > maxProof {
		return a, bad
	}
	a.old, a.note = old, rest
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize || len(line) != base64.StdEncoding.EncodedLen(tlog.HashSize) {
			return a, bad
		}
		a.proof = append(a.proof, tlog.Hash(h))
	}
	return a, nil
}

// originOf reads the first line of a note.
func originOf(b []byte) (string, error) {
	line, _, found := bytes.Cut(b, []byte("\n"))
	if !found || !validOrigin(string(line)) || len(b) > evidence.MaxCheckpoint {
		return "", refuse(http.StatusBadRequest, "The note is not a checkpoint.")
	}
	return string(line), nil
}

func validOrigin(line string) bool {
	return line != "" && len(line) <= evidence.MaxName && utf8.ValidString(line) && !strings.ContainsFunc(line, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

// cosign answers add-checkpoint with this witness's signature lines. They are
// on disk before it returns. A size that was cosigned before gets the first
// answer again, so that there is one time at which it was.
func (w *Witness) cosign(a addCheckpoint) ([]byte, error) {
	c, err := w.open(a.note)
	if err != nil {
		return nil, err
	}
	if a.old > c.Size {
		return nil, refuse(http.StatusBadRequest, "The old size is larger than the checkpoint's.")
	}
	if c.Size == 0 {
		return nil, refuse(http.StatusUnprocessableEntity, "A log of no entries has nothing to cosign.")
	}
	var lines []byte
	err = w.settle(func(s store) error {
		l, err := s.log(c.Origin)
		if err != nil {
			return err
		}
		lines, err = w.seal(l, c, a)
		return err
	})
	return lines, err
}

// seal is cosign within its transaction.
func (w *Witness) seal(l *log, c signed, a addCheckpoint) ([]byte, error) {
	forked, err := l.contradicts(c.Checkpoint)
	if err != nil {
		return nil, err
	}
	size, newest := l.cosigned()
	if forked {
		r := refuse(http.StatusUnprocessableEntity, saysForked)
		switch { // C2SP says what the answer is, whatever else was found
		case a.old != size:
			r = conflict(size)
		case c.Size == size:
			r.status = http.StatusConflict
		}
		return nil, r.keeping(c.finding(whatContradicts))
	}
	switch {
	case a.old != size:
		return nil, conflict(size)
	case c.Size == size && len(a.proof) > 0:
		return nil, refuse(http.StatusUnprocessableEntity, "Between two checkpoints of one size there is nothing to prove.")
	case c.Size == size:
		return w.ownLines(newest)
	}
	if size == 0 && len(a.proof) > 0 {
		return nil, refuse(http.StatusUnprocessableEntity, "From an empty log there is nothing to prove.")
	}
	if size > 0 {
		root, err := l.root(size)
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckTree(a.proof, int64(c.Size), c.Root, int64(size), root); err != nil {
			return nil, refuse(http.StatusUnprocessableEntity, "The proof does not show that the log only grew since it had %d entries.", size).
				keeping(c.finding(whatUnjoined).with(size, a.proof, nil))
		}
	}
	if l.held < c.Size {
		return nil, refuse(http.StatusUnprocessableEntity, "This witness holds %d of the %d leaves. Send it the others first.", l.held, c.Size)
	}
	if err := l.vouch(c); err != nil {
		return nil, err
	}
	both, err := note.Sign(c.note, w.keys.signers...)
	if err != nil {
		return nil, err
	}
	steps("signed")
	if err := l.sub(bSealed).Put(key(c.Size), both); err != nil {
		return nil, err
	}
	if err := l.save(); err != nil {
		return nil, err
	}
	return w.ownLines(both)
}

const saysForked = "The operator has signed for other leaves before. Both checkpoints are kept."

// contradicts reports whether the operator signed for a root that the firm
// leaves of that size do not have: that cannot be a mistake on the way here.
func (l *log) contradicts(c evidence.Checkpoint) (bool, error) {
	if c.Size > l.firm {
		return false, nil
	}
	root, err := l.root(c.Size)
	return root != c.Root, err
}

// vouch makes the leaves up to a checkpoint's size firm, if they have the root
// that was signed for.
func (l *log) vouch(c signed) error {
	root, err := l.root(c.Size)
	if err != nil {
		return err
	}
	if root != c.Root {
		return refuse(http.StatusUnprocessableEntity, "The leaves that were sent do not have the root that was signed for. Send them again from %d.", l.firm).
			keeping(c.finding(whatUnjoined).with(l.firm, nil, nil)).dropping()
	}
	l.firm = max(l.firm, c.Size)
	return nil
}

// ownLines takes this witness's signatures out of a note it has stored.
func (w *Witness) ownLines(b []byte) ([]byte, error) {
	n, err := note.Open(b, note.VerifierList(w.keys.verifiers...))
	if err != nil {
		return nil, err
	}
	var lines []byte
	for _, sig := range n.Sigs {
		lines = append(lines, "— "+sig.Name+" "+sig.Base64+"\n"...)
	}
	return lines, nil
}
