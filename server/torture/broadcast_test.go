package torture

import (
	"strings"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// tellings is everything that broadcasts, reports that are brought and links
// between rooms can come to, once; but for what is sent alone, for which
// nobody waits here.
func (p *play) tellings(lead, other incident.Actor) {
	ask := func() incident.Seq {
		r, _ := p.do(lead, command.AskBroadcast{Purpose: incident.BroadcastRaised, Chosen: incident.Contacted{Types: []incident.OrgType{incident.OrgTypes[0]}},
			Count: incident.BroadcastCount{Contacts: 1, Texts: 1, Fragments: 1}, List: incident.RandomID(), Hash: strings.Repeat("0", 64), From: 1})
		return r.Seq
	}
	p.do(lead, command.WithdrawBroadcast{Root: ask(), Reason: p.canary(), Seen: p.fold.Head})
	p.do(other, command.RefuseBroadcast{Root: ask(), Reason: p.canary(), Seen: p.fold.Head})
	goes := ask()
	other.StepUp = p.factor()
	p.do(other, command.ApproveBroadcast{Root: goes, Seen: p.fold.Head, From: 1})
	p.do(lead, command.StopBroadcast{Root: goes, Reason: p.canary(), Seen: p.fold.Head})
	p.do(lead, command.AskBroadcast{Purpose: incident.BroadcastInvite, History: incident.FromJoin, Chosen: incident.Contacted{Types: []incident.OrgType{incident.OrgTypes[0]}},
		Count: incident.BroadcastCount{Contacts: 1, Texts: 1, Fragments: 1}, List: incident.RandomID(), Hash: strings.Repeat("0", 64)})
	invites := p.fold.Head
	p.do(other, command.ApproveBroadcast{Root: invites, Seen: p.fold.Head})
	p.do(incident.Actor{System: true}, command.NoteReached{Root: invites, Delivered: []incident.Seq{2}, Opened: []incident.Seq{2}, Left: 1})
	p.do(lead, command.StopBroadcast{Root: invites, Reason: p.canary(), Seen: p.fold.Head})
	report := incident.RandomID()
	p.do(lead, command.BringReport{Report: report, Brought: &incident.ReportBrought{Report: report, Reference: p.canary(), Org: "X2E", OrgName: p.canary(), Via: incident.ViaWeb,
		Ethane: incident.Ethane{What: "ransomware", Text: p.canary(), Where: p.canary(), Mail: "unsure"}}})
	house, there := incident.Actor{System: true}, incident.LogID(incident.RandomID())
	p.do(house, command.MirrorLink{Room: there, Reference: "INC-2026-0099", Org: "DSC"})
	p.do(house, command.MirrorUnlink{Room: there})
}
