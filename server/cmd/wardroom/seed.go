package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/devkit"
	"wardroom/server/exercise"
	"wardroom/server/incident"
)

// account is one of the invented people whom the development sign-in services
// vouch for (deploy/dev/idp/accounts.json).
type account struct {
	Key              string
	Sub              string
	Name             string
	Email            string
	Organisation     incident.OrgID
	OrganisationName string
	JobTitle         string
	Issuer           string
}

// accountsOf reads the accounts from the repository.
func accountsOf(root string) (people []account, err error) {
	text, err := os.ReadFile(filepath.Join(root, "deploy", "dev", "idp", "accounts.json"))
	if err == nil {
		err = json.Unmarshal(text, &people)
	}
	return people, err
}

// The development deployment's own facts. The number is one that Ofcom keeps
// for drama: it rings nowhere.
const devDuty = "020 7946 0160"

var (
	devHosts     = []incident.OrgID{"DSC", "NCSC"}
	devIssuers   = map[string]string{"health": "Health and care staff", "ncsc": "NCSC staff"}
	devAssessors = []incident.Assessor{{Org: "DSC", Scale: incident.NHSLevel}, {Org: "NCSC", Scale: incident.NCSCCategory}}
	devOnCall    = []string{"nightlead", "ncsc"} // Tom Okafor and Ewan Doyle, by their accounts' keys
)

// seed brings the deployment's record to what a development machine needs, by
// the commands an administrator would use, and leaves what is so already. The
// sign-in services' addresses are those of this run.
func seed(ctx context.Context, s *assembly.Server, people []account, issuers map[string]string, orgs []exercise.Organisation) error {
	if _, err := s.EnsureSystem(ctx); err != nil {
		return err
	}
	if err := s.ListKeys(ctx); err != nil {
		return err
	}
	for _, step := range []func(*incident.System) []command.Command{
		func(sys *incident.System) []command.Command { return seedIssuers(sys, people, issuers) },
		func(sys *incident.System) []command.Command { return seedOrganisations(sys, people, orgs) },
		func(sys *incident.System) []command.Command { return seedPeople(sys, people) },
		func(sys *incident.System) []command.Command { return seedDeployment(sys, people) },
		func(sys *incident.System) []command.Command { return seedAdministrator(sys, people) },
	} {
		sys, err := s.Journal.System(ctx)
		if err != nil {
			return err
		}
		for _, cmd := range step(sys) {
			if err := s.Do(ctx, cmd); err != nil {
				return fmt.Errorf("%T: %w", cmd, err)
			}
		}
	}
	return nil
}

func seedIssuers(sys *incident.System, people []account, urls map[string]string) (todo []command.Command) {
	domains := map[string][]string{}
	for _, p := range people {
		_, domain, _ := strings.Cut(p.Email, "@")
		if !slices.Contains(domains[p.Issuer], domain) {
			domains[p.Issuer] = append(domains[p.Issuer], domain)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(urls)) {
		want := incident.IssuerSet{Key: key, Name: devIssuers[key], URL: urls[key], Domains: domains[key],
			Acr: devkit.ACRMultiFactor, StepUp: devkit.ACRStepUp}
		if have, ok := sys.Issuers[key]; !ok || !reflect.DeepEqual(have, want) {
			todo = append(todo, command.SetIssuer{Issuer: want})
		}
	}
	return todo
}

func seedOrganisations(sys *incident.System, people []account, orgs []exercise.Organisation) (todo []command.Command) {
	kind := map[incident.OrgID]incident.OrgType{}
	for _, o := range orgs {
		kind[incident.OrgID(o.Code)] = incident.OrgType(o.Type)
	}
	known := maps.Clone(sys.Orgs)
	for _, p := range people {
		if _, ok := known[p.Organisation]; ok {
			continue
		}
		o := incident.Organisation{Code: p.Organisation, Name: p.OrganisationName, Issuer: p.Issuer, Type: kind[p.Organisation]}
		if o.Type == "" {
			o.Type = incident.OtherBody
		}
		known[o.Code] = o
		todo = append(todo, command.AddOrganisation{Organisation: o})
	}
	return todo
}

func seedDeployment(sys *incident.System, people []account) []command.Command {
	if sys.Duty != "" && len(sys.Hosts) == 2 && len(sys.Assessors) > 0 {
		return nil
	}
	onCall := []incident.PersonID{}
	for _, p := range people {
		if who, ok := sys.BySubject(p.Issuer, p.Sub); ok && slices.Contains(devOnCall, p.Key) {
			onCall = append(onCall, who.ID)
		}
	}
	return []command.Command{command.SetDeployment{Duty: devDuty, Hosts: devHosts, Assessors: &devAssessors, OnCall: &onCall}}
}

func seedPeople(sys *incident.System, people []account) (todo []command.Command) {
	for _, p := range people {
		if _, ok := sys.BySubject(p.Issuer, p.Sub); !ok {
			todo = append(todo, command.AddPerson{Person: incident.PersonID(incident.RandomID()), Name: p.Name,
				Issuer: p.Issuer, Subject: p.Sub, Orgs: []incident.OrgID{p.Organisation}})
		}
	}
	return todo
}

func seedAdministrator(sys *incident.System, people []account) []command.Command {
	for _, p := range sys.People {
		if p.Admin {
			return nil
		}
	}
	for _, p := range people {
		if who, ok := sys.BySubject(p.Issuer, p.Sub); ok && p.Key == "admin" {
			return []command.Command{command.GrantAdministrator{Person: who.ID}}
		}
	}
	return nil
}
