package hub

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// Eight writers, and clients that leave in the middle of a frame and resume
// from what they have: every stream is the log from where it began, without
// hole or repeat, leaf by leaf.
func TestEveryStreamIsTheLogWhateverIsCut(t *testing.T) {
	s := newScene(t, func(o *Options) { o.Ring = 64 })
	const each = 60
	var writing sync.WaitGroup
	for w := range 8 {
		writing.Go(func() {
			who := []incident.Actor{s.lead, s.host, s.ward}[w%3]
			for i := range each {
				cmd := command.PostMessage{Text: fmt.Sprintf("writer %d message %d", w, i)}
				if w%3 == 0 && i%3 == 0 {
					cmd.Audience = &incident.Audience{Kind: incident.ToHosts}
				}
				if _, err := s.Do(s.room, who, cmd); err != nil {
					t.Errorf("%s: %v", who.Name, err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		writing.Wait()
		close(done)
		s.Say(s.room, s.lead, "end") // for those who wait for one frame more
	}()
	var reading sync.WaitGroup
	cuts := 0
	var mu sync.Mutex
	for k, who := range []incident.Actor{s.lead, s.host, s.ward, s.ward} {
		rnd := rand.New(rand.NewPCG(uint64(k), 3))
		reading.Go(func() {
			p := &player{Actor: who, replica: replica{t: t}}
			for {
				p.ear, p.seen = attach(t, s.hub, who), 0
				var after *incident.Seq
				if p.began {
					after = seqp(p.last)
				}
				p.ear.conn.Subscribe(s.room, after)
				frames := 2 + rnd.IntN(20)
				enough := false
				p.ear.until("some frames", func(all []heard) bool {
					select {
					case <-done:
						enough = len(all) > 0
					default:
					}
					return enough || len(all) >= frames
				})
				if enough {
					break
				}
				p.ear.net.Close()
				p.ear.gone()
				p.hear()
				mu.Lock()
				cuts++
				mu.Unlock()
			}
			head := s.head()
			p.ear.until("the head", func([]heard) bool { p.hear(); return p.last >= head })
			want := leaves(t, s.House, s.room)
			for seq, e := range p.entries {
				if e.form() == "stub" && e.Leaf != want[seq] {
					t.Errorf("%s holds another leaf at %d", who.Name, seq)
				}
			}
		})
	}
	reading.Wait()
	if cuts < 10 {
		t.Errorf("only %d cuts: nothing was tested", cuts)
	}
}
