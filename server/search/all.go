package search

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// RoomHit is a hit of a search over all of a person's rooms.
type RoomHit struct {
	Room      incident.LogID
	Reference string
	Title     string
	By        string // who wrote it, as far as the asker may know the name
	Hit
}

// FoundAll is what one request over all rooms found: room by room, the rooms
// opened last first, the newest first in each.
type FoundAll struct {
	Hits []RoomHit
	Next string // where to go on; empty when everything was looked at
}

// All searches all rooms the person is in. cursor is a Next given before, or
// empty; what is not one begins again.
func (s *Searcher) All(ctx context.Context, person incident.PersonID, q Query, cursor string) (FoundAll, error) {
	if err := s.enter(ctx); err != nil {
		return FoundAll{}, err
	}
	defer func() { <-s.runs }()
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit = min(q.Limit, HitLimit)
	rooms, err := s.rooms(ctx, person)
	if err != nil {
		return FoundAll{}, err
	}
	all := FoundAll{Hits: []RoomHit{}}
	at, before := resume(rooms, cursor)
	budget, limit := ScanLimit, q.Limit
	for ; at < len(rooms); at++ {
		if budget <= 0 || len(all.Hits) >= limit {
			all.Next = mark(rooms[at].ID, before)
			return all, nil
		}
		q.Before, q.Limit = before, limit-len(all.Hits)
		f, err := s.room(ctx, rooms[at].ID, person, q, budget)
		if incident.FaultOf(err) == incident.NotFound && err != nil {
			before = 0
			continue // left or removed since
		}
		if err != nil {
			return FoundAll{}, err
		}
		budget -= f.read
		for _, h := range f.Hits {
			all.Hits = append(all.Hits, RoomHit{Room: rooms[at].ID, Reference: rooms[at].Reference, Title: rooms[at].Title, By: author(rooms[at], person, h), Hit: h})
		}
		if f.Next != 0 {
			all.Next = mark(rooms[at].ID, f.Next)
			return all, nil
		}
		before = 0
	}
	return all, nil
}

// author names who wrote a hit, as far as the asker may know.
func author(room *incident.Room, person incident.PersonID, h Hit) string {
	if e := h.Entries[0].Event(); e != nil {
		return policy.NameOf(room, room.Member(person), e.By.Member)
	}
	return ""
}

// rooms are the person's, in an order that stays: the last opened first.
func (s *Searcher) rooms(ctx context.Context, person incident.PersonID) ([]*incident.Room, error) {
	mine, err := s.j.Mine(ctx, person)
	if err != nil {
		return nil, err
	}
	var rooms []*incident.Room
	for _, m := range mine {
		if m.State != incident.Joined {
			continue
		}
		room, _, err := s.stands(ctx, m.Room, person)
		if err != nil && incident.FaultOf(err) == incident.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		rooms = append(rooms, room)
	}
	slices.SortFunc(rooms, func(a, b *incident.Room) int { return cmp.Or(b.Opened.Compare(a.Opened.Time), cmp.Compare(a.ID, b.ID)) })
	return rooms, nil
}

func mark(room incident.LogID, before incident.Seq) string {
	return string(room) + "." + strconv.FormatUint(uint64(before), 10)
}

func resume(rooms []*incident.Room, cursor string) (at int, before incident.Seq) {
	id, n, _ := strings.Cut(cursor, ".")
	at = slices.IndexFunc(rooms, func(r *incident.Room) bool { return string(r.ID) == id })
	seq, err := strconv.ParseUint(n, 10, 62)
	if at < 0 || err != nil {
		return 0, 0
	}
	return at, incident.Seq(seq)
}
