package policy

import (
	"slices"
	"testing"

	"wardroom/server/incident"
)

func TestWhoCameInByCodesTakesNothingOutAndLowersNoRed(t *testing.T) {
	room := incident.NewRoom("r")
	red := &incident.Object{Marking: incident.Marking{TLP: incident.Red}}
	for _, act := range Acts() {
		for _, object := range []*incident.Object{nil, red, {Marking: incident.Marking{TLP: incident.Amber}}} {
			s := &Scene{Room: room, Object: object, Actor: incident.Actor{Person: "p", Way: incident.ByCodes}}
			want := slices.Contains(notByCodes, act) || object == red && slices.Contains(redByCodes, act)
			if err := byCodes(act, s); (err != nil) != want || err != nil && incident.FaultOf(err) != incident.Forbidden {
				t.Errorf("%s by codes: %v", act, err)
			}
			for _, way := range []incident.SignInWay{incident.ByIssuer, incident.ByPasskey} {
				s.Actor.Way = way
				if err := byCodes(act, s); err != nil {
					t.Errorf("%s by %q: %v", act, way, err)
				}
			}
		}
	}
	for _, act := range []Act{RequestExport, ApproveExport, TakeExport, AskErasure, AgreeErasure, AgreeRed, OpenFeed} {
		if !slices.Contains(notByCodes, act) {
			t.Errorf("%s is done by codes", act)
		}
	}
}

func TestWhoMayFreezeLeadsALiveRoomOrAdministersForAHost(t *testing.T) {
	sys := incident.NewSystem("s")
	sys.Hosts = []incident.OrgID{"DSC", "NCSC"}
	for id, p := range map[incident.PersonID]incident.Person{"lead": {Orgs: []incident.OrgID{"DSC"}}, "guest": {Orgs: []incident.OrgID{"X1N"}, Admin: true},
		"admin": {Orgs: []incident.OrgID{"NCSC"}, Admin: true}, "gone": {Orgs: []incident.OrgID{"DSC"}, Admin: true, Suspended: true}} {
		p.ID = id
		sys.People[id] = p
	}
	for _, c := range []struct {
		id    incident.PersonID
		leads bool
		way   incident.SignInWay
		want  incident.FreezesAs
	}{{"lead", true, "", incident.AsLead}, {"lead", false, "", ""}, {"lead", true, incident.ByPasskey, incident.AsLead}, {"lead", true, incident.ByCodes, ""},
		{"admin", false, "", incident.AsAdministrator}, {"guest", true, "", ""}, {"gone", true, "", ""}, {"nobody", true, "", ""}} {
		if got := Freezes(sys, incident.Actor{Person: c.id, Way: c.way}, c.leads); got != c.want {
			t.Errorf("%s leads %v by %q: %q, want %q", c.id, c.leads, c.way, got, c.want)
		}
	}
	f := incident.Freeze{By: "lead"}
	if Thaws(sys, f, "lead") || !Thaws(sys, f, "admin") || Thaws(sys, f, "guest") {
		t.Error("who ends a freeze alone")
	}
}
