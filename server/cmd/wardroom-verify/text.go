package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wardroom/server/evidence"
)

// text is the report for people. Everything in it that was not written here
// goes through said.
type text struct {
	file   string
	size   int64
	sum    string
	report *evidence.Report
	policy *evidence.Policy // the reader's; nil: none was given

	w *bufio.Writer
}

// slotNames are what the eight parts of an entry are to a reader.
var slotNames = [evidence.Slots]string{"kind", "who", "times", "label and readers", "text", "references", "attachments", "authority"}

// verdicts say in a sentence or two what a verdict means.
var verdicts = map[evidence.Verdict]string{
	evidence.VerdictUnreadable:   "This file is not a bundle, or it is damaged so that it cannot be read as one. Nothing was verified. Ask for it again.",
	evidence.VerdictTampered:     "Something in this bundle is not what was sealed. It was changed, or damaged, after it was written. Do not rely on it.",
	evidence.VerdictInconsistent: "This bundle contradicts another sealed state of the same log, or it contradicts itself. Either the operator has shown different histories to different people, or the record was not kept by its own rules. Do not rely on it before that is explained.",
	evidence.VerdictUntrusted:    "The bundle fits together, but it is not known who vouches for it: anybody could have made it. See under \"Whose signatures\" what to do.",
	evidence.VerdictOlder:        "The bundle holds as far as it goes, and it does not go as far as was asked for.",
	evidence.VerdictIncomplete:   "What is shown is what was sealed, and something is missing that should be shown or listed as withheld.",
	evidence.VerdictErased:       "What is shown is what was sealed. Something in it was erased afterwards, and the record itself says so, when and on what ground.",
	evidence.VerdictUnsealed:     "What is shown is what was sealed. The last entries came after the newest seal: they follow on from it, and nobody but the operator vouches for them yet.",
	evidence.VerdictValid:        "What is shown is what was written and sealed at the time: nothing was changed, added, removed or put in another order since.",
}

// said is text from the bundle or the command line, made harmless to print.
func said(s string) string { return evidence.Printable(s) }

const width = 78

// line writes a paragraph, broken to width. The further lines of one that may
// hold text from the bundle, an item of a list or an indented one, are
// indented: no such text ever begins a line.
func (t *text) line(indent int, format string, args ...any) {
	pad, hang := strings.Repeat(" ", indent), ""
	if indent > 0 || strings.HasPrefix(format, "* ") {
		hang = "  "
	}
	at := 0
	for i, word := range strings.Fields(fmt.Sprintf(format, args...)) {
		n := len([]rune(word))
		switch {
		case i == 0:
			fmt.Fprint(t.w, pad, word)
			at = indent + n
		case at+1+n > width:
			fmt.Fprint(t.w, "\n", pad, hang, word)
			at = indent + len(hang) + n
		default:
			fmt.Fprint(t.w, " ", word)
			at += 1 + n
		}
	}
	fmt.Fprintln(t.w)
}

func (t *text) head(s string) { fmt.Fprintf(t.w, "\n%s\n%s\n", s, strings.Repeat("-", len([]rune(s)))) }

func (t *text) write(out io.Writer) error {
	t.w = bufio.NewWriter(out)
	r := t.report
	fmt.Fprintf(t.w, "WARDROOM: VERIFICATION OF A BUNDLE\n\n")
	fmt.Fprintf(t.w, "File     %s, %s bytes\n", said(t.file), thousands(uint64(t.size)))
	fmt.Fprintf(t.w, "SHA-256  %s\n", t.sum)
	t.head("Verdict: " + string(r.Verdict))
	t.line(0, "%s", verdicts[r.Verdict])
	if r.First != nil {
		t.line(0, "First found at %s: %s.", place(r.First), r.First.What)
	}
	for _, remark := range r.Remarks {
		t.line(0, "* %s", said(remark))
	}
	if r.Verdict == evidence.VerdictUnreadable {
		return t.w.Flush()
	}
	t.subject()
	t.proved()
	t.notProved()
	t.withheld()
	t.erased()
	t.times()
	t.signatures()
	return t.w.Flush()
}

func place(f *evidence.Finding) string {
	if f.Slot < 0 {
		return "entry " + thousands(f.Seq)
	}
	return fmt.Sprintf("entry %s, part %d (%s)", thousands(f.Seq), f.Slot, slotNames[f.Slot])
}

func (t *text) subject() {
	r := t.report
	t.head("What this is about")
	fmt.Fprintf(t.w, "Log      %s\n", said(r.Log))
	if r.Counts.Leaves > 0 {
		fmt.Fprintf(t.w, "Entries  %s, numbered 0 to %s (0 is the log's own first entry)\n", thousands(r.Counts.Leaves), thousands(r.Head))
	}
	fmt.Fprintf(t.w, "Seal     over the first %s entries\n", thousands(r.Size))
	fmt.Fprintf(t.w, "         root %x\n", r.Root)
	fmt.Fprintf(t.w, "Shown    %s in full, %s in part, %s not at all\n", thousands(r.Counts.Open), thousands(r.Counts.Part), thousands(r.Counts.Withheld))
	var info evidence.BundleInfo
	if json.Unmarshal(r.Info, &info) != nil {
		return
	}
	t.line(0, "The exporter's own description, which nothing proves:")
	for _, x := range []struct{ name, value string }{{"reference", info.Reference}, {"title", info.Title}, {"made by", info.Exporter}, {"made for", info.Recipient},
		{"legal basis", info.Basis}, {"entries asked for", fmt.Sprintf("%d to %d", info.From, info.To)}} {
		if x.value != "" {
			t.line(2, "%s: %s", x.name, said(x.value))
		}
	}
}

// holds reports whether what is shown is known to be what the leaves commit to
// and the leaves to be those of the seal.
func (t *text) holds() bool {
	return t.report.Verdict != evidence.VerdictTampered && t.report.Verdict != evidence.VerdictInconsistent
}

func (t *text) proved() {
	t.head("What is proved")
	r := t.report
	switch {
	case !t.holds():
		t.line(0, "Nothing that a reader should rely on, until what was found above is explained.")
		return
	case r.Verdict == evidence.VerdictUntrusted:
		t.line(0, "If, and only if, the signatures turn out to be those of people you trust, then the following.")
	}
	t.line(0, "* Every entry that is shown is, to the letter, what was written under its number. Each part of an entry is bound by SHA-256, with a secret random value of its own, into the log.")
	t.line(0, "* The first %s entries are all there, in their order, in the state that was sealed: none was changed, added, removed or exchanged since. The number of every withheld entry is there too, so nothing can have been left out unseen.", thousands(r.Size))
	if n := len(r.Bounds); n > 1 {
		t.line(0, "* The log also agrees with %s earlier seals: at none of those times was another history shown to those who sealed it.", thousands(uint64(n-1)))
	}
	t.line(0, "* Where entries are shown, the record keeps its own rules: times do not go back, nobody acts before joining or after leaving, and each entry belongs to one that is there.")
}

func (t *text) notProved() {
	t.head("What is not proved")
	r := t.report
	t.line(0, "* That what people wrote is true, or that they wrote down everything.")
	t.line(0, "* That the operator gave each person's words to the right name. The log proves what the operator recorded, when, and that it stayed so.")
	t.line(0, "* Anything about what is withheld, except that it exists, under its number, and cannot be exchanged for something else later.")
	t.line(0, "* The reasons given for withholding, wording put in place of what is withheld, and the exporter's description: they are the exporter's words.")
	if len(r.Files) > 0 {
		t.line(0, "* The files made for reading (%s): they are as the exporter wrote them, and only this verification says what is in the log.", said(strings.Join(r.Files, ", ")))
	}
	if r.Counts.Tail > 0 {
		t.line(0, "* The last %s entries (from %s on): they are not sealed yet.", thousands(r.Counts.Tail), thousands(r.Size))
	}
}

// whys say why something is not shown.
var whys = map[evidence.Why]string{
	evidence.OutOfRange: "outside the range that was asked for or granted",
	evidence.Redacted:   "taken out (redacted)",
	evidence.Kept:       "kept back by the organisation it came from",
	evidence.Unanswered: "the organisation it came from was asked and has not answered",
	evidence.Audience:   "written for other readers than the recipient",
}

func (t *text) withheld() {
	r := t.report
	if len(r.Withheld) == 0 {
		return
	}
	t.head("What is withheld, and why")
	for _, w := range r.Withheld {
		t.line(0, "* %s: %s.%s%s", which(w), whys[w.Why], given("Ground", w.Ground), given("Reason", w.Reason))
		for _, slot := range w.Slots {
			if wording, ok := w.Redacted[fmt.Sprint(slot)]; ok {
				t.line(4, "In place of its %s the exporter writes: \"%s\"", slotNames[slot], said(wording))
			}
		}
	}
}

func given(what, s string) string {
	if s == "" {
		return ""
	}
	return " " + what + ": " + said(s) + "."
}

func which(w evidence.Withheld) string {
	s := "entry " + thousands(w.First)
	if w.First != w.Last {
		s = fmt.Sprintf("entries %s to %s", thousands(w.First), thousands(w.Last))
	}
	if len(w.Slots) == evidence.Slots {
		return s
	}
	return s + ", " + parts(w.Slots)
}

func parts(slots []int) string {
	var names []string
	for _, i := range slots {
		names = append(names, slotNames[i])
	}
	return "its " + strings.Join(names, ", ")
}

func (t *text) erased() {
	r := t.report
	if len(r.Erased) == 0 {
		return
	}
	t.head("What was erased")
	t.line(0, "Nobody has this any more. The seal over it stands, and an entry of the log says that it was erased.")
	for _, w := range r.Erased {
		t.line(0, "* entry %s, %s: erased by entry %s.%s", thousands(w.First), parts(w.Slots), thousands(w.Event), given("Ground", w.Ground))
	}
}

// manyBounds is how many lines of times are printed; programs get them all.
const manyBounds = 60

func (t *text) times() {
	r := t.report
	t.head("When the entries were written")
	if len(r.Bounds) == 0 {
		t.line(0, "Not known. Only a second party's seal (a witness's) says when; none that counts is on this bundle. The times inside the entries are the operator's own.")
		return
	}
	t.line(0, "Times are UTC. \"Not after\" is when the witness had sealed the log with these entries in it; \"not before\" is its seal over the log without them. They rest on the witness's clock; \"not before\" rests also on the operator's handing entries over as they are written. The times inside the entries are the operator's own, and should lie between.")
	fmt.Fprintf(t.w, "\n  %-25s %-21s %s\n", "entries", "not before", "not after")
	from, before := uint64(0), "–"
	for i, b := range r.Bounds {
		at := b.At.UTC().Format("2006-01-02 15:04:05")
		if i < manyBounds/2 || i >= len(r.Bounds)-manyBounds/2 {
			fmt.Fprintf(t.w, "  %-25s %-21s %s\n", thousands(from)+" to "+thousands(b.Size-1), before, at)
		} else if i == manyBounds/2 {
			fmt.Fprintf(t.w, "  … %s more lines, which --json prints …\n", thousands(uint64(len(r.Bounds)-manyBounds)))
		}
		from, before = b.Size, at
	}
	if r.Counts.Leaves > from {
		fmt.Fprintf(t.w, "  %-25s %-21s %s\n", thousands(from)+" to "+thousands(r.Head), before, "not sealed")
	}
}

func (t *text) signatures() {
	t.head("Whose signatures")
	if t.policy == nil {
		t.line(0, "You gave no policy file. These are the keys that the bundle names for itself. Before relying on it, get the keys from the operator and from each witness, or compare these fingerprints with them aloud, by a way that has nothing to do with how this file reached you. Then run this program again with --policy.")
		t.keys(t.report.Claimed)
	} else {
		t.line(0, "These are the keys in the policy file you gave. They are worth as much as the way they came to you. If you have not compared the fingerprints with the operator and with each witness, do so.")
		t.keys(t.policy)
	}
	if t.policy != nil && t.report.Verdict == evidence.VerdictUntrusted {
		t.line(0, "")
		t.line(0, "The bundle itself names these keys. If some are not in your policy file, ask the operator and the witness whether they are theirs, and since when.")
		t.keys(t.report.Claimed)
	}
	t.line(0, "Ed25519 and ML-DSA-44 are two kinds of signature; the second is meant to hold against quantum computers. Both must be good.")
}

// keys prints a policy's keys with whom to compare them.
func (t *text) keys(p *evidence.Policy) {
	for i, g := range p.Log {
		t.line(0, "* The operator%s%s. Compare with whoever runs %s.", nth(i, len(p.Log)), sizes(g), said(host(g.Ed25519)))
		t.key(g.Ed25519, false)
		t.key(g.MLDSA, false)
	}
	for _, w := range p.Witnesses {
		t.line(0, "* The witness, who saw to it that the operator keeps one history. Compare with whoever runs %s.", said(host(w.Keys[0])))
		for _, k := range w.Keys {
			t.key(k, true)
		}
	}
	if len(p.Witnesses) == 0 {
		t.line(0, "No witness is named. Then the operator alone vouches for the log, and could have kept two.")
	}
}

func nth(i, n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", keys no. %d", i+1)
}

func sizes(g evidence.Generation) string {
	switch {
	case g.To > 0:
		return fmt.Sprintf(", for seals over %s to %s entries", thousands(g.From), thousands(g.To))
	case g.From > 0:
		return fmt.Sprintf(", for seals over %s entries and more", thousands(g.From))
	}
	return ""
}

// host is the first part of a key's name.
func host(line string) string {
	name, _, _ := strings.Cut(line, "+")
	name, _, _ = strings.Cut(name, "/")
	return name
}

// key prints a key's name and fingerprint, and whether it is on the seal.
func (t *text) key(line string, witness bool) {
	k, err := evidence.DescribeKey(line, witness)
	if err != nil {
		return // a policy that was read has none such
	}
	on := "no good signature on the newest seal"
	if i := slices.IndexFunc(t.report.Sealed, func(s evidence.Signature) bool { return s.Name == k.Name && s.Hash == k.Hash }); i >= 0 {
		on = "good signature on the newest seal"
		if at := t.report.Sealed[i].Time; !at.IsZero() {
			on += ", made " + at.UTC().Format(time.DateTime) + " UTC"
		}
	}
	f := k.Fingerprint
	fmt.Fprintf(t.w, "    %s (%s)\n      %s\n      fingerprint %s\n                  %s\n", said(k.Name), k.Kind, on, f[:39], f[40:])
}

// thousands writes a number as people read one.
func thousands(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
