package incident

import (
	"fmt"
	"slices"
	"time"
)

func init() {
	then := KindInfo{Log: RoomLog, Record: true, Timed: true}
	register[*ClockStarted](KindInfo{Log: RoomLog, Root: true, Record: true, Timed: true})
	register[*ClockHanded](then)
	register[*ClockCorrected](then)
	register[*ClockEvidenced](then)
	register[*ClockWithdrawn](then)
	register[*ClockReminded](then)
	register[*ClockChased](KindInfo{Log: RoomLog, Record: true})
	timing(func(r *Room) (list []Timer) {
		for _, c := range r.Statutory {
			if t, ok := c.Timer(); ok {
				list = append(list, t)
			}
		}
		return list
	})
}

// Statute is what a clock runs by: what somebody has to be told, and by when.
type Statute string

const (
	GDPR33        Statute = "gdpr_33"        // UK GDPR Article 33: the Information Commissioner, 72 hours, even if not all is known
	GDPR34        Statute = "gdpr_34"        // UK GDPR Article 34: the people concerned, without undue delay
	NIS           Statute = "nis"            // NIS Regulations 2018: the competent authority, without undue delay and in 72 hours at most
	NDGManagement Statute = "ndg_management" // National Data Guardian standard 6: senior management, 12 hours from detection
	NDGTold       Statute = "ndg_told"       // the National Data Guardian, at the same time as ministers
	Bill24        Statute = "bill_24"        // Cyber Security and Resilience Bill: initial notification, 24 hours
	Bill72        Statute = "bill_72"        // and the full one, 72 hours
)

// Statutes lists them all.
var Statutes = []Statute{GDPR33, GDPR34, NIS, NDGManagement, NDGTold, Bill24, Bill72}

// daily is how often people are reminded of what has no limit.
const (
	daily  = 24 * time.Hour
	dailys = 30
)

// Limit is how long there is from the time of awareness; ok is false where the
// law says without undue delay and no more.
func (s Statute) Limit() (d time.Duration, ok bool) {
	switch s {
	case GDPR33, NIS, Bill72:
		return 72 * time.Hour, true
	case Bill24:
		return 24 * time.Hour, true
	case NDGManagement:
		return 12 * time.Hour, true
	case NDGTold:
		return 0, true
	}
	return 0, false
}

// Due is when the limit is over; the zero Instant where there is none.
func (s Statute) Due(aware Instant) Instant {
	if d, ok := s.Limit(); ok {
		return At(aware.Add(d))
	}
	return Instant{}
}

// Reminders are when the house reminds of it, counted from the time of
// awareness. Where there is a limit, the last is when that has passed.
func (s Statute) Reminders() (list []time.Duration) {
	hours := func(of ...int) (list []time.Duration) {
		for _, h := range of {
			list = append(list, time.Duration(h)*time.Hour)
		}
		return list
	}
	switch s {
	case GDPR33, NIS, Bill72:
		return hours(48, 60, 70, 72)
	case Bill24:
		return hours(12, 20, 23, 24)
	case NDGManagement:
		return hours(8, 11, 12)
	case NDGTold: // due at once: whoever has not done it is told of it again
		return append([]time.Duration{30 * time.Minute}, hours(2, 24)...)
	case GDPR34:
		for n := range dailys {
			list = append(list, time.Duration(n+1)*daily)
		}
	}
	return list
}

// Regulator reports whether whoever is told gives a reference for it.
func (s Statute) Regulator() bool {
	return s == GDPR33 || s == NIS || s == Bill24 || s == Bill72
}

// ClockStarted says when an organisation became aware of what it has to tell
// somebody of. The organisation owns it. It runs by real time, in exercises
// too, and is never paused.
type ClockStarted struct {
	Aware   Instant  `json:"aware"`            // by real time
	Before  Seq      `json:"before,omitempty"` // its number in the section before, which it is carried from
	Due     Instant  `json:"due,omitzero"`     // when its limit is over, as it was then; absent where there is none
	Known   string   `json:"known,omitempty"`  // what is known, in short
	Org     OrgID    `json:"org"`              // that owes it
	Owner   MemberNo `json:"owner,omitempty"`  // who of theirs sees to it; 0: whoever speaks for them
	Start   Seq      `json:"start,omitempty"`  // the entry it begins with
	Statute Statute  `json:"statute"`
	Via     Via      `json:"via,omitempty"`
}

func (*ClockStarted) kind() Kind { return "clock.started" }

// ClockHanded gives it to another of the same organisation, who holds it at
// once.
type ClockHanded struct {
	Owner  MemberNo `json:"owner,omitempty"` // 0: whoever speaks for them
	Reason string   `json:"reason,omitempty"`
	Via    Via      `json:"via,omitempty"`
}

func (*ClockHanded) kind() Kind { return "clock.handed" }

// ClockCorrected moves the time of awareness. Both stay legible.
type ClockCorrected struct {
	Aware  Instant `json:"aware"`
	Due    Instant `json:"due,omitzero"`
	Reason string  `json:"reason"`
	Via    Via     `json:"via,omitempty"`
}

func (*ClockCorrected) kind() Kind { return "clock.corrected" }

// ClockEvidenced says that it was done, when, and how one can tell.
type ClockEvidenced struct {
	Done      Instant `json:"done"`                // by real time
	Late      int     `json:"late,omitempty"`      // minutes after it was due; 0: in time
	Note      string  `json:"note,omitempty"`      // how one can tell
	Reference string  `json:"reference,omitempty"` // that the regulator gave
	Via       Via     `json:"via,omitempty"`
}

func (*ClockEvidenced) kind() Kind { return "clock.evidenced" }

// ClockWithdrawn says that it need not be told, and why.
type ClockWithdrawn struct {
	Reason string `json:"reason"`
	Via    Via    `json:"via,omitempty"`
}

func (*ClockWithdrawn) kind() Kind { return "clock.withdrawn" }

// ClockReminded is the house's: a time to remind of it has come.
type ClockReminded struct {
	After   int  `json:"after"`             // minutes since the time of awareness
	Overdue bool `json:"overdue,omitempty"` // its limit has passed
	Step    int  `json:"step"`              // of its reminders, from 1
}

func (*ClockReminded) kind() Kind { return "clock.reminded" }

// ClockChased is a host's reminder.
type ClockChased struct {
	Text string `json:"text,omitempty"`
}

func (*ClockChased) kind() Kind { return "clock.chased" }

// StatutoryState is where a statutory clock stands.
type StatutoryState string

const (
	ClockIsRunning   StatutoryState = "running"
	ClockIsEvidenced StatutoryState = "evidenced"
	ClockIsWithdrawn StatutoryState = "withdrawn"
)

// StatutoryClock is the fold of one.
type StatutoryClock struct {
	Root     Seq            `json:"root"`
	Statute  Statute        `json:"statute"`
	State    StatutoryState `json:"state"`
	By       By             `json:"by"` // who started it
	Org      OrgID          `json:"org"`
	Owner    MemberNo       `json:"owner,omitempty"`
	Aware    Instant        `json:"aware"`
	Due      Instant        `json:"due,omitzero"`
	Dated    Seq            `json:"dated"`    // the entry that Aware stands in
	Reminded int            `json:"reminded"` // how many of its reminders have passed
	Overdue  bool           `json:"overdue,omitempty"`
	Settled  Seq            `json:"settled"` // the entry that last changed it
	Sight    Sight          `json:"sight"`
}

// Running reports whether it still has to be seen to.
func (c *StatutoryClock) Running() bool { return c.State == ClockIsRunning }

// Reminder is the one that comes next; ok is false for none. over says that
// the limit has passed by then.
func (c *StatutoryClock) Reminder() (after time.Duration, over, ok bool) {
	list := c.Statute.Reminders()
	if c.Reminded >= len(list) {
		return 0, false, false
	}
	limit, limited := c.Statute.Limit()
	after = list[c.Reminded]
	return after, limited && after >= limit, true
}

// Timer is the one it waits for; ok is false if it waits for none. One time of
// awareness has one run of reminders.
func (c *StatutoryClock) Timer() (t Timer, ok bool) {
	after, _, ok := c.Reminder()
	if !ok || !c.Running() || c.Aware.IsZero() {
		return t, false
	}
	return Timer{TimerID(fmt.Sprintf("clock/%d/%d/%d", c.Root, c.Dated, c.Reminded+1)), At(c.Aware.Add(after))}, true
}

// date sets the time of awareness. What would have been reminded of by then is
// not: but that a limit has passed is always said, once.
func (c *StatutoryClock) date(aware, due Instant, e *Event, said bool) {
	c.Aware, c.Due, c.Dated, c.Reminded = aware, due, e.Seq, 0
	list := c.Statute.Reminders()
	for c.Reminded < len(list) && !aware.Add(list[c.Reminded]).After(e.Times.Recorded.Time) {
		c.Reminded++
	}
	if _, limited := c.Statute.Limit(); limited && !said {
		c.Reminded = min(c.Reminded, len(list)-1)
	}
}

// applyStatutory folds an event of a clock; c is nil before its first.
func applyStatutory(c *StatutoryClock, e *Event) *StatutoryClock {
	var next StatutoryClock
	if c != nil {
		next = *c
	}
	switch b := e.Body.(type) {
	case *ClockStarted:
		next = StatutoryClock{Root: e.Root, Statute: b.Statute, State: ClockIsRunning, By: e.By, Org: b.Org, Owner: b.Owner, Sight: SightOf(e)}
		next.date(b.Aware, b.Due, e, b.Before != 0)
	case *ClockHanded:
		next.Owner = b.Owner
	case *ClockCorrected:
		next.date(b.Aware, b.Due, e, next.Overdue)
		next.Overdue = next.Overdue && next.Reminded == len(next.Statute.Reminders())
	case *ClockReminded:
		next.Reminded, next.Overdue = b.Step, next.Overdue || b.Overdue
		return &next
	case *ClockEvidenced:
		next.State = ClockIsEvidenced
	case *ClockWithdrawn:
		next.State = ClockIsWithdrawn
	default:
		next.Sight.Apply(e)
		return &next
	}
	next.Settled = e.Seq
	return &next
}

// StatutoryRoot returns the running clock that began at root; nil for none.
func (r *Room) StatutoryRoot(root Seq) *StatutoryClock {
	if i := slices.IndexFunc(r.Statutory, func(c *StatutoryClock) bool { return c.Root == root }); i >= 0 {
		return r.Statutory[i]
	}
	return nil
}

// applyStatutory keeps the clocks that run; ok is false for other events.
func (r *Room) applyStatutory(e *Event) (ok bool) {
	switch e.Body.(type) {
	case *ClockStarted:
		r.Statutory = append(slices.Clip(r.Statutory), applyStatutory(nil, e))
		return true
	case *ClockChased, *MinistersBriefed:
		return true
	case *ClockHanded, *ClockCorrected, *ClockReminded, *ClockEvidenced, *ClockWithdrawn:
		ok = true
	}
	i := slices.IndexFunc(r.Statutory, func(c *StatutoryClock) bool { return c.Root == e.Root })
	if i < 0 || !ok && e.Marking == nil {
		return ok
	}
	r.Statutory = slices.Clone(r.Statutory)
	next := applyStatutory(r.Statutory[i], e)
	if r.Statutory[i] = next; !next.Running() {
		r.Statutory = slices.Delete(r.Statutory, i, i+1)
	}
	return ok
}
