package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type openBookIn struct {
	InRoom
	Body struct {
		Maker     incident.MemberNo  `json:"maker" doc:"The decision-maker it is kept for."`
		Signal    string             `json:"signal" doc:"How they will signal a decision; at most 500 characters."`
		Continues incident.Seq       `json:"continues,omitempty" doc:"The closed book it goes on from, by the entry that opened it."`
		TLP       incident.TLP       `json:"tlp,omitempty" doc:"Absent: the continued book's, else the room's. Never TLP:RED."`
		Audience  *incident.Audience `json:"audience,omitempty" doc:"Absent: the continued book's, else the room."`
		Shown     incident.Seq       `json:"shown,omitempty" doc:"The head of the preflight that was shown: refused with the code gained if somebody came in since. Absent: nothing was shown."`
	}
}

type closeBookIn struct {
	InEntry
	Body struct {
		Seen incident.Seq `json:"seen" doc:"The last entry on the screen."`
	}
}

// mountBooks mounts the loggists' books and what is written in them.
func (s *Server) mountBooks() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/books", Access: Member, Tag: "books", ID: "open-book", Status: http.StatusCreated,
		Summary: "Open a book: the log of one decision-maker", Doc: "Whoever opens it keeps it.", Faults: refusals}, s.openBook)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/agree-book", Access: Member, Tag: "books", ID: "agree-book",
		Summary: "Confirm how I signal decisions", Doc: "The decision-maker alone.", Faults: refusals}, s.agreeBook)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/close-book", Access: Member, Tag: "books", ID: "close-book",
		Summary: "Close a book", Doc: "Nothing more is written in it; another may go on from it.", Faults: refusals}, s.closeBook)
	s.mountLines()
}

func (s *Server) openBook(ctx context.Context, c *call, in *openBookIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, command.OpenBook{Maker: b.Maker, Signal: b.Signal, Continues: b.Continues, TLP: b.TLP, Audience: b.Audience, Shown: b.Shown})
}

func (s *Server) agreeBook(ctx context.Context, c *call, in *entryOnly) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.AgreeBook{Root: seq})
}

func (s *Server) closeBook(ctx context.Context, c *call, in *closeBookIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.CloseBook{Root: seq, Seen: in.Body.Seen})
}
