package incident

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Each entry about an alert names it by its number, and is a root of its own:
// an alert goes on in the next section of the system log, where numbers of
// entries begin anew.
func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*AlertIssued](root)
	register[*AlertAcknowledged](root)
	register[*AlertAnswered](root)
	register[*AlertPlanned](root)
	register[*AlertUpdated](root)
	register[*AlertDone](root)
	register[*AlertChased](root)
	register[*AlertClosed](root)
}

// The clocks of an alert.
const (
	AcknowledgeWithin = 48 * time.Hour     // of a high severity alert, from its issue
	UpdateWithin      = 3 * 24 * time.Hour // the next update, from the last word, unless another day is said
)

// AlertSeverity is how grave an alert is.
type AlertSeverity string

const (
	AlertLow    AlertSeverity = "low"
	AlertMedium AlertSeverity = "medium"
	AlertHigh   AlertSeverity = "high"
)

// AlertSeverities lists them all.
var AlertSeverities = []AlertSeverity{AlertLow, AlertMedium, AlertHigh}

// AlertIssued tells organisations of something to be done. It goes to those it
// names, whatever becomes of the books later.
type AlertIssued struct {
	AcknowledgeBy Instant       `json:"acknowledgeBy,omitzero"` // zero: need not be
	Alert         int           `json:"alert"`                  // its number, from 1
	Codes         []OrgID       `json:"codes,omitempty"`        // as it was addressed: by code …
	CVEs          []string      `json:"cves,omitempty"`
	Details       string        `json:"details"`
	Mitigation    string        `json:"mitigation,omitempty"`
	Orgs          []OrgID       `json:"orgs"` // whom that came to, ascending
	Platforms     []string      `json:"platforms,omitempty"`
	Remediation   string        `json:"remediation,omitempty"`
	Room          LogID         `json:"room,omitempty"` // out of which it was issued; for the hosts in it alone
	Severity      AlertSeverity `json:"severity"`
	Title         string        `json:"title"`
	TLP           TLP           `json:"tlp"`             // AMBER at most
	Types         []OrgType     `json:"types,omitempty"` // … and by type
}

func (*AlertIssued) kind() Kind { return "alert.issued" }

// AlertAcknowledged says that they have it, and are looking at it. Each answer
// names all organisations that one act was for: it is one entry.
type AlertAcknowledged struct {
	Alert int     `json:"alert"`
	Next  Instant `json:"next"` // when the next word is due
	Orgs  []OrgID `json:"orgs"`
	Via   Via     `json:"via,omitempty"`
}

func (*AlertAcknowledged) kind() Kind { return "alert.acknowledged" }

// Applies is whether an alert is about something an organisation has.
type Applies string

const (
	AppliesYes    Applies = "yes"
	AppliesNo     Applies = "no"
	AppliesUnsure Applies = "unsure"
)

// AppliesAnswers lists them all.
var AppliesAnswers = []Applies{AppliesYes, AppliesNo, AppliesUnsure}

// AlertAnswered says whether it applies. Said again it corrects what was said
// before; both stay.
type AlertAnswered struct {
	Alert   int     `json:"alert"`
	Applies Applies `json:"applies"`
	Next    Instant `json:"next,omitzero"` // zero where it does not apply
	Note    string  `json:"note,omitempty"`
	Orgs    []OrgID `json:"orgs"`
	Via     Via     `json:"via,omitempty"`
}

func (*AlertAnswered) kind() Kind { return "alert.answered" }

// AlertPlanned says what will be done, and until when.
type AlertPlanned struct {
	Alert int     `json:"alert"`
	Due   Instant `json:"due"`
	Next  Instant `json:"next"`
	Orgs  []OrgID `json:"orgs"`
	Plan  string  `json:"plan"`
	Via   Via     `json:"via,omitempty"`
}

func (*AlertPlanned) kind() Kind { return "alert.remediation" }

// AlertUpdated says how it goes.
type AlertUpdated struct {
	Alert int     `json:"alert"`
	Next  Instant `json:"next"`
	Orgs  []OrgID `json:"orgs"`
	Text  string  `json:"text"`
	Via   Via     `json:"via,omitempty"`
}

func (*AlertUpdated) kind() Kind { return "alert.updated" }

// AlertDone says that it was put right, and how that is known.
type AlertDone struct {
	Alert    int     `json:"alert"`
	Evidence string  `json:"evidence"`
	Orgs     []OrgID `json:"orgs"`
	Via      Via     `json:"via,omitempty"`
}

func (*AlertDone) kind() Kind { return "alert.done" }

// AlertChased says that the hosts asked after their answer.
type AlertChased struct {
	Alert int     `json:"alert"`
	Orgs  []OrgID `json:"orgs"`
}

func (*AlertChased) kind() Kind { return "alert.chased" }

// AlertClosed ends an alert: nobody owes an answer any more.
type AlertClosed struct {
	Alert  int    `json:"alert"`
	Reason string `json:"reason"`
}

func (*AlertClosed) kind() Kind { return "alert.closed" }

// AlertNumber returns the alert an entry is about; 0 for other entries.
func AlertNumber(b Body) int {
	switch b := b.(type) {
	case *AlertIssued:
		return b.Alert
	case *AlertChased:
		return b.Alert
	case *AlertClosed:
		return b.Alert
	}
	a := answerOf(b)
	return a.Alert
}

// AlertOrgs returns the organisations an entry of an alert names.
func AlertOrgs(b Body) []OrgID {
	switch b := b.(type) {
	case *AlertIssued:
		return b.Orgs
	case *AlertChased:
		return b.Orgs
	}
	a := answerOf(b)
	return a.Orgs
}

// AlertVia returns how an answer came to the host who entered it; empty for
// other entries.
func AlertVia(b Body) Via {
	a := answerOf(b)
	return a.Via
}

// alertAnswer is what every answer says: of which alert, for whom, and how it
// came.
type alertAnswer struct {
	Alert int
	Orgs  []OrgID
	Via   Via
}

func answerOf(b Body) (a alertAnswer) {
	switch b := b.(type) {
	case *AlertAcknowledged:
		return alertAnswer{b.Alert, b.Orgs, b.Via}
	case *AlertAnswered:
		return alertAnswer{b.Alert, b.Orgs, b.Via}
	case *AlertPlanned:
		return alertAnswer{b.Alert, b.Orgs, b.Via}
	case *AlertUpdated:
		return alertAnswer{b.Alert, b.Orgs, b.Via}
	case *AlertDone:
		return alertAnswer{b.Alert, b.Orgs, b.Via}
	}
	return a
}

// AlertState is how far an organisation has come with an alert.
type AlertState string

const (
	AlertIsSent         AlertState = "sent"           // not acknowledged
	AlertIsAcknowledged AlertState = "acknowledged"   // whether it applies is not said
	AlertIsUnsure       AlertState = "unsure"         // they do not know yet
	AlertApplies        AlertState = "applies"        // a plan is wanted
	AlertIsPlanned      AlertState = "planned"        // until a day
	AlertIsDone         AlertState = "done"           // put right
	AlertNotApplicable  AlertState = "not_applicable" // nothing to put right
)

// AlertStates lists them in the order of the ladder.
var AlertStates = []AlertState{AlertIsSent, AlertIsAcknowledged, AlertIsUnsure, AlertApplies, AlertIsPlanned, AlertIsDone, AlertNotApplicable}

// Settled reports whether nothing more is owed.
func (s AlertState) Settled() bool { return s == AlertIsDone || s == AlertNotApplicable }

// AlertRow is how far one organisation has come with an alert.
type AlertRow struct {
	Org          OrgID      `json:"org"`
	State        AlertState `json:"state"`
	Acknowledged Instant    `json:"acknowledged,omitzero"`
	Due          Instant    `json:"due,omitzero"`     // until when it is to be put right
	Next         Instant    `json:"next,omitzero"`    // when the next word is due
	Changed      Instant    `json:"changed,omitzero"` // when it last answered
	By           PersonID   `json:"by,omitempty"`     // who answered last
	Via          Via        `json:"via,omitempty"`    // how that came
	Chased       Instant    `json:"chased,omitzero"`
	Chases       int        `json:"chases,omitempty"`
	Answers      int        `json:"answers,omitempty"` // how many there were
	Hour         Instant    `json:"hour,omitzero"`     // when the hour of its own answers began
	InHour       int        `json:"inHour,omitempty"`
}

// Alert is the fold of one that is open: no text but its title.
type Alert struct {
	Number        int           `json:"number"`
	Title         string        `json:"title"`
	Severity      AlertSeverity `json:"severity"`
	TLP           TLP           `json:"tlp"`
	Log           LogID         `json:"log"` // the section it was issued in
	Seq           Seq           `json:"seq"` // and the entry
	By            PersonID      `json:"by"`
	Issued        Instant       `json:"issued"`
	AcknowledgeBy Instant       `json:"acknowledgeBy,omitzero"`
	Room          LogID         `json:"room,omitempty"`  // out of which it was issued
	Closed        Instant       `json:"closed,omitzero"` // of one that was read back
	Rows          []AlertRow    `json:"rows"`            // by organisation, ascending
}

// AlertReference is what people call an alert by: CC-0001.
func AlertReference(number int) string { return fmt.Sprintf("CC-%04d", number) }

// Reference is what people call it by.
func (a *Alert) Reference() string { return AlertReference(a.Number) }

// Row returns how far an organisation has come; nil if it was not issued to
// it.
func (a *Alert) Row(org OrgID) *AlertRow {
	i, ok := slices.BinarySearchFunc(a.Rows, org, func(r AlertRow, o OrgID) int { return cmp.Compare(r.Org, o) })
	if !ok {
		return nil
	}
	return &a.Rows[i]
}

// AlertWants is what is due next.
type AlertWants string

const (
	WantsNothing        AlertWants = ""
	WantsAcknowledgment AlertWants = "acknowledge"
	WantsUpdate         AlertWants = "update"
	WantsRemediation    AlertWants = "remediation"
)

// Wants is what is due next of an organisation, and when; of what has no hour,
// at is zero.
func (a *Alert) Wants(r *AlertRow) (what AlertWants, at Instant) {
	switch {
	case !a.Closed.IsZero() || r.State.Settled():
		return WantsNothing, at
	case r.State == AlertIsSent:
		return WantsAcknowledgment, a.AcknowledgeBy
	case r.State == AlertIsPlanned && !r.Due.After(r.Next.Time):
		return WantsRemediation, r.Due
	}
	return WantsUpdate, r.Next
}

// Overdue reports whether an organisation owes something by now.
func (a *Alert) Overdue(r *AlertRow, now time.Time) bool {
	what, at := a.Wants(r)
	return what != WantsNothing && !at.IsZero() && now.After(at.Time)
}

// FoldAlert folds an entry of an alert, which stands in the log; a is nil
// before its first, and is left as it is.
func FoldAlert(a *Alert, log LogID, e *Event) *Alert {
	at := e.Times.Recorded
	if b, ok := e.Body.(*AlertIssued); ok {
		a = &Alert{Number: b.Alert, Title: b.Title, Severity: b.Severity, TLP: b.TLP, Log: log, Seq: e.Seq, By: e.By.Person, Issued: at, AcknowledgeBy: b.AcknowledgeBy, Room: b.Room}
		for _, o := range b.Orgs {
			a.Rows = append(a.Rows, AlertRow{Org: o, State: AlertIsSent})
		}
		return a
	}
	if a == nil {
		return nil
	}
	next := *a
	next.Rows = slices.Clone(a.Rows)
	if _, ok := e.Body.(*AlertClosed); ok {
		next.Closed = at
	}
	for _, o := range AlertOrgs(e.Body) {
		if r := next.Row(o); r != nil {
			r.apply(e)
		}
	}
	return &next
}

// hourly is how long the answers of an organisation are counted together.
const hourly = time.Hour

func (r *AlertRow) apply(e *Event) {
	at := e.Times.Recorded
	switch b := e.Body.(type) {
	case *AlertAcknowledged:
		r.State, r.Acknowledged, r.Next = AlertIsAcknowledged, at, b.Next
	case *AlertAnswered:
		r.State = map[Applies]AlertState{AppliesYes: AlertApplies, AppliesNo: AlertNotApplicable, AppliesUnsure: AlertIsUnsure}[b.Applies]
		r.Next, r.Due = b.Next, Instant{}
	case *AlertPlanned:
		r.State, r.Due, r.Next = AlertIsPlanned, b.Due, b.Next
	case *AlertUpdated:
		r.Next = b.Next
	case *AlertDone:
		r.State, r.Next = AlertIsDone, Instant{}
	case *AlertChased:
		r.Chased, r.Chases = at, r.Chases+1
		return
	}
	r.Changed, r.By, r.Via, r.Answers = at, e.By.Person, AlertVia(e.Body), r.Answers+1
	if r.Via != "" { // a host's entry is none of theirs
		return
	}
	if r.Hour.IsZero() || at.Sub(r.Hour.Time) >= hourly {
		r.Hour, r.InHour = at, 0
	}
	r.InHour++
}

// Version counts what was said of it, from 1 for nothing.
func (r *AlertRow) Version() int { return r.Answers + 1 }

// AnsweredLately is how often the organisation itself answered in the hour
// that runs.
func (r *AlertRow) AnsweredLately(now time.Time) int {
	if now.Sub(r.Hour.Time) >= hourly {
		return 0
	}
	return r.InHour
}

// Alert returns the open alert of that number; nil for none.
func (s *System) Alert(number int) *Alert {
	if i := slices.IndexFunc(s.Alerts, func(a *Alert) bool { return a.Number == number }); i >= 0 {
		return s.Alerts[i]
	}
	return nil
}

// alertCounter counts alerts among the deployment's references.
const alertCounter = "CC"

// NextAlert is the number the next alert gets.
func (s *System) NextAlert() int { return s.Counters[alertCounter] + 1 }

// applyAlert folds an entry of an alert. Those that are closed leave the fold.
func (s *System) applyAlert(e *Event) {
	n := AlertNumber(e.Body)
	if n == 0 {
		return
	}
	s.Alerts = slices.Clone(s.Alerts)
	if _, ok := e.Body.(*AlertIssued); ok {
		s.Counters[alertCounter] = max(s.Counters[alertCounter], n)
		s.Alerts = append(s.Alerts, FoldAlert(nil, s.ID, e))
		return
	}
	i := slices.IndexFunc(s.Alerts, func(a *Alert) bool { return a.Number == n })
	if i < 0 {
		return
	}
	if s.Alerts[i] = FoldAlert(s.Alerts[i], s.ID, e); !s.Alerts[i].Closed.IsZero() {
		s.Alerts = slices.Delete(s.Alerts, i, i+1)
	}
}
