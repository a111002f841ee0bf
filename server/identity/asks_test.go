package identity

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// asked is how one request was answered.
type told struct {
	session Session
	err     error
}

func TestARequestIsNeverAnsweredByAQuestionThatBeganBeforeIt(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	other, s2 := h.insider("health", "s2")
	request := func(b *browser) <-chan told {
		r, done := b.request("/", false), make(chan told, 1)
		go func() {
			_, s, err := h.id.Actor(r)
			done <- told{s, err}
		}()
		return done
	}
	release := holdSizes(t, h)
	early := request(b)
	awaitTrue(t, "the question waits for the sizes, its sessions read", func() bool {
		return ask[bool](t, h.database, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'log'::regclass)`)
	})
	super(t, h.database, `UPDATE session SET ended = now(), why = 'administrator' WHERE id = '`+s.ID+`'`)
	late, also := request(b), request(other)
	awaitTrue(t, "the two wait for the next question", func() bool {
		n, _ := h.id.asks.Waiting(struct{}{})
		return n == 2
	})
	release()
	if a := <-early; a.err != nil || a.session.ID != s.ID {
		t.Errorf("who came before the session's end: %v, %v", a.session, a.err)
	}
	a := <-late
	wantFault(t, "who came after it", a.err, incident.SignedOut)
	if a := <-also; a.err != nil || a.session.ID != s2.ID {
		t.Errorf("who asked together with them: %v, %v", a.session, a.err)
	}
	if n, _ := h.id.asks.Waiting(struct{}{}); n != 0 {
		t.Error("somebody still waits")
	}
}

func TestOneWhoGivesUpLeavesTheOthersTheirAnswer(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	release := holdSizes(t, h)
	first, second := make(chan told, 1), make(chan told, 1)
	leads, leave := context.WithCancel(t.Context())
	for ctx, done := range map[context.Context]chan told{leads: first, t.Context(): second} {
		r := b.request("/", false).WithContext(ctx)
		go func() {
			_, s, err := h.id.Actor(r)
			done <- told{s, err}
		}()
	}
	awaitTrue(t, "one asks and one waits", func() bool {
		n, busy := h.id.asks.Waiting(struct{}{})
		return busy && n == 1
	})
	leave()
	release()
	<-first // answered or given up, whichever of the two it was
	if a := <-second; a.err != nil || a.session.ID != s.ID {
		t.Errorf("the other: %v, %v", a.session, a.err)
	}
}

func TestTheSizesComeWithTheSession(t *testing.T) {
	h := newInsiders(t)
	b, _ := h.insider("health", "s1")
	room, none := incident.LogID(incident.RandomID()), incident.LogID(incident.RandomID())
	super(t, h.database, `INSERT INTO log (id, kind, origin, key, size) VALUES ('`+string(room)+`', 'room', 'x', 'x', 7)`)
	for _, c := range []struct {
		log  incident.LogID
		size uint64
		has  bool
	}{{room, 7, true}, {none, 0, false}, {"", 0, false}} {
		_, _, sizes, err := h.id.Enter(t.Context(), CookieOf(b.request("/", false)), true, c.log)
		if n, has := sizes[c.log]; err != nil || n != c.size || has != c.has {
			t.Errorf("log %q: %v, %v", c.log, sizes, err)
		}
	}
}

// holdSizes keeps every question from its end until it is released.
func holdSizes(t *testing.T, h *house) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cluster.SuperuserURL(h.database))
	check(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	_, err = conn.Exec(t.Context(), `BEGIN; LOCK TABLE log IN ACCESS EXCLUSIVE MODE`)
	check(t, err)
	return func() {
		t.Helper()
		_, err := conn.Exec(t.Context(), `ROLLBACK`)
		check(t, err)
	}
}

// awaitTrue asks until it is so.
func awaitTrue(t *testing.T, what string, so func() bool) {
	t.Helper()
	for began := time.Now(); !so(); runtime.Gosched() {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("never came: %s", what)
		}
	}
}
