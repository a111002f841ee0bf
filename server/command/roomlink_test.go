package command_test

import (
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func TestWhichRoomsAreLinked(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	c := &chain{Paper: p, guest: p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full), first: p.Join("Nat Cole", "NCSC", incident.Liaison, incident.Full)}
	other := func(more func(*incident.Room, *incident.Member)) *incident.Room {
		m := &incident.Member{Number: 1, Person: c.Lead.Person, Org: "DSC", Role: incident.Liaison, Host: true, State: incident.Joined}
		r := incident.NewRoom("other")
		r.Mode, r.Reference = incident.ModeIncident, "INC-2026-0002"
		if more != nil {
			more(r, m)
		}
		r.Members = []*incident.Member{m}
		r.Reindex()
		return r
	}
	link := func(o *incident.Room) command.LinkRoom { return command.LinkRoom{To: "other", Other: o} }
	c.refused(t, c.guest, link(other(nil)), incident.Forbidden, "lead or deputy")
	c.refused(t, c.first, link(other(nil)), incident.Forbidden, "lead or deputy")
	c.refused(t, c.Lead, link(nil), incident.Invalid, "that you are in for a host")
	for what, more := range map[string]func(*incident.Room, *incident.Member){
		"as a guest":       func(_ *incident.Room, m *incident.Member) { m.Host = false },
		"left":             func(_ *incident.Room, m *incident.Member) { m.State = incident.Left },
		"somebody else is": func(_ *incident.Room, m *incident.Member) { m.Person = c.first.Person },
		"a side room":      func(r *incident.Room, _ *incident.Member) { r.Cell = &incident.Cell{} },
		"another":          func(r *incident.Room, _ *incident.Member) { r.ID = "another" },
	} {
		t.Log(what)
		c.refused(t, c.Lead, link(other(more)), incident.Invalid, "that you are in for a host")
	}
	c.refused(t, c.Lead, link(other(func(r *incident.Room, _ *incident.Member) { r.Mode = incident.ModeExercise })), incident.Invalid, "exercise and an incident")
	c.refused(t, c.Lead, link(other(func(r *incident.Room, _ *incident.Member) { r.Lifecycle = incident.Closed })), incident.Invalid, "closed")
	c.Must(c.Lead, link(other(nil)))
	c.refused(t, c.Lead, link(other(nil)), incident.Conflict, "linked already")
}
