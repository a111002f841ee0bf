package policy_test

import (
	"testing"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// In a side room of X1N: what is its own, what belongs to the main room, and
// that all else is as anywhere.
const inCell = `
                  lead deputy liaison loggist comms rep  observer auditor own
answer-promotion  .    .      .       .       .     y    .        .       y
ask-promotion     y    y      .       .       .     .    .        .       .
seat              y    y      .       .       .     .    .        .       .
bring-report      .    .      .       .       .     .    .        .       .
link-room         .    .      .       .       .     .    .        .       .
unlink-room       .    .      .       .       .     .    .        .       .
request-escalation .   .      .       .       .     .    .        .       .
brief-ministers   .    .      .       .       .     .    .        .       .
set-cadence       .    .      .       .       .     .    .        .       .
hold-meeting      .    .      .       .       .     .    .        .       .
put-off-meeting   .    .      .       .       .     .    .        .       .
file-sitrep       .    .      .       .       .     .    .        .       .
correct-sitrep    .    .      .       .       .     .    .        .       .
give-update       .    .      .       .       .     .    .        .       .
snooze-update     .    .      .       .       .     .    .        .       .
request-update    .    .      .       .       .     .    .        .       .
withdraw-handover .    .      .       .       .     .    .        .       .
open-cell         .    .      .       .       .     .    .        .       .
post-veiled       .    .      .       .       .     .    .        .       .
invite            .    .      .       .       .     .    .        .       .
propose           .    .      .       .       .     .    .        .       .
change            .    .      .       .       .     .    .        .       .
ask-broadcast     .    .      .       .       .     -    -        -       -
approve-broadcast .    .      .       .       .     -    -        -       -
send-alone        .    .      .       .       .     -    -        -       -
refuse-broadcast  .    .      .       .       .     -    -        -       -
withdraw-broadcast .   .      .       .       .     -    -        -       -
stop-broadcast    .    .      .       .       .     -    -        -       -
read-broadcast    .    .      .       .       .     -    -        -       -
`

func TestWhoMayDoWhatInASideRoom(t *testing.T) {
	_, anywhere := rows(permits)
	columns, here := rows(inCell)
	p, actors, _, _ := scenes(t, incident.ModeIncident)
	for _, act := range policy.Acts() {
		row, special := here[act]
		if !special {
			row = anywhere[act]
			if row[len(row)-1] != "." { // in an exercise only
				continue
			}
		}
		for i, who := range columns {
			if who == "own" && !special {
				continue
			}
			room := p.Room.Clone()
			room.Cell = &incident.Cell{Org: "X1N", Parent: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}
			want := unless(row[i] == "y", incident.Forbidden)
			if row[i] == "-" {
				want = incident.NotFound
			}
			judge(t, act, policy.Scene{Room: room, Actor: actors[who], Now: p.Now}, want, string(act)+" as "+who)
		}
	}
	// Not even who speaks for another organisation answers for this one.
	room := p.Room.Clone()
	room.Cell = &incident.Cell{Org: "X2E", Parent: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}
	judge(t, policy.AnswerPromotion, policy.Scene{Room: room, Actor: actors["rep"], Now: p.Now}, incident.Forbidden, "another's side room")
}

func TestWhoWroteAVeiledMessageIsForLeadsAndAuditors(t *testing.T) {
	p, actors, _, _ := scenes(t, incident.ModeIncident)
	s := incident.Sight{Root: 20, Kind: "message.attributed", Author: 6, TLP: incident.AmberStrict, Audience: incident.Audience{Kind: incident.ToLeads}}
	for who, want := range map[string]policy.Form{"lead": policy.Open, "deputy": policy.Open, "auditor": policy.Open, "liaison": policy.Stub, "loggist": policy.Stub,
		"comms": policy.Stub, "rep": policy.Stub, "observer": policy.Stub} {
		if got := policy.Sees(p.Room, p.Member(actors[who]), s); got != want {
			t.Errorf("%s sees form %d, want %d", who, got, want)
		}
	}
	// A guest is no lead, whatever their role is called.
	m := *p.Member(actors["rep"])
	m.Role = incident.Lead
	if got := policy.Sees(p.Room, &m, s); got != policy.Stub {
		t.Errorf("a guest called lead sees form %d", got)
	}
}
