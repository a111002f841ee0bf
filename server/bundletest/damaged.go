package bundletest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"wardroom/server/evidence"
)

func (l *list) openings() {
	for i := range 8 {
		rnd := rand.New(rand.NewPCG(uint64(i), 4))
		r := NewRoom(20, uint64(800+i))
		n, slot := 3+rnd.IntN(16), rnd.IntN(8)
		// The writer does not compare what it is given with the leaves.
		lie := func(change func(w *evidence.Whole)) []byte {
			told := *r
			told.Entries = slices.Clone(r.Entries)
			b := Recipe{Room: r, Show: All}.Make()
			w := *r.Entries[n]
			change(&w)
			told.Entries[n] = &w
			other := Recipe{Room: &told, Show: All, Notes: map[int][]byte{20: r.Note(20)}}.Make()
			lines := Unpack(other)
			return Change(b, "openings.jsonl", func(string) string { return lines[6].Content })
		}
		l.add("a-value-changed", lie(func(w *evidence.Whole) { w.Values[slot] = append(slices.Clone(w.Values[slot]), ' ') }), evidence.VerdictTampered, at(n, slot))
		l.add("a-seed-changed", lie(func(w *evidence.Whole) { w.Seed[rnd.IntN(32)] ^= 1 }), evidence.VerdictTampered, at(n, 0))
		l.add("values-of-another", lie(func(w *evidence.Whole) { w.Values = r.Entries[n-1].Values }), evidence.VerdictTampered, at(n, 0))
	}
	r := NewRoom(20, 820)
	b := Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return every, false }}.Make()
	l.add("all-in-parts", b, evidence.VerdictValid, nil)
	line := func(n int, edit func(string) string) []byte {
		return Change(b, "openings.jsonl", func(s string) string {
			lines := strings.SplitAfter(s, "\n")
			lines[n] = edit(lines[n])
			return strings.Join(lines, "")
		})
	}
	l.add("a-value-of-a-part", line(8, func(s string) string { return strings.Replace(s, "message", "massage", 1) }), evidence.VerdictTampered, at(8, 0))
	l.add("a-salt-of-a-part", line(8, func(s string) string {
		i := strings.Index(s, `"2":["`) + 6
		return s[:i] + "AAAA" + s[i+4:]
	}), evidence.VerdictTampered, at(8, 2))
	l.add("an-opening-of-no-entry", Change(b, "openings.jsonl", func(s string) string {
		lines := strings.SplitAfter(s, "\n")
		return s + strings.Replace(lines[19], `"seq":19`, `"seq":20`, 1)
	}), evidence.VerdictTampered, at(20, -1))
	l.add("a-line-of-no-entry", Change(b, "withheld.jsonl", func(string) string { return `{"first":25,"last":25,"slots":[1],"why":"audience"}` + "\n" }), evidence.VerdictTampered, at(25, -1))
}

func (l *list) checkpoints() {
	r, other := NewRoom(30, 900), NewRoom(30, 901)
	l.add("a-seal-of-another-history", Recipe{Room: r, Show: All, Notes: map[int][]byte{30: other.Note(30)}}.Make(), evidence.VerdictTampered, at(0, -1))
	l.add("a-seal-of-another-history-after", Recipe{Room: r, Show: All, Earlier: []int{10, 20}, Notes: map[int][]byte{30: other.Note(30)}}.Make(), evidence.VerdictTampered, at(20, -1))
	l.add("an-earlier-one-too", Recipe{Room: r, Show: All, Earlier: []int{10, 20}, Notes: map[int][]byte{20: other.Note(20), 30: other.Note(30)}}.Make(), evidence.VerdictTampered, at(10, -1))
	l.add("an-earlier-one-of-another-history", Recipe{Room: r, Show: All, Earlier: []int{10, 20, 25}, Notes: map[int][]byte{20: other.Note(20)}}.Make(), evidence.VerdictInconsistent, at(10, -1))
	l.add("the-first-of-another-history", Recipe{Room: r, Show: All, Earlier: []int{1}, Notes: map[int][]byte{1: other.Note(1)}}.Make(), evidence.VerdictInconsistent, at(0, -1))
	l.add("tampered-beats-untrusted", Recipe{Room: r, Show: All, Notes: map[int][]byte{30: other.Note(30)}}.Make(), evidence.VerdictTampered, at(0, -1), func(c *Case) { c.Policy = nil })
	l.add("inconsistent-beats-untrusted", Recipe{Room: r, Show: All, Earlier: []int{20}, Notes: map[int][]byte{20: other.Note(20)}}.Make(), evidence.VerdictInconsistent, at(0, -1), func(c *Case) { c.Policy = nil })
	l.add("untrusted-beats-older", Recipe{Room: r, Show: All}.Make(), evidence.VerdictUntrusted, nil, func(c *Case) { c.Policy, c.MinSize = nil, 31 })
	gap := Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return nil, w.Seq != 9 }}.Make()
	l.add("older-beats-incomplete", gap, evidence.VerdictOlder, nil, func(c *Case) { c.MinSize = 31 })
}

// room is a small one whose entry n is told otherwise.
func contradict(n int, change func(w *evidence.Whole)) *Room {
	r := NewRoom(3, 1)
	for seq := 3; seq < 12; seq++ {
		r.Add(fmt.Sprintf(`{"kind":"message.posted","root":%d}`, seq), `{"member":1}`, `{"text":"a"}`)
	}
	change(r.Entries[n])
	return r
}

func (l *list) contradictions() {
	set := func(slot int, value string) func(*evidence.Whole) {
		return func(w *evidence.Whole) { w.Values[slot] = []byte(value) }
	}
	both := func(a, b func(*evidence.Whole)) func(*evidence.Whole) {
		return func(w *evidence.Whole) { a(w); b(w) }
	}
	before := `{"recorded":"` + Began.Add(4*time.Second-time.Millisecond).Format("2006-01-02T15:04:05.000Z") + `"}`
	for _, x := range []struct {
		name   string
		n      int
		change func(*evidence.Whole)
		slot   int
	}{
		{"times-go-back", 5, set(slotTimes, before), 2},
		{"no-time", 5, set(slotTimes, `{}`), 2},
		{"a-time-of-another-form", 5, set(slotTimes, `{"recorded":"2026-03-01T02:14:05Z"}`), 2},
		{"nobody-of-that-number", 5, set(slotActor, `{"member":2}`), 1},
		{"actor-no-object", 5, set(slotActor, `[]`), 1},
		{"actor-no-number", 5, set(slotActor, `{"member":"1"}`), 1},
		{"root-to-come", 5, set(slotKind, `{"kind":"message.corrected","root":6}`), 0},
		{"kind-without-root", 5, set(slotKind, `{"kind":"message.posted"}`), 0},
		{"kind-empty", 5, set(slotKind, `{"kind":"","root":5}`), 0},
		{"kind-not-canonical", 5, set(slotKind, `{"root":5,"kind":"message.posted"}`), 0},
		{"kind-with-space", 5, set(slotKind, `{"kind": "message.posted","root":5}`), 0},
		{"kind-not-json", 5, set(slotKind, `kind`), 0},
		{"a-second-genesis", 5, both(set(slotKind, `{"kind":"genesis","root":5}`), set(slotBody, `{"format":"WARDROOM/1","origin":"`+Origin+`"}`)), 0},
		{"a-second-genesis-of-no-form", 5, set(slotKind, `{"kind":"genesis","root":5}`), 4},
		{"no-genesis", 0, set(slotKind, `{"kind":"message.posted","root":0}`), 0},
		{"genesis-of-another-log", 0, set(slotBody, `{"format":"WARDROOM/1","origin":"elsewhere"}`), 4},
		{"genesis-of-another-format", 0, set(slotBody, `{"format":"WARDROOM/2","origin":"`+Origin+`"}`), 4},
		{"joins-twice", 5, both(set(slotKind, `{"kind":"member.joined","root":5}`), set(slotBody, `{"number":1}`)), 4},
		{"joins-as-nobody", 5, both(set(slotKind, `{"kind":"member.joined","root":5}`), set(slotBody, `{"number":0}`)), 4},
		{"joins-without-number", 5, both(set(slotKind, `{"kind":"member.joined","root":5}`), set(slotBody, `{}`)), 4},
		{"moves-from-elsewhere", 5, both(set(slotKind, `{"kind":"room.moved","root":1}`), set(slotBody, `{"from":"review","to":"closed"}`)), 4},
	} {
		l.add("contradiction-"+x.name, Recipe{Room: contradict(x.n, x.change), Show: All}.Make(), evidence.VerdictInconsistent, at(x.n, x.slot))
	}

	r := contradict(5, set(slotKind, `{"kind":"message.corrected","root":4}`))
	set(slotKind, `{"kind":"message.corrected","root":5}`)(r.Entries[6])
	l.add("contradiction-root-begins-nothing", Recipe{Room: r, Show: All}.Make(), evidence.VerdictInconsistent, at(6, 0))
	l.add("root-not-shown-is-let-be", Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return []int{1, 2, 3, 4, 5, 6, 7}, w.Seq != 5 },
		Withheld: []*evidence.Withheld{{First: 5, Last: 5, Slots: []int{0}, Why: evidence.Kept}}}.Make(), evidence.VerdictValid, nil)

	left := func(kind string) *Room {
		r := contradict(5, both(set(slotKind, `{"kind":"member.joined","root":5}`), both(set(slotActor, `{"member":2}`), set(slotBody, `{"number":2}`))))
		set(slotActor, `{"member":2}`)(r.Entries[6])
		both(set(slotKind, `{"kind":"`+kind+`","root":5}`), set(slotBody, `{}`))(r.Entries[7])
		return r
	}
	for _, kind := range []string{"member.left", "member.removed"} {
		r := left(kind)
		l.add("leaves-and-is-silent", Recipe{Room: r, Show: All}.Make(), evidence.VerdictValid, nil)
		set(slotActor, `{"member":2}`)(r.Entries[9])
		l.add("contradiction-acts-after-"+kind, Recipe{Room: r, Show: All}.Make(), evidence.VerdictInconsistent, at(9, 1))
		l.add("kind-not-shown-is-let-be", Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return []int{1, 2, 3, 4, 5, 6, 7}, w.Seq != 7 },
			Withheld: []*evidence.Withheld{{First: 7, Last: 7, Slots: []int{0}, Why: evidence.Kept}}}.Make(), evidence.VerdictValid, nil)
	}

	// A member acts in 4 and joins in 6. While everything is shown, 4 is wrong;
	// where an entry before it is not shown, 6 is.
	r = contradict(6, both(set(slotKind, `{"kind":"member.joined","root":6}`), both(set(slotActor, `{"member":2}`), set(slotBody, `{"number":2}`))))
	set(slotActor, `{"member":2}`)(r.Entries[4])
	l.add("contradiction-acts-before-joining", Recipe{Room: r, Show: All}.Make(), evidence.VerdictInconsistent, at(4, 1))
	l.add("contradiction-joins-after-acting", Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return []int{1, 2, 3, 4, 5, 6, 7}, w.Seq != 3 },
		Withheld: []*evidence.Withheld{{First: 3, Last: 3, Slots: []int{0}, Why: evidence.Kept}}}.Make(), evidence.VerdictInconsistent, at(6, 4))

	// Another log than a room's has no members.
	sys := contradict(5, set(slotActor, `{"member":9}`))
	sys.Origin = Deployment + "/wardroom/1/system/abcdefghijklmnopqrstuvwxyz"
	set(slotBody, `{"format":"WARDROOM/1","origin":"`+sys.Origin+`"}`)(sys.Entries[0])
	l.add("a-log-without-members", Recipe{Room: sys, Show: All}.Make(), evidence.VerdictValid, nil)
}

func (l *list) files() {
	r := NewRoom(10, 1000).Attach(7, "a file")
	b := Recipe{Room: r, Show: All, Earlier: []int{4}, Files: someFiles(),
		Withheld: nil}.Make()
	for _, name := range []string{"README.txt", "record.html", "record.csv", "verify.html", "attachments/" + Hex("a file")} {
		files := Unpack(b)
		for i := range files {
			if files[i].Name == name {
				files[i].Content += "x"
			}
		}
		l.add("changed-"+strings.ReplaceAll(name[:10], "/", "-"), Pack(files), evidence.VerdictTampered, nil)
	}
	l.add("an-attachment-of-another-name", Change(b, "attachments/"+Hex("a file"), func(string) string { return "another file" }), evidence.VerdictTampered, nil)
	l.add("an-attachment-of-no-entry", Recipe{Room: NewRoom(10, 1000), Show: All, Files: someFiles()}.Make(), evidence.VerdictTampered, nil)
	for name, edit := range inOrder(map[string]func(string) string{
		"another-salt":        func(s string) string { return strings.Replace(s, `"salt":"`, `"salt":"AAAA`, 1) },
		"another-size":        func(s string) string { return strings.Replace(s, `"size":6`, `"size":7`, 1) },
		"another-commitment":  func(s string) string { return strings.Replace(s, `"commitment":"`, `"commitment":"AAAA`, 1) },
		"not-a-list":          func(string) string { return `{"files":{}}` },
		"null":                func(string) string { return `{"files":null}` },
		"a-list-of-something": func(string) string { return `{"files":[7]}` },
		"no-files":            func(string) string { return `{"more":1}` },
		"no-json":             func(string) string { return `files` },
		"no-size":             func(s string) string { return strings.Replace(s, `"size":6,`, ``, 1) },
		"capitals": func(s string) string {
			return strings.Replace(s, `"sha256":"`+Hex("a file"), `"sha256":"`+strings.ToUpper(Hex("a file")), 1)
		},
	}) {
		r := NewRoom(10, 1000).Attach(4, "another").Attach(7, "a file")
		v := edit(string(r.Entries[7].Values[slotAttachments]))
		for _, of := range []string{`"salt":"AAAA`, `"commitment":"AAAA`} { // 32 bytes again
			if i := strings.Index(v, of); i >= 0 {
				v = v[:i+len(of)] + v[i+len(of)+4:]
			}
		}
		r.Entries[7].Values[slotAttachments] = []byte(v)
		files := append(slices.Clone(someFiles()[1:]), File{"attachments/" + Hex("another"), "another"})
		if strings.HasPrefix(name, "another-") {
			files = append(files, someFiles()[0])
		}
		slices.SortStableFunc(files, func(a, b File) int { // attachments first, ascending
			x, y := strings.HasPrefix(a.Name, "attachments/"), strings.HasPrefix(b.Name, "attachments/")
			switch {
			case x && y:
				return strings.Compare(a.Name, b.Name)
			case x:
				return -1
			case y:
				return 1
			}
			return 0
		})
		l.add("attachments-"+name, Recipe{Room: r, Show: All, Files: files}.Make(), evidence.VerdictInconsistent, at(7, 6))
	}
	redacted := Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return []int{0, 1, 2, 3, 5, 6, 7}, w.Seq != 5 }, Files: someFiles()[:1],
		Withheld: []*evidence.Withheld{{First: 5, Last: 5, Slots: []int{4}, Why: evidence.Redacted, Reason: "a name"}}}.Make()
	files := Unpack(redacted)
	files[7].Content = strings.Replace(files[7].Content, "a name", "a game", 1)
	l.add("a-reason-changed", Pack(files), evidence.VerdictTampered, nil)
	l.add("a-reason-changed-and-covered", Pack(Sums(files)), evidence.VerdictValid, nil)
}

func (l *list) unreadable() {
	r := NewRoom(10, 1100).Attach(7, "a file")
	redacted := Recipe{Room: r, Earlier: []int{2, 5}, Show: func(w *evidence.Whole) ([]int, bool) { return []int{0, 1, 2, 3, 5, 6, 7}, w.Seq != 5 },
		Withheld: []*evidence.Withheld{{First: 5, Last: 5, Slots: []int{4}, Why: evidence.Redacted, Reason: "a name"}}, Files: someFiles()}.Make()
	bad := func(name string, b []byte) { l.add("unreadable-"+name, b, evidence.VerdictUnreadable, nil) }
	edit := func(name, file, old, new string) {
		bad(name, Change(redacted, file, func(s string) string {
			if !strings.Contains(s, old) {
				panic("bundletest: nothing to replace in " + file)
			}
			return strings.Replace(s, old, new, 1)
		}))
	}
	bad("empty", nil)
	bad("text", []byte(strings.Repeat("not a bundle\n", 100)))
	bad("cut-in-a-header", redacted[:100])
	bad("cut-in-a-file", redacted[:len(redacted)/2/512*512])
	bad("no-end", redacted[:len(redacted)-1024])
	bad("half-an-end", redacted[:len(redacted)-512])
	bad("more-after-the-end", append(slices.Clone(redacted), make([]byte, 512)...))
	for name, i := range inOrder(map[string]int{"mode": 100, "owner": 110, "time": 140, "checksum": 150, "type": 156, "link": 160, "magic": 257, "user": 265, "prefix": 400, "padding": 511}) {
		b := slices.Clone(redacted)
		b[i] ^= 1
		bad("header-"+name, b)
	}
	b := slices.Clone(redacted)
	b[512+511] = 1 // README.txt is short
	bad("something-between-files", b)
	files := Unpack(redacted)
	bad("a-file-missing", Pack(Sums(slices.Delete(slices.Clone(files), 7, 8))))
	bad("files-swapped", Pack(Sums(append([]File{files[1], files[0]}, files[2:]...))))
	bad("a-file-too-many", Pack(Sums(append(slices.Clone(files[:8]), File{"notes.txt", "x"}))))
	bad("a-path", Pack(Sums(append(slices.Clone(files[:8]), File{"attachments/../../x", "x"}))))
	bad("a-file-twice", Pack(Sums(append(slices.Clone(files[:9]), files[8:]...))))
	bad("no-sums", Pack(files[:len(files)-1]))
	bad("sums-not-last", Pack(append(slices.Clone(files), File{"verify.html", "x"})))
	bad("sums-of-too-many", Pack(append(slices.Clone(files[:len(files)-1]), File{"sums.txt", files[len(files)-1].Content + Hex("x") + "  x\n"})))
	bad("sums-of-too-few", Pack(append(slices.Clone(files[:len(files)-1]), File{"sums.txt", files[len(files)-1].Content[78:]})))
	bad("more-attachments-than-said", Pack(Sums(append(slices.Clone(files[:9]), File{"attachments/" + strings.Repeat("f", 64), "x"}))))
	edit("policy", "policy.txt", "log ", "logs ")
	edit("policy-first-line", "policy.txt", "policy/1", "policy/2")
	edit("info-format", "bundle.json", "bundle/1", "bundle/2")
	edit("info-of-another-log", "bundle.json", "abcdefg", "bbcdefg")
	edit("info-not-canonical", "bundle.json", `{"`, `{ "`)
	capital := func(name, value string) []byte { // canonical still: capitals come first
		return Change(redacted, "bundle.json", func(s string) string {
			member := `"` + name + `":"` + value + `"`
			return `{"` + strings.ToUpper(name[:1]) + member[2:] + "," + strings.Replace(s, member+",", "", 1)[1:]
		})
	}
	bad("info-format-in-capitals", capital("format", evidence.BundleFormat))
	bad("info-log-in-capitals", capital("log", Origin))
	bad("info-log-in-capitals-too", Change(redacted, "bundle.json", func(s string) string {
		return `{"Log":"` + Origin + `",` + strings.Replace(s, `"log":"`+Origin+`"`, `"log":"elsewhere"`, 1)[1:]
	}))
	edit("note-of-nothing", "checkpoint", "\n10\n", "\n0\n")
	edit("note-leading-zero", "checkpoint", "\n10\n", "\n010\n")
	edit("note-extension", "checkpoint", "\n\n", "\nmore\n\n")
	edit("note-no-signatures", "checkpoint", "— ", "- ")
	edit("earlier-size", "checkpoints.jsonl", `"size":2`, `"size":3`)
	edit("earlier-order", "checkpoints.jsonl", `"note"`, `"node"`)
	edit("earlier-no-end", "checkpoints.jsonl", "5}\n", "5}")
	edit("opening-name", "openings.jsonl", `"seed"`, `"sead"`)
	edit("opening-space", "openings.jsonl", `,"seq"`, `, "seq"`)
	edit("opening-number", "openings.jsonl", `"seq":7`, `"seq":07`)
	edit("opening-twice", "openings.jsonl", `"seq":7`, `"seq":6`)
	edit("opening-fraction", "openings.jsonl", `"seq":7`, `"seq":7.0`)
	edit("opening-base64", "openings.jsonl", `=","seq":0`, `A","seq":0`)
	edit("opening-escape", "openings.jsonl", `\"kind`, `\u0022kind`)
	edit("opening-slash", "openings.jsonl", `WARDROOM/1`, `WARDROOM\/1`)
	edit("opening-seven", "openings.jsonl", `["{`, `[`)
	edit("opening-part-order", "openings.jsonl", `"1":[`, `"0":[`)
	edit("opening-part-eight", "openings.jsonl", `"7":[`, `"8":[`)
	edit("opening-no-end", "openings.jsonl", "]}\n", "]}")
	edit("opening-CRLF", "openings.jsonl", "]}\n", "]}\r\n")
	edit("opening-not-utf-8", "openings.jsonl", "kind", "\xffind")
	edit("withheld-why", "withheld.jsonl", `"redacted"`, `"redactem"`)
	edit("withheld-shown-too", "withheld.jsonl", `[4]`, `[4,5]`)
	edit("withheld-another", "withheld.jsonl", `"last":5`, `"last":6`)
	edit("withheld-backwards", "withheld.jsonl", `"last":5`, `"last":4`)
	edit("withheld-slot", "withheld.jsonl", `[4]`, `[8]`)
	edit("withheld-no-slot", "withheld.jsonl", `[4]`, `[]`)
	edit("withheld-unknown", "withheld.jsonl", `"why"`, `"whz"`)
	edit("withheld-event", "withheld.jsonl", `{"first"`, `{"event":9,"first"`)
	bad("withheld-twice", Change(redacted, "withheld.jsonl", func(s string) string { return s + s }))
	bad("withheld-order", Change(redacted, "withheld.jsonl", func(s string) string {
		return s + `{"first":4,"last":4,"slots":[1],"why":"audience"}` + "\n"
	}))
}
