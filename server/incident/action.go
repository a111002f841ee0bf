package incident

func init() {
	then := KindInfo{Log: RoomLog, Record: true}
	register[*ActionRaised](KindInfo{Log: RoomLog, Root: true, Record: true})
	register[*ActionAccepted](then)
	register[*ActionDeclined](then)
	register[*ActionDone](then)
	register[*ActionHanded](then)
	register[*ActionChased](then)
	register[*ActionWithdrawn](then)
}

// ActionState is where an action stands.
type ActionState string

const (
	ActionIsRaised    ActionState = "raised" // waits for them to accept or decline
	ActionIsAccepted  ActionState = "accepted"
	ActionIsDeclined  ActionState = "declined"
	ActionIsDone      ActionState = "done"
	ActionIsWithdrawn ActionState = "withdrawn" // by whom raised
)

// Assignee is who is asked to act: an organisation, or one person of it.
type Assignee struct {
	Member MemberNo `json:"member,omitempty"` // 0: anyone of the organisation
	Org    OrgID    `json:"org"`
}

// ActionRaised asks an organisation or a person to do something. Local
// organisations answer for their own systems: only they accept it, decline it
// and say that it is done.
type ActionRaised struct {
	Decision Seq      `json:"decision,omitempty"` // the decision it carries out
	Due      Instant  `json:"due,omitzero"`       // by the room's clock: in an exercise, the exercise's
	For      Assignee `json:"for"`
	Invented bool     `json:"invented,omitempty"` // exercises: written for the exercise, asked by nobody
	Text     string   `json:"text"`
}

func (*ActionRaised) kind() Kind { return "action.raised" }

// ActionAccepted says that they will.
type ActionAccepted struct{}

func (*ActionAccepted) kind() Kind { return "action.accepted" }

// ActionDeclined says that they will not, and why.
type ActionDeclined struct {
	Reason string `json:"reason"`
}

func (*ActionDeclined) kind() Kind { return "action.declined" }

// ActionDone says that it is done, and how one can tell.
type ActionDone struct {
	Evidence string `json:"evidence"`
}

func (*ActionDone) kind() Kind { return "action.done" }

// ActionHanded hands it on; whoever gets it accepts or declines anew.
type ActionHanded struct {
	For    Assignee `json:"for"`
	Reason string   `json:"reason"`
}

func (*ActionHanded) kind() Kind { return "action.handed" }

// ActionChased is a host's reminder.
type ActionChased struct {
	Text string `json:"text,omitempty"`
}

func (*ActionChased) kind() Kind { return "action.chased" }

// ActionWithdrawn takes it back.
type ActionWithdrawn struct {
	Reason string `json:"reason"`
}

func (*ActionWithdrawn) kind() Kind { return "action.withdrawn" }

// Action is the fold of an action: what commands about it need to know.
type Action struct {
	State   ActionState
	For     Assignee
	Due     Instant // zero for none
	Settled Seq     // the entry that last changed State or For
}

// Unfinished reports whether something is still to be done about it.
func (a *Action) Unfinished() bool { return a.State == ActionIsRaised || a.State == ActionIsAccepted }

// applyAction folds an event of an action.
func applyAction(a *Action, e *Event) *Action {
	if a == nil {
		a = new(Action)
	}
	next := *a
	settle := func(s ActionState) { next.State, next.Settled = s, e.Seq }
	switch b := e.Body.(type) {
	case *ActionRaised:
		settle(ActionIsRaised)
		next.For, next.Due = b.For, b.Due
	case *ActionAccepted:
		settle(ActionIsAccepted)
	case *ActionDeclined:
		settle(ActionIsDeclined)
	case *ActionDone:
		settle(ActionIsDone)
	case *ActionHanded:
		settle(ActionIsRaised)
		next.For = b.For
	case *ActionWithdrawn:
		settle(ActionIsWithdrawn)
	}
	return &next
}
