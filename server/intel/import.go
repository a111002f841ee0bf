package intel

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"wardroom/server/incident"
)

// Limits bound what a reader takes.
type Limits struct {
	Bytes   int // of the file
	Objects int // STIX objects, MISP attributes, CSV rows
}

// DefaultLimits are generous for what people exchange in an incident.
var DefaultLimits = Limits{Bytes: 32 << 20, Objects: 100_000}

// Import is what a file gave.
type Import struct {
	Items  []Draft `json:"items"`
	Mapped []Note  `json:"mapped"` // understood, and kept as something else
	Left   []Note  `json:"left"`   // not carried
}

// Draft is an item that a file proposes. Nothing is published by reading it.
type Draft struct {
	Item     incident.Item   `json:"item"`
	TLP      incident.TLP    `json:"tlp,omitempty"` // empty: the file gives no label; the room's stands
	PAP      incident.PAP    `json:"pap,omitempty"`
	Caveat   incident.Caveat `json:"caveat,omitempty"`
	Audience []string        `json:"audience,omitempty"` // organisations the file's own sharing names: whom to choose is the publisher's to say
}

// Note says what became of part of a file.
type Note struct {
	What  string `json:"what"` // a type or property of the format, a tag, a label
	Why   string `json:"why"`
	Count int    `json:"count"`
	Line  int    `json:"line,omitempty"` // of the first
}

// Refusal says where a file broke, and why nothing of it was taken. Line and
// column begin at 1; 0 where the fault has no place. The column counts bytes.
type Refusal struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Why    string `json:"why"`
}

func (r *Refusal) Error() string {
	if r.Line == 0 {
		return r.Why
	}
	return fmt.Sprintf("line %d, column %d: %s", r.Line, r.Column, r.Why)
}

// file is what is read, with what becomes of it.
type file struct {
	data   []byte
	limits Limits
	mapped notes
	left   notes
}

// read takes the whole file, or refuses it.
func read(r io.Reader, l Limits) (*file, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(l.Bytes)+1))
	if err != nil {
		return nil, err
	}
	if len(data) > l.Bytes {
		return nil, &Refusal{Why: fmt.Sprintf("This file is larger than %d MiB.", l.Bytes>>20)}
	}
	f := &file{data: bytes.TrimPrefix(data, []byte("\ufeff")), limits: l}
	if len(bytes.TrimSpace(f.data)) == 0 {
		return nil, &Refusal{Line: 1, Column: 1, Why: "This file is empty."}
	}
	if at := firstInvalid(f.data); at >= 0 {
		return nil, f.refuse(at, "This is not UTF-8 text.")
	}
	return f, nil
}

// isXML refuses what is older than the JSON of these formats.
func (f *file) isXML() error {
	if text := bytes.TrimSpace(f.data); len(text) > 1 && text[0] == '<' && (text[1] == '?' || isAlnum(text[1])) {
		return f.refuse(0, "This is XML. STIX 1 is not read: have it converted to STIX 2.1.")
	}
	return nil
}

func firstInvalid(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// refuse returns a Refusal at a byte of the file.
func (f *file) refuse(at int, format string, args ...any) *Refusal {
	line, column := f.place(at)
	return &Refusal{Line: line, Column: column, Why: fmt.Sprintf(format, args...)}
}

// place is the line and column of a byte of the file.
func (f *file) place(at int) (line, column int) {
	before := f.data[:min(max(at, 0), len(f.data))]
	return 1 + bytes.Count(before, []byte("\n")), 1 + len(before) - (bytes.LastIndexByte(before, '\n') + 1)
}

// notes gather what is said more than once.
type notes struct {
	list []Note
	at   map[[2]string]int
	more int
}

// most distinct notes of a file; those beyond are counted.
const mostNotes = 200

// add notes it, with the byte of the file where it stands; -1 for none.
func (n *notes) add(f *file, at int, what, why string) {
	what = oneLine(what, 80)
	key := [2]string{what, why}
	if i, ok := n.at[key]; ok {
		n.list[i].Count++
		return
	}
	if len(n.list) == mostNotes {
		n.more++
		return
	}
	if n.at == nil {
		n.at = map[[2]string]int{}
	}
	n.at[key] = len(n.list)
	note := Note{What: what, Why: why, Count: 1}
	if at >= 0 {
		note.Line, _ = f.place(at)
	}
	n.list = append(n.list, note)
}

func (n *notes) done() []Note {
	list := append([]Note{}, n.list...)
	if n.more > 0 {
		list = append(list, Note{What: "more of other kinds", Why: "not listed one by one", Count: n.more})
	}
	return list
}

// finish makes the drafts fit what an item may hold, and answers with them. A
// file that gives none is refused: silence would look like success.
func (f *file) finish(drafts []Draft, what string) (*Import, error) {
	var out []Draft
	for _, d := range drafts {
		out = append(out, f.fit(d)...)
	}
	if len(out) == 0 {
		return nil, &Refusal{Why: "There is nothing in this file to publish: " + what + "."}
	}
	return &Import{Items: out, Mapped: f.mapped.done(), Left: f.left.done()}, nil
}

// roomFor is what indicators may take of an item beside its text.
const roomFor = incident.MaxItemBytes - incident.MaxItemText

// fit brings a draft within the bounds of an item: what is too long is cut and
// noted, and what is too much becomes several items.
func (f *file) fit(d Draft) []Draft {
	it := &d.Item
	it.Text = f.fitText("text", it.Text, incident.MaxItemText)
	it.Caveats = f.line("caveats", it.Caveats, 500)
	if it.Title = f.line("title", it.Title, incident.MaxItemTitle); it.Title == "" {
		it.Title = "Imported intelligence"
	}
	f.fitSources(it)
	f.fitRefs(it)
	it.Indicators = f.fitIndicators(it.Indicators)
	if len(it.Indicators) == 0 && strings.TrimSpace(it.Text) == "" {
		return nil
	}
	slices.Sort(d.Audience)
	d.Audience = slices.Compact(d.Audience)
	return f.split(d)
}

func (f *file) split(d Draft) []Draft {
	var lots [][]incident.Indicator
	rest := d.Item.Indicators
	for len(rest) > 0 {
		n, size := 0, 0
		for n < len(rest) && n < incident.MaxIndicators {
			if size += weight(rest[n]); size > roomFor {
				break // one alone is far smaller
			}
			n++
		}
		lots, rest = append(lots, rest[:n:n]), rest[n:]
	}
	if len(lots) <= 1 {
		return []Draft{d}
	}
	f.mapped.add(f, -1, "indicators", fmt.Sprintf("more than one item holds: %s items", thousands(len(lots))))
	var out []Draft
	for i, lot := range lots {
		part := d
		part.Item.Indicators = lot
		part.Item.Title = oneLine(d.Item.Title, incident.MaxItemTitle-24) + fmt.Sprintf(" (part %s of %s)", thousands(i+1), thousands(len(lots)))
		if i > 0 {
			part.Item.Text, part.Item.Refs = "", nil
		}
		out = append(out, part)
	}
	return out
}

// weight is what incident counts of an indicator.
func weight(x incident.Indicator) int {
	n := len(x.Value) + len(x.Note) + len(x.CVSS) + len(x.ID) + 32
	for _, t := range x.Tags {
		n += len(t) + 3
	}
	return n
}

func (f *file) fitSources(it *incident.Item) {
	for i := range it.Sources {
		s := &it.Sources[i]
		s.Name, s.Kind = f.line("source", s.Name, incident.MaxItemTitle), f.line("source", s.Kind, 60)
	}
	if len(it.Sources) > incident.MaxSources {
		f.left.add(f, -1, "sources", fmt.Sprintf("an item has at most %d", incident.MaxSources))
		it.Sources = it.Sources[:incident.MaxSources]
	}
	if len(it.Sources) == 0 {
		it.Sources = []incident.Source{{Reliability: "F", Credibility: "6"}}
	}
}

func (f *file) fitRefs(it *incident.Item) {
	var refs []incident.Reference
	for _, r := range it.Refs {
		switch {
		case len(refs) == incident.MaxReferences:
			f.left.add(f, -1, "references", fmt.Sprintf("an item has at most %d", incident.MaxReferences))
		case len(r.URL) > incident.MaxReferenceURL || disguised(r.URL):
			f.left.add(f, -1, "references", "too long, or with characters that disguise it")
		default:
			if r.Name = f.line("references", r.Name, incident.MaxItemTitle); r.Name != "" {
				refs = append(refs, r)
			}
		}
	}
	it.Refs = refs
}

func (f *file) fitIndicators(list []incident.Indicator) []incident.Indicator {
	out := make([]incident.Indicator, 0, len(list))
	seen := make(map[found]int, len(list))
	for _, x := range list {
		x.Note = f.line("note of an indicator", x.Note, incident.MaxIndicatorLine)
		if len(x.ID) > incident.MaxIndicatorLine || disguised(x.ID) {
			f.left.add(f, -1, "id of an indicator", "too long")
			x.ID = ""
		}
		x.Tags = f.tags(x.Tags)
		k := found{x.Kind, x.Value + "\x00" + x.ID}
		if i, ok := seen[k]; ok {
			out[i].DoNotBlock = out[i].DoNotBlock || x.DoNotBlock
			f.left.add(f, -1, string(x.Kind), "given more than once")
			continue
		}
		seen[k] = len(out)
		out = append(out, x)
	}
	return out
}

func (f *file) tags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if t = strings.TrimSpace(t); t == "" {
			continue
		}
		if len(t) > incident.MaxIndicatorTag || disguised(t) {
			f.left.add(f, -1, "tag", "too long, or with characters that disguise it")
			continue
		}
		out = append(out, t)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > incident.MaxIndicatorTags {
		f.left.add(f, -1, "tags", fmt.Sprintf("an indicator has at most %d", incident.MaxIndicatorTags))
		slices.SortStableFunc(out, func(a, b string) int { return -cmpBool(strings.HasPrefix(a, machine), strings.HasPrefix(b, machine)) })
		out = out[:incident.MaxIndicatorTags]
		slices.Sort(out)
	}
	return out
}

func cmpBool(a, b bool) int {
	n := map[bool]int{true: 1}
	return cmp.Compare(n[a], n[b])
}

// line makes text one line of at most so many bytes, and notes what was cut.
func (f *file) line(what, text string, most int) string {
	l := oneLine(text, most)
	if len(text) > most && len(l) < len(strings.TrimSpace(text)) {
		f.left.add(f, -1, what, fmt.Sprintf("the end of it, beyond %s bytes", thousands(most)))
	}
	return l
}

// fitText keeps text to so many bytes, and takes out invisible characters.
func (f *file) fitText(what, text string, most int) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = visible(text)
	if len(text) > most {
		f.left.add(f, -1, what, fmt.Sprintf("the end of it, beyond %s bytes", thousands(most)))
		text = cutRunes(text, most)
	}
	return text
}

// oneLine folds white space and takes out invisible characters.
func oneLine(text string, most int) string {
	if len(text) > 4*most { // no more can be shown of it
		text = cutRunes(text, 4*most)
	}
	return cutRunes(strings.Join(strings.Fields(visible(text)), " "), most)
}

func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || incident.Disguises(r) {
			return -1
		}
		return r
	}, text)
}

// cutRunes cuts to at most so many bytes, between characters.
func cutRunes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

func newReader(b []byte) io.Reader { return bytes.NewBuffer(b) }
