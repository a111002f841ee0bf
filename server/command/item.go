package command

import (
	"reflect"
	"slices"
	"strconv"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// PublishItem shares a piece of restricted intelligence.
type PublishItem struct {
	Item     incident.Item
	Recorded bool  // opening it is put on the access log
	Tear     *Tear // the wording that may go further; nil for none
	Chosen

	Attachments Attached `json:",omitempty"` // as the server has them
}

func (c PublishItem) attachments() []incident.File { return c.Attachments }

// part names the part of the command that an event says.
func (c PublishItem) part(e *incident.Event) string {
	if _, tear := e.Body.(*incident.TearlinePublished); tear {
		return "tear"
	}
	return ""
}

func (c PublishItem) roots() []incident.Seq { return nil }

func (c PublishItem) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.PublishItem, nil, nil); err != nil {
		return nil, err
	}
	item, err := s.item(c.Item)
	if err != nil {
		return nil, err
	}
	if err := s.attach("attachments", c.Attachments); err != nil {
		return nil, err
	}
	def := s.plain()
	def.Recorded = c.Recorded
	mark, err := s.mark(c.Chosen, def, incident.Audience{})
	if err == nil {
		err = s.gainedBy("item.published", mark, c.Shown)
	}
	if err != nil {
		return nil, err
	}
	events := []*incident.Event{{Marking: &mark, Authority: incident.Authority{Seen: c.Shown}, Files: c.Attachments, Body: &incident.ItemPublished{Item: item}}}
	if c.Tear != nil {
		tear, err := s.tear(*c.Tear, s.head+1)
		if err != nil {
			return nil, within("tear", err)
		}
		events = append(events, tear)
	}
	return events, nil
}

// item checks an item and puts it in its normal form. One that names no source
// is its originator's own, and nothing is said of how far to rely on it.
func (s *scene) item(i incident.Item) (incident.Item, error) {
	i = i.Normal()
	i.Invented, i.Promoted = s.Actor.System, nil // neither is the author's to say
	if len(i.Sources) == 0 {
		i.Sources = []incident.Source{{Reliability: "F", Credibility: "6"}}
	}
	if err := i.Check(); err != nil {
		return i, err
	}
	for _, t := range []struct {
		field string
		at    incident.Instant
	}{{"expires", i.Expires}, {"review", i.Review}} {
		if err := s.near(t.field, t.at); err != nil {
			return i, err
		}
	}
	for n, x := range i.Sources {
		if err := s.near("sources."+strconv.Itoa(n)+".received", x.Received); err != nil {
			return i, err
		}
		if x.Received.After(s.roomTime().Add(time.Minute)) {
			return i, incident.BadField("sources."+strconv.Itoa(n)+".received", "This time has not come yet.")
		}
	}
	return i, nil
}

// near catches a mistyped year; zero is no time.
func (s *scene) near(field string, t incident.Instant) error {
	if now := s.roomTime(); !t.IsZero() && (now.Sub(t.Time) > longAgo || t.Sub(now) > farOff) {
		return incident.BadField(field, "This is too far away to be meant.")
	}
	return nil
}

// within puts the name of the part before the fields of a refusal.
func within(part string, err error) error {
	e, ok := err.(*incident.Error)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	next := *e
	next.Fields = slices.Clone(e.Fields)
	for i := range next.Fields {
		next.Fields[i].Name = part + "." + next.Fields[i].Name
	}
	return &next
}

// live returns an item that an act is about, if nothing ended it.
func (s *scene) live(act policy.Act, root incident.Seq) (*incident.Object, error) {
	o, err := s.about(act, root)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Kind != "item.published":
		return nil, incident.Refuse(incident.Forbidden, "This can be done with intelligence items only.")
	case o.Recalled != 0:
		return nil, recalled()
	case o.Absorbed != 0:
		return nil, incident.Refuse(incident.Conflict, "This item was merged into entry %d, which goes on in its place.", o.Absorbed)
	}
	return o, nil
}

// CorrectItem says an item anew, whole.
type CorrectItem struct {
	Root incident.Seq
	Item incident.Item
}

func (c CorrectItem) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c CorrectItem) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.live(policy.CorrectItem, c.Root)
	if err != nil {
		return nil, err
	}
	item, err := s.item(c.Item)
	if err != nil {
		return nil, err
	}
	if was := o.Item(); was != nil {
		same := was.Normal()
		same.Promoted = nil // which no correction says anew
		if reflect.DeepEqual(same, item) {
			return nil, incident.BadField("text", "This is the item as it stands.")
		}
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ItemCorrected{Item: item}})
}

// MergeItem says that two items of one originator are the same thing: one goes
// on, with the sources of both.
type MergeItem struct {
	Root  incident.Seq // goes on
	Other incident.Seq // is merged into it
}

func (c MergeItem) roots() []incident.Seq { return inOrder(c.Root, c.Other) }

func (c MergeItem) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.live(policy.MergeItem, c.Root)
	if err != nil {
		return nil, err
	}
	if c.Other == c.Root {
		return nil, incident.BadField("other", "Choose another item.")
	}
	other, err := s.live(policy.MergeItem, c.Other)
	if incident.FaultOf(err) == incident.NotFound || other != nil && other.Item() == nil {
		return nil, incident.BadField("other", "Entry %d is not there for you, or is not what this needs.", c.Other)
	}
	if err != nil {
		return nil, err
	}
	if o.Item() == nil {
		return nil, incident.Refuse(incident.Conflict, "What this said was erased. Say it in an entry of its own.")
	}
	if o.Before != nil || other.Before != nil {
		return nil, incident.Refuse(incident.Conflict, "One of the two is withheld. A lead restores it first.")
	}
	if err := s.covers(o, other); err != nil {
		return nil, err
	}
	sources := other.Item().Sources
	if len(o.Item().Sources)+len(sources) > incident.MaxSources {
		return nil, incident.BadField("other", "Together they have more than %d sources.", incident.MaxSources)
	}
	return []*incident.Event{
		{Root: c.Root, Refs: incident.Refs{Cites: []incident.Seq{c.Other}}, Body: &incident.ItemMerged{Other: c.Other, Sources: sources}},
		{Root: c.Other, Refs: incident.Refs{Cites: []incident.Seq{c.Root}}, Body: &incident.ItemAbsorbed{Into: c.Root}},
	}, nil
}

// covers refuses to let an item take on another's sources where it is not kept
// as closely as that one, or is read by somebody who does not read that.
func (s *scene) covers(o, other *incident.Object) error {
	if err := s.carries(o.Marking, other.Marking); err != nil {
		return incident.BadField("other", "Item %d is kept more closely than this one, and its sources would reach further. Merge the other way round, or tighten this one first.", other.Root)
	}
	for _, m := range s.Room.Members {
		if m.Present() && policy.May(s.Room, m, o.Sight()) && !policy.May(s.Room, m, other.Sight()) {
			return incident.BadField("other", "Somebody reads this item who does not read entry %d: its sources would reach further. Merge the other way round.", other.Root)
		}
	}
	return nil
}
