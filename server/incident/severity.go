package incident

import (
	"fmt"
	"slices"
)

func init() {
	std := KindInfo{Log: RoomLog, Standing: true, Record: true}
	moves := KindInfo{Log: RoomLog, Standing: true, Record: true, Timed: true} // when the room meets next
	register[*SeverityAssessed](KindInfo{Log: RoomLog, Standing: true, Root: true, Record: true, Timed: true})
	register[*SeverityReassessed](moves)
	register[*SeverityLoweringAsked](std)
	register[*SeverityLoweringAgreed](moves)
	register[*SeverityLoweringRefused](std)
	register[*SeverityLoweringDropped](std)
	register[*SeverityReasoned](KindInfo{Log: RoomLog, Root: true, Record: true})
	register[*HostCalled](std)
}

// Scale is one of two ways of saying how severe an incident is. They are
// never compared: 4 is the worst of one and 1 the worst of the other.
type Scale string

const (
	NHSLevel     Scale = "nhs_level"     // NHS EPRR Framework, levels 1 to 4; 4 is the worst
	NCSCCategory Scale = "ncsc_category" // NCSC and law enforcement, categories 1 to 6; 1 is the worst
)

// Scales lists both.
var Scales = []Scale{NHSLevel, NCSCCategory}

// Valid reports whether the number is on the scale.
func (s Scale) Valid(n int) bool {
	switch s {
	case NHSLevel:
		return n >= 1 && n <= 4
	case NCSCCategory:
		return n >= 1 && n <= 6
	}
	return false
}

// Graver reports whether a is graver than b on this scale.
func (s Scale) Graver(a, b int) bool {
	if s == NCSCCategory {
		return a < b
	}
	return a > b
}

// Grade is a place on a scale. Or is given by someone who is not sure: of two
// neighbours, the graver counts.
type Grade struct {
	At int `json:"at"`
	Or int `json:"or,omitempty"` // 0 when sure
}

// Counts is the number the grade counts as.
func (g Grade) Counts(s Scale) int {
	if g.Or != 0 && s.Graver(g.Or, g.At) {
		return g.Or
	}
	return g.At
}

// Words name the number on the scale for people. A bare number would mislead:
// 4 is the worst of one scale and 1 of the other.
func (s Scale) Words(n int) string {
	if !s.Valid(n) {
		return "no grade"
	}
	if s == NCSCCategory {
		return fmt.Sprintf("NCSC category %d (%s)", n, [...]string{"national cyber emergency", "highly significant", "significant",
			"substantial", "moderate", "localised"}[n-1])
	}
	return fmt.Sprintf("NHS level %d (%s)", n, [...]string{"within an organisation's own plans", "coordination by the ICB",
		"regional coordination", "national command and control"}[n-1])
}

// Words name the grade for people.
func (g Grade) Words(s Scale) string {
	if g.Or == 0 {
		return s.Words(g.At)
	}
	return fmt.Sprintf("%d or %d, counted as %s", min(g.At, g.Or), max(g.At, g.Or), s.Words(g.Counts(s)))
}

// Valid reports whether the grade is one of the scale's, or two neighbours.
func (g Grade) Valid(s Scale) bool {
	return s.Valid(g.At) && (g.Or == 0 || s.Valid(g.Or) && (g.Or-g.At == 1 || g.At-g.Or == 1))
}

// Joint reports whether both hosts belong in a room of this severity: NCSC
// joins at NHS levels 3 and 4, DSC at NCSC categories 1 to 3.
func (s Scale) Joint(n int) bool {
	return s.Valid(n) && !s.Graver(3, n)
}

// Assessor says that an organisation may assess on a scale.
type Assessor struct {
	Org   OrgID `json:"org"`
	Scale Scale `json:"scale"`
}

// SeverityAssessed is an organisation's assessment on one scale: the first
// one begins the object, which later ones of the same organisation move.
type SeverityAssessed struct {
	Criteria []string `json:"criteria"` // which of the scale's criteria are met; see Criteria
	Grade    Grade    `json:"grade"`
	Invented bool     `json:"invented,omitempty"` // exercises: written for the exercise, assessed by nobody
	Scale    Scale    `json:"scale"`
}

func (*SeverityAssessed) kind() Kind { return "severity.assessed" }

// SeverityReassessed moves an assessment to a grade that counts no less. That
// needs nobody else.
type SeverityReassessed struct {
	Criteria []string `json:"criteria"`
	Grade    Grade    `json:"grade"`
	Invented bool     `json:"invented,omitempty"`
}

func (*SeverityReassessed) kind() Kind { return "severity.reassessed" }

// SeverityLoweringAsked asks for a lower grade, or for the assessment to be
// withdrawn. Nothing changes until a second person agrees.
type SeverityLoweringAsked struct {
	Criteria []string `json:"criteria,omitempty"`
	Grade    *Grade   `json:"grade,omitempty"` // absent: withdrawn
	Invented bool     `json:"invented,omitempty"`
	Tier     Tier     `json:"tier"` // of who asks: a second person one tier up must agree
}

func (*SeverityLoweringAsked) kind() Kind { return "severity.lowering_asked" }

// SeverityLoweringAgreed lowers the assessment as was asked.
type SeverityLoweringAgreed struct{}

func (*SeverityLoweringAgreed) kind() Kind { return "severity.lowering_agreed" }

// SeverityLoweringRefused leaves it where it stands.
type SeverityLoweringRefused struct{}

func (*SeverityLoweringRefused) kind() Kind { return "severity.lowering_refused" }

// SeverityLoweringDropped takes the question back: by whom asked, or by a
// later assessment that is not lower.
type SeverityLoweringDropped struct{}

func (*SeverityLoweringDropped) kind() Kind { return "severity.lowering_dropped" }

// SeverityReasoned says why: an entry of its own, with its own label and
// audience, since the severity itself is for everyone in the room.
type SeverityReasoned struct {
	About    Seq    `json:"about"` // the entry it gives the reason for
	Invented bool   `json:"invented,omitempty"`
	Text     string `json:"text"`
}

func (*SeverityReasoned) kind() Kind { return "severity.reasoned" }

// HostCalled says that the other joint host was called into the room because
// of its severity.
type HostCalled struct {
	Because Seq   `json:"because"` // the assessment
	Org     OrgID `json:"org"`
}

func (*HostCalled) kind() Kind { return "room.host_called" }

// Criteria lists what an assessment on a scale may rest on, by id. The words
// people read are the web app's.
func (s Scale) Criteria() []string {
	if s == NCSCCategory {
		return []string{"essential_services", "national_security", "loss_of_life", "central_government", "population", "large_organisation",
			"local_government", "medium_organisation", "small_organisation", "individual", "economic"}
	}
	return []string{"patient_safety", "service_loss", "several_organisations", "beyond_icb", "beyond_region", "national_coordination",
		"spreading", "mutual_aid", "data_loss", "public_concern"}
}

// Assessment is an organisation's standing assessment on a scale.
type Assessment struct {
	Root     Seq       `json:"root"`
	Scale    Scale     `json:"scale"`
	Org      OrgID     `json:"org"`
	By       By        `json:"by"`    // who set the grade that stands
	Seq      Seq       `json:"seq"`   // the entry that did
	Since    Instant   `json:"since"` // when
	Grade    Grade     `json:"grade"`
	Criteria []string  `json:"criteria,omitempty"`
	Ended    bool      `json:"ended,omitempty"` // withdrawn: it operates no more
	Lowering *Lowering `json:"lowering,omitempty"`
	Last     Seq       `json:"last"` // the last entry that changed any of this
	Did      Kind      `json:"did"`  // and what kind of entry that was
}

// Lowering is a question waiting for a second person.
type Lowering struct {
	Seq      Seq      `json:"seq"`
	By       By       `json:"by"`
	At       Instant  `json:"at"`
	Tier     Tier     `json:"tier"`
	Grade    *Grade   `json:"grade,omitempty"`
	Criteria []string `json:"criteria,omitempty"`
}

// Operating returns the assessment that operates on a scale: the gravest that
// stands, and of equal ones the oldest; nil if there is none.
func (r *Room) Operating(s Scale) *Assessment {
	var top *Assessment
	for _, a := range r.Assessments {
		if a.Scale == s && !a.Ended && (top == nil || s.Graver(a.Grade.Counts(s), top.Grade.Counts(s))) {
			top = a
		}
	}
	return top
}

// Assessment returns an organisation's assessment on a scale, standing or
// withdrawn; nil if it made none.
func (r *Room) Assessment(s Scale, o OrgID) *Assessment {
	return r.assessment(func(a *Assessment) bool { return a.Scale == s && a.Org == o })
}

// AssessmentRoot returns the assessment that began at root; nil if none.
func (r *Room) AssessmentRoot(root Seq) *Assessment {
	return r.assessment(func(a *Assessment) bool { return a.Root == root })
}

func (r *Room) assessment(is func(*Assessment) bool) *Assessment {
	if i := slices.IndexFunc(r.Assessments, is); i >= 0 {
		return r.Assessments[i]
	}
	return nil
}

// applySeverity folds an event of an assessment; ok is false for others.
func (r *Room) applySeverity(e *Event) (ok bool) {
	if b, first := e.Body.(*SeverityAssessed); first {
		r.Assessments = append(slices.Clip(r.Assessments), &Assessment{Root: e.Root, Scale: b.Scale, Org: e.By.Org, By: e.By, Seq: e.Seq,
			Since: e.Times.Shown(), Grade: b.Grade, Criteria: b.Criteria, Last: e.Seq, Did: e.Kind})
		return true
	}
	if b, called := e.Body.(*HostCalled); called {
		if !slices.Contains(r.Called, b.Org) {
			r.Called = append(slices.Clip(r.Called), b.Org)
		}
		return true
	}
	i := slices.IndexFunc(r.Assessments, func(a *Assessment) bool { return a.Root == e.Root })
	if i < 0 {
		return false
	}
	next := *r.Assessments[i]
	next.apply(e)
	r.Assessments = slices.Clone(r.Assessments)
	r.Assessments[i] = &next
	return true
}

func (a *Assessment) apply(e *Event) {
	a.Last, a.Did = e.Seq, e.Kind
	switch b := e.Body.(type) {
	case *SeverityReassessed:
		if b.Grade.Counts(a.Scale) != a.Grade.Counts(a.Scale) || a.Ended {
			a.Since = e.Times.Shown()
		}
		a.By, a.Seq, a.Grade, a.Criteria, a.Ended = e.By, e.Seq, b.Grade, b.Criteria, false
	case *SeverityLoweringAsked:
		a.Lowering = &Lowering{Seq: e.Seq, By: e.By, At: e.Times.Shown(), Tier: b.Tier, Grade: b.Grade, Criteria: b.Criteria}
	case *SeverityLoweringAgreed:
		if l := a.Lowering; l != nil {
			if l.Grade == nil {
				a.Ended = true
			} else {
				a.Grade, a.Criteria = *l.Grade, l.Criteria
			}
			a.By, a.Seq, a.Since, a.Lowering = l.By, e.Seq, e.Times.Shown(), nil
		}
	case *SeverityLoweringRefused, *SeverityLoweringDropped:
		a.Lowering = nil
	}
}
