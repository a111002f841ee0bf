package intel

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"wardroom/server/incident"
)

// ParseCSV reads indicators from a table whose first row names its columns, or
// from a plain list with one indicator a line. Columns are separated by
// commas, semicolons or tabs. Known columns: value (or indicator, ioc), kind
// (or type), note (or comment, description), tlp, pap, do_not_block, tags,
// cvss, id, item (or title). Values may be defanged. Rows of one item and
// marking make one item.
func ParseCSV(r io.Reader, l Limits) (*Import, error) {
	f, err := read(r, l)
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(f.data, 0) >= 0 {
		return nil, f.refuse(bytes.IndexByte(f.data, 0), "This is not a text file.")
	}
	c := &csvFile{file: f, by: map[csvKey]*Draft{}}
	if err := c.parse(); err != nil {
		return nil, err
	}
	var drafts []Draft
	for _, k := range c.order {
		drafts = append(drafts, *c.by[k])
	}
	return c.finish(drafts, "no line of it holds an indicator")
}

type csvKey struct {
	title string
	tlp   incident.TLP
	pap   incident.PAP
}

type csvFile struct {
	*file
	columns map[string]int
	reader  *csv.Reader
	row     []string
	old     bool // it writes WHITE: its AMBER is of version 1
	order   []csvKey
	by      map[csvKey]*Draft
}

// csvNames are the names that a column may have.
var csvNames = map[string]string{
	"value": "value", "indicator": "value", "ioc": "value", "indicator_value": "value", "observable": "value", "domain": "value", "ip": "value", "hash": "value", "url": "value",
	"kind": "kind", "type": "kind", "indicator_type": "kind", "ioc_type": "kind",
	"note": "note", "comment": "note", "description": "note", "comments": "note",
	"tlp": "tlp", "marking": "tlp", "pap": "pap", "do_not_block": "spare", "donotblock": "spare", "tags": "tags", "labels": "tags", "cvss": "cvss", "cvss_vector": "cvss",
	"id": "id", "stix_id": "id", "uuid": "id", "item": "title", "title": "title", "event": "title",
}

func (c *csvFile) parse() error {
	first, _, _ := bytes.Cut(c.data, []byte("\n"))
	comma := separator(string(first))
	c.columns = columnsOf(string(first), comma)
	if c.columns == nil {
		if comma != 0 {
			return c.refuse(0, "The first row names no column that could hold the indicators: call one of them value.")
		}
		return c.list()
	}
	if comma == 0 {
		comma = ','
	}
	c.reader = csv.NewReader(newReader(c.data))
	c.reader.Comma, c.reader.FieldsPerRecord = comma, -1
	c.reader.Read() // the names
	c.old = bytes.Contains(bytes.ToUpper(c.data), []byte("TLP:WHITE"))
	for n := 1; ; n++ {
		row, err := c.reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				return &Refusal{Line: bad.Line, Column: bad.Column, Why: "This is not CSV here: " + strings.TrimPrefix(bad.Err.Error(), "csv: ") + "."}
			}
			return err
		}
		if n > c.limits.Objects {
			return &Refusal{Why: fmt.Sprintf("This file has more than %s rows.", thousands(c.limits.Objects))}
		}
		c.row = row
		if err := c.one(); err != nil {
			return err
		}
	}
}

// separator is what separates the names of columns; 0 if there is one column.
func separator(first string) rune {
	for _, s := range []rune{'\t', ';', ','} {
		if strings.ContainsRune(first, s) {
			return s
		}
	}
	return 0
}

// columnsOf reads a row of names; nil if none is of the values.
func columnsOf(first string, comma rune) map[string]int {
	names := []string{first}
	if comma != 0 {
		names = strings.Split(first, string(comma))
	}
	at := map[string]int{}
	for i, n := range names {
		n = strings.Trim(strings.TrimSpace(n), `"'`)
		n = strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(n), " ", "_"), "-", "_")
		if name, ok := csvNames[n]; ok {
			if _, twice := at[name]; !twice {
				at[name] = i
			}
		}
	}
	if _, ok := at["value"]; !ok {
		return nil
	}
	return at
}

// cell is a column of the row, as it was before it was kept from being taken
// for a formula.
func (c *csvFile) cell(name string) string {
	i, ok := c.columns[name]
	if !ok || i >= len(c.row) {
		return ""
	}
	s := strings.TrimSpace(c.row[i])
	if rest, ok := strings.CutPrefix(s, "'"); ok && formula(rest) {
		return rest
	}
	return s
}

// place is where a column of the row stands.
func (c *csvFile) refuseCell(name, why string) *Refusal {
	line, column := c.reader.FieldPos(c.columns[name])
	return &Refusal{Line: line, Column: column, Why: why}
}

func (c *csvFile) at() int {
	line, _ := c.reader.FieldPos(0)
	return line
}

// one carries a row.
func (c *csvFile) one() error {
	value := Refang(c.cell("value"))
	if value == "" {
		return nil
	}
	k := csvKey{title: oneLine(c.cell("title"), incident.MaxItemTitle)}
	if t := c.cell("tlp"); t != "" {
		label, err := c.label(t)
		if err != nil {
			return err
		}
		k.tlp = label
	}
	if p := c.cell("pap"); p != "" {
		pap, ok := papOfTag(p)
		if !ok {
			if pap, ok = papWord(p); !ok {
				return c.refuseCell("pap", fmt.Sprintf("%q is no PAP label: PAP:CLEAR, PAP:GREEN, PAP:AMBER and PAP:RED are.", oneLine(p, 40)))
			}
		}
		k.pap = pap
	}
	x, ok := c.indicator(value)
	if !ok {
		c.leave(c.at(), "row", "its value is no indicator, none of its kind, too long, or disguised")
		return nil
	}
	x.Note, x.DoNotBlock = c.cell("note"), yes(c.cell("spare"))
	if v := c.cell("cvss"); v != "" {
		if s, err := ParseCVSS(v); err == nil {
			x.CVSS = s.Vector
		} else {
			c.leave(c.at(), "cvss", "no CVSS vector")
		}
	}
	if id := c.cell("id"); id != "" {
		if typ, _, _ := strings.Cut(id, "--"); stixID(id, typ) {
			x.ID = id
		} else {
			c.leave(c.at(), "id", "no STIX id")
		}
	}
	for t := range strings.SplitSeq(c.cell("tags"), ";") {
		x.Tags = append(x.Tags, strings.TrimSpace(t))
	}
	d := c.draft(k)
	d.Item.Indicators = append(d.Item.Indicators, x)
	return nil
}

// leave notes it by line.
func (c *csvFile) leave(line int, what, why string) {
	before := len(c.left.list)
	c.left.add(c.file, -1, what, why)
	if len(c.left.list) > before {
		c.left.list[before].Line = line
	}
}

// label reads a row's TLP.
func (c *csvFile) label(t string) (incident.TLP, error) {
	label, old, ok := tlpOfTag(t)
	if !ok {
		label, old, ok = tlpWord(t)
	}
	if !ok {
		return "", c.refuseCell("tlp", fmt.Sprintf("%q is no TLP label: TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT and TLP:RED are.", oneLine(t, 40)))
	}
	switch {
	case label == incident.Amber && c.old:
		c.mapped.add(c.file, -1, "TLP:AMBER beside TLP:WHITE", string(incident.AmberStrict)+": version 1 said nothing of clients")
		return incident.AmberStrict, nil
	case old || t != string(label):
		c.mapped.add(c.file, -1, t, string(label))
	}
	return label, nil
}

// indicator makes one of a value, of the kind that its row says.
func (c *csvFile) indicator(value string) (incident.Indicator, bool) {
	said := strings.ToLower(strings.ReplaceAll(c.cell("kind"), "_", "-"))
	if said == "" {
		kind, v, ok := Classify(value)
		return incident.Indicator{Kind: kind, Value: v}, ok
	}
	kind := incident.IndicatorKind(said)
	if k, ok := mispKinds[said]; ok && !kind.Valid() {
		kind = k
	}
	switch said {
	case "ip", "ipv4-addr", "ip-src", "ip-dst", "ip address", "ipv6-addr":
		kind = incident.IPv4
		if strings.Count(value, ":") > 1 {
			kind = incident.IPv6
		}
	case "domain-name", "hostname", "fqdn", "host":
		kind = incident.Domain
	case "sha-1":
		kind = incident.SHA1
	case "sha-256":
		kind = incident.SHA256
	case "sha-512":
		kind = incident.SHA512
	case "email-addr", "e-mail":
		kind = incident.Email
	case "as":
		kind = incident.ASN
	}
	if !kind.Valid() {
		c.mapped.add(c.file, -1, "kind "+said, "other, with a tag")
		kind = incident.OtherIOC
		v, ok := valid(kind, value)
		return incident.Indicator{Kind: kind, Value: v, Tags: []string{mispTypeTag + said}}, ok
	}
	v, ok := valid(kind, value)
	return incident.Indicator{Kind: kind, Value: v}, ok
}

func yes(s string) bool {
	switch strings.ToLower(s) {
	case "1", "yes", "true", "y", "x", "do not block":
		return true
	}
	return false
}

func (c *csvFile) draft(k csvKey) *Draft {
	d := c.by[k]
	if d == nil {
		d = &Draft{TLP: k.tlp, PAP: k.pap}
		if d.Item.Title = k.title; k.title == "" {
			d.Item.Title = "Imported indicators"
		}
		c.by[k] = d
		c.order = append(c.order, k)
	}
	return d
}

// list carries a plain list: one value a line, with # before comments.
func (c *csvFile) list() error {
	c.old = bytes.Contains(bytes.ToUpper(c.data), []byte("TLP:WHITE"))
	d := c.draft(csvKey{})
	rows, line := 0, 0
	for text := range strings.SplitSeq(string(c.data), "\n") {
		line++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' || strings.HasPrefix(text, "//") {
			continue
		}
		if rows++; rows > c.limits.Objects {
			return &Refusal{Line: line, Column: 1, Why: fmt.Sprintf("This file has more than %s rows.", thousands(c.limits.Objects))}
		}
		if label, _, ok := tlpOfTag(text); ok {
			if label == incident.Amber && c.old {
				label = incident.AmberStrict
			}
			if d.TLP != "" && d.TLP != label {
				return &Refusal{Line: line, Column: 1, Why: "Two TLP labels stand in this list: which one counts, nobody could tell."}
			}
			d.TLP = label
			continue
		}
		kind, v, ok := Classify(Refang(text))
		if !ok {
			c.leave(line, "line", "no indicator")
			continue
		}
		d.Item.Indicators = append(d.Item.Indicators, incident.Indicator{Kind: kind, Value: v})
	}
	if n := len(d.Item.Indicators); n == 0 || n*2 < rows && n < 3 {
		return &Refusal{Why: "This is neither a table of indicators nor a list of them. The first row of a table names its columns; call one of them value."}
	}
	return nil
}

// csvHeader are the columns that WriteCSV writes.
var csvHeader = []string{"tlp", "pap", "item", "kind", "value", "do_not_block", "note", "tags", "cvss", "id", "originator", "published"}

// WriteCSV writes one row for each indicator (RFC 4180, CRLF), with its label
// in the first column. Values are live: the table is for machines. No cell is
// one that a spreadsheet would take for a formula.
func WriteCSV(w io.Writer, records []Record) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	for _, r := range records {
		title := r.Item.Title
		if r.Item.Invented {
			title = exercisePrefix + title
		}
		for _, x := range r.Item.Indicators {
			spare := ""
			if x.DoNotBlock {
				spare = "do not block"
			}
			row := []string{string(r.TLP), string(r.PAP), title, string(x.Kind), x.Value, spare, x.Note, strings.Join(x.Tags, "; "), x.CVSS, x.ID, r.Originator, stixTime(r.Published)}
			for i := range row {
				row[i] = plainCell(row[i])
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// plainCell makes text of what a spreadsheet would take for a formula.
func plainCell(s string) string {
	if formula(s) {
		return "'" + s
	}
	return s
}

// formula reports whether a spreadsheet would run it: it begins, perhaps after
// spaces or an apostrophe of its own, with a sign that begins one, in any
// width.
func formula(s string) bool {
	for _, r := range s {
		switch {
		case r == '\t' || r == '\r':
			return true
		case unicode.IsSpace(r), r == '\'':
			continue
		}
		return strings.ContainsRune("=+-@|%\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b", r)
	}
	return false
}
