package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type lineIn struct {
	InEntry
	Body struct {
		Text     string          `json:"text" doc:"Fact, not opinion; at most 4,000 characters."`
		Occurred *time.Time      `json:"occurred,omitempty" doc:"When it happened by the room's clock, if that is not now."`
		About    bool            `json:"about,omitempty" doc:"That time is not exact."`
		Speech   bool            `json:"speech,omitempty" doc:"Verbatim."`
		Paper    *incident.Paper `json:"paper,omitempty" doc:"Transcribed from paper: whose hand, and where."`
		Cites    []incident.Seq  `json:"cites,omitempty" doc:"Entries it refers to, by number, that the loggist may see; at most 100."`
		Shown    incident.Seq    `json:"shown,omitempty" doc:"The head of what was shown of who receives the book: refused with the code gained if somebody came in since. Absent: nothing was shown."`
		Overriding
	}
}

type correctLineIn struct {
	InEntry
	Body struct {
		Text   string `json:"text"`
		Reason string `json:"reason,omitempty"`
		Overriding
	}
}

func (s *Server) mountLines() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/books/{seq}/lines", Access: Member, Tag: "books", ID: "write-line", Status: http.StatusCreated,
		Summary: "Write a line in a book", Doc: "The loggist who keeps it alone. The line gets the book's next number.", Faults: refusals}, s.writeLine)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/correct-line", Access: Member, Tag: "books", ID: "correct-line",
		Summary: "Correct my line", Doc: "The old text stays legible, ruled through.", Faults: refusals}, s.correctLine)
}

func (s *Server) writeLine(ctx context.Context, c *call, in *lineIn) (receipt, error) {
	book, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	b := in.Body
	cmd := command.WriteLine{Book: book, Text: b.Text, About: b.About, Speech: b.Speech, Paper: b.Paper, Cites: b.Cites, Shown: b.Shown}
	if b.Occurred != nil {
		cmd.Occurred = *b.Occurred // as it was given: what no clock shows is the command's to refuse
	}
	return s.do(ctx, c, b.on(cmd))
}

func (s *Server) correctLine(ctx context.Context, c *call, in *correctLineIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, in.Body.on(command.CorrectLine{Root: seq, Text: in.Body.Text, Reason: in.Body.Reason}))
}
