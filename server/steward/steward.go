// Package steward finishes across logs what one transaction cannot: a room is
// registered in the system log first and opened in its own second, and a
// closed room is noted in the system log. Each second step runs under a key
// derived from the first one's place, so it happens once however often it is
// tried, by whoever comes first: the request that began it, or the follower
// after a crash.
package steward

import (
	"context"
	"crypto/sha256"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// Steward is the follower. It is safe for concurrent use.
type Steward struct{ j *journal.Journal }

// New returns a steward over the journal.
func New(j *journal.Journal) *Steward { return &Steward{j} }

// keyFrom derives an idempotency key from an entry's place. It has a ULID's
// form and nobody but the house uses it: the actor of these commands is the
// system.
func keyFrom(what string, log incident.LogID, seq incident.Seq) incident.Key {
	h := sha256.New()
	h.Write([]byte(what + "\n" + string(log) + "\n"))
	for i := 56; i >= 0; i -= 8 {
		h.Write([]byte{byte(uint64(seq) >> i)})
	}
	return incident.KeyFrom([sha256.Size]byte(h.Sum(nil)))
}

// Finish opens a registered room: its own log and its access log. It may run
// twice, also at the same time on two nodes.
func (s *Steward) Finish(ctx context.Context, registered incident.Seq, r *incident.RoomRegistered) error {
	sys, err := s.j.System(ctx)
	if err != nil {
		return err
	}
	house := incident.Actor{System: true}
	if err := s.j.Create(ctx, incident.AccessLog, r.Access, r.Room); err != nil {
		return err
	}
	_, err = s.j.Append(ctx, r.Access, house, keyFrom("access", sys.ID, registered), command.OpenAccess{
		Genesis: s.j.Genesis(incident.AccessLog, r.Access, r.Room)})
	if err != nil {
		return err
	}
	if err := s.j.Create(ctx, incident.RoomLog, r.Room, ""); err != nil {
		return err
	}
	_, err = s.j.Append(ctx, r.Room, house, keyFrom("room", sys.ID, registered), command.OpenRoom{
		Registered: *r, From: incident.LogRef{Log: sys.ID, Seq: registered},
		Genesis: s.j.Genesis(incident.RoomLog, r.Room, ""), Hosts: r.Hosts})
	return err
}

// Run follows until ctx ends.
func (s *Steward) Run(ctx context.Context) error {
	done := make(chan error, 1)
	// A room's moves belong to its opening, a member's going to their membership:
	// nothing said in it need be opened to notice one.
	go func() { done <- s.j.FollowObjects(ctx, "steward/rooms", incident.RoomLog, followed, s.happened) }()
	err := s.j.Follow(ctx, "steward/system", incident.SystemLog, s.registered)
	if other := <-done; err == nil {
		err = other
	}
	return err
}

func (s *Steward) registered(ctx context.Context, _ incident.LogID, e *incident.Event) error {
	r, ok := e.Body.(*incident.RoomRegistered)
	if !ok {
		return nil
	}
	err := s.Finish(ctx, e.Seq, r)
	if err != nil && incident.FaultOf(err) == incident.Conflict {
		return nil // the guard closed one of its logs, for ever: there is nothing to finish, and others wait behind it
	}
	return err
}

// followed are the objects of a room whose entries have consequences in another
// log: its opening, memberships, what was asked of a side room's organisation,
// reports that were brought in, and links with other rooms.
var followed = []incident.Kind{"room.opened", "member.invited", "member.proposed", "member.joined", "promotion.asked", "report.brought", "room.linked"}

func (s *Steward) happened(ctx context.Context, log incident.LogID, e *incident.Event) error {
	switch b := e.Body.(type) {
	case *incident.SectionBegun:
		return s.begun(ctx, log, e, b)
	case *incident.MemberJoined, *incident.MemberChanged, *incident.MemberLeft, *incident.MemberRemoved:
		return s.seats(ctx, log, e)
	case *incident.EntryRecalled:
		return s.Recalled(ctx, log, e.Root)
	case *incident.ReportBrought:
		return s.brought(ctx, log, e, b)
	case *incident.RoomLinked, *incident.RoomUnlinked:
		return s.Linked(ctx, log, e)
	case *incident.PromotionAgreed:
		return s.Promote(ctx, log, e, b)
	case *incident.RoomMoved:
		if b.To == incident.Closed {
			return s.ended(ctx, log, e)
		}
	}
	return journal.ErrPassed
}

// ended notes in the system log that a room was closed, and closes its side
// rooms.
func (s *Steward) ended(ctx context.Context, log incident.LogID, e *incident.Event) error {
	if err := s.closed(ctx, log, e); err != nil {
		return err
	}
	_, err := s.j.Append(ctx, s.j.SystemLog(), incident.Actor{System: true}, keyFrom("closed", log, e.Seq), command.EndRoom{Room: log})
	return err
}
