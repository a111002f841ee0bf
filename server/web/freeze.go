package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type freezeRow struct {
	Code   incident.OrgID   `json:"code"`
	Name   string           `json:"name"`
	At     incident.Instant `json:"at"`
	By     string           `json:"by"`
	Reason string           `json:"reason"`
	Out    []personRow      `json:"out" doc:"Who is shut out."`
	In     []personRow      `json:"in" doc:"Who was let in again."`
	Asked  *thawRow         `json:"asked,omitempty" doc:"Somebody asks that all are let in again."`
	Alone  bool             `json:"alone" doc:"The asker may let all in again by themselves: they are of the other host, or the second person."`
}

type thawRow struct {
	By     string           `json:"by"`
	At     incident.Instant `json:"at"`
	Reason string           `json:"reason"`
	Mine   bool             `json:"mine"`
}

type freezesAnswer struct {
	May      bool        `json:"may" doc:"Whether the asker may freeze, and let in again: whoever leads a live incident room for a host, or administers the deployment for one."`
	Frozen   []freezeRow `json:"frozen"`
	Sessions int         `json:"sessions" doc:"Of the organisation that was named: how many sessions freezing it ends."`
	People   int         `json:"people" doc:"How many people it shuts out."`
}

type freezesIn struct {
	Code string `query:"code" doc:"An organisation, to know what freezing it would do."`
}

type freezeIn struct {
	OrgPath
	Body struct {
		Reason string `json:"reason" doc:"At most 1,000 characters."`
	}
}

type readmitIn struct {
	OrgPath
	Body struct {
		Person incident.PersonID `json:"person"`
		How    string            `json:"how" doc:"How they were reached, by a way that does not go through their sign-in; at most 300 characters."`
	}
}

func (s *Server) mountFreeze() {
	fresh := append(slices.Clone(refusals), incident.StepUp)
	about := func(act, summary, doc string) operation {
		return operation{Method: http.MethodPost, Path: "/organisations/{code}/" + act, Access: Host, Tag: "organisations", ID: act + "-organisation", Summary: summary, Doc: doc, Faults: fresh}
	}
	operate(s, operation{Method: http.MethodGet, Path: "/freezes", Access: Host, Tag: "organisations", ID: "freezes",
		Summary: "Organisations whose people are shut out"}, s.freezes)
	operate(s, about("freeze", "Shut an organisation's people out", "Ends at once every session of those who sign in through its sign-in service, and lets none in. Its record and memberships stay."), s.freeze)
	operate(s, about("readmit", "Let one person of a frozen organisation in again", "After somebody made sure of them by another way."), s.readmit)
	operate(s, about("unfreeze", "Let all of a frozen organisation in again", "At once by somebody of the other host; else it asks, and a second person agrees."), s.unfreeze)
}

// leads reports whether a person leads an incident room of a host that has not
// closed.
func (s *Server) leads(ctx context.Context, p incident.PersonID) (bool, error) {
	mine, err := s.joined(ctx, p)
	if err != nil {
		return false, err
	}
	var unread error // of a room that another server must be asked about, if no other says that they do
	for _, m := range mine {
		if m.Role != incident.Lead && m.Role != incident.Deputy {
			continue
		}
		room, me, err := s.stands(ctx, m.Room, p)
		if journal.IsNewer(err) {
			unread = err
			continue
		}
		if err == nil && me.Leads() && me.Host && room.Mode == incident.ModeIncident && room.Lifecycle != incident.Closed {
			return true, nil
		}
		if err != nil && incident.FaultOf(err) != incident.NotFound {
			return false, err
		}
	}
	return false, unread
}

func people(list []incident.Person) []personRow {
	rows := []personRow{}
	for _, p := range list {
		rows = append(rows, personRow{p.ID, p.Name})
	}
	slices.SortFunc(rows, func(x, y personRow) int { return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return rows
}

// freezes tells the hosts' people who is shut out and why; what freezing
// another would do, only those who could.
func (s *Server) freezes(ctx context.Context, c *call, in *freezesIn) (freezesAnswer, error) {
	a := freezesAnswer{Frozen: []freezeRow{}}
	sys, err := s.Journal.SystemAt(ctx, c.sizes)
	if err != nil {
		return a, err
	}
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	a.May = policy.Freezes(sys, c.actor, leads) != ""
	for _, f := range sys.Frozen {
		row := freezeRow{Code: f.Code, Name: sys.Orgs[f.Code].Name, At: f.At, By: nameOf(sys, f.By), Reason: f.Reason, Out: people(sys.ShutOut(f.Code)), In: []personRow{},
			Alone: policy.Thaws(sys, f, c.actor.Person) || f.Thaw != nil && f.Thaw.By != c.actor.Person}
		for _, p := range f.Readmitted {
			row.In = append(row.In, personRow{p, nameOf(sys, p)})
		}
		if f.Thaw != nil {
			row.Asked = &thawRow{nameOf(sys, f.Thaw.By), f.Thaw.At, f.Thaw.Reason, f.Thaw.By == c.actor.Person}
		}
		a.Frozen = append(a.Frozen, row)
	}
	slices.SortFunc(a.Frozen, func(x, y freezeRow) int { return cmp.Compare(x.Code, y.Code) })
	if o, ok := sys.Orgs[incident.OrgID(in.Code)]; ok && a.May {
		var all []incident.Person
		for _, p := range sys.People {
			if slices.Contains(p.Orgs, o.Code) && (incident.Freeze{Issuer: o.Issuer}).Shuts(p.Issuer) {
				all = append(all, p)
			}
		}
		a.People = len(all)
		a.Sessions, err = s.Identity.Live(ctx, all)
	}
	return a, err
}

// freeze writes the entry first: from then on the log alone refuses them, on
// every node. Ending the sessions cuts their sockets; a crash before it leaves
// that to each node's next look.
func (s *Server) freeze(ctx context.Context, c *call, in *freezeIn) (receipt, error) {
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return receipt{}, err
	}
	r, err := s.toSystem(ctx, c, command.FreezeOrganisation{Code: incident.OrgID(in.Code), Reason: in.Body.Reason, Leads: leads})
	if err != nil {
		return r, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return r, err
	}
	_, err = s.Identity.EndShutOut(ctx, sys.ShutOut(incident.OrgID(in.Code)))
	return r, err
}

func (s *Server) readmit(ctx context.Context, c *call, in *readmitIn) (receipt, error) {
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return receipt{}, err
	}
	return s.toSystem(ctx, c, command.ReadmitPerson{Code: incident.OrgID(in.Code), Person: in.Body.Person, How: in.Body.How, Leads: leads})
}

func (s *Server) unfreeze(ctx context.Context, c *call, in *freezeIn) (receipt, error) {
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return receipt{}, err
	}
	return s.toSystem(ctx, c, command.UnfreezeOrganisation{Code: incident.OrgID(in.Code), Reason: in.Body.Reason, Leads: leads})
}
