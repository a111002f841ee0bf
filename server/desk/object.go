package desk

import (
	"context"
	"slices"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// read brings everything about some objects that the asker may see, ascending
// within each, judged by the room as it stands after the read.
func (d *Desk) read(ctx context.Context, room incident.LogID, asker incident.PersonID, roots []incident.Seq) (*incident.Room, *incident.Member, map[incident.Seq][]policy.Seen, error) {
	found := map[incident.Seq][]policy.Seen{}
	var at *incident.Room
	var m *incident.Member
	for len(roots) > 0 {
		part := roots[:min(len(roots), 200)]
		roots = roots[len(part):]
		q := journal.Query{Roots: part}
		for {
			rows, err := d.j.Page(ctx, room, asker, q)
			if err != nil {
				return nil, nil, nil, err
			}
			if at, m, err = d.Enter(ctx, policy.ReadDesk, room, asker); err != nil {
				return nil, nil, nil, err
			}
			for _, row := range rows {
				q.After = incident.Seq(row.Entry.Seq)
				if seen := policy.View(at, m, row.Sight, row.Entry); seen.Form() != policy.Stub {
					found[row.Sight.Root] = append(found[row.Sight.Root], seen)
				}
			}
			if len(rows) < journal.MaxPage {
				break
			}
		}
	}
	if at == nil {
		var err error
		at, m, err = d.Enter(ctx, policy.ReadDesk, room, asker)
		return at, m, found, err
	}
	return at, m, found, nil
}

// fold makes an object of what the asker may see of it; nil if that is not all
// open, so that it cannot be judged.
func fold(list []policy.Seen) *incident.Object {
	var events []*incident.Event
	for _, seen := range list {
		e := seen.Event()
		if e == nil {
			return nil
		}
		events = append(events, e)
	}
	if len(events) == 0 || !events[0].IsRoot() {
		return nil
	}
	return incident.FoldObject(events)
}

// Link says how an object stands to another.
type Link string

const (
	Itself       Link = "itself"
	Supersedes   Link = "supersedes" // what it took the place of
	SupersededBy Link = "superseded"
	Reverses     Link = "reverses"
	ReversedBy   Link = "reversed"
	MadeOf       Link = "from"        // the message it was made of
	CarriesOut   Link = "carries-out" // the decision an action is for
	Relied       Link = "relied"      // what it rests on
)

// Related is an object in the history of another. Of one that the asker may not
// see there is the number, which stands in what they may see, and no entries.
type Related struct {
	Root    incident.Seq
	Link    Link
	Of      incident.Seq // of which object: the one asked about, or one before or after it
	Entries []policy.Seen
}

// maxRelated bounds how far a chain of decisions is followed.
const maxRelated = 40

// History returns everything about the object that an entry belongs to, and the
// objects it is tied to: what it superseded or reversed and what did so to it,
// step by step, and what it was made of and rests on.
func (d *Desk) History(ctx context.Context, asker incident.PersonID, room incident.LogID, entry incident.Seq) ([]Related, error) {
	if _, _, err := d.Enter(ctx, policy.ReadDesk, room, asker); err != nil {
		return nil, err
	}
	rows, err := d.j.Page(ctx, room, asker, journal.Query{After: entry - 1, Before: entry + 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	at, m, err := d.Enter(ctx, policy.ReadDesk, room, asker)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 || policy.View(at, m, rows[0].Sight, rows[0].Entry).Form() == policy.Stub {
		return nil, incident.Missing()
	}
	list := []Related{{Root: rows[0].Sight.Root, Link: Itself, Of: rows[0].Sight.Root}}
	for next := 0; next < len(list) && len(list) < maxRelated; {
		var roots []incident.Seq
		for _, r := range list[next:] {
			roots = append(roots, r.Root)
		}
		_, _, found, err := d.read(ctx, room, asker, roots)
		if err != nil {
			return nil, err
		}
		until := len(list)
		for ; next < until; next++ {
			list[next].Entries = found[list[next].Root]
			if link := list[next].Link; link == MadeOf || link == Relied {
				continue // what those are tied to is their own history
			}
			for _, l := range links(list[next].Root, list[next].Entries) {
				if !slices.ContainsFunc(list, func(r Related) bool { return r.Root == l.Root }) {
					list = append(list, l)
				}
			}
		}
	}
	if len(list[0].Entries) == 0 {
		return nil, incident.Missing() // hidden meanwhile
	}
	return list, nil
}

// links lists the objects that open entries of an object name.
func links(of incident.Seq, entries []policy.Seen) (list []Related) {
	add := func(root incident.Seq, l Link) {
		if root != 0 && root != of {
			list = append(list, Related{Root: root, Link: l, Of: of})
		}
	}
	for _, seen := range entries {
		e := seen.Event()
		if e == nil {
			continue
		}
		switch b := e.Body.(type) {
		case *incident.DecisionRecorded:
			add(b.Supersedes, Supersedes)
			add(b.Reverses, Reverses)
			add(b.From, MadeOf)
		case *incident.DecisionSuperseded:
			add(b.By, SupersededBy)
		case *incident.DecisionReversed:
			add(b.By, ReversedBy)
		case *incident.ActionRaised:
			add(b.Decision, CarriesOut)
		}
		for _, n := range reliedOn(e) {
			add(n, Relied)
		}
	}
	return list
}

// reliedOn lists the entries that a decision was said to rest on.
func reliedOn(e *incident.Event) []incident.Seq {
	switch b := e.Body.(type) {
	case *incident.DecisionProposed:
		return b.Deliberation.Relied
	case *incident.DecisionRecorded:
		return b.Deliberation.Relied
	case *incident.DecisionTaken:
		return b.Deliberation.Relied
	case *incident.DecisionAdded:
		return b.Deliberation.Relied
	}
	return nil
}
