package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// When says how a time stands to the moment that is asked about.
type When string

const (
	By    When = "by"    // before it
	About When = "about" // begun before it; that it had ended is not known
	After When = "after" // later
)

// Rules are the rules of sight by which an answer was made, or why it was not.
type Rules struct {
	Version int              // in force at the moment; 0: none was listed yet
	Since   incident.Instant // when it was listed; zero with 0
	Here    int              // the version that this server knows
}

// Apply reports whether the rules of then are the rules of now: else what
// somebody could see is not told.
func (r Rules) Apply() bool { return r.Version == r.Here }

// Known is what a person knew, as far as a machine can tell, of the room's
// entries up to a moment.
type Known struct {
	Member *incident.Member // as they were in the room then; nil: they were not
	At     incident.Seq     // the newest entry then; 0: there was none
	Moment time.Time        // the moment, really and not by an exercise's clock
	Rules  Rules
	State  *journal.Delivery // when they were last given the standing facts before the moment
	Facts  []Fact            // newest first
	Before incident.Seq      // go on with entries below this one; 0 at the end
}

// Fact is what is known of one entry, or of a run that the asker may not see:
// of that nothing.
type Fact struct {
	From, To incident.Seq
	Seen     policy.Seen // by the asker, now; of a run, the zero Seen
	Could    policy.Form // what they could see of it at the moment; Stub: nothing, or the rules are others
	Given    *Given      // nil: it was never delivered to them
	Opened   *Opened     // nil: they never opened it
	Taken    *Taken      // nil: neither they nor a machine of their organisation took it out
}

// Hidden reports whether it is a run of what the asker may not see.
func (f *Fact) Hidden() bool { return f.Seen.Form() == policy.Stub }

// Given is the first time that an entry reached the person in a form that
// tells anything of it.
type Given struct {
	Since, At time.Time // it was delivered between the two
	How       journal.How
	Form      policy.Form // Stub: not known, since the rules are others
	When      When
}

// Opened is the first time that the person opened a sealed entry.
type Opened struct {
	At   time.Time
	When When
}

// Taken is the first time that the person took an item out in a file, or that a
// machine of their organisation was given it. That the person looked at what the
// machine was given, nobody knows.
type Taken struct {
	Opened
	Feed string // what the machine is for; empty: they took it themselves
}

// Moment is asked about by time or by entry: at the end of the time in which
// the entry was the newest.
type Moment struct {
	Time  time.Time
	Entry incident.Seq // 0: by Time
}

// Known says what the member with the number knew at a moment: what they could
// see by the record, what had been delivered to them, what they had opened. The
// three are kept apart: none follows from another.
func (d *Desk) Known(ctx context.Context, asker incident.PersonID, id incident.LogID, of incident.MemberNo, at Moment, before incident.Seq, limit int) (k Known, err error) {
	room, m, err := d.Enter(ctx, policy.AskKnown, id, asker)
	if err != nil {
		return k, err
	}
	target := room.Numbered(of)
	if target == nil || policy.SeesMember(room, m, target) != policy.Open {
		return k, incident.Missing()
	}
	if k.At = at.Entry; k.At == 0 {
		if k.At, err = d.j.Last(ctx, id, at.Time); err != nil {
			return k, err
		}
		if k.At == 0 {
			k.Moment = at.Time
			return k, nil
		}
	}
	if k.At > room.Head {
		return k, incident.Missing()
	}
	past, done, err := d.past(ctx, id)
	if err != nil {
		return k, err
	}
	defer done()
	k.Moment = momentOf(at, k.At, past, room)
	sys, err := d.j.System(ctx)
	if err != nil {
		return k, err
	}
	listed, _ := sys.PolicyAt(incident.At(k.Moment))
	k.Rules = Rules{Version: listed.Version, Since: listed.Since, Here: policy.Version}
	if k.Rules.Apply() {
		k.Member = past.Member(target.Person, k.At)
	}
	if limit <= 0 || limit > PageLimit {
		limit = PageLimit
	}
	top := k.At
	if before != 0 {
		top = min(top, before-1)
	}
	if top < 1 {
		return k, nil
	}
	rows, err := d.j.Page(ctx, id, asker, journal.Query{Before: top + 1, Limit: limit, Desc: true})
	if err != nil {
		return k, err
	}
	if room, m, err = d.Enter(ctx, policy.AskKnown, id, asker); err != nil {
		return k, err
	}
	if len(rows) == 0 {
		return k, nil
	}
	bottom := incident.Seq(rows[len(rows)-1].Entry.Seq)
	got, err := d.j.Known(ctx, id, asker, numbersOf(room, m, target.Person), feedsOf(room, m, target.Org), bottom, top, k.Moment)
	if err != nil {
		return k, err
	}
	if len(got.State) > 0 {
		k.State = &got.State[0]
	}
	w := witness{past: past, person: target.Person, k: &k, got: got}
	for _, row := range rows {
		seen := policy.View(room, m, row.Sight, row.Entry)
		w.take(seen)
	}
	if bottom > 1 {
		k.Before = bottom
	}
	return k, nil
}

// momentOf is the moment in the time in which deliveries and access logs are
// written: an exercise's clock is none of theirs.
func momentOf(asked Moment, at incident.Seq, past *journal.Past, room *incident.Room) time.Time {
	if asked.Entry == 0 && room.Clock == nil {
		return asked.Time
	}
	if next, ok := past.Recorded(at + 1); ok {
		return next.Add(-time.Millisecond)
	}
	return time.Now()
}

// witness puts the facts together.
type witness struct {
	past   *journal.Past
	person incident.PersonID
	k      *Known
	got    journal.Known
}

func (w *witness) take(seen policy.Seen) {
	n := seen.Seq()
	if seen.Form() == policy.Stub {
		if i := len(w.k.Facts); i > 0 && w.k.Facts[i-1].Hidden() {
			w.k.Facts[i-1].From = n
			return
		}
		w.k.Facts = append(w.k.Facts, Fact{From: n, To: n})
		return
	}
	f := Fact{From: n, To: n, Seen: seen, Could: w.form(n, w.k.At)}
	for _, g := range w.got.Delivered {
		if g.First > n || g.Last < n || g.How == journal.Object && seen.Head().Root != g.First {
			continue
		}
		form := w.form(n, max(n, w.past.Head(g.Since)))
		if w.k.Rules.Apply() && form == policy.Stub {
			continue // it reached them as a number, without anything it says
		}
		f.Given = &Given{Since: g.Since, At: g.At, How: g.How, Form: form, When: when(g.Since, g.At, w.k.Moment)}
		break
	}
	for _, o := range w.got.Opened {
		if o.Entry == seen.Head().Root && n == o.Entry {
			f.Opened = &Opened{o.At, when(o.At, o.At, w.k.Moment)}
			break
		}
	}
	for _, o := range w.got.Taken {
		if o.Entry == seen.Head().Root && n == o.Entry {
			f.Taken = &Taken{Opened: Opened{o.At, when(o.At, o.At, w.k.Moment)}}
			if feed := w.past.Room.FeedRoot(o.Feed); feed != nil {
				f.Taken.Feed = feed.Name
			}
			break
		}
	}
	w.k.Facts = append(w.k.Facts, f)
}

// form is what the person could see of an entry when the log had come to as.
func (w *witness) form(n, as incident.Seq) policy.Form {
	if !w.k.Rules.Apply() {
		return policy.Stub
	}
	s, noter, ok := w.past.Sight(n, as)
	m := w.past.Member(w.person, as)
	switch {
	case !ok || m == nil:
		return policy.Stub
	case noter != 0:
		return policy.SeesNote(w.past.Room, m, s, noter)
	}
	return policy.Sees(w.past.Room, m, s)
}

// feedsOf lists the feeds of an organisation, as far as the asker may know.
func feedsOf(room *incident.Room, asker *incident.Member, org incident.OrgID) (list []incident.Seq) {
	for i := range room.Feeds {
		if f := &room.Feeds[i]; f.Org == org && policy.SeesFeed(room, asker, f) == policy.Open {
			list = append(list, f.Root)
		}
	}
	return list
}

func when(since, at, moment time.Time) When {
	switch {
	case !at.After(moment):
		return By
	case !since.After(moment):
		return About
	}
	return After
}

// pasts keeps a few rooms as they stood, and reads on where they ended: the
// first question costs the whole log, the next only what is new. Few are read
// at a time.
type pasts struct {
	runs chan struct{}
	mu   sync.Mutex
	kept []*kept // the last used one last
}

type kept struct {
	busy chan struct{} // holds a token while somebody reads or asks
	past *journal.Past
}

const pastsKept = 4

// past returns a room's past up to its head. The caller alone has it until done.
func (d *Desk) past(ctx context.Context, room incident.LogID) (p *journal.Past, done func(), err error) {
	k := d.pasts.of(room)
	away := incident.Refuse(incident.Unavailable, "Too many questions about the past are being answered. Try again in a moment.")
	select {
	case k.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, away
	}
	free := func() { <-k.busy }
	select {
	case d.pasts.runs <- struct{}{}:
	case <-ctx.Done():
		free()
		return nil, nil, away
	}
	err = d.j.Extend(ctx, k.past)
	<-d.pasts.runs
	if err != nil {
		free()
		return nil, nil, err
	}
	return k.past, free, nil
}

func (p *pasts) of(room incident.LogID) *kept {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.kept, func(k *kept) bool { return k.past.Room.ID == room })
	k := &kept{busy: make(chan struct{}, 1), past: journal.NewPast(room)}
	if i >= 0 {
		k = p.kept[i]
		p.kept = slices.Delete(p.kept, i, i+1)
	}
	p.kept = append(p.kept, k)
	if n := len(p.kept); n > pastsKept {
		p.kept = slices.Clone(p.kept[n-pastsKept:])
	}
	return k
}
