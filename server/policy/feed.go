package policy

import (
	"slices"
	"time"

	"wardroom/server/incident"
)

// FeedReader is a feed as one who reads for its organisation: no member, by no
// number, of no host; nil once it is over, the room is closed, or nobody of
// the organisation is in the room any more. It reads from where it was begun,
// and from no earlier than somebody of the organisation does who is there now:
// what was said while nobody was is nobody's of theirs.
func FeedReader(room *incident.Room, f *incident.Feed, now time.Time) *incident.Member {
	if f == nil || f.Over(now) || room.Lifecycle == incident.Closed {
		return nil
	}
	start, found := incident.Seq(0), false
	for _, m := range room.Members {
		if m.Present() && m.Org == f.Org && (!found || m.Start < start) {
			start, found = m.Start, true
		}
	}
	if !found {
		return nil
	}
	return &incident.Member{Root: f.Root, Person: incident.PersonID(f.ID), Org: f.Org, Role: incident.Observer, State: incident.Joined, Start: max(f.Start, start)}
}

// MayFeed reports whether a machine that reads for an organisation may have an
// item: one for the whole room, or for the whole of that organisation. What is
// TLP:RED, recorded or for named people is for people.
func MayFeed(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	if s.Kind != "item.published" && s.Kind != "tearline.published" || s.TLP == incident.Red || s.Recorded || Sees(room, m, s) != Open {
		return false
	}
	return s.Audience.Kind == incident.ToRoom || s.Audience.Kind == incident.ToNamed && slices.Contains(s.Audience.Orgs, m.Org)
}

// Feeds reports whether a feed is given the entries of a root now.
func Feeds(room *incident.Room, f *incident.Feed, s incident.Sight, now time.Time) bool {
	m := FeedReader(room, f, now)
	return m != nil && MayFeed(room, m, s)
}

// SeesFeed returns how much of a feed somebody may know: the roster's rule, as
// if it were one of its organisation's people. An envelope is the organisation
// without what the feed is for.
func SeesFeed(room *incident.Room, viewer *incident.Member, f *incident.Feed) Form {
	switch {
	case f == nil:
		return Stub
	case !viewer.Present():
		return Stub
	case viewer.Host, viewer.Role == incident.Auditor, viewer.Org == f.Org, slices.Contains(room.Hosts, f.Org), room.Roster == incident.RosterNames:
		return Open
	case room.Roster == incident.RosterOrganisations:
		return Envelope
	}
	return Stub
}

// FeedOrg is the name of a feed's organisation, as one of its people bore it
// who came into the room.
func FeedOrg(room *incident.Room, f *incident.Feed) string {
	for _, m := range slices.Backward(room.Members) {
		if m.Org == f.Org && m.Seat.OrgName != "" {
			return m.Seat.OrgName
		}
	}
	return string(f.Org)
}
