package incident

import (
	"slices"
	"time"
)

func init() {
	register[*FeedOpened](KindInfo{Log: RoomLog, Root: true, Kept: true})
	register[*FeedClosed](KindInfo{Log: RoomLog, Kept: true})
	register[*FeedTaken](KindInfo{Log: AccessLog, Root: true})
}

// FeedOpened lets a machine of an organisation in the room read the items that
// go to the whole of that organisation. What the machine shows to be itself is
// identity's.
type FeedOpened struct {
	Expires Instant `json:"expires"`
	ID      string  `json:"id"`   // of the service token
	Name    string  `json:"name"` // what it is for
	Org     OrgID   `json:"org"`
	Start   Seq     `json:"start"` // the first entry it may read: as its organisation's people then
}

func (*FeedOpened) kind() Kind { return "feed.opened" }

// FeedClosed ends a feed, for good.
type FeedClosed struct {
	Why FeedEnd `json:"why,omitempty"` // empty: a lead ended it
}

// FeedEnd is what ended a feed besides a lead: the house does it then, in the
// transaction of what it follows from.
type FeedEnd string

const (
	FeedOrgLeft    FeedEnd = "left"    // nobody of its organisation is in the room any more
	FeedRoomClosed FeedEnd = "closed"  // the room was closed
	FeedSection    FeedEnd = "section" // the room goes on in another section
)

func (*FeedClosed) kind() Kind { return "feed.closed" }

// FeedTaken says that a feed was given an item of the room. It is committed
// before the bytes go out: one entry for each item as it stood, however often
// the machine asks, and none that tells of two items.
type FeedTaken struct {
	As    Seq   `json:"as"`    // the entry that had last changed what the item says, or its label
	Entry Seq   `json:"entry"` // of the room's log
	Feed  Seq   `json:"feed"`  // the feed's root there
	Org   OrgID `json:"org"`
}

func (*FeedTaken) kind() Kind { return "feed.taken" }

// Feed is a feed as it stands.
type Feed struct {
	Root    Seq     `json:"root"`
	By      By      `json:"by"`
	At      Instant `json:"at"`
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Org     OrgID   `json:"org"`
	Start   Seq     `json:"start"`
	Expires Instant `json:"expires"`
	Closed  Instant `json:"closed,omitzero"`
	Why     FeedEnd `json:"why,omitempty"` // it was closed; empty: by a lead
}

// Over reports whether the feed was closed, or its time has passed.
func (f *Feed) Over(now time.Time) bool {
	return !f.Closed.IsZero() || !now.Before(f.Expires.Time)
}

// FeedRoot returns the feed whose object began at root; nil if none.
func (r *Room) FeedRoot(root Seq) *Feed {
	return r.feed(func(f Feed) bool { return f.Root == root })
}

// FeedOf returns the feed of a service token; nil if the room has none.
func (r *Room) FeedOf(id string) *Feed {
	return r.feed(func(f Feed) bool { return f.ID == id })
}

func (r *Room) feed(is func(Feed) bool) *Feed {
	if i := slices.IndexFunc(r.Feeds, is); i >= 0 {
		return &r.Feeds[i]
	}
	return nil
}

// applyFeed folds what begins and ends feeds; false if the entry does neither.
func (r *Room) applyFeed(e *Event) bool {
	switch b := e.Body.(type) {
	case *FeedOpened:
		r.Feeds = append(slices.Clip(r.Feeds), Feed{Root: e.Root, By: e.By, At: e.Times.Recorded, ID: b.ID, Name: b.Name, Org: b.Org, Start: b.Start, Expires: b.Expires})
	case *FeedClosed:
		if i := slices.IndexFunc(r.Feeds, func(f Feed) bool { return f.Root == e.Root }); i >= 0 {
			r.Feeds = slices.Clone(r.Feeds)
			r.Feeds[i].Closed, r.Feeds[i].Why = e.Times.Recorded, b.Why
		}
	default:
		return false
	}
	return true
}
