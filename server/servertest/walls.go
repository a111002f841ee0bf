package servertest

import (
	"context"
	"slices"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/projection"
)

// OneWall is the journal of a house that tells live delivery lies, so that one
// of its two walls is down and the other stands alone. Nothing of the program
// under test is changed for it.
type OneWall struct {
	*journal.Journal

	// NoPolicy: by fold and sight, everybody who ever joined is in the room
	// and was from its first entry on, the roster names everyone, all is for
	// the room and nothing is RED.
	NoPolicy bool
	// NoRows: by the rows, every membership is in the room and everything
	// is standing.
	NoRows bool
	// Pages reads what is stored; nil: the journal itself. One past row-level
	// security takes that wall down too.
	Pages *journal.Journal
}

// Watch is the journal's, as the one wall is told it.
func (w OneWall) Watch(ctx context.Context, room incident.LogID, fn func(*journal.Group)) (*incident.Room, func(), error) {
	at, cancel, err := w.Journal.Watch(ctx, room, func(g *journal.Group) { fn(w.group(g)) })
	if err != nil {
		return nil, nil, err
	}
	return w.fold(at), cancel, nil
}

// Room is the journal's, as the one wall is told it.
func (w OneWall) Room(ctx context.Context, id incident.LogID) (*incident.Room, error) {
	room, err := w.Journal.Room(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.fold(room), nil
}

// Rows is the journal's, as the one wall is told it.
func (w OneWall) Rows(ctx context.Context, room incident.LogID, roots []incident.Seq) ([]projection.Member, map[incident.Seq]*projection.Root, error) {
	members, stored, err := w.Journal.Rows(ctx, room, roots)
	for root, r := range stored {
		stored[root] = w.row(r)
	}
	return w.members(members), stored, err
}

// Page is the journal's, as the one wall is told it.
func (w OneWall) Page(ctx context.Context, room incident.LogID, person incident.PersonID, q journal.Query) ([]journal.Row, error) {
	from := w.Journal
	if w.Pages != nil {
		from = w.Pages
	}
	rows, err := from.Page(ctx, room, person, q)
	for i := range rows {
		rows[i].Sight, rows[i].Stored = w.sight(rows[i].Sight), w.row(rows[i].Stored)
	}
	return rows, err
}

func (w OneWall) group(g *journal.Group) *journal.Group {
	c := *g
	c.Before, c.Room, c.Members, c.Entries = w.fold(g.Before), w.fold(g.Room), w.members(g.Members), slices.Clone(g.Entries)
	for i := range c.Entries {
		e := &c.Entries[i]
		e.Sight, e.Stored = w.sight(e.Sight), w.row(e.Stored)
	}
	return &c
}

func (w OneWall) fold(room *incident.Room) *incident.Room {
	if !w.NoPolicy || room == nil {
		return room
	}
	c := room.Clone()
	c.Roster, c.Members, c.Pins = incident.RosterNames, nil, slices.Clone(room.Pins)
	for _, m := range room.Members {
		n := *m
		if n.Number != 0 {
			n.State, n.Start = incident.Joined, 0
		}
		c.Members = append(c.Members, &n)
	}
	for i := range c.Pins {
		c.Pins[i].Sight = w.sight(c.Pins[i].Sight)
	}
	c.Books = slices.Clone(room.Books)
	for i, k := range c.Books {
		of := *k
		of.Marking.TLP, of.Marking.Audience = incident.Clear, incident.Audience{Kind: incident.ToRoom}
		c.Books[i] = &of
	}
	if c.Report != nil {
		r := *c.Report
		r.Sight = w.sight(r.Sight)
		c.Report = &r
	}
	c.Reindex()
	return c
}

func (w OneWall) sight(s incident.Sight) incident.Sight {
	if w.NoPolicy {
		s.TLP, s.Audience = incident.Clear, incident.Audience{Kind: incident.ToRoom}
	}
	return s
}

func (w OneWall) row(r *projection.Root) *projection.Root {
	if !w.NoRows || r == nil {
		return r
	}
	c := *r
	c.Standing = true
	return &c
}

func (w OneWall) members(list []projection.Member) []projection.Member {
	if w.NoRows {
		list = slices.Clone(list)
		for i := range list {
			list[i].State = incident.Joined
		}
	}
	return list
}
