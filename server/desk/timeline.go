package desk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

const (
	// ScanLimit is how many entries one request of the timeline looks at.
	ScanLimit = 5_000
	// PageLimit is how many lines it gives at most.
	PageLimit = 200

	fill = 200 // entries read of one room at a time
)

// Filter says which lines of the timeline to give. With any of it set, what the
// asker may not see is left out; else it stands as runs of numbers.
type Filter struct {
	Nouns    []string          // kinds' nouns: message, decision …
	Person   incident.PersonID // who acted, in whichever of the rooms
	Org      incident.OrgID    // on whose behalf
	TLP      incident.TLP      // the label as it stands now
	From, To time.Time         // from, and before; zero for no bound
	Happened bool              // From and To are of when it happened, not of when it was recorded
}

func (f *Filter) any() bool {
	return len(f.Nouns) > 0 || f.Person != "" || f.Org != "" || f.TLP != "" || f.Happened && (!f.From.IsZero() || !f.To.IsZero())
}

// Line is one line of the timeline: an entry, or a run of entries that the
// asker may not see.
type Line struct {
	Room     incident.LogID
	From, To incident.Seq
	Seen     policy.Seen  // of a run, the zero Seen
	TLP      incident.TLP // its object's label as it stands; "" of a run, and of standing kinds
	at       time.Time    // what it is put in order by
}

// Hidden reports whether the line is a run of what the asker may not see.
func (l *Line) Hidden() bool { return l.Seen.Form() == policy.Stub }

// Timeline is a page of it.
type Timeline struct {
	Lines   []Line
	Scanned int    // entries looked at
	Next    string // where to go on; "" at the end
}

// Timeline gives a page of the timeline of rooms, put together by the times of
// recording: within a room that is the order of numbers. cursor is a Next given
// before, or "". The rooms must be those the asker may read: see Enter.
func (d *Desk) Timeline(ctx context.Context, asker incident.PersonID, rooms []incident.LogID, f Filter, newestFirst bool, cursor string, limit int) (Timeline, error) {
	t := Timeline{Lines: []Line{}}
	places, err := readCursor(cursor)
	if err != nil {
		return t, err
	}
	var lanes []*lane
	for _, id := range rooms {
		room, m, err := d.Enter(ctx, policy.ReadDesk, id, asker)
		if err != nil {
			return t, err
		}
		l := &lane{d: d, room: room, asker: asker, filter: &f, desc: newestFirst, numbers: numbersOf(room, m, f.Person), carry: room.Opened.Time}
		if newestFirst {
			l.carry = room.Last.Time
		}
		if err := l.begin(ctx, places); err != nil {
			return t, err
		}
		lanes = append(lanes, l)
	}
	if limit <= 0 || limit > PageLimit {
		limit = PageLimit
	}
	for len(t.Lines) < limit {
		var best *lane
		for _, l := range lanes {
			for len(l.lines) == 0 && !l.done && t.Scanned < ScanLimit {
				n, err := l.fill(ctx)
				if err != nil {
					return t, err
				}
				t.Scanned += n
			}
			if len(l.lines) == 0 && !l.done {
				best = nil // what comes next is not known without looking further
				break
			}
			if len(l.lines) > 0 && (best == nil || l.before(best)) {
				best = l
			}
		}
		if best == nil {
			break
		}
		t.Lines = append(t.Lines, best.lines[0])
		best.lines = best.lines[1:]
	}
	t.Next = writeCursor(lanes)
	return t, nil
}

// numbersOf lists the numbers under which a person acts in a room, as far as
// the asker may know that it is them.
func numbersOf(room *incident.Room, asker *incident.Member, person incident.PersonID) []incident.MemberNo {
	var list []incident.MemberNo
	for _, of := range room.Members {
		if person != "" && of.Person == person && of.Number != 0 && policy.SeesMember(room, asker, of) == policy.Open {
			list = append(list, of.Number)
		}
	}
	return list
}

// lane is one room on its way into the timeline.
type lane struct {
	d       *Desk
	room    *incident.Room
	asker   incident.PersonID
	filter  *Filter
	desc    bool
	numbers []incident.MemberNo

	at    incident.Seq // up to here it has been looked at: the last number, in the direction it goes
	bound incident.Seq // and no further than this one, which is not among them
	carry time.Time    // of the last entry in sight: where what is not in sight stands
	lines []Line
	done  bool
}

// begin finds where the lane starts and ends: the numbers between two times of
// recording are found without looking at what is between.
func (l *lane) begin(ctx context.Context, places map[incident.LogID]incident.Seq) error {
	first, end := incident.Seq(1), incident.Seq(1<<62)
	if !l.filter.Happened {
		for _, b := range []struct {
			t    time.Time
			into *incident.Seq
		}{{l.filter.From, &first}, {l.filter.To, &end}} {
			if b.t.IsZero() {
				continue
			}
			n, err := l.d.j.RecordedBefore(ctx, l.room.ID, b.t)
			if err != nil {
				return err
			}
			*b.into = n + 1
		}
	}
	if l.desc {
		l.at, l.bound = end, first-1
	} else {
		l.at, l.bound = first-1, end
	}
	if at, ok := places[l.room.ID]; ok {
		l.at = at
	} else if len(places) > 0 {
		l.done = true // it was at its end
	}
	return nil
}

// fill looks at the next entries and returns how many.
func (l *lane) fill(ctx context.Context) (int, error) {
	q := journal.Query{After: l.at, Before: l.bound, Limit: fill}
	if l.desc {
		q = journal.Query{After: l.bound, Before: l.at, Limit: fill, Desc: true}
	}
	rows, err := l.d.j.Page(ctx, l.room.ID, l.asker, q)
	if err != nil {
		return 0, err
	}
	room, m, err := l.d.Enter(ctx, policy.ReadDesk, l.room.ID, l.asker) // by the room as it stands after the read
	if err != nil {
		return 0, err
	}
	for i := range rows {
		l.at = incident.Seq(rows[i].Entry.Seq)
		label := rows[i].Sight.TLP
		if rows[i].Sight.Kind.Standing() {
			label = "" // for the whole room, whatever it carries
		}
		l.take(policy.View(room, m, rows[i].Sight, rows[i].Entry), label)
	}
	l.done = len(rows) == 0 || len(rows) < fill
	return len(rows), nil
}

func (l *lane) take(seen policy.Seen, label incident.TLP) {
	e := seen.Head()
	if e == nil {
		if l.filter.any() {
			return
		}
		if n := len(l.lines); n > 0 && l.lines[n-1].Hidden() {
			last := &l.lines[n-1]
			last.From, last.To = min(last.From, seen.Seq()), max(last.To, seen.Seq())
			return
		}
		l.lines = append(l.lines, Line{Room: l.room.ID, From: seen.Seq(), To: seen.Seq(), at: l.carry})
		return
	}
	l.carry = e.Times.Recorded.Time
	if l.matches(e, label) {
		l.lines = append(l.lines, Line{Room: l.room.ID, From: seen.Seq(), To: seen.Seq(), Seen: seen, TLP: label, at: l.carry})
	}
}

func (l *lane) matches(e *incident.Event, label incident.TLP) bool {
	f := l.filter
	noun, _, _ := strings.Cut(string(e.Kind), ".")
	happened := e.Times.Happened().Time
	switch {
	case len(f.Nouns) > 0 && !slices.Contains(f.Nouns, noun),
		f.Person != "" && !slices.Contains(l.numbers, e.By.Member),
		f.Org != "" && e.By.Org != f.Org,
		f.TLP != "" && label != f.TLP,
		f.Happened && !f.From.IsZero() && happened.Before(f.From),
		f.Happened && !f.To.IsZero() && !happened.Before(f.To):
		return false
	}
	return true
}

// before reports whether the lane's next line comes before the other's.
func (l *lane) before(o *lane) bool {
	a, b := l.lines[0].at, o.lines[0].at
	if l.desc {
		return a.After(b)
	}
	return a.Before(b)
}

// place is where a later request goes on: behind the last line given.
func (l *lane) place() (at incident.Seq, more bool) {
	if len(l.lines) == 0 {
		return l.at, !l.done
	}
	if l.desc {
		return l.lines[0].To + 1, true
	}
	return l.lines[0].From - 1, true
}

func writeCursor(lanes []*lane) string {
	var parts []string
	for _, l := range lanes {
		if at, more := l.place(); more {
			parts = append(parts, cursorAt(l.room.ID, at))
		}
	}
	return strings.Join(parts, "~")
}

func cursorAt(room incident.LogID, at incident.Seq) string {
	return string(room) + "." + strconv.FormatUint(uint64(at), 10)
}

func readCursor(text string) (map[incident.LogID]incident.Seq, error) {
	places := map[incident.LogID]incident.Seq{}
	if text == "" {
		return places, nil
	}
	for _, part := range strings.Split(text, "~") {
		id, n, _ := strings.Cut(part, ".")
		at, err := strconv.ParseUint(n, 10, 62)
		if err != nil || !incident.LogID(id).Valid() {
			return nil, incident.BadField("cursor", "This is no place in the timeline. Begin again.")
		}
		places[incident.LogID(id)] = incident.Seq(at)
	}
	return places, nil
}

func lastOpenedFirst(rooms []*incident.Room) {
	slices.SortFunc(rooms, func(a, b *incident.Room) int { return cmp.Or(b.Opened.Compare(a.Opened.Time), cmp.Compare(a.ID, b.ID)) })
}
