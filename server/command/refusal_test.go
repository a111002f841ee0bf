package command_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func fault(t *testing.T, err error, want incident.Fault, why string) {
	t.Helper()
	got := incident.Fault("")
	if err != nil {
		got = incident.FaultOf(err)
	}
	if got != want {
		t.Errorf("%s: answered %q, want %q (%v)", why, got, want, err)
	}
}

func TestNamingAHiddenMemberIsAnsweredAsNamingNobody(t *testing.T) {
	tr := newTroupe(t, incident.RosterHosts)
	sam, ellis := tr.all[3], tr.Number(tr.all[5])
	const nobody = incident.MemberNo(77)
	own := tr.Must(sam, command.PostMessage{Text: "mine"})
	for name, ask := range map[string]func(incident.MemberNo) command.Command{
		"mention": func(n incident.MemberNo) command.Command {
			return command.PostMessage{Text: "x", Mentions: []incident.MemberNo{n}}
		},
		"mention in a correction": func(n incident.MemberNo) command.Command {
			return command.CorrectMessage{Root: own, Text: "x", Mentions: []incident.MemberNo{n}}
		},
		"audience": func(n incident.MemberNo) command.Command {
			return command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{n}}}
		},
		"narrowing": func(n incident.MemberNo) command.Command {
			return command.TightenEntry{Root: own, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{n}}}
		},
	} {
		_, hidden := tr.Do(sam, ask(ellis))
		_, missing := tr.Do(sam, ask(nobody))
		fault(t, hidden, incident.Invalid, name)
		if hidden == nil || missing == nil || strings.ReplaceAll(hidden.Error(), fmt.Sprint(ellis), "N") != strings.ReplaceAll(missing.Error(), fmt.Sprint(nobody), "N") {
			t.Errorf("%s: a hidden member: %v; no member: %v", name, hidden, missing)
		}
	}
	_, hidden := tr.Do(sam, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X2E"}}})
	_, missing := tr.Do(sam, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"ZZZ"}}})
	if hidden == nil || missing == nil || strings.ReplaceAll(hidden.Error(), "X2E", "N") != strings.ReplaceAll(missing.Error(), "ZZZ", "N") {
		t.Errorf("a hidden organisation: %v; none: %v", hidden, missing)
	}
}

func TestEveryActOnAHiddenEntryIsAnsweredAsOnNone(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	hosts := &incident.Audience{Kind: incident.ToHosts}
	roots := []incident.Seq{tr.Must(tr.Lead, command.PostMessage{Text: "x", Audience: hosts}),
		tr.Must(tr.Lead, command.RecordDecision{Taken: decided(1).Taken, Chosen: command.Chosen{Audience: hosts}}),
		tr.Must(tr.Lead, command.ProposeDecision{Decision: "x", Chosen: command.Chosen{Audience: hosts}}),
		tr.Must(tr.Lead, command.RaiseAction{Text: "x", For: incident.Assignee{Org: "NCSC"}, Chosen: command.Chosen{Audience: hosts}})}
	before := len(tr.Events)
	for _, who := range []incident.Actor{tr.all[3], tr.all[7], {Person: "stranger"}} {
		for _, ask := range []func(incident.Seq) command.Command{
			func(n incident.Seq) command.Command { return command.CorrectMessage{Root: n, Text: "y"} },
			func(n incident.Seq) command.Command { return command.NoteEntry{Root: n} },
			func(n incident.Seq) command.Command { return command.PinEntry{Root: n} },
			func(n incident.Seq) command.Command { return command.PinEntry{Root: n, Off: true} },
			func(n incident.Seq) command.Command { return command.TightenEntry{Root: n, TLP: incident.Red} },
			func(n incident.Seq) command.Command {
				return command.WidenEntry{Root: n, TLP: incident.Clear, Reason: "y"}
			},
			func(n incident.Seq) command.Command { return command.WithholdEntry{Root: n} },
			func(n incident.Seq) command.Command { return command.RestoreEntry{Root: n} },
			func(n incident.Seq) command.Command {
				return command.UpdateReport{Root: n, Report: incident.Methane{Type: "y"}}
			},
			func(n incident.Seq) command.Command { return command.TakeDecision{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.AddToDecision{Root: n} },
			func(n incident.Seq) command.Command { return command.ConfirmDecision{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.DisputeDecision{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.ReviewDecision{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.AcceptAction{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.DeclineAction{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.FinishAction{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.HandAction{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.ChaseAction{Root: n} },
			func(n incident.Seq) command.Command { return command.WithdrawAction{Root: n, Seen: n} },
			func(n incident.Seq) command.Command { return command.RemoveMember{Root: n} },
			func(n incident.Seq) command.Command { return command.GrantHistory{Root: n, Start: 1} },
		} {
			_, b := tr.Do(who, ask(9999))
			for _, hidden := range roots {
				_, a := tr.Do(who, ask(hidden))
				if a == nil || b == nil || a.Error() != b.Error() {
					t.Errorf("%T by %q: hidden %v; missing %v", ask(1), who.Name, a, b)
				}
			}
		}
	}
	if len(tr.Events) != before {
		t.Error("a refusal stored something")
	}
}

func TestNewRulesStopEveryoneUntilTheyAcceptThem(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam := tr.all[3]
	tr.Must(tr.Lead, command.SetRules{Lines: [5]string{"a", "b", "c", "d", "e"}})
	tr.Must(tr.Lead, command.PostMessage{Text: "whoever writes them accepts them"})
	_, err := tr.Do(sam, command.PostMessage{Text: "x"})
	fault(t, err, incident.Forbidden, "posting before accepting")
	_, err = tr.Do(sam, command.AcceptRules{Version: 1})
	fault(t, err, incident.Conflict, "accepting the old ones")
	tr.Must(sam, command.AcceptRules{Version: 2})
	tr.Must(sam, command.PostMessage{Text: "x"})
	_, err = tr.Do(sam, command.AcceptRules{Version: 2})
	fault(t, err, incident.Conflict, "accepting twice")
	noor, root := tr.Invite("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
	_, err = tr.Do(noor, command.JoinRoom{Root: root, Person: noor.Person, How: "subject", Rules: 1})
	fault(t, err, incident.Conflict, "joining on the old ones")
	tr.Must(noor, command.JoinRoom{Root: root, Person: noor.Person, How: "subject", Rules: 2})
	tr.Must(tr.all[4], command.LeaveRoom{})
}

func TestTheLifecycleGoesStepByStep(t *testing.T) {
	all := []incident.Lifecycle{incident.Open, incident.Responding, incident.Recovering, incident.StoodDown, incident.Review, incident.Closed}
	steps := map[incident.Lifecycle][]incident.Lifecycle{
		incident.Open: {incident.Responding, incident.StoodDown}, incident.Responding: {incident.Recovering, incident.StoodDown},
		incident.Recovering: {incident.Responding, incident.StoodDown}, incident.StoodDown: {incident.Responding, incident.Review}, incident.Review: {incident.Closed}}
	for _, from := range all {
		for _, to := range append(slices.Clone(all), "", "gone") {
			p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
			p.Room = p.Room.Clone()
			p.Room.Lifecycle = from
			_, err := p.Do(p.Lead, command.MoveRoom{To: to})
			switch {
			case from == incident.Closed:
				fault(t, err, incident.Conflict, fmt.Sprintf("%s to %s", from, to))
			case slices.Contains(steps[from], to):
				fault(t, err, "", fmt.Sprintf("%s to %s", from, to))
			default:
				fault(t, err, incident.Invalid, fmt.Sprintf("%s to %s", from, to))
			}
		}
	}
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	_, err := p.Do(p.Lead, command.ReopenRoom{})
	fault(t, err, incident.Conflict, "reopening what is open")
	for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
		p.Must(p.Lead, command.MoveRoom{To: to})
	}
	_, err = p.Do(p.Lead, command.PostMessage{Text: "x"})
	fault(t, err, incident.Conflict, "posting in a closed room")
	p.Must(p.Lead, command.ReopenRoom{})
	if p.Room.Section != 2 || p.Room.Lifecycle != incident.Open {
		t.Errorf("reopened as section %d, %s", p.Room.Section, p.Room.Lifecycle)
	}
	p.Must(p.Lead, command.PostMessage{Text: "x"})
	_, err = p.Do(p.Lead, command.MoveRoom{From: incident.Responding, To: incident.StoodDown})
	fault(t, err, incident.Conflict, "moving from where it no longer stands")
}

func TestARoomIsNeverLeftWithoutALead(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	_, err := p.Do(p.Lead, command.LeaveRoom{})
	fault(t, err, incident.Conflict, "the only lead leaving")
	_, err = p.Do(p.Lead, command.RemoveMember{Root: p.Member(p.Lead).Root})
	fault(t, err, incident.Conflict, "the only lead removing themselves")
	_, err = p.Do(p.Lead, command.ChangeRole{Root: p.Member(p.Lead).Root, Role: incident.Liaison})
	fault(t, err, incident.Conflict, "the only lead stepping down")
	p.Join("Dev Rao", "NCSC", incident.Deputy, incident.Full)
	p.Must(p.Lead, command.LeaveRoom{})
}

func TestAHostsRoleGoesToHostsOnly(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	for _, role := range []incident.Role{incident.Lead, incident.Deputy, incident.Liaison, incident.Loggist, incident.Comms} {
		_, err := tr.Do(tr.Lead, command.ChangeRole{Root: tr.Member(tr.all[3]).Root, Role: role})
		fault(t, err, incident.Invalid, "a guest as "+string(role))
		_, err = tr.Do(tr.Lead, command.InviteMember{KnownOrg: true, Seat: incident.Seat{Name: "N", Org: "X1N", Role: role, History: incident.Full}})
		fault(t, err, incident.Invalid, "inviting a guest as "+string(role))
	}
	_, err := tr.Do(tr.all[2], command.InviteMember{KnownOrg: true, Seat: incident.Seat{Name: "N", Org: "DSC", Role: incident.Lead, History: incident.Full}})
	fault(t, err, incident.Invalid, "a liaison inviting a lead")
}

func TestOnlyTheInvitedPersonJoinsAndOnlyOnce(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	noor, root := tr.Invite("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
	join := func(a incident.Actor, p incident.PersonID, how string) error {
		_, err := tr.Do(a, command.JoinRoom{Root: root, Person: p, How: how, Rules: 1})
		return err
	}
	fault(t, join(tr.all[3], noor.Person, "subject"), incident.NotFound, "in another's name")
	fault(t, join(noor, noor.Person, "vouched"), incident.NotFound, "vouched for by nobody")
	fault(t, join(noor, noor.Person, "password"), incident.NotFound, "tied by nothing we know")
	fault(t, join(tr.all[3], tr.all[3].Person, "subject"), incident.Conflict, "someone who is in already")
	tr.Must(noor, command.AskToJoin{Root: root, Person: noor.Person, Name: "N. Haddad", Issuer: "health"})
	other := incident.Actor{Person: incident.PersonID(incident.RandomID())}
	_, err := tr.Do(other, command.AskToJoin{Root: root, Person: other.Person, Name: "Other", Issuer: "health"})
	fault(t, err, incident.NotFound, "someone else asking once one has asked")
	fault(t, join(other, other.Person, "vouched"), incident.NotFound, "someone else once one has asked, vouched for by nobody")
	tr.Must(tr.Lead, command.VouchMember{Root: root})
	fault(t, join(noor, noor.Person, "vouched"), "", "the one vouched for")
	fault(t, join(noor, noor.Person, "vouched"), incident.NotFound, "a second time")
}

// A link was forwarded, and to whom it was forwarded came first.
func TestAskingWithAnothersInvitationKeepsThemOutOfNothing(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	noor, root := tr.Invite("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
	other := incident.Actor{Person: incident.PersonID(incident.RandomID())}
	tr.Must(other, command.AskToJoin{Root: root, Person: other.Person, Name: "Other", Issuer: "health"})
	tr.Must(noor, command.JoinRoom{Root: root, Person: noor.Person, How: "address", Rules: 1})
	if m := tr.Room.Member(noor.Person); !m.Present() || m.Root != root {
		t.Errorf("whom it was for is not in the room: %+v", m)
	}
	if m := tr.Room.Member(other.Person); m != nil {
		t.Errorf("who asked is taken for %+v", m)
	}
	_, err := tr.Do(other, command.PostMessage{Text: "As somebody I am not"})
	fault(t, err, incident.NotFound, "a message of who asked")
	_, err = tr.Do(other, command.JoinRoom{Root: root, Person: other.Person, How: "address", Rules: 1})
	fault(t, err, incident.NotFound, "who asked, once the other is in")
}

// Once a lead has said that they know who asked, it is theirs.
func TestWhoWasVouchedForKeepsTheirInvitation(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	noor, root := tr.Invite("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
	tr.Must(noor, command.AskToJoin{Root: root, Person: noor.Person, Name: "N. Haddad", Issuer: "health"})
	tr.Must(tr.Lead, command.VouchMember{Root: root})
	other := incident.Actor{Person: incident.PersonID(incident.RandomID())}
	_, err := tr.Do(other, command.JoinRoom{Root: root, Person: other.Person, How: "address", Rules: 1})
	fault(t, err, incident.NotFound, "someone else once one is vouched for")
}

// What looks other than it is, or is no text.
var badText = map[string]string{
	"a broken byte":            "a\xffb",
	"half a surrogate":         "a\xed\xa0\x80b",
	"an overlong slash":        "a\xc0\xafb",
	"a zero byte":              "a\x00b",
	"an escape":                "a\x1b[31mb",
	"a bell":                   "a\x07b",
	"a C1 control":             "a\u009bb",
	"a right-to-left override": "a\u202eb",
	"a left-to-right isolate":  "a\u2066b",
	"an Arabic letter mark":    "a\u061cb",
	"a zero-width space":       "a\u200bb",
	"a word joiner":            "a\u2060b",
	"a soft hyphen":            "a\u00adb",
	"a byte order mark":        "a\ufeffb",
	"a line separator":         "a\u2028b",
	"a private character":      "a\ue000b",
}

// asks are the commands that take text from a person, each with the longest
// text it takes.
func asks(tr *troupe, own, report incident.Seq) map[string]struct {
	most int
	line bool
	ask  func(string) command.Command
} {
	type entry = struct {
		most int
		line bool
		ask  func(string) command.Command
	}
	all := map[string]entry{
		"message":    {incident.MaxText, false, func(s string) command.Command { return command.PostMessage{Text: s} }},
		"correction": {incident.MaxText, false, func(s string) command.Command { return command.CorrectMessage{Root: own, Text: s} }},
		"title":      {120, true, func(s string) command.Command { return command.TitleRoom{Title: s} }},
		"brief": {280, true, func(s string) command.Command {
			b := command.SetBrief{Lines: incident.BriefLines{Need: s}}
			if tr.Room.Brief != nil {
				b.Seen = tr.Room.Brief.Seq
			}
			return b
		}},
		"rules": {160, true, func(s string) command.Command { return command.SetRules{Lines: [5]string{"a", "b", s, "d", "e"}} }},
		"report type": {200, true, func(s string) command.Command {
			return command.UpdateReport{Root: report, Report: incident.Methane{Type: s}}
		}},
		"report number": {2000, false, func(s string) command.Command {
			return command.UpdateReport{Root: report, Report: incident.Methane{Type: "a", Number: s}}
		}},
		"reason to widen": {500, true, func(s string) command.Command {
			return command.WidenEntry{Root: own, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: s}
		}},
		"reason to remove": {500, true, func(s string) command.Command {
			return command.RemoveMember{Root: tr.Member(tr.all[6]).Root, Reason: s}
		}},
		"name": {120, true, func(s string) command.Command {
			return command.InviteMember{KnownOrg: true, Seat: incident.Seat{Name: s, Org: "X1N", Role: incident.Representative, History: incident.Full}}
		}},
	}
	// A decision of the lead's to be said something about, and actions for
	// them: raised, and accepted.
	decision := tr.Must(tr.Lead, decided(1))
	raise := command.RaiseAction{Text: "x", For: incident.Assignee{Member: 1, Org: "DSC"}}
	raised, accepted := tr.Must(tr.Lead, raise), tr.Must(tr.Lead, raise)
	tr.Must(tr.Lead, command.AcceptAction{Root: accepted, Seen: tr.head()})
	part := func(d func(*incident.Deliberation, string)) func(string) command.Command {
		return func(s string) command.Command {
			c := command.AddToDecision{Root: decision}
			d(&c.Deliberation, s)
			return c
		}
	}
	for name, x := range map[string]entry{
		"decision":             {2000, false, func(s string) command.Command { c := decided(1); c.Decision = s; return c }},
		"rationale":            {4000, false, func(s string) command.Command { c := decided(1); c.Rationale = s; return c }},
		"proposal":             {2000, false, func(s string) command.Command { return command.ProposeDecision{Decision: s} }},
		"proposal's rationale": {4000, false, func(s string) command.Command { return command.ProposeDecision{Decision: "x", Rationale: s} }},
		"question":             {4000, false, part(func(d *incident.Deliberation, s string) { d.Question = s })},
		"risks":                {4000, false, part(func(d *incident.Deliberation, s string) { d.Risks = s })},
		"powers":               {4000, false, part(func(d *incident.Deliberation, s string) { d.Powers = s })},
		"consulted":            {4000, false, part(func(d *incident.Deliberation, s string) { d.Consulted = s })},
		"dissent":              {4000, false, part(func(d *incident.Deliberation, s string) { d.Dissent = s })},
		"expected":             {4000, false, part(func(d *incident.Deliberation, s string) { d.Expected = s })},
		"outcome":              {4000, false, part(func(d *incident.Deliberation, s string) { d.Outcome = s })},
		"option":               {2000, false, part(func(d *incident.Deliberation, s string) { d.Options = []incident.Option{{Text: s}} })},
		"option's rejection":   {1000, false, part(func(d *incident.Deliberation, s string) { d.Options = []incident.Option{{Text: "x", Rejected: s}} })},
		"finding":              {4000, false, func(s string) command.Command { return command.ReviewDecision{Root: decision, Finding: s} }},
		"reason to dispute":    {1000, false, func(s string) command.Command { return command.DisputeDecision{Root: decision, Reason: s} }},
		"action":               {2000, false, func(s string) command.Command { return command.RaiseAction{Text: s, For: raise.For} }},
		"reason to decline":    {1000, false, func(s string) command.Command { return command.DeclineAction{Root: raised, Reason: s} }},
		"evidence":             {4000, false, func(s string) command.Command { return command.FinishAction{Root: accepted, Evidence: s} }},
		"reason to hand on": {1000, false, func(s string) command.Command {
			return command.HandAction{Root: accepted, For: incident.Assignee{Org: "DSC"}, Reason: s}
		}},
		"chase":              {1000, false, func(s string) command.Command { return command.ChaseAction{Root: accepted, Text: s} }},
		"reason to withdraw": {1000, false, func(s string) command.Command { return command.WithdrawAction{Root: raised, Reason: s} }},
	} {
		all[name] = x
	}
	return all
}

func TestTextThatIsNotWhatItLooksLikeIsRefusedEverywhere(t *testing.T) {
	for name := range asks(newTroupe(t, incident.RosterNames), 0, 0) {
		t.Run(name, func(t *testing.T) {
			tr := newTroupe(t, incident.RosterNames)
			own := tr.Must(tr.Lead, command.PostMessage{Text: "mine", Audience: &incident.Audience{Kind: incident.ToHosts}})
			x := asks(tr, own, 4)[name]
			before := len(tr.Events)
			for why, text := range badText {
				_, err := tr.Do(tr.Lead, x.ask(text))
				fault(t, err, incident.Invalid, why)
			}
			_, err := tr.Do(tr.Lead, x.ask(strings.Repeat("x", x.most+1)))
			fault(t, err, incident.Invalid, "one character too many")
			_, err = tr.Do(tr.Lead, x.ask(strings.Repeat("x", 10<<20)))
			fault(t, err, incident.Invalid, "ten megabytes")
			if x.line {
				_, err = tr.Do(tr.Lead, x.ask("two\nlines"))
				fault(t, err, incident.Invalid, "two lines")
			}
			if len(tr.Events) != before {
				t.Fatal("a refusal stored something")
			}
			_, err = tr.Do(tr.Lead, x.ask(strings.Repeat("x", x.most)))
			fault(t, err, "", "the longest there may be")
		})
	}
}

func TestOrdinaryTextOfEveryKindIsTaken(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	for _, text := range []string{"<b>not HTML</b> & <script>alert(1)</script>", "```\nGET / HTTP/1.1\r\n\tHost: x\n```", "Llŷr, Żółć, 北京, العربية, עברית", "👩‍⚕️ emoji with joiners", "hxxp://evil[.]example 10[.]0.0.1"} {
		seq := p.Must(p.Lead, command.PostMessage{Text: text})
		if got := p.Events[seq].Body.(*incident.MessagePosted).Text; got != text {
			t.Errorf("%q was taken as %q", text, got)
		}
	}
	_, err := p.Do(p.Lead, command.PostMessage{Text: "from tomorrow", Occurred: p.Now.Add(24 * time.Hour)})
	fault(t, err, incident.Invalid, "a time to come")
}

func TestEveryCommandIsRefusedToAStranger(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	own := tr.Must(tr.Lead, command.PostMessage{Text: "mine"})
	var one string
	for name, x := range asks(tr, own, 4) {
		_, err := tr.Do(incident.Actor{Person: "stranger"}, x.ask("text"))
		fault(t, err, incident.NotFound, name)
		if one == "" {
			one = err.Error()
		}
		if err.Error() != one {
			t.Errorf("%s: %v, elsewhere %s", name, err, one)
		}
	}
}

func TestRefusalsNeverRepeatWhatWasAsked(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	own := tr.Must(tr.Lead, command.PostMessage{Text: "mine"})
	const canary = "6d1f0c7ab3e94d52"
	for name, x := range asks(tr, own, 4) {
		for _, text := range []string{canary + "\x00", strings.Repeat(canary, 4000)} {
			_, err := tr.Do(tr.Lead, x.ask(text))
			if err == nil {
				t.Errorf("%s took %q", name, text[:20])
			} else if strings.Contains(fmt.Sprint(err, reflect.ValueOf(err).Elem()), canary) {
				t.Errorf("%s repeats the text in its refusal", name)
			}
		}
	}
}

func TestAPersonInTheRoomStaysInItWhateverBecomesOfAnotherInvitationOfTheirs(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	noor, first := tr.Invite("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
	_, second := tr.Invite("N. Haddad", "X3F", incident.Representative, incident.FromJoin)
	for _, roots := range [][2]incident.Seq{{first, second}, {second, first}} {
		asked, joined := roots[0], roots[1]
		p := *tr.Paper
		p.Must(noor, command.AskToJoin{Root: asked, Person: noor.Person, Name: "N. Haddad", Issuer: "health"})
		p.Must(noor, command.JoinRoom{Root: joined, Person: noor.Person, How: "subject", Rules: 1})
		p.Must(p.Lead, command.WithdrawMember{Root: asked})
		if m := p.Member(noor); !m.Present() || m.Root != joined {
			t.Errorf("joined by %d, and is known by %d as %s once %d was withdrawn", joined, m.Root, m.State, asked)
		}
		again := p.Room.Clone()
		again.Reindex()
		if m := again.Member(noor.Person); m.Root != p.Member(noor).Root {
			t.Errorf("the fold from a snapshot knows them by %d, the fold from entry one by %d", m.Root, p.Member(noor).Root)
		}
	}
}

// What was on the screen is evidence of what somebody knew: it is not taken
// from somebody who names an entry that nobody can have seen.
func TestNobodyHasSeenAnEntryThatIsNotThereYet(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, sam := tr.all[0], tr.all[3]
	n := tr.Number(sam)
	first := tr.Must(lead, decided(n))
	put := tr.Must(lead, command.ProposeDecision{Decision: "Open it again"})
	asked := tr.Must(lead, command.RaiseAction{Text: "Check the firewall", For: incident.Assignee{Member: n, Org: "X1N"}})
	book := tr.Must(lead, command.OpenBook{Maker: n, Signal: "He says so"})
	given := func(c command.RecordDecision) command.Taken { return c.Taken }
	for who, asks := range map[*incident.Actor][]func(incident.Seq) command.Command{
		&lead: {
			func(s incident.Seq) command.Command {
				return command.RecordDecision{Taken: given(decided(1)), Supersedes: first, Seen: s}
			},
			func(s incident.Seq) command.Command {
				return command.TakeDecision{Root: put, Taken: given(decided(1)), Seen: s}
			},
			func(s incident.Seq) command.Command {
				return command.ReviewDecision{Root: first, Finding: "x", Seen: s}
			},
			func(s incident.Seq) command.Command { return command.WithdrawAction{Root: asked, Reason: "x", Seen: s} },
			func(s incident.Seq) command.Command { return command.CloseBook{Root: book, Seen: s} },
		},
		&sam: {
			func(s incident.Seq) command.Command { return command.ConfirmDecision{Root: first, Seen: s} },
			func(s incident.Seq) command.Command {
				return command.DisputeDecision{Root: first, Reason: "x", Seen: s}
			},
			func(s incident.Seq) command.Command { return command.AcceptAction{Root: asked, Seen: s} },
			func(s incident.Seq) command.Command { return command.DeclineAction{Root: asked, Reason: "x", Seen: s} },
			func(s incident.Seq) command.Command {
				return command.HandAction{Root: asked, For: incident.Assignee{Org: "X1N"}, Reason: "x", Seen: s}
			},
		},
	} {
		for _, ask := range asks {
			for _, seen := range []incident.Seq{tr.head() + 1, 1 << 62} {
				_, err := tr.Do(tr.fresh(*who), ask(seen))
				refusal(t, fmt.Sprintf("%T", ask(seen)), err, incident.Invalid, "no entry")
			}
		}
	}
}

// What is cited is looked up under the log's lock, before anything is judged:
// a list that is too long anyway is not looked up at all.
func TestAListOfCitationsThatIsTooLongIsNotLookedUp(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	list := make([]incident.Seq, command.MaxCites+1)
	for i := range list {
		list[i] = incident.Seq(i + 1)
	}
	about := incident.Deliberation{Relied: list}
	for _, c := range []command.Command{command.ProposeDecision{Decision: "x", Deliberation: about}, command.AddToDecision{Deliberation: about},
		command.RecordDecision{Taken: command.Taken{Deliberation: about}}, command.TakeDecision{Taken: command.Taken{Deliberation: about}}, command.FinishAction{Cites: list}} {
		if n := len(command.Cites(c)); n != 0 {
			t.Errorf("%T: %d look-ups", c, n)
		}
	}
	_, err := tr.Do(tr.Lead, command.ProposeDecision{Decision: "x", Deliberation: about})
	refusal(t, "too many", err, incident.Invalid, "At most 100")
	about.Relied = list[:command.MaxCites]
	if n := len(command.Cites(command.ProposeDecision{Deliberation: about})); n != command.MaxCites {
		t.Errorf("%d look-ups of as many as fit", n)
	}
}
