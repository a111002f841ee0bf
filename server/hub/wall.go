package hub

import (
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/projection"
)

// Whatever goes out live is judged twice. The first wall is policy.Sees, by
// the room's fold and the sight of a root. The second is here: by the rows
// that the same groups put in the database, and by the rule that row-level
// security asks of them there. A viewer is given no more than the lesser of
// the two; where policy would have given more, an alarm sounds.
//
// The rows know no roster: that a name is hidden, in a membership's entries
// and in who is here, is the first wall's alone.

// A wall is a room's copy of the derived rows, as they stand at its head:
// those of the memberships, and those of roots that a snapshot tells of, which
// may be older than the ring. Entries carry their roots' rows themselves.
type wall struct {
	members map[incident.Seq]*projection.Member        // by root
	in      map[incident.PersonID][]*projection.Member // who is in the room, and by which memberships
	start   incident.Seq                               // the newest history start of anybody in the room
	told    map[incident.Seq]*projection.Root          // of the report, the pins, the books and what is asked to be erased
}

// facts are what each wall goes by to judge a root.
type facts struct {
	sight incident.Sight
	row   *projection.Root // nil: nobody is given anything of it
}

// past are the facts of a root as they were, by what its sight was. The rows
// say only how it is now; the rule over them is asked all the same.
func past(s incident.Sight) *facts {
	return &facts{s, &projection.Root{Seq: s.Root, Kind: s.Kind, Standing: s.Kind.Standing(), Author: s.Author, TLP: s.TLP, Org: s.Org, Audience: s.Audience, Recorded: s.Recorded, Recalled: s.Recalled}}
}

// A viewer is somebody in the room, as each wall knows them.
type viewer struct {
	*incident.Member
	rows []*projection.Member
}

func newWall(members []projection.Member, told map[incident.Seq]*projection.Root) *wall {
	w := &wall{members: map[incident.Seq]*projection.Member{}, in: map[incident.PersonID][]*projection.Member{}, told: told}
	w.move(members)
	return w
}

// move takes in what a group changed of the memberships. It costs as much as
// was changed, however many there are: in a room of thousands each join would
// else cost as much as all before it.
func (w *wall) move(members []projection.Member) {
	for i := range members {
		m := &members[i]
		old := w.members[m.Root]
		w.members[m.Root] = m
		if old != nil && old.State == incident.Joined {
			w.drop(old)
		}
		if m.State == incident.Joined {
			w.in[m.Person] = append(w.in[m.Person], m)
			w.start = max(w.start, m.Start)
		}
	}
}

// drop takes a row out of those who are in the room.
func (w *wall) drop(old *projection.Member) {
	rows := w.in[old.Person]
	kept := make([]*projection.Member, 0, len(rows)) // viewers hold the list as it was
	for _, m := range rows {
		if m != old {
			kept = append(kept, m)
		}
	}
	if w.in[old.Person] = kept; len(kept) == 0 {
		delete(w.in, old.Person)
	}
	if old.Start < w.start || old.Start == 0 {
		return
	}
	w.start = 0
	for _, rows := range w.in {
		for _, m := range rows {
			w.start = max(w.start, m.Start)
		}
	}
}

// tellsOf lists the roots with an audience of their own of which a snapshot of
// the room tells.
func tellsOf(fold *incident.Room) (roots []incident.Seq) {
	if fold.Report != nil {
		roots = append(roots, fold.Report.Root)
	}
	for _, p := range fold.Pins {
		roots = append(roots, p.Root)
	}
	for _, k := range fold.Books {
		roots = append(roots, k.Root)
	}
	for _, a := range fold.Erasures {
		roots = append(roots, a.Root)
	}
	return roots
}

// follow keeps the rows of what snapshots tell of, fold being the room after
// the entries. Whatever begins to be told of has an entry among them.
func (w *wall) follow(fold *incident.Room, fresh []*entry) {
	for _, e := range fresh {
		if fold.Report != nil && fold.Report.Root == e.root || fold.BookRoot(e.root) != nil || fold.Erasure(e.root) != nil || slices.ContainsFunc(fold.Pins, func(p incident.Pin) bool { return p.Root == e.root }) {
			w.told[e.root] = e.row
		}
	}
	if len(w.told) > 2*(len(fold.Pins)+len(fold.Books)+len(fold.Erasures))+8 { // most of them unpinned long ago
		told := map[incident.Seq]*projection.Root{}
		for _, root := range tellsOf(fold) {
			told[root] = w.told[root]
		}
		w.told = told
	}
}

// most is the most that the rows let the viewer have of a root: an envelope if
// it is RED or its openings are recorded, since its body never travels live.
func (v viewer) most(r *projection.Root) policy.Form {
	if r == nil {
		return policy.Stub
	}
	for _, m := range v.rows {
		if m.Reads(r) {
			if (r.TLP == incident.Red || r.Recorded) && !r.Standing {
				return policy.Envelope
			}
			return policy.Open
		}
	}
	return policy.Stub
}

// viewer returns the person as a viewer; ok is false if either wall does not
// have them in the room, and then they are to get nothing, not even stubs.
func (r *room) viewer(p incident.PersonID) (v viewer, ok bool) {
	m := r.fold.Member(p)
	if !m.Present() {
		return viewer{}, false
	}
	rows := r.wall.in[p]
	if len(rows) == 0 {
		r.hub.alarm(m.Root)
		return viewer{}, false
	}
	return viewer{m, rows}, true
}

// sees returns in which form the viewer sees the entries of a root: as policy
// says, and no more than the rows allow.
func (r *room) sees(v viewer, f facts) policy.Form {
	form := policy.Sees(r.fold, v.Member, f.sight)
	if form == policy.Stub {
		return form
	}
	if most := v.most(f.row); most < form {
		r.hub.alarm(f.sight.Root)
		return most
	}
	return form
}

// state is the snapshot that the viewer is given.
func (r *room) state(v viewer) policy.Snapshot {
	s := policy.Snap(r.fold, v.Member)
	var without []incident.Seq
	for _, shown := range s.Shows() {
		if v.most(r.wall.told[shown.Root]) < shown.Form {
			r.hub.alarm(shown.Root)
			without = append(without, shown.Root)
		}
	}
	if without == nil {
		return s
	}
	return policy.Snap(r.fold, v.Member, without...)
}

// alarmEvery is how often the log says at most that the walls disagree; the
// counter counts every time.
const alarmEvery = time.Second

// alarm notes that policy would have given somebody more of a root, or of a
// room by way of a membership, than the rows allow. It names neither room nor
// person: a number tells nobody anything who does not know both.
func (h *Hub) alarm(root incident.Seq) {
	h.metrics.alarms.Add(1)
	last, now := h.alarmed.Load(), time.Now().UnixNano()
	if now-last >= int64(alarmEvery) && h.alarmed.CompareAndSwap(last, now) {
		h.log.Error("policy would have shown what the database's rows do not allow; it was kept back", "entry", uint64(root), "alarms", h.metrics.alarms.Load())
	}
}
