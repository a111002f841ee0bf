package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type sectionAnswer struct {
	State string            `json:"state" enum:"ok,behind,different" doc:"behind: the record here has fewer entries than were signed for; different: it has others. Then nothing more is written to it."`
	At    *incident.Instant `json:"at,omitempty" doc:"When that was found."`
	Size  uint64            `json:"size,omitempty" doc:"Entries it has here, the genesis included."`
	Held  uint64            `json:"held,omitempty" doc:"Entries that were signed for."`
	Next  incident.LogID    `json:"next,omitempty" doc:"The room in which it goes on, if I am in it."`
}

type continueAnswer struct {
	Room incident.LogID `json:"room" doc:"The new section."`
}

type judgeIn struct {
	InRoom
	Body struct {
		Verdict incident.SectionVerdict `json:"verdict" enum:"joined,condemned"`
		Seen    incident.Seq            `json:"seen" doc:"The last entry on the screen it was decided at."`
	}
}

func (s *Server) mountSections() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/section", Access: Member, Tag: "rooms", ID: "section",
		Summary: "Whether this section of the room may be written to"}, s.section)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/continue", Access: Member, Tag: "rooms", ID: "continue-room", Status: http.StatusCreated,
		Summary: "Go on in a new section, where this one is not what was signed for", Faults: refusals}, s.continueRoom)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/judge-section", Access: Member, Tag: "rooms", ID: "judge-section",
		Summary: "Say for my organisation what the section before is worth", Faults: []incident.Fault{incident.Forbidden, incident.Conflict, incident.StepUp}}, s.judgeSection)
}

func (s *Server) section(ctx context.Context, c *call, _ *InRoom) (sectionAnswer, error) {
	found, err := s.Journal.Broken(ctx, c.room.ID)
	if err != nil {
		return sectionAnswer{}, err
	}
	b, ok := found[c.room.ID]
	if !ok {
		return sectionAnswer{State: "ok"}, nil
	}
	a := sectionAnswer{State: string(b.State), At: &b.At, Size: b.Here, Held: b.Held}
	if a.Next, err = s.next(ctx, b, c.actor.Person); err != nil {
		return sectionAnswer{}, err
	}
	return a, nil
}

// brokenOf are those of the rooms somebody is in that may not be written to.
func (s *Server) brokenOf(ctx context.Context, mine []journal.Mine) (map[incident.LogID]journal.Break, error) {
	var ids []incident.LogID
	for _, x := range mine {
		if x.State == incident.Joined {
			ids = append(ids, x.Room)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return s.Journal.Broken(ctx, ids...)
}

// next is the section after a broken one, for who is in it.
func (s *Server) next(ctx context.Context, b journal.Break, p incident.PersonID) (incident.LogID, error) {
	if b.Next == "" {
		return "", nil
	}
	_, _, err := s.stands(ctx, b.Next, p)
	if incident.FaultOf(err) == incident.NotFound && err != nil {
		return "", nil
	}
	return b.Next, err
}

// continueRoom begins the next section. The ids are derived from the section
// that was broken off, so of two leads one begins it and both come into it.
func (s *Server) continueRoom(ctx context.Context, c *call, _ *roomOnly) (continueAnswer, error) {
	if err := s.change(c); err != nil {
		return continueAnswer{}, err
	}
	found, err := s.Journal.Broken(ctx, c.room.ID)
	if err != nil {
		return continueAnswer{}, err
	}
	b, ok := found[c.room.ID]
	if !ok {
		return continueAnswer{}, incident.Refuse(incident.Conflict, "This section of the room can be written to: there is no need for another.")
	}
	// Judged again where the section begins; here so that nothing is made for
	// somebody who may not begin it.
	if err := policy.Permit(policy.Continue, &policy.Scene{Room: c.room, Actor: c.actor}); err != nil {
		return continueAnswer{}, err
	}
	id := incident.LogID(s.id("section", string(c.room.ID)))
	if err := s.Steward.Continue(ctx, c.actor, c.key, c.room, b, id, incident.LogID(s.id("section access", string(c.room.ID)))); err != nil {
		return continueAnswer{}, err
	}
	for _, m := range c.room.Members {
		if m.Present() {
			s.tellRooms(m.Person)
		}
	}
	return continueAnswer{Room: id}, nil
}

func (s *Server) judgeSection(ctx context.Context, c *call, in *judgeIn) (receipt, error) {
	return s.do(ctx, c, command.JudgeSection{Verdict: in.Body.Verdict, Seen: in.Body.Seen})
}

// Closed tells the members of a room, on this node, that nothing more can be
// written in this section of it.
func (s *Server) Closed(ctx context.Context, log incident.LogID) {
	room, err := s.Journal.Room(ctx, log)
	if err != nil {
		return // no room: an access log, or the deployment's own
	}
	for _, m := range room.Members {
		if m.Present() {
			s.tellRooms(m.Person)
		}
	}
}
