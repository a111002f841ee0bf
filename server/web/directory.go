package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// standingName is a standing on the wire.
var standingName = map[directory.Standing]string{directory.NoContact: "none", directory.Unverified: "unverified", directory.Stale: "stale", directory.Verified: "verified"}

type coverageRow struct {
	Code     incident.OrgID                  `json:"code"`
	Name     string                          `json:"name"`
	Type     incident.OrgType                `json:"type"`
	Contacts int                             `json:"contacts"`
	Any      string                          `json:"any" enum:"none,unverified,stale,verified" doc:"The best of all its contacts."`
	Roles    map[incident.ContactRole]string `json:"roles" doc:"The best contact of each role; a role that is left out has nobody."`
}

type coverageCount struct {
	Verified   int `json:"verified"`
	Stale      int `json:"stale"`
	Unverified int `json:"unverified"`
	None       int `json:"none"`
}

type typeCoverage struct {
	Type  incident.OrgType                       `json:"type"`
	Orgs  int                                    `json:"orgs"`
	Any   coverageCount                          `json:"any"`
	Roles map[incident.ContactRole]coverageCount `json:"roles"`
}

type directoryIn struct {
	Q     string `query:"q" doc:"Part of a name, a code or an ODS code."`
	Type  string `query:"type" doc:"Organisations of this type only."`
	Role  string `query:"role" doc:"With state: the role that has to be so."`
	State string `query:"state" enum:"none,unverified,stale,verified" doc:"How it has to be covered: by its best contact, or in the role."`
}

type directoryAnswer struct {
	Organisations []coverageRow `json:"organisations"`
	Found         int           `json:"found" doc:"How many there are; the first 200 by name are listed."`
	StaleDays     int           `json:"staleDays" doc:"How many days a verification holds."`
}

type coverageAnswer struct {
	Types     []typeCoverage `json:"types"`
	StaleDays int            `json:"staleDays"`
}

type selectIn struct {
	Body struct {
		Types []incident.OrgType     `json:"types"`
		Orgs  []incident.OrgID       `json:"orgs"`
		Roles []incident.ContactRole `json:"roles" doc:"Empty for any."`
	}
}

type selectedContact struct {
	Org  incident.OrgID       `json:"org"`
	Role incident.ContactRole `json:"role"`
	Name string               `json:"name"`
}

type selectedOrg struct {
	Code incident.OrgID `json:"code"`
	Name string         `json:"name"`
}

type selectAnswer struct {
	Organisations int               `json:"organisations"`
	Contacts      int               `json:"contacts" doc:"Whom a message would reach."`
	SMS           int               `json:"sms" doc:"Of them, by text message."`
	Email         int               `json:"email"`
	Stale         int               `json:"stale" doc:"Of them, verified too long ago."`
	NoNumber      []selectedContact `json:"noNumber" doc:"Contacts without a verified number for text messages."`
	Nobody        []selectedOrg     `json:"nobody" doc:"Organisations in which nobody has one."`
}

const directoryShown = 200

func (s *Server) mountDirectory() {
	operate(s, operation{Method: http.MethodGet, Path: "/directory", Access: Host, Tag: "directory", ID: "directory", Summary: "How organisations can be reached",
		Doc: "Who can be reached, in which role; no name and no number.", Faults: []incident.Fault{incident.Invalid}}, s.directory)
	operate(s, operation{Method: http.MethodGet, Path: "/directory/coverage", Access: Host, Tag: "directory", ID: "coverage", Summary: "Which types of organisation can be reached"}, s.coverage)
	operate(s, operation{Method: http.MethodPost, Path: "/directory/select", Access: Host, Unkeyed: true, Tag: "directory", ID: "select-contacts",
		Summary: "Whom a choice of types, organisations and roles comes to", Doc: "Sends nothing.", Faults: refusals}, s.selectContacts)
	operate(s, operation{Method: http.MethodPost, Path: "/directory/{code}/administrators", Access: Host, Tag: "directory", ID: "name-organisation-administrator",
		Summary: "Let one of an organisation's people keep its contacts, or no longer", Faults: append([]incident.Fault{incident.NotFound}, refusals...)}, s.nameKeeper)
	operate(s, operation{Method: http.MethodPost, Path: "/admin/organisations/{code}/administrators", Access: Admin, Tag: "administration", ID: "admin-name-organisation-administrator",
		Summary: "Let one of an organisation's people keep its contacts, or no longer", Faults: refusals}, s.nameKeeper)
	s.mountOrgContacts()
}

// book is what stands in the directory now, without names and numbers.
func (s *Server) book(ctx context.Context) (*directory.Book, error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return nil, err
	}
	contacts, err := s.Directory.Listing(ctx)
	return directory.NewBook(sys, contacts, time.Now(), s.Config.ContactStale), err
}

func (s *Server) staleDays() int {
	if s.Config.ContactStale > 0 {
		return int(s.Config.ContactStale / (24 * time.Hour))
	}
	return int(directory.DefaultStale / (24 * time.Hour))
}

func (s *Server) directory(ctx context.Context, _ *call, in *directoryIn) (directoryAnswer, error) {
	a := directoryAnswer{Organisations: []coverageRow{}, StaleDays: s.staleDays()}
	if in.Type != "" && !slices.Contains(incident.OrgTypes, incident.OrgType(in.Type)) {
		return a, incident.BadField("type", "There is no such type of organisation.")
	}
	if in.Role != "" && !incident.ContactRole(in.Role).Valid() {
		return a, incident.BadField("role", "There is no such role.")
	}
	b, err := s.book(ctx)
	if err != nil {
		return a, err
	}
	for _, c := range b.Coverage() {
		state := c.Any
		if in.Role != "" {
			state = c.Roles[incident.ContactRole(in.Role)]
		}
		if !matches(c.Org, in.Q) || in.Type != "" && string(c.Org.Type) != in.Type || in.State != "" && standingName[state] != in.State ||
			in.Role != "" && in.State == "" && state == directory.NoContact {
			continue
		}
		a.Found++
		if a.Found > directoryShown {
			continue
		}
		row := coverageRow{Code: c.Org.Code, Name: c.Org.Name, Type: c.Org.Type, Contacts: c.Contacts, Any: standingName[c.Any], Roles: map[incident.ContactRole]string{}}
		for role, st := range c.Roles {
			row.Roles[role] = standingName[st]
		}
		a.Organisations = append(a.Organisations, row)
	}
	return a, nil
}

func (s *Server) coverage(ctx context.Context, _ *call, _ *none) (coverageAnswer, error) {
	a := coverageAnswer{Types: []typeCoverage{}, StaleDays: s.staleDays()}
	b, err := s.book(ctx)
	if err != nil {
		return a, err
	}
	count := func(n [directory.Verified + 1]int) coverageCount {
		return coverageCount{Verified: n[directory.Verified], Stale: n[directory.Stale], Unverified: n[directory.Unverified], None: n[directory.NoContact]}
	}
	for _, t := range directory.ByType(b.Coverage()) {
		row := typeCoverage{Type: t.Type, Orgs: t.Orgs, Any: count(t.Any), Roles: map[incident.ContactRole]coverageCount{}}
		for role, n := range t.Roles {
			row.Roles[role] = count(n)
		}
		a.Types = append(a.Types, row)
	}
	return a, nil
}

func (s *Server) selectContacts(ctx context.Context, _ *call, in *selectIn) (selectAnswer, error) {
	a := selectAnswer{NoNumber: []selectedContact{}, Nobody: []selectedOrg{}}
	b, err := s.book(ctx)
	if err != nil {
		return a, err
	}
	for _, r := range in.Body.Roles {
		if !r.Valid() {
			return a, incident.BadField("roles", "There is no such role.")
		}
	}
	got := b.Select(in.Body.Types, in.Body.Orgs, in.Body.Roles)
	a.Organisations, a.Contacts = got.Orgs, len(got.Recipients)
	for _, r := range got.Recipients {
		if len(r.SMS) > 0 {
			a.SMS++
		}
		if len(r.Email) > 0 {
			a.Email++
		}
		if r.Stale {
			a.Stale++
		}
	}
	var ids []string
	for _, c := range got.NoNumber {
		ids = append(ids, c.ID)
	}
	names, err := s.Directory.NamesOf(ctx, ids)
	if err != nil {
		return a, err
	}
	for _, c := range got.NoNumber {
		a.NoNumber = append(a.NoNumber, selectedContact{c.Org, c.Role, names[c.ID]})
	}
	for _, o := range got.Nobody {
		a.Nobody = append(a.Nobody, selectedOrg{o.Code, o.Name})
	}
	return a, nil
}

type keeperIn struct {
	OrgPath
	Body struct {
		Person incident.PersonID `json:"person"`
		Named  bool              `json:"named"`
	}
}

func (s *Server) nameKeeper(ctx context.Context, c *call, in *keeperIn) (receipt, error) {
	return s.toSystem(ctx, c, command.NameOrganisationAdministrator{Org: incident.OrgID(in.Code), Person: in.Body.Person, Unname: !in.Body.Named})
}

// ofOrg lets in those who see how the organisation that the path names is
// reached. To everyone else there is no such organisation, after the same work:
// what they may is in the fold, and no contact is looked at.
func (s *Server) ofOrg(ctx context.Context, c *call, org incident.OrgID) error {
	sys, err := s.Journal.SystemAt(ctx, c.sizes)
	if err != nil {
		return err
	}
	if !policy.ReadsContacts(sys, c.actor.Person, org) {
		return incident.Missing()
	}
	return nil
}
