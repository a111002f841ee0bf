package policy

import (
	"testing"

	"wardroom/server/incident"
)

// twice is somebody who was in the room for one host and is in it for the other.
func twice() (*incident.Room, *incident.Member) {
	room := incident.NewRoom("r")
	of := func(n incident.MemberNo, org incident.OrgID, state incident.MemberState) *incident.Member {
		return &incident.Member{Number: n, Person: "p", Org: org, Role: incident.Lead, Held: incident.Strategic, Host: true, State: state}
	}
	room.Members = []*incident.Member{of(1, "DSC", incident.Left), of(2, "NCSC", incident.Joined)}
	room.Reindex()
	return room, room.Members[1]
}

func TestNobodyAgreesToTheirOwnQuestionForTheOtherHost(t *testing.T) {
	room, m := twice()
	asked := incident.By{Member: 1, Org: "DSC"}
	s := &Scene{Room: room, Actor: incident.Actor{Person: "p"}, Object: &incident.Object{Broadcast: &incident.Broadcast{By: asked}}}
	if s.is(counterpart, m) {
		t.Error("who drafted a broadcast approves it for the other host")
	}
	if MayAnswer(room, m, &incident.Escalation{By: asked, Tier: incident.Strategic}) {
		t.Error("who asked answers for the other host")
	}
	room.Members[0].Person = "q"
	if !s.is(counterpart, m) || !MayAnswer(room, m, &incident.Escalation{By: asked, Tier: incident.Strategic}) {
		t.Error("somebody else may not")
	}
}

func TestAReportIsItsAuthorsAndTheHosts(t *testing.T) {
	sys := incident.NewSystem("s")
	sys.Hosts = []incident.OrgID{"DSC"}
	for id, p := range map[incident.PersonID]incident.Person{"author": {Orgs: []incident.OrgID{"X1N"}}, "colleague": {Orgs: []incident.OrgID{"X1N"}},
		"host": {Orgs: []incident.OrgID{"DSC"}}, "gone": {Orgs: []incident.OrgID{"DSC"}, Suspended: true}} {
		p.ID = id
		sys.People[id] = p
	}
	f := &incident.Filing{Person: "author", Org: "X1N", Via: incident.ViaWeb}
	for id, want := range map[incident.PersonID]bool{"author": true, "colleague": false, "host": true, "gone": false, "nobody": false} {
		if got := SeesReport(sys, id, f); got != want {
			t.Errorf("%s sees it: %v", id, got)
		}
	}
	f.Via = incident.ViaTelephone // a host took it: they see it as a host, and not after that
	sys.People["host"] = incident.Person{ID: "host", Orgs: []incident.OrgID{"X1N"}}
	f.Person = "host"
	if SeesReport(sys, "host", f) {
		t.Error("who took it by telephone, and is no host any more")
	}
	sys.People["author"] = incident.Person{ID: "author", Orgs: []incident.OrgID{"X2E"}}
	f.Via, f.Person = incident.ViaWeb, "author"
	if SeesReport(sys, "author", f) {
		t.Error("who left the organisation")
	}
}
