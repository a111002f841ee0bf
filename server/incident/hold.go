package incident

import "slices"

func init() {
	register[*HoldPlaced](KindInfo{Log: RoomLog, Root: true, Standing: true})
	register[*HoldLifted](KindInfo{Log: RoomLog, Standing: true})
}

// HoldPlaced holds the whole record: nothing of it is erased or disposed of
// until the hold is lifted, whoever agreed to what before.
type HoldPlaced struct {
	Reason    string `json:"reason"`
	Reference string `json:"reference"` // of the inquiry, the claim, the order
}

func (*HoldPlaced) kind() Kind { return "hold.placed" }

// HoldLifted ends a hold. Someone of the other host lifts it.
type HoldLifted struct {
	Reason string `json:"reason"`
}

func (*HoldLifted) kind() Kind { return "hold.lifted" }

// Hold is a hold that stands.
type Hold struct {
	Root      Seq     `json:"root"`
	By        By      `json:"by"`
	At        Instant `json:"at"`
	Reason    string  `json:"reason"`
	Reference string  `json:"reference"`
}

// Hold returns the standing hold that began at root; nil if none.
func (r *Room) Hold(root Seq) *Hold {
	if i := slices.IndexFunc(r.Holds, func(h Hold) bool { return h.Root == root }); i >= 0 {
		return &r.Holds[i]
	}
	return nil
}
