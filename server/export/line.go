package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// A line is an entry as the renderings say it: made of what is given of it, and
// of what was given before it, and of nothing else.
type line struct {
	seq    incident.Seq
	root   incident.Seq // 0 if that is not given
	kind   string       // as it is recorded; "" if that is not given
	title  string       // in words
	times  *incident.Times
	by     *incident.By
	name   string // who acted, as they were called when they joined
	org    string
	label  string // TLP and what else stands on the black bar; "" if it is not given
	fields []field
	left   []leftOut

	slots [incident.Slots]json.RawMessage // what is given; nil for nothing
}

// field is one thing that an entry says.
type field struct{ name, text string }

// leftOut is a part that is not given.
type leftOut struct {
	slots   []int
	why     string // one sentence
	code    policy.HeldWhy
	wording string // what is said in its stead; "" for nothing
}

// teller makes lines in the order of entries.
type teller struct {
	members map[incident.MemberNo]incident.Seat
	labels  map[incident.Seq]string
}

func newTeller() *teller {
	return &teller{members: map[incident.MemberNo]incident.Seat{}, labels: map[incident.Seq]string{}}
}

func read(g policy.Given, slot int, into any) bool {
	v, ok := g.Slot(slot)
	return ok && len(v) > 0 && json.Unmarshal(v, into) == nil
}

// tell says an entry.
func (t *teller) tell(g policy.Given) line {
	l := line{seq: g.Seq()}
	for i := range l.slots {
		if v, ok := g.Slot(i); ok {
			l.slots[i] = json.RawMessage(v)
		}
	}
	for _, h := range g.Held() {
		out := leftOut{slots: h.Slots, code: h.Why, why: whyWords(h)}
		for _, slot := range h.Slots {
			if text, ok := h.Wording[strconv.Itoa(slot)]; ok {
				out.wording = text
				if slot == incident.SlotBody {
					l.fields = fieldsOf([]byte(text))
				}
			}
		}
		l.left = append(l.left, out)
	}
	var k struct {
		Kind incident.Kind
		Root incident.Seq
	}
	if read(g, incident.SlotKind, &k) {
		l.kind, l.root, l.title = string(k.Kind), k.Root, titleOf(k.Kind)
	}
	var times incident.Times
	if read(g, incident.SlotTimes, &times) {
		l.times = &times
	}
	if body, ok := g.Slot(incident.SlotBody); ok {
		if k.Kind == "member.joined" {
			var b incident.MemberJoined
			if read(g, incident.SlotBody, &b) {
				t.members[b.Number] = b.Seat
			}
		}
		l.fields = fieldsOf(body)
	}
	for i, f := range filesOf(g) {
		l.fields = append(l.fields, field{fmt.Sprintf("Attachment %d", i+1), fmt.Sprintf("%s (%s, %d bytes, SHA-256 %s)", f.Name, f.Type, f.Size, f.SHA256)})
	}
	var by incident.By
	if read(g, incident.SlotActor, &by) {
		l.by, l.org = &by, string(by.Org)
		switch seat, known := t.members[by.Member]; {
		case by.Veiled():
			l.name = "Veiled: " + strings.ReplaceAll(string(by.OrgType), "_", " ")
		case by.Member == 0:
			l.name = "The system"
		case known && seat.Org == by.Org:
			l.name, l.org = seat.Name, seat.OrgName
		default:
			l.name = fmt.Sprintf("M-%d", by.Member)
		}
	}
	var mark incident.Marking
	if read(g, incident.SlotMarking, &mark) {
		parts := []string{string(mark.TLP)}
		for _, p := range []string{string(mark.PAP), string(mark.Caveat)} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		l.label = strings.Join(parts, " · ")
		if l.root != 0 {
			t.labels[l.root] = l.label
		}
	} else if l.root != 0 {
		l.label = t.labels[l.root]
		if _, given := g.Slot(incident.SlotMarking); given && l.label == "" && l.root == l.seq {
			l.label = noLabel
		}
	}
	return l
}

// noLabel stands where an entry has none: what everybody in the room is told.
const noLabel = "No label"

var whySentence = map[policy.HeldWhy]string{
	policy.HeldRange:      "Not in the range that was asked for.",
	policy.HeldRedacted:   "Redacted.",
	policy.HeldWithheld:   "Withheld by its originator.",
	policy.HeldUnanswered: "Its originator was asked and has not answered.",
	policy.HeldAudience:   "Not for this recipient.",
	policy.HeldErased:     "Erased from the record.",
}

func whyWords(h policy.Held) string {
	s := whySentence[h.Why]
	if h.Ground != "" {
		s += " " + h.Ground + "."
	}
	if h.Reason != "" && h.Reason+"." != s && h.Reason != s {
		s += " " + strings.ToUpper(string([]rune(h.Reason)[:1])) + string([]rune(h.Reason)[1:])
		if !strings.HasSuffix(s, ".") {
			s += "."
		}
	}
	return s
}

// slotNames are what people call the parts of an entry.
var slotNames = [incident.Slots]string{"what kind of entry it is", "who wrote it", "its times", "its label and readers", "what it says", "what it refers to", "its attachments", "by what right it was written"}

func named(slots []int) string {
	if len(slots) == incident.Slots {
		return "The whole entry"
	}
	var names []string
	for _, s := range slots {
		names = append(names, slotNames[s])
	}
	text := strings.Join(names, ", ")
	return strings.ToUpper(text[:1]) + text[1:]
}

var titles = map[incident.Kind]string{
	"genesis": "Log begun", "message.posted": "Message", "message.corrected": "Message corrected", "report.given": "Report", "inject.given": "Exercise inject",
	"entry.noted": "Noted as seen", "book.opened": "Loggist's book opened", "logentry.written": "Loggist's line", "logentry.corrected": "Loggist's line corrected",
	"rules.set": "Handling rules set", "brief.set": "Situation brief set", "clock.set": "Exercise clock set", "audience.tightened": "Label raised or readers narrowed",
	"item.published": "Intelligence", "item.corrected": "Intelligence corrected", "item.merged": "Intelligence merged into this", "item.absorbed": "Merged into other intelligence",
	"tearline.published": "Tear-line", "entry.recalled": "Recalled by its originator", "decision.shaken": "What the decision cites was recalled",
	"entry.promoted": "Brought from a side room", "message.attributed": "Who wrote a veiled message",
	"audience.widened": "Label lowered or readers widened", "audience.withheld": "Withheld from all but the hosts", "audience.restored": "Withholding ended",
}

// titleOf names a kind in words: "decision.recorded" is "Decision recorded".
func titleOf(k incident.Kind) string {
	if t, ok := titles[k]; ok {
		return t
	}
	return spaced(strings.Replace(string(k), ".", " ", 1))
}

// spaced turns a name of the code's into words: "orgName" is "Org name".
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			b.WriteRune(unicode.ToUpper(r))
		case r == '_':
			b.WriteByte(' ')
		case unicode.IsUpper(r):
			b.WriteByte(' ')
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fieldsOf lists what a body says, by its names in order.
func fieldsOf(body []byte) []field {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var doc any
	if len(body) == 0 || dec.Decode(&doc) != nil {
		return nil
	}
	var list []field
	var walk func(v any, at string)
	walk = func(v any, at string) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(v[name], strings.TrimPrefix(at+" › "+spaced(name), " › "))
			}
		case []any:
			for i, x := range v {
				walk(x, fmt.Sprintf("%s %d", at, i+1))
			}
		case string:
			list = append(list, field{at, v})
		case bool:
			list = append(list, field{at, map[bool]string{true: "yes", false: "no"}[v]})
		case json.Number:
			list = append(list, field{at, v.String()})
		}
	}
	walk(doc, "")
	return list
}

// words is what an entry says, as one text.
func (l *line) words() string {
	var parts []string
	for _, f := range l.fields {
		if f.name == "Text" {
			parts = append(parts, f.text)
		} else {
			parts = append(parts, f.name+": "+f.text)
		}
	}
	return strings.Join(parts, "\n")
}

// out is what is left out, as one text.
func (l *line) out() string {
	var parts []string
	for _, o := range l.left {
		s := named(o.slots) + ": " + o.why
		if o.wording != "" {
			s += " The wording in its stead is the exporter's, and cannot be checked against the log."
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "\n")
}

// role is the role they acted in, in words.
func (l *line) role() string {
	if l.by == nil || l.by.Role == "" {
		return ""
	}
	return spaced(string(l.by.Role))
}

const clock = "2 January 2006 15:04:05 UTC"

// at is when it was recorded; happened, when it happened, if that was another
// time.
func (l *line) at() string {
	if l.times == nil {
		return ""
	}
	return l.times.Recorded.UTC().Format(clock)
}

func (l *line) happened() string {
	if l.times == nil {
		return ""
	}
	var parts []string
	if t := l.times.Occurred; !t.IsZero() {
		about := ""
		if l.times.About {
			about = "about "
		}
		parts = append(parts, about+t.UTC().Format(clock))
	}
	if t := l.times.Exercise; !t.IsZero() {
		parts = append(parts, "exercise time "+t.UTC().Format(clock))
	}
	return strings.Join(parts, "; ")
}

func stamp(t incident.Instant) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// heading is what the entry is called.
func (l *line) heading() string { return cmp.Or(l.title, "Entry") }

// who says who made the entry, when, and what it is about.
func (l *line) who() (who []string) {
	for _, s := range []string{l.name, l.org, l.role(), l.at(), l.happened()} {
		if s != "" {
			who = append(who, s)
		}
	}
	if l.root != 0 && l.root != l.seq {
		who = append(who, fmt.Sprintf("about entry %d", l.root))
	}
	return who
}
