package torture

import (
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func (p *play) item() incident.Item {
	i := incident.Item{Title: p.canary(), Text: p.canary(), Sources: []incident.Source{{Reliability: "B", Credibility: "2", Name: p.canary()}}}
	for range p.rng.IntN(3) {
		i.Indicators = append(i.Indicators, incident.Indicator{Kind: incident.OtherIOC, Value: p.canary(), Note: p.canary()})
	}
	if p.rng.IntN(3) == 0 {
		i.Review, i.Expires = incident.At(time.Now().Add(-time.Hour)), incident.At(time.Now().Add(time.Hour))
	}
	return i
}

// of is one of the newer objects of a kind; the room's first message if there
// is none.
func (p *play) of(kind incident.Kind) incident.Seq {
	return p.latest(func(m made) bool { return m.kind == kind }).root
}

// owner is mostly somebody of the originator's who is in the room, with a second
// factor.
func (p *play) owner(root incident.Seq, who incident.Actor) incident.Actor {
	s, err := p.sight(root)
	if err == nil && p.rng.IntN(4) > 0 {
		var own []incident.Actor
		for _, a := range p.present() {
			if p.fold.Member(a.Person).Org == s.Org {
				own = append(own, a)
			}
		}
		if len(own) > 0 {
			who = pick(p.rng, own)
		}
	}
	who.StepUp = p.factor()
	return who
}

// intel is one random step about intelligence.
func (p *play) intel(who incident.Actor) {
	item, on, off := p.of("item.published"), true, false
	switch n := p.rng.IntN(22); {
	case n < 5:
		c := command.PublishItem{Item: p.item(), Recorded: p.rng.IntN(2) == 0, Chosen: p.chosen()}
		if p.rng.IntN(3) == 0 {
			c.Tear = &command.Tear{Text: p.canary(), Chosen: p.chosen()}
		}
		p.do(who, c)
	case n < 7:
		p.do(p.owner(item, who), command.CorrectItem{Root: item, Item: p.item()})
	case n < 9:
		p.do(p.owner(item, who), command.MergeItem{Root: item, Other: p.of("item.published")})
	case n < 10:
		p.do(p.owner(item, who), command.PublishTearline{Root: item, Tear: command.Tear{Text: p.canary(), Chosen: p.chosen()}})
	case n < 13:
		c := command.MarkSighting{Root: item, Verdict: incident.Seen, HostsOnly: p.rng.IntN(2) == 0}
		if p.rng.IntN(2) == 0 {
			c.Note = p.canary()
		}
		p.do(who, c)
	case n < 15:
		root := p.root()
		p.do(p.owner(root, who), command.RecallEntry{Root: root, Reason: p.canary()})
	case n < 17:
		root := p.root()
		p.do(who, command.RequestRelease{Root: root, Why: p.canary(), TLP: pick(p.rng, labels), Audience: p.audience()})
	case n < 19:
		root := p.of("release.requested")
		var about incident.Seq
		for _, m := range p.made {
			if m.root == root {
				about = m.about
			}
		}
		p.do(p.owner(about, who), command.AnswerRelease{Root: root, Entry: about, Grant: p.rng.IntN(3) > 0, Why: p.canary()})
	case n < 20:
		p.do(p.lead(), command.TightenEntry{Root: p.root(), Recorded: &on})
	case n < 21:
		root := p.root()
		p.do(p.owner(root, who), command.WidenEntry{Root: root, Recorded: &off, Reason: p.canary()})
	default:
		p.do(who, command.PostMessage{Text: p.canary(), Quotes: []incident.Quote{{Entry: p.root(), From: 0, To: 9}}})
	}
}
