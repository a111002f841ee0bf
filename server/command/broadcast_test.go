package command_test

import (
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// tellers are those of both hosts, and a guest, in a room at level 4.
type tellers struct {
	*chain
	ncsc, deputy incident.Actor
}

func newTellers(t *testing.T) *tellers {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	c := &tellers{chain: &chain{Paper: p}}
	c.ncsc, c.deputy, c.guest = p.Join("Nat Cole", "NCSC", incident.Liaison, incident.Full), p.Join("Dev Rao", "DSC", incident.Deputy, incident.Full), p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)
	return c
}

func (c *tellers) grave(level int) {
	c.Must(c.Lead, command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: level}, Reason: "three regions"})
}

func ask(more func(*command.AskBroadcast)) command.AskBroadcast {
	a := command.AskBroadcast{Purpose: incident.BroadcastRaised, Chosen: incident.Contacted{Types: []incident.OrgType{incident.Ambulance}},
		Count: incident.BroadcastCount{Orgs: 3, Contacts: 5, Texts: 4, Fragments: 4, Emails: 5}, List: incident.RandomID(), Hash: strings.Repeat("ab", 32)}
	if more != nil {
		more(&a)
	}
	return a
}

func TestABroadcastGoesOutWhenAPersonOfTheOtherHostAgrees(t *testing.T) {
	c := newTellers(t)
	c.grave(4)
	root := c.Must(c.Lead, ask(nil))
	o := c.Objects[root]
	if o.Marking.Audience.Kind != incident.ToHosts {
		t.Errorf("it is for %v", o.Marking.Audience)
	}
	yes := command.ApproveBroadcast{Root: root}
	c.refused(t, c.Stepped(c.Lead), yes, incident.Forbidden, "the other host")
	c.refused(t, c.Stepped(c.deputy), yes, incident.Forbidden, "the other host")
	c.refused(t, c.Stepped(c.guest), yes, incident.NotFound, "")
	c.refused(t, c.ncsc, yes, incident.StepUp, "second factor anew")
	c.Must(c.Stepped(c.ncsc), yes)
	if b := c.Objects[root].Broadcast; b.State != incident.BroadcastIsApproved || !b.Goes() || len(c.Room.Broadcasts) != 0 {
		t.Errorf("it is %s; %d wait", b.State, len(c.Room.Broadcasts))
	}
	c.refused(t, c.Stepped(c.ncsc), yes, incident.Conflict, "was approved in entry")
	// One second factor is good for one such act.
	second, stepped := c.Must(c.Lead, ask(nil)), c.Stepped(c.ncsc)
	third := c.Must(c.Lead, ask(nil))
	c.Must(stepped, command.ApproveBroadcast{Root: second})
	c.refused(t, stepped, command.ApproveBroadcast{Root: third}, incident.StepUp, "anew")
	c.Must(c.ncsc, command.RefuseBroadcast{Root: third, Reason: "told by telephone"})
}

func TestAfterFiveMinutesOneLeadMaySendABroadcastAloneWithAReason(t *testing.T) {
	c := newTellers(t)
	c.grave(4)
	root := c.Must(c.Lead, ask(nil))
	alone := command.SendAlone{Root: root, Reason: "nobody of the NCSC answers"}
	c.refused(t, c.Stepped(c.Lead), alone, incident.Conflict, "The other host has until")
	c.Now = c.Objects[root].Broadcast.Asked.Add(5*time.Minute - 3*time.Second)
	c.refused(t, c.Stepped(c.Lead), alone, incident.Conflict, "The other host has until") // a second is left
	c.refused(t, c.Stepped(c.ncsc), alone, incident.Forbidden, "lead or deputy")
	c.refused(t, c.Lead, alone, incident.StepUp, "anew")
	c.refused(t, c.Stepped(c.Lead), command.SendAlone{Root: root, Reason: " "}, incident.Invalid, "reason")
	c.refused(t, c.guest, alone, incident.NotFound, "")
	c.Must(c.Stepped(c.Lead), alone)
	if b := c.Objects[root].Broadcast; b.State != incident.BroadcastIsAlone || !b.Goes() {
		t.Errorf("it is %s", b.State)
	}
	c.refused(t, c.Stepped(c.ncsc), command.ApproveBroadcast{Root: root}, incident.Conflict, "one person's word")
	c.refused(t, c.guest, command.StopBroadcast{Root: root, Reason: "x"}, incident.NotFound, "")
	c.Must(c.ncsc, command.StopBroadcast{Root: root, Reason: "it was not agreed"})
	c.refused(t, c.ncsc, command.StopBroadcast{Root: root, Reason: "again"}, incident.Conflict, "was stopped")
}

func TestABroadcastIsForWhatIsSevereEnough(t *testing.T) {
	c := newTellers(t)
	c.refused(t, c.Lead, ask(nil), incident.Conflict, "Nobody has assessed how severe this is")
	c.grave(2)
	c.refused(t, c.Lead, ask(nil), incident.Conflict, "from NHS level 3 on")
	c.Must(c.Lead, ask(func(a *command.AskBroadcast) { a.From = 2 })) // as the deployment says
	c.grave(4)
	root := c.Must(c.Lead, ask(nil))
	c.refused(t, c.Stepped(c.ncsc), command.ApproveBroadcast{Root: root, From: 5}, incident.Conflict, "from NHS level 5 on")
}

func TestWhatABroadcastIsRefusedFor(t *testing.T) {
	c := newTellers(t)
	c.grave(4)
	for words, more := range map[string]func(*command.AskBroadcast){
		"Choose what it says":         func(a *command.AskBroadcast) { a.Purpose = "invoice" },
		"Choose organisations":        func(a *command.AskBroadcast) { a.Chosen = incident.Contacted{} },
		"no such type":                func(a *command.AskBroadcast) { a.Chosen.Types = []incident.OrgType{"x"} },
		"no such role":                func(a *command.AskBroadcast) { a.Chosen.Roles = []incident.ContactRole{"x"} },
		"A code is letters":           func(a *command.AskBroadcast) { a.Chosen.Orgs = []incident.OrgID{"not a code"} },
		"organisations are listed at": func(a *command.AskBroadcast) { a.Chosen.Orgs = make([]incident.OrgID, command.MaxChosenOrgs+1) },
		"goes to at most":             func(a *command.AskBroadcast) { a.Count.Contacts = command.MaxRecipients + 1 },
	} {
		c.refused(t, c.Lead, ask(more), incident.Invalid, words)
	}
	c.refused(t, c.Lead, ask(func(a *command.AskBroadcast) { a.Count.Contacts = 0 }), incident.Conflict, "This reaches nobody")
	c.refused(t, c.Lead, ask(func(a *command.AskBroadcast) { a.List = "" }), incident.Unavailable, "")
	c.refused(t, c.guest, ask(nil), incident.NotFound, "")
	for range 5 {
		c.Must(c.Lead, ask(nil))
	}
	c.refused(t, c.Lead, ask(nil), incident.Conflict, "5 broadcasts wait")
	waiting := c.Room.Broadcasts[0].Root
	c.refused(t, c.Lead, command.TightenEntry{Root: waiting, Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"DSC"}}}, incident.Invalid, "Both hosts receive")
	c.refused(t, c.guest, command.WithdrawBroadcast{Root: waiting, Reason: "x"}, incident.NotFound, "")
	c.Must(c.Lead, command.WithdrawBroadcast{Root: waiting, Reason: "the wrong list"})
	c.refused(t, c.Stepped(c.ncsc), command.ApproveBroadcast{Root: waiting}, incident.Conflict, "was withdrawn")
	c.Must(c.Lead, ask(nil))
}
