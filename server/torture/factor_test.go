package torture

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"wardroom/server/servertest"
)

func TestMain(m *testing.M) {
	if asChild() {
		return
	}
	servertest.Main(m)
}

// campaign reports whether a campaign is run, longer than what `make test` runs.
func campaign() bool {
	f, err := strconv.ParseFloat(os.Getenv("WARDROOM_TORTURE"), 64)
	return err == nil && f > 1
}

// times is the figure of `make test`, or what WARDROOM_TORTURE makes of it.
func times(t testing.TB, figure int) int {
	t.Helper()
	s := os.Getenv("WARDROOM_TORTURE")
	if s == "" {
		return figure
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f <= 0 {
		t.Fatalf("WARDROOM_TORTURE is %q; it is a factor, like 20 or 0.1", s)
	}
	return max(1, int(float64(figure)*f))
}

// figure is how many histories `make test` lives: many in a run of their own,
// and some under the race detector with all other tests.
func figure(raced, alone int) int {
	if underRace {
		return raced
	}
	return alone
}

// seed is the seed of a campaign: given, or fresh and printed when it fails.
func seed(t testing.TB) uint64 {
	t.Helper()
	n := uint64(os.Getpid())<<20 ^ uint64(len(t.Name()))
	if s := os.Getenv("WARDROOM_SEED"); s != "" {
		given, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("WARDROOM_SEED is %q; it is a number", s)
		}
		n = given
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to run it again: WARDROOM_SEED=%d", n)
		}
	})
	return n
}

// hands is how many histories are lived at a time: more than there are
// processors, since each waits for Postgres most of its time.
func hands() int { return 2 * max(2, runtime.GOMAXPROCS(0)) }
