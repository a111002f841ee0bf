package command

import (
	"strings"
	"unicode/utf8"

	"wardroom/server/incident"
)

// checkLine checks one line of text a person typed: not empty unless it may
// be, not too long, no control or direction-changing characters.
func checkLine(field, text string, maxRunes int, needed bool) error {
	if needed && strings.TrimSpace(text) == "" {
		return incident.BadField(field, "Enter some text here.")
	}
	if strings.ContainsAny(text, "\n\r") {
		return incident.BadField(field, "Keep this to one line.")
	}
	return checkText(field, text, maxRunes)
}

// checkText checks text of several lines.
func checkText(field, text string, maxRunes int) error {
	if !utf8.ValidString(text) {
		return incident.BadField(field, "This holds bytes that are not text.")
	}
	if n := utf8.RuneCountInString(text); n > maxRunes {
		return incident.BadField(field, "This is %d characters long; at most %d fit.", n, maxRunes)
	}
	for _, r := range text {
		if bad(r) {
			return incident.BadField(field, "This holds an invisible control character (%U). Remove it, or paste as plain text.", r)
		}
	}
	return nil
}

// bad reports characters that make a text look other than it is.
func bad(r rune) bool { return incident.Disguises(r) }
