package command

import (
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// SetBrief writes the next version of the situation brief.
type SetBrief struct {
	Lines incident.BriefLines
	Seen  incident.Seq // the brief's entry on the lead's screen; 0 if there was none
}

func (c SetBrief) roots() []incident.Seq { return nil }

func (c SetBrief) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Brief, nil, nil); err != nil {
		return nil, err
	}
	version := 1
	if b := s.Room.Brief; b != nil {
		if err := s.stale(max(c.Seen, 1), b.Seq, "The brief"); err != nil {
			return nil, err
		}
		if b.Lines == c.Lines {
			return nil, incident.BadField("lines", "This is the brief as it stands.")
		}
		version = b.Version + 1
	}
	all := ""
	for _, f := range []struct{ name, text string }{{"lines.happened", c.Lines.Happened}, {"lines.affects", c.Lines.Affects},
		{"lines.doing", c.Lines.Doing}, {"lines.need", c.Lines.Need}, {"lines.next", c.Lines.Next}} {
		if err := checkLine(f.name, f.text, 280, false); err != nil {
			return nil, err
		}
		all += strings.TrimSpace(f.text)
	}
	if all == "" {
		return nil, incident.BadField("lines.happened", "Say in one line what has happened.")
	}
	return one(&incident.Event{Body: &incident.BriefSet{Lines: c.Lines, Version: version}, Authority: incident.Authority{Seen: c.Seen}})
}
