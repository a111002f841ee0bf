package policy_test

import (
	"slices"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// An alert to X1N and X2E, and one person of each kind.
func alerted() (*incident.System, *incident.Alert) {
	s := incident.NewSystem("system")
	s.Hosts = []incident.OrgID{"DSC", "NCSC"}
	for _, p := range []incident.Person{{ID: "host", Orgs: []incident.OrgID{"DSC"}}, {ID: "one", Orgs: []incident.OrgID{"X1N"}}, {ID: "both", Orgs: []incident.OrgID{"X2E", "X1N", "X3W"}},
		{ID: "other", Orgs: []incident.OrgID{"X3W"}}, {ID: "admin", Orgs: []incident.OrgID{"X3W"}, Admin: true}, {ID: "gone", Orgs: []incident.OrgID{"DSC", "X1N"}, Suspended: true}, {ID: "nobody"}} {
		s.People[p.ID] = p
	}
	return s, &incident.Alert{Number: 1, Rows: []incident.AlertRow{{Org: "X1N"}, {Org: "X2E"}}}
}

func TestWhoSeesWhatOfAnAlert(t *testing.T) {
	s, a := alerted()
	both := []incident.OrgID{"X1N", "X2E"}
	issued := &incident.Event{By: incident.By{Person: "host"}, Body: &incident.AlertIssued{Alert: 1, Orgs: both}}
	forBoth := &incident.Event{By: incident.By{Person: "both"}, Body: &incident.AlertAcknowledged{Alert: 1, Orgs: both}}
	forOther := &incident.Event{By: incident.By{Person: "both"}, Body: &incident.AlertAcknowledged{Alert: 1, Orgs: []incident.OrgID{"X2E"}}}
	told := &incident.Event{By: incident.By{Person: "host"}, Body: &incident.AlertAcknowledged{Alert: 1, Orgs: both, Via: incident.ViaEmail}}
	closed := &incident.Event{By: incident.By{Person: "host"}, Body: &incident.AlertClosed{Alert: 1}}
	another := &incident.Event{By: incident.By{Person: "host"}, Body: &incident.AlertIssued{Alert: 2, Orgs: both}}
	for who, want := range map[incident.PersonID]struct {
		own, seen []incident.OrgID // of it; of an entry that names both
		other     bool             // sees what was said of X2E alone
		name      bool             // of the host who entered what was told
	}{
		"host": {nil, both, true, true}, "one": {[]incident.OrgID{"X1N"}, []incident.OrgID{"X1N"}, false, false}, "both": {both, both, true, false},
		"other": {}, "admin": {}, "gone": {}, "nobody": {}, "unheard of": {},
	} {
		sees := want.seen != nil
		if got := policy.SeesAlert(s, who, a); got != sees {
			t.Errorf("%s sees it: %v", who, got)
		}
		if got := policy.OwnAlertRows(s, who, a); !slices.Equal(got, want.own) {
			t.Errorf("%s answers for %v", who, got)
		}
		for _, e := range []*incident.Event{issued, forBoth, told} {
			if got, ok := policy.AlertEntry(s, who, a, e); ok != sees || !slices.Equal(got, want.seen) {
				t.Errorf("%s of %T: %v %v", who, e.Body, got, ok)
			}
		}
		if got, ok := policy.AlertEntry(s, who, a, forOther); ok != want.other || ok && !slices.Equal(got, []incident.OrgID{"X2E"}) {
			t.Errorf("%s of X2E's: %v %v", who, got, ok)
		}
		if got, ok := policy.AlertEntry(s, who, a, closed); ok != sees || len(got) != 0 {
			t.Errorf("%s of its closing: %v %v", who, got, ok)
		}
		if _, ok := policy.AlertEntry(s, who, a, another); ok {
			t.Errorf("%s takes an entry of another alert for one of this", who)
		}
		if got := policy.NamesAlertAuthor(s, who, told); got != want.name {
			t.Errorf("%s is told which host entered it: %v", who, got)
		}
		if _, ok := policy.AlertEntry(s, who, nil, issued); ok || policy.SeesAlert(s, who, nil) || policy.AnswersAlert(s, who, nil, both, incident.ViaEmail) {
			t.Errorf("%s sees one that there is not", who)
		}
	}
}

func TestWhoAnswersAnAlert(t *testing.T) {
	s, a := alerted()
	for _, row := range []struct {
		who  incident.PersonID
		orgs []incident.OrgID
		via  incident.Via
		want bool
	}{
		{"one", []incident.OrgID{"X1N"}, "", true}, {"one", []incident.OrgID{"X1N", "X2E"}, "", false}, {"one", []incident.OrgID{"X2E"}, incident.ViaEmail, false},
		{"one", nil, "", false}, {"both", []incident.OrgID{"X1N", "X2E"}, "", true}, {"both", []incident.OrgID{"X3W"}, "", false}, // it did not go there
		{"host", []incident.OrgID{"X1N"}, "", false}, {"host", []incident.OrgID{"X1N", "X2E"}, incident.ViaInPerson, true}, {"host", []incident.OrgID{"X3W"}, incident.ViaInPerson, false},
		{"gone", []incident.OrgID{"X1N"}, "", false}, {"gone", []incident.OrgID{"X1N"}, incident.ViaInPerson, false}, {"nobody", []incident.OrgID{"X1N"}, "", false},
	} {
		if got := policy.AnswersAlert(s, row.who, a, row.orgs, row.via); got != row.want {
			t.Errorf("%s for %v, told by %q: %v", row.who, row.orgs, row.via, got)
		}
	}
	for who, want := range map[incident.PersonID]bool{"host": true, "one": false, "admin": false, "gone": false, "unheard of": false} {
		if got := policy.IssuesAlerts(s, who); got != want {
			t.Errorf("%s issues alerts: %v", who, got)
		}
	}
}
