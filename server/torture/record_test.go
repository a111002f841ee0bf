package torture

import (
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// made is a decision, an action or a piece of intelligence of the play, and
// whose move it is.
type made struct {
	root  incident.Seq
	kind  incident.Kind
	maker incident.MemberNo
	whose incident.Assignee
	about incident.Seq // of a request: the entry
}

// keep remembers what is made.
func (p *play) keep(e *incident.Event) {
	m := made{root: e.Seq, kind: e.Kind}
	switch b := e.Body.(type) {
	case *incident.DecisionRecorded:
		m.maker = b.Verdict.Maker
	case *incident.DecisionProposed:
		m.maker = b.Maker
	case *incident.ActionRaised:
		m.whose = b.For
	case *incident.ItemPublished:
	case *incident.ReleaseRequested:
		m.about = b.Entry
	default:
		return
	}
	p.made = append(p.made, m)
}

// latest is one of the newer decisions or actions; the room's first message if
// there is none.
func (p *play) latest(is func(made) bool) made {
	var list []made
	for _, m := range p.made {
		if is(m) {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		return made{root: 4}
	}
	return list[len(list)-1-p.rng.IntN(min(len(list), 4))]
}

func (p *play) chosen() command.Chosen {
	if p.rng.IntN(2) == 0 {
		return command.Chosen{}
	}
	c := command.Chosen{TLP: pick(p.rng, labels), Audience: p.audience()}
	if c.TLP == incident.Red && (c.Audience == nil || len(c.Audience.Members) == 0) {
		c.Audience = &incident.Audience{Kind: incident.ToNamed, Members: p.numbers(4)}
	}
	return c
}

func (p *play) deliberation() (d incident.Deliberation) {
	if p.rng.IntN(2) == 0 {
		d.Question, d.Dissent, d.Options = p.canary(), p.canary(), []incident.Option{{Text: p.canary(), Rejected: p.canary()}}
	}
	if p.rng.IntN(2) == 0 {
		d.Relied = []incident.Seq{p.root(), incident.Seq(1 + p.rng.IntN(int(p.fold.Head)))}
		if p.avoid != nil && p.avoid(d.Relied[1]) {
			d.Relied[1] = 1 // whoever knows a secret does not tell it by what they cite
		}
	}
	if p.rng.IntN(3) == 0 {
		d.Review = incident.At(time.Now().Add(100 * 24 * time.Hour))
	}
	return d
}

// taken is a decision of somebody who most likely is in the room.
func (p *play) taken(who incident.Actor) command.Taken {
	maker := p.fold.Member(who.Person).Number
	if p.rng.IntN(2) == 0 {
		maker = p.numbers(1)[0]
	}
	return command.Taken{Decision: p.canary(), Rationale: p.canary(), Maker: maker, Tier: pick(p.rng, []incident.Tier{"", "", "", incident.Operational, incident.Strategic}), Deliberation: p.deliberation()}
}

func (p *play) assignee() incident.Assignee {
	a := incident.Assignee{Org: pick(p.rng, cast).org}
	if p.rng.IntN(2) == 0 {
		a.Member = p.numbers(1)[0]
		if m := p.fold.Numbered(a.Member); m != nil {
			a.Org = m.Org
		}
	}
	return a
}

// mover is mostly the one whose move it is, with a second factor.
func (p *play) mover(m made, who incident.Actor) incident.Actor {
	n := max(m.maker, m.whose.Member)
	if p.rng.IntN(4) > 0 {
		if of := p.fold.Numbered(n); of != nil {
			who = p.actor(of.Person)
		} else if m.whose.Org != "" {
			for _, a := range p.present() {
				if p.fold.Member(a.Person).Org == m.whose.Org {
					who = a
				}
			}
		}
	}
	who.StepUp = p.factor()
	return who
}

// record is one random step about a decision or an action.
func (p *play) record(who incident.Actor) {
	d := p.latest(func(m made) bool { return m.kind.IsDecision() })
	a := p.latest(func(m made) bool { return m.kind == "action.raised" })
	seen := p.fold.Head - incident.Seq(p.rng.IntN(3))
	switch n := p.rng.IntN(20); {
	case n < 4:
		c := command.RecordDecision{Taken: p.taken(who), Chosen: p.chosen(), Seen: seen}
		switch p.rng.IntN(4) {
		case 0:
			c.From, c.Chosen = p.root(), command.Chosen{}
		case 1:
			c.Supersedes = d.root
		case 2:
			c.Reverses = d.root
		}
		p.do(who, c)
	case n == 4:
		p.do(who, command.ProposeDecision{Decision: p.canary(), Rationale: p.canary(), Deliberation: p.deliberation(), Chosen: p.chosen()})
	case n == 5:
		p.do(who, command.TakeDecision{Root: d.root, Taken: p.taken(who), Seen: seen})
	case n == 6:
		p.do(who, command.AddToDecision{Root: d.root, Deliberation: p.deliberation()})
	case n < 9:
		p.do(p.mover(d, who), command.ConfirmDecision{Root: d.root, Seen: seen})
	case n == 9:
		p.do(p.mover(d, who), command.DisputeDecision{Root: d.root, Reason: p.canary(), Seen: seen})
	case n == 10:
		p.do(p.lead(), command.ReviewDecision{Root: d.root, Finding: p.canary(), Seen: seen})
	case n < 14:
		c := command.RaiseAction{Text: p.canary(), For: p.assignee(), Chosen: p.chosen()}
		if p.rng.IntN(3) == 0 {
			c.Decision = d.root
		}
		p.do(who, c)
	case n < 16:
		p.do(p.mover(a, who), command.AcceptAction{Root: a.root, Seen: seen})
	case n == 16:
		p.do(p.mover(a, who), command.DeclineAction{Root: a.root, Reason: p.canary(), Seen: seen})
	case n == 17:
		p.do(p.mover(a, who), command.FinishAction{Root: a.root, Evidence: p.canary(), Cites: p.deliberation().Relied, Seen: seen})
	case n == 18:
		p.do(p.mover(a, who), command.HandAction{Root: a.root, For: p.assignee(), Reason: p.canary(), Seen: seen})
	default:
		if p.rng.IntN(2) == 0 {
			p.do(p.lead(), command.ChaseAction{Root: a.root, Text: p.canary()})
		} else {
			p.do(p.lead(), command.WithdrawAction{Root: a.root, Reason: p.canary(), Seen: seen})
		}
	}
}

// carry takes a decision, an action and a book through every step there is,
// which chance alone does seldom.
func (p *play) carry(lead, rep incident.Actor) {
	lead.StepUp = p.factor()
	taken := command.Taken{Decision: p.canary(), Rationale: p.canary(), Maker: 1}
	record := func(c command.RecordDecision) incident.Seq {
		c.Taken = taken
		r, ok := p.do(lead, c)
		if !ok {
			p.t.Fatal("a decision was not recorded")
		}
		return r.Seq
	}
	one, two := record(command.RecordDecision{}), record(command.RecordDecision{})
	p.do(lead, command.ConfirmDecision{Root: one})
	p.do(lead, command.DisputeDecision{Root: two, Reason: p.canary()})
	p.do(lead, command.ReviewDecision{Root: one, Finding: p.canary()})
	p.do(rep, command.AddToDecision{Root: one, Deliberation: incident.Deliberation{Dissent: p.canary()}})
	record(command.RecordDecision{Supersedes: two})
	record(command.RecordDecision{Reverses: one})
	if r, ok := p.do(rep, command.ProposeDecision{Decision: p.canary()}); ok {
		p.do(lead, command.TakeDecision{Root: r.Seq, Taken: taken})
	}
	// Where guests are not told of one another, only these may read of one.
	apart := &incident.Audience{Kind: incident.ToNamed, Orgs: append([]incident.OrgID{p.fold.Member(rep.Person).Org}, p.fold.Hosts...)}
	raise := command.RaiseAction{Text: p.canary(), For: incident.Assignee{Org: p.fold.Member(rep.Person).Org}, Chosen: command.Chosen{Audience: apart}}
	for _, steps := range [][]func(incident.Seq) (incident.Actor, command.Command){
		{func(n incident.Seq) (incident.Actor, command.Command) { return rep, command.AcceptAction{Root: n} },
			func(n incident.Seq) (incident.Actor, command.Command) {
				return lead, command.ChaseAction{Root: n, Text: p.canary()}
			},
			func(n incident.Seq) (incident.Actor, command.Command) {
				return rep, command.FinishAction{Root: n, Evidence: p.canary()}
			}},
		{func(n incident.Seq) (incident.Actor, command.Command) {
			return rep, command.DeclineAction{Root: n, Reason: p.canary()}
		}},
		{func(n incident.Seq) (incident.Actor, command.Command) {
			return rep, command.HandAction{Root: n, For: incident.Assignee{Org: "DSC"}, Reason: p.canary()}
		}},
		{func(n incident.Seq) (incident.Actor, command.Command) {
			return lead, command.WithdrawAction{Root: n, Reason: p.canary()}
		}},
	} {
		r, ok := p.do(lead, raise)
		if !ok {
			p.t.Fatal("an action was not raised")
		}
		for _, step := range steps {
			who, c := step(r.Seq)
			p.do(who, c)
		}
	}
	book, ok := p.do(lead, command.OpenBook{Maker: p.fold.Member(rep.Person).Number, Signal: p.canary(), Audience: apart})
	if !ok {
		p.t.Fatal("a book was not opened")
	}
	p.do(rep, command.AgreeBook{Root: book.Seq})
	if line, ok := p.do(lead, command.WriteLine{Book: book.Seq, Text: p.canary()}); ok {
		p.do(lead, command.CorrectLine{Root: line.Seq, Text: p.canary()})
	}
	p.do(lead, command.CloseBook{Root: book.Seq, Seen: p.fold.Head})
}

// citing is a decision of the member's own that names something in a field.
func (w *world) citing(m *incident.Member, name func(*command.RecordDecision)) command.Command {
	c := command.RecordDecision{Taken: command.Taken{Decision: "x", Rationale: "x", Maker: 1}}
	if m != nil {
		c.Maker = max(m.Number, 1)
	}
	name(&c)
	return c
}
