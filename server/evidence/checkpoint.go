package evidence

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	formats "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// Bounds of checkpoints: names and origins are counted in one byte where
// ML-DSA signs them (C2SP tlog-cosignature), and a note holds a few signatures.
const (
	MaxName       = 200     // bytes of a key's name or an origin line
	MaxCheckpoint = 1 << 16 // bytes of a signed note
)

// ErrCheckpoint means that bytes are not a checkpoint in the form of C2SP
// tlog-checkpoint without extension lines; ErrUntrusted that a signature that
// is required is not there, or is not good.
var (
	ErrCheckpoint = errors.New("evidence: not a checkpoint")
	ErrUntrusted  = errors.New("evidence: not signed by whom it must be")
)

// A Checkpoint says how far a log had come: that its first Size leaves have
// this root.
type Checkpoint struct {
	Origin string // the log's origin line, without its newline
	Size   uint64 // leaves; at most 2^62 - 1
	Root   [32]byte
}

// Text returns the note's text that is signed: origin, size and root, a line
// each (C2SP tlog-checkpoint).
func (c Checkpoint) Text() string {
	return string(formats.Checkpoint{Origin: c.Origin, Size: c.Size, Hash: c.Root[:]}.Marshal())
}

// Sign returns the checkpoint as a note with a signature by each signer. The
// ML-DSA signature says when, so no two are alike: sign once and keep it.
func (c Checkpoint) Sign(signers ...note.Signer) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: c.Text()}, signers...)
}

func (c Checkpoint) check() error {
	if c.Origin == "" || len(c.Origin) > MaxName || !utf8.ValidString(c.Origin) || strings.ContainsFunc(c.Origin, func(r rune) bool { return r < 0x20 || r == 0x7f }) || c.Size > maxSize {
		return ErrCheckpoint
	}
	return nil
}

// Signed is a note whose signatures have been checked.
type Signed struct {
	Checkpoint
	// By are those of the keys asked for whose signature is on it and good.
	By []Signature
}

// A Signature is one good signature of a checkpoint.
type Signature struct {
	Name string
	Hash uint32    // of the key, as in the note
	Time time.Time // when, in whole seconds, by a key that says so; else zero
}

// OpenCheckpoint checks a signed note and returns the checkpoint of that
// origin. Every key in need must have signed it: a note from which one of two
// signatures was taken off is still a good note, and not what was asked for.
// Those in also are named if they have signed; signatures of other keys are
// passed over. The errors are ErrCheckpoint and ErrUntrusted.
func OpenCheckpoint(b []byte, origin string, need, also []note.Verifier) (Signed, error) {
	if len(b) > MaxCheckpoint {
		return Signed{}, ErrCheckpoint
	}
	n, err := note.Open(b, note.VerifierList(append(append([]note.Verifier{}, need...), also...)...))
	var unsigned *note.UnverifiedNoteError
	var bad *note.InvalidSignatureError
	switch {
	case errors.As(err, &unsigned):
		return Signed{}, ErrUntrusted
	case errors.As(err, &bad):
		return Signed{}, fmt.Errorf("%w: the signature of %q is not good", ErrUntrusted, bad.Name)
	case err != nil:
		return Signed{}, ErrCheckpoint
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil || c.Origin != origin {
		return Signed{}, ErrCheckpoint
	}
	s := Signed{Checkpoint: c}
	for _, sig := range n.Sigs {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return Signed{}, ErrCheckpoint // the same signature in other letters
		}
		by := Signature{Name: sig.Name, Hash: sig.Hash, Time: timeOf(sig)}
		s.By = append(s.By, by)
	}
	for _, v := range need {
		if !s.signedBy(v) {
			return Signed{}, fmt.Errorf("%w: %q has not signed it", ErrUntrusted, v.Name())
		}
	}
	return s, nil
}

func (s Signed) signedBy(v note.Verifier) bool {
	for _, by := range s.By {
		if by.Name == v.Name() && by.Hash == v.KeyHash() {
			return true
		}
	}
	return false
}

// parseCheckpoint reads the three lines of a checkpoint; only the one way of
// writing them is taken.
func parseCheckpoint(text string) (Checkpoint, error) {
	var f formats.Checkpoint
	rest, err := f.Unmarshal([]byte(text))
	if err != nil || len(rest) > 0 || len(f.Hash) != 32 || !bytes.Equal(f.Marshal(), []byte(text)) {
		return Checkpoint{}, ErrCheckpoint
	}
	c := Checkpoint{Origin: f.Origin, Size: f.Size, Root: [32]byte(f.Hash)}
	return c, c.check()
}
