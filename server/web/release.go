package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type recallIn struct {
	InEntry
	Body struct {
		Reason string `json:"reason" doc:"One line."`
		Overriding
	}
}

type releaseIn struct {
	InEntry
	Body struct {
		Why      string             `json:"why" doc:"To its originator; one line."`
		TLP      incident.TLP       `json:"tlp,omitempty" doc:"The label asked for; absent: the one it has."`
		Audience *incident.Audience `json:"audience,omitempty" doc:"Who else should receive it."`
		Overriding
	}
}

type answerReleaseIn struct {
	InEntry
	Body struct {
		Grant    bool               `json:"grant"`
		Why      string             `json:"why,omitempty" doc:"To whoever asked; one line."`
		TLP      incident.TLP       `json:"tlp,omitempty" doc:"With grant: instead of the label asked for."`
		Audience *incident.Audience `json:"audience,omitempty" doc:"With grant: all who receive it then, instead of those asked for beside those who do."`
		Recorded *bool              `json:"recorded,omitempty" doc:"With grant, false: opening it is no longer put on the access log."`
		Shown    incident.Seq       `json:"shown,omitempty" doc:"The head of the preflight that was shown; refused with the code gained if somebody came in since."`
		Overriding
	}
}

func (s *Server) mountReleases() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/recall", Access: Member, Tag: "intelligence", ID: "recall-entry",
		Summary: "End the sharing of what my organisation shared", Doc: "For good. It leaves screens, search and exports of those who had it; the record stays, and who had opened it is known.", Faults: refusals}, s.recallEntry)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/release", Access: Member, Tag: "intelligence", ID: "request-release",
		Summary: "Ask its originator to let it go further", Doc: "Silence is not consent.", Status: http.StatusCreated, Faults: refusals}, s.requestRelease)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/releases/{seq}/answer", Access: Member, Tag: "intelligence", ID: "answer-release",
		Summary: "Answer a request for release", Doc: "The originator's organisation alone. Granting widens the entry in the same breath.",
		Faults: []incident.Fault{incident.Forbidden, incident.Conflict, incident.StepUp}}, s.answerRelease)
}

func (s *Server) recallEntry(ctx context.Context, c *call, in *recallIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	if err := s.change(c); err != nil {
		return receipt{}, err
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, in.Body.on(command.RecallEntry{Root: seq, Reason: in.Body.Reason}))
	if err != nil {
		return receipt{}, err
	}
	for _, e := range r.Events {
		if _, ok := e.Body.(*incident.EntryRecalled); !ok || e.Root == seq || c.room.Cell == nil {
			continue
		}
		// A question to bring it to the main room: out of there too, before this is
		// answered. What goes wrong here the follower makes good.
		if err := s.Steward.Recalled(ctx, c.room.ID, e.Root); err != nil {
			s.Log.Warn("what was brought to the main room is not yet recalled there", "error", err)
		}
	}
	return receipt{r.Seq}, nil
}

func (s *Server) requestRelease(ctx context.Context, c *call, in *releaseIn) (receipt, error) {
	b := in.Body
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return b.on(command.RequestRelease{Root: n, Why: b.Why, TLP: b.TLP, Audience: b.Audience})
	})
}

// answerRelease looks up which entry the request is about: whoever answers
// names the request alone.
func (s *Server) answerRelease(ctx context.Context, c *call, in *answerReleaseIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, journal.Query{After: seq - 1, Before: seq + 1, Limit: 1})
	if err != nil {
		return receipt{}, err
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return receipt{}, err
	}
	if len(rows) != 1 {
		return receipt{}, incident.Missing()
	}
	e := policy.View(room, m, rows[0].Sight, rows[0].Entry).Event()
	if e == nil {
		return receipt{}, incident.Missing()
	}
	asked, ok := e.Body.(*incident.ReleaseRequested)
	if !ok {
		return receipt{}, incident.Missing()
	}
	b := in.Body
	return s.do(ctx, c, b.on(command.AnswerRelease{Root: seq, Entry: asked.Entry, For: asked.For, Grant: b.Grant, Why: b.Why, TLP: b.TLP, Audience: b.Audience, Recorded: b.Recorded, Shown: b.Shown}))
}
