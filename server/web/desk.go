package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/desk"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// mountDesk mounts the auditor's desk. What the asker may not read the desk of
// is not found, as if it were not there.
func (s *Server) mountDesk() {
	get := func(path, id, summary, doc string) operation {
		return operation{Method: http.MethodGet, Path: "/desk" + path, Access: SignedIn, Tag: "desk", ID: id, Summary: summary, Doc: doc, Faults: []incident.Fault{incident.NotFound, incident.Invalid}}
	}
	operate(s, get("/rooms", "desk-rooms", "The rooms whose desk I may read, and the organisations as they are today", ""), s.deskRooms)
	operate(s, get("/timeline", "desk-timeline", "The timeline of one or several rooms", "Put together by the times of recording. What I may not see stands as runs of numbers, or, with a filter, not at all."), s.deskTimeline)
	operate(s, get("/history", "desk-history", "An object with all that became of it, and what it is tied to", ""), s.deskHistory)
	operate(s, get("/known", "desk-known", "What a member could see, had been given and had opened at a moment", "Three facts, kept apart. Of entries that I may not see nothing is said."), s.deskKnown)
	operate(s, get("/access", "desk-access", "The access log of a room", ""), s.deskAccess)
	operate(s, get("/gaps", "desk-gaps", "What is missing or overdue in the record of rooms, and which decisions rest on what no longer stands", ""), s.deskGaps)
	operate(s, get("/chart", "desk-chart", "How the incident of a room went", ""), s.deskChart)
}

type deskRoom struct {
	Room      incident.LogID     `json:"room"`
	Reference string             `json:"reference"`
	Title     string             `json:"title"`
	Mode      incident.Mode      `json:"mode"`
	Lifecycle incident.Lifecycle `json:"lifecycle"`
	Opened    incident.Instant   `json:"opened"`
	Head      incident.Seq       `json:"head"`
	Clock     bool               `json:"clock" doc:"The room has a clock of its own."`
}

type deskOrganisation struct {
	Code          incident.OrgID `json:"code"`
	Name          string         `json:"name" doc:"Its name today."`
	Closed        bool           `json:"closed"`
	Successor     incident.OrgID `json:"successor,omitempty" doc:"The organisation that stands in its place today."`
	SuccessorName string         `json:"successorName,omitempty"`
}

type deskRoomsAnswer struct {
	Rooms         []deskRoom         `json:"rooms" doc:"The last opened first."`
	Organisations []deskOrganisation `json:"organisations" doc:"Those whose people are or were in these rooms."`
}

func (s *Server) deskRooms(ctx context.Context, c *call, _ *none) (deskRoomsAnswer, error) {
	a := deskRoomsAnswer{Rooms: []deskRoom{}, Organisations: []deskOrganisation{}}
	rooms, err := s.Desk.Rooms(ctx, c.actor.Person)
	if err != nil || len(rooms) == 0 {
		return a, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	seen := map[incident.OrgID]bool{}
	for _, r := range rooms {
		a.Rooms = append(a.Rooms, deskRoom{r.ID, r.Reference, r.Title, r.Mode, r.Lifecycle, r.Opened, r.Head, r.Clock != nil})
		m := r.Member(c.actor.Person)
		for _, of := range r.Members {
			if of.Number == 0 || seen[of.Org] || policy.SeesMember(r, m, of) == policy.Stub {
				continue
			}
			seen[of.Org] = true
			if o, ok := sys.Orgs[of.Org]; ok {
				a.Organisations = append(a.Organisations, today(sys, o))
			}
		}
	}
	slices.SortFunc(a.Organisations, func(x, y deskOrganisation) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Code, y.Code))
	})
	return a, nil
}

// today follows an organisation to whatever stands in its place.
func today(sys *incident.System, o incident.Organisation) deskOrganisation {
	d := deskOrganisation{Code: o.Code, Name: o.Name, Closed: sys.Closed[o.Code]}
	for range len(sys.Orgs) { // a circle of successors ends too
		next, ok := sys.Orgs[o.Successor]
		if !sys.Closed[o.Code] || !ok {
			break
		}
		o = next
	}
	if o.Code != d.Code {
		d.Successor, d.SuccessorName = o.Code, o.Name
	}
	return d
}

type timelineIn struct {
	Rooms  []string  `query:"room,explode" required:"true" doc:"Rooms, one or several."`
	Kinds  []string  `query:"kind,explode" doc:"Kinds' nouns: message, decision, action …"`
	Person string    `query:"person" doc:"Who acted: a room and a member's number in it, with a full stop between. The same person is found in the other rooms."`
	Org    string    `query:"org" doc:"The organisation on whose behalf."`
	TLP    string    `query:"tlp" doc:"The label as it stands now."`
	From   time.Time `query:"from" format:"date-time" doc:"At or after."`
	To     time.Time `query:"to" format:"date-time" doc:"Before."`
	By     string    `query:"by" enum:"recorded,happened" default:"recorded" doc:"Which time from and to are of."`
	Order  string    `query:"order" enum:"oldest,newest" default:"oldest"`
	Cursor string    `query:"cursor" doc:"Go on from here: the next of the answer before."`
	Limit  int       `query:"limit" default:"100" minimum:"1" maximum:"200"`
}

type timelineLine struct {
	Room incident.LogID `json:"room"`
	From incident.Seq   `json:"from"`
	To   incident.Seq   `json:"to" doc:"Of a run that I may not see, its last number; else the same as from."`

	Entry *policy.Seen `json:"entry,omitempty" doc:"Absent of a run that I may not see."`
	TLP   incident.TLP `json:"tlp,omitempty" doc:"The label of its object as it stands now."`
}

type timelineAnswer struct {
	Lines   []timelineLine `json:"lines"`
	Scanned int            `json:"scanned" doc:"Entries looked at, whether I may see them or not."`
	Next    string         `json:"next,omitempty" doc:"Where to go on; absent at the end."`
}

// roomsOf reads the rooms asked for: each once, some and not too many.
func roomsOf(texts []string) ([]incident.LogID, error) {
	var rooms []incident.LogID
	for _, t := range texts {
		if id := incident.LogID(t); !id.Valid() {
			return nil, incident.Missing()
		} else if !slices.Contains(rooms, id) {
			rooms = append(rooms, id)
		}
	}
	if len(rooms) == 0 || len(rooms) > maxDeskRooms {
		return nil, incident.BadField("room", "Choose 1 to %d rooms.", maxDeskRooms)
	}
	return rooms, nil
}

const maxDeskRooms = 20

func (s *Server) deskTimeline(ctx context.Context, c *call, in *timelineIn) (timelineAnswer, error) {
	a := timelineAnswer{Lines: []timelineLine{}}
	rooms, err := roomsOf(in.Rooms)
	if err != nil {
		return a, err
	}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return a, err
	}
	f := desk.Filter{Nouns: in.Kinds, Org: incident.OrgID(in.Org), TLP: incident.TLP(in.TLP), From: in.From, To: in.To, Happened: in.By == "happened"}
	if f.TLP != "" && !f.TLP.Valid() {
		return a, incident.BadField("tlp", "Choose one of the labels.")
	}
	if f.Person, err = s.deskPerson(ctx, c, in.Person); err != nil {
		return a, err
	}
	t, err := s.Desk.Timeline(ctx, c.actor.Person, rooms, f, in.Order == "newest", in.Cursor, in.Limit)
	if err != nil {
		return a, err
	}
	given := map[incident.LogID][]policy.Seen{}
	for i := range t.Lines {
		l := &t.Lines[i]
		line := timelineLine{Room: l.Room, From: l.From, To: l.To, TLP: l.TLP}
		if !l.Hidden() {
			line.Entry = &l.Seen
			given[l.Room] = append(given[l.Room], l.Seen)
		}
		a.Lines = append(a.Lines, line)
	}
	s.deliveredOf(ctx, c, given)
	a.Scanned, a.Next = t.Scanned, t.Next
	return a, nil
}

// deliveredOf has it written down that the asker was given these entries.
func (s *Server) deliveredOf(ctx context.Context, c *call, given map[incident.LogID][]policy.Seen) {
	for room, list := range given {
		if _, m, err := s.stands(ctx, room, c.actor.Person); err == nil {
			s.delivered(room, m, list)
		}
	}
}

// deskPerson finds whom a room's member number means, as far as the asker may
// know; what is not theirs to know is not found.
func (s *Server) deskPerson(ctx context.Context, c *call, text string) (incident.PersonID, error) {
	if text == "" {
		return "", nil
	}
	id, n, ok := cutMember(text)
	if !ok {
		return "", incident.BadField("person", "This is nobody.")
	}
	room, m, err := s.Desk.Enter(ctx, policy.ReadDesk, id, c.actor.Person)
	if err != nil {
		return "", err
	}
	of := room.Numbered(n)
	if of == nil || policy.SeesMember(room, m, of) != policy.Open {
		return "", incident.Missing()
	}
	return of.Person, nil
}

type historyIn struct {
	Room  string       `query:"room" required:"true"`
	Entry incident.Seq `query:"entry" required:"true" minimum:"1"`
}

type relatedObject struct {
	Root    incident.Seq  `json:"root"`
	Link    desk.Link     `json:"link" doc:"itself, supersedes, superseded, reverses, reversed, from, carries-out or relied."`
	Of      incident.Seq  `json:"of" doc:"The object that it is tied to."`
	Entries []policy.Seen `json:"entries" doc:"None: an object that I may not see."`
}

type historyAnswer struct {
	Objects []relatedObject `json:"objects" doc:"The object asked about first."`
}

func (s *Server) deskHistory(ctx context.Context, c *call, in *historyIn) (historyAnswer, error) {
	a := historyAnswer{Objects: []relatedObject{}}
	if in.Entry > 1<<62 {
		return a, incident.Missing()
	}
	id := incident.LogID(in.Room)
	list, err := s.Desk.History(ctx, c.actor.Person, id, in.Entry)
	if err != nil {
		return a, err
	}
	var given []policy.Seen
	for _, r := range list {
		a.Objects = append(a.Objects, relatedObject{r.Root, r.Link, r.Of, append([]policy.Seen{}, r.Entries...)})
		given = append(given, r.Entries...)
	}
	s.deliveredOf(ctx, c, map[incident.LogID][]policy.Seen{id: given})
	return a, nil
}

type knownIn struct {
	Room   string            `query:"room" required:"true"`
	Member incident.MemberNo `query:"member" required:"true" minimum:"1" doc:"The member's number."`
	Time   time.Time         `query:"time" format:"date-time" doc:"The moment; in an exercise by its clock."`
	Entry  incident.Seq      `query:"entry" doc:"Or: when this entry was the newest."`
	Before incident.Seq      `query:"before" doc:"Go on with the entries below this one."`
	Limit  int               `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

type rulesAnswer struct {
	Version int               `json:"version" doc:"The version of the rules of sight in force at the moment; 0 if none was listed yet."`
	Since   *incident.Instant `json:"since,omitempty" doc:"When it was listed."`
	Here    int               `json:"here" doc:"The version this server knows."`
	Applied bool              `json:"applied" doc:"They are the same. If not, what could be seen is not told."`
}

type knownMember struct {
	Number incident.MemberNo `json:"number"`
	Role   incident.Role     `json:"role"`
	Host   bool              `json:"host"`
	Start  incident.Seq      `json:"start" doc:"The first entry that their history reached; standing kinds apart."`
}

type knownGiven struct {
	Since incident.Instant `json:"since"`
	At    incident.Instant `json:"at" doc:"It was delivered between the two."`
	How   journal.How      `json:"how" doc:"live, page or object."`
	Form  string           `json:"form" doc:"open, envelope; or unknown, where the rules of then are others."`
	When  desk.When        `json:"when" doc:"by the moment, about then, or after."`
}

type knownOpened struct {
	At   incident.Instant `json:"at"`
	When desk.When        `json:"when"`
}

type knownTaken struct {
	knownOpened
	Feed string `json:"feed,omitempty" doc:"What the machine of their organisation is for that was given it. Absent: they took it themselves."`
}

type knownFact struct {
	From   incident.Seq `json:"from"`
	To     incident.Seq `json:"to"`
	Entry  *policy.Seen `json:"entry,omitempty" doc:"As I see it now. Absent: I may not see these entries, and nothing is said of them."`
	Could  string       `json:"could,omitempty" doc:"What they could see: open, envelope or nothing; unknown, where the rules of then are others."`
	Given  *knownGiven  `json:"given,omitempty" doc:"Absent: no delivery is on record."`
	Opened *knownOpened `json:"opened,omitempty" doc:"Absent: no opening is on record. Only sealed entries are opened."`
	Taken  *knownTaken  `json:"taken,omitempty" doc:"Absent: that they or a machine of their organisation took it out is not on record."`
}

type knownAnswer struct {
	At     incident.Seq      `json:"at" doc:"The newest entry at the moment; 0: there was none."`
	Moment incident.Instant  `json:"moment" doc:"Really, and not by an exercise's clock."`
	Rules  rulesAnswer       `json:"rules"`
	Member *knownMember      `json:"member,omitempty" doc:"As they were in the room then; absent: they were not, or the rules of then are others."`
	State  *incident.Instant `json:"state,omitempty" doc:"When they were last given the room's standing facts before the moment."`
	Facts  []knownFact       `json:"facts" doc:"Newest first."`
	Before *incident.Seq     `json:"before,omitempty" doc:"Go on with before set to this."`
}

func (s *Server) deskKnown(ctx context.Context, c *call, in *knownIn) (knownAnswer, error) {
	a := knownAnswer{Facts: []knownFact{}}
	if (in.Entry == 0) == in.Time.IsZero() {
		return a, incident.BadField("time", "Give a moment: a time or an entry.")
	}
	if in.Entry > 1<<62 || in.Before > 1<<62 {
		return a, incident.Missing()
	}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return a, err
	}
	id := incident.LogID(in.Room)
	k, err := s.Desk.Known(ctx, c.actor.Person, id, in.Member, desk.Moment{Time: in.Time, Entry: in.Entry}, in.Before, in.Limit)
	if err != nil {
		return a, err
	}
	a.At, a.Moment = k.At, incident.At(k.Moment)
	a.Rules = rulesAnswer{Version: k.Rules.Version, Here: k.Rules.Here, Applied: k.Rules.Apply()}
	if !k.Rules.Since.IsZero() {
		a.Rules.Since = &k.Rules.Since
	}
	if m := k.Member; m != nil {
		a.Member = &knownMember{m.Number, m.Role, m.Host, m.Start}
	}
	if k.State != nil {
		a.State = new(incident.At(k.State.At))
	}
	var given []policy.Seen
	for i := range k.Facts {
		f := &k.Facts[i]
		fact := knownFact{From: f.From, To: f.To}
		if !f.Hidden() {
			fact.Entry, fact.Could = &f.Seen, formWord(f.Could, "nothing")
			if !k.Rules.Apply() {
				fact.Could = "unknown"
			}
			if g := f.Given; g != nil {
				fact.Given = &knownGiven{incident.At(g.Since), incident.At(g.At), g.How, formWord(g.Form, "unknown"), g.When}
			}
			if o := f.Opened; o != nil {
				fact.Opened = &knownOpened{incident.At(o.At), o.When}
			}
			if o := f.Taken; o != nil {
				fact.Taken = &knownTaken{knownOpened{incident.At(o.At), o.When}, o.Feed}
			}
			given = append(given, f.Seen)
		}
		a.Facts = append(a.Facts, fact)
	}
	if k.Before != 0 {
		a.Before = &k.Before
	}
	s.deliveredOf(ctx, c, map[incident.LogID][]policy.Seen{id: given})
	return a, nil
}

func formWord(f policy.Form, none string) string {
	switch f {
	case policy.Open:
		return "open"
	case policy.Envelope:
		return "envelope"
	}
	return none
}
