package hub

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// interleavings is how many removals race with messages, resumes and first
// connections: so many rooms one after the other, rounds in each, and people
// removed at once in each round.
const (
	raceRooms     = 10
	raceRounds    = 10
	racePeople    = 10
	interleavings = raceRooms * raceRounds * racePeople // 1,000
)

// Whatever is under way when a member is removed by entry s, none of their
// sockets gets anything with a number of s or above, whole or stub, and each
// is told, or reset, within a second.
func TestNothingReachesAnyoneAfterTheirRemoval(t *testing.T) {
	h := servertest.NewHouse(t)
	r := &race{House: h, hub: newHub(t, h), lead: h.Person("Lena", "DSC"), host: h.Person("Hugo", "NCSC")}
	for i := range racePeople {
		r.people = append(r.people, h.Person(fmt.Sprint("guest ", i), []incident.OrgID{"X1N", "X2E", "X3F"}[i%3]))
	}
	rooms := raceRooms
	if testing.Short() {
		rooms = 1
	}
	for range rooms {
		r.in(t)
	}
	t.Logf("%d removals: %d sockets told, %d reset, %d refused; the slowest after %v", interleavings*rooms/raceRooms, r.told, r.reset, r.refused, r.slowest)
	if r.slowest > time.Second {
		t.Errorf("the slowest was told after %v", r.slowest)
	}
	if r.told == 0 || r.refused == 0 {
		t.Error("the removals met nobody, or nobody late: nothing was tested")
	}
}

type race struct {
	*servertest.House
	hub        *Hub
	lead, host incident.Actor
	people     []incident.Actor

	mu                   sync.Mutex
	told, reset, refused int
	slowest              time.Duration
}

func (r *race) in(t *testing.T) {
	room := r.OpenRoom(r.lead, incident.ModeIncident, incident.RosterNames)
	r.Join(room, r.lead, r.host, incident.Liaison, incident.Full)
	for _, p := range r.people {
		r.Join(room, r.lead, p, incident.Representative, incident.Full)
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	defer writers.Wait()
	defer close(stop)
	for _, who := range []incident.Actor{r.lead, r.host} {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := r.Do(room, who, command.PostMessage{Text: fmt.Sprintf("%s %d", who.Name, i)}); err != nil {
					t.Errorf("%s: %v", who.Name, err)
					return
				}
			}
		})
	}
	for range raceRounds {
		now, err := r.Journal.Room(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		var round sync.WaitGroup
		for i, p := range r.people {
			round.Go(func() { r.remove(t, room, now, p, i) })
		}
		round.Wait()
		if t.Failed() {
			return
		}
		for _, p := range r.people {
			r.Join(room, r.lead, p, incident.Representative, incident.Full)
		}
	}
}

// remove removes one person, who listens by one socket and joins by another
// at that very moment.
func (r *race) remove(t *testing.T, room incident.LogID, now *incident.Room, who incident.Actor, i int) {
	from := now.Head - incident.Seq(rand.IntN(5))
	held, late := attach(t, r.hub, who), attach(t, r.hub, who)
	held.conn.Subscribe(room, [2]*incident.Seq{nil, &from}[i%2])
	held.until("catching up", func(all []heard) bool { return len(all) > 0 && all[len(all)-1].Type != "snapshot" })
	var joining sync.WaitGroup
	joining.Go(func() {
		time.Sleep(rand.N(3 * time.Millisecond)) // chance, not synchronisation
		late.conn.Subscribe(room, [2]*incident.Seq{&from, nil}[i%2])
	})
	rec, err := r.Do(room, r.lead, command.RemoveMember{Root: now.Member(who.Person).Root})
	if err != nil {
		t.Errorf("%s: %v", who.Name, err)
		return
	}
	committed := time.Now()
	joining.Wait()
	for k, e := range []*ear{held, late} {
		last := e.lastWord()
		r.mu.Lock()
		switch {
		case last.Type == "revoked":
			r.told++
			r.slowest = max(r.slowest, last.at.Sub(committed))
		case last.Type == "error" && k == 1:
			r.refused++
		case last.Type == "":
			r.reset++ // part of a frame was with the socket already
		default:
			t.Errorf("%s, socket %d: the last word was %s", who.Name, k, last.Type)
		}
		r.mu.Unlock()
		e.net.Close()
		e.gone()
		for _, f := range e.all() {
			for _, x := range f.Events {
				if x.Seq >= rec.Seq {
					t.Errorf("%s, socket %d: entry %d came after the removal by entry %d", who.Name, k, x.Seq, rec.Seq)
				}
			}
			if f.Type == "snapshot" && f.Seq >= rec.Seq {
				t.Errorf("%s, socket %d: a snapshot at %d after the removal by entry %d", who.Name, k, f.Seq, rec.Seq)
			}
		}
	}
}

// lastWord waits for revoked, an error or the end of the socket; the end is
// the zero frame.
func (e *ear) lastWord() heard {
	limit := timeout()
	for {
		e.mu.Lock()
		frames, grown, ended := e.frames, e.grown, e.ended
		e.mu.Unlock()
		for _, f := range frames {
			if f.Type == "revoked" || f.Type == "error" {
				return f
			}
		}
		if ended {
			return heard{}
		}
		select {
		case <-grown:
		case <-limit:
			return heard{Type: "nothing"}
		}
	}
}
