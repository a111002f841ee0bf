package incident

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"
)

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*DeploymentSet](root)
	register[*RoomRegistered](root)
	register[*RoomEnded](root)
}

// DeploymentSet is what `wardroom setup` and administrators decide for the
// whole deployment.
type DeploymentSet struct {
	Assessors []Assessor `json:"assessors,omitempty"` // who may assess severity on which scale
	Duty      string     `json:"duty"`                // the duty telephone number dead ends show
	Hosts     []OrgID    `json:"hosts"`               // the two joint hosts
	OnCall    []PersonID `json:"onCall,omitempty"`    // the hosts' people who are called into a room by its severity
}

func (*DeploymentSet) kind() Kind { return "deployment.set" }

// RoomRegistered gives a room its id and reference, before the room's own log
// exists. It holds all that the opening needs, so that a follower can finish
// one that a crash cut short. Nobody reads it through the front door.
type RoomRegistered struct {
	Access    LogID          `json:"access"`              // the id of the room's access log
	Assessors []Assessor     `json:"assessors,omitempty"` // as configured at this moment
	Brought   *ReportBrought `json:"brought,omitempty"`   // the report it is opened of, as it was filed
	Called    []OnCall       `json:"called,omitempty"`    // whom the severity it opens with calls in
	Cell      *Cell          `json:"cell,omitempty"`      // a side room
	Clock     *Clock         `json:"clock,omitempty"`     // side rooms of exercises: the main room's, as it stood
	Hosts     []OrgID        `json:"hosts"`               // the joint hosts, as configured at this moment
	Matrix    int            `json:"matrix,omitempty"`    // the version of the escalation matrix, as set at this moment
	Mode      Mode           `json:"mode"`
	Opener    Seat           `json:"opener"`
	Person    PersonID       `json:"person"`
	Reference string         `json:"reference"`
	Report    Methane        `json:"report"`
	Room      LogID          `json:"room"`
	Roster    Roster         `json:"roster"`
	Rules     *RulesSet      `json:"rules,omitempty"`    // side rooms: the main room's, as they stood
	Seats     []Seated       `json:"seats,omitempty"`    // side rooms: who is in them from the first, besides who opens them
	Severity  *Opening       `json:"severity,omitempty"` // the opener's first assessment, if they made one
	Title     string         `json:"title"`
	TLP       TLP            `json:"tlp"`
}

// OnCall is one of a host's people who is called into a room by its severity,
// with the invitation the directory made for their sign-in.
type OnCall struct {
	Invitation string `json:"invitation"`
	Issuer     string `json:"issuer"`
	Seat       Seat   `json:"seat"`
}

// Opening is the severity a room is opened with, and why.
type Opening struct {
	Criteria []string `json:"criteria"`
	Grade    Grade    `json:"grade"`
	Reason   string   `json:"reason"`
	Scale    Scale    `json:"scale"`
}

func (*RoomRegistered) kind() Kind { return "room.registered" }

// RoomEnded says that a room was closed.
type RoomEnded struct {
	Room LogID `json:"room"`
}

func (*RoomEnded) kind() Kind { return "room.ended" }

// System is the fold of the deployment's system log.
type System struct {
	ID        LogID                  `json:"id"`
	Head      Seq                    `json:"head"`
	Last      Instant                `json:"last"`
	Section   int                    `json:"section"`
	Duty      string                 `json:"duty"`
	Hosts     []OrgID                `json:"hosts"`
	Assessors []Assessor             `json:"assessors,omitempty"`
	OnCall    []PersonID             `json:"onCall,omitempty"`
	Orgs      map[OrgID]Organisation `json:"orgs"`
	Closed    map[OrgID]bool         `json:"closed"`
	People    map[PersonID]Person    `json:"people"`
	Issuers   map[string]IssuerSet   `json:"issuers"`
	Stopped   map[string]bool        `json:"stopped"` // issuers taken out of use
	Tokens    map[string]Token       `json:"tokens"`
	Counters  map[string]int         `json:"counters"`           // "INC-2026" → the last number given
	Exercise  []LogID                `json:"exercise"`           // the exercise rooms, for exercise control
	Keys      []ListedKey            `json:"keys"`               // the notary's, generation by generation from 1
	Policies  []ListedPolicy         `json:"policies,omitempty"` // the rules of sight, oldest first
	Matrices  []Matrix               `json:"matrices,omitempty"` // every version that was set, oldest first
	Rotas     map[string]int64       `json:"rotas,omitempty"`    // by organisation and tier, the version that stands
	Alerts    []*Alert               `json:"alerts,omitempty"`   // those that are open, oldest first

	Frozen  map[OrgID]Freeze     `json:"frozen,omitempty"`  // whose people are shut out
	Asking  map[string]Fallback  `json:"asking,omitempty"`  // by request: who asks to come in by codes
	ByCodes map[PersonID]Instant `json:"byCodes,omitempty"` // until when: who came in by codes
	Rested  map[PersonID]Instant `json:"rested,omitempty"`  // the second factor that somebody's last act in this log rested on
	Rooms   []Seq                `json:"rooms"`             // the entries that tell of rooms and reports, ascending: not for administrators
	Filings []*Filing            `json:"filings,omitempty"` // reports that are not closed, oldest first
	Filed   []Filed              `json:"filed,omitempty"`   // those of the last day, for limits

	bySubject map[[2]string]PersonID // (issuer, subject)
}

// Token is a service token as the record knows it.
type Token struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Scopes  []string `json:"scopes"`
	Issued  Instant  `json:"issued"`
	Expires Instant  `json:"expires"`
	Revoked bool     `json:"revoked,omitempty"`
}

// NewSystem returns the empty fold of a system log.
func NewSystem(id LogID) *System {
	s := &System{ID: id}
	s.Reindex()
	return s
}

// Clone returns a copy the writer may Apply to.
func (s *System) Clone() *System {
	c := *s
	c.Orgs, c.Closed, c.People = maps.Clone(s.Orgs), maps.Clone(s.Closed), maps.Clone(s.People)
	c.Issuers, c.Stopped, c.Tokens = maps.Clone(s.Issuers), maps.Clone(s.Stopped), maps.Clone(s.Tokens)
	c.Counters, c.bySubject = maps.Clone(s.Counters), maps.Clone(s.bySubject)
	c.Rotas = maps.Clone(s.Rotas)
	return &c
}

// Next is the fold of the section that goes on from this one, before its first
// entry.
func (s *System) Next(id LogID) *System {
	c := s.Clone()
	c.ID, c.Head, c.Rooms = id, 0, nil
	return c
}

// Reindex rebuilds the look-ups of a fold read back from a snapshot.
func (s *System) Reindex() {
	grow(&s.Orgs)
	grow(&s.Closed)
	grow(&s.People)
	grow(&s.Issuers)
	grow(&s.Stopped)
	grow(&s.Tokens)
	grow(&s.Counters)
	s.bySubject = map[[2]string]PersonID{}
	for id, p := range s.People {
		s.bySubject[[2]string{p.Issuer, p.Subject}] = id
	}
}

// Assesses returns the scale the organisation sets severity on; "" for none.
// It is one at most (command.SetDeployment).
func (s *System) Assesses(org OrgID) Scale {
	for _, a := range s.Assessors {
		if a.Org == org {
			return a.Scale
		}
	}
	return ""
}

// Missed passes over an entry.
func (s *System) Missed(n Seq) { s.Head = n }

// LastAt returns the recorded-at of the last entry folded.
func (s *System) LastAt() Instant { return s.Last }

func grow[K comparable, V any](m *map[K]V) {
	if *m == nil {
		*m = map[K]V{}
	}
}

// Apply folds one more entry of the system log.
func (s *System) Apply(e *Event) {
	s.Head, s.Last = e.Seq, e.Times.Recorded
	s.applyAlert(e)
	switch b := e.Body.(type) {
	case *Genesis:
		s.Section = b.Section
	case *DeploymentSet:
		s.Duty, s.Hosts, s.Assessors, s.OnCall = b.Duty, b.Hosts, b.Assessors, b.OnCall
	case *OrganisationAdded:
		s.Orgs[b.Organisation.Code] = b.Organisation
	case *OrganisationChanged:
		s.Orgs[b.Organisation.Code] = b.Organisation
	case *OrganisationClosed:
		o := s.Orgs[b.Code]
		o.Successor = b.Successor
		s.Orgs[b.Code], s.Closed[b.Code] = o, true
	case *OrganisationsEntered:
		for _, o := range slices.Concat(b.Added, b.Changed) {
			s.Orgs[o.Code] = o
		}
		for _, c := range b.Closed {
			o := s.Orgs[c.Code]
			o.Ended, o.Successor = cmp.Or(c.Ended, o.Ended), cmp.Or(c.Successor, o.Successor)
			s.Orgs[c.Code], s.Closed[c.Code] = o, true
		}
	case *OrganisationAdministratorNamed:
		s.person(b.Person, func(p *Person) { p.Keeps = append(slices.Clip(p.Keeps), b.Org) })
	case *OrganisationAdministratorUnnamed:
		s.person(b.Person, func(p *Person) {
			p.Keeps = slices.DeleteFunc(slices.Clone(p.Keeps), func(o OrgID) bool { return o == b.Org })
		})
	case *PersonAdded:
		s.People[b.Person] = Person{ID: b.Person, Issuer: b.Issuer, Subject: b.Subject, Name: b.Name, Orgs: b.Orgs}
		s.bySubject[[2]string{b.Issuer, b.Subject}] = b.Person
	case *PersonAffiliated:
		s.person(b.Person, func(p *Person) {
			p.Orgs = b.Orgs
			p.Keeps = slices.DeleteFunc(slices.Clone(p.Keeps), func(o OrgID) bool { return !slices.Contains(b.Orgs, o) })
		})
	case *PersonSuspended:
		s.person(b.Person, func(p *Person) { p.Suspended = true })
	case *PersonRestored:
		s.person(b.Person, func(p *Person) { p.Suspended = false })
	case *AdministratorGranted:
		s.person(b.Person, func(p *Person) { p.Admin = true })
	case *AdministratorRevoked:
		s.person(b.Person, func(p *Person) { p.Admin = false })
	case *IssuerSet:
		s.Issuers[b.Key] = *b
		delete(s.Stopped, b.Key)
	case *IssuerStopped:
		s.Stopped[b.Key] = true
	case *TokenIssued:
		s.Tokens[b.ID] = Token{ID: b.ID, Name: b.Name, Scopes: b.Scopes, Issued: e.Times.Recorded, Expires: b.Expires}
	case *TokenRevoked:
		t := s.Tokens[b.ID]
		t.Revoked = true
		s.Tokens[b.ID] = t
	case *KeyListed:
		s.Keys = append(slices.Clip(s.Keys), ListedKey{*b, e.Times.Recorded})
	case *PolicyListed:
		s.Policies = append(slices.Clip(s.Policies), ListedPolicy{b.Version, e.Times.Recorded})
	case *MatrixSet:
		s.Matrices = append(slices.Clip(s.Matrices), Matrix{*b, e.Times.Recorded, e.By.Person})
	case *RotaSet:
		if s.Rotas == nil {
			s.Rotas = map[string]int64{}
		}
		s.Rotas[rotaOf(b.Org, b.Tier)] = b.Version
	case *RoomRegistered, *RoomEnded, *RoomContinued:
		s.Rooms = append(slices.Clip(s.Rooms), e.Seq)
	default:
		s.applyFiling(e)
	}
	s.freezing(e)
	s.keying(e)
	s.falling(e)
	if !e.Authority.StepUp.IsZero() && e.By.Person != "" {
		s.Rested = put(s.Rested, e.By.Person, e.Authority.StepUp)
	}
	switch b := e.Body.(type) {
	case *RoomContinued:
		if b.Mode == ModeExercise {
			s.Exercise = append(slices.Clip(s.Exercise), b.Room)
		}
	case *RoomRegistered:
		if prefix, n := splitReference(b.Reference); b.Cell == nil && n > s.Counters[prefix] {
			s.Counters[prefix] = n
		}
		if b.Mode == ModeExercise && b.Cell == nil { // nothing is played into a side room
			s.Exercise = append(slices.Clip(s.Exercise), b.Room)
		}
	}
}

func (s *System) person(id PersonID, change func(*Person)) {
	p, ok := s.People[id]
	if ok {
		change(&p)
		s.People[id] = p
	}
}

// Number counts an entry among those that tell of no room, from 1. It is what
// administrators know the entry by: the log's own numbers would tell them how
// many rooms there are, and when each was opened.
func (s *System) Number(seq Seq) Seq {
	i, _ := slices.BinarySearch(s.Rooms, seq+1)
	return seq - Seq(i)
}

// Numbered returns the entry that Number counts as n.
func (s *System) Numbered(n Seq) Seq {
	return n + Seq(sort.Search(len(s.Rooms), func(i int) bool { return s.Rooms[i]-Seq(i) > n }))
}

// BySubject finds a person by issuer key and subject.
func (s *System) BySubject(issuer, subject string) (Person, bool) {
	id, ok := s.bySubject[[2]string{issuer, subject}]
	if !ok {
		return Person{}, false
	}
	return s.People[id], true
}

// IsHost reports whether the organisation is one of the joint hosts.
func (s *System) IsHost(o OrgID) bool { return slices.Contains(s.Hosts, o) }

// NextReference is the reference the next room of this mode gets:
// INC-2026-0001, and never INC for an exercise.
func (s *System) NextReference(mode Mode, now time.Time) string {
	prefix := "INC"
	if mode == ModeExercise {
		prefix = "EX"
	}
	prefix = fmt.Sprintf("%s-%d", prefix, now.UTC().Year())
	return fmt.Sprintf("%s-%04d", prefix, s.Counters[prefix]+1)
}

func splitReference(ref string) (prefix string, n int) {
	for i := len(ref) - 1; i >= 0; i-- {
		if ref[i] == '-' {
			fmt.Sscanf(ref[i+1:], "%d", &n)
			return ref[:i], n
		}
	}
	return ref, 0
}

// Order lists the people's ids in a fixed order.
func (s *System) Order() []PersonID { return slices.Sorted(maps.Keys(s.People)) }
