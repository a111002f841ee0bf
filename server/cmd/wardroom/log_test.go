package main

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// writes is what reached the outside, piece by piece.
type writes struct {
	mu     sync.Mutex
	pieces []string
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pieces = append(w.pieces, string(p))
	return len(p), nil
}

// take returns the pieces so far, and begins anew.
func (w *writes) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	pieces := w.pieces
	w.pieces = nil
	return pieces
}

func logTo(out *writes) (*slog.Logger, *lines) {
	l := &lines{out: out}
	return slog.New(prompt{slog.NewJSONHandler(l, nil), l}), l
}

func TestLinesAreWrittenTogetherAndNoneWaitsLongerThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out writes
		log, _ := logTo(&out)
		for range 2 {
			log.Info("one")
			log.Info("two")
			if early := out.take(); len(early) != 0 {
				t.Fatalf("written at once: %q", early)
			}
			time.Sleep(logWait) // by the test's clock
			synctest.Wait()
			if together := out.take(); len(together) != 1 || strings.Count(together[0], "\n") != 2 {
				t.Fatalf("after %v: %q", logWait, together)
			}
		}
		if logWait > time.Second {
			t.Error("a line may wait for more than a second")
		}
	})
}

func TestALineThatTellsOfTroubleGoesOutAtOnceBehindThoseBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out writes
		log, _ := logTo(&out)
		for _, say := range []func(string, ...any){log.Warn, log.Error, log.With("a", 1).Error, log.WithGroup("g").Error} {
			log.Info("before")
			say("trouble")
			got := strings.Join(out.take(), "")
			if before, trouble := strings.Index(got, "before"), strings.Index(got, "trouble"); before < 0 || trouble < before {
				t.Errorf("%q", got)
			}
		}
	})
}

func TestNoLineIsLostAtTheEndOrWhenManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out writes
		log, l := logTo(&out)
		for range 1000 {
			log.Info("one of many")
		}
		many := out.take()
		if n := len(many); n < 2 || n > 10 {
			t.Errorf("a thousand lines were written in %d pieces", n)
		}
		if err := l.end(); err != nil {
			t.Fatal(err)
		}
		log.Info("one of many, after the end")
		all := append(many, out.take()...)
		if n := strings.Count(strings.Join(all, ""), "one of many"); n != 1001 {
			t.Errorf("%d lines of 1001 are there", n)
		}
		for _, piece := range all {
			if !strings.HasSuffix(piece, "\n") {
				t.Errorf("a piece ends within a line: %q", piece[max(0, len(piece)-80):])
			}
		}
	})
}
