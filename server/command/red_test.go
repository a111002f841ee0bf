package command_test

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// red is an entry of Sam's of X1N, for the people named and him.
func (tr *troupe) red(also ...incident.MemberNo) incident.Seq {
	return tr.Must(tr.all[3], command.PublishItem{Item: plainItem("x"), Chosen: command.Chosen{TLP: incident.Red, Audience: members(also...)}})
}

func TestREDIsLoweredByTwoPeopleOfItsOriginatorEachWithAFreshSecondFactor(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, sam, kim, ellis := tr.Stepped(tr.Lead), tr.all[3], tr.all[4], tr.all[5]
	n := tr.red(1, 5, 6) // the lead, Kim of X1N, Ellis of X2E
	lower := command.WidenEntry{Root: n, TLP: incident.Amber, Reason: "it is in the press"}
	stale := sam
	stale.StepUp = tr.Now.Add(-incident.StepUpFor)
	refused(t, tr, stale, lower, incident.StepUp, "without a second factor of the last hour")
	refused(t, tr, tr.Stepped(ellis), lower, incident.Forbidden, "by another organisation")
	fresh := sam
	fresh.StepUp = tr.Now.Add(-time.Minute)
	ask := tr.Must(fresh, lower)
	if e := tr.Events[ask]; e.Kind != "release.requested" || e.Authority.StepUp != incident.At(fresh.StepUp) || tr.Objects[n].Marking.TLP != incident.Red {
		t.Fatalf("one person's word: %s, %+v; it is %s", e.Kind, e.Authority, tr.Objects[n].Marking.TLP)
	}
	if got := tr.reach(ask); !slices.Equal(got, []incident.MemberNo{4, 5}) {
		t.Errorf("the question is read by %v", got)
	}
	agree := command.AnswerRelease{Root: ask, Entry: n, Grant: true}
	refused(t, tr, fresh, agree, incident.Forbidden, "by who asked")
	refused(t, tr, lead, agree, incident.NotFound, "by a lead, while somebody of its originator could")
	refused(t, tr, tr.Stepped(ellis), agree, incident.NotFound, "by a reader of another organisation")
	kim.StepUp = tr.Now.Add(-2 * time.Hour)
	refused(t, tr, kim, agree, incident.StepUp, "without a second factor")
	kim = tr.Stepped(kim)
	refused(t, tr, kim, command.AnswerRelease{Root: ask, Entry: n, Grant: true, TLP: incident.Clear}, incident.Invalid, "to more than was asked")
	events, err := tr.Do(kim, agree)
	if err != nil || len(events) != 2 || events[1].Root != n || events[1].Authority.StepUp != incident.At(kim.StepUp) {
		t.Fatal(events, err)
	}
	if o := tr.Objects[n]; o.Marking.TLP != incident.Amber || !slices.Equal(tr.reach(n), []incident.MemberNo{1, 4, 5, 6}) {
		t.Errorf("agreed, it is %+v", o.Marking)
	}
	refused(t, tr, kim, agree, incident.Conflict, "a second time")

	// A refusal leaves it as it is, and so does silence.
	n = tr.red(5)
	ask = tr.Must(fresh, command.WidenEntry{Root: n, TLP: incident.Green, Reason: "r"})
	tr.Must(kim, command.AnswerRelease{Root: ask, Entry: n, Why: "not yet"})
	if tr.Objects[n].Marking.TLP != incident.Red {
		t.Error("a refusal lowered it")
	}
	refused(t, tr, kim, command.AnswerRelease{Root: ask, Entry: n, Grant: true}, incident.Conflict, "after the refusal")
	// Naming one more reader lowers nothing and takes one person.
	tr.Must(fresh, command.WidenEntry{Root: n, Audience: members(4, 5, 6), Reason: "r"})
	if tr.Objects[n].Marking.TLP != incident.Red {
		t.Error("another reader lowered it")
	}
}

func TestWhereNobodyElseOfItsOriginatorReadsREDALeadWhoDoesIsTheSecondPerson(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam, dev := tr.Stepped(tr.all[3]), tr.Stepped(tr.all[1])
	lower := command.WidenEntry{TLP: incident.Amber, Reason: "r"}
	lower.Root = tr.red(6)
	refused(t, tr, sam, lower, incident.Conflict, "with nobody to agree")
	lower.Root = tr.red(2, 6)
	ask := tr.Must(sam, lower)
	if got := tr.reach(ask); !slices.Equal(got, []incident.MemberNo{2, 4}) {
		t.Errorf("the question is read by %v", got)
	}
	tr.Must(dev, command.AnswerRelease{Root: ask, Entry: lower.Root, Grant: true})
	if tr.Objects[lower.Root].Marking.TLP != incident.Amber {
		t.Error("agreed, and not lowered")
	}
	// Whoever asked and is gone speaks for nobody.
	lower.Root = tr.red(2)
	ask = tr.Must(sam, lower)
	tr.Must(tr.Stepped(tr.Lead), command.RemoveMember{Root: tr.Member(sam).Root})
	refused(t, tr, dev, command.AnswerRelease{Root: ask, Entry: lower.Root, Grant: true}, incident.Conflict, "for who is gone")
}

func TestAReleaseThatWouldLowerREDWaitsForASecondPersonOfItsOriginator(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam, kim, ellis := tr.Stepped(tr.all[3]), tr.Stepped(tr.all[4]), tr.all[5]
	n := tr.red(5, 6)
	wish := tr.Must(ellis, command.RequestRelease{Root: n, Why: "our supplier must know", TLP: incident.Amber})
	ask := tr.Must(sam, command.AnswerRelease{Root: wish, Entry: n, Grant: true})
	body := tr.Events[ask].Body.(*incident.ReleaseRequested)
	if tr.Objects[n].Marking.TLP != incident.Red || tr.Objects[wish].Asked.Answered != 0 || body.For != wish || body.Why == "our supplier must know" {
		t.Fatalf("one person granted it: %+v", body)
	}
	refused(t, tr, kim, command.AnswerRelease{Root: ask, Entry: n, Grant: true}, incident.NotFound, "without the request it is about")
	tr.Must(kim, command.AnswerRelease{Root: ask, Entry: n, For: wish, Grant: true})
	if o := tr.Objects[wish]; tr.Objects[n].Marking.TLP != incident.Amber || o.Asked.Answered == 0 || !o.Asked.Granted {
		t.Errorf("agreed by two: %s, %+v", tr.Objects[n].Marking.TLP, o.Asked)
	}
	if policy.MaySecond(tr.Room, tr.Member(ellis), tr.Sight(n), 4) {
		t.Error("another organisation's reader may be the second")
	}
}
