package witness

import (
	"errors"
	"fmt"
	"net/http"
)

// A refusal is an answer that says no: a status and a sentence for whoever
// runs the server that asked.
type refusal struct {
	status int
	text   string
	size   *uint64  // C2SP: how far the log is here, instead of the sentence
	keep   *finding // what is to be kept although nothing else is stored
	drop   bool     // the leaves that no checkpoint vouches for turned out wrong
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, text: fmt.Sprintf(format, args...)}
}

func conflict(size uint64) *refusal {
	return &refusal{status: http.StatusConflict, size: &size, text: fmt.Sprintf("%d", size)}
}

func (r *refusal) keeping(f finding) *refusal { r.keep = &f; return r }
func (r *refusal) dropping() *refusal         { r.drop = true; return r }

// The store's own failures.
var (
	errBroken = errors.New("witness: the store could not be written")
	errFull   = errors.New("witness: too little room is left on its disk")
)

// settle runs fn as update does; if fn refuses, what the refusal wants kept is
// on disk before settle returns it.
func (w *Witness) settle(fn func(store) error) error {
	err := w.update(fn)
	var r *refusal
	if !errors.As(err, &r) || r.keep == nil && !r.drop {
		return err
	}
	steps("before evidence")
	if err := w.update(func(s store) error {
		if r.drop {
			l, err := s.log(r.keep.Origin)
			if err != nil {
				return err
			}
			if err := l.dropLoose(); err != nil {
				return err
			}
		}
		return s.keepFinding(*r.keep)
	}); err != nil {
		return err
	}
	w.o.Log.Error("a checkpoint that the operator signed was refused, and kept as evidence", "origin", r.keep.Origin, "why", r.text)
	return r
}
