package scratch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// What a run that was broken off left is removed; what belongs to a process that
// runs, is young, or is another's by its name, stays.
func TestWhatRunsThatWereBrokenOffLeftIsRemoved(t *testing.T) {
	in := t.TempDir()
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	gone, here := ended.Process.Pid, os.Getpid()
	hours := time.Now().Add(-3 * time.Hour)
	for name, c := range map[string]struct {
		at    time.Time
		stays bool
	}{
		fmt.Sprintf("wardroom-a-test-%d-123", gone): {hours, false},
		fmt.Sprintf("wardroom-young-%d-123", gone):  {time.Now(), true},
		fmt.Sprintf("wardroom-runs-%d-123", here):   {hours, true},
		fmt.Sprintf("somebody-elses-%d-123", gone):  {hours, true},
		"wardroom-without-a-number":                 {hours, true},
	} {
		dir := filepath.Join(in, name)
		if err := os.MkdirAll(filepath.Join(dir, "pg"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, c.at, c.at); err != nil {
			t.Fatal(err)
		}
		sweep(in)
		if _, err := os.Stat(dir); (err == nil) != c.stays {
			t.Errorf("%s: there is now %v, want it to stay: %v", name, err, c.stays)
		}
	}
}

// A folder may be passed through by everybody, and is found again by its name.
func TestAFolderIsPassedThroughAndNotRead(t *testing.T) {
	dir, err := Dir("the-test")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o711 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if !named.MatchString(filepath.Base(dir)) {
		t.Errorf("%s is not known for what it is", dir)
	}
	if roomy("/there/is/no/such/place", 1) || roomy("/tmp", 1<<62) {
		t.Error("there is room where there is none")
	}
}
