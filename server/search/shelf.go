package search

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// What is searched more than once is not decrypted each time: of a room that
// people search the newest entries are kept in memory as they are compared, with
// who may see each, from the newest down to where somebody's search came. It is
// the house's, the same for all who ask: whose entry it is, and whether the asker
// may see it now, is asked of policy before its text is looked at, so that how
// long a search takes tells nothing of texts that are hidden from them; and what
// is found is then read for the asker like any page, under row-level security.

const (
	// ShelfEntries is how much of a room is kept at most; what is older is read
	// anew each time.
	ShelfEntries = 250_000
	// shelfBytes bounds what is kept of all rooms together; the room that nobody
	// has searched for longest goes first.
	shelfBytes = 256 << 20
	// shelfIdle is for how long a room is kept that nobody searches.
	shelfIdle = 15 * time.Minute
)

// line is an entry as it is compared.
type line struct {
	sight    *incident.Sight // of its root, as it stands; nil: nobody is given anything of it
	root     incident.Seq
	by       incident.MemberNo
	note     bool
	noun     string
	shown    time.Time
	mentions []incident.MemberNo
	text     string // folded
}

// lineOverhead is what a line weighs beside its text, roughly.
const lineOverhead = 250

func (l *line) weight() int { return lineOverhead + len(l.text) }

// shelf is what is kept of one room: a run of its entries without a gap.
type shelf struct {
	room incident.LogID

	mu     sync.RWMutex
	low    incident.Seq // the oldest kept; head+1 while nothing is
	lines  []line       // of low, low+1, …
	sights map[incident.Seq]*incident.Sight
	bytes  int

	used   time.Time // under the searcher's lock, as the next two
	weighs int
	stop   func()
}

func (h *shelf) head() incident.Seq { return h.low + incident.Seq(len(h.lines)) - 1 }

// lineOf makes of a row what is compared. Erased slots say nothing.
func (h *shelf) lineOf(row journal.Row) (l line, e *incident.Event) {
	if row.Stored == nil || !row.Entry.Given() {
		return l, nil
	}
	if e = policy.AllForms(row.Entry)[policy.Open].Event(); e == nil {
		return l, nil
	}
	l.sight = h.sights[e.Root]
	if l.sight == nil {
		l.sight = new(incident.Sight)
		h.sights[e.Root] = l.sight
	}
	*l.sight = row.Sight // as it stands, for all entries of the object
	_, l.note = e.Body.(*incident.EntryNoted)
	l.root, l.by, l.noun, l.shown, l.mentions = e.Root, e.By.Member, noun(e.Kind), e.Times.Shown().Time, mentions(e.Body)
	if !closed(row.Sight) {
		l.text = textOf(e)
	}
	return l, e
}

// closed says whether an entry is never searched.
func closed(s incident.Sight) bool { return s.TLP == incident.Red || s.Recorded }

func (h *shelf) clear(head incident.Seq) {
	h.lines, h.low, h.bytes, h.sights = nil, head+1, 0, map[incident.Seq]*incident.Sight{}
}

// reach reads what the room's log has above the shelf, up to at least its head,
// and follows what that moved below.
func (h *shelf) reach(ctx context.Context, j source, head incident.Seq) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.lines) == 0 {
		h.clear(head)
		return nil
	}
	for h.head() < head {
		rows, err := j.Record(ctx, h.room, h.head()+1, min(journal.MaxPage, int(head-h.head())))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return unreadable()
		}
		for _, row := range rows {
			if was := h.sights[row.Sight.Root]; was != nil && closed(*was) && !closed(row.Sight) {
				h.clear(head) // its texts were not kept, and now they are searched
				return nil
			}
			l, e := h.lineOf(row)
			h.lines = append(h.lines, l)
			h.bytes += l.weight()
			if e == nil {
				continue
			}
			if b, ok := e.Body.(*incident.EntryErased); ok && b.Entry >= h.low {
				left, err := j.Record(ctx, h.room, b.Entry, 1)
				if err != nil || len(left) == 0 {
					h.clear(head)
					return err
				}
				h.lines[b.Entry-h.low], _ = h.lineOf(left[0])
			}
		}
	}
	return nil
}

func unreadable() error {
	return incident.Refuse(incident.Unavailable, "The room cannot be read at the moment. Try again in a moment.")
}

// deepen reads the next older entries, at most so many, and returns how many it
// read; none if whoever searches is below the shelf already.
func (h *shelf) deepen(ctx context.Context, j source, at incident.Seq, n int) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at != 0 && at < h.low {
		return 0, nil
	}
	n = min(n, int(h.low)-1, ShelfEntries-len(h.lines))
	if n <= 0 {
		return 0, nil
	}
	older, bytes := make([]line, 0, n), 0
	for from := h.low - incident.Seq(n); from < h.low; from = h.low - incident.Seq(n-len(older)) {
		rows, err := j.Record(ctx, h.room, from, min(journal.MaxPage, n-len(older)))
		if err != nil {
			return 0, err
		}
		if len(rows) == 0 || rows[0].Entry.Seq != uint64(from) {
			return 0, unreadable()
		}
		for _, row := range rows {
			l, _ := h.lineOf(row)
			older, bytes = append(older, l), bytes+l.weight()
		}
	}
	h.lines, h.low, h.bytes = slices.Concat(older, h.lines), h.low-incident.Seq(n), h.bytes+bytes
	return n, nil
}

// find looks from before (0: the newest) down to the end of the shelf, and
// returns the roots that match, at most limit beside those it is given, and
// where it ended.
func (h *shelf) find(at *incident.Room, me *incident.Member, m *matcher, before incident.Seq, roots []incident.Seq, limit int) (found []incident.Seq, next incident.Seq, looked int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	top := h.head()
	if before != 0 {
		top = min(top, before-1)
	}
	seen := map[incident.Seq]bool{}
	for _, r := range roots {
		seen[r] = true
	}
	next = before
	for seq := top; seq >= h.low && len(roots) < limit; seq-- {
		looked++
		next = seq
		l := &h.lines[seq-h.low]
		if l.sight == nil {
			continue
		}
		form := policy.Stub
		if l.note {
			form = policy.SeesNote(at, me, *l.sight, l.by)
		} else {
			form = policy.Sees(at, me, *l.sight)
		}
		if form != policy.Open || !m.matchesLine(l, me.Number) || seen[l.root] {
			continue
		}
		seen[l.root] = true
		roots = append(roots, l.root)
	}
	return roots, next, looked
}

// shelves are those of the rooms that people search.
type shelves struct {
	mu  sync.Mutex
	all map[incident.LogID]*shelf
}

// of returns the room's shelf. What is erased from the room takes the shelf away
// at once, whether anybody searches or not.
func (s *Searcher) of(ctx context.Context, room incident.LogID) (*shelf, error) {
	s.kept.mu.Lock()
	h := s.kept.all[room]
	if h != nil {
		h.used = time.Now()
	}
	s.kept.mu.Unlock()
	if h != nil {
		return h, nil
	}
	h = &shelf{room: room, sights: map[incident.Seq]*incident.Sight{}, used: time.Now()}
	_, stop, err := s.j.Watch(ctx, room, func(g *journal.Group) {
		if slices.ContainsFunc(g.Entries, func(w journal.Written) bool { return w.Erased != nil }) {
			go s.drop(h)
		}
	})
	if err != nil {
		return nil, err
	}
	h.stop = stop
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	if other := s.kept.all[room]; other != nil { // somebody else was faster
		stop()
		return other, nil
	}
	s.kept.all[room] = h
	return h, nil
}

// drop forgets a shelf. Whoever is searching it ends on what they hold, and what
// they find is read anew.
func (s *Searcher) drop(h *shelf) {
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	s.dropLocked(h)
}

func (s *Searcher) dropLocked(h *shelf) {
	if s.kept.all[h.room] == h {
		delete(s.kept.all, h.room)
		h.stop()
	}
}

// tidy notes what the shelf weighs and forgets what nobody searches, and as much
// more as is too much.
func (s *Searcher) tidy(h *shelf) {
	h.mu.RLock()
	weighs := h.bytes
	h.mu.RUnlock()
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	h.weighs = weighs
	for {
		sum := 0
		var oldest *shelf
		for _, o := range s.kept.all {
			sum += o.weighs
			if oldest == nil || o.used.Before(oldest.used) {
				oldest = o
			}
		}
		if oldest == nil || sum <= s.most && time.Since(oldest.used) < shelfIdle {
			return
		}
		if sum > s.most {
			boundShelf.Hit()
		}
		s.dropLocked(oldest)
	}
}
