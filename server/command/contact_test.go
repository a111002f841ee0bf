package command_test

import (
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// outside is a deployment with one person of each kind.
func outside() *incident.System {
	s := incident.NewSystem("system")
	s.Head, s.Hosts = 9, []incident.OrgID{"DSC", "NCSC"}
	for _, code := range []incident.OrgID{"DSC", "NCSC", "X1N", "X2E", "OLD"} {
		s.Orgs[code] = incident.Organisation{Code: code, Name: string(code), Type: incident.Acute}
	}
	s.Closed["OLD"] = true
	for _, p := range []incident.Person{{ID: "host", Orgs: []incident.OrgID{"DSC"}}, {ID: "admin", Orgs: []incident.OrgID{"X2E"}, Admin: true},
		{ID: "keeper", Orgs: []incident.OrgID{"X1N"}, Keeps: []incident.OrgID{"X1N"}}, {ID: "colleague", Orgs: []incident.OrgID{"X1N", "OLD"}},
		{ID: "other", Orgs: []incident.OrgID{"X2E"}, Keeps: []incident.OrgID{"X2E"}}, {ID: "gone", Orgs: []incident.OrgID{"DSC", "X1N"}, Keeps: []incident.OrgID{"X1N"}, Admin: true, Suspended: true},
		{ID: "nobody"}} {
		s.People[p.ID] = p
	}
	s.Reindex()
	return s
}

func TestWhoHasToDoWithAnOrganisationsContacts(t *testing.T) {
	of := func(org incident.OrgID) incident.ContactOf {
		return incident.ContactOf{Contact: "c", Org: org, Role: incident.CISO}
	}
	const yes, no, missing, closed = incident.Fault(""), incident.Forbidden, incident.NotFound, incident.Conflict
	people := []incident.PersonID{"host", "admin", "keeper", "colleague", "other", "gone", "nobody", "unheard of"}
	for name, row := range map[string]struct {
		cmd  command.Command
		want []incident.Fault // by people
	}{
		"list":              {command.ListContact{Of: of("X1N")}, []incident.Fault{no, missing, yes, no, missing, missing, missing, missing}},
		"list, none keeps":  {command.ListContact{Of: of("NCSC")}, []incident.Fault{yes, missing, missing, missing, missing, missing, missing, missing}},
		"list, closed":      {command.ListContact{Of: of("OLD")}, []incident.Fault{closed, missing, missing, no, missing, missing, missing, missing}},
		"change":            {command.ChangeContact{Of: of("X1N")}, []incident.Fault{no, missing, yes, no, missing, missing, missing, missing}},
		"remove":            {command.RemoveContact{Of: of("X1N")}, []incident.Fault{no, missing, yes, no, missing, missing, missing, missing}},
		"remove, closed":    {command.RemoveContact{Of: of("OLD")}, []incident.Fault{yes, missing, missing, no, missing, missing, missing, missing}},
		"call":              {command.CallContact{Of: of("X1N")}, []incident.Fault{yes, missing, yes, yes, missing, missing, missing, missing}},
		"call elsewhere":    {command.CallContact{Of: of("X2E")}, []incident.Fault{yes, yes, missing, missing, yes, missing, missing, missing}},
		"call nowhere":      {command.CallContact{Of: of("NONE")}, []incident.Fault{missing, missing, missing, missing, missing, missing, missing, missing}},
		"verify by code":    {command.VerifyContact{Of: of("X1N"), How: incident.ByCode}, []incident.Fault{no, missing, yes, no, missing, missing, missing, missing}},
		"verify by ringing": {command.VerifyContact{Of: of("X1N"), How: incident.ByRinging}, []incident.Fault{yes, missing, no, no, missing, missing, missing, missing}},
		"name":              {command.NameOrganisationAdministrator{Org: "X1N", Person: "colleague"}, []incident.Fault{yes, yes, missing, missing, missing, missing, missing, missing}},
		"name, again":       {command.NameOrganisationAdministrator{Org: "X1N", Person: "keeper"}, []incident.Fault{closed, closed, missing, missing, missing, missing, missing, missing}},
		"name another's":    {command.NameOrganisationAdministrator{Org: "X1N", Person: "other"}, []incident.Fault{incident.Invalid, incident.Invalid, missing, missing, missing, missing, missing, missing}},
		"name, closed":      {command.NameOrganisationAdministrator{Org: "OLD", Person: "colleague"}, []incident.Fault{closed, closed, missing, missing, missing, missing, missing, missing}},
		"unname":            {command.NameOrganisationAdministrator{Org: "X1N", Person: "keeper", Unname: true}, []incident.Fault{yes, yes, missing, missing, missing, missing, missing, missing}},
		"enter":             {command.EnterOrganisations{}, []incident.Fault{missing, incident.Invalid, missing, missing, missing, missing, missing, missing}},
	} {
		for i, who := range people {
			_, err := command.Decide(command.Input{State: outside(), Size: 10, Actor: incident.Actor{Person: who}, Now: time.Now()}, row.cmd)
			got := incident.Fault("")
			if err != nil {
				got = incident.FaultOf(err)
			}
			if got != row.want[i] {
				t.Errorf("%s by %s: %q, want %q (%v)", name, who, got, row.want[i], err)
			}
		}
	}
}

func TestAnAdministratorWhoNoLongerActsForTheOrganisationKeepsNothing(t *testing.T) {
	s := outside()
	for _, body := range []incident.Body{&incident.PersonAffiliated{Person: "keeper", Orgs: []incident.OrgID{"X2E"}}, &incident.PersonAffiliated{Person: "keeper", Orgs: []incident.OrgID{"X1N"}}} {
		s.Apply(&incident.Event{Seq: s.Head + 1, Body: body})
		if keeps := s.People["keeper"].Keeps; len(keeps) != 0 {
			t.Fatalf("keeps %v", keeps)
		}
	}
	if _, err := command.Decide(command.Input{State: s, Size: 10, Actor: incident.Actor{Person: "keeper"}, Now: time.Now()},
		command.ListContact{Of: incident.ContactOf{Contact: "c", Org: "X1N", Role: incident.CISO}}); err != nil && incident.FaultOf(err) != incident.Forbidden {
		t.Errorf("and adds: %v", err)
	} else if err == nil {
		t.Error("and adds all the same")
	}
}
