package incident

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Values are the exact bytes of an entry's eight slots. They are encoded once
// (UTF-8 JSON, sorted keys, no floats), then stored, exported and hashed as
// they are; never re-serialised. An unused slot is empty.
type Values [Slots][]byte

type slotKind struct {
	Kind Kind `json:"kind"`
	Root Seq  `json:"root"`
}

// Encode writes the event's eight values. Struct fields are declared in the
// order of their JSON names, which is what sorts the keys.
func (e *Event) Encode() (v Values, err error) {
	put := func(i int, x any) {
		if err == nil {
			v[i], err = encode(x)
		}
	}
	put(SlotKind, slotKind{e.Kind, e.Root})
	put(SlotActor, e.By)
	put(SlotTimes, e.Times)
	if e.Marking != nil {
		put(SlotMarking, e.Marking)
	}
	put(SlotBody, e.Body)
	if len(e.Refs.Cites) > 0 || e.Refs.From != nil || len(e.Refs.Logs) > 0 || len(e.Refs.Quotes) > 0 || e.Refs.ReplyTo != 0 {
		put(SlotRefs, e.Refs)
	}
	if len(e.Files) > 0 {
		put(SlotAttachments, attached{e.Files})
	}
	put(SlotAuthority, e.Authority)
	return v, err
}

func encode(x any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// DecodeErased reads an entry from what is left of its values after these
// slots were erased. A body that was erased is the empty one of its kind.
func DecodeErased(seq Seq, v Values, erased []int) (*Event, error) {
	e, err := Decode(seq, v)
	if err == nil {
		e.Erased = erased
	}
	return e, err
}

// ErrNewer is that an entry cannot be read in full: it has a kind or a field that
// this version does not know. It is no fault of the entry's, which was unsealed
// and so was written by a server of this deployment, of a later version.
var ErrNewer = errors.New("written by a newer version of the server")

// Decode reads an entry from its values. It refuses unknown kinds and unknown
// fields with [ErrNewer]: an entry this version cannot read in full must not be
// folded.
func Decode(seq Seq, v Values) (*Event, error) {
	e, err := decodeEvent(seq, v)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrNewer)
	}
	return e, nil
}

func decodeEvent(seq Seq, v Values) (*Event, error) {
	var head slotKind
	if err := decode(v[SlotKind], &head); err != nil {
		return nil, fmt.Errorf("incident: entry %d: kind: %w", seq, err)
	}
	e := &Event{Seq: seq, Kind: head.Kind, Root: head.Root}
	body, err := NewBody(e.Kind)
	if err != nil {
		return nil, err
	}
	e.Body = body
	var files attached
	for _, s := range []struct {
		slot int
		into any
	}{{SlotActor, &e.By}, {SlotTimes, &e.Times}, {SlotBody, body}, {SlotRefs, &e.Refs}, {SlotAttachments, &files}, {SlotAuthority, &e.Authority}} {
		if len(v[s.slot]) == 0 {
			continue
		}
		if err := decode(v[s.slot], s.into); err != nil {
			return nil, fmt.Errorf("incident: entry %d: slot %d: %w", seq, s.slot, err)
		}
	}
	e.Files = files.Files
	if len(v[SlotMarking]) > 0 {
		e.Marking = new(Marking)
		if err := decode(v[SlotMarking], e.Marking); err != nil {
			return nil, fmt.Errorf("incident: entry %d: marking: %w", seq, err)
		}
	}
	return e, nil
}

// DecodeHead reads what slots 0 to 3 of an entry say, all that an envelope
// shows; the event has no body.
func DecodeHead(seq Seq, v Values) (*Event, error) {
	var head slotKind
	if err := decode(v[SlotKind], &head); err != nil {
		return nil, fmt.Errorf("incident: entry %d: kind: %w", seq, err)
	}
	e := &Event{Seq: seq, Kind: head.Kind, Root: head.Root}
	if err := decode(v[SlotActor], &e.By); err != nil {
		return nil, fmt.Errorf("incident: entry %d: actor: %w", seq, err)
	}
	if err := decode(v[SlotTimes], &e.Times); err != nil {
		return nil, fmt.Errorf("incident: entry %d: times: %w", seq, err)
	}
	if len(v[SlotMarking]) > 0 {
		e.Marking = new(Marking)
		if err := decode(v[SlotMarking], e.Marking); err != nil {
			return nil, fmt.Errorf("incident: entry %d: marking: %w", seq, err)
		}
	}
	return e, nil
}

func decode(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
