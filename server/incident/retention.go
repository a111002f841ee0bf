package incident

import "time"

func init() { register[*RetentionSet](KindInfo{Log: RoomLog, Root: true, Standing: true}) }

// DefaultYears is how long a room's record is kept after the room was closed,
// unless it is set longer: what the NHS Records Management Code of Practice
// asks for incident records that may be looked into. MaxYears bounds it.
const (
	DefaultYears = 20
	MaxYears     = 100
)

// RetentionSet says how many years the record is kept after the room was
// closed. It is only ever made longer: what must go sooner is erased, entry by
// entry, on a ground and by two people.
type RetentionSet struct {
	Years int `json:"years"`
}

func (*RetentionSet) kind() Kind { return "retention.set" }

// Retention is how long the record is kept, as it stands.
type Retention struct {
	Years int     `json:"years"`
	Seq   Seq     `json:"seq,omitempty"` // the entry that set it; 0 for the default
	By    By      `json:"by,omitzero"`
	At    Instant `json:"at,omitzero"`
}

// Keeps returns how long the record is kept: as was set, else the default.
func (r *Room) Keeps() Retention {
	if r.Retention == nil {
		return Retention{Years: DefaultYears}
	}
	return *r.Retention
}

// KeptUntil returns when the record has been kept long enough; ok is false
// while the room is not closed, since the years have not begun.
func (r *Room) KeptUntil() (t time.Time, ok bool) {
	if r.Lifecycle != Closed || r.Ended.IsZero() {
		return t, false
	}
	return r.Ended.AddDate(r.Keeps().Years, 0, 0), true
}
