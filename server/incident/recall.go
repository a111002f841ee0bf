package incident

func init() {
	register[*EntryRecalled](KindInfo{Log: RoomLog, Marks: true})
	register[*DecisionShaken](KindInfo{Log: RoomLog, Record: true})
}

// EntryRecalled ends the sharing of an entry, by its originator and for good:
// its readers are the originator's own from then on. It ends no record: the
// entry stays where it was written, and those who had opened it are known.
type EntryRecalled struct {
	Reason string `json:"reason"`
}

func (*EntryRecalled) kind() Kind { return "entry.recalled" }

// DecisionShaken says, of a decision, that an entry it cites was recalled
// after it. It is the house's own word: who recalled what is the entry's to
// say, to those who may see it.
type DecisionShaken struct {
	Entry Seq `json:"entry"` // as it was cited
}

func (*DecisionShaken) kind() Kind { return "decision.shaken" }

// Recallable reports whether entries of the kind can be recalled: what somebody
// shared, not what was decided or done.
func (k Kind) Recallable() bool {
	return k == "item.published" || k == "tearline.published" || k == "message.posted" || k == "entry.promoted"
}

// Recordable reports whether opening entries of the kind may be on record: of
// those that nothing else in the room is made of.
func (k Kind) Recordable() bool { return k.Recallable() && k != "entry.promoted" }
