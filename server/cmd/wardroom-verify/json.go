package main

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"

	"wardroom/server/evidence"
)

// writeJSON prints the report for programs. Whatever does not print is written
// as an escape, so that the output moves no terminal either.
func writeJSON(w io.Writer, r *evidence.Report) error {
	b, err := r.JSON()
	if err != nil {
		return err
	}
	out := make([]byte, 0, len(b)+1)
	for _, c := range string(b) { // valid UTF-8, and what does not print is inside strings
		switch {
		case unicode.IsPrint(c):
			out = append(out, string(c)...)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, c)
		}
	}
	_, err = w.Write(append(out, '\n'))
	return err
}
