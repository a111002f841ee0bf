package command_test

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type standing struct {
	org   incident.OrgID
	scale incident.Scale
}

// Over random histories, whoever does what: the operating severity is the
// greatest standing one within its scale, and an assessment comes down only
// when somebody asked and somebody else agreed.
func TestTheOperatingSeverityIsTheGreatestStandingOneWhateverHappened(t *testing.T) {
	var lowered, refused, raced int
	rapid.Check(t, func(rt *rapid.T) {
		s := newSevere(rt)
		s.Room = s.Room.Clone() // both hosts on both scales, so that assessments of a scale are several
		s.Room.Assessors = nil
		for _, o := range []incident.OrgID{"DSC", "NCSC"} {
			for _, scale := range incident.Scales {
				s.Room.Assessors = append(s.Room.Assessors, incident.Assessor{Org: o, Scale: scale})
			}
		}
		for _, top := range []incident.Actor{s.deputy, s.ncscLead} {
			s.Must(s.Lead, command.SetTier{Root: s.Member(top).Root, Tier: incident.Strategic})
		}
		people := []incident.Actor{s.Lead, s.deputy, s.liaison, s.ncscLead, s.ncscLiaison, s.sam}
		stands := map[standing]int{} // what counts; none: absent
		asked := map[standing]struct {
			grade int
			by    incident.PersonID
		}{}
		for range rapid.IntRange(10, 60).Draw(rt, "steps") {
			who := rapid.SampledFrom(people).Draw(rt, "who")
			org := s.Member(who).Org
			scale := rapid.SampledFrom(incident.Scales).Draw(rt, "scale")
			g := incident.Grade{At: rapid.SampledFrom([]int{1, 2, 3, 4, 5, 0}).Draw(rt, "at")}
			if rapid.IntRange(0, 2).Draw(rt, "unsure") == 0 {
				g.Or = g.At + rapid.SampledFrom([]int{-1, 1}).Draw(rt, "or")
			}
			k := standing{org, scale}
			var root incident.Seq
			if n := len(s.Room.Assessments); n > 0 {
				a := s.Room.Assessments[rapid.IntRange(0, n-1).Draw(rt, "which")]
				root = a.Root
				for _, a := range s.Room.Assessments { // one that waits for an answer, most of the time
					if a.Lowering != nil && rapid.IntRange(0, 3).Draw(rt, "waiting") > 0 {
						root = a.Root
					}
				}
			}
			seen := s.head()
			if rapid.IntRange(0, 5).Draw(rt, "stale") == 0 {
				seen = incident.Seq(rapid.IntRange(1, int(seen)).Draw(rt, "seen"))
			}
			var err error
			switch rapid.IntRange(0, 7).Draw(rt, "act") {
			case 0, 1:
				if _, err = s.Do(who, command.AssessSeverity{Scale: scale, Grade: g, Reason: "x", Seen: seen}); err == nil {
					if was, ok := stands[k]; ok && (scale == incident.NHSLevel && g.Counts(scale) < was || scale == incident.NCSCCategory && g.Counts(scale) > was) {
						rt.Fatalf("%s lowered %s from %d to %+v alone", org, scale, was, g)
					}
					stands[k] = g.Counts(scale)
					delete(asked, k)
				}
			case 2, 3:
				if rapid.Bool().Draw(rt, "mildest") {
					g = incident.Grade{At: map[incident.Scale]int{incident.NHSLevel: 1, incident.NCSCCategory: 6}[scale]}
				}
				c := command.AskLowering{Scale: scale, Grade: &g, Reason: "x", Seen: seen}
				if rapid.IntRange(0, 3).Draw(rt, "withdraw") == 0 {
					c.Grade = nil
				}
				if _, err = s.Do(who, c); err == nil {
					q := asked[k]
					if q.by != "" {
						rt.Fatal("asked while a question was open")
					}
					q.by = who.Person
					if c.Grade != nil {
						q.grade = g.Counts(scale)
					}
					asked[k] = q
				}
			case 4, 5:
				a := s.Room.AssessmentRoot(root)
				if _, err = s.Do(s.stepped(who), command.AgreeLowering{Root: root, Seen: seen}); err == nil {
					k = standing{a.Org, a.Scale}
					q, open := asked[k]
					if !open || q.by == who.Person {
						rt.Fatalf("agreed to what nobody else asked: %+v", q)
					}
					if delete(stands, k); q.grade != 0 {
						stands[k] = q.grade
					}
					delete(asked, k)
					lowered++
				}
			case 6:
				a := s.Room.AssessmentRoot(root)
				if _, err = s.Do(who, command.RefuseLowering{Root: root, Seen: seen}); err == nil {
					delete(asked, standing{a.Org, a.Scale})
				}
			default:
				a := s.Room.AssessmentRoot(root)
				if _, err = s.Do(who, command.DropLowering{Root: root, Seen: seen}); err == nil {
					if a.Org != org {
						rt.Fatalf("%s took back what %s asked", org, a.Org)
					}
					delete(asked, standing{a.Org, a.Scale})
				}
			}
			if err != nil {
				refused++
				if errors.Is(err, incident.Conflict) {
					raced++
				}
			}
			// The same room read back from a snapshot of its fold says the same.
			b, _ := json.Marshal(s.Room)
			again := incident.NewRoom(s.Room.ID)
			if err := json.Unmarshal(b, again); err != nil {
				rt.Fatal(err)
			}
			for _, room := range []*incident.Room{s.Room, again} {
				for _, scale := range incident.Scales {
					operates(rt, room, scale, stands)
				}
			}
		}
	})
	t.Logf("%d lowerings, %d refusals, %d of them conflicts", lowered, refused, raced)
	if lowered < 5 || raced < 20 {
		t.Error("the histories were too tame")
	}
}

// operates holds the fold's operating severity against what stands.
func operates(t *rapid.T, room *incident.Room, scale incident.Scale, stands map[standing]int) {
	top := room.Operating(scale)
	greatest := 0
	for k, n := range stands {
		if k.scale == scale && (greatest == 0 || scale == incident.NHSLevel && n > greatest || scale == incident.NCSCCategory && n < greatest) {
			greatest = n
		}
	}
	if greatest == 0 {
		if top != nil {
			t.Fatalf("nothing stands on %s, and %+v operates", scale, top)
		}
		return
	}
	if top == nil || top.Grade.Counts(scale) != greatest {
		t.Fatalf("%+v operates on %s; the greatest that stands is %d", top, scale, greatest)
	}
	for _, a := range room.Assessments {
		if a.Scale == scale && !a.Ended && scale.Graver(a.Grade.Counts(scale), top.Grade.Counts(scale)) {
			t.Fatalf("%+v operates, and %+v is graver", top, a)
		}
	}
}
