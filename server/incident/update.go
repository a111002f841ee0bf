package incident

func init() {
	register[*UpdateGiven](KindInfo{Log: RoomLog, Root: true, Record: true})
	register[*UpdateRequested](KindInfo{Log: RoomLog, Root: true, Record: true, Kept: true})
}

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
