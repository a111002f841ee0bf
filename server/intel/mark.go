package intel

import (
	"strings"

	"wardroom/server/incident"
)

// mark is what a file says about how far something may be passed on.
type mark struct {
	tlp       incident.TLP
	pap       incident.PAP
	caveat    incident.Caveat
	statement string // terms, a copyright notice: passed on as they are
	ref       string // how the statement's own definition is kept (see keep)
	invented  bool   // for an exercise
}

var papOrder = map[incident.PAP]int{"": 0, incident.PAPClear: 1, incident.PAPGreen: 2, incident.PAPAmber: 3, incident.PAPRed: 4}

// and returns the mark under which both may be kept: the stricter of each.
func (m mark) and(o mark) mark {
	if o.tlp.Rank() > m.tlp.Rank() {
		m.tlp = o.tlp
	}
	if papOrder[o.pap] > papOrder[m.pap] {
		m.pap = o.pap
	}
	if o.caveat == incident.OfficialSensitive || m.caveat == "" {
		m.caveat = o.caveat
	}
	m.invented = m.invented || o.invented
	switch {
	case o.statement == "" || m.statement == o.statement || len(m.statement) > 500:
	case m.statement == "":
		m.statement, m.ref = o.statement, o.ref
	default:
		m.statement, m.ref = m.statement+" / "+o.statement, ""
	}
	return m
}

// tlpOfTag reads a label as MISP's taxonomy, STIX's extension and people write
// it: "tlp:amber+strict", "TLP:WHITE", "TLP AMBER". The second is whether it
// is of version 1, whose AMBER said nothing of clients.
func tlpOfTag(s string) (label incident.TLP, old, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	rest, ok := strings.CutPrefix(s, "tlp")
	if !ok {
		return "", false, false
	}
	rest = strings.TrimLeft(rest, ": -_")
	return tlpWord(rest)
}

func tlpWord(s string) (label incident.TLP, old, ok bool) {
	switch strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), " ", "")) {
	case "clear":
		return incident.Clear, false, true
	case "white":
		return incident.Clear, true, true
	case "green":
		return incident.Green, false, true
	case "amber":
		return incident.Amber, false, true
	case "amber+strict", "amber-strict", "amberstrict":
		return incident.AmberStrict, false, true
	case "red":
		return incident.Red, false, true
	}
	return "", false, false
}

// papWord reads a label of the Permissible Actions Protocol.
func papWord(s string) (incident.PAP, bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "clear", "white":
		return incident.PAPClear, true
	case "green":
		return incident.PAPGreen, true
	case "amber":
		return incident.PAPAmber, true
	case "red":
		return incident.PAPRed, true
	}
	return "", false
}

// papOfTag reads "PAP:AMBER".
func papOfTag(s string) (incident.PAP, bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(s)), "pap:")
	if !ok {
		return "", false
	}
	return papWord(rest)
}

// inventedStatement marks what was made up for an exercise, wherever it goes.
const inventedStatement = "EXERCISE: invented, no real intelligence"

// markOfStatement reads the statements that WriteSTIX makes of what STIX has
// no mark for.
func markOfStatement(s string) (mark, bool) {
	s = strings.TrimSpace(s)
	if p, ok := papOfTag(s); ok {
		return mark{pap: p}, true
	}
	if s == inventedStatement {
		return mark{invented: true}, true
	}
	switch incident.Caveat(strings.ToUpper(s)) {
	case incident.Official:
		return mark{caveat: incident.Official}, true
	case incident.OfficialSensitive:
		return mark{caveat: incident.OfficialSensitive}, true
	}
	return mark{}, false
}
