package web

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"wardroom/server/incident"
)

// frameIn is a client's frame, as strictly read as a request's body.
type frameIn struct {
	kind   string
	ticket string
	room   incident.LogID
	after  *incident.Seq
	seq    incident.Seq
}

// frameFields are what a frame may have, each as it was sent; nil is not given.
type frameFields struct {
	Type   jsontext.Value `json:"type"`
	Ticket jsontext.Value `json:"ticket"`
	Room   jsontext.Value `json:"room"`
	After  jsontext.Value `json:"after"`
	Seq    jsontext.Value `json:"seq"`
}

// needs says which fields a kind of frame must have: all of them and no other.
var needs = map[string]struct{ ticket, room, after, seq bool }{
	"hello": {ticket: true}, "subscribe": {room: true, after: true}, "unsubscribe": {room: true}, "typing": {room: true}, "read": {room: true, seq: true},
}

var noFrame = broken("This is no frame.")

func parseFrame(b []byte) (f frameIn, err error) {
	var given frameFields
	if err := json.Unmarshal(b, &given, json.RejectUnknownMembers(true)); err != nil {
		return f, err
	}
	if err := fieldIn(true, given.Type, &f.kind); err != nil {
		return f, err
	}
	need, known := needs[f.kind]
	if !known {
		return f, noFrame
	}
	if need.after && given.After.Kind() == 'n' {
		need.after, given.After = false, nil // from the beginning
	}
	for _, err := range [...]error{
		fieldIn(need.ticket, given.Ticket, &f.ticket),
		fieldIn(need.room, given.Room, &f.room),
		fieldIn(need.after, given.After, &f.after),
		fieldIn(need.seq, given.Seq, &f.seq),
	} {
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

// fieldIn reads a value that must be given, or must not.
func fieldIn(need bool, given jsontext.Value, into any) error {
	switch {
	case need != (given != nil), given.Kind() == 'n':
		return noFrame
	case !need:
		return nil
	}
	return json.Unmarshal(given, into)
}
