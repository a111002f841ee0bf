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
type PromotionAsked struct {
	Audience Audience `json:"audience"` // in the main room, by its members' numbers
	Entry    Seq      `json:"entry"`
	Text     string   `json:"text"`
	TLP      TLP      `json:"tlp"` // at least the entry's
}

func (*PromotionAsked) kind() Kind { return "promotion.asked" }

// PromotionAgreed is the organisation's consent. It holds all that the main
// room is told, so that whoever finishes it needs nothing else.
type PromotionAgreed struct {
	By   MemberNo      `json:"by"` // who asked, by their number in the main room
	Said EntryPromoted `json:"said"`
	TLP  TLP           `json:"tlp"`
	To   Audience      `json:"to"`
}

func (*PromotionAgreed) kind() Kind { return "promotion.agreed" }

// PromotionRefused is the organisation's no. It leaves no trace in the main
// room.
type PromotionRefused struct{}

func (*PromotionRefused) kind() Kind { return "promotion.refused" }

// EntryPromoted says in the main room what an organisation said in its side
// room, with its consent. Where that stands is told so that it can be proved
// later by whoever may open the side room's record, and so that nobody else can
// find it: the origin line is hashed, since it holds the side room's id.
type EntryPromoted struct {
	Audience AudienceKind `json:"audience"` // to whom it was said there
	LeafHash string       `json:"leafHash"` // Base64, RFC 6962
	Origin   string       `json:"origin"`   // SHA-256 of the side room's origin line, hexadecimal
	Seq      Seq          `json:"seq"`      // its number there
	Text     string       `json:"text"`
	TLP      TLP          `json:"tlp"` // its label there
}

func (*EntryPromoted) kind() Kind { return "entry.promoted" }

// Promotion is the fold of one question.
type Promotion struct {
	Asked    PromotionAsked
	By       By
	Answered Kind // promotion.agreed or promotion.refused; "" while it waits
}

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
