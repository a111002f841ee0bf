package command

import (
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// MaxLine bounds a line of a book, in characters.
const MaxLine = 4000

// WriteLine writes a line in a loggist's book. Its number is the book's next.
type WriteLine struct {
	Book     incident.Seq
	Text     string
	Occurred time.Time // when it happened, by the room's clock, if not now; zero for now
	About    bool      // that time is not exact
	Speech   bool      // verbatim
	Paper    *incident.Paper
	Cites    []incident.Seq
	Shown    incident.Seq `json:",omitempty"` // the newest entry when the loggist was shown who receives what they write; 0 if they were not
}

func (c WriteLine) roots() []incident.Seq { return nil }
func (c WriteLine) cites() []incident.Seq { return c.Cites }

func (c WriteLine) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.book(policy.WriteLogEntry, c.Book)
	if err != nil {
		return nil, err
	}
	if !b.Open() {
		return nil, closedBook(b)
	}
	if err := checkLogText(c.Text); err != nil {
		return nil, err
	}
	e := &incident.Event{Body: &incident.LogEntryWritten{Book: b.Root, Invented: s.Actor.System, Number: b.Next, Paper: c.Paper, Speech: c.Speech, Text: c.Text}}
	if e.Times, err = s.happened("occurred", c.Occurred, c.About); err != nil {
		return nil, err
	}
	if c.Paper != nil {
		if err := checkLine("paper.by", c.Paper.By, 200, true); err != nil {
			return nil, err
		}
		if err := checkLine("paper.page", c.Paper.Page, 200, true); err != nil {
			return nil, err
		}
	}
	if e.Refs.Cites, err = s.citations("cites", c.Cites); err != nil {
		return nil, err
	}
	mark := b.Marking
	if err := s.gainedSince(mark, b.AudienceAt(c.Shown), c.Shown); err != nil {
		return nil, err
	}
	e.Marking, e.Authority.Seen = &mark, c.Shown
	return one(e)
}

func checkLogText(text string) error {
	if strings.TrimSpace(text) == "" {
		return incident.BadField("text", "Write something first.")
	}
	return checkText("text", text, MaxLine)
}

// CorrectLine rules one's own line through, legibly, and writes another in
// its place. The number stays.
type CorrectLine struct {
	Root   incident.Seq
	Text   string
	Reason string
}

func (c CorrectLine) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c CorrectLine) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.CorrectLogEntry, c.Root)
	if err != nil {
		return nil, err
	}
	was, ok := o.Body.(*incident.LogEntryWritten)
	if !ok {
		return nil, incident.Refuse(incident.Forbidden, "Only lines of a loggist's book are corrected this way.")
	}
	if b := s.Room.BookRoot(was.Book); b != nil && !b.Open() {
		return nil, closedBook(b)
	}
	if err := checkLogText(c.Text); err != nil {
		return nil, err
	}
	if err := checkLine("reason", c.Reason, 1000, false); err != nil {
		return nil, err
	}
	if was.Text == c.Text {
		return nil, incident.BadField("text", "This is the text as it stands.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.LogEntryCorrected{Invented: s.Actor.System, Text: c.Text, Reason: c.Reason}})
}
