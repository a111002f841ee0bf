package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// What is said of a contact of an organisation here is that there is one: their
// name, numbers and addresses never come to a log. Which contact and channel it
// is, and in which role, the server fetched from the directory.

// ListContact says that an organisation has a contact more.
type ListContact struct{ Of incident.ContactOf }

// ChangeContact says that something about a contact is another now.
type ChangeContact struct {
	Of incident.ContactOf
	To string // names what they are changed to, under a key: sent again with something else it is another command. Not recorded
}

// RemoveContact says that a contact left; the directory forgets them.
type RemoveContact struct{ Of incident.ContactOf }

// CallContact says that somebody is shown how to reach a contact.
type CallContact struct {
	Of      incident.ContactOf
	Channel incident.ChannelKind
	Which   string // the channel, so that this command shows no other. Not recorded
}

// VerifyContact says that a channel reaches the contact.
type VerifyContact struct {
	Of      incident.ContactOf
	Channel incident.ChannelKind
	Which   string // the channel. Not recorded
	How     incident.Verification
}

func (c ListContact) roots() []incident.Seq   { return nil }
func (c ChangeContact) roots() []incident.Seq { return nil }
func (c RemoveContact) roots() []incident.Seq { return nil }
func (c CallContact) roots() []incident.Seq   { return nil }
func (c VerifyContact) roots() []incident.Seq { return nil }

// reads lets in who sees an organisation's contacts; to others it has none.
func (s *scene) reads(of incident.ContactOf) error {
	if s.system == nil || s.empty || !policy.ReadsContacts(s.system, s.Actor.Person, of.Org) {
		return incident.Missing()
	}
	return nil
}

// keeps lets in who keeps an organisation's contacts.
func (s *scene) keeps(of incident.ContactOf) error {
	if err := s.reads(of); err != nil {
		return err
	}
	if s.Actor.Way == incident.ByCodes {
		return policy.ByCodes()
	}
	if !policy.KeepsContacts(s.system, s.Actor.Person, of.Org) {
		return incident.Refuse(incident.Forbidden, "Those who keep this organisation's contacts can do this: its own administrators, and the hosts if it has none.")
	}
	if !of.Role.Valid() {
		return incident.BadField("role", "Choose what they answer for.")
	}
	return nil
}

func (c ListContact) decide(s *scene) ([]*incident.Event, error) {
	if err := s.keeps(c.Of); err != nil {
		return nil, err
	}
	if s.system.Closed[c.Of.Org] {
		return nil, incident.Refuse(incident.Conflict, "This organisation has closed. Add them to the one it became.")
	}
	return one(&incident.Event{Body: &incident.ContactListed{ContactOf: c.Of}})
}

func (c ChangeContact) decide(s *scene) ([]*incident.Event, error) {
	if err := s.keeps(c.Of); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ContactChanged{ContactOf: c.Of}})
}

func (c RemoveContact) decide(s *scene) ([]*incident.Event, error) {
	if err := s.keeps(c.Of); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ContactLeft{ContactOf: c.Of}})
}

func (c CallContact) decide(s *scene) ([]*incident.Event, error) {
	if err := s.reads(c.Of); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ContactCalled{Channel: c.Channel, Contact: c.Of.Contact, Org: c.Of.Org, Role: c.Of.Role}})
}

func (c VerifyContact) decide(s *scene) ([]*incident.Event, error) {
	if c.How == incident.ByRinging {
		if err := s.reads(c.Of); err != nil {
			return nil, err
		}
		if !policy.RingsBack(s.system, s.Actor.Person) {
			return nil, incident.Refuse(incident.Forbidden, "Only the joint hosts can say that they rang back.")
		}
		if s.Actor.Way == incident.ByCodes {
			return nil, policy.ByCodes()
		}
	} else if err := s.keeps(c.Of); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ContactVerified{Channel: c.Channel, Contact: c.Of.Contact, How: c.How, Org: c.Of.Org, Role: c.Of.Role}})
}

// NameOrganisationAdministrator lets one of an organisation's people keep its
// contacts; Unname ends it.
type NameOrganisationAdministrator struct {
	Org    incident.OrgID
	Person incident.PersonID
	Unname bool
}

func (c NameOrganisationAdministrator) roots() []incident.Seq { return nil }

func (c NameOrganisationAdministrator) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || (!s.Actor.System && !policy.NamesKeepers(s.system, s.Actor.Person)) {
		return nil, incident.Missing()
	}
	if s.Actor.Way == incident.ByCodes {
		return nil, policy.ByCodes()
	}
	p, ok := s.system.People[c.Person]
	if _, known := s.system.Orgs[c.Org]; !known || !ok {
		return nil, incident.Missing()
	}
	switch named := slices.Contains(p.Keeps, c.Org); {
	case named != c.Unname:
		return nil, incident.Refuse(incident.Conflict, "Nothing was changed.")
	case c.Unname:
		return one(&incident.Event{Body: &incident.OrganisationAdministratorUnnamed{Org: c.Org, Person: c.Person}})
	case s.system.Closed[c.Org]:
		return nil, incident.Refuse(incident.Conflict, "This organisation has closed.")
	case p.Suspended || !slices.Contains(p.Orgs, c.Org):
		return nil, incident.BadField("person", "Choose one of the people who act for this organisation.")
	}
	return one(&incident.Event{Body: &incident.OrganisationAdministratorNamed{Org: c.Org, Person: c.Person}})
}
