package command_test

import (
	"fmt"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// due is when the next of a rhythm is, as minutes from a moment.
func (c *chain) due(of incident.Rhythm, from time.Time) float64 {
	return c.Room.Beat(of).Due.Sub(from).Minutes()
}

// miss fires the timer of a rhythm when it is due, so late.
func (c *chain) miss(t *testing.T, of incident.Rhythm, late time.Duration) {
	t.Helper()
	for _, timer := range c.Room.Timers() {
		if timer.ID == incident.TimerID(fmt.Sprintf("cadence/%s/%d", of, c.Room.Beat(of).Due.UnixMilli())) {
			if _, err := c.Do(incident.Actor{System: true}, command.Fire{Timer: timer.ID}); incident.FaultOf(err) != incident.Conflict && c.Now.Before(timer.Due.Time) {
				t.Fatalf("it is carried out before its time: %v", err)
			}
			c.Now = timer.Due.Add(late)
			if _, err := c.Do(incident.Actor{System: true}, command.Fire{Timer: timer.ID}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Do(incident.Actor{System: true}, command.Fire{Timer: timer.ID}); incident.FaultOf(err) != incident.Conflict {
				t.Fatalf("it is carried out twice: %v", err)
			}
			return
		}
	}
	t.Fatalf("the room waits for no %s: %v", of, c.Room.Timers())
}

func fresh(a incident.Actor, c *chain) incident.Actor {
	a.StepUp = c.Now
	return a
}

func TestRaisingTheSeverityBringsTheNextForwardAtOnceAndNeverIntoThePast(t *testing.T) {
	c := newChain(t)
	if len(c.Room.Timers()) != 0 {
		t.Fatalf("a room whose severity nobody assessed waits for %v", c.Room.Timers())
	}
	c.Must(c.Lead, nhs(3))
	began := c.Now
	if got := [3]float64{c.due(incident.Meetings, began), c.due(incident.Sitreps, began), c.due(incident.Updates, began)}; got != [3]float64{240, 240, 180} {
		t.Fatalf("due after %v minutes", got)
	}
	// Graver one hour later: two hours from when the wait began.
	c.Now = began.Add(time.Hour)
	c.Must(c.Lead, nhs(4))
	if got := c.due(incident.Meetings, began); got != 120 || c.Room.Beat(incident.Meetings).Moved.IsZero() {
		t.Errorf("the next meeting is %v minutes after the first assessment: %+v", got, c.Room.Beat(incident.Meetings))
	}
	// The other scale asks for less often: the shorter interval stands.
	c.Must(c.second, category(5))
	if got := c.Room.Beat(incident.Meetings).Every; got != 120 {
		t.Errorf("every %d minutes", got)
	}

	// Where that time has passed there are ten minutes; where it is sooner anyway it stays.
	d := newChain(t)
	d.Must(d.Lead, nhs(2))
	began = d.Now
	d.Now = began.Add(5 * time.Hour)
	d.Must(d.Lead, nhs(4))
	if got := d.Room.Beat(incident.Meetings).Due.Sub(d.Now); got != 10*time.Minute {
		t.Errorf("the next meeting is in %v", got)
	}
	was := d.Room.Beat(incident.Sitreps).Due
	d.Must(d.second, category(1))
	if d.Room.Beat(incident.Sitreps).Due != was {
		t.Error("a severity that asks for no more moved it")
	}
}

func TestWhatIsMissedIsWrittenOnceAndNothingDrifts(t *testing.T) {
	c := newChain(t)
	c.Must(c.Lead, nhs(4))
	began := c.Now
	c.miss(t, incident.Meetings, 0)
	b := c.Room.Beat(incident.Meetings)
	if b.Missed.Sub(began) != 2*time.Hour || b.Due.Sub(began) != 4*time.Hour {
		t.Fatalf("%+v, from %v", b, began)
	}
	// A server that was away says so once, and goes on in step.
	c.miss(t, incident.Meetings, 5*time.Hour)
	if b = c.Room.Beat(incident.Meetings); b.Due.Sub(began) != 10*time.Hour || b.Missed.Sub(began) != 2*time.Hour {
		t.Fatalf("%+v, from %v", b, began)
	}
	// Held near its time, the next is counted from that time; far from it, from when it was.
	hold := command.HoldMeeting{Place: "Room 2", Summary: "Where we are"}
	c.Now = began.Add(10*time.Hour - 20*time.Minute)
	c.Must(c.Lead, hold)
	if b = c.Room.Beat(incident.Meetings); b.Due.Sub(began) != 12*time.Hour || !b.Missed.IsZero() {
		t.Fatalf("%+v", b)
	}
	c.Now = began.Add(11 * time.Hour)
	c.Must(c.Lead, hold)
	if got := c.Room.Beat(incident.Meetings).Due.Sub(c.Now); got != 2*time.Hour {
		t.Errorf("the next is in %v", got)
	}
	// After the stand-down nothing is due; it begins anew when the room goes on.
	c.Must(c.Lead, command.MoveRoom{To: incident.StoodDown})
	if len(c.Room.Timers()) != 0 {
		t.Errorf("a room that was stood down waits for %v", c.Room.Timers())
	}
	c.Must(c.Lead, command.MoveRoom{To: incident.Responding})
	if got := c.Room.Beat(incident.Sitreps).Due.Sub(c.Now); got != 2*time.Hour {
		t.Errorf("the next SITREP is in %v", got)
	}
}

func TestLeadsSetOtherIntervalsAndAGraverSeverityCountsAgain(t *testing.T) {
	c := newChain(t)
	c.Must(c.Lead, nhs(3))
	set := command.SetCadence{Meeting: 60, Reason: "It moves quickly"}
	c.refused(t, c.first, set, incident.Forbidden, "lead or deputy")
	c.refused(t, c.Lead, command.SetCadence{Meeting: 10, Reason: "x"}, incident.Invalid, "15 minutes and 7 days")
	c.refused(t, c.Lead, command.SetCadence{Meeting: 60}, incident.Invalid, "reason")
	c.Must(c.Lead, set) // more often needs no second factor
	if got := c.Room.Beat(incident.Meetings).Every; got != 60 {
		t.Errorf("every %d minutes", got)
	}
	less := command.SetCadence{Meeting: 480, Reason: "It is quiet", Seen: c.Room.Head}
	c.refused(t, c.Lead, less, incident.StepUp, "")
	c.Must(fresh(c.Lead, c), less)
	if b := c.Room.Beat(incident.Meetings); b.Every != 480 || b.Due.Sub(b.From.Time) != 8*time.Hour {
		t.Errorf("%+v", b)
	}
	c.Must(c.Lead, nhs(4))
	if got := c.Room.Beat(incident.Meetings).Every; got != 120 {
		t.Errorf("what was set at level 3 stands at level 4: every %d minutes", got)
	}
}

func TestAMeetingIsPutOffOnceAndAnUpdateTwiceInARow(t *testing.T) {
	c := newChain(t)
	off := func(in time.Duration) command.PutOffMeeting {
		return command.PutOffMeeting{Until: incident.At(c.Room.Beat(incident.Meetings).Due.Add(in)), Reason: "The trust is on a call"}
	}
	c.refused(t, c.Lead, off(time.Hour), incident.Conflict, "nobody has assessed")
	c.refused(t, c.Lead, command.SnoozeUpdate{Minutes: 5}, incident.Conflict, "nobody has assessed")
	c.Must(c.Lead, nhs(4))
	c.refused(t, c.guest, off(time.Hour), incident.Forbidden, "")
	c.refused(t, c.Lead, off(-time.Minute), incident.Invalid, "after")
	c.refused(t, c.Lead, off(121*time.Minute), incident.Invalid, "one interval at most")
	c.Must(c.Lead, off(time.Hour))
	c.refused(t, c.Lead, off(time.Minute), incident.Conflict, "put off already")
	was := c.Room.Beat(incident.Updates).Due
	c.refused(t, c.Lead, command.SnoozeUpdate{Minutes: 61}, incident.Invalid, "1 to 60")
	c.Must(c.Lead, command.SnoozeUpdate{Minutes: 30})
	c.Must(c.Lead, command.SnoozeUpdate{Minutes: 60})
	if got := c.Room.Beat(incident.Updates).Due.Sub(was.Time); got != 90*time.Minute {
		t.Errorf("put off by %v", got)
	}
	c.refused(t, c.Lead, command.SnoozeUpdate{Minutes: 1}, incident.Conflict, "twice already")
	c.Must(c.Lead, command.GiveUpdate{Text: "Nothing has changed"})
	c.Must(c.Lead, command.SnoozeUpdate{Minutes: 1})
}

func TestOnePersonAsksForAnUpdateOnceInAQuarterOfAnHour(t *testing.T) {
	c := newChain(t)
	n := c.Must(c.guest, command.RequestUpdate{Text: "Is mail safe?"})
	if a := c.Objects[n].Marking.Audience; a.Includes(c.Member(c.Lead)) != true || !a.Includes(c.Member(c.guest)) || a.Kind != incident.ToNamed {
		t.Errorf("it goes to %+v", a)
	}
	c.refused(t, c.guest, command.RequestUpdate{}, incident.Conflict, "quarter of an hour")
	c.Must(c.asks, command.RequestUpdate{}) // another person's is another's
	c.refused(t, c.Lead, command.WithholdEntry{Root: n}, incident.Forbidden, "the hosts' to know")
	c.Now = c.Now.Add(15 * time.Minute)
	c.Must(c.guest, command.RequestUpdate{})
	if got := len(c.Room.Cadence.Asked); got != 1 {
		t.Errorf("the fold keeps %d who asked", got)
	}
	c.Must(c.Lead, command.GiveUpdate{Text: "It is"})
	c.Must(c.guest, command.RequestUpdate{})
}

func TestAGuestsSitrepIsTheirOrganisationsAndKeepsNoRhythm(t *testing.T) {
	c := newChain(t)
	c.Must(c.Lead, nhs(4))
	due := c.Room.Beat(incident.Sitreps).Due
	file := command.FileSitrep{Sitrep: command.Sitrep{Situation: "Two wards on paper"}}
	c.refused(t, c.guest, command.FileSitrep{}, incident.Invalid, "")
	c.Must(c.guest, file)
	if c.Room.Beat(incident.Sitreps).Due != due {
		t.Error("a guest's report moved the room's")
	}
	c.Now = c.Now.Add(20 * time.Minute)
	c.Must(c.asks, file)
	if c.Room.Beat(incident.Sitreps).Due == due {
		t.Error("a host's did not")
	}
	c.refused(t, c.asks, command.FileSitrep{Sitrep: command.Sitrep{Situation: "x", AsAt: c.Now.Add(time.Hour)}}, incident.Invalid, "has not come yet")
}

func TestASitrepIsCorrectedInTheOpenByTheOrganisationThatFiledIt(t *testing.T) {
	c := newChain(t)
	c.Must(c.Lead, nhs(4))
	said := command.Sitrep{Situation: "Two wards on paper", Forecast: "Back by noon"}
	n := c.Must(c.guest, command.FileSitrep{Sitrep: said, Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToHosts}}})
	asAt := c.Objects[n].Body.(*incident.SitrepFiled).AsAt
	c.Now = c.Now.Add(20 * time.Minute)
	due := c.Room.Beat(incident.Sitreps).Due
	better := command.CorrectSitrep{Root: n, Sitrep: command.Sitrep{Situation: "Three wards on paper", Forecast: "Back by noon"}, Reason: "Ward 4 was forgotten"}
	c.refused(t, c.Lead, better, incident.Forbidden, "Only the organisation it came from")
	c.refused(t, c.guest, command.CorrectSitrep{Root: n, Sitrep: said, Reason: "x"}, incident.Invalid, "as it stands")
	c.refused(t, c.guest, command.CorrectSitrep{Root: n, Sitrep: better.Sitrep}, incident.Invalid, "")
	c.refused(t, c.guest, command.CorrectSitrep{Root: n, Reason: "x"}, incident.Invalid, "")
	c.refused(t, c.guest, command.CorrectSitrep{Root: c.Must(c.guest, command.PostMessage{Text: "no report"}), Sitrep: better.Sitrep, Reason: "x"}, incident.Forbidden, "Only situation reports")
	fix := c.Must(c.guest, better)
	e := c.Events[fix]
	if e.Root != n || e.Kind != "sitrep.corrected" || e.Marking != nil {
		t.Errorf("the correction is %+v", e)
	}
	if now := c.Objects[n].Body.(*incident.SitrepFiled); now.Situation != "Three wards on paper" || now.AsAt != asAt || now.Forecast != "Back by noon" {
		t.Errorf("the report is now %+v", now)
	}
	if was := c.Events[n].Body.(*incident.SitrepFiled); was.Situation != "Two wards on paper" {
		t.Errorf("what was filed is now %+v", was)
	}
	if c.Room.Beat(incident.Sitreps).Due != due {
		t.Error("a correction moved the rhythm")
	}
	// To whom it does not go it is not there, nor is its correction.
	other := c.Join("Noor Haddad", "X2E", incident.Representative, incident.Full)
	better.Reason, better.Situation = "again", "Four"
	c.refused(t, other, better, incident.NotFound, "")
	better.Root = 900
	c.refused(t, other, better, incident.NotFound, "")
	// A host's is any of that host's people's to correct, not the other's.
	hosts := c.Must(c.Lead, command.FileSitrep{Sitrep: said})
	better.Root = hosts
	c.Must(c.Lead, better)
}

func TestWhoWasAtAMeetingNamesNoGuestToAnother(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterHosts)
	c := &chain{Paper: p, guest: p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)}
	p.Join("Noor Haddad", "X2E", incident.Representative, incident.Full)
	held := command.HoldMeeting{Place: "Call", Summary: "x", Members: []incident.MemberNo{c.Member(c.guest).Number}}
	c.refused(t, c.Lead, held, incident.Invalid, "guests are not told of one another")
	held.Audience = &incident.Audience{Kind: incident.ToHosts}
	c.Must(c.Lead, held)
	held.Members = []incident.MemberNo{99}
	c.refused(t, c.Lead, held, incident.Invalid, "M-99 is not someone of this room")
	held.Members, held.Cites = nil, []incident.Seq{900}
	c.refused(t, c.Lead, held, incident.Invalid, "Entry 900 is not there for you")
}
