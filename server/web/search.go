package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/search"
)

type SearchBody struct {
	Text       string     `json:"text,omitempty" doc:"Every word of it, in any case."`
	Kind       string     `json:"kind,omitempty" doc:"A kind's noun: message, decision, action, report, brief, rules, member, room, inject, clock, audience, entry, book, logentry, item, tearline, sighting or release."`
	From       *time.Time `json:"from,omitempty" doc:"At or after, by the time that people are shown: in an exercise, its clock's."`
	To         *time.Time `json:"to,omitempty" doc:"At or before, by the same."`
	MentionsMe bool       `json:"mentionsMe,omitempty"`
	Limit      int        `json:"limit,omitempty" doc:"1 to 100; 20 if absent."`
}

type searchIn struct {
	InRoom
	Body struct {
		SearchBody
		Person incident.MemberNo `json:"person,omitempty" doc:"Who wrote it: a member's number."`
		Before incident.Seq      `json:"before,omitempty" doc:"Go on from here: the next of the answer before."`
	}
}

type searchAllIn struct {
	Body struct {
		SearchBody
		Author string `json:"author,omitempty" doc:"Words of the name of who wrote it."`
		Before string `json:"before,omitempty" doc:"Go on from here: the next of the answer before."`
	}
}

type hit struct {
	Seq     incident.Seq  `json:"seq" doc:"The object's root."`
	Entries []policy.Seen `json:"entries"`
}

type searchAnswer struct {
	Hits    []hit         `json:"hits"`
	Scanned int           `json:"scanned" doc:"Entries looked at, whether they could be seen or not."`
	Next    *incident.Seq `json:"next" doc:"Go on with before set to this; null when everything was looked at."`
}

type roomHit struct {
	Room      incident.LogID `json:"room"`
	Reference string         `json:"reference"`
	Title     string         `json:"title"`
	By        string         `json:"by" doc:"Who wrote it; empty where the roster hides the name."`
	Seq       incident.Seq   `json:"seq"`
	Entries   []policy.Seen  `json:"entries"`
}

type searchAllAnswer struct {
	Hits []roomHit `json:"hits"`
	Next *string   `json:"next"`
}

// mountSearch mounts the searches. They are POSTs, so that what was looked for
// stands in no URL.
func (s *Server) mountSearch() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/search", Access: Member, Tag: "search", ID: "search-room", Unkeyed: true,
		Summary: "Search a room", Doc: "Looks at a bounded number of entries and says where to go on. TLP:RED is not searched."}, s.searchRoom)
	operate(s, operation{Method: http.MethodPost, Path: "/search", Access: SignedIn, Tag: "search", ID: "search-all", Unkeyed: true,
		Summary: "Search all my rooms"}, s.searchAll)
}

var nouns = []string{"", "message", "decision", "action", "report", "brief", "rules", "member", "room", "inject", "clock", "audience", "entry", "book", "logentry", "item", "tearline", "sighting", "release"}

func (b SearchBody) query() (search.Query, error) {
	q := search.Query{Text: b.Text, Noun: b.Kind, MentionsMe: b.MentionsMe, Limit: b.Limit}
	switch {
	case len(b.Text) > 400:
		return q, incident.BadField("text", "Look for fewer words.")
	case !slices.Contains(nouns, b.Kind):
		return q, incident.BadField("kind", "Choose one of the kinds.")
	case b.Limit < 0 || b.Limit > search.HitLimit:
		return q, incident.BadField("limit", "Choose 1 to %d.", search.HitLimit)
	}
	if b.From != nil {
		q.From = *b.From
	}
	if b.To != nil {
		q.To = *b.To
	}
	return q, nil
}

func (s *Server) searchRoom(ctx context.Context, c *call, in *searchIn) (searchAnswer, error) {
	q, err := in.Body.query()
	if err != nil {
		return searchAnswer{}, err
	}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return searchAnswer{}, err
	}
	q.Person, q.Before = in.Body.Person, min(in.Body.Before, 1<<62)
	f, err := s.Search.Room(ctx, c.room.ID, c.actor.Person, q)
	if err != nil {
		return searchAnswer{}, err
	}
	a := searchAnswer{Hits: []hit{}, Scanned: f.Scanned}
	if f.Next != 0 {
		a.Next = &f.Next
	}
	for _, h := range f.Hits {
		a.Hits = append(a.Hits, hit{h.Seq, h.Entries})
		s.delivered(c.room.ID, c.member, h.Entries)
	}
	return a, nil
}

func (s *Server) searchAll(ctx context.Context, c *call, in *searchAllIn) (searchAllAnswer, error) {
	a := searchAllAnswer{Hits: []roomHit{}}
	q, err := in.Body.query()
	if err != nil {
		return a, err
	}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return a, err
	}
	if c.actor.Person == "" {
		return a, nil
	}
	if len(in.Body.Author) > 200 {
		return a, incident.BadField("author", "Look for fewer words of a name.")
	}
	q.Author = in.Body.Author
	f, err := s.Search.All(ctx, c.actor.Person, q, in.Body.Before)
	if err != nil {
		return a, err
	}
	given := map[incident.LogID][]policy.Seen{}
	for _, h := range f.Hits {
		a.Hits = append(a.Hits, roomHit{h.Room, h.Reference, h.Title, h.By, h.Seq, h.Entries})
		given[h.Room] = append(given[h.Room], h.Entries...)
	}
	s.deliveredOf(ctx, c, given)
	if f.Next != "" {
		a.Next = &f.Next
	}
	return a, nil
}
