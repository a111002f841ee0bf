package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wardroom/server/incident"
)

func TestABodyThatTwoReadersCouldReadDifferentlyIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"name twice":                `{"text":"a","text":"b"}`,
		"name twice, deep":          `{"a":[{"b":{"c":1,"c":2}}]}`,
		"name twice by an escape":   `{"text":"a","te\u0078t":"b"}`,
		"broken UTF-8":              "{\"text\":\"\xff\"}",
		"overlong UTF-8":            "{\"text\":\"\xc0\xaf\"}",
		"half a surrogate pair":     `{"text":"\ud83d"}`,
		"the other half":            `{"text":"\ude00"}`,
		"halves in the wrong order": `{"text":"\ude00\ud83d"}`,
		"null":                      `{"text":null}`,
		"null in a list":            `{"mentions":[null]}`,
		"two values":                `{} {}`,
		"something after":           `{}]`,
		"cut short":                 `{"text":"a"`,
		"nothing":                   ``,
		"a comma too many":          `{"a":1,}`,
		"not a number":              `{"a":NaN}`,
		"nested too deeply":         strings.Repeat("[", 40) + strings.Repeat("]", 40),
		"nested objects":            strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40),
	} {
		if _, err := readJSON([]byte(body), false); err == nil {
			t.Errorf("%s: taken", name)
		} else if !strings.HasPrefix(err.Error(), unreadablePrefix) {
			t.Errorf("%s: an error that is not ours: %v", name, err)
		}
	}
	for _, body := range []string{`{}`, `{"text":"\ud83d\ude00 \\u12 \u00e9","n":1.5e3,"l":[{},[]]}`, ` {"a":{"b":1},"c":{"b":2}} `, `"\\ud83d"`} {
		if _, err := readJSON([]byte(body), false); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// The value held against the schema and the struct that is acted on are read by
// two readers. What ours takes, the standard library takes, for the same value.
func FuzzWhatIsTakenIsReadTheSameByTheStandardLibrary(f *testing.F) {
	for _, b := range []string{`{"type":"read","room":"aaaa","seq":1}`, `{"a":[1,2,{"b":"\u00e9"}]}`, `[-0,0.5,1e3,-1.5E-7,1E+2,123456789012345678]`,
		`"\ud83d\ude00 \"\\\/\b\f\n\r\t é\u0000"`, " [true , false,null\t]\r\n", `{"":{"":[]}}`, `01`, `1.`, `.5`, `1e`, `-`, `1e999`, `"\x"`, "\"\x01\"", `{"a":1,"a":2}`} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readJSON(b, true)
		if strict := byTokens(b); (err == nil) != (strict == nil) {
			t.Fatalf("%q: %v, and read token by token: %v", b, err, strict)
		}
		if err == nil {
			var want any
			if err := json.Unmarshal(b, &want); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%q is read as %#v, and by the standard library as %#v (%v)", b, got, want, err)
			}
		}
		parseFrame(b)
	})
}

// byTokens says what is wrong with a text by the standard library's tokens
// and decoder: slowly, and by other means than readJSON.
func byTokens(b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("not UTF-8")
	}
	for _, u := range regexp.MustCompile(`(\\\\)|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})`).FindAllSubmatch(b, -1) {
		if len(u[3]) > 0 {
			return errors.New("half a character")
		}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	type open struct {
		names map[string]bool // nil in an array
		value bool            // a name was given, its value comes
	}
	var in []*open
	for n := 0; ; n++ {
		token, err := d.Token()
		if err == io.EOF && n > 0 && len(in) == 0 {
			break
		}
		if err != nil {
			return err
		}
		if n > 0 && len(in) == 0 {
			return errors.New("something after it")
		}
		if len(in) > 0 {
			if top := in[len(in)-1]; top.names != nil {
				if name, is := token.(string); is && !top.value {
					if top.names[name] {
						return errors.New("twice")
					}
					top.names[name], top.value = true, true
					continue
				}
				top.value = false
			}
		}
		switch token {
		case json.Delim('{'):
			in = append(in, &open{names: map[string]bool{}})
		case json.Delim('['):
			in = append(in, &open{})
		case json.Delim('}'), json.Delim(']'):
			in = in[:len(in)-1]
		}
		if len(in) > maxDepth {
			return errors.New("too deep")
		}
	}
	var v any
	return json.Unmarshal(b, &v)
}

func TestAFrameIsItsFieldsAndNothingElse(t *testing.T) {
	good := []string{`{"type":"hello","ticket":"x"}`, `{"type":"subscribe","room":"r","after":null}`, `{"type":"subscribe","room":"r","after":7}`,
		`{"type":"unsubscribe","room":"r"}`, `{"type":"typing","room":"r"}`, `{"type":"read","room":"r","seq":3}`}
	for _, b := range good {
		if _, err := parseFrame([]byte(b)); err != nil {
			t.Errorf("%s: %v", b, err)
		}
	}
	for _, b := range []string{`{}`, `[]`, `null`, `"hello"`, `{"type":"hello"}`, `{"type":"hello","ticket":null}`, `{"type":"hello","ticket":"x","x":1}`,
		`{"type":"subscribe","room":"r"}`, `{"type":"subscribe","room":"r","after":"7"}`, `{"type":"subscribe","room":"r","after":-1}`,
		`{"type":"subscribe","room":"r","after":1.5}`, `{"type":"read","room":"r","seq":null}`, `{"TYPE":"typing","room":"r"}`, `{"type":"typing","Room":"r"}`,
		`{"type":"typing","room":null}`, `{"type":"admin","room":"r"}`, `{"type":"typing","type":"read","room":"r"}`, `{"type":1,"room":"r"}`} {
		if f, err := parseFrame([]byte(b)); err == nil {
			t.Errorf("%s: taken as %+v", b, f)
		}
	}
}

func TestADerivedKeyIsAULIDAndTellsItsPartsApart(t *testing.T) {
	seen := map[incident.Key]bool{}
	for _, parts := range [][]string{{"a", "bc"}, {"ab", "c"}, {"abc"}, {"abc", ""}, {}} {
		k := follow("x", parts...)
		if !k.Valid() || seen[k] || k != follow("x", parts...) {
			t.Errorf("%q: %s", parts, k)
		}
		seen[k] = true
	}
	if follow("x", "a") == follow("y", "a") {
		t.Error("two purposes share a key")
	}
}

func TestABucketRefusesWhenItIsEmptyAndSaysWhenToComeBack(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	l := newLimiter(Limits{}, func() time.Time { return now })
	limit := Limit{Rate: 0.5, Burst: 3}
	for range 3 {
		if err := l.take(limit, "post", "me"); err != nil {
			t.Fatal(err)
		}
	}
	p, ok := l.take(limit, "post", "me").(*Problem)
	if !ok || p.Fault != incident.TooMany || p.GetHeaders().Get("Retry-After") != "2" {
		t.Fatalf("the fourth: %+v", p)
	}
	if err := l.take(limit, "post", "you"); err != nil {
		t.Fatalf("somebody else's bucket: %v", err)
	}
	if err := l.take(limit, "search", "me"); err != nil {
		t.Fatalf("another kind's bucket: %v", err)
	}
	now = now.Add(2 * time.Second)
	if err := l.take(limit, "post", "me"); err != nil {
		t.Fatalf("after the wait: %v", err)
	}
}

func TestBucketsAreBoundedAndAnEmptyOneOutlivesOneFlood(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	l := newLimiter(Limits{}, func() time.Time { return now })
	limit := Limit{Rate: 0.001, Burst: 1}
	l.take(limit, "post", "me")
	for i := range bucketsKept + 10 {
		l.take(limit, "post", string(rune(i))+"-other")
	}
	if n := len(l.new) + len(l.old); n > 2*bucketsKept {
		t.Fatalf("%d buckets kept", n)
	}
	if err := l.take(limit, "post", "me"); err == nil {
		t.Fatal("a flood of others filled an empty bucket")
	}
}

func TestAFasterPaceOpensNoDoorToGuessing(t *testing.T) {
	usual, fast := DefaultLimits, DefaultLimits.Times(10)
	if fast.Posts != (Limit{100, 600}) || fast.Room != (Limit{2000, 6000}) || fast.Requests != (Limit{500, 2000}) {
		t.Errorf("ten times the pace: %+v", fast)
	}
	if fast.Sockets != 10*usual.Sockets {
		t.Errorf("%d sockets at ten times the pace of %d", fast.Sockets, usual.Sockets)
	}
	fast.Posts, fast.Room, fast.Requests, fast.Sockets = usual.Posts, usual.Room, usual.Requests, usual.Sockets
	if fast != usual {
		t.Errorf("codes, openings, searches or strangers go faster too: %+v", fast)
	}
	if usual.Times(0) != usual {
		t.Error("no pace is another than the usual one")
	}
}
