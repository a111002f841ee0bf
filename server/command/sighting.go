package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

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
