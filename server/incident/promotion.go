package incident

func init() {
	register[*PromotionAsked](KindInfo{Log: RoomLog, Root: true})
	register[*PromotionAgreed](KindInfo{Log: RoomLog})
	register[*PromotionRefused](KindInfo{Log: RoomLog})
	register[*EntryPromoted](KindInfo{Log: RoomLog, Root: true})
}

// PromotionAsked begins a question in a side room: may this entry be said in
// the main room, in these words, under this label, to these readers? It is the
// organisation's to answer, and the words and the readers are what it agrees
// to.
//
// The question repeats what the entry says, so it is seen by whoever sees the
// entry, as that stands: whatever moves the one moves the other in the same
// transaction, and it has no readers of its own to choose.
type PromotionAsked struct {
	Audience Audience `json:"audience"` // in the main room, by its members' numbers
	Entry    Seq      `json:"entry"`
	Item     bool     `json:"item,omitempty"` // the entry is an item, and goes as it is
	Text     string   `json:"text"`           // an item's title
	TLP      TLP      `json:"tlp"`            // at least the entry's
	Words    Seq      `json:"words"`          // the entry its words stand in: a correction of Entry, or that itself
}

func (*PromotionAsked) kind() Kind { return "promotion.asked" }

// PromotionAgreed is the organisation's consent. It holds all that the main
// room is told, so that whoever finishes it needs nothing else.
type PromotionAgreed struct {
	By       MemberNo       `json:"by"` // who asked, by their number in the main room
	Caveat   Caveat         `json:"caveat,omitempty"`
	Item     *Item          `json:"item,omitempty"` // in the place of Said, with where it stood
	PAP      PAP            `json:"pap,omitempty"`
	Recorded bool           `json:"recorded,omitempty"` // of items: opening it there is on record too
	Said     *EntryPromoted `json:"said,omitempty"`
	TLP      TLP            `json:"tlp"`
	To       Audience       `json:"to"`
}

func (*PromotionAgreed) kind() Kind { return "promotion.agreed" }

// PromotionRefused is the organisation's no. It leaves no trace in the main
// room.
type PromotionRefused struct{}

func (*PromotionRefused) kind() Kind { return "promotion.refused" }

// EntryPromoted says in the main room what an organisation said in its side
// room in a message, with its consent. It says where that stood as Provenance
// does of an item.
type EntryPromoted struct {
	Audience AudienceKind `json:"audience"`
	Corrects Seq          `json:"corrects,omitempty"`
	LeafHash string       `json:"leafHash"`
	Origin   string       `json:"origin"`
	Seq      Seq          `json:"seq"`
	Text     string       `json:"text"`
	TLP      TLP          `json:"tlp"`
}

// Provenance is where something stood that was brought from a side room. It is
// told so that it can be proved later by whoever may open the side room's
// record, and so that nobody else can find it: the origin line is hashed, since
// it holds the side room's id.
type Provenance struct {
	Audience AudienceKind `json:"audience"`           // to whom it was said there
	Corrects Seq          `json:"corrects,omitempty"` // the number there of what it is a correction of; 0 if it is none
	LeafHash string       `json:"leafHash"`           // of the entry the words stand in: Base64, RFC 6962
	Origin   string       `json:"origin"`             // SHA-256 of the side room's origin line, hexadecimal
	Seq      Seq          `json:"seq"`                // the number there of the entry the words stand in
	TLP      TLP          `json:"tlp"`                // its label there
}

func (*EntryPromoted) kind() Kind { return "entry.promoted" }

// Promotion is the fold of one question.
type Promotion struct {
	Asked    PromotionAsked
	By       By
	Answered Kind // promotion.agreed or promotion.refused; "" while it waits
}

// Promotable reports whether entries of the kind can be brought from a side
// room to the main room: what somebody said or shared there.
func (k Kind) Promotable() bool { return k == "message.posted" || k == "item.published" }

func applyPromotion(p *Promotion, e *Event) *Promotion {
	switch b := e.Body.(type) {
	case *PromotionAsked:
		return &Promotion{Asked: *b, By: e.By}
	case *PromotionAgreed, *PromotionRefused:
		if p != nil {
			next := *p
			next.Answered = KindOf(b)
			return &next
		}
	}
	return p
}
