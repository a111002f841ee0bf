package command_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// troupe is a room of hosts and guests, all of them in it from the start.
type troupe struct {
	*servertest.Paper
	all []incident.Actor // M-1 first
}

func newTroupe(t servertest.TB, roster incident.Roster) *troupe {
	p := servertest.NewPaper(t, incident.ModeIncident, roster)
	tr := &troupe{Paper: p, all: []incident.Actor{p.Lead}}
	for _, x := range []struct {
		name string
		org  incident.OrgID
		role incident.Role
	}{
		{"Dev Rao", "NCSC", incident.Deputy}, {"Rowan Ash", "NCSC", incident.Liaison},
		{"Sam Okafor", "X1N", incident.Representative}, {"Kim Doyle", "X1N", incident.Representative},
		{"Ellis Byrne", "X2E", incident.Representative}, {"Orla Quinn", "X3F", incident.Observer}, {"Ada Voss", "AUD", incident.Auditor},
	} {
		tr.all = append(tr.all, p.Join(x.name, x.org, x.role, incident.Full))
	}
	return tr
}

// reach is who of the room may see the entry, by number.
func (tr *troupe) reach(root incident.Seq) (list []incident.MemberNo) {
	a := tr.Sight(root).Audience
	for _, m := range tr.Room.Members {
		if m.Present() && a.Includes(m) {
			list = append(list, m.Number)
		}
	}
	return list
}

func subset(a, b []incident.MemberNo) bool {
	return !slices.ContainsFunc(a, func(n incident.MemberNo) bool { return !slices.Contains(b, n) })
}

var tlps = []incident.TLP{"", incident.Clear, incident.Green, incident.Amber, incident.AmberStrict, incident.Red}

func drawAudience(t *rapid.T, tr *troupe) *incident.Audience {
	switch rapid.IntRange(0, 4).Draw(t, "audience") {
	case 0:
		return nil
	case 1:
		return &incident.Audience{Kind: incident.ToRoom}
	case 2:
		return &incident.Audience{Kind: incident.ToHosts}
	case 3:
		return &incident.Audience{Kind: incident.ToNamed, Orgs: rapid.SliceOfN(rapid.SampledFrom([]incident.OrgID{"DSC", "NCSC", "X1N", "X2E", "X3F"}), 1, 3).Draw(t, "orgs")}
	}
	var numbers []incident.MemberNo
	for _, i := range rapid.SliceOfN(rapid.IntRange(1, len(tr.all)), 1, 4).Draw(t, "members") {
		numbers = append(numbers, incident.MemberNo(i))
	}
	return &incident.Audience{Kind: incident.ToNamed, Members: numbers}
}

func drawAct(t *rapid.T, tr *troupe, root incident.Seq) command.Command {
	switch rapid.IntRange(0, 7).Draw(t, "act") {
	case 0, 1:
		return command.TightenEntry{Root: root, TLP: rapid.SampledFrom(tlps).Draw(t, "tlp"), Audience: drawAudience(t, tr)}
	case 2:
		return command.WidenEntry{Root: root, TLP: rapid.SampledFrom(tlps).Draw(t, "tlp"), Audience: drawAudience(t, tr), Reason: "because"}
	case 3:
		return command.WithholdEntry{Root: root}
	case 4:
		return command.RestoreEntry{Root: root}
	case 5:
		return command.PinEntry{Root: root, Off: rapid.Bool().Draw(t, "off")}
	case 6:
		return command.NoteEntry{Root: root}
	}
	return command.CorrectMessage{Root: root, Text: fmt.Sprint("corrected ", rapid.IntRange(0, 9).Draw(t, "text"))}
}

func TestNoSequenceOfActsByOthersLowersALabelOrWidensItsReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := newTroupe(t, incident.RosterNames)
		author := tr.all[rapid.IntRange(0, 5).Draw(t, "author")]
		post := command.PostMessage{Text: "the item", TLP: rapid.SampledFrom(tlps[:5]).Draw(t, "label"), Audience: drawAudience(t, tr)}
		if events, err := tr.Do(author, post); err != nil {
			t.Skip(err, events)
		}
		root := incident.Seq(len(tr.Events) - 1)
		origin := tr.Sight(root).Org
		rank, reach := tr.Sight(root).TLP.Rank(), tr.reach(root)
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			who := tr.all[rapid.IntRange(0, len(tr.all)-1).Draw(t, "who")]
			act := drawAct(t, tr, root)
			before, was := tr.reach(root), tr.Sight(root)
			events, err := tr.Do(who, act)
			if err != nil {
				continue
			}
			now := tr.Sight(root)
			if now.Org != origin {
				t.Fatalf("%T changed the originator to %s", act, now.Org)
			}
			if _, widen := act.(command.WidenEntry); widen {
				if tr.Member(who).Org != origin {
					t.Fatalf("%s of %s widened an item of %s", who.Name, tr.Member(who).Org, origin)
				}
				if now.TLP.Rank() > was.TLP.Rank() || !subset(before, tr.reach(root)) {
					t.Fatalf("widening took %s to %s and %v to %v", was.TLP, now.TLP, before, tr.reach(root))
				}
				rank, reach = now.TLP.Rank(), tr.reach(root)
				continue
			}
			if now.TLP.Rank() < rank {
				t.Fatalf("%T by %s lowered the label to %s", act, who.Name, now.TLP)
			}
			if !subset(tr.reach(root), reach) {
				t.Fatalf("%T by %s widened the reach from %v to %v", act, who.Name, reach, tr.reach(root))
			}
			if _, restore := act.(command.RestoreEntry); !restore && !subset(tr.reach(root), before) {
				t.Fatalf("%T by %s let %v see what %v saw", act, who.Name, tr.reach(root), before)
			}
			if _, tighten := act.(command.TightenEntry); tighten {
				rank, reach = now.TLP.Rank(), tr.reach(root) // what was narrowed stays so
			}
			_ = events
		}
	})
}

func TestRestoringGivesBackTheMarkingByteForByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := newTroupe(t, incident.RosterNames)
		author := tr.all[rapid.IntRange(0, 5).Draw(t, "author")]
		if _, err := tr.Do(author, command.PostMessage{Text: "the item", TLP: rapid.SampledFrom(tlps).Draw(t, "label"), PAP: incident.PAPAmber, Caveat: incident.OfficialSensitive, Audience: drawAudience(t, tr)}); err != nil {
			t.Skip(err)
		}
		root := incident.Seq(len(tr.Events) - 1)
		before := tr.Objects[root].Marking
		if _, err := tr.Do(tr.Lead, command.WithholdEntry{Root: root}); err != nil {
			t.Skip(err)
		}
		withheld := tr.reach(root)
		for _, n := range withheld {
			if !tr.Room.Numbered(n).Host {
				t.Fatalf("a withheld entry is seen by M-%d, who is no host", n)
			}
			if !before.Audience.Includes(tr.Room.Numbered(n)) {
				t.Fatalf("withholding let M-%d see it", n)
			}
		}
		// Nobody changes it while it is withheld.
		for _, act := range []command.Command{command.WithholdEntry{Root: root}, command.TightenEntry{Root: root, TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}}} {
			if _, err := tr.Do(tr.Lead, act); err == nil {
				t.Fatalf("%T went through on a withheld entry", act)
			}
		}
		tr.Must(tr.Lead, command.RestoreEntry{Root: root})
		after := tr.Objects[root].Marking
		if after.TLP != before.TLP || !after.Audience.Equal(before.Audience) || after.PAP != before.PAP || after.Caveat != before.Caveat || after.Originator != before.Originator {
			t.Fatalf("restored to %+v, was %+v", after, before)
		}
	})
}

func TestAReplyGoesToWhoReadsItsParent(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev, sam, kim := tr.all[0], tr.all[1], tr.all[3], tr.all[4]
	red := tr.Must(lead, command.PostMessage{Text: "x", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{tr.Number(sam), tr.Number(dev)}}})
	reply := tr.Must(sam, command.PostMessage{Text: "y", ReplyTo: red})
	if s := tr.Sight(reply); s.TLP != incident.Red || !s.Audience.Equal(tr.Sight(red).Audience) {
		t.Fatalf("a reply to RED went to %+v, its parent to %+v", s, tr.Sight(red))
	}
	hosts := tr.Must(sam, command.PostMessage{Text: "x", TLP: incident.Amber, Audience: &incident.Audience{Kind: incident.ToHosts}})
	if got := tr.reach(hosts); !slices.Equal(got, []incident.MemberNo{1, 2, 3, tr.Number(sam)}) {
		t.Fatalf("a guest's word to the hosts reaches %v", got)
	}
	if got := tr.reach(tr.Must(dev, command.PostMessage{Text: "y", ReplyTo: hosts})); !slices.Equal(got, []incident.MemberNo{1, 2, 3, tr.Number(sam)}) {
		t.Fatalf("the reply to it reaches %v", got)
	}
	_, err := tr.Do(kim, command.PostMessage{Text: "y", ReplyTo: red})
	_, none := tr.Do(kim, command.PostMessage{Text: "y", ReplyTo: 9999})
	if err == nil || none == nil || err.Error() != none.Error() {
		t.Fatalf("a reply to what is hidden: %v; to what is not there: %v", err, none)
	}
}

func TestAReplyAndATighteningStandThoughOneOfTheReadersHasLeft(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev, sam := tr.all[0], tr.all[1], tr.all[3]
	few := tr.Must(lead, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{tr.Number(sam), tr.Number(dev)}}})
	tr.Must(dev, command.LeaveRoom{})
	if _, err := tr.Do(sam, command.PostMessage{Text: "y", ReplyTo: few}); err != nil {
		t.Errorf("the reply: %v", err)
	}
	if _, err := tr.Do(lead, command.TightenEntry{Root: few, TLP: incident.Red}); err != nil {
		t.Errorf("raising the label: %v", err)
	}
}
