package command_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// onCall are the people a server would find on call.
func onCall() (list []incident.OnCall) {
	for name, org := range map[string]incident.OrgID{"Ewan Doyle": "NCSC", "Isla Grant": "NCSC", "Tom Okafor": "DSC"} {
		o := servertest.Org(org)
		list = append(list, incident.OnCall{Invitation: incident.RandomID(), Issuer: o.Issuer, Seat: command.CallSeat(incident.Person{Name: name}, o)})
	}
	return list
}

func kinds(events []*incident.Event) (list []incident.Kind) {
	for _, e := range events {
		list = append(list, e.Kind)
	}
	return list
}

func TestNCSCIsCalledWhenTheLevelBecomesThreeOrFourAndOnce(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterHosts)
	assess := func(at int) []*incident.Event {
		c := nhs(at)
		c.OnCall = onCall()
		events, err := p.Do(p.Lead, c)
		if err != nil {
			t.Fatal(err)
		}
		return events
	}
	if got := kinds(assess(2)); len(got) != 2 {
		t.Fatalf("level 2 made %v", got)
	}
	events := assess(3)
	if got := kinds(events); !slices.Equal(got, []incident.Kind{"severity.reassessed", "severity.reasoned", "room.host_called", "member.invited", "member.invited"}) {
		t.Fatalf("level 3 made %v", got)
	}
	called := events[2]
	if b := called.Body.(*incident.HostCalled); b.Org != "NCSC" || b.Because != events[0].Seq || called.Root != events[0].Root {
		t.Errorf("called: %+v about %d", b, called.Root)
	}
	for _, e := range events[3:] {
		b := e.Body.(*incident.MemberInvited)
		if b.Seat.Org != "NCSC" || b.Seat.Role != incident.Liaison || b.Seat.History != incident.Full || b.Invitation == "" || e.Marking.Originator != "NCSC" {
			t.Errorf("invited: %+v", b)
		}
	}
	if got := kinds(assess(4)); len(got) != 2 || !slices.Equal(p.Room.Called, []incident.OrgID{"NCSC"}) {
		t.Errorf("level 4, while NCSC is awaited, made %v; called %v", got, p.Room.Called)
	}
	if a := p.Room.Assessment(incident.NHSLevel, "DSC"); a.Last == called.Seq {
		t.Error("calling a host counts as changing the assessment")
	}
	for _, m := range p.Room.Members {
		if m.State == incident.Invited {
			p.Must(p.Lead, command.WithdrawMember{Root: m.Root})
		}
	}
	if got := kinds(assess(4)); len(got) != 2 {
		t.Errorf("no graver than before, and called before: made %v", got)
	}
}

func TestAHostCalledTwiceIsSaidToBeCalledOnce(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterHosts)
	for _, at := range []int{3, 4} {
		c := nhs(at)
		c.OnCall = onCall()
		p.Must(p.Lead, c)
		if !slices.ContainsFunc(p.Events[len(p.Events)-3:], func(e *incident.Event) bool { return e.Kind == "room.host_called" }) {
			t.Errorf("level %d called nobody", at)
		}
		for _, m := range p.Room.Members {
			if m.State == incident.Invited {
				p.Must(p.Lead, command.WithdrawMember{Root: m.Root})
			}
		}
	}
	if !slices.Equal(p.Room.Called, []incident.OrgID{"NCSC"}) {
		t.Errorf("called: %v", p.Room.Called)
	}
}

func TestAHostWithNobodyOnCallIsCalledOnceSomebodyIs(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	p.Must(p.Lead, nhs(4)) // nobody of NCSC on call
	if len(p.Room.Called) != 0 {
		t.Fatalf("called %v, and nobody comes", p.Room.Called)
	}
	c := nhs(4)
	c.OnCall = onCall()
	p.Must(p.Lead, c)
	if !slices.Equal(p.Room.Called, []incident.OrgID{"NCSC"}) {
		t.Errorf("called %v", p.Room.Called)
	}
}

func TestDSCIsCalledForACategoryOfOneToThree(t *testing.T) {
	for at, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 0, 5: 0, 6: 0} {
		s := newSevere(t)
		for _, a := range []incident.Actor{s.liaison, s.deputy} {
			s.Must(a, command.LeaveRoom{})
		}
		s.Must(s.ncscLead, command.RemoveMember{Root: s.Member(s.Lead).Root})
		c := category(at)
		c.OnCall = onCall()
		s.Must(s.ncscLead, c)
		if len(s.Room.Called) != want || want == 1 && s.Room.Called[0] != "DSC" {
			t.Errorf("category %d called %v", at, s.Room.Called)
		}
	}
}

func TestARoomOpensWithItsSeverityAndTheHostItCallsIn(t *testing.T) {
	for at, want := range map[int]int{1: 0, 2: 0, 3: 2, 4: 2} {
		reg := incident.RoomRegistered{Room: incident.LogID(incident.RandomID()), Hosts: []incident.OrgID{"DSC", "NCSC"}, Assessors: servertest.Assessors, Mode: incident.ModeIncident,
			Person: "p", Roster: incident.RosterNames, TLP: incident.Amber, Opener: command.CallSeat(incident.Person{Name: "Priya Anand"}, servertest.Org("DSC")), Called: onCall(),
			Severity: &incident.Opening{Scale: incident.NHSLevel, Grade: incident.Grade{At: at}, Criteria: []string{}, Reason: "it spreads"}}
		reg.Opener.Role = incident.Lead
		room := incident.NewRoom(reg.Room)
		room.Reindex()
		events, err := command.Decide(command.Input{State: room, Actor: incident.Actor{System: true}, Now: time.Now()}, command.OpenRoom{Registered: reg, Hosts: reg.Hosts})
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			room.Apply(e)
			if e.Seq != incident.Seq(i) || i > 0 && (e.By.Member != 1 || e.By.Org != "DSC") {
				t.Errorf("entry %d is %d by %+v", i, e.Seq, e.By)
			}
		}
		a := room.Operating(incident.NHSLevel)
		if a == nil || a.Root != 5 || a.Org != "DSC" || a.Grade.At != at || !slices.Equal(room.Assessors, servertest.Assessors) {
			t.Fatalf("it opens at %+v", a)
		}
		if b := events[6].Body.(*incident.SeverityReasoned); b.About != 5 || b.Text != "it spreads" || events[6].Marking.TLP != incident.Amber {
			t.Errorf("why: %+v", b)
		}
		invited := 0
		for _, m := range room.Members {
			if m.State == incident.Invited && m.Org == "NCSC" {
				invited++
			}
		}
		if invited != want || len(room.Called) != want/2 {
			t.Errorf("level %d invites %d of NCSC and calls %v", at, invited, room.Called)
		}
		if want > 0 && events[7].Body.(*incident.HostCalled).Because != 5 {
			t.Error("called because of another entry")
		}
	}
}

func TestTheRecordOfAnOpeningReadBackOpensTheSameRoom(t *testing.T) {
	// The follower that finishes an opening has the registration from the log;
	// the request that began it had it in hand. Both must ask for the same.
	reg := incident.RoomRegistered{Assessors: servertest.Assessors, Called: onCall(), Severity: &incident.Opening{Scale: incident.NHSLevel, Grade: incident.Grade{At: 3}, Criteria: []string{}, Reason: "x"}}
	b, _ := json.Marshal(reg)
	var back incident.RoomRegistered
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if string(command.Bytes(command.OpenRoom{Registered: reg})) != string(command.Bytes(command.OpenRoom{Registered: back})) {
		t.Error("they would not be the same command")
	}
}

// What a server fetched is no part of what makes a command the same.
func TestACommandSentAgainAfterTheRotaChangedIsTheSame(t *testing.T) {
	c := nhs(3)
	r := command.RegisterRoom{Title: "x"}
	before := string(command.Bytes(c)) + string(command.Bytes(r))
	c.OnCall, r.OnCall = onCall(), onCall()
	if string(command.Bytes(c))+string(command.Bytes(r)) != before {
		t.Error("who is on call makes it another command")
	}
}
