package intel

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"wardroom/server/incident"
)

// carry makes indicators of an object, or says why not.
func (s *stixFile) carry(o *object) {
	switch {
	case o.Type == "indicator":
		s.indicator(o)
	case o.Type == "observed-data":
		s.observed(o)
	case o.Type == "file":
		o.list = s.fileObject(o)
	case o.Type == "autonomous-system":
		if o.Number != nil {
			s.one(o, incident.ASN, "AS"+strconv.FormatInt(*o.Number, 10))
		}
	case o.Type == "windows-registry-key":
		s.one(o, incident.Registry, o.Key)
	case o.Type == "mutex":
		s.one(o, incident.Mutex, o.Name)
	case sco[o.Type]:
		s.one(o, paths[o.Type+":value"], o.Value)
	default:
		s.named(o)
	}
	for i := range o.list {
		x := &o.list[i]
		x.ID = o.ID
		if o.Type == "observed-data" {
			x.ID = "" // STIX 2.0 gives what it holds no id
			continue
		}
		x.Tags = append(x.Tags, s.tagsOf(o)...)
		x.DoNotBlock = x.DoNotBlock || doNotBlock(o.Labels)
	}
}

func doNotBlock(labels []string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return isDoNotBlock(l) })
}

// isDoNotBlock reads the label, however it is spaced.
func isDoNotBlock(l string) bool {
	l = strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(l))
	return l == "donotblock"
}

// one carries an object as an indicator of the kind, if its value is one.
func (s *stixFile) one(o *object, kind incident.IndicatorKind, value string) {
	v, ok := valid(kind, value)
	if !ok {
		s.left.add(s.file, o.at, o.Type, "its value is none of its kind, too long, or disguised")
		return
	}
	o.list = []incident.Indicator{{Kind: kind, Value: v}}
}

func (s *stixFile) indicator(o *object) {
	note := o.Name
	if note == "" {
		note = o.Description
	} else if o.Description != "" {
		if both := note + dash + o.Description; len(both) <= incident.MaxIndicatorLine && !strings.Contains(note, dash) {
			note = both
		} else {
			s.left.add(s.file, o.at, "indicator.description", "a note has one line")
		}
	}
	if t := o.PatternType; t != "" && t != "stix" {
		s.left.add(s.file, o.at, "indicator", "its pattern is "+oneLine(t, 30)+", not STIX")
		return
	}
	terms, and, ok := parsePattern(o.Pattern)
	if !ok {
		p := strings.TrimSpace(o.Pattern)
		if !wholePattern(p) || len(p) > incident.MaxIndicatorValue || disguised(p) {
			s.left.add(s.file, o.at, "indicator", "its pattern is not one, too long, or disguised")
			return
		}
		s.mapped.add(s.file, o.at, "indicator", "its pattern is kept whole: taken apart it would say something else")
		terms = []term{{incident.OtherIOC, p}}
	}
	for _, t := range terms {
		x := incident.Indicator{Kind: t.kind, Value: t.value, Note: note}
		if and {
			x.Tags = append(x.Tags, tagAll)
		}
		o.list = append(o.list, x)
	}
}

// dash stands between the name and the description of an indicator in its
// note.
const dash = " — "

// fileObject carries a file's name and hashes, under the file's id.
func (s *stixFile) fileObject(o *object) (list []incident.Indicator) {
	if v, ok := valid(incident.FileName, o.Name); ok {
		list = append(list, incident.Indicator{Kind: incident.FileName, Value: v})
	}
	for _, name := range slices.Sorted(maps.Keys(o.Hashes)) {
		kind, ok := paths["file:hashes."+strings.ToUpper(strings.ReplaceAll(name, "-", ""))]
		v, good := valid(kind, o.Hashes[name])
		if !ok || !good {
			s.left.add(s.file, o.at, "file.hashes."+name, "no hash of a kind that indicators have")
			continue
		}
		list = append(list, incident.Indicator{Kind: kind, Value: v})
	}
	if len(list) == 0 {
		s.left.add(s.file, o.at, "file", "it has neither a name nor a hash that could be carried")
	}
	return list
}

// observed carries what STIX 2.0's observed data holds. In 2.1 its objects
// stand by themselves.
func (s *stixFile) observed(o *object) {
	for _, key := range slices.Sorted(maps.Keys(o.Objects)) {
		in := object{at: o.at}
		if json.Unmarshal(o.Objects[key], &in) != nil || !supported[in.Type] || !sco[in.Type] {
			s.left.add(s.file, o.at, "observed-data: "+in.Type, notSupported(in.Type))
			continue
		}
		s.carry(&in)
		for _, x := range in.list {
			x.ID, x.Tags = "", nil
			o.list = append(o.list, x)
		}
	}
	s.left.add(s.file, o.at, "observed-data", "when and how often something was seen; what was seen is carried")
}

// named carries what has a name: a vulnerability by its CVE, a technique,
// malware or group by its ATT&CK id, anything else by its name.
func (s *stixFile) named(o *object) {
	x := incident.Indicator{Kind: incident.OtherIOC, Value: o.Name}
	for _, r := range o.References {
		if id, ok := cveOf(r); ok && o.Type == "vulnerability" {
			x = incident.Indicator{Kind: incident.CVE, Value: id}
			break
		}
		if len(r.ExternalID) > 2 && strings.HasPrefix(r.Source, "mitre") {
			if id, ok := mitre(r.ExternalID); ok {
				x = incident.Indicator{Kind: incident.Mitre, Value: id, Note: o.Name}
				break
			}
		}
	}
	if o.Type == "vulnerability" && x.Kind == incident.OtherIOC && len(o.Name) > 2 {
		if id, ok := cve(strings.TrimSpace(o.Name)); ok {
			x = incident.Indicator{Kind: incident.CVE, Value: id}
		}
	}
	if x.Kind == incident.CVE && x.Value != o.Name {
		x.Note = o.Name
	}
	if x.Kind == incident.CVE {
		if c, err := ParseCVSS(o.Description); err == nil {
			x.CVSS, o.Description = c.Vector, ""
		}
	}
	if x.Value = oneLine(x.Value, incident.MaxIndicatorValue); x.Value == "" {
		s.left.add(s.file, o.at, o.Type, "it has no name")
		return
	}
	if n := len(o.References); n > 1 || n == 1 && x.Kind == incident.OtherIOC {
		s.left.add(s.file, o.at, o.Type+".external_references", "an indicator has none; the item's own are kept")
	}
	if o.IsFamily != nil && !*o.IsFamily {
		x.Tags = append(x.Tags, tagOne)
	}
	o.list = []incident.Indicator{x}
}

func cveOf(r reference) (string, bool) {
	if !strings.EqualFold(r.Source, "cve") || len(r.ExternalID) < 3 {
		return "", false
	}
	return cve(r.ExternalID)
}

// tagsOf is what an object says that an indicator keeps as tags.
func (s *stixFile) tagsOf(o *object) (tags []string) {
	tags = append(tags, o.Labels...)
	put := func(prefix, value string) {
		if value != "" {
			tags = append(tags, prefix+value)
		}
	}
	put(tagCreated, o.Created)
	if o.Modified != o.Created {
		put(tagModified, o.Modified)
	}
	put(tagBy, o.CreatedBy)
	if from, _ := stamp(o.ValidFrom); !from.IsZero() {
		if created, _ := stamp(o.Created); !from.Equal(created) {
			put(tagFrom, o.ValidFrom)
		}
	}
	put(tagUntil, o.ValidUntil)
	put(tagLang, o.Lang)
	if o.Confidence != nil {
		put(tagConfidence, strconv.Itoa(*o.Confidence))
	}
	for _, list := range [][]string{o.IndicatorTypes, o.MalwareTypes, o.ToolTypes, o.ActorTypes, o.InfraTypes} {
		for _, t := range list {
			put(tagType, t)
		}
	}
	for _, p := range o.Phases {
		put(tagPhase, p.Chain+"/"+p.Phase)
	}
	return tags
}

// unread notes the properties of a carried object that are not.
func (s *stixFile) unread(o *object) {
	if o.Type == "" {
		return
	}
	if len(o.Rest) > 2 {
		d := jsontext.NewDecoder(newReader(o.Rest))
		d.ReadToken()
		for d.PeekKind() == '"' {
			token, err := d.ReadToken()
			if err != nil {
				break
			}
			name := token.String()
			if d.SkipValue() != nil {
				break
			}
			if name != "pattern_version" {
				s.left.add(s.file, o.at, o.Type+"."+name, "a property that an item has no place for")
			}
		}
	}
	for key := range o.Extensions {
		if key != tlp2Extension {
			s.left.add(s.file, o.at, o.Type+".extensions."+key, "an extension that an item has no place for")
		}
	}
	if o.Type == "report" && len(o.ReportTypes) > 0 {
		s.left.add(s.file, o.at, "report.report_types", "a property that an item has no place for")
	}
	if o.Type == "report" && len(o.Labels) > 0 {
		s.left.add(s.file, o.at, "report.labels", "an item has no tags; its indicators have")
	}
	if o.Type == "identity" && o.Description != "" {
		s.left.add(s.file, o.at, "identity.description", "a source is its name")
	}
	if o.Description != "" && sco[o.Type] {
		s.left.add(s.file, o.at, o.Type+".description", "an observable has none")
	}
}
