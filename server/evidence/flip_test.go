package evidence_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	mathrand "math/rand/v2"
	"strings"
	"testing"

	"wardroom/server/bundletest"
	"wardroom/server/evidence"
)

// flips of one run.
const flips = 1500

func verifyBytes(t testing.TB, b []byte, p *evidence.Policy) *evidence.Report {
	t.Helper()
	r, err := evidence.Verify(context.Background(), bytes.NewReader(b), int64(len(b)), evidence.VerifyOptions{Policy: p})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sample is a bundle with something of every kind in it.
func sample() ([]byte, *evidence.Policy) {
	r := bundletest.NewRoom(40, 77).Attach(7, "a file")
	every := []int{0, 1, 2, 3, 4, 5, 6, 7}
	return bundletest.Recipe{Room: r, Sealed: 38, Earlier: []int{5, 20}, Show: func(w *evidence.Whole) ([]int, bool) {
		switch {
		case w.Seq == 11:
			return nil, false
		case w.Seq%5 == 4 && w.Seq < 38: // beyond the seal nothing binds what is withheld
			return []int{0, 1, 2, 3, 5, 6, 7}, false
		}
		return nil, true
	}, Withheld: func() (lines []*evidence.Withheld) {
		for seq := uint64(4); seq < 38; seq += 5 {
			if seq == 14 {
				lines = append(lines, &evidence.Withheld{First: 11, Last: 11, Slots: every, Why: evidence.Audience})
			}
			lines = append(lines, &evidence.Withheld{First: seq, Last: seq, Slots: []int{4}, Why: evidence.Redacted, Ground: "s.40(2)", Reason: "a name", Redacted: map[string]string{"4": "[a name]"}})
		}
		return lines
	}(), Files: []bundletest.File{{Name: "attachments/" + bundletest.Hex("a file"), Content: "a file"}, {Name: "record.csv", Content: "a,b\n"}, {Name: "verify.html", Content: "<p>"}}}.Make(), r.Policy()
}

// Whatever bit of a bundle is turned, its headers and what fills its blocks
// included, it is found; where it is an entry's, the entry is named.
func TestATurnedBitAnywhereInABundleIsFound(t *testing.T) {
	b, policy := sample()
	if r := verifyBytes(t, b, policy); r.Verdict != evidence.VerdictUnsealed {
		t.Fatalf("the clean copy: %s, %q, %+v", r.Verdict, r.Remarks, r.First)
	}
	places := where(t, b)
	for range 8 { // most of a bundle is these
		for _, p := range places {
			if p.name == "leaves.bin" || p.name == "openings.jsonl" {
				places = append(places, p)
			}
			if len(places) > 60 {
				break
			}
		}
	}
	var seed [8]byte
	rand.Read(seed[:])
	t.Logf("seed %x", seed)
	rnd := mathrand.New(mathrand.NewPCG(binary.BigEndian.Uint64(seed[:]), 0))
	found := map[string]int{}
	for n := range flips {
		p := places[n%len(places)] // every file in turn
		at := p.from + rnd.IntN(p.to-p.from)
		turned := bytes.Clone(b)
		turned[at] ^= 1 << rnd.IntN(8)
		r := verifyBytes(t, turned, policy)
		found[p.name]++
		switch r.Verdict {
		case evidence.VerdictTampered, evidence.VerdictInconsistent, evidence.VerdictUntrusted, evidence.VerdictUnreadable, evidence.VerdictIncomplete:
		default:
			t.Fatalf("byte %d of %s (%d of the bundle): %s", at-p.from, p.name, at, r.Verdict)
		}
		switch p.name {
		case "leaves.bin":
			entry := uint64(at-p.from) / uint64(evidence.LeafSize)
			if r.Verdict != evidence.VerdictTampered || r.First == nil {
				t.Fatalf("entry %d: %s", entry, r.Verdict)
			}
			// A commitment that is not shown is found by the seals around it.
			head := uint64(at-p.from)%uint64(evidence.LeafSize) < 51
			slot := (at - p.from - int(entry)*evidence.LeafSize - 51) / 32
			hidden := entry == 11 && !head || entry%5 == 4 && entry < 38 && !head && slot == 4
			switch {
			case !hidden && (r.First.Seq != entry || head != (r.First.Slot < 0) || !head && r.First.Slot != slot):
				t.Fatalf("entry %d slot %d: found at %+v", entry, slot, r.First)
			case hidden && r.First.Seq != map[bool]uint64{true: 0, false: map[bool]uint64{true: 5, false: 20}[entry < 20]}[entry < 5]:
				t.Fatalf("entry %d, withheld: found at %+v", entry, r.First)
			}
		case "openings.jsonl":
			if r.Verdict == evidence.VerdictTampered && r.First == nil || r.Verdict == evidence.VerdictUnreadable && !strings.Contains(r.Remarks[0], "line ") && !strings.Contains(r.Remarks[0], "entry ") {
				t.Fatalf("byte %d: %s without a place: %q", at, r.Verdict, r.Remarks)
			}
			line := uint64(bytes.Count(b[p.from:at], []byte("\n")))
			entry := line
			if line >= 11 {
				entry++
			}
			if r.Verdict == evidence.VerdictTampered && r.First.Seq != entry {
				t.Fatalf("the opening of entry %d: found at %+v", entry, r.First)
			}
		}
	}
	if len(found) < 20 {
		t.Errorf("turned in %v", found)
	}
	t.Logf("%d bits in %d places: %v", flips, len(found), found)
}

type span struct {
	name     string
	from, to int
}

// where lists the files of a bundle and what is between them.
func where(t *testing.T, b []byte) (all []span) {
	t.Helper()
	at := 0
	for _, f := range bundletest.Unpack(b) {
		all = append(all, span{"header of " + f.Name, at, at + 512})
		at += 512
		if len(f.Content) > 0 {
			all = append(all, span{f.Name, at, at + len(f.Content)})
		}
		end := (at + len(f.Content) + 511) / 512 * 512
		if end > at+len(f.Content) {
			all = append(all, span{"after " + f.Name, at + len(f.Content), end})
		}
		at = end
	}
	return append(all, span{"the end", at, len(b)})
}

// Lines and leaves dropped, doubled, swapped, cut: someone who covers tracks
// writes sums.txt anew.
func TestWhatIsDroppedDoubledSwappedOrCutIsFound(t *testing.T) {
	b, policy := sample()
	leaf := func(s string) (parts []string) {
		for len(s) > 0 {
			parts, s = append(parts, s[:evidence.LeafSize]), s[evidence.LeafSize:]
		}
		return parts
	}
	lines := func(s string) []string {
		return strings.SplitAfter(strings.TrimSuffix(s, "\n")+"\n", "\n")[:strings.Count(s, "\n")]
	}
	tried := 0
	for name, split := range map[string]func(string) []string{"leaves.bin": leaf, "openings.jsonl": lines, "withheld.jsonl": lines} {
		var parts []string
		for _, f := range bundletest.Unpack(b) {
			if f.Name == name {
				parts = split(f.Content)
			}
		}
		for i := range parts {
			for how, edit := range map[string]func() []string{
				"dropped": func() []string { return append(append([]string{}, parts[:i]...), parts[i+1:]...) },
				"doubled": func() []string { return append(append(append([]string{}, parts[:i+1]...), parts[i]), parts[i+1:]...) },
				"swapped": func() []string {
					p := append([]string{}, parts...)
					p[i], p[(i+1)%len(p)] = p[(i+1)%len(p)], p[i]
					return p
				},
				"cut": func() []string { return append(append([]string{}, parts[:i]...), parts[i][:len(parts[i])/2]) },
			} {
				changed := bundletest.Change(b, name, func(string) string { return strings.Join(edit(), "") })
				r := verifyBytes(t, changed, policy)
				tried++
				if r.Verdict == evidence.VerdictUnsealed || r.Verdict == evidence.VerdictValid {
					t.Errorf("%s: %d %s: %s", name, i, how, r.Verdict)
				}
				if name == "leaves.bin" && (r.Verdict != evidence.VerdictTampered || r.First.Seq > uint64(i+1)) {
					t.Errorf("leaf %d %s: %s, %+v", i, how, r.Verdict, r.First)
				}
			}
		}
	}
	t.Logf("%d changes", tried)
}

func TestCleanCopiesRaiseNoAlarm(t *testing.T) {
	for seed := range uint64(60) {
		n := 3 + int(seed)*3
		r := bundletest.NewRoom(n, 5000+seed)
		b := bundletest.Recipe{Room: r, Show: bundletest.All, Earlier: []int{1}}.Make()
		if got := verifyBytes(t, b, r.Policy()); got.Verdict != evidence.VerdictValid {
			t.Errorf("%d entries: %s, %+v, %q", n, got.Verdict, got.First, got.Remarks)
		}
	}
}

// One word that is withheld cannot be guessed from what is in the bundle, by
// someone who tries every word with every secret there is in it; with the salt
// it can, so the trial is a fair one.
func TestAWithheldWordCannotBeGuessed(t *testing.T) {
	const entry, slot = 6, 4
	r := bundletest.NewRoom(6, 6000)
	secret := r.Add(`{"kind":"decision.recorded","root":6}`, `{"member":1}`, `{"text":"yes"}`)
	r.Add(`{"kind":"message.posted","root":7}`, `{"member":1}`, `{"text":"no"}`)
	b := bundletest.Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return []int{0, 1, 2, 3, 5, 6, 7}, w.Seq != entry },
		Withheld: []*evidence.Withheld{{First: entry, Last: entry, Slots: []int{slot}, Why: evidence.Redacted}}}.Make()
	var words []string
	for _, w := range []string{"yes", "no", "maybe", "agreed", "refused", "pay", "do not pay", ""} {
		words = append(words, w, `"`+w+`"`, `{"text":"`+w+`"}`)
	}
	// Whatever 32 bytes stand anywhere in the bundle, and whatever follows from
	// them as salts of this slot do.
	guess := func(bundle []byte, more ...[32]byte) bool {
		files := bundletest.Unpack(bundle)
		leaf := []byte(files[5].Content)[entry*evidence.LeafSize:][:evidence.LeafSize]
		_, origin, commitments, err := evidence.ParseLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		salts := more
		for _, s := range secrets(bundle) {
			salts = append(salts, s, evidence.Salt(evidence.Seed(s), slot))
		}
		for _, salt := range salts {
			for _, w := range words {
				if evidence.Commit(slot, entry, origin, salt, []byte(w)) == commitments[slot] {
					return true
				}
			}
		}
		return false
	}
	if guess(b) {
		t.Error("the withheld word was guessed")
	}
	if !guess(b, evidence.Salt(secret.Seed, slot)) {
		t.Error("with its salt it was not guessed either: the trial proves nothing")
	}
	shown := bundletest.Recipe{Room: r, Show: bundletest.All}.Make()
	if !guess(shown) {
		t.Error("in a bundle that holds the seed it was not found: the trial does not look where secrets stand")
	}
}

// secrets are all runs of 32 bytes in a bundle that could be one: as they are,
// at every byte, and as base64.
func secrets(b []byte) (all [][32]byte) {
	for i := 0; i+32 <= len(b); i++ {
		all = append(all, [32]byte(b[i:]))
	}
	for _, s := range bytes.Split(b, []byte(`"`)) {
		if raw, err := base64.StdEncoding.DecodeString(string(s)); err == nil && len(raw) == 32 {
			all = append(all, [32]byte(raw))
		}
	}
	return all
}

func FuzzWhateverIsGivenGetsAVerdict(f *testing.F) {
	b, policy := sample()
	f.Add(b)
	for _, c := range bundletest.Cases()[:40] {
		f.Add(c.Bundle)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := verifyBytes(t, b, policy)
		if _, err := r.JSON(); err != nil {
			t.Errorf("%s: %v", r.Verdict, err)
		}
	})
}
