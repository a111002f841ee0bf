package incident

func init() {
	register[*SitrepFiled](KindInfo{Log: RoomLog, Root: true, Record: true})
	register[*SitrepCorrected](KindInfo{Log: RoomLog, Record: true})
}

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

// SitrepCorrected says a situation report anew, whole, and why; what it said
// before stays legible.
type SitrepCorrected struct {
	Actions   string  `json:"actions,omitempty"`
	AsAt      Instant `json:"asAt"`
	Forecast  string  `json:"forecast,omitempty"`
	Impact    string  `json:"impact,omitempty"`
	Reason    string  `json:"reason"`
	Situation string  `json:"situation"`
}

func (*SitrepCorrected) kind() Kind { return "sitrep.corrected" }
