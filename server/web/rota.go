package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
)

type rotasAnswer struct {
	Rotas  []directory.Rota             `json:"rotas" doc:"Of both hosts, each tier; version 0 where nobody has written one."`
	People map[incident.PersonID]string `json:"people" doc:"The names of those on them."`
}

type setRotaIn struct {
	OrgPath
	Tier string `path:"tier"`
	Body struct {
		Version int64             `json:"version" minimum:"0" doc:"The version on the screen."`
		Shifts  []directory.Shift `json:"shifts" doc:"At most 1,100."`
	}
}

func (s *Server) mountRotas() {
	operate(s, operation{Method: http.MethodGet, Path: "/deployment/rotas", Access: Host, Tag: "escalations", ID: "rotas", Summary: "Who is on call, at which tier and when"}, s.rotas)
	operateEmpty(s, operation{Method: http.MethodPut, Path: "/deployment/rotas/{code}/{tier}", Access: Host, Tag: "escalations", ID: "set-rota", Summary: "Write my organisation's rota of a tier",
		Faults: refusals}, s.setRota)
}

func (s *Server) rotas(ctx context.Context, _ *call, _ *none) (rotasAnswer, error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return rotasAnswer{}, err
	}
	list, err := s.Directory.Rotas(ctx, sys.Hosts)
	if err != nil {
		return rotasAnswer{}, err
	}
	a := rotasAnswer{Rotas: []directory.Rota{}, People: map[incident.PersonID]string{}}
	for _, org := range sys.Hosts {
		for _, tier := range []incident.Tier{incident.Operational, incident.Tactical, incident.Strategic} {
			r := directory.Rota{Org: org, Tier: tier, Shifts: []directory.Shift{}}
			if i := slices.IndexFunc(list, func(of directory.Rota) bool { return of.Org == org && of.Tier == tier }); i >= 0 {
				r = list[i]
			}
			r.Version = sys.RotaVersion(org, tier)
			for _, shift := range r.Shifts {
				a.People[shift.Person] = sys.People[shift.Person].Name
			}
			a.Rotas = append(a.Rotas, r)
		}
	}
	return a, nil
}

// setRota is for whoever acts for that host: its own rota, nobody else's.
func (s *Server) setRota(ctx context.Context, c *call, in *setRotaIn) (none, error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return none{}, err
	}
	org, tier := incident.OrgID(in.Code), incident.Tier(in.Tier)
	if !sys.IsHost(org) || !tier.Valid() {
		return none{}, incident.Missing()
	}
	if !slices.Contains(c.actor.Orgs, org) {
		return none{}, incident.Refuse(incident.Forbidden, "A host's rota is kept by its own people.")
	}
	b := in.Body
	if len(b.Shifts) > directory.MaxShifts {
		return none{}, incident.BadField("shifts", "At most %d shifts.", directory.MaxShifts)
	}
	for i, shift := range b.Shifts {
		at := func(field string) string { return fmt.Sprintf("shifts[%d].%s", i, field) }
		p, ok := sys.People[shift.Person]
		switch {
		case !ok || !slices.Contains(p.Orgs, org):
			return none{}, incident.BadField(at("person"), "Choose from your organisation's people.")
		case !shift.Until.After(shift.From.Time) || shift.Until.Sub(shift.From.Time) > 14*24*time.Hour:
			return none{}, incident.BadField(at("until"), "A shift ends after it begins, and within a fortnight.")
		case shift.Seniority < 1 || shift.Seniority > 20:
			return none{}, incident.BadField(at("seniority"), "From 1, who is asked first, to 20.")
		}
	}
	text, err := json.Marshal(b.Shifts)
	if err != nil {
		return none{}, err
	}
	// The log first: whoever is on call by the directory is so by an entry of it.
	_, err = s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, command.SetRota{Org: org, Tier: tier, Seen: b.Version, Shifts: len(b.Shifts), To: s.id("rota", string(text))})
	if err != nil {
		return none{}, err
	}
	return none{}, s.Directory.SetRota(ctx, directory.Rota{Org: org, Tier: tier, Version: b.Version + 1, Shifts: b.Shifts})
}

// onShift asks the rotas of the hosts who is on call at a moment.
func (s *Server) onShift(ctx context.Context, sys *incident.System, at time.Time) (command.OnShift, error) {
	list, err := s.Directory.Rotas(ctx, sys.Hosts)
	if err != nil {
		return nil, err
	}
	return func(org incident.OrgID, tier incident.Tier) []incident.PersonID {
		for _, r := range list {
			if r.Org == org && r.Tier == tier {
				return r.At(at)
			}
		}
		return nil
	}, nil
}
