package incident

func init() { register[*RulesSet](KindInfo{Log: RoomLog, Root: true, Standing: true}) }

// RulesSet gives the room's handling rules: five lines that fit one phone
// screen, accepted by each member once per version. Every version is a root
// of its own.
type RulesSet struct {
	Lines   [5]string `json:"lines"`
	Version int       `json:"version"` // 1, 2, 3 …
}

func (*RulesSet) kind() Kind { return "rules.set" }

// Rules are the handling rules in force.
type Rules struct {
	Root    Seq       `json:"root"`
	Seq     Seq       `json:"seq"`
	Version int       `json:"version"`
	Lines   [5]string `json:"lines"`
}
