package web

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// How far an organisation has come with an alert.
type alertOrgRow struct {
	Org          incident.OrgID      `json:"org"`
	Name         string              `json:"name"`
	Type         incident.OrgType    `json:"type"`
	State        incident.AlertState `json:"state" enum:"sent,acknowledged,unsure,applies,planned,done,not_applicable"`
	Wants        incident.AlertWants `json:"wants" enum:",acknowledge,update,remediation" doc:"What is due next; empty for nothing."`
	DueBy        *incident.Instant   `json:"dueBy,omitempty" doc:"When that is due; absent where it has no hour."`
	Acknowledged *incident.Instant   `json:"acknowledged,omitempty"`
	Remediation  *incident.Instant   `json:"remediation,omitempty" doc:"Until when it is to be put right."`
	Next         *incident.Instant   `json:"next,omitempty" doc:"When the next word is due."`
	Changed      *incident.Instant   `json:"changed,omitempty" doc:"When it last answered."`
	By           string              `json:"by,omitempty" doc:"Who answered last; empty where a host entered it and the asker is none."`
	Via          incident.Via        `json:"via,omitempty" doc:"How that answer came to the host who entered it."`
	Chased       *incident.Instant   `json:"chased,omitempty"`
	Chases       int                 `json:"chases"`
	Version      int                 `json:"version" doc:"Send it back with an answer: one on an older view is a conflict."`
}

type alertCounts struct {
	Organisations int                         `json:"organisations"`
	Overdue       int                         `json:"overdue"`
	States        map[incident.AlertState]int `json:"states"`
}

type alertRow struct {
	Number        int                    `json:"number"`
	Reference     string                 `json:"reference"`
	Title         string                 `json:"title"`
	Severity      incident.AlertSeverity `json:"severity" enum:"low,medium,high"`
	TLP           incident.TLP           `json:"tlp"`
	Issued        incident.Instant       `json:"issued"`
	AcknowledgeBy *incident.Instant      `json:"acknowledgeBy,omitempty"`
	Closed        *incident.Instant      `json:"closed,omitempty"`
	Mine          []alertOrgRow          `json:"mine" doc:"Of the organisations the asker acts for."`
	Counts        *alertCounts           `json:"counts,omitempty" doc:"Of all it went to: hosts only."`
}

type alertsAnswer struct {
	Alerts []alertRow `json:"alerts" doc:"Those that are open, the newest first."`
	Issues bool       `json:"issues" doc:"Whether the asker issues alerts."`
}

type closedAlertsAnswer struct {
	Alerts []alertRow `json:"alerts" doc:"The newest first."`
	More   bool       `json:"more"`
}

type alertAnswer struct {
	alertRow
	Details     string             `json:"details"`
	Mitigation  string             `json:"mitigation"`
	Remediation string             `json:"remediation"`
	CVEs        []string           `json:"cves"`
	Platforms   []string           `json:"platforms"`
	Types       []incident.OrgType `json:"types,omitempty" doc:"As it was addressed: hosts only."`
	Codes       []incident.OrgID   `json:"codes,omitempty"`
	Issues      bool               `json:"issues"`
	Room        *alertRoom         `json:"room,omitempty" doc:"Out of which it was issued: for the hosts in that room alone."`
}

type alertRoom struct {
	ID        incident.LogID `json:"id"`
	Reference string         `json:"reference"`
	Title     string         `json:"title"`
}

type roomAlertsAnswer struct {
	Alerts []alertRow `json:"alerts" doc:"Those that are open, the newest first; for guests there are none."`
}

type alertBoard struct {
	Rows   []alertOrgRow `json:"rows"`
	Found  int           `json:"found" doc:"How many there are in all that were asked for."`
	Counts alertCounts   `json:"counts" doc:"Of all it went to."`
}

type alertEntryRow struct {
	N       int               `json:"n" doc:"Its place among those the asker sees, from 1."`
	Kind    incident.Kind     `json:"kind"`
	At      incident.Instant  `json:"at"`
	By      string            `json:"by" doc:"Who wrote it; empty where that is a host, and the asker is none."`
	Orgs    []incident.OrgID  `json:"orgs" doc:"Of those it names, whom the asker may know of."`
	Via     incident.Via      `json:"via,omitempty"`
	Applies incident.Applies  `json:"applies,omitempty"`
	Text    string            `json:"text,omitempty"`
	Due     *incident.Instant `json:"due,omitempty"`
	Next    *incident.Instant `json:"next,omitempty"`
}

type alertEntries struct {
	Entries []alertEntryRow `json:"entries" doc:"Newest first."`
	More    bool            `json:"more"`
}

type AlertPath struct {
	Number string `path:"number" doc:"1 is CC-0001."`
}

type inAlert struct{ AlertPath }

type closedAlertsIn struct {
	Before int `query:"before" minimum:"0" maximum:"2147483647" doc:"Those with a lower number."`
}

type alertEntriesIn struct {
	AlertPath
	Org    string `query:"org" doc:"What one organisation has to do with."`
	Before int    `query:"before" minimum:"0" maximum:"2147483647" doc:"Those before this place."`
}

type alertBoardIn struct {
	AlertPath
	State   string `query:"state" enum:"sent,acknowledged,unsure,applies,planned,done,not_applicable"`
	Overdue bool   `query:"overdue"`
	Type    string `query:"type" doc:"Organisations of this type only."`
	Q       string `query:"q" doc:"Part of a name, a code or an ODS code."`
	From    int    `query:"from" minimum:"0" maximum:"2147483647" doc:"How many to pass over."`
}

const (
	closedAlertsShown = 20
	boardShown        = 500
	alertEntriesShown = 50
)

func (s *Server) mountAlerts() {
	read := func(path, id, summary string, a Access, faults ...incident.Fault) operation {
		return operation{Method: http.MethodGet, Path: "/alerts" + path, Access: a, Tag: "alerts", ID: id, Summary: summary, Faults: faults}
	}
	operate(s, read("", "alerts", "Alerts that are open", SignedIn), s.alerts)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/alerts", Access: Member, Tag: "alerts", ID: "room-alerts",
		Summary: "Alerts that were issued out of the room and are open", Doc: "For the hosts in it alone."}, s.roomAlerts)
	operate(s, read("/closed", "closed-alerts", "Alerts that were closed", SignedIn, incident.Invalid), s.closedAlerts)
	operate(s, read("/{number}", "alert", "An alert", SignedIn, incident.NotFound), s.alert)
	operate(s, read("/{number}/entries", "alert-entries", "What was said about an alert", SignedIn, incident.NotFound, incident.Invalid), s.alertEntries)
	operate(s, read("/{number}/board", "alert-board", "How far every organisation has come", Host, incident.NotFound, incident.Invalid), s.alertBoard)
	s.mountAlertActs()
	s.mountAlertNotices()
}

// alertOrg shows a row of an alert to somebody who may see it.
func alertOrg(sys *incident.System, asker incident.PersonID, a *incident.Alert, r *incident.AlertRow) alertOrgRow {
	o := sys.Orgs[r.Org]
	what, due := a.Wants(r)
	row := alertOrgRow{Org: r.Org, Name: o.Name, Type: o.Type, State: r.State, Wants: what, DueBy: shown(due), Acknowledged: shown(r.Acknowledged), Remediation: shown(r.Due),
		Next: shown(r.Next), Changed: shown(r.Changed), Via: r.Via, Chased: shown(r.Chased), Chases: r.Chases, Version: r.Version()}
	if r.By != "" && (r.Via == "" || r.By == asker || policy.IssuesAlerts(sys, asker)) {
		row.By = nameOf(sys, r.By)
	}
	return row
}

// shown is a time, or null for none.
func shown(t incident.Instant) *incident.Instant {
	if t.IsZero() {
		return nil
	}
	return &t
}

func countAlert(a *incident.Alert, now time.Time) alertCounts {
	c := alertCounts{Organisations: len(a.Rows), States: map[incident.AlertState]int{}}
	for i := range a.Rows {
		c.States[a.Rows[i].State]++
		if a.Overdue(&a.Rows[i], now) {
			c.Overdue++
		}
	}
	return c
}

func alertSummary(sys *incident.System, asker incident.PersonID, a *incident.Alert, now time.Time) alertRow {
	row := alertRow{Number: a.Number, Reference: a.Reference(), Title: a.Title, Severity: a.Severity, TLP: a.TLP, Issued: a.Issued, AcknowledgeBy: shown(a.AcknowledgeBy),
		Closed: shown(a.Closed), Mine: []alertOrgRow{}}
	for _, o := range policy.OwnAlertRows(sys, asker, a) {
		row.Mine = append(row.Mine, alertOrg(sys, asker, a, a.Row(o)))
	}
	if policy.IssuesAlerts(sys, asker) {
		c := countAlert(a, now)
		row.Counts = &c
	}
	return row
}

func (s *Server) alerts(ctx context.Context, c *call, _ *none) (alertsAnswer, error) {
	a := alertsAnswer{Alerts: []alertRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	a.Issues = policy.IssuesAlerts(sys, c.actor.Person)
	now := time.Now()
	for _, of := range slices.Backward(sys.Alerts) {
		if policy.SeesAlert(sys, c.actor.Person, of) {
			a.Alerts = append(a.Alerts, alertSummary(sys, c.actor.Person, of, now))
		}
	}
	return a, nil
}

// ofAlert is whose part of an alert somebody reads: nil for all of it.
func ofAlert(sys *incident.System, asker incident.PersonID) []incident.OrgID {
	if policy.IssuesAlerts(sys, asker) {
		return nil
	}
	orgs := []incident.OrgID{}
	return append(orgs, sys.People[asker].Orgs...)
}

func (s *Server) closedAlerts(ctx context.Context, c *call, in *closedAlertsIn) (closedAlertsAnswer, error) {
	a := closedAlertsAnswer{Alerts: []alertRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	if err := s.limiter.take(s.Config.Limits.Searches, "alerts", c.session.ID); err != nil {
		return a, err
	}
	orgs := ofAlert(sys, c.actor.Person)
	list, err := s.Journal.ClosedAlerts(ctx, orgs, in.Before, closedAlertsShown+1)
	if err != nil {
		return a, err
	}
	a.More = len(list) > closedAlertsShown
	now := time.Now()
	for _, n := range list[:min(len(list), closedAlertsShown)] {
		of, _, err := s.Journal.Alert(ctx, n, orgs)
		if err != nil {
			return a, err
		}
		if policy.SeesAlert(sys, c.actor.Person, of) {
			a.Alerts = append(a.Alerts, alertSummary(sys, c.actor.Person, of, now))
		}
	}
	return a, nil
}

// alertSeen returns an alert that the asker sees, and the entry that issued
// it; Missing otherwise.
func (s *Server) alertSeen(ctx context.Context, c *call, number string) (*incident.System, *incident.Alert, *incident.Event, error) {
	n, err := alertNumber(number)
	if err != nil {
		return nil, nil, nil, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	if of := sys.Alert(n); of != nil && policy.SeesAlert(sys, c.actor.Person, of) {
		// It is at hand.
	} else if err := s.limiter.take(s.Config.Limits.Searches, "alerts", c.session.ID); err != nil {
		// Whatever is not at hand costs the same, whether it was closed, is not
		// theirs or is not: how many alerts there are is not to be counted.
		return nil, nil, nil, err
	}
	a, issued, err := s.Journal.Alert(ctx, n, ofAlert(sys, c.actor.Person))
	if err != nil {
		return nil, nil, nil, err
	}
	if _, ok := policy.AlertEntry(sys, c.actor.Person, a, issued); !ok {
		return nil, nil, nil, incident.Missing()
	}
	return sys, a, issued, nil
}

// alertNumber reads an alert's number from the path, as pathSeq reads an
// entry's.
func alertNumber(text string) (int, error) {
	n, err := pathSeq(text)
	if err != nil || n > math.MaxInt32 {
		return 0, incident.Missing()
	}
	return int(n), nil
}

func (s *Server) alert(ctx context.Context, c *call, in *inAlert) (alertAnswer, error) {
	sys, a, issued, err := s.alertSeen(ctx, c, in.Number)
	if err != nil {
		return alertAnswer{}, err
	}
	b := issued.Body.(*incident.AlertIssued)
	of := alertAnswer{alertRow: alertSummary(sys, c.actor.Person, a, time.Now()), Details: b.Details, Mitigation: b.Mitigation, Remediation: b.Remediation,
		CVEs: append([]string{}, b.CVEs...), Platforms: append([]string{}, b.Platforms...), Issues: policy.IssuesAlerts(sys, c.actor.Person)}
	if of.Issues {
		of.Types, of.Codes = b.Types, b.Codes
	}
	if a.Room != "" {
		room, m, err := s.stands(ctx, a.Room, c.actor.Person)
		if err != nil && incident.FaultOf(err) != incident.NotFound {
			return alertAnswer{}, err
		}
		if err == nil && policy.OfRoom(sys, a, room, m) {
			of.Room = &alertRoom{room.ID, room.Reference, room.Title}
		}
	}
	return of, nil
}

// roomAlerts lists the alerts that were issued out of a room, for the hosts in it.
func (s *Server) roomAlerts(ctx context.Context, c *call, _ *InRoom) (roomAlertsAnswer, error) {
	a := roomAlertsAnswer{Alerts: []alertRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return a, err
	}
	now := time.Now()
	for _, of := range slices.Backward(sys.Alerts) {
		if policy.OfRoom(sys, of, room, m) {
			a.Alerts = append(a.Alerts, alertSummary(sys, c.actor.Person, of, now))
		}
	}
	return a, nil
}

func (s *Server) alertBoard(ctx context.Context, c *call, in *alertBoardIn) (alertBoard, error) {
	of := alertBoard{Rows: []alertOrgRow{}}
	sys, a, _, err := s.alertSeen(ctx, c, in.Number)
	if err != nil {
		return of, err
	}
	if in.Type != "" && !slices.Contains(incident.OrgTypes, incident.OrgType(in.Type)) {
		return of, incident.BadField("type", "There is no such type of organisation.")
	}
	now := time.Now()
	of.Counts = countAlert(a, now)
	for i := range a.Rows {
		r := &a.Rows[i]
		o := sys.Orgs[r.Org]
		if in.State != "" && string(r.State) != in.State || in.Overdue && !a.Overdue(r, now) || in.Type != "" && string(o.Type) != in.Type || !matches(o, in.Q) {
			continue
		}
		of.Rows = append(of.Rows, alertOrg(sys, c.actor.Person, a, r))
	}
	slices.SortFunc(of.Rows, byUrgency)
	of.Found = len(of.Rows)
	of.Rows = of.Rows[min(in.From, len(of.Rows)):]
	of.Rows = of.Rows[:min(len(of.Rows), boardShown)]
	return of, nil
}

// byUrgency puts first what is due first, and what owes nothing last.
func byUrgency(x, y alertOrgRow) int {
	rank := func(r alertOrgRow) int64 {
		switch {
		case r.DueBy != nil:
			return r.DueBy.UnixMilli()
		case r.Wants != incident.WantsNothing:
			return 1<<62 - 1
		}
		return 1 << 62
	}
	return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Org, y.Org))
}

func (s *Server) alertEntries(ctx context.Context, c *call, in *alertEntriesIn) (alertEntries, error) {
	of := alertEntries{Entries: []alertEntryRow{}}
	sys, a, _, err := s.alertSeen(ctx, c, in.Number)
	if err != nil {
		return of, err
	}
	orgs := ofAlert(sys, c.actor.Person)
	if in.Org != "" {
		org := incident.OrgID(in.Org)
		if a.Row(org) == nil || orgs != nil && !slices.Contains(orgs, org) {
			return of, incident.Missing()
		}
		orgs = []incident.OrgID{org}
	}
	list, err := s.Journal.AlertEvents(ctx, a.Number, orgs, in.Before, alertEntriesShown+1)
	if err != nil {
		return of, err
	}
	of.More = len(list) > alertEntriesShown
	for _, e := range list[:min(len(list), alertEntriesShown)] {
		if named, ok := policy.AlertEntry(sys, c.actor.Person, a, e.Event); ok {
			of.Entries = append(of.Entries, alertEntry(sys, c.actor.Person, e.N, e.Event, named))
		}
	}
	return of, nil
}

func alertEntry(sys *incident.System, asker incident.PersonID, n int, e *incident.Event, named []incident.OrgID) alertEntryRow {
	row := alertEntryRow{N: n, Kind: e.Kind, At: e.Times.Recorded, Orgs: append([]incident.OrgID{}, named...), Via: incident.AlertVia(e.Body)}
	if policy.NamesAlertAuthor(sys, asker, e) {
		row.By = nameOf(sys, e.By.Person)
	}
	switch b := e.Body.(type) {
	case *incident.AlertAcknowledged:
		row.Next = shown(b.Next)
	case *incident.AlertAnswered:
		row.Applies, row.Text, row.Next = b.Applies, b.Note, shown(b.Next)
	case *incident.AlertPlanned:
		row.Text, row.Due, row.Next = b.Plan, shown(b.Due), shown(b.Next)
	case *incident.AlertUpdated:
		row.Text, row.Next = b.Text, shown(b.Next)
	case *incident.AlertDone:
		row.Text = b.Evidence
	case *incident.AlertClosed:
		row.Text = b.Reason
	}
	return row
}
