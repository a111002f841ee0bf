package command

import (
	"cmp"
	"path"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"wardroom/server/incident"
)

// This system holds OFFICIAL and OFFICIAL-SENSITIVE. A text that bears a
// higher marking, as documents bear it, does not enter a room: it was pasted by
// mistake, or it belongs elsewhere. A host who knows better says why.

// overruled is a command whose author gives a reason to write what bears a
// protective marking.
type overruled struct {
	Command
	Reason string
}

// Overrule returns the command with a host's reason to write it though it bears
// a protective marking; the command itself if there is no reason. A reason that
// turns out not to be needed is not recorded.
func Overrule(c Command, reason string) Command {
	if reason == "" {
		return c
	}
	return overruled{c, reason}
}

// meant is the command itself, without the reason it may come with: what it
// cites, attaches, erases or recalls is its own to say.
func meant(c Command) Command {
	if o, ok := c.(overruled); ok {
		return o.Command
	}
	return c
}

// carried is what states anew what was said before: what it says was judged
// where it was first said.
type carried interface{ carries() }

func (AnswerPromotion) carries() {}
func (BringReport) carries()     {}
func (ContinueRoom) carries()    {}
func (MergeItem) carries()       {}
func (OpenRoom) carries()        {}
func (PromoteEntry) carries()    {}

// guard refuses events that bring a protective marking into a room. What a
// host overrules bears the reason.
func (s *scene) guard(c Command, events []*incident.Event, reason string) error {
	if _, ok := c.(carried); ok {
		return nil
	}
	for _, e := range events {
		if info, _ := incident.KindOf(e.Body).Info(); info.Log != incident.RoomLog && incident.KindOf(e.Body) != "room.registered" && incident.AlertNumber(e.Body) == 0 && incident.ReportOf(e.Body) == "" {
			continue
		}
		field, marking := protected(reflect.ValueOf(e.Body), "")
		if parts, ok := c.(interface{ part(*incident.Event) string }); ok && parts.part(e) != "" {
			field = parts.part(e) + "." + field
		}
		for _, f := range e.Files {
			if marking == "" {
				field, marking = "attachments", cmp.Or(ProtectiveMarking(f.Name), ProtectiveMarking(strings.TrimSuffix(f.Name, path.Ext(f.Name))))
			}
		}
		if marking == "" {
			continue
		}
		host := s.Room != nil && !s.empty && s.Asker().Present() && s.Asker().Host
		if !host || reason == "" {
			return aboveOfficial(field, marking, host)
		}
		if err := checkLine("override", reason, 500, true); err != nil {
			return err
		}
		e.Authority.Override = reason
	}
	return nil
}

func aboveOfficial(field, marking string, host bool) error {
	e := incident.BadField(field, "This bears the marking “%s”.", marking)
	e.Code = incident.ProtectiveMarking
	e.Message = "This bears the marking “" + marking + "”. Nothing above OFFICIAL-SENSITIVE is held here, and nothing was stored. If it is what it says, tell your security officer; if not, take the marking out."
	if host {
		e.Message = strings.TrimSuffix(e.Message, ".") + ", or give a reason to write it as it is."
	}
	return e
}

// protected returns the first text of a body that bears a protective marking:
// its name in the body's JSON, and the marking.
func protected(v reflect.Value, at string) (field, marking string) {
	switch v.Kind() {
	case reflect.String:
		if m := ProtectiveMarking(v.String()); m != "" {
			return at, m
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return protected(v.Elem(), at)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				in := at // of what is embedded the fields are the body's own
				if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
					in = strings.TrimPrefix(at+"."+name, ".")
				}
				if field, marking = protected(v.Field(i), in); marking != "" {
					return field, marking
				}
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return "", ""
		}
		for i := range v.Len() {
			if field, marking = protected(v.Index(i), at+"."+strconv.Itoa(i)); marking != "" {
				return field, marking
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if field, marking = protected(it.Value(), at); marking != "" {
				return field, marking
			}
		}
	}
	return "", ""
}

// ProtectiveMarking returns the marking above OFFICIAL-SENSITIVE that a text
// bears on a line of its own or as a header, as documents bear it; "" if it
// bears none. The words in a sentence are no marking.
//
// It reads a text once, line by line.
func ProtectiveMarking(text string) string {
	if !mayBear(text) {
		return ""
	}
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if m := markingOf(line); m != "" {
			return m
		}
	}
	return ""
}

// mayBear is a quick look: a text without the letters of one of the words has
// no marking.
func mayBear(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i] | 0x20; c == 's' || text[i] >= 0x80 {
			return true
		}
	}
	return false
}

// word is a word of a line, and what stands before it.
type word struct {
	text   string // upper case
	upper  bool   // written in capitals
	before string // what separates it from the word before: blanks, or a sign
}

const (
	blank = " " // blanks only
	sign  = "-" // a dash, colon, stroke, bracket …
	rule  = "=" // what draws a line on both sides of a marking, and assigns between words
	other = "?" // what no marking has
)

func apart(before string) bool { return before == rule || before == other }

// maxWords is how many words of a line are looked at: a marking with all that
// goes with it is shorter.
const maxWords = 24

// wordsOf splits a line. more says that the line goes on after the words, and
// ends what stands after the last: "" for the line's end or mere decoration.
func wordsOf(line string) (list []word, ends string, more bool) {
	var b strings.Builder
	before, upper := "", true
	flush := func() {
		if b.Len() > 0 {
			list = append(list, word{strings.ToUpper(b.String()), upper, before})
			b.Reset()
			before, upper = "", true
		}
	}
	for _, r := range line {
		if r >= '！' && r <= '～' {
			r -= '！' - '!' // full width
		}
		if r == '\u200c' || r == '\u200d' {
			continue
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			if b.Len() == 0 && len(list) == maxWords {
				return list, before, true
			}
			if unicode.IsLower(r) {
				upper = false
			}
			b.WriteRune(r)
			continue
		}
		flush()
		before = worse(before, kindOf(r))
	}
	flush()
	return list, before, false
}

func kindOf(r rune) string {
	switch {
	case unicode.IsSpace(r):
		return blank
	case r == '=':
		return rule
	case r == '!' || r == '?' || r == '\'' || r == '’' || r == '$' || r == '%' || r == '@' || r == ';':
		return other
	}
	return sign
}

func worse(a, b string) string {
	for _, k := range []string{other, rule, sign} {
		if a == k || b == k {
			return k
		}
	}
	return b
}

// leads are what stands before a marking in a header, up to its colon.
var leads = map[string]bool{"CLASSIFICATION": true, "SECURITY CLASSIFICATION": true, "OVERALL CLASSIFICATION": true, "DOCUMENT CLASSIFICATION": true,
	"GOVERNMENT SECURITY CLASSIFICATION": true, "CLASSIFIED": true, "MARKING": true, "PROTECTIVE MARKING": true, "X PROTECTIVE MARKING": true, "GSC": true,
	"HANDLING": true, "SUBJECT": true, "RE": true, "FW": true, "FWD": true, "SENSITIVITY": true}

// goesWith are words that stand beside a marking on its line.
var goesWith = map[string]bool{"UK": true, "EYES": true, "ONLY": true, "UKEO": true, "STRAP": true, "STRAP1": true, "STRAP2": true, "STRAP3": true, "NOFORN": true,
	"REL": true, "TO": true, "FVEY": true, "USA": true, "US": true, "AUS": true, "CAN": true, "NZ": true, "NZL": true, "GBR": true, "NATO": true, "EU": true, "UE": true, "ATOMIC": true,
	"COSMIC": true, "FIVE": true, "RECIPIENTS": true, "PERSONAL": true, "COMMERCIAL": true, "LOCSEN": true, "PAGE": true, "OF": true, "COPY": true, "NO": true,
	"SECRET": true, "TOP": true, "WHEN": true, "COMPLETE": true, "COMPLETED": true, "COMINT": true, "SI": true, "TK": true, "ORCON": true, "CODEWORD": true, "LIMDIS": true, "TRES": true, "TRÈS": true, "ACCESS": true}

// markingOf returns the marking a line bears.
func markingOf(line string) string {
	list, ends, more := wordsOf(line)
	if len(list) == 0 {
		return ""
	}
	if ends == rule && list[0].before != rule {
		ends = other
	}
	list = spaced(list)
	lead := false
	for { // "Subject: RE: …"
		n := leadOf(list)
		if n == 0 {
			break
		}
		list, lead = list[n:], true
	}
	marking, n, upper := classification(list)
	if n == 0 {
		return ""
	}
	rest := list[n:]
	bracketed := strings.HasPrefix(strings.TrimLeft(line, " \t#>*_-"), "[") || strings.HasPrefix(strings.TrimLeft(line, " \t#>*_-"), "(")
	led := strings.Contains(marking, " ") // UK SECRET, TOP SECRET …
	if len(rest) == 0 && !more {
		if ends == other || !upper && !led && !lead {
			return ""
		}
		return marking // alone on its line
	}
	if len(rest) > 0 && apart(rest[0].before) {
		return ""
	}
	known, capitals := true, true
	for _, w := range rest {
		known = known && (goesWith[w.text] || number(w.text)) && !apart(w.before)
		capitals = capitals && w.upper
	}
	known, capitals = known && !more && ends != other, capitals && !more
	signed := len(rest) > 0 && rest[0].before == sign
	switch {
	case known && (upper || lead): // SECRET UK EYES ONLY, TOP SECRET STRAP 2, SECRET page 1 of 4
		return marking
	case signed && upper && (capitals || led || lead): // SECRET – PERSONAL, UK SECRET: the actor …
		return marking
	case signed && upper && bracketed: // [SECRET] the actor …
		return marking
	}
	return ""
}

// leadOf returns how many words at the beginning lead to a marking.
func leadOf(list []word) int {
	joined := ""
	for i := 0; i < 4 && i+1 < len(list); i++ {
		joined = strings.TrimPrefix(joined+" "+list[i].text, " ")
		if leads[joined] && list[i+1].before == sign {
			return i + 1
		}
	}
	return 0
}

// classification reads a classification above OFFICIAL at the beginning of a
// line's words: which, how many words it takes, and whether it is in capitals.
func classification(list []word) (marking string, n int, upper bool) {
	upper = true
	var parts []string
	take := func() {
		upper = upper && list[n].upper
		parts = append(parts, list[n].text)
		n++
	}
	at := func(i int, text string) bool {
		return i < len(list) && list[i].text == text && (i == 0 || !apart(list[i].before))
	}
	if at(0, "UK") || at(0, "NATO") || at(0, "EU") || at(0, "COSMIC") {
		take()
	}
	if at(n, "TOP") && at(n+1, "SECRET") {
		take()
	}
	switch {
	case at(n, "SECRET"):
		take()
	case at(n, "TOPSECRET"):
		take()
		parts[len(parts)-1] = "TOP SECRET"
	case n == 0 && len(list) > 0 && list[0].upper && (at(0, "STRAP1") || at(0, "STRAP2") || at(0, "STRAP3")):
		take()
	case n == 0 && len(list) > 0 && list[0].upper && at(0, "STRAP"):
		take()
		if n < len(list) && number(list[n].text) {
			take()
		}
	default:
		return "", 0, false
	}
	return strings.Join(parts, " "), n, upper
}

// spaced joins letters that stand one by one: S E C R E T.
func spaced(list []word) []word {
	if len(list) < 5 {
		return list
	}
	var b strings.Builder
	for i, w := range list {
		if len(w.text) != 1 || !w.upper || i > 0 && apart(w.before) {
			return list
		}
		b.WriteString(w.text)
	}
	all := []word{{b.String(), true, list[0].before}}
	if after, ok := strings.CutPrefix(b.String(), "UK"); ok {
		all = []word{{"UK", true, list[0].before}, {after, true, blank}}
	}
	return all
}

func number(text string) bool {
	for _, r := range text {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}
