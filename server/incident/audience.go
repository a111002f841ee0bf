package incident

func init() {
	marks := KindInfo{Log: RoomLog, Marks: true}
	register[*AudienceTightened](marks)
	register[*AudienceWidened](marks)
	register[*AudienceWithheld](marks)
	register[*AudienceRestored](marks)
}

// AudienceTightened raises an entry's label, narrows who receives it or puts
// its openings on record. The
// new marking is the event's own.
type AudienceTightened struct{}

func (*AudienceTightened) kind() Kind { return "audience.tightened" }

// AudienceWidened lowers an entry's label or widens who receives it: the
// originator's alone to do, with a reason.
type AudienceWidened struct {
	Reason string `json:"reason"`
}

func (*AudienceWidened) kind() Kind { return "audience.widened" }

// AudienceWithheld hides an entry from all but hosts at once, reversibly.
type AudienceWithheld struct{}

func (*AudienceWithheld) kind() Kind { return "audience.withheld" }

// AudienceRestored ends withholding: the marking is what it was.
type AudienceRestored struct{}

func (*AudienceRestored) kind() Kind { return "audience.restored" }

// Moves reports whether the event changes its root's marking. A pin carries
// the marking too, and leaves it as it was.
func Moves(e *Event) bool {
	switch e.Body.(type) {
	case *AudienceTightened, *AudienceWidened, *AudienceWithheld, *AudienceRestored, *EntryRecalled:
		return true
	}
	return false
}
