package web

import (
	"context"
	"net/http"
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type whyIn struct {
	InEntry
	Body struct {
		Reason string `json:"reason" doc:"At most 1,000 characters."`
	}
}

type askErasureIn struct {
	InRoom
	Body struct {
		Entries []incident.Seq         `json:"entries" doc:"At most 1,000."`
		Slots   []int                  `json:"slots" doc:"4 what was said, 5 what it referred to, 6 what was attached."`
		Ground  incident.ErasureGround `json:"ground" doc:"patient_data, uk_gdpr_17, unlawful, court_order or retention_ended."`
		Reason  string                 `json:"reason" doc:"At most 1,000 characters, for the hosts. It must not repeat what is to be erased."`
	}
}

type plainIn struct {
	InEntry
	Body empty
}

func (s *Server) mountErasure() {
	fresh := append(slices.Clone(refusals), incident.StepUp)
	post := func(path, id, summary, doc string, faults []incident.Fault) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/" + path, Access: Member, Tag: "retention", ID: id, Summary: summary, Doc: doc, Faults: faults}
	}
	once := "Needs a second factor of the last five minutes that was used for nothing else like it."
	operate(s, operation{Method: http.MethodGet, Path: "/retention", Access: SignedIn, Tag: "retention", ID: "retention", Summary: "How long the rooms I lead or audit are kept"}, s.keptList)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/retention", Access: Member, Tag: "retention", ID: "room-retention",
		Summary: "How long this room is kept, and how far its disposal has come", Doc: "For leads, deputies and auditors."}, s.keptRoom)
	operate(s, post("retention", "set-retention", "Keep the record longer", once, fresh), s.setRetention)
	operate(s, post("holds", "place-hold", "Hold the record", "Nothing is erased until it is lifted.", refusals), s.placeHold)
	operate(s, post("holds/{seq}/lift", "lift-hold", "Lift a hold that the other host placed", once, fresh), s.liftHold)
	operate(s, post("erasures", "ask-erasure", "Ask for something to be erased", "Nothing is erased until two other people agree, one of each host. "+once, fresh), s.askErasure)
	operate(s, post("erasures/{seq}/agree", "agree-erasure", "Agree to an erasure", "The second agreement erases. "+once, fresh), s.agreeErasure)
	operate(s, post("erasures/{seq}/refuse", "refuse-erasure", "Refuse an erasure", once, fresh), s.refuseErasure)
	operate(s, post("erasures/{seq}/drop", "drop-erasure", "Take the question back", "", refusals), s.dropErasure)
}

func (s *Server) askErasure(ctx context.Context, c *call, in *askErasureIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, command.AskErasure{Entries: b.Entries, Slots: b.Slots, Ground: b.Ground, Reason: b.Reason})
}

func (s *Server) agreeErasure(ctx context.Context, c *call, in *plainIn) (receipt, error) {
	return s.about1(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.AgreeErasure{Root: n} })
}

func (s *Server) refuseErasure(ctx context.Context, c *call, in *whyIn) (receipt, error) {
	return s.about1(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.RefuseErasure{Root: n, Reason: in.Body.Reason} })
}

func (s *Server) dropErasure(ctx context.Context, c *call, in *plainIn) (receipt, error) {
	return s.about1(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.DropErasure{Root: n} })
}

// about1 carries out a command about the entry that the path names.
func (s *Server) about1(ctx context.Context, c *call, in InEntry, cmd func(incident.Seq) command.Command) (receipt, error) {
	n, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, cmd(n))
}

// erasers adds to what is related the entries that erased from those of a page,
// so that nobody reads that something was erased and not on what ground.
func (s *Server) erasers(ctx context.Context, c *call, entries, related []policy.Seen) ([]policy.Seen, error) {
	var gone []incident.Seq
	has := map[incident.Seq]bool{}
	for _, list := range [][]policy.Seen{entries, related} {
		for _, e := range list {
			has[e.Seq()] = true
			if len(e.Erased()) > 0 {
				gone = append(gone, e.Seq())
			}
		}
	}
	if len(gone) == 0 {
		return related, nil
	}
	events, err := s.Journal.Erasing(ctx, c.room.ID, c.actor.Person, gone)
	if err != nil {
		return nil, err
	}
	events = slices.DeleteFunc(events, func(n incident.Seq) bool { return has[n] })
	if len(events) == 0 {
		return related, nil
	}
	list, err := s.about(ctx, c, journal.Query{Roots: events})
	return append(related, list...), err
}
