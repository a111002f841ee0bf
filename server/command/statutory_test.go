package command_test

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// clocks is a house with an organisation that owes something, another guest,
// and the hosts.
type clocks struct {
	*chain
	owner, colleague, reads, other incident.Actor
}

func newClocks(t *testing.T, roster incident.Roster) *clocks {
	p := servertest.NewPaper(t, incident.ModeIncident, roster)
	return &clocks{chain: &chain{Paper: p, first: p.Join("Dee Hart", "NCSC", incident.Liaison, incident.Full), tactical: p.Join("Cass Bell", "DSC", incident.Comms, incident.Full)},
		owner: p.Join("Sam Okafor", "X1N", incident.Representative, incident.FromJoin), colleague: p.Join("Ana Reed", "X1N", incident.Representative, incident.FromJoin),
		reads: p.Join("Oz Hall", "X1N", incident.Observer, incident.FromJoin), other: p.Join("Ellis Byrne", "X2E", incident.Representative, incident.FromJoin)}
}

func (c *clocks) ago(d time.Duration) incident.Instant { return incident.At(c.Now.Add(-d)) }

func (c *clocks) start(t *testing.T, aware incident.Instant) incident.Seq {
	t.Helper()
	return c.Must(c.owner, command.StartClock{Statute: incident.GDPR33, Aware: aware, Known: "a share with letters was copied"})
}

// remind carries out what the house waits for, if it is due, and says what it
// came to.
func (c *clocks) remind(t *testing.T) (list []incident.ClockReminded) {
	t.Helper()
	for _, timer := range c.Room.Timers() {
		if timer.Due.After(c.Now) {
			continue
		}
		events, err := c.Do(incident.Actor{System: true}, command.Fire{Timer: timer.ID})
		if err != nil {
			t.Fatal(err)
		}
		if e := events[0]; e.By != (incident.By{}) {
			t.Errorf("the house's word is %+v's", e.By)
		}
		list = append(list, *events[0].Body.(*incident.ClockReminded))
		if _, err := c.Do(incident.Actor{System: true}, command.Fire{Timer: timer.ID}); incident.FaultOf(err) != incident.Conflict {
			t.Errorf("%s came twice: %v", timer.ID, err)
		}
	}
	return list
}

func TestAClockRunsFromTheTimeOfAwarenessAndRemindsAtEachTimeOnce(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	aware := c.ago(time.Hour)
	root := c.start(t, aware)
	o := c.Objects[root].Statutory
	if o.Owner != c.Number(c.owner) || o.Org != "X1N" || !o.Due.Equal(aware.Add(72*time.Hour)) || !o.Running() {
		t.Fatalf("%+v", o)
	}
	if got := c.remind(t); len(got) != 0 {
		t.Fatalf("at once: %+v", got)
	}
	for i, want := range []incident.ClockReminded{{After: 2880, Step: 1}, {After: 3600, Step: 2}, {After: 4200, Step: 3}, {After: 4320, Step: 4, Overdue: true}} {
		at := aware.Add(time.Duration(want.After) * time.Minute)
		c.Now = at.Add(-2 * time.Second)
		if got := c.remind(t); len(got) != 0 {
			t.Errorf("%d was early: %+v", i, got)
		}
		c.Now = at
		if got := c.remind(t); len(got) != 1 || got[0] != want {
			t.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
	if len(c.Room.Timers()) != 0 || !c.Room.StatutoryRoot(root).Overdue {
		t.Errorf("overdue, and waits for %v", c.Room.Timers())
	}
	c.Now = aware.Add(73 * time.Hour)
	c.Must(c.owner, command.EvidenceClock{Root: root, Reference: "IC-1234", Done: incident.At(aware.Add(72*time.Hour + 90*time.Second))})
	done := c.Events[len(c.Events)-1].Body.(*incident.ClockEvidenced)
	if done.Late != 2 {
		t.Errorf("90 seconds late is %d minutes", done.Late)
	}
	if len(c.Room.Statutory) != 0 {
		t.Errorf("the fold keeps what is over: %+v", c.Room.Statutory)
	}
	c.refused(t, c.owner, command.EvidenceClock{Root: root, Reference: "again"}, incident.Conflict, "was seen to in entry")
}

func TestWhatPassedBeforeItWasEnteredIsNotRemindedOfButThatItIsOverdueIs(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	c.start(t, c.ago(61*time.Hour))
	if got := c.remind(t); len(got) != 0 {
		t.Errorf("61 hours after: %+v", got)
	}
	if timers := c.Room.Timers(); len(timers) != 1 || timers[0].Due.Sub(c.Now) > 9*time.Hour || timers[0].Due.Sub(c.Now) < 8*time.Hour {
		t.Errorf("the next is at 70 hours: %v at %v", timers, c.Now)
	}
	late := c.start(t, c.ago(100*time.Hour))
	if got := c.remind(t); len(got) != 1 || !got[0].Overdue {
		t.Errorf("100 hours after: %+v", got)
	}
	// A correction that leaves it overdue says nothing twice; one that moves it
	// on runs anew, and then says so again.
	c.Must(c.owner, command.CorrectClock{Root: late, Aware: c.ago(90 * time.Hour), Reason: "read the wrong line"})
	if got := c.remind(t); len(got) != 0 {
		t.Errorf("still overdue: %+v", got)
	}
	aware := c.ago(71 * time.Hour)
	c.Must(c.owner, command.CorrectClock{Root: late, Aware: aware, Reason: "it was Tuesday"})
	clock := c.Room.StatutoryRoot(late)
	if clock.Overdue || !clock.Aware.Equal(aware.Time) || !clock.Due.Equal(aware.Add(72*time.Hour)) {
		t.Errorf("corrected: %+v", clock)
	}
	c.Now = clock.Due.Time
	over := 0
	for _, r := range c.remind(t) {
		if r.Overdue {
			over++
		}
	}
	if over != 1 {
		t.Errorf("overdue anew was said %d times", over)
	}
}

func TestTimesOfAwarenessAreNotInTheFuture(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	for _, at := range []incident.Instant{{}, incident.At(c.Now.Add(7 * time.Minute)), incident.At(time.Date(12, 1, 1, 0, 0, 0, 0, time.UTC))} {
		c.refused(t, c.owner, command.StartClock{Statute: incident.GDPR33, Aware: at}, incident.Invalid, "")
	}
	root := c.start(t, incident.At(c.Now.Add(4*time.Minute)))
	c.refused(t, c.owner, command.CorrectClock{Root: root, Aware: c.Room.StatutoryRoot(root).Aware, Reason: "r"}, incident.Invalid, "stands there")
	c.refused(t, c.owner, command.EvidenceClock{Root: root, Reference: "x"}, incident.Invalid, "before anybody was aware")
	c.refused(t, c.owner, command.EvidenceClock{Root: root, Reference: "x", Done: incident.At(c.Now.Add(time.Hour))}, incident.Invalid, "has not come")
	c.refused(t, c.owner, command.StartClock{Statute: "ccpa", Aware: c.ago(0)}, incident.Invalid, "Choose")
}

func TestWhoeverOwesItKeepsItAndAHostSaysHowItWasTold(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	root := c.start(t, c.ago(time.Hour))
	evidence := command.EvidenceClock{Root: root, Reference: "IC-1234"}
	for _, who := range []incident.Actor{c.other, {Person: "stranger"}} {
		c.refused(t, who, evidence, incident.NotFound, "")
		c.refused(t, who, command.WithdrawClock{Root: root, Reason: "r"}, incident.NotFound, "")
		c.refused(t, who, command.ChaseClock{Root: root}, incident.NotFound, "")
	}
	c.refused(t, c.reads, evidence, incident.Forbidden, "The organisation that owes it")
	c.refused(t, c.tactical, evidence, incident.Forbidden, "The organisation that owes it") // comms of a host
	c.refused(t, c.first, evidence, incident.Invalid, "Say how it told you")
	evidence.Via = "rumour"
	c.refused(t, c.first, evidence, incident.Invalid, "Say how it told you")
	evidence.Via = incident.ViaTelephone
	c.refused(t, c.owner, evidence, incident.Invalid, "your own organisation")
	c.Must(c.tactical, command.ChaseClock{Root: root, Text: "How far are you?"})
	c.Must(c.first, evidence)
	// And the start: one's own, or a host's on their behalf, for a member of theirs.
	start := command.StartClock{Statute: incident.NIS, Org: "X1N", Aware: c.ago(time.Minute)}
	c.refused(t, c.other, start, incident.Forbidden, "your own organisation")
	c.refused(t, c.reads, start, incident.Forbidden, "")
	start.Via = incident.ViaTelephone
	start.Owner = c.Number(c.other)
	c.refused(t, c.first, start, incident.Invalid, "is not someone of X1N")
	start.Owner = c.Number(c.reads)
	c.refused(t, c.first, start, incident.Invalid, "can only read")
	start.Owner = 0
	by := c.Must(c.first, start)
	o := c.Objects[by]
	if o.Statutory.Owner != 0 || o.Marking.Originator != "X1N" || o.By.Org != "NCSC" {
		t.Errorf("on behalf: %+v %+v", o.Statutory, o.Marking)
	}
	c.refused(t, c.first, command.StartClock{Statute: incident.NIS, Org: "ZZZ", Aware: c.ago(0), Via: incident.ViaTelephone}, incident.Invalid, "is not an organisation")
	c.refused(t, c.owner, command.StartClock{Statute: incident.NDGTold, Aware: c.ago(0)}, incident.Invalid, "The hosts tell")
	c.Must(c.owner, command.HandClock{Root: by, Owner: c.Number(c.colleague), Reason: "end of shift"})
	if got := c.Room.StatutoryRoot(by).Owner; got != c.Number(c.colleague) {
		t.Errorf("handed to M-%d", got)
	}
	c.refused(t, c.owner, command.HandClock{Root: by, Owner: c.Number(c.first)}, incident.Invalid, "is not someone of X1N")
	c.refused(t, c.owner, command.WithdrawClock{Root: by, Reason: "r", Seen: c.Room.StatutoryRoot(by).Settled - 1}, incident.Conflict, "after you looked: it was handed on")
	c.Must(c.colleague, command.WithdrawClock{Root: by, Reason: "no essential service was affected"})
}

func TestAnotherGuestLearnsNothingOfAClock(t *testing.T) {
	for _, roster := range []incident.Roster{incident.RosterNames, incident.RosterHosts} {
		c := newClocks(t, roster)
		root := c.start(t, c.ago(time.Hour))
		if got := policy.Sees(c.Room, c.Member(c.other), c.Sight(root)); got != policy.Stub {
			t.Errorf("%s: another guest sees form %d", roster, got)
		}
		for _, who := range []incident.Actor{c.owner, c.colleague, c.reads, c.first, c.Lead} {
			if got := policy.Sees(c.Room, c.Member(who), c.Sight(root)); got != policy.Open {
				t.Errorf("%s: %s sees form %d", roster, who.Name, got)
			}
		}
		c.Must(c.owner, command.HandClock{Root: root, Owner: c.Number(c.colleague)})
		// Nobody narrows it past those whose it is while it runs.
		c.refused(t, c.Lead, command.TightenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToHosts}}, incident.Invalid, "While a clock runs")
		c.refused(t, c.owner, command.TightenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}}, incident.Invalid, "While a clock runs")
		c.refused(t, c.owner, command.StartClock{Statute: incident.GDPR33, Aware: c.ago(0), Start: incident.Seq(len(c.Events))}, incident.Invalid, "not there for you")
		// What a lead withholds hides it from them, and the fold follows.
		c.Must(c.Lead, command.WithholdEntry{Root: root})
		if got := c.Room.StatutoryRoot(root).Sight.Audience; slices.Contains(got.Orgs, "X1N") {
			t.Errorf("withheld, the fold has it for %v", got.Orgs)
		}
		c.refused(t, c.owner, command.EvidenceClock{Root: root, Reference: "x"}, incident.NotFound, "")
	}
}

func TestSoManyClocksRunForOneOrganisationAndNoMore(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	var last incident.Seq
	for range 20 {
		last = c.start(t, c.ago(time.Minute))
	}
	one := command.StartClock{Statute: incident.GDPR33, Aware: c.ago(time.Minute)}
	c.refused(t, c.owner, one, incident.Conflict, "20 clocks of X1N run")
	c.Must(c.other, one)
	c.Must(c.owner, command.WithdrawClock{Root: last, Reason: "a drill"})
	c.Must(c.owner, one)
	if n := len(c.Room.Statutory); n != 21 {
		t.Errorf("the fold keeps %d", n)
	}
}

func TestTheGuardianIsToldWhenMinistersAre(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	c.refused(t, c.owner, command.BriefMinisters{Text: "t"}, incident.Forbidden, "Your role")
	c.refused(t, c.tactical, command.BriefMinisters{}, incident.Invalid, "")
	owner := func(events []*incident.Event) incident.MemberNo {
		t.Helper()
		if len(events) != 2 {
			t.Fatalf("%d entries", len(events))
		}
		b := events[1].Body.(*incident.ClockStarted)
		said := events[0].Body.(*incident.MinistersBriefed)
		if b.Statute != incident.NDGTold || b.Start != events[0].Seq || !b.Due.Equal(b.Aware.Time) || !b.Aware.Equal(said.At.Time) || events[1].Marking.Audience.Kind != incident.ToHosts || events[0].Marking.Audience.Kind != incident.ToHosts {
			t.Errorf("%+v %+v", b, events[1].Marking)
		}
		return b.Owner
	}
	if got := owner(c.MustEvents(c.first, command.BriefMinisters{Text: "The minister of state, by telephone"})); got != c.Number(c.Lead) {
		t.Errorf("nobody holds a post, and it is M-%d's", got)
	}
	post := c.Must(c.Lead, command.AssignPost{Post: incident.Communications, Member: c.Number(c.tactical)})
	c.Must(c.tactical, command.AcknowledgePost{Root: post})
	events := c.MustEvents(c.first, command.BriefMinisters{Text: "The Secretary of State", At: c.ago(time.Hour)})
	if got := owner(events); got != c.Number(c.tactical) {
		t.Errorf("communications hold the post, and it is M-%d's", got)
	}
	root := events[1].Seq
	c.Now = c.Now.Add(time.Hour)
	if got := c.remind(t); len(got) != 2 || !got[0].Overdue || got[0].After != 30 || got[1].After != 120 {
		t.Errorf("two hours on: %+v", got)
	}
	c.refused(t, c.tactical, command.EvidenceClock{Root: root}, incident.Invalid, "")
	c.Must(c.tactical, command.EvidenceClock{Root: root, Note: "rang the Guardian's office"})
}

func TestWithoutALimitItIsRemindedOfEveryDayAndIsNeverLate(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	aware := c.ago(time.Minute)
	root := c.Must(c.owner, command.StartClock{Statute: incident.GDPR34, Aware: aware})
	for day := 1; day <= 31; day++ {
		c.Now = aware.Add(time.Duration(day) * 24 * time.Hour)
		if got := c.remind(t); day <= 30 && (len(got) != 1 || got[0].Overdue) || day > 30 && len(got) != 0 {
			t.Errorf("day %d: %+v", day, got)
		}
	}
	c.Must(c.owner, command.EvidenceClock{Root: root, Note: "letters went out"})
	if b := c.Events[len(c.Events)-1].Body.(*incident.ClockEvidenced); b.Late != 0 {
		t.Errorf("%+v", b)
	}
}

func TestWhatAClockSaysIsNotErasedWhileItRuns(t *testing.T) {
	c := newClocks(t, incident.RosterNames)
	root := c.start(t, c.ago(time.Hour))
	ask := command.AskErasure{Entries: []incident.Seq{root}, Slots: []int{incident.SlotBody}, Ground: incident.GroundPatientData, Reason: "a name"}
	c.refused(t, c.Stepped(c.Lead), ask, incident.Conflict, "a clock that still runs")
	c.Must(c.owner, command.WithdrawClock{Root: root, Reason: "r"})
	c.Must(c.Stepped(c.Lead), ask)
}

func TestClocksRunOnInTheNextSection(t *testing.T) {
	c := newClocks(t, incident.RosterHosts)
	aware := c.ago(61 * time.Hour)
	root := c.start(t, aware)
	over := c.start(t, c.ago(100*time.Hour))
	c.remind(t)
	done := c.start(t, aware)
	c.Must(c.owner, command.WithdrawClock{Root: done, Reason: "r"})
	c.Must(c.owner, command.HandClock{Root: root, Owner: c.Number(c.colleague)})
	c.Must(c.owner, command.LeaveRoom{})
	next := incident.NewRoom(incident.LogID(incident.RandomID()))
	next.Reindex()
	events, err := command.Decide(command.Input{State: next, Actor: c.Lead, Now: c.Now},
		command.ContinueRoom{Was: c.Room, After: c.Room.ID, Break: incident.Break{State: incident.Behind}, Genesis: incident.Genesis{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		next.Apply(e)
	}
	if len(next.Statutory) != 2 {
		t.Fatalf("%d clocks run there", len(next.Statutory))
	}
	for _, n := range next.Statutory {
		was := c.Room.StatutoryRoot(root)
		if n.Aware.Equal(c.Room.StatutoryRoot(over).Aware.Time) {
			was = c.Room.StatutoryRoot(over)
		}
		if !n.Due.Equal(was.Due.Time) || n.Org != "X1N" || n.Statute != was.Statute {
			t.Errorf("%+v was %+v", n, was)
		}
		for _, who := range []incident.Actor{c.colleague, c.first} {
			if policy.Sees(next, next.Member(who.Person), n.Sight) != policy.Open {
				t.Errorf("%s does not see it there", who.Name)
			}
		}
		if policy.Sees(next, next.Member(c.other.Person), n.Sight) != policy.Stub {
			t.Error("another guest sees it there")
		}
		if was.Root == root && n.Owner != c.Number(c.colleague) || was.Root == over && (n.Owner != 0 || n.Reminded != 4) {
			t.Errorf("%+v", n)
		}
	}
	if timers := next.Timers(); len(timers) != 1 { // what was said there of a limit that passed is not said again
		t.Errorf("it waits for %v", timers)
	}
}
