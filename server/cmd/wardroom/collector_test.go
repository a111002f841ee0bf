package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestTheCollectorWaitsForItsShareAndNeverForMoreThanTwiceWhatIsAlive(t *testing.T) {
	for _, c := range []struct {
		alive uint64
		want  int
	}{{0, 800}, {1 << 20, 800}, {4 << 20, 800}, {8 << 20, 400}, {12 << 20, 266}, {16 << 20, 200}, {17 << 20, 200}, {1 << 40, 200}} {
		if got := percentFor(c.alive); got != c.want {
			t.Errorf("%d bytes alive: %d %%, want %d %%", c.alive, got, c.want)
		}
	}
}

func TestThePaceFollowsWhatIsAliveAndEndsWithTheServer(t *testing.T) {
	t.Setenv("GOGC", "") // or the test says nothing
	before := debug.SetGCPercent(usualPercent)
	defer debug.SetGCPercent(before)
	// percent waits, by runs of the collector, until the pace is as wanted.
	percent := func(wanted func(int) bool) (now int) {
		for range 200 {
			runtime.GC()
			runtime.Gosched()
			now = debug.SetGCPercent(usualPercent)
			debug.SetGCPercent(now)
			if wanted(now) {
				return now
			}
		}
		return now
	}
	stop := paceCollector()
	if p := percent(func(p int) bool { return p > leastPercent }); p <= leastPercent {
		t.Errorf("with little alive: %d %%", p)
	}
	much := make([]byte, 2*collectEvery)
	if p := percent(func(p int) bool { return p == leastPercent }); p != leastPercent {
		t.Errorf("with %d bytes alive: %d %%", len(much), p)
	}
	runtime.KeepAlive(much)
	if p := percent(func(p int) bool { return p > leastPercent }); p <= leastPercent {
		t.Errorf("with little alive again: %d %%", p)
	}
	stop()
	if p := percent(func(p int) bool { return p == usualPercent }); p != usualPercent {
		t.Errorf("after the end: %d %%", p)
	}
}

func TestAnOperatorsOwnSettingStands(t *testing.T) {
	t.Setenv("GOGC", "50")
	before := debug.SetGCPercent(50)
	defer debug.SetGCPercent(before)
	defer paceCollector()()
	runtime.GC()
	if now := debug.SetGCPercent(50); now != 50 {
		t.Errorf("%d %%", now)
	}
}
