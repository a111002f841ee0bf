package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type messageIn struct {
	InRoom
	Body messageBody
}

type messageBody struct {
	Text     string              `json:"text" doc:"A subset of Markdown, never HTML; at most 16 KiB."`
	ReplyTo  incident.Seq        `json:"replyTo,omitempty"`
	Mentions []incident.MemberNo `json:"mentions,omitempty"`
	TLP      incident.TLP        `json:"tlp,omitempty" doc:"Absent: the parent's, else the room's."`
	PAP      incident.PAP        `json:"pap,omitempty"`
	Caveat   incident.Caveat     `json:"caveat,omitempty"`
	Audience *incident.Audience  `json:"audience,omitempty" doc:"Absent: the parent's, else the room."`
	Quotes   []quoteBody         `json:"quotes,omitempty" doc:"Words of other entries, by reference; at most 10. Whoever may not see an entry is shown its number."`
	Occurred *time.Time          `json:"occurred,omitempty" doc:"When it happened, if that is not now; in an exercise, by its clock."`
	Veiled   bool                `json:"veiled,omitempty" doc:"Say only of what type my organisation is. Leads and auditors see who wrote it."`
	Shown    incident.Seq        `json:"shown,omitempty" doc:"The head of the preflight that was shown: refused with the code gained if somebody came in since. Absent: nothing was shown."`
	Overriding

	Attachments []incident.BlobID `json:"attachments,omitempty" doc:"The ids of my uploads to this room, each whole; at most 10."`
}

type quoteBody struct {
	Entry incident.Seq `json:"entry" doc:"The entry whose body holds the text."`
	From  int          `json:"from" minimum:"0" doc:"In bytes of UTF-8 of that text, on the border of a character."`
	To    int          `json:"to" minimum:"1" doc:"The first byte that is not quoted."`
}

type correctIn struct {
	InEntry
	Body struct {
		Text     string              `json:"text"`
		Mentions []incident.MemberNo `json:"mentions,omitempty"`
		Overriding
	}
}

// entryOnly is a command that says nothing but which entry.
type entryOnly struct {
	InEntry
	Body empty
}

type tightenIn struct {
	InEntry
	Body struct {
		TLP      incident.TLP       `json:"tlp,omitempty"`
		Audience *incident.Audience `json:"audience,omitempty"`
		Recorded *bool              `json:"recorded,omitempty" doc:"true: opening it is put on the access log from now on."`
	}
}

type widenIn struct {
	InEntry
	Body struct {
		TLP      incident.TLP       `json:"tlp,omitempty"`
		Audience *incident.Audience `json:"audience,omitempty"`
		Recorded *bool              `json:"recorded,omitempty" doc:"false: opening it is no longer put on the access log."`
		Reason   string             `json:"reason"`
		Shown    incident.Seq       `json:"shown,omitempty" doc:"The head of the preflight that was shown; refused with the code gained if somebody came in since."`
		Overriding
	}
}

func (s *Server) mountMessages() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/messages", Access: Member, Tag: "messages", ID: "post-message", Status: http.StatusCreated,
		Summary: "Say something", Faults: refusals}, s.postMessage)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/correct", Access: Member, Tag: "messages", ID: "correct-message",
		Summary: "Correct my message", Doc: "The old text stays legible.", Faults: refusals}, s.correctMessage)
	s.onEntry("note", "Say that I have seen it", func(seq incident.Seq) command.Command { return command.NoteEntry{Root: seq} })
	s.onEntry("pin", "Keep it in sight", func(seq incident.Seq) command.Command { return command.PinEntry{Root: seq} })
	s.onEntry("unpin", "Take it off the pins", func(seq incident.Seq) command.Command { return command.PinEntry{Root: seq, Off: true} })
	s.onEntry("withhold", "Hide it from all but hosts, now and reversibly", func(seq incident.Seq) command.Command { return command.WithholdEntry{Root: seq} })
	s.onEntry("restore", "End withholding", func(seq incident.Seq) command.Command { return command.RestoreEntry{Root: seq} })
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/tighten", Access: Member, Tag: "messages", ID: "tighten-entry",
		Summary: "Raise its label or narrow who receives it", Faults: refusals}, s.tighten)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/widen", Access: Member, Tag: "messages", ID: "widen-entry",
		Summary: "Lower its label or widen who receives it", Doc: "The originator's organisation alone, with a reason.", Faults: refusals}, s.widen)
}

func (s *Server) postMessage(ctx context.Context, c *call, in *messageIn) (receipt, error) {
	b := in.Body
	cmd := command.PostMessage{Text: b.Text, ReplyTo: b.ReplyTo, Mentions: b.Mentions, TLP: b.TLP, PAP: b.PAP, Caveat: b.Caveat, Audience: b.Audience, Shown: b.Shown, Veiled: b.Veiled}
	for _, q := range b.Quotes {
		cmd.Quotes = append(cmd.Quotes, incident.Quote(q))
	}
	if b.Occurred != nil {
		cmd.Occurred = *b.Occurred
	}
	said, err := s.attach(ctx, c, b.Attachments, func(files command.Attached) command.Command {
		cmd.Attachments = files
		return b.on(cmd)
	})
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, said)
}

func (s *Server) correctMessage(ctx context.Context, c *call, in *correctIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, in.Body.on(command.CorrectMessage{Root: seq, Text: in.Body.Text, Mentions: in.Body.Mentions}))
}

// onEntry mounts a command that needs nothing but the entry.
func (s *Server) onEntry(act, summary string, cmd func(incident.Seq) command.Command) {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/" + act, Access: Member, Tag: "messages", ID: act + "-entry",
		Summary: summary, Faults: refusals}, func(ctx context.Context, c *call, in *entryOnly) (receipt, error) {
		seq, err := in.seq()
		if err != nil {
			return receipt{}, err
		}
		return s.do(ctx, c, cmd(seq))
	})
}

func (s *Server) tighten(ctx context.Context, c *call, in *tightenIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.TightenEntry{Root: seq, TLP: in.Body.TLP, Audience: in.Body.Audience, Recorded: in.Body.Recorded})
}

func (s *Server) widen(ctx context.Context, c *call, in *widenIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, in.Body.on(command.WidenEntry{Root: seq, TLP: in.Body.TLP, Audience: in.Body.Audience, Recorded: in.Body.Recorded, Reason: in.Body.Reason, Shown: in.Body.Shown}))
}
