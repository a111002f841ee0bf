package remains

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

// Each thing that can be left is left for a while, and seen; ended, nothing is
// said of it.
func TestWhateverIsLeftIsSeen(t *testing.T) {
	for what, begin := range map[string]func(t *testing.T) (end func()){
		"goroutines go on": func(*testing.T) func() {
			stop, over := make(chan struct{}), make(chan struct{})
			go func() { <-stop; close(over) }()
			return func() { close(stop); <-over }
		},
		"descriptors are open": func(t *testing.T) func() {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			return func() { f.Close() }
		},
		"is socket:": func(t *testing.T) func() {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			return func() { l.Close() }
		},
		"processes run": func(t *testing.T) func() {
			c := exec.Command("sleep", "600")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			return func() { c.Process.Kill(); c.Wait() }
		},
	} {
		t.Run(what, func(t *testing.T) {
			before := descriptors()
			end := begin(t)
			said := strings.Join(lookFor(before, 0), "\n")
			if !strings.Contains(said, what) {
				t.Errorf("it is left, and all that is said is %q", said)
			}
			end()
			if said := lookFor(before, patience); len(said) > 0 {
				t.Errorf("it has ended, and yet %s", said)
			}
		})
	}
}

func TestACountThatGrewAndDoesNotShrinkFailsTheTest(t *testing.T) {
	before := Now()
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	heard := &deaf{TB: t}
	noMoreThan(heard, before, 50*time.Millisecond)
	if !heard.failed {
		t.Error("a descriptor more, and nothing was said")
	}
	f.Close()
	NoMoreThan(t, before)
}

// deaf is a test that is told of a failure and does not fail.
type deaf struct {
	testing.TB
	failed bool
}

func (d *deaf) Errorf(string, ...any) { d.failed = true }
