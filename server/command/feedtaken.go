package command

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// TakeByFeed records on the access log which items a feed is given. The bytes
// go out after it is committed, never before. Nothing of it is asked by a
// person: the actor is the feed.
type TakeByFeed struct {
	Room  *incident.Room `json:"-"` // as it stood when asked, fetched by the server
	Feed  incident.Seq   // its root in the room's log
	Items []FeedItem
}

// FeedItem is an item as a feed is given it.
type FeedItem struct {
	Sight incident.Sight // of its root, at the head
	As    incident.Seq   // the entry that last changed what it says, or its label
}

// MaxFedItems bounds how many items a feed is given in one answer: each of its
// objects may be another's.
const MaxFedItems = 1000

func (c TakeByFeed) roots() []incident.Seq { return nil }

func (c TakeByFeed) decide(s *scene) ([]*incident.Event, error) {
	if s.access == nil || s.empty || c.Room == nil || s.access.Room != c.Room.ID {
		return nil, incident.Missing()
	}
	if err := c.Permit(s.Actor, s.Now); err != nil {
		return nil, err
	}
	org := c.Room.FeedRoot(c.Feed).Org
	var events []*incident.Event
	for _, i := range c.Items {
		events = append(events, &incident.Event{Body: &incident.FeedTaken{As: i.As, Entry: i.Sight.Root, Feed: c.Feed, Org: org}})
	}
	return events, nil
}

// Permit judges whether the feed may be given the items now.
func (c TakeByFeed) Permit(a incident.Actor, now time.Time) error {
	f := c.Room.FeedRoot(c.Feed)
	m := policy.FeedReader(c.Room, f, now)
	if m == nil || m.Person != a.Person || len(c.Items) == 0 || len(c.Items) > MaxFedItems {
		return incident.Missing()
	}
	for _, i := range c.Items {
		if !policy.MayFeed(c.Room, m, i.Sight) {
			return incident.Missing()
		}
	}
	return nil
}
