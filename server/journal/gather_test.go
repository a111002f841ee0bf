package journal

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wardroom/server/command"
)

// committing is a writer without a database: it takes groups as the journal's
// does, and each takes so long.
func committing(t *testing.T, took time.Duration, answered func([]*pending)) (w *writer, sizes *[]int) {
	w, sizes = &writer{in: make(chan *pending, maxQueue)}, new([]int)
	go func() {
		for {
			ready := len(w.in)
			var p *pending
			select {
			case p = <-w.in:
			case <-t.Context().Done():
				return
			}
			group := w.gather(t.Context(), []*pending{p}, ready)
			time.Sleep(took)
			w.gathers.last, w.gathers.took = len(group), took
			*sizes = append(*sizes, len(group))
			answered(group)
		}
	}()
	return w, sizes
}

func TestWritersWhoWaitForAnswersAreCommittedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Some come in while others are committed. Each is back two milliseconds after it was answered.
		var w *writer
		w, sizes := committing(t, 2*time.Millisecond, func(group []*pending) {
			for _, p := range group {
				time.AfterFunc(2*time.Millisecond, func() { w.in <- p })
			}
		})
		for i := range 32 {
			time.AfterFunc(time.Duration(i%2)*time.Millisecond, func() { w.in <- &pending{} })
		}
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if got := *sizes; len(got) < 20 || slices.Min(got[4:]) != 32 {
			t.Errorf("groups of %v", got)
		}
	})
}

func TestABurstIsNotWaitedForAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bursts = 200
		var waited time.Duration
		alone := make(chan time.Time, bursts)
		w, _ := committing(t, 2*time.Millisecond, func(group []*pending) {
			if group[0].cmd != nil {
				alone <- time.Now()
			}
		})
		for range bursts {
			for range 2 * many {
				w.in <- &pending{}
			}
			time.Sleep(time.Second)
			// Alone, after the burst: whoever was answered does not come back.
			began := time.Now()
			w.in <- &pending{cmd: command.PostMessage{}}
			waited += (<-alone).Sub(began) - 2*time.Millisecond
		}
		if most := patience * bursts / 20; waited > most {
			t.Errorf("they waited %v, and %v would have been bearable", waited, most)
		}
	})
}
