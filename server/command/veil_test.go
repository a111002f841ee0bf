package command_test

import (
	"encoding/json"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// veiling is a room with reps of some organisations of Northmoor's type.
func veiling(t *testing.T, roster incident.Roster, others int) (p *servertest.Paper, sam incident.Actor) {
	p = servertest.NewPaper(t, incident.ModeIncident, roster)
	sam = p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)
	p.Join("Kim Lowe", "X1N", incident.Representative, incident.Full) // a second person is no second organisation
	for _, code := range []incident.OrgID{"X2E", "X3F"}[:others] {
		p.JoinAs("Rep of "+string(code), code, incident.Acute, incident.Representative, incident.Full)
	}
	return p, sam
}

func TestAVeiledMessageSaysOfWhatTypeItsOrganisationIsAndNothingElseOfItsAuthor(t *testing.T) {
	p, sam := veiling(t, incident.RosterNames, 2)
	events := p.MustEvents(sam, command.PostMessage{Text: "our backups are gone", Veiled: true})
	if len(events) != 2 {
		t.Fatalf("%d entries", len(events))
	}
	said, who := events[0], events[1]
	v, err := said.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(v[incident.SlotActor]) != `{"orgType":"acute_trust"}` {
		t.Errorf("slot 1 says %s", v[incident.SlotActor])
	}
	if string(v[incident.SlotAuthority]) != `{}` {
		t.Errorf("slot 7 says %s", v[incident.SlotAuthority])
	}
	all := ""
	for _, slot := range v {
		all += string(slot)
	}
	for _, word := range []string{"X1N", "Sam", "Northmoor", string(sam.Person), `"member"`} {
		if strings.Contains(all, word) {
			t.Errorf("the message holds %s: %s", word, all)
		}
	}
	var mark incident.Marking
	json.Unmarshal(v[incident.SlotMarking], &mark)
	if mark.Audience.Kind != incident.ToRoom || mark.Originator != "" {
		t.Errorf("marked %s", v[incident.SlotMarking])
	}
	body := who.Body.(*incident.MessageAttributed)
	if body.Entry != said.Seq || body.Member != p.Member(sam).Number || body.Org != "X1N" || who.Marking.Audience.Kind != incident.ToLeads || who.Marking.Originator != "" || who.Root != who.Seq {
		t.Errorf("attributed by %+v, marked %+v", body, who.Marking)
	}
}

func TestAVeiledMessageIsRefusedWhereItWouldNotHide(t *testing.T) {
	named := &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X2E"}}
	for name, c := range map[string]struct {
		roster incident.Roster
		others int
		cmd    command.PostMessage
		fault  incident.Fault
	}{
		"among three":               {incident.RosterNames, 2, command.PostMessage{}, ""},
		"by organisation":           {incident.RosterOrganisations, 2, command.PostMessage{}, ""},
		"among two":                 {incident.RosterNames, 1, command.PostMessage{}, incident.Invalid},
		"where nobody may know":     {incident.RosterHosts, 2, command.PostMessage{}, incident.Invalid},
		"where nobody may know, 2":  {incident.RosterHosts, 1, command.PostMessage{}, incident.Invalid},
		"with a mention":            {incident.RosterNames, 2, command.PostMessage{Mentions: []incident.MemberNo{1}}, incident.Invalid},
		"to some":                   {incident.RosterNames, 2, command.PostMessage{Audience: named}, incident.Invalid},
		"to the hosts":              {incident.RosterNames, 2, command.PostMessage{Audience: &incident.Audience{Kind: incident.ToHosts}}, incident.Invalid},
		"TLP:RED":                   {incident.RosterNames, 2, command.PostMessage{TLP: incident.Red}, incident.Invalid},
		"TLP:RED, to named readers": {incident.RosterNames, 2, command.PostMessage{TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}}, incident.Invalid},
	} {
		p, sam := veiling(t, c.roster, c.others)
		c.cmd.Text, c.cmd.Veiled = "our backups are gone", true
		_, err := p.Do(sam, c.cmd)
		if got := incident.FaultOf(err); err == nil && c.fault != "" || err != nil && got != c.fault {
			t.Errorf("%s: %v, want %q", name, err, c.fault)
		}
	}
	// The refusal where guests are not told of one another is the same whoever is there.
	p, sam := veiling(t, incident.RosterHosts, 2)
	q, other := veiling(t, incident.RosterHosts, 0)
	_, a := p.Do(sam, command.PostMessage{Text: "x", Veiled: true})
	_, b := q.Do(other, command.PostMessage{Text: "x", Veiled: true})
	if a.Error() != b.Error() {
		t.Errorf("it tells how many there are: %v, %v", a, b)
	}
	// Who only reads is nobody to hide among.
	p, sam = veiling(t, incident.RosterNames, 1)
	p.JoinAs("A reader", "X4S", incident.Acute, incident.Observer, incident.Full)
	if _, err := p.Do(sam, command.PostMessage{Text: "x", Veiled: true}); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("hides behind somebody who cannot write: %v", err)
	}
	// Nor does a host, or whoever has gone.
	if _, err := p.Do(p.Lead, command.PostMessage{Text: "x", Veiled: true}); incident.FaultOf(err) != incident.Forbidden {
		t.Errorf("a lead writes veiled: %v", err)
	}
	p, sam = veiling(t, incident.RosterNames, 2)
	gone := p.Room.Members[len(p.Room.Members)-1]
	p.Must(p.Lead, command.RemoveMember{Root: gone.Root})
	if _, err := p.Do(sam, command.PostMessage{Text: "x", Veiled: true}); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("hides behind somebody who has gone: %v", err)
	}
}

func TestNobodyActsOnAVeiledMessageAsItsAuthor(t *testing.T) {
	p, sam := veiling(t, incident.RosterNames, 2)
	said := p.Must(sam, command.PostMessage{Text: "our backups are gone", Veiled: true})
	for name, cmd := range map[string]command.Command{
		"correct": command.CorrectMessage{Root: said, Text: "all is well"},
		"tighten": command.TightenEntry{Root: said, TLP: incident.AmberStrict, Audience: &incident.Audience{Kind: incident.ToHosts}},
		"widen":   command.WidenEntry{Root: said, TLP: incident.Green, Reason: "r"},
	} {
		if _, err := p.Do(sam, cmd); incident.FaultOf(err) != incident.Forbidden {
			t.Errorf("its author may %s it: %v", name, err)
		}
	}
	if _, err := p.Do(p.Lead, command.WidenEntry{Root: said, TLP: incident.Green, Reason: "r"}); incident.FaultOf(err) != incident.Forbidden {
		t.Errorf("a lead widens it: %v", err)
	}
	p.Must(p.Lead, command.WithholdEntry{Root: said})
	p.Must(p.Lead, command.RestoreEntry{Root: said})
	for name, cmd := range map[string]command.Command{
		"pin": command.PinEntry{Root: said + 1}, "withhold": command.WithholdEntry{Root: said + 1}, "widen": command.WidenEntry{Root: said + 1, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "r"},
		"tighten": command.TightenEntry{Root: said + 1, Audience: &incident.Audience{Kind: incident.ToHosts}},
	} {
		if _, err := p.Do(p.Lead, cmd); incident.FaultOf(err) != incident.Forbidden {
			t.Errorf("a lead may %s who wrote it: %v", name, err)
		}
	}
	if _, err := p.Do(p.Lead, command.PostMessage{Text: "so it was you", ReplyTo: said + 1}); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("who wrote it is answered: %v", err)
	}
	if _, err := p.Do(sam, command.NoteEntry{Root: said + 1}); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("its author knows of what the leads are told: %v", err)
	}
}
