package incident

import "slices"

func init() {
	then := KindInfo{Log: RoomLog, Kept: true}
	register[*ErasureAsked](KindInfo{Log: RoomLog, Root: true, Kept: true})
	register[*ErasureAgreed](then)
	register[*ErasureRefused](then)
	register[*ErasureDropped](then)
	register[*EntryErased](KindInfo{Log: RoomLog, Root: true, Standing: true})
}

// ErasableSlots are the slots that may be erased: what was said, what it
// referred to, what was attached. Who acted (a member's number, not a name),
// when, under which label and by what right stay: without them the entry could
// not be told from one that never was, and nobody could answer for it. Nor can
// an entry's kind go, on which the fold of everything after it stands.
var ErasableSlots = []int{SlotBody, SlotRefs, SlotAttachments}

// Erasable reports whether slots of an entry of this kind may be erased. The
// standing kinds may not: rooms, members, severity, rules, briefs are what
// every later entry is judged by. Nor may a loggist's book, whose numbers its
// lines continue, nor what says why something was erased.
func (k Kind) Erasable() bool {
	info, ok := k.Info()
	return ok && info.Log == RoomLog && !info.Standing && !info.Kept
}

// ErasureGround is why slots are erased.
type ErasureGround string

const (
	GroundRights      ErasureGround = "uk_gdpr_17"      // the right to erasure, UK GDPR article 17
	GroundPatientData ErasureGround = "patient_data"    // patient data entered by mistake
	GroundUnlawful    ErasureGround = "unlawful"        // content that may not be held or shown
	GroundCourtOrder  ErasureGround = "court_order"     // a court orders it
	GroundRetention   ErasureGround = "retention_ended" // the record has been kept as long as its class says
)

// ErasureGrounds lists them in the order people are shown them.
var ErasureGrounds = []ErasureGround{GroundPatientData, GroundRights, GroundUnlawful, GroundCourtOrder, GroundRetention}

// Words returns the ground in words; "" for none of the list.
func (g ErasureGround) Words() string {
	return map[ErasureGround]string{
		GroundPatientData: "Patient data entered by mistake",
		GroundRights:      "Right to erasure, UK GDPR article 17",
		GroundUnlawful:    "Content that may not be held or shown",
		GroundCourtOrder:  "Court order",
		GroundRetention:   "The record was kept for as long as it had to be",
	}[g]
}

// ErasureAsked asks that slots of entries be erased. Nothing changes until two
// other people agree, one of each host.
type ErasureAsked struct {
	Entries []Seq         `json:"entries"` // ascending
	Ground  ErasureGround `json:"ground"`
	Reason  string        `json:"reason"`
	Slots   []int         `json:"slots"` // ascending; the same of each entry
}

func (*ErasureAsked) kind() Kind { return "erasure.asked" }

// ErasureAgreed is one of the two approvals. The second is followed, in the
// same transaction, by an EntryErased for each entry.
type ErasureAgreed struct{}

func (*ErasureAgreed) kind() Kind { return "erasure.agreed" }

// ErasureRefused ends the question: nothing is erased.
type ErasureRefused struct {
	Reason string `json:"reason"`
}

func (*ErasureRefused) kind() Kind { return "erasure.refused" }

// ErasureDropped takes the question back.
type ErasureDropped struct{}

func (*ErasureDropped) kind() Kind { return "erasure.dropped" }

// EntryErased says that slots of an entry were erased, in the transaction that
// wrote it. It is for everyone in the room and repeats nothing of the entry.
type EntryErased struct {
	Ask    Seq           `json:"ask"`
	Entry  Seq           `json:"entry"`
	Ground ErasureGround `json:"ground"`
	Slots  []int         `json:"slots"`
}

func (*EntryErased) kind() Kind { return "entry.erased" }

// Erasure is a question that waits for two approvals.
type Erasure struct {
	Root    Seq               `json:"root"`
	By      By                `json:"by"`
	At      Instant           `json:"at"`
	Entries []Seq             `json:"entries"`
	Ground  ErasureGround     `json:"ground"`
	Reason  string            `json:"reason"`
	Slots   []int             `json:"slots"`
	Agreed  []ErasureApproval `json:"agreed,omitempty"`
	Marking Marking           `json:"marking"`
}

// ErasureApproval is one person's agreement.
type ErasureApproval struct {
	By By      `json:"by"`
	At Instant `json:"at"`
}

// Approvals is how many people must agree, beside who asked.
const Approvals = 2

// Sight is who may see the question.
func (a *Erasure) Sight() Sight {
	return Sight{Root: a.Root, Kind: "erasure.asked", Author: a.By.Member, TLP: a.Marking.TLP, Org: a.Marking.Originator, Audience: a.Marking.Audience}
}

// Erasure returns the question that began at root and still waits; nil if none.
func (r *Room) Erasure(root Seq) *Erasure {
	if i := r.erasure(root); i >= 0 {
		return r.Erasures[i]
	}
	return nil
}

func (r *Room) erasure(root Seq) int {
	return slices.IndexFunc(r.Erasures, func(a *Erasure) bool { return a.Root == root })
}

// BodyErased reports whether what the entry said was erased: Body is then the
// empty one of its kind.
func (e *Event) BodyErased() bool { return slices.Contains(e.Erased, SlotBody) }

// applyErasure folds what keeps the record and what erases from it; ok is false
// for other events.
func (r *Room) applyErasure(e *Event) (ok bool) {
	switch b := e.Body.(type) {
	case *RetentionSet:
		r.Retention = &Retention{Years: b.Years, Seq: e.Seq, By: e.By, At: e.Times.Shown()}
	case *HoldPlaced:
		r.Holds = append(slices.Clip(r.Holds), Hold{Root: e.Root, By: e.By, At: e.Times.Shown(), Reason: b.Reason, Reference: b.Reference})
	case *HoldLifted:
		r.Holds = slices.DeleteFunc(slices.Clone(r.Holds), func(h Hold) bool { return h.Root == e.Root })
	case *ErasureAsked:
		a := &Erasure{Root: e.Root, By: e.By, At: e.Times.Shown(), Entries: b.Entries, Ground: b.Ground, Reason: b.Reason, Slots: b.Slots}
		if e.Marking != nil {
			a.Marking = *e.Marking
		}
		r.Erasures = append(slices.Clip(r.Erasures), a)
	case *ErasureAgreed:
		if i := r.erasure(e.Root); i >= 0 {
			next := *r.Erasures[i]
			next.Agreed = append(slices.Clip(next.Agreed), ErasureApproval{e.By, e.Times.Shown()})
			r.Erasures = slices.Clone(r.Erasures)
			if r.Erasures[i] = &next; len(next.Agreed) >= Approvals {
				r.Erasures = slices.Delete(r.Erasures, i, i+1)
			}
		}
	case *ErasureRefused, *ErasureDropped:
		r.Erasures = slices.DeleteFunc(slices.Clone(r.Erasures), func(a *Erasure) bool { return a.Root == e.Root })
	case *EntryErased:
		// What the fold holds of the entry goes. An erased report that a later
		// one replaced is not held any more.
		if r.Report != nil && r.Report.Seq == b.Entry && slices.Contains(b.Slots, SlotBody) {
			next := *r.Report
			next.Methane, next.Erased = Methane{}, true
			r.Report = &next
		}
		return true
	default:
		return false
	}
	r.spend(e)
	return true
}

// spend notes that the entry used its actor's second factor, which then does
// for no other act that needs one of its own.
func (r *Room) spend(e *Event) {
	if e.By.Member == 0 || e.Authority.StepUp.IsZero() {
		return
	}
	spent := map[MemberNo]Instant{e.By.Member: e.Authority.StepUp}
	for n, t := range r.Factors {
		if n != e.By.Member {
			spent[n] = t
		}
	}
	r.Factors = spent
}
