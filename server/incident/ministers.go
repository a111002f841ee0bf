package incident

func init() { register[*MinistersBriefed](KindInfo{Log: RoomLog, Root: true, Record: true}) }

// MinistersBriefed says that ministers were told. The National Data Guardian
// is then told at once: the entry after it is the clock for that.
type MinistersBriefed struct {
	At   Instant `json:"at"` // by real time
	Text string  `json:"text"`
}

func (*MinistersBriefed) kind() Kind { return "ministers.briefed" }
