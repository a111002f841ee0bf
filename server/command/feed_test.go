package command_test

import (
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// The log before can say nothing more; the section after it says that what let
// machines in has ended, and lets none in.
func TestASectionSaysThatTheFeedsOfTheOneBeforeHaveEnded(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead := tr.Stepped(tr.Lead)
	for _, id := range []string{"a", "b"} {
		tr.Must(lead, command.OpenFeed{ID: id, Name: "SIEM", Org: "X1N", Expires: tr.Now.Add(24 * time.Hour)})
	}
	tr.Must(lead, command.CloseFeed{Root: tr.Room.FeedOf("b").Root})
	events, err := command.Decide(command.Input{State: incident.NewRoom("next"), Actor: lead, Now: tr.Now},
		command.ContinueRoom{Was: tr.Room, After: tr.Room.ID, Break: incident.Break{State: incident.Behind}, Genesis: incident.Genesis{}})
	if err != nil {
		t.Fatal(err)
	}
	next := incident.NewRoom("next")
	for _, e := range events {
		next.Apply(e)
	}
	f := next.FeedOf("a")
	if f == nil || f.Closed.IsZero() || f.Why != incident.FeedSection || policy.FeedReader(next, f, tr.Now) != nil {
		t.Errorf("in the next section the feed is %+v", f)
	}
	if next.FeedOf("b") != nil {
		t.Error("one that had ended is told of again")
	}
}
