package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"wardroom/server/incident"
)

func erasure(n int) Erasure {
	return Erasure{Log: "room", Origin: "host/wardroom/1/room/room", Entry: incident.Seq(n), Slots: []int{4, 5}, Event: incident.Seq(n + 10), Leaf: "ab", Ask: 3,
		Ground: incident.GroundCourtOrder, Base: uint64(n + 9)}
}

func open(t *testing.T, path string) *File {
	t.Helper()
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasWrittenIsReadAgainWithTheStepItCameTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := open(t, path)
	must(t, l.Intend([]Erasure{erasure(1), erasure(2)}))
	must(t, l.Done([]Erasure{erasure(1)}))
	must(t, l.Void([]Erasure{erasure(2)}))
	must(t, l.Intend([]Erasure{erasure(3)}))
	must(t, l.Done([]Erasure{erasure(4)}))
	want := []Entry{{erasure(1), Done}, {erasure(2), Void}, {erasure(3), Intend}, {erasure(4), Done}}
	if got := l.Entries(); !reflect.DeepEqual(got, want) {
		t.Fatalf("it says %+v", got)
	}
	must(t, l.Close())
	if got := open(t, path).Entries(); !reflect.DeepEqual(got, want) {
		t.Fatalf("read again it says %+v", got)
	}
}

func TestALineCutShortAtAnyByteIsNoLineAndTheNextIsWrittenAfterTheLastWholeOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := open(t, path)
	must(t, l.Intend([]Erasure{erasure(1)}))
	whole, err := os.ReadFile(path)
	must(t, err)
	must(t, l.Done([]Erasure{erasure(1)}))
	must(t, l.Close())
	both, err := os.ReadFile(path)
	must(t, err)
	for n := len(whole); n < len(both); n++ {
		must(t, os.WriteFile(path, both[:n], 0o600))
		l := open(t, path)
		if got := l.Entries(); len(got) != 1 || got[0].Did != Intend {
			t.Fatalf("cut at %d it says %+v", n, got)
		}
		must(t, l.Void([]Erasure{erasure(1)}))
		must(t, l.Close())
		l = open(t, path)
		if got := l.Entries(); len(got) != 1 || got[0].Did != Void {
			t.Fatalf("cut at %d and written to it says %+v", n, got)
		}
		must(t, l.Close())
	}
}

func TestALedgerThatWasChangedIsRefusedAndTheLineNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := open(t, path)
	must(t, l.Done([]Erasure{erasure(1), erasure(2)}))
	must(t, l.Close())
	b, err := os.ReadFile(path)
	must(t, err)
	for i := range b {
		changed := append([]byte{}, b...)
		changed[i] ^= 1
		must(t, os.WriteFile(path, changed, 0o600))
		l, err := Open(path)
		if i == len(b)-1 { // the last line has no end: as if it was cut short
			must(t, err)
			must(t, l.Close())
			continue
		}
		if !errors.Is(err, ErrDamaged) {
			t.Fatalf("with byte %d changed: %v", i, err)
		}
	}
}

func TestTwoServersDoNotShareALedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := open(t, path)
	if _, err := Open(path); err == nil {
		t.Fatal("it was opened twice")
	}
	must(t, l.Close())
	must(t, open(t, path).Close())
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("its mode is %v (%v)", info.Mode(), err)
	}
}

func TestWhatCannotBeWrittenIsSaidAndNothingMoreIsTaken(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger"))
	l.f.Close() // as a disk that is gone
	if err := l.Intend([]Erasure{erasure(1)}); err == nil {
		t.Fatal("it said that it was written")
	}
	if err := l.Intend([]Erasure{erasure(2)}); err == nil || len(l.Entries()) != 0 {
		t.Fatal("it went on")
	}
}
