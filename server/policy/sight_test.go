package policy_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

func sees(t *testing.T, p *servertest.Paper, who incident.Actor, root incident.Seq, want policy.Form, why string) {
	t.Helper()
	if got := policy.Sees(p.Room, p.Member(who), p.Sight(root)); got != want {
		t.Errorf("%s: %s sees form %d, want %d", why, who.Name, got, want)
	}
}

type cast struct {
	*servertest.Paper
	host, sam, kim, ellis, auditor incident.Actor
}

func room(t *testing.T, roster incident.Roster) cast {
	p := servertest.NewPaper(t, incident.ModeIncident, roster)
	return cast{p,
		p.Join("Rowan Ash", "NCSC", incident.Liaison, incident.Full),
		p.Join("Sam Okafor", "X1N", incident.Representative, incident.FromJoin),
		p.Join("Kim Doyle", "X1N", incident.Representative, incident.FromJoin),
		p.Join("Ellis Byrne", "X2E", incident.Representative, incident.FromJoin),
		p.Join("Ada Voss", "AUD", incident.Auditor, incident.Full)}
}

func named(list ...incident.MemberNo) *incident.Audience {
	return &incident.Audience{Kind: incident.ToNamed, Members: list}
}

func TestAnEntryToTheRoomIsSeenByEveryMemberWhoseHistoryReachesIt(t *testing.T) {
	c := room(t, incident.RosterNames)
	before := c.Must(c.Lead, command.PostMessage{Text: "before Noor"})
	noor := c.Join("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
	full := c.Join("Finn Marsh", "X4S", incident.Representative, incident.Full)
	after := c.Must(c.Lead, command.PostMessage{Text: "after Noor"})
	sees(t, c.Paper, c.sam, before, policy.Open, "present when it was said")
	sees(t, c.Paper, noor, before, policy.Stub, "joined later, from_join")
	sees(t, c.Paper, noor, after, policy.Open, "said after joining")
	sees(t, c.Paper, full, before, policy.Open, "joined later, full history")
	c.Must(c.Lead, command.GrantHistory{Root: c.Member(noor).Root, Start: before})
	sees(t, c.Paper, noor, before, policy.Open, "after a grant")
	sees(t, c.Paper, noor, 4, policy.Stub, "the grant goes no further back")
}

func TestStandingKindsAreSeenWhateverTheHistoryStart(t *testing.T) {
	c := room(t, incident.RosterNames)
	brief := c.Must(c.Lead, command.SetBrief{Lines: incident.BriefLines{Happened: "Ransom note on 40 screens"}})
	report := incident.Seq(4)
	noor := c.Join("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
	sees(t, c.Paper, noor, brief, policy.Open, "the brief")
	sees(t, c.Paper, noor, 1, policy.Open, "the room's opening")
	sees(t, c.Paper, noor, 3, policy.Open, "the handling rules")
	sees(t, c.Paper, noor, 2, policy.Open, "the lead's membership")
	sees(t, c.Paper, noor, report, policy.Stub, "the opening report is no standing kind")
}

func TestOnlyMembersNowSeeAnything(t *testing.T) {
	c := room(t, incident.RosterNames)
	said := c.Must(c.sam, command.PostMessage{Text: "mine"})
	invited, _ := c.Invite("Noor Haddad", "X3F", incident.Representative, incident.Full)
	for _, root := range []incident.Seq{1, 2, 3, 4, said} {
		sees(t, c.Paper, invited, root, policy.Stub, "invited, not joined")
	}
	c.Must(c.Lead, command.RemoveMember{Root: c.Member(c.sam).Root})
	for _, root := range []incident.Seq{1, 2, 3, 4, said} {
		sees(t, c.Paper, c.sam, root, policy.Stub, "removed, also from what they wrote")
	}
	c.Must(c.kim, command.LeaveRoom{})
	sees(t, c.Paper, c.kim, 1, policy.Stub, "left")
	if policy.Receipts(c.Room, c.Member(c.sam), c.Sight(said)) {
		t.Error("a removed member may know who opened an entry")
	}
}

func TestALabelDoesNotDecideWhoReceivesAndTheAudienceDoes(t *testing.T) {
	c := room(t, incident.RosterNames)
	for _, tlp := range []incident.TLP{incident.Clear, incident.Green, incident.Amber, incident.AmberStrict} {
		all := c.Must(c.Lead, command.PostMessage{Text: "x", TLP: tlp})
		sees(t, c.Paper, c.ellis, all, policy.Open, string(tlp)+" to the room")
		few := c.Must(c.Lead, command.PostMessage{Text: "x", TLP: tlp, Audience: named(c.Number(c.sam))})
		sees(t, c.Paper, c.sam, few, policy.Open, string(tlp)+" to Sam")
		sees(t, c.Paper, c.kim, few, policy.Stub, string(tlp)+" to Sam, who is of the same organisation")
		sees(t, c.Paper, c.host, few, policy.Stub, string(tlp)+" to Sam, and a host is not Sam")
		sees(t, c.Paper, c.auditor, few, policy.Stub, string(tlp)+" to Sam, and an auditor is not Sam")
		sees(t, c.Paper, c.Lead, few, policy.Open, "its author")
	}
}

func TestRedIsAnEnvelopeToThoseNamedAndAStubToAllOthers(t *testing.T) {
	c := room(t, incident.RosterNames)
	red := c.Must(c.Lead, command.PostMessage{Text: "x", TLP: incident.Red, Audience: named(c.Number(c.sam))})
	sees(t, c.Paper, c.sam, red, policy.Envelope, "named")
	sees(t, c.Paper, c.Lead, red, policy.Envelope, "its author")
	for _, who := range []incident.Actor{c.kim, c.ellis, c.host, c.auditor} {
		sees(t, c.Paper, who, red, policy.Stub, "not named")
	}
	for _, a := range []incident.Audience{{Kind: incident.ToRoom}, {Kind: incident.ToHosts}, {Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}} {
		if _, err := c.Do(c.Lead, command.PostMessage{Text: "x", TLP: incident.Red, Audience: &a}); incident.FaultOf(err) != incident.Invalid {
			t.Errorf("RED to %s was answered %v; its readers are named people", a.Kind, err)
		}
	}
	later := c.Join("Noor Haddad", "X1N", incident.Representative, incident.Full)
	sees(t, c.Paper, later, red, policy.Stub, "a later joiner with full history")
}

func TestAnOrganisationsAudienceTakesInItsLaterJoiners(t *testing.T) {
	c := room(t, incident.RosterNames)
	to := c.Must(c.Lead, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}})
	sees(t, c.Paper, c.kim, to, policy.Open, "of the organisation")
	sees(t, c.Paper, c.ellis, to, policy.Stub, "of another")
	late := c.Join("Noor Haddad", "X1N", incident.Representative, incident.Full)
	sees(t, c.Paper, late, to, policy.Open, "joined later, full history")
	fromNow := c.Join("Tess Hale", "X1N", incident.Representative, incident.FromJoin)
	sees(t, c.Paper, fromNow, to, policy.Stub, "joined later, from_join")
}

func TestWhatIsSeenFollowsTheAudienceAtTheHead(t *testing.T) {
	c := room(t, incident.RosterNames)
	said := c.Must(c.sam, command.PostMessage{Text: "x"})
	c.Must(c.Lead, command.WithholdEntry{Root: said})
	sees(t, c.Paper, c.ellis, said, policy.Stub, "withheld")
	sees(t, c.Paper, c.sam, said, policy.Stub, "withheld, from its author too")
	sees(t, c.Paper, c.host, said, policy.Open, "withheld from all but hosts")
	c.Must(c.Lead, command.RestoreEntry{Root: said})
	sees(t, c.Paper, c.ellis, said, policy.Open, "restored")
	c.Must(c.sam, command.TightenEntry{Root: said, Audience: named(c.Number(c.kim))})
	sees(t, c.Paper, c.ellis, said, policy.Stub, "narrowed")
	sees(t, c.Paper, c.host, said, policy.Stub, "narrowed, past a host")
	c.Must(c.sam, command.WidenEntry{Root: said, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "it is in the press"})
	sees(t, c.Paper, c.ellis, said, policy.Open, "widened by its originator")
}

func TestEverythingAboutARootIsSeenAsTheRootIs(t *testing.T) {
	c := room(t, incident.RosterNames)
	root := c.Must(c.sam, command.PostMessage{Text: "x", Audience: named(c.Number(c.kim), 1)})
	for _, cmd := range []struct {
		who incident.Actor
		c   command.Command
	}{{c.sam, command.CorrectMessage{Root: root, Text: "y"}}, {c.kim, command.NoteEntry{Root: root}}, {c.Lead, command.PinEntry{Root: root}}} {
		at := c.Must(cmd.who, cmd.c)
		e := c.Events[at]
		if e.Root != root {
			t.Fatalf("%s began an object of its own", e.Kind)
		}
	}
	var snap struct{ Pins []struct{ Root incident.Seq } }
	for who, want := range map[*incident.Actor]int{&c.kim: 1, &c.ellis: 0} {
		b, _ := policy.Snap(c.Room, c.Member(*who)).MarshalJSON()
		if json.Unmarshal(b, &snap); len(snap.Pins) != want {
			t.Errorf("%s has %d pins in the snapshot, want %d", who.Name, len(snap.Pins), want)
		}
		snap.Pins = nil
	}
}

func TestARostersRuleIsForGuestsAboutOtherGuests(t *testing.T) {
	for roster, want := range map[incident.Roster]policy.Form{
		incident.RosterNames: policy.Open, incident.RosterOrganisations: policy.Envelope, incident.RosterHosts: policy.Stub} {
		t.Run(string(roster), func(t *testing.T) {
			c := room(t, roster)
			for _, x := range []struct {
				viewer, of incident.Actor
				want       policy.Form
			}{
				{c.sam, c.ellis, want}, {c.ellis, c.sam, want},
				{c.sam, c.sam, policy.Open}, {c.sam, c.kim, policy.Open}, {c.sam, c.Lead, policy.Open}, {c.sam, c.host, policy.Open},
				{c.Lead, c.sam, policy.Open}, {c.host, c.ellis, policy.Open}, {c.auditor, c.sam, policy.Open}, {c.sam, c.auditor, want},
			} {
				if got := policy.SeesMember(c.Room, c.Member(x.viewer), c.Member(x.of)); got != x.want {
					t.Errorf("%s of %s: form %d, want %d", x.viewer.Name, x.of.Name, got, x.want)
				}
			}
			snap, _ := policy.Snap(c.Room, c.Member(c.sam)).MarshalJSON()
			for name, shown := range map[string]bool{"Ellis Byrne": want == policy.Open, "Eastmere": want == policy.Open, `"X2E"`: want != policy.Stub,
				"Kim Doyle": true, "Rowan Ash": true, "Ada Voss": want == policy.Open} {
				if bytes.Contains(snap, []byte(name)) != shown {
					t.Errorf("%s in Sam's snapshot: %v, want %v", name, !shown, shown)
				}
			}
		})
	}
}

func TestAMembershipIsSeenInOneFormFromBeginningToEnd(t *testing.T) {
	for roster, want := range map[incident.Roster]policy.Form{
		incident.RosterNames: policy.Open, incident.RosterOrganisations: policy.Envelope, incident.RosterHosts: policy.Stub} {
		c := room(t, roster)
		root := c.Must(c.sam, command.ProposeMember{Name: "Noor Haddad", Invitation: incident.RandomID()})
		noor := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: "Noor Haddad"}
		for _, step := range []struct {
			who incident.Actor
			c   command.Command
		}{{c.Lead, command.AdmitMember{Root: root}}, {noor, command.AskToJoin{Root: root, Person: noor.Person, Name: "N", Issuer: "health"}},
			{c.Lead, command.VouchMember{Root: root}}, {noor, command.JoinRoom{Root: root, Person: noor.Person, How: "vouched", Rules: 1}},
			{c.Lead, command.RemoveMember{Root: root}}} {
			sees(t, c.Paper, c.ellis, root, want, string(roster)+": another guest")
			sees(t, c.Paper, c.kim, root, policy.Open, string(roster)+": their own organisation's")
			sees(t, c.Paper, c.host, root, policy.Open, string(roster)+": a host")
			c.Must(step.who, step.c)
		}
		sees(t, c.Paper, c.ellis, root, want, string(roster)+": another guest, at the end")
	}
}

func TestReceiptsAreForTheOriginatorAuditorsAndLeadsInTheAudience(t *testing.T) {
	c := room(t, incident.RosterNames)
	red := c.Must(c.sam, command.PostMessage{Text: "x", TLP: incident.Red, Audience: named(c.Number(c.Lead), c.Number(c.ellis), c.Number(c.auditor), c.Number(c.host))})
	for who, want := range map[*incident.Actor]bool{&c.sam: true, &c.Lead: true, &c.auditor: true, &c.ellis: false, &c.host: false, &c.kim: true} {
		if got := policy.Receipts(c.Room, c.Member(*who), c.Sight(red)); got != want {
			t.Errorf("%s may know who opened it: %v, want %v", who.Name, got, want)
		}
	}
	// The originator's organisation and an auditor know it of what they do not receive; a lead does not.
	apart := c.Must(c.sam, command.PostMessage{Text: "x", TLP: incident.Red, Audience: named(c.Number(c.ellis))})
	for who, want := range map[*incident.Actor]bool{&c.sam: true, &c.auditor: true, &c.Lead: false, &c.ellis: false, &c.host: false} {
		if got := policy.Receipts(c.Room, c.Member(*who), c.Sight(apart)); got != want {
			t.Errorf("%s may know who opened what is not for them: %v, want %v", who.Name, got, want)
		}
	}
}

func TestAFormShowsItsSlotsAndNothingElse(t *testing.T) {
	c := room(t, incident.RosterNames)
	seq := c.Must(c.sam, command.PostMessage{Text: "the body \"quoted\" \\ and ≠ ASCII", Mentions: []incident.MemberNo{1}, ReplyTo: 1})
	values, err := c.Events[seq].Encode()
	if err != nil {
		t.Fatal(err)
	}
	whole := &evidence.Whole{Seq: uint64(seq), Seed: evidence.NewSeed(), Values: evidence.Values(values)}
	origin := evidence.OriginOf("test")
	entry := evidence.Entry{Seq: uint64(seq), Leaf: evidence.AppendLeaf(nil, origin, uint64(seq), whole.Seed, &whole.Values), Opening: whole}
	forms := policy.AllForms(entry)
	for form, shown := range map[policy.Form]int{policy.Stub: 0, policy.Envelope: 4, policy.Open: 8} {
		b := forms[form].AppendJSON(nil)
		var parsed map[string]json.RawMessage
		if err := json.Unmarshal(b, &parsed); err != nil {
			t.Fatalf("form %d is no JSON: %v\n%s", form, err, b)
		}
		seed, _ := json.Marshal(whole.Seed[:])
		if has := bytes.Contains(b, bytes.Trim(seed, `"`)); has != (form == policy.Open) {
			t.Errorf("form %d holds the seed: %v", form, has)
		}
		for i, v := range values {
			if len(v) < 3 {
				continue
			}
			quoted, _ := json.Marshal(string(v))
			quoted = bytes.ReplaceAll(quoted, []byte(`\u003c`), []byte("<"))
			if has := bytes.Contains(b, quoted); has != (i < shown) {
				t.Errorf("form %d shows slot %d: %v", form, i, has)
			}
		}
		if form != policy.Open && forms[form].Event() != nil {
			t.Errorf("form %d decodes", form)
		}
		if s := forms[form].String(); bytes.Contains([]byte(s), []byte("body")) {
			t.Errorf("form %d prints its content", form)
		}
	}
	entry.Opening = nil
	for form, seen := range policy.AllForms(entry) {
		if seen.Form() != policy.Stub {
			t.Errorf("form %d of an entry without an opening is %d", form, seen.Form())
		}
	}
	if _, ok := policy.Opened(c.Room, c.Member(c.sam), c.Sight(seq), entry); ok {
		t.Error("what the database kept back was opened")
	}
}
