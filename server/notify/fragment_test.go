package notify

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFragmentsAreCountedAsNotifyCountsThem(t *testing.T) {
	var v struct {
		Vectors []struct {
			Char, Suffix     string
			Count, Fragments int
		}
	}
	vectors(t, "sms-fragment-vectors.json", &v)
	if len(v.Vectors) == 0 {
		t.Error("no vectors")
	}
	for _, w := range v.Vectors {
		if got := Measure("", strings.Repeat(w.Char, w.Count)+w.Suffix); got.Fragments != w.Fragments {
			t.Errorf("%d times %s and %q are %d fragments, want %d", w.Count, w.Char, w.Suffix, got.Fragments, w.Fragments)
		}
	}
}

func TestFragmentsAtTheirEdges(t *testing.T) {
	for _, c := range []struct {
		service, body string
		want          Size
	}{
		{"", "", Size{}},
		{"", " \n\t ", Size{}},
		{"Wardroom", "", Size{Characters: 10}},
		{"", strings.Repeat("a", 160), Size{160, 1, false, false}},
		{"", strings.Repeat("a", 161), Size{161, 2, false, false}},
		{"", strings.Repeat("a", 306), Size{306, 2, false, false}},
		{"", strings.Repeat("a", 307), Size{307, 3, false, false}},
		{"Wardroom", strings.Repeat("a", 150), Size{160, 1, false, false}},
		{"Wardroom", strings.Repeat("a", 151), Size{161, 2, false, false}},
		{"", strings.Repeat("€", 80), Size{80, 1, false, false}},
		{"", strings.Repeat("€", 81), Size{81, 2, false, false}},
		{"", strings.Repeat("ŵ", 70), Size{70, 1, true, false}},
		{"", strings.Repeat("ŵ", 71), Size{71, 2, true, false}},
		{"", strings.Repeat("a", 918), Size{918, 6, false, false}},
		{"", strings.Repeat("a", 919), Size{919, 7, false, true}},
		{"Wardroom", strings.Repeat("a", 918), Size{928, 7, false, false}},
		{"", strings.Repeat("…", 306), Size{918, 6, false, false}},
		{"", strings.Repeat("…", 307), Size{921, 7, false, true}},
	} {
		if got := Measure(c.service, c.body); got != c.want {
			t.Errorf("%q, %d of %.6q…: %+v, want %+v", c.service, len([]rune(c.body)), c.body, got, c.want)
		}
	}
}

func TestTextsAreDowngradedToWhatATelephoneHas(t *testing.T) {
	for text, want := range map[string]string{
		"plain £5 @ 24/7":    "plain £5 @ 24/7",
		"“smart” ‘quotes’…":  `"smart" 'quotes'...`,
		"a–b—c‑d−e":          "a-b-c-d-e",
		"č ş ū":              "c s u",
		"ŵ ŷ â Ẅ":            "ŵ ŷ â Ẅ",
		"ế":                  "ê",
		"\u212b":             "Å",
		"🚀 日 я":              "? ? ?",
		"gov\u200b.uk\u00a0": "gov.uk ",
		"e\u0301":            "e?", // a mark by itself is no letter
	} {
		if got := Downgrade(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		once := Downgrade(text)
		if Downgrade(once) != once {
			t.Fatalf("%q becomes %q, and then %q", text, once, Downgrade(once))
		}
		for _, c := range once {
			if !gsm(c) && !ucs(c) {
				t.Fatalf("%q keeps %q", text, c)
			}
		}
		a, b := Measure("", text), Measure("", text+"x")
		if b.Fragments < a.Fragments || a.Fragments > 0 && b.Fragments > a.Fragments+1 {
			t.Fatalf("%q: one character takes it from %d to %d fragments", text, a.Fragments, b.Fragments)
		}
	})
}

// What goes out by text is one fragment, for an exercise too, under a service's
// name of twelve characters and an address of ordinary length: it is paid for
// by the fragment, 10,000 times.
func TestEachNoticeIsOneFragment(t *testing.T) {
	for _, p := range Purposes() {
		n := notice(t, p)
		if !p.Alerts() {
			n.Room, _ = ParseRoom("EX-2026-0042")
		}
		body := Wording(p, ByText).Fill(n.Fields()).Body
		if s := Measure("NHS Wardroom", body); s.Fragments != 1 || s.Unicode {
			t.Errorf("%s: %d fragments, %d characters: %s", p, s.Fragments, s.Characters, body)
		}
	}
}
