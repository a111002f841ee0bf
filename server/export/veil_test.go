package export_test

import (
	"testing"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// A veiled message goes out with the hosts' agreement, since nobody else may be
// asked without telling them whose it is; who wrote it goes out to nobody. The
// verifier finds no fault with an entry that says so little of who acted.
func TestAVeiledMessageGoesOutWithoutWhoWroteIt(t *testing.T) {
	b := newBench(t)
	sam := b.Person("Sam Veiling", "X1N")
	for _, p := range []struct {
		who incident.Actor
		org incident.OrgID
	}{{sam, "X1N"}, {b.Person("Rep of Eastmere", "X2E"), "X2E"}, {b.Person("Rep of Fellside", "X3F"), "X3F"}} {
		org := servertest.Org(p.org)
		org.Type = incident.Acute
		b.JoinAs(b.room, b.lead, p.who, org, incident.Representative, incident.FromJoin)
	}
	at, err := b.Journal.Room(t.Context(), b.room)
	if err != nil {
		t.Fatal(err)
	}
	number := at.Member(sam.Person).Number
	said := b.do(sam, command.PostMessage{Text: "Our backups are gone, Canary01Qzx", Veiled: true})
	root := b.ask(said, b.head())
	b.agree(root)
	b.approve(root)
	x := b.build(root)
	r := verify(t, x, evidence.VerifyOptions{Policy: b.seals.Keys()})
	if r.Verdict != evidence.VerdictValid || len(r.Remarks) > 0 && r.First != nil {
		t.Fatalf("%s %+v %q", r.Verdict, r.First, r.Remarks)
	}
	all := everything(t, x)
	if !holds(all, "Canary01Qzx") || !holds(all, "Veiled: acute trust") {
		t.Error("the message is not in it, or not as veiled")
	}
	for _, text := range []string{"Sam Veiling", `"message.attributed"`, `"member":` + itoa(number) + `,"org":"X1N"`} {
		if holds(all, text) {
			t.Errorf("%s is in it", text)
		}
	}
	if list := listed(r, said+1); len(list) != 1 || list[0].Why != "audience" || len(list[0].Slots) != incident.Slots {
		t.Errorf("who wrote it is kept back as %+v", list)
	}
}

func itoa(n incident.MemberNo) string { return string(rune('0' + n)) }
