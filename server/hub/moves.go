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

// before returns in which form the viewer saw the root until e moved it.
func (r *room) before(e *entry, v viewer) (f policy.Form, known bool) {
	if e.was == nil {
		return 0, false
	}
	return r.sees(v, *e.was), true
}

// follow says what e is followed by, for one viewer. A withdrawal names the
// root, so only those who could see it are told of one.
func (r *room) follow(e *entry, v viewer) word {
	now := r.sees(v, e.facts)
	was, known := r.before(e, v)
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

// narrows reports whether one of the moves takes anything from the viewer, as
// far as is known.
func (r *room) narrows(moves []*entry, v viewer) bool {
	return slices.ContainsFunc(moves, func(e *entry) bool {
		now := r.sees(v, e.facts)
		was, known := r.before(e, v)
		return now < was || !known && now < policy.Open
	})
}

// turned reports whether anything after since changed what the viewer sees of
// the entries up to at, or may have. What changed for others only is none of
// theirs to notice.
func (r *room) turned(v viewer, since, at incident.Seq) bool {
	if since >= r.head {
		return false
	}
	if since+1 < r.ring.first(r.head) {
		return true
	}
	return slices.ContainsFunc(r.ring.between(since+1, r.head, r.head), func(e *entry) bool {
		if e.member == v.Root {
			return true
		}
		was, known := r.before(e, v)
		return e.moves && e.root <= at && (!known || was != r.sees(v, e.facts))
	})
}

// story makes the frames that bring a viewer from at to hi: the entries, and
// right after each that moves the sight of a root they may hold, one not above
// held, what follows it for them, before any later entry. So a client that has
// come to n can only lack what follows n itself; with again, that comes first.
// Who sees what is judged at the head, wherever the story ends.
//
// Where only a snapshot will do, the frames end before it and reset is true.
// Where a root must be read first, that is all that is returned.
//
// more is what the frames tell beside the run of entries.
func (r *room) story(v viewer, held, at, hi incident.Seq, again bool, read map[incident.Seq]*object) (frames []message, more []told, missing incident.Seq, reset bool) {
	from := at + 1
	if again && at > 0 {
		from = at
	}
	if from > hi {
		return nil, nil, 0, false
	}
	for _, e := range r.ring.between(from, hi, r.head) {
		what := noWord
		if e.member == v.Root {
			what = snapshotWord // their own membership changed
		} else if e.moves && e.root <= held {
			what = r.follow(e, v)
		}
		if what == noWord {
			continue
		}
		if at < e.seq {
			frames = append(frames, r.events(at+1, e.seq, v)...)
			at = e.seq
		}
		root := e.root
		switch what {
		case openedWord:
			f, ok := r.opened(root, v, e, read[root])
			if !ok {
				return nil, nil, root, false
			}
			frames = append(frames, f)
			more = append(more, told{journal.Object, root, e.seq})
		case withdrawnWord:
			frames = append(frames, withdrawnFrame(r.id, root))
		case snapshotWord:
			if at >= from {
				more = append(more, told{journal.Live, from, at})
			}
			return frames, more, 0, true
		}
	}
	if at < hi {
		if frames == nil { // nearly always: shared as it is
			return r.events(at+1, hi, v), nil, 0, false
		}
		frames = append(frames, r.events(at+1, hi, v)...)
	}
	return frames, more, 0, false
}

// An object is all entries of a root up to a number, as they were read.
type object struct {
	entries  []*entry
	upTo     incident.Seq
	erasures uint64 // dispatched when it began to be read

	done chan struct{} // closed when it has been read; err says how
	err  error
}

// openedKey names a frame: a root, as it stood after an entry, in one form.
type openedKey struct {
	root, upTo incident.Seq
	form       policy.Form
	to         circle
}

// opened makes the frame with the entries of a root up to a number, in one
// form, from the ring and what was read of the time before it. It reports
// false if a read is needed first.
func (r *room) opened(root incident.Seq, v viewer, by *entry, read *object) (message, bool) {
	form, upTo := r.sees(v, by.facts), by.seq
	key := openedKey{root, upTo, form, r.circleOf(v)}
	if f := r.shown[key]; f != nil {
		return f, true
	}
	first := r.ring.first(r.head)
	if read != nil && read.erasures != r.erasures {
		read = nil // it may hold what was erased since
	}
	if root < first && (read == nil || read.upTo+1 < first) {
		return nil, false
	}
	var fragments [][]byte
	after := incident.Seq(0)
	if root < first {
		after = read.upTo
		for _, e := range read.entries {
			if e.seq <= min(read.upTo, upTo) && (e.noter == 0 || r.form(v, e) != policy.Stub) {
				fragments = append(fragments, e.bytes[form])
			}
		}
	}
	for _, e := range r.ring.entries {
		if e.root == root && e.seq > after && e.seq <= upTo && (e.noter == 0 || r.form(v, e) != policy.Stub) {
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

// object reads all entries of a root on a person's behalf: one read for
// everyone who comes to need it before the next turn, as long as the ring
// joins on to it.
func (r *room) object(ctx context.Context, root incident.Seq, person incident.PersonID) (*object, error) {
	r.mu.Lock()
	o := r.objects[root]
	if o == nil || o.upTo+1 < r.ring.first(r.head) {
		// All up to the head is committed, so the read brings it.
		o = &object{upTo: r.head, erasures: r.erasures, done: make(chan struct{})}
		r.objects[root] = o
		r.mu.Unlock()
		o.entries, o.err = r.readRoot(r.hub.ctx, root, person) // the others wait for it too
		if o.err != nil {
			r.mu.Lock()
			if r.objects[root] == o {
				delete(r.objects, root)
			}
			r.mu.Unlock()
		}
		close(o.done)
		return o, o.err
	}
	r.mu.Unlock()
	select {
	case <-o.done:
		return o, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *room) readRoot(ctx context.Context, root incident.Seq, person incident.PersonID) (list []*entry, err error) {
	err = r.hub.read(ctx, func(ctx context.Context) error {
		after := incident.Seq(0)
		for {
			rows, err := r.hub.opt.Journal.Page(ctx, r.id, person, journal.Query{After: after, Roots: []incident.Seq{root}})
			r.hub.metrics.rootReads.Add(1)
			if err != nil {
				return err
			}
			for i := range rows {
				if e := r.older(&rows[i]); e != nil {
					list = append(list, e)
				}
			}
			if len(rows) < journal.MaxPage {
				return nil
			}
			after = incident.Seq(rows[len(rows)-1].Entry.Seq)
		}
	})
	if err == nil && (len(list) == 0 || list[0].seq != root) {
		// Policy shows it to them and the database does not: it was narrowed
		// again meanwhile, or the two walls disagree.
		r.hub.metrics.disagreements.Add(1)
		return nil, errKeptBack
	}
	return list, err
}
