// Package remains looks whether anything is left of what was begun and should
// have ended: goroutines, open descriptors, child processes. Every package
// that starts any calls Main from TestMain, which looks when all its tests are
// over.
package remains

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long what has been told to end may take to: a machine with
// much else to do is slow. Only what does not end makes anybody wait for it.
const patience = 30 * time.Second

// ignored are goroutines that may go on when all tests are over.
var ignored = []goleak.Option{
	// There are none: what a package starts, it ends.
}

// Main runs the tests of a package, then end, which ends what they shared, and
// then looks. What is left fails a run whose tests all passed.
func Main(m *testing.M, end ...func()) { os.Exit(Run(m, end...)) }

// Run is Main for a TestMain that has more to do: it returns the exit code.
func Run(m *testing.M, end ...func()) int {
	before := descriptors()
	code := m.Run()
	for _, f := range end {
		f()
	}
	if code != 0 {
		return code // a test that failed may well have left something
	}
	if left := lookFor(before, patience); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "FAIL: the tests are over, and %s\n", strings.Join(left, "\n"))
		return 1
	}
	return 0
}

// lookFor says what is left after so long, in sentences; nothing if nothing is.
func lookFor(before map[string]string, long time.Duration) (left []string) {
	limit := time.Now().Add(long)
	for {
		left = nil
		// Connections that the standard client keeps for later are the tests'
		// own: what they were a client of has ended.
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		if err := goleak.Find(ignored...); err != nil {
			left = append(left, fmt.Sprintf("goroutines go on: %v", err))
		}
		if open := opened(before, descriptors()); len(open) > 0 {
			left = append(left, fmt.Sprintf("descriptors are open: %s", strings.Join(open, ", ")))
		}
		if c := children(); len(c) > 0 {
			left = append(left, fmt.Sprintf("processes run: %s", strings.Join(c, ", ")))
		}
		if len(left) == 0 || time.Now().After(limit) {
			return left
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Count is how many there are at a moment.
type Count struct{ Goroutines, Descriptors int }

// Now counts. Idle connections of the standard client count too, so they are
// closed first.
func Now() Count {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	return Count{runtime.NumGoroutine(), len(descriptors())}
}

// NoMoreThan waits until there are no more than there were, and fails the test
// with what there is if that does not happen.
func NoMoreThan(t testing.TB, before Count) {
	t.Helper()
	noMoreThan(t, before, patience)
}

func noMoreThan(t testing.TB, before Count, long time.Duration) {
	t.Helper()
	known := descriptors()
	var now Count
	for limit := time.Now().Add(long); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if now = Now(); now.Goroutines <= before.Goroutines && now.Descriptors <= before.Descriptors {
			return
		}
		known = descriptors()
	}
	var stacks strings.Builder
	pprof.Lookup("goroutine").WriteTo(&stacks, 1)
	t.Errorf("there were %d goroutines and %d descriptors, and there are %d and %d: %s\n%s", before.Goroutines, before.Descriptors,
		now.Goroutines, now.Descriptors, strings.Join(slices.Sorted(maps.Values(known)), ", "), stacks.String())
}

// descriptors are the open ones, each with what it is; none where the machine
// does not tell (only Linux does, in proc(5)).
func descriptors() map[string]string {
	found := map[string]string{}
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return found
	}
	for _, n := range names {
		what, err := os.Readlink(filepath.Join("/proc/self/fd", n.Name()))
		switch {
		case err != nil: // the one that the folder was read by
		case what == "anon_inode:[eventpoll]", what == "anon_inode:[eventfd]": // the runtime's own, made on first use and kept
		default:
			found[n.Name()] = what
		}
	}
	return found
}

// opened are those that were not there before, in words.
func opened(before, now map[string]string) (list []string) {
	for n, what := range now {
		if before[n] != what {
			list = append(list, n+" is "+what)
		}
	}
	slices.Sort(list)
	return list
}

// children are the processes this one started and has not waited for, by
// number and name: zombies count.
func children() (list []string) {
	threads, _ := filepath.Glob("/proc/self/task/*/children")
	for _, path := range threads {
		ids, _ := os.ReadFile(path)
		for id := range strings.FieldsSeq(string(ids)) {
			name, _ := os.ReadFile(filepath.Join("/proc", id, "comm"))
			list = append(list, id+" "+strings.TrimSpace(string(name)))
		}
	}
	return list
}
