package command_test

import (
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func (c *chain) handover(to incident.Actor) command.SignHandover {
	return command.SignHandover{Post: incident.IncidentLead, To: c.Member(to).Number, IIMARCH: incident.IIMARCH{Information: "Two trusts", Intent: "Contain it", Risk: "A third"}}
}

func TestCommandPassesAtAcceptanceAndNotBefore(t *testing.T) {
	c := newChain(t)
	sign := c.handover(c.second)
	c.refused(t, c.tactical, sign, incident.Forbidden, "Only whoever holds the post")
	c.refused(t, c.guest, sign, incident.Forbidden, "Only whoever holds the post")
	c.refused(t, c.Lead, sign, incident.StepUp, "")
	empty := sign
	empty.IIMARCH.Risk = " "
	c.refused(t, fresh(c.Lead, c), empty, incident.Invalid, "Enter some text")
	self := sign
	self.To = 1
	c.refused(t, fresh(c.Lead, c), self, incident.Invalid, "somebody else")
	outside := c.handover(c.guest)
	c.refused(t, fresh(c.Lead, c), outside, incident.Invalid, "one of the hosts")
	root := c.Must(fresh(c.Lead, c), sign)
	if c.Room.Holder(incident.IncidentLead) != nil || c.Member(c.second).Role == incident.Lead {
		t.Fatal("it passed when it was signed")
	}
	c.refused(t, fresh(c.Lead, c), c.handover(c.first), incident.Conflict, "already, and waits for")
	accept := command.AcceptHandover{Root: root, Seen: c.Room.Head}
	c.refused(t, fresh(c.first, c), accept, incident.Forbidden, "somebody else")
	c.refused(t, fresh(c.guest, c), accept, incident.NotFound, "") // it went to the hosts
	c.refused(t, c.second, accept, incident.StepUp, "")
	c.refused(t, c.Lead, command.TightenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}}, incident.Invalid, "")
	c.Must(fresh(c.second, c), accept)
	h := c.Room.Holder(incident.IncidentLead)
	if h == nil || h.Member != c.Member(c.second).Number || c.Member(c.second).Role != incident.Lead || c.Member(c.second).Tier() != incident.Tactical {
		t.Fatalf("%+v, role %s", h, c.Member(c.second).Role)
	}
	if len(c.Room.Handovers) != 0 || c.Room.HandedSince(incident.IncidentLead) != root+1 {
		t.Errorf("the fold keeps %v, handed over at %d", c.Room.Handovers, c.Room.HandedSince(incident.IncidentLead))
	}
	c.refused(t, fresh(c.second, c), accept, incident.Conflict, "was accepted in entry")
	c.refused(t, fresh(c.Lead, c), c.handover(c.first), incident.Forbidden, "Only whoever holds the post")

	// The next covers what came since, and can be declined and taken back.
	next := c.Must(fresh(c.second, c), c.handover(c.first))
	if got := c.Objects[next].Body.(*incident.HandoverSigned).Since; got != root+1 {
		t.Errorf("it covers what came since %d", got)
	}
	c.refused(t, c.first, command.DeclineHandover{Root: next, Seen: c.Room.Head}, incident.Invalid, "")
	c.Must(c.first, command.DeclineHandover{Root: next, Reason: "I am on call elsewhere"})
	again := c.Must(fresh(c.second, c), c.handover(c.first))
	c.Must(c.second, command.WithdrawHandover{Root: again, Reason: "Too early"})
	if h := c.Room.Holder(incident.IncidentLead); h.Member != c.Member(c.second).Number {
		t.Errorf("it is with %d", h.Member)
	}
}

func TestAHandoverByWhoHoldsThePostNoMoreCannotBeAccepted(t *testing.T) {
	c := newChain(t)
	post := c.Must(c.Lead, command.AssignPost{Post: incident.TacticalCommander, Member: c.Member(c.first).Number, Deputy: c.Member(c.tactical).Number})
	c.Must(c.first, command.AcknowledgePost{Root: post})
	sign := c.handover(c.second)
	sign.Post = incident.TacticalCommander
	root := c.Must(fresh(c.first, c), sign)
	c.Must(fresh(c.tactical, c), command.AssumePost{Post: incident.TacticalCommander, Reason: "She cannot be reached"})
	c.refused(t, fresh(c.second, c), command.AcceptHandover{Root: root}, incident.Conflict, "has passed to Tess Dunn")
	// Whoever holds it now is not kept from handing it over.
	sign.To = c.Member(c.second).Number
	next := c.Must(fresh(c.tactical, c), sign)
	if o := c.Objects[root].Handover; o.State != incident.HandoverIsWithdrawn || c.Room.HandoverOf(incident.TacticalCommander).Root != next {
		t.Errorf("the one before is %s", o.State)
	}
	c.Must(fresh(c.second, c), command.AcceptHandover{Root: next})
	if h := c.Room.Holder(incident.TacticalCommander); h.Member != c.Member(c.second).Number || c.Member(c.tactical).Role != incident.Deputy {
		t.Errorf("%+v", h)
	}
}
