package journal

import "testing"

func TestASnapshotIsStoredTheLessOftenTheLongerItIs(t *testing.T) {
	count := func(bytes int) (n int) {
		for size := uint64(0); size < 100_000; size += 7 { // in groups
			if foldDue(size, size+7, bytes) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct{ bytes, want int }{
		{0, 100}, {1 << 10, 100}, {249_999, 100}, {250_000, 50}, {625_000, 20}, {4_000_000, 3}, {1 << 30, 3},
	} {
		if got := count(c.bytes); got != c.want {
			t.Errorf("of %d bytes: %d times in 100,000 entries, want %d", c.bytes, got, c.want)
		}
	}
}
