package assembly

import (
	"strings"

	"wardroom/server/config"
)

// Problems are why a server does not start, as one error: a sentence a line.
type Problems []config.Problem

// Error is the sentences.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = string(problem)
	}
	return strings.Join(lines, "\n")
}

// sentence makes one of an error that is all but one: "vault: there is no …".
func sentence(err error) config.Problem {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "vault: "), "notary: ")
	return config.Problem(upper(text[:1]) + text[1:] + ".")
}

func upper(s string) string { return strings.ToUpper(s) }
