package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type linkIn struct {
	InRoom
	Body struct {
		Room incident.LogID `json:"room" doc:"Another room that I am in."`
	}
}

type linkRow struct {
	Root      incident.Seq     `json:"root"`
	Room      incident.LogID   `json:"room,omitempty" doc:"Absent if the asker is not in it."`
	Reference string           `json:"reference"`
	At        incident.Instant `json:"at"`
}

type linksAnswer struct {
	Links []linkRow `json:"links" doc:"Oldest first; for guests there are none."`
}

type alikeIn struct {
	Body struct {
		Report string `json:"report,omitempty" doc:"A report: rooms that its organisation is in."`
		Exact  string `json:"exact,omitempty" doc:"At most 2,000 characters: rooms with organisations that it names."`
	}
}

type alikeRow struct {
	Room      incident.LogID `json:"room"`
	Reference string         `json:"reference"`
	Title     string         `json:"title"`
	Orgs      []orgName      `json:"orgs" doc:"The organisations that both are about."`
	Leads     bool           `json:"leads" doc:"Whether the asker leads in it."`
}

type orgName struct {
	Code incident.OrgID `json:"code"`
	Name string         `json:"name"`
}

type alikeAnswer struct {
	Rooms []alikeRow `json:"rooms" doc:"Of the incident rooms that the asker is in, those that are not closed. There may be others."`
}

func (s *Server) mountRoomLinks() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/links", Access: Member, Tag: "rooms", ID: "room-links",
		Summary: "The rooms this one is linked with", Doc: "For hosts alone."}, s.links)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/links", Access: Member, Tag: "rooms", ID: "link-room", Status: http.StatusCreated,
		Summary: "Link the room with another that I am in", Doc: "The hosts in each are told the other's reference, and nothing else.", Faults: refusals}, s.linkRoom)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/links/{seq}/remove", Access: Member, Tag: "rooms", ID: "unlink-room",
		Summary: "End a link, in both rooms", Faults: refusals}, s.unlinkRoom)
	operate(s, operation{Method: http.MethodPost, Path: "/reports/alike", Access: Host, Unkeyed: true, Tag: "reports", ID: "alike-rooms",
		Summary: "Rooms of mine that are about the same organisations", Doc: "Asked before another is opened. Changes nothing.", Faults: refusals}, s.alike)
}

func (s *Server) links(ctx context.Context, c *call, _ *InRoom) (linksAnswer, error) {
	a := linksAnswer{Links: []linkRow{}}
	in, err := s.joinedRooms(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return a, err
	}
	for _, l := range policy.Links(room, m) {
		row := linkRow{Root: l.Root, Reference: l.Reference, At: l.At}
		if in(l.Room) {
			row.Room = l.Room
		}
		a.Links = append(a.Links, row)
	}
	return a, nil
}

// linkRoom writes this room's log, then the other's. A crash between the two is
// finished by the steward.
func (s *Server) linkRoom(ctx context.Context, c *call, in *linkIn) (receipt, error) {
	other, _, err := s.stands(ctx, in.Body.Room, c.actor.Person)
	if err != nil && incident.FaultOf(err) != incident.NotFound {
		return receipt{}, err
	}
	if err != nil {
		other = nil
	}
	return s.linking(ctx, c, command.LinkRoom{To: in.Body.Room, Other: other})
}

func (s *Server) unlinkRoom(ctx context.Context, c *call, in *plainIn) (receipt, error) {
	root, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.linking(ctx, c, command.UnlinkRoom{Root: root})
}

func (s *Server) linking(ctx context.Context, c *call, cmd command.Command) (receipt, error) {
	if err := s.change(c); err != nil {
		return receipt{}, err
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, cmd)
	if err != nil {
		return receipt{}, err
	}
	for _, e := range r.Events {
		if err := s.Steward.Linked(ctx, c.room.ID, e); err != nil {
			return receipt{r.Seq}, err
		}
	}
	return receipt{r.Seq}, nil
}

// alike looks only into rooms that the asker is in: whether there is another,
// and what it is about, is for those who are in that.
func (s *Server) alike(ctx context.Context, c *call, in *alikeIn) (alikeAnswer, error) {
	a := alikeAnswer{Rooms: []alikeRow{}}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return a, err
	}
	if len(in.Body.Exact) > 8000 {
		return a, incident.BadField("exact", "This is too long; at most 2,000 characters fit.")
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	of := incident.OrgID("")
	if in.Body.Report != "" {
		r, _, err := s.viewReport(ctx, c, in.Body.Report)
		if err != nil {
			return a, err
		}
		of = r.Org
	}
	names := namesIn(in.Body.Exact)
	fits := func(org incident.OrgID, name string) bool {
		if name == "" {
			name = sys.Orgs[org].Name
		}
		return org != "" && (org == of || names(string(org), name))
	}
	rooms, err := s.joined(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	for _, x := range rooms {
		room, m, err := s.stands(ctx, x.Room, c.actor.Person)
		if incident.FaultOf(err) == incident.NotFound {
			continue
		}
		if err != nil {
			return a, err
		}
		orgs := policy.Shares(room, m, fits)
		if len(orgs) == 0 || room.Cell != nil || room.Mode != incident.ModeIncident {
			continue // an exercise is about nobody
		}
		row := alikeRow{Room: room.ID, Reference: room.Reference, Title: room.Title, Orgs: []orgName{}, Leads: m.Leads()}
		for _, o := range orgs {
			row.Orgs = append(row.Orgs, orgName{o, sys.Orgs[o].Name})
		}
		a.Rooms = append(a.Rooms, row)
	}
	slices.SortFunc(a.Rooms, func(x, y alikeRow) int { return strings.Compare(y.Reference, x.Reference) })
	return a, nil
}

// namesIn says of an organisation whether a text names it: by its name, or by
// its code as a word.
func namesIn(text string) func(code, name string) bool {
	lower := strings.ToLower(text)
	words := map[string]bool{}
	for w := range strings.FieldsFuncSeq(lower, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }) {
		words[w] = true
	}
	return func(code, name string) bool {
		return words[strings.ToLower(code)] || len(name) > 3 && strings.Contains(lower, strings.ToLower(name))
	}
}
