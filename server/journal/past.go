package journal

import (
	"context"
	"sort"
	"time"

	"wardroom/server/incident"
)

// Past is a room as it stood after one of its entries: who was a member, and
// who could see what, then and at any entry before. It is made of the entries
// alone, and holds nothing of what they say beside the room's standing facts.
type Past struct {
	Room *incident.Room   // the fold after At
	At   incident.Seq     // the entry
	Time incident.Instant // when it was recorded
	Next incident.Instant // when the entry after it was recorded; zero: there is none yet

	roots    []incident.Seq // by number
	recorded []int64        // by number, in milliseconds since 1970
	sights   map[incident.Seq][]since[incident.Sight]
	noters   map[incident.Seq]incident.MemberNo
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

// Past returns a room as it stood after an entry. The whole log up to there is
// read by the house, as for a fold: what of it is told to whom is the caller's
// to ask of policy.
func (j *Journal) Past(ctx context.Context, room incident.LogID, at incident.Seq) (*Past, error) {
	now, err := j.Room(ctx, room)
	if err != nil {
		return nil, err
	}
	if at < 1 || at > now.Head {
		return nil, incident.Missing()
	}
	fold := incident.NewRoom(room)
	fold.Reindex()
	p := &Past{Room: fold, At: at, sights: map[incident.Seq][]since[incident.Sight]{}, noters: map[incident.Seq]incident.MemberNo{},
		members: map[incident.Seq][]since[*incident.Member]{}}
	for next := incident.Seq(0); next <= at+1 && next <= now.Head; {
		events, err := j.entries(ctx, room, `seq >= $2 AND seq <= $3 ORDER BY seq LIMIT 2000`, int64(next), int64(at+1))
		if err != nil {
			return nil, err
		}
		if len(events) == 0 {
			return nil, unavailable()
		}
		for _, e := range events {
			if e.Seq > at {
				p.Next = e.Times.Recorded
			} else {
				p.take(e)
			}
			next = e.Seq + 1
		}
	}
	p.Time = fold.Last
	return p, nil
}

func (p *Past) take(e *incident.Event) {
	p.Room.Apply(e)
	p.roots = append(p.roots, e.Root)
	p.recorded = append(p.recorded, e.Times.Recorded.UnixMilli())
	switch {
	case e.IsRoot():
		p.sights[e.Root] = []since[incident.Sight]{{e.Seq, incident.SightOf(e)}}
	case incident.Moves(e):
		if list := p.sights[e.Root]; len(list) > 0 {
			s := list[len(list)-1].is
			s.Apply(e)
			p.sights[e.Root] = append(list, since[incident.Sight]{e.Seq, s})
		}
	}
	if _, ok := e.Body.(*incident.EntryNoted); ok {
		p.noters[e.Seq] = e.By.Member
	}
	if m := p.Room.MemberRoot(e.Root); m != nil {
		p.members[e.Root] = append(p.members[e.Root], since[*incident.Member]{e.Seq, m})
	}
}

// Sight returns who could see an entry's root when the log had come to as, and
// who gave the note that the entry is; 0 if it is none.
func (p *Past) Sight(entry, as incident.Seq) (s incident.Sight, noter incident.MemberNo, ok bool) {
	if entry < 1 || entry > as || uint64(entry) >= uint64(len(p.roots)) {
		return s, 0, false
	}
	s, ok = then(p.sights[p.roots[entry]], as)
	return s, p.noters[entry], ok
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

// Head returns the newest entry recorded at or before a time, at most At.
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

// Recorded returns how many entries were recorded before t, really and not by
// an exercise's clock.
func (j *Journal) Recorded(ctx context.Context, room incident.LogID, t time.Time) (incident.Seq, error) {
	n, _, err := j.search(ctx, room, func(_ *incident.Room, at incident.Times) bool { return !at.Recorded.Before(t) })
	return incident.Seq(n), err
}
