package policy_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Whoever saw the entry open sees what is left of it, whoever saw an envelope or
// a stub sees that, byte for byte; and of what is gone nobody sees anything.
func TestAnErasedEntryShowsNoMoreThanBeforeAndNothingOfWhatIsGone(t *testing.T) {
	c := room(t, incident.RosterNames)
	for _, tlp := range []incident.TLP{incident.Amber, incident.Red} {
		to := &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{c.Number(c.sam)}}
		seq := c.Must(c.Lead, command.PostMessage{Text: "the CANARY sings", TLP: tlp, Audience: to})
		e := c.Entry(seq)
		gone := e.Erase(incident.ErasableSlots...)
		for _, who := range []incident.Actor{c.Lead, c.sam, c.kim, c.ellis, c.auditor} {
			before := policy.View(c.Room, c.Member(who), c.Sight(seq), e)
			after := policy.View(c.Room, c.Member(who), c.Sight(seq), gone)
			was, _ := json.Marshal(before)
			is, _ := json.Marshal(after)
			if after.Form() != before.Form() {
				t.Errorf("%s saw form %d, and sees %d", who.Name, before.Form(), after.Form())
			}
			if before.Form() != policy.Open && !bytes.Equal(was, is) {
				t.Errorf("%s saw %s, and sees %s", who.Name, was, is)
			}
			if bytes.Contains(is, []byte("CANARY")) || bytes.Contains(is, []byte("seed")) {
				t.Errorf("%s sees %s", who.Name, is)
			}
			if opened, ok := policy.Opened(c.Room, c.Member(who), c.Sight(seq), gone); ok {
				b, _ := json.Marshal(opened)
				if bytes.Contains(b, []byte("CANARY")) || bytes.Contains(b, []byte("seed")) {
					t.Errorf("opened by %s it is %s", who.Name, b)
				}
				if ev := opened.Event(); ev == nil || !ev.BodyErased() || ev.Body.(*incident.MessagePosted).Text != "" || ev.By.Member != 1 {
					t.Errorf("opened by %s it reads %+v", who.Name, ev)
				}
			}
		}
	}
}

// The partial opening on the wire is what the leaf commits to.
func TestWhatIsShownOfAnErasedEntryChecksAgainstItsLeaf(t *testing.T) {
	c := room(t, incident.RosterNames)
	seq := c.Must(c.Lead, command.PostMessage{Text: "gone"})
	e := c.Entry(seq)
	gone := e.Erase(incident.SlotBody)
	if err := gone.Erased.Check(c.Origin(), e.Leaf); err != nil {
		t.Fatal(err)
	}
	var wire struct {
		Leaf  []byte
		Slots map[int][2]string
	}
	b, _ := json.Marshal(policy.View(c.Room, c.Member(c.sam), c.Sight(seq), gone))
	if err := json.Unmarshal(b, &wire); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wire.Leaf, e.Leaf) || len(wire.Slots) != evidence.Slots-1 || wire.Slots[incident.SlotBody] != [2]string{} {
		t.Fatalf("on the wire it is %s", b)
	}
}
