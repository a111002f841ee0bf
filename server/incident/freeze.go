package incident

import (
	"maps"
	"slices"
)

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*OrganisationFrozen](root)
	register[*ThawAsked](root)
	register[*OrganisationUnfrozen](root)
	register[*PersonReadmitted](root)
}

// OrganisationFrozen shuts out everyone who acts for an organisation and signs
// in through the sign-in service it uses: whoever has that service in hand can
// be any of them. What they said stays, and so do their memberships.
type OrganisationFrozen struct {
	As     FreezesAs `json:"as"` // by what right
	Code   OrgID     `json:"code"`
	Issuer string    `json:"issuer,omitempty"` // its sign-in service as it stood; empty: whatever its people sign in with
	Reason string    `json:"reason"`
}

func (*OrganisationFrozen) kind() Kind { return "organisation.frozen" }

// FreezesAs is by what right somebody freezes an organisation, and lets its
// people in again.
type FreezesAs string

const (
	AsLead          FreezesAs = "lead"          // they lead a live incident room for a host
	AsAdministrator FreezesAs = "administrator" // of the deployment, and of a host
)

// ThawAsked asks that an organisation be let in again, where the other host
// does not say so: a second person of the hosts must agree.
type ThawAsked struct {
	Code   OrgID  `json:"code"`
	Reason string `json:"reason"`
}

func (*ThawAsked) kind() Kind { return "organisation.unfreeze_asked" }

// OrganisationUnfrozen lets everyone of an organisation sign in again.
type OrganisationUnfrozen struct {
	Code   OrgID  `json:"code"`
	Reason string `json:"reason,omitempty"` // empty: the one that was asked with
}

func (*OrganisationUnfrozen) kind() Kind { return "organisation.unfrozen" }

// PersonReadmitted lets one person of a frozen organisation sign in again, after
// somebody made sure of them by a way that does not go through their sign-in.
type PersonReadmitted struct {
	Code   OrgID    `json:"code"`
	How    string   `json:"how"` // how they were reached
	Person PersonID `json:"person"`
}

func (*PersonReadmitted) kind() Kind { return "person.readmitted" }

// Freeze is that an organisation's people are shut out.
type Freeze struct {
	Code       OrgID      `json:"code"`
	Issuer     string     `json:"issuer,omitempty"`
	Reason     string     `json:"reason"`
	By         PersonID   `json:"by"`
	As         FreezesAs  `json:"as"`
	At         Instant    `json:"at"`
	Readmitted []PersonID `json:"readmitted,omitempty"`
	Thaw       *Thaw      `json:"thaw,omitempty"`
}

// Thaw is the question to end a freeze, which a second person answers.
type Thaw struct {
	By     PersonID `json:"by"`
	At     Instant  `json:"at"`
	Reason string   `json:"reason"`
}

// Shuts reports whether the freeze is about people of this sign-in service.
func (f Freeze) Shuts(issuer string) bool { return f.Issuer == "" || f.Issuer == issuer }

// FrozenOut reports whether a person is shut out because an organisation they
// act for is frozen. They are signed in nowhere, nobody is let in as them, and
// nothing is sent to them.
func (s *System) FrozenOut(id PersonID) bool {
	if len(s.Frozen) == 0 {
		return false
	}
	p, ok := s.People[id]
	return ok && slices.ContainsFunc(p.Orgs, func(o OrgID) bool { return s.shut(p, o) })
}

func (s *System) shut(p Person, o OrgID) bool {
	f, frozen := s.Frozen[o]
	return frozen && f.Shuts(p.Issuer) && !slices.Contains(f.Readmitted, p.ID)
}

// ShutOut lists the people who are shut out, in a fixed order; of one
// organisation, if that is named.
func (s *System) ShutOut(of OrgID) []Person {
	if len(s.Frozen) == 0 {
		return nil
	}
	var all []Person
	for _, id := range s.Order() {
		p := s.People[id]
		if of == "" && s.FrozenOut(id) || of != "" && slices.Contains(p.Orgs, of) && s.shut(p, of) {
			all = append(all, p)
		}
	}
	return all
}

// FrozenOrg reports whether an organisation is frozen: its machines are given
// nothing, and nobody joins for it through its own sign-in service.
func (s *System) FrozenOrg(o OrgID) bool { _, frozen := s.Frozen[o]; return frozen }

// freezing folds what is about frozen organisations. One that is let in again
// leaves the fold.
func (s *System) freezing(e *Event) {
	switch b := e.Body.(type) {
	case *OrganisationFrozen:
		s.Frozen = put(s.Frozen, b.Code, Freeze{Code: b.Code, Issuer: b.Issuer, Reason: b.Reason, By: e.By.Person, As: b.As, At: e.Times.Recorded})
	case *ThawAsked:
		if f, ok := s.Frozen[b.Code]; ok {
			f.Thaw = &Thaw{By: e.By.Person, At: e.Times.Recorded, Reason: b.Reason}
			s.Frozen = put(s.Frozen, b.Code, f)
		}
	case *OrganisationUnfrozen:
		s.Frozen = maps.Clone(s.Frozen)
		delete(s.Frozen, b.Code)
	case *PersonReadmitted:
		if f, ok := s.Frozen[b.Code]; ok {
			f.Readmitted = append(slices.Clip(f.Readmitted), b.Person)
			s.Frozen = put(s.Frozen, b.Code, f)
		}
	}
}

// put returns a copy of the map with one value more: folds are shared.
func put[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	next := make(map[K]V, len(m)+1)
	maps.Copy(next, m)
	next[k] = v
	return next
}
