package incident

// Via is how somebody's word came to the house. Empty: they entered it
// themselves, here.
type Via string

const (
	ViaWeb       Via = "web" // of a report: by whoever reports, here
	ViaTelephone Via = "telephone"
	ViaEmail     Via = "email"
	ViaInPerson  Via = "in_person"
)

// Vias lists the ways by which a host is told what it then enters for an
// organisation.
var Vias = []Via{ViaTelephone, ViaEmail, ViaInPerson}
