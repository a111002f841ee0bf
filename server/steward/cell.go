package steward

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// Whoever is not in the main room is in none of its side rooms. Two things can
// make it otherwise, each an entry of another log than the one to be changed: a
// member goes, or is seated while they go. So both are followed.

// Gone takes somebody who left the main room, or was removed from it, out of its
// side rooms. e is the entry by which they went. It may run twice.
func (s *Steward) Gone(ctx context.Context, log incident.LogID, e *incident.Event) error {
	cells, err := s.j.Cells(ctx, log)
	if err != nil || len(cells) == 0 {
		return err
	}
	main, err := s.j.Room(ctx, log)
	if err != nil {
		return err
	}
	m := main.MemberRoot(e.Root)
	if m == nil || m.Person == "" || main.Member(m.Person).Present() {
		return nil // nobody, or somebody who has come back meanwhile
	}
	for _, cell := range cells {
		if err := s.unseat(ctx, cell, m.Person, keyFrom("gone "+string(cell), log, e.Seq)); err != nil {
			return err
		}
	}
	return nil
}

// seated looks whether whoever was seated in a side room is still in the main
// room.
func (s *Steward) seated(ctx context.Context, log incident.LogID, e *incident.Event, b *incident.MemberJoined) error {
	switch b.How {
	case "opened", "seated", "continued":
	default:
		return nil // by an invitation: that is no side room
	}
	cell, err := s.j.Room(ctx, log)
	if err != nil || cell.Cell == nil {
		return err
	}
	parent, err := s.j.Newest(ctx, cell.Cell.Parent)
	if err != nil {
		return err
	}
	main, err := s.j.Room(ctx, parent)
	if err != nil {
		return err
	}
	if main.Member(b.Person).Present() {
		return nil
	}
	return s.unseat(ctx, log, b.Person, keyFrom("unseated", log, e.Seq))
}

func (s *Steward) unseat(ctx context.Context, cell incident.LogID, p incident.PersonID, key incident.Key) error {
	room, err := s.j.Room(ctx, cell)
	if err != nil {
		if incident.FaultOf(err) == incident.NotFound {
			return nil // not opened yet: whoever opens it seats them, and that is followed
		}
		return err
	}
	if !room.Member(p).Present() {
		return nil
	}
	_, err = s.j.Append(ctx, cell, incident.Actor{System: true}, key, command.Unseat{Person: p})
	return done(err)
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
// room. It may run twice.
func (s *Steward) Promote(ctx context.Context, log incident.LogID, e *incident.Event, b *incident.PromotionAgreed) error {
	cell, err := s.j.Room(ctx, log)
	if err != nil || cell.Cell == nil {
		return err
	}
	main, err := s.j.Newest(ctx, cell.Cell.Parent)
	if err != nil {
		return err
	}
	_, err = s.j.Append(ctx, main, incident.Actor{System: true}, keyFrom("promoted", log, e.Seq), command.PromoteEntry{Agreed: *b, Org: cell.Cell.Org})
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
