package exercise

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	played = time.Date(2017, 5, 12, 16, 10, 0, 0, bst)
	today  = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
)

func mustContinue(t interface{ Fatal(...any) }, c Clock, now time.Time, factor int) Clock {
	c, err := c.Continue(now, factor)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAStoppedClockStands(t *testing.T) {
	c := Stopped(played)
	if c.Running() || !c.At(today).Equal(played) || !c.At(today.AddDate(1, 0, 0)).Equal(played) {
		t.Error("it moves")
	}
	if _, ever := c.Until(played.Add(1), today); ever {
		t.Error("it reaches a later instant")
	}
	if wait, ever := c.Until(played, today); wait != 0 || !ever {
		t.Error("it has not reached where it stands")
	}
	if c.Pause(today) != c {
		t.Error("pausing it changes it")
	}
}

func TestContinueAtSixtyPlaysAnHourInAMinute(t *testing.T) {
	c := mustContinue(t, Stopped(played), today, 60)
	if got := c.At(today.Add(time.Minute)); !got.Equal(played.Add(time.Hour)) {
		t.Errorf("after a minute it is %s", got)
	}
	if wait, ever := c.Until(played.Add(4*time.Minute), today); wait != 4*time.Second || !ever {
		t.Errorf("the 16:14 message is %s away", wait)
	}
	c = c.Pause(today.Add(time.Minute))
	if got := c.At(today.Add(time.Hour)); !got.Equal(played.Add(time.Hour)) {
		t.Errorf("paused at 17:10 it is %s", got)
	}
	if got := c.At(today.Add(time.Second)); !got.Equal(played.Add(time.Minute)) {
		t.Errorf("asked about a moment before the pause it says %s", got)
	}
}

func TestAClockDoesNotRunBeforeItBegins(t *testing.T) {
	c := mustContinue(t, Stopped(played), today, 60)
	if got := c.At(today.Add(-time.Hour)); !got.Equal(played) {
		t.Errorf("an hour before, it is %s", got)
	}
	wait, ever := c.Until(played.Add(time.Minute), today.Add(-time.Hour))
	if wait != time.Hour+time.Second || !ever {
		t.Errorf("waits %s", wait)
	}
}

func TestAFactorOutOfBoundsIsRefusedAndTheClockUnchanged(t *testing.T) {
	before := mustContinue(t, Stopped(played), today, 60)
	for _, factor := range []int{-1, 0, MaxFactor + 1, math.MaxInt} {
		if c, err := before.Continue(today, factor); err == nil || c != before {
			t.Errorf("factor %d: %v, %v", factor, c, err)
		}
	}
}

func TestALongForgottenClockDoesNotWrapAround(t *testing.T) {
	c := mustContinue(t, Stopped(played), today, MaxFactor)
	if got := c.At(today.AddDate(250, 0, 0)); got.Before(played.AddDate(280, 0, 0)) {
		t.Errorf("after 250 years it is %s", got)
	}
}

// TestAnyHistoryOfAClock draws pauses and continuations and holds the clock to
// its promises at every step.
func TestAnyHistoryOfAClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := Stopped(played), today
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			stood := c.At(now)
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "passes")))
			at := c.At(now)
			if at.Before(stood) || !c.Running() && !at.Equal(stood) {
				t.Fatalf("it went from %s to %s", stood, at)
			}
			switch rapid.IntRange(0, 2).Draw(t, "do") {
			case 0:
				c = c.Pause(now)
				if c.Running() {
					t.Fatal("a paused clock runs")
				}
			case 1:
				c = mustContinue(t, c, now, rapid.IntRange(1, MaxFactor).Draw(t, "factor"))
				if !c.Running() {
					t.Fatal("a continued clock stands")
				}
			}
			if jumped := c.At(now); !jumped.Equal(at) {
				t.Fatalf("it jumped from %s to %s", at, jumped)
			}
			target := at.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(200*time.Hour)).Draw(t, "target")))
			wait, ever := c.Until(target, now)
			switch {
			case !ever && (c.Running() || !target.After(at)):
				t.Fatalf("it says that it never reaches %s", target)
			case ever && c.At(now.Add(wait)).Before(target):
				t.Fatalf("after %s it has not reached %s", wait, target)
			case ever && wait > 0 && !c.At(now.Add(wait-1)).Before(target):
				t.Fatalf("%s is longer than it takes to reach %s", wait, target)
			}
		}
	})
}
