package incident

import (
	"fmt"
	"slices"
	"time"
)

func init() {
	then := KindInfo{Log: RoomLog, Record: true, Timed: true}
	register[*EscalationRequested](KindInfo{Log: RoomLog, Root: true, Record: true, Timed: true})
	register[*EscalationAccepted](then)
	register[*EscalationRefused](then)
	register[*EscalationWithdrawn](then)
	register[*EscalationAdvanced](then)
	register[*EscalationSilent](then)
	register[*EscalationActed](then)
	register[*EscalationStoodDown](then)
	timing(func(r *Room) (list []Timer) {
		for _, e := range r.Escalations {
			if t, ok := e.Timer(); ok {
				list = append(list, t)
			}
		}
		return list
	})
}

// Condition is what an escalation asks authority for.
type Condition string

const (
	DisconnectNetwork Condition = "disconnect_network"
	SuspendService    Condition = "suspend_service"
	RestoreService    Condition = "restore_service"
	PublicStatement   Condition = "public_statement"
	RansomDemand      Condition = "ransom_demand"
	MutualAid         Condition = "mutual_aid"
	OtherCondition    Condition = "other"
)

// Conditions lists them all.
var Conditions = []Condition{DisconnectNetwork, SuspendService, RestoreService, PublicStatement, RansomDemand, MutualAid, OtherCondition}

// SBAR is the short form in which the health service hands over: situation,
// background, assessment, recommendation.
type SBAR struct {
	Assessment     string `json:"assessment"`
	Background     string `json:"background"`
	Recommendation string `json:"recommendation"` // what is asked for
	Situation      string `json:"situation"`
}

// Way is how somebody came to be asked.
type Way string

const (
	ByPost   Way = "post"    // holds the post of the tier
	ByDeputy Way = "deputy"  // is that post's deputy
	ByLead   Way = "lead"    // leads in the room, and acts at the tier
	ByRota   Way = "rota"    // on shift at the tier
	ByOnCall Way = "on_call" // one of the hosts' people who are called in by severity
)

// Step is one person of an escalation's chain. Whoever was in the room when it
// was raised is named by their number; for whoever was not, there is the
// invitation that calls them in when their turn comes.
type Step struct {
	Invitation string   `json:"invitation,omitempty"`
	Issuer     string   `json:"issuer,omitempty"`
	Member     MemberNo `json:"member,omitempty"`
	Name       string   `json:"name"`
	Org        OrgID    `json:"org"`
	Person     PersonID `json:"person"`
	Seat       *Seat    `json:"seat,omitempty"`
	Tier       Tier     `json:"tier"`
	Way        Way      `json:"way"`
}

// EscalationRequested asks that authority be taken at a tier. Everything that
// decides what happens next is in it: a change of the matrix or a rota changes
// nothing of what runs.
type EscalationRequested struct {
	Before    Seq       `json:"before,omitempty"` // its number in the section before, where its words stand
	Chain     []Step    `json:"chain"`            // who is asked, in order; never whoever asks
	Condition Condition `json:"condition"`
	Factor    bool      `json:"factor,omitempty"`   // accepting needs a second factor used for nothing else
	Invented  bool      `json:"invented,omitempty"` // exercises: written for the exercise, asked by nobody
	Matrix    int       `json:"matrix"`             // the version it was routed by; 0 is the one built in
	Minutes   int       `json:"minutes"`            // each step's
	SBAR      SBAR      `json:"sbar"`
	Tier      Tier      `json:"tier"`
	TwoKey    bool      `json:"twoKey,omitempty"` // two different people must accept
}

func (*EscalationRequested) kind() Kind { return "escalation.requested" }

// EscalationAccepted takes the authority, and with it the decision. Of two
// keys the first waits for the second.
type EscalationAccepted struct {
	Before    Seq    `json:"before,omitempty"`   // the decision it was recorded as in the section before
	Decision  Seq    `json:"decision,omitempty"` // the decision it is recorded as; 0 while a second key is wanted
	Rationale string `json:"rationale"`
	Tier      Tier   `json:"tier"` // at which they acted until then
}

func (*EscalationAccepted) kind() Kind { return "escalation.accepted" }

// EscalationRefused is the answer no.
type EscalationRefused struct {
	Reason string `json:"reason"`
}

func (*EscalationRefused) kind() Kind { return "escalation.refused" }

// EscalationWithdrawn takes it back before anybody answered.
type EscalationWithdrawn struct {
	Reason string `json:"reason"`
}

func (*EscalationWithdrawn) kind() Kind { return "escalation.withdrawn" }

// EscalationAdvanced is the house's: a step's time has passed, and the next is
// asked.
type EscalationAdvanced struct {
	Step int `json:"step"` // who is asked now, from 1
}

func (*EscalationAdvanced) kind() Kind { return "escalation.advanced" }

// EscalationSilent is the house's: nobody is left to ask. Both hosts are
// alarmed, and who asked may go on without.
type EscalationSilent struct{}

func (*EscalationSilent) kind() Kind { return "escalation.silent" }

// EscalationActed says that who asked acted without approval, and why.
type EscalationActed struct {
	Because string `json:"because"`
}

func (*EscalationActed) kind() Kind { return "escalation.acted" }

// EscalationStoodDown ends what was accepted: authority goes back where it was.
type EscalationStoodDown struct {
	Reason string `json:"reason"`
}

func (*EscalationStoodDown) kind() Kind { return "escalation.stood_down" }

// EscalationState is where an escalation stands.
type EscalationState string

const (
	EscalationIsRequested EscalationState = "requested"
	EscalationIsSilent    EscalationState = "silent" // nobody answered; it can still be answered
	EscalationIsAccepted  EscalationState = "accepted"
	EscalationIsRefused   EscalationState = "refused"
	EscalationIsWithdrawn EscalationState = "withdrawn"
	EscalationIsActed     EscalationState = "acted"
	EscalationIsStoodDown EscalationState = "stood_down"
)

// Accepted is somebody's acceptance.
type Accepted struct {
	By  By   `json:"by"`
	Was Tier `json:"was"` // at which they acted until then
}

// Escalation is the fold of one.
type Escalation struct {
	Root    Seq             `json:"root"`
	By      By              `json:"by"` // who asked
	State   EscalationState `json:"state"`
	Tier    Tier            `json:"tier"`
	Asks    Condition       `json:"asks"`
	Matrix  int             `json:"matrix"`
	Minutes int             `json:"minutes"`
	TwoKey  bool            `json:"twoKey,omitempty"`
	Factor  bool            `json:"factor,omitempty"`
	Chain   []Step          `json:"chain,omitempty"`
	Step    int             `json:"step"` // who is asked, from 1; 0 for nobody
	Asked   Instant         `json:"asked"`
	Keys    []Accepted      `json:"keys,omitempty"`
	Decided Seq             `json:"decided,omitempty"` // the decision it was recorded as, here or in the section before
	Settled Seq             `json:"settled"`           // the entry that last changed what can be answered
	Sight   Sight           `json:"sight"`
}

// Waiting reports whether it can still be answered.
func (e *Escalation) Waiting() bool {
	return e.State == EscalationIsRequested || e.State == EscalationIsSilent
}

// Due is when the present step's time is over.
func (e *Escalation) Due() Instant {
	return At(e.Asked.Add(time.Duration(e.Minutes) * time.Minute))
}

// Timer is the one it waits for; ok is false if it waits for none.
func (e *Escalation) Timer() (t Timer, ok bool) {
	if e.State != EscalationIsRequested || e.Step < 1 || e.Step > len(e.Chain) {
		return t, false
	}
	return Timer{TimerID(fmt.Sprintf("escalation/%d/%d", e.Root, e.Step)), e.Due()}, true
}

// AskedOf reports whether the person is asked, or was while nobody answered.
func (e *Escalation) AskedOf(p PersonID) bool {
	return slices.ContainsFunc(e.Chain[:min(e.Step, len(e.Chain))], func(s Step) bool { return s.Person == p })
}

// applyEscalation folds an event of an escalation; e is nil before its first.
func applyEscalation(e *Escalation, ev *Event) *Escalation {
	var next Escalation
	if e != nil {
		next = *e
	}
	settle := func(s EscalationState) { next.State, next.Settled = s, ev.Seq }
	switch b := ev.Body.(type) {
	case *EscalationRequested:
		next = Escalation{Root: ev.Root, By: ev.By, Tier: b.Tier, Minutes: b.Minutes, TwoKey: b.TwoKey, Factor: b.Factor, Chain: b.Chain,
			Asks: b.Condition, Matrix: b.Matrix, Step: min(1, len(b.Chain)), Asked: ev.Times.Recorded, Sight: SightOf(ev)}
		settle(EscalationIsRequested)
	case *EscalationAccepted:
		next.Keys = append(slices.Clip(next.Keys), Accepted{ev.By, b.Tier})
		next.Settled = ev.Seq
		if next.Decided = max(b.Decision, b.Before); next.Decided != 0 {
			settle(EscalationIsAccepted)
		}
	case *EscalationRefused:
		settle(EscalationIsRefused)
	case *EscalationWithdrawn:
		settle(EscalationIsWithdrawn)
	case *EscalationAdvanced:
		next.Step, next.Asked = b.Step, ev.Times.Recorded
	case *EscalationSilent:
		settle(EscalationIsSilent)
	case *EscalationActed:
		settle(EscalationIsActed)
	case *EscalationStoodDown:
		settle(EscalationIsStoodDown)
	default:
		next.Sight.Apply(ev)
	}
	return &next
}

// Escalation returns the escalation that began at root and is not over; nil
// for none.
func (r *Room) Escalation(root Seq) *Escalation {
	if i := slices.IndexFunc(r.Escalations, func(e *Escalation) bool { return e.Root == root }); i >= 0 {
		return r.Escalations[i]
	}
	return nil
}

// applyEscalation keeps those that are not over; ok is false for other events.
func (r *Room) applyEscalation(e *Event) (ok bool) {
	switch e.Body.(type) {
	case *EscalationRequested:
		r.Escalations = append(slices.Clip(r.Escalations), applyEscalation(nil, e))
		return true
	case *EscalationAccepted, *EscalationRefused, *EscalationWithdrawn, *EscalationAdvanced, *EscalationSilent, *EscalationActed, *EscalationStoodDown:
		ok = true
	}
	if ok {
		r.spend(e)
	}
	i := slices.IndexFunc(r.Escalations, func(x *Escalation) bool { return x.Root == e.Root })
	if i < 0 || !ok && e.Marking == nil {
		return ok
	}
	r.Escalations = slices.Clone(r.Escalations)
	next := applyEscalation(r.Escalations[i], e)
	if r.Escalations[i] = next; !next.Waiting() && next.State != EscalationIsAccepted {
		r.Escalations = slices.Delete(r.Escalations, i, i+1)
	}
	return ok
}
