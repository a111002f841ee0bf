package torture

import (
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// rhythm is one random step about meetings, reports, updates and handovers.
func (p *play) rhythm(who incident.Actor) {
	lead := p.lead()
	who.StepUp, lead.StepUp = p.factor(), p.factor()
	switch p.rng.IntN(8) {
	case 0:
		p.do(lead, command.SetCadence{Meeting: 15 * (1 + p.rng.IntN(40)), Update: 15 * p.rng.IntN(20), Reason: p.canary()})
	case 1:
		p.do(who, command.HoldMeeting{Place: p.canary(), Summary: p.canary(), Members: []incident.MemberNo{p.fold.Member(lead.Person).Number}, Chosen: p.chosen()})
	case 2:
		p.do(lead, command.PutOffMeeting{Until: incident.At(p.fold.Beat(incident.Meetings).Due.Add(time.Minute)), Reason: p.canary()})
	case 3:
		if r, ok := p.do(who, command.FileSitrep{Sitrep: command.Sitrep{Situation: p.canary()}, Chosen: p.chosen()}); ok {
			p.do(who, command.CorrectSitrep{Root: r.Seq, Sitrep: command.Sitrep{Situation: p.canary()}, Reason: p.canary()})
		}
	case 4:
		p.do(who, command.GiveUpdate{Text: p.canary()})
		p.do(lead, command.SnoozeUpdate{Minutes: 1 + p.rng.IntN(60)})
	case 5:
		p.do(who, command.RequestUpdate{Text: p.canary()})
	default:
		p.handover(lead, who)
	}
}

// handover signs one, and goes on to one of its ends.
func (p *play) handover(by, to incident.Actor) {
	said := incident.IIMARCH{Information: p.canary(), Intent: p.canary(), Risk: p.canary()}
	for _, post := range incident.Posts {
		if t := p.fold.Holder(post); t != nil {
			by = p.actorOf(t.Member, by)
			by.StepUp = p.factor()
			p.signs(by, to, command.SignHandover{Post: post, To: p.fold.Member(to.Person).Number, IIMARCH: said})
			return
		}
	}
	p.signs(by, to, command.SignHandover{Post: incident.IncidentLead, To: p.fold.Member(to.Person).Number, IIMARCH: said})
}

func (p *play) signs(by, to incident.Actor, c command.SignHandover) {
	r, ok := p.do(by, c)
	if !ok {
		return
	}
	switch p.rng.IntN(4) {
	case 0:
		p.do(to, command.DeclineHandover{Root: r.Seq, Reason: p.canary()})
	case 1:
		p.do(by, command.WithdrawHandover{Root: r.Seq, Reason: p.canary()})
	case 2:
		p.do(to, command.AcceptHandover{Root: r.Seq})
	}
}

// rhythms is everything that meetings and handovers can come to, once.
func (p *play) rhythms(lead, other incident.Actor) {
	lead.StepUp, other.StepUp = p.factor(), p.factor()
	p.do(lead, command.SetCadence{Meeting: 60, Sitrep: 60, Update: 60, Reason: p.canary()})
	p.do(lead, command.HoldMeeting{Place: p.canary(), Summary: p.canary()})
	p.do(lead, command.PutOffMeeting{Until: incident.At(p.fold.Beat(incident.Meetings).Due.Add(time.Minute)), Reason: p.canary()})
	filed, _ := p.do(lead, command.FileSitrep{Sitrep: command.Sitrep{Situation: p.canary()}})
	p.do(lead, command.CorrectSitrep{Root: filed.Seq, Sitrep: command.Sitrep{Situation: p.canary(), Impact: p.canary()}, Reason: p.canary()})
	p.do(lead, command.SnoozeUpdate{Minutes: 5})
	p.do(other, command.RequestUpdate{Text: p.canary()})
	p.do(lead, command.GiveUpdate{Text: p.canary()})
	sign := func(by, to incident.Actor) incident.Seq {
		by.StepUp = p.factor()
		r, _ := p.do(by, command.SignHandover{Post: incident.Communications, To: p.fold.Member(to.Person).Number, IIMARCH: incident.IIMARCH{Information: p.canary(), Intent: p.canary(), Risk: p.canary()},
			Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToRoom}}})
		return r.Seq
	}
	if r, ok := p.do(lead, command.AssignPost{Post: incident.Communications, Member: p.fold.Member(lead.Person).Number}); ok {
		p.do(lead, command.AcknowledgePost{Root: r.Seq})
	}
	p.do(other, command.DeclineHandover{Root: sign(lead, other), Reason: p.canary()})
	p.do(lead, command.WithdrawHandover{Root: sign(lead, other), Reason: p.canary()})
	n := sign(lead, other)
	other.StepUp = p.factor()
	p.do(other, command.AcceptHandover{Root: n})
}
