package command

import (
	"slices"

	"wardroom/server/incident"
)

// tells reports whether an entry with this audience would tell a guest of
// another whom the room's roster hides, by naming them. What an entry says of
// its author it says by being there. Who is an auditor may know everyone, but
// need not stay one, so that is no exception; and whoever joins an audience
// later reads it too, so in one that is the whole room no guest is named.
func (s *scene) tells(to incident.Audience, author incident.MemberNo, named incident.Names) bool {
	if s.Room.Roster != incident.RosterHosts || to.Kind == incident.ToHosts {
		return false
	}
	names := s.guestOrgs(incident.Names{Members: slices.DeleteFunc(slices.Clone(named.Members), func(n incident.MemberNo) bool { return n == author }), Orgs: named.Orgs})
	if to.Kind == incident.ToRoom {
		return len(names) > 0
	}
	readers := s.guestOrgs(incident.Names{Members: to.Members, Orgs: to.Orgs})
	return slices.ContainsFunc(names, func(n incident.OrgID) bool {
		return slices.ContainsFunc(readers, func(r incident.OrgID) bool { return r != n })
	})
}

// guestOrgs lists the organisations of those named that are no hosts.
func (s *scene) guestOrgs(list incident.Names) (orgs []incident.OrgID) {
	for _, n := range list.Members {
		if of := s.Room.Numbered(n); of != nil && !of.Host {
			orgs = append(orgs, of.Org)
		}
	}
	for _, o := range list.Orgs {
		if !slices.Contains(s.Room.Hosts, o) {
			orgs = append(orgs, o)
		}
	}
	return orgs
}

// mayMention refuses mentions that would tell of a hidden guest. An entry that
// is withheld is judged by whom it goes back to.
func (s *scene) mayMention(to incident.Audience, author incident.MemberNo, list []incident.MemberNo) error {
	if s.tells(to, author, incident.Names{Members: list}) {
		return incident.BadField("mentions", "In this room guests are not told of one another: mention a guest only to the hosts and to their own organisation.")
	}
	return nil
}

// mayName refuses to name somebody in a part of the record where that would
// tell of a hidden guest. Whoever writes the entry, and whoever began the
// object it is about, is there for all its readers to see.
func (s *scene) mayName(field string, to incident.Audience, began incident.MemberNo, who incident.Names) error {
	who.Members = slices.DeleteFunc(slices.Clone(who.Members), func(n incident.MemberNo) bool { return n == began })
	if s.tells(to, s.Asker().Number, who) {
		return incident.BadField(field, "In this room guests are not told of one another: name a guest only in an entry for the hosts and their own organisation.")
	}
	return nil
}
