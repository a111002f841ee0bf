// Package search finds entries by what they say. No index is stored that could
// be stolen or fall out of step: it decrypts a room's log from the newest entry
// backwards and looks at what the asker may see now, so that an entry which was
// withheld, recalled or addressed to others is not found, not counted and not
// hinted at. Of rooms that people search it keeps in memory what it has read.
//
// What a request reads from storage is bounded, and it says where to go on. What travels as an
// envelope (TLP:RED, names under a closed roster) is never searched: its text
// is for those who open it.
package search

import (
	"context"
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// source is the journal, as far as searching uses it.
type source interface {
	Page(ctx context.Context, room incident.LogID, person incident.PersonID, q journal.Query) ([]journal.Row, error)
	Room(ctx context.Context, id incident.LogID) (*incident.Room, error)
	Mine(ctx context.Context, person incident.PersonID) ([]journal.Mine, error)
	Record(ctx context.Context, room incident.LogID, from incident.Seq, limit int) ([]journal.Row, error)
	Watch(ctx context.Context, room incident.LogID, fn func(*journal.Group)) (*incident.Room, func(), error)
}

const (
	// ScanLimit is how many entries one request reads that are not in memory.
	ScanLimit = 20_000
	// HitLimit is how many objects one request finds at most.
	HitLimit = 100
	// MaxWords bounds the text asked for.
	MaxWords = 16
)

// Searcher searches rooms. It is safe for concurrent use.
type Searcher struct {
	j    source
	runs chan struct{} // bounds the scans of this node together: they are work for the processor
	kept shelves
	most int // bytes of all shelves together
}

// New returns a Searcher over the journal.
func New(j source) *Searcher {
	return &Searcher{j: j, runs: make(chan struct{}, 4), kept: shelves{all: map[incident.LogID]*shelf{}}, most: shelfBytes}
}

// Query says what to find; every field narrows.
type Query struct {
	Text       string            // every word of it, in any case, in one version of the entry
	Person     incident.MemberNo // who wrote it; 0 for anyone
	Author     string            // words of the name of who wrote it, as far as the asker may know it; empty for anyone
	Noun       string            // message, report, brief …: the kind's noun; empty for any
	From, To   time.Time         // by the time that people are shown, both included; zero for no bound
	MentionsMe bool
	Before     incident.Seq // entries below this; 0 for the newest
	Limit      int          // objects; 0 means 20, at most HitLimit
}

// Hit is an object that matched, with all of it that the asker may see. Any
// version of its text counts: who looks for what was said finds it, ruled
// through, with what replaced it.
type Hit struct {
	Seq     incident.Seq // its root
	Entries []policy.Seen
}

// Found is what one request found, newest first.
type Found struct {
	Hits    []Hit
	Scanned int          // entries looked at, whether they could be seen or not
	Next    incident.Seq // go on with Before set to this; 0 when the beginning was reached

	read int // of those, from storage
}

// Room searches one room on a person's behalf. Who is not in it finds that
// there is none.
func (s *Searcher) Room(ctx context.Context, room incident.LogID, person incident.PersonID, q Query) (Found, error) {
	if err := s.enter(ctx); err != nil {
		return Found{}, err
	}
	defer func() { <-s.runs }()
	f, err := s.room(ctx, room, person, q, ScanLimit)
	scanned.Add(f.Scanned)
	return f, err
}

func (s *Searcher) enter(ctx context.Context) error {
	select {
	case s.runs <- struct{}{}:
		searches.Inc()
		return nil
	default:
		boundRuns.Hit()
	}
	select {
	case s.runs <- struct{}{}:
		searches.Inc()
		return nil
	case <-ctx.Done():
		return incident.Refuse(incident.Unavailable, "Too many searches are running. Try again in a moment.")
	}
}

func (s *Searcher) room(ctx context.Context, room incident.LogID, person incident.PersonID, q Query, budget int) (Found, error) {
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit = min(q.Limit, HitLimit)
	m := matcher{query: q, words: words(q.Text), author: words(q.Author)}
	f := Found{Next: q.Before}
	at, me, err := s.stands(ctx, room, person)
	if err != nil {
		return f, err
	}
	kept, err := s.of(ctx, room)
	if err != nil {
		return f, err
	}
	defer s.tidy(kept)
	if err := kept.reach(ctx, s.j, at.Head); err != nil {
		return f, err
	}
	m.nameOf = func(n incident.MemberNo) string { return policy.NameOf(at, me, n) }
	var roots []incident.Seq
	for {
		var looked int
		roots, f.Next, looked = kept.find(at, me, &m, f.Next, roots, q.Limit)
		f.Scanned += looked
		if len(roots) >= q.Limit || f.read >= budget {
			break
		}
		n, err := kept.deepen(ctx, s.j, f.Next, budget-f.read)
		if err != nil {
			return Found{}, err
		}
		if n == 0 {
			break
		}
		f.read += n
	}
	if err := s.beyond(ctx, room, person, &m, &f, &roots, budget); err != nil {
		return Found{}, err
	}
	f.Hits, err = s.hits(ctx, room, person, roots, m)
	return f, err
}

// beyond goes on below what is kept of the room, as far as the budget reaches.
func (s *Searcher) beyond(ctx context.Context, room incident.LogID, person incident.PersonID, m *matcher, f *Found, roots *[]incident.Seq, budget int) error {
	for f.Next != 1 && len(*roots) < m.query.Limit && f.read < budget {
		rows, err := s.j.Page(ctx, room, person, journal.Query{Before: f.Next, Limit: min(journal.MaxPage, budget-f.read), Desc: true})
		if err != nil {
			return err
		}
		at, me, err := s.stands(ctx, room, person)
		if err != nil {
			return err
		}
		m.nameOf = func(n incident.MemberNo) string { return policy.NameOf(at, me, n) }
		for _, row := range rows {
			f.Scanned++
			f.read++
			f.Next = incident.Seq(row.Entry.Seq)
			e := policy.View(at, me, row.Sight, row.Entry).Event()
			if e == nil || !m.matches(e, me.Number) || slices.Contains(*roots, e.Root) {
				continue
			}
			if *roots = append(*roots, e.Root); len(*roots) == m.query.Limit {
				break
			}
		}
		if len(rows) == 0 {
			f.Next = 1
		}
	}
	if f.Next <= 1 {
		f.Next = 0
	}
	return nil
}

// hits reads the objects whole and judges them once more by the room as it
// stands after. One that was found by an earlier request, by a later version,
// is not given twice.
func (s *Searcher) hits(ctx context.Context, room incident.LogID, person incident.PersonID, roots []incident.Seq, m matcher) ([]Hit, error) {
	hits := []Hit{}
	if len(roots) == 0 {
		return hits, nil
	}
	seen := map[incident.Seq][]policy.Seen{}
	twice := map[incident.Seq]bool{}
	q := journal.Query{Roots: roots}
	for {
		rows, err := s.j.Page(ctx, room, person, q)
		if err != nil {
			return nil, err
		}
		at, me, err := s.stands(ctx, room, person)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			q.After = incident.Seq(row.Entry.Seq)
			v := policy.View(at, me, row.Sight, row.Entry)
			if v.Form() == policy.Stub {
				continue
			}
			seen[row.Sight.Root] = append(seen[row.Sight.Root], v)
			if m.query.Before != 0 && v.Seq() >= m.query.Before {
				if e := v.Event(); e != nil && m.matches(e, me.Number) {
					twice[row.Sight.Root] = true
				}
			}
		}
		if len(rows) < journal.MaxPage {
			break
		}
	}
	for _, root := range roots {
		if entries := seen[root]; len(entries) > 0 && !twice[root] {
			hits = append(hits, Hit{Seq: root, Entries: entries})
		}
	}
	return hits, nil
}

func (s *Searcher) stands(ctx context.Context, id incident.LogID, p incident.PersonID) (*incident.Room, *incident.Member, error) {
	room, err := s.j.Room(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	m := room.Member(p)
	if !m.Present() {
		return nil, nil, incident.Missing()
	}
	return room, m, nil
}

// words are what of a text is compared: see fold.
func words(text string) []string {
	list := strings.Fields(fold(text))
	return list[:min(len(list), MaxWords)]
}
