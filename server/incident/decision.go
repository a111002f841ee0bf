package incident

import "strings"

func init() {
	root := KindInfo{Log: RoomLog, Root: true, Record: true}
	then := KindInfo{Log: RoomLog, Record: true}
	register[*DecisionProposed](root)
	register[*DecisionRecorded](root)
	register[*DecisionTaken](then)
	register[*DecisionAdded](then)
	register[*DecisionConfirmed](then)
	register[*DecisionDisputed](then)
	register[*DecisionSuperseded](then)
	register[*DecisionReversed](then)
	register[*DecisionReviewed](then)
}

// DecisionState is where a decision stands.
type DecisionState string

const (
	DecisionIsProposed   DecisionState = "proposed"
	DecisionIsTaken      DecisionState = "taken" // in effect, awaiting its maker's confirmation
	DecisionIsConfirmed  DecisionState = "confirmed"
	DecisionIsDisputed   DecisionState = "disputed" // its maker says that it is not what they decided
	DecisionIsSuperseded DecisionState = "superseded"
	DecisionIsReversed   DecisionState = "reversed"
)

// Verdict is what a decision cannot do without, beside the time it was taken,
// which is the entry's occurred-at, or recorded-at where that is absent.
type Verdict struct {
	Decision  string   `json:"decision"`
	Maker     MemberNo `json:"maker"`
	Rationale string   `json:"rationale"`
	Tier      Tier     `json:"tier"` // the tier its maker took it at
}

// Option is a way that was considered.
type Option struct {
	Rejected string `json:"rejected,omitempty"` // why it was not taken
	Text     string `json:"text"`
}

// Deliberation is the rest of a decision record, guided by the Joint Decision
// Model (JESIP): each part may come at once or be added later, and a part that
// is missing blocks nothing.
type Deliberation struct {
	Consulted string   `json:"consulted,omitempty"` // who was asked
	Dissent   string   `json:"dissent,omitempty"`
	Expected  string   `json:"expected,omitempty"` // what it is expected to bring about
	Options   []Option `json:"options,omitempty"`
	Outcome   string   `json:"outcome,omitempty"` // what came of it
	Powers    string   `json:"powers,omitempty"`  // powers, policies and authority considered
	Question  string   `json:"question,omitempty"`
	Relied    []Seq    `json:"relied,omitempty"` // entries relied on, as they stood at this entry
	Review    Instant  `json:"review,omitzero"`  // when to look again
	Risks     string   `json:"risks,omitempty"`
}

// DecisionProposed puts a decision forward that nobody has taken yet.
type DecisionProposed struct {
	Decision     string       `json:"decision"`
	Deliberation Deliberation `json:"deliberation"`
	Invented     bool         `json:"invented,omitempty"` // exercises: written for the exercise, decided by nobody
	Maker        MemberNo     `json:"maker,omitempty"`    // whose it is to take; 0 while that is open
	Rationale    string       `json:"rationale,omitempty"`
}

func (*DecisionProposed) kind() Kind { return "decision.proposed" }

// DecisionRecorded records a decision that was taken. It is in effect.
type DecisionRecorded struct {
	Deliberation Deliberation `json:"deliberation"`
	From         Seq          `json:"from,omitempty"`     // the message it was made of
	Invented     bool         `json:"invented,omitempty"` // exercises: written for the exercise, decided by nobody
	Reverses     Seq          `json:"reverses,omitempty"` // the decision it undoes
	Supersedes   Seq          `json:"supersedes,omitempty"`
	Verdict      Verdict      `json:"verdict"`
}

func (*DecisionRecorded) kind() Kind { return "decision.recorded" }

// DecisionTaken takes a proposed one. It is in effect from then.
type DecisionTaken struct {
	Deliberation Deliberation `json:"deliberation"`
	Verdict      Verdict      `json:"verdict"`
}

func (*DecisionTaken) kind() Kind { return "decision.taken" }

// DecisionAdded adds parts of the record, with a time of its own. What was
// relied on when the decision was taken stays what it was.
type DecisionAdded struct {
	Deliberation Deliberation `json:"deliberation"`
}

func (*DecisionAdded) kind() Kind { return "decision.added" }

// DecisionConfirmed is its maker's word that this is what they decided.
type DecisionConfirmed struct{}

func (*DecisionConfirmed) kind() Kind { return "decision.confirmed" }

// DecisionDisputed is its maker's word that it is not.
type DecisionDisputed struct {
	Reason string `json:"reason"`
}

func (*DecisionDisputed) kind() Kind { return "decision.disputed" }

// DecisionSuperseded says that another decision stands in its place.
type DecisionSuperseded struct {
	By Seq `json:"by"`
}

func (*DecisionSuperseded) kind() Kind { return "decision.superseded" }

// DecisionReversed says that another decision undid it.
type DecisionReversed struct {
	By Seq `json:"by"`
}

func (*DecisionReversed) kind() Kind { return "decision.reversed" }

// DecisionReviewed says that it was looked at again and still stands.
type DecisionReviewed struct {
	Finding string  `json:"finding"`
	Review  Instant `json:"review,omitzero"` // when to look again; absent: no more
}

func (*DecisionReviewed) kind() Kind { return "decision.reviewed" }

// Decision is the fold of a decision: what commands about it need to know.
type Decision struct {
	State    DecisionState
	Maker    MemberNo
	Tier     Tier
	Taken    Instant // when it was taken, by the room's time; zero while it is proposed
	Review   Instant // zero for none
	Settled  Seq     // the entry that last changed State
	Reviewed Seq     // the entry that last looked at it again; 0 for none
	By       Seq     // the decision that superseded or reversed it; 0 for none
}

// Standing reports whether the decision is in effect.
func (d *Decision) Standing() bool {
	return d.State == DecisionIsTaken || d.State == DecisionIsConfirmed || d.State == DecisionIsDisputed
}

// applyDecision folds an event of a decision; nil for events of other objects.
func applyDecision(d *Decision, e *Event) *Decision {
	if d == nil {
		d = new(Decision)
	}
	next := *d
	settle := func(s DecisionState) { next.State, next.Settled = s, e.Seq }
	take := func(v Verdict) {
		settle(DecisionIsTaken)
		next.Maker, next.Tier, next.Taken = v.Maker, v.Tier, e.Times.Happened()
	}
	review := func(t Instant) {
		if !t.IsZero() {
			next.Review = t
		}
	}
	switch b := e.Body.(type) {
	case *DecisionProposed:
		settle(DecisionIsProposed)
		next.Maker = b.Maker
		review(b.Deliberation.Review)
	case *DecisionRecorded:
		take(b.Verdict)
		review(b.Deliberation.Review)
	case *DecisionTaken:
		take(b.Verdict)
		review(b.Deliberation.Review)
	case *DecisionAdded:
		review(b.Deliberation.Review)
	case *DecisionReviewed:
		next.Review, next.Reviewed = b.Review, e.Seq
	case *DecisionConfirmed:
		settle(DecisionIsConfirmed)
	case *DecisionDisputed:
		settle(DecisionIsDisputed)
	case *DecisionSuperseded:
		settle(DecisionIsSuperseded)
		next.By = b.By
	case *DecisionReversed:
		settle(DecisionIsReversed)
		next.By = b.By
	}
	return &next
}

// Empty reports whether nothing is said.
func (d Deliberation) Empty() bool {
	return d.Consulted == "" && d.Dissent == "" && d.Expected == "" && len(d.Options) == 0 && d.Outcome == "" && d.Powers == "" &&
		d.Question == "" && len(d.Relied) == 0 && d.Review.IsZero() && d.Risks == ""
}

// IsDecision reports whether the kind begins or continues a decision.
func (k Kind) IsDecision() bool { return strings.HasPrefix(string(k), "decision.") }
