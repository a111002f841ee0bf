package journal

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Whatever was committed here and elsewhere, told early or late, and found by a
// look in whatever parts: what a tide holds of a log is what stands in it, and it
// holds nothing for long.
func TestATideHoldsWhatStandsInTheLogAndNotForLong(t *testing.T) {
	const log = incident.LogID("a log")
	kinds := []incident.Kind{"message.posted", "action.raised", "decision.recorded"}
	held, halves := 0, 0
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		tide := &tide{sizes: map[incident.LogID]int64{}, rises: map[incident.LogID][]rise{}, own: map[incident.LogID]rise{}}
		tide.kinds.Store(true)
		tide.began.Store(true)
		var stands []*incident.Event
		var untold []*Group // committed here, and not said yet
		tell := func() {
			tide.rose(untold[0])
			untold = untold[1:]
		}
		look := func(late int64) { // so many entries came since it asked
			at := tide.sizes[log]
			if n := int64(len(stands)) - late; n > at {
				l := behind{log, at, n}
				if !tide.mine(&l) {
					r := rise{from: l.at, to: l.size, look: tide.looks}
					for _, e := range stands[l.at:l.size] {
						r.kinds = append(r.kinds, e.Kind)
					}
					tide.add(log, r)
				} else if l.size < n {
					halves++
				}
				tide.sizes[log] = l.size
			}
			tide.release()
		}
		for range 40 {
			switch rng.IntN(6) {
			case 0, 1, 2: // a group, by this node or another
				g := &Group{Log: log}
				for range 1 + rng.IntN(3) {
					e := &incident.Event{Seq: incident.Seq(len(stands)), Kind: kinds[rng.IntN(len(kinds))]}
					stands, g.events = append(stands, e), append(g.events, e)
					g.Entries = append(g.Entries, Written{Stored: &projection.Root{Kind: e.Kind}})
				}
				if rng.IntN(4) > 0 {
					if untold = append(untold, g); rng.IntN(4) > 0 {
						tell()
					}
				}
			case 3:
				if len(untold) > 0 {
					tell()
				}
			default:
				look(rng.Int64N(4))
			}
			size := tide.sizes[log]
			l := behind{log, rng.Int64N(size + 1), size}
			of := kinds[:1+rng.IntN(len(kinds))]
			var want []*incident.Event
			for _, e := range stands[l.at:l.size] {
				if slices.Contains(of, e.Kind) {
					want = append(want, e)
				}
			}
			if got, ok := tide.held(l, of); ok && !slices.Equal(got, want) {
				t.Fatalf("seed %d: of entries %d to %d it holds %d, want %d", seed, l.at, l.size, len(got), len(want))
			} else if ok && l.at < l.size {
				held++
			}
			if none, known := tide.without(l, of); known && none && len(want) > 0 {
				t.Fatalf("seed %d: of entries %d to %d it says that none are of those kinds, and %d are", seed, l.at, l.size, len(want))
			}
		}
		for len(untold) > 0 {
			tell()
		}
		for range 2 + heldFor {
			look(0)
		}
		if len(tide.own) > 0 || tide.owned != 0 {
			t.Fatalf("seed %d: %d entries are kept that no look will find", seed, tide.owned)
		}
		for _, r := range tide.rises[log] {
			if r.events != nil {
				t.Fatalf("seed %d: entries %d to %d are held for ever", seed, r.from, r.to)
			}
		}
	}
	if held < 1000 || halves < 100 {
		t.Errorf("the test is blind: it held something %d times, and %d looks found more than was told", held, halves)
	}
	t.Logf("held %d times; %d looks found more than was told", held, halves)
}

// A look waits for the database: whoever writes to a room, or asks for the tide
// with the journal's lock, does not wait for a look.
func TestNobodyWhoWritesWaitsForALook(t *testing.T) {
	j := &Journal{tides: map[incident.LogKind]*tide{}}
	tide := j.tideOf(incident.RoomLog, true)
	tide.began.Store(true)
	tide.mu.Lock() // as while the database is asked
	defer tide.mu.Unlock()
	through := make(chan struct{})
	go func() {
		j.rose(incident.RoomLog, &Group{Log: "a log", events: []*incident.Event{{Seq: 7}}, Entries: []Written{{Stored: &projection.Root{}}}})
		j.tideOf(incident.RoomLog, true)
		close(through)
	}()
	select {
	case <-through:
	case <-time.After(10 * time.Second):
		t.Fatal("they wait")
	}
	if tide.owned != 1 {
		t.Errorf("it was told of %d entries", tide.owned)
	}
}
