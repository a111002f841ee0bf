package directory

import (
	"cmp"
	"slices"
	"time"

	"wardroom/server/incident"
)

// DefaultStale is how old a verification may be before it should be made again.
const DefaultStale = 180 * 24 * time.Hour

// Book is what coverage and selection are worked out of: the organisations, and
// who their contacts are. It needs no name and no number.
type Book struct {
	Orgs     []incident.Organisation // those that have not closed
	Contacts []OrgContact
	Now      time.Time
	Stale    time.Duration // how old a verification may be
}

// Standing is how well a number or address is known to reach somebody. The
// greater is the better.
type Standing int

const (
	NoContact  Standing = iota // there is nobody
	Unverified                 // there is somebody, and no channel of theirs was ever verified
	Stale                      // one was, too long ago
	Verified
)

// Of returns the best standing among a contact's channels of these kinds; of
// any kind if none are named.
func (b *Book) Of(c OrgContact, kinds ...incident.ChannelKind) Standing {
	best := Unverified
	for _, ch := range c.Channels {
		if ch.Verified.IsZero() || len(kinds) > 0 && !slices.Contains(kinds, ch.Kind) {
			continue
		}
		if b.Now.Sub(ch.Verified) > b.Stale {
			best = max(best, Stale)
		} else {
			best = Verified
		}
	}
	return best
}

// Coverage is how an organisation is covered.
type Coverage struct {
	Org      incident.Organisation
	Contacts int
	Any      Standing // the best of all its contacts
	Roles    map[incident.ContactRole]Standing
}

// Coverage tells of each organisation how its roles are covered, in the book's
// order. A role that is missing in the map has nobody.
func (b *Book) Coverage() []Coverage {
	all := make([]Coverage, len(b.Orgs))
	at := make(map[incident.OrgID]*Coverage, len(b.Orgs))
	for i, o := range b.Orgs {
		all[i] = Coverage{Org: o, Roles: map[incident.ContactRole]Standing{}}
		at[o.Code] = &all[i]
	}
	for _, c := range b.Contacts {
		row := at[c.Org]
		if row == nil {
			continue // it has closed
		}
		s := b.Of(c)
		row.Contacts++
		row.Any = max(row.Any, s)
		row.Roles[c.Role] = max(row.Roles[c.Role], s)
	}
	return all
}

// TypeCoverage counts the organisations of a type by how they are covered.
type TypeCoverage struct {
	Type  incident.OrgType
	Orgs  int
	Any   [Verified + 1]int                          // by the standing of their best contact
	Roles map[incident.ContactRole][Verified + 1]int // for each role
}

// ByType adds coverage up, in the order of incident.OrgTypes. Types of which
// there is none are left out.
func ByType(rows []Coverage) []TypeCoverage {
	var all []TypeCoverage
	for _, t := range incident.OrgTypes {
		sum := TypeCoverage{Type: t, Roles: map[incident.ContactRole][Verified + 1]int{}}
		for _, r := range rows {
			if r.Org.Type != t {
				continue
			}
			sum.Orgs++
			sum.Any[r.Any]++
			for _, role := range incident.ContactRoles {
				n := sum.Roles[role]
				n[r.Roles[role]]++
				sum.Roles[role] = n
			}
		}
		if sum.Orgs > 0 {
			all = append(all, sum)
		}
	}
	return all
}

// Recipient is a contact whom a selection reaches, by these channels.
type Recipient struct {
	Contact OrgContact
	SMS     []Channel // the verified ones
	Email   []Channel
	Stale   bool // the best of them was verified too long ago
}

// reached are a contact's verified channels.
func reached(c OrgContact) Recipient {
	r := Recipient{Contact: c}
	for _, ch := range c.Channels {
		switch {
		case ch.Verified.IsZero():
		case ch.Kind == incident.BySMS:
			r.SMS = append(r.SMS, ch)
		case ch.Kind == incident.ByEmail:
			r.Email = append(r.Email, ch)
		}
	}
	return r
}

// Selection is whom a choice of types, organisations and roles comes to.
type Selection struct {
	Orgs       int // organisations chosen
	Recipients []Recipient
	NoNumber   []OrgContact            // chosen contacts without a verified number for text messages
	Nobody     []incident.Organisation // chosen organisations in which nobody has one
}

// Select chooses the contacts in these roles (in any, if none are named) at
// organisations of these types, and at those listed. Neither types nor a list
// chooses nobody. Organisations that have closed are never chosen. What comes
// out is in the order of the book.
func (b *Book) Select(types []incident.OrgType, orgs []incident.OrgID, roles []incident.ContactRole) Selection {
	var s Selection
	chosen := map[incident.OrgID]bool{} // whether somebody there has a number
	for _, o := range b.Orgs {
		if slices.Contains(types, o.Type) || slices.Contains(orgs, o.Code) {
			chosen[o.Code] = false
		}
	}
	s.Orgs = len(chosen)
	for _, c := range b.Contacts {
		if _, in := chosen[c.Org]; !in || len(roles) > 0 && !slices.Contains(roles, c.Role) {
			continue
		}
		r := reached(c)
		r.Stale = b.Of(c, incident.BySMS, incident.ByEmail) == Stale
		if len(r.SMS) > 0 {
			chosen[c.Org] = true
		} else {
			s.NoNumber = append(s.NoNumber, c)
		}
		if len(r.SMS)+len(r.Email) > 0 {
			s.Recipients = append(s.Recipients, r)
		}
	}
	for _, o := range b.Orgs {
		if has, in := chosen[o.Code]; in && !has {
			s.Nobody = append(s.Nobody, o)
		}
	}
	return s
}

// NewBook is the book of all organisations that have not closed, by name.
func NewBook(sys *incident.System, contacts []OrgContact, now time.Time, stale time.Duration) *Book {
	b := &Book{Contacts: contacts, Now: now, Stale: cmp.Or(stale, DefaultStale)}
	for code, o := range sys.Orgs {
		if !sys.Closed[code] {
			b.Orgs = append(b.Orgs, o)
		}
	}
	slices.SortFunc(b.Orgs, func(x, y incident.Organisation) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Code, y.Code))
	})
	return b
}
