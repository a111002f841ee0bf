package incident

func init() {
	register[*SectionBegun](KindInfo{Log: RoomLog, Standing: true})
	register[*SectionJudged](KindInfo{Log: RoomLog, Standing: true})
	register[*RoomContinued](KindInfo{Log: SystemLog, Root: true})
}

// BreakState says how a log is not what was signed for.
type BreakState string

const (
	Behind    BreakState = "behind"    // fewer entries than were signed for
	Different BreakState = "different" // other entries
)

// Break says of a log that it was found not to be what was signed for, so
// that another goes on from it. Roots are hexadecimal.
type Break struct {
	Held     uint64     `json:"held"` // entries of the checkpoint that was kept elsewhere
	HeldRoot string     `json:"heldRoot"`
	Log      LogID      `json:"log"`
	Origin   string     `json:"origin"`
	Root     string     `json:"root"`
	Size     uint64     `json:"size"` // entries it has here
	State    BreakState `json:"state"`
}

// SectionBegun says that this log goes on from another, which was found not to
// be what was signed for and is read-only. Members and their numbers, audience
// and standing facts are those of the section before.
type SectionBegun struct {
	Break   Break    `json:"break"`
	Numbers MemberNo `json:"numbers"` // the highest member number given before
	Section int      `json:"section"`
}

func (*SectionBegun) kind() Kind { return "section.begun" }

// SectionVerdict is what a host says of the section before.
type SectionVerdict string

const (
	SectionJoined    SectionVerdict = "joined"    // it is part of this record
	SectionCondemned SectionVerdict = "condemned" // it is not to be relied on
)

// SectionJudged is a host's word on the section before: each host's own.
type SectionJudged struct {
	Verdict SectionVerdict `json:"verdict"`
}

func (*SectionJudged) kind() Kind { return "section.judged" }

// RoomContinued enters a room's next section, so that the witness can take its
// logs in. Nobody reads it through the front door.
type RoomContinued struct {
	Access    LogID  `json:"access"` // of the new section
	After     LogID  `json:"after"`  // the section before
	Mode      Mode   `json:"mode"`
	Reference string `json:"reference"`
	Room      LogID  `json:"room"`
	Section   int    `json:"section"`
}

func (*RoomContinued) kind() Kind { return "room.continued" }

// Earlier is what a room's fold says of the section before.
type Earlier struct {
	Break  Break       `json:"break"`
	Judged []Judgement `json:"judged,omitempty"` // the newest of each host, in the order they were given
}

// Judgement is one host's word on the section before.
type Judgement struct {
	At      Instant        `json:"at"`
	By      MemberNo       `json:"by"`
	Org     OrgID          `json:"org"`
	Verdict SectionVerdict `json:"verdict"`
}

// applySection folds what is said of sections; false for other events.
func (r *Room) applySection(e *Event) bool {
	switch b := e.Body.(type) {
	case *SectionBegun:
		r.Section, r.Earlier, r.Taken = b.Section, &Earlier{Break: b.Break}, b.Numbers
		r.numbers = max(r.numbers, b.Numbers)
	case *SectionJudged:
		if r.Earlier == nil {
			return true
		}
		next := &Earlier{Break: r.Earlier.Break}
		for _, j := range r.Earlier.Judged {
			if j.Org != e.By.Org {
				next.Judged = append(next.Judged, j)
			}
		}
		next.Judged = append(next.Judged, Judgement{At: e.Times.Shown(), By: e.By.Member, Org: e.By.Org, Verdict: b.Verdict})
		r.Earlier = next
	default:
		return false
	}
	return true
}
