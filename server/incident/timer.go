package incident

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// TimerID names what is to happen when a time comes: the noun it is about, the
// object's root, and what else the noun tells its timers apart by, such as
// escalation/12/1. It means the same one thing for as long as the log lives.
type TimerID string

// Noun is the part before the first stroke.
func (id TimerID) Noun() string {
	noun, _, _ := strings.Cut(string(id), "/")
	return noun
}

// Root is the object the timer is about; 0 if it names none.
func (id TimerID) Root() Seq {
	parts := strings.Split(string(id), "/")
	if len(parts) < 2 {
		return 0
	}
	n, err := strconv.ParseUint(parts[1], 10, 62)
	if err != nil {
		return 0
	}
	return Seq(n)
}

// Timer is a time by which the house itself is to do something in a room, by
// the database's clock, in exercises too: people are asked, and people answer.
type Timer struct {
	ID  TimerID
	Due Instant
}

// clocks are what a room's timers come from: each noun that has any adds its
// own, in its file.
var clocks []func(*Room) []Timer

func timing(f func(*Room) []Timer) { clocks = append(clocks, f) }

// Timers lists what the room waits for, by id. It rests on the fold alone, so
// every node and every replay lists the same. In a closed room nothing is
// waited for.
func (r *Room) Timers() (list []Timer) {
	if r == nil || r.Lifecycle == Closed {
		return nil
	}
	for _, f := range clocks {
		list = append(list, f(r)...)
	}
	slices.SortFunc(list, func(a, b Timer) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
