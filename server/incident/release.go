package incident

func init() {
	register[*ReleaseRequested](KindInfo{Log: RoomLog, Root: true})
	register[*ReleaseAnswered](KindInfo{Log: RoomLog})
}

// ReleaseRequested asks an entry's originator to let it go further. Who asks
// is the entry's actor.
type ReleaseRequested struct {
	Audience *Audience `json:"audience,omitempty"` // who else should receive it; nil: as it is
	Entry    Seq       `json:"entry"`
	For      Seq       `json:"for,omitempty"`    // with Second: the request that its answer answers too; 0: none
	Second   OrgID     `json:"second,omitempty"` // one of the originator asks for their own: TLP:RED is lowered by two people, and the second is of this organisation
	TLP      TLP       `json:"tlp,omitempty"`    // the label that is asked for; "": as it is
	Why      string    `json:"why"`
}

func (*ReleaseRequested) kind() Kind { return "release.requested" }

// ReleaseAnswered is the originator's answer. Silence is none, and no consent.
type ReleaseAnswered struct {
	Granted bool   `json:"granted"`
	Why     string `json:"why,omitempty"`
}

func (*ReleaseAnswered) kind() Kind { return "release.answered" }

// ReleaseRequest is the fold of a request: what an answer needs to know.
type ReleaseRequest struct {
	ReleaseRequested
	By       MemberNo // who asked
	Answered Seq      // 0 while nobody has
	Granted  bool
}

// applyReleaseRequest folds an event of a request.
func applyReleaseRequest(r *ReleaseRequest, e *Event) *ReleaseRequest {
	var next ReleaseRequest
	if r != nil {
		next = *r
	}
	switch b := e.Body.(type) {
	case *ReleaseRequested:
		next.ReleaseRequested, next.By = *b, e.By.Member
	case *ReleaseAnswered:
		next.Answered, next.Granted = e.Seq, b.Granted
	}
	return &next
}
