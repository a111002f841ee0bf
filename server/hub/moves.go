package hub

import (
	"context"
	"slices"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// word is what follows an entry that moved a root's sight.
type word uint8

const (
	noWord        word = iota
	openedWord         // here is all of it, as you see it now
	withdrawnWord      // you do not see it any more
	snapshotWord       // what you saw of it is not known here: begin anew
)

// before returns in which form the member saw the root until e moved it.
func (r *room) before(e *entry, m *incident.Member) (f policy.Form, known bool) {
	if e.was == nil {
		return 0, false
	}
	return r.sees(m, *e.was), true
}

// follow says what e is followed by, for one member. A withdrawal names the
// root, so only those who could see it are told of one.
func (r *room) follow(e *entry, m *incident.Member) word {
	now := r.sees(m, e.sight)
	was, known := r.before(e, m)
	switch {
	case known && was == now:
		return noWord
	case now != policy.Stub:
		return openedWord
	case known:
		return withdrawnWord
	}
	return snapshotWord
}

// narrows reports whether one of the moves takes anything from the member, as
// far as is known.
func (r *room) narrows(moves []*entry, m *incident.Member) bool {
	return slices.ContainsFunc(moves, func(e *entry) bool {
		now := r.sees(m, e.sight)
		was, known := r.before(e, m)
		return now < was || !known && now < policy.Open
	})
}

// after adds to the frames of a turn what follows its moves for a live
// listener. What must be read first comes later, by the room's openings.
func (r *room) after(moves []*entry, l *listener, m *incident.Member, frames []message) []message {
	for _, e := range moves {
		root := e.sight.Root
		switch r.follow(e, m) {
		case openedWord:
			if f, ok := r.opened(root, r.sees(m, e.sight), nil); ok {
				frames = append(frames, f)
			} else {
				r.openLater(e.sight, l)
			}
		case withdrawnWord:
			frames = append(frames, withdrawnFrame(r.id, root))
		case snapshotWord:
			return append(frames, r.snapshot(m))
		}
	}
	return frames
}

// An object is all entries of a root up to a number, as they were read.
type object struct {
	entries []*entry
	upTo    incident.Seq
}

// opened makes the frame with all entries of a root in one form, from the
// ring and what was read of the time before it. It reports false if a read is
// needed first.
func (r *room) opened(root incident.Seq, form policy.Form, read *object) (message, bool) {
	key := openedKey{root, form}
	if f := r.shown[key]; f != nil {
		return f, true
	}
	first := r.ring.first(r.head)
	if root < first && (read == nil || read.upTo+1 < first) {
		return nil, false
	}
	var fragments [][]byte
	after := incident.Seq(0)
	if root < first {
		after = read.upTo
		for _, e := range read.entries {
			if e.seq <= read.upTo {
				fragments = append(fragments, e.bytes[form])
			}
		}
	}
	for _, e := range r.ring.entries {
		if e.sight.Root == root && e.seq > after {
			fragments = append(fragments, e.bytes[form])
		}
	}
	if len(r.shown) >= 64 {
		clear(r.shown)
	}
	f := openedFrame(r.id, root, fragments)
	r.shown[key] = f
	return f, true
}

type openedKey struct {
	root incident.Seq
	form policy.Form
}

// opening is a root being read for live listeners to whom it was opened.
type opening struct {
	sight   incident.Sight // as it stands
	waiting map[*listener]struct{}
}

func (r *room) openLater(s incident.Sight, l *listener) {
	o := r.openings[s.Root]
	if o == nil {
		o = &opening{sight: s, waiting: map[*listener]struct{}{}}
		r.openings[s.Root] = o
		r.hub.wg.Go(func() { r.open(o) }) // counted: the dispatcher, which calls this, is
	}
	o.waiting[l] = struct{}{}
}

// open reads a root on behalf of one of those who wait and hands it to all of
// them, each in their form. Where that fails they are sent away to resume.
func (r *room) open(o *opening) {
	for range 3 {
		reader := r.reader(o)
		if reader == nil {
			return
		}
		read, err := r.readRoot(reader.ctx, o.sight.Root, reader.person)
		if err == nil && r.handOut(o, read) {
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.openings, o.sight.Root)
	for l := range o.waiting {
		l.conn.cut(Narrowed, "come back")
	}
}

// reader picks somebody who waits for the root and may see it; nil if nobody
// does any more.
func (r *room) reader(o *opening) *listener {
	r.mu.Lock()
	defer r.mu.Unlock()
	for l := range o.waiting {
		if _, here := r.listeners[l]; here && r.sees(r.fold.Member(l.person), o.sight) != policy.Stub {
			return l
		}
	}
	delete(r.openings, o.sight.Root)
	return nil
}

// handOut sends the root to all who wait and still may see it. Whoever may
// not has been told by the turn that took it from them.
func (r *room) handOut(o *opening, read *object) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return true
	}
	for l := range o.waiting {
		if _, here := r.listeners[l]; !here || !l.live {
			continue
		}
		form := r.sees(r.fold.Member(l.person), o.sight)
		if form == policy.Stub {
			continue
		}
		f, ok := r.opened(o.sight.Root, form, read)
		if !ok {
			return false // the ring has moved on beyond what was read
		}
		l.conn.enqueue(r, f)
	}
	delete(r.openings, o.sight.Root)
	return true
}

// readRoot reads all entries of a root on a person's behalf.
func (r *room) readRoot(ctx context.Context, root incident.Seq, person incident.PersonID) (*object, error) {
	r.mu.Lock()
	o := &object{upTo: r.head} // all of it is committed, so the read brings it
	r.mu.Unlock()
	err := r.hub.read(ctx, func(ctx context.Context) error {
		after := incident.Seq(0)
		for {
			rows, err := r.hub.opt.Journal.Page(ctx, r.id, person, journal.Query{After: after, Roots: []incident.Seq{root}})
			r.hub.metrics.rootReads.Add(1)
			if err != nil {
				return err
			}
			for i := range rows {
				if e := r.older(policy.AllForms(rows[i].Entry), rows[i].Sight); e != nil {
					o.entries = append(o.entries, e)
				}
			}
			if len(rows) < journal.MaxPage {
				return nil
			}
			after = incident.Seq(rows[len(rows)-1].Entry.Seq)
		}
	})
	if err == nil && (len(o.entries) == 0 || o.entries[0].seq != root) {
		// Policy shows it to them and the database does not: it was narrowed
		// again meanwhile, or the two walls disagree.
		r.hub.metrics.disagreements.Add(1)
		return nil, errKeptBack
	}
	return o, err
}
