package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// Lack is what is missing in the record, or overdue, or no longer stands.
type Lack string

const (
	NoRationale  Lack = "decision-no-rationale"
	NoOptions    Lack = "decision-no-options"
	NoReview     Lack = "decision-no-review" // no time to look at it again
	NotTaken     Lack = "decision-not-taken"
	NotConfirmed Lack = "decision-not-confirmed" // its maker has not said that it is what they decided
	IsDisputed   Lack = "decision-disputed"
	ReviewLate   Lack = "decision-review-overdue"
	RestsOnGone  Lack = "decision-rests-on" // on entries that do not stand as they did
	NotAccepted  Lack = "action-not-accepted"
	IsDeclined   Lack = "action-declined"
	NoDue        Lack = "action-no-due"
	ActionLate   Lack = "action-overdue"
	NotAgreed    Lack = "book-not-agreed" // how decisions are signalled was not confirmed
	NoLabelled   Lack = "not-judged"      // sealed: nothing of it can be judged here
	NoRole       Lack = "role-unfilled"
	NoHost       Lack = "host-absent"
	NoSeverity   Lack = "severity-not-assessed"
	NoBrief      Lack = "brief-not-set"
)

// Changed says what became of an entry that a decision rests on.
type Changed string

const (
	WasWithheld   Changed = "withheld"
	WasCorrected  Changed = "corrected"
	WasSuperseded Changed = "superseded"
	WasReversed   Changed = "reversed"
	WasDisputed   Changed = "disputed"
	WasWithdrawn  Changed = "withdrawn"
	WasRecalled   Changed = "recalled" // by its originator: the decision itself says so to all who read it
	NotYours      Changed = "hidden"   // the asker may not see it, or no longer may: nothing is said of why
)

// Rested is one entry that a decision rests on and that does not stand as it
// did.
type Rested struct {
	Entry   incident.Seq
	Changed Changed
}

// Gap is one thing that is missing in a room's record.
type Gap struct {
	Lack Lack
	Root incident.Seq // the object; 0: the room itself
	Due  incident.Instant
	On   []Rested
	Role incident.Role
	Org  incident.OrgID
}

// Gaps are what is missing in one room, as far as the asker may see it.
type Gaps struct {
	Gaps    []Gap
	Entries []policy.Seen // everything about the objects that the gaps name
	More    bool          // there are older objects that were not looked at
}

// maxObjects is how many objects of a noun one request judges, the newest.
const maxObjects = 1000

// Gaps lists what is missing or overdue in a room's record by the room's clock,
// and which decisions rest on what no longer stands.
func (d *Desk) Gaps(ctx context.Context, asker incident.PersonID, id incident.LogID) (g Gaps, err error) {
	room, m, err := d.Enter(ctx, policy.ReadDesk, id, asker)
	if err != nil {
		return g, err
	}
	var roots []incident.Seq
	for _, noun := range []journal.Noun{"decision", "action", "book"} {
		list, more, err := d.j.Board(ctx, room, m, journal.Board{Noun: noun, Limit: maxObjects})
		if err != nil {
			return g, err
		}
		roots, g.More = append(roots, list...), g.More || more
	}
	room, _, objects, err := d.read(ctx, id, asker, roots)
	if err != nil {
		return g, err
	}
	var relied []incident.Seq
	for _, list := range objects {
		for _, seen := range list {
			if e := seen.Event(); e != nil {
				relied = append(relied, reliedOn(e)...)
			}
		}
	}
	slices.Sort(relied)
	relied = slices.Compact(relied)
	rested, err := d.rested(ctx, id, asker, relied)
	if err != nil {
		return g, err
	}
	now := time.Now()
	if room.Clock != nil {
		now = room.Clock.Now(now).Time
	}
	g.Gaps = ofRoom(room)
	for _, root := range roots {
		list := objects[root]
		if len(list) == 0 {
			continue // hidden meanwhile
		}
		gaps := ofObject(list, rested, now)
		g.Gaps = append(g.Gaps, gaps...)
		if len(gaps) > 0 {
			g.Entries = append(g.Entries, list...)
		}
	}
	slices.SortStableFunc(g.Gaps, func(a, b Gap) int { return cmp.Compare(a.Root, b.Root) })
	return g, nil
}

// ofRoom lists the roles that nobody holds, and the standing facts nobody gave.
func ofRoom(room *incident.Room) (gaps []Gap) {
	held, here := map[incident.Role]bool{}, map[incident.OrgID]bool{}
	for _, m := range room.Members {
		if m.Present() {
			held[m.Role], here[m.Org] = true, true
		}
	}
	for _, role := range []incident.Role{incident.Lead, incident.Deputy, incident.Loggist, incident.Comms, incident.Auditor} {
		if !held[role] {
			gaps = append(gaps, Gap{Lack: NoRole, Role: role})
		}
	}
	for _, org := range room.Hosts {
		if !here[org] {
			gaps = append(gaps, Gap{Lack: NoHost, Org: org})
		}
	}
	if !slices.ContainsFunc(room.Assessments, func(a *incident.Assessment) bool { return !a.Ended }) {
		gaps = append(gaps, Gap{Lack: NoSeverity})
	}
	if room.Brief == nil {
		gaps = append(gaps, Gap{Lack: NoBrief})
	}
	return gaps
}

// ofObject lists what one object lacks.
func ofObject(list []policy.Seen, rested map[incident.Seq][]policy.Seen, now time.Time) (gaps []Gap) {
	root := list[0].Seq()
	add := func(l Lack) { gaps = append(gaps, Gap{Lack: l, Root: root}) }
	o := fold(list)
	switch {
	case o == nil:
		add(NoLabelled)
	case o.Decision != nil:
		said, rationale, on := deliberated(list)
		if rationale == "" {
			add(NoRationale)
		}
		if len(said.Options) == 0 {
			add(NoOptions)
		}
		switch o.Decision.State {
		case incident.DecisionIsProposed:
			add(NotTaken)
		case incident.DecisionIsTaken:
			add(NotConfirmed)
		case incident.DecisionIsDisputed:
			add(IsDisputed)
		}
		if o.Decision.Standing() {
			switch due := o.Decision.Review; {
			case due.IsZero() && o.Decision.Reviewed == 0:
				add(NoReview)
			case !due.IsZero() && due.Before(now):
				gaps = append(gaps, Gap{Lack: ReviewLate, Root: root, Due: due})
			}
			var gone []Rested
			shaken := recalledUnder(list)
			for _, r := range on {
				if c := changed(rested[r.entry], r.at); c != "" && !slices.Contains(shaken, r.entry) {
					gone = append(gone, Rested{r.entry, c})
				}
			}
			for _, n := range shaken {
				gone = append(gone, Rested{n, WasRecalled})
			}
			slices.SortStableFunc(gone, func(a, b Rested) int { return cmp.Compare(a.Entry, b.Entry) })
			if len(gone) > 0 {
				gaps = append(gaps, Gap{Lack: RestsOnGone, Root: root, On: gone})
			}
		}
	case o.Action != nil:
		switch o.Action.State {
		case incident.ActionIsRaised:
			add(NotAccepted)
		case incident.ActionIsDeclined:
			add(IsDeclined)
		}
		if o.Action.Unfinished() {
			switch due := o.Action.Due; {
			case due.IsZero():
				add(NoDue)
			case due.Before(now):
				gaps = append(gaps, Gap{Lack: ActionLate, Root: root, Due: due})
			}
		}
	case o.Kind == "book.opened":
		if !slices.ContainsFunc(list, func(s policy.Seen) bool { return s.Head().Kind == "book.agreed" }) {
			add(NotAgreed)
		}
	}
	return gaps
}

// recalledUnder lists the entries that the decision says were recalled after
// it, ascending.
func recalledUnder(list []policy.Seen) (entries []incident.Seq) {
	for _, seen := range list {
		if e := seen.Event(); e != nil {
			if b, ok := e.Body.(*incident.DecisionShaken); ok {
				entries = append(entries, b.Entry)
			}
		}
	}
	slices.Sort(entries)
	return slices.Compact(entries)
}

// reliance says that an entry was named as relied on by another.
type reliance struct{ entry, at incident.Seq }

// deliberated puts together what was said of a decision, in whichever entry,
// and what it rests on, by when that was first said.
func deliberated(list []policy.Seen) (said incident.Deliberation, rationale string, on []reliance) {
	for _, seen := range list {
		e := seen.Event()
		var d incident.Deliberation
		switch b := e.Body.(type) {
		case *incident.DecisionProposed:
			d, rationale = b.Deliberation, b.Rationale
		case *incident.DecisionRecorded:
			d, rationale = b.Deliberation, b.Verdict.Rationale
		case *incident.DecisionTaken:
			d, rationale = b.Deliberation, b.Verdict.Rationale
		case *incident.DecisionAdded:
			d = b.Deliberation
		default:
			continue
		}
		said.Options = append(said.Options, d.Options...)
		for _, n := range d.Relied {
			if !slices.ContainsFunc(on, func(r reliance) bool { return r.entry == n }) {
				on = append(on, reliance{n, e.Seq})
			}
		}
	}
	return said, rationale, on
}

// rested reads the objects of entries that are relied on, by the entry; none of
// what the asker may not see.
func (d *Desk) rested(ctx context.Context, room incident.LogID, asker incident.PersonID, entries []incident.Seq) (map[incident.Seq][]policy.Seen, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	rootOf := map[incident.Seq]incident.Seq{}
	var roots []incident.Seq
	for _, n := range entries { // mostly roots; a page each finds the others' too
		rows, err := d.j.Page(ctx, room, asker, journal.Query{After: n - 1, Before: n + 1, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(rows) == 1 && rows[0].Sight.Root != 0 {
			rootOf[n] = rows[0].Sight.Root
			roots = append(roots, rows[0].Sight.Root)
		}
	}
	slices.Sort(roots)
	_, _, objects, err := d.read(ctx, room, asker, slices.Compact(roots))
	if err != nil {
		return nil, err
	}
	all := map[incident.Seq][]policy.Seen{}
	for _, n := range entries {
		all[n] = objects[rootOf[n]]
	}
	return all, nil
}

// changed says what became of an object after the entry that relied on it; ""
// if it stands as it did.
func changed(list []policy.Seen, n incident.Seq) (c Changed) {
	if len(list) == 0 {
		return NotYours
	}
	for _, seen := range list {
		head := seen.Head()
		if head.Seq <= n {
			continue
		}
		switch head.Kind {
		case "audience.withheld":
			c = WasWithheld
		case "audience.restored":
			c = ""
		case "message.corrected", "logentry.corrected", "report.updated", "item.corrected", "sitrep.corrected":
			c = WasCorrected
		case "entry.recalled":
			return WasRecalled
		case "decision.superseded":
			return WasSuperseded
		case "decision.reversed":
			return WasReversed
		case "decision.disputed":
			c = WasDisputed
		case "decision.confirmed":
			if c == WasDisputed {
				c = ""
			}
		case "action.withdrawn":
			return WasWithdrawn
		}
	}
	return c
}
