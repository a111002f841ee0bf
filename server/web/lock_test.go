package web_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// idle moves the session's last activity back.
func (b *browser) idle(d time.Duration) {
	b.t.Helper()
	conn, err := pgx.Connect(b.t.Context(), b.s.DB.Cluster.SuperuserURL(b.s.DB.Name))
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close(b.t.Context())
	id := b.must(200, "GET", "/session", nil)["session"]
	if tag, err := conn.Exec(b.t.Context(), `UPDATE session SET last_seen = last_seen - $2::interval WHERE id = $1`, id, d); err != nil || tag.RowsAffected() != 1 {
		b.t.Fatalf("%v, %v", tag, err)
	}
}

func (b *browser) locksAt() time.Time {
	b.t.Helper()
	at, err := time.Parse(time.RFC3339, b.must(200, "GET", "/session", nil)["locksAt"].(string))
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

func TestAPageThatNobodyTouchesLocksWhateverItAsksByItself(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	seq := lead.say(room, "hello")
	lead.idle(20 * time.Minute)
	at := lead.locksAt()
	for _, path := range []string{"/rooms", "/session", "/sessions", "/rooms/" + room, "/rooms/" + room + "/entries", "/rooms/" + room + "/links-wanted", "/rooms/" + room + "/entries/" + itoa(seq),
		"/rooms/" + room + "/draft-key", "/session/draft-key", "/organisations"} {
		lead.must(200, "GET", path, nil)
		if now := lead.locksAt(); !now.Equal(at) {
			t.Fatalf("GET %s moved the lock from %v to %v", path, at, now)
		}
	}
	lead.must(200, "POST", "/rooms/"+room+"/read", object{"seq": seq})
	lead.send("POST", "/api/v1/invitations/look", object{"code": "AAAAA-AAAAA"})
	k := lead.stream()
	k.send(object{"type": "subscribe", "room": room, "after": nil})
	k.until("caught_up")
	k.send(object{"type": "read", "room": room, "seq": seq})
	if now := lead.locksAt(); !now.Equal(at) {
		t.Fatalf("what a page does by itself moved the lock from %v to %v", at, now)
	}
	o := lead.must(200, "POST", "/session/activity", object{})
	if now := lead.locksAt(); now.Sub(at) < 19*time.Minute || o["locksAt"] == nil || o["person"] == nil {
		t.Fatalf("a person's own sign of life moved it from %v to %v: %v", at, now, o)
	}
	lead.idle(20 * time.Minute)
	at = lead.locksAt()
	lead.say(room, "still here")
	if now := lead.locksAt(); now.Sub(at) < 19*time.Minute {
		t.Fatalf("a message moved the lock from %v to %v", at, now)
	}
	lead.idle(31 * time.Minute)
	lead.refused(401, "signed_out", "GET", "/rooms", nil)
	lead.refused(401, "signed_out", "POST", "/session/activity", object{})
}

func TestALockedPageIsLockedOnTheServerUntilTheSamePersonSignsInAgain(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, elsewhere := s.as("lead"), s.as("lead")
	room := lead.openRoom("incident", "names")
	id := lead.must(200, "GET", "/session", nil)["session"]
	k := lead.stream()
	k.send(object{"type": "subscribe", "room": room, "after": nil})
	k.until("caught_up")
	ticket := lead.ticket()
	if r := lead.send("POST", "/api/v1/session/lock", object{}); r.status != 204 {
		t.Fatalf("locking: %d %s", r.status, r.body)
	}
	k.closed()
	for _, path := range []string{"/session", "/rooms", "/rooms/" + room, "/rooms/" + room + "/entries", "/rooms/" + room + "/draft-key", "/session/draft-key"} {
		lead.refused(401, "signed_out", "GET", path, nil)
	}
	lead.refused(401, "signed_out", "POST", "/rooms/"+room+"/messages", object{"text": "x"})
	lead.refused(401, "signed_out", "POST", "/session/activity", object{}) // which does not open it
	lead.refused(401, "signed_out", "POST", "/session/lock", object{})
	if ws, _, err := lead.dial(door.origin); err == nil {
		ws.WriteJSON(object{"type": "hello", "ticket": ticket})
		if _, _, err := ws.ReadMessage(); err == nil {
			t.Error("a ticket from before the lock opened a stream")
		}
		ws.Close()
	}
	elsewhere.must(200, "GET", "/rooms", nil) // another session of theirs goes on
	lead.follow("/auth/start?issuer=health&return=/", "lead")
	if o := lead.must(200, "GET", "/session", nil); o["session"] != id {
		t.Errorf("signing in again began session %v, and did not go on with %v", o["session"], id)
	}
	lead.must(200, "GET", "/rooms/"+room, nil)
	if all := objects(lead.must(200, "GET", "/sessions", nil)["sessions"]); slices.ContainsFunc(all, func(o object) bool { return o["id"] == "" }) || len(all) != 2 {
		t.Errorf("their sessions: %v", all)
	}
}
