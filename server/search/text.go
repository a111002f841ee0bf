package search

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"wardroom/server/incident"
)

// fold makes texts that read the same compare the same: compatibility forms
// (NFKC: full-width letters, ligatures) and case.
func fold(s string) string { return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s))) }

// matcher holds a query against one open entry.
type matcher struct {
	query  Query
	words  []string
	author []string
	nameOf func(incident.MemberNo) string // as the asker may know it
}

func (m matcher) matches(e *incident.Event, me incident.MemberNo) bool {
	q := m.query
	at := e.Times.Shown().Time
	switch {
	case q.Person != 0 && e.By.Member != q.Person:
		return false
	case len(m.author) > 0 && !holds(fold(m.nameOf(e.By.Member)), m.author):
		return false
	case q.Noun != "" && noun(e.Kind) != q.Noun:
		return false
	case !q.From.IsZero() && at.Before(q.From), !q.To.IsZero() && at.After(q.To):
		return false
	case q.MentionsMe && !slices.Contains(mentions(e.Body), me):
		return false
	}
	if len(m.words) == 0 {
		return true
	}
	return holds(textOf(e), m.words)
}

// textOf is what of an entry people read, folded.
func textOf(e *incident.Event) string {
	text := texts(e.Body)
	for _, f := range e.Files { // what a file says is not read
		text = append(text, f.Name, f.SHA256)
	}
	return fold(strings.Join(text, "\n"))
}

// holds reports whether a folded text holds every word.
func holds(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// matchesLine is matches for an entry that is kept as it is compared.
func (m *matcher) matchesLine(l *line, me incident.MemberNo) bool {
	q := &m.query
	switch {
	case q.Person != 0 && l.by != q.Person:
		return false
	case q.Noun != "" && l.noun != q.Noun:
		return false
	case !q.From.IsZero() && l.shown.Before(q.From), !q.To.IsZero() && l.shown.After(q.To):
		return false
	case q.MentionsMe && !slices.Contains(l.mentions, me):
		return false
	case len(m.author) > 0 && !holds(fold(m.nameOf(l.by)), m.author):
		return false
	}
	return holds(l.text, m.words)
}

func noun(k incident.Kind) string {
	n, _, _ := strings.Cut(string(k), ".")
	return n
}

func mentions(b incident.Body) []incident.MemberNo {
	switch b := b.(type) {
	case *incident.MessagePosted:
		return b.Mentions
	case *incident.MessageCorrected:
		return b.Mentions
	}
	return nil
}

// texts are what of an entry people read.
func texts(b incident.Body) []string {
	methane := func(r incident.Methane) []string {
		return []string{r.Type, r.Exact, r.Hazards, r.Access, r.Number, r.Emergency}
	}
	switch b := b.(type) {
	case *incident.MessagePosted:
		return []string{b.Text}
	case *incident.MessageCorrected:
		return []string{b.Text}
	case *incident.PromotionAsked:
		return []string{b.Text}
	case *incident.EntryPromoted:
		return []string{b.Text}
	case *incident.ReportGiven:
		return methane(b.Methane)
	case *incident.ReportUpdated:
		return methane(b.Methane)
	case *incident.BriefSet:
		return []string{b.Lines.Happened, b.Lines.Affects, b.Lines.Doing, b.Lines.Need, b.Lines.Next}
	case *incident.RulesSet:
		return b.Lines[:]
	case *incident.BookOpened:
		return []string{b.Signal}
	case *incident.LogEntryWritten:
		if b.Paper != nil {
			return []string{b.Text, b.Paper.By, b.Paper.Page}
		}
		return []string{b.Text}
	case *incident.LogEntryCorrected:
		return []string{b.Text, b.Reason}
	case *incident.InjectGiven:
		return []string{b.Text, b.Actor, b.Provenance, b.Conflict}
	case *incident.RoomOpened:
		return []string{b.Title, b.Reference}
	case *incident.RoomTitled:
		return []string{b.Title}
	case *incident.SeverityReasoned:
		return []string{b.Text}
	case *incident.PostReasoned:
		return []string{b.Text}
	case *incident.AudienceWidened:
		return []string{b.Reason}
	case *incident.DecisionProposed:
		return append(deliberation(b.Deliberation), b.Decision, b.Rationale)
	case *incident.DecisionRecorded:
		return append(deliberation(b.Deliberation), b.Verdict.Decision, b.Verdict.Rationale)
	case *incident.DecisionTaken:
		return append(deliberation(b.Deliberation), b.Verdict.Decision, b.Verdict.Rationale)
	case *incident.DecisionAdded:
		return deliberation(b.Deliberation)
	case *incident.DecisionDisputed:
		return []string{b.Reason}
	case *incident.DecisionReviewed:
		return []string{b.Finding}
	case *incident.ActionRaised:
		return []string{b.Text}
	case *incident.ActionDeclined:
		return []string{b.Reason}
	case *incident.ActionDone:
		return []string{b.Evidence}
	case *incident.ActionHanded:
		return []string{b.Reason}
	case *incident.ActionChased:
		return []string{b.Text}
	case *incident.ActionWithdrawn:
		return []string{b.Reason}
	case *incident.ItemPublished:
		return item(&b.Item)
	case *incident.ItemCorrected:
		return item(&b.Item)
	case *incident.ItemMerged:
		return sources(b.Sources)
	case *incident.TearlinePublished:
		return []string{b.Text}
	case *incident.SightingMarked:
		return []string{b.Note}
	case *incident.EntryRecalled:
		return []string{b.Reason}
	case *incident.ReleaseRequested:
		return []string{b.Why}
	case *incident.ReleaseAnswered:
		return []string{b.Why}
	case *incident.EscalationRequested:
		list := []string{b.SBAR.Situation, b.SBAR.Background, b.SBAR.Assessment, b.SBAR.Recommendation}
		for _, step := range b.Chain {
			list = append(list, step.Name)
		}
		return list
	case *incident.EscalationAccepted:
		return []string{b.Rationale}
	case *incident.EscalationRefused:
		return []string{b.Reason}
	case *incident.EscalationWithdrawn:
		return []string{b.Reason}
	case *incident.EscalationActed:
		return []string{b.Because}
	case *incident.EscalationStoodDown:
		return []string{b.Reason}
	case *incident.ClockStarted:
		return []string{b.Known}
	case *incident.ClockHanded:
		return []string{b.Reason}
	case *incident.ClockCorrected:
		return []string{b.Reason}
	case *incident.ClockEvidenced:
		return []string{b.Reference, b.Note}
	case *incident.ClockWithdrawn:
		return []string{b.Reason}
	case *incident.ClockChased:
		return []string{b.Text}
	case *incident.MinistersBriefed:
		return []string{b.Text}
	case *incident.MeetingHeld:
		return []string{b.Summary, b.Place, b.Others}
	case *incident.SitrepFiled:
		return []string{b.Situation, b.Impact, b.Actions, b.Forecast}
	case *incident.SitrepCorrected:
		return []string{b.Situation, b.Impact, b.Actions, b.Forecast, b.Reason}
	case *incident.UpdateGiven:
		return []string{b.Text}
	case *incident.UpdateRequested:
		return []string{b.Text}
	case *incident.CadenceSet:
		return []string{b.Reason}
	case *incident.CadencePutOff:
		return []string{b.Reason}
	case *incident.HandoverSigned:
		i := b.IIMARCH
		return []string{i.Information, i.Intent, i.Method, i.Administration, i.Risk, i.Communications, i.Humanitarian}
	case *incident.HandoverDeclined:
		return []string{b.Reason}
	case *incident.HandoverWithdrawn:
		return []string{b.Reason}
	case *incident.ReportBrought:
		e := b.Ethane
		return []string{b.OrgName, b.Reference, e.Text, e.Where, e.Hazards, e.Access, e.Number, e.Engaged}
	case *incident.RoomLinked:
		return []string{b.Reference}
	case *incident.BroadcastSentAlone:
		return []string{b.Reason}
	case *incident.BroadcastRefused:
		return []string{b.Reason}
	case *incident.BroadcastWithdrawn:
		return []string{b.Reason}
	case *incident.BroadcastStopped:
		return []string{b.Reason}
	case *incident.HoldPlaced:
		return []string{b.Reference, b.Reason}
	case *incident.HoldLifted:
		return []string{b.Reason}
	case *incident.ErasureAsked:
		return []string{b.Reason}
	case *incident.ErasureRefused:
		return []string{b.Reason}
	case *incident.ExportRequested:
		return []string{b.Purpose, b.BasisText, b.Recipient.Name, b.Recipient.Organisation, b.Recipient.Role}
	case *incident.ExportAnswered:
		return []string{b.Reason}
	case *incident.ExportApproved:
		return []string{b.Note}
	case *incident.ExportRefused:
		return []string{b.Reason}
	case *incident.ExportWithdrawn:
		return []string{b.Reason}
	case *incident.FeedOpened:
		return []string{b.Name}
	case *incident.MemberInvited:
		return []string{b.Seat.Name, b.Seat.OrgName, string(b.Seat.Org)}
	case *incident.MemberProposed:
		return []string{b.Seat.Name, b.Seat.OrgName, string(b.Seat.Org)}
	case *incident.MemberAsked:
		return []string{b.Name}
	case *incident.MemberJoined:
		return []string{b.Seat.Name, b.Seat.OrgName, string(b.Seat.Org)}
	}
	return nil
}

// item is what of an item people read. Its indicators are looked for as they
// are, live: a person who pastes one has it so.
func item(i *incident.Item) []string {
	list := append([]string{i.Title, i.Text, i.Caveats}, sources(i.Sources)...)
	for _, x := range i.Indicators {
		list = append(append(list, x.Value, x.Note, x.CVSS), x.Tags...)
	}
	for _, r := range i.Refs {
		list = append(list, r.Name, r.URL)
	}
	return list
}

func sources(of []incident.Source) (list []string) {
	for _, s := range of {
		list = append(list, s.Name)
	}
	return list
}

// deliberation is what of the parts of a decision's record people read.
func deliberation(d incident.Deliberation) []string {
	list := []string{d.Question, d.Risks, d.Powers, d.Consulted, d.Dissent, d.Expected, d.Outcome}
	for _, o := range d.Options {
		list = append(list, o.Text, o.Rejected)
	}
	return list
}
