package incident

import "slices"

func init() {
	std := KindInfo{Log: RoomLog, Standing: true}
	root := KindInfo{Log: RoomLog, Standing: true, Root: true}
	register[*MemberInvited](root)
	register[*MemberProposed](root)
	register[*MemberAdmitted](std)
	register[*MemberDeclined](std)
	register[*MemberAsked](std)
	register[*MemberVouched](std)
	register[*MemberJoined](std)
	register[*MemberAccepted](std)
	register[*MemberChanged](std)
	register[*MemberGranted](std)
	register[*MemberWithdrawn](std)
	register[*MemberLeft](std)
	register[*MemberRemoved](std)
}

// Role is what a member is in the room for.
type Role string

const (
	Lead           Role = "lead"
	Deputy         Role = "deputy"
	Liaison        Role = "liaison"
	Loggist        Role = "loggist"
	Comms          Role = "comms"
	Representative Role = "representative"
	Observer       Role = "observer"
	Auditor        Role = "auditor"
)

// Valid reports whether r is a role of the house.
func (r Role) Valid() bool {
	switch r {
	case Lead, Deputy, Liaison, Loggist, Comms, Representative, Observer, Auditor:
		return true
	}
	return false
}

// ForHosts reports whether only a host organisation's member may hold it.
func (r Role) ForHosts() bool {
	switch r {
	case Lead, Deputy, Liaison, Loggist, Comms:
		return true
	}
	return false
}

// MemberState is where a membership stands.
type MemberState string

const (
	Proposed  MemberState = "proposed"  // by a representative; a lead admits or declines
	Invited   MemberState = "invited"   // has a link; not in the room yet
	Asked     MemberState = "asked"     // signed in with the link, waits for a lead to vouch
	Vouched   MemberState = "vouched"   // a lead has said that it is them; may join
	Joined    MemberState = "joined"    // in the room
	Declined  MemberState = "declined"  // the proposal was declined
	Withdrawn MemberState = "withdrawn" // the invitation was taken back
	Left      MemberState = "left"
	Removed   MemberState = "removed"
)

// History says where a member's sight of earlier entries begins.
type History string

const (
	FromJoin History = "from_join"
	Full     History = "full"
)

// Seat is what an invitation or a proposal is for: a named representative of
// a named organisation, as it stood then.
type Seat struct {
	History History `json:"history"`
	Name    string  `json:"name"`
	ODS     string  `json:"ods,omitempty"`
	Org     OrgID   `json:"org"`
	OrgName string  `json:"orgName"`
	OrgType OrgType `json:"orgType"`
	Role    Role    `json:"role"`
}

// MemberInvited begins a membership: a lead invites a named person. Addresses
// live in the directory, never here.
type MemberInvited struct {
	Invitation string `json:"invitation"` // the directory's id of the link; not a secret
	Issuer     string `json:"issuer"`     // who must vouch for their sign-in
	Seat       Seat   `json:"seat"`
}

func (*MemberInvited) kind() Kind { return "member.invited" }

// MemberProposed begins a membership: a representative proposes a colleague
// of their own organisation.
type MemberProposed struct {
	Invitation string `json:"invitation"`
	Issuer     string `json:"issuer"`
	Seat       Seat   `json:"seat"`
}

func (*MemberProposed) kind() Kind { return "member.proposed" }

// MemberAdmitted turns a proposal into an invitation.
type MemberAdmitted struct{}

func (*MemberAdmitted) kind() Kind { return "member.admitted" }

// MemberDeclined ends a proposal.
type MemberDeclined struct{}

func (*MemberDeclined) kind() Kind { return "member.declined" }

// MemberAsked says that someone signed in with the invitation's link and
// nothing yet ties them to it: a lead must vouch.
type MemberAsked struct {
	Issuer string   `json:"issuer"`
	Name   string   `json:"name"` // as their issuer names them
	Person PersonID `json:"person"`
}

func (*MemberAsked) kind() Kind { return "member.asked" }

// MemberVouched says that a lead knows the person who asked.
type MemberVouched struct{}

func (*MemberVouched) kind() Kind { return "member.vouched" }

// MemberJoined binds a member number to a person, their name and their
// organisation as they are at this moment. Names in the record stay as they
// were.
type MemberJoined struct {
	How    string   `json:"how"`    // opened, subject, address, code, vouched: what tied the sign-in to the invitation
	Number MemberNo `json:"number"` // M-7
	Person PersonID `json:"person"`
	Rules  int      `json:"rules"` // the version of the handling rules accepted
	Seat   Seat     `json:"seat"`
}

func (*MemberJoined) kind() Kind { return "member.joined" }

// MemberAccepted says that a member accepted a newer version of the handling
// rules.
type MemberAccepted struct {
	Rules int `json:"rules"`
}

func (*MemberAccepted) kind() Kind { return "member.accepted" }

// MemberChanged gives a member another role.
type MemberChanged struct {
	Role Role `json:"role"`
}

func (*MemberChanged) kind() Kind { return "member.changed" }

// MemberGranted lets a member see earlier entries.
type MemberGranted struct {
	Start Seq `json:"start"` // their new history start, earlier than before
}

func (*MemberGranted) kind() Kind { return "member.granted" }

// MemberWithdrawn takes an invitation back before it was used.
type MemberWithdrawn struct{}

func (*MemberWithdrawn) kind() Kind { return "member.withdrawn" }

// MemberLeft says that a member left by themselves.
type MemberLeft struct{}

func (*MemberLeft) kind() Kind { return "member.left" }

// MemberRemoved says that a lead removed a member. The reason, if one was
// given, is an entry of its own for the hosts.
type MemberRemoved struct{}

func (*MemberRemoved) kind() Kind { return "member.removed" }

// Member is the fold of one membership.
type Member struct {
	Root       Seq         `json:"root"`
	Number     MemberNo    `json:"number,omitempty"` // 0 until joined
	Person     PersonID    `json:"person,omitempty"` // empty until they asked or joined
	State      MemberState `json:"state"`
	Seat       Seat        `json:"seat"`
	Org        OrgID       `json:"org"`
	Role       Role        `json:"role"`
	Host       bool        `json:"host,omitempty"`
	Held       Tier        `json:"held,omitempty"` // the tier a lead gave them; empty: their role's
	Start      Seq         `json:"start"`          // the first entry they may see; standing kinds apart
	Rules      int         `json:"rules,omitempty"`
	Invitation string      `json:"invitation,omitempty"`
	Issuer     string      `json:"issuer,omitempty"`
	AskedName  string      `json:"askedName,omitempty"`
	InvitedBy  MemberNo    `json:"invitedBy,omitempty"`
	Since      Seq         `json:"since,omitempty"`  // the entry that invited them: for a proposal, its admission
	Until      Seq         `json:"until,omitempty"`  // the entry by which they left or were removed
	Gained     Seq         `json:"gained,omitempty"` // the newest entry by which they may have come to see more: they joined, got another role, were granted earlier entries
	Was        []Stood     `json:"was,omitempty"`    // what they held before the newest of those, oldest first
	Came       Instant     `json:"came,omitzero"`    // when they joined, by the database's clock, whatever an exercise's says; zero for those a new section took over
	Invited    Instant     `json:"invited,omitzero"`
	Joined     Instant     `json:"joined,omitzero"`
	Ended      Instant     `json:"ended,omitzero"`
}

// Stood is what of a membership decides what it sees, as it was before an
// entry.
type Stood struct {
	Before Seq  `json:"before"`
	Role   Role `json:"role"`
	Start  Seq  `json:"start"`
}

// MaxStood bounds what a membership keeps of how it stood.
const MaxStood = 8

// gain notes that the entry changes what the member sees.
func (m *Member) gain(at Seq) {
	if len(m.Was) == MaxStood {
		m.Was = m.Was[1:]
	}
	m.Was = append(slices.Clone(m.Was), Stood{Before: at, Role: m.Role, Start: m.Start})
	m.Gained = at
}

// AsOf returns the membership as it stood at an entry, as far as that decides
// what it saw; nil if it was not in the room by then, or if that is further
// back than it keeps.
func (m *Member) AsOf(at Seq) *Member {
	if m == nil || m.Gained <= at {
		return m
	}
	for i, s := range m.Was {
		switch {
		case s.Before <= at:
		case s.Role == "", i == 0 && len(m.Was) == MaxStood: // before they joined, or nobody knows
			return nil
		default:
			then := *m
			then.Role, then.Start = s.Role, s.Start
			return &then
		}
	}
	return nil
}

// Present reports whether the member is in the room now.
func (m *Member) Present() bool { return m != nil && m.State == Joined }

// Tier is the level of command the member acts at.
func (m *Member) Tier() Tier {
	if m.Held != "" {
		return m.Held
	}
	return TierOf(m.Role)
}

// Leads reports whether the member may act as a lead now: lead or deputy, of
// a host.
func (m *Member) Leads() bool {
	return m.Present() && m.Host && (m.Role == Lead || m.Role == Deputy)
}

// Spent reports whether an invitation leads this person nowhere any more:
// since it was made they have left the room, or were removed. Whoever is to
// come back is invited anew; an older link that lay about does not do.
func (r *Room) Spent(of *Member, p PersonID) bool {
	return p != "" && slices.ContainsFunc(r.Members, func(m *Member) bool { return m.Person == p && m.Until > of.Since })
}

// nextMember folds an event of a membership; nil for events of other objects.
func nextMember(old *Member, e *Event) *Member {
	begin := func(s MemberState, inv, issuer string, seat Seat) *Member {
		return &Member{Root: e.Root, State: s, Seat: seat, Org: seat.Org, Role: seat.Role, Invitation: inv, Issuer: issuer,
			InvitedBy: e.By.Member, Invited: e.Times.Shown(), Since: e.Seq}
	}
	var m *Member
	if old != nil {
		c := *old
		m = &c
	}
	switch b := e.Body.(type) {
	case *MemberInvited:
		return begin(Invited, b.Invitation, b.Issuer, b.Seat)
	case *MemberProposed:
		return begin(Proposed, b.Invitation, b.Issuer, b.Seat)
	case *MemberJoined:
		if m == nil { // the opener joins without an invitation
			m = begin(Joined, "", "", b.Seat)
		}
		m.State, m.Number, m.Person, m.Seat, m.Org, m.Role = Joined, b.Number, b.Person, b.Seat, b.Seat.Org, b.Seat.Role
		m.Rules, m.Joined = b.Rules, e.Times.Shown()
		if b.How != "continued" { // they were there in the section before
			m.Came = e.Times.Recorded
		}
		m.Gained, m.Was = e.Seq, []Stood{{Before: e.Seq}}
		if b.Seat.History == FromJoin {
			m.Start = e.Seq
		}
		return m
	}
	if m == nil {
		return nil
	}
	switch b := e.Body.(type) {
	case *MemberAdmitted:
		m.State, m.Since = Invited, e.Seq
	case *MemberDeclined:
		m.State, m.Ended = Declined, e.Times.Shown()
	case *MemberAsked:
		m.State, m.Person, m.AskedName = Asked, b.Person, b.Name
	case *MemberVouched:
		m.State = Vouched
	case *MemberAccepted:
		m.Rules = b.Rules
	case *MemberChanged:
		m.gain(e.Seq)
		if m.Held == TierOf(m.Role) {
			m.Held = "" // nothing beyond what the role brings, which goes with it
		}
		m.Role = b.Role
	case *MemberTiered:
		m.Held = b.Tier
	case *MemberGranted:
		m.gain(e.Seq)
		m.Start = b.Start
	case *MemberWithdrawn:
		m.State, m.Ended = Withdrawn, e.Times.Shown()
	case *MemberLeft:
		m.State, m.Ended, m.Until = Left, e.Times.Shown(), e.Seq
	case *MemberRemoved:
		m.State, m.Ended, m.Until = Removed, e.Times.Shown(), e.Seq
	default:
		return nil
	}
	return m
}
