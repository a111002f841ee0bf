package command_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// chain is a house with who asks and who is asked.
type chain struct {
	*servertest.Paper
	asks, first, second, tactical, guest incident.Actor
}

func newChain(t *testing.T) *chain {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	return &chain{p, p.Join("Lena Fox", "DSC", incident.Loggist, incident.Full), p.Join("Dee Hart", "DSC", incident.Liaison, incident.Full),
		p.Join("Nat Cole", "NCSC", incident.Liaison, incident.Full), p.Join("Tess Dunn", "DSC", incident.Deputy, incident.Full), p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)}
}

func (c *chain) request(more func(*command.RequestEscalation)) command.RequestEscalation {
	r := command.RequestEscalation{Condition: incident.DisconnectNetwork, SBAR: incident.SBAR{Situation: "It spreads", Recommendation: "Cut it off"},
		Row: incident.MatrixRow{Condition: incident.DisconnectNetwork, Tier: incident.Strategic, Minutes: 10}}
	for _, a := range []incident.Actor{c.first, c.second} {
		r.Chain = append(r.Chain, incident.Step{Person: a.Person, Name: a.Name, Org: a.Orgs[0], Tier: incident.Strategic, Way: incident.ByRota})
	}
	if more != nil {
		more(&r)
	}
	return r
}

func (c *chain) fire(root incident.Seq, step int) error {
	_, err := c.Do(incident.Actor{System: true}, command.Fire{Timer: incident.TimerID("escalation/" + itoa(int(root)) + "/" + itoa(step))})
	return err
}

func itoa(n int) string {
	s := ""
	for ; n > 0; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return s
}

func (c *chain) refused(t *testing.T, who incident.Actor, cmd command.Command, fault incident.Fault, words string) {
	t.Helper()
	_, err := c.Do(who, cmd)
	if incident.FaultOf(err) != fault || !strings.Contains(err.Error(), words) {
		t.Errorf("%T: %v, want %s with %q", cmd, err, fault, words)
	}
}

func TestAnOrganisationsEscalationsAreBoundedAndNobodyElsesWithThem(t *testing.T) {
	c := newChain(t)
	first := c.Must(c.guest, c.request(nil))
	for range command.MaxWaiting - 1 {
		c.Must(c.guest, c.request(nil))
	}
	c.refused(t, c.guest, c.request(nil), incident.Conflict, "are not over")
	c.Must(c.asks, c.request(nil)) // another organisation's
	c.Must(c.guest, command.WithdrawEscalation{Root: first, Reason: "said twice"})
	c.Must(c.guest, c.request(nil))
}

func TestAuthorityFollowsAcceptanceAndGoesBackWhenItIsStoodDown(t *testing.T) {
	c := newChain(t)
	root := c.Must(c.asks, c.request(nil))
	accept := command.AcceptEscalation{Root: root, Rationale: "before it reaches a third site"}
	c.refused(t, c.asks, accept, incident.Forbidden, "You asked for this")
	c.refused(t, c.tactical, accept, incident.Forbidden, "This goes to the strategic tier, and you act at the tactical one")
	c.refused(t, c.second, accept, incident.Forbidden, "strategic tier") // whose turn has not come
	c.refused(t, c.guest, accept, incident.Forbidden, "strategic tier")
	c.refused(t, incident.Actor{Person: "stranger"}, accept, incident.NotFound, "")
	c.Must(c.first, accept)
	m := c.Member(c.first)
	if m.Tier() != incident.Strategic {
		t.Errorf("who accepted acts at the %s tier", m.Tier())
	}
	d := c.Objects[root+1+0]
	for _, o := range c.Objects {
		if o.Decision != nil {
			d = o
		}
	}
	if d == nil || d.Decision == nil || d.Decision.Maker != m.Number || d.Decision.Tier != incident.Strategic {
		t.Fatalf("no decision of theirs: %+v", d)
	}
	c.refused(t, c.first, accept, incident.Conflict, "was accepted in entry")
	c.refused(t, c.guest, command.StandDownEscalation{Root: root, Reason: "over"}, incident.Forbidden, "")
	c.Must(c.asks, command.StandDownEscalation{Root: root, Reason: "over"})
	if m := c.Member(c.first); m.Tier() != incident.Operational {
		t.Errorf("after standing down they act at the %s tier", m.Tier())
	}
	if len(c.Room.Escalations) != 0 {
		t.Errorf("the fold keeps what is over: %+v", c.Room.Escalations)
	}
}

func TestASecondFactorIsUsedOnceWhereTheMatrixWantsOne(t *testing.T) {
	c := newChain(t)
	root := c.Must(c.asks, c.request(func(r *command.RequestEscalation) { r.Row.Factor = true }))
	accept := command.AcceptEscalation{Root: root, Rationale: "yes"}
	c.refused(t, c.first, accept, incident.StepUp, "")
	fresh := c.first
	fresh.StepUp = c.Now.Add(-6 * time.Minute)
	c.refused(t, fresh, accept, incident.StepUp, "")
	fresh.StepUp = c.Now.Add(-time.Minute)
	c.Must(fresh, accept)
	other := c.Must(c.asks, c.request(func(r *command.RequestEscalation) { r.Row.Factor = true }))
	c.refused(t, fresh, command.AcceptEscalation{Root: other, Rationale: "yes"}, incident.StepUp, "")
}

func TestTwoKeysAreTwoPeople(t *testing.T) {
	c := newChain(t)
	root := c.Must(c.asks, c.request(func(r *command.RequestEscalation) { r.Row.TwoKey = true }))
	accept := command.AcceptEscalation{Root: root, Rationale: "yes"}
	c.Must(c.first, accept)
	if e := c.Room.Escalation(root); e.State != incident.EscalationIsRequested || c.Member(c.first).Tier() != incident.Operational {
		t.Fatalf("one key opened it: %+v", e)
	}
	c.refused(t, c.first, accept, incident.Conflict, "A second person must too")
	c.Now = c.Now.Add(10 * time.Minute)
	if err := c.fire(root, 1); err != nil {
		t.Fatal(err)
	}
	c.Must(c.second, accept)
	if e := c.Room.Escalation(root); e.State != incident.EscalationIsAccepted || c.Member(c.first).Tier() != incident.Strategic || c.Member(c.second).Tier() != incident.Strategic {
		t.Errorf("two keys: %+v", e)
	}
}

func TestATimerActsWhenItIsDueAndOnceOnly(t *testing.T) {
	c := newChain(t)
	root := c.Must(c.asks, c.request(nil))
	const each = time.Second // that the paper's clock moves on with each command
	c.Now = c.Room.Escalation(root).Due().Add(-time.Millisecond - each)
	if err := c.fire(root, 1); incident.FaultOf(err) != incident.Conflict || !strings.Contains(err.Error(), "not time yet") {
		t.Fatalf("a millisecond early: %v", err)
	}
	c.refused(t, c.first, command.Fire{Timer: "escalation/1/1"}, incident.NotFound, "") // nobody plays the house
	c.Now = c.Room.Escalation(root).Due().Add(-each)
	if err := c.fire(root, 1); err != nil {
		t.Fatal(err)
	}
	if err := c.fire(root, 1); incident.FaultOf(err) != incident.Conflict {
		t.Errorf("the same again: %v", err)
	}
	if e := c.Room.Escalation(root); e.Step != 2 {
		t.Errorf("it is at step %d", e.Step)
	}
	c.refused(t, c.asks, command.ActEscalation{Root: root, Because: "no time"}, incident.Conflict, "awaits an answer")
	c.Now = c.Now.Add(10 * time.Minute)
	if err := c.fire(root, 2); err != nil {
		t.Fatal(err)
	}
	c.refused(t, c.first, command.ActEscalation{Root: root, Because: "no time"}, incident.Forbidden, "")
	c.Must(c.asks, command.ActEscalation{Root: root, Because: "patients would have been harmed"})
	c.refused(t, c.first, command.RefuseEscalation{Root: root, Reason: "no"}, incident.Conflict, "")
}

func TestNobodyOnCallIsSilenceAtOnce(t *testing.T) {
	c := newChain(t)
	root := c.Must(c.asks, c.request(func(r *command.RequestEscalation) { r.Chain = nil }))
	if e := c.Room.Escalation(root); e == nil || e.State != incident.EscalationIsSilent || len(c.Room.Timers()) != 0 {
		t.Errorf("%+v", e)
	}
}

func TestBothHostsAlwaysReceiveAnEscalationAndAGuestOnlyTheirOwn(t *testing.T) {
	c := newChain(t)
	only := incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{c.Member(c.first).Number}}
	c.refused(t, c.asks, c.request(func(r *command.RequestEscalation) { r.Audience = &only }), incident.Invalid, "Both hosts receive an escalation")
	c.refused(t, c.asks, c.request(func(r *command.RequestEscalation) { r.TLP, r.Audience = incident.Red, &only }), incident.Invalid, "")
	root := c.Must(c.asks, c.request(func(r *command.RequestEscalation) { r.Audience = &incident.Audience{Kind: incident.ToHosts} }))
	for _, cmd := range []command.Command{command.AcceptEscalation{Root: root, Rationale: "x"}, command.RefuseEscalation{Root: root, Reason: "x"}, command.WithdrawEscalation{Root: root, Reason: "x"},
		command.ActEscalation{Root: root, Because: "x"}, command.StandDownEscalation{Root: root, Reason: "x"}} {
		_, err := c.Do(c.guest, cmd)
		_, missing := c.Do(c.guest, command.AcceptEscalation{Root: 9999, Rationale: "x"})
		if err == nil || err.Error() != missing.Error() {
			t.Errorf("%T by a guest it is not for: %v, and of what is not there: %v", cmd, err, missing)
		}
	}
	if policy.May(c.Room, c.Member(c.guest), c.Objects[root].Sight()) {
		t.Error("a guest sees it")
	}
	c.refused(t, c.asks, command.TightenEntry{Root: root, Audience: &only}, incident.Invalid, "Both hosts receive")
}

func TestTheMatrixSendsAConditionToTheGraver(t *testing.T) {
	m := incident.BuiltIn()
	for _, x := range []struct {
		c    incident.Condition
		at   []incident.Severity
		tier incident.Tier
	}{
		{incident.SuspendService, nil, incident.Tactical},
		{incident.SuspendService, []incident.Severity{{Grade: 2, Scale: incident.NHSLevel}}, incident.Tactical},
		{incident.SuspendService, []incident.Severity{{Grade: 3, Scale: incident.NHSLevel}}, incident.Strategic},
		{incident.SuspendService, []incident.Severity{{Grade: 2, Scale: incident.NHSLevel}, {Grade: 2, Scale: incident.NCSCCategory}}, incident.Strategic},
		{incident.SuspendService, []incident.Severity{{Grade: 4, Scale: incident.NCSCCategory}}, incident.Tactical},
	} {
		if got := m.Route(x.c, x.at); got.Tier != x.tier {
			t.Errorf("%s at %v goes to %s, want %s", x.c, x.at, got.Tier, x.tier)
		}
	}
	if r := m.Route(incident.RansomDemand, nil); !r.TwoKey || !r.Factor {
		t.Errorf("a ransom: %+v", r)
	}
	if r := (incident.MatrixSet{}).Route(incident.MutualAid, nil); r.Tier != incident.Strategic || r.Minutes == 0 {
		t.Errorf("what no row fits: %+v", r)
	}
}

func TestWhoIsAskedIsThePostThenTheRotaThenTheTierAbove(t *testing.T) {
	c := newChain(t)
	sys := &incident.System{Hosts: []incident.OrgID{"DSC", "NCSC"}, People: map[incident.PersonID]incident.Person{}}
	for _, a := range []incident.Actor{c.Lead, c.asks, c.first, c.second, c.tactical} {
		sys.People[a.Person] = incident.Person{ID: a.Person, Name: a.Name, Orgs: a.Orgs}
	}
	sys.People["gone"] = incident.Person{ID: "gone", Name: "Gone", Orgs: []incident.OrgID{"DSC"}, Suspended: true}
	sys.OnCall = []incident.PersonID{"gone", c.second.Person}
	post := c.Must(c.Lead, command.AssignPost{Post: incident.TacticalCommander, Member: c.Member(c.first).Number, Deputy: c.Member(c.asks).Number})
	c.Must(c.first, command.AcknowledgePost{Root: post})
	on := func(o incident.OrgID, tier incident.Tier) []incident.PersonID {
		if o == "NCSC" && tier == incident.Strategic {
			return []incident.PersonID{c.second.Person, "gone"}
		}
		return nil
	}
	var got []incident.PersonID
	for _, s := range command.Chain(sys, c.Room, incident.MatrixRow{Tier: incident.Tactical, Minutes: 5}, on) {
		got = append(got, s.Person)
	}
	want := []incident.PersonID{c.first.Person, c.asks.Person, c.Lead.Person, c.tactical.Person, c.second.Person}
	if !slices.Equal(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
}

// nextSection is the room as it goes on after its log broke, begun by the lead.
func (c *chain) nextSection(t *testing.T) *servertest.Paper {
	t.Helper()
	next := &servertest.Paper{T: t, Room: incident.NewRoom(incident.LogID(incident.RandomID())), Objects: map[incident.Seq]*incident.Object{}, Now: c.Now}
	next.Room.Reindex()
	next.Must(c.Lead, command.ContinueRoom{Was: c.Room, After: c.Room.ID, Break: incident.Break{State: incident.Behind}, Genesis: incident.Genesis{}})
	return next
}

func TestEscalationsGoOnInTheNextSectionWithThePowersTheyGave(t *testing.T) {
	c := newChain(t)
	other := incident.NewRoom(incident.LogID(incident.RandomID()))
	other.Apply(&incident.Event{Seq: 1, Root: 1, Body: &incident.RoomOpened{Hosts: []incident.OrgID{"DSC", "NCSC"}, Mode: incident.ModeIncident, Reference: "INC-2026-0002", TLP: incident.AmberStrict}})
	other.Apply(&incident.Event{Seq: 2, Root: 2, Body: &incident.MemberJoined{Number: 1, Person: c.Lead.Person, Seat: incident.Seat{Org: incident.OrgID("DSC"), OrgType: incident.HostBody, Role: incident.Lead}}})
	waits := c.Must(c.asks, c.request(func(r *command.RequestEscalation) { r.Audience = &incident.Audience{Kind: incident.ToHosts} }))
	taken := c.Must(c.asks, c.request(nil))
	c.Must(c.first, command.AcceptEscalation{Root: taken, Rationale: "now"})
	keyed := c.Must(c.asks, c.request(func(r *command.RequestEscalation) { r.Row.TwoKey = true }))
	c.Must(c.first, command.AcceptEscalation{Root: keyed, Rationale: "one"})
	over := c.Must(c.asks, c.request(nil))
	c.Must(c.asks, command.WithdrawEscalation{Root: over, Reason: "no more"})
	c.Now = c.Now.Add(11 * time.Minute)
	if err := c.fire(waits, 1); err != nil {
		t.Fatal(err)
	}
	link := c.Must(c.Lead, command.LinkRoom{To: other.ID, Other: other})
	n := c.nextSection(t)
	if got := len(n.Room.Escalations); got != 3 {
		t.Fatalf("%d escalations go on", got)
	}
	was := func(root incident.Seq) *incident.Escalation {
		for _, e := range n.Room.Escalations {
			if n.Events[e.Root].Body.(*incident.EscalationRequested).Before == root {
				return e
			}
		}
		t.Fatalf("escalation %d does not go on", root)
		return nil
	}
	if e := was(waits); e.State != incident.EscalationIsRequested || e.Step != 2 || e.Tier != incident.Strategic || e.Minutes != 10 || !e.Asked.After(c.Now) ||
		policy.Sees(n.Room, n.Member(c.guest), e.Sight) != policy.Stub || policy.Sees(n.Room, n.Member(c.second), e.Sight) != policy.Open {
		t.Errorf("what waits is %+v", e)
	}
	for _, e := range n.Events[1:] {
		if strings.Contains(fmt.Sprintf("%+v", e.Body), "Cut it off") {
			t.Error("what was said was written anew")
		}
		switch e.Body.(type) {
		case *incident.EscalationAdvanced, *incident.EscalationSilent:
			if e.By != (incident.By{}) {
				t.Errorf("the house's word is %+v's", e.By)
			}
		}
	}
	if timers := n.Room.Timers(); len(timers) != 2 { // waits, and the one that wants its second key
		t.Errorf("it waits for %v", timers)
	}
	// Who took authority has it, and gives it back when it is stood down.
	if e := was(taken); e.State != incident.EscalationIsAccepted || e.Decided == 0 || n.Member(c.first).Tier() != incident.Strategic {
		t.Errorf("what was accepted is %+v", e)
	}
	// A second person turns the second key; the first cannot.
	k := was(keyed)
	if len(k.Keys) != 1 || k.Keys[0].By.Member != n.Member(c.first).Number {
		t.Fatalf("the keys are %+v", k.Keys)
	}
	if _, err := n.Do(c.first, command.AcceptEscalation{Root: k.Root, Rationale: "again"}); err == nil {
		t.Error("one person turned both keys")
	}
	// Whose turn had come before the break can answer here.
	n.Must(c.second, command.AcceptEscalation{Root: was(waits).Root, Rationale: "yes"})
	if n.Member(c.second).Tier() != incident.Strategic {
		t.Error("accepting here gave nothing")
	}
	n.Must(c.Lead, command.StandDownEscalation{Root: was(taken).Root, Reason: "over"})
	if n.Member(c.first).Tier() == incident.Strategic {
		t.Error("authority did not go back")
	}
	if len(n.Room.Links) != 1 || n.Room.Links[0].Room != other.ID || len(policy.Links(n.Room, n.Member(c.guest))) != 0 {
		t.Errorf("the links of entry %d are %+v", link, n.Room.Links)
	}
}

func TestAnEscalationIsCarriedWithoutThoseWhoAreGone(t *testing.T) {
	c := newChain(t)
	waits := c.Must(c.asks, c.request(nil))
	taken := c.Must(c.asks, c.request(nil))
	c.Must(c.first, command.AcceptEscalation{Root: taken, Rationale: "now"})
	for _, gone := range []incident.Actor{c.first, c.second} {
		c.Must(gone, command.LeaveRoom{})
	}
	n := c.nextSection(t)
	if len(n.Room.Escalations) != 1 {
		t.Fatalf("there are %+v", n.Room.Escalations)
	}
	if e := n.Room.Escalations[0]; e.State != incident.EscalationIsSilent || len(e.Chain) != 0 || len(n.Room.Timers()) != 0 {
		t.Errorf("with nobody left to ask, escalation %d is %+v", waits, e)
	}
}
