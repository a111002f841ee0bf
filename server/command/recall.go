package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// RecallEntry ends the sharing of what somebody shared, for good. Its readers
// are from then on those of the originator's own who had it, of what a lead has
// withheld maybe nobody; the record is what it was.
type RecallEntry struct {
	Root   incident.Seq
	Reason string
}

func (c RecallEntry) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c RecallEntry) moves() []incident.Seq { return []incident.Seq{c.Root} }

func (c RecallEntry) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Recall, c.Root)
	if err != nil {
		return nil, err
	}
	if !o.Kind.Recallable() {
		return nil, incident.Refuse(incident.Forbidden, "Messages, items and tear-lines can be recalled. What was decided or done stands, and is changed by an entry of its own.")
	}
	if o.Recalled != 0 {
		return nil, incident.Refuse(incident.Conflict, "This was recalled already, by entry %d.", o.Recalled)
	}
	if err := checkLine("reason", c.Reason, 500, true); err != nil {
		return nil, err
	}
	return s.recall(o, c.Reason), nil
}

// recall ends the sharing of an entry; the decisions that cite it say so.
func (s *scene) recall(o *incident.Object, reason string) []*incident.Event {
	next := o.Marking
	next.Audience = s.among(o.Marking.Audience, []incident.OrgID{o.Marking.Originator})
	events := []*incident.Event{{Root: o.Root, Marking: &next, Body: &incident.EntryRecalled{Reason: reason}}}
	for _, by := range s.citing[o.Root] {
		if by.Kind.IsDecision() {
			events = append(events, &incident.Event{Root: by.Root, Body: &incident.DecisionShaken{Entry: by.Entry}})
		}
	}
	return events
}

// recalled refuses what would go on with an entry that was recalled.
func recalled() error {
	return incident.Refuse(incident.Conflict, "This was recalled. To share it again, publish it anew.")
}
