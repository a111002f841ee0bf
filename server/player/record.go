package player

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/exercise"
	"wardroom/server/incident"
)

// record posts an item of the incident's record.
func (r *run) record(ctx context.Context, it exercise.Item) (incident.Seq, error) {
	cmd, err := r.recording(ctx, it)
	if err != nil || cmd == nil {
		return 0, err
	}
	seq, err := r.do(ctx, it, it.By, string(it.Type), cmd)
	switch it.Type { // an entry of its own, that later ones name
	case exercise.TypeSeverity, exercise.TypeLowering, exercise.TypeDecision, exercise.TypeProposal, exercise.TypeAction, exercise.TypeBook, exercise.TypeLine:
		return seq, err
	}
	return 0, err
}

// recording is the command an item of the record comes to; nil for others.
// None of them says what was seen: exercise control reads the room as it
// stands, and what its people decided does not wait for a screen.
func (r *run) recording(ctx context.Context, it exercise.Item) (command.Command, error) {
	target := r.seqs[it.Target]
	switch it.Type {
	case exercise.TypeTier, exercise.TypeSeverity, exercise.TypeLowering, exercise.TypeAgree, exercise.TypeRefuse:
		return r.severity(ctx, it)
	case exercise.TypeDecision:
		d := it.Decision
		return command.RecordDecision{Taken: r.taken(ctx, it), From: r.seqs[d.From], Supersedes: r.seqs[d.Supersedes], Reverses: r.seqs[d.Reverses], Chosen: r.chosen(ctx, it)}, nil
	case exercise.TypeProposal:
		d := it.Decision
		return command.ProposeDecision{Decision: d.Decision, Rationale: d.Rationale, Maker: r.number(ctx, d.Maker), Deliberation: r.deliberation(it), Chosen: r.chosen(ctx, it)}, nil
	case exercise.TypeTake:
		return command.TakeDecision{Root: target, Taken: r.taken(ctx, it)}, nil
	case exercise.TypeAdd:
		return command.AddToDecision{Root: target, Deliberation: r.deliberation(it)}, nil
	case exercise.TypeConfirm:
		return command.ConfirmDecision{Root: target}, nil
	case exercise.TypeDispute:
		return command.DisputeDecision{Root: target, Reason: it.Text}, nil
	case exercise.TypeReview:
		return command.ReviewDecision{Root: target, Finding: it.Text, Review: incident.At(it.Review)}, nil
	case exercise.TypeAction:
		return command.RaiseAction{Text: it.Text, For: r.assignee(ctx, it), Due: incident.At(it.Deadline), Decision: r.seqs[it.Carries], Chosen: r.chosen(ctx, it)}, nil
	case exercise.TypeAccept:
		return command.AcceptAction{Root: target}, nil
	case exercise.TypeDecline:
		return command.DeclineAction{Root: target, Reason: it.Text}, nil
	case exercise.TypeDone:
		return command.FinishAction{Root: target, Evidence: it.Text, Cites: r.entries(it.Cites)}, nil
	case exercise.TypeHand:
		return command.HandAction{Root: target, For: r.assignee(ctx, it), Reason: it.Text}, nil
	case exercise.TypeChase:
		return command.ChaseAction{Root: target, Text: it.Text}, nil
	case exercise.TypeWithdraw:
		return command.WithdrawAction{Root: target, Reason: it.Text}, nil
	}
	return r.book(ctx, it), nil
}

// severity is the command of an item about a scale of severity. An assessment
// is its organisation's, however it began, so it is found in the room.
func (r *run) severity(ctx context.Context, it exercise.Item) (command.Command, error) {
	room, err := r.p.j.Room(ctx, r.room)
	if err != nil {
		return nil, err
	}
	chosen := r.chosen(ctx, it)
	switch it.Type {
	case exercise.TypeTier:
		of := room.Member(r.cast[it.For.Person])
		if of == nil {
			return nil, incident.Missing()
		}
		return command.SetTier{Root: of.Root, Tier: incident.Tier(it.Tier)}, nil
	case exercise.TypeSeverity:
		s := it.Severity
		on, err := r.onCall(ctx, it)
		return command.AssessSeverity{Scale: incident.Scale(s.Scale), Grade: grade(s.Grade), Criteria: s.Criteria, Reason: it.Text,
			TLP: chosen.TLP, Audience: chosen.Audience, OnCall: on}, err
	case exercise.TypeLowering:
		s := it.Severity
		ask := command.AskLowering{Scale: incident.Scale(s.Scale), Criteria: s.Criteria, Reason: it.Text, TLP: chosen.TLP, Audience: chosen.Audience}
		if s.Grade != nil {
			g := grade(s.Grade)
			ask.Grade = &g
		}
		return ask, nil
	}
	asked := r.p.item(it.Target)
	a := room.Assessment(incident.Scale(asked.Severity.Scale), incident.OrgID(r.p.person(asked.By).Org))
	if a == nil {
		return nil, incident.Missing()
	}
	if it.Type == exercise.TypeAgree {
		return command.AgreeLowering{Root: a.Root}, nil
	}
	return command.RefuseLowering{Root: a.Root, Reason: it.Text, TLP: chosen.TLP, Audience: chosen.Audience}, nil
}

func grade(g *exercise.Grade) incident.Grade { return incident.Grade{At: g.At, Or: g.Or} }

// onCall are the people of the script whom an assessment calls into the room.
// Whoever is really on call is not disturbed for an exercise.
func (r *run) onCall(ctx context.Context, it exercise.Item) (list []incident.OnCall, err error) {
	for _, key := range it.Severity.Calls {
		id := string(incident.DerivedID("exercise call " + string(r.room) + it.ID + key))
		r.calls[key] = id
		seat, issuer, err := r.p.seat(ctx, key, "liaison", exercise.FullHistory)
		if err != nil {
			return nil, err
		}
		list = append(list, incident.OnCall{Invitation: id, Issuer: issuer, Seat: seat})
	}
	return list, nil
}

func (r *run) book(ctx context.Context, it exercise.Item) command.Command {
	target := r.seqs[it.Target]
	switch it.Type {
	case exercise.TypeBook:
		chosen := r.chosen(ctx, it)
		return command.OpenBook{Maker: r.number(ctx, it.For.Person), Signal: it.Text, Continues: r.seqs[it.Follows], TLP: chosen.TLP, Audience: chosen.Audience}
	case exercise.TypeAgreed:
		return command.AgreeBook{Root: target}
	case exercise.TypeLine:
		line := command.WriteLine{Book: target, Text: it.Text, Occurred: it.Occurred, About: it.About, Speech: it.Speech, Cites: r.entries(it.Cites)}
		if it.Paper != nil {
			line.Paper = &incident.Paper{By: it.Paper.By, Page: it.Paper.Page}
		}
		return line
	case exercise.TypeReline:
		return command.CorrectLine{Root: target, Text: it.Text}
	case exercise.TypeEndBook:
		return command.CloseBook{Root: target}
	}
	return nil
}

// chosen is the label and the audience of an item that has its own.
func (r *run) chosen(ctx context.Context, it exercise.Item) command.Chosen {
	c := command.Chosen{TLP: incident.TLP(it.Label)}
	if a := it.Audience; a != nil {
		c.Audience = &incident.Audience{Kind: incident.AudienceKind(a.Kind), Members: r.numbers(ctx, a.People)}
	}
	return c
}

func (r *run) taken(ctx context.Context, it exercise.Item) command.Taken {
	d := it.Decision
	return command.Taken{Decision: d.Decision, Rationale: d.Rationale, Maker: r.number(ctx, d.Maker), At: it.Occurred, About: it.About, Deliberation: r.deliberation(it)}
}

func (r *run) deliberation(it exercise.Item) incident.Deliberation {
	d := it.Decision
	about := incident.Deliberation{Consulted: d.Consulted, Dissent: d.Dissent, Expected: d.Expected, Outcome: d.Outcome, Powers: d.Powers,
		Question: d.Question, Risks: d.Risks, Relied: r.entries(d.Relied), Review: incident.At(it.Review)}
	for _, o := range d.Options {
		about.Options = append(about.Options, incident.Option{Text: o.Text, Rejected: o.Rejected})
	}
	return about
}

func (r *run) assignee(ctx context.Context, it exercise.Item) incident.Assignee {
	if key := it.For.Person; key != "" {
		return incident.Assignee{Member: r.number(ctx, key), Org: incident.OrgID(r.p.person(key).Org)}
	}
	return incident.Assignee{Org: incident.OrgID(it.For.Org)}
}

// entries are the numbers of those of the items that the room has taken.
func (r *run) entries(ids []string) (list []incident.Seq) {
	for _, id := range ids {
		if seq := r.seqs[id]; seq != 0 {
			list = append(list, seq)
		}
	}
	return list
}

// number is one person's member number; 0 when they have none.
func (r *run) number(ctx context.Context, key string) incident.MemberNo {
	if list := r.numbers(ctx, []string{key}); len(list) == 1 {
		return list[0]
	}
	return 0
}
