package courier_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// broadcast has the hosts agree to tell these contacts, and returns the
// broadcast's root.
func (w *world) broadcast(purpose incident.BroadcastPurpose, wants []courier.Want) incident.Seq {
	w.T.Helper()
	var to []directory.To
	for _, x := range wants {
		to = append(to, directory.To{Contact: x.Contact, Org: x.Org, Role: incident.CISO, SMS: x.ChannelID})
	}
	count := incident.BroadcastCount{Contacts: len(to), Texts: len(to), Fragments: len(to), Orgs: 1}
	l, err := w.book.Freeze(w.T.Context(), w.room, incident.RandomID(), count, to)
	if err != nil {
		w.T.Fatal(err)
	}
	asked := w.Must(w.Do(w.room, w.lead, command.AskBroadcast{Purpose: purpose, Chosen: incident.Contacted{Types: []incident.OrgType{incident.Acute}}, Count: l.Count, List: l.ID, Hash: hex.EncodeToString(l.Hash[:])}))
	return asked.Seq
}

// grave makes the incident one that organisations are told of, and brings the
// other host in.
func (w *world) grave() (other incident.Actor) {
	w.T.Helper()
	w.Must(w.Do(w.room, w.lead, command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: 4}, Reason: canary}))
	other = w.Person("Nat Cole", "NCSC")
	w.Join(w.room, w.lead, other, incident.Liaison, incident.Full)
	return other
}

func stepped(a incident.Actor) incident.Actor {
	a.StepUp = time.Now()
	return a
}

// count waits until so many messages about an entry stand in the stage.
func (w *world) count(c *courier.Courier, root incident.Seq, stage courier.Stage, want int) {
	w.T.Helper()
	got := 0
	for range 1200 {
		counts, err := c.Counts(w.T.Context(), w.room, root)
		if err != nil {
			w.T.Fatal(err)
		}
		got = 0
		for _, n := range counts {
			if n.State == stage {
				got += n.Messages
			}
		}
		if got == want {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	w.T.Fatalf("%d messages about entry %d are %s, want %d", got, root, stage, want)
}

func TestABroadcastReachesEachContactOnceWhenTheOtherHostAgrees(t *testing.T) {
	w := newWorld(t, opts{speed: 10, fate: func(_ int, to string) notify.Status { return notify.Delivered }})
	wants := w.contacts(12, mobile)
	other := w.grave()
	c := w.node(nil)
	stop := w.run(c)
	first, second := w.broadcast(incident.BroadcastRaised, wants[:8]), w.broadcast(incident.BroadcastRaised, wants[4:])
	if counts, err := c.Counts(t.Context(), w.room, first); err != nil || len(counts) != 0 {
		t.Fatalf("before anybody agreed: %v, %v", counts, err)
	}
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: first}))
	w.count(c, first, courier.Delivered, 8)
	stop() // the node dies, and another goes on
	c = w.node(nil)
	w.run(c)
	time.Sleep(time.Millisecond)
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: second}))
	w.count(c, second, courier.Delivered, 4) // the others were told by the first
	w.count(c, first, courier.Delivered, 8)
	got := map[string]int{}
	for _, m := range w.notify.Accepted() {
		got[m.To]++
		if strings.Contains(m.Body+m.Subject+m.Reference, canary) {
			t.Errorf("a message says %q", m.Body)
		}
	}
	for i := range 12 {
		if n := got[strings.TrimPrefix(mobile(i), "+")]; n != 1 {
			t.Errorf("number %d got %d messages", i, n)
		}
	}

	// One that is refused goes to nobody, and a contact who left is not told.
	third := w.broadcast(incident.BroadcastUpdate, wants[:3])
	if err := w.book.ForgetOrgContact(t.Context(), wants[0].Org, wants[0].Contact); err != nil {
		t.Fatal(err)
	}
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: third}))
	w.count(c, third, courier.NotSent, 1)
	fourth := w.broadcast(incident.BroadcastUpdate, wants)
	w.Must(w.Do(w.room, other, command.RefuseBroadcast{Root: fourth, Reason: "no"}))
	time.Sleep(2 * time.Second)
	w.count(c, fourth, courier.Queued, 0)
	w.count(c, fourth, courier.Delivered, 0)
}

func TestAStoppedBroadcastEndsWhatWaits(t *testing.T) {
	w := newWorld(t, opts{speed: 10})
	wants := w.contacts(3, mobile)
	other := w.grave()
	w.down = func() bool { return true } // nothing goes out, so all of it waits
	c := w.node(nil)
	w.run(c)
	root := w.broadcast(incident.BroadcastRaised, wants)
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: root}))
	w.total(c, root, 3)
	w.Must(w.Do(w.room, other, command.StopBroadcast{Root: root, Reason: "wrong list"}))
	w.count(c, root, courier.Queued, 0)
	w.count(c, root, courier.Delivered, 0)
}

func TestWhatAStopFoundUnderWayIsNotSentAfterIt(t *testing.T) {
	w := newWorld(t, opts{speed: 10, fate: func(_ int, to string) notify.Status { return notify.Temporary }})
	wants := w.contacts(1, mobile)
	other := w.grave()
	c := w.node(nil)
	w.run(c)
	root := w.broadcast(incident.BroadcastRaised, wants)
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: root}))
	w.count(c, root, courier.Temporary, 1)
	w.Must(w.Do(w.room, other, command.StopBroadcast{Root: root, Reason: "wrong list"}))
	sent := len(w.notify.Accepted())
	list, err := c.States(t.Context(), w.room, root, courier.Page{})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := c.Retry(t.Context(), w.room, root, list[0].ID); err != nil {
		t.Fatal(err)
	}
	w.count(c, root, courier.NotSent, 1)
	if got := len(w.notify.Accepted()); got != sent {
		t.Errorf("%d messages went out after it was stopped", got-sent)
	}
}

// total waits until there are so many messages about an entry.
func (w *world) total(c *courier.Courier, root incident.Seq, want int) {
	w.T.Helper()
	for range 400 {
		list, err := c.States(w.T.Context(), w.room, root, courier.Page{})
		if err != nil {
			w.T.Fatal(err)
		}
		if len(list) == want {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	w.T.Fatalf("there are not %d messages about entry %d", want, root)
}
