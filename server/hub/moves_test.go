package hub

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// moved returns the opened, withdrawn and snapshot frames since from.
func moved(frames []heard, from int) (list []string) {
	for _, f := range frames[from:] {
		switch f.Type {
		case "opened", "withdrawn":
			list = append(list, fmt.Sprintf("%s %d", f.Type, f.Root))
		case "snapshot":
			list = append(list, f.Type)
		}
	}
	return list
}

func TestWithholdingWithdrawsFromThoseWhoSawItAndRestoringOpensAllOfIt(t *testing.T) {
	for _, old := range []bool{false, true} {
		t.Run(fmt.Sprintf("older than the ring %v", old), func(t *testing.T) {
			s := newScene(t, func(o *Options) { o.Ring = 16 })
			root := s.Say(s.room, s.lead, "to be withheld")
			s.do(s.host, command.NoteEntry{Root: root})
			if old {
				for i := range 20 {
					s.Say(s.room, s.lead, fmt.Sprint(i))
				}
			}
			ward, host := s.listen(s.ward, nil), s.listen(s.host, nil)
			hidden := s.do(s.lead, command.WithholdEntry{Root: root})
			at, _ := ward.next("the stub", 0, has(hidden))
			_, f := ward.next("its withdrawal", at, is("withdrawn"))
			if f.Root != root {
				t.Fatalf("root %d was withdrawn, not %d", f.Root, root)
			}
			again := s.do(s.lead, command.RestoreEntry{Root: root})
			at, g := ward.next("the restoring", at, has(again))
			if g.Events[0].form() != "open" {
				t.Fatalf("the restoring came as %s", g.raw)
			}
			_, f = ward.next("all of it", at, is("opened"))
			want := []incident.Seq{root, root + 1, hidden, again}
			var got []incident.Seq
			for _, e := range f.Events {
				got = append(got, e.Seq)
				if e.form() != "open" {
					t.Errorf("entry %d was opened as a %s", e.Seq, e.form())
				}
			}
			if f.Root != root || !slices.Equal(got, want) {
				t.Fatalf("opened root %d with entries %v, want %d with %v", f.Root, got, root, want)
			}
			end := s.Say(s.room, s.lead, "end")
			host.next("the end", 0, has(end))
			stream(t, host.all(), 0)
		})
	}
}

func TestNobodyIsToldOfAWithdrawalWhoCouldNotSeeIt(t *testing.T) {
	s := newScene(t)
	other := s.Person("Olga", "X2E")
	otherNo := s.Join(s.room, s.lead, other, incident.Representative, incident.Full)
	outsider, named := s.listen(s.ward, nil), s.listen(other, nil)
	from := s.Say(s.room, s.lead, "hello")
	root := s.do(s.lead, command.PostMessage{Text: "for Olga", Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{otherNo}}})
	mark := s.do(s.lead, command.WithholdEntry{Root: root})
	end := s.Say(s.room, s.lead, "end")
	named.next("the withdrawal", 0, func(f heard) bool { return f.Type == "withdrawn" && f.Root == root })
	outsider.next("the end", 0, has(end))
	named.next("the end", 0, has(end))
	if got := moved(outsider.all(), 1); len(got) > 0 {
		t.Fatalf("someone who never saw it was told %v", got)
	}
	// The same on resuming over it.
	for who, want := range map[string]string{s.ward.Name: "[]", other.Name: fmt.Sprintf("[withdrawn %d]", root)} {
		e := s.listen(s.Person(who, ""), seqp(root))
		if got := fmt.Sprint(moved(e.all(), 0)); got != want {
			t.Errorf("%s resumed after %d over entry %d and was told %s, want %s", who, root, mark, got, want)
		}
		e = s.listen(s.Person(who, ""), &from)
		if got := moved(e.all(), 0); len(got) > 0 {
			t.Errorf("%s resumed after %d, before the root, and was told %v", who, from, got)
		}
	}
}

func TestTheSameLeadsTheRoomInSnapshotsWhereTheHubDoesNotKnow(t *testing.T) {
	s := newScene(t)
	from := s.Say(s.room, s.lead, "hello")
	s.do(s.lead, command.PostMessage{Text: "for hosts", Audience: &incident.Audience{Kind: incident.ToHosts}})
	s.Say(s.room, s.lead, "for all")
	// A hub that has just begun has an empty ring: the guest's own reading
	// leaves out what is the hosts'.
	if got := types(s.listen(s.ward, &from).all()); fmt.Sprint(got) != "[snapshot caught_up]" {
		t.Fatalf("the guest's gap brought %v", got)
	}
	lead := s.listen(s.lead, &from)
	if last, entries := stream(t, lead.all(), from); last != from+2 || entries[from+1].text() != "for hosts" {
		t.Fatalf("the lead's gap brought %v", types(lead.all()))
	}
	// The lead's reading has filled the ring for everyone.
	ward := s.listen(s.ward, &from)
	if last, entries := stream(t, ward.all(), from); last != from+2 || entries[from+1].form() != "stub" || entries[from+2].text() != "for all" {
		t.Fatalf("the guest's gap then brought %v", types(ward.all()))
	}
	if n := s.hub.Stats().GapReads; n != 2 {
		t.Errorf("%d reads for three resumes", n)
	}
}

func TestAMembershipIsSeenInOneFormFromBeginningToEnd(t *testing.T) {
	s := newScene(t)
	other := s.Person("Olga", "X2E")
	s.Join(s.room, s.lead, other, incident.Representative, incident.FromJoin)
	olga := s.listen(other, nil)
	root := s.do(s.ward, command.ProposeMember{Name: "Walter", Invitation: incident.RandomID()})
	_, f := olga.next("the proposal", 0, has(root))
	admitted := s.do(s.lead, command.AdmitMember{Root: root})
	_, g := olga.next("the admission", 0, has(admitted))
	if f.Events[0].form() != "open" || g.Events[0].form() != "open" {
		t.Fatalf("by a roster of names they came as %s and %s", f.Events[0].form(), g.Events[0].form())
	}
	if got := moved(olga.all(), 1); len(got) > 0 {
		t.Fatalf("nothing of it changes anyone's sight, and it brought %v", got)
	}
}

// slowed is the journal with a gate in its reads.
type slowed struct {
	source
	mu   sync.Mutex
	gate chan struct{} // a read waits here; nil: it does not
	at   chan struct{} // told when one waits
}

func (s *slowed) Page(ctx context.Context, room incident.LogID, person incident.PersonID, q journal.Query) ([]journal.Row, error) {
	rows, err := s.source.Page(ctx, room, person, q)
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		s.at <- struct{}{}
		<-gate
	}
	return rows, err
}

// close makes reads wait until open is called, or the test ends.
func (s *slowed) close(t *testing.T) (open func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	var once sync.Once
	open = func() {
		once.Do(func() {
			s.mu.Lock()
			s.gate = nil
			s.mu.Unlock()
			close(gate)
		})
	}
	t.Cleanup(open)
	return open
}

// late is the journal with a gate before the dispatcher.
type late struct {
	source
	mu   sync.Mutex
	shut bool
	fn   func(*journal.Group)
	kept []*journal.Group
}

func (l *late) Watch(ctx context.Context, room incident.LogID, fn func(*journal.Group)) (*incident.Room, func(), error) {
	l.fn = fn
	return l.source.Watch(ctx, room, func(g *journal.Group) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.shut {
			l.kept = append(l.kept, g)
		} else {
			fn(g)
		}
	})
}

func (l *late) set(shut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = shut
	if !shut {
		for _, g := range l.kept {
			l.fn(g)
		}
		l.kept = nil
	}
}

func TestNobodyJoinsByAnOlderViewThanTheRecord(t *testing.T) {
	var src *late
	s := newScene(t, func(o *Options) { src = &late{source: o.Journal}; o.Journal = src })
	keep := s.listen(s.lead, nil)
	root := s.Say(s.room, s.lead, "soon withheld")
	keep.next("the message", 0, has(root))
	src.set(true)
	s.do(s.lead, command.WithholdEntry{Root: root}) // committed; the dispatcher does not know yet
	var ears []*ear
	for range 2 {
		e := attach(t, s.hub, s.ward)
		e.conn.Subscribe(s.room, [2]*incident.Seq{nil, seqp(root - 1)}[len(ears)])
		ears = append(ears, e)
	}
	r, err := s.hub.room(t.Context(), s.room)
	if err != nil {
		t.Fatal(err)
	}
	for waiting := 0; waiting < len(ears); time.Sleep(time.Millisecond) {
		r.mu.Lock()
		waiting = len(r.awaiting) + len(r.listeners) - 1
		r.mu.Unlock()
	}
	src.set(false)
	for _, e := range ears {
		e.next("caught_up", 0, is("caught_up"))
		for _, f := range e.all() {
			if strings.Contains(f.raw, "soon withheld") {
				t.Fatalf("the withheld entry went out: %s", f.raw)
			}
		}
	}
}

// reached waits until the dispatcher has come to the number.
func (s *scene) reached(seq incident.Seq) {
	s.T.Helper()
	r, err := s.hub.room(context.Background(), s.room)
	if err != nil {
		s.T.Fatal(err)
	}
	if err := r.reached(context.Background(), seq); err != nil {
		s.T.Fatal(err)
	}
}

func TestWhatIsNarrowedWhileItIsReadGoesOutNarrowed(t *testing.T) {
	var src *slowed
	s := newScene(t, func(o *Options) {
		src = &slowed{source: o.Journal, at: make(chan struct{}, 16)}
		o.Journal, o.Ring = src, 64
	})
	from := s.Say(s.room, s.lead, "hello")
	root := s.Say(s.room, s.lead, "soon withheld")
	s.listen(s.lead, nil) // the room runs; its ring is empty
	open := src.close(t)
	ward := attach(t, s.hub, s.ward)
	ward.conn.Subscribe(s.room, &from)
	<-src.at // the guest's gap has been read: the root was theirs
	s.reached(s.do(s.lead, command.WithholdEntry{Root: root}))
	open()
	ward.next("caught_up", 0, is("caught_up"))
	end := s.Say(s.room, s.lead, "end")
	ward.next("the end", 0, has(end))
	for _, f := range ward.all() {
		if strings.Contains(f.raw, "soon withheld") {
			t.Fatalf("the withheld entry went out: %s", f.raw)
		}
	}
}

func TestWhatIsOpenedWhileItIsReadHoldsNothingBeyondTheStreamAndNothingTaken(t *testing.T) {
	var src *slowed
	s := newScene(t, func(o *Options) {
		src = &slowed{source: o.Journal, at: make(chan struct{}, 16)}
		o.Journal, o.Ring = src, 8
	})
	// The root is older than the ring, so that opening it needs a read.
	root := s.do(s.lead, command.PostMessage{Text: "hosts first", Audience: &incident.Audience{Kind: incident.ToHosts}})
	for i := range 12 {
		s.Say(s.room, s.lead, fmt.Sprint(i))
	}
	p := &player{Actor: s.ward, replica: replica{t: t}, ear: s.listen(s.ward, nil)}
	open := src.close(t)
	widened := s.do(s.lead, command.WidenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "they need it"})
	<-src.at // it has been read as it stood at the widening
	fixed := s.do(s.lead, command.CorrectMessage{Root: root, Text: "hosts first, corrected"})
	s.reached(fixed)
	open()
	p.ear.until("the correction", func([]heard) bool { p.hear(); return p.last == fixed }) // the replica judges the order
	for _, seq := range []incident.Seq{root, widened, fixed} {
		if p.entries[seq].form() != "open" {
			t.Errorf("entry %d is held as a %s", seq, p.entries[seq].form())
		}
	}
	// And once more, withheld again before the reading is done.
	s.do(s.lead, command.WithholdEntry{Root: root})
	for i := range 12 {
		s.Say(s.room, s.lead, fmt.Sprint(i))
	}
	last := s.head()
	p.ear.until("the head", func([]heard) bool { p.hear(); return p.last == last })
	from := len(p.ear.all())
	open = src.close(t)
	s.do(s.lead, command.RestoreEntry{Root: root})
	<-src.at
	s.reached(s.do(s.lead, command.WithholdEntry{Root: root}))
	open()
	end := s.Say(s.room, s.lead, "end")
	p.ear.until("the end", func([]heard) bool { p.hear(); return p.last == end })
	for _, f := range p.ear.all()[from:] {
		if strings.Contains(f.raw, "hosts first") {
			t.Fatalf("what had been taken away again went out: %s", f.raw)
		}
	}
}

func TestAClientCutBetweenAMoveAndWhatFollowsItGetsWhatFollows(t *testing.T) {
	for _, old := range []bool{false, true} {
		t.Run(fmt.Sprintf("older than the ring %v", old), func(t *testing.T) {
			s := newScene(t, func(o *Options) { o.Ring = 16 })
			root := s.do(s.lead, command.PostMessage{Text: "hosts first", Audience: &incident.Audience{Kind: incident.ToHosts}})
			for i := 0; old && i < 20; i++ {
				s.Say(s.room, s.lead, fmt.Sprint(i))
			}
			keep := s.listen(s.lead, nil)
			widened := s.do(s.lead, command.WidenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "they need it"})
			after := s.Say(s.room, s.lead, "after")
			keep.next("the entry after it", 0, has(after))
			// Such a client holds the widening and nothing of the root.
			back := s.listen(s.ward, &widened)
			_, f := back.next("all of it", 0, is("opened"))
			if f.Root != root || len(f.Events) != 2 || f.Events[0].text() != "hosts first" {
				t.Fatalf("opened with %s", f.raw)
			}
			if at, _ := back.next("the entry after it", 0, has(after)); at != 1 {
				t.Fatalf("it said %v", outline(back.all()))
			}
			hidden := s.do(s.lead, command.WithholdEntry{Root: root})
			keep.next("the withholding", 0, has(hidden))
			again := s.listen(s.ward, &hidden)
			if got := fmt.Sprint(moved(again.all(), 0)); got != fmt.Sprintf("[withdrawn %d]", root) {
				t.Fatalf("after the withholding came %s", got)
			}
			room, _ := s.Journal.Room(t.Context(), s.room)
			granted := s.do(s.lead, command.GrantHistory{Root: room.Member(s.ward.Person).Root, Start: 1})
			if got := types(s.listen(s.ward, &granted).all()); got[0] != "snapshot" {
				t.Fatalf("after a grant of one's own came %v", got)
			}
		})
	}
}

func TestAMoveEndsItsFrameWhateverElseItsGroupHolds(t *testing.T) {
	s := newScene(t)
	ward := s.listen(s.ward, nil)
	root := s.Say(s.room, s.lead, "to be withheld")
	var posting sync.WaitGroup
	for i := range 40 { // so that some group holds the move and others
		posting.Go(func() {
			cmd := command.Command(command.PostMessage{Text: fmt.Sprint(i)})
			if i == 20 {
				cmd = command.WithholdEntry{Root: root}
			}
			if _, err := s.Do(s.room, s.lead, cmd); err != nil {
				t.Error(err)
			}
		})
	}
	posting.Wait()
	end := s.Say(s.room, s.lead, "end")
	ward.next("the end", 0, has(end))
	at, f := ward.next("the withdrawal", 0, is("withdrawn"))
	before := ward.all()[at-1]
	if f.Root != root || before.Type != "events" || before.Events[len(before.Events)-1].form() != "stub" {
		t.Fatalf("it said %v", outline(ward.all()))
	}
	stream(t, ward.all(), 0)
}
