package courier_test

import (
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/incident"
)

// issue issues an alert to organisations, and returns the entry.
func (w *world) issue(severity incident.AlertSeverity, orgs ...incident.OrgID) incident.Seq {
	w.T.Helper()
	return w.Must(w.Do(w.Journal.SystemLog(), w.Stepped(w.lead), command.IssueAlert{Title: canary, Details: canary, Remediation: canary, Severity: severity, TLP: incident.Amber,
		Codes: orgs, Reach: len(orgs)})).Seq
}

// told are the messages that came through, by whom to.
func (w *world) told() map[string][]string {
	all := map[string][]string{}
	for _, m := range w.notify.Accepted() {
		all[m.To] = append(all[m.To], m.Body)
	}
	return all
}

// over reports whether nothing of so many messages waits.
func over(n int) func([]courier.State) bool {
	return func(all []courier.State) bool {
		for _, s := range all {
			switch s.State {
			case courier.Queued, courier.Sending, courier.Uncertain:
				return false
			}
		}
		return len(all) == n
	}
}

func TestAnAlertReachesTheContactsOfItsOrganisationsOnceAndAChaseThoseThatOwe(t *testing.T) {
	w := newWorld(t, opts{speed: 5})
	w.contact("X1N", "+447700900501", "ciso@x1n.example")
	w.contact("X2E", "+447700900502", "")
	w.contact("DSC", "+447700900503", "") // it does not go there
	c := w.node(nil)
	stop := w.run(c)
	root := w.issue(incident.AlertHigh, "X1N", "X2E")
	w.untilIn(w.Journal.SystemLog(), root, "three messages", over(3))
	told := w.told()
	if len(told) != 3 || len(told["447700900501"]) != 1 || len(told["447700900502"]) != 1 || len(told["ciso@x1n.example"]) != 1 {
		t.Fatalf("%v", told)
	}
	said := told["447700900501"][0]
	if !strings.Contains(said, "A cyber alert is issued to you (CC-0001). Confirm receipt at https://wardroom.example.nhs.uk/ack code ") || strings.Contains(said, canary) {
		t.Errorf("it says %q", said)
	}
	code := said[strings.Index(said, "code ")+5:][:11]
	if err := c.Acknowledge(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	w.untilIn(w.Journal.SystemLog(), root, "the acknowledgement", func(all []courier.State) bool {
		for _, s := range all {
			if s.Org == "X1N" && s.Channel == incident.BySMS && !s.Acknowledged.IsZero() {
				return true
			}
		}
		return false
	})
	sys, err := w.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := sys.Alert(1).Row("X1N"); r.State != incident.AlertIsSent {
		t.Errorf("a code that was typed answered for the organisation: it is %s", r.State)
	}

	// One answers; both are chased, one after the other.
	stop()
	sam := w.Person("Sam Okafor", "X1N")
	w.Must(w.Do(w.Journal.SystemLog(), w.lead, command.ChaseAlert{Alert: 1, Orgs: []incident.OrgID{"X1N", "X2E"}}))
	w.Must(w.Do(w.Journal.SystemLog(), sam, command.AcknowledgeAlert{AlertFor: command.AlertFor{Alert: 1, Orgs: []incident.OrgID{"X1N"}}}))
	w.run(w.node(nil))
	all := w.untilIn(w.Journal.SystemLog(), root, "the chase", over(6))
	for _, s := range all {
		if chase := strings.HasPrefix(s.Instance, "chase-"); chase && s.Org == "X1N" && s.Why != courier.Answered {
			t.Errorf("chased though they answered: %+v", s)
		}
	}
	told = w.told()
	if n := told["447700900502"]; len(n) != 2 || !strings.Contains(n[1], "A cyber alert waits for your answer (CC-0001)") || len(told["447700900501"]) != 1 || len(told["447700900503"]) != 0 {
		t.Errorf("%v", told)
	}
}

func TestAnAlertIsJudgedAgainWhenItsMessagesAreSent(t *testing.T) {
	w := newWorld(t, opts{speed: 20})
	left := w.contact("X1N", "+447700900511", "")
	w.contact("X1N", "+447700900512", "ciso@x1n.example")
	w.contact("X2E", "+447700900513", "")
	w.out.Store(true)
	c := w.node(nil)
	stop := w.run(c)
	system := w.Journal.SystemLog()
	first, second := w.issue(incident.AlertHigh, "X1N", "X2E"), w.issue(incident.AlertMedium, "X1N")
	w.untilIn(system, first, "what was asked for", func(all []courier.State) bool { return len(all) == 4 })
	w.untilIn(system, second, "an e-mail alone, of one that is not grave", func(all []courier.State) bool { return len(all) == 1 && all[0].Channel == incident.ByEmail })
	stop() // what was judged and is under way ends as it was judged
	if err := w.book.ForgetOrgContact(t.Context(), "X1N", left); err != nil {
		t.Fatal(err)
	}
	w.Must(w.Do(system, w.Person("Edie", "X2E"), command.AcknowledgeAlert{AlertFor: command.AlertFor{Alert: 1, Orgs: []incident.OrgID{"X2E"}}}))
	w.Must(w.Do(system, w.Stepped(w.lead), command.CloseAlert{Alert: 2, Reason: "issued twice"}))
	w.out.Store(false)
	w.run(w.node(nil))
	for _, s := range w.untilIn(system, first, "the end", over(4)) {
		want := courier.Why("")
		switch {
		case s.Recipient == left:
			want = courier.Gone
		case s.Org == "X2E":
			want = courier.Answered
		}
		if s.Why != want {
			t.Errorf("%s to %s of %s: %s %q, want %q", s.Channel, s.Recipient, s.Org, s.State, s.Why, want)
		}
	}
	if s := w.untilIn(system, second, "the end of the other", over(1))[0]; s.Why != courier.Over {
		t.Errorf("%+v", s)
	}
	if told := w.told(); len(told["447700900511"])+len(told["447700900513"]) != 0 || len(told["447700900512"]) != 1 || len(told["ciso@x1n.example"]) != 1 {
		t.Errorf("%v", told)
	}
}
