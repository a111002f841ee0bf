package journal

import (
	"context"
	"fmt"
	"sort"
	"time"

	"wardroom/server/incident"
)

// Past is a room as it stood after each of its entries: who was a member, and
// who could see what. It is made of the entries alone, and holds nothing of what
// they say beside the room's standing facts: some 30 bytes an entry.
type Past struct {
	Room *incident.Room // the fold after At
	At   incident.Seq   // the newest entry read; 0 before the first reading

	roots    []incident.Seq                             // by number
	recorded []int64                                    // by number, in milliseconds since 1970
	begun    []*incident.Sight                          // by number: of roots, their sight when they began, but for the number; shared by those alike
	alike    map[string]*incident.Sight                 // what they share
	moved    map[incident.Seq][]since[incident.Sight]   // of roots whose sight was moved: every sight they had
	noters   map[incident.Seq]incident.MemberNo         // of notes, who gave them
	members  map[incident.Seq][]since[*incident.Member] // by the membership's root
}

// since is what holds from an entry on.
type since[T any] struct {
	seq incident.Seq
	is  T
}

// then returns what held at an entry.
func then[T any](list []since[T], at incident.Seq) (is T, ok bool) {
	i := sort.Search(len(list), func(i int) bool { return list[i].seq > at })
	if i == 0 {
		return is, false
	}
	return list[i-1].is, true
}

// NewPast returns the past of a room, with nothing read yet.
func NewPast(room incident.LogID) *Past {
	p := &Past{Room: incident.NewRoom(room), alike: map[string]*incident.Sight{}, moved: map[incident.Seq][]since[incident.Sight]{},
		noters: map[incident.Seq]incident.MemberNo{}, members: map[incident.Seq][]since[*incident.Member]{}}
	p.Room.Reindex()
	return p
}

// Extend reads what the room's log holds beyond the past. The house reads, as
// for a fold: what of it is told to whom is the caller's to ask of policy. It
// must not run while the past is asked anything.
func (j *Journal) Extend(ctx context.Context, p *Past) error {
	now, err := j.Room(ctx, p.Room.ID)
	if err != nil {
		return err
	}
	for next := incident.Seq(len(p.roots)); next <= now.Head; next = incident.Seq(len(p.roots)) {
		events, err := j.entries(ctx, p.Room.ID, `seq >= $2 AND seq <= $3 ORDER BY seq LIMIT 2000`, int64(next), int64(now.Head))
		if err != nil {
			return err
		}
		if len(events) == 0 || events[0].Seq != next {
			return unavailable()
		}
		for _, e := range events {
			p.take(e)
		}
	}
	return nil
}

func (p *Past) take(e *incident.Event) {
	p.Room.Apply(e)
	p.At = e.Seq
	p.roots = append(p.roots, e.Root)
	p.recorded = append(p.recorded, e.Times.Recorded.UnixMilli())
	p.begun = append(p.begun, nil)
	switch {
	case e.IsRoot():
		p.begun[e.Seq] = p.shared(incident.SightOf(e))
	case incident.Moves(e):
		if s, ok := p.sight(e.Root, e.Seq-1); ok {
			if p.moved[e.Root] == nil {
				p.moved[e.Root] = []since[incident.Sight]{{e.Root, s}}
			}
			s.Apply(e)
			p.moved[e.Root] = append(p.moved[e.Root], since[incident.Sight]{e.Seq, s})
		}
	}
	if _, ok := e.Body.(*incident.EntryNoted); ok {
		p.noters[e.Seq] = e.By.Member
	}
	if m := p.Room.MemberRoot(e.Root); m != nil {
		p.members[e.Root] = append(p.members[e.Root], since[*incident.Member]{e.Seq, m})
	}
}

// shared returns the sight without its number: one for all that are alike.
func (p *Past) shared(s incident.Sight) *incident.Sight {
	s.Root = 0
	key := fmt.Sprint(s.Kind, " ", s.Author, " ", s.TLP, " ", s.Org, " ", s.Audience.Key(), " ", s.Recorded, s.Recalled)
	if p.alike[key] == nil {
		p.alike[key] = &s
	}
	return p.alike[key]
}

func (p *Past) sight(root, as incident.Seq) (s incident.Sight, ok bool) {
	if list := p.moved[root]; list != nil {
		return then(list, as)
	}
	if root > as || uint64(root) >= uint64(len(p.begun)) || p.begun[root] == nil {
		return s, false
	}
	s = *p.begun[root]
	s.Root = root
	return s, true
}

// Sight returns who could see an entry's root when the log had come to as, and
// who gave the note that the entry is; 0 if it is none.
func (p *Past) Sight(entry, as incident.Seq) (s incident.Sight, noter incident.MemberNo, ok bool) {
	if entry < 1 || entry > as || as > p.At {
		return s, 0, false
	}
	s, ok = p.sight(p.roots[entry], as)
	return s, p.noters[entry], ok
}

// Recorded returns when an entry was recorded; ok is false for one that is not
// read.
func (p *Past) Recorded(entry incident.Seq) (t incident.Instant, ok bool) {
	if uint64(entry) >= uint64(len(p.recorded)) {
		return t, false
	}
	return incident.At(time.UnixMilli(p.recorded[entry])), true
}

// Member returns the membership by which the person was in the room when the
// log had come to as; nil if they were not.
func (p *Past) Member(person incident.PersonID, as incident.Seq) *incident.Member {
	for _, of := range p.Room.Members {
		if m, ok := then(p.members[of.Root], as); ok && m.Person == person && m.Present() {
			return m
		}
	}
	return nil
}

// Head returns the newest entry recorded at or before a time, of those read.
func (p *Past) Head(t time.Time) incident.Seq {
	ms := t.UnixMilli()
	return incident.Seq(max(1, sort.Search(len(p.recorded), func(i int) bool { return p.recorded[i] > ms })) - 1)
}

// Last returns the newest entry recorded at or before t, by the time that people
// are shown; 0 if there is none. As At, it gives out a number.
func (j *Journal) Last(ctx context.Context, room incident.LogID, t time.Time) (incident.Seq, error) {
	n, _, err := j.search(ctx, room, func(r *incident.Room, at incident.Times) bool {
		if r.Clock != nil {
			return !at.Exercise.IsZero() && at.Exercise.After(t)
		}
		return at.Recorded.After(t)
	})
	return incident.Seq(n), err
}

// RecordedBefore returns how many entries were recorded before t, really and not by
// an exercise's clock.
func (j *Journal) RecordedBefore(ctx context.Context, room incident.LogID, t time.Time) (incident.Seq, error) {
	n, _, err := j.search(ctx, room, func(_ *incident.Room, at incident.Times) bool { return !at.Recorded.Before(t) })
	return incident.Seq(n), err
}
