package incident

func init() { register[*MeetingHeld](KindInfo{Log: RoomLog, Root: true, Record: true}) }

// MeetingHeld is the note of a meeting. When it was is the entry's own time;
// what was decided there, and who is to do what, are entries that it cites.
type MeetingHeld struct {
	Invented bool       `json:"invented,omitempty"` // exercises: written for the exercise
	Members  []MemberNo `json:"members,omitempty"`  // of the room, who were there; ascending
	Others   string     `json:"others,omitempty"`   // who else was, in words
	Place    string     `json:"place"`              // where, or how
	Summary  string     `json:"summary"`
}

func (*MeetingHeld) kind() Kind { return "meeting.held" }
