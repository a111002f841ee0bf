package command_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// receivers asks for a new entry, as the room stands.
func receivers(t servertest.TB, p *servertest.Paper, who incident.Actor, ask command.AskReceivers) policy.Preflight {
	t.Helper()
	ask.Room = p.Room
	sight, err := ask.Sight(who, p.Now)
	if err != nil {
		t.Fatalf("asking who would receive it: %v", err)
	}
	return policy.Receivers(p.Room, p.Member(who), sight, p.Now)
}

func numbers(p policy.Preflight) (list []incident.MemberNo) {
	for _, r := range p.Members {
		list = append(list, r.Number)
	}
	return list
}

func code(err error) incident.Code {
	var e *incident.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

var org = func(list ...incident.OrgID) *incident.Audience {
	return &incident.Audience{Kind: incident.ToNamed, Orgs: list}
}

// stir is one step of a room's life that may let somebody see more, or less.
func stir(t *rapid.T, tr *troupe, i int) {
	who := tr.all[rapid.IntRange(3, min(5, len(tr.all)-1)).Draw(t, "whom")]
	if rapid.Bool().Draw(t, "the newest") {
		who = tr.all[len(tr.all)-1]
	}
	m := tr.Room.Member(who.Person)
	switch rapid.IntRange(0, 5).Draw(t, "step") {
	case 0:
		o := rapid.SampledFrom([]incident.OrgID{"X1N", "X2E", "X3F"}).Draw(t, "org")
		h := rapid.SampledFrom([]incident.History{incident.FromJoin, incident.Full}).Draw(t, "history")
		tr.all = append(tr.all, tr.Join(fmt.Sprintf("Guest %d", i), o, incident.Representative, h))
	case 1:
		_, _ = tr.Do(tr.Lead, command.RemoveMember{Root: m.Root})
	case 2:
		_, _ = tr.Do(tr.Lead, command.ChangeRole{Root: m.Root, Role: rapid.SampledFrom([]incident.Role{incident.Representative, incident.Observer, incident.Liaison}).Draw(t, "role")})
	case 3:
		_, _ = tr.Do(tr.Lead, command.GrantHistory{Root: m.Root, Start: 1})
	case 4:
		if !m.Present() && m.Person != "" { // back under another number
			_, root := tr.Invite(who.Name, m.Org, m.Role, incident.FromJoin)
			_, _ = tr.Do(who, command.JoinRoom{Root: root, Person: who.Person, How: "subject", Rules: tr.Room.Rules.Version})
		}
	case 5:
		_, _ = tr.Do(tr.Lead, command.PostMessage{Text: "on we go"})
	}
}

// What a host is shown is who receives it, to the person; and it is refused
// exactly if somebody receives it who did not when it was shown.
func TestWhatIsShownBeforeSendingIsWhoReceivesItAndOnlyAGainIsRefused(t *testing.T) {
	gained, passed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		tr := newTroupe(t, incident.RosterNames)
		old := tr.Must(tr.Lead, command.PostMessage{Text: "for the NCSC", Audience: org("NCSC")})
		for i := range rapid.IntRange(0, 6).Draw(t, "before") {
			stir(t, tr, i)
		}
		audience := drawAudience(t, tr)
		if audience != nil {
			audience.Members = slices.DeleteFunc(audience.Members, func(n incident.MemberNo) bool { return !tr.Room.Numbered(n).Present() })
			audience.Orgs = slices.DeleteFunc(audience.Orgs, func(o incident.OrgID) bool { // whom nobody is there for cannot be named
				return !slices.Contains(tr.Room.Hosts, o) && !slices.ContainsFunc(tr.Room.Members, func(m *incident.Member) bool { return m.Org == o && m.Present() })
			})
			if audience.Kind == incident.ToNamed && len(audience.Members)+len(audience.Orgs) == 0 {
				audience = nil
			}
		}
		widening := rapid.Bool().Draw(t, "widening")
		ask, cmd := command.AskReceivers{Audience: audience}, command.Command(nil)
		if widening {
			audience = &incident.Audience{Kind: incident.ToRoom}
			sight := tr.Sight(old)
			ask = command.AskReceivers{Audience: audience, Entry: &sight}
		}
		before := receivers(t, tr.Paper, tr.Lead, ask)
		people := func(p policy.Preflight) (list []incident.PersonID) {
			for _, r := range p.Members {
				list = append(list, tr.Room.Numbered(r.Number).Person)
			}
			return list
		}
		had, shown := people(before), tr.Room.Head
		for i := range rapid.IntRange(0, 4).Draw(t, "meanwhile") {
			stir(t, tr, 100+i)
		}
		if folded := rapid.Bool().Draw(t, "from a snapshot"); folded {
			b, err := json.Marshal(tr.Room)
			if err != nil {
				t.Fatal(err)
			}
			room := incident.NewRoom(tr.Room.ID)
			if err := json.Unmarshal(b, room); err != nil {
				t.Fatal(err)
			}
			room.Reindex()
			tr.Room = room
		}
		if again := ask; true {
			again.Room = tr.Room
			if _, err := again.Sight(tr.Lead, tr.Now); err != nil {
				return // whom it names is gone: refused by itself
			}
		}
		now := receivers(t, tr.Paper, tr.Lead, ask)
		more := slices.ContainsFunc(people(now), func(p incident.PersonID) bool { return !slices.Contains(had, p) })
		if widening {
			cmd = command.WidenEntry{Root: old, Audience: audience, Reason: "they need it", Shown: shown}
		} else {
			cmd = command.PostMessage{Text: "now", Audience: audience, Shown: shown}
		}
		events, err := tr.Do(tr.Lead, cmd)
		if (code(err) == incident.Gained) != more || err != nil && code(err) == "" {
			t.Fatalf("had %v at %d, now %v: %v", had, shown, people(now), err)
		}
		if more {
			gained++
			if len(events) > 0 {
				t.Fatal("something was stored")
			}
			if widening {
				cmd = command.WidenEntry{Root: old, Audience: audience, Reason: "they need it", Shown: tr.Room.Head}
			} else {
				cmd = command.PostMessage{Text: "now", Audience: audience, Shown: tr.Room.Head}
			}
			if events, err = tr.Do(tr.Lead, cmd); err != nil {
				t.Fatalf("sent again: %v", err)
			}
		} else {
			passed++
		}
		root := events[0].Root
		var got []incident.MemberNo
		for _, m := range tr.Room.Members {
			if policy.May(tr.Room, m, tr.Sight(root)) {
				got = append(got, m.Number)
			}
		}
		slices.Sort(got)
		if want := numbers(now); !slices.Equal(got, want) {
			t.Fatalf("received by %v, shown %v", got, want)
		}
	})
	if gained < 3 || passed < 3 {
		t.Errorf("%d refused, %d not: the histories say too little", gained, passed)
	}
}

func TestOnlySomebodyWhoSeesMoreIsAGain(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam, old := tr.all[3], tr.Must(tr.Lead, command.PostMessage{Text: "for the NCSC", Audience: org("NCSC")})
	noor := tr.Join("Noor Haddad", "X1N", incident.Representative, incident.FromJoin)
	to, shown := org("X1N"), tr.Room.Head
	send := func(why string, c command.Command, want incident.Code) {
		t.Helper()
		if _, err := tr.Do(tr.Lead, c); code(err) != want || err != nil && want == "" {
			t.Errorf("%s: %v, want %q", why, err, want)
		}
	}
	post := func() command.Command { return command.PostMessage{Text: "x", Audience: to, Shown: shown} }
	widen := func() command.Command {
		return command.WidenEntry{Root: old, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "they need it", Shown: shown}
	}
	tr.Must(tr.Lead, command.ChangeRole{Root: tr.Member(noor).Root, Role: incident.Observer})
	send("another role", post(), "")
	tr.Must(tr.Lead, command.RemoveMember{Root: tr.Member(sam).Root})
	send("somebody is gone", post(), "")
	_, root := tr.Invite(sam.Name, "X1N", incident.Representative, incident.FromJoin)
	tr.Must(sam, command.JoinRoom{Root: root, Person: sam.Person, How: "subject", Rules: tr.Room.Rules.Version})
	send("the same person is back", post(), "")
	tr.Must(tr.Lead, command.GrantHistory{Root: tr.Member(noor).Root, Start: old})
	send("earlier entries were granted, and this is a new one", post(), "")
	send("earlier entries were granted, and this is one of them", widen(), incident.Gained)
	shown = tr.Room.Head
	send("nothing happened since", widen(), "")
	tr.Join("Pat Reed", "X1N", incident.Representative, incident.FromJoin)
	send("somebody joined", post(), incident.Gained)
	shown = tr.Room.Head + 1
	if _, err := tr.Do(tr.Lead, post()); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("shown what is not there yet: %v", err)
	}
}

func TestWhoCameInSinceIsNamedAsFarAsOneMayKnow(t *testing.T) {
	for roster, want := range map[incident.Roster]string{incident.RosterNames: "Noor Haddad of ", incident.RosterOrganisations: "somebody of ", incident.RosterHosts: ""} {
		tr := newTroupe(t, roster)
		sam, shown := tr.all[3], tr.Room.Head
		tr.Join("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
		everyone := &incident.Audience{Kind: incident.ToRoom}
		_, err := tr.Do(sam, command.PostMessage{Text: "to all", Audience: everyone, Shown: shown})
		if want == "" {
			if err != nil {
				t.Errorf("%s: a guest was told that somebody hidden came in: %v", roster, err)
			}
			continue
		}
		if code(err) != incident.Gained || !strings.Contains(err.Error(), want) || roster != incident.RosterNames && strings.Contains(err.Error(), "Noor") {
			t.Errorf("%s: %v, want %q in it", roster, err, want)
		}
		if _, err := tr.Do(sam, command.PostMessage{Text: "to all", Audience: everyone, Shown: tr.Room.Head}); err != nil {
			t.Errorf("%s: sent again: %v", roster, err)
		}
	}
}

// Two rooms that differ in a guest whom the roster hides tell another guest
// the same, whatever they ask.
func TestAGuestIsToldTheSameWhetherThereIsAHiddenGuestOrNot(t *testing.T) {
	type answer struct {
		P   policy.Preflight
		Err string
	}
	ask := func(hidden bool) (answers []answer) {
		p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterHosts)
		sam := p.Join("Sam Okafor", "X1N", incident.Representative, incident.FromJoin)
		m := p.Number(sam)
		if hidden {
			p.Join("Noor Haddad", "X3F", incident.Representative, incident.FromJoin)
		} else {
			p.Must(p.Lead, command.PostMessage{Text: "a", Audience: &incident.Audience{Kind: incident.ToHosts}})
			p.Must(p.Lead, command.PostMessage{Text: "b", Audience: &incident.Audience{Kind: incident.ToHosts}})
		}
		for _, a := range []*incident.Audience{nil, {Kind: incident.ToRoom}, {Kind: incident.ToHosts}, named(m), named(1), named(m + 1), named(99), org("X1N"), org("X3F"), org("ZZZ"), org("DSC", "X1N")} {
			for _, tlp := range []incident.TLP{"", incident.Red} {
				c := command.AskReceivers{Room: p.Room, TLP: tlp, Audience: a}
				sight, err := c.Sight(sam, p.Now)
				got := answer{}
				if err != nil {
					got.Err = strings.ReplaceAll(err.Error(), "M-99", "M-3")
				} else {
					got.P = policy.Receivers(p.Room, p.Member(sam), sight, p.Now)
				}
				answers = append(answers, got)
			}
		}
		return answers
	}
	with, without := ask(true), ask(false)
	for i := range with {
		if !reflect.DeepEqual(with[i], without[i]) {
			t.Errorf("question %d: with a hidden guest %+v, without %+v", i, with[i], without[i])
		}
	}
	if !with[0].P.Unnamed || len(with[0].P.Members) != 2 {
		t.Errorf("to the room: %+v", with[0].P)
	}
}

func named(list ...incident.MemberNo) *incident.Audience {
	return &incident.Audience{Kind: incident.ToNamed, Members: list}
}

func TestNewJoinersSuppliersAndWholeOrganisationsAreMarked(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)
	a := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: "Vic Stone", Orgs: []incident.OrgID{"SUP"}}
	root := p.Must(p.Lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(),
		Seat: incident.Seat{Name: a.Name, Org: "SUP", OrgName: "Medisoft", OrgType: incident.Supplier, Role: incident.Representative, History: incident.FromJoin}})
	p.Now = p.Now.Add(policy.NewlyJoined)
	p.Must(a, command.JoinRoom{Root: root, Person: a.Person, How: "subject", Rules: p.Room.Rules.Version})
	got := receivers(t, p, p.Lead, command.AskReceivers{Audience: org("SUP", "X1N")})
	for _, r := range got.Members {
		vic := r.Name == "Vic Stone"
		if r.Supplier != vic || r.New != vic {
			t.Errorf("%+v", r)
		}
	}
	if len(got.Organisations) != 3 || !slices.ContainsFunc(got.Organisations, func(o policy.ReceivingOrg) bool {
		return o == policy.ReceivingOrg{Org: "SUP", Name: "Medisoft", Supplier: true, People: 1, Whole: true}
	}) {
		t.Errorf("%+v", got.Organisations)
	}
	p.Now = p.Now.Add(policy.NewlyJoined)
	if got := receivers(t, p, p.Lead, command.AskReceivers{}); slices.ContainsFunc(got.Members, func(r policy.Receiver) bool { return r.New }) {
		t.Errorf("ten minutes later: %+v", got.Members)
	}
	parent := p.Sight(p.Must(p.Lead, command.PostMessage{Text: "for the supplier", Audience: org("SUP")}))
	p.Must(a, command.LeaveRoom{})
	got = receivers(t, p, p.Lead, command.AskReceivers{ReplyTo: &parent})
	if !slices.ContainsFunc(got.Organisations, func(o policy.ReceivingOrg) bool { return o.Org == "SUP" && o.People == 0 && o.Whole }) {
		t.Errorf("an organisation nobody is here for: %+v", got.Organisations)
	}
}

func TestNobodyIsNewInASectionThatTookThemOver(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	sam := p.Join("Sam Okafor", "X1N", incident.Representative, incident.FromJoin)
	next := incident.NewRoom(incident.LogID(incident.RandomID()))
	next.Reindex()
	now := incident.At(p.Now)
	for i, body := range []incident.Body{
		&incident.RoomOpened{Hosts: p.Room.Hosts, Mode: p.Room.Mode, Roster: p.Room.Roster, TLP: p.Room.TLP},
		&incident.MemberJoined{How: "continued", Number: 1, Person: p.Lead.Person, Seat: p.Member(p.Lead).Seat},
		&incident.MemberJoined{How: "continued", Number: 2, Person: sam.Person, Seat: p.Member(sam).Seat},
	} {
		n := incident.Seq(i + 1)
		next.Apply(&incident.Event{Seq: n, Root: n, Kind: incident.KindOf(body), Times: incident.Times{Recorded: now}, Body: body})
	}
	got := policy.Receivers(next, next.Member(p.Lead.Person), incident.Sight{Root: 9, Kind: "message.posted", Audience: incident.Audience{Kind: incident.ToRoom}}, p.Now)
	if len(got.Members) != 2 || got.Members[1].New {
		t.Errorf("%+v", got.Members)
	}
	if m := next.Member(sam.Person); m.Gained != 3 || m.AsOf(2) != nil || m.AsOf(3) == nil {
		t.Errorf("in the new section: %+v", m)
	}
}

func TestAMembershipRemembersHowItStood(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	early := p.Must(p.Lead, command.PostMessage{Text: "before Sam"})
	sam := p.Join("Sam Okafor", "NCSC", incident.Liaison, incident.FromJoin)
	joined := p.Room.Head
	roles := []incident.Role{incident.Observer, incident.Liaison}
	at := map[incident.Seq]incident.Role{joined: incident.Liaison}
	for i := range 20 {
		p.Must(p.Lead, command.ChangeRole{Root: p.Member(sam).Root, Role: roles[i%2]})
		at[p.Room.Head] = roles[i%2]
	}
	m := p.Member(sam)
	if len(m.Was) != incident.MaxStood || m.AsOf(joined-1) != nil {
		t.Errorf("keeps %d, before joining %+v", len(m.Was), m.AsOf(joined-1))
	}
	known := 0
	for n, role := range at {
		if was := m.AsOf(n); was != nil {
			known++
			if was.Role != role {
				t.Errorf("at %d %s, was %s", n, was.Role, role)
			}
		}
	}
	if known != incident.MaxStood {
		t.Errorf("knows %d of the latest, want %d", known, incident.MaxStood)
	}
	shown := p.Room.Head
	p.Must(p.Lead, command.GrantHistory{Root: m.Root, Start: early})
	if was := p.Member(sam).AsOf(shown); was == nil || was.Start != joined {
		t.Errorf("before the grant: %+v", was)
	}
}

func TestAProtectiveMarkingStopsEveryTextAndAHostMayOverruleItWithAReason(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam, text := tr.all[3], "UK SECRET\n\nThe actor used the update."
	post := tr.Must(sam, command.PostMessage{Text: "hello"})
	hosts := tr.Must(tr.Lead, command.PostMessage{Text: "hello"})
	for name, x := range map[string]struct {
		who   incident.Actor
		c     command.Command
		field string
	}{
		"a message":     {sam, command.PostMessage{Text: text}, "text"},
		"a correction":  {sam, command.CorrectMessage{Root: post, Text: text}, "text"},
		"a host's":      {tr.Lead, command.CorrectMessage{Root: hosts, Text: text}, "text"},
		"a brief":       {tr.Lead, command.SetBrief{Lines: incident.BriefLines{Happened: "SECRET"}}, "lines.happened"},
		"a title":       {tr.Lead, command.TitleRoom{Title: "TOP SECRET"}, "title"},
		"a report":      {tr.Lead, command.UpdateReport{Root: 4, Report: incident.Methane{Type: "Ransomware", Exact: text}}, "methane.exact"},
		"an action":     {sam, command.RaiseAction{Text: text, For: incident.Assignee{Org: "X1N"}, Due: incident.At(tr.Now.Add(time.Hour))}, "text"},
		"a rule":        {tr.Lead, command.SetRules{Lines: [5]string{"SECRET", "b", "c", "d", "e"}}, "lines.0"},
		"a widening":    {sam, command.WidenEntry{Root: post, TLP: incident.Green, Reason: "SECRET"}, "reason"},
		"why a removal": {tr.Lead, command.RemoveMember{Root: tr.Room.Member(sam.Person).Root, Reason: "SECRET"}, "text"},
	} {
		for _, reason := range []string{"", "It is the exercise's"} {
			if reason != "" && name != "a message" {
				continue // what a host may is below
			}
			events, err := tr.Do(x.who, command.Overrule(x.c, reason))
			var e *incident.Error
			if !errors.As(err, &e) || e.Code != incident.ProtectiveMarking || e.Fault != incident.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != x.field || len(events) > 0 {
				t.Errorf("%s with reason %q: %v", name, reason, err)
			}
			if err != nil && strings.Contains(err.Error(), "update") {
				t.Errorf("%s: the refusal holds content: %v", name, err)
			}
		}
	}
	events, err := tr.Do(tr.Lead, command.Overrule(command.PostMessage{Text: text}, "Declassified this morning"))
	if err != nil || events[0].Authority.Override != "Declassified this morning" {
		t.Fatalf("a host overrules it: %v", err)
	}
	if events, err = tr.Do(tr.Lead, command.Overrule(command.PostMessage{Text: "nothing of the sort"}, "just in case")); err != nil || events[0].Authority.Override != "" {
		t.Errorf("a reason that was not needed: %v, %+v", err, events)
	}
	if _, err = tr.Do(tr.Lead, command.Overrule(command.PostMessage{Text: text}, "two\nlines")); incident.FaultOf(err) != incident.Invalid || code(err) != "" {
		t.Errorf("a reason on two lines: %v", err)
	}
	a, b := command.PostMessage{Text: text}, command.Overrule(command.PostMessage{Text: text}, "x")
	if string(command.Bytes(a)) == string(command.Bytes(b)) || string(command.Bytes(b)) == string(command.Bytes(command.Overrule(a, "y"))) {
		t.Error("the same bytes with and without a reason")
	}
}
