package intel

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"wardroom/server/incident"
)

// ParseMISP reads MISP events: one, with or without its wrapping, a list of
// them, or an answer of MISP's interface. Each event makes an item; attributes
// that may go less far than their event (by a label, a distribution or a
// sharing group of their own) make another, marked by theirs. Two TLP labels
// on one thing are refused: the taxonomy allows one.
func ParseMISP(r io.Reader, l Limits) (*Import, error) {
	f, err := read(r, l)
	if err != nil {
		return nil, err
	}
	if err := f.isXML(); err != nil {
		return nil, err
	}
	m := &mispFile{file: f}
	if err := m.parse(); err != nil {
		return nil, err
	}
	return m.finish(m.drafts, "its events hold neither attributes that could be carried nor text")
}

// loose is a string that MISP writes as a string, a number or a truth value.
type loose string

func (s *loose) UnmarshalJSON(b []byte) error {
	var t string
	switch {
	case len(b) > 0 && b[0] == '"':
		if err := json.Unmarshal(b, &t); err != nil {
			return err
		}
	case string(b) == "null":
	case len(b) > 0 && (b[0] == '{' || b[0] == '['):
		return errors.New("intel: not a plain value")
	default:
		t = string(b)
	}
	*s = loose(t)
	return nil
}

func (s loose) yes() bool { return s == "1" || strings.EqualFold(string(s), "true") }

type mispEvent struct {
	UUID         loose           `json:"uuid"`
	Info         loose           `json:"info"`
	Date         loose           `json:"date"`
	Distribution loose           `json:"distribution"`
	SharingGroup *mispGroup      `json:"SharingGroup"`
	Org          *mispOrg        `json:"Org"`
	Orgc         *mispOrg        `json:"Orgc"`
	Tag          []mispTag       `json:"Tag"`
	Attribute    []mispAttribute `json:"Attribute"`
	Object       []mispObject    `json:"Object"`
	Report       []mispReport    `json:"EventReport"`
	Galaxy       jsontext.Value  `json:"Galaxy"`
	Shadow       jsontext.Value  `json:"ShadowAttribute"`

	Predicates   jsontext.Value `json:"predicates"`    // of a taxonomy
	RequiredOne  jsontext.Value `json:"requiredOneOf"` // of an object's template
	TemplateOnly jsontext.Value `json:"attributes"`
}

type mispOrg struct {
	Name loose `json:"name"`
}

type mispTag struct {
	Name loose `json:"name"`
}

type mispGroup struct {
	Name loose `json:"name"`
	Orgs []struct {
		Organisation mispOrg `json:"Organisation"`
	} `json:"SharingGroupOrg"`
}

type mispObject struct {
	Name         loose           `json:"name"`
	Comment      loose           `json:"comment"`
	Deleted      loose           `json:"deleted"`
	Distribution loose           `json:"distribution"`
	SharingGroup *mispGroup      `json:"SharingGroup"`
	Attribute    []mispAttribute `json:"Attribute"`
	References   []struct{}      `json:"ObjectReference"`
}

type mispAttribute struct {
	UUID         loose           `json:"uuid"`
	Type         loose           `json:"type"`
	Category     loose           `json:"category"`
	Value        loose           `json:"value"`
	Comment      loose           `json:"comment"`
	ToIDS        loose           `json:"to_ids"`
	Deleted      loose           `json:"deleted"`
	Distribution loose           `json:"distribution"`
	SharingGroup *mispGroup      `json:"SharingGroup"`
	Tag          []mispTag       `json:"Tag"`
	Shadow       []mispAttribute `json:"ShadowAttribute"`
	Data         loose           `json:"data"`
}

type mispReport struct {
	Name    loose `json:"name"`
	Content loose `json:"content"`
	Deleted loose `json:"deleted"`
}

// mispFile is a MISP file being read.
type mispFile struct {
	*file
	drafts []Draft
	count  int
}

// parse finds the events in the ways in which they are wrapped.
func (m *mispFile) parse() error {
	d := jsontext.NewDecoder(newReader(m.data))
	raw, err := d.ReadValue()
	if err != nil {
		return m.syntax(err, 0)
	}
	at := int(d.InputOffset()) - len(raw)
	if d.PeekKind() != 0 {
		return m.refuse(int(d.InputOffset()), "There is something after the end of the file's one value.")
	}
	return m.any(raw, at, 0)
}

// any reads an event, a wrapping of one or a list of either.
func (m *mispFile) any(raw []byte, at, depth int) error {
	if depth > 4 {
		return m.refuse(at, "This is no MISP event.")
	}
	switch jsontext.Value(raw).Kind() {
	case '[':
		return m.each(raw, at, func(v []byte, at int) error { return m.any(v, at, depth+1) })
	case '{':
	default:
		return m.refuse(at, "This is no MISP event.")
	}
	var wrapped error
	found := false
	err := m.members(raw, at, func(name string, v []byte, at int) error {
		kind := jsontext.Value(v).Kind()
		if name == "Event" && kind == '{' || name == "response" && (kind == '[' || kind == '{') {
			found = true
			wrapped = m.any(v, at, depth+1)
		}
		return wrapped
	})
	if err != nil || found {
		return err
	}
	return m.event(raw, at)
}

// each calls fn for the values of an array, with the byte of the file where
// each begins.
func (m *mispFile) each(raw []byte, at int, fn func([]byte, int) error) error {
	d := jsontext.NewDecoder(newReader(raw))
	d.ReadToken()
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return m.syntax(err, at)
		}
		begin := at + int(d.InputOffset()) - len(v)
		if err := fn(slices.Clone(v), begin); err != nil {
			return err
		}
	}
	return nil
}

// members calls fn for the members of an object.
func (m *mispFile) members(raw []byte, at int, fn func(string, []byte, int) error) error {
	d := jsontext.NewDecoder(newReader(raw))
	d.ReadToken()
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return m.syntax(err, at)
		}
		key := name.String()
		v, err := d.ReadValue()
		if err != nil {
			return m.syntax(err, at)
		}
		begin := at + int(d.InputOffset()) - len(v)
		if key != "Event" && key != "response" {
			continue
		}
		if err := fn(key, slices.Clone(v), begin); err != nil {
			return err
		}
	}
	return nil
}

// event reads one event.
func (m *mispFile) event(raw []byte, at int) error {
	var e mispEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		var bad *json.SemanticError
		if errors.As(err, &bad) {
			return m.refuse(at+int(bad.ByteOffset), "%q is not of the type that MISP gives it.", oneLine(strings.TrimPrefix(string(bad.JSONPointer), "/"), 60))
		}
		return m.syntax(err, at)
	}
	switch {
	case len(e.Predicates) > 0:
		return m.refuse(at, "This is a MISP taxonomy, not an event.")
	case len(e.RequiredOne) > 0 || len(e.TemplateOnly) > 0 && e.Info == "":
		return m.refuse(at, "This is the template of a MISP object, not an event.")
	case e.SharingGroup != nil && e.Info == "" && e.Attribute == nil:
		return m.refuse(at, "This is a MISP sharing group, not an event.")
	case e.Info == "" && e.Attribute == nil && e.Object == nil:
		return m.refuse(at, "This is no MISP event: it has no info, no attributes and no objects.")
	}
	return m.draft(&e, at)
}

// inEvent is an event while its attributes are sorted by how far they may go.
type inEvent struct {
	mark  mark
	who   []string
	order []string
	by    map[string]*Draft
	old   bool // of the time of TLP 1
}

func (m *mispFile) draft(e *mispEvent, at int) error {
	in := &inEvent{by: map[string]*Draft{}, old: before2022(string(e.Date))}
	own, sources, err := m.tags(e.Tag, in.old, at, "the event")
	if err != nil {
		return err
	}
	in.mark, in.who = m.distributed(own, e.Distribution, e.SharingGroup)
	main := in.draft(in.mark, in.who)
	if main.Item.Title = string(e.Info); own.invented {
		main.Item.Title = strings.TrimPrefix(main.Item.Title, exercisePrefix)
	}
	if e.Orgc != nil && e.Orgc.Name != "" {
		sources.Name = string(e.Orgc.Name)
	} else if e.Org != nil {
		sources.Name = string(e.Org.Name)
	}
	for _, r := range e.Report {
		if !r.Deleted.yes() && r.Content != "" {
			main.Item.Text = joinText(main.Item.Text, string(r.Content))
		}
	}
	for i := range e.Attribute {
		if err := m.attribute(in, &e.Attribute[i], in.mark, in.who, "", at); err != nil {
			return err
		}
	}
	for i := range e.Object {
		o := &e.Object[i]
		if o.Deleted.yes() {
			m.left.add(m.file, at, "object "+string(o.Name), "deleted")
			continue
		}
		if len(o.References) > 0 {
			m.left.add(m.file, at, "object references", "an item keeps no links between objects")
		}
		mk, who := m.narrower(in.mark, in.who, o.Distribution, o.SharingGroup, "an object")
		for j := range o.Attribute {
			if err := m.attribute(in, &o.Attribute[j], mk, who, string(o.Name), at); err != nil {
				return err
			}
		}
	}
	m.rest(e, at)
	for i, key := range in.order {
		d := in.by[key]
		d.Item.Sources = []incident.Source{sources}
		if i > 0 {
			d.Item.Title = oneLine(string(e.Info), incident.MaxItemTitle-40) + " (part with an audience of its own)"
		}
		if len(d.Item.Indicators) == 0 && d.Item.Text == "" {
			if i > 0 {
				continue
			}
			d.Item.Text = d.Item.Title
		}
		m.drafts = append(m.drafts, *d)
	}
	return nil
}

// rest notes what of an event is not carried.
func (m *mispFile) rest(e *mispEvent, at int) {
	for _, g := range []struct {
		v    jsontext.Value
		what string
		why  string
	}{{e.Galaxy, "galaxies", "an item has no place for them; their tags are named"}, {e.Shadow, "proposals", "not agreed by the event's own organisation"}} {
		if len(g.v) > 2 && g.v.Kind() != 'n' {
			m.left.add(m.file, at, g.what, g.why)
		}
	}
	if e.UUID != "" {
		m.left.add(m.file, at, "event uuid", "the item is an entry of this room, with a number of its own")
	}
}

// draft is the draft of a marking and an audience, begun when first asked for.
func (in *inEvent) draft(mk mark, who []string) *Draft {
	key := fmt.Sprint(mk, who)
	d := in.by[key]
	if d == nil {
		x := mk.draft()
		x.Audience = slices.Clone(who)
		d = &x
		in.by[key] = d
		in.order = append(in.order, key)
	}
	return d
}

// tags reads an event's or an attribute's label, PAP and grade.
func (m *mispFile) tags(tags []mispTag, old bool, at int, whose string) (mark, incident.Source, error) {
	var mk mark
	src := incident.Source{Reliability: "F", Credibility: "6"}
	for _, t := range tags {
		name := strings.TrimSpace(string(t.Name))
		lower := strings.ToLower(name)
		switch value := tagValue(lower); {
		case lower == "tlp:ex:chr":
			mk = mk.and(mark{statement: "Chatham House Rule"})
			m.mapped.add(m.file, at, name, "a caveat")
		case strings.HasPrefix(lower, "tlp:"):
			label, isOld, ok := tlpOfTag(name)
			if !ok {
				m.mapped.add(m.file, at, name, "in doubt, "+string(incident.AmberStrict))
				label = incident.AmberStrict
			}
			if mk.tlp != "" && mk.tlp != label {
				return mk, src, m.refuse(m.find(name, at), "Two TLP labels stand on %s (%s and %s): which one counts, nobody could tell.", whose, mk.tlp, oneLine(name, 40))
			}
			if isOld {
				m.mapped.add(m.file, at, name, string(label))
			}
			if label == incident.Amber && old {
				m.mapped.add(m.file, at, name+" from before August 2022", string(incident.AmberStrict)+": version 1 said nothing of clients")
				label = incident.AmberStrict
			}
			mk.tlp = label
		case strings.HasPrefix(lower, "pap:"):
			pap, ok := papOfTag(lower)
			if !ok {
				m.left.add(m.file, at, name, "no PAP label")
				continue
			}
			mk = mk.and(mark{pap: pap})
		case lower == inventedTag:
			mk.invented = true
		case strings.HasPrefix(lower, caveatTag):
			if c, ok := markOfStatement(value); ok {
				mk = mk.and(c)
			}
		case strings.HasPrefix(lower, "admiralty-scale:source-reliability="):
			if r := incident.Reliability(strings.ToUpper(value)); r.Valid() {
				src.Reliability = r
			} else { // g: deliberately deceptive, which the six grades do not have
				m.mapped.add(m.file, at, name, "reliability E")
				src.Reliability = "E"
			}
		case strings.HasPrefix(lower, "admiralty-scale:information-credibility="):
			if c := incident.Credibility(value); c.Valid() {
				src.Credibility = c
			}
		case whose == "the event":
			m.left.add(m.file, at, "event tag "+name, "an item has no tags; its indicators have")
		}
	}
	return mk, src, nil
}

const (
	exercisePrefix = "EXERCISE: "

	inventedTag = "wardroom:invented"
	caveatTag   = "wardroom:caveat="
	kindTag     = "wardroom:kind="
	mispTypeTag = "misp:type="
	noIDSTag    = "misp:to_ids=false"
)

// tagValue is the value of a machine tag: namespace:predicate="value".
func tagValue(t string) string {
	_, v, ok := strings.Cut(t, "=")
	if !ok {
		return ""
	}
	return strings.Trim(v, `"`)
}

// find is the byte of the file where a tag's name stands, at or after a place.
func (m *mispFile) find(name string, at int) int {
	if i := strings.Index(string(m.data[min(at, len(m.data)):]), name); i >= 0 {
		return at + i
	}
	return at
}

// before2022 reports whether an event is of the time before TLP 2.0. An event
// without a date may be.
func before2022(date string) bool {
	t, err := time.Parse(time.DateOnly, date)
	return err != nil || t.Before(time.Date(2022, 8, 1, 0, 0, 0, 0, time.UTC))
}

// distributed turns MISP's own sharing into a label, where there is none, and
// into the organisations that are meant.
func (m *mispFile) distributed(mk mark, distribution loose, g *mispGroup) (mark, []string) {
	switch distribution {
	case "0":
		if mk.tlp == "" {
			m.mapped.add(m.file, -1, "distribution: your organisation only", string(incident.AmberStrict))
			mk.tlp = incident.AmberStrict
		}
	case "4":
		if mk.tlp == "" {
			m.mapped.add(m.file, -1, "distribution: sharing group", string(incident.AmberStrict))
			mk.tlp = incident.AmberStrict
		}
		return mk, m.group(g)
	}
	return mk, nil
}

// narrower is the mark and the organisations of a part that has a distribution
// of its own. What goes less far than what it is part of never goes with it.
func (m *mispFile) narrower(mk mark, who []string, distribution loose, g *mispGroup, what string) (mark, []string) {
	switch distribution {
	case "0":
		m.mapped.add(m.file, -1, what+" for its own organisation only", "at least "+string(incident.AmberStrict)+", an item of its own")
		mk = mk.and(mark{tlp: incident.AmberStrict})
		return mk, []string{ownOnly}
	case "4":
		m.mapped.add(m.file, -1, what+" for a sharing group of its own", "at least "+string(incident.AmberStrict)+", an item of its own")
		mk = mk.and(mark{tlp: incident.AmberStrict})
		return mk, m.group(g)
	}
	return mk, who
}

// ownOnly stands for the organisation whose file it is.
const ownOnly = "its own organisation only"

// group are the organisations of a sharing group.
func (m *mispFile) group(g *mispGroup) []string {
	if g == nil {
		m.left.add(m.file, -1, "sharing group", "the file does not say who is in it")
		return []string{"a sharing group that the file does not describe"}
	}
	m.mapped.add(m.file, -1, "sharing group "+string(g.Name), "its organisations are named: choose the audience by them")
	var names []string
	for _, o := range g.Orgs {
		if n := oneLine(string(o.Organisation.Name), 100); n != "" {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		names = []string{oneLine("sharing group "+string(g.Name), 100)}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// attribute carries one attribute, in the draft that may hold it.
func (m *mispFile) attribute(in *inEvent, a *mispAttribute, mk mark, who []string, object string, at int) error {
	if m.count++; m.count > m.limits.Objects {
		return m.refuse(at, "This file has more than %s attributes.", thousands(m.limits.Objects))
	}
	if a.Deleted.yes() {
		m.left.add(m.file, at, "attribute "+string(a.Type), "deleted")
		return nil
	}
	own, _, err := m.tags(a.Tag, in.old, at, "an attribute")
	if err != nil {
		return err
	}
	mk, who = m.narrower(mk.and(own), who, a.Distribution, a.SharingGroup, "an attribute")
	list, text := m.indicators(a, object)
	if len(a.Shadow) > 0 {
		m.left.add(m.file, at, "proposals", "not agreed by the event's own organisation")
	}
	d := in.draft(mk, who)
	d.Item.Text = joinText(d.Item.Text, text)
	if a.Type == "link" {
		d.Item.Refs = append(d.Item.Refs, incident.Reference{Name: linkName(a), URL: string(a.Value)})
	}
	d.Item.Indicators = append(d.Item.Indicators, list...)
	return nil
}

func linkName(a *mispAttribute) string {
	if a.Comment != "" {
		return string(a.Comment)
	}
	return "Link"
}

func joinText(a, b string) string {
	if len(a) > incident.MaxItemText || b == "" {
		return a
	}
	if a == "" {
		return b
	}
	return a + "\n\n" + b
}

// mispKinds are MISP's types of what indicators are.
var mispKinds = map[string]incident.IndicatorKind{
	"ip-src": "ip", "ip-dst": "ip", "domain": incident.Domain, "hostname": incident.Domain, "url": incident.URL, "uri": incident.URL, "email": incident.Email,
	"email-src": incident.Email, "email-dst": incident.Email, "email-reply-to": incident.Email, "md5": incident.MD5, "sha1": incident.SHA1, "sha256": incident.SHA256,
	"sha512": incident.SHA512, "ssdeep": incident.SSDeep, "vulnerability": incident.CVE, "filename": incident.FileName, "AS": incident.ASN, "mac-address": incident.MAC,
	"mutex": incident.Mutex, "regkey": incident.Registry, "malware-sample": incident.FileName, "attachment": incident.FileName,
}

// mispOther are types that are carried as they are, named by a tag.
var mispOther = set(`btc xmr dash iban bic bank-account-nr user-agent x509-fingerprint-md5 x509-fingerprint-sha1 x509-fingerprint-sha256 ja3-fingerprint-md5 jarm-fingerprint
	imphash pehash authentihash tlsh telfhash sha224 sha384 sha512/224 sha512/256 windows-service-name windows-service-displayname windows-scheduled-task named port email-subject email-attachment
	pattern-in-file pattern-in-memory pattern-in-traffic stix2-pattern github-username twitter-id phone-number cpe process-name campaign-name threat-actor other whois-registrar`)

// indicators are what an attribute is carried as, or the text it is.
func (m *mispFile) indicators(a *mispAttribute, object string) (list []incident.Indicator, text string) {
	typ, value := string(a.Type), string(a.Value)
	switch typ {
	case "text", "comment":
		if object != "" {
			m.left.add(m.file, -1, "attribute "+typ+" of an object", "a detail that an indicator has no place for")
			return nil, ""
		}
		return nil, value
	case "link":
		return nil, ""
	}
	if a.Data != "" {
		m.left.add(m.file, -1, "data of "+typ, "samples and files are attached by hand")
	}
	types, values := strings.Split(typ, "|"), []string{value}
	if len(types) == 2 || typ == "malware-sample" {
		one, two, _ := strings.Cut(value, "|")
		values = []string{one, two}
	}
	if typ == "malware-sample" {
		types = []string{"filename", "md5"}
	}
	for i, t := range types {
		if i >= len(values) || values[i] == "" {
			continue
		}
		if x, ok := m.one(a, t, values[i], len(types) == 1); ok {
			list = append(list, x)
		}
	}
	return list, ""
}

// one carries one value of an attribute.
func (m *mispFile) one(a *mispAttribute, typ, value string, whole bool) (incident.Indicator, bool) {
	x := incident.Indicator{Note: string(a.Comment)}
	kind, known := mispKinds[typ]
	switch {
	case typ == "port" && !whole:
		m.left.add(m.file, -1, "port", "an address is carried without it")
		return x, false
	case kind == "ip":
		kind = incident.IPv4
		if strings.Count(value, ":") > 1 {
			kind = incident.IPv6
		}
	case kind == incident.CVE && len(value) > 2:
		if _, ok := cve(value); !ok {
			kind, known = incident.OtherIOC, true
			x.Tags = append(x.Tags, mispTypeTag+typ)
		}
	case !known && mispOther[typ]:
		kind = incident.OtherIOC
		if typ != "other" {
			x.Tags = append(x.Tags, mispTypeTag+typ)
		}
	case !known:
		m.left.add(m.file, -1, "attribute "+typ, "a type that indicators have no place for")
		return x, false
	}
	for _, t := range a.Tag { // what WriteMISP could not say by a type
		if k, ok := strings.CutPrefix(string(t.Name), kindTag); ok && incident.IndicatorKind(strings.Trim(k, `"`)).Valid() {
			kind = incident.IndicatorKind(strings.Trim(k, `"`))
		}
	}
	v, ok := valid(kind, strings.TrimSpace(value))
	if !ok {
		m.left.add(m.file, -1, "attribute "+typ, "its value is none of its type, too long, or disguised")
		return x, false
	}
	x.Kind, x.Value = kind, v
	if u := strings.ToLower(string(a.UUID)); uuid(u) {
		x.ID = "indicator--" + u
	}
	m.mark(&x, a)
	return x, true
}

// mark gives an indicator its attribute's tags.
func (m *mispFile) mark(x *incident.Indicator, a *mispAttribute) {
	for _, t := range a.Tag {
		name := strings.TrimSpace(string(t.Name))
		lower := strings.ToLower(name)
		switch {
		case isDoNotBlock(name):
			x.DoNotBlock = true
			x.Note = strings.TrimSpace(strings.TrimPrefix(x.Note, sparedNote))
		case strings.HasPrefix(lower, "tlp:"), strings.HasPrefix(lower, "pap:"), strings.HasPrefix(lower, "wardroom:"), strings.HasPrefix(lower, "admiralty-scale:"):
		case strings.HasPrefix(lower, cvssTag):
			if c, err := ParseCVSS(strings.Trim(name[len(cvssTag):], `"`)); err == nil {
				x.CVSS = c.Vector
			}
		default:
			x.Tags = append(x.Tags, name)
		}
	}
	if a.ToIDS != "" && !a.ToIDS.yes() && !x.DoNotBlock && x.Kind != incident.CVE && x.Kind != incident.Mitre {
		x.Tags = append(x.Tags, noIDSTag)
	}
}

// sparedNote begins the comment of what is not to be blocked.
const sparedNote = "DO NOT BLOCK."

const cvssTag = "cvss:vector="

// number is a count as MISP writes it.
func number(n int) string { return strconv.Itoa(n) }
