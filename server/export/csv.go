package export

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// csvBOM begins record.csv: the program that will open it is a spreadsheet, and
// the commonest of them takes UTF-8 without the mark for Windows-1252. Programs
// that follow RFC 4180 and know nothing of it read the first column's name with
// a character before it; no value is touched.
const csvBOM = "\ufeff"

// A sheet writes record.csv (RFC 4180, CRLF).
type sheet struct{ w *csv.Writer }

func newSheet(w io.Writer) (*sheet, error) {
	if _, err := io.WriteString(w, csvBOM); err != nil {
		return nil, err
	}
	s := &sheet{csv.NewWriter(w)}
	s.w.UseCRLF = true
	return s, s.w.Write([]string{"Entry", "About entry", "Recorded (UTC)", "Happened", "Kind", "Who", "Organisation", "Role", "Label", "What it says", "Left out"})
}

func (s *sheet) line(l *line) error {
	about := ""
	if l.root != 0 && l.root != l.seq {
		about = strconv.FormatUint(uint64(l.root), 10)
	}
	recorded := ""
	if l.times != nil {
		recorded = stamp(l.times.Recorded)
	}
	row := []string{strconv.FormatUint(uint64(l.seq), 10), about, recorded, l.happened(), l.title, l.name, l.org, l.role(), l.label, l.words(), l.out()}
	for i, cell := range row {
		row[i] = plainCell(cell)
	}
	return s.w.Write(row)
}

func (s *sheet) close() error {
	s.w.Flush()
	return s.w.Error()
}

// plainCell keeps a cell from being taken for a formula: a leading apostrophe
// makes it text in every spreadsheet. What begins a formula may stand behind
// spaces and in full width; a tab or a carriage return in front can make one
// too.
func plainCell(text string) string {
	first := strings.IndexFunc(text, func(r rune) bool { return !unicode.Is(unicode.Zs, r) && r != '\n' })
	danger := first >= 0 && strings.ContainsAny(text[first:first+len(string([]rune(text[first:])[:1]))], "=+-@\t\r\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b")
	text = visible(text)
	if danger {
		return "'" + text
	}
	return text
}
