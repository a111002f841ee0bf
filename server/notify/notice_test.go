package notify

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// notice is a notice of this purpose with everything in it.
func notice(t testing.TB, p Purpose) Notice {
	t.Helper()
	room, err := ParseRoom("INC-2026-0042")
	must(t, err)
	site, err := ParseSite("https://wardroom.example.nhs.uk")
	must(t, err)
	duty, err := ParsePhone("0113 496 0123")
	must(t, err)
	code, err := ParseCode("ABCDE-23456")
	must(t, err)
	n := Notice{Purpose: p, Room: room, Code: code, Site: site, Duty: duty}
	if p.Alerts() {
		n.Room = Room{}
		n.About, err = AlertRef(42)
		must(t, err)
	}
	must(t, n.Check())
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A text field anywhere in what is sent is a place where a title could be put.
func TestNoTypeOfANoticeCanBeMadeOfText(t *testing.T) {
	var walk func(of reflect.Type, path string, ours bool)
	walk = func(of reflect.Type, path string, hidden bool) {
		switch of.Kind() {
		case reflect.Struct:
			for i := range of.NumField() {
				f := of.Field(i)
				walk(f.Type, path+"."+f.Name, hidden || !f.IsExported())
			}
		case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Bool:
		case reflect.String:
			// Text that only this package's parsers put there: digits of a
			// number, the deployment's own host.
			if !hidden || (path != "Notice.Site.host" && path != "Notice.Duty.number") {
				t.Errorf("%s is text", path)
			}
		default:
			t.Errorf("%s is a %s, which could hold anything", path, of.Kind())
		}
	}
	walk(reflect.TypeFor[Notice](), "Notice", false)
}

// titles are what people call incidents, and what comes close to the forms
// that are taken.
func titles() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[A-Za-z]{3,12}( [a-z]{2,12}){0,5}`),
		rapid.SampledFrom([]string{"Ransomware at Barts Health", "WannaCry", "INC-2026-0001 Ransomware", "Barts: INC-2026-0001", "ＩＮＣ-2026-0001", "INC-2026-0001\n", "INC–2026–0001",
			"INC-2026-00001", "INC-0026-0001", "INC-2026-0000", "inc-2026-0001", "EX-2026-١٢٣٤", "BARTS-HEALTH", "ROYAL-LONDON", "Code ABCDE-23456", "ABCDE 23456", "abcde-23456",
			"https://example.org/ransomware-at-barts", "https://user:pass@example.org", "http://example.org", "https://example.org?barts", "https://example.org/#barts", "ransomware", "barts health", "07700 900123 Barts"}),
		rapid.String(),
		rapid.StringMatching(`(INC|EX|AB)[- ][0-9]{2,5}[- ][0-9a-z]{3,7}`),
		rapid.StringMatching(`[A-Z]{5}-?[A-Z0-9]{4,6}`),
	)
}

func TestNoTitleGetsIntoANotice(t *testing.T) {
	room, code := regexp.MustCompile(`\A(INC|EX)-\d{4}-\d{4,6}\z`), regexp.MustCompile(`\A[A-HJKMNP-TV-Z2-9]{5}-[A-HJKMNP-TV-Z2-9]{5}\z`)
	rapid.Check(t, func(t *rapid.T) {
		title := titles().Draw(t, "title")
		if r, err := ParseRoom(title); err == nil && (!room.MatchString(title) || r.String() != title) {
			t.Fatalf("%q is taken as a reference, %s", title, r)
		}
		if c, err := ParseCode(title); err == nil && (!code.MatchString(title) || c.Shown() != title) {
			t.Fatalf("%q is taken as a code, %s", title, c.Shown())
		}
		if s, err := ParseSite(title); err == nil && strings.ContainsAny(s.Address(Raised), " \n?#@'\"<>") {
			t.Fatalf("%q is taken as an address, %s", title, s)
		}
		if p, err := ParsePurpose(title); err == nil && p.String() != title {
			t.Fatalf("%q is taken as a purpose", title)
		}
		if id, err := ParseID(title); err == nil && id.String() != title {
			t.Fatalf("%q is taken as an id", title)
		}
	})
	for _, title := range []string{"Ransomware at Barts Health", "WannaCry", "INC-2026-0001 Ransomware", "INC-2026-0001\n", "INC 2026-0001", "INC-2026 0001", "INC-2026-00001", "EX–2026–0001", "BAD-2026-0001", "INC-2026-0000", "ABCDE 23456", "ABCDE-2345", "ABCDE-23451", "abcde-23456", "https://example.org/ransomware-at-barts", "http://example.org", "ransomware"} {
		if _, err := ParseRoom(title); err == nil {
			t.Errorf("%q is a reference", title)
		}
		if _, err := ParseCode(title); err == nil {
			t.Errorf("%q is a code", title)
		}
		if _, err := ParseSite(title); err == nil {
			t.Errorf("%q is an address", title)
		}
	}
}

// What goes out is this package's own words, and forms: with those taken away
// nothing is left that depends on who is told or about what.
func TestAMessageSaysItsFieldsAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(Purposes()).Draw(t, "purpose")
		c := rapid.SampledFrom([]Channel{ByText, ByEmail}).Draw(t, "channel")
		room, err := ParseRoom(fmt.Sprintf("%s-%d-%04d", rapid.SampledFrom([]string{"INC", "EX"}).Draw(t, "mode"), rapid.IntRange(2020, 2099).Draw(t, "year"), rapid.IntRange(1, 99999).Draw(t, "n")))
		if err != nil {
			t.Fatal(err)
		}
		n := Notice{Purpose: p, Room: room, Code: Code{rapid.Uint64Range(1, 1<<48).Draw(t, "code")}}
		if p.Alerts() {
			n.Room = Room{}
			if n.About, err = AlertRef(rapid.IntRange(1, 999_999).Draw(t, "alert")); err != nil {
				t.Fatal(err)
			}
		}
		n.Site, _ = ParseSite("https://wardroom.example.nhs.uk")
		n.Duty, _ = ParsePhone("0113 496 0123")
		said := Wording(p, c).Fill(n.Fields())
		text := said.Subject + "\n" + said.Body
		for _, f := range n.Fields() {
			if f != "yes" && f != "no" {
				text = strings.ReplaceAll(text, f, "·")
			}
		}
		if m := regexp.MustCompile(`\(\(|\)\)\)|\?\?|[0-9]`).FindString(text); m != "" {
			t.Fatalf("left over after the fields: %q in %q", m, text)
		}
		if strings.Contains(text, "EXERCISE") != n.Room.Exercise() {
			t.Fatalf("%s says %q", room, text)
		}
	})
}

func TestWordingsAskForNoFieldThatANoticeDoesNotHave(t *testing.T) {
	for _, p := range Purposes() {
		for _, c := range []Channel{ByText, ByEmail} {
			w := Wording(p, c)
			names := w.Placeholders()
			for _, name := range names {
				if !slices.Contains(Fields, name) {
					t.Errorf("%s by %s asks for %q", p, c, name)
				}
			}
			if len(names) != len(Fields) {
				t.Errorf("%s by %s asks for %v only", p, c, names)
			}
			if (w.Subject == "") != (c == ByText) {
				t.Errorf("%s by %s has the subject %q", p, c, w.Subject)
			}
		}
	}
	n := notice(t, Raised)
	if got := slices.Sorted(mapKeys(n.Fields())); !slices.Equal(got, slices.Sorted(slices.Values(Fields))) {
		t.Errorf("a notice gives %v, and Fields are %v", got, Fields)
	}
}

func mapKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestANoticeIsWholeOrNotSent(t *testing.T) {
	for _, p := range Purposes() {
		whole := notice(t, p)
		for name, without := range map[string]func(*Notice){
			"purpose": func(n *Notice) { n.Purpose = 0 },
			"unknown": func(n *Notice) { n.Purpose = 200 },
			"room":    func(n *Notice) { n.Room, n.About = Room{}, Ref{} },
			"about":   func(n *Notice) { n.Room, n.About = Room{number: 1, year: 2026}, Ref{1} },
			"site":    func(n *Notice) { n.Site = Site{} },
			"duty":    func(n *Notice) { n.Duty = Phone{} },
			"code":    func(n *Notice) { n.Code = Code{} },
		} {
			n := whole
			without(&n)
			if n.Check() == nil {
				t.Errorf("a notice of purpose %s passes without a right %s", p, name)
			}
		}
	}
}

func TestFormsAreReadBackAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Code{rapid.Uint64Range(1, 590_490_000_000_000).Draw(t, "n")} // 30¹⁰
		if back, err := ParseCode(c.Shown()); err != nil || back != c {
			t.Fatalf("%s is read as %s: %v", c.Shown(), back.Shown(), err)
		}
	})
	for _, p := range Purposes() {
		var back Purpose
		text, err := p.MarshalText()
		must(t, err)
		if err := back.UnmarshalText(text); err != nil || back != p {
			t.Errorf("%s is read as %s: %v", p, back, err)
		}
	}
	id := NewID()
	if back, err := ParseID(id.String()); err != nil || back != id {
		t.Errorf("%s is read as %s: %v", id, back, err)
	}
	if got := fmt.Sprintf("%v %s", Code{9}, Code{}); got != "a code no code" {
		t.Errorf("codes print as %q", got)
	}
	for origin, want := range map[string]string{"https://wardroom.example.nhs.uk/": "https://wardroom.example.nhs.uk/join", "http://localhost:8080": "http://localhost:8080/join",
		"http://[::1]:8080": "http://[::1]:8080/join", "http://127.0.0.1": "http://127.0.0.1/join"} {
		if s, err := ParseSite(origin); err != nil || s.Address(Invitation) != want {
			t.Errorf("%s: %s %v", origin, s.Address(Invitation), err)
		}
	}
}
