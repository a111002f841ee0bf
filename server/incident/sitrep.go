package incident

func init() { register[*SitrepFiled](KindInfo{Log: RoomLog, Root: true, Record: true}) }

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
