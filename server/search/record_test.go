package search

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func TestDecisionsAndActionsAreFoundByTheirWordsAndTheirKindByWhoSeesThem(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	n := h.Join(room, lead, sam, incident.Representative, incident.Full)
	do := func(who incident.Actor, c command.Command) incident.Seq {
		t.Helper()
		return h.Must(h.Do(room, who, c)).Seq
	}
	said := h.Say(room, lead, "a falcon in a message")
	about := incident.Deliberation{Question: "kestrel", Options: []incident.Option{{Text: "heron", Rejected: "plover"}}, Risks: "osprey", Powers: "merlin", Consulted: "wren",
		Dissent: "swift", Expected: "linnet", Outcome: "dunlin"}
	decision := do(lead, command.RecordDecision{Taken: command.Taken{Decision: "Falcon", Rationale: "harrier", Maker: n, Deliberation: about}})
	put := do(lead, command.ProposeDecision{Decision: "curlew", Rationale: "avocet"})
	do(lead, command.TakeDecision{Root: put, Taken: command.Taken{Decision: "sandpiper", Rationale: "godwit", Maker: 1}})
	do(lead, command.AddToDecision{Root: put, Deliberation: incident.Deliberation{Outcome: "redshank"}})
	do(lead, command.ReviewDecision{Root: put, Finding: "knot"})
	do(lead, command.DisputeDecision{Root: put, Reason: "whimbrel"})
	action := do(lead, command.RaiseAction{Text: "falcon of the trust", For: incident.Assignee{Org: "X1N"}})
	do(lead, command.ChaseAction{Root: action, Text: "pipit"})
	do(sam, command.AcceptAction{Root: action})
	do(sam, command.HandAction{Root: action, For: incident.Assignee{Member: n, Org: "X1N"}, Reason: "wagtail"})
	do(sam, command.AcceptAction{Root: action})
	do(sam, command.FinishAction{Root: action, Evidence: "stonechat"})
	no := do(lead, command.RaiseAction{Text: "whinchat", For: incident.Assignee{Org: "X1N"}})
	do(sam, command.DeclineAction{Root: no, Reason: "bullfinch"})
	back := do(lead, command.RaiseAction{Text: "chaffinch", For: incident.Assignee{Org: "X1N"}})
	do(lead, command.WithdrawAction{Root: back, Reason: "siskin"})
	hosts := &incident.Audience{Kind: incident.ToHosts}
	secret := do(lead, command.RecordDecision{Taken: command.Taken{Decision: "falcon of the hosts", Rationale: "x", Maker: 1}, Chosen: command.Chosen{Audience: hosts}})
	ours := do(lead, command.RaiseAction{Text: "falcon of ours", For: incident.Assignee{Org: "DSC"}, Chosen: command.Chosen{Audience: hosts}})
	red := do(lead, command.RecordDecision{Taken: command.Taken{Decision: "falcon for two", Rationale: "x", Maker: n},
		Chosen: command.Chosen{TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{n}}}})

	s := New(h.Journal)
	find := func(who incident.Actor, q Query) []incident.Seq {
		t.Helper()
		f, err := s.Room(t.Context(), room, who.Person, q)
		if err != nil {
			t.Fatal(err)
		}
		got := roots(f)
		slices.Sort(got)
		return got
	}
	for _, x := range []struct {
		who  incident.Actor
		q    Query
		want []incident.Seq
	}{
		{lead, Query{Text: "falcon"}, []incident.Seq{said, decision, action, secret, ours}},
		{lead, Query{Text: "falcon", Noun: "decision"}, []incident.Seq{decision, secret}},
		{lead, Query{Text: "falcon", Noun: "action"}, []incident.Seq{action, ours}},
		{sam, Query{Text: "falcon"}, []incident.Seq{said, decision, action}},
		{sam, Query{Noun: "decision"}, []incident.Seq{decision, put}},
		{sam, Query{Noun: "action"}, []incident.Seq{action, no, back}},
	} {
		if got := find(x.who, x.q); !slices.Equal(got, x.want) {
			t.Errorf("%s looks for %+v and finds %v, want %v (the RED one, %d, is searched by nobody)", x.who.Name, x.q, got, x.want, red)
		}
	}
	for word, want := range map[string]incident.Seq{"harrier": decision, "kestrel": decision, "heron": decision, "plover": decision, "osprey": decision, "merlin": decision, "wren": decision,
		"swift": decision, "linnet": decision, "dunlin": decision, "curlew": put, "avocet": put, "sandpiper": put, "godwit": put, "redshank": put, "knot": put, "whimbrel": put,
		"pipit": action, "wagtail": action, "stonechat": action, "bullfinch": no, "siskin": back} {
		if got := find(sam, Query{Text: word}); !slices.Equal(got, []incident.Seq{want}) {
			t.Errorf("%s finds %v, want %d", word, got, want)
		}
	}
	do(lead, command.WithholdEntry{Root: decision})
	if got := find(sam, Query{Text: "harrier"}); len(got) != 0 {
		t.Errorf("withheld, and found: %v", got)
	}
	if got := find(sam, Query{Noun: "decision", From: time.Now().Add(-time.Hour)}); !slices.Equal(got, []incident.Seq{put}) {
		t.Errorf("withheld, and found by its kind: %v", got)
	}
}
