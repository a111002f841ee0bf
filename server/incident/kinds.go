package incident

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// LogKind says what a log is for.
type LogKind string

const (
	RoomLog   LogKind = "room"   // everything said, shared, decided, joined, left
	AccessLog LogKind = "access" // who opened a restricted entry, who was refused
	SystemLog LogKind = "system" // organisations, people, rooms opened and closed, keys
)

// KindInfo is what the house knows about a kind of event.
type KindInfo struct {
	Log      LogKind
	Root     bool // begins an object
	Standing bool // has the room as audience and is not bound by the history start
	Marks    bool // carries a marking in slot 3 though it is no root
	Record   bool // part of the incident's record: decisions, actions, assessments, loggists' books
	Timed    bool // may begin or end a wait of the room's: see Room.Timers
	Kept     bool // its body cannot be erased, though it is no standing kind: see Kind.Erasable
	body     reflect.Type
}

var kinds = map[Kind]KindInfo{}

func register[B Body](info KindInfo) {
	var b B
	t := reflect.TypeOf(b).Elem()
	k := b.kind()
	if _, twice := kinds[k]; twice {
		panic("incident: kind registered twice: " + string(k))
	}
	info.body = t
	kinds[k] = info
}

// Info returns what the house knows about a kind; ok is false for a kind it
// does not know.
func (k Kind) Info() (info KindInfo, ok bool) { info, ok = kinds[k]; return }

// Standing reports whether entries of this kind are seen by every member,
// whatever their history start.
func (k Kind) Standing() bool { return kinds[k].Standing }

// InRecord reports whether entries of this kind are part of the incident's
// record, which boards list.
func (k Kind) InRecord() bool { return kinds[k].Record }

// Timed reports whether an entry of this kind may change what the room waits
// for.
func (k Kind) Timed() bool { return kinds[k].Timed }

// Kinds lists every kind, sorted.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// NewBody returns an empty body for the kind, to decode into.
func NewBody(k Kind) (Body, error) {
	info, ok := kinds[k]
	if !ok {
		return nil, fmt.Errorf("incident: unknown kind %q", k)
	}
	return reflect.New(info.body).Interface().(Body), nil
}

// KindOf returns the kind a body belongs to.
func KindOf(b Body) Kind { return b.kind() }
