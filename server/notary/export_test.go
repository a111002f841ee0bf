package notary

import (
	"context"

	"golang.org/x/mod/sumdb/note"
)

// EndAt has fn called at each step; an error ends what is being done there, as
// a crash would.
func (n *Notary) EndAt(fn func(step string) error) { n.step = fn }

// VerifiersOf reads the two lines of a generation.
func VerifiersOf(lines []string) ([]note.Verifier, error) { return verifiersOf(lines) }

// Tell tells listeners once, as Run does again and again.
func (n *Notary) Tell(ctx context.Context) error { return n.tell(ctx) }
