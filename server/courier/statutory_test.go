package courier_test

import (
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// The house's reminders come when they are due: the pager is what carries them
// out, and here the test is.
func (w *world) remind() {
	w.T.Helper()
	room, err := w.Journal.Room(w.T.Context(), w.room)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, timer := range room.Timers() {
		if !timer.Due.After(time.Now()) {
			w.Must(w.Do(w.room, incident.Actor{System: true}, command.Fire{Timer: timer.ID}))
		}
	}
}

func TestWhoOwnsAStatutoryClockIsRemindedOfItAndWhoDoesNotIsNot(t *testing.T) {
	w := newWorld(t, opts{})
	sam, ana, reads, other := w.Person("Sam Okafor", "X1N"), w.Person("Ana Reed", "X1N"), w.Person("Oz Hall", "X1N"), w.Person("Ellis Byrne", "X2E")
	for i, p := range []incident.Actor{sam, ana, reads, other} {
		role := incident.Representative
		if i == 2 {
			role = incident.Observer
		}
		w.Join(w.room, w.lead, p, role, incident.FromJoin)
		w.reach(p, []string{"+447700900521", "+447700900522", "+447700900523", "+447700900524"}[i], "")
	}
	stop := w.run(w.node(nil))
	aware := incident.At(time.Now().Add(-100 * time.Hour))
	root := w.Must(w.Do(w.room, sam, command.StartClock{Statute: incident.GDPR33, Aware: aware, Known: canary})).Seq
	w.remind()
	s := w.came(root)
	if s.Recipient != string(sam.Person) || s.Purpose != notify.NeededClock || !strings.HasPrefix(s.Instance, "reminder-") {
		t.Fatalf("%+v", s)
	}
	// Its words are those of an action: a text message says no more than that.
	if said := w.told()["447700900521"]; len(said) != 1 || !strings.Contains(said[0], "You are needed: an action is yours (INC-") || strings.Contains(said[0], canary) {
		t.Errorf("%q", said)
	}
	for _, number := range []string{"447700900522", "447700900523", "447700900524"} {
		if said := w.told()[number]; len(said) > 0 {
			t.Errorf("%s was told %q", number, said)
		}
	}
	// Whom it is handed to is told; and a host's reminder goes to them alone.
	room, err := w.Journal.Room(t.Context(), w.room)
	if err != nil {
		t.Fatal(err)
	}
	w.Must(w.Do(w.room, sam, command.HandClock{Root: root, Owner: room.Member(ana.Person).Number, Reason: "she is on shift"}))
	w.until(root, "Ana's message", func(all []courier.State) bool {
		for _, s := range all {
			if s.Recipient == string(ana.Person) && s.Channel == incident.BySMS && (s.State == courier.Sent || s.State == courier.Delivered) {
				return true
			}
		}
		return false
	})
	w.clock.skip(20 * time.Minute)
	// One that was seen to meanwhile is asked after by nobody.
	stopped := w.Must(w.Do(w.room, ana, command.StartClock{Statute: incident.NIS, Aware: aware})).Seq
	w.out.Store(true)
	w.remind()
	w.until(stopped, "the reminder", func(all []courier.State) bool { return len(all) == 2 })
	stop() // what was judged and is under way ends as it was judged
	w.Must(w.Do(w.room, ana, command.EvidenceClock{Root: stopped, Reference: "IC-1", Done: incident.At(aware.Add(time.Hour))}))
	w.out.Store(false)
	w.run(w.node(nil))
	w.clock.skip(2 * time.Minute)
	if s := w.came(stopped); s.Why != courier.Answered {
		t.Errorf("%+v", s)
	}
}

func TestWhoTakesOverIsAskedToAcceptAndNobodyOnceItIsTakenBack(t *testing.T) {
	w := newWorld(t, opts{})
	next := w.Person("Dee Hart", "DSC")
	number := w.Join(w.room, w.lead, next, incident.Liaison, incident.Full)
	w.reach(next, "+447700900531", "dee@dsc.example")
	stop := w.run(w.node(nil))
	sign := command.SignHandover{Post: incident.IncidentLead, To: number, IIMARCH: incident.IIMARCH{Information: canary, Intent: canary, Risk: canary}}
	root := w.Must(w.Do(w.room, w.Stepped(w.lead), sign)).Seq
	if s := w.came(root); s.Recipient != string(next.Person) || s.Purpose != notify.NeededHandover || s.State == courier.NotSent {
		t.Fatalf("%+v", s)
	}
	if said := w.told()["447700900531"]; len(said) != 1 || !strings.Contains(said[0], "You are needed: a role is yours (INC-") || strings.Contains(said[0], canary) {
		t.Errorf("%q", said)
	}
	stop()
	w.Must(w.Do(w.room, w.lead, command.WithdrawHandover{Root: root, Reason: "not yet"}))
	w.clock.skip(10 * time.Minute)
	again := w.Must(w.Do(w.room, w.Stepped(w.lead), sign)).Seq
	w.out.Store(true)
	stop = w.run(w.node(nil))
	w.until(again, "both messages", func(all []courier.State) bool { return len(all) == 2 })
	stop()
	w.Must(w.Do(w.room, w.lead, command.WithdrawHandover{Root: again, Reason: "not yet"}))
	w.out.Store(false)
	w.run(w.node(nil))
	w.clock.skip(2 * time.Minute)
	if s := w.came(again); s.Why != courier.Answered {
		t.Errorf("%+v", s)
	}
}
