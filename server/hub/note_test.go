package hub

import (
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// Where guests are not told of one another, a note by one is a stub to guests
// of another organisation: from the ring, from what was read to fill it, and
// among all that is brought when an entry is opened.
func TestANoteByAHiddenGuestIsAStubHoweverItTravels(t *testing.T) {
	s := newScene(t)
	s.room = s.OpenRoom(s.lead, incident.ModeIncident, incident.RosterHosts)
	other, mate := s.Person("Olga", "X2E"), s.Person("Wim", "X1N")
	s.Join(s.room, s.lead, s.host, incident.Liaison, incident.Full)
	for _, who := range []incident.Actor{s.ward, other, mate} {
		s.Join(s.room, s.lead, who, incident.Representative, incident.Full)
	}
	from := s.Say(s.room, s.lead, "good morning")
	root := s.Say(s.room, s.lead, "to all")
	notes := map[incident.Seq]incident.Actor{}
	for _, who := range []incident.Actor{s.ward, other, s.host} {
		notes[s.do(who, command.NoteEntry{Root: root})] = who
	}
	judge := func(how string, who incident.Actor, entries map[incident.Seq]fragment, left bool) {
		t.Helper()
		for seq, by := range notes {
			hidden := who.Orgs[0] != by.Orgs[0] && who.Orgs[0] != "DSC" && who.Orgs[0] != "NCSC" && by.Orgs[0] != "NCSC"
			f, there := entries[seq]
			switch {
			case hidden && left && there, hidden && !left && f.form() != "stub", !hidden && f.form() != "open":
				t.Errorf("%s: %s's note came to %s as %q", how, by.Name, who.Name, f.raw)
			}
		}
	}
	people := []incident.Actor{s.lead, s.ward, other, mate}
	for _, who := range people { // the first reading fills the ring for all
		_, entries := stream(t, s.listen(who, &from).all(), from)
		judge("from a gap", who, entries, false)
	}
	opened := func(how string) {
		t.Helper()
		ears := map[string]*ear{}
		for _, who := range people[1:] {
			ears[who.Name] = s.listen(who, nil)
		}
		s.do(s.lead, command.WithholdEntry{Root: root})
		s.do(s.lead, command.RestoreEntry{Root: root})
		for _, who := range people[1:] {
			_, f := ears[who.Name].next("all of it", 0, is("opened"))
			entries := map[incident.Seq]fragment{}
			for _, e := range f.Events {
				entries[e.Seq] = e
			}
			if entries[root].text() != "to all" {
				t.Errorf("%s: opened with %s", how, f.raw)
			}
			judge(how, who, entries, true)
		}
	}
	opened("opened from the ring")
	s.hub = newHub(t, s.House)
	opened("opened by a reading")
}
