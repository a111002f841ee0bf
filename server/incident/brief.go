package incident

func init() { register[*BriefSet](KindInfo{Log: RoomLog, Root: true, Standing: true}) }

// BriefLines are the five lines of a situation brief.
type BriefLines struct {
	Affects  string `json:"affects"`  // what it affects
	Doing    string `json:"doing"`    // what we are doing
	Happened string `json:"happened"` // what has happened
	Need     string `json:"need"`     // what we need from you
	Next     string `json:"next"`     // when the next update comes
}

// BriefSet is a version of the lead's situation brief. It is pinned by its
// nature; every version is a root of its own and the newest stands.
type BriefSet struct {
	Lines   BriefLines `json:"lines"`
	Version int        `json:"version"` // 1, 2, 3 …
}

func (*BriefSet) kind() Kind { return "brief.set" }

// Brief is the situation brief in force.
type Brief struct {
	Root    Seq        `json:"root"`
	Seq     Seq        `json:"seq"`
	Version int        `json:"version"`
	By      By         `json:"by"`
	At      Instant    `json:"at"`
	Lines   BriefLines `json:"lines"`
}
