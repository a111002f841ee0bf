package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const vectorsFile = "testdata/vectors.json"

// vectors are known answers for other implementations. Bytes are hexadecimal,
// values are text (their UTF-8 is what is hashed) and sequence numbers decimal
// text, since they may go beyond 2^53.
type vectors struct {
	LeafSize int           `json:"leafSize"`
	Events   []eventVector `json:"events"`
	// Log joins the leaves of the events whose origin is events[0]'s.
	Log          []frontierVector `json:"log"`
	Canonical    []string         `json:"canonical"`
	NotCanonical []string         `json:"notCanonical"`
}

type eventVector struct {
	Name        string        `json:"name"`
	OriginLine  string        `json:"originLine"`
	Origin      string        `json:"origin"`
	Seq         string        `json:"seq"`
	Seed        string        `json:"seed"`
	Values      [Slots]string `json:"values"`
	Salts       [Slots]string `json:"salts"`
	Commitments [Slots]string `json:"commitments"`
	Leaf        string        `json:"leaf"`
	LeafHash    string        `json:"leafHash"`
	Whole       string        `json:"whole"` // the binary form of the whole opening
}

// A frontierVector is the state of the log after size leaves.
type frontierVector struct {
	Size     uint64   `json:"size"`
	Root     string   `json:"root"`
	Hashes   []string `json:"hashes"`
	Frontier string   `json:"frontier"` // the binary form
}

func x(b []byte) string { return hex.EncodeToString(b) }

const (
	lineA = "wardroom.dsc.example/wardroom/1/room/nb2hi4dthixs653xo4xho2ltovqq"
	lineB = "wardroom.dsc.example/wardroom/1/system/ge3tinjuga2tgnbqgm2dmnbz"
)

func makeVectors(t *testing.T) vectors {
	room := []struct {
		name   string
		values [Slots]string
	}{
		{"genesis", [Slots]string{`{"kind":"room.opened"}`, `{"member":1}`, `{"recorded":"2025-11-21T20:56:00Z"}`, `{"audience":"room","tlp":"AMBER+STRICT"}`, `{"format":"WARDROOM/1"}`, "", "", `{"seen":0}`}},
		{"all slots empty", [Slots]string{}},
		{"message", [Slots]string{`{"kind":"message.posted","root":2}`, `{"member":7,"role":"incident lead"}`, `{"occurred":"2025-11-21T20:55:00Z","recorded":"2025-11-21T20:56:01.123Z","within":"PT5M"}`, `{"audience":"room","tlp":"AMBER+STRICT"}`, `{"text":"Domain controller isolated at 20:55."}`, "[]", "[]", `{"key":"01JD8Q2Z0G8Y4T2V9W5X3B7N6M","seen":1}`}},
		{"beyond ASCII", [Slots]string{`{"kind":"message.posted","root":3}`, `{"member":2,"name":"Siân Ŵyn"}`, "", "", "{\"text\":\"Ysbyty Gwynedd \U0001F3E5 \u2028 <b>&amp;</b> \\u0000\"}", "", "", ""}},
		{"long value", [Slots]string{`{"kind":"message.posted","root":4}`, "", "", "", `{"text":"` + strings.Repeat("All wards on paper. ", 500) + `"}`, "", "", ""}},
		{"values around a block of the hash", [Slots]string{strings.Repeat("a", 27), strings.Repeat("b", 28), strings.Repeat("c", 34), strings.Repeat("d", 35), strings.Repeat("e", 36), strings.Repeat("f", 98), strings.Repeat("g", 99), strings.Repeat("h", 100)}},
		{"the same value in every slot", [Slots]string{"{}", "{}", "{}", "{}", "{}", "{}", "{}", "{}"}},
	}
	v := vectors{LeafSize: LeafSize, Canonical: canonicalValues, NotCanonical: otherValues}
	for i, e := range room {
		v.Events = append(v.Events, makeEvent(t, e.name, lineA, uint64(i), e.values))
	}
	v.Events = append(v.Events,
		makeEvent(t, "another log", lineB, 2, room[2].values),
		makeEvent(t, "beyond 2^53", lineB, 1<<53+1, room[2].values),
		makeEvent(t, "the last there could be", lineB, 1<<64-1, room[2].values))

	var f Frontier
	v.Log = append(v.Log, makeFrontier(t, &f))
	for i := range room {
		b, err := hex.DecodeString(v.Events[i].LeafHash)
		check(t, err)
		f.Append([32]byte(b))
		v.Log = append(v.Log, makeFrontier(t, &f))
	}
	return v
}

// makeEvent takes a fixed seed: real ones are random.
func makeEvent(t *testing.T, name, line string, seq uint64, values [Slots]string) eventVector {
	w := &Whole{Seq: seq, Seed: sha256.Sum256(fmt.Appendf(nil, "test vector %s %d", line, seq))}
	for i, s := range values {
		w.Values[i] = []byte(s)
	}
	origin := OriginOf(line)
	leaf := AppendLeaf(nil, origin, seq, w.Seed, &w.Values)
	check(t, w.Check(origin, leaf))
	hash := LeafHash(leaf)
	whole, err := w.AppendBinary(nil)
	check(t, err)
	e := eventVector{
		Name: name, OriginLine: line, Origin: x(origin[:]), Seq: strconv.FormatUint(seq, 10), Seed: x(w.Seed[:]),
		Values: values, Leaf: x(leaf), LeafHash: x(hash[:]), Whole: x(whole),
	}
	for i := range Slots {
		salt := Salt(w.Seed, i)
		c := Commit(i, seq, origin, salt, w.Values[i])
		e.Salts[i], e.Commitments[i] = x(salt[:]), x(c[:])
	}
	return e
}

func makeFrontier(t *testing.T, f *Frontier) frontierVector {
	root := f.Root()
	b, err := f.MarshalBinary()
	check(t, err)
	v := frontierVector{Size: f.Size(), Root: x(root[:]), Hashes: []string{}, Frontier: x(b)}
	for _, h := range f.Hashes() {
		v.Hashes = append(v.Hashes, x(h[:]))
	}
	return v
}

// The format is fixed: an entry once written must verify for ever. If this
// fails, the code has to change back, not the file.
func TestTheFormatIsThatOfTheVectors(t *testing.T) {
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	check(t, enc.Encode(makeVectors(t)))
	if *update {
		check(t, os.WriteFile(vectorsFile, want.Bytes(), 0o644))
	}
	got, err := os.ReadFile(vectorsFile)
	check(t, err)
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what the code makes", vectorsFile)
	}
}
