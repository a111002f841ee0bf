package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// Go's collector runs whenever as much has been allocated as is alive. A server
// of which little is alive and to which much is said would run it dozens of
// times a second, and one that holds ten thousand connections marks all of them
// over and over for what is said in one room. So at least collectEvery bytes are
// allocated between two of its runs, and twice what is alive where that is more.
const (
	collectEvery = 32 << 20
	usualPercent = 100 // Go's own
	leastPercent = 200
	mostPercent  = 800 // Go allows 4 MiB times this before the first run
)

// percentFor is what GOGC must be so that collectEvery bytes, or twice as many as
// are alive, are allocated before the collector runs again.
func percentFor(alive uint64) int {
	if alive == 0 {
		return mostPercent
	}
	return int(min(max(100*collectEvery/alive, leastPercent), mostPercent))
}

// collector sets the collector's pace after each of its runs.
type collector struct {
	set    func(percent int) int
	now    int // percent
	ended  atomic.Bool
	sample [1]metrics.Sample
}

// paceCollector keeps the pace until it is told to stop. An operator who has
// set GOGC is left alone.
func paceCollector() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	c := &collector{set: debug.SetGCPercent, now: usualPercent}
	c.sample[0].Name = "/gc/heap/live:bytes"
	c.pace()
	return func() { c.ended.Store(true) }
}

// limitMemory has the collector run more often as the server comes near what it
// may use, until it is told to stop. A tenth is left for what Go does not count:
// stacks of the kernel, the program itself. An operator who has set GOMEMLIMIT is
// left alone.
func limitMemory(bytes int64) (stop func()) {
	if bytes <= 0 || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	was := debug.SetMemoryLimit(bytes / 10 * 9)
	return func() { debug.SetMemoryLimit(was) }
}

// lap is an object that nobody holds: its end is that of a run of the collector.
type lap struct{ _ *lap }

// pace sets what suits what is alive now, and waits for the next run.
func (c *collector) pace() {
	if c.ended.Load() {
		c.set(usualPercent)
		return
	}
	metrics.Read(c.sample[:])
	want := percentFor(c.sample[0].Value.Uint64())
	if d := want - c.now; 10*d > c.now || 10*d < -c.now { // setting it stops the world
		c.set(want)
		c.now = want
	}
	runtime.AddCleanup(new(lap), (*collector).pace, c)
}
