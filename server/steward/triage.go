package steward

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// brought notes in the system log that a report is in a room. Of one that the
// room was opened of, that stands beside the room's registration already.
func (s *Steward) brought(ctx context.Context, log incident.LogID, e *incident.Event, b *incident.ReportBrought) error {
	if b.Report == "" || e.Refs.From == nil { // erased since; or it came with the opening
		return nil
	}
	_, err := s.j.Append(ctx, s.j.SystemLog(), incident.Actor{System: true}, keyFrom("brought", log, e.Seq), command.AddReport{Report: b.Report, Room: log})
	return done(err)
}

// Brought does at once what the follower would do for an entry that brought a
// report into a room. It may run twice.
func (s *Steward) Brought(ctx context.Context, log incident.LogID, e *incident.Event) error {
	if b, ok := e.Body.(*incident.ReportBrought); ok {
		return s.brought(ctx, log, e, b)
	}
	return nil
}

// Linked says in the other room what was linked or unlinked in this one. What
// the house wrote itself is the other room's word already. It may run twice.
func (s *Steward) Linked(ctx context.Context, log incident.LogID, e *incident.Event) error {
	if e.By.Member == 0 {
		return nil
	}
	room, err := s.j.Room(ctx, log)
	if err != nil {
		return err
	}
	var to incident.LogID
	var cmd command.Command
	switch b := e.Body.(type) {
	case *incident.RoomLinked:
		to, cmd = b.Room, command.MirrorLink{Room: log, Reference: room.Reference, Org: e.By.Org}
	case *incident.RoomUnlinked:
		to, cmd = b.Room, command.MirrorUnlink{Room: log}
	default:
		return nil
	}
	_, err = s.j.Append(ctx, to, incident.Actor{System: true}, keyFrom("linked", log, e.Seq), cmd)
	return done(err)
}
