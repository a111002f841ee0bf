package incident

import (
	"fmt"
	"time"
)

func init() {
	std := KindInfo{Log: RoomLog, Standing: true, Root: true, Record: true, Timed: true}
	register[*CadenceSet](std)
	register[*CadenceKept](std)
	register[*CadenceMissed](std)
	register[*CadencePutOff](std)
	register[*CadenceSnoozed](std)
	timing(func(r *Room) (list []Timer) {
		for _, of := range Rhythms {
			if b := r.Beat(of); b.Every > 0 {
				list = append(list, Timer{TimerID(fmt.Sprintf("cadence/%s/%d", of, b.Due.UnixMilli())), At(b.Due.Add(b.Grace(of)))})
			}
		}
		return list
	})
}

// Rhythm is something that a room does again and again while it runs.
type Rhythm string

const (
	Meetings Rhythm = "meeting"
	Sitreps  Rhythm = "sitrep"
	Updates  Rhythm = "update" // to those whom the incident affects
)

// Rhythms lists them all.
var Rhythms = []Rhythm{Meetings, Sitreps, Updates}

// The bounds of an interval that leads set, in minutes, and how much time
// there is at least when a graver severity moves the next one.
const (
	LeastEvery = 15
	MostEvery  = 7 * 24 * 60
	ShortOf    = 10 * time.Minute
)

// demands are the minutes between two, by the NHS level: 1 to 4.
var demands = map[Rhythm][4]int{
	Meetings: {1440, 480, 240, 120},
	Sitreps:  {1440, 480, 240, 120},
	Updates:  {1440, 360, 180, 120},
}

// Demands is how many minutes a grade leaves between two of a rhythm; 0 for no
// grade of the scale. An NCSC category asks for what the level does at which
// the same people meet.
func (s Scale) Demands(of Rhythm, n int) int {
	if !s.Valid(n) {
		return 0
	}
	if s == NCSCCategory {
		n = [...]int{4, 3, 3, 2, 1, 1}[n-1]
	}
	return demands[of][n-1]
}

// CadenceSet sets other intervals than the severity asks for, in minutes; 0
// leaves one to the severity.
type CadenceSet struct {
	Meeting int    `json:"meeting,omitempty"`
	Reason  string `json:"reason"`
	Sitrep  int    `json:"sitrep,omitempty"`
	Update  int    `json:"update,omitempty"`
}

func (*CadenceSet) kind() Kind { return "cadence.set" }

// CadenceKept says that one took place, was filed or was given: what it said
// is the entry before it, which need not be for everyone.
type CadenceKept struct {
	What Rhythm `json:"what"`
}

func (*CadenceKept) kind() Kind { return "cadence.kept" }

// CadenceMissed is the house's: its time came, and there was none.
type CadenceMissed struct {
	Due  Instant `json:"due"`
	What Rhythm  `json:"what"`
}

func (*CadenceMissed) kind() Kind { return "cadence.missed" }

// CadencePutOff puts the next meeting off, once.
type CadencePutOff struct {
	Reason string  `json:"reason"`
	Until  Instant `json:"until"`
}

func (*CadencePutOff) kind() Kind { return "cadence.put_off" }

// CadenceSnoozed puts the next update off for a little.
type CadenceSnoozed struct {
	Until Instant `json:"until"`
}

func (*CadenceSnoozed) kind() Kind { return "cadence.snoozed" }

// Beat is where one rhythm stands. Its times are the database's, in exercises
// too.
type Beat struct {
	Every   int     `json:"every"`            // minutes; 0: it does not run
	From    Instant `json:"from,omitzero"`    // what the wait is counted from
	Due     Instant `json:"due,omitzero"`     // when the next is
	Kept    Instant `json:"kept,omitzero"`    // when the last was recorded
	Missed  Instant `json:"missed,omitzero"`  // when the first was due that was missed since
	Moved   Instant `json:"moved,omitzero"`   // when the next was brought forward
	PutOff  bool    `json:"putOff,omitempty"` // in this wait
	Snoozed int     `json:"snoozed,omitempty"`
}

// Grace is how long after its time one counts as missed. A meeting is written
// down when it is over.
func (b Beat) Grace(of Rhythm) time.Duration {
	if of != Meetings {
		return 0
	}
	return min(30*time.Minute, minutes(b.Every)/2)
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// Interval is what leads set for a rhythm, and what the severity asked for
// when they did: a graver one than that counts again.
type Interval struct {
	Minutes  int `json:"minutes"`  // 0: as the severity asks
	Demanded int `json:"demanded"` // 0: nothing
}

// CadenceSetting is what leads set, by rhythm.
type CadenceSetting struct {
	Seq       Seq                 `json:"seq"`
	Intervals map[Rhythm]Interval `json:"intervals"` // replaced, never changed
}

// Cadence is how often the room meets, reports and tells.
type Cadence struct {
	Beats map[Rhythm]Beat      `json:"beats"` // replaced, never changed
	Set   *CadenceSetting      `json:"set,omitempty"`
	Asked map[MemberNo]Instant `json:"asked,omitempty"` // who asked for an update within AskAgain, and when; replaced, never changed
}

// AskAgain is how long one person waits before they ask for an update again.
const AskAgain = 15 * time.Minute

// Beat is where a rhythm of the room stands. Of a nil room none runs.
func (r *Room) Beat(of Rhythm) Beat {
	if r == nil || r.Cadence == nil {
		return Beat{}
	}
	return r.Cadence.Beats[of]
}

// Demanded is how many minutes the severities that stand leave between two:
// the shorter counts. 0: no severity stands.
func (r *Room) Demanded(of Rhythm) (n int) {
	for _, scale := range Scales {
		if a := r.Operating(scale); a != nil {
			if m := scale.Demands(of, a.Grade.Counts(scale)); n == 0 || m < n {
				n = m
			}
		}
	}
	return n
}

// Every is how many minutes lie between two as the room stands; 0 for none:
// nobody meets in a side room, or after the stand-down.
func (r *Room) Every(of Rhythm) int {
	if r.Cell != nil || r.Lifecycle != Open && r.Lifecycle != Responding && r.Lifecycle != Recovering {
		return 0
	}
	n := r.Demanded(of)
	if r.Cadence == nil || r.Cadence.Set == nil {
		return n
	}
	set := r.Cadence.Set.Intervals[of]
	switch {
	case set.Minutes == 0:
		return n
	case n == 0 || set.Demanded != 0 && n >= set.Demanded:
		return set.Minutes
	}
	return min(n, set.Minutes)
}

// applyCadence folds what the room's rhythms are told, and moves them when what
// they rest on changed.
func (r *Room) applyCadence(e *Event) {
	switch e.Body.(type) {
	case *CadenceSet, *CadenceKept, *CadenceMissed, *CadencePutOff, *CadenceSnoozed, *UpdateRequested:
	case *SeverityAssessed, *SeverityReassessed, *SeverityLoweringAgreed, *RoomMoved, *RoomReopened:
		r.retime(e.Times.Recorded)
		return
	default:
		return
	}
	at := e.Times.Recorded
	var next Cadence
	if r.Cadence != nil {
		next = *r.Cadence
	}
	beats := map[Rhythm]Beat{}
	for of, b := range next.Beats {
		beats[of] = b
	}
	next.Beats = beats
	switch b := e.Body.(type) {
	case *CadenceSet:
		r.spend(e)
		next.Set = &CadenceSetting{e.Seq, map[Rhythm]Interval{Meetings: {b.Meeting, r.Demanded(Meetings)}, Sitreps: {b.Sitrep, r.Demanded(Sitreps)}, Updates: {b.Update, r.Demanded(Updates)}}}
	case *CadenceKept:
		beats[b.What] = beats[b.What].kept(at)
		if b.What == Updates {
			next.Asked = nil
		}
	case *CadenceMissed:
		beats[b.What] = beats[b.What].missed(b.Due, at)
	case *CadencePutOff:
		x := beats[Meetings]
		x.Due, x.PutOff = b.Until, true
		beats[Meetings] = x
	case *CadenceSnoozed:
		x := beats[Updates]
		x.Due, x.Snoozed = b.Until, x.Snoozed+1
		beats[Updates] = x
	case *UpdateRequested:
		asked := map[MemberNo]Instant{e.By.Member: at}
		for n, was := range next.Asked {
			if n != e.By.Member && at.Sub(was.Time) < AskAgain {
				asked[n] = was
			}
		}
		next.Asked = asked
	}
	r.Cadence = &next
	r.retime(at)
}

// kept begins the next wait. Near its time, one counts from that time, so
// meetings at two stay at even hours.
func (b Beat) kept(at Instant) Beat {
	next := Beat{Every: b.Every, Kept: at}
	if b.Every > 0 {
		next.From = at
		if near := at.Sub(b.Due.Time); near.Abs() <= minutes(b.Every)/4 {
			next.From = b.Due
		}
		next.Due = At(next.From.Add(minutes(b.Every)))
	}
	return next
}

// missed begins the next wait at the time that passed, or at the last of them
// where nobody was there to say so.
func (b Beat) missed(due, at Instant) Beat {
	if b.Every == 0 {
		return b
	}
	every := minutes(b.Every)
	b.From = At(due.Add(max(0, at.Sub(due.Time)) / every * every))
	b.Due, b.Moved, b.PutOff = At(b.From.Add(every)), Instant{}, false
	if b.Missed.IsZero() {
		b.Missed = due
	}
	return b
}

// paced moves the next to where another interval puts it: nearer at once, but
// never with less than ShortOf to go; or further off.
func (b Beat) paced(every int, at Instant) Beat {
	was := b.Every
	b.Every = every
	switch {
	case every == was:
	case every == 0:
		return Beat{Kept: b.Kept}
	case was == 0:
		b.From, b.Due = at, At(at.Add(minutes(every)))
	default:
		due := At(b.From.Add(minutes(every)))
		if every > was && due.After(b.Due.Time) {
			b.Due, b.Moved = due, Instant{}
		}
		if short := At(at.Add(ShortOf)); due.Before(short.Time) {
			due = short
		}
		if every < was && due.Before(b.Due.Time) {
			b.Due, b.Moved = due, at
		}
	}
	return b
}

// retime gives each rhythm the interval that the room asks for now.
func (r *Room) retime(at Instant) {
	beats, changed := map[Rhythm]Beat{}, false
	for _, of := range Rhythms {
		b := r.Beat(of)
		next := b.paced(r.Every(of), at)
		changed = changed || next != b
		beats[of] = next
	}
	if changed {
		next := Cadence{}
		if r.Cadence != nil {
			next = *r.Cadence
		}
		next.Beats = beats
		r.Cadence = &next
	}
}
