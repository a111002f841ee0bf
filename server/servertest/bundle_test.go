package servertest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"wardroom/server/bundletest"
	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// A room as it is kept by the journal in a real database, exported and
// verified; then changed in every way.
func TestARealRoomsBundleIsValidAndAnyChangeInItIsFound(t *testing.T) {
	h := NewHouse(t)
	lead, guest, gone := h.Person("Lead", "DSC"), h.Person("Guest", "X1N"), h.Person("Gone", "X2E")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	number := h.Join(room, lead, guest, incident.Representative, incident.FromJoin)
	h.Join(room, lead, gone, incident.Representative, incident.Full)
	for _, text := range []string{"Radiology is down.", "yes", "\"quoted\" \\ – 漢字 😀\nand a second line"} {
		h.Say(room, lead, text)
		h.Say(room, guest, text)
		h.Say(room, gone, text)
	}
	h.Must(h.Do(room, lead, command.RaiseAction{Text: "Ring the supplier", For: incident.Assignee{Member: number, Org: "X1N"}}))
	h.Must(h.Do(room, lead, command.MoveRoom{To: incident.Responding}))
	h.Must(h.Do(room, gone, command.LeaveRoom{}))
	back := h.Join(room, lead, gone, incident.Representative, incident.FromJoin)
	h.Say(room, gone, "here again")
	if back == number {
		t.Fatal("two members bear one number")
	}
	access, err := h.Journal.AccessOf(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	for _, log := range []incident.LogID{room, access, h.Journal.SystemLog()} {
		h.CheckLog(log)
	}

	stored := h.Stored(room)
	b, policy, err := stored.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	verify := func(b []byte) *evidence.Report {
		r, err := evidence.Verify(context.Background(), bytes.NewReader(b), int64(len(b)), evidence.VerifyOptions{Policy: policy})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := verify(b); r.Verdict != evidence.VerdictValid || r.Counts.Open != r.Counts.Leaves || r.Counts.Leaves < 20 {
		t.Fatalf("%+v", r)
	}
	rnd := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for range 300 {
		turned := bytes.Clone(b)
		turned[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
		if r := verify(turned); r.Verdict.Exit() == 0 || r.Verdict == evidence.VerdictUnsealed {
			t.Fatalf("a turned bit: %s", r.Verdict)
		}
	}
	// Everything is shown, so a change to a leaf is named to the slot.
	for n := range 300 {
		entry, at := rnd.IntN(len(stored.Leaves)), rnd.IntN(evidence.LeafSize)
		if n < len(stored.Leaves) {
			entry = n // each one at least once
		}
		slot := -1
		if at >= 51 {
			slot = (at - 51) / 32
		}
		r := verify(bundletest.Change(b, "leaves.bin", func(s string) string {
			c := []byte(s)
			c[entry*evidence.LeafSize+at] ^= 1 << rnd.IntN(8)
			return string(c)
		}))
		if r.Verdict != evidence.VerdictTampered || r.First == nil || r.First.Seq != uint64(entry) || r.First.Slot != slot {
			t.Fatalf("entry %d slot %d: %s at %+v", entry, slot, r.Verdict, r.First)
		}
	}
}
