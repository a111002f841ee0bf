package export_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// everything is every byte of a bundle, and what is compressed in it too.
func everything(t *testing.T, x built) [][]byte {
	t.Helper()
	all := [][]byte{x.tar}
	pdf := x.files["record.pdf"]
	streams := 0
	for _, at := range regexp.MustCompile(`(?s)stream\r?\n`).FindAllIndex(pdf, -1) {
		if bytes.HasSuffix(pdf[:at[0]], []byte("end")) {
			continue
		}
		r, err := zlib.NewReader(bytes.NewReader(pdf[at[1]:]))
		if err != nil {
			continue
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
		streams++
	}
	if streams == 0 {
		t.Fatal("no stream of the PDF was read")
	}
	return all
}

// holds says whether some text is anywhere, in any of the ways text is written.
func holds(all [][]byte, text string) bool {
	wide := make([]byte, 0, 2*len(text))
	for _, u := range utf16.Encode([]rune(text)) {
		wide = binary.BigEndian.AppendUint16(wide, u)
	}
	for _, b := range all {
		if bytes.Contains(b, []byte(text)) || bytes.Contains(b, wide) || bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(text))) {
			return true
		}
	}
	return false
}

func verify(t *testing.T, x built, o evidence.VerifyOptions) *evidence.Report {
	t.Helper()
	r, err := evidence.Verify(context.Background(), bytes.NewReader(x.tar), int64(len(x.tar)), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNoByteOfWhatIsWithheldIsInTheBundleAndItVerifies(t *testing.T) {
	b := newBench(t)
	n := 0
	canary := func() string { n++; return fmt.Sprintf("Canary%02dQzx", n) }
	type kept struct {
		text string
		seq  incident.Seq
		why  string // what the list says; "" for what is given
	}
	var list []kept
	add := func(who incident.Actor, why string, tlp incident.TLP, to *incident.Audience) incident.Seq {
		c := canary()
		seq := b.say(who, "before "+c+" after", tlp, to)
		list = append(list, kept{c, seq, why})
		return seq
	}
	add(b.lead, "range", "", nil)
	old := b.ask(1, b.head())
	b.do(b.lead, command.WithdrawExport{Root: old, Seen: b.head(), Reason: "CanaryOldReason"})
	from := old
	slot := add(b.lead, "redacted", "", nil)
	span := add(b.lead, "redacted", "", nil)
	add(b.rep, "unanswered", "", nil)
	no := add(b.rep, "withheld", "", nil)
	some := add(b.rep, "redacted", "", nil)
	yes := add(b.rep, "", "", nil)
	add(b.lead, "unanswered", incident.Red, only(b.numbers["Dev Rao"]))
	red := add(b.ncsc, "", incident.Red, only(b.numbers["Noor Haddad"]))
	add(b.rep, "unanswered", incident.Green, &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}})
	add(b.lead, "unanswered", incident.Amber, &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"DSC"}})
	add(b.rep, "", incident.Amber, nil)
	add(b.lead, "", "", nil)
	hidden := add(b.lead, "audience", incident.Amber, nil)
	narrowed := add(b.lead, "audience", "", nil)
	back := add(b.lead, "", "", nil)
	item := func(who incident.Actor, why string, recorded bool) incident.Seq {
		c := canary()
		i := incident.Item{Title: c, Text: "x", Indicators: []incident.Indicator{{Kind: incident.Domain, Value: strings.ToLower(c) + ".example"}}}
		seq := b.do(who, command.PublishItem{Item: i, Recorded: recorded, Chosen: command.Chosen{TLP: incident.Amber}})
		list = append(list, kept{c, seq, why})
		return seq
	}
	recall := func(who incident.Actor, root incident.Seq) {
		b.do(who, command.RecallEntry{Root: root, Reason: "CanaryWhyRecalled"})
	}
	item(b.lead, "", false)
	item(b.lead, "unanswered", true)
	recorded := item(b.ncsc, "", true)
	recall(b.lead, item(b.lead, "unanswered", false))
	recalled := item(b.ncsc, "", false)
	later := item(b.lead, "audience", false)
	reply := b.do(b.other, command.NoteEntry{Root: no})
	last := add(b.ncsc, "", "", nil)
	add(b.lead, "range", "", nil)

	root := b.ask(from, last)
	b.agree(root)
	cut := func(seq incident.Seq) incident.Redaction {
		return incident.Redaction{Entry: seq, Slot: incident.SlotBody, Field: "/text", Spans: []incident.Span{{From: 7, To: 18}}, Ground: incident.FOI40, Reason: "a person"}
	}
	b.do(b.lead, command.RedactExport{Root: root, Seen: b.head(), Redactions: []incident.Redaction{cut(span),
		{Entry: slot, Slot: incident.SlotBody, Ground: incident.FOI43, Reason: "a price"}, {Entry: slot, Slot: incident.SlotActor, Ground: incident.FOI40, Reason: "a person"}}})
	answer := func(who incident.Actor, a incident.Release, list []incident.Redaction, ground incident.Ground, reason string, of ...incident.Seq) {
		b.do(who, command.AnswerExport{Root: root, Seen: b.head(), ExportAnswered: incident.ExportAnswered{Answer: a, Entries: of, Redactions: list, Ground: ground, Reason: reason}})
	}
	answer(b.rep, incident.Kept, nil, incident.Safety, "would name a reporter", no)
	answer(b.rep, incident.Redacted, []incident.Redaction{cut(some)}, "", "", some)
	answer(b.rep, incident.Released, nil, "", "", yes)
	answer(b.ncsc, incident.Released, nil, "", "", red)
	b.do(b.ncsc, command.RecallEntry{Root: recalled, Reason: "a mistake"}) // and given to the inquiry all the same
	answer(b.ncsc, incident.Released, nil, "", "", recorded, recalled)
	b.approve(root)
	whole := b.build(root)
	recall(b.lead, later)
	b.do(b.lead, command.WithholdEntry{Root: hidden})
	b.do(b.lead, command.TightenEntry{Root: narrowed, Audience: &incident.Audience{Kind: incident.ToHosts}})
	b.do(b.lead, command.WithholdEntry{Root: back})
	b.do(b.lead, command.RestoreEntry{Root: back})
	x := b.build(root)

	report := verify(t, x, evidence.VerifyOptions{Policy: b.seals.Keys()})
	if report.Verdict != evidence.VerdictValid {
		t.Fatalf("%s %+v %q", report.Verdict, report.First, report.Remarks)
	}
	if r := verify(t, whole, evidence.VerifyOptions{Policy: b.seals.Keys()}); r.Verdict != evidence.VerdictValid {
		t.Errorf("as it was approved: %s %+v", r.Verdict, r.First)
	}
	if r := verify(t, x, evidence.VerifyOptions{}); r.Verdict != evidence.VerdictUntrusted {
		t.Errorf("without keys: %s", r.Verdict)
	}
	said := map[incident.Seq]string{}
	for _, w := range report.Withheld {
		for seq := w.First; seq <= w.Last; seq++ {
			said[incident.Seq(seq)] = string(w.Why)
		}
	}
	all, before := everything(t, x), everything(t, whole)
	for _, k := range list {
		if given := k.why == ""; holds(all, k.text) != given {
			t.Errorf("entry %d (%q): in the bundle: %v", k.seq, k.why, !given)
		}
		if said[k.seq] != k.why {
			t.Errorf("entry %d is said to be %q, want %q", k.seq, said[k.seq], k.why)
		}
		if k.why == "audience" && !holds(before, k.text) {
			t.Errorf("entry %d was not given before it was narrowed", k.seq)
		}
	}
	if said[reply] != "withheld" || said[old+1] != "audience" {
		t.Errorf("an entry about a withheld one is %q, one about an export %q", said[reply], said[old+1])
	}
	for _, text := range []string{"CanaryOldReason", "CanaryWhyRecalled", "module 2", "1 Example Street", "Ransomware at several", "INC-2026"} {
		if holds(all, text) {
			t.Errorf("%q is in the bundle", text)
		}
	}
	// What opens a commitment is given of nothing that is not.
	entries, err := b.Journal.Record(context.Background(), b.room, 1, 500)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range entries {
		e := row.Entry
		seed := base64.StdEncoding.EncodeToString(e.Opening.Seed[:])
		if _, out := said[incident.Seq(e.Seq)]; out && (holds(all, seed) || bytes.Contains(x.tar, e.Opening.Seed[:])) {
			t.Errorf("the seed of entry %d is in the bundle", e.Seq)
		}
	}
	// One byte of the leaves, and it is another log.
	bad := bytes.Clone(x.tar)
	at := bytes.Index(bad, x.files["leaves.bin"]) + 333*3 + 200
	bad[at] ^= 1
	if r := verify(t, built{tar: bad}, evidence.VerifyOptions{Policy: b.seals.Keys()}); r.Verdict != evidence.VerdictTampered {
		t.Errorf("a changed leaf: %s", r.Verdict)
	}
	if dir := artifacts(); dir != "" {
		keep(t, dir, x)
	}
}
