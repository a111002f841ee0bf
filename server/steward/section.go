package steward

import (
	"context"
	"encoding/hex"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// Continue begins the section in which a room goes on whose log was found not
// to be what was signed for, for the person who asks. room and access are the
// new logs' ids, the same however often it is asked: whoever comes second is
// answered with what the first has begun.
//
// It needs nothing of the system log, which may be read-only for the same
// reason: the new section is entered there by the follower, when it can be.
func (s *Steward) Continue(ctx context.Context, actor incident.Actor, key incident.Key, was *incident.Room, found journal.Break, room, access incident.LogID) error {
	if err := s.attach(ctx, room, access, was.Section+1); err != nil {
		return err
	}
	if err := s.j.CreateNext(ctx, incident.RoomLog, room, "", was.ID); err != nil {
		return err
	}
	cmd := command.ContinueRoom{Was: was, After: was.ID, Genesis: s.j.Genesis(incident.RoomLog, room, ""), Break: incident.Break{
		State: found.State, Log: was.ID, Origin: s.j.Genesis(incident.RoomLog, was.ID, "").Origin, Size: found.Here, Root: hex.EncodeToString(found.Root[:]),
		Held: found.Held, HeldRoot: hex.EncodeToString(found.Other[:])}}
	_, err := s.j.Append(ctx, room, actor, key, cmd)
	if err != nil && incident.FaultOf(err) == incident.Conflict { // another lead was first
		err = nil
	}
	if err != nil || was.Cell == nil {
		return err
	}
	// Nobody could be taken out of the section before while it was read-only.
	_, err = s.align(ctx, room, keyFrom("continued", room, 0))
	return err
}

// attach gives a new section its access log. It may run twice.
func (s *Steward) attach(ctx context.Context, room, access incident.LogID, section int) error {
	if err := s.j.Create(ctx, incident.AccessLog, access, room); err != nil {
		return err
	}
	_, err := s.j.Append(ctx, access, incident.Actor{System: true}, keyFrom("access", room, 0), command.ContinueAccess{
		Genesis: s.j.Genesis(incident.AccessLog, access, room), Section: section})
	return err
}

// begun enters a new section in the system log.
func (s *Steward) begun(ctx context.Context, log incident.LogID, e *incident.Event, b *incident.SectionBegun) error {
	room, err := s.j.Room(ctx, log)
	if err != nil {
		return err
	}
	access, err := s.j.AccessOf(ctx, log)
	if err != nil {
		return err // the request that began it is still at work, or is sent again
	}
	_, err = s.j.Append(ctx, s.j.SystemLog(), incident.Actor{System: true}, keyFrom("section", log, e.Seq), command.EnterSection{Continued: incident.RoomContinued{
		Access: access, After: b.Break.Log, Mode: room.Mode, Reference: room.Reference, Room: log, Section: b.Section}})
	return err
}
