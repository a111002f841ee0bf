package incident

import "slices"

func init() {
	then := KindInfo{Log: RoomLog, Record: true}
	register[*HandoverSigned](KindInfo{Log: RoomLog, Root: true, Record: true})
	register[*HandoverAccepted](then)
	register[*HandoverDeclined](then)
	register[*HandoverWithdrawn](then)
}

// IIMARCH is the form in which command is handed over: information, intent,
// method, administration, risk assessment, communications, humanitarian issues.
type IIMARCH struct {
	Administration string `json:"administration"`
	Communications string `json:"communications"`
	Humanitarian   string `json:"humanitarian"`
	Information    string `json:"information"`
	Intent         string `json:"intent"`
	Method         string `json:"method"`
	Risk           string `json:"risk"`
}

// HandoverSigned is the outgoing holder's word on how things stand. The post is
// theirs until it is accepted.
type HandoverSigned struct {
	IIMARCH  IIMARCH  `json:"iimarch"`
	Invented bool     `json:"invented,omitempty"`
	Post     Post     `json:"post"`
	Since    Seq      `json:"since"` // the entry of the last handover of the post; 1 if there was none
	To       MemberNo `json:"to"`
}

func (*HandoverSigned) kind() Kind { return "handover.signed" }

// HandoverAccepted takes it: the post passes with the entries after it.
type HandoverAccepted struct{}

func (*HandoverAccepted) kind() Kind { return "handover.accepted" }

// HandoverDeclined sends it back.
type HandoverDeclined struct {
	Reason string `json:"reason"`
}

func (*HandoverDeclined) kind() Kind { return "handover.declined" }

// HandoverWithdrawn takes it back before it is accepted.
type HandoverWithdrawn struct {
	Reason string `json:"reason"`
}

func (*HandoverWithdrawn) kind() Kind { return "handover.withdrawn" }

// HandoverState is where a handover stands.
type HandoverState string

const (
	HandoverIsSigned    HandoverState = "signed"
	HandoverIsAccepted  HandoverState = "accepted"
	HandoverIsDeclined  HandoverState = "declined"
	HandoverIsWithdrawn HandoverState = "withdrawn"
)

// Handover is the fold of one.
type Handover struct {
	Root    Seq           `json:"root"`
	By      By            `json:"by"` // who hands over
	To      MemberNo      `json:"to"`
	Post    Post          `json:"post"`
	State   HandoverState `json:"state"`
	Settled Seq           `json:"settled"` // the entry that last changed it
}

// applyHandover folds an event of a handover; h is nil before its first.
func applyHandover(h *Handover, e *Event) *Handover {
	if b, ok := e.Body.(*HandoverSigned); ok {
		return &Handover{Root: e.Root, By: e.By, To: b.To, Post: b.Post, State: HandoverIsSigned, Settled: e.Seq}
	}
	if h == nil {
		return nil
	}
	next := *h
	settle := func(s HandoverState) { next.State, next.Settled = s, e.Seq }
	switch e.Body.(type) {
	case *HandoverAccepted:
		settle(HandoverIsAccepted)
	case *HandoverDeclined:
		settle(HandoverIsDeclined)
	case *HandoverWithdrawn:
		settle(HandoverIsWithdrawn)
	}
	return &next
}

// Handover returns the handover that waits to be accepted and began at root;
// nil for none.
func (r *Room) Handover(root Seq) *Handover {
	return r.handover(func(h *Handover) bool { return h.Root == root })
}

// HandoverOf returns the handover of a post that waits to be accepted; nil for
// none.
func (r *Room) HandoverOf(p Post) *Handover {
	return r.handover(func(h *Handover) bool { return h.Post == p })
}

func (r *Room) handover(is func(*Handover) bool) *Handover {
	if i := slices.IndexFunc(r.Handovers, is); i >= 0 {
		return r.Handovers[i]
	}
	return nil
}

// applyHandover keeps those that wait, one a post, and where each post was last
// handed over; ok is false for other events.
func (r *Room) applyHandover(e *Event) (ok bool) {
	switch e.Body.(type) {
	case *HandoverSigned:
		r.spend(e)
		r.Handovers = append(slices.Clip(r.Handovers), applyHandover(nil, e))
		return true
	case *HandoverAccepted, *HandoverDeclined, *HandoverWithdrawn:
	default:
		return false
	}
	r.spend(e)
	h := r.Handover(e.Root)
	if h == nil {
		return true
	}
	r.Handovers = slices.DeleteFunc(slices.Clone(r.Handovers), func(x *Handover) bool { return x.Root == e.Root })
	if _, accepted := e.Body.(*HandoverAccepted); accepted {
		last := map[Post]Seq{}
		for p, n := range r.Handed {
			last[p] = n
		}
		last[h.Post] = e.Seq
		r.Handed = last
	}
	return true
}

// HandedSince is the entry by which the post was last handed over; 1 if it never
// was.
func (r *Room) HandedSince(p Post) Seq { return max(1, r.Handed[p]) }
