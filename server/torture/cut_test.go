package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// The line between a node and the database is cut at every kind of byte, both
// ways, half of them around the commit, sometimes until the node gives up;
// two nodes write each room, so that each also folds what the other could not
// finish. Whatever happens, a command sent until it is answered stands once.
func TestALinkCutAtAnyByteLosesNothingAndRepeatsNothing(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	target := int64(times(t, 2000))
	s := seed(t)
	var hits, gaveUp atomic.Int64
	var wg sync.WaitGroup
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	type theatre struct {
		room      incident.LogID
		book      incident.Seq // of rooms where a log is kept
		c         *servertest.Checker
		listeners []*servertest.Listener
	}
	var all []*theatre
	for r := range 6 {
		x := &theatre{room: h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames), c: servertest.NewChecker()}
		all = append(all, x)
		guest := h.Person(fmt.Sprintf("Guest %d", r), "X1N")
		h.Join(x.room, lead, guest, incident.Representative, incident.FromJoin)
		if r == 0 { // this room passes its first thousand, where folds are kept, under fire
			for range 940 {
				h.Say(x.room, lead, "filler")
			}
		}
		var say command.Command = command.PostMessage{Text: "under fire"}
		if r%2 == 1 { // this one keeps a log under fire
			x.book = h.Must(h.Do(x.room, lead, command.OpenBook{Maker: 2, Signal: "A raised hand"})).Seq
			say = command.WriteLine{Book: x.book, Text: "under fire"}
		}
		at, err := h.Journal.Room(ctx, x.room)
		if err != nil {
			t.Fatal(err)
		}
		x.c.From = uint64(at.Head) + 1
		for n := range 2 {
			j, link := h.LinkedNode()
			x.listeners = append(x.listeners, h.ListenOn(j, x.c, x.room, guest), h.ListenOn(j, x.c, x.room, lead))
			g := &gunner{t: t, rng: rand.New(rand.NewPCG(s, uint64(2*r+n))), link: link, gaveUp: &gaveUp, post: func(ctx context.Context, lost func()) error {
				key := h.Key()
				return x.c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
					r, err := j.Append(ctx, x.room, lead, key, say)
					if err != nil {
						lost()
					}
					return r.Seq, r.Count, err
				})
			}}
			wg.Go(func() {
				for hits.Load() < target && ctx.Err() == nil {
					hits.Add(int64(g.cut(ctx)))
				}
			})
		}
	}
	wg.Wait()
	if ctx.Err() != nil {
		t.Fatalf("only %d cuts in ten minutes", hits.Load())
	}
	for _, x := range all {
		last := h.Say(x.room, lead, "the last word")
		x.c.Send("") // said outside the record
		truth := h.Truth(x.room)
		truth.Entries[last].Key = ""
		for _, l := range x.listeners {
			if err := l.Finish(ctx, last); err != nil {
				t.Fatal(err)
			}
		}
		if found := x.c.Judge(truth); len(found) > 0 {
			t.Errorf("room %s: %s", x.room, servertest.Describe(found))
		}
		h.CheckLog(x.room)
		if x.book != 0 && lines(t, truth, x.book) == 0 {
			t.Error("no line was written")
		}
	}
	t.Logf("%d cut points, %d answers that promised nothing", hits.Load(), gaveUp.Load())
	if gaveUp.Load() == 0 {
		t.Error("no node ever gave up: the hard case was not tried")
	}
}

// lines counts the lines of a book as they are stored, and holds their numbers
// to be 1, 2, 3 … in the order of the log.
func lines(t *testing.T, truth *servertest.Truth, book incident.Seq) (n int) {
	t.Helper()
	for _, e := range truth.Entries {
		event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := event.Body.(*incident.LogEntryWritten); ok && w.Book == book {
			if n++; w.Number != n {
				t.Errorf("entry %d is line %d of its book, want %d", e.Seq, w.Number, n)
			}
		}
	}
	return n
}

// gunner cuts one node's link.
type gunner struct {
	t      *testing.T
	rng    *rand.Rand
	link   *servertest.Link
	post   func(ctx context.Context, lost func()) error
	gaveUp *atomic.Int64
	shots  int
	whole  [2]int64 // what an undisturbed message carries each way
}

// cut posts a message while the link is cut somewhere in it, and returns how
// many connections were cut.
func (g *gunner) cut(ctx context.Context) int {
	if g.shots%6 == 0 {
		g.send(ctx) // a whole connection first
		out, in := g.link.Carried()
		g.send(ctx)
		outAfter, inAfter := g.link.Carried()
		g.whole = [2]int64{outAfter - out, inAfter - in}
	}
	g.shots++
	dir := servertest.Direction(g.rng.IntN(2))
	at := g.rng.Int64N(max(1, g.whole[dir]))
	if g.rng.IntN(2) == 0 { // around the commit: the last that goes out, the last that comes back
		at = max(0, g.whole[dir]-g.rng.Int64N(120))
	}
	more := 0
	if g.rng.IntN(50) == 0 {
		more = 30 // until the node gives up
	}
	g.link.Cut(dir, at, more)
	g.send(ctx)
	hits := g.link.Mend()
	if more > 0 {
		return min(hits, 1) // the others were of the same point
	}
	return hits
}

func (g *gunner) send(ctx context.Context) {
	if err := g.post(ctx, func() { g.gaveUp.Add(1) }); err != nil && ctx.Err() == nil {
		g.t.Errorf("refused: %v", err)
	}
}
