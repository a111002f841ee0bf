package hub

import (
	"context"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// fill reads the entries between from and the oldest of the ring on a
// person's behalf and puts them before it, for everyone: one read however many
// wait. If row-level security kept any back, that is remembered and nothing
// is put in, since nobody here knows whom it would be for.
func (r *room) fill(ctx context.Context, from incident.Seq, person incident.PersonID, host int) error {
	r.mu.Lock()
	if ch := r.filling; ch != nil {
		r.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
		}
		return nil
	}
	ch := make(chan struct{})
	r.filling = ch
	first, erasures := r.ring.first(r.head), r.erasures
	r.mu.Unlock()

	older, hidden, err := r.readGap(ctx, from, first, person)

	r.mu.Lock()
	defer r.mu.Unlock()
	r.filling = nil
	close(ch)
	if err != nil {
		return err
	}
	if hidden > 0 {
		r.blind[host] = max(r.blind[host], hidden)
		return nil
	}
	if r.erasures != erasures {
		return nil // it may hold what was erased meanwhile; the asker looks again
	}
	if len(older) == 0 || older[len(older)-1].seq+1 != first || r.ring.first(r.head) != first {
		return nil // the ring has moved on; the asker looks again
	}
	// Of a root that the ring knows, the dispatcher's word is newer than what
	// was read here, or will be.
	known := map[incident.Seq]facts{}
	for _, e := range r.ring.entries {
		known[e.root] = e.facts
	}
	for _, o := range older {
		if f, ok := known[o.root]; ok {
			o.see(f)
		}
		r.noted(o, o.noter, r.fold)
		if of := r.fold.MemberRoot(o.root); of != nil {
			o.member = of.Root
		}
	}
	if !r.ring.unshift(older, r.hub.opt.Ring) {
		r.blind = [2]incident.Seq{first, first} // more than the ring holds
	}
	r.lastTurn = r.hub.lastTurn.Add(1)
	r.weigh()
	return nil
}

// readGap reads the entries between two numbers; hidden is the newest that
// the person was not given.
func (r *room) readGap(ctx context.Context, after, before incident.Seq, person incident.PersonID) (list []*entry, hidden incident.Seq, err error) {
	err = r.hub.read(ctx, func(ctx context.Context) error {
		for after+1 < before {
			rows, err := r.hub.opt.Journal.Page(ctx, r.id, person, journal.Query{After: after, Before: before})
			r.hub.metrics.gapReads.Add(1)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				return nil // not a member any more, by the record; the dispatcher will say so
			}
			for i := range rows {
				e := r.older(&rows[i])
				if e == nil {
					hidden = incident.Seq(rows[i].Entry.Seq)
				} else {
					list = append(list, e)
				}
			}
			after = incident.Seq(rows[len(rows)-1].Entry.Seq)
		}
		if hidden > 0 {
			return nil // and so none of it is used
		}
		return r.remember(ctx, list)
	})
	return list, hidden, err
}

// remember finds what the sight of each root was that one of the entries
// moved. Who could not see a root before and cannot now must not be told that
// anything became of it.
func (r *room) remember(ctx context.Context, list []*entry) error {
	var roots []incident.Seq
	for _, e := range list {
		if e.moves {
			roots = append(roots, e.root)
		}
	}
	if roots == nil {
		return nil
	}
	was, err := r.hub.opt.Journal.Before(ctx, r.id, roots)
	for _, e := range list {
		if s, ok := was[e.seq]; ok && e.moves {
			e.was = past(s)
		}
	}
	return err
}

// older makes an entry of one that was read; nil if it was not given out.
// What it moved its root's sight from is not known yet.
func (r *room) older(row *journal.Row) *entry {
	forms := policy.AllForms(row.Entry)
	event := forms[policy.Open].Event()
	if event == nil {
		return nil
	}
	e := newEntry(forms, event.Root, facts{row.Sight, row.Stored})
	e.moves = incident.Moves(event)
	if _, ok := event.Body.(*incident.EntryNoted); ok {
		e.noter = event.By.Member // whether that matters, noted says
	}
	return e
}
