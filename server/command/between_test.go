package command_test

import (
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// What one part of the house promises holds where another comes in between.

func TestAVeiledMessageAnswersOnlyWhatAllItHidesAmongCanSee(t *testing.T) {
	p, sam := veiling(t, incident.RosterNames, 2)
	everyone := &incident.Audience{Kind: incident.ToRoom}
	for name, parent := range map[string]incident.Seq{
		"for one organisation": p.Must(p.Lead, command.PostMessage{Text: "to X1N alone", Audience: orgs("X1N")}),
		"for the room":         p.Must(p.Lead, command.PostMessage{Text: "to all"}),
	} {
		events, err := p.Do(sam, command.PostMessage{Text: "backups gone", Veiled: true, ReplyTo: parent, Audience: everyone})
		if name == "for the room" {
			if err != nil || len(events) != 2 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if incident.FaultOf(err) != incident.Invalid || !strings.Contains(err.Error(), "replyTo") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnOriginatorRecallsWhatALeadHasWithheld(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	sam := tr.all[3]
	for _, chosen := range []command.Chosen{{}, {TLP: incident.Red, Audience: members(1)}} {
		n := tr.Must(sam, command.PublishItem{Item: plainItem("x"), Chosen: chosen})
		tr.Must(tr.Lead, command.WithholdEntry{Root: n})
		if _, err := tr.Do(tr.all[5], command.RecallEntry{Root: n, Reason: "not theirs"}); incident.FaultOf(err) != incident.NotFound {
			t.Errorf("somebody of another organisation: %v", err)
		}
		tr.Must(sam, command.RecallEntry{Root: n, Reason: "a mistake"})
		if _, err := tr.Do(tr.Lead, command.RestoreEntry{Root: n}); err == nil {
			t.Error("a recalled entry was restored")
		}
		for _, m := range tr.Room.Members {
			if m.Org != "X1N" && tr.Sight(n).Audience.Includes(m) {
				t.Errorf("%s of %s receives it still", m.Seat.Name, m.Org)
			}
		}
	}
}

// Where guests are not told of one another, no answer to a request depends on
// whether somebody is there.
func TestARequestForReleaseTellsNobodyWhoIsThere(t *testing.T) {
	var answers []string
	for _, leave := range []bool{false, true} {
		tr := newTroupe(t, incident.RosterHosts)
		n := tr.Must(tr.all[3], command.PublishItem{Item: plainItem("x")})
		if leave {
			tr.Must(tr.all[3], command.LeaveRoom{})
			tr.Must(tr.all[4], command.LeaveRoom{})
		}
		_, err := tr.Do(tr.all[5], command.RequestRelease{Root: n, Why: "w", TLP: incident.Green})
		if err == nil {
			t.Fatal("it was asked for")
		}
		answers = append(answers, err.Error())
	}
	if answers[0] != answers[1] {
		t.Errorf("while they are there: %s\nwhen they left: %s", answers[0], answers[1])
	}
}

func aFile(name string) incident.File {
	bytes := strings.Repeat("A", 43) + "="
	return incident.File{ID: incident.BlobID(incident.RandomID()), Name: name, Size: 3, Type: "text/plain", Commitment: bytes, Salt: bytes, SHA256: strings.Repeat("a", 64)}
}

func TestAProtectiveMarkingInTheNameOfAFileStopsIt(t *testing.T) {
	for name, stopped := range map[string]bool{"UK SECRET - UK EYES ONLY.docx": true, "SECRET.pdf": true, "the secret sauce.pdf": false, "plan.pdf": false} {
		tr := newTroupe(t, incident.RosterNames)
		_, err := tr.Do(tr.all[3], command.PostMessage{Attachments: []incident.File{aFile(name)}})
		if stopped != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
