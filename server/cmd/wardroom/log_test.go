package main

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// writes counts what reaches the outside.
type writes struct{ list []string }

func (w *writes) Write(p []byte) (int, error) {
	w.list = append(w.list, string(p))
	return len(p), nil
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
			out.list = nil
			began := time.Now()
			log.Info("one")
			log.Info("two")
			if len(out.list) != 0 {
				t.Fatalf("written at once: %q", out.list)
			}
			time.Sleep(logWait)
			synctest.Wait()
			if len(out.list) != 1 || strings.Count(out.list[0], "\n") != 2 {
				t.Fatalf("after %v: %q", time.Since(began), out.list)
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
			out.list = nil
			log.Info("before")
			say("trouble")
			if len(out.list) != 1 || strings.Index(out.list[0], "before") > strings.Index(out.list[0], "trouble") || !strings.Contains(out.list[0], "before") {
				t.Errorf("%q", out.list)
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
		if n := len(out.list); n < 2 || n > 10 {
			t.Errorf("a thousand lines were written in %d pieces", n)
		}
		if err := l.end(); err != nil {
			t.Fatal(err)
		}
		log.Info("one of many, after the end")
		if n := strings.Count(strings.Join(out.list, ""), "one of many"); n != 1001 {
			t.Errorf("%d lines of 1001 are there", n)
		}
		for _, piece := range out.list {
			if !strings.HasSuffix(piece, "\n") {
				t.Errorf("a piece ends within a line: %q", piece[max(0, len(piece)-80):])
			}
		}
	})
}
