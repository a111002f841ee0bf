package policy

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// Seen is an entry in the form one kind of viewer sees it. Only this package
// can make one that shows anything; the zero Seen is entry 0 as a stub with
// no leaf. It does not print.
type Seen struct {
	seq     incident.Seq
	form    Form
	leaf    []byte
	whole   *evidence.Whole   // Open, and nothing of it was erased
	partial *evidence.Partial // Envelope; or Open, less the slots that were erased
}

// View returns the entry in the form the member sees, given who may see its
// root as the room stands at the head.
func View(room *incident.Room, m *incident.Member, s incident.Sight, e evidence.Entry) Seen {
	return show(seesEntry(room, m, s, e), e)
}

// seesEntry is Sees, or SeesNote if the entry is one.
func seesEntry(room *incident.Room, m *incident.Member, s incident.Sight, e evidence.Entry) Form {
	if room.Roster == incident.RosterHosts && e.Given() {
		if by, ok := noteBy(e); ok {
			return SeesNote(room, m, s, by)
		}
	}
	return Sees(room, m, s)
}

// noteBy returns who gave the note that the entry is; ok is false if it is
// none.
func noteBy(e evidence.Entry) (by incident.MemberNo, ok bool) {
	values := e.Values() // a note's kind and who gave it are never erased
	if !bytes.Contains(values[incident.SlotKind], []byte(`"entry.noted"`)) {
		return 0, false
	}
	event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(values))
	if err != nil {
		return 0, true // by nobody anyone knows
	}
	_, ok = event.Body.(*incident.EntryNoted)
	return event.By.Member, ok
}

func show(f Form, e evidence.Entry) Seen {
	seen := Seen{seq: incident.Seq(e.Seq), form: f, leaf: e.Leaf}
	if !e.Given() {
		seen.form = Stub // the second wall stood where the first did not
	}
	switch seen.form {
	case Open:
		seen.whole, seen.partial = e.Opening, e.Erased
	case Envelope:
		seen.partial = e.Show(incident.SlotKind, incident.SlotActor, incident.SlotTimes, incident.SlotMarking)
	}
	return seen
}

// Opened returns the entry open to a member whose opening it is already on
// the access log; ok is false if they may not see it at all. It is the only
// way to the body of what travels as an envelope.
func Opened(room *incident.Room, m *incident.Member, s incident.Sight, e evidence.Entry) (seen Seen, ok bool) {
	if !e.Given() || seesEntry(room, m, s, e) == Stub {
		return Seen{}, false
	}
	return show(Open, e), true
}

// Forms holds an entry in its three forms, for delivery to many: each is made
// once, whoever receives it.
type Forms [3]Seen

// AllForms returns the entry in every form. The caller chooses by Sees.
func AllForms(e evidence.Entry) (f Forms) {
	for form := range f {
		f[form] = show(Form(form), e)
	}
	return f
}

// Seq returns the entry's number.
func (s Seen) Seq() incident.Seq { return s.seq }

// Form returns how much is shown.
func (s Seen) Form() Form { return s.form }

// Erased lists the slots that were erased from the entry, as far as it is open:
// nobody sees them any more.
func (s Seen) Erased() []int {
	if s.form != Open || s.partial == nil {
		return nil
	}
	return s.partial.Missing()
}

// Event returns the entry decoded, or nil unless it is open. What was erased
// from it is empty in it, and listed.
func (s Seen) Event() *incident.Event {
	if s.form != Open {
		return nil
	}
	var e *incident.Event
	var err error
	if s.partial != nil {
		e, err = incident.DecodeErased(s.seq, incident.Values(s.partial.Values()), s.partial.Missing())
	} else {
		e, err = incident.Decode(s.seq, incident.Values(s.whole.Values))
	}
	if err != nil {
		return nil
	}
	return e
}

// Slot returns the exact bytes of a slot if it is shown.
func (s Seen) Slot(i int) (value []byte, ok bool) {
	switch {
	case s.form == Open:
		return s.whole.Values[i], true
	case s.form == Envelope && s.partial.Slots[i] != nil:
		return s.partial.Slots[i].Value, true
	}
	return nil, false
}

// Head returns what slots 0 to 3 say, without a body, or nil for a stub.
func (s Seen) Head() *incident.Event {
	var v incident.Values
	switch s.form {
	case Open:
		v = incident.Values(s.whole.Values)
	case Envelope:
		for i, slot := range s.partial.Slots {
			if slot != nil {
				v[i] = slot.Value
			}
		}
	default:
		return nil
	}
	e, err := incident.DecodeHead(s.seq, v)
	if err != nil {
		return nil
	}
	return e
}

// AppendJSON appends the entry as the wire carries it: the seed and eight
// values; or the leaf with a salt and a value per slot shown, which are slots 0
// to 3 of an envelope and, of an open entry from which some were erased, the
// others, the last of the eight always among them; or the leaf.
func (s Seen) AppendJSON(b []byte) []byte {
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, uint64(s.seq), 10)
	if s.whole != nil {
		b = append(b, `,"seed":"`...)
		b = base64.StdEncoding.AppendEncode(b, s.whole.Seed[:])
		b = append(b, `","slots":[`...)
		for i, v := range s.whole.Values {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, v)
		}
		return append(b, "]}"...)
	}
	b = append(b, `,"leaf":"`...)
	b = base64.StdEncoding.AppendEncode(b, s.leaf)
	b = append(b, '"')
	if s.partial != nil {
		b = append(b, `,"slots":{`...)
		for i, slot := range s.partial.Slots {
			if slot == nil {
				continue
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '"', byte('0'+i), '"', ':', '[', '"')
			b = base64.StdEncoding.AppendEncode(b, slot.Salt[:])
			b = append(b, `",`...)
			b = appendString(b, slot.Value)
			b = append(b, ']')
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

// MarshalJSON is AppendJSON, for values inside larger answers.
func (s Seen) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil), nil }

// String keeps an entry out of logs.
func (s Seen) String() string { return "entry " + strconv.FormatUint(uint64(s.seq), 10) }

// appendString appends a slot's exact bytes as a JSON string. Values are
// valid UTF-8 by construction, so only quotes, backslashes and controls need
// escaping; anything else goes the slow way.
func appendString(b, v []byte) []byte {
	b = append(b, '"')
	start := 0
	for i, c := range v {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, v[start:i]...)
		start = i + 1
		if c == '"' || c == '\\' {
			b = append(b, '\\', c)
			continue
		}
		q, _ := json.Marshal(string(rune(c)))
		b = append(b, q[1:len(q)-1]...)
	}
	b = append(b, v[start:]...)
	return append(b, '"')
}
