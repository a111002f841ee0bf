package export_test

import (
	"slices"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// erase erases slots of an entry, as the lead asks and two people agree; it
// returns the entry that says so.
func (b *bench) erase(of incident.Seq, slots ...int) incident.Seq {
	b.t.Helper()
	ask := b.do(b.Stepped(b.lead), command.AskErasure{Entries: []incident.Seq{of}, Slots: slots, Ground: incident.GroundPatientData, Reason: "A patient is named."})
	b.do(b.Stepped(b.second), command.AgreeErasure{Root: ask})
	b.do(b.Stepped(b.deputy), command.AgreeErasure{Root: ask})
	return b.head()
}

// erased is a line about what was erased.
type erased struct {
	seq   uint64
	slots []int
	event uint64
}

func redact(of incident.Seq, slot int) incident.Redaction {
	return incident.Redaction{Entry: of, Slot: slot, Ground: incident.FOI40, Reason: "a person"}
}

// listed are the lines about what is not given of an entry.
func listed(r *evidence.Report, seq incident.Seq) (list []evidence.Withheld) {
	for _, w := range r.Withheld {
		if w.First <= uint64(seq) && uint64(seq) <= w.Last {
			list = append(list, w)
		}
	}
	return list
}

func TestWhatWasErasedBeforeTheApprovalIsErasedInTheBundleAndSaidByWhichEntry(t *testing.T) {
	b := newBench(t)
	inside := b.say(b.lead, "Bed 4: Canary01Qzx", "", nil)
	outside := b.say(b.lead, "Bed 5: Canary02Qzx", "", nil)
	steps := b.say(b.lead, "Bed 6: Canary03Qzx", "", nil)
	both := b.say(b.lead, "Bed 7: Canary04Qzx", "", nil)
	insideBy := b.erase(inside, incident.SlotBody)
	last := b.say(b.lead, "the last one asked for", "", nil)
	later := b.say(b.lead, "Bed 8: Canary05Qzx", "", nil)
	laterBy := b.erase(later, incident.ErasableSlots...)
	outsideBy := b.erase(outside, incident.ErasableSlots...) // in the log after the range
	first, second := b.erase(steps, incident.SlotBody), b.erase(steps, incident.SlotRefs, incident.SlotAttachments)
	bothBy := b.erase(both, incident.SlotBody)

	root := b.ask(inside, last)
	b.agree(root)
	b.do(b.lead, command.RedactExport{Root: root, Seen: b.head(), Redactions: []incident.Redaction{redact(both, incident.SlotActor)}})
	_, err := b.Do(b.room, b.lead, command.RedactExport{Root: root, Seen: b.head(), Redactions: []incident.Redaction{redact(insideBy, incident.SlotBody)}})
	if incident.FaultOf(err) != incident.Invalid || !strings.Contains(err.Error(), "it is always given") {
		t.Errorf("a redaction of what says that something was erased: %v", err)
	}
	b.approve(root)
	x := b.build(root)
	r := verify(t, x, evidence.VerifyOptions{Policy: b.seals.Keys()})
	if r.Verdict != evidence.VerdictErased {
		t.Fatalf("%s %+v %q", r.Verdict, r.First, r.Remarks)
	}
	want := []erased{
		{uint64(inside), []int{incident.SlotBody}, uint64(insideBy)},
		{uint64(outside), incident.ErasableSlots, uint64(outsideBy)},
		{uint64(steps), []int{incident.SlotBody}, uint64(first)},
		{uint64(steps), []int{incident.SlotRefs, incident.SlotAttachments}, uint64(second)},
		{uint64(both), []int{incident.SlotBody}, uint64(bothBy)},
	}
	if !slices.EqualFunc(r.Erased, want, func(a evidence.Withheld, b erased) bool {
		return a.First == b.seq && a.Last == b.seq && a.Event == b.event && slices.Equal(a.Slots, b.slots) && a.Ground == incident.GroundPatientData.Words()
	}) {
		t.Errorf("erased: %+v, want %+v", r.Erased, want)
	}
	if list := listed(r, both); len(list) != 1 || list[0].Why != "redacted" || !slices.Equal(list[0].Slots, []int{incident.SlotActor}) {
		t.Errorf("an entry that was redacted too: %+v", list)
	}
	// What was erased of an entry that was not asked for is nobody's to know.
	for _, n := range []incident.Seq{later, laterBy} {
		if list := listed(r, n); len(list) != 1 || list[0].Why != "range" || len(list[0].Slots) != incident.Slots {
			t.Errorf("entry %d beyond the range: %+v", n, list)
		}
	}
	if all := everything(t, x); holds(all, "Canary0") || !holds(all, "the last one asked for") {
		t.Error("what was erased is in the bundle, or the test is blind")
	}
}

func TestWhatWasErasedAfterTheApprovalIsKeptBackAndSaysSo(t *testing.T) {
	b := newBench(t)
	said := b.say(b.lead, "Bed 4: Canary01Qzx", "", nil)
	root := b.ask(said, said)
	b.agree(root)
	b.approve(root)
	if before := b.build(root); !holds(everything(t, before), "Canary01Qzx") {
		t.Fatal("the test is blind: what was approved is not given before it is erased")
	}
	b.erase(said, incident.ErasableSlots...)
	x := b.build(root)
	r := verify(t, x, evidence.VerifyOptions{Policy: b.seals.Keys()})
	if r.Verdict != evidence.VerdictValid || len(r.Erased) > 0 {
		t.Errorf("%s %+v %+v", r.Verdict, r.First, r.Erased)
	}
	list := listed(r, said)
	if len(list) != 1 || list[0].Why != "audience" || !slices.Equal(list[0].Slots, incident.ErasableSlots) || list[0].Reason != "It was erased after this was approved." {
		t.Errorf("%+v", list)
	}
	if holds(everything(t, x), "Canary0") {
		t.Error("what was erased is in the bundle")
	}
}
