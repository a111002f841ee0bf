package journal

import "testing"

func TestALongSnapshotIsStoredLessOftenAndNeverTooSeldom(t *testing.T) {
	for bytes, want := range map[int]uint64{0: 1000, 60_000: 1000, 125_000: 1000, 500_000: 4000, 1_500_000: 12_000, 50_000_000: 32_000} {
		if got := stride(1000, bytes); got != want {
			t.Errorf("snapshots of %d bytes are %d entries apart, want %d", bytes, got, want)
		}
	}
}

// That another node stored one, of whose length nothing is known, does not make
// this one store more often.
func TestASnapshotOfUnknownLengthKeepsTheStride(t *testing.T) {
	var k keeper
	k.stands(1000, 1_500_000)
	k.stands(13_000, 0)
	if got := k.apart(1000); got != 12_000 {
		t.Errorf("snapshots are %d entries apart, want 12000", got)
	}
}
