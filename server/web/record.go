package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type boardIn struct {
	InRoom
	Noun    string         `path:"noun" doc:"severity, decision, action, book or logentry; item, tearline, sighting, release or promotion; escalation, clock, meeting, sitrep, update, request or handover."`
	State   []string       `query:"state" doc:"Only those in one of these states, with commas between. Of assessments: their scale, or reason."`
	Mine    bool           `query:"mine" doc:"Only those that wait for me."`
	Overdue bool           `query:"overdue" doc:"Only those whose time has passed by the room's clock and that are not finished; of items, the time to look at them again."`
	Expired bool           `query:"expired" doc:"Only items that are not to be acted on any more, by the room's clock."`
	Under   incident.Seq   `query:"under" doc:"Only lines of this book, actions that carry out this decision, tear-lines and sightings of this item, or requests and questions about this entry."`
	Org     incident.OrgID `query:"org" doc:"Only actions for this organisation, its assessments, its items, or requests to it."`
	Before  incident.Seq   `query:"before" doc:"Only those that began before this entry: the last of the page before."`
	Limit   int            `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

type needsIn struct {
	InRoom
	Limit int `query:"limit" default:"100" minimum:"1" maximum:"200"`
}

type boardAnswer struct {
	Roots   []incident.Seq `json:"roots" doc:"The objects, the newest first."`
	Entries []policy.Seen  `json:"entries" doc:"Everything about them that I may see, ascending; their roots included."`
	More    bool           `json:"more" doc:"There are others that I may see."`
	Head    incident.Seq   `json:"head"`
}

// mountRecord mounts the boards of the incident's record.
func (s *Server) mountRecord() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/record/{noun}", Access: Member, Tag: "record", ID: "board",
		Summary: "A board of the incident's record", Doc: "Objects of one noun, a page at a time. Filters that ask of what an envelope hides pass TLP:RED over, and what is recorded."}, s.board)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/needs", Access: Member, Tag: "record", ID: "needs",
		Summary: "What waits for me", Doc: "Clocks of mine that run, escalations that nobody has answered, decisions to take or confirm, then actions to accept or finish, then requests to release, then questions to bring something to the main room; the newest of each first."}, s.needs)
}

func (s *Server) board(ctx context.Context, c *call, in *boardIn) (boardAnswer, error) {
	q := journal.Board{Noun: journal.Noun(in.Noun), States: in.State, Mine: in.Mine, Under: in.Under, Org: in.Org, Before: in.Before, Limit: in.Limit}
	known := q.Noun.States()
	if known == nil {
		return boardAnswer{}, incident.Missing()
	}
	if in.Before > 1<<62 || in.Under > 1<<62 {
		return boardAnswer{}, incident.BadField("before", "There is no such entry.")
	}
	for _, state := range in.State {
		if !slices.Contains(known, state) {
			return boardAnswer{}, incident.BadField("state", "Choose one of the states there are.")
		}
	}
	if in.Org != "" && !in.Org.Valid() {
		return boardAnswer{}, incident.BadField("org", "There is no such organisation.")
	}
	slices.Sort(q.States) // each is a way of its own into the index: one named twice would be listed twice
	q.States = slices.Compact(q.States)
	if in.Overdue {
		q.Overdue = roomTime(c.room)
		if q.Noun == journal.Clocks {
			q.Overdue = time.Now() // the law knows no exercise's clock
		}
	}
	if in.Expired {
		q.Expired = roomTime(c.room)
	}
	roots, more, err := s.Journal.Board(ctx, c.room, c.member, q)
	if err != nil {
		return boardAnswer{}, err
	}
	return s.boardOf(ctx, c, roots, more)
}

func (s *Server) needs(ctx context.Context, c *call, in *needsIn) (boardAnswer, error) {
	roots, more, err := s.Journal.Needs(ctx, c.room, c.member, in.Limit)
	if err != nil {
		return boardAnswer{}, err
	}
	return s.boardOf(ctx, c, roots, more)
}

// boardOf reads the objects and judges them by the room as it stands after:
// one that was hidden meanwhile is not on the board.
func (s *Server) boardOf(ctx context.Context, c *call, roots []incident.Seq, more bool) (boardAnswer, error) {
	a := boardAnswer{Roots: []incident.Seq{}, Entries: []policy.Seen{}, More: more, Head: c.room.Head}
	if len(roots) == 0 {
		return a, nil
	}
	var err error
	if a.Entries, err = s.about(ctx, c, journal.Query{Roots: roots}); err != nil {
		return boardAnswer{}, err
	}
	s.delivered(c.room.ID, c.member, a.Entries)
	seen := map[incident.Seq]bool{}
	for _, e := range a.Entries {
		seen[e.Seq()] = true
	}
	for _, r := range roots {
		if seen[r] {
			a.Roots = append(a.Roots, r)
		}
	}
	return a, nil
}

// recordPage fills a page of the record's timeline. Its entries stand alone,
// so each object they are of comes with it, whole.
func (s *Server) recordPage(ctx context.Context, c *call, room *incident.Room, m *incident.Member, a pageAnswer, rows []journal.Row) (pageAnswer, error) {
	var roots []incident.Seq
	here := map[incident.Seq]bool{}
	for _, row := range rows {
		seen := policy.View(room, m, row.Sight, row.Entry)
		if seen.Form() == policy.Stub {
			continue
		}
		a.Entries = append(a.Entries, seen)
		here[seen.Seq()] = true
		if info, _ := row.Sight.Kind.Info(); info.Record && !slices.Contains(roots, row.Sight.Root) {
			roots = append(roots, row.Sight.Root)
		}
	}
	s.delivered(c.room.ID, m, a.Entries)
	if len(roots) == 0 {
		return a, nil
	}
	all, err := s.about(ctx, c, journal.Query{Roots: roots})
	if err != nil {
		return pageAnswer{}, err
	}
	for _, seen := range all {
		if !here[seen.Seq()] {
			a.Related = append(a.Related, seen)
		}
	}
	s.delivered(c.room.ID, m, a.Related)
	return a, nil
}

// roomTime is what the room's clock shows: in an exercise, the exercise's.
func roomTime(room *incident.Room) time.Time {
	if room.Clock != nil {
		return room.Clock.Now(time.Now()).Time
	}
	return time.Now()
}
