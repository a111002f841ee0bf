package evidence

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A rig is a log of a few entries with its keys, from which bundles are made.
type rig struct {
	t       testing.TB
	notary  party
	witness party
	policy  *Policy
	entries []*Whole
	leaves  [][]byte
	sizes   map[uint64][]byte // cosigned notes
}

func newRig(t testing.TB, n int) *rig {
	t.Helper()
	r := &rig{t: t, notary: notaryKeys(t), witness: witnessKeys(t, "ncsc.example"), sizes: map[uint64][]byte{}}
	var err error
	r.policy, err = NewPolicy([]Generation{r.notary.generation(0, 0)}, []Witness{r.witness.witness()})
	check(t, err)
	for seq := range n {
		w := &Whole{Seq: uint64(seq), Seed: Seed(leafN(seq))}
		for i, v := range []string{
			fmt.Sprintf(`{"kind":"message.posted","root":%d}`, seq), `{"member":1}`, `{"recorded":"2026-03-01T02:14:00.000Z"}`,
			"", fmt.Sprintf(`{"text":"entry %d, \"quoted\" – \u001b"}`, seq), "", "", `{"seen":0}`,
		} {
			if v != "" {
				w.Values[i] = []byte(v)
			}
		}
		if seq == 0 {
			w.Values[0], w.Values[1], w.Values[4] = []byte(`{"kind":"genesis","root":0}`), []byte(`{}`), []byte(`{"format":"WARDROOM/1","origin":"`+originLine+`"}`)
		}
		if seq == 1 {
			w.Values[0], w.Values[4] = []byte(`{"kind":"member.joined","root":1}`), []byte(`{"number":1}`)
		}
		r.entries = append(r.entries, w)
		r.leaves = append(r.leaves, AppendLeaf(nil, OriginOf(originLine), w.Seq, w.Seed, &w.Values))
	}
	return r
}

// note is the cosigned checkpoint of that size, signed once.
func (r *rig) note(size uint64) []byte {
	if r.sizes[size] == nil {
		var f Frontier
		for _, l := range r.leaves[:size] {
			f.Append(LeafHash(l))
		}
		r.sizes[size] = sign(r.t, Checkpoint{Origin: originLine, Size: size, Root: f.Root()}, r.notary, r.witness)
	}
	return r.sizes[size]
}

// head is of a bundle that shows all entries.
func (r *rig) head() BundleHead {
	n := uint64(len(r.leaves))
	return BundleHead{Readme: "A test.\n", Policy: r.policy, Info: BundleInfo{Exporter: "Test", Section: 1, To: n - 1},
		Checkpoint: r.note(n), Earlier: [][]byte{r.note(1), r.note(n / 2)}, Leaves: n}
}

// write makes a bundle; show decides what of each entry is in it.
func (r *rig) write(h BundleHead, scratch Scratch, show func(*BundleWriter, *Whole) error, withheld []*Withheld, files ...string) []byte {
	r.t.Helper()
	var out bytes.Buffer
	b, err := NewBundleWriter(&out, scratch, h)
	check(r.t, err)
	for _, l := range r.leaves {
		check(r.t, b.Leaf(l))
	}
	for _, w := range r.entries {
		check(r.t, show(b, w))
	}
	for _, w := range withheld {
		check(r.t, b.Withheld(w))
	}
	for i := 0; i < len(files); i += 2 {
		check(r.t, b.File(files[i], int64(len(files[i+1])), strings.NewReader(files[i+1])))
	}
	check(r.t, b.Close())
	return out.Bytes()
}

func whole(b *BundleWriter, w *Whole) error { return b.Whole(w) }

func TestABundleIsAPlainTarOfTheSameBytesEachTime(t *testing.T) {
	r := newRig(t, 9)
	page := "<!doctype html>"
	attached := hexSum("a file")
	h := r.head()
	h.Info.Attachments = 1
	make := func(s Scratch) []byte {
		return r.write(h, s, func(b *BundleWriter, w *Whole) error {
			switch w.Seq {
			case 3:
				return b.Partial(w.Partial(0, 1, 2))
			case 4:
				return b.Partial(w.Partial())
			}
			return b.Whole(w)
		}, []*Withheld{
			{First: 3, Last: 3, Slots: []int{3, 4, 5, 6, 7}, Why: Redacted, Ground: "s.40", Reason: "a name"},
			{First: 4, Last: 4, Slots: []int{0, 1, 2, 3, 4, 5, 6, 7}, Why: Audience},
		}, attachments+attached, "a file", "record.csv", "n\n", "verify.html", page)
	}
	b := make(nil)
	f, err := os.Create(filepath.Join(t.TempDir(), "scratch"))
	check(t, err)
	defer f.Close()
	if !bytes.Equal(b, make(nil)) || !bytes.Equal(b, make(f)) {
		t.Fatal("the same log, told twice, makes two bundles")
	}

	var names []string
	files := map[string]string{}
	for tr := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		check(t, err)
		if h.Mode != 0o644 || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" || h.ModTime.Unix() != 0 || h.Typeflag != tar.TypeReg || h.Format != tar.FormatUSTAR {
			t.Errorf("%+v", h)
		}
		content, err := io.ReadAll(tr)
		check(t, err)
		names, files[h.Name] = append(names, h.Name), string(content)
	}
	want := "README.txt policy.txt bundle.json checkpoint checkpoints.jsonl leaves.bin openings.jsonl withheld.jsonl attachments/" + attached + " record.csv verify.html sums.txt"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("files %s", got)
	}
	if len(files["leaves.bin"]) != 9*LeafSize || strings.Count(files["openings.jsonl"], "\n") != 8 || strings.Count(files["withheld.jsonl"], "\n") != 2 {
		t.Errorf("%d bytes of leaves, openings %q, withheld %q", len(files["leaves.bin"]), files["openings.jsonl"], files["withheld.jsonl"])
	}
	for _, name := range names {
		sum := hexSum(files[name]) + "  " + name + "\n"
		if listed := strings.Contains(files["sums.txt"], sum); listed != (name != "leaves.bin" && name != "openings.jsonl" && name != "sums.txt") {
			t.Errorf("%s: listed %v", name, listed)
		}
	}
	for _, name := range []string{"openings.jsonl", "withheld.jsonl", "checkpoints.jsonl", "bundle.json"} {
		for line := range strings.Lines(files[name]) {
			if err := CheckSorted([]byte(strings.TrimSuffix(line, "\n"))); err != nil {
				t.Errorf("%s: %v: %s", name, err, line)
			}
		}
	}
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestWhatIsOutOfPlaceMakesNoBundle(t *testing.T) {
	r := newRig(t, 5)
	other := newRig(t, 5)
	start := func() *BundleWriter {
		b, err := NewBundleWriter(io.Discard, nil, r.head())
		check(t, err)
		return b
	}
	leaves := func() *BundleWriter {
		b := start()
		for _, l := range r.leaves {
			check(t, b.Leaf(l))
		}
		return b
	}
	all := []int{0, 1, 2, 3, 4, 5, 6, 7}
	for name, do := range map[string]func() error{
		"a leaf twice":               func() error { b := start(); _ = b.Leaf(r.leaves[0]); return b.Leaf(r.leaves[0]) },
		"a leaf too many":            func() error { return leaves().Leaf(r.leaves[4]) },
		"an opening before all":      func() error { return start().Whole(r.entries[0]) },
		"an opening twice":           func() error { b := leaves(); _ = b.Whole(r.entries[1]); return b.Partial(r.entries[1].Partial(0)) },
		"an end too early":           func() error { return start().Close() },
		"a withheld line too early":  func() error { return start().Withheld(&Withheld{Slots: all, Why: Audience}) },
		"a withheld line of nothing": func() error { return leaves().Withheld(&Withheld{Why: Audience}) },
		"a line beyond the end":      func() error { return leaves().Withheld(&Withheld{First: 1, Last: 5, Slots: all, Why: Audience}) },
		"a slot listed twice": func() error {
			b := leaves()
			_ = b.Withheld(&Withheld{First: 1, Last: 3, Slots: []int{1, 2}, Why: Audience})
			return b.Withheld(&Withheld{First: 3, Last: 3, Slots: []int{2, 3}, Why: Audience})
		},
		"a line before the last": func() error {
			b := leaves()
			_ = b.Withheld(&Withheld{First: 2, Last: 3, Slots: []int{1}, Why: Audience})
			return b.Withheld(&Withheld{First: 1, Last: 1, Slots: []int{2}, Why: Audience})
		},
		"an opening after a line": func() error {
			b := leaves()
			_ = b.Withheld(&Withheld{Slots: all, Why: Audience})
			return b.Whole(r.entries[2])
		},
		"a file of another name": func() error { return leaves().File("run.exe", 0, strings.NewReader("")) },
		"a path":                 func() error { return leaves().File("attachments/../x", 0, strings.NewReader("")) },
		"another attachment":     func() error { return leaves().File(attachments+hexSum("a"), 1, strings.NewReader("b")) },
		"a file that ends early": func() error { return leaves().File("record.csv", 2, strings.NewReader("b")) },
		"files in another order": func() error {
			b := leaves()
			_ = b.File("record.csv", 0, strings.NewReader(""))
			return b.File("record.pdf", 0, strings.NewReader(""))
		},
		"attachments not as said": func() error {
			b := leaves()
			_ = b.File(attachments+hexSum("a"), 1, strings.NewReader("a"))
			return b.Close()
		},
		"a checkpoint not a note": func() error {
			h := r.head()
			h.Checkpoint = []byte("x")
			_, err := NewBundleWriter(io.Discard, nil, h)
			return err
		},
		"a checkpoint beyond": func() error { h := r.head(); h.Leaves = 4; _, err := NewBundleWriter(io.Discard, nil, h); return err },
		"earlier ones not earlier": func() error {
			h := r.head()
			h.Earlier = [][]byte{r.note(5)}
			_, err := NewBundleWriter(io.Discard, nil, h)
			return err
		},
		"a range beyond the end": func() error { h := r.head(); h.Info.To = 5; _, err := NewBundleWriter(io.Discard, nil, h); return err },
		"a leaf of another log": func() error {
			return start().Leaf(AppendLeaf(nil, OriginOf("another"), 0, other.entries[0].Seed, &other.entries[0].Values))
		},
		"a value that is not text": func() error { w := *r.entries[0]; w.Values[4] = []byte("\xff"); return leaves().Whole(&w) },
	} {
		if err := do(); !errors.Is(err, ErrBundle) && !errors.Is(err, ErrLine) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, w := range map[string]Withheld{
		"slots out of order":       {Slots: []int{2, 1}, Why: Audience},
		"a slot that is not there": {Slots: []int{8}, Why: Audience},
		"another why":              {Slots: []int{1}, Why: "because"},
		"erased, no event":         {Slots: []int{1}, Why: Erased},
		"an event, not erased":     {Slots: []int{1}, Why: Redacted, Event: 4},
		"an erased range":          {Last: 1, Slots: []int{1}, Why: Erased, Event: 4},
		"wording for a slot shown": {Slots: []int{1}, Why: Redacted, Redacted: map[string]string{"4": "x"}},
		"wording for a range":      {Last: 1, Slots: []int{4}, Why: Redacted, Redacted: map[string]string{"4": "x"}},
		"wording for slot 04":      {Slots: []int{4}, Why: Redacted, Redacted: map[string]string{"04": "x"}},
		"backwards":                {First: 2, Last: 1, Slots: []int{4}, Why: Redacted},
	} {
		if line, err := w.Encode(); !errors.Is(err, ErrWithheld) {
			t.Errorf("%s: %s, %v", name, line, err)
		}
	}
}

func FuzzAWithheldLineThatIsReadIsWrittenAlike(f *testing.F) {
	for _, w := range []Withheld{
		{Slots: []int{0, 7}, Why: Audience, Last: 12},
		{Event: 9, First: 3, Last: 3, Slots: []int{4}, Why: Erased, Ground: "court order", Redacted: map[string]string{"4": "…"}},
	} {
		line, err := w.Encode()
		check(f, err)
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		w, err := ParseWithheld(line)
		if err != nil {
			return
		}
		if again, err := w.Encode(); err != nil || !bytes.Equal(again, line) {
			t.Errorf("%q is read as %q, %v", line, again, err)
		}
	})
}
