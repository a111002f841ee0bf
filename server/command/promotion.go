package command

import (
	"encoding/base64"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// AskPromotion asks the organisation whose side room this is whether something
// it said here may be said in the main room.
type AskPromotion struct {
	Parent   *incident.Room `json:"-"` // the main room as it stood when asked, fetched by the server
	Entry    incident.Seq
	Text     string             // "" for the entry's own words
	TLP      incident.TLP       // "" for the graver of the entry's label and the main room's
	Audience *incident.Audience // in the main room; nil for everyone in it
}

func (c AskPromotion) roots() []incident.Seq { return []incident.Seq{c.Entry} }

func (c AskPromotion) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.AskPromotion, c.Entry)
	if err != nil {
		return nil, err
	}
	item := o.Item()
	switch {
	case !o.Kind.Promotable() || o.Erased:
		return nil, incident.BadField("entry", "Only what was said in a message, or shared as an item, is brought to the main room.")
	case o.Marking.Originator != s.Room.Cell.Org:
		return nil, incident.BadField("entry", "This is the hosts' own to say in the main room: only what the organisation said needs its consent.")
	case o.Recalled != 0:
		return nil, recalled()
	case o.Before != nil:
		return nil, incident.Refuse(incident.Conflict, "This entry is withheld. Restore it first.")
	case o.Absorbed != 0:
		return nil, incident.Refuse(incident.Conflict, "This item was merged into entry %d, which goes on in its place.", o.Absorbed)
	case o.Marking.TLP == incident.Red:
		return nil, incident.BadField("entry", "TLP:RED stays with the people it names.")
	case o.Marking.Recorded && item == nil:
		return nil, incident.BadField("entry", "Opening this is recorded, which what is said in the main room would not be. Ask them to say there what may be said.")
	case item != nil && c.Text != "":
		return nil, incident.BadField("text", "An item goes as it is, or not at all.")
	}
	switch said := o.Body.(type) {
	case *incident.ItemPublished:
		c.Text = said.Title
	case *incident.MessagePosted:
		if c.Text == "" {
			c.Text = said.Text
		}
		if err := checkMessage(c.Text); err != nil {
			return nil, err
		}
	}
	main := &scene{}
	main.Room, main.Actor, main.Now = c.Parent, s.Actor, s.Now
	if err := main.permit(policy.Post, nil, nil); err != nil {
		return nil, incident.Refuse(incident.Forbidden, "You must be able to write in the main room to bring something there.")
	}
	to := incident.Marking{TLP: graver(c.Parent.TLP, o.Marking.TLP), Audience: incident.Audience{Kind: incident.ToRoom}, Originator: s.Room.Cell.Org,
		PAP: o.Marking.PAP, Caveat: o.Marking.Caveat, Recorded: o.Marking.Recorded}
	if c.TLP != "" {
		to.TLP = c.TLP
	}
	if c.Audience != nil {
		to.Audience = *c.Audience
	}
	if to, err = main.marking(to, main.Asker().Number, incident.Audience{}); err != nil {
		return nil, err
	}
	if to.TLP.Rank() < o.Marking.TLP.Rank() {
		return nil, incident.BadField("tlp", "The label is at least the entry's: %s.", o.Marking.TLP)
	}
	if to.TLP == incident.Red {
		return nil, incident.BadField("tlp", "TLP:RED is between people who are named: say it to them.")
	}
	mark := o.Marking
	return one(&incident.Event{Marking: &mark, Refs: incident.Refs{Cites: []incident.Seq{c.Entry}},
		Body: &incident.PromotionAsked{Audience: to.Audience, Entry: c.Entry, Item: item != nil, Text: c.Text, TLP: to.TLP, Words: o.Said}})
}

// followed adds to what moves the sight of entries that the questions which
// repeat them go along: by the same act, with the same readers. Nobody is left
// with the words of what they may not see any more.
func (s *scene) followed(events []*incident.Event) []*incident.Event {
	for _, e := range events {
		if e.Marking == nil || !incident.Moves(e) {
			continue
		}
		for _, by := range s.citing[e.Root] {
			if by.Kind == "promotion.asked" {
				mark := *e.Marking
				events = append(events, &incident.Event{Root: by.Root, Marking: &mark, Body: e.Body, Authority: e.Authority})
			}
		}
	}
	return events
}

// AnswerPromotion is the organisation's word. What the main room is told is
// complete in its consent; whoever finishes it adds nothing.
type AnswerPromotion struct {
	Root   incident.Seq
	Entry  incident.Seq // the entry in question, as it stood on the screen
	Grant  bool
	Parent *incident.Room `json:"-"` // the main room as it stood when asked
	Words  incident.Seq   `json:"-"` // the entry the words stand in, fetched by the server
	Leaf   [32]byte       `json:"-"` // its leaf hash
	Origin string         `json:"-"` // SHA-256 of this room's origin line, hexadecimal
}

func (c AnswerPromotion) roots() []incident.Seq { return inOrder(c.Root, c.Entry) }

func (c AnswerPromotion) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.AnswerPromotion, c.Root)
	if err != nil {
		return nil, err
	}
	p := o.Promotion
	if p == nil {
		return nil, incident.Missing()
	}
	if p.Answered != "" {
		return nil, incident.Refuse(incident.Conflict, "This has been answered already.")
	}
	if c.Entry != p.Asked.Entry {
		return nil, incident.BadField("entry", "This is asked of entry %d.", p.Asked.Entry)
	}
	if !c.Grant {
		return one(&incident.Event{Root: c.Root, Body: &incident.PromotionRefused{}})
	}
	source, err := s.object(c.Entry)
	if err != nil {
		return nil, err
	}
	if err := s.permit(policy.AnswerPromotion, source, nil); err != nil {
		return nil, err
	}
	if o.Erased || source.Erased || source.Before != nil || source.Recalled != 0 || source.Absorbed != 0 || source.Said != p.Asked.Words || c.Words != p.Asked.Words ||
		source.Marking.Recorded && !p.Asked.Item || source.Marking.TLP.Rank() > p.Asked.TLP.Rank() {
		return nil, incident.Refuse(incident.Conflict, "The entry is not what it was when this was asked. Refuse it, and they can ask anew.")
	}
	if policy.Permit(policy.Post, &policy.Scene{Room: c.Parent, Actor: s.Actor, Now: s.Now}) != nil {
		return nil, incident.Refuse(incident.Forbidden, "Somebody who may write for your organisation in the main room agrees to this.")
	}
	lead := s.Room.Numbered(p.By.Member)
	there := c.Parent.Member(lead.Person)
	if policy.Permit(policy.Post, &policy.Scene{Room: c.Parent, Actor: incident.Actor{Person: lead.Person}, Now: s.Now}) != nil {
		return nil, incident.Refuse(incident.Conflict, "%s, who asked, cannot write in the main room just now. Nothing was said there.", lead.Seat.Name)
	}
	mark, from := source.Marking, incident.Provenance{Audience: source.Marking.Audience.Kind, LeafHash: base64.StdEncoding.EncodeToString(c.Leaf[:]), Origin: c.Origin,
		Seq: c.Words, TLP: source.Marking.TLP}
	if c.Words != c.Entry {
		from.Corrects = c.Entry
	}
	agreed := &incident.PromotionAgreed{By: there.Number, Caveat: mark.Caveat, PAP: mark.PAP, Recorded: mark.Recorded, TLP: p.Asked.TLP, To: p.Asked.Audience}
	if item := source.Item(); item != nil {
		whole := *item
		whole.Promoted = &from
		agreed.Item = &whole
	} else {
		agreed.Said = &incident.EntryPromoted{Audience: from.Audience, Corrects: from.Corrects, LeafHash: from.LeafHash, Origin: from.Origin, Seq: from.Seq,
			Text: p.Asked.Text, TLP: from.TLP}
	}
	return one(&incident.Event{Root: c.Root, Body: agreed})
}

// PromoteEntry says in the main room what was agreed in a side room. The house
// finishes it, under a key derived from the consent's place, so that it is said
// once whatever fails between.
type PromoteEntry struct {
	Agreed incident.PromotionAgreed
	Org    incident.OrgID // whose words they are
}

func (c PromoteEntry) roots() []incident.Seq { return nil }

func (c PromoteEntry) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Actor.Person != "" || s.Room == nil || s.empty || s.Room.Cell != nil {
		return nil, incident.Missing()
	}
	a := c.Agreed
	e := &incident.Event{Marking: &incident.Marking{TLP: a.TLP, PAP: a.PAP, Caveat: a.Caveat, Recorded: a.Recorded, Audience: a.To, Originator: c.Org}}
	switch {
	case a.Item != nil:
		e.Body = &incident.ItemPublished{Item: *a.Item}
	case a.Said != nil:
		said := *a.Said
		e.Body = &said
	default:
		return nil, incident.Missing() // it was erased before it was said
	}
	if m := s.Room.Numbered(a.By); m.Present() { // else the house says it: nobody acts after they left
		e.By = member(m)
	}
	return one(e)
}
