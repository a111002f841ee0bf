package intel

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"wardroom/server/incident"
)

// ParseSTIX reads a STIX 2.1 bundle, a bundle of STIX 2.0 (whose objects bear
// no version), a TAXII 2.1 envelope or a single object. Objects under one
// report of one marking make an item; the others make one for each marking.
// What refers to no object of its own (identities, markings) says who and how
// far; what the house has no place for is in Left, by type and property.
func ParseSTIX(r io.Reader, l Limits) (*Import, error) {
	f, err := read(r, l)
	if err != nil {
		return nil, err
	}
	if err := f.isXML(); err != nil {
		return nil, err
	}
	s := &stixFile{file: f, names: map[string]string{}, marks: map[string]mark{}, ids: map[string]int{}}
	if err := s.parse(); err != nil {
		return nil, err
	}
	return s.drafts()
}

// machine begins the tags in which an indicator keeps what its STIX object
// said and the house has no field for, so that it can be written again.
const machine = "stix:"

const (
	tagCreated    = machine + "created="
	tagModified   = machine + "modified="
	tagBy         = machine + "by="
	tagFrom       = machine + "valid-from="
	tagUntil      = machine + "valid-until="
	tagType       = machine + "type="
	tagPhase      = machine + "kill-chain="
	tagConfidence = machine + "confidence="
	tagLang       = machine + "lang="
	tagOne        = machine + "not-a-family"
	tagAll        = machine + "all-of"
)

// object is what is read of a STIX object of any type.
type object struct {
	Type        string      `json:"type"`
	ID          string      `json:"id"`
	SpecVersion string      `json:"spec_version"`
	CreatedBy   string      `json:"created_by_ref"`
	Created     string      `json:"created"`
	Modified    string      `json:"modified"`
	Revoked     bool        `json:"revoked"`
	Labels      []string    `json:"labels"`
	Confidence  *int        `json:"confidence"`
	Lang        string      `json:"lang"`
	References  []reference `json:"external_references"`
	Marks       []string    `json:"object_marking_refs"`
	Granular    []struct {
		Selectors []string `json:"selectors"`
		Mark      string   `json:"marking_ref"`
		Lang      string   `json:"lang"`
	} `json:"granular_markings"`
	Extensions map[string]jsontext.Value `json:"extensions"`

	Name           string   `json:"name"`
	Description    string   `json:"description"`
	Pattern        string   `json:"pattern"`
	PatternType    string   `json:"pattern_type"`
	ValidFrom      string   `json:"valid_from"`
	ValidUntil     string   `json:"valid_until"`
	IndicatorTypes []string `json:"indicator_types"`
	MalwareTypes   []string `json:"malware_types"`
	ToolTypes      []string `json:"tool_types"`
	ActorTypes     []string `json:"threat_actor_types"`
	InfraTypes     []string `json:"infrastructure_types"`
	ReportTypes    []string `json:"report_types"`
	Phases         []struct {
		Chain string `json:"kill_chain_name"`
		Phase string `json:"phase_name"`
	} `json:"kill_chain_phases"`
	IsFamily      *bool    `json:"is_family"`
	IdentityClass string   `json:"identity_class"`
	Published     string   `json:"published"`
	Abstract      string   `json:"abstract"`
	Refs          []string `json:"object_refs"`

	Value   string                    `json:"value"`
	Number  *int64                    `json:"number"`
	Key     string                    `json:"key"`
	Hashes  map[string]string         `json:"hashes"`
	Objects map[string]jsontext.Value `json:"objects"` // of STIX 2.0's observed data

	DefinitionType string         `json:"definition_type"`
	Definition     jsontext.Value `json:"definition"`

	Rest jsontext.Value `json:",embed"`

	at   int // byte of the file where it begins
	mark mark
	list []incident.Indicator // what it is carried as
}

type reference struct {
	Source      string `json:"source_name"`
	ExternalID  string `json:"external_id"`
	URL         string `json:"url"`
	Description string `json:"description"`
}

// stixFile is a STIX file being read.
type stixFile struct {
	*file
	two     bool // STIX 2.0
	objects []*object
	ids     map[string]int // id → place in objects
	names   map[string]string
	marks   map[string]mark
	kept    []string // references that keep identities and reports
}

// supported are the types that become part of an item.
var supported = set(`indicator report identity marking-definition vulnerability attack-pattern malware tool intrusion-set campaign threat-actor
	course-of-action infrastructure ipv4-addr ipv6-addr domain-name url email-addr mac-addr mutex windows-registry-key autonomous-system file observed-data`)

// notCarried says why other types of the specification are left out.
var notCarried = map[string]string{
	"relationship":     "an item keeps no links between objects",
	"sighting":         "who has seen what is said in the room, by each organisation for itself",
	"note":             "an item has one text",
	"opinion":          "an item has one text",
	"grouping":         "an item is made of its objects without it",
	"incident":         "the room is the incident",
	"language-content": "an item has one language",
	"location":         "no place for it",
}

// parse reads the file's outermost value.
func (s *stixFile) parse() error {
	d := jsontext.NewDecoder(newReader(s.data))
	if d.PeekKind() != '{' {
		if _, err := d.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
			return s.syntax(err)
		}
		return s.refuse(0, "A STIX file holds one object, or a bundle of them.")
	}
	d.ReadToken()
	var typ, version string
	bundle := false
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return s.syntax(err)
		}
		switch key := name.String(); {
		case key == "objects" && d.PeekKind() == '[':
			bundle = true
			if err := s.list(d); err != nil {
				return err
			}
		case (key == "type" || key == "spec_version") && d.PeekKind() == '"':
			v, err := d.ReadToken()
			if err != nil {
				return s.syntax(err)
			}
			if key == "type" {
				typ = v.String()
			} else {
				version = v.String()
			}
		default:
			if err := d.SkipValue(); err != nil {
				return s.syntax(err)
			}
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return s.syntax(err)
	}
	if d.PeekKind() != 0 {
		return s.refuse(int(d.InputOffset()), "There is something after the end of the file's one object.")
	}
	if !bundle {
		if typ == "bundle" {
			return s.refuse(0, "This bundle has no objects.")
		}
		if err := s.object(s.data, 0); err != nil {
			return err
		}
	}
	return s.version(version)
}

// version says which STIX it is: 2.0 gives its version on the bundle alone.
func (s *stixFile) version(bundle string) error {
	for _, o := range s.objects {
		switch {
		case o.SpecVersion == "2.1":
		case o.SpecVersion == "" && sco[o.Type] && bundle != "2.0": // optional on observables
		case o.SpecVersion == "" || o.SpecVersion == "2.0":
			s.two = true
		default:
			return s.refuse(o.at, "STIX %s is not read; 2.1 and 2.0 are.", oneLine(o.SpecVersion, 20))
		}
	}
	if bundle != "" && bundle != "2.0" && bundle != "2.1" {
		return s.refuse(0, "STIX %s is not read; 2.1 and 2.0 are.", oneLine(bundle, 20))
	}
	if s.two {
		s.mapped.add(s.file, 0, "STIX 2.0", "read as STIX 2.1, and written as such")
	}
	return nil
}

// list reads the objects of a bundle.
func (s *stixFile) list(d *jsontext.Decoder) error {
	d.ReadToken() // [
	for d.PeekKind() != ']' {
		raw, err := d.ReadValue()
		if err != nil {
			return s.syntax(err)
		}
		if len(s.objects) == s.limits.Objects {
			return s.refuse(int(d.InputOffset()), "This file has more than %s objects.", thousands(s.limits.Objects))
		}
		if err := s.object(raw, int(d.InputOffset())-len(raw)); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	if err != nil {
		return s.syntax(err)
	}
	return nil
}

// object reads one object that begins at a byte of the file.
func (s *stixFile) object(raw []byte, at int) error {
	o := &object{at: at}
	if err := json.Unmarshal(raw, o); err != nil {
		var head struct {
			Type string `json:"type"`
			ID   string `json:"id"`
		}
		if json.Unmarshal(raw, &head) == nil && stixID(head.ID, head.Type) && !supported[head.Type] {
			s.left.add(s.file, at, head.Type, notSupported(head.Type))
			return nil
		}
		if head.Type == "" {
			return s.refuse(at, "This is no STIX object: it has no type.")
		}
		var bad *json.SemanticError
		if errors.As(err, &bad) {
			where := strings.TrimPrefix(string(bad.JSONPointer), "/")
			return s.refuse(at+int(bad.ByteOffset), "%q is not of the type that STIX gives it.", oneLine(where, 60))
		}
		return s.syntaxAt(err, at)
	}
	if o.Type == "" || !stixID(o.ID, o.Type) {
		return s.refuse(at, "This is no STIX object: its id is not its type and a UUID (%q, %q).", oneLine(o.Type, 40), oneLine(o.ID, 90))
	}
	created, err1 := stamp(o.Created)
	modified, err2 := stamp(o.Modified)
	switch {
	case err1 != nil || err2 != nil:
		return s.refuse(at, "The times of %s are not as STIX writes them.", oneLine(o.ID, 90))
	case o.Modified != "" && modified.Before(created):
		return s.refuse(at, "%s was modified before it was created.", oneLine(o.ID, 90))
	}
	if i, again := s.ids[o.ID]; again {
		s.left.add(s.file, at, o.Type, "an older version of an object given twice")
		if before, _ := stamp(s.objects[i].Modified); modified.After(before) {
			s.objects[i] = o
		}
		return nil
	}
	s.ids[o.ID] = len(s.objects)
	s.objects = append(s.objects, o)
	return nil
}

func (s *stixFile) syntax(err error) error { return s.syntaxAt(err, 0) }

// syntaxAt turns a decoder's error into a refusal with its place.
func (s *stixFile) syntaxAt(err error, at int) error {
	return s.file.syntax(err, at)
}

// syntax turns a decoder's error into a refusal with its place. from is the
// byte of the file where what was decoded began.
func (f *file) syntax(err error, from int) error {
	var bad *jsontext.SyntacticError
	if !errors.As(err, &bad) {
		return f.refuse(len(f.data), "This is not JSON: it ends too early.")
	}
	at := from + int(bad.ByteOffset)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return f.refuse(at, "A name is given twice here: which one counts, nobody could tell.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return f.refuse(len(f.data), "This is not JSON: it ends too early.")
	}
	return f.refuse(at, "This is not JSON here.")
}

func notSupported(typ string) string {
	if why := notCarried[typ]; why != "" {
		return why
	}
	return "an object of a type that an item has no place for"
}

// stixID reports whether id is the type and a UUID.
func stixID(id, typ string) bool {
	rest, ok := strings.CutPrefix(id, typ)
	rest, ok2 := strings.CutPrefix(rest, "--")
	return ok && ok2 && typ != "" && uuid(rest)
}

func uuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if s[i] != '-' {
				return false
			}
		case !isHex(s[i]):
			return false
		}
	}
	return true
}

// stamp reads a time as STIX writes it; empty is none.
func stamp(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if !strings.HasSuffix(s, "Z") {
		return time.Time{}, errors.New("intel: not in UTC")
	}
	return time.Parse(time.RFC3339Nano, s)
}

// sco are the types of observables.
var sco = set(`artifact autonomous-system directory domain-name email-addr email-message file ipv4-addr ipv6-addr mac-addr mutex network-traffic process software
	url user-account windows-registry-key x509-certificate`)

// drafts makes items of the objects.
func (s *stixFile) drafts() (*Import, error) {
	for _, o := range s.objects {
		switch o.Type {
		case "marking-definition":
			s.define(o)
		case "identity":
			s.names[o.ID] = o.Name
			s.unread(o)
		}
	}
	spared := map[string]bool{} // by a note that says so
	for _, o := range s.objects {
		o.mark = s.markOf(o)
		if o.Type == "identity" || o.Type == "marking-definition" {
			continue
		}
		if o.Revoked {
			s.left.add(s.file, o.at, o.Type, "withdrawn by who made it")
			o.Type = ""
			continue
		}
		if o.Type == "note" && isDoNotBlock(o.Abstract) {
			for _, id := range o.Refs {
				spared[id] = true
			}
			continue
		}
		if !supported[o.Type] {
			s.left.add(s.file, o.at, o.Type, notSupported(o.Type))
			continue
		}
		if o.Type != "report" {
			s.carry(o)
		}
		s.unread(o)
	}
	for _, o := range s.objects {
		for i := range o.list {
			o.list[i].DoNotBlock = o.list[i].DoNotBlock || spared[o.ID]
		}
	}
	var drafts []Draft
	taken := map[string]bool{}
	for _, o := range s.objects {
		if o.Type == "report" {
			drafts = append(drafts, s.ofReport(o, taken))
		}
	}
	drafts = append(drafts, s.ofRest(taken)...)
	return s.finish(drafts, "it holds no indicator, observable, named threat or report that could be carried")
}

// ofReport is the item of a report and of the objects it names, as far as its
// own marking covers theirs.
func (s *stixFile) ofReport(r *object, taken map[string]bool) Draft {
	d := r.mark.draft()
	d.Item.Title, d.Item.Text = r.Name, r.Description
	var members []*object
	for _, id := range r.Refs {
		i, ok := s.ids[id]
		if !ok || taken[id] || len(s.objects[i].list) == 0 {
			continue
		}
		o := s.objects[i]
		if r.mark.and(o.mark) != r.mark {
			s.mapped.add(s.file, o.at, o.Type+" marked more strictly than its report", "an item of its own")
			continue
		}
		taken[id] = true
		members = append(members, o)
	}
	d.Item.Refs = append(d.Item.Refs, keep(r.ID, r.Created, r.Modified, r.CreatedBy, r.Published, ""))
	for _, x := range r.References {
		if source, ok := sourceOf(x); ok {
			d.Item.Sources = append(d.Item.Sources, source)
			continue
		}
		name := strings.TrimSpace(x.Source + " " + x.ExternalID + " " + x.Description)
		if x.Source == plainReference {
			name = x.Description
		}
		d.Item.Refs = append(d.Item.Refs, incident.Reference{Name: oneLine(name, incident.MaxItemTitle), URL: x.URL})
	}
	s.fill(&d, append([]*object{r}, members...))
	return d
}

// ofRest are the items of what no report covers, one for each marking.
func (s *stixFile) ofRest(taken map[string]bool) []Draft {
	var order []mark
	by := map[mark][]*object{}
	for _, o := range s.objects {
		if len(o.list) == 0 || taken[o.ID] {
			continue
		}
		if by[o.mark] == nil {
			order = append(order, o.mark)
		}
		by[o.mark] = append(by[o.mark], o)
	}
	var out []Draft
	for _, m := range order {
		list := by[m]
		d := m.draft()
		d.Item.Title = titleOf(list)
		var text []string
		size := 0
		for _, o := range list {
			if o.Description == "" || o.Type == "indicator" {
				continue
			}
			line := fmt.Sprintf("%s (%s): %s", o.Name, strings.ReplaceAll(o.Type, "-", " "), o.Description)
			if size += len(line) + 2; size > incident.MaxItemText {
				s.left.add(s.file, o.at, o.Type+".description", "the item's text has no more room")
				continue
			}
			s.mapped.add(s.file, o.at, o.Type+".description", "part of the item's text")
			text = append(text, line)
		}
		d.Item.Text = strings.Join(text, "\n\n")
		s.fill(&d, list)
		out = append(out, d)
	}
	return out
}

func titleOf(list []*object) string {
	first := ""
	for _, o := range list {
		if o.Name != "" && (first == "" || o.Type == "malware" || o.Type == "campaign" || o.Type == "intrusion-set") {
			first = o.Name
			if o.Type == "malware" {
				break
			}
		}
	}
	if first == "" {
		first = thousands(len(list)) + " indicators"
		if len(list) == 1 {
			first = "One indicator"
		}
		return first
	}
	if len(list) > 1 {
		return fmt.Sprintf("%s and %s more", oneLine(first, 150), thousands(len(list)-1))
	}
	return first
}

// fill gives a draft its objects' indicators, and those who made them as its
// sources.
func (s *stixFile) fill(d *Draft, list []*object) {
	makers := map[string]bool{}
	graded := len(d.Item.Sources) > 0
	for _, o := range list {
		d.Item.Indicators = append(d.Item.Indicators, o.list...)
		if o.CreatedBy == "" || makers[o.CreatedBy] {
			continue
		}
		makers[o.CreatedBy] = true
		name := s.names[o.CreatedBy]
		if i, ok := s.ids[o.CreatedBy]; ok {
			who := s.objects[i]
			d.Item.Refs = append(d.Item.Refs, keep(who.ID, who.Created, who.Modified, who.IdentityClass, who.Name))
		}
		if !graded {
			d.Item.Sources = append(d.Item.Sources, incident.Source{Name: name, Reliability: "F", Credibility: "6"})
		}
	}
	if d.TLP == "" {
		s.mapped.add(s.file, -1, "no label", "the room's own label")
	}
}

// draft is an item under the mark.
func (m mark) draft() Draft {
	d := Draft{TLP: m.tlp, PAP: m.pap, Caveat: m.caveat}
	d.Item.Invented = m.invented
	d.Item.Caveats = m.statement
	if m.ref != "" {
		d.Item.Refs = append(d.Item.Refs, incident.Reference{Name: m.ref})
	}
	return d
}

// keep is a reference that keeps an object which is not an indicator: its id,
// its times and what else of it is needed to write it again.
func keep(id string, rest ...string) incident.Reference {
	words := []string{"STIX", id}
	for _, r := range rest[:len(rest)-1] {
		if r == "" {
			r = "-"
		}
		words = append(words, strings.ReplaceAll(r, " ", "_"))
	}
	return incident.Reference{Name: oneLine(strings.TrimSpace(strings.Join(words, " ")+" "+rest[len(rest)-1]), incident.MaxItemTitle)}
}

// kept reads such a reference.
func kept(name, typ string) (id string, words []string, ok bool) {
	w := strings.Fields(name)
	if len(w) < 2 || w[0] != "STIX" || !stixID(w[1], typ) {
		return "", nil, false
	}
	for i := range w {
		if w[i] == "-" {
			w[i] = ""
		}
	}
	return w[1], w[2:], true
}
