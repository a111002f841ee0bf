package hub

import (
	"net"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// stuff posts large messages until the ear's queue holds so many bytes.
func (s *scene) stuff(e *ear, bytes int) {
	s.T.Helper()
	text := strings.Repeat("x", 15<<10)
	for range 2000 {
		s.Say(s.room, s.lead, text)
		e.conn.mu.Lock()
		queued, state := e.conn.bytes, e.conn.state
		e.conn.mu.Unlock()
		if queued >= bytes || state != live {
			return
		}
	}
	s.T.Fatal("the queue does not fill")
}

// deaf makes the ear stop reading, with little for the kernel to hold.
func deaf(e *ear) (hear func()) {
	e.net.(*net.TCPConn).SetReadBuffer(64 << 10)
	e.hold.Lock()
	return e.hold.Unlock
}

func TestAListenerThatDoesNotKeepUpIsCutAndResumes(t *testing.T) {
	s := newScene(t)
	slow, fast := s.listen(s.ward, nil), s.listen(s.host, nil)
	hear := deaf(slow)
	s.stuff(slow, 1<<20)
	for range 20 {
		s.Say(s.room, s.lead, "one more")
	}
	end := s.Say(s.room, s.lead, "end")
	fast.next("the end", 0, has(end))
	stream(t, fast.all(), 0)
	hear()
	if code := slow.gone(); code != TooSlow {
		t.Fatalf("closed with %d", code)
	}
	last, _ := stream(t, slow.all(), 0)
	if last >= end {
		t.Fatal("nothing was left out")
	}
	back := s.listen(s.ward, &last)
	if got, _ := stream(t, back.all(), last); got != end {
		t.Fatalf("resumed from %d to %d, want %d; it said %v", last, got, end, types(back.all()))
	}
	if n := s.hub.Stats().TooSlow; n != 1 {
		t.Errorf("%d were cut", n)
	}
}

// The snapshot of a room of thousands is longer than a whole queue. Whoever is
// still taking it is not slow for that.
func TestAFrameLongerThanAQueueIsNoReasonToBeCut(t *testing.T) {
	s := newScene(t)
	slow, fast := s.listen(s.ward, nil), s.listen(s.host, nil)
	hear := deaf(slow)
	slow.conn.Send([]byte(`{"type":"long","detail":"` + strings.Repeat("x", 3<<20) + `"}`))
	var last incident.Seq
	for range 5 {
		last = s.Say(s.room, s.lead, "said meanwhile")
	}
	fast.next("what was said meanwhile", 0, has(last)) // so it stands in the other's queue too, or has cut it
	hear()
	slow.next("what was said meanwhile", 0, has(last))
	if n := s.hub.Stats().TooSlow; n != 0 {
		t.Errorf("%d were cut", n)
	}
}

// A socket that was full once is as good as any other when it has emptied:
// the time it was given then has no say in what is written later.
func TestAListenerThatCaughtUpIsNotCutForHavingBeenSlow(t *testing.T) {
	defer func(d time.Duration) { writeWait = d }(writeWait)
	writeWait = 3 * time.Second
	s := newScene(t)
	slow := s.listen(s.ward, nil)
	hear := deaf(slow)
	s.stuff(slow, 64<<10)
	full := s.Say(s.room, s.lead, "the last of many")
	hear()
	slow.next("the last of many", 0, has(full))
	if s.hub.Stats().Blocked == 0 {
		t.Fatal("the socket was never full")
	}
	time.Sleep(writeWait + 100*time.Millisecond) // what this is about: its deadline passes
	later := s.Say(s.room, s.lead, "later")
	slow.next("what was said later", 0, has(later))
	slow.conn.mu.Lock()
	defer slow.conn.mu.Unlock()
	if slow.conn.state != live {
		t.Fatal("cut")
	}
}

// Suspending someone ends their sessions and their sockets: two words for one
// end, and the second must not take the reason away.
func TestWhoIsSignedOutTwiceIsToldWhy(t *testing.T) {
	s := newScene(t)
	slow := s.listen(s.ward, nil)
	hear := deaf(slow)
	s.stuff(slow, 256<<10)
	s.hub.CutSessions(slow.conn.who.Session)
	s.hub.CutPerson(slow.conn.who.Person)
	hear()
	if code := slow.gone(); code != SignedOut {
		t.Errorf("closed with %d", code)
	}
}

func TestWhatIsNarrowedIsNotSentOutOfAQueue(t *testing.T) {
	s := newScene(t)
	ward, host := s.listen(s.ward, nil), s.listen(s.host, nil)
	hear, hearHost := deaf(ward), deaf(host)
	s.stuff(ward, 128<<10)
	root := s.Say(s.room, s.lead, "soon withheld")
	s.do(s.lead, command.WithholdEntry{Root: root})
	end := s.Say(s.room, s.lead, "end")
	hear()
	hearHost()
	ward.gone()
	host.next("the end", 0, has(end)) // nothing was taken from them
	for _, f := range ward.all() {
		if strings.Contains(f.raw, "soon withheld") {
			t.Fatal("the withheld entry came out of the queue")
		}
	}
	last, _ := stream(t, ward.all(), 0)
	back := s.listen(s.ward, &last)
	if got, entries := stream(t, back.all(), last); got != end || entries[root].form() != "stub" {
		t.Fatalf("resumed from %d to %d with the entry as %q", last, got, entries[root].form())
	}
}

func TestWhatIsQueuedForSomeoneRemovedIsNotSent(t *testing.T) {
	s := newScene(t)
	ward := s.listen(s.ward, nil)
	hear := deaf(ward)
	s.stuff(ward, 128<<10)
	text := s.Say(s.room, s.lead, "queued")
	room, _ := s.Journal.Room(t.Context(), s.room)
	removal := s.do(s.lead, command.RemoveMember{Root: room.Member(s.ward.Person).Root})
	s.Journal.Room(t.Context(), s.room)
	began := time.Now()
	for { // the dispatcher has come to it
		ward.conn.mu.Lock()
		n := len(ward.conn.listeners)
		ward.conn.mu.Unlock()
		if n == 0 {
			break
		}
		if time.Since(began) > time.Second {
			t.Fatal("still listening a second after the removal")
		}
		time.Sleep(time.Millisecond)
	}
	hear()
	ward.gone() // part of a frame had gone out: the socket was reset
	for _, f := range ward.all() {
		for _, e := range f.Events {
			if e.Seq >= text {
				t.Fatalf("entry %d came out of the queue after the removal by entry %d", e.Seq, removal)
			}
		}
	}
}

func TestARemovalFromOneRoomLeavesWhatIsQueuedOfAnother(t *testing.T) {
	s := newScene(t)
	second := s.OpenRoom(s.lead, incident.ModeIncident, incident.RosterNames)
	s.Join(second, s.lead, s.ward, incident.Representative, incident.Full)
	ward := s.listen(s.ward, nil)
	ward.conn.Subscribe(second, nil)
	ward.next("the second room", 0, func(f heard) bool { return f.Type == "caught_up" && f.Room == second })
	hear := deaf(ward)
	s.stuff(ward, 128<<10) // of the first room: part of a frame is with the socket
	queued := s.Say(second, s.lead, "queued")
	room, err := s.Journal.Room(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	s.Must(s.Do(second, s.lead, command.RemoveMember{Root: room.Member(s.ward.Person).Root}))
	r, err := s.hub.room(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.reached(t.Context(), queued+1); err != nil {
		t.Fatal(err)
	}
	end := s.Say(s.room, s.lead, "end")
	hear()
	ward.next("the end", 0, func(f heard) bool { return f.Room == s.room && has(end)(f) })
	at, _ := ward.next("revoked", 0, is("revoked"))
	if f := ward.all()[at]; f.Room != second {
		t.Errorf("the wrong room was revoked")
	}
	var first []heard
	for _, f := range ward.all() {
		if f.Room == s.room {
			first = append(first, f)
		} else if f.Type == "events" {
			t.Errorf("entry %d of the second room came out of the queue", f.Events[0].Seq)
		}
	}
	stream(t, first, 0)
}

func TestWhatTurnsWhileALongGapGoesOutIsNotMissed(t *testing.T) {
	s := newScene(t)
	from := s.Say(s.room, s.lead, "hello")
	root := s.Say(s.room, s.lead, "withheld for a while")
	s.do(s.lead, command.WithholdEntry{Root: root})
	for range 160 {
		s.Say(s.room, s.lead, strings.Repeat("z", 14<<10))
	}
	s.listen(s.lead, &from) // fills the ring
	p := &player{Actor: s.ward, replica: replica{t: t, began: true, last: from, entries: map[incident.Seq]fragment{}}}
	p.ear = attach(t, s.hub, s.ward)
	hear := deaf(p.ear)
	p.ear.conn.Subscribe(s.room, &from)
	limit := time.Now().Add(patience)
	for blocked := false; !blocked; time.Sleep(time.Millisecond) { // the first parts are out
		if time.Now().After(limit) {
			t.Fatal("the queue does not fill")
		}
		p.ear.conn.mu.Lock()
		blocked = p.ear.conn.bytes >= 512<<10
		p.ear.conn.mu.Unlock()
	}
	restored := s.do(s.lead, command.RestoreEntry{Root: root})
	hear()
	p.ear.until("all of it", func(all []heard) bool { p.hear(); return p.last >= restored && all[len(all)-1].Type == "caught_up" })
	if e, held := p.entries[root]; held && e.form() != "open" {
		t.Fatalf("the restored entry is held as a %s", e.form())
	}
}

func TestALongGapDoesNotCutTheOneWhoCatchesUp(t *testing.T) {
	s := newScene(t)
	from := s.head()
	text := strings.Repeat("y", 14<<10)
	var end incident.Seq
	for range 160 { // three times what a queue may hold
		end = s.Say(s.room, s.lead, text)
	}
	e := attach(t, s.hub, s.host)
	hear := deaf(e)
	e.conn.Subscribe(s.room, &from)
	go func() { time.Sleep(300 * time.Millisecond); hear() }()
	e.next("caught_up", 0, is("caught_up"))
	if last, entries := stream(t, e.all(), from); last != end || len(entries) != int(end-from) {
		t.Fatalf("%d entries up to %d, want up to %d", len(entries), last, end)
	}
}
