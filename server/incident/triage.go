package incident

import (
	"slices"
	"time"
)

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*ReportFiled](root)
	register[*ReportNoted](root)
	register[*ReportAnswered](root)
	register[*ReportCalled](root)
	register[*ReportAdded](root)
	register[*ReportOpened](root)
	register[*ReportClosed](root)
	register[*ReportBrought](KindInfo{Log: RoomLog, Root: true})
}

// Trouble is what is reported, in one word.
type Trouble string

const (
	Ransomware      Trouble = "ransomware"
	Malware         Trouble = "malware"
	Phishing        Trouble = "phishing"
	AccountTaken    Trouble = "account"
	ServiceDown     Trouble = "outage"
	DataLost        Trouble = "data"
	SupplierTrouble Trouble = "supplier"
	OtherTrouble    Trouble = "other"
)

// Troubles lists them, in the order forms offer them.
var Troubles = []Trouble{Ransomware, Malware, Phishing, AccountTaken, ServiceDown, DataLost, SupplierTrouble, OtherTrouble}

// MailSafe is whether e-mail to whoever reports is safe.
type MailSafe string

const (
	MailIsSafe   MailSafe = "yes"
	MailIsUnsafe MailSafe = "no"
	MailUnsure   MailSafe = "unsure"
)

// Ethane is a JESIP ETHANE report of a cyber incident, short enough for a
// telephone: the time is the entry's. What and Text are needed to begin.
type Ethane struct {
	Access  string   `json:"access,omitempty"`  // other ways that are safe
	Engaged string   `json:"engaged,omitempty"` // who is engaged, who is needed
	Hazards string   `json:"hazards,omitempty"` // what else it could hit
	Mail    MailSafe `json:"mail"`              // is e-mail safe?
	Number  string   `json:"number,omitempty"`  // services and patients affected; no patient data
	Text    string   `json:"text"`              // what happens, in a few words
	What    Trouble  `json:"what"`
	Where   string   `json:"where,omitempty"` // sites, networks
}

// ReportFiled is a report of an incident, in the words of whoever it happened
// to. How to ring them stands in the directory and in no log.
type ReportFiled struct {
	Ethane    Ethane `json:"ethane"`
	Org       OrgID  `json:"org"`       // for whom it was filed
	Reference string `json:"reference"` // random: it does not tell how many others there are
	Report    string `json:"report"`    // the report's id, random too
	Via       Via    `json:"via"`
}

func (*ReportFiled) kind() Kind { return "report.filed" }

// ReportNoted says that one of the hosts' people is looking at it.
type ReportNoted struct {
	Report string `json:"report"`
}

func (*ReportNoted) kind() Kind { return "report.noted" }

// ReportAnswered is a sentence to whoever reported it.
type ReportAnswered struct {
	Report string `json:"report"`
	Text   string `json:"text"`
}

func (*ReportAnswered) kind() Kind { return "report.answered" }

// ReportCalled says that somebody was shown how to ring whoever reported it. It
// is stored before the number goes out.
type ReportCalled struct {
	Report string `json:"report"`
}

func (*ReportCalled) kind() Kind { return "report.called" }

// ReportAdded is the house's: the report was brought into a room.
type ReportAdded struct {
	Report string `json:"report"`
	Room   LogID  `json:"room"`
}

func (*ReportAdded) kind() Kind { return "report.added" }

// ReportOpened says that a room was opened of it. It stands beside the room's
// registration.
type ReportOpened struct {
	Report string `json:"report"`
	Room   LogID  `json:"room"`
}

func (*ReportOpened) kind() Kind { return "report.opened" }

// ReportClosed ends it. The reason is for the hosts.
type ReportClosed struct {
	Reason string `json:"reason"`
	Report string `json:"report"`
}

func (*ReportClosed) kind() Kind { return "report.closed" }

// ReportBrought is the report in a room, as it was filed.
type ReportBrought struct {
	At        Instant `json:"at"` // when it was received
	Ethane    Ethane  `json:"ethane"`
	Org       OrgID   `json:"org"`
	OrgName   string  `json:"orgName"`
	Reference string  `json:"reference"`
	Report    string  `json:"report"`
	Via       Via     `json:"via"`
}

func (*ReportBrought) kind() Kind { return "report.brought" }

// FilingState is where a report stands, as whoever filed it is told.
type FilingState string

const (
	FilingReceived FilingState = "received"
	FilingLooking  FilingState = "looking"
	FilingAnswered FilingState = "answered"
	FilingClosed   FilingState = "closed"
)

// Filing is the fold of one report. It holds nothing that was said.
type Filing struct {
	ID        string      `json:"id"`
	Reference string      `json:"reference"`
	At        Instant     `json:"at"`
	Moved     Instant     `json:"moved"` // when its state last changed
	Org       OrgID       `json:"org"`
	Person    PersonID    `json:"person"` // who filed it, or took it by telephone
	Via       Via         `json:"via"`
	State     FilingState `json:"state"`
	Looking   PersonID    `json:"looking,omitempty"` // the last of the hosts' people who said that they are
	Opened    bool        `json:"opened,omitempty"`  // a room was opened of it
	Rooms     []LogID     `json:"rooms,omitempty"`   // it is in
	Answers   int         `json:"answers,omitempty"`
	Steps     int         `json:"steps"` // its entries
}

// Filed is that somebody filed a report lately, for as long as limits count it.
type Filed struct {
	At     Instant  `json:"at"`
	Org    OrgID    `json:"org"`
	Person PersonID `json:"person"`
	Via    Via      `json:"via"`
}

// filedKept is for how long limits count a report.
const filedKept = 24 * time.Hour

// ReportOf returns the id of the report an entry is about; "" for entries of
// the system log about anything else.
func ReportOf(b Body) string {
	switch b := b.(type) {
	case *ReportFiled:
		return b.Report
	case *ReportNoted:
		return b.Report
	case *ReportAnswered:
		return b.Report
	case *ReportCalled:
		return b.Report
	case *ReportAdded:
		return b.Report
	case *ReportOpened:
		return b.Report
	case *ReportClosed:
		return b.Report
	}
	return ""
}

// FoldFiling folds a report's entries, in order; nil if they do not begin one.
func FoldFiling(events []*Event) *Filing {
	var f *Filing
	for _, e := range events {
		if _, ok := e.Body.(*ReportFiled); ok || f != nil {
			f = applyFiling(f, e)
		}
	}
	return f
}

// applyFiling folds an entry of a report; f is nil before its first.
func applyFiling(f *Filing, e *Event) *Filing {
	var next Filing
	if f != nil {
		next = *f
	}
	next.Steps++
	move := func(s FilingState) { next.State, next.Moved = s, e.Times.Recorded }
	into := func(room LogID) {
		if !slices.Contains(next.Rooms, room) {
			next.Rooms = append(slices.Clip(next.Rooms), room)
		}
		if next.State == FilingReceived {
			move(FilingLooking)
		}
	}
	switch b := e.Body.(type) {
	case *ReportFiled:
		next = Filing{ID: b.Report, Reference: b.Reference, At: e.Times.Recorded, Org: b.Org, Person: e.By.Person, Via: b.Via, Steps: 1}
		move(FilingReceived)
	case *ReportNoted:
		if next.Looking = e.By.Person; next.State == FilingReceived {
			move(FilingLooking)
		}
	case *ReportAnswered:
		next.Answers++
		move(FilingAnswered)
	case *ReportAdded:
		into(b.Room)
	case *ReportOpened:
		next.Opened = true
		into(b.Room)
	case *ReportClosed:
		move(FilingClosed)
	}
	return &next
}

// Filing returns the report of that id which is not closed; nil for none.
func (s *System) Filing(id string) *Filing {
	if i := slices.IndexFunc(s.Filings, func(f *Filing) bool { return f.ID == id }); i >= 0 {
		return s.Filings[i]
	}
	return nil
}

// applyFiling keeps the reports that are not closed, and how many were filed of
// late.
func (s *System) applyFiling(e *Event) {
	id := ReportOf(e.Body)
	if id == "" {
		return
	}
	s.Rooms = append(slices.Clip(s.Rooms), e.Seq)
	if b, ok := e.Body.(*ReportFiled); ok {
		s.Filings = append(slices.Clip(s.Filings), applyFiling(nil, e))
		since := e.Times.Recorded.Add(-filedKept)
		s.Filed = slices.DeleteFunc(slices.Clone(s.Filed), func(f Filed) bool { return f.At.Before(since) })
		s.Filed = append(s.Filed, Filed{e.Times.Recorded, b.Org, e.By.Person, b.Via})
		return
	}
	i := slices.IndexFunc(s.Filings, func(f *Filing) bool { return f.ID == id })
	if i < 0 {
		return
	}
	s.Filings = slices.Clone(s.Filings)
	if s.Filings[i] = applyFiling(s.Filings[i], e); s.Filings[i].State == FilingClosed {
		s.Filings = slices.Delete(s.Filings, i, i+1)
	}
}

// applyBrought keeps which reports were brought into the room; ok is false for
// other events.
func (r *Room) applyBrought(e *Event) (ok bool) {
	b, ok := e.Body.(*ReportBrought)
	if ok {
		r.Reports = append(slices.Clip(r.Reports), Brought{Org: b.Org, Report: b.Report, Root: e.Root}) // of one that was erased the root alone
	}
	return ok
}

// Brought is a report that is in the room.
type Brought struct {
	Org    OrgID  `json:"org"`
	Report string `json:"report"`
	Root   Seq    `json:"root"`
}
