package command

import (
	"fmt"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// AskReceivers asks who would receive an entry that is about to be sent, or
// one that is about to be widened. It changes nothing: it is judged by the
// same checks as the sending, so that what cannot be sent is said before.
type AskReceivers struct {
	Room     *incident.Room
	TLP      incident.TLP       // "" for the default: the parent's or the entry's, else the room's
	Audience *incident.Audience // nil for the default
	ReplyTo  *incident.Sight    // nil for none
	Entry    *incident.Sight    // the entry to be widened; nil for a new one
	Kind     incident.Kind      // of a new one: item.published, tearline.published; "" for what machines are not given
	Recorded *bool              // its openings are to be on record; nil for as it is
}

// Sight returns who may see the entry as it would be marked, or the refusal
// that sending it would meet.
func (c AskReceivers) Sight(actor incident.Actor, now time.Time) (incident.Sight, error) {
	s := &scene{head: c.Room.Head}
	s.Room, s.Actor, s.Now = c.Room, actor, now
	sight := incident.Sight{Root: c.Room.Head + 1, Kind: "message.posted"}
	mark := incident.Marking{TLP: c.Room.TLP, Audience: incident.Audience{Kind: incident.ToRoom}}
	var had incident.Audience
	switch {
	case c.Entry != nil:
		sight = *c.Entry
		if err := s.permit(policy.Widen, objectOf(sight), nil); err != nil {
			return sight, err
		}
		if sight.Kind.Standing() {
			return sight, incident.Refuse(incident.Forbidden, "This is one of the room's standing facts: everyone in the room has it.")
		}
		mark, had = incident.Marking{TLP: sight.TLP, Audience: sight.Audience}, sight.Audience
	default:
		if err := s.permit(policy.Post, nil, nil); err != nil {
			return sight, err
		}
		sight.Author = s.Asker().Number
		if parent := c.ReplyTo; parent != nil {
			if err := s.permit(policy.Post, objectOf(*parent), nil); err != nil {
				return sight, incident.BadField("replyTo", "The entry you reply to is not there for you.")
			}
			if !parent.Kind.Standing() {
				mark.TLP, mark.Audience, had = parent.TLP, parent.Audience, parent.Audience
			}
		}
	}
	if c.TLP != "" {
		mark.TLP = c.TLP
	}
	if c.Audience != nil {
		mark.Audience = *c.Audience
	}
	if c.Kind != "" && c.Entry == nil {
		sight.Kind = c.Kind
	}
	if c.Recorded != nil {
		sight.Recorded = *c.Recorded
	}
	mark, err := s.marking(mark, sight.Author, had)
	sight.TLP, sight.Audience = mark.TLP, mark.Audience
	return sight, err
}

func objectOf(s incident.Sight) *incident.Object {
	return &incident.Object{Root: s.Root, Kind: s.Kind, By: incident.By{Member: s.Author},
		Marking: incident.Marking{TLP: s.TLP, Originator: s.Org, Audience: s.Audience}}
}

// gained refuses a new entry if somebody would receive it who did not when the
// asker was shown who does; shown is the entry that was the newest then, 0 if
// nothing was shown.
func (s *scene) gained(mark incident.Marking, shown incident.Seq) error {
	return s.gainedSince(mark, mark.Audience, shown)
}

// gainedSince is gained for an entry that goes where something else goes by
// now; had is where that went when it was shown.
func (s *scene) gainedSince(mark incident.Marking, had incident.Audience, shown incident.Seq) error {
	return s.gainedOf(incident.Sight{Root: s.head + 1, Kind: "message.posted", TLP: mark.TLP, Audience: mark.Audience, Recorded: mark.Recorded}, had, shown)
}

// gainedBy is gained for a new entry of a kind that machines may be given.
func (s *scene) gainedBy(kind incident.Kind, mark incident.Marking, shown incident.Seq) error {
	return s.gainedOf(incident.Sight{Root: s.head + 1, Kind: kind, TLP: mark.TLP, Audience: mark.Audience, Recorded: mark.Recorded}, mark.Audience, shown)
}

// gainedOf is gained for an entry that is there, as it is to be marked.
func (s *scene) gainedOf(next incident.Sight, had incident.Audience, shown incident.Seq) error {
	if shown == 0 {
		return nil
	}
	if shown > s.head {
		return incident.BadField("shown", "There is no entry %d yet.", shown)
	}
	list, feeds := policy.Gained(s.Room, s.Asker(), next, had, shown), policy.GainedFeeds(s.Room, s.Asker(), next, shown, s.Now)
	if len(list)+len(feeds) == 0 {
		return nil
	}
	const named = 5
	var names []string
	for _, f := range feeds[:min(named, len(feeds))] {
		names = append(names, "a machine of "+policy.FeedOrg(s.Room, f))
	}
	for _, m := range list[:min(named-len(names), len(list))] {
		who := policy.NameOf(s.Room, s.Asker(), m.Number)
		if who == "" {
			who = "somebody"
		}
		names = append(names, who+" of "+m.Seat.OrgName)
	}
	switch more := len(list) + len(feeds) - len(names); {
	case more == 1:
		names = append(names, "one other")
	case more > 1:
		names = append(names, fmt.Sprintf("%d others", more))
	}
	e := incident.Refuse(incident.Conflict, "Since you looked, more would receive this: %s. Nothing was sent. Look who receives it now, then send it again.", strings.Join(names, ", "))
	e.Code = incident.Gained
	return e
}
