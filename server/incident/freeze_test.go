package incident_test

import (
	"fmt"
	"testing"
	"time"

	"wardroom/server/incident"
)

func TestAFreezeShutsOutThoseOfItsServiceUntilEachIsLetIn(t *testing.T) {
	s, at := incident.NewSystem("s"), time.Now()
	apply := func(by incident.PersonID, b incident.Body) {
		s = s.Clone()
		s.Apply(&incident.Event{Seq: s.Head + 1, Body: b, By: incident.By{Person: by}, Times: incident.Times{Recorded: incident.At(at)}})
	}
	for id, issuer := range map[incident.PersonID]string{"ciso": "health", "colleague": "health", "police": "other"} {
		apply("", &incident.PersonAdded{Person: id, Issuer: issuer, Subject: string(id), Orgs: []incident.OrgID{"X1N", "X2E"}})
	}
	before := s
	apply("lead", &incident.OrganisationFrozen{Code: "X1N", Issuer: "health"})
	if !s.FrozenOut("ciso") || !s.FrozenOut("colleague") || s.FrozenOut("police") || s.FrozenOut("nobody") || before.FrozenOut("ciso") {
		t.Error("who is shut out")
	}
	apply("lead", &incident.PersonReadmitted{Code: "X1N", Person: "ciso"})
	apply("", &incident.PersonAdded{Person: "new", Issuer: "health", Subject: "new", Orgs: []incident.OrgID{"X1N"}})
	if s.FrozenOut("ciso") || !s.FrozenOut("colleague") || !s.FrozenOut("new") || len(s.ShutOut("X1N")) != 2 || len(s.ShutOut("X2E")) != 0 {
		t.Error("who is let in again")
	}
	apply("lead", &incident.OrganisationFrozen{Code: "X2E", Issuer: "health"}) // another they act for
	if !s.FrozenOut("ciso") {
		t.Error("let in for one organisation she is in for all")
	}
	apply("ncsc", &incident.OrganisationUnfrozen{Code: "X2E"})
	apply("ncsc", &incident.OrganisationUnfrozen{Code: "X1N"})
	if len(s.Frozen) != 0 || len(s.ShutOut("")) != 0 {
		t.Error("it is still in the fold")
	}
}

func TestWhatIsOverLeavesTheFoldOfWhoAsksToComeIn(t *testing.T) {
	s, at := incident.NewSystem("s"), time.Now()
	apply := func(b incident.Body) {
		s = s.Clone()
		s.Apply(&incident.Event{Seq: s.Head + 1, Body: b, By: incident.By{Person: "p"}, Times: incident.Times{Recorded: incident.At(at)}})
	}
	for n := range 1000 {
		at = at.Add(time.Minute)
		apply(&incident.FallbackAsked{Person: "p", Request: fmt.Sprint("asked ", n)})
		apply(&incident.FallbackAsked{Person: "p", Request: fmt.Sprint("let in ", n)})
		apply(&incident.FallbackApproved{Person: "p", Request: fmt.Sprint("let in ", n)})
		apply(&incident.FallbackSignedIn{Person: incident.PersonID(fmt.Sprint(n)), Request: fmt.Sprint("let in ", n), Until: incident.At(at.Add(incident.ByOtherWayFor))})
	}
	if len(s.Asking) > 15 || len(s.ByCodes) > 60 || len(s.Asking) == 0 {
		t.Errorf("%d ask, %d are in", len(s.Asking), len(s.ByCodes))
	}
}
