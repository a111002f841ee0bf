package notify

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// MaxTextCharacters is how long a text message may be, its service's name not
// counted: GOV.UK Notify refuses what is longer.
const MaxTextCharacters = 918

// The characters of a text message (3GPP TS 23.038, 6.2.1): the basic ones
// take seven bits each, the extended ones two places. Where a Welsh letter
// that is neither stands in it, GOV.UK Notify sends the whole as UCS-2, and
// every character takes one of far fewer places.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmMore  = "^{}\\[~]|€"
	welsh    = "àèìòùẁỳÀÈÌÒÙẀỲáéíóúẃýÁÉÍÓÚẂÝäëïöüẅÿÄËÏÖÜẄŸâêîôûŵŷÂÊÎÔÛŴŶ"
)

// A fragment is what a network carries at once. The longer message gives up
// some of each for putting it together again.
const (
	oneGSM, partGSM = 160, 153
	oneUCS, partUCS = 70, 67
)

// instead is what takes the place of characters with a plain equal.
var instead = map[rune]string{
	'\u2011': "-", '\u2013': "-", '\u2014': "-", '\u2212': "-", // hyphens, dashes, minus
	'\u2026': "...",
	'\u2018': "'", '\u2019': "'", '\u201a': "'", '\u201c': `"`, '\u201d': `"`, '\u201e': `"`,
	'\u180e': "", '\u200b': "", '\u200c': "", '\u2060': "", '\ufeff': "", '\u2028': "", '\u2029': "", // seen by nobody
	'\u00a0': " ", '\u202f': " ", '\t': " ",
}

// Size is what a text message comes to.
type Size struct {
	Characters int  // as sent, the service's name and its colon with them
	Fragments  int  // what is paid for; 0 for an empty message
	Unicode    bool // sent as UCS-2
	TooLong    bool // GOV.UK Notify refuses it
}

// Measure says what a text message comes to that goes out under a service's
// name ("" where none is put before it).
func Measure(service, body string) Size {
	body = strings.TrimSpace(Downgrade(body))
	alone := len([]rune(body))
	if service != "" {
		body = Downgrade(service) + ": " + body
	}
	s := Size{Characters: len([]rune(body)), TooLong: alone > MaxTextCharacters}
	places := s.Characters
	for _, c := range body {
		if strings.ContainsRune(gsmMore, c) {
			places++
		}
		s.Unicode = s.Unicode || ucs(c)
	}
	switch {
	case alone == 0:
	case s.Unicode:
		s.Fragments = fragments(s.Characters, oneUCS, partUCS)
	default:
		s.Fragments = fragments(places, oneGSM, partGSM)
	}
	return s
}

func fragments(places, one, part int) int {
	if places <= one {
		return 1
	}
	return (places + part - 1) / part
}

func gsm(c rune) bool { return strings.ContainsRune(gsmBasic, c) || strings.ContainsRune(gsmMore, c) }

// ucs reports whether a character makes the whole message UCS-2.
func ucs(c rune) bool { return strings.ContainsRune(welsh, c) && !gsm(c) }

// Downgrade is a text with each character a telephone may not have replaced:
// dashes and quotation marks by plain ones, letters with marks by the letters
// (Welsh ones stay), what is left by a question mark.
func Downgrade(text string) string {
	var b strings.Builder
	for _, c := range text {
		b.WriteString(downgrade(c))
	}
	return b.String()
}

func downgrade(c rune) string {
	if gsm(c) || ucs(c) {
		return string(c)
	}
	if s, ok := instead[c]; ok {
		return s
	}
	// Its canonical form, less the last of its marks: ế is ê with one more.
	if r := []rune(norm.NFC.String(string(c))); len(r) == 1 && r[0] != c {
		return downgrade(r[0])
	}
	if r := []rune(norm.NFD.String(string(c))); len(r) > 1 {
		if base := []rune(norm.NFC.String(string(r[:len(r)-1]))); len(base) == 1 && (gsm(base[0]) || ucs(base[0])) {
			return string(base)
		}
	}
	return "?"
}
