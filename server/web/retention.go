package web

import (
	"context"
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type retentionIn struct {
	InRoom
	Body struct {
		Years int `json:"years" doc:"After the room is closed. Longer than now: it is never made shorter."`
	}
}

type kept struct {
	Room      incident.LogID     `json:"room"`
	Reference string             `json:"reference"`
	Title     string             `json:"title"`
	Years     int                `json:"years"`
	Ended     *incident.Instant  `json:"ended" doc:"When it was closed; null while it is not: the years have not begun."`
	Until     *incident.Instant  `json:"until" doc:"Until when it is kept."`
	Over      bool               `json:"over" doc:"It has been kept long enough. While a hold stands it is kept all the same."`
	Holds     int                `json:"holds"`
	Lifecycle incident.Lifecycle `json:"lifecycle"`
}

type keptAnswer struct {
	kept
	Total  int            `json:"total" doc:"Entries that can be erased, or were."`
	Erased int            `json:"erased" doc:"Of those, how many were."`
	Next   []incident.Seq `json:"next" doc:"The first of the others, as many as are asked about at once; empty unless the time is over."`
}

type keptListAnswer struct {
	Rooms []kept `json:"rooms" doc:"Those I lead or audit, the first to run out first."`
}

func (s *Server) setRetention(ctx context.Context, c *call, in *retentionIn) (receipt, error) {
	return s.do(ctx, c, command.SetRetention{Years: in.Body.Years})
}

func keptOf(room *incident.Room, c *call) kept {
	k := kept{Room: room.ID, Reference: room.Reference, Title: room.Title, Years: room.Keeps().Years, Holds: len(room.Holds), Lifecycle: room.Lifecycle}
	if until, ok := room.KeptUntil(); ok {
		ended, at := room.Ended, incident.At(until)
		k.Ended, k.Until, k.Over = &ended, &at, !c.session.Now.Before(until)
	}
	return k
}

func (s *Server) keptRoom(ctx context.Context, c *call, _ *InRoom) (keptAnswer, error) {
	if !policy.KeepsRecord(c.member) {
		return keptAnswer{}, incident.Missing()
	}
	a := keptAnswer{kept: keptOf(c.room, c), Next: []incident.Seq{}}
	d, err := s.Journal.Disposal(ctx, c.room.ID, command.MaxErased)
	if err != nil {
		return keptAnswer{}, err
	}
	if a.Total, a.Erased = d.Total, d.Erased; a.Over {
		a.Next = append(a.Next, d.Next...)
	}
	return a, nil
}

func (s *Server) keptList(ctx context.Context, c *call, _ *none) (keptListAnswer, error) {
	a := keptListAnswer{Rooms: []kept{}}
	if c.actor.Person == "" {
		return a, nil
	}
	mine, err := s.Journal.Mine(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	for _, m := range mine {
		if m.State != incident.Joined {
			continue
		}
		room, me, err := s.stands(ctx, m.Room, c.actor.Person)
		if err != nil || !policy.KeepsRecord(me) {
			continue // left since, or shut: neither is a reason to hide the others
		}
		a.Rooms = append(a.Rooms, keptOf(room, c))
	}
	slices.SortStableFunc(a.Rooms, func(x, y kept) int {
		switch {
		case x.Until == nil && y.Until == nil:
			return 0
		case x.Until == nil:
			return 1
		case y.Until == nil:
			return -1
		}
		return x.Until.Compare(y.Until.Time)
	})
	return a, nil
}
