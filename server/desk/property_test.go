package desk

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// A play is a random history of a room. After every step it is written down
// what each person is really given of each entry, by the database and by
// policy, as a page of then would give it.
type play struct {
	*servertest.House
	rnd    *rand.Rand
	room   incident.LogID
	lead   incident.Actor
	people []incident.Actor
	roots  []incident.Seq
	views  map[incident.Seq]map[incident.PersonID][]policy.Form // by the head of then: forms by number
}

func TestWhatCouldBeSeenAtAnEntryIsWhatWasReallyGivenThen(t *testing.T) {
	moves := 0
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			s := &play{House: servertest.NewHouse(t), rnd: rand.New(rand.NewPCG(seed, 11)), views: map[incident.Seq]map[incident.PersonID][]policy.Form{}}
			moves += s.run()
		})
	}
	if moves < 100 {
		t.Errorf("in all histories what somebody sees of an entry changed only %d times", moves)
	}
}

func (s *play) run() (moves int) {
	roster := []incident.Roster{incident.RosterNames, incident.RosterOrganisations, incident.RosterHosts}[s.rnd.IntN(3)]
	s.lead = s.Person("Lena", "DSC")
	s.room = s.OpenRoom(s.lead, incident.ModeIncident, roster)
	s.people = append(s.people, s.lead)
	for _, p := range []struct {
		name string
		org  incident.OrgID
		role incident.Role
	}{{"Hugo", "NCSC", incident.Liaison}, {"Wanda", "X1N", incident.Representative}, {"Wim", "X1N", incident.Representative},
		{"Olga", "X2E", incident.Representative}, {"Audrey", "AUD", incident.Auditor}} {
		a := s.Person(p.name, p.org)
		s.Join(s.room, s.lead, a, p.role, []incident.History{incident.Full, incident.FromJoin}[s.rnd.IntN(2)])
		s.people = append(s.people, a)
		s.look()
	}
	for range 90 {
		s.act()
		s.look()
	}
	d := New(s.Journal)
	past, done, err := d.past(s.T.Context(), s.room)
	if err != nil {
		s.T.Fatal(err)
	}
	defer done()
	asked := 0
	for head, byPerson := range s.views {
		for _, who := range s.people {
			then, known := byPerson[who.Person]
			if !known {
				continue // had not come yet
			}
			w := witness{past: past, person: who.Person, k: &Known{At: head, Rules: Rules{Version: policy.Version, Here: policy.Version}}}
			for n := incident.Seq(1); n <= head; n++ {
				asked++
				if got, want := w.form(n, head), then[n]; got != want {
					s.T.Fatalf("%s: when entry %d was the newest, %s was given form %d of entry %d; the desk says %d", roster, head, who.Name, want, n, got)
				}
				if later := s.views[head+1]; later != nil && later[who.Person][n] != then[n] {
					moves++
				}
			}
		}
	}
	if asked < 2000 {
		s.T.Errorf("only %d answers were compared", asked)
	}
	return moves
}

// look writes down what everybody is given now.
func (s *play) look() {
	room, err := s.Journal.Room(s.T.Context(), s.room)
	if err != nil {
		s.T.Fatal(err)
	}
	if s.views[room.Head] != nil {
		return
	}
	byPerson := map[incident.PersonID][]policy.Form{}
	for _, who := range s.people {
		forms := make([]policy.Form, room.Head+1)
		if m := room.Member(who.Person); m.Present() {
			rows, err := s.Journal.Page(s.T.Context(), s.room, who.Person, journal.Query{Limit: journal.MaxPage})
			if err != nil {
				s.T.Fatal(err)
			}
			for _, row := range rows {
				forms[row.Entry.Seq] = policy.View(room, m, row.Sight, row.Entry).Form()
			}
		}
		byPerson[who.Person] = forms
	}
	s.views[room.Head] = byPerson
}

func (s *play) root() incident.Seq {
	if len(s.roots) == 0 {
		return 4
	}
	return s.roots[s.rnd.IntN(len(s.roots))]
}

func (s *play) audience() *incident.Audience {
	switch s.rnd.IntN(4) {
	case 0:
		return &incident.Audience{Kind: incident.ToRoom}
	case 1:
		return &incident.Audience{Kind: incident.ToHosts}
	case 2:
		return &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N", "DSC"}}
	}
	return &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1, incident.MemberNo(1 + s.rnd.IntN(6))}}
}

// act does something, or is refused it.
func (s *play) act() {
	who := s.people[s.rnd.IntN(len(s.people))]
	if s.rnd.IntN(2) == 0 {
		who = s.lead
	}
	var cmd command.Command
	switch s.rnd.IntN(13) {
	case 0, 1, 2:
		m := command.PostMessage{Text: "x", Audience: s.audience()}
		if s.rnd.IntN(4) == 0 {
			m.TLP, m.Audience = incident.Red, &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1, incident.MemberNo(1 + s.rnd.IntN(6))}}
		}
		cmd = m
	case 3:
		cmd = command.NoteEntry{Root: s.root()}
	case 4:
		cmd = command.WithholdEntry{Root: s.root()}
	case 5:
		cmd = command.RestoreEntry{Root: s.root()}
	case 6:
		cmd = command.TightenEntry{Root: s.root(), Audience: s.audience()}
	case 7:
		cmd = command.WidenEntry{Root: s.root(), Audience: s.audience(), Reason: "needed"}
	case 10:
		cmd = command.PublishItem{Item: incident.Item{Title: "x", Text: "x"}, Recorded: s.rnd.IntN(2) == 0, Chosen: command.Chosen{Audience: s.audience()}}
	case 11:
		cmd = command.RecallEntry{Root: s.root(), Reason: "a mistake"}
	case 12:
		on := s.rnd.IntN(2) == 0
		cmd = command.TightenEntry{Root: s.root(), Recorded: &on}
		if !on {
			cmd = command.WidenEntry{Root: s.root(), Recorded: &on, Reason: "needed"}
		}
	case 8:
		s.comeOrGo()
		return
	case 9:
		room, err := s.Journal.Room(s.T.Context(), s.room)
		if err != nil {
			s.T.Fatal(err)
		}
		m := room.Member(s.people[1+s.rnd.IntN(len(s.people)-1)].Person)
		if m == nil {
			return
		}
		cmd = command.GrantHistory{Root: m.Root, Start: 1 + incident.Seq(s.rnd.IntN(int(room.Head)))}
	}
	if r, err := s.Do(s.room, who, cmd); err == nil {
		switch cmd.(type) {
		case command.PostMessage, command.PublishItem:
			s.roots = append(s.roots, r.Seq)
		}
	}
}

// comeOrGo has somebody removed, or come back, perhaps with less of the past.
func (s *play) comeOrGo() {
	who := s.people[2+s.rnd.IntN(len(s.people)-2)]
	room, err := s.Journal.Room(s.T.Context(), s.room)
	if err != nil {
		s.T.Fatal(err)
	}
	if m := room.Member(who.Person); m.Present() {
		s.Must(s.Do(s.room, s.lead, command.RemoveMember{Root: m.Root}))
		return
	}
	s.Join(s.room, s.lead, who, incident.Representative, []incident.History{incident.Full, incident.FromJoin}[s.rnd.IntN(2)])
}
