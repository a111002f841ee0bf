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
}

// Tear is an item's tear-line, with a label and readers of its own.
type Tear struct {
	Text string
	Chosen
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
	def := s.plain()
	def.Recorded = c.Recorded
	mark, err := s.mark(c.Chosen, def, incident.Audience{})
	if err != nil {
		return nil, err
	}
	events := []*incident.Event{{Marking: &mark, Body: &incident.ItemPublished{Item: item}}}
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
	i.Invented = s.Actor.System
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

func (s *scene) tear(t Tear, item incident.Seq) (*incident.Event, error) {
	if err := checkMessage(t.Text); err != nil {
		return nil, err
	}
	mark, err := s.mark(t.Chosen, s.plain(), incident.Audience{})
	if err != nil {
		return nil, err
	}
	return &incident.Event{Marking: &mark, Refs: incident.Refs{Cites: []incident.Seq{item}},
		Body: &incident.TearlinePublished{Invented: s.Actor.System, Item: item, Text: t.Text}}, nil
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
	if was := o.Item(); was != nil && reflect.DeepEqual(was.Normal(), item) {
		return nil, incident.BadField("text", "This is the item as it stands.")
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

// MarkSighting says whether the asker's organisation sees what an item
// describes.
type MarkSighting struct {
	Root      incident.Seq // the item
	Verdict   incident.SightingVerdict
	Indicator *int // its place in the item; nil for the item as a whole
	Note      string
	HostsOnly bool // the hosts, the originator and one's own
}

func (c MarkSighting) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c MarkSighting) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.live(policy.MarkSighting, c.Root)
	if err != nil {
		return nil, err
	}
	if !c.Verdict.Valid() {
		return nil, incident.BadField("verdict", "Choose seen, not_seen, false_positive or mitigated.")
	}
	if err := checkLine("note", c.Note, 500, false); err != nil {
		return nil, err
	}
	sealed := policy.Sees(s.Room, s.Asker(), o.Sight()) != policy.Open
	if sealed && c.Note != "" {
		return nil, incident.BadField("note", "A sighting is read without opening the item, so say no more than the verdict here. Reply to the item instead.")
	}
	if c.Indicator != nil {
		most := incident.MaxIndicators // how many a sealed item has is for those who open it
		if item := o.Item(); !sealed && item != nil {
			most = len(item.Indicators)
		}
		if *c.Indicator < 0 || *c.Indicator >= most {
			return nil, incident.BadField("indicator", "The item has no such indicator.")
		}
	}
	mark, err := s.sighting(o, c.HostsOnly)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Marking: &mark, Refs: incident.Refs{Cites: []incident.Seq{c.Root}},
		Body: &incident.SightingMarked{Indicator: c.Indicator, Invented: s.Actor.System, Item: c.Root, Note: c.Note, Verdict: c.Verdict}})
}

// sighting is the marking of a sighting: the item's, or that for the hosts, the
// item's originator and the asker's own organisation. Of a TLP:RED item it goes
// to the people named, or to those of them; it says nothing that the item says,
// so it is not RED itself and needs no opening.
func (s *scene) sighting(o *incident.Object, hostsOnly bool) (incident.Marking, error) {
	m := s.Asker()
	mark := incident.Marking{TLP: o.Marking.TLP, Audience: o.Marking.Audience, Originator: m.Org}
	if mark.TLP == incident.Red {
		mark.TLP = incident.AmberStrict
	}
	if o.Before != nil {
		return mark, incident.Refuse(incident.Conflict, "This item is withheld. Say it to the hosts in a message.")
	}
	orgs := append(slices.Clone(s.Room.Hosts), m.Org)
	if !s.tells(incident.Audience{Kind: incident.ToNamed, Orgs: append(slices.Clone(orgs), o.Marking.Originator)}, m.Number,
		incident.Names{Orgs: []incident.OrgID{m.Org, o.Marking.Originator}}) {
		orgs = append(orgs, o.Marking.Originator) // where guests are told of one another
	}
	if hostsOnly {
		mark.Audience = s.among(o.Marking.Audience, orgs)
	}
	return s.marking(mark, m.Number, mark.Audience)
}

// among is the part of an audience that is of these organisations.
func (s *scene) among(a incident.Audience, orgs []incident.OrgID) incident.Audience {
	part := incident.Audience{Kind: incident.ToNamed}
	switch a.Kind {
	case incident.ToRoom:
		part.Orgs = orgs
	case incident.ToHosts:
		for _, h := range s.Room.Hosts {
			if slices.Contains(orgs, h) {
				part.Orgs = append(part.Orgs, h)
			}
		}
	case incident.ToNamed:
		for _, o := range a.Orgs {
			if slices.Contains(orgs, o) {
				part.Orgs = append(part.Orgs, o)
			}
		}
		for _, n := range a.Members {
			if m := s.Room.Numbered(n); m != nil && slices.Contains(orgs, m.Org) {
				part.Members = append(part.Members, n)
			}
		}
	}
	return part.Normal()
}
