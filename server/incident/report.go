package incident

func init() {
	register[*ReportGiven](KindInfo{Log: RoomLog, Root: true})
	register[*ReportUpdated](KindInfo{Log: RoomLog})
}

// Methane is a JESIP M/ETHANE report, read for a cyber incident. Without a
// declared major incident it is an ETHANE. Only Type is needed to begin.
type Methane struct {
	Access    string `json:"access,omitempty"`    // channels that are safe: is e-mail?
	Emergency string `json:"emergency,omitempty"` // who is engaged, who is needed
	Exact     string `json:"exact,omitempty"`     // organisations, sites, networks
	Hazards   string `json:"hazards,omitempty"`   // what else it could hit
	Major     bool   `json:"major"`               // major incident declared
	Number    string `json:"number,omitempty"`    // services and patients affected; no patient data
	Type      string `json:"type"`                // ransomware, …
}

// ReportGiven is the report a room was opened with.
type ReportGiven struct {
	Methane Methane `json:"methane"`
}

func (*ReportGiven) kind() Kind { return "report.given" }

// ReportUpdated replaces the report's fields; earlier ones stay legible.
type ReportUpdated struct {
	Methane Methane `json:"methane"`
}

func (*ReportUpdated) kind() Kind { return "report.updated" }

// Report is the M/ETHANE report as it stands.
type Report struct {
	Root    Seq     `json:"root"`
	Seq     Seq     `json:"seq"`
	By      By      `json:"by"`
	At      Instant `json:"at"`
	Methane Methane `json:"methane"`
	Sight   Sight   `json:"sight"`
	Erased  bool    `json:"erased,omitempty"` // what it said was erased
}
