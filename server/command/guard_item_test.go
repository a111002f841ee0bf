package command_test

import (
	"errors"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// Whatever free text of intelligence bears a marking: nobody writes it, a guest
// with no reason at all, and of a host the reason stands with the very entry
// that bears it, and with no other.
func TestAMarkingAnywhereInIntelligenceStopsItAndOnlyAHostsReasonLetsItIn(t *testing.T) {
	const text, reason = "UK SECRET\n\nThe actor used the update.", "Declassified this morning"
	tr := newTroupe(t, incident.RosterNames)
	sam := tr.all[3]
	of := func(who incident.Actor) incident.Seq { return tr.Must(who, command.PublishItem{Item: plainItem("x")}) }
	with := func(change func(*incident.Item)) incident.Item {
		i := plainItem("another")
		change(&i)
		return i
	}
	asked := func(by, originator incident.Actor) (root, entry incident.Seq) {
		entry = tr.Must(originator, command.PublishItem{Item: plainItem("x"), Chosen: command.Chosen{Audience: orgs(tr.Member(by).Org, tr.Member(originator).Org)}})
		return tr.Must(by, command.RequestRelease{Root: entry, Why: "for all", Audience: &incident.Audience{Kind: incident.ToRoom}}), entry
	}
	publish := func(field string, change func(*incident.Item)) bearing {
		return bearing{field: field, of: func(incident.Actor) command.Command { return command.PublishItem{Item: with(change)} }}
	}
	for name, x := range map[string]bearing{
		"title":   publish("title", func(i *incident.Item) { i.Title = "SECRET" }),
		"text":    publish("text", func(i *incident.Item) { i.Text = text }),
		"caveats": publish("caveats", func(i *incident.Item) { i.Caveats = "TOP SECRET" }),
		"a source": publish("sources.0.name", func(i *incident.Item) {
			i.Sources = []incident.Source{{Name: "UK SECRET", Reliability: "A", Credibility: "1"}}
		}),
		"a reference": publish("refs.0.name", func(i *incident.Item) { i.Refs = []incident.Reference{{Name: "UK SECRET"}} }),
		"a note":      publish("indicators.1.note", func(i *incident.Item) { i.Indicators[1].Note = "UK SECRET" }),
		"a tag":       publish("indicators.0.tags.0", func(i *incident.Item) { i.Indicators[0].Tags = []string{"UK SECRET"} }),
		"its tear-line": {"tear.text", func(incident.Actor) command.Command {
			return command.PublishItem{Item: plainItem("x"), Tear: &command.Tear{Text: text}}
		}},
		"a file's name": {"attachments", func(incident.Actor) command.Command {
			return command.PublishItem{Item: plainItem("x"), Attachments: command.Attached{aFile("SECRET.txt")}}
		}},
		"a correction": {"text", func(a incident.Actor) command.Command {
			return command.CorrectItem{Root: of(a), Item: with(func(i *incident.Item) { i.Text = text })}
		}},
		"a later one": {"text", func(a incident.Actor) command.Command {
			return command.PublishTearline{Root: of(a), Tear: command.Tear{Text: text}}
		}},
		"a sighting": {"note", func(a incident.Actor) command.Command {
			return command.MarkSighting{Root: of(a), Verdict: incident.Seen, Note: "SECRET"}
		}},
		"a recall": {"reason", func(a incident.Actor) command.Command { return command.RecallEntry{Root: of(a), Reason: "SECRET"} }},
		"a widening": {"reason", func(a incident.Actor) command.Command {
			return command.WidenEntry{Root: of(a), TLP: incident.Green, Reason: "SECRET"}
		}},
		"a question": {"why", func(a incident.Actor) command.Command {
			other := sam
			if a.Person == sam.Person {
				other = tr.Lead
			}
			return command.RequestRelease{Root: of(other), TLP: incident.Green, Why: "SECRET"}
		}},
		"an answer": {"why", func(a incident.Actor) command.Command {
			by := sam
			if a.Person == sam.Person {
				by = tr.Lead
			}
			root, entry := asked(by, a)
			return command.AnswerRelease{Root: root, Entry: entry, Grant: true, Why: "SECRET"}
		}},
	} {
		for _, try := range []struct {
			who incident.Actor
			why string
		}{{tr.Lead, ""}, {sam, ""}, {sam, reason}} {
			events, err := tr.Do(try.who, command.Overrule(x.of(try.who), try.why))
			var e *incident.Error
			if !errors.As(err, &e) || e.Code != incident.ProtectiveMarking || len(e.Fields) != 1 || e.Fields[0].Name != x.field || len(events) > 0 {
				t.Errorf("%s, by %s with reason %q: %v", name, try.who.Person, try.why, err)
			}
		}
		events, err := tr.Do(tr.Lead, command.Overrule(x.of(tr.Lead), reason))
		if err != nil {
			t.Errorf("%s: a host's reason: %v", name, err)
			continue
		}
		n := 0
		for _, e := range events {
			if e.Authority.Override == reason {
				n++
			} else if e.Authority.Override != "" {
				t.Errorf("%s: %q stands with it", name, e.Authority.Override)
			}
		}
		if n != 1 {
			t.Errorf("%s: the reason stands with %d of %d entries", name, n, len(events))
		}
	}
}

// bearing is a command that brings a marking in, as each of two people would
// give it.
type bearing struct {
	field string
	of    func(incident.Actor) command.Command
}

// What was judged where it was first said is not asked about again, of whoever
// passes it on.
func TestWhatAHostOverruledIsMergedWithoutAnotherReason(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	item := plainItem("x")
	item.Sources = []incident.Source{{Name: "UK SECRET", Reliability: "A", Credibility: "1"}}
	other := tr.MustEvents(tr.Lead, command.Overrule(command.PublishItem{Item: item}, "The name of the tool"))[0].Root
	root := tr.Must(tr.Lead, command.PublishItem{Item: plainItem("y")})
	if _, err := tr.Do(tr.Lead, command.MergeItem{Root: root, Other: other}); err != nil {
		t.Error(err)
	}
}
