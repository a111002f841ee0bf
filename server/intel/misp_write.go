package intel

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"wardroom/server/incident"
)

// WriteMISP writes records as MISP events, in the form of an answer of its
// interface, which MISP imports. Distribution is the importing organisation
// only, and nothing is published: how far it goes there is theirs to decide,
// under the label that stands on it.
func WriteMISP(w io.Writer, records []Record) error {
	type wrapped struct{ Event outEvent }
	events := []wrapped{}
	for _, r := range records {
		events = append(events, wrapped{eventOf(r)})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Response []wrapped `json:"response"`
	}{events})
}

type outEvent struct {
	UUID         string         `json:"uuid"`
	Info         string         `json:"info"`
	Date         string         `json:"date"`
	Timestamp    string         `json:"timestamp"`
	ThreatLevel  string         `json:"threat_level_id"`
	Analysis     string         `json:"analysis"`
	Distribution string         `json:"distribution"`
	Published    bool           `json:"published"`
	Count        string         `json:"attribute_count"`
	Orgc         outOrg         `json:"Orgc"`
	Tag          []outTag       `json:"Tag"`
	Attribute    []outAttribute `json:"Attribute"`
}

type outOrg struct {
	Name string `json:"name"`
	UUID string `json:"uuid"`
}

type outTag struct {
	Name string `json:"name"`
}

type outAttribute struct {
	UUID         string   `json:"uuid"`
	Type         string   `json:"type"`
	Category     string   `json:"category"`
	Value        string   `json:"value"`
	Comment      string   `json:"comment"`
	ToIDS        bool     `json:"to_ids"`
	Distribution string   `json:"distribution"`
	Timestamp    string   `json:"timestamp"`
	Tag          []outTag `json:"Tag,omitempty"`
}

func eventOf(r Record) outEvent {
	e := outEvent{
		UUID: derive(r.Seed, "misp"), Info: r.Item.Title, Date: r.Published.UTC().Format("2006-01-02"), Timestamp: number(int(r.Modified.Unix())),
		ThreatLevel: "4", Analysis: "2", Distribution: "0", Orgc: outOrg{r.Originator, derive(house, "organisation "+r.Maker)},
		Tag: []outTag{{strings.ToLower(string(r.TLP))}}, Attribute: []outAttribute{},
	}
	tag := func(t string) { e.Tag = append(e.Tag, outTag{t}) }
	if r.PAP != "" {
		tag(string(r.PAP))
	}
	if r.Caveat != "" {
		tag(caveatTag + `"` + string(r.Caveat) + `"`)
	}
	if r.Item.Invented {
		tag(inventedTag)
		e.Info = exercisePrefix + e.Info
	}
	if strings.EqualFold(r.Item.Caveats, "Chatham House Rule") {
		tag("tlp:ex:chr")
	}
	if s := r.Item.Sources; len(s) > 0 {
		tag(`admiralty-scale:source-reliability="` + strings.ToLower(string(s[0].Reliability)) + `"`)
		tag(`admiralty-scale:information-credibility="` + string(s[0].Credibility) + `"`)
	}
	put := func(a outAttribute) {
		a.Distribution, a.Timestamp = "5", e.Timestamp
		e.Attribute = append(e.Attribute, a)
	}
	if r.Item.Text != "" {
		put(outAttribute{UUID: derive(r.Seed, "misp text"), Type: "comment", Category: "Other", Value: r.Item.Text})
	}
	if r.Item.Caveats != "" {
		put(outAttribute{UUID: derive(r.Seed, "misp caveats"), Type: "comment", Category: "Other", Value: "Caveat: " + r.Item.Caveats})
	}
	for i, ref := range r.Item.Refs {
		if ref.URL != "" {
			put(outAttribute{UUID: derive(r.Seed, "misp ref "+number(i)), Type: "link", Category: "External analysis", Value: ref.URL, Comment: ref.Name})
		}
	}
	seen := map[string]bool{}
	for i, x := range r.Item.Indicators {
		a := attributeOf(x)
		if a.UUID == "" || seen[a.UUID] {
			a.UUID = derive(r.Seed, "misp "+number(i)+" "+string(x.Kind)+" "+x.Value)
		}
		seen[a.UUID] = true
		put(a)
	}
	e.Count = number(len(e.Attribute))
	return e
}

// mispTypes are the type and category of each kind.
var mispTypes = map[incident.IndicatorKind][2]string{
	incident.IPv4: {"ip-dst", "Network activity"}, incident.IPv6: {"ip-dst", "Network activity"}, incident.Domain: {"domain", "Network activity"},
	incident.URL: {"url", "Network activity"}, incident.Email: {"email", "Payload delivery"}, incident.MD5: {"md5", "Payload delivery"},
	incident.SHA1: {"sha1", "Payload delivery"}, incident.SHA256: {"sha256", "Payload delivery"}, incident.SHA512: {"sha512", "Payload delivery"},
	incident.SSDeep: {"ssdeep", "Payload delivery"}, incident.CVE: {"vulnerability", "External analysis"}, incident.FileName: {"filename", "Payload delivery"},
	incident.ASN: {"AS", "Network activity"}, incident.MAC: {"mac-address", "Network activity"}, incident.Mutex: {"mutex", "Artifacts dropped"},
	incident.Registry: {"regkey", "Persistence mechanism"},
}

// attributeOf is an indicator as an attribute. What is not to be blocked is
// not for detection either: MISP's exports to blocking lists go by to_ids.
func attributeOf(x incident.Indicator) outAttribute {
	a := outAttribute{Value: x.Value, Comment: x.Note, ToIDS: !x.DoNotBlock && x.Kind != incident.CVE && x.Kind != incident.Mitre}
	if _, id, ok := strings.Cut(x.ID, "--"); ok && uuid(id) {
		a.UUID = strings.ToLower(id)
	}
	t, ok := mispTypes[x.Kind]
	if a.Type, a.Category = t[0], t[1]; !ok {
		a.Type, a.Category = "other", "Other"
		if x.Kind != incident.OtherIOC {
			a.Tag = append(a.Tag, outTag{kindTag + `"` + string(x.Kind) + `"`})
		}
	}
	if x.DoNotBlock {
		a.Tag = append(a.Tag, outTag{doNotBlockLabel})
		a.Comment = strings.TrimSpace(sparedNote + " " + a.Comment)
	}
	if x.CVSS != "" {
		a.Tag = append(a.Tag, outTag{cvssTag + `"` + x.CVSS + `"`})
	}
	for _, tag := range x.Tags {
		switch {
		case tag == noIDSTag:
			a.ToIDS = false
		case strings.HasPrefix(tag, mispTypeTag) && x.Kind == incident.OtherIOC && mispOther[tag[len(mispTypeTag):]]:
			a.Type = tag[len(mispTypeTag):]
		case !slices.Contains([]string{doNotBlockLabel}, tag):
			a.Tag = append(a.Tag, outTag{tag})
		}
	}
	return a
}
