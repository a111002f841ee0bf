package incident

func init() { register[*InjectGiven](KindInfo{Log: RoomLog, Root: true}) }

// InjectGiven is something exercise control tells the players: here, a fact
// of the public record, with its source. Exercises only.
type InjectGiven struct {
	Actor      string   `json:"actor"`              // whom the record names
	At         string   `json:"at"`                 // when, as precisely as the source says: a time, a date or a month
	Conflict   string   `json:"conflict,omitempty"` // where sources differ
	Provenance string   `json:"provenance"`         // "public record" or "invented"
	Sources    []string `json:"sources,omitempty"`
	Text       string   `json:"text"`
}

func (*InjectGiven) kind() Kind { return "inject.given" }
