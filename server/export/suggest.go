package export

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Suggestion is what somebody might leave out, found by the machine. It is made
// when it is asked for, and kept nowhere.
type Suggestion struct {
	Entry  incident.Seq
	Slot   int
	Field  string          // a JSON pointer into the slot; "" for the whole slot
	Spans  []incident.Span // in Field
	Ground incident.Ground
	Why    string // one sentence
}

// Suggest looks through one entry as the asker sees it: for NHS numbers in
// anything it says, and for what came from a host that deals with security
// matters. of is the originator of its root.
func Suggest(room *incident.Room, seen policy.Seen, of incident.OrgID) []Suggestion {
	var list []Suggestion
	for _, slot := range []int{incident.SlotBody, incident.SlotRefs, incident.SlotAttachments} {
		value, ok := seen.Slot(slot)
		if !ok || len(value) == 0 {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(value))
		dec.UseNumber()
		var doc any
		if dec.Decode(&doc) != nil {
			continue
		}
		texts(doc, "", func(field, text string) {
			if spans := NHSNumbers(text); len(spans) > 0 {
				list = append(list, Suggestion{seen.Seq(), slot, field, spans, incident.FOI40, "This reads as an NHS number."})
			}
		})
	}
	if e := seen.Event(); e != nil && !e.Kind.Standing() && of != "" && Security(room) == of {
		list = append(list, Suggestion{Entry: seen.Seq(), Slot: incident.SlotBody, Ground: incident.FOI23,
			Why: "This came from a body that deals with security matters: consult it before this is given."})
	}
	return list
}

// Security returns the host that deals with security matters: the one that may
// categorise by the NCSC's scale; "" if there is none.
func Security(room *incident.Room) incident.OrgID {
	for _, a := range room.Assessors {
		if a.Scale == incident.NCSCCategory && slices.Contains(room.Hosts, a.Org) {
			return a.Org
		}
	}
	return ""
}

// texts visits every string of a decoded value, in order.
func texts(v any, at string, visit func(pointer, text string)) {
	switch v := v.(type) {
	case string:
		visit(at, v)
	case []any:
		for i, x := range v {
			texts(x, at+"/"+strconv.Itoa(i), visit)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			texts(v[name], at+"/"+strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1"), visit)
		}
	}
}

// NHSNumbers finds valid NHS numbers: ten digits, whose last is the check digit
// of the others by modulus 11 (NHS Data Dictionary), with at most one space or
// dash between two of them, and no digit on either side. Numbers of the range
// for tests (999 …) count too.
func NHSNumbers(text string) (spans []incident.Span) {
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		if !digit(runes[i]) || i > 0 && digit(runes[i-1]) {
			continue
		}
		var number []int
		j := i
		for ; j < len(runes) && len(number) < 10; j++ {
			switch r := runes[j]; {
			case digit(r):
				number = append(number, value(r))
			case !separator(r) || separator(runes[j-1]):
				j = len(runes)
			}
		}
		if len(number) == 10 && j <= len(runes) && (j == len(runes) || !digit(runes[j])) && checks(number) {
			spans = append(spans, incident.Span{From: i, To: j})
			i = j - 1
		}
	}
	return spans
}

// digit takes the digits of any script that has them: 0-9, full-width, Arabic …
func digit(r rune) bool { return unicode.Is(unicode.Nd, r) }

// value is a digit's. The digits of each script stand in runs of ten.
func value(r rune) int {
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return int(r-rune(run.Lo)) % 10
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return int(r-rune(run.Lo)) % 10
		}
	}
	return 0
}

func separator(r rune) bool {
	return unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) || r == '\t' || r == '\u2212' || r == '.'
}

func checks(number []int) bool {
	sum := 0
	for i, d := range number[:9] {
		sum += d * (10 - i)
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check == number[9] // 10 is no digit: such a number is none
}
