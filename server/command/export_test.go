package command_test

import (
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// leaving is a room on paper with an export, and everyone who has to do with it.
type leaving struct {
	*servertest.Paper
	deputy, ncsc, second, rep, other, auditor incident.Actor

	said, theirs, others, red, root incident.Seq
}

func newLeaving(t *testing.T) *leaving {
	l := &leaving{Paper: servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)}
	l.deputy = l.Join("Dev Rao", "DSC", incident.Deputy, incident.Full)
	l.ncsc = l.Join("Rowan Ash", "NCSC", incident.Liaison, incident.Full)
	l.second = l.Join("Noor Haddad", "NCSC", incident.Deputy, incident.Full)
	l.rep = l.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)
	l.other = l.Join("Ellis Byrne", "X2E", incident.Representative, incident.Full)
	l.auditor = l.Join("Ada Voss", "AUD", incident.Auditor, incident.Full)
	l.said = l.Must(l.Lead, command.PostMessage{Text: "the gateway is down"})
	l.theirs = l.Must(l.rep, command.PostMessage{Text: "so are we"})
	l.others = l.Must(l.other, command.PostMessage{Text: "not us"})
	l.red = l.Must(l.rep, command.PostMessage{Text: "between us", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}})
	l.root = l.Must(l.Lead, l.grant())
	return l
}

func (l *leaving) seen() incident.Seq { return l.Room.Head }

func (l *leaving) grant() command.RequestExport {
	return command.RequestExport{ExportRequested: incident.ExportRequested{Basis: incident.CourtOrder, From: 1, To: l.red, Purpose: "a hearing",
		Recipient: incident.Recipient{Name: "The Clerk", Organisation: "High Court"}, Until: incident.At(l.Now.Add(24 * time.Hour))}}
}

func (l *leaving) redact() command.RedactExport {
	return command.RedactExport{Root: l.root, Seen: l.seen(), Redactions: []incident.Redaction{{Entry: l.said, Slot: 4, Ground: incident.FOI24, Reason: "names a system"}}}
}

func (l *leaving) answer(of ...incident.Seq) command.AnswerExport {
	return command.AnswerExport{Root: l.root, Seen: l.seen(), ExportAnswered: incident.ExportAnswered{Answer: incident.Released, Entries: of}}
}

func (l *leaving) approve() command.ApproveExport {
	return command.ApproveExport{Root: l.root, Seen: l.seen(), Sealed: command.Sealed{Size: uint64(l.Room.Head) + 1, Note: "note", Policy: "keys"}}
}

func (l *leaving) take() command.TakeExport {
	return command.TakeExport{Room: l.Room, Object: l.Objects[l.root], Root: l.root}
}

// stepped is an actor who has just given their second factor.
func (l *leaving) stepped(a incident.Actor) incident.Actor {
	a.StepUp = l.Now
	return a
}

// reach brings the export into a state by those who may.
func (l *leaving) reach(s incident.ExportState) {
	l.T.Helper()
	if s == incident.ExportIsRequested {
		return
	}
	if s == incident.ExportIsRefused {
		l.Must(l.ncsc, command.RefuseExport{Root: l.root, Seen: l.seen(), Reason: "too wide"})
		return
	}
	l.Must(l.deputy, command.AgreeExport{Root: l.root, Seen: l.seen()})
	l.Must(l.ncsc, command.AgreeExport{Root: l.root, Seen: l.seen()})
	if s == incident.ExportIsApproved {
		l.Must(l.stepped(l.second), l.approve())
	}
	if s == incident.ExportIsWithdrawn {
		l.Must(l.Lead, command.WithdrawExport{Root: l.root, Seen: l.seen(), Reason: "asked twice"})
	}
}

var states = []incident.ExportState{incident.ExportIsRequested, incident.ExportIsAgreed, incident.ExportIsApproved, incident.ExportIsRefused, incident.ExportIsWithdrawn}

func TestWhatMayBeDoneAboutAnExportInWhichState(t *testing.T) {
	table := map[string]struct {
		in string // the states it may be done in
		do func(*leaving) (incident.Actor, command.Command)
	}{
		"agree": {"requested", func(l *leaving) (incident.Actor, command.Command) {
			return l.second, command.AgreeExport{Root: l.root, Seen: l.seen()}
		}},
		"refuse": {"requested agreed", func(l *leaving) (incident.Actor, command.Command) {
			return l.second, command.RefuseExport{Root: l.root, Seen: l.seen(), Reason: "r"}
		}},
		"redact":  {"requested agreed", func(l *leaving) (incident.Actor, command.Command) { return l.Lead, l.redact() }},
		"answer":  {"agreed", func(l *leaving) (incident.Actor, command.Command) { return l.rep, l.answer(l.theirs) }},
		"approve": {"agreed", func(l *leaving) (incident.Actor, command.Command) { return l.stepped(l.second), l.approve() }},
		"withdraw": {"requested agreed approved", func(l *leaving) (incident.Actor, command.Command) {
			return l.Lead, command.WithdrawExport{Root: l.root, Seen: l.seen(), Reason: "r"}
		}},
		"take": {"approved", func(l *leaving) (incident.Actor, command.Command) { return l.stepped(l.Lead), nil }},
	}
	for act, row := range table {
		for _, state := range states {
			for _, over := range []bool{false, true} {
				l := newLeaving(t)
				l.reach(state)
				if got := l.Objects[l.root].Export.Settle(l.Room.Hosts).State; got != state {
					t.Fatalf("reached %s, not %s", got, state)
				}
				if over {
					l.Now = l.Now.Add(25 * time.Hour)
				}
				who, cmd := row.do(l)
				may := strings.Contains(" "+row.in+" ", " "+string(state)+" ") && !over
				var err error
				if act == "take" {
					err = l.take().Permit(who, l.Now, incident.Instant{})
				} else {
					_, err = l.Do(who, cmd)
				}
				want := incident.Fault("")
				if !may {
					want = incident.Conflict
					if act == "answer" {
						want = incident.NotFound // a guest is not told why nothing is asked
					}
				}
				if (err == nil) != may || err != nil && incident.FaultOf(err) != want {
					t.Errorf("%s when it is %s (over: %v): %v, want %q", act, state, over, err, want)
				}
			}
		}
	}
}

func TestAnExportNeedsTwoHostsAndASecondPerson(t *testing.T) {
	l := newLeaving(t)
	one := func(who incident.Actor, c command.Command, want incident.Fault, words string) {
		t.Helper()
		refusal(t, words, func() error { _, err := l.Do(who, c); return err }(), want, words)
	}
	agree := func() command.AgreeExport { return command.AgreeExport{Root: l.root, Seen: l.seen()} }
	one(l.rep, agree(), incident.NotFound, "")
	one(l.auditor, agree(), incident.NotFound, "")
	l.Must(l.Lead, agree()) // who asks may speak for one host: another host and a second person follow
	one(l.deputy, agree(), incident.Conflict, "agreed already")
	l.Must(l.ncsc, agree())
	l.Must(l.deputy, l.redact())
	for who, words := range map[*incident.Actor]string{&l.Lead: "second person", &l.deputy: "second person"} {
		one(l.stepped(*who), l.approve(), incident.Forbidden, words)
	}
	one(l.stepped(l.rep), l.approve(), incident.NotFound, "")
	one(l.second, l.approve(), incident.StepUp, "each time")
	stale := l.second
	stale.StepUp = l.Now.Add(-incident.FreshFor)
	one(stale, l.approve(), incident.StepUp, "each time")
	tail := l.approve()
	tail.Sealed.Size = uint64(l.red)
	one(l.stepped(l.second), tail, incident.Conflict, "not sealed")
	old := l.approve()
	old.Seen = l.root
	one(l.stepped(l.second), old, incident.Conflict, "after you looked")
	// The other host's deputy left something out of their own entry: no more a
	// second person.
	theirs := l.Must(l.second, command.PostMessage{Text: "for one pair of eyes", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{l.Member(l.ncsc).Number}}})
	wide := l.grant()
	wide.To = theirs
	l.root = l.Must(l.Lead, wide)
	l.reach(incident.ExportIsAgreed)
	l.Must(l.second, command.AnswerExport{Root: l.root, Seen: l.seen(), ExportAnswered: incident.ExportAnswered{Answer: incident.Kept, Entries: []incident.Seq{theirs}, Ground: incident.FOI23, Reason: "ours"}})
	one(l.stepped(l.second), l.approve(), incident.Forbidden, "second person")
	by := l.stepped(l.ncsc)
	l.Must(by, l.approve())
	// One second factor approves once.
	l.root = l.Must(l.Lead, l.grant())
	l.Must(l.deputy, agree())
	l.Must(l.ncsc, agree())
	one(by, l.approve(), incident.StepUp, "each time")
}

func TestOnePersonDoesNotAgreeForBothHosts(t *testing.T) {
	l := newLeaving(t)
	l.Must(l.ncsc, command.AgreeExport{Root: l.root, Seen: l.seen()})
	// The same person comes back for the other host.
	at := *l.Room.Member(l.ncsc.Person)
	l.Must(l.Lead, command.RemoveMember{Root: at.Root})
	_, root := l.Invite("Rowan Ash", "DSC", incident.Liaison, incident.Full)
	l.Must(l.ncsc, command.JoinRoom{Root: root, Person: l.ncsc.Person, How: "subject", Rules: l.Room.Rules.Version})
	_, err := l.Do(l.ncsc, command.AgreeExport{Root: l.root, Seen: l.seen()})
	refusal(t, "agreeing twice", err, incident.Forbidden, "other host")
}

func TestARequestIsWhatAGrantNeeds(t *testing.T) {
	l := newLeaving(t)
	for name, c := range map[string]struct {
		field string
		spoil func(*command.RequestExport)
	}{
		"nobody":             {"recipient.name", func(c *command.RequestExport) { c.Recipient.Name = " " }},
		"no organisation":    {"recipient.organisation", func(c *command.RequestExport) { c.Recipient.Organisation = "" }},
		"two lines":          {"recipient.address", func(c *command.RequestExport) { c.Recipient.Address = "a\nb" }},
		"turned text":        {"recipient.role", func(c *command.RequestExport) { c.Recipient.Role = "a\u202eb" }},
		"no basis":           {"basis", func(c *command.RequestExport) { c.Basis = "because" }},
		"another, not which": {"basisText", func(c *command.RequestExport) { c.Basis = incident.OtherBasis }},
		"no purpose":         {"purpose", func(c *command.RequestExport) { c.Purpose = "" }},
		"backwards":          {"from", func(c *command.RequestExport) { c.From, c.To = 5, 4 }},
		"from nothing":       {"from", func(c *command.RequestExport) { c.From = 0 }},
		"past the end":       {"to", func(c *command.RequestExport) { c.To = 10_000 }},
		"over already":       {"until", func(c *command.RequestExport) { c.Until = incident.At(l.Now) }},
		"for ever":           {"until", func(c *command.RequestExport) { c.Until = incident.At(l.Now.Add(400 * 24 * time.Hour)) }},
	} {
		g := l.grant()
		c.spoil(&g)
		_, err := l.Do(l.Lead, g)
		if incident.FaultOf(err) != incident.Invalid || !strings.Contains(err.Error(), c.field) {
			t.Errorf("%s: %v, want %s", name, err, c.field)
		}
	}
	for who, want := range map[*incident.Actor]incident.Fault{&l.ncsc: incident.Forbidden, &l.rep: incident.Forbidden, &l.deputy: "", &l.auditor: ""} {
		if _, err := l.Do(*who, l.grant()); err == nil != (want == "") || err != nil && incident.FaultOf(err) != want {
			t.Errorf("%s: %v", who.Name, err)
		}
	}
}

func TestARedactionFitsItsEntry(t *testing.T) {
	l := newLeaving(t)
	good := incident.Redaction{Entry: l.said, Slot: 4, Field: "/text", Spans: []incident.Span{{From: 0, To: 3}, {From: 5, To: 6}}, Ground: incident.FOI40, Reason: "r"}
	for name, spoil := range map[string]func(*incident.Redaction){
		"out of the range":    func(r *incident.Redaction) { r.Entry = l.root },
		"no such entry":       func(r *incident.Redaction) { r.Entry = 9999 },
		"no such slot":        func(r *incident.Redaction) { r.Slot = 8 },
		"spans of no text":    func(r *incident.Redaction) { r.Field = "" },
		"a text and no spans": func(r *incident.Redaction) { r.Spans = nil },
		"no pointer":          func(r *incident.Redaction) { r.Field = "text" },
		"backwards":           func(r *incident.Redaction) { r.Spans = []incident.Span{{From: 3, To: 3}} },
		"touching":            func(r *incident.Redaction) { r.Spans = []incident.Span{{From: 0, To: 3}, {From: 3, To: 6}} },
		"negative":            func(r *incident.Redaction) { r.Spans = []incident.Span{{From: -1, To: 3}} },
		"no ground":           func(r *incident.Redaction) { r.Ground = "because" },
		"no reason":           func(r *incident.Redaction) { r.Reason = "" },
	} {
		r := good
		spoil(&r)
		if _, err := l.Do(l.Lead, command.RedactExport{Root: l.root, Seen: l.seen(), Redactions: []incident.Redaction{r}}); incident.FaultOf(err) != incident.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.Must(l.Lead, command.RedactExport{Root: l.root, Seen: l.seen(), Redactions: []incident.Redaction{good}})
	if _, err := l.Do(l.deputy, command.RedactExport{Root: l.root, Seen: l.seen() - 1, Drop: []incident.Place{good.Place()}}); incident.FaultOf(err) != incident.Conflict {
		t.Errorf("on an older view: %v", err)
	}
	if _, err := l.Do(l.deputy, command.RedactExport{Root: l.root, Seen: l.seen(), Drop: []incident.Place{{Entry: l.said, Slot: 3}}}); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("taking back what nobody proposed: %v", err)
	}
	l.Must(l.deputy, command.RedactExport{Root: l.root, Seen: l.seen(), Drop: []incident.Place{good.Place()}})
	if n := len(l.Objects[l.root].Export.Proposed); n != 0 {
		t.Errorf("%d redactions are left", n)
	}
	// What a host does not see, a host does not redact: it is not told apart
	// from what is not there.
	hidden := l.Must(l.rep, command.PostMessage{Text: "ours", Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}})
	g := l.grant()
	g.To = hidden
	l.root = l.Must(l.Lead, g)
	hers := incident.Redaction{Entry: hidden, Slot: 4, Ground: incident.FOI40, Reason: "r"}
	_, err := l.Do(l.Lead, command.RedactExport{Root: l.root, Seen: l.seen(), Redactions: []incident.Redaction{hers}})
	refusal(t, "what they do not see", err, incident.Invalid, "not there for you")
}

func TestOnlyTheOriginatorAnswersForARestrictedEntry(t *testing.T) {
	l := newLeaving(t)
	l.reach(incident.ExportIsAgreed)
	for name, c := range map[string]struct {
		who incident.Actor
		of  incident.Seq
	}{"another guest's": {l.other, l.theirs}, "a host for a guest": {l.Lead, l.theirs}, "what is not restricted": {l.Lead, l.said}, "no entry": {l.rep, 9999}, "the export itself": {l.Lead, l.root}} {
		if _, err := l.Do(c.who, l.answer(c.of)); incident.FaultOf(err) != incident.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	keep := l.answer(l.theirs)
	keep.Answer = incident.Kept
	if _, err := l.Do(l.rep, keep); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("withheld without a ground: %v", err)
	}
	keep.Ground, keep.Reason = incident.Safety, "r"
	at := l.Must(l.rep, keep)
	late := l.answer(l.theirs)
	late.Seen = at - 1
	_, err := l.Do(l.rep, late)
	refusal(t, "on an older view", err, incident.Conflict, "after you looked")
	part := l.answer(l.theirs)
	part.Answer, part.Redactions = incident.Redacted, []incident.Redaction{{Entry: l.said, Slot: 4, Ground: incident.FOI40, Reason: "r"}}
	if _, err := l.Do(l.rep, part); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("redacting what is not theirs: %v", err)
	}
	part.Redactions[0].Entry = l.theirs
	l.Must(l.rep, part)
	l.Must(l.rep, l.answer(l.theirs, l.red))
	x := l.Objects[l.root].Export
	if x.Answers[l.theirs].Answer != incident.Released || x.Answers[l.red].Answer != incident.Released || len(x.Answers) != 2 {
		t.Errorf("%+v", x.Answers)
	}
}

func TestAnExportStaysWithBothHostsAndWhoeverAskedForIt(t *testing.T) {
	l := newLeaving(t)
	asked := l.Must(l.auditor, l.grant())
	for _, root := range []incident.Seq{l.root, asked} {
		for name, c := range map[string]command.Command{
			"tighten":  command.TightenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"DSC"}}},
			"raise":    command.TightenEntry{Root: root, TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}},
			"withhold": command.WithholdEntry{Root: root},
			"widen":    command.WidenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "r"},
		} {
			if _, err := l.Do(l.Lead, c); incident.FaultOf(err) != incident.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	at := l.Objects[asked].Marking.Audience
	if !at.Includes(l.Member(l.auditor)) || !at.Includes(l.Member(l.ncsc)) || !at.Includes(l.Member(l.deputy)) || at.Includes(l.Member(l.rep)) {
		t.Errorf("an auditor's request is for %+v", at)
	}
	if at := l.Objects[l.root].Marking.Audience; at.Kind != incident.ToHosts {
		t.Errorf("a host's request is for %+v", at)
	}
}
