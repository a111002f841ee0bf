package command

import (
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Bounds of reports. Each is one person's or one organisation's: nobody uses up
// what another has.
const (
	FiledAnHour  = 5   // by one person, for their own organisation
	FiledADay    = 20  // for one organisation, by its own people
	TakenAnHour  = 60  // by one of the hosts' people, by telephone
	MaxOpen      = 60  // reports of one organisation that are not closed
	MaxAnswers   = 20  // to one report
	MaxSteps     = 200 // entries about one report; closing it is always possible
	MaxBrought   = 100 // reports in one room
	maxEthane    = 1000
	maxAnswer    = 1000
	maxFiledText = 600
)

// FileReport files a report of an incident, or what a host was told of one by
// telephone.
type FileReport struct {
	Report    string // fresh and random, made by the server
	Reference string // the same
	Org       incident.OrgID
	Ethane    incident.Ethane
	Via       incident.Via
	Caller    string // names whom to ring, under a key: sent again with another number it is another command. Not recorded
}

// NoteReport says that the asker is looking at it.
type NoteReport struct{ Report string }

// AnswerReport tells whoever filed it something.
type AnswerReport struct{ Report, Text string }

// CallReport says that somebody is shown how to ring whoever filed it.
type CallReport struct{ Report string }

// CloseReport ends it.
type CloseReport struct{ Report, Reason string }

// AddReport is the house's, after a report was brought into a room.
type AddReport struct {
	Report string
	Room   incident.LogID
}

func (c FileReport) roots() []incident.Seq   { return nil }
func (c NoteReport) roots() []incident.Seq   { return nil }
func (c AnswerReport) roots() []incident.Seq { return nil }
func (c CallReport) roots() []incident.Seq   { return nil }
func (c CloseReport) roots() []incident.Seq  { return nil }
func (c AddReport) roots() []incident.Seq    { return nil }

func (c FileReport) decide(s *scene) ([]*incident.Event, error) {
	sys := s.system
	if sys == nil || s.empty || !policy.FilesReports(sys, s.Actor.Person, c.Org, c.Via) {
		return nil, incident.Missing()
	}
	if sys.Closed[c.Org] {
		return nil, incident.BadField("org", "This organisation has closed. Choose the one it became.")
	}
	if c.Via != incident.ViaWeb && c.Via != incident.ViaTelephone {
		return nil, incident.BadField("via", "Choose web or telephone.")
	}
	if err := checkEthane(c.Ethane); err != nil {
		return nil, err
	}
	if err := s.mayFile(c); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ReportFiled{Ethane: c.Ethane, Org: c.Org, Reference: c.Reference, Report: c.Report, Via: c.Via}})
}

func checkEthane(e incident.Ethane) error {
	if !slices.Contains(incident.Troubles, e.What) {
		return incident.BadField("ethane.what", "Choose what it is. If nothing fits, choose “something else”.")
	}
	switch e.Mail {
	case incident.MailIsSafe, incident.MailIsUnsafe, incident.MailUnsure:
	default:
		return incident.BadField("ethane.mail", "Say whether e-mail is safe: yes, no or not sure.")
	}
	if err := checkPart("ethane.text", e.Text, maxFiledText, true); err != nil {
		return err
	}
	for _, f := range []struct{ name, text string }{{"ethane.where", e.Where}, {"ethane.hazards", e.Hazards}, {"ethane.access", e.Access},
		{"ethane.number", e.Number}, {"ethane.engaged", e.Engaged}} {
		if err := checkText(f.name, f.text, maxEthane); err != nil {
			return err
		}
	}
	return nil
}

// mayFile holds the report against the limits. What others of the organisation
// filed counts towards its own limits alone, and a refusal says no more than
// that it has reached one.
func (s *scene) mayFile(c FileReport) error {
	person, org := 0, 0
	for _, f := range s.system.Filed {
		age := s.Now.Sub(f.At.Time)
		if f.Via != c.Via {
			continue
		}
		if f.Person == s.Actor.Person && age < time.Hour {
			person++
		}
		if f.Org == c.Org && age < 24*time.Hour {
			org++
		}
	}
	open := 0
	for _, f := range s.system.Filings {
		if f.Org == c.Org {
			open++
		}
	}
	ring := "Ring the hosts instead, on " + s.system.Duty + "."
	switch {
	case c.Via == incident.ViaTelephone && person >= TakenAnHour:
		return incident.Refuse(incident.TooMany, "You have entered %d reports in an hour. Let somebody else take the next, or wait.", TakenAnHour)
	case c.Via == incident.ViaTelephone && open >= MaxOpen:
		return incident.Refuse(incident.TooMany, "This organisation has %d reports that are not closed. Close some first.", MaxOpen)
	case c.Via == incident.ViaTelephone:
		return nil
	case person >= FiledAnHour:
		return incident.Refuse(incident.TooMany, "You have filed %d reports in an hour. %s", FiledAnHour, ring)
	case org >= FiledADay || open >= MaxOpen:
		return incident.Refuse(incident.TooMany, "Your organisation has reached the number of reports it can file for now. %s", ring)
	}
	return nil
}

// triages finds an open report for one of the hosts' people; to others there is
// none.
func (s *scene) triages(id string) (*incident.Filing, error) {
	if s.system == nil || s.empty || !policy.TriagesReports(s.system, s.Actor.Person) {
		return nil, incident.Missing()
	}
	f := s.system.Filing(id)
	if f == nil {
		return nil, incident.Refuse(incident.Conflict, "This report is closed.")
	}
	if f.Steps >= MaxSteps {
		return nil, incident.Refuse(incident.Conflict, "So much was done about this report that it can only be closed.")
	}
	return f, nil
}

func (c NoteReport) decide(s *scene) ([]*incident.Event, error) {
	f, err := s.triages(c.Report)
	if err != nil {
		return nil, err
	}
	if f.Looking == s.Actor.Person {
		return nil, incident.Refuse(incident.Conflict, "You are looking at it already.")
	}
	return one(&incident.Event{Body: &incident.ReportNoted{Report: c.Report}})
}

func (c AnswerReport) decide(s *scene) ([]*incident.Event, error) {
	f, err := s.triages(c.Report)
	if err != nil {
		return nil, err
	}
	if f.Via == incident.ViaTelephone {
		return nil, incident.Refuse(incident.Conflict, "This was reported by telephone, so nobody would read an answer here. Ring them.")
	}
	if f.Answers >= MaxAnswers {
		return nil, incident.Refuse(incident.Conflict, "This report has had %d answers. Ring them, or bring them into a room.", MaxAnswers)
	}
	if err := checkPart("text", c.Text, maxAnswer, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ReportAnswered{Report: c.Report, Text: c.Text}})
}

func (c CallReport) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.triages(c.Report); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ReportCalled{Report: c.Report}})
}

func (c CloseReport) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || !policy.TriagesReports(s.system, s.Actor.Person) {
		return nil, incident.Missing()
	}
	if s.system.Filing(c.Report) == nil {
		return nil, incident.Refuse(incident.Conflict, "This report is closed.")
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.ReportClosed{Report: c.Report, Reason: c.Reason}})
}

// decide writes it also where the report was closed meanwhile: it is in the
// room. Once is enough.
func (c AddReport) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || !s.Actor.System {
		return nil, incident.Missing()
	}
	if f := s.system.Filing(c.Report); f != nil && slices.Contains(f.Rooms, c.Room) {
		return nil, incident.Refuse(incident.Conflict, "This stands already.")
	}
	return one(&incident.Event{Body: &incident.ReportAdded{Report: c.Report, Room: c.Room}})
}

// openedOf is the entry beside the registration of a room that is opened of a
// report: one transaction, so neither is ever without the other.
func (s *scene) openedOf(c RegisterRoom) (*incident.Event, error) {
	f := s.system.Filing(c.Filed)
	switch {
	case f == nil || c.Brought == nil || c.Brought.Report != f.ID:
		return nil, incident.Refuse(incident.Conflict, "This report is closed. Open the room without it.")
	case f.Opened:
		return nil, incident.Refuse(incident.Conflict, "A room was opened of this report already. If you are not in it, ask whoever looks at the report.")
	case c.Mode != incident.ModeIncident:
		return nil, incident.BadField("mode", "A report is of something that happened. Open an incident of it, not an exercise.")
	}
	return &incident.Event{Body: &incident.ReportOpened{Report: f.ID, Room: c.Room}}, nil
}

// forHosts is the marking of what both hosts' people in a room are told and
// nobody else. TLP:RED is for people by name, and any of them may have to answer.
func forHosts(tlp incident.TLP, org incident.OrgID) *incident.Marking {
	if tlp == incident.Red {
		tlp = incident.AmberStrict
	}
	return &incident.Marking{TLP: tlp, Audience: incident.Audience{Kind: incident.ToHosts}, Originator: org}
}

// BringReport brings a report into the room, for the hosts there.
type BringReport struct {
	Report  string
	Brought *incident.ReportBrought `json:"-"` // the report, as it was filed and is not closed: facts of the system log; nil if there is none
	From    incident.LogRef         `json:"-"` // its entry there
}

func (c BringReport) roots() []incident.Seq { return nil }

func (c BringReport) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.BringReport, nil, nil); err != nil {
		return nil, err
	}
	switch {
	case c.Brought == nil || c.Brought.Report != c.Report:
		return nil, incident.BadField("report", "There is no such report, or it is closed.")
	case s.Room.Mode != incident.ModeIncident:
		return nil, incident.Refuse(incident.Conflict, "A report is of something that happened, and this is an exercise.")
	case slices.ContainsFunc(s.Room.Reports, func(b incident.Brought) bool { return b.Report == c.Report }):
		return nil, incident.Refuse(incident.Conflict, "This report is in the room already.")
	case len(s.Room.Reports) >= MaxBrought:
		return nil, incident.Refuse(incident.Conflict, "There are %d reports in this room. Open another room, and link the two.", MaxBrought)
	}
	mark := forHosts(s.Room.TLP, s.Asker().Org)
	return one(&incident.Event{Marking: mark, Refs: incident.Refs{From: &c.From}, Body: c.Brought})
}
