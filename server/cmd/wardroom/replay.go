package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/exercise"
	"wardroom/server/incident"
	"wardroom/server/player"
)

type replay struct{ settings }

// Run may be repeated: it finds the room it made. The server may run meanwhile;
// it plays on when the room's clock is let go.
func (c replay) Run(w *world) error {
	cfg := c.beside(w)
	s, err := assembly.Open(w.ctx, cfg, w.log())
	if err != nil {
		return err
	}
	defer s.Close()
	if problems := s.CheckSystem(w.ctx); len(problems) > 0 {
		return assembly.Problems(problems)
	}
	sys, err := s.Journal.System(w.ctx)
	if err != nil {
		return err
	}
	todo, err := missingPlayers(sys, s.Player.Organisations())
	if err != nil {
		return err
	}
	for _, cmd := range todo {
		if err := s.Do(w.ctx, cmd); err != nil {
			return err
		}
	}
	if err := s.Player.Cast(w.ctx); err != nil {
		return err
	}
	room, err := s.Player.Begin(w.ctx, player.WannaCry)
	if err != nil {
		return err
	}
	at, err := s.Journal.Room(w.ctx, room)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s stands open, an EXERCISE:\n\n  %s/rooms/%s\n", at.Reference, strings.TrimSuffix(cfg.PublicURLs[0], "/"), room)
	return nil
}

// missingPlayers enters the fictional organisations that the exercise needs.
// The two hosts are real, so it only asks for them.
func missingPlayers(sys *incident.System, orgs []exercise.Organisation) (todo []command.Command, err error) {
	issuer := ""
	for _, o := range orgs {
		if o.Standing != exercise.Host {
			continue
		}
		if !slices.Contains(sys.Hosts, incident.OrgID(o.Code)) {
			return nil, fmt.Errorf("the exercise is held by DSC and NCSC, and %s is not one of this deployment's hosts. An administrator enters it and names it in the web app, under Deployment", o.Code)
		}
		if issuer == "" {
			issuer = sys.Orgs[incident.OrgID(o.Code)].Issuer
		}
	}
	if problems := assembly.UnassessedScales(sys); len(problems) > 0 {
		return nil, fmt.Errorf("the exercise assesses severity, and this deployment cannot. %s", problems[0])
	}
	for _, o := range orgs {
		if a := (incident.Assessor{Org: incident.OrgID(o.Code), Scale: incident.Scale(o.Assesses)}); a.Scale != "" && !slices.Contains(sys.Assessors, a) {
			return nil, fmt.Errorf("in the exercise %s assesses %s, and in this deployment it may not. An administrator names it for that scale in the web app, under Deployment",
				o.Code, map[incident.Scale]string{incident.NHSLevel: "NHS levels", incident.NCSCCategory: "NCSC categories"}[a.Scale])
		}
	}
	if issuer == "" {
		return nil, errors.New("neither host has a sign-in service, so the exercise's people would be nobody's. An administrator gives them one in the web app, under Organisations")
	}
	for _, o := range orgs {
		if _, known := sys.Orgs[incident.OrgID(o.Code)]; !known {
			todo = append(todo, command.AddOrganisation{Organisation: incident.Organisation{Code: incident.OrgID(o.Code), Name: o.Name, Type: incident.OrgType(o.Type), Issuer: issuer}})
		}
	}
	return todo, nil
}
