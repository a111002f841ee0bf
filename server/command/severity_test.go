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

// says fails unless the refusal is of that kind and holds all of these words.
func says(t *testing.T, err error, want incident.Fault, words ...string) {
	t.Helper()
	if err == nil || incident.FaultOf(err) != want {
		t.Fatalf("answered %v, want %q", err, want)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the answer does not say %q: %v", w, err)
		}
	}
}

// severe is a room with leads and liaisons of both hosts and two guests.
type severe struct {
	*servertest.Paper
	deputy, liaison, ncscLead, ncscLiaison, sam, from incident.Actor
}

func newSevere(t servertest.TB) *severe {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	s := &severe{Paper: p, deputy: p.Join("Dev Rao", "DSC", incident.Deputy, incident.Full), liaison: p.Join("Rowan Ash", "DSC", incident.Liaison, incident.Full),
		ncscLead: p.Join("Ewan Doyle", "NCSC", incident.Deputy, incident.Full), ncscLiaison: p.Join("Isla Grant", "NCSC", incident.Liaison, incident.Full),
		sam: p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)}
	s.from = p.Join("Noor Haddad", "X1N", incident.Representative, incident.FromJoin)
	return s
}

func nhs(at int, or ...int) command.AssessSeverity {
	c := command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: at}, Criteria: []string{"service_loss"}, Reason: "theatres are down"}
	if len(or) > 0 {
		c.Grade.Or = or[0]
	}
	return c
}

func category(at int) command.AssessSeverity {
	return command.AssessSeverity{Scale: incident.NCSCCategory, Grade: incident.Grade{At: at}, Reason: "it spreads"}
}

func (s *severe) head() incident.Seq { return s.Room.Head }

func (s *severe) lower(at int) command.AskLowering {
	c := command.AskLowering{Scale: incident.NHSLevel, Reason: "restored from backup", Seen: s.head()}
	if at != 0 {
		c.Grade = &incident.Grade{At: at}
	}
	return c
}

// stepped is the actor with a fresh second factor.
func (s *severe) stepped(a incident.Actor) incident.Actor {
	a.StepUp = s.Now
	return a
}

func (s *severe) level() string {
	a := s.Room.Operating(incident.NHSLevel)
	if a == nil {
		return "none"
	}
	return a.Grade.Words(incident.NHSLevel)
}

func (s *severe) standsAt(t *testing.T, want string) {
	t.Helper()
	if got := s.level(); got != want {
		t.Errorf("it operates at %q, want %q", got, want)
	}
}

const (
	level2 = "NHS level 2 (coordination by the ICB)"
	level3 = "NHS level 3 (regional coordination)"
	level4 = "NHS level 4 (national command and control)"
)

func TestAnAssessmentIsForEveryoneAndItsReasonForWhomItWasWritten(t *testing.T) {
	s := newSevere(t)
	c := nhs(3)
	c.Audience = &incident.Audience{Kind: incident.ToHosts}
	c.Reason = "an operator told us in confidence"
	at := s.Must(s.Lead, c)
	events := s.Events[at:]
	if len(events) != 2 || events[0].Kind != "severity.assessed" || events[1].Kind != "severity.reasoned" || events[1].Body.(*incident.SeverityReasoned).About != at {
		t.Fatalf("made %d entries from %v", len(events), events[0].Kind)
	}
	for _, who := range []incident.Actor{s.Lead, s.ncscLiaison, s.sam, s.from, s.Join("Tess Hale", "X2E", incident.Representative, incident.FromJoin)} {
		m := s.Member(who)
		if policy.Sees(s.Room, m, s.Sight(at)) != policy.Open {
			t.Errorf("%s does not see the severity", who.Name)
		}
		if got, want := policy.May(s.Room, m, s.Sight(at+1)), m.Host; got != want {
			t.Errorf("%s sees the reason: %v", who.Name, got)
		}
		snap, _ := policy.Snap(s.Room, m).MarshalJSON()
		if !strings.Contains(string(snap), `"scale":"nhs_level"`) || strings.Contains(string(snap), "confidence") {
			t.Errorf("%s's snapshot: %s", who.Name, snap)
		}
	}
}

func TestNotSureCountsAsTheGraverOfTwoNeighbours(t *testing.T) {
	s := newSevere(t)
	s.Must(s.Lead, nhs(3, 4))
	s.standsAt(t, "3 or 4, counted as "+level4)
	s.Must(s.Lead, nhs(4)) // surer, and no graver
	s.standsAt(t, level4)
	s.Must(s.Lead, nhs(4, 3))
	_, err := s.Do(s.Lead, nhs(3))
	says(t, err, incident.Invalid, "grade", "3 or 4, counted as "+level4, "second person")
	c := category(2)
	c.Grade.Or = 3
	s.Must(s.ncscLead, c)
	if got := s.Room.Operating(incident.NCSCCategory).Grade.Words(incident.NCSCCategory); got != "2 or 3, counted as NCSC category 2 (highly significant)" {
		t.Errorf("the category is %q", got)
	}
	for _, g := range []incident.Grade{{At: 0}, {At: 5}, {At: -1}, {At: 3, Or: 1}, {At: 3, Or: 3}, {At: 4, Or: 5}, {At: 1, Or: 4}, {At: 0, Or: 3}} {
		c := nhs(0)
		c.Grade = g
		_, err := s.Do(s.Lead, c)
		says(t, err, incident.Invalid, "grade")
	}
}

func TestRaisingNeedsNobodyAndLoweringASecondPersonWhoseWordIsAsked(t *testing.T) {
	s := newSevere(t)
	s.Must(s.Lead, nhs(2))
	root := s.Room.Assessment(incident.NHSLevel, "DSC").Root
	since := s.Room.Assessment(incident.NHSLevel, "DSC").Since
	s.Must(s.deputy, nhs(3)) // another of the same organisation, the same assessment
	a := s.Room.Assessment(incident.NHSLevel, "DSC")
	if a.Root != root || a.By.Member != s.Number(s.deputy) || a.Since == since || len(s.Room.Assessments) != 1 {
		t.Fatalf("raised: %+v", a)
	}
	since = a.Since
	c := nhs(3)
	c.Criteria = []string{"spreading", "patient_safety"}
	s.Must(s.Lead, c) // reaffirmed: it stands since it stood
	if a = s.Room.Assessment(incident.NHSLevel, "DSC"); a.Since != since || !slices.Equal(a.Criteria, []string{"patient_safety", "spreading"}) {
		t.Errorf("reaffirmed: %+v", a)
	}
	asked := s.Must(s.liaison, s.lower(2)) // at the operational tier
	s.standsAt(t, level3)
	_, err := s.Do(s.Lead, s.lower(1))
	says(t, err, incident.Conflict, "waits for a second person already", fmt.Sprintf("Entry %d asked to lower it to %s", asked, level2))
	_, err = s.Do(s.Lead, command.AgreeLowering{Root: root, Seen: s.head()})
	says(t, err, incident.StepUp, "second factor")
	s.standsAt(t, level3)
	at := s.Must(s.stepped(s.Lead), command.AgreeLowering{Root: root, Seen: s.head()})
	if e := s.Events[at]; e.Authority.StepUp.IsZero() || e.Authority.Seen == 0 {
		t.Errorf("by what right: %+v", e.Authority)
	}
	s.standsAt(t, level2)
	if a := s.Room.Operating(incident.NHSLevel); a.By.Member != s.Number(s.liaison) || a.Seq != at {
		t.Errorf("lowered by %+v at %d", a.By, a.Seq)
	}
	_, err = s.Do(s.stepped(s.Lead), command.AgreeLowering{Root: root, Seen: s.head()})
	says(t, err, incident.Conflict, "No lowering waits", fmt.Sprintf("Entry %d set it: it is now %s", at, level2))
}

func TestWithdrawingLeavesNothingStandingAndTheNextAssessmentGoesOnFromIt(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(3))
	s.Must(s.liaison, s.lower(0))
	if _, err := s.Do(s.stepped(s.ncscLead), command.AgreeLowering{Root: root, Seen: s.head()}); err != nil { // a tier up, of the other host
		t.Fatal(err)
	}
	s.standsAt(t, "none")
	_, err := s.Do(s.Lead, s.lower(1))
	says(t, err, incident.Conflict, "none to lower")
	s.Must(s.Lead, nhs(1))
	if a := s.Room.Operating(incident.NHSLevel); a == nil || a.Root != root || a.Grade.At != 1 {
		t.Errorf("after withdrawing: %+v", a)
	}
}

func TestWhatWasWithdrawnStandsAgainSinceItWasSetAgain(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(3))
	s.Must(s.liaison, s.lower(0))
	s.Must(s.stepped(s.ncscLead), command.AgreeLowering{Root: root, Seen: s.head()})
	again := s.Must(s.Lead, nhs(3))
	if a := s.Room.Operating(incident.NHSLevel); a == nil || a.Since != s.Events[again].Times.Recorded {
		t.Errorf("stands as %+v; it was set again at %v", a, s.Events[again].Times.Recorded)
	}
}

func TestNotSureIsLoweredByNobodyAlone(t *testing.T) {
	s := newSevere(t)
	both := nhs(3)
	both.Grade.Or = 4
	s.Must(s.Lead, both)
	_, err := s.Do(s.Lead, nhs(3))
	fault(t, err, incident.Invalid, "3, where it was 3 or 4 and counted as 4")
	s.Must(s.Lead, nhs(4))
}

func TestAGraverOrEqualAssessmentOfTheSameOrganisationTakesTheQuestionBack(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(3))
	s.Must(s.liaison, s.lower(1))
	at := s.Must(s.deputy, nhs(4))
	kinds := []incident.Kind{}
	for _, e := range s.Events[at:] {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Equal(kinds, []incident.Kind{"severity.lowering_dropped", "severity.reassessed", "severity.reasoned"}) {
		t.Fatalf("made %v", kinds)
	}
	if about := s.Events[at+2].Body.(*incident.SeverityReasoned).About; about != at+1 {
		t.Errorf("the reason is about %d, want %d", about, at+1)
	}
	_, err := s.Do(s.stepped(s.Lead), command.AgreeLowering{Root: root, Seen: s.head()})
	says(t, err, incident.Conflict, "No lowering waits", level4)
	s.standsAt(t, level4)
	s.Must(s.ncscLead, category(2)) // another's assessment takes nothing back
	s.Must(s.liaison, s.lower(1))
	s.Must(s.ncscLead, category(1))
	if s.Room.AssessmentRoot(root).Lowering == nil {
		t.Error("another organisation's assessment took the question back")
	}
}

func TestAQuestionIsRefusedByTheSecondPersonAndTakenBackByWhoMayAsk(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(3))
	s.Must(s.liaison, s.lower(2))
	at := s.Must(s.Lead, command.RefuseLowering{Root: root, Reason: "the backups are not proven", Seen: s.head(), Audience: &incident.Audience{Kind: incident.ToHosts}})
	if len(s.Events[at:]) != 2 || s.Events[at+1].Marking.Audience.Kind != incident.ToHosts {
		t.Errorf("the refusal made %d entries", len(s.Events[at:]))
	}
	s.standsAt(t, level3)
	_, err := s.Do(s.stepped(s.Lead), command.AgreeLowering{Root: root, Seen: s.head()})
	says(t, err, incident.Conflict, fmt.Sprintf("Entry %d refused to lower it; it stays %s", at, level3))
	s.Must(s.liaison, s.lower(2))
	_, err = s.Do(s.ncscLead, command.DropLowering{Root: root, Seen: s.head()})
	says(t, err, incident.Forbidden)
	at = s.Must(s.deputy, command.DropLowering{Root: root, Seen: s.head()}) // her colleague may
	_, err = s.Do(s.Lead, command.RefuseLowering{Root: root, Seen: s.head()})
	says(t, err, incident.Conflict, fmt.Sprintf("Entry %d took the question back; it stays %s", at, level3))
	s.Must(s.Lead, s.lower(2))
	_, err = s.Do(s.liaison, command.RefuseLowering{Root: root, Seen: s.head()})
	says(t, err, incident.Forbidden, "tactical", "operational", "Nobody here can yet")
}

func TestTheSecondPersonIsSomeoneElseAndOneTierUp(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(4))
	agree := func(who incident.Actor) error {
		_, err := s.Do(s.stepped(who), command.AgreeLowering{Root: root, Seen: s.head()})
		return err
	}
	s.Must(s.Lead, s.lower(3)) // at the tactical tier
	says(t, agree(s.Lead), incident.Forbidden, "You asked for this yourself")
	says(t, agree(s.deputy), incident.Forbidden, "asked at the tactical tier, and you are at the tactical tier", "a lead gives somebody the tier")
	says(t, agree(s.ncscLead), incident.Forbidden, "tactical") // the other host too, below the strategic tier
	says(t, agree(s.sam), incident.Forbidden)
	says(t, agree(incident.Actor{Person: "stranger"}), incident.NotFound)
	s.Must(s.Lead, command.SetTier{Root: s.Member(s.liaison).Root, Tier: incident.Strategic})
	says(t, agree(s.deputy), incident.Forbidden, "Who can: Rowan Ash (DSC)")
	if err := agree(s.liaison); err != nil {
		t.Error(err)
	}
	s.standsAt(t, level3)
}

func TestAtTheStrategicTierAPeerOrTheOtherHostIsTheSecondPerson(t *testing.T) {
	for who, want := range map[string]incident.Fault{"a strategic colleague": "", "the other host's liaison": "", "a tactical colleague": incident.Forbidden, "oneself": incident.Forbidden} {
		s := newSevere(t)
		root := s.Must(s.Lead, nhs(4))
		s.Must(s.deputy, command.SetTier{Root: s.Member(s.Lead).Root, Tier: incident.Strategic})
		s.Must(s.Lead, command.SetTier{Root: s.Member(s.liaison).Root, Tier: incident.Strategic})
		s.Must(s.Lead, s.lower(3))
		actor := map[string]incident.Actor{"a strategic colleague": s.liaison, "the other host's liaison": s.ncscLiaison, "a tactical colleague": s.deputy, "oneself": s.Lead}[who]
		_, err := s.Do(s.stepped(actor), command.AgreeLowering{Root: root, Seen: s.head()})
		fault(t, err, want, who)
		if want != "" && who != "oneself" {
			says(t, err, want, "Another at the strategic tier", "the other host", "Rowan Ash (DSC)")
		}
	}
}

func TestTheTierThatCountsIsTheOneAtWhichItWasAsked(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(4))
	s.Must(s.Lead, s.lower(3))
	s.Must(s.deputy, command.SetTier{Root: s.Member(s.Lead).Root, Tier: incident.Operational})
	_, err := s.Do(s.stepped(s.deputy), command.AgreeLowering{Root: root, Seen: s.head()})
	says(t, err, incident.Forbidden, "asked at the tactical tier")
}

func TestALeadGivesATierToOthersAndNobodyToThemselves(t *testing.T) {
	s := newSevere(t)
	_, err := s.Do(s.Lead, command.SetTier{Root: s.Member(s.Lead).Root, Tier: incident.Strategic})
	says(t, err, incident.Forbidden, "Ask another lead")
	_, err = s.Do(s.liaison, command.SetTier{Root: s.Member(s.sam).Root, Tier: incident.Strategic})
	says(t, err, incident.Forbidden, "lead or deputy")
	_, err = s.Do(s.Lead, command.SetTier{Root: s.Member(s.sam).Root, Tier: "gold"})
	says(t, err, incident.Invalid, "tier")
	_, err = s.Do(s.Lead, command.SetTier{Root: s.Member(s.sam).Root, Tier: incident.Operational})
	says(t, err, incident.Invalid, "as it stands")
	_, err = s.Do(s.Lead, command.SetTier{Root: 9999, Tier: incident.Tactical})
	says(t, err, incident.NotFound)
	s.Must(s.ncscLead, command.SetTier{Root: s.Member(s.sam).Root, Tier: incident.Strategic}) // a trust's on-call director
	if got := s.Member(s.sam).Tier(); got != incident.Strategic {
		t.Errorf("Sam is at %s", got)
	}
	s.Must(s.Lead, command.ChangeRole{Root: s.Member(s.sam).Root, Role: incident.Observer})
	s.Must(s.Lead, command.RemoveMember{Root: s.Member(s.sam).Root})
	_, err = s.Do(s.Lead, command.SetTier{Root: s.Member(s.sam).Root, Tier: incident.Tactical})
	says(t, err, incident.Conflict)
	for who, want := range map[*incident.Actor]incident.Tier{&s.deputy: incident.Tactical, &s.liaison: incident.Operational, &s.from: incident.Operational, &s.Lead: incident.Tactical} {
		if got := s.Member(*who).Tier(); got != want {
			t.Errorf("%s is at the %s tier, want %s", who.Name, got, want)
		}
	}
}

func TestACategoryIsForNCSCAndLawEnforcementAndALevelForItsHost(t *testing.T) {
	s := newSevere(t)
	_, err := s.Do(s.Lead, category(3))
	says(t, err, incident.Forbidden, "does not assess severity on this scale")
	_, err = s.Do(s.ncscLead, nhs(3))
	says(t, err, incident.Forbidden, "does not assess severity on this scale")
	_, err = s.Do(s.sam, nhs(3))
	says(t, err, incident.Forbidden)
	_, err = s.Do(incident.Actor{Person: "stranger"}, nhs(3))
	says(t, err, incident.NotFound)
	c := nhs(3)
	c.Scale = "beaufort"
	_, err = s.Do(s.Lead, c)
	says(t, err, incident.Invalid, "scale")
	s.Must(s.ncscLead, category(3))
	root := s.Room.Assessment(incident.NCSCCategory, "NCSC").Root
	ask := command.AskLowering{Scale: incident.NCSCCategory, Grade: &incident.Grade{At: 5}, Reason: "smaller than feared", Seen: s.head()}
	_, err = s.Do(s.Lead, ask)
	says(t, err, incident.Forbidden)
	s.Must(s.ncscLiaison, ask)
	if _, err := s.Do(s.stepped(s.deputy), command.AgreeLowering{Root: root, Seen: s.head()}); err != nil { // DSC's deputy is a second person all the same
		t.Error(err)
	}
	if a := s.Room.Operating(incident.NCSCCategory); a.Grade.At != 5 || a.Org != "NCSC" {
		t.Errorf("the category operates at %+v", a)
	}
}

func TestWhatIsMissingFromAnAssessmentIsSaidByField(t *testing.T) {
	s := newSevere(t)
	for field, c := range map[string]command.AssessSeverity{
		"reason":      {Scale: incident.NHSLevel, Grade: incident.Grade{At: 2}, Reason: "  "},
		"criteria":    {Scale: incident.NHSLevel, Grade: incident.Grade{At: 2}, Reason: "x", Criteria: []string{"essential_services"}}, // the other scale's
		"grade":       {Scale: incident.NHSLevel, Grade: incident.Grade{At: 6}, Reason: "x"},
		"tlp":         {Scale: incident.NHSLevel, Grade: incident.Grade{At: 2}, Reason: "x", TLP: "TLP:WHITE"},
		"seen":        {Scale: incident.NHSLevel, Grade: incident.Grade{At: 2}, Reason: "x", Seen: 9999},
		"audience":    {Scale: incident.NHSLevel, Grade: incident.Grade{At: 2}, Reason: "x", TLP: incident.Red},
		"at most 100": {Scale: incident.NHSLevel, Grade: incident.Grade{At: 2}, Reason: strings.Repeat("x", 1001)},
	} {
		if field == "seen" {
			s.Must(s.Lead, nhs(2)) // there must be something that could have moved
		}
		_, err := s.Do(s.Lead, c)
		says(t, err, incident.Invalid, field)
	}
	for field, c := range map[string]command.AskLowering{
		"seen":     {Scale: incident.NHSLevel, Grade: &incident.Grade{At: 1}, Reason: "x"},
		"reason":   {Scale: incident.NHSLevel, Grade: &incident.Grade{At: 1}, Seen: s.head()},
		"grade":    {Scale: incident.NHSLevel, Grade: &incident.Grade{At: 3}, Reason: "x", Seen: s.head()},
		"criteria": {Scale: incident.NHSLevel, Criteria: []string{"spreading"}, Reason: "x", Seen: s.head()},
	} {
		if s.Room.Operating(incident.NHSLevel) == nil {
			s.Must(s.Lead, nhs(2))
			c.Seen = min(c.Seen, 1) * s.head()
		}
		_, err := s.Do(s.Lead, c)
		says(t, err, incident.Invalid, field)
	}
}

func TestWhoeverMayAgreeCanReadWhy(t *testing.T) {
	s := newSevere(t)
	s.Must(s.Lead, nhs(3))
	c := s.lower(2)
	c.Audience = &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{s.Number(s.sam)}}
	_, err := s.Do(s.liaison, c)
	says(t, err, incident.Invalid, "audience", "Priya Anand (DSC)", "Ewan Doyle (NCSC)")
	c.Audience.Members = append(c.Audience.Members, s.Number(s.ncscLead))
	s.Must(s.liaison, c)
}

func TestADecisionOnAnOlderViewIsAConflictThatSaysWhatChanged(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(2))
	old := s.head()
	raised := s.Must(s.deputy, nhs(3))
	_, err := s.Do(s.liaison, func() command.AskLowering { c := s.lower(1); c.Seen = old; return c }())
	says(t, err, incident.Conflict, "DSC's assessment has changed since you looked", fmt.Sprintf("Entry %d set it: it is now %s", raised, level3), "decide again")
	c := nhs(4)
	c.Seen = old
	_, err = s.Do(s.Lead, c)
	says(t, err, incident.Conflict, "has changed")
	s.Must(s.liaison, s.lower(2))
	seen := s.head()
	s.Must(s.liaison, command.DropLowering{Root: root, Seen: seen})
	again := s.Must(s.liaison, s.lower(1)) // another question than the one on the second person's screen
	for _, cmd := range []command.Command{command.AgreeLowering{Root: root, Seen: seen}, command.RefuseLowering{Root: root, Seen: seen}} {
		_, err = s.Do(s.stepped(s.Lead), cmd)
		says(t, err, incident.Conflict, fmt.Sprintf("Entry %d asked to lower it to NHS level 1", again))
	}
	_, err = s.Do(s.liaison, command.DropLowering{Root: root, Seen: seen})
	says(t, err, incident.Conflict)
	for _, cmd := range []command.Command{command.AgreeLowering{Root: root}, command.RefuseLowering{Root: root}, command.AgreeLowering{Root: root, Seen: 9999}} {
		_, err = s.Do(s.stepped(s.Lead), cmd)
		says(t, err, incident.Invalid, "seen")
	}
	for _, at := range []incident.Seq{0, 1, 2, root + 1, 9999} { // what began no assessment
		_, err = s.Do(s.stepped(s.Lead), command.AgreeLowering{Root: at, Seen: s.head()})
		says(t, err, incident.NotFound)
	}
	s.Must(s.Lead, command.PostMessage{Text: "something else altogether"})
	if _, err := s.Do(s.stepped(s.Lead), command.AgreeLowering{Root: root, Seen: again}); err != nil {
		t.Errorf("what changed was no part of it: %v", err)
	}
}

func TestAClosedRoomsSeverityStays(t *testing.T) {
	s := newSevere(t)
	root := s.Must(s.Lead, nhs(3))
	s.Must(s.liaison, s.lower(2))
	for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
		s.Must(s.Lead, command.MoveRoom{To: to})
	}
	for _, cmd := range []command.Command{nhs(4), s.lower(1), command.AgreeLowering{Root: root, Seen: s.head()}, command.DropLowering{Root: root, Seen: s.head()}} {
		_, err := s.Do(s.stepped(s.Lead), cmd)
		says(t, err, incident.Conflict)
	}
	s.standsAt(t, level3)
}

func TestWhatExerciseControlAssessesIsMarkedInvented(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeExercise, incident.RosterNames)
	second := p.Join("Ewan Doyle", "NCSC", incident.Liaison, incident.Full)
	p.Must(p.Lead, command.SetTier{Root: p.Member(second).Root, Tier: incident.Strategic})
	control := incident.Actor{System: true, Person: p.Lead.Person, Exercise: time.Date(2017, 5, 12, 15, 0, 0, 0, time.UTC)}
	root := p.Must(control, nhs(4))
	asked := p.Must(control, command.AskLowering{Scale: incident.NHSLevel, Grade: &incident.Grade{At: 3}, Reason: "the kill switch works"}) // it reads the room as it stands
	b1, b2, b3 := p.Events[root].Body.(*incident.SeverityAssessed), p.Events[root+1].Body.(*incident.SeverityReasoned), p.Events[asked].Body.(*incident.SeverityLoweringAsked)
	if !b1.Invented || !b2.Invented || !b3.Invented {
		t.Errorf("invented: %v %v %v", b1.Invented, b2.Invented, b3.Invented)
	}
	if since := p.Room.Operating(incident.NHSLevel).Since; !since.Equal(control.Exercise) {
		t.Errorf("it stands since %v, want the exercise's time", since)
	}
	control.Person = second.Person
	p.Must(control, command.AgreeLowering{Root: root}) // invented people have no second factor
	p.Must(p.Lead, nhs(4))
	if p.Events[len(p.Events)-2].Body.(*incident.SeverityReassessed).Invented {
		t.Error("what a player assesses is marked invented")
	}
}
