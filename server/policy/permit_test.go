package policy_test

import (
	"slices"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// The whole of who may do what, as the security officer signed it. "y" may;
// "." may not. "own" is a representative on an entry of their own writing and
// of their own organisation. The last three columns: also when the room is
// closed, also before the newest handling rules are accepted, in an exercise
// only.
const permits = `
            lead deputy liaison loggist comms rep  observer auditor own  closed unread exercise
accept      y    y      y       y       y     y    y        y       y    closed unread .
admit       y    y      .       .       .     .    .        .       .    .      .      .
brief       y    y      .       .       .     .    .        .       .    .      .      .
change      y    y      .       .       .     .    .        .       .    .      .      .
clock       y    y      .       .       .     .    .        .       .    .      .      exercise
correct     .    .      .       .       .     .    .        .       y    .      .      .
grant       y    y      .       .       .     .    .        .       .    .      .      .
invite      y    y      y       .       .     .    .        .       .    .      .      .
leave       y    y      y       y       y     y    y        y       y    closed unread .
move        y    y      .       .       .     .    .        .       .    .      .      .
note        y    y      y       y       y     y    y        y       y    .      .      .
open        y    y      y       y       y     y    y        y       y    closed .      .
pin         y    y      .       .       .     .    .        .       .    .      .      .
post        y    y      y       y       y     y    .        .       y    .      .      .
propose     .    .      .       .       .     y    .        .       y    .      .      .
remove      y    y      .       .       .     .    .        .       .    closed .      .
reopen      y    y      .       .       .     .    .        .       .    closed .      .
report      y    y      .       .       .     .    .        .       .    .      .      .
restore     y    y      .       .       .     .    .        .       .    .      .      .
ring        y    y      y       .       .     .    .        .       .    closed .      .
rules       y    y      .       .       .     .    .        .       .    .      .      .
tighten     y    y      .       .       .     .    .        .       y    .      .      .
title       y    y      .       .       .     .    .        .       .    .      .      .
unpin       y    y      .       .       .     .    .        .       .    .      .      .
vouch       y    y      y       .       .     .    .        .       .    .      .      .
widen       .    .      .       .       .     .    .        .       y    .      .      .
withdraw    y    y      y       .       .     .    .        .       .    closed .      .
withhold    y    y      .       .       .     .    .        .       .    .      .      .
`

// scenes holds a room with one person per column, and an entry of another
// guest organisation that everyone sees.
func scenes(t *testing.T, mode incident.Mode) (p *servertest.Paper, actors map[string]incident.Actor, theirs, own incident.Seq) {
	p = servertest.NewPaper(t, mode, incident.RosterNames)
	actors = map[string]incident.Actor{
		"lead":     p.Lead,
		"deputy":   p.Join("Dev Rao", "NCSC", incident.Deputy, incident.Full),
		"liaison":  p.Join("Rowan Ash", "NCSC", incident.Liaison, incident.Full),
		"loggist":  p.Join("Lena Fox", "DSC", incident.Loggist, incident.Full),
		"comms":    p.Join("Cass Bell", "DSC", incident.Comms, incident.Full),
		"rep":      p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full),
		"observer": p.Join("Orla Quinn", "X3F", incident.Observer, incident.Full),
		"auditor":  p.Join("Ada Voss", "AUD", incident.Auditor, incident.Full),
	}
	actors["own"] = actors["rep"]
	other := p.Join("Ellis Byrne", "X2E", incident.Representative, incident.Full)
	theirs = p.Must(other, command.PostMessage{Text: "we are cut off"})
	own = p.Must(actors["own"], command.PostMessage{Text: "so are we"})
	return p, actors, theirs, own
}

func rows() (columns []string, table map[policy.Act][]string) {
	table = map[policy.Act][]string{}
	for _, line := range strings.Split(strings.TrimSpace(permits), "\n") {
		f := strings.Fields(line)
		if columns == nil {
			columns = f
			continue
		}
		table[policy.Act(f[0])] = f[1:]
	}
	return columns, table
}

func TestWhoMayDoWhat(t *testing.T) {
	columns, table := rows()
	for _, act := range policy.Acts() {
		if table[act] == nil {
			t.Errorf("nobody has said who may %q: add it to the table", act)
		}
	}
	for act, row := range table {
		if !slices.Contains(policy.Acts(), act) {
			t.Errorf("the table lists %q, for which there is no rule", act)
			continue
		}
		exercise, closed, unread := row[len(row)-1] != ".", row[len(row)-3] != ".", row[len(row)-2] != "."
		for i, may := range row[:len(row)-3] {
			who := columns[i]
			t.Run(string(act)+"/"+who, func(t *testing.T) {
				p, actors, theirs, own := scenes(t, incident.ModeExercise)
				object := p.Objects[theirs]
				if who == "own" {
					object = p.Objects[own]
				}
				s := policy.Scene{Room: p.Room, Actor: actors[who], Object: object, Now: p.Now}
				want := incident.Fault("")
				if may == "." {
					want = incident.Forbidden
				}
				judge(t, act, s, want, "as it is")

				// Someone who is not in the room learns nothing, whatever they ask.
				stranger := s
				stranger.Actor = incident.Actor{Person: "stranger"}
				judge(t, act, stranger, incident.NotFound, "from outside")

				if may == "." {
					return
				}
				shut := s
				shut.Room = p.Room.Clone()
				shut.Room.Lifecycle = incident.Closed
				judge(t, act, shut, unless(closed, incident.Conflict), "in a closed room")
				newer := s
				newer.Room = p.Room.Clone()
				newer.Room.Rules = &incident.Rules{Version: 2}
				judge(t, act, newer, unless(unread, incident.Forbidden), "before accepting the newest rules")
				real := s
				real.Room = p.Room.Clone()
				real.Room.Mode = incident.ModeIncident
				judge(t, act, real, unless(!exercise, incident.Forbidden), "in the real thing")
			})
		}
	}
}

func unless(fine bool, f incident.Fault) incident.Fault {
	if fine {
		return ""
	}
	return f
}

func judge(t *testing.T, act policy.Act, s policy.Scene, want incident.Fault, when string) {
	t.Helper()
	err := policy.Permit(act, &s)
	got := incident.Fault("")
	if err != nil {
		got = incident.FaultOf(err)
	}
	if got != want {
		t.Errorf("%s: answered %q, want %q (%v)", when, got, want, err)
	}
}

func TestAnActNobodyHasARuleForIsForbidden(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	if err := policy.Permit("erase", &policy.Scene{Room: p.Room, Actor: p.Lead}); incident.FaultOf(err) != incident.Forbidden {
		t.Fatalf("answered %v", err)
	}
}

func TestAHostsRoleInAGuestsHandsGivesNothing(t *testing.T) {
	p, actors, theirs, _ := scenes(t, incident.ModeIncident)
	guest := *p.Member(actors["rep"])
	for _, role := range []incident.Role{incident.Lead, incident.Deputy, incident.Liaison} {
		for _, act := range []policy.Act{policy.Brief, policy.Title, policy.Withhold, policy.Invite, policy.Remove, policy.Vouch, policy.Grant} {
			room := p.Room.Clone()
			room.Members = slices.Clone(room.Members)
			i := slices.IndexFunc(room.Members, func(m *incident.Member) bool { return m.Root == guest.Root })
			forged := guest
			forged.Role = role
			room.Members[i] = &forged
			judge(t, act, policy.Scene{Room: room, Actor: actors["rep"], Object: p.Objects[theirs]}, incident.Forbidden, string(role)+" "+string(act))
		}
	}
}

func TestWhatOneMayNotSeeIsMissingForEveryAct(t *testing.T) {
	p, actors, _, _ := scenes(t, incident.ModeExercise)
	hidden := p.Must(p.Lead, command.PostMessage{Text: "hosts only", Audience: &incident.Audience{Kind: incident.ToHosts}})
	missing := policy.Permit(policy.Note, &policy.Scene{Room: p.Room, Actor: incident.Actor{Person: "nobody"}})
	for _, act := range policy.Acts() {
		err := policy.Permit(act, &policy.Scene{Room: p.Room, Actor: actors["rep"], Object: p.Objects[hidden]})
		if err == nil || err.Error() != missing.Error() {
			t.Errorf("%s on an entry that is not theirs: %v; on what does not exist: %v", act, err, missing)
		}
	}
	p = servertest.NewPaper(t, incident.ModeIncident, incident.RosterHosts)
	a, b := p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full), p.Join("Ellis Byrne", "X2E", incident.Representative, incident.Full)
	for _, act := range policy.Acts() {
		err := policy.Permit(act, &policy.Scene{Room: p.Room, Actor: a, Target: p.Member(b)})
		if err == nil || err.Error() != missing.Error() {
			t.Errorf("%s on a member who is not theirs to know: %v", act, err)
		}
	}
}
