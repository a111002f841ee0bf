package incident

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IndicatorKind says what an indicator's value is.
type IndicatorKind string

const (
	IPv4     IndicatorKind = "ipv4"
	IPv6     IndicatorKind = "ipv6"
	Domain   IndicatorKind = "domain"
	URL      IndicatorKind = "url"
	Email    IndicatorKind = "email"
	MD5      IndicatorKind = "md5"
	SHA1     IndicatorKind = "sha1"
	SHA256   IndicatorKind = "sha256"
	SHA512   IndicatorKind = "sha512"
	SSDeep   IndicatorKind = "ssdeep"
	CVE      IndicatorKind = "cve"
	FileName IndicatorKind = "file"
	Mitre    IndicatorKind = "mitre"
	ASN      IndicatorKind = "asn"
	MAC      IndicatorKind = "mac"
	Mutex    IndicatorKind = "mutex"
	Registry IndicatorKind = "registry"
	OtherIOC IndicatorKind = "other"
)

// IndicatorKinds lists every kind, in the order in which people are shown them.
var IndicatorKinds = []IndicatorKind{IPv4, IPv6, Domain, URL, Email, MD5, SHA1, SHA256, SHA512, SSDeep, CVE, FileName, Mitre, ASN, MAC, Mutex, Registry, OtherIOC}

// Valid reports whether k is one of the kinds.
func (k IndicatorKind) Valid() bool { return slices.Contains(IndicatorKinds, k) }

// Indicator is something by which an attack can be recognised. Its value is
// live as parsed ("example.com", not "example[.]com"): nothing shows, links or
// copies it so unless a person asks for that.
type Indicator struct {
	CVSS       string        `json:"cvss,omitempty"`       // a vector string, of a CVE
	DoNotBlock bool          `json:"doNotBlock,omitempty"` // blocking it does harm: WannaCry's kill switch
	ID         string        `json:"id,omitempty"`         // the STIX id it came with
	Kind       IndicatorKind `json:"kind"`
	Note       string        `json:"note,omitempty"` // one line
	Tags       []string      `json:"tags,omitempty"` // ascending, no duplicates
	Value      string        `json:"value"`
}

// Reliability is how far a source can be relied on: Admiralty A to F.
type Reliability string

// Credibility is how likely what it says is to be true: Admiralty 1 to 6.
type Credibility string

// Valid reports whether r is one of A (completely reliable) to F (cannot be
// judged).
func (r Reliability) Valid() bool { return len(r) == 1 && r[0] >= 'A' && r[0] <= 'F' }

// Valid reports whether c is one of 1 (confirmed) to 6 (cannot be judged).
func (c Credibility) Valid() bool { return len(c) == 1 && c[0] >= '1' && c[0] <= '6' }

// Source is where an item comes from, with its Admiralty grade.
type Source struct {
	Credibility Credibility `json:"credibility"`
	Kind        string      `json:"kind,omitempty"` // partner, sensor, open source …: one line
	Name        string      `json:"name,omitempty"` // one line; empty where it is de-attributed
	Received    Instant     `json:"received,omitzero"`
	Reliability Reliability `json:"reliability"`
}

// Reference points outside: a report, an advisory. It is never linked live.
type Reference struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// Item is a piece of restricted intelligence, as it was published or last
// corrected. Who receives it and how far it may be passed on is its marking's.
type Item struct {
	Caveats    string      `json:"caveats,omitempty"` // what the originator asks beyond the label; one line
	Expires    Instant     `json:"expires,omitzero"`  // from when it is not to be acted on
	Indicators []Indicator `json:"indicators"`
	Invented   bool        `json:"invented,omitempty"` // exercises: written for the exercise, by nobody
	Promoted   *Provenance `json:"promoted,omitempty"` // where it stood, if it was brought from a side room
	Refs       []Reference `json:"refs,omitempty"`
	Review     Instant     `json:"review,omitzero"` // when its originator looks at it again
	Sources    []Source    `json:"sources"`         // at least one
	Text       string      `json:"text"`            // the subset of Markdown that messages have
	Title      string      `json:"title"`           // one line
}

// Bounds of an item. Bytes, of UTF-8.
const (
	MaxItemTitle      = 200
	MaxItemText       = 32 << 10
	MaxItemBytes      = 1 << 20 // of the text and the indicators together
	MaxIndicators     = 5000
	MaxIndicatorValue = 2048
	MaxIndicatorLine  = 200 // a note, a CVSS vector, a STIX id
	MaxIndicatorTags  = 20
	MaxIndicatorTag   = 100
	MaxSources        = 50
	MaxReferences     = 50
	MaxReferenceURL   = 2048
)

// Check returns what is wrong with the form of the item, by field, or nil: its
// bounds, its enums, and that it holds no character that makes a text look
// other than it is.
func (i *Item) Check() error {
	if err := itemLine("title", i.Title, MaxItemTitle, true); err != nil {
		return err
	}
	if err := itemText("text", i.Text, MaxItemText); err != nil {
		return err
	}
	if strings.TrimSpace(i.Text) == "" && len(i.Indicators) == 0 {
		return BadField("text", "Write something, or give at least one indicator.")
	}
	if err := itemLine("caveats", i.Caveats, 500, false); err != nil {
		return err
	}
	if len(i.Indicators) > MaxIndicators {
		return BadField("indicators", "That is %d indicators; at most %d fit. Publish it as several items.", len(i.Indicators), MaxIndicators)
	}
	size := len(i.Text)
	for n := range i.Indicators {
		if err := i.Indicators[n].Check("indicators." + decimal(n)); err != nil {
			return err
		}
		size += i.Indicators[n].size()
	}
	if size > MaxItemBytes {
		return BadField("indicators", "This is more than one item can hold. Publish it as several.")
	}
	if len(i.Sources) == 0 {
		return BadField("sources", "Name at least one source, or leave its name out.")
	}
	if len(i.Sources) > MaxSources {
		return BadField("sources", "At most %d sources fit.", MaxSources)
	}
	for n := range i.Sources {
		if err := i.Sources[n].Check("sources." + decimal(n)); err != nil {
			return err
		}
	}
	if len(i.Refs) > MaxReferences {
		return BadField("refs", "At most %d references fit.", MaxReferences)
	}
	for n, r := range i.Refs {
		field := "refs." + decimal(n)
		if err := itemLine(field+".name", r.Name, MaxItemTitle, true); err != nil {
			return err
		}
		if err := itemLine(field+".url", r.URL, MaxReferenceURL, false); err != nil {
			return err
		}
	}
	return nil
}

// Check returns what is wrong with the form of the indicator, or nil. Whether
// the value is one of its kind is for whoever parsed it.
func (x *Indicator) Check(field string) error {
	if !x.Kind.Valid() {
		return BadField(field+".kind", "%q is not a kind of indicator.", clip(string(x.Kind)))
	}
	if err := itemLine(field+".value", x.Value, MaxIndicatorValue, true); err != nil {
		return err
	}
	for _, line := range []struct{ name, text string }{{".note", x.Note}, {".cvss", x.CVSS}, {".id", x.ID}} {
		if err := itemLine(field+line.name, line.text, MaxIndicatorLine, false); err != nil {
			return err
		}
	}
	if len(x.Tags) > MaxIndicatorTags {
		return BadField(field+".tags", "At most %d tags fit.", MaxIndicatorTags)
	}
	for _, t := range x.Tags {
		if err := itemLine(field+".tags", t, MaxIndicatorTag, true); err != nil {
			return err
		}
	}
	if !slices.IsSorted(x.Tags) || len(slices.Compact(slices.Clone(x.Tags))) != len(x.Tags) {
		return BadField(field+".tags", "Give each tag once, in order.")
	}
	return nil
}

func (x *Indicator) size() int {
	n := len(x.Value) + len(x.Note) + len(x.CVSS) + len(x.ID) + 32
	for _, t := range x.Tags {
		n += len(t) + 3
	}
	return n
}

// Check returns what is wrong with the form of the source, or nil.
func (s *Source) Check(field string) error {
	if !s.Reliability.Valid() {
		return BadField(field+".reliability", "Reliability is one of A to F; F where it cannot be judged.")
	}
	if !s.Credibility.Valid() {
		return BadField(field+".credibility", "Credibility is one of 1 to 6; 6 where it cannot be judged.")
	}
	if err := itemLine(field+".name", s.Name, MaxItemTitle, false); err != nil {
		return err
	}
	return itemLine(field+".kind", s.Kind, 60, false)
}

// Normal returns the item with what has an order in it: tags ascending and
// without duplicates. Indicators and sources stay as they were given.
func (i Item) Normal() Item {
	list := slices.Clone(i.Indicators)
	if list == nil {
		list = []Indicator{}
	}
	for n := range list {
		t := slices.Clone(list[n].Tags)
		slices.Sort(t)
		list[n].Tags = slices.Compact(t)
	}
	i.Indicators = list
	return i
}

// itemLine checks one line: not empty if it is needed, not too long, nothing
// invisible.
func itemLine(field, text string, most int, needed bool) error {
	if needed && strings.TrimSpace(text) == "" {
		return BadField(field, "Enter some text here.")
	}
	if strings.ContainsAny(text, "\n\r\t") {
		return BadField(field, "Keep this to one line.")
	}
	return itemText(field, text, most)
}

func itemText(field, text string, most int) error {
	if !utf8.ValidString(text) {
		return BadField(field, "This holds bytes that are not text.")
	}
	if len(text) > most {
		return BadField(field, "This is %d bytes long; at most %d fit.", len(text), most)
	}
	for _, r := range text {
		if Disguises(r) {
			return BadField(field, "This holds an invisible control character (%U). Remove it, or paste as plain text.", r)
		}
	}
	return nil
}

// Disguises reports characters that make a text look other than it is:
// controls, and the explicit bidirectional overrides and isolates (Unicode TR
// 36, "Trojan Source").
func Disguises(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\u200d', '\u200c': // the joiners are part of emoji and of some scripts
		return false
	case '\u2028', '\u2029', '\ufeff', '\u200b', '\u2060', '\u00ad':
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Co, r)
}

func decimal(n int) string { return string(appendUint(nil, uint64(n))) }

// clip keeps what a refusal repeats of what was asked short.
func clip(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}
