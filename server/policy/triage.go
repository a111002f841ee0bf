package policy

import (
	"slices"

	"wardroom/server/incident"
)

// A report says that an organisation has been hit before anybody decided who is
// to know. It is for the hosts' people and for whoever filed it; their
// colleagues, and every other organisation, learn nothing of it, nor that there
// is one.

// TriagesReports reports whether a person reads every report and answers them:
// the hosts' people do.
func TriagesReports(sys *incident.System, id incident.PersonID) bool {
	p, ok := acting(sys, id)
	return ok && slices.ContainsFunc(p.Orgs, sys.IsHost)
}

// FilesReports reports whether a person may file a report for an organisation:
// its own people by the web, the hosts' people what they were told by
// telephone.
func FilesReports(sys *incident.System, id incident.PersonID, org incident.OrgID, via incident.Via) bool {
	p, ok := acting(sys, id)
	if _, known := sys.Orgs[org]; !ok || !known {
		return false
	}
	if via == incident.ViaTelephone {
		return TriagesReports(sys, id)
	}
	return slices.Contains(p.Orgs, org)
}

// SeesReport reports whether a person may know of a report: the hosts' people,
// and whoever filed it for as long as they act for the organisation.
func SeesReport(sys *incident.System, id incident.PersonID, f *incident.Filing) bool {
	p, ok := acting(sys, id)
	if !ok || f == nil {
		return false
	}
	return TriagesReports(sys, id) || f.Via == incident.ViaWeb && f.Person == id && slices.Contains(p.Orgs, f.Org)
}

// FiledReport is a report as one person may know it.
type FiledReport struct {
	ID        string               `json:"id"`
	Reference string               `json:"reference"`
	Org       incident.OrgID       `json:"org"`
	OrgName   string               `json:"orgName"`
	Via       incident.Via         `json:"via"`
	State     incident.FilingState `json:"state" doc:"received, looking, answered or closed."`
	At        incident.Instant     `json:"at" doc:"When it was received."`
	Moved     incident.Instant     `json:"moved" doc:"When it came to where it stands."`
	Ethane    incident.Ethane      `json:"ethane"`
	Answers   []ReportAnswer       `json:"answers"`
	Mine      bool                 `json:"mine" doc:"The asker filed it."`
	Triage    *Triage              `json:"triage,omitempty" doc:"For the hosts' people alone."`
}

// ReportAnswer is what whoever filed it was told.
type ReportAnswer struct {
	At   incident.Instant `json:"at"`
	Text string           `json:"text"`
}

// Triage is what the hosts' people know of a report besides.
type Triage struct {
	By      string           `json:"by" doc:"Who filed it, or took it by telephone."`
	Looking string           `json:"looking,omitempty" doc:"Who said last that they are looking at it."`
	Placed  bool             `json:"placed" doc:"It is in a room, whether the asker is in that or not."`
	Opened  bool             `json:"opened" doc:"A room was opened of it."`
	Rooms   []incident.LogID `json:"rooms" doc:"Of the rooms it is in, those that the asker is in."`
	Reason  string           `json:"reason,omitempty" doc:"Why it was closed."`
	Steps   []ReportStep     `json:"steps"`
}

// ReportStep is one thing that was done about a report.
type ReportStep struct {
	Kind incident.Kind    `json:"kind"`
	At   incident.Instant `json:"at"`
	By   string           `json:"by,omitempty"`
}

// ViewReport returns what a person may know of a report, out of its entries in
// order; ok is false if that is nothing. in says which rooms they are in.
// Whoever filed it is told that it was received, that somebody looks at it,
// what they are answered and that it was closed; never of a room, nor why it
// was closed.
func ViewReport(sys *incident.System, id incident.PersonID, events []*incident.Event, in func(incident.LogID) bool) (r FiledReport, ok bool) {
	f := incident.FoldFiling(events)
	if !SeesReport(sys, id, f) {
		return r, false
	}
	r = FiledReport{ID: f.ID, Reference: f.Reference, Org: f.Org, OrgName: sys.Orgs[f.Org].Name, Via: f.Via, State: f.State, At: f.At, Moved: f.Moved,
		Answers: []ReportAnswer{}, Mine: f.Person == id && f.Via == incident.ViaWeb}
	name := func(p incident.PersonID) string { return sys.People[p].Name }
	t := &Triage{By: name(f.Person), Looking: name(f.Looking), Placed: len(f.Rooms) > 0, Opened: f.Opened, Rooms: []incident.LogID{}, Steps: []ReportStep{}}
	for _, room := range f.Rooms {
		if in(room) {
			t.Rooms = append(t.Rooms, room)
		}
	}
	for _, e := range events {
		switch b := e.Body.(type) {
		case *incident.ReportFiled:
			r.Ethane = b.Ethane
		case *incident.ReportAnswered:
			r.Answers = append(r.Answers, ReportAnswer{e.Times.Recorded, b.Text})
		case *incident.ReportClosed:
			t.Reason = b.Reason
		}
		t.Steps = append(t.Steps, ReportStep{e.Kind, e.Times.Recorded, name(e.By.Person)})
	}
	if TriagesReports(sys, id) {
		r.Triage = t
	}
	return r, true
}
