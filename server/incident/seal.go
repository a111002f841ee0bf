package incident

import "time"

// Seal says how far a log had come by its newest checkpoint. It tells number
// and time, as a stub does, and no kind.
type Seal struct {
	Size     uint64     `json:"size" doc:"Entries it covers, the first included."`
	Note     string     `json:"note" doc:"The signed note (C2SP tlog-checkpoint)."`
	Cosigned bool       `json:"cosigned" doc:"The witness's signatures are on it too."`
	At       time.Time  `json:"at" doc:"When it was cosigned, by the witness's clock; or signed, by ours."`
	Since    *time.Time `json:"since,omitempty" doc:"When the first entry was recorded that no cosigned checkpoint covers, if that is more than 10 seconds ago."`
}

// Unsealed is how long an entry may wait for a cosigned checkpoint before
// people are told.
const Unsealed = 10 * time.Second

// Equal reports whether two seals say the same; nil says nothing.
func (s *Seal) Equal(o *Seal) bool {
	if s == nil || o == nil {
		return s == o
	}
	same := s.Since == o.Since || s.Since != nil && o.Since != nil && s.Since.Equal(*o.Since)
	return same && s.Size == o.Size && s.Cosigned == o.Cosigned && s.Note == o.Note
}
