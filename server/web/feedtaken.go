package web

import (
	"context"
	"fmt"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// given reads items as a feed is given them, each of them on the room's access
// log by then: one entry for each as it stands, so a machine that asks every
// minute adds nothing. What is new is read again after it was written down; a
// crash between leaves a taking recorded that was not delivered, never the
// reverse.
func (t *taxiiCall) given(ctx context.Context, roots []incident.Seq) (list []shared, err error) {
	const tries = 3 // an item may be said anew, or recalled, as it is being read
	for range tries {
		var fresh map[incident.Seq]bool
		if list, err = t.s.records(ctx, t.who, roots); err != nil {
			return nil, err
		}
		if fresh, err = t.fresh(ctx, list); err != nil || len(fresh) == 0 {
			return list, err
		}
		if err := t.takes(ctx, list, fresh); err != nil && incident.FaultOf(err) != incident.NotFound {
			return nil, err
		}
	}
	if list, err = t.s.records(ctx, t.who, roots); err != nil {
		return nil, err
	}
	fresh, err := t.fresh(ctx, list)
	recorded := list[:0]
	for _, r := range list {
		if !fresh[r.Root] { // it has changed, and will come with its new time
			recorded = append(recorded, r)
		}
	}
	return recorded, err
}

// fresh tells which of the items are not on record as they stand.
func (t *taxiiCall) fresh(ctx context.Context, list []shared) (map[incident.Seq]bool, error) {
	var roots []incident.Seq
	for _, r := range list {
		roots = append(roots, r.Root)
	}
	if len(roots) == 0 {
		return nil, nil
	}
	as, err := t.s.Journal.Fed(ctx, t.who.room, t.feed.Root, roots)
	fresh := map[incident.Seq]bool{}
	for _, r := range list {
		if as[r.Root] < r.as {
			fresh[r.Root] = true
		}
	}
	return fresh, err
}

// takes puts the items on record. Two requests at once for the same ones are
// recorded once, by their key.
func (t *taxiiCall) takes(ctx context.Context, list []shared, fresh map[incident.Seq]bool) error {
	room, me, err := t.who.stands(ctx)
	if err != nil {
		return err
	}
	cmd := command.TakeByFeed{Room: room, Feed: t.feed.Root}
	parts := []string{string(t.who.room), t.feed.ID}
	for _, r := range list {
		if fresh[r.Root] {
			cmd.Items = append(cmd.Items, command.FeedItem{Sight: r.sight, As: r.as})
			parts = append(parts, fmt.Sprint(r.sight), fmt.Sprint(r.as))
		}
	}
	access, err := t.s.Journal.AccessOf(ctx, t.who.room)
	if err != nil {
		return err
	}
	_, err = t.s.Journal.Append(ctx, access, incident.Actor{Person: me.Person, Name: t.feed.Name}, follow("fed", parts...), cmd)
	return err
}
