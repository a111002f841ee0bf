package incident

func init() {
	register[*OrganisationAdded](KindInfo{Log: SystemLog, Root: true})
	register[*OrganisationChanged](KindInfo{Log: SystemLog, Root: true})
	register[*OrganisationClosed](KindInfo{Log: SystemLog, Root: true})
}

// OrgType is what an organisation is. The first five are the audiences the
// service's text messages name; the others are hosts' partners.
type OrgType string

const (
	Acute        OrgType = "acute_trust"
	Ambulance    OrgType = "ambulance_trust"
	MentalHealth OrgType = "mental_health_trust"
	Community    OrgType = "community_trust"
	CCG          OrgType = "ccg" // abolished 1 July 2022; kept for history
	ICB          OrgType = "icb"
	CSU          OrgType = "csu"
	Region       OrgType = "region"
	Government   OrgType = "government"
	Police       OrgType = "law_enforcement"
	HostBody     OrgType = "host"
	Supplier     OrgType = "supplier"
	Audit        OrgType = "audit"
	OtherBody    OrgType = "other"
)

// OrgTypes lists every type, in the order forms offer them.
var OrgTypes = []OrgType{Acute, Ambulance, MentalHealth, Community, ICB, CCG, CSU, Region, Government, Police, HostBody, Supplier, Audit, OtherBody}

// Organisation is a body people act for.
type Organisation struct {
	Code      OrgID   `json:"code"`
	Issuer    string  `json:"issuer,omitempty"` // the sign-in its people usually use
	Name      string  `json:"name"`
	ODS       string  `json:"ods,omitempty"`       // its ODS code, if it has one
	Successor OrgID   `json:"successor,omitempty"` // set when it closed into another
	Type      OrgType `json:"type"`
}

// OrganisationAdded puts an organisation on the books.
type OrganisationAdded struct {
	Organisation Organisation `json:"organisation"`
}

func (*OrganisationAdded) kind() Kind { return "organisation.added" }

// OrganisationChanged replaces its particulars; the code stays.
type OrganisationChanged struct {
	Organisation Organisation `json:"organisation"`
}

func (*OrganisationChanged) kind() Kind { return "organisation.changed" }

// OrganisationClosed ends it. History keeps its code.
type OrganisationClosed struct {
	Code      OrgID `json:"code"`
	Successor OrgID `json:"successor,omitempty"`
}

func (*OrganisationClosed) kind() Kind { return "organisation.closed" }
