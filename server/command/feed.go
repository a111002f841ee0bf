package command

import (
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// MaxFeeds bounds the feeds of a room that stand at once, and MaxFeedDays how
// long one stands.
const (
	MaxFeeds    = 20
	MaxFeedDays = 90
)

// OpenFeed lets a machine of an organisation that is in the room read what goes
// to all of it. Its token never comes here. Hosts and the organisation itself
// are told.
type OpenFeed struct {
	ID      string // of the token, made by the server
	Name    string
	Org     incident.OrgID
	Expires time.Time
}

func (c OpenFeed) roots() []incident.Seq { return nil }

func (c OpenFeed) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.OpenFeed, nil, nil); err != nil {
		return nil, err
	}
	if err := checkLine("name", c.Name, 80, true); err != nil {
		return nil, incident.BadField("name", "Say what the token is for.")
	}
	if left := c.Expires.Sub(s.Now); left < time.Hour || left > (MaxFeedDays+1)*24*time.Hour {
		return nil, incident.BadField("days", "A token lasts from 1 to %d days.", MaxFeedDays)
	}
	start, found := incident.Seq(0), false
	for _, m := range s.Room.Members {
		if m.Present() && m.Org == c.Org && (!found || m.Start < start) {
			start, found = m.Start, true
		}
	}
	if !found {
		return nil, incident.BadField("org", "Choose an organisation that has somebody in this room.")
	}
	standing := slices.DeleteFunc(slices.Clone(s.Room.Feeds), func(f incident.Feed) bool { return f.Over(s.Now) })
	if len(standing) >= MaxFeeds {
		return nil, incident.Refuse(incident.Conflict, "%d tokens stand already. End one first.", MaxFeeds)
	}
	if !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Issuing a token needs your second factor again. It covers the next hour.")
	}
	return one(&incident.Event{Marking: feedMarking(s.Room, s.Asker().Org, c.Org), Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)},
		Body: &incident.FeedOpened{ID: c.ID, Name: strings.TrimSpace(c.Name), Org: c.Org, Start: start, Expires: incident.At(c.Expires)}})
}

// feedMarking is who is told of a feed: the hosts, and the organisation it
// reads for.
func feedMarking(room *incident.Room, by, org incident.OrgID) *incident.Marking {
	return &incident.Marking{TLP: incident.AmberStrict, Originator: by,
		Audience: incident.Audience{Kind: incident.ToNamed, Orgs: append(slices.Clone(room.Hosts), org)}.Normal()}
}

// CloseFeed ends a feed.
type CloseFeed struct{ Root incident.Seq }

func (c CloseFeed) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c CloseFeed) decide(s *scene) ([]*incident.Event, error) {
	if s.Room == nil || s.empty || !s.Asker().Present() {
		return nil, incident.Missing()
	}
	o, f := s.objects[c.Root], s.Room.FeedRoot(c.Root)
	if o == nil || f == nil {
		return nil, incident.Missing()
	}
	if err := s.permit(policy.CloseFeed, o, nil); err != nil {
		return nil, err
	}
	if !f.Closed.IsZero() {
		return nil, incident.Refuse(incident.Conflict, "This token was ended already.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.FeedClosed{}})
}

// endFeeds are the entries by which feeds end of themselves. It is the house
// that ends them, so they name nobody.
func (s *scene) endFeeds(why incident.FeedEnd, is func(incident.Feed) bool) (events []*incident.Event) {
	for _, f := range s.Room.Feeds {
		if f.Closed.IsZero() && is(f) {
			events = append(events, &incident.Event{Root: f.Root, Body: &incident.FeedClosed{Why: why}})
		}
	}
	return events
}

// gone are the entries by which feeds end with memberships that end, if they
// were the last of their organisation. A feed that only went blind would see
// again with the next person who comes, whoever let it in and wherever its
// token is by then.
func (s *scene) gone(of ...*incident.Member) []*incident.Event {
	stay := map[incident.OrgID]bool{}
	for _, m := range s.Room.Members {
		stay[m.Org] = stay[m.Org] || m.Present() && !slices.ContainsFunc(of, func(o *incident.Member) bool { return o.Root == m.Root })
	}
	return s.endFeeds(incident.FeedOrgLeft, func(f incident.Feed) bool {
		return !stay[f.Org] && slices.ContainsFunc(of, func(m *incident.Member) bool { return m.Org == f.Org })
	})
}
