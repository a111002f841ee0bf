package incident

func init() {
	register[*OrganisationAdded](KindInfo{Log: SystemLog, Root: true})
	register[*OrganisationChanged](KindInfo{Log: SystemLog, Root: true})
	register[*OrganisationClosed](KindInfo{Log: SystemLog, Root: true})
	register[*OrganisationsEntered](KindInfo{Log: SystemLog, Root: true})
	register[*OrganisationAdministratorNamed](KindInfo{Log: SystemLog, Root: true})
	register[*OrganisationAdministratorUnnamed](KindInfo{Log: SystemLog, Root: true})
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
	Ended     string  `json:"ended,omitempty"`  // the day it closed, by the ODS: 2022-07-01
	Issuer    string  `json:"issuer,omitempty"` // the sign-in its people usually use
	Name      string  `json:"name"`
	ODS       string  `json:"ods,omitempty"`       // its ODS code, if it has one
	Opened    string  `json:"opened,omitempty"`    // the day it opened, by the ODS
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

// OrganisationsEntered brings a part of a table of the Organisation Data
// Service onto the books. Codes are never changed, and what was recorded under
// one stays under it: a body that merges closes and names its successor.
type OrganisationsEntered struct {
	Added   []Organisation `json:"added,omitempty"`
	Changed []Organisation `json:"changed,omitempty"` // as they are now
	Closed  []OrgClosing   `json:"closed,omitempty"`  // after the others: a successor may be among them
	File    string         `json:"file"`              // SHA-256 of the table, in hex
}

func (*OrganisationsEntered) kind() Kind { return "organisation.entered" }

// OrgClosing is that an organisation closed, or what it became.
type OrgClosing struct {
	Code      OrgID  `json:"code"`
	Ended     string `json:"ended,omitempty"`
	Successor OrgID  `json:"successor,omitempty"`
}

// OrganisationAdministratorNamed lets a person keep the contacts of an
// organisation they act for, and nothing else.
type OrganisationAdministratorNamed struct {
	Org    OrgID    `json:"org"`
	Person PersonID `json:"person"`
}

func (*OrganisationAdministratorNamed) kind() Kind { return "organisation.administrator_named" }

// OrganisationAdministratorUnnamed ends it. So does no longer acting for the
// organisation.
type OrganisationAdministratorUnnamed struct {
	Org    OrgID    `json:"org"`
	Person PersonID `json:"person"`
}

func (*OrganisationAdministratorUnnamed) kind() Kind { return "organisation.administrator_unnamed" }
