package torture

import (
	"context"
	"encoding/json"
	"errors"
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

// reader follows a room over real sockets, from life to life of the server.
type reader struct {
	v      *visitor
	room   incident.LogID
	stream *servertest.Stream
	last   atomic.Int64 // −1 before the first snapshot
	came   chan struct{}
	joined atomic.Int64 // connections that got as far as an entry or a snapshot

	silence time.Duration // a connection that says nothing for so long is let go; 0 for none

	polite bool            // comes back as the web app does: after the wait that goaway named, or one by chance
	told   time.Duration   // that wait; negative for none
	away   []time.Duration // from the end of a connection to the first frame of the next; read after run
	lost   time.Time       // when the last connection ended that had got so far
}

func (r *reader) run(ctx context.Context) {
	failed := 0
	for ctx.Err() == nil {
		before := r.joined.Load()
		r.told = -1
		r.connection(ctx)
		wait := 5 * time.Millisecond // the client's own courtesy
		if r.joined.Load() > before {
			r.lost = time.Now()
			failed = 0
		}
		switch {
		case r.polite && r.told >= 0:
			wait = r.told + rand.N(250*time.Millisecond)
		case r.polite:
			wait = rand.N(500 * time.Millisecond << min(failed, 6))
			failed++
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (r *reader) connection(ctx context.Context) {
	ws, err := r.v.dial(ctx)
	if err != nil {
		return
	}
	defer ws.Close()
	end := context.AfterFunc(ctx, func() { ws.Close() })
	defer end()
	subscribe := map[string]any{"type": "subscribe", "room": r.room, "after": nil}
	if n := r.last.Load(); n >= 0 {
		subscribe["after"] = n
	}
	if ws.WriteJSON(subscribe) != nil {
		return
	}
	told := false
	for {
		if r.silence > 0 {
			ws.SetReadDeadline(time.Now().Add(r.silence))
		}
		_, raw, err := ws.ReadMessage()
		if err != nil {
			return
		}
		var f struct {
			Type   string
			Seq    int64
			Wait   int64
			Events []struct{ Seq int64 }
		}
		if json.Unmarshal(raw, &f) != nil {
			continue
		}
		switch f.Type {
		case "snapshot":
			r.last.Store(f.Seq)
		case "events":
			r.last.Store(f.Events[len(f.Events)-1].Seq)
		case "goaway":
			r.told = time.Duration(f.Wait) * time.Millisecond
			continue
		case "opened", "withdrawn", "caught_up", "revoked":
		default:
			continue
		}
		if !told {
			told = true
			r.joined.Add(1)
			if !r.lost.IsZero() {
				r.away = append(r.away, time.Since(r.lost))
			}
		}
		r.stream.Frame(raw, 0)
		select {
		case r.came <- struct{}{}:
		default:
		}
	}
}

func (r *reader) wait(ctx context.Context, seq incident.Seq) error {
	for r.last.Load() < int64(seq) {
		select {
		case <-r.came:
		case <-ctx.Done():
			return fmt.Errorf("came to %d of %d", r.last.Load(), seq)
		}
	}
	return nil
}

// The server is killed again and again under eight writers and eight readers.
// Whoever was answered stands in the log, once; whoever reads has every entry,
// in order, once, over all the lives of the server.
func TestKillsOfTheServerLoseNothingAndShowNothingTwice(t *testing.T) {
	s := newServer(t)
	keys := []string{"lead", "nightlead", "ciso", "director"}
	people := map[string]incident.Actor{}
	for _, k := range keys {
		people[k] = s.register(k)
	}
	room := s.h.OpenRoom(people["lead"], incident.ModeIncident, incident.RosterOrganisations)
	s.h.Join(room, people["lead"], people["nightlead"], incident.Deputy, incident.Full)
	s.h.Join(room, people["lead"], people["ciso"], incident.Representative, incident.FromJoin)
	s.h.Join(room, people["lead"], people["director"], incident.Representative, incident.FromJoin)
	book := s.h.Must(s.h.Do(room, people["lead"], command.OpenBook{Maker: 2, Signal: "A raised hand"})).Seq
	at, err := s.h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	c := servertest.NewChecker()
	c.From = uint64(at.Head) + 1
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	reading, hush := context.WithCancel(ctx)
	defer hush()

	stop := make(chan struct{})
	answered := make(chan struct{}, 1)
	var writers, readers sync.WaitGroup
	var list []*reader
	for i, k := range append(append([]string{}, keys...), keys...) {
		v := s.signIn(k)
		r := &reader{v: v, room: room, came: make(chan struct{}, 1), stream: c.Stream(fmt.Sprintf("%s %d", k, i), string(people[k].Person), uint64(at.Head))}
		r.last.Store(-1)
		list = append(list, r)
		readers.Go(func() { r.run(reading) })
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				key := s.h.Key()
				if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
					text := fmt.Sprintf("writer %d, %d", i, n)
					if k == "lead" && n%2 == 0 { // who also keeps a log
						return v.say(ctx, fmt.Sprintf("/rooms/%s/books/%d/lines", room, book), key, text)
					}
					return v.post(ctx, room, key, text)
				}); err != nil {
					t.Errorf("refused: %v", err)
					return
				}
				select {
				case answered <- struct{}{}:
				default:
				}
			}
		})
	}
	rng := rand.New(rand.NewPCG(seed(t), 3))
	kills := times(t, 50)
	for range kills {
		select {
		case <-answered: // every life answers something
		case <-ctx.Done():
			t.Fatal("nothing is answered any more")
		}
		<-time.After(time.Duration(20+rng.IntN(380)) * time.Millisecond) // the kill comes at no particular moment
		s.kill()
		s.start()
	}
	close(stop)
	writers.Wait()
	key := s.h.Key()
	var last incident.Seq
	if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
		seq, n, err := list[0].v.post(ctx, room, key, "the last word")
		last = seq
		return seq, n, err
	}); err != nil {
		t.Fatal(err)
	}
	lives := int64(0)
	replay := reducer(t)
	c.Replay = func(snapshot json.RawMessage, frames []json.RawMessage, expected json.RawMessage) error {
		if wrong := replay([]history{{Snapshot: snapshot, Frames: frames, Expected: expected}}); len(wrong) > 0 {
			return errors.New(wrong[0])
		}
		return nil
	}
	for _, r := range list {
		status, answer, err := r.v.call(ctx, "GET", "/rooms/"+string(room), "", nil)
		if err != nil || status != 200 {
			t.Fatalf("the room cannot be read: %d %v", status, err)
		}
		r.stream.Expected = answer
		if err := r.wait(ctx, last); err != nil {
			t.Errorf("%s: %v", r.stream.Name, err)
		}
		r.stream.ToEnd = true
		lives += r.joined.Load()
	}
	hush()
	readers.Wait()
	truth := s.h.Truth(room)
	if found := c.Judge(truth); len(found) > 0 {
		t.Error(servertest.Describe(found))
	}
	s.h.CheckLog(room)
	if lines(t, truth, book) == 0 {
		t.Error("no line was written")
	}
	t.Logf("%d kills, %d entries, %d connections of 8 readers", kills, len(truth.Entries), lives)
	if lives < int64(2*kills) {
		t.Errorf("the readers came back %d times in %d lives: they were not there", lives, kills)
	}
}
