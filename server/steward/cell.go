package steward

import (
	"context"
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// In a side room are people of the main room, with the roles they have there,
// and somebody leads it. An entry of either log can make it otherwise: a member
// goes or gets another role there; or is seated here on a view of the main room
// that is a moment old. So both are followed, and after each such entry the side
// room is brought in line with the main room as that stands then: whichever of
// two comes last, what it leaves is in line.

// Moved brings the side rooms of a main room in line after an entry by which
// somebody went or got another role: those that this person is in, all of them
// for "". It returns whose rooms are not what they were. It may run twice.
func (s *Steward) Moved(ctx context.Context, log incident.LogID, seq incident.Seq, person incident.PersonID) (whose []incident.PersonID, err error) {
	cells, err := s.j.Cells(ctx, log)
	if err != nil {
		return nil, err
	}
	var mine []journal.Mine
	if person != "" {
		if mine, err = s.j.Mine(ctx, person); err != nil {
			return nil, err
		}
	}
	for _, cell := range cells {
		if person != "" && !slices.ContainsFunc(mine, func(m journal.Mine) bool { return m.Room == cell && m.State == incident.Joined }) {
			continue
		}
		came, err := s.align(ctx, cell, keyFrom("moved "+string(cell), log, seq))
		if err != nil {
			return whose, err
		}
		whose = append(whose, came...)
	}
	return whose, nil
}

// seats brings a side room in line after an entry about who is in it; of
// another room it brings its side rooms in line.
func (s *Steward) seats(ctx context.Context, log incident.LogID, e *incident.Event) error {
	room, err := s.j.Room(ctx, log)
	if err != nil {
		return err
	}
	if room.Cell != nil {
		_, err := s.align(ctx, log, keyFrom("aligned", log, e.Seq))
		return err
	}
	if b, ok := e.Body.(*incident.MemberJoined); ok && b.How != "continued" {
		return nil // whoever comes into a room is in none of its side rooms
	}
	_, err = s.Moved(ctx, log, e.Seq, "")
	return err
}

// align brings one side room in line, and returns everybody who was or is in it
// if it was not.
func (s *Steward) align(ctx context.Context, cell incident.LogID, key incident.Key) (whose []incident.PersonID, err error) {
	room, err := s.j.Room(ctx, cell)
	if err != nil {
		if incident.FaultOf(err) == incident.NotFound {
			return nil, nil // not opened yet: whoever opens it seats them, and that is followed
		}
		return nil, err
	}
	parent, err := s.j.Newest(ctx, room.Cell.Parent)
	if err != nil {
		return nil, err
	}
	main, err := s.j.Room(ctx, parent)
	if err != nil {
		return nil, err
	}
	r, err := s.j.Append(ctx, cell, incident.Actor{System: true}, key, command.AlignCell{Parent: main})
	if err != nil {
		return nil, done(err)
	}
	for _, m := range room.Members {
		if m.Present() {
			whose = append(whose, m.Person)
		}
	}
	for _, e := range r.Events {
		if b, ok := e.Body.(*incident.MemberJoined); ok {
			whose = append(whose, b.Person)
		}
	}
	return whose, nil
}

// closed closes the side rooms of a room that was closed.
func (s *Steward) closed(ctx context.Context, log incident.LogID, e *incident.Event) error {
	cells, err := s.j.Cells(ctx, log)
	if err != nil {
		return err
	}
	for _, cell := range cells {
		_, err := s.j.Append(ctx, cell, incident.Actor{System: true}, keyFrom("closed "+string(cell), log, e.Seq), command.CloseCell{})
		if err := done(err); err != nil {
			return err
		}
	}
	return nil
}

// Promote says in the main room what an organisation agreed to in its side
// room, unless it has recalled that since. It may run twice.
func (s *Steward) Promote(ctx context.Context, log incident.LogID, e *incident.Event, b *incident.PromotionAgreed) error {
	cell, err := s.j.Room(ctx, log)
	if err != nil || cell.Cell == nil {
		return err
	}
	if agreed, recalled, err := s.j.Consent(ctx, log, e.Root); err != nil || agreed == 0 || recalled {
		return err
	}
	main, err := s.j.Newest(ctx, cell.Cell.Parent)
	if err != nil {
		return err
	}
	if _, err = s.j.Append(ctx, main, incident.Actor{System: true}, promoted(log, e.Seq), command.PromoteEntry{Agreed: *b, Org: cell.Cell.Org}); err != nil {
		return done(err)
	}
	return s.Recalled(ctx, log, e.Root) // that may have come between
}

// promoted is the key under which the main room is told what was agreed.
func promoted(cell incident.LogID, agreed incident.Seq) incident.Key {
	return keyFrom("promoted", cell, agreed)
}

// Recalled ends in the main room the sharing of what was brought there, if the
// entry that a question was about has been recalled in its side room. It may
// run twice.
func (s *Steward) Recalled(ctx context.Context, log incident.LogID, question incident.Seq) error {
	agreed, recalled, err := s.j.Consent(ctx, log, question)
	if err != nil || agreed == 0 || !recalled {
		return err
	}
	cell, err := s.j.Room(ctx, log)
	if err != nil || cell.Cell == nil {
		return err
	}
	main, err := s.j.Newest(ctx, cell.Cell.Parent)
	if err != nil {
		return err
	}
	said, ok, err := s.j.Kept(ctx, main, promoted(log, agreed))
	if err != nil || !ok {
		return err // it was not said; or in a section that nobody writes to any more
	}
	_, err = s.j.Append(ctx, main, incident.Actor{System: true}, keyFrom("recalled", log, agreed), command.RecallPromoted{Root: said})
	return done(err)
}

// done takes a refusal that no later try would change for the end of it: what is
// to be done was done, or the guard closed the log for ever.
func done(err error) error {
	if err != nil && (incident.FaultOf(err) == incident.Conflict || incident.FaultOf(err) == incident.NotFound) {
		return nil
	}
	return err
}
