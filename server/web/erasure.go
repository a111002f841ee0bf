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

type retentionIn struct {
	InRoom
	Body struct {
		Years int `json:"years" doc:"After the room is closed. Longer than now: it is never made shorter."`
	}
}

type holdIn struct {
	InRoom
	Body struct {
		Reference string `json:"reference" doc:"Of the inquiry, the claim or the order; at most 100 characters."`
		Reason    string `json:"reason" doc:"At most 1,000 characters. Everyone in the room reads it."`
	}
}

type whyIn struct {
	InEntry
	Body struct {
		Reason string `json:"reason" doc:"At most 1,000 characters."`
	}
}

type askErasureIn struct {
	InRoom
	Body struct {
		Entries []incident.Seq  `json:"entries" doc:"At most 1,000."`
		Slots   []int           `json:"slots" doc:"4 what was said, 5 what it referred to, 6 what was attached."`
		Ground  incident.Ground `json:"ground" doc:"patient_data, uk_gdpr_17, unlawful, court_order or retention_ended."`
		Reason  string          `json:"reason" doc:"At most 1,000 characters, for the hosts. It must not repeat what is to be erased."`
	}
}

type plainIn struct {
	InEntry
	Body empty
}

type kept struct {
	Room      incident.LogID     `json:"room"`
	Reference string             `json:"reference"`
	Title     string             `json:"title"`
	Years     int                `json:"years"`
	Ended     *incident.Instant  `json:"ended" doc:"When it was closed; null while it is not: the years have not begun."`
	Until     *incident.Instant  `json:"until" doc:"Until when it is kept."`
	Over      bool               `json:"over" doc:"It has been kept long enough. While a hold stands it is kept all the same."`
	Holds     int                `json:"holds"`
	Lifecycle incident.Lifecycle `json:"lifecycle"`
}

type keptAnswer struct {
	kept
	Total  int            `json:"total" doc:"Entries that can be erased, or were."`
	Erased int            `json:"erased" doc:"Of those, how many were."`
	Next   []incident.Seq `json:"next" doc:"The first of the others, as many as are asked about at once; empty unless the time is over."`
}

type keptListAnswer struct {
	Rooms []kept `json:"rooms" doc:"Those I lead or audit, the first to run out first."`
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

func (s *Server) setRetention(ctx context.Context, c *call, in *retentionIn) (receipt, error) {
	return s.do(ctx, c, command.SetRetention{Years: in.Body.Years})
}

func (s *Server) placeHold(ctx context.Context, c *call, in *holdIn) (receipt, error) {
	return s.do(ctx, c, command.PlaceHold{Reference: in.Body.Reference, Reason: in.Body.Reason})
}

func (s *Server) liftHold(ctx context.Context, c *call, in *whyIn) (receipt, error) {
	return s.about1(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.LiftHold{Root: n, Reason: in.Body.Reason} })
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

func keptOf(room *incident.Room, c *call) kept {
	k := kept{Room: room.ID, Reference: room.Reference, Title: room.Title, Years: room.Keeps().Years, Holds: len(room.Holds), Lifecycle: room.Lifecycle}
	if until, ok := room.KeptUntil(); ok {
		ended, at := room.Ended, incident.At(until)
		k.Ended, k.Until, k.Over = &ended, &at, !c.session.Now.Before(until)
	}
	return k
}

func (s *Server) keptRoom(ctx context.Context, c *call, _ *InRoom) (keptAnswer, error) {
	if !policy.KeepsRecord(c.member) {
		return keptAnswer{}, incident.Refuse(incident.Forbidden, "Only a lead, a deputy or an auditor can see how far a record's disposal has come.")
	}
	a := keptAnswer{kept: keptOf(c.room, c), Next: []incident.Seq{}}
	d, err := s.Journal.Disposal(ctx, c.room.ID, command.MaxErased)
	if err != nil {
		return keptAnswer{}, err
	}
	if a.Total, a.Erased = d.Total, d.Erased; a.Over {
		a.Next = append(a.Next, d.Next...)
	}
	return a, nil
}

func (s *Server) keptList(ctx context.Context, c *call, _ *none) (keptListAnswer, error) {
	a := keptListAnswer{Rooms: []kept{}}
	if c.actor.Person == "" {
		return a, nil
	}
	mine, err := s.Journal.Mine(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	for _, m := range mine {
		if m.State != incident.Joined {
			continue
		}
		room, me, err := s.stands(ctx, m.Room, c.actor.Person)
		if err != nil || !policy.KeepsRecord(me) {
			continue // left since, or shut: neither is a reason to hide the others
		}
		a.Rooms = append(a.Rooms, keptOf(room, c))
	}
	slices.SortStableFunc(a.Rooms, func(x, y kept) int {
		switch {
		case x.Until == nil && y.Until == nil:
			return 0
		case x.Until == nil:
			return 1
		case y.Until == nil:
			return -1
		}
		return x.Until.Compare(y.Until.Time)
	})
	return a, nil
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
