package command_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

func plainItem(title string) incident.Item {
	return incident.Item{Title: title, Text: "what was seen", Indicators: []incident.Indicator{{Kind: incident.Domain, Value: "a.example"}, {Kind: incident.IPv4, Value: "192.0.2.7"}}}
}

func refused(t *testing.T, tr *troupe, who incident.Actor, c command.Command, want incident.Fault, why string) {
	t.Helper()
	if events, err := tr.Do(who, c); incident.FaultOf(err) != want || err == nil {
		t.Errorf("%s: %v %v, want %s", why, events, err, want)
	}
}

func orgs(list ...incident.OrgID) *incident.Audience {
	return &incident.Audience{Kind: incident.ToNamed, Orgs: list}
}

func members(list ...incident.MemberNo) *incident.Audience {
	return &incident.Audience{Kind: incident.ToNamed, Members: list}
}

func TestAnItemThatNamesNoSourceIsItsOriginatorsOwnAndUngraded(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	n := tr.Must(tr.all[2], command.PublishItem{Item: plainItem("x")})
	o := tr.Objects[n]
	if got := o.Item().Sources; len(got) != 1 || got[0] != (incident.Source{Reliability: "F", Credibility: "6"}) {
		t.Errorf("its sources: %+v", got)
	}
	if o.Marking.TLP != tr.Room.TLP || o.Marking.Audience.Kind != incident.ToRoom || o.Marking.Originator != "NCSC" || o.Marking.Recorded {
		t.Errorf("by default it is %+v", o.Marking)
	}
	for why, change := range map[string]func(*incident.Item){
		"no title":            func(i *incident.Item) { i.Title = " " },
		"a title of lines":    func(i *incident.Item) { i.Title = "a\nb" },
		"nothing said":        func(i *incident.Item) { i.Text, i.Indicators = "", nil },
		"a text too long":     func(i *incident.Item) { i.Text = strings.Repeat("x", incident.MaxItemText+1) },
		"a hidden direction":  func(i *incident.Item) { i.Text = "evil\u202etxt.exe" },
		"no such kind":        func(i *incident.Item) { i.Indicators[0].Kind = "spell" },
		"a value of lines":    func(i *incident.Item) { i.Indicators[0].Value = "a\nb" },
		"no such reliability": func(i *incident.Item) { i.Sources = []incident.Source{{Reliability: "G", Credibility: "1"}} },
		"no such credibility": func(i *incident.Item) { i.Sources = []incident.Source{{Reliability: "A", Credibility: "0"}} },
		"too many":            func(i *incident.Item) { i.Indicators = make([]incident.Indicator, incident.MaxIndicators+1) },
		"a year too far":      func(i *incident.Item) { i.Expires = incident.At(tr.Now.AddDate(900, 0, 0)) },
		"received tomorrow": func(i *incident.Item) {
			i.Sources = []incident.Source{{Reliability: "A", Credibility: "1", Received: incident.At(tr.Now.AddDate(0, 0, 1))}}
		},
	} {
		item := plainItem("x")
		change(&item)
		refused(t, tr, tr.all[2], command.PublishItem{Item: item}, incident.Invalid, why)
	}
	refused(t, tr, tr.all[6], command.PublishItem{Item: plainItem("x")}, incident.Forbidden, "an observer's")
}

func TestATearLineHasALabelAndReadersOfItsOwn(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	events, err := tr.Do(tr.all[2], command.PublishItem{Item: plainItem("x"), Chosen: command.Chosen{TLP: incident.Red, Audience: members(1)},
		Tear: &command.Tear{Text: "ask us", Chosen: command.Chosen{TLP: incident.Green}}})
	if err != nil || len(events) != 2 {
		t.Fatal(events, err)
	}
	tear := tr.Objects[events[1].Seq]
	if b := tear.Body.(*incident.TearlinePublished); b.Item != events[0].Seq || tear.Marking.TLP != incident.Green || tear.Marking.Audience.Kind != incident.ToRoom {
		t.Errorf("the tear-line: %+v %+v", b, tear.Marking)
	}
	later := tr.Must(tr.all[2], command.PublishTearline{Root: events[0].Seq, Tear: command.Tear{Text: "more"}})
	if tr.Objects[later].Marking.TLP != tr.Room.TLP {
		t.Errorf("one given later: %+v", tr.Objects[later].Marking)
	}
	refused(t, tr, tr.Lead, command.PublishTearline{Root: events[0].Seq, Tear: command.Tear{Text: "mine"}}, incident.Forbidden, "another host's")
	refused(t, tr, tr.all[3], command.PublishTearline{Root: events[0].Seq, Tear: command.Tear{Text: "mine"}}, incident.NotFound, "somebody's who does not receive the item")
}

func TestCorrectingIsItsOriginatorsAndKeepsWhatWasSaid(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	n := tr.Must(tr.all[2], command.PublishItem{Item: plainItem("x")})
	refused(t, tr, tr.Lead, command.CorrectItem{Root: n, Item: plainItem("y")}, incident.Forbidden, "the other host's")
	refused(t, tr, tr.all[1], command.CorrectItem{Root: n, Item: *tr.Objects[n].Item()}, incident.Invalid, "the same again")
	tr.Must(tr.all[1], command.CorrectItem{Root: n, Item: plainItem("y")}) // a colleague's
	if tr.Objects[n].Item().Title != "y" {
		t.Error("it says what it said")
	}
	tr.Must(tr.all[1], command.RecallEntry{Root: n, Reason: "wrong"})
	refused(t, tr, tr.all[1], command.CorrectItem{Root: n, Item: plainItem("z")}, incident.Conflict, "of what was recalled")
}

func TestMergingKeepsBothSourcesAndTellsNobodyMoreThanTheyRead(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	host := tr.all[2]
	item := func(source string, c command.Chosen) incident.Seq {
		i := plainItem(source)
		i.Sources = []incident.Source{{Reliability: "B", Credibility: "2", Name: source}}
		return tr.Must(host, command.PublishItem{Item: i, Chosen: c})
	}
	a, b := item("a", command.Chosen{}), item("b", command.Chosen{})
	late := tr.Join("Noor Haddad", "X4S", incident.Representative, incident.FromJoin)
	c := item("c", command.Chosen{})
	few := item("few", command.Chosen{Audience: orgs("X1N")})
	refused(t, tr, tr.Lead, command.MergeItem{Root: a, Other: b}, incident.Forbidden, "the other host's")
	refused(t, tr, host, command.MergeItem{Root: a, Other: few}, incident.Invalid, "into what more people read")
	refused(t, tr, host, command.MergeItem{Root: c, Other: b}, incident.Invalid, "into what a later joiner reads too")
	if policy.May(tr.Room, tr.Member(late), tr.Objects[b].Sight()) {
		t.Fatal("the later joiner reads what was before them")
	}
	theirs := tr.Must(tr.all[3], command.PublishItem{Item: plainItem("theirs")})
	refused(t, tr, host, command.MergeItem{Root: a, Other: theirs}, incident.Forbidden, "of another originator")
	secret := tr.Must(host, command.PublishItem{Item: plainItem("h"), Chosen: command.Chosen{Audience: orgs("DSC", "NCSC")}})
	_, hidden := tr.Do(tr.all[3], command.MergeItem{Root: theirs, Other: secret})
	_, missing := tr.Do(tr.all[3], command.MergeItem{Root: theirs, Other: 99_999})
	if hidden == nil || missing == nil || strings.ReplaceAll(hidden.Error(), fmt.Sprint("Entry ", secret), "") != strings.ReplaceAll(missing.Error(), "Entry 99999", "") {
		t.Errorf("what is hidden: %v; what is missing: %v", hidden, missing)
	}
	tr.Must(host, command.MergeItem{Root: a, Other: b})
	var names []string
	for _, s := range tr.Objects[a].Item().Sources {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, []string{"a", "b"}) || tr.Objects[b].Absorbed != a {
		t.Errorf("sources %v, the other went to %d", names, tr.Objects[b].Absorbed)
	}
	refused(t, tr, host, command.MergeItem{Root: a, Other: b}, incident.Conflict, "twice")
	refused(t, tr, host, command.CorrectItem{Root: b, Item: plainItem("z")}, incident.Conflict, "of what was merged")
}

func TestASightingGoesToWhoReadsTheItemOrToTheHostsItsOriginatorAndOnesOwn(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam, ellis := tr.all[3], tr.all[5]
	zero, two := 0, 2
	n := tr.Must(sam, command.PublishItem{Item: plainItem("x")}) // a guest's, to the room
	all := tr.Must(ellis, command.MarkSighting{Root: n, Verdict: incident.Seen, Indicator: &zero, Note: "one screen"})
	if a := tr.Objects[all].Marking; a.Audience.Kind != incident.ToRoom || a.Originator != "X2E" {
		t.Errorf("to all: %+v", a)
	}
	few := tr.Must(ellis, command.MarkSighting{Root: n, Verdict: incident.Mitigated, HostsOnly: true})
	if a := tr.Objects[few].Marking.Audience; !slices.Equal(a.Orgs, []incident.OrgID{"DSC", "NCSC", "X1N", "X2E"}) {
		t.Errorf("to the hosts: %+v", a)
	}
	refused(t, tr, ellis, command.MarkSighting{Root: n, Verdict: incident.Seen, Indicator: &two}, incident.Invalid, "of no indicator")
	refused(t, tr, ellis, command.MarkSighting{Root: n, Verdict: "maybe"}, incident.Invalid, "no verdict")
	refused(t, tr, tr.all[6], command.MarkSighting{Root: n, Verdict: incident.Seen}, incident.Forbidden, "an observer's")
	// Of a sealed item: not RED itself, to the people named, and nothing that tells of it.
	red := tr.Must(sam, command.PublishItem{Item: plainItem("x"), Chosen: command.Chosen{TLP: incident.Red, Audience: members(1, tr.Number(ellis))}})
	mark := tr.Must(ellis, command.MarkSighting{Root: red, Verdict: incident.NotSeen, Indicator: &two})
	if m := tr.Objects[mark].Marking; m.TLP != incident.AmberStrict || !slices.Equal(m.Audience.Members, []incident.MemberNo{1, tr.Number(sam), tr.Number(ellis)}) {
		t.Errorf("of RED: %+v", m)
	}
	refused(t, tr, ellis, command.MarkSighting{Root: red, Verdict: incident.Seen, Note: "the address is"}, incident.Invalid, "a note about RED")
	refused(t, tr, tr.all[4], command.MarkSighting{Root: red, Verdict: incident.Seen}, incident.NotFound, "of what they do not receive")
}

func TestWhereGuestsAreNotToldOfOneAnotherASightingTellsTheHosts(t *testing.T) {
	tr := newTroupe(t, incident.RosterHosts)
	sam, ellis := tr.all[3], tr.all[5]
	n := tr.Must(sam, command.PublishItem{Item: plainItem("x")})
	few := tr.Must(ellis, command.MarkSighting{Root: n, Verdict: incident.Seen, HostsOnly: true})
	if policy.May(tr.Room, tr.Member(sam), tr.Objects[few].Sight()) {
		t.Error("the originator learns who else is here")
	}
	if !policy.May(tr.Room, tr.Member(tr.Lead), tr.Objects[few].Sight()) || !policy.May(tr.Room, tr.Member(ellis), tr.Objects[few].Sight()) {
		t.Error("the hosts do not read it, or its author")
	}
	refused(t, tr, ellis, command.RequestRelease{Root: n, Why: "w", TLP: incident.Green}, incident.Forbidden, "to ask would tell who is here")
}

func TestARecallLeavesItWithTheOriginatorsOwnWhoHadIt(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam := tr.all[3]
	for why, x := range map[string]struct {
		to   *incident.Audience
		tlp  incident.TLP
		want []incident.MemberNo
	}{
		"to the room":        {nil, incident.Amber, []incident.MemberNo{4, 5}},
		"to the hosts":       {&incident.Audience{Kind: incident.ToHosts}, incident.Amber, []incident.MemberNo{4}},
		"to organisations":   {orgs("X1N", "X2E"), incident.Amber, []incident.MemberNo{4, 5}},
		"to people, not Kim": {members(1, 6), incident.Amber, []incident.MemberNo{4}},
		"RED":                {members(1, 5, 6), incident.Red, []incident.MemberNo{4, 5}},
	} {
		n := tr.Must(sam, command.PostMessage{Text: "x", TLP: x.tlp, Audience: x.to})
		want := incident.Forbidden
		if why == "to organisations" { // the lead is not among them
			want = incident.NotFound
		}
		refused(t, tr, tr.Lead, command.RecallEntry{Root: n, Reason: "r"}, want, "by a lead of another organisation, "+why)
		tr.Must(sam, command.RecallEntry{Root: n, Reason: "r"})
		if got := tr.reach(n); !slices.Equal(got, x.want) {
			t.Errorf("%s: it is left with %v, want %v", why, got, x.want)
		}
		for act, c := range map[string]command.Command{"recall": command.RecallEntry{Root: n, Reason: "r"}, "widen": command.WidenEntry{Root: n, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "r"},
			"tighten": command.TightenEntry{Root: n, Audience: members(4)}, "correct": command.CorrectMessage{Root: n, Text: "y"}, "release": command.RequestRelease{Root: n, Why: "w", TLP: incident.Clear}} {
			refused(t, tr, sam, c, incident.Conflict, act+" after it, "+why)
		}
	}
	d := tr.Must(tr.Lead, command.RecordDecision{Taken: command.Taken{Decision: "d", Rationale: "r", Maker: 1}})
	refused(t, tr, tr.Lead, command.RecallEntry{Root: d, Reason: "r"}, incident.Forbidden, "of a decision")
}

func TestWhatCitesWhatWasRecalledSaysSoAndNotWhoDidIt(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam := tr.all[3]
	n := tr.Must(sam, command.PublishItem{Item: plainItem("x")})
	fix := tr.Must(sam, command.CorrectItem{Root: n, Item: plainItem("y")})
	d := tr.Must(tr.Lead, command.RecordDecision{Taken: command.Taken{Decision: "d", Rationale: "r", Maker: 1, Deliberation: incident.Deliberation{Relied: []incident.Seq{n, fix}}}})
	other := tr.Must(tr.Lead, command.RecordDecision{Taken: command.Taken{Decision: "d", Rationale: "r", Maker: 1}})
	events, err := tr.Do(sam, command.RecallEntry{Root: n, Reason: "r"})
	if err != nil || len(events) != 3 {
		t.Fatal(events, err)
	}
	var entries []incident.Seq
	for _, e := range events[1:] {
		b, ok := e.Body.(*incident.DecisionShaken)
		if !ok || e.Root != d || e.By != (incident.By{}) || e.Marking != nil {
			t.Fatalf("%+v", e)
		}
		entries = append(entries, b.Entry)
	}
	if !slices.Equal(entries, []incident.Seq{n, fix}) {
		t.Errorf("it names %v; %d cites nothing", entries, other)
	}
}

func TestAReleaseIsAskedOfItsOriginatorAndGrantedInOneBreath(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam, ellis, orla := tr.all[3], tr.all[5], tr.all[6]
	n := tr.Must(sam, command.PublishItem{Item: plainItem("x"), Recorded: true, Chosen: command.Chosen{TLP: incident.AmberStrict, Audience: orgs("X1N", "X3F")}})
	refused(t, tr, ellis, command.RequestRelease{Root: n, Why: "w", TLP: incident.Green}, incident.NotFound, "of what they do not receive")
	refused(t, tr, orla, command.RequestRelease{Root: n, Why: "w"}, incident.Invalid, "for nothing")
	refused(t, tr, orla, command.RequestRelease{Root: n, Why: "w", TLP: incident.Red}, incident.Invalid, "a higher label")
	refused(t, tr, orla, command.RequestRelease{Root: n, Why: "w", Audience: members(99)}, incident.Invalid, "for nobody")
	ask := tr.Must(orla, command.RequestRelease{Root: n, Why: "our supplier needs it", TLP: incident.Amber, Audience: orgs("X2E")})
	if got := tr.reach(ask); !slices.Equal(got, []incident.MemberNo{4, 5, tr.Number(orla)}) {
		t.Errorf("the request is read by %v", got)
	}
	refused(t, tr, orla, command.AnswerRelease{Root: ask, Entry: n, Grant: true}, incident.Forbidden, "by who asked")
	refused(t, tr, tr.Lead, command.AnswerRelease{Root: ask, Entry: n, Grant: true}, incident.NotFound, "by who may not know of it")
	refused(t, tr, sam, command.AnswerRelease{Root: ask, Entry: tr.Must(sam, command.PostMessage{Text: "another"}), Grant: true}, incident.NotFound, "about another entry")
	refused(t, tr, sam, command.AnswerRelease{Root: ask, Entry: n, TLP: incident.Clear}, incident.Invalid, "a refusal that gives")
	off := false
	events, err := tr.Do(sam, command.AnswerRelease{Root: ask, Entry: n, Grant: true, Why: "only them", Recorded: &off})
	if err != nil || len(events) != 2 || events[0].Root != ask || events[1].Root != n {
		t.Fatal(events, err)
	}
	m := tr.Objects[n].Marking
	if m.TLP != incident.Amber || m.Recorded || !slices.Equal(m.Audience.Orgs, []incident.OrgID{"X1N", "X2E", "X3F"}) {
		t.Errorf("granted, it is %+v", m)
	}
	if b := events[1].Body.(*incident.AudienceWidened); strings.Contains(b.Reason, "supplier") || strings.Contains(b.Reason, "only them") {
		t.Errorf("its readers are told why somebody asked: %q", b.Reason)
	}
	refused(t, tr, sam, command.AnswerRelease{Root: ask, Entry: n}, incident.Conflict, "twice")
}

func TestAQuoteIsOfWhatItsAuthorMaySeeAndCopiesNothing(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam, ellis := tr.all[3], tr.all[5]
	few := tr.Must(sam, command.PostMessage{Text: "secret words", Audience: orgs("X1N")})
	quote := []incident.Quote{{Entry: few, From: 0, To: 6}}
	n := tr.Must(sam, command.PostMessage{Text: "see", Quotes: quote})
	if e := tr.Events[n]; !slices.Equal(e.Refs.Quotes, quote) {
		t.Errorf("%+v", e.Refs)
	}
	values, err := tr.Events[n].Encode()
	if err != nil || strings.Contains(string(slices.Concat(values[:]...)), "secret") {
		t.Error("the words went with the quote")
	}
	_, hidden := tr.Do(ellis, command.PostMessage{Text: "see", Quotes: quote})
	_, missing := tr.Do(ellis, command.PostMessage{Text: "see", Quotes: []incident.Quote{{Entry: 999, From: 0, To: 6}}})
	if hidden == nil || missing == nil || strings.ReplaceAll(hidden.Error(), "Entry "+fmt.Sprint(few), "") != strings.ReplaceAll(missing.Error(), "Entry 999", "") {
		t.Errorf("what is hidden: %v; what is missing: %v", hidden, missing)
	}
	for _, q := range []incident.Quote{{Entry: few, From: 3, To: 3}, {Entry: few, From: -1, To: 3}, {Entry: few, From: 0, To: 1 << 30}} {
		refused(t, tr, sam, command.PostMessage{Text: "see", Quotes: []incident.Quote{q}}, incident.Invalid, "no words")
	}
	refused(t, tr, sam, command.PostMessage{Text: "see", Quotes: slices.Repeat(quote, 11)}, incident.Invalid, "too many")
}

func TestAReplyToWhatIsRecordedIsRecordedToo(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	n := tr.Must(tr.all[2], command.PublishItem{Item: plainItem("x"), Recorded: true})
	if m := tr.Objects[tr.Must(tr.all[3], command.PostMessage{Text: "the address is ours", ReplyTo: n})].Marking; !m.Recorded {
		t.Errorf("%+v", m)
	}
	msg := tr.Must(tr.all[2], command.PostMessage{Text: "x"})
	on := true
	tr.Must(tr.Lead, command.TightenEntry{Root: msg, Recorded: &on})
	refused(t, tr, tr.Lead, command.RecordDecision{Taken: command.Taken{Decision: "d", Rationale: "r", Maker: 1}, From: msg}, incident.Invalid, "a decision made of what is recorded")
	d := tr.Must(tr.Lead, command.RecordDecision{Taken: command.Taken{Decision: "d", Rationale: "r", Maker: 1}})
	refused(t, tr, tr.Lead, command.TightenEntry{Root: d, Recorded: &on}, incident.Invalid, "openings of a decision")
}
