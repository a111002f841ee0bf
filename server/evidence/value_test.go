package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type unsorted struct {
	Zulu  string         `json:"zulu"`
	Alpha map[string]any `json:"alpha,omitempty"`
	Inner *unsorted      `json:"inner,omitempty"`
	At    time.Time      `json:"at"`
}

func TestEncodeWritesCanonicalJSON(t *testing.T) {
	at := time.Date(2025, 11, 21, 20, 56, 1, 5000, time.UTC)
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, `null`},
		{"", `""`},
		{[]int{}, `[]`},
		{map[string]int{}, `{}`},
		{"<b>&amp;</b>", `"<b>&amp;</b>"`},
		{"a\u2028b\u2029", "\"a\u2028b\u2029\""},
		{"\x00\x08\t\n\x0b\f\r\x1f\x7f\"\\/", `"\u0000\b\t\n\u000b\f\r\u001f` + "\x7f" + `\"\\/"`},
		{"Ysbyty Gwynedd ŵ 🏥 \ufffd", "\"Ysbyty Gwynedd ŵ 🏥 \ufffd\""},
		{int64(-9007199254740991), `-9007199254740991`},
		{json.Number("12"), `12`},
		{unsorted{"z", map[string]any{"b": 1, "a": []any{true, nil, "x"}}, &unsorted{At: at}, at},
			`{"alpha":{"a":[true,null,"x"],"b":1},"at":"2025-11-21T20:56:01.000005Z","inner":{"at":"2025-11-21T20:56:01.000005Z","zulu":""},"zulu":"z"}`},
		{json.RawMessage(` { "b" : [ 1 , {"d":"\u00e9\/\ud83c\udfe5", "c":0} ], "a\u0020":"" } `), `{"a ":"","b":[1,{"c":0,"d":"é/🏥"}]}`},
		{map[string]string{"a!": "", "a": "", "a\"": "", "a\\": "", "aa": ""}, `{"a":"","a!":"","a\"":"","a\\":"","aa":""}`},
		{[]byte("bytes"), `"Ynl0ZXM="`},
		{big.NewInt(7), `7`},
	} {
		got, err := Encode(c.v)
		if err != nil || string(got) != c.want {
			t.Errorf("%#v: %s, %v, want %s", c.v, got, err, c.want)
		}
		if err := CheckSorted(got); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
}

// RFC 8785 section 3.2.3.
func TestNamesAreSortedAsInTheRFC(t *testing.T) {
	got, err := Encode(json.RawMessage(`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`))
	check(t, err)
	want := `{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`
	if string(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestEncodeRefusesFloatsWhereverTheyStand(t *testing.T) {
	type inner struct{ F float32 }
	type Embedded struct{ F *float64 }
	type list struct {
		Next *list
		Any  any
	}
	for _, v := range []any{
		1.0, float32(1), new(float64), []float64{}, map[string]float64{}, inner{}, &inner{}, []inner{}, [2]*inner{},
		struct{ Embedded }{}, struct{ V any }{1.0}, []any{"a", map[string]any{"b": 1.0}},
		&list{Next: &list{Any: []any{float32(2)}}}, map[string]any{"a": &list{Any: inner{}}},
	} {
		if _, err := Encode(v); !errors.Is(err, ErrFloat) {
			t.Errorf("%T: %v", v, err)
		}
	}
	for _, v := range []any{
		json.Number("1.0"), json.Number("1e3"), json.Number("-0"), json.RawMessage(`[1.5]`), json.RawMessage(`[1E5]`),
		uint64(math.MaxUint64), int64(1 << 53), map[string]any{"a": json.Number("0.1")},
	} {
		if _, err := Encode(v); !errors.Is(err, ErrNotCanonical) {
			t.Errorf("%T %v: %v", v, v, err)
		}
	}
	for _, v := range []any{
		struct {
			F float64 `json:"-"`
			f float64
			A int
		}{}, &list{Next: &list{Any: 3}}, time.Second, big.NewFloat(1), // the last is a string
		[]any{int8(1), uint(2)},
	} {
		if _, err := Encode(v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestEncodeRefusesWhatHasNoCanonicalForm(t *testing.T) {
	type ring struct{ Next *ring }
	r := &ring{}
	r.Next = r
	deep := strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)
	for _, v := range []any{
		"secret \xff", map[string]int{"secret \xc3": 1}, json.RawMessage("\"secret \xff\""),
		json.RawMessage(`"secret \ud800"`), json.RawMessage(`"secret \udc00\ud800"`), json.RawMessage(`"secret \ud800\u0041"`),
		json.RawMessage(`{"secret":1,"secret":2}`), json.RawMessage(`{"secret":1,"s\u0065cret":2}`), json.RawMessage(`{"secret"`),
		json.RawMessage(deep), json.Number("secret"), make(chan int), r,
	} {
		got, err := Encode(v)
		if err == nil || got != nil {
			t.Errorf("%T is encoded as %s", v, got)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error quotes the value: %v", err)
		}
	}
	if _, err := Encode(json.RawMessage(deep[1 : len(deep)-1])); err != nil {
		t.Errorf("%d deep: %v", maxDepth, err)
	}
}

// Good and bad values; they also stand in testdata/vectors.json for other
// implementations.
var (
	canonicalValues = []string{
		`null`, `true`, `false`, `0`, `-1`, `9007199254740991`, `-9007199254740991`, `""`, `[]`, `{}`, `[[],{}]`,
		`{"a":1,"b":[1,2,{"c":null}]}`, `{"":0,"A":0,"B":0,"a":0,"aa":0,"b":0}`, `{"a":0,"a!":0}`,
		`"\b\t\n\f\r\u0000\u001f\"\\/<>&'"`, "\"\u2028ŵ🏥\x7f\"", "{\"\u0080\":0,\"ö\":0,\"€\":0,\"😀\":0,\"\ufb33\":0}",
	}
	otherValues = []string{
		``, ` `, ` 1`, "1\n", `1 `, `[1, 2]`, `{"a" :1}`, `{"a": 1}`, `{"b":1,"a":2}`, `{"a":1,"a":1}`, `{"x":{"b":1,"a":2}}`,
		`{"a!":0,"a":0}`, "{\"\ufb33\":0,\"😀\":0}", `1.0`, `1.5`, `1e3`, `1E3`, `-0`, `00`, `01`, `-`, `+1`, `.5`, `1.`, `9007199254740992`, `-9007199254740992`, `18446744073709551615`,
		`"\/"`, `"\u0041"`, `"\u2028"`, `"\u000a"`, `"\u001F"`, `"\u00"`, `"\x"`, `"\`, `"`, `"a`, "\"\t\"", "\"\x00\"", `'a'`,
		`[`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{1:1}`, `{"a",1}`,
		`tru`, `nul`, `True`, `NaN`, `Infinity`, `undefined`, `1 2`, `{}{}`, `[]]`, "\ufeff1",
	}
)

func TestCheckSortedAcceptsCanonicalValues(t *testing.T) {
	for _, v := range canonicalValues {
		if err := CheckSorted([]byte(v)); err != nil {
			t.Errorf("%s: %v", v, err)
		}
		if got, err := Encode(json.RawMessage(v)); err != nil || string(got) != v {
			t.Errorf("%s is encoded as %s, %v", v, got, err)
		}
	}
}

func TestCheckSortedRefusesEverythingElse(t *testing.T) {
	for _, v := range append(slices.Clone(otherValues), "\"\xff\"", "{\"\xff\":1}", "\"\xed\xa0\x80\"", "\"\xc0\x80\"",
		strings.Repeat("[", 101)+strings.Repeat("]", 101)) {
		if err := CheckSorted([]byte(v)); !errors.Is(err, ErrNotCanonical) {
			t.Errorf("%q: %v", v, err)
		}
	}
	if err := CheckSorted(bytes.Repeat([]byte("["), 1<<24)); !errors.Is(err, ErrNotCanonical) {
		t.Errorf("16 million brackets: %v", err)
	}
}

// drawAny draws a value that has a canonical form.
func drawAny(t *rapid.T, depth int) any {
	kinds := 5
	if depth == 0 {
		kinds = 3
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, "integer")
	case 1:
		return strings.ToValidUTF8(rapid.String().Draw(t, "string"), "")
	case 2:
		return rapid.SampledFrom([]any{nil, true, false}).Draw(t, "word")
	case 3:
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any { return drawAny(t, depth-1) }), 0, 4).Draw(t, "array")
	default:
		m := map[string]any{}
		for range rapid.IntRange(0, 5).Draw(t, "members") {
			m[strings.ToValidUTF8(rapid.String().Draw(t, "name"), "")] = drawAny(t, depth-1)
		}
		return m
	}
}

func TestEncodeIsCanonicalAndLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawAny(t, 3)
		got, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckSorted(got); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		// The same value by another way: indented, HTML escaped, then encoded.
		indented, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		again, err := Encode(json.RawMessage(indented))
		if err != nil || !bytes.Equal(got, again) {
			t.Fatalf("%s and %s, %v", got, again, err)
		}
	})
}

func FuzzCheckSorted(f *testing.F) {
	for _, v := range append(slices.Clone(canonicalValues), otherValues...) {
		f.Add([]byte(v))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		canonical := CheckSorted(b) == nil
		if canonical && !json.Valid(b) {
			t.Fatalf("%q is not even JSON", b)
		}
		got, err := Encode(json.RawMessage(b))
		if len(b) == 0 {
			return // encoding/json reads an empty RawMessage as an error, a nil one as null
		}
		if canonical && (err != nil || !bytes.Equal(got, b)) {
			t.Fatalf("%q is canonical and becomes %q, %v", b, got, err)
		}
		if err == nil && CheckSorted(got) != nil {
			t.Fatalf("%q becomes %q", b, got)
		}
		if err == nil && !canonical && bytes.Equal(got, b) {
			t.Fatalf("%q is refused and encoded the same", b)
		}
	})
}

func BenchmarkEncodeSorted(b *testing.B) {
	v := struct {
		Kind string `json:"kind"`
		Root int64  `json:"root"`
		Text string `json:"text"`
	}{"message.posted", 41, strings.Repeat("Domain controller isolated. ", 10)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(v); err != nil {
			b.Fatal(err)
		}
	}
}
