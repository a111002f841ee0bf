package courier_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// bulk has one host ask to invite these contacts, and returns the broadcast's
// root and its list.
func (w *world) bulk(wants []courier.Want) (incident.Seq, string) {
	w.T.Helper()
	var to []directory.To
	for _, x := range wants {
		to = append(to, directory.To{Contact: x.Contact, Org: x.Org, Role: incident.CISO, SMS: x.ChannelID})
	}
	l, err := w.book.Freeze(w.T.Context(), w.room, incident.RandomID(), incident.BroadcastCount{Contacts: len(to), Texts: len(to), Fragments: len(to), Orgs: 1}, to)
	if err != nil {
		w.T.Fatal(err)
	}
	asked := w.Must(w.Do(w.room, w.lead, command.AskBroadcast{Purpose: incident.BroadcastInvite, History: incident.FromJoin,
		Chosen: incident.Contacted{Types: []incident.OrgType{incident.Acute}}, Count: l.Count, List: l.ID, Hash: hex.EncodeToString(l.Hash[:])}))
	return asked.Seq, l.ID
}

func (w *world) otherHost() incident.Actor {
	w.T.Helper()
	other := w.Person("Nat Cole", "NCSC")
	w.Join(w.room, w.lead, other, incident.Liaison, incident.Full)
	return other
}

// guests are the room's memberships of organisations that are no hosts, in the
// order of their contacts: many are made at the same time.
func (w *world) guests() (list []*incident.Member) {
	w.T.Helper()
	room, err := w.Journal.Room(w.T.Context(), w.room)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, m := range room.Members {
		if !m.Host {
			list = append(list, m)
		}
	}
	number := func(m *incident.Member) (n int) {
		fmt.Sscanf(m.Seat.Name, canary+" contact %d", &n)
		return n
	}
	slices.SortFunc(list, func(a, b *incident.Member) int { return number(a) - number(b) })
	return list
}

func (w *world) eventually(what string, is func() bool) {
	w.T.Helper()
	for range 2400 {
		if is() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	w.T.Fatalf("it never came that %s", what)
}

func (w *world) object(root incident.Seq) *incident.Broadcast {
	w.T.Helper()
	o, err := w.Journal.Object(w.T.Context(), w.room, root)
	if err != nil {
		w.T.Fatal(err)
	}
	return o.Broadcast
}

// got counts the messages that were accepted, by number.
func (w *world) got() map[string]int {
	got := map[string]int{}
	for _, m := range w.notify.Accepted() {
		got[m.To]++
	}
	return got
}

func TestManyAreInvitedOnceEachHoweverOftenNodesDie(t *testing.T) {
	const n = 40
	w := newWorld(t, opts{speed: 10, fate: func(int, string) notify.Status { return notify.Delivered }})
	wants := w.contacts(n, mobile)
	other := w.otherHost()
	root, list := w.bulk(wants)
	w.run(w.node(nil))
	time.Sleep(time.Second)
	if len(w.guests()) != 0 || len(w.notify.Accepted()) != 0 {
		t.Fatal("somebody was invited before the other host agreed")
	}
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: root}))

	// Nodes begin and die at it, two at a time.
	partly := false
	for range 4 {
		before := len(w.guests())
		first, second := w.run(w.node(nil)), w.run(w.node(nil))
		for range 20_000 {
			if k := len(w.guests()); k > before || k == n {
				break
			}
			time.Sleep(time.Millisecond)
		}
		first()
		second()
		partly = partly || len(w.guests()) < n
	}
	if !partly {
		t.Error("no node died half way")
	}
	w.run(w.node(nil))
	w.eventually("all are invited", func() bool { return len(w.guests()) == n })
	w.eventually("the log says so", func() bool { return len(w.object(root).Invited) == n })
	w.eventually("the log says that all were delivered", func() bool { return len(w.object(root).Delivered) == n })
	seen, roots := map[string]bool{}, []incident.Seq{}
	for _, m := range w.guests() {
		if m.State != incident.Invited || m.Role != incident.Representative || seen[m.Invitation] || seen[m.Seat.Name] {
			t.Errorf("%+v", m)
		}
		seen[m.Invitation], seen[m.Seat.Name] = true, true
		roots = append(roots, m.Root)
	}
	slices.Sort(roots)
	if b := w.object(root); !slices.Equal(b.Invited, roots) || !slices.Equal(b.Delivered, roots) || len(b.Opened) != 0 {
		t.Errorf("the log says %+v of %v", b, roots)
	}
	codes := map[string]bool{}
	for _, m := range w.notify.Accepted() {
		if strings.Contains(m.Body+m.Subject+m.Reference, canary) {
			t.Errorf("a message says %q", m.Body)
		}
		_, code, _ := strings.Cut(m.Body, " code ")
		if codes[code[:11]] || codes[m.Reference] {
			t.Errorf("two messages have the code or the reference of %q", m.Body)
		}
		codes[code[:11]], codes[m.Reference] = true, true
	}
	got := w.got()
	for i := range n {
		if k := got[strings.TrimPrefix(mobile(i), "+")]; k != 1 {
			t.Errorf("number %d got %d messages", i, k)
		}
	}
	issued, err := w.book.IssuedBy(t.Context(), w.room, root)
	if err != nil || len(issued) != n {
		t.Errorf("%d links, %v", len(issued), err)
	}
	for _, l := range w.lines(list) {
		if l.Kept != "" {
			t.Errorf("contact %d was kept out: %s", l.N, l.Kept)
		}
	}
}

func (w *world) lines(list string) []directory.Line {
	w.T.Helper()
	lines, err := w.book.Lines(w.T.Context(), w.room, list, 0, incident.MaxInvited)
	if err != nil {
		w.T.Fatal(err)
	}
	return lines
}

// What is true of a contact is asked again as they are invited, and as their
// message is sent.
func TestWhoIsInvitedIsJudgedAgain(t *testing.T) {
	w := newWorld(t, opts{speed: 10, fate: func(int, string) notify.Status { return notify.Delivered }})
	wants := w.contacts(6, mobile)
	other := w.otherHost()
	root, list := w.bulk(wants)
	if err := w.book.ForgetOrgContact(t.Context(), wants[0].Org, wants[0].Contact); err != nil {
		t.Fatal(err)
	}
	one, err := w.book.OrgContact(t.Context(), wants[1].Org, wants[1].Contact)
	if err != nil {
		t.Fatal(err)
	}
	w.Must(w.Do(w.room, w.lead, command.InviteMember{KnownOrg: true, Invitation: incident.RandomID(),
		Seat: incident.Seat{Name: one.Name, Org: one.Org, Role: incident.Observer, History: incident.FromJoin}}))
	var down atomic.Bool
	down.Store(true) // nothing goes out yet
	w.down = down.Load
	stop := w.run(w.node(nil))
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: root}))
	w.eventually("those who can be are invited", func() bool { return len(w.object(root).Invited) == 4 })
	kept := map[int]directory.Kept{}
	for _, l := range w.lines(list) {
		if l.Kept != "" {
			kept[l.N] = l.Kept
		}
	}
	if len(kept) != 2 || kept[1] != directory.KeptGone || kept[2] != directory.KeptHere {
		t.Errorf("kept out: %v", kept)
	}
	stop() // else one that was judged already would go out after what follows
	// Of those who are invited, one leaves the directory and one is taken back, before anything was sent.
	if err := w.book.ForgetOrgContact(t.Context(), wants[2].Org, wants[2].Contact); err != nil {
		t.Fatal(err)
	}
	var taken *incident.Member
	for _, m := range w.guests() {
		if strings.HasSuffix(m.Seat.Name, " 3") {
			taken = m
		}
	}
	w.Must(w.Do(w.room, w.lead, command.WithdrawMember{Root: taken.Root}))
	down.Store(false)
	w.run(w.node(nil))
	var said atomic.Value // where each stood when it was last looked
	t.Cleanup(func() { t.Log(said.Load()) })
	w.clock.skip(10 * time.Minute) // however long each waited to be tried again
	w.eventually("the others are told", func() bool {
		states := ""
		for _, m := range w.guests() {
			for _, s := range w.states(m.Root) {
				states += fmt.Sprintf(" %s: %s %s;", m.Seat.Name, s.State, s.Why)
			}
		}
		said.Store(states)
		return len(w.object(root).Delivered) == 2
	})
	got := w.got()
	for i, want := range []int{0, 0, 0, 0, 1, 1} {
		if k := got[strings.TrimPrefix(mobile(i), "+")]; k != want {
			t.Errorf("number %d got %d messages, want %d", i, k, want)
		}
	}
}

func TestStoppedInvitationsAreTakenBackButForWhoIsIn(t *testing.T) {
	w := newWorld(t, opts{speed: 10, fate: func(int, string) notify.Status { return notify.Delivered }})
	wants := w.contacts(5, mobile)
	other := w.otherHost()
	root, _ := w.bulk(wants)
	stop := w.run(w.node(nil))
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: root}))
	w.eventually("all were delivered", func() bool { return len(w.object(root).Delivered) == 5 })

	// One comes in by the code of her message.
	first := w.guests()[0]
	code := ""
	for _, m := range w.notify.Accepted() {
		if m.To == strings.TrimPrefix(mobile(0), "+") {
			_, after, _ := strings.Cut(m.Body, " code ")
			code = after[:11]
		}
	}
	her := directory.Visitor{Issuer: first.Issuer, Subject: "her", Email: "her@example.org"}
	found, err := w.book.Look(t.Context(), directory.Key{Code: code}, her)
	if err != nil || found.ID != first.Invitation {
		t.Fatalf("her code leads to %q, %v", found.ID, err)
	}
	if err := w.book.Opened(t.Context(), found.ID); err != nil {
		t.Fatal(err)
	}
	w.eventually("the log says that she opened it", func() bool { return slices.Equal(w.object(root).Opened, []incident.Seq{first.Root}) })
	she := w.Person("Her Name", first.Org)
	w.Must(w.Do(w.room, she, command.JoinRoom{Root: first.Root, Person: she.Person, How: "code", Rules: w.rules()}))

	// A node dies at taking the others back; the next one goes on.
	w.Must(w.Do(w.room, other, command.StopBroadcast{Root: root, Reason: "the wrong list"}))
	stop()
	w.run(w.node(nil))
	w.eventually("the others are taken back", func() bool {
		n := 0
		for _, m := range w.guests() {
			if m.State == incident.Withdrawn {
				n++
			}
		}
		return n == 4
	})
	if m := w.guests()[0]; m.State != incident.Joined {
		t.Errorf("she is %s", m.State)
	}
	w.eventually("their codes are dead", func() bool {
		for _, m := range w.notify.Accepted() {
			if m.To == strings.TrimPrefix(mobile(0), "+") {
				continue
			}
			_, after, _ := strings.Cut(m.Body, " code ")
			if _, err := w.book.Look(t.Context(), directory.Key{Code: after[:11]}, directory.Visitor{Issuer: first.Issuer, Subject: "x" + after[:5]}); incident.FaultOf(err) != incident.NotFound {
				return false
			}
		}
		return true
	})
}

func (w *world) rules() int {
	room, err := w.Journal.Room(w.T.Context(), w.room)
	if err != nil {
		w.T.Fatal(err)
	}
	if room.Rules == nil {
		return 0
	}
	return room.Rules.Version
}

// What did not arrive is sent again: to the same number if it may arrive there
// yet, to another only once that was verified.
func TestAnInvitationThatDidNotArriveIsSentAgain(t *testing.T) {
	tries := map[string]int{}
	var mu sync.Mutex
	w := newWorld(t, opts{speed: 10, fate: func(_ int, to string) notify.Status {
		mu.Lock()
		defer mu.Unlock()
		tries[to]++
		switch {
		case strings.HasSuffix(mobile(0), to) && tries[to] == 1:
			return notify.Temporary
		case strings.HasSuffix(mobile(1), to):
			return notify.Permanent
		}
		return notify.Delivered
	}})
	wants := w.contacts(2, mobile)
	other := w.otherHost()
	root, _ := w.bulk(wants)
	c := w.node(nil)
	w.run(c)
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: root}))
	w.eventually("both are invited", func() bool { return len(w.guests()) == 2 })
	stage := func(m *incident.Member) courier.Stage {
		list, err := c.InvitationStates(t.Context(), w.room, []incident.Seq{m.Root})
		if err != nil || len(list) == 0 {
			return ""
		}
		return list[len(list)-1].State
	}
	m := w.guests()
	w.eventually("both failed", func() bool { return stage(m[0]) == courier.Temporary && stage(m[1]) == courier.Permanent })
	again := func(i int) error {
		who, err := w.book.OrgContact(t.Context(), wants[i].Org, wants[i].Contact)
		if err != nil {
			t.Fatal(err)
		}
		number, _ := who.Mobile()
		return c.Resend(t.Context(), w.room, m[i].Root, wants[i].Org, m[i].Invitation, wants[i].Contact, number)
	}
	if err := again(1); incident.FaultOf(err) != incident.Conflict || !strings.Contains(err.Error(), "Correct the number") {
		t.Errorf("to a number that is none: %v", err)
	}
	if err := again(0); err != nil {
		t.Error(err)
	}
	if err := again(0); incident.FaultOf(err) != incident.Conflict {
		t.Errorf("while it is on its way, or was delivered: %v", err)
	}
	w.eventually("the first is delivered", func() bool { return stage(m[0]) == courier.Delivered })

	// Their number is corrected: the message goes there, and the code that went to the other is dead.
	old := w.codeTo(1)
	better := directory.Channel{ID: incident.RandomID(), Kind: incident.BySMS, Value: mobile(7)}
	who, err := w.book.OrgContact(t.Context(), wants[1].Org, wants[1].Contact)
	if err != nil {
		t.Fatal(err)
	}
	who.Channels = append(who.Channels, better)
	if err := w.book.ChangeOrgContact(t.Context(), who, 2); err != nil {
		t.Fatal(err)
	}
	if err := again(1); incident.FaultOf(err) != incident.Conflict {
		t.Errorf("to a number that nobody verified: %v", err)
	}
	if err := w.book.SetVerified(t.Context(), wants[1].Contact, better.ID, incident.ByCode, "", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := again(1); err != nil {
		t.Error(err)
	}
	w.eventually("the second is delivered", func() bool { return stage(m[1]) == courier.Delivered })
	v := directory.Visitor{Issuer: m[1].Issuer, Subject: "second"}
	if _, err := w.book.Look(t.Context(), directory.Key{Code: old}, v); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("the code that went to the wrong number: %v", err)
	}
	if _, err := w.book.Look(t.Context(), directory.Key{Code: w.codeTo(7)}, v); err != nil {
		t.Errorf("the code that went to the right one: %v", err)
	}
}

// codeTo is the code in the last message to a number.
func (w *world) codeTo(i int) (code string) {
	for _, m := range w.notify.Accepted() {
		if m.To == strings.TrimPrefix(mobile(i), "+") {
			_, after, _ := strings.Cut(m.Body, " code ")
			code = after[:11]
		}
	}
	return code
}
