package incident

func init() {
	root := KindInfo{Log: RoomLog, Root: true, Record: true}
	register[*MeetingHeld](root)
	register[*SitrepFiled](root)
	register[*UpdateGiven](root)
	register[*UpdateRequested](KindInfo{Log: RoomLog, Root: true, Record: true, Kept: true})
}

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

// SitrepFiled is a situation report: how things are at a time.
type SitrepFiled struct {
	Actions   string  `json:"actions,omitempty"`
	AsAt      Instant `json:"asAt"` // by the room's time
	Forecast  string  `json:"forecast,omitempty"`
	Impact    string  `json:"impact,omitempty"`
	Invented  bool    `json:"invented,omitempty"`
	Situation string  `json:"situation"`
}

func (*SitrepFiled) kind() Kind { return "sitrep.filed" }

// UpdateGiven says that those whom the incident affects were told: in these
// words, or by an entry that it names.
type UpdateGiven struct {
	Entry    Seq    `json:"entry,omitempty"` // 0 for none
	Invented bool   `json:"invented,omitempty"`
	Text     string `json:"text,omitempty"`
}

func (*UpdateGiven) kind() Kind { return "update.given" }

// UpdateRequested asks for the next update. It is for the hosts, and for whoever
// asks.
type UpdateRequested struct {
	Text string `json:"text,omitempty"`
}

func (*UpdateRequested) kind() Kind { return "update.requested" }
