package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Tear is an item's tear-line, with a label and readers of its own.
type Tear struct {
	Text string
	Chosen
}

func (s *scene) tear(t Tear, item incident.Seq) (*incident.Event, error) {
	if err := checkMessage(t.Text); err != nil {
		return nil, err
	}
	mark, err := s.mark(t.Chosen, s.plain(), incident.Audience{})
	if err == nil {
		err = s.gainedBy("tearline.published", mark, t.Shown)
	}
	if err != nil {
		return nil, err
	}
	return &incident.Event{Marking: &mark, Refs: incident.Refs{Cites: []incident.Seq{item}}, Authority: incident.Authority{Seen: t.Shown},
		Body: &incident.TearlinePublished{Invented: s.Actor.System, Item: item, Text: t.Text}}, nil
}

// PublishTearline gives an item a tear-line later.
type PublishTearline struct {
	Root incident.Seq
	Tear
}

func (c PublishTearline) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c PublishTearline) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.live(policy.PublishTearline, c.Root); err != nil {
		return nil, err
	}
	e, err := s.tear(c.Tear, c.Root)
	if err != nil {
		return nil, err
	}
	return one(e)
}
