package command_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func TestAnActionIsForSomebodyWhoIsThereAndReceivesIt(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, sam, kim, ellis := tr.all[0], tr.Number(tr.all[3]), tr.Number(tr.all[4]), tr.Number(tr.all[5])
	for _, x := range []struct {
		why, field string
		c          command.RaiseAction
	}{
		{"no text", "text", command.RaiseAction{For: incident.Assignee{Org: "X1N"}}},
		{"no organisation", "for.org", command.RaiseAction{Text: "x"}},
		{"an organisation that is not here", "for.org", command.RaiseAction{Text: "x", For: incident.Assignee{Org: "ZZZ"}}},
		{"one that only watches", "for.org", command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X3F"}}},
		{"nobody", "for.member", command.RaiseAction{Text: "x", For: incident.Assignee{Member: 77, Org: "X1N"}}},
		{"a person of another organisation", "for.member", command.RaiseAction{Text: "x", For: incident.Assignee{Member: ellis, Org: "X1N"}}},
		{"a person who does not receive it", "for.member", command.RaiseAction{Text: "x", For: incident.Assignee{Member: ellis, Org: "X2E"},
			Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToHosts}}}},
		{"an organisation that does not receive it", "for.org", command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X2E"},
			Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{sam}}}}},
		{"a time that has passed", "due", command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X1N"}, Due: incident.At(tr.Now.Add(-time.Hour))}},
		{"a decision that is none", "decision", command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X1N"}, Decision: 4}},
	} {
		_, err := tr.Do(lead, x.c)
		refusal(t, x.why, err, incident.Invalid, "["+x.field+"]")
	}
	root := tr.Must(lead, command.RaiseAction{Text: "Switch it off", For: incident.Assignee{Org: "X1N"}, Due: incident.At(tr.Now.Add(time.Hour)),
		Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{kim}}}})
	if a := tr.Objects[root].Action; a.State != incident.ActionIsRaised || a.For.Org != "X1N" || a.Due.IsZero() || !a.Unfinished() {
		t.Errorf("raised as %+v", a)
	}
	// Of the organisation, who receives it accepts it; the other does not know of it.
	_, err := tr.Do(tr.all[3], command.AcceptAction{Root: root, Seen: tr.head()})
	refusal(t, "one of theirs who does not receive it", err, incident.NotFound)
	tr.Must(tr.all[4], command.AcceptAction{Root: root, Seen: tr.head()})
	_, err = tr.Do(tr.all[6], command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X1N"}})
	refusal(t, "raised by an observer", err, incident.Forbidden)
}

func TestOnlyThoseItIsForAnswerAndTheHostsChase(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, sam, kim, ellis := tr.all[0], tr.all[3], tr.all[4], tr.all[5]
	root := tr.Must(lead, command.RaiseAction{Text: "Switch it off", For: incident.Assignee{Member: tr.Number(sam), Org: "X1N"}})
	seen := tr.head()
	theirs := []command.Command{command.AcceptAction{Root: root, Seen: seen}, command.DeclineAction{Root: root, Reason: "x", Seen: seen},
		command.FinishAction{Root: root, Evidence: "x", Seen: seen}, command.HandAction{Root: root, For: incident.Assignee{Org: "X2E"}, Reason: "x", Seen: seen}}
	for _, who := range []incident.Actor{lead, kim, ellis, tr.all[6]} {
		for _, c := range theirs {
			_, err := tr.Do(who, c)
			refusal(t, fmt.Sprintf("%T by %s", c, who.Name), err, incident.Forbidden, "Only those it is for", "chase")
		}
	}
	for _, who := range []incident.Actor{sam, kim} {
		_, err := tr.Do(who, command.ChaseAction{Root: root})
		refusal(t, "a guest chasing", err, incident.Forbidden)
	}
	tr.Must(lead, command.ChaseAction{Root: root, Text: "Any news?"})
	_, err := tr.Do(ellis, command.WithdrawAction{Root: root, Reason: "x", Seen: tr.head()})
	refusal(t, "withdrawn by a stranger to it", err, incident.Forbidden)

	_, err = tr.Do(sam, command.FinishAction{Root: root, Evidence: "x", Seen: tr.head()})
	refusal(t, "done before it was accepted", err, incident.Conflict, "awaits an answer", "Accept or decline it first")
	_, err = tr.Do(sam, command.DeclineAction{Root: root, Seen: tr.head()})
	refusal(t, "declined without a reason", err, incident.Invalid, "[reason]")
	accepted := tr.Must(sam, command.AcceptAction{Root: root, Seen: seen}) // that it was chased changes nothing
	_, err = tr.Do(sam, command.DeclineAction{Root: root, Reason: "x", Seen: seen})
	refusal(t, "declined after it was accepted", err, incident.Conflict, "was accepted", fmt.Sprintf("in entry %d", accepted), "hand it on")
	_, err = tr.Do(lead, command.WithdrawAction{Root: root, Reason: "x", Seen: seen})
	refusal(t, "withdrawn by one who has not seen that it was accepted", err, incident.Conflict, fmt.Sprintf("Entry %d changed this action", accepted))
	_, err = tr.Do(sam, command.FinishAction{Root: root, Seen: tr.head()})
	refusal(t, "done without evidence", err, incident.Invalid, "[evidence]")
	secret := tr.Must(lead, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToHosts}})
	_, err = tr.Do(sam, command.FinishAction{Root: root, Evidence: "x", Cites: []incident.Seq{secret}, Seen: tr.head()})
	refusal(t, "citing what they do not see", err, incident.Invalid, "[cites]")
	done := tr.Must(sam, command.FinishAction{Root: root, Evidence: "It is dark", Cites: []incident.Seq{4}, Seen: tr.head()})
	if got := tr.Events[done].Refs.Cites; !slices.Equal(got, []incident.Seq{4}) {
		t.Errorf("the evidence cites %v", got)
	}
	for _, c := range []command.Command{command.FinishAction{Root: root, Evidence: "x", Seen: tr.head()}, command.HandAction{Root: root, For: incident.Assignee{Org: "X2E"}, Reason: "x", Seen: tr.head()}} {
		_, err = tr.Do(sam, c)
		refusal(t, fmt.Sprintf("%T once done", c), err, incident.Conflict, "was done", "nothing left to do")
	}
	for _, c := range []command.Command{command.ChaseAction{Root: root}, command.WithdrawAction{Root: root, Reason: "x", Seen: tr.head()}} {
		_, err = tr.Do(lead, c)
		refusal(t, fmt.Sprintf("%T once done", c), err, incident.Conflict)
	}
}

func TestWhatIsHandedOnIsAnsweredAnewByWhoeverGetsIt(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, sam, kim, ellis := tr.all[0], tr.all[3], tr.all[4], tr.all[5]
	mark := command.Chosen{Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"DSC", "X1N"}}}
	root := tr.Must(lead, command.RaiseAction{Text: "Switch it off", For: incident.Assignee{Org: "X1N"}, Chosen: mark})
	tr.Must(sam, command.AcceptAction{Root: root, Seen: tr.head()})
	seen := tr.head()
	for why, c := range map[string]command.HandAction{
		"to whom it is for":         {Root: root, For: incident.Assignee{Org: "X1N"}, Reason: "x", Seen: seen},
		"to whom does not see it":   {Root: root, For: incident.Assignee{Member: tr.Number(ellis), Org: "X2E"}, Reason: "x", Seen: seen},
		"to those who do not":       {Root: root, For: incident.Assignee{Org: "X2E"}, Reason: "x", Seen: seen},
		"without saying why":        {Root: root, For: incident.Assignee{Member: tr.Number(kim), Org: "X1N"}, Seen: seen},
		"to nobody of organisation": {Root: root, For: incident.Assignee{Member: tr.Number(kim), Org: "X2E"}, Reason: "x", Seen: seen},
	} {
		_, err := tr.Do(sam, c)
		refusal(t, why, err, incident.Invalid)
	}
	handed := tr.Must(sam, command.HandAction{Root: root, For: incident.Assignee{Member: tr.Number(kim), Org: "X1N"}, Reason: "Kim is on site", Seen: seen})
	// Sam, who has not seen it go, is told where it went; then that it is Kim's.
	_, err := tr.Do(sam, command.FinishAction{Root: root, Evidence: "x", Seen: seen})
	refusal(t, "on an older view", err, incident.Conflict, fmt.Sprintf("Entry %d changed", handed), "was handed on")
	_, err = tr.Do(sam, command.FinishAction{Root: root, Evidence: "x", Seen: tr.head()})
	refusal(t, "no more theirs", err, incident.Forbidden, "Only those it is for")
	_, err = tr.Do(kim, command.FinishAction{Root: root, Evidence: "x", Seen: tr.head()})
	refusal(t, "not yet accepted anew", err, incident.Conflict, "Accept or decline")
	tr.Must(kim, command.DeclineAction{Root: root, Reason: "I am not", Seen: tr.head()})
	_, err = tr.Do(kim, command.AcceptAction{Root: root, Seen: tr.head()})
	refusal(t, "accepted once declined", err, incident.Conflict, "was declined", "Raise another")
}

func TestAnActionOfADecisionCitesItAndIsKeptAsItIs(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, sam := tr.all[0], tr.all[3]
	c := decided(1)
	c.Chosen = command.Chosen{TLP: incident.Amber, Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"DSC", "X1N"}}}
	root := tr.Must(lead, c)
	raise := command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X1N"}, Decision: root}
	action := tr.Must(lead, raise)
	if e := tr.Events[action]; !slices.Equal(e.Refs.Cites, []incident.Seq{root}) || e.Marking.TLP != incident.Amber || !e.Marking.Audience.Equal(tr.Objects[root].Marking.Audience) {
		t.Errorf("raised with %+v, marked %+v", e.Refs, e.Marking)
	}
	raise.For.Org = "X2E"
	_, err := tr.Do(lead, raise)
	refusal(t, "for whom the decision does not reach", err, incident.Invalid, "[for.org]")
	raise.Audience = &incident.Audience{Kind: incident.ToRoom} // its own words; the decision is cited by number only
	tr.Must(lead, raise)
	_, hidden := tr.Do(tr.all[5], command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X2E"}, Decision: root})
	refusal(t, "of a decision they do not see", hidden, incident.Invalid, "[decision]")

	put := tr.Must(lead, command.ProposeDecision{Decision: "x"})
	_, err = tr.Do(lead, command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X1N"}, Decision: put})
	refusal(t, "of what is only proposed", err, incident.Conflict, "Nobody has taken it yet")
	again := decided(1)
	again.Supersedes = root
	tr.Must(lead, again)
	_, err = tr.Do(lead, command.RaiseAction{Text: "x", For: incident.Assignee{Org: "X1N"}, Decision: root})
	refusal(t, "of what stands no more", err, incident.Conflict, "was superseded")
	for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
		tr.Must(lead, command.MoveRoom{To: to})
	}
	for _, c := range []command.Command{raise, command.ChaseAction{Root: action}} {
		_, err = tr.Do(lead, c)
		refusal(t, fmt.Sprintf("%T in a closed room", c), err, incident.Conflict, "closed")
	}
	_, err = tr.Do(sam, command.AcceptAction{Root: action, Seen: tr.head()})
	refusal(t, "accepting in a closed room", err, incident.Conflict, "closed")
}
