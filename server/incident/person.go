package incident

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*PersonAdded](root)
	register[*PersonAffiliated](root)
	register[*PersonSuspended](root)
	register[*PersonRestored](root)
	register[*AdministratorGranted](root)
	register[*AdministratorRevoked](root)
}

// PersonAdded registers a person. They are keyed by (issuer, subject), never
// by e-mail address.
type PersonAdded struct {
	Issuer  string   `json:"issuer"` // the issuer's key, not its URL
	Name    string   `json:"name"`
	Orgs    []OrgID  `json:"orgs,omitempty"` // whom they may act for
	Person  PersonID `json:"person"`
	Subject string   `json:"subject"`
}

func (*PersonAdded) kind() Kind { return "person.added" }

// PersonAffiliated changes whom a person may act for.
type PersonAffiliated struct {
	Orgs   []OrgID  `json:"orgs"`
	Person PersonID `json:"person"`
}

func (*PersonAffiliated) kind() Kind { return "person.affiliated" }

// PersonSuspended ends a person's sessions and refuses new ones.
type PersonSuspended struct {
	Person PersonID `json:"person"`
}

func (*PersonSuspended) kind() Kind { return "person.suspended" }

// PersonRestored lifts a suspension.
type PersonRestored struct {
	Person PersonID `json:"person"`
}

func (*PersonRestored) kind() Kind { return "person.restored" }

// AdministratorGranted makes a person an administrator. Administrators see no
// room.
type AdministratorGranted struct {
	Person PersonID `json:"person"`
}

func (*AdministratorGranted) kind() Kind { return "administrator.granted" }

// AdministratorRevoked ends it.
type AdministratorRevoked struct {
	Person PersonID `json:"person"`
}

func (*AdministratorRevoked) kind() Kind { return "administrator.revoked" }

// Person is someone the deployment knows.
type Person struct {
	ID        PersonID `json:"id"`
	Issuer    string   `json:"issuer"`
	Subject   string   `json:"subject"`
	Name      string   `json:"name"`
	Orgs      []OrgID  `json:"orgs,omitempty"`
	Keeps     []OrgID  `json:"keeps,omitempty"` // of Orgs: those whose contacts they keep
	Admin     bool     `json:"admin,omitempty"`
	Suspended bool     `json:"suspended,omitempty"`

	Passkeys    []int `json:"passkeys,omitempty"`    // the numbers of those they may sign in with
	LastPasskey int   `json:"lastPasskey,omitempty"` // the newest number given
}
