package servertest

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// TB is what the kit needs of a test; rapid's T has it too.
type TB interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

var _ TB = testing.TB(nil)

// Paper is a room kept on paper: commands are decided and folded as the
// journal does it, and nothing is stored. For tests of the rules alone.
type Paper struct {
	T       TB
	Room    *incident.Room
	Objects map[incident.Seq]*incident.Object
	Events  []*incident.Event
	Now     time.Time
	Lead    incident.Actor // Priya Anand of DSC, who opened the room as M-1
	keys    int
}

// NewPaper opens a room.
func NewPaper(t TB, mode incident.Mode, roster incident.Roster) *Paper {
	t.Helper()
	id := incident.LogID(incident.RandomID())
	p := &Paper{T: t, Room: incident.NewRoom(id), Objects: map[incident.Seq]*incident.Object{}, Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	p.Room.Reindex()
	p.Lead = incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: "Priya Anand", Orgs: []incident.OrgID{"DSC"}}
	reg := incident.RoomRegistered{Room: id, Hosts: []incident.OrgID{"DSC", "NCSC"}, Assessors: Assessors, Mode: mode, Person: p.Lead.Person, Roster: roster, Reference: "INC-2026-0001",
		Title: "Ransomware at several trusts", TLP: incident.AmberStrict, Report: incident.Methane{Type: "Ransomware"}, Opener: seatOf(p.Lead, incident.Lead, incident.Full)}
	p.Must(incident.Actor{System: true}, command.OpenRoom{Registered: reg, Hosts: reg.Hosts, Genesis: incident.Genesis{Log: incident.RoomLog, Section: 1}})
	return p
}

func seatOf(a incident.Actor, r incident.Role, h incident.History) incident.Seat {
	org := Org(a.Orgs[0])
	return incident.Seat{Name: a.Name, Org: org.Code, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: r, History: h}
}

// Do decides a command as the actor and folds what it came to.
func (p *Paper) Do(a incident.Actor, c command.Command) ([]*incident.Event, error) {
	p.keys++
	p.Now = p.Now.Add(time.Second)
	events, err := p.Decide(a, incident.NewKey(p.Now), c)
	if err != nil {
		return nil, err
	}
	p.Take(events...)
	return events, nil
}

// Decide decides a command under a key and folds nothing.
func (p *Paper) Decide(a incident.Actor, key incident.Key, c command.Command) ([]*incident.Event, error) {
	cited := p.cited(c)
	return command.Decide(command.Input{State: p.Room, Size: uint64(len(p.Events)), Objects: p.Objects, Cited: cited, Notes: p.notes(c),
		Targets: p.targets(c, cited), Citing: p.citing(c), Actor: a, Key: key, Now: p.Now}, c)
}

// Take folds entries, as a node does with its own and with those of others.
func (p *Paper) Take(events ...*incident.Event) {
	next := p.Room.Clone()
	for _, e := range events {
		next.Apply(e)
		if e.IsRoot() {
			p.Objects[e.Seq] = incident.FoldObject([]*incident.Event{e})
		} else if o := p.Objects[e.Root]; o != nil {
			o.Apply(e)
		}
	}
	p.Room, p.Events = next, append(p.Events, events...)
	for _, e := range events {
		if b, ok := e.Body.(*incident.EntryErased); ok {
			p.erase(b)
		}
	}
}

// Fork returns a copy that can go its own way.
func (p *Paper) Fork() *Paper {
	c := *p
	c.Room, c.Events = p.Room.Clone(), slices.Clone(p.Events)
	c.Objects = make(map[incident.Seq]*incident.Object, len(p.Objects))
	for _, e := range c.Events {
		if o := p.Objects[e.Seq]; o != nil {
			own := *o
			c.Objects[e.Seq] = &own
		}
	}
	return &c
}

// cited are the sights of what the command cites, as the journal finds them.
func (p *Paper) cited(c command.Command) map[incident.Seq]incident.Sight {
	sights := map[incident.Seq]incident.Sight{}
	for _, n := range command.Cites(c) {
		if n != 0 && int(n) < len(p.Events) {
			sights[n] = p.Sight(p.Events[n].Root)
		}
	}
	return sights
}

// citing is what rests on what the command moves.
func (p *Paper) citing(c command.Command) map[incident.Seq][]command.Citation {
	citing := map[incident.Seq][]command.Citation{}
	for _, root := range command.Moves(c) {
		for _, e := range p.Events {
			if !projection.Rests(e) {
				continue
			}
			for _, n := range e.Refs.Cites {
				of := command.Citation{Root: e.Root, Kind: p.Events[e.Root].Kind, Entry: n}
				if int(n) < len(p.Events) && p.Events[n].Root == root && !slices.Contains(citing[root], of) {
					citing[root] = append(citing[root], of)
				}
			}
		}
	}
	return citing
}

// notes are those of what the command cites that are notes, and whose.
func (p *Paper) notes(c command.Command) map[incident.Seq]incident.MemberNo {
	notes := map[incident.Seq]incident.MemberNo{}
	for _, n := range command.Cites(c) {
		if int(n) < len(p.Events) && p.Events[n].Kind == "entry.noted" {
			notes[n] = p.Events[n].By.Member
		}
	}
	return notes
}

// Must is Do for what must succeed; it returns the number of the first entry.
func (p *Paper) Must(a incident.Actor, c command.Command) incident.Seq {
	p.T.Helper()
	events, err := p.Do(a, c)
	if err != nil {
		p.T.Fatalf("%T: %v", c, err)
	}
	return events[0].Seq
}

// Invite invites a new person; they have not joined.
func (p *Paper) Invite(name string, org incident.OrgID, r incident.Role, h incident.History) (incident.Actor, incident.Seq) {
	p.T.Helper()
	a := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: name, Orgs: []incident.OrgID{org}}
	return a, p.Must(p.Lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(), Seat: seatOf(a, r, h)})
}

// Join brings a new person into the room.
func (p *Paper) Join(name string, org incident.OrgID, r incident.Role, h incident.History) incident.Actor {
	p.T.Helper()
	a, root := p.Invite(name, org, r, h)
	p.Must(a, command.JoinRoom{Root: root, Person: a.Person, How: "subject", Rules: p.Room.Rules.Version})
	return a
}

// JoinAs is Join of an organisation that is of another type than it is.
func (p *Paper) JoinAs(name string, org incident.OrgID, is incident.OrgType, r incident.Role, h incident.History) incident.Actor {
	p.T.Helper()
	a := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: name, Orgs: []incident.OrgID{org}}
	seat := seatOf(a, r, h)
	seat.OrgType = is
	root := p.Must(p.Lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(), Seat: seat})
	p.Must(a, command.JoinRoom{Root: root, Person: a.Person, How: "subject", Rules: p.Room.Rules.Version})
	return a
}

// MustEvents is Must that returns all entries.
func (p *Paper) MustEvents(a incident.Actor, c command.Command) []*incident.Event {
	p.T.Helper()
	events, err := p.Do(a, c)
	if err != nil {
		p.T.Fatalf("%T: %v", c, err)
	}
	return events
}

// Member is the actor's membership as it stands.
func (p *Paper) Member(a incident.Actor) *incident.Member { return p.Room.Member(a.Person) }

// Number is the actor's number in the room.
func (p *Paper) Number(a incident.Actor) incident.MemberNo { return p.Member(a).Number }

// Sight is the root's, as it stands.
func (p *Paper) Sight(root incident.Seq) incident.Sight {
	var s incident.Sight
	for _, e := range p.Events {
		if e.Seq == root {
			s = incident.SightOf(e)
		} else if e.Root == root && incident.Moves(e) {
			s.Apply(e)
		}
	}
	return s
}

// Stepped is the actor with a second factor given just now.
func (p *Paper) Stepped(a incident.Actor) incident.Actor {
	p.Now = p.Now.Add(time.Second)
	a.StepUp = p.Now
	return a
}

// targets are the entries whose stored form the command needs, and what repeats
// them, as the journal finds them; who may see the root of each is put beside
// what it cites.
func (p *Paper) targets(c command.Command, cited map[incident.Seq]incident.Sight) map[incident.Seq]*incident.Event {
	targets := map[incident.Seq]*incident.Event{}
	for _, n := range command.Erases(c, p.Room) {
		if n != 0 && int(n) < len(p.Events) {
			targets[n], cited[n] = p.Events[n], p.Sight(p.Events[n].Root)
		}
	}
	var roots []incident.Seq
	for _, e := range targets {
		roots = append(roots, e.Root)
	}
	for _, e := range p.Events {
		if !command.Repeats(e.Kind) {
			continue
		}
		asked := p.Events[e.Root]
		if slices.ContainsFunc(asked.Refs.Cites, func(n incident.Seq) bool { return slices.Contains(roots, n) }) {
			targets[e.Seq], cited[e.Seq] = e, p.Sight(e.Root)
		}
	}
	return targets
}

// erase takes the slots out of the entry kept on paper, and folds its object
// anew.
func (p *Paper) erase(b *incident.EntryErased) {
	was := p.Events[b.Entry]
	values, err := was.Encode()
	if err != nil {
		p.T.Fatal(err)
	}
	gone := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(was.Erased), b.Slots...))))
	for _, i := range gone {
		values[i] = nil
	}
	if p.Events[b.Entry], err = incident.DecodeErased(was.Seq, values, gone); err != nil {
		p.T.Fatal(err)
	}
	var object []*incident.Event
	for _, e := range p.Events {
		if e.Root == was.Root {
			object = append(object, e)
		}
	}
	p.Objects[was.Root] = incident.FoldObject(object)
}

// Replay folds all that is kept on paper from the beginning.
func (p *Paper) Replay() *incident.Room {
	room := incident.NewRoom(p.Room.ID)
	room.Reindex()
	for _, e := range p.Events {
		room.Apply(e)
	}
	return room
}

// Origin is that of the log kept on paper.
func (p *Paper) Origin() evidence.Origin { return evidence.OriginOf("paper/" + string(p.Room.ID)) }

// Entry is an entry as storage would give it, under a seed of its own.
func (p *Paper) Entry(n incident.Seq) evidence.Entry {
	values, err := p.Events[n].Encode()
	if err != nil {
		p.T.Fatal(err)
	}
	w := &evidence.Whole{Seq: uint64(n), Seed: evidence.NewSeed(), Values: evidence.Values(values)}
	return evidence.Entry{Seq: w.Seq, Leaf: evidence.AppendLeaf(nil, p.Origin(), w.Seq, w.Seed, &w.Values), Opening: w}
}
