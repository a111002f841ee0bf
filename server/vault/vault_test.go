package vault

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"wardroom/server/evidence"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newVault(t testing.TB) *Vault {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault")
	check(t, Create(path))
	v, err := New(path)
	check(t, err)
	return v
}

func newLogKey(t testing.TB, v *Vault, logID string) (*Key, []byte) {
	t.Helper()
	k, wrapped, err := v.NewLogKey(logID)
	check(t, err)
	return k, wrapped
}

// refused fails the test unless the bytes are refused in the one way there is.
func refused(t interface{ Fatalf(string, ...any) }, what string, plaintext []byte, err error) {
	if err != ErrSealed || plaintext != nil {
		t.Fatalf("%s: %q, %v", what, plaintext, err)
	}
}

func TestAnOpeningOpensOnlyAsTheEntryItWasSealedFor(t *testing.T) {
	v := newVault(t)
	k, _ := newLogKey(t, v, "room-a")
	rapid.Check(t, func(t *rapid.T) {
		origin := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "origin"))
		seq := rapid.Uint64().Draw(t, "seq")
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		sealed, err := k.Seal([]byte("before"), plaintext, AD(origin, seq))
		if err != nil || !bytes.HasPrefix(sealed, []byte("before")) {
			t.Fatalf("%q, %v", sealed, err)
		}
		sealed = sealed[len("before"):]
		if len(sealed) != len(plaintext)+33 {
			t.Fatalf("%d bytes for %d", len(sealed), len(plaintext))
		}
		got, err := k.Open(sealed, AD(origin, seq))
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("%q, %v", got, err)
		}
		got, err = k.Open(sealed, AD(origin, seq^1<<rapid.IntRange(0, 63).Draw(t, "bit")))
		refused(t, "another seq", got, err)
		origin[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		got, err = k.Open(sealed, AD(origin, seq))
		refused(t, "another origin", got, err)
	})
}

func TestTwoRowsThatChangedPlacesDoNotOpen(t *testing.T) {
	k, _ := newLogKey(t, newVault(t), "room-a")
	one, err := k.Seal(nil, []byte("one"), AD([32]byte{1}, 1))
	check(t, err)
	two, err := k.Seal(nil, []byte("two"), AD([32]byte{1}, 2))
	check(t, err)
	got, err := k.Open(one, AD([32]byte{1}, 2))
	refused(t, "one as two", got, err)
	got, err = k.Open(two, AD([32]byte{1}, 1))
	refused(t, "two as one", got, err)
}

func TestTruncatedOrChangedBytesDoNotOpen(t *testing.T) {
	v := newVault(t)
	k, wrapped := newLogKey(t, v, "room-a")
	row, err := v.Seal("contact", []byte("Siân Ŵyn"), nil)
	check(t, err)
	opening, err := k.Seal(nil, []byte("Domain controller isolated"), nil)
	check(t, err)
	for what, c := range map[string]struct {
		sealed []byte
		open   func([]byte) ([]byte, error)
	}{
		"opening": {opening, func(b []byte) ([]byte, error) { return k.Open(b, nil) }},
		"row":     {row, func(b []byte) ([]byte, error) { return v.Open("contact", b, nil) }},
		"log key": {wrapped, func(b []byte) ([]byte, error) {
			k, err := v.Unwrap("room-a", b)
			if k != nil {
				return []byte("a key"), err
			}
			return nil, err
		}},
	} {
		if _, err := c.open(c.sealed); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for n := range c.sealed {
			got, err := c.open(c.sealed[:n])
			refused(t, fmt.Sprintf("%s, %d bytes", what, n), got, err)
		}
		got, err := c.open(append(bytes.Clone(c.sealed), 0))
		refused(t, what+", a byte more", got, err)
		for bit := range len(c.sealed) * 8 {
			changed := bytes.Clone(c.sealed)
			changed[bit/8] ^= 1 << (bit % 8)
			got, err := c.open(changed)
			refused(t, fmt.Sprintf("%s, bit %d", what, bit), got, err)
		}
	}
}

func TestALogsKeyUnwrapsForThatLogInThatVaultOnly(t *testing.T) {
	v, other := newVault(t), newVault(t)
	k, wrapped := newLogKey(t, v, "room-a")
	again, err := v.Unwrap("room-a", wrapped)
	check(t, err)
	sealed, err := k.Seal(nil, []byte("body"), []byte("ad"))
	check(t, err)
	got, err := again.Open(sealed, []byte("ad"))
	if err != nil || string(got) != "body" {
		t.Fatalf("%q, %v", got, err)
	}
	if k.MAC([]byte("x")) != again.MAC([]byte("x")) {
		t.Error("the unwrapped key makes another MAC")
	}
	for _, id := range []string{"", "room-b", "room-", "room-a ", "room-aa"} {
		if k, err := v.Unwrap(id, wrapped); k != nil || err != ErrSealed {
			t.Errorf("as %q: %v", id, err)
		}
	}
	if k, err := other.Unwrap("room-a", wrapped); k != nil || err != ErrSealed {
		t.Errorf("in another vault: %v", err)
	}
	if len(wrapped) > 200 {
		t.Errorf("a wrapped key has %d bytes", len(wrapped))
	}
}

func TestALogsKeyDoesNotOpenAnotherLog(t *testing.T) {
	v := newVault(t)
	a, _ := newLogKey(t, v, "room-a")
	b, _ := newLogKey(t, v, "room-b")
	sealed, err := a.Seal(nil, []byte("body"), nil)
	check(t, err)
	got, err := b.Open(sealed, nil)
	refused(t, "with room-b's key", got, err)
	got, err = v.Open("contact", sealed, nil)
	refused(t, "as a row", got, err)
	if a.MAC([]byte("same")) == b.MAC([]byte("same")) {
		t.Error("two logs share a MAC key")
	}
	if a.MAC([]byte("same")) == a.MAC([]byte("other")) {
		t.Error("two bodies share a MAC")
	}
}

func TestARowOpensOnlyForItsPurposeAndPlace(t *testing.T) {
	v := newVault(t)
	sealed, err := v.Seal("contact", []byte("name"), []byte("person-1"))
	check(t, err)
	got, err := v.Open("contact", sealed, []byte("person-1"))
	if err != nil || string(got) != "name" {
		t.Fatalf("%q, %v", got, err)
	}
	for _, c := range [][2]string{{"contact", "person-2"}, {"contact", ""}, {"invitation", "person-1"}, {"contactp", "erson-1"}, {"", "contactperson-1"}} {
		got, err := v.Open(c[0], sealed, []byte(c[1]))
		refused(t, fmt.Sprint(c), got, err)
	}
	// A row is no log key either, whatever its purpose says.
	material, err := v.s().seal.Decrypt(sealed, wrapAD("contact"))
	if err == nil {
		t.Errorf("opens as a log's key: %q", material)
	}
}

func TestTwoPurposesShareNoMAC(t *testing.T) {
	v, other := newVault(t), newVault(t)
	seen := map[[32]byte]string{}
	for _, c := range [][2]string{{"mail", "a@nhs.example"}, {"mail", "b@nhs.example"}, {"link", "a@nhs.example"}, {"maila", "@nhs.example"}, {"", "maila@nhs.example"}} {
		for name, v := range map[string]*Vault{"": v, "other ": other} {
			m := v.MAC(c[0], []byte(c[1]))
			if m != v.MAC(c[0], []byte(c[1])) {
				t.Error("not the same twice")
			}
			if was, ok := seen[m]; ok {
				t.Errorf("%s%v and %s", name, c, was)
			}
			seen[m] = name + fmt.Sprint(c)
		}
	}
}

func TestAMillionSealsRepeatNoNonce(t *testing.T) {
	const n = 1_000_000
	k, _ := newLogKey(t, newVault(t), "room-a")
	nonces := make([][12]byte, n)
	var wg sync.WaitGroup
	for part := range 2 { // together: a shared counter or buffer would show
		wg.Go(func() {
			var buf []byte
			for i := part; i < n; i += 2 {
				buf, _ = k.Seal(buf[:0], nil, nil)
				nonces[i] = [12]byte(buf[5:]) // after Tink's prefix: 0x01 ‖ key id
			}
		})
	}
	wg.Wait()
	slices.SortFunc(nonces, func(a, b [12]byte) int { return bytes.Compare(a[:], b[:]) })
	for i := 1; i < n; i++ {
		if nonces[i] == nonces[i-1] {
			t.Fatalf("%x twice", nonces[i])
		}
	}
}

func TestErrSealedSaysNothingMore(t *testing.T) {
	k, _ := newLogKey(t, newVault(t), "room-a")
	_, err := k.Open([]byte("secret"), []byte("secret"))
	if !errors.Is(err, ErrSealed) || err.Error() != "vault: cannot be opened" {
		t.Errorf("%v", err)
	}
}

func sampleEvent() *evidence.Whole {
	return &evidence.Whole{Seq: 42, Values: evidence.Values{
		[]byte(`{"kind":"message.posted","root":41}`),
		[]byte(`{"for":"RJ1","member":7,"role":"incident lead"}`),
		[]byte(`{"occurred":"2025-11-21T20:56:00Z","recorded":"2025-11-21T20:56:01.123Z"}`),
		[]byte(`{"audience":"room","tlp":"AMBER+STRICT"}`),
		bytes.Repeat([]byte("m"), 300), nil, nil,
		[]byte(`{"key":"01JD8Q2Z0G8Y4T2V9W5X3B7N6M","seen":41}`),
	}}
}

// All that an appended entry costs in evidence and sealing: seed, leaf, leaf
// hash, frontier, binary opening, seal.
func BenchmarkLeaf(b *testing.B) {
	k, _ := newLogKey(b, newVault(b), "room-a")
	w := sampleEvent()
	origin := evidence.OriginOf("wardroom.example/wardroom/1/room/a")
	var f evidence.Frontier
	var leaf, plain, sealed []byte
	b.ReportAllocs()
	for b.Loop() {
		w.Seq = f.Size()
		w.Seed = evidence.NewSeed()
		leaf = evidence.AppendLeaf(leaf[:0], origin, w.Seq, w.Seed, &w.Values)
		f.Append(evidence.LeafHash(leaf))
		plain, _ = w.AppendBinary(plain[:0])
		var err error
		if sealed, err = k.Seal(sealed[:0], plain, AD(origin, w.Seq)); err != nil {
			b.Fatal(err)
		}
	}
}

// What reading an entry back costs: open, parse, check against its leaf.
func BenchmarkOpen(b *testing.B) {
	k, _ := newLogKey(b, newVault(b), "room-a")
	w := sampleEvent()
	origin := evidence.OriginOf("wardroom.example/wardroom/1/room/a")
	leaf := evidence.AppendLeaf(nil, origin, w.Seq, w.Seed, &w.Values)
	plain, _ := w.AppendBinary(nil)
	sealed, err := k.Seal(nil, plain, AD(origin, w.Seq))
	check(b, err)
	b.ReportAllocs()
	for b.Loop() {
		plain, err := k.Open(sealed, AD(origin, w.Seq))
		check(b, err)
		w, err := evidence.ParseWhole(42, plain)
		check(b, err)
		check(b, w.Check(origin, leaf))
	}
}

func BenchmarkSeal1KB(b *testing.B) {
	k, _ := newLogKey(b, newVault(b), "room-a")
	plain, ad := make([]byte, 1024), AD([32]byte{}, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Seal(nil, plain, ad); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnwrap(b *testing.B) {
	v := newVault(b)
	_, wrapped := newLogKey(b, v, "room-a")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Unwrap("room-a", wrapped); err != nil {
			b.Fatal(err)
		}
	}
}
