package torture

import (
	"wardroom/server/command"
	"wardroom/server/incident"
)

// actorOf is the person of that number; whoever else where they are gone.
func (p *play) actorOf(n incident.MemberNo, or incident.Actor) incident.Actor {
	for _, a := range p.present() {
		if p.fold.Member(a.Person).Number == n {
			return a
		}
	}
	return or
}

// authority is one random step about escalations and posts.
func (p *play) authority(who incident.Actor) {
	who.StepUp = p.factor()
	if p.rng.IntN(3) == 0 {
		p.rhythm(who)
		return
	}
	open := pick(p.rng, p.fold.Escalations)
	if open == nil {
		open = &incident.Escalation{Root: 4}
	}
	asker := p.actorOf(open.By.Member, who)
	held := pick(p.rng, p.fold.Tenures)
	if held == nil {
		held = &incident.Tenure{Root: 4}
	}
	holder := p.actorOf(held.Member, who)
	post := pick(p.rng, incident.Posts)
	switch n := p.rng.IntN(20); {
	case n < 6:
		p.escalate(who)
	case n < 7:
		p.fire()
	case n < 9:
		if len(open.Chain) > 0 && p.rng.IntN(3) > 0 {
			who = p.actorOf(pick(p.rng, open.Chain).Member, who)
			who.StepUp = p.factor()
		}
		p.do(who, command.AcceptEscalation{Root: open.Root, Rationale: p.canary()})
	case n < 10:
		p.do(who, command.RefuseEscalation{Root: open.Root, Reason: p.canary()})
		p.do(p.lead(), command.SetTier{Root: p.fold.Member(who.Person).Root, Tier: incident.Strategic})
	case n < 11:
		p.do(asker, command.WithdrawEscalation{Root: open.Root, Reason: p.canary()})
	case n < 13:
		p.do(asker, command.ActEscalation{Root: open.Root, Because: p.canary()})
	case n < 14:
		p.do(asker, command.StandDownEscalation{Root: open.Root, Reason: p.canary()})
	case n < 16:
		p.do(p.lead(), command.AssignPost{Post: post, Member: p.fold.Member(who.Person).Number})
	case n < 18:
		p.do(holder, command.AcknowledgePost{Root: held.Root})
	case n < 19:
		p.do(holder, command.ReleasePost{Root: held.Root})
	default:
		who.StepUp = p.factor()
		p.do(who, command.AssumePost{Post: post, Reason: p.canary()})
	}
}

// fire is the house's: whatever is due. Where nothing is, it would be refused,
// and nobody is told that.
func (p *play) fire() {
	if due := p.fold.Timers(); len(due) > 0 {
		p.do(incident.Actor{System: true}, command.Fire{Timer: pick(p.rng, due).ID})
	}
}

// escalate asks, and mostly goes on to one of the ends that an escalation has.
func (p *play) escalate(who incident.Actor) {
	c := command.RequestEscalation{Condition: pick(p.rng, incident.Conditions), SBAR: incident.SBAR{Situation: p.canary(), Recommendation: p.canary()},
		Row: incident.MatrixRow{Tier: incident.Strategic, TwoKey: p.rng.IntN(4) == 0}}
	if p.rng.IntN(2) == 0 {
		c.Audience = &incident.Audience{Kind: incident.ToHosts}
	}
	if p.rng.IntN(4) == 0 {
		c.Chosen = p.chosen()
	}
	for _, a := range p.present() {
		of := p.fold.Member(a.Person)
		c.Chain = append(c.Chain, incident.Step{Person: of.Person, Name: of.Seat.Name, Org: of.Org, Tier: incident.Strategic, Way: incident.ByRota})
	}
	how := p.rng.IntN(8)
	if how == 0 {
		c.Chain = nil
	}
	r, ok := p.do(who, c)
	open := p.fold.Escalation(r.Seq)
	if !ok || open == nil || len(open.Chain) == 0 {
		return
	}
	first := p.actorOf(open.Chain[0].Member, who)
	first.StepUp = p.factor()
	switch how {
	case 1, 2:
		p.fire()
		p.do(first, command.AcceptEscalation{Root: r.Seq, Rationale: p.canary()})
		if p.rng.IntN(2) == 0 {
			p.do(who, command.StandDownEscalation{Root: r.Seq, Reason: p.canary()})
		}
	case 3, 4:
		p.do(first, command.RefuseEscalation{Root: r.Seq, Reason: p.canary()})
	case 5:
		p.do(who, command.WithdrawEscalation{Root: r.Seq, Reason: p.canary()})
	case 6:
		for range open.Chain {
			if t, ok := open.Timer(); ok {
				p.do(incident.Actor{System: true}, command.Fire{Timer: t.ID})
			}
			open = p.fold.Escalation(r.Seq)
			if open.State == incident.EscalationIsSilent {
				break
			}
		}
		p.do(who, command.ActEscalation{Root: r.Seq, Because: p.canary()})
	}
}

// authorities is everything that escalations and posts can come to, once.
func (p *play) authorities(lead, other incident.Actor) {
	for _, i := range []int{1, 2} {
		if !p.fold.Member(p.people[i].Person).Present() {
			p.enter(i)
		}
	}
	lead.StepUp, other.StepUp = p.factor(), p.factor()
	ask := func() incident.Seq {
		step := func(a incident.Actor) incident.Step {
			m := p.fold.Member(a.Person)
			return incident.Step{Person: m.Person, Name: m.Seat.Name, Org: m.Org, Tier: incident.Strategic, Way: incident.ByRota}
		}
		r, _ := p.do(lead, command.RequestEscalation{Condition: incident.DisconnectNetwork, SBAR: incident.SBAR{Situation: p.canary(), Recommendation: p.canary()},
			Row: incident.MatrixRow{Tier: incident.Strategic}, Chain: []incident.Step{step(other), step(p.people[2])}})
		return r.Seq
	}
	fire := func(root incident.Seq) {
		for _, t := range p.fold.Timers() {
			if t.ID.Root() == root {
				p.do(incident.Actor{System: true}, command.Fire{Timer: t.ID})
			}
		}
	}
	silent := ask()
	fire(silent)
	fire(silent)
	p.do(lead, command.ActEscalation{Root: silent, Because: p.canary()})
	taken := ask()
	p.do(other, command.AcceptEscalation{Root: taken, Rationale: p.canary()})
	p.do(lead, command.StandDownEscalation{Root: taken, Reason: p.canary()})
	p.do(other, command.RefuseEscalation{Root: ask(), Reason: p.canary()})
	p.do(lead, command.WithdrawEscalation{Root: ask(), Reason: p.canary()})
	if r, ok := p.do(lead, command.AssignPost{Post: incident.Communications, Member: p.fold.Member(other.Person).Number}); ok {
		p.do(other, command.AcknowledgePost{Root: r.Seq})
		p.do(lead, command.AssumePost{Post: incident.Communications, Reason: p.canary()})
		if t := p.fold.Holder(incident.Communications); t != nil {
			p.do(lead, command.ReleasePost{Root: t.Root})
		}
	}
}
