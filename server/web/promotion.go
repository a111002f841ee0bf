package web

import (
	"context"
	"encoding/hex"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type promoteIn struct {
	InRoom
	Body struct {
		Entry    incident.Seq       `json:"entry"`
		Text     string             `json:"text,omitempty" doc:"Of a message: the words for the main room; absent: the entry's own. An item goes as it is."`
		TLP      incident.TLP       `json:"tlp,omitempty" doc:"At least the entry's; absent: the graver of that and the main room's."`
		Audience *incident.Audience `json:"audience,omitempty" doc:"In the main room, by its members' numbers; absent: everyone in it."`
		Overriding
	}
}

type answerPromotionIn struct {
	InEntry
	Body struct {
		Entry incident.Seq `json:"entry" doc:"The entry it was asked of, as it stood on the screen."`
		Grant bool         `json:"grant"`
	}
}

func (s *Server) mountPromotions() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/promotions", Access: Member, Tag: "cells", ID: "ask-promotion", Status: http.StatusCreated,
		Summary: "Ask the organisation whether something it said in its side room may be said in the main room", Faults: refusals}, s.askPromotion)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/promotions/{seq}/answer", Access: Member, Tag: "cells", ID: "answer-promotion",
		Summary: "Answer for my organisation", Doc: "A no leaves no trace in the main room.", Faults: refusals}, s.answerPromotion)
}

func (s *Server) askPromotion(ctx context.Context, c *call, in *promoteIn) (receipt, error) {
	main, err := s.main(ctx, c)
	if err != nil {
		return receipt{}, err
	}
	b := in.Body
	return s.do(ctx, c, b.on(command.AskPromotion{Parent: main, Entry: b.Entry, Text: b.Text, TLP: b.TLP, Audience: b.Audience}))
}

// answerPromotion takes the organisation's word, and where that is yes says it
// in the main room. A crash between the two is finished by the steward.
func (s *Server) answerPromotion(ctx context.Context, c *call, in *answerPromotionIn) (receipt, error) {
	root, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	main, err := s.main(ctx, c)
	if err != nil {
		return receipt{}, err
	}
	cmd := command.AnswerPromotion{Root: root, Entry: in.Body.Entry, Grant: in.Body.Grant, Parent: main}
	if in.Body.Grant && main != nil {
		if main.Lifecycle == incident.Closed {
			return receipt{}, incident.Refuse(incident.Conflict, "The main room is closed: nothing is said there any more.")
		}
		found, err := s.Journal.Broken(ctx, main.ID)
		if err != nil {
			return receipt{}, err
		}
		if _, broken := found[main.ID]; broken {
			return receipt{}, incident.Refuse(incident.Conflict, "The main room is read-only until a lead goes on in a new section of it.")
		}
		at, err := s.Journal.Stands(ctx, c.room.ID, root)
		if err != nil {
			return receipt{}, err
		}
		cmd.Words, cmd.Leaf, cmd.Origin = at.Words, at.Leaf, hex.EncodeToString(at.Origin[:])
	}
	if err := s.change(c); err != nil {
		return receipt{}, err
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, cmd)
	if err != nil {
		return receipt{}, err
	}
	for _, e := range r.Events {
		if b, ok := e.Body.(*incident.PromotionAgreed); ok {
			err = s.Steward.Promote(ctx, c.room.ID, e, b)
		}
	}
	return receipt{r.Seq}, err
}
