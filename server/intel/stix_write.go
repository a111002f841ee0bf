package intel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wardroom/server/incident"
)

// Object is a STIX 2.1 object, ready to be sent.
type Object struct {
	ID      string
	Type    string
	Version string // modified, as STIX writes it; created, or when the item was published, for what has no versions
	Raw     json.RawMessage
}

// WriteSTIX writes records as one STIX 2.1 bundle. A record is a report with
// its indicators; what came with a STIX id bears it again, with the times and
// the maker that its tags keep. Every object bears the record's label, as TLP
// 2.0's extension has it; PAP, caveats and terms are statements.
func WriteSTIX(w io.Writer, records []Record) error {
	var list []Object
	seen := map[string]bool{}
	ids := new(strings.Builder)
	for _, r := range records {
		objects, err := STIXObjects(r)
		if err != nil {
			return err
		}
		for _, o := range objects {
			if !seen[o.ID] {
				seen[o.ID] = true
				ids.WriteString(o.ID + " " + o.Version + "\n")
				list = append(list, o)
			}
		}
	}
	out := bufio.NewWriter(w)
	out.WriteString(`{"type":"bundle","id":"bundle--` + derive(house, ids.String()) + `"`)
	for i, o := range list {
		if i == 0 {
			out.WriteString(`,"objects":[`)
		} else {
			out.WriteString(",\n")
		}
		out.Write(o.Raw)
	}
	if len(list) > 0 {
		out.WriteString("]")
	}
	out.WriteString("}\n")
	return out.Flush()
}

// stixOut is an object as it is written.
type stixOut struct {
	Type        string      `json:"type"`
	SpecVersion string      `json:"spec_version"`
	ID          string      `json:"id"`
	CreatedBy   string      `json:"created_by_ref,omitempty"`
	Created     string      `json:"created,omitempty"`
	Modified    string      `json:"modified,omitempty"`
	Name        string      `json:"name,omitempty"`
	Description string      `json:"description,omitempty"`
	Class       string      `json:"identity_class,omitempty"`
	Published   string      `json:"published,omitempty"`
	Pattern     string      `json:"pattern,omitempty"`
	PatternType string      `json:"pattern_type,omitempty"`
	ValidFrom   string      `json:"valid_from,omitempty"`
	ValidUntil  string      `json:"valid_until,omitempty"`
	Types       []string    `json:"indicator_types,omitempty"`
	Malware     []string    `json:"malware_types,omitempty"`
	Tool        []string    `json:"tool_types,omitempty"`
	Actor       []string    `json:"threat_actor_types,omitempty"`
	Infra       []string    `json:"infrastructure_types,omitempty"`
	ReportTypes []string    `json:"report_types,omitempty"`
	Family      *bool       `json:"is_family,omitempty"`
	Phases      []stixPhase `json:"kill_chain_phases,omitempty"`
	Abstract    string      `json:"abstract,omitempty"`
	Content     string      `json:"content,omitempty"`
	Refs        []string    `json:"object_refs,omitempty"`

	Value  string            `json:"value,omitempty"`
	Number *int64            `json:"number,omitempty"`
	Key    string            `json:"key,omitempty"`
	Hashes map[string]string `json:"hashes,omitempty"`

	DefinitionType string             `json:"definition_type,omitempty"`
	Definition     map[string]string  `json:"definition,omitempty"`
	Extensions     map[string]tlp2Ext `json:"extensions,omitempty"`

	Labels     []string `json:"labels,omitempty"`
	Confidence *int     `json:"confidence,omitempty"`
	Lang       string   `json:"lang,omitempty"`
	References []outRef `json:"external_references,omitempty"`
	Marks      []string `json:"object_marking_refs,omitempty"`
}

type stixPhase struct {
	Chain string `json:"kill_chain_name"`
	Phase string `json:"phase_name"`
}

type tlp2Ext struct {
	Type string `json:"extension_type"`
	TLP  string `json:"tlp_2_0"`
}

type outRef struct {
	Source      string `json:"source_name"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
}

// plainReference is the source of a reference that is a name and no more.
const plainReference = "reference"

// stixRecord is a record being written.
type stixRecord struct {
	Record
	out     []Object
	marks   []string
	maker   string
	created string
	changed string
	err     error
}

// STIXObjects are the STIX 2.1 objects of one record: its markings and makers,
// its indicators, and last the report that names them.
func STIXObjects(r Record) ([]Object, error) {
	w := &stixRecord{Record: r, created: stixTime(r.Published), changed: stixTime(r.Modified)}
	if r.Modified.Before(r.Published) {
		w.changed = w.created
	}
	w.markings()
	w.makers()
	refs := w.indicators()
	w.report(refs)
	return w.out, w.err
}

func (w *stixRecord) put(o stixOut) {
	o.SpecVersion = "2.1"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(o); err != nil {
		w.err = err
		return
	}
	version := o.Modified
	if version == "" {
		version = o.Created
	}
	if version == "" {
		version = w.created
	}
	w.out = append(w.out, Object{ID: o.ID, Type: o.Type, Version: version, Raw: bytes.TrimSpace(b.Bytes())})
}

// markings writes the definitions of what marks every object of the record.
func (w *stixRecord) markings() {
	if def, ok := tlp2[w.TLP]; ok {
		w.put(stixOut{Type: "marking-definition", ID: def.id, Created: tlp2Created, Name: string(w.TLP),
			Extensions: map[string]tlp2Ext{tlp2Extension: {"property-extension", def.word}}})
		w.marks = append(w.marks, def.id)
	}
	if w.PAP != "" {
		w.statement(string(w.PAP), "", "")
	}
	if w.Caveat != "" {
		w.statement(string(w.Caveat), "", "")
	}
	if w.Item.Invented {
		w.statement(inventedStatement, "", "")
	}
	if w.Item.Caveats != "" {
		id, created := "", ""
		for _, ref := range w.Item.Refs {
			if kid, words, ok := kept(ref.Name, "marking-definition"); ok && writable(kid) && len(words) > 0 {
				id, created = kid, words[0]
			}
		}
		w.statement(w.Item.Caveats, id, created)
	}
}

func (w *stixRecord) statement(text, id, created string) {
	if id == "" {
		id = "marking-definition--" + derive(house, "statement "+text)
	}
	if t, err := stamp(created); err != nil || t.IsZero() {
		created = tlp2Created
	}
	w.put(stixOut{Type: "marking-definition", ID: id, Created: created, DefinitionType: "statement", Definition: map[string]string{"statement": text}})
	w.marks = append(w.marks, id)
}

// makers writes who the record, and what it came with, is from.
func (w *stixRecord) makers() {
	w.maker = "identity--" + derive(house, "organisation "+w.Maker)
	made := w.created
	if t, err := stamp(identityCreated); err == nil {
		made = stixTime(t)
	}
	w.put(stixOut{Type: "identity", ID: w.maker, Created: made, Modified: made, Name: w.Originator, Class: "organization"})
	for _, ref := range w.Item.Refs {
		id, words, ok := kept(ref.Name, "identity")
		if !ok || !writable(id) || len(words) < 4 {
			continue
		}
		created, modified := w.times(words[0], words[1])
		w.put(stixOut{Type: "identity", ID: id, Created: created, Modified: modified, Class: words[2], Name: strings.Join(words[3:], " "), Marks: w.marks})
	}
}

// identityCreated stands for when an organisation came to be: its object has
// one version, whenever it is written.
const identityCreated = "2022-10-01T00:00:00.000Z"

// times are those of an object that came with some, else the record's.
func (w *stixRecord) times(created, modified string) (string, string) {
	c, err1 := stamp(created)
	m, err2 := stamp(modified)
	if err1 != nil || c.IsZero() {
		return w.created, w.changed
	}
	if err2 != nil || m.Before(c) {
		m = c
	}
	return stixTime(c), stixTime(m)
}

// indicators writes the record's indicators, those that bear one id as one
// object, and returns the ids.
func (w *stixRecord) indicators() []string {
	var refs []string
	groups := map[string][]incident.Indicator{}
	var order []string
	for i, x := range w.Item.Indicators {
		key := x.ID
		if !writable(key) {
			key = "#" + strconv.Itoa(i)
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], x)
	}
	for _, key := range order {
		refs = append(refs, w.group(key, groups[key])...)
	}
	return refs
}

// writable reports whether an id is one that STIX 2.1 lets an object have: its
// UUID of a version from 1 to 5, of RFC 4122's variant.
func writable(id string) bool {
	typ, rest, _ := strings.Cut(id, "--")
	return stixID(id, typ) && rest[14] >= '1' && rest[14] <= '5' && strings.IndexByte("89abAB", rest[19]) >= 0
}

// group writes indicators that are one object's. Where they no longer fit it,
// because somebody changed what they are, each becomes an object of its own.
func (w *stixRecord) group(id string, list []incident.Indicator) []string {
	typ, _, ok := strings.Cut(id, "--")
	o := stixOut{Type: typ, ID: id, Marks: w.marks}
	switch {
	case !ok:
	case typ == "indicator" && patterned(list):
		w.common(&o, list[0])
		w.indicator(&o, list)
		w.put(o)
		return []string{id}
	case sco[typ] && w.observable(&o, list):
		w.put(o)
		return append([]string{id}, w.spare(id, list)...)
	case len(list) == 1 && namedTypes[typ]:
		w.common(&o, list[0])
		w.name(&o, list[0])
		w.put(o)
		return []string{id}
	}
	var refs []string
	for _, x := range list {
		refs = append(refs, w.single(x))
	}
	return refs
}

var namedTypes = set("vulnerability attack-pattern malware tool intrusion-set campaign threat-actor course-of-action infrastructure")

// single writes an indicator that came with no id, or can bear its own no more.
func (w *stixRecord) single(x incident.Indicator) string {
	typ := typeOf(x)
	o := stixOut{Type: typ, ID: typ + "--" + derive(w.Seed, string(x.Kind)+" "+x.Value), Marks: w.marks}
	w.common(&o, x)
	if typ == "indicator" {
		w.indicator(&o, []incident.Indicator{x})
	} else {
		w.name(&o, x)
	}
	w.put(o)
	return o.ID
}

// typeOf is the type of object that says what an indicator is.
func typeOf(x incident.Indicator) string {
	switch {
	case x.Kind == incident.CVE:
		return "vulnerability"
	case x.Kind != incident.Mitre:
		return "indicator"
	}
	switch x.Value[0] {
	case 'S':
		return "malware"
	case 'G':
		return "intrusion-set"
	case 'M':
		return "course-of-action"
	case 'C':
		return "campaign"
	}
	return "attack-pattern"
}

// patterned reports whether the indicators can be written as a pattern.
func patterned(list []incident.Indicator) bool {
	return !slices.ContainsFunc(list, func(x incident.Indicator) bool { return pathOf[x.Kind] == "" })
}

// common gives an object what its tags keep of the one it was, and the rest of
// the tags as labels.
func (w *stixRecord) common(o *stixOut, x incident.Indicator) {
	var created, modified string
	o.CreatedBy = w.maker
	for _, t := range x.Tags {
		v := func(prefix string) (string, bool) { return strings.CutPrefix(t, prefix) }
		if s, ok := v(tagCreated); ok {
			created = s
			if x.ID != "" && !slices.ContainsFunc(x.Tags, func(t string) bool { return strings.HasPrefix(t, tagBy) }) {
				o.CreatedBy = "" // its maker was not named
			}
		} else if s, ok := v(tagModified); ok {
			modified = s
		} else if s, ok := v(tagBy); ok && writable(s) {
			o.CreatedBy = s
		} else if s, ok := v(tagFrom); ok {
			o.ValidFrom = s
		} else if s, ok := v(tagUntil); ok {
			o.ValidUntil = s
		} else if s, ok := v(tagType); ok {
			w.typed(o, s)
		} else if s, ok := v(tagLang); ok {
			o.Lang = s
		} else if s, ok := v(tagConfidence); ok {
			if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= 100 {
				o.Confidence = &n
			}
		} else if s, ok := v(tagPhase); ok {
			if chain, phase, ok := strings.Cut(s, "/"); ok && (o.Type == "indicator" || o.Type == "attack-pattern" || o.Type == "malware" || o.Type == "tool" || o.Type == "infrastructure") {
				o.Phases = append(o.Phases, stixPhase{chain, phase})
			}
		} else if !strings.HasPrefix(t, machine) {
			o.Labels = append(o.Labels, t)
		}
	}
	if o.Created, o.Modified = w.times(created, modified); created != "" && modified == "" {
		o.Modified = o.Created
	}
	if x.DoNotBlock && !slices.ContainsFunc(o.Labels, isDoNotBlock) {
		o.Labels = append(o.Labels, doNotBlockLabel)
	}
	if w.Item.Invented {
		o.Labels = append(o.Labels, "exercise")
	}
}

const doNotBlockLabel = "do-not-block"

// typed puts a type of the open vocabularies where the object has it.
func (w *stixRecord) typed(o *stixOut, t string) {
	switch o.Type {
	case "indicator":
		o.Types = append(o.Types, t)
	case "malware":
		o.Malware = append(o.Malware, t)
	case "tool":
		o.Tool = append(o.Tool, t)
	case "threat-actor":
		o.Actor = append(o.Actor, t)
	case "infrastructure":
		o.Infra = append(o.Infra, t)
	}
}

func (w *stixRecord) indicator(o *stixOut, list []incident.Indicator) {
	x := list[0]
	o.Name, o.Description, _ = strings.Cut(x.Note, dash)
	o.PatternType = "stix"
	if len(list) == 1 && x.Kind == incident.OtherIOC && wholePattern(x.Value) {
		o.Pattern = x.Value
	} else {
		o.Pattern = writePattern(list, slices.Contains(x.Tags, tagAll))
	}
	if o.ValidFrom == "" {
		o.ValidFrom = o.Created
	}
	if o.ValidUntil == "" && !w.Item.Expires.IsZero() {
		o.ValidUntil = stixTime(w.Item.Expires.Time)
	}
	from, err1 := stamp(o.ValidFrom)
	until, err2 := stamp(o.ValidUntil)
	if err1 != nil {
		o.ValidFrom = o.Created
	}
	if err1 != nil || err2 != nil || !until.After(from) {
		o.ValidUntil = ""
	}
	if slices.ContainsFunc(list, func(x incident.Indicator) bool { return x.DoNotBlock }) {
		if !slices.ContainsFunc(o.Labels, isDoNotBlock) {
			o.Labels = append(o.Labels, doNotBlockLabel)
		}
		if len(o.Types) == 0 && o.ID != x.ID { // what reads types and no labels must not take it for hostile
			o.Types = []string{"benign"}
		}
	}
}

// observable writes indicators as the observable that they were. false if they
// are no more what it can be.
func (w *stixRecord) observable(o *stixOut, list []incident.Indicator) bool {
	if o.Type == "file" {
		for _, x := range list {
			switch p := fileProperty(x.Kind); {
			case p == "":
				return false
			case p == "name":
				o.Name = x.Value
			default:
				if o.Hashes == nil {
					o.Hashes = map[string]string{}
				}
				o.Hashes[p] = x.Value
			}
		}
		return true
	}
	if len(list) != 1 {
		return false
	}
	x := list[0]
	switch {
	case o.Type == "autonomous-system" && x.Kind == incident.ASN:
		n, err := strconv.ParseInt(strings.TrimPrefix(x.Value, "AS"), 10, 64)
		o.Number = &n
		return err == nil
	case o.Type == "windows-registry-key" && x.Kind == incident.Registry:
		o.Key = x.Value
	case o.Type == "mutex" && x.Kind == incident.Mutex:
		o.Name = x.Value
	case paths[o.Type+":value"] == x.Kind:
		o.Value = x.Value
	default:
		return false
	}
	return true
}

// spare says of an observable, which has no labels, that it is not to be
// blocked.
func (w *stixRecord) spare(id string, list []incident.Indicator) []string {
	if !slices.ContainsFunc(list, func(x incident.Indicator) bool { return x.DoNotBlock }) {
		return nil
	}
	n := stixOut{Type: "note", ID: "note--" + derive(w.Seed, doNotBlockLabel+" "+id), Created: w.created, Modified: w.changed, CreatedBy: w.maker,
		Abstract: doNotBlockLabel, Content: "Do not block: blocking it does harm.", Refs: []string{id}, Marks: w.marks}
	w.put(n)
	return []string{n.ID}
}

// name writes what is known by a name or an id of a catalogue.
func (w *stixRecord) name(o *stixOut, x incident.Indicator) {
	o.Name = x.Value
	switch x.Kind {
	case incident.CVE:
		o.References = append(o.References, outRef{Source: "cve", ExternalID: x.Value})
		if x.Note != "" {
			o.Name = x.Note
		}
		o.Description = x.CVSS
	case incident.Mitre:
		o.References = append(o.References, outRef{Source: "mitre-attack", ExternalID: x.Value})
		if x.Note != "" {
			o.Name = x.Note
		}
	}
	if o.Type == "malware" {
		family := !slices.Contains(x.Tags, tagOne)
		o.Family = &family
	}
}

// report writes the record itself.
func (w *stixRecord) report(refs []string) {
	o := stixOut{Type: "report", ID: "report--" + derive(w.Seed, "report"), Created: w.created, Modified: w.changed, Published: w.created, CreatedBy: w.maker,
		Name: w.Item.Title, Description: w.Item.Text, ReportTypes: []string{"indicator"}, Marks: w.marks}
	for _, s := range w.Item.Sources {
		r := referenceOf(s)
		o.References = append(o.References, outRef{Source: safeSource(r.Source), Description: r.Description})
	}
	for _, ref := range w.Item.Refs {
		if id, words, ok := kept(ref.Name, "report"); ok && writable(id) && len(words) > 3 {
			o.ID = id
			o.Created, o.Modified = w.times(words[0], words[1])
			if o.Published, o.CreatedBy = words[3], ""; writable(words[2]) {
				o.CreatedBy = words[2]
			}
			if t, err := stamp(o.Published); err != nil || t.IsZero() {
				o.Published = o.Created
			}
			if w.Modified.After(w.Published) { // it was corrected here
				o.Modified = w.changed
			}
			continue
		}
		if strings.HasPrefix(ref.Name, "STIX ") {
			continue
		}
		o.References = append(o.References, outReference(ref))
	}
	if w.Item.Invented {
		o.Labels = []string{"exercise"}
	}
	if o.Refs = refs; len(refs) == 0 {
		o.Refs = []string{w.maker} // a report refers to something
	}
	w.put(o)
}

func outReference(r incident.Reference) outRef {
	if u, err := url.Parse(r.URL); r.URL != "" && err == nil && u.IsAbs() && safeSource(r.Name) == r.Name {
		return outRef{Source: r.Name, URL: r.URL}
	}
	return outRef{Source: plainReference, Description: strings.TrimSpace(r.Name + " " + r.URL)}
}

// safeSource keeps off the names for which the specification wants an id.
func safeSource(name string) string {
	if name == "cve" || name == "capec" {
		return name + " (as written)"
	}
	return name
}
