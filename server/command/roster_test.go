package command_test

import (
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// In a room whose roster is the hosts', nothing an entry says beside its text
// tells a guest of another.
func TestWhereGuestsAreNotToldOfOneAnotherNoEntryNamesThemToEachOther(t *testing.T) {
	for _, roster := range []incident.Roster{incident.RosterHosts, incident.RosterOrganisations, incident.RosterNames} {
		t.Run(string(roster), func(t *testing.T) {
			tr := newTroupe(t, roster)
			lead, dev, sam, kim, ellis, auditor := tr.all[0], tr.all[1], tr.all[3], tr.all[4], tr.all[5], tr.all[7]
			n := func(list ...incident.Actor) (numbers []incident.MemberNo) {
				for _, a := range list {
					numbers = append(numbers, tr.Number(a))
				}
				return numbers
			}
			to := func(orgs []incident.OrgID, list ...incident.Actor) *incident.Audience {
				return &incident.Audience{Kind: incident.ToNamed, Members: n(list...), Orgs: orgs}
			}
			hosts := &incident.Audience{Kind: incident.ToHosts}
			refused := func(name string, who incident.Actor, c command.Command) {
				t.Helper()
				want := incident.Fault("")
				if roster == incident.RosterHosts {
					want = incident.Invalid
				}
				_, err := tr.Do(who, c)
				fault(t, err, want, name)
			}
			stands := func(name string, who incident.Actor, c command.Command) {
				t.Helper()
				_, err := tr.Do(who, c)
				fault(t, err, "", name)
			}
			refused("two guests of two organisations", lead, command.PostMessage{Text: "x", Audience: to(nil, sam, ellis)})
			refused("two organisations", lead, command.PostMessage{Text: "x", Audience: to([]incident.OrgID{"X1N", "X2E"})})
			refused("a guest and another organisation", lead, command.PostMessage{Text: "x", Audience: to([]incident.OrgID{"X2E"}, sam)})
			refused("TLP:RED to two", lead, command.PostMessage{Text: "x", TLP: incident.Red, Audience: to(nil, sam, ellis)})
			refused("a guest and an auditor", lead, command.PostMessage{Text: "x", Audience: to(nil, sam, auditor)})
			stands("one organisation and hosts", lead, command.PostMessage{Text: "x", Audience: to([]incident.OrgID{"X1N", "NCSC"}, dev, kim)})
			stands("two colleagues", lead, command.PostMessage{Text: "x", TLP: incident.Red, Audience: to(nil, sam, kim)})
			refused("a mention to the room", lead, command.PostMessage{Text: "x", Mentions: n(sam)})
			refused("a colleague's mention to the room", sam, command.PostMessage{Text: "x", Mentions: n(kim)})
			refused("a mention to another organisation", lead, command.PostMessage{Text: "x", Mentions: n(sam), Audience: to([]incident.OrgID{"X2E"})})
			stands("a mention to the hosts", lead, command.PostMessage{Text: "x", Mentions: n(sam, ellis), Audience: hosts})
			stands("a mention among colleagues", sam, command.PostMessage{Text: "x", Mentions: n(kim, lead), Audience: to(nil, kim, lead)})
			stands("of a host to the room", sam, command.PostMessage{Text: "x", Mentions: n(dev)})
			stands("of oneself", sam, command.PostMessage{Text: "x", Mentions: n(sam)})

			// The record names people too: who decides, who is asked, for whom a log is kept.
			decides := func(who incident.Actor, a *incident.Audience) command.Command {
				return command.RecordDecision{Taken: command.Taken{Decision: "x", Rationale: "x", Maker: tr.Number(who)}, Chosen: command.Chosen{Audience: a}}
			}
			asks := func(a incident.Assignee, to *incident.Audience) command.Command {
				return command.RaiseAction{Text: "x", For: a, Chosen: command.Chosen{Audience: to}}
			}
			x1n := to([]incident.OrgID{"X1N", "DSC", "NCSC"})
			refused("a guest's decision, recorded by another for the room", lead, decides(sam, nil))
			stands("for the hosts and their own", lead, decides(sam, x1n))
			stands("one's own, for the room", sam, decides(sam, nil))
			refused("a colleague's, for the room", sam, decides(kim, nil))
			refused("a proposal to a guest, for the room", lead, command.ProposeDecision{Decision: "x", Maker: tr.Number(sam)})
			put := tr.Must(sam, command.ProposeDecision{Decision: "x"})
			refused("taking for the room what a guest is to have decided", lead, command.TakeDecision{Root: put, Taken: command.Taken{Decision: "x", Rationale: "x", Maker: tr.Number(ellis)}})
			if roster == incident.RosterHosts { // in the others it is taken by now
				stands("taking it for who put it to the room", lead, command.TakeDecision{Root: put, Taken: command.Taken{Decision: "x", Rationale: "x", Maker: tr.Number(sam)}})
			}
			refused("an action for a guest, in the room", lead, asks(incident.Assignee{Member: tr.Number(sam), Org: "X1N"}, nil))
			refused("an action for their organisation, in the room", lead, asks(incident.Assignee{Org: "X1N"}, nil))
			stands("an action for a host, in the room", lead, asks(incident.Assignee{Org: "NCSC"}, nil))
			theirs := tr.Must(lead, asks(incident.Assignee{Org: "X1N"}, x1n))
			hand := tr.Must(lead, asks(incident.Assignee{Member: tr.Number(dev), Org: tr.Room.Numbered(tr.Number(dev)).Org}, nil))
			if roster == incident.RosterHosts { // in the others it is somebody else's by now
				raised := tr.Must(sam, asks(incident.Assignee{Member: tr.Number(dev), Org: "NCSC"}, nil))
				refused("handing it to another guest", dev, command.HandAction{Root: raised, For: incident.Assignee{Member: tr.Number(kim), Org: "X1N"}, Reason: "x"})
				stands("handing it back to whoever raised it for all to see", dev, command.HandAction{Root: raised, For: incident.Assignee{Member: tr.Number(sam), Org: "X1N"}, Reason: "x"})
			}
			refused("handing it to a guest, in the room", dev, command.HandAction{Root: hand, For: incident.Assignee{Org: "X2E"}, Reason: "x"})
			refused("a log kept for a guest, in the room", lead, command.OpenBook{Maker: tr.Number(sam), Signal: "x"})
			log := tr.Must(lead, command.OpenBook{Maker: tr.Number(sam), Signal: "x", Audience: x1n})
			for name, root := range map[string]incident.Seq{"an action": theirs, "a log": log} {
				refused("widening "+name+" that names a guest", lead, command.WidenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "all may know"})
			}
			some := tr.Must(lead, command.ProposeDecision{Decision: "x", Chosen: command.Chosen{Audience: x1n}})
			tr.Must(sam, command.AddToDecision{Root: some, Deliberation: incident.Deliberation{Risks: "x"}})
			refused("widening what a guest added to", lead, command.WidenEntry{Root: some, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "all may know"})

			own := tr.Must(lead, command.PostMessage{Text: "to the room"})
			refused("a mention by correcting", lead, command.CorrectMessage{Root: own, Text: "y", Mentions: n(sam)})
			refused("narrowing to two", lead, command.TightenEntry{Root: own, Audience: to(nil, sam, ellis)})
			if roster == incident.RosterHosts { // the others have narrowed it by now
				tr.Must(lead, command.WithholdEntry{Root: own})
				refused("a mention while it is withheld", lead, command.CorrectMessage{Root: own, Text: "y", Mentions: n(sam)})
				tr.Must(lead, command.RestoreEntry{Root: own})
			}
			// What was said to few and named them is not given to all.
			few := tr.Must(lead, command.PostMessage{Text: "x", Audience: to(nil, sam, dev)})
			refused("widening what named a guest", lead, command.WidenEntry{Root: few, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "all may know"})
			aside := tr.Must(lead, command.PostMessage{Text: "x", Audience: hosts, Mentions: n(sam)})
			tr.Must(lead, command.CorrectMessage{Root: aside, Text: "y"})
			refused("widening what once mentioned one", lead, command.WidenEntry{Root: aside, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "all may know"})
			free := tr.Must(lead, command.PostMessage{Text: "x", Audience: hosts})
			stands("widening what named nobody", lead, command.WidenEntry{Root: free, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "all may know"})
			mine := tr.Must(sam, command.PostMessage{Text: "x", Audience: hosts})
			stands("widening what named its author", sam, command.WidenEntry{Root: mine, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "all may know"})
		})
	}
}
