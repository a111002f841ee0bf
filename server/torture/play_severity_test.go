package torture

import (
	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// sever does something about how severe the incident is.
func (p *play) sever() {
	var who []incident.Actor
	for _, a := range p.present() {
		if m := p.fold.Member(a.Person); m.Host && (m.Leads() || m.Role == incident.Liaison) {
			who = append(who, a)
		}
	}
	by := pick(p.rng, who)
	m := p.fold.Member(by.Person)
	scale, worst := incident.NHSLevel, 4
	if m.Org == "NCSC" {
		scale, worst = incident.NCSCCategory, 6
	}
	grade := incident.Grade{At: 1 + p.rng.IntN(worst)}
	if p.rng.IntN(4) == 0 {
		grade.Or = grade.At + 1
	}
	reason, tlp, to := p.canary(), pick(p.rng, labels), p.audience()
	if tlp == incident.Red && (to == nil || len(to.Members) == 0) {
		to = &incident.Audience{Kind: incident.ToNamed, Members: p.numbers(3)}
	}
	var root incident.Seq
	if n := len(p.fold.Assessments); n > 0 {
		root = p.fold.Assessments[p.rng.IntN(n)].Root
	}
	seen := p.fold.Head
	by.StepUp = p.factor()
	switch p.rng.IntN(10) {
	case 0, 1, 2:
		p.do(by, command.AssessSeverity{Scale: scale, Grade: grade, Criteria: scale.Criteria()[:p.rng.IntN(3)], Reason: reason, TLP: tlp, Audience: to, OnCall: p.onCall()})
	case 3, 4:
		c := command.AskLowering{Scale: scale, Grade: &grade, Reason: reason, TLP: tlp, Audience: to, Seen: seen}
		if p.rng.IntN(3) == 0 {
			c.Grade = nil
		}
		p.do(by, c)
	case 5, 6:
		p.do(by, command.AgreeLowering{Root: root, Seen: seen})
	case 7:
		p.do(by, command.RefuseLowering{Root: root, Reason: reason, TLP: tlp, Audience: to, Seen: seen})
	case 8:
		p.do(by, command.DropLowering{Root: root, Seen: seen})
	default:
		p.do(p.lead(), command.SetTier{Root: pick(p.rng, p.members), Tier: pick(p.rng, []incident.Tier{incident.Operational, incident.Tactical, incident.Strategic})})
	}
}

// onCall is whom a severe incident would call in, of either host.
func (p *play) onCall() (list []incident.OnCall) {
	for _, org := range []incident.OrgID{"DSC", "NCSC"} {
		o := servertest.Org(org)
		list = append(list, incident.OnCall{Invitation: incident.RandomID(), Issuer: o.Issuer, Seat: command.CallSeat(incident.Person{Name: p.canary()}, o)})
	}
	return list
}

// lowered does what chance alone does seldom: asks to lower a severity, is
// refused, takes it back, and has it agreed to.
func (p *play) lowered() {
	lead := p.people[0]
	lead.StepUp = p.factor()
	r, ok := p.do(lead, command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: 4}, Reason: p.canary(), OnCall: p.onCall()})
	if !ok {
		return
	}
	if !p.fold.Member(p.people[1].Person).Present() {
		p.enter(1)
	}
	second := p.people[1]
	second.StepUp = p.factor()
	p.do(second, command.SetTier{Root: p.fold.Member(lead.Person).Root, Tier: incident.Strategic})
	root := r.Seq
	if a := p.fold.Assessment(incident.NHSLevel, "DSC"); a != nil {
		root = a.Root
	}
	for _, end := range []func() (incident.Actor, command.Command){
		func() (incident.Actor, command.Command) {
			return second, command.RefuseLowering{Root: root, Reason: p.canary(), Seen: p.fold.Head}
		},
		func() (incident.Actor, command.Command) {
			return lead, command.DropLowering{Root: root, Seen: p.fold.Head}
		},
		func() (incident.Actor, command.Command) {
			return second, command.AgreeLowering{Root: root, Seen: p.fold.Head}
		},
	} {
		p.do(lead, command.AskLowering{Scale: incident.NHSLevel, Grade: &incident.Grade{At: 2}, Reason: p.canary(), Seen: p.fold.Head})
		who, cmd := end()
		p.do(who, cmd)
	}
	p.do(lead, command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: 3}, Reason: p.canary()})
}
