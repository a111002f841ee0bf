package steward_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func ethane() incident.Ethane {
	return incident.Ethane{What: incident.Ransomware, Text: "Screens are locked at two sites", Mail: incident.MailIsUnsafe}
}

// filer files reports into a house, each under an id of its own.
func filer(h *servertest.House) func(who incident.Actor, org incident.OrgID, via incident.Via) (string, error) {
	return func(who incident.Actor, org incident.OrgID, via incident.Via) (string, error) {
		id := incident.RandomID()
		_, err := h.Do(h.Journal.SystemLog(), who, command.FileReport{Report: id, Reference: "REP-" + strings.ToUpper(id[:7]), Org: org, Ethane: ethane(), Via: via})
		return id, err
	}
}

func wantFault(t *testing.T, what string, err error, want incident.Fault) {
	t.Helper()
	if incident.FaultOf(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestWhoMayFileAReportAndForWhom(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	file := filer(h)
	if _, err := file(sam, "X1N", incident.ViaWeb); err != nil {
		t.Error(err)
	}
	if _, err := file(lead, "X2E", incident.ViaTelephone); err != nil {
		t.Error(err)
	}
	for what, try := range map[string]func() error{
		"for another's organisation":  func() error { _, err := file(sam, "X2E", incident.ViaWeb); return err },
		"by telephone, and no host":   func() error { _, err := file(sam, "X1N", incident.ViaTelephone); return err },
		"a host for a trust by web":   func() error { _, err := file(lead, "X1N", incident.ViaWeb); return err },
		"for no organisation":         func() error { _, err := file(lead, "NONE", incident.ViaTelephone); return err },
		"somebody not registered":     func() error { _, err := file(incident.Actor{Person: "stranger"}, "X1N", incident.ViaWeb); return err },
		"as the house without person": func() error { _, err := file(incident.Actor{System: true}, "X1N", incident.ViaWeb); return err },
	} {
		wantFault(t, what, try(), incident.NotFound)
	}
}

func TestAReportIsBoundedAndSaysWhatIsWrongWithIt(t *testing.T) {
	h := servertest.NewHouse(t)
	sam := h.Person("Sam Okafor", "X1N")
	for field, change := range map[string]func(*incident.Ethane){
		"ethane.what":    func(e *incident.Ethane) { e.What = "fire" },
		"ethane.mail":    func(e *incident.Ethane) { e.Mail = "" },
		"ethane.text":    func(e *incident.Ethane) { e.Text = strings.Repeat("a", 601) },
		"ethane.hazards": func(e *incident.Ethane) { e.Hazards = strings.Repeat("a", 1001) },
		"ethane.where":   func(e *incident.Ethane) { e.Where = "TOP SECRET\nsomewhere" },
	} {
		e := ethane()
		change(&e)
		_, err := h.Do(h.Journal.SystemLog(), sam, command.FileReport{Report: incident.RandomID(), Org: "X1N", Ethane: e, Via: incident.ViaWeb})
		var refusal *incident.Error
		if incident.FaultOf(err) != incident.Invalid || !errors.As(err, &refusal) || refusal.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestLimitsOnReportsAreEachPersonsAndEachOrganisations(t *testing.T) {
	h := servertest.NewHouse(t)
	file := filer(h)
	lead, ellis := h.Person("Priya Anand", "DSC"), h.Person("Ellis Byrne", "X2E")
	n := 0
	for _, name := range []string{"Sam Okafor", "Ada Bell", "Kit Moss", "Lea Frost"} { // twenty of one organisation
		who := h.Person(name, "X1N")
		for range command.FiledAnHour {
			if _, err := file(who, "X1N", incident.ViaWeb); err != nil {
				t.Fatalf("%d: %v", n, err)
			}
			n++
		}
		_, err := file(who, "X1N", incident.ViaWeb)
		wantFault(t, name+"'s sixth", err, incident.TooMany)
	}
	_, err := file(h.Person("Noor Hale", "X1N"), "X1N", incident.ViaWeb)
	wantFault(t, "the organisation's twenty-first", err, incident.TooMany)
	if _, err := file(ellis, "X2E", incident.ViaWeb); err != nil {
		t.Errorf("another organisation's first: %v", err)
	}
	if _, err := file(lead, "X1N", incident.ViaTelephone); err != nil {
		t.Errorf("by telephone: %v", err)
	}
}

func TestAReportThatIsClosedLeavesTheFoldAndNothingMoreIsDoneAboutIt(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	log := h.Journal.SystemLog()
	id, err := filer(h)(sam, "X1N", incident.ViaWeb)
	if err != nil {
		t.Fatal(err)
	}
	acts := map[string]command.Command{"note": command.NoteReport{Report: id}, "answer": command.AnswerReport{Report: id, Text: "Cut the link"}, "call": command.CallReport{Report: id}}
	for what, c := range acts {
		_, err := h.Do(log, sam, c)
		wantFault(t, "its own reporter: "+what, err, incident.NotFound)
		h.Must(h.Do(log, lead, c))
	}
	_, err = h.Do(log, lead, acts["note"])
	wantFault(t, "noted twice by one", err, incident.Conflict)
	sys, err := h.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f := sys.Filing(id); f == nil || f.State != incident.FilingAnswered && f.State != incident.FilingLooking || f.Answers != 1 || f.Steps != 4 {
		t.Errorf("folded as %+v", f)
	}
	_, err = h.Do(log, sam, command.CloseReport{Report: id, Reason: "mine"})
	wantFault(t, "closed by its reporter", err, incident.NotFound)
	h.Must(h.Do(log, lead, command.CloseReport{Report: id, Reason: "a false alarm"}))
	if sys, err = h.Journal.System(t.Context()); err != nil || sys.Filing(id) != nil || len(sys.Filings) != 0 {
		t.Errorf("closed, and still in the fold: %v", err)
	}
	for what, c := range acts {
		_, err := h.Do(log, lead, c)
		wantFault(t, "closed: "+what, err, incident.Conflict)
	}
	if n := sys.Number(sys.Head); n != sys.Head-incident.Seq(len(sys.Rooms)) {
		t.Errorf("numbered %d of %d", n, sys.Head)
	}
	if len(sys.Filed) != 1 || time.Since(sys.Filed[0].At.Time) > time.Minute {
		t.Errorf("filed of late: %v", sys.Filed)
	}
}
