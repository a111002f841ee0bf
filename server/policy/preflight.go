package policy

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"wardroom/server/incident"
)

// NewlyJoined is how long somebody counts as new in a room: whoever writes may
// not know yet that they are there.
const NewlyJoined = 10 * time.Minute

// A Preflight is who receives an entry, as far as its writer may know: what
// they are shown before they send it. Only this package can make one that
// shows anybody.
//
// Of whom the roster hides altogether it says nothing but that the room does
// not name everyone who may receive this, and that by the rule and the
// audience alone: it is the same whether there is such a member or not.
type Preflight struct {
	Members       []Receiver
	Organisations []ReceivingOrg
	Feeds         []ReceivingFeed
	Unnamed       bool
}

// ReceivingFeed is a machine that is given it. Name is "" where the roster shows
// organisations only.
type ReceivingFeed struct {
	Feed    incident.Seq
	Name    string
	Org     incident.OrgID
	OrgName string
}

// Receiver is one person who receives it. Name is "" where the roster shows
// organisations only.
type Receiver struct {
	Number   incident.MemberNo
	Name     string
	Org      incident.OrgID
	OrgName  string
	Role     incident.Role
	New      bool // joined within NewlyJoined, by the database's clock
	Supplier bool
}

// ReceivingOrg is an organisation that receives it: by its people, or as a
// whole, with whoever joins for it later.
type ReceivingOrg struct {
	Org      incident.OrgID
	Name     string
	Supplier bool
	People   int  // of those shown
	Whole    bool // named as an organisation: later joiners who may see earlier entries receive it too
}

// Receivers tells the asker who receives the entries of this root as the room
// stands. Of an entry that is not written yet, the root is the log's next.
func Receivers(room *incident.Room, asker *incident.Member, s incident.Sight, now time.Time) Preflight {
	p := Preflight{Members: []Receiver{}, Organisations: []ReceivingOrg{}, Feeds: []ReceivingFeed{}, Unnamed: unnamed(room, asker, s.Audience)}
	if !asker.Present() {
		return p
	}
	at := map[incident.OrgID]int{}
	org := func(of *incident.Member) *ReceivingOrg {
		i, ok := at[of.Org]
		if !ok {
			i = len(p.Organisations)
			at[of.Org] = i
			p.Organisations = append(p.Organisations, ReceivingOrg{Org: of.Org, Name: of.Seat.OrgName, Supplier: of.Seat.OrgType == incident.Supplier,
				Whole: whole(room, s.Audience, of.Org)})
		}
		return &p.Organisations[i]
	}
	for _, of := range room.Members {
		form := SeesMember(room, asker, of)
		switch {
		case form == Stub || of.Number == 0:
			continue
		case !May(room, of, s):
			if whole(room, s.Audience, of.Org) && s.Audience.Kind == incident.ToNamed { // nobody of theirs is there now; whoever joins receives it
				org(of)
			}
			continue
		}
		r := Receiver{Number: of.Number, Org: of.Org, OrgName: of.Seat.OrgName, Role: of.Seat.Role, Supplier: of.Seat.OrgType == incident.Supplier,
			New: now.Sub(of.Came.Time) < NewlyJoined && !of.Came.IsZero()}
		if form == Open {
			r.Name, r.Role = of.Seat.Name, of.Role
		}
		org(of).People++
		p.Members = append(p.Members, r)
	}
	for i := range room.Feeds {
		f := &room.Feeds[i]
		if form := SeesFeed(room, asker, f); form != Stub && Feeds(room, f, s, now) {
			r := ReceivingFeed{Feed: f.Root, Org: f.Org, OrgName: FeedOrg(room, f)}
			if form == Open {
				r.Name = f.Name
			}
			p.Feeds = append(p.Feeds, r)
		}
	}
	slices.SortFunc(p.Members, func(a, b Receiver) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(p.Organisations, func(a, b ReceivingOrg) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Org, b.Org)) })
	return p
}

// whole reports whether an audience takes the organisation in by its name, with
// whoever joins for it later and may see earlier entries. Of the whole room
// that need not be said.
func whole(room *incident.Room, a incident.Audience, org incident.OrgID) bool {
	switch a.Kind {
	case incident.ToRoom:
		return false
	case incident.ToHosts:
		return slices.Contains(room.Hosts, org)
	}
	return slices.Contains(a.Orgs, org)
}

// unnamed reports whether an audience may take in somebody whom the asker is
// not told of. It asks the roster's rule and whom the audience names, never
// who is there.
func unnamed(room *incident.Room, asker *incident.Member, a incident.Audience) bool {
	if asker.Present() && (asker.Host || asker.Role == incident.Auditor) || room.Roster != incident.RosterHosts {
		return false
	}
	switch a.Kind {
	case incident.ToRoom:
		return true
	case incident.ToHosts:
		return false
	}
	hidden := func(org incident.OrgID) bool {
		return !slices.Contains(room.Hosts, org) && (!asker.Present() || org != asker.Org)
	}
	return slices.ContainsFunc(a.Orgs, hidden) || slices.ContainsFunc(a.Members, func(n incident.MemberNo) bool {
		return SeesMember(room, asker, room.Numbered(n)) == Stub
	})
}

// Gained lists, as far as the asker may know of them, who receives the root's
// entries as the room stands and would not have received them as it stood at
// an entry: who joined since, was granted earlier entries, or got a role that
// takes them in. Whom the roster hides is not among them: that somebody came
// in is theirs and the hosts' to know, and the asker was shown that the room
// does not name everyone. had is whom the root, or what it follows, reached then.
func Gained(room *incident.Room, asker *incident.Member, s incident.Sight, had incident.Audience, shown incident.Seq) (list []*incident.Member) {
	was := s
	was.Audience = had
	same := reflect.DeepEqual(had.Normal(), s.Audience.Normal())
	for _, of := range room.Members {
		if same && of.Gained <= shown || of.Person == asker.Person || !May(room, of, s) || SeesMember(room, asker, of) == Stub {
			continue
		}
		before := of.AsOf(shown)
		if before == nil {
			before = stood(room, of, shown)
		}
		if before == nil || !May(room, before, was) {
			list = append(list, of)
		}
	}
	return list
}

// GainedFeeds lists, as far as the asker may know of them, which feeds are given
// the root's entries as the room stands and would not have been as it stood at
// an entry: those begun since, and those of an organisation of which somebody
// was granted earlier entries since.
func GainedFeeds(room *incident.Room, asker *incident.Member, s incident.Sight, shown incident.Seq, now time.Time) (list []*incident.Feed) {
	for i := range room.Feeds {
		f := &room.Feeds[i]
		if SeesFeed(room, asker, f) == Stub || !Feeds(room, f, s, now) {
			continue
		}
		if f.Root <= shown && slices.ContainsFunc(room.Members, func(of *incident.Member) bool {
			was := of.AsOf(shown)
			return of.Org == f.Org && was != nil && of.Number != 0 && (of.Until == 0 || of.Until > shown) && (was.Start <= s.Root || s.Kind.Standing())
		}) {
			continue
		}
		list = append(list, f)
	}
	return list
}

// stood returns the membership by which the same person was in the room at an
// entry, for the same organisation, if they left since and came back.
func stood(room *incident.Room, of *incident.Member, shown incident.Seq) *incident.Member {
	for _, m := range room.Members {
		if m.Person == of.Person && m.Org == of.Org && m.Root != of.Root && m.Until > shown {
			if was := m.AsOf(shown); was != nil {
				there := *was
				there.State = incident.Joined
				return &there
			}
		}
	}
	return nil
}
