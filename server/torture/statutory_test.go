package torture

import (
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// statutory is one random step about statutory clocks.
func (p *play) statutory(who incident.Actor) {
	open := pick(p.rng, p.fold.Statutory)
	if open == nil {
		open = &incident.StatutoryClock{Root: 4}
	}
	aware := incident.At(time.Now().Add(-time.Duration(p.rng.IntN(100)) * time.Hour))
	var via incident.Via
	if p.fold.Member(who.Person).Org != open.Org {
		via = incident.ViaTelephone
	}
	switch p.rng.IntN(8) {
	case 0, 1:
		p.do(who, command.StartClock{Statute: pick(p.rng, incident.Statutes), Aware: aware, Known: p.canary()})
	case 2:
		p.do(who, command.CorrectClock{Root: open.Root, Aware: aware, Reason: p.canary(), Via: via})
	case 3:
		p.do(who, command.HandClock{Root: open.Root, Reason: p.canary(), Via: via})
	case 4:
		p.do(who, command.EvidenceClock{Root: open.Root, Reference: p.canary(), Note: p.canary(), Via: via})
	case 5:
		p.do(who, command.WithdrawClock{Root: open.Root, Reason: p.canary(), Via: via})
	case 6:
		p.do(who, command.ChaseClock{Root: open.Root, Text: p.canary()})
	default:
		p.do(who, command.BriefMinisters{Text: p.canary()})
	}
}

// statutes is everything that a statutory clock can come to, once.
func (p *play) statutes(lead, rep incident.Actor) {
	start := func(who incident.Actor, ago time.Duration) incident.Seq {
		r, _ := p.do(who, command.StartClock{Statute: incident.GDPR33, Aware: incident.At(time.Now().Add(-ago)), Known: p.canary()})
		return r.Seq
	}
	late := start(rep, 100*time.Hour)
	for _, t := range p.fold.Timers() {
		if t.ID.Root() == late {
			p.do(incident.Actor{System: true}, command.Fire{Timer: t.ID})
		}
	}
	p.do(rep, command.CorrectClock{Root: late, Aware: incident.At(time.Now().Add(-time.Hour)), Reason: p.canary()})
	p.do(lead, command.ChaseClock{Root: late, Text: p.canary()})
	p.do(lead, command.HandClock{Root: late, Reason: p.canary(), Via: incident.ViaTelephone})
	p.do(rep, command.EvidenceClock{Root: late, Reference: p.canary(), Note: p.canary()})
	p.do(rep, command.WithdrawClock{Root: start(rep, time.Hour), Reason: p.canary()})
	p.do(lead, command.BriefMinisters{Text: p.canary()})
}
