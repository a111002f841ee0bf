package intel

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wardroom/server/incident"
)

// WriteText writes records as plain text for people: the label in header and
// footer and before each item, as FIRST asks of documents, and every value
// defanged.
func WriteText(w io.Writer, records []Record) error {
	out := bufio.NewWriter(w)
	label := string(strictest(records))
	exercise := false
	for _, r := range records {
		exercise = exercise || r.Item.Invented
	}
	edge := func() {
		out.WriteString(label + "\n")
		if exercise {
			out.WriteString("EXERCISE EXERCISE EXERCISE: some of this is invented\n")
		}
	}
	edge()
	for _, r := range records {
		out.WriteString("\n" + strings.Repeat("-", 72) + "\n" + marksOf(r) + "\n")
		writeItem(out, r)
	}
	out.WriteString("\n" + strings.Repeat("-", 72) + "\n")
	edge()
	return out.Flush()
}

// marksOf is the line that stands directly before an item.
func marksOf(r Record) string {
	marks := []string{string(r.TLP)}
	if r.PAP != "" {
		marks = append(marks, string(r.PAP))
	}
	if r.Caveat != "" {
		marks = append(marks, string(r.Caveat))
	}
	if r.Item.Invented {
		marks = append(marks, "EXERCISE: invented")
	}
	if r.Item.Caveats != "" {
		marks = append(marks, plainText(r.Item.Caveats))
	}
	return strings.Join(marks, "  ")
}

func writeItem(out *bufio.Writer, r Record) {
	out.WriteString(plainText(r.Item.Title) + "\n" + plainText(r.Originator) + ", " + r.Published.UTC().Format("2 January 2006, 15:04 UTC") + "\n")
	if r.Item.Text != "" {
		out.WriteString("\n" + defangText(plainText(r.Item.Text)) + "\n")
	}
	if len(r.Item.Indicators) > 0 {
		out.WriteString("\n")
	}
	for _, x := range r.Item.Indicators {
		line := string(x.Kind) + "\t" + Defang(x.Kind, x.Value)
		if x.DoNotBlock {
			line += "\tDO NOT BLOCK"
		}
		if x.CVSS != "" {
			line += "\t" + x.CVSS
		}
		if x.Note != "" {
			line += "\t" + defangText(x.Note)
		}
		out.WriteString(plainLine(line) + "\n")
	}
	if len(r.Item.Sources) > 0 {
		out.WriteString("\n")
	}
	for _, s := range r.Item.Sources {
		name := s.Name
		if name == "" {
			name = unnamed
		}
		out.WriteString("Source " + gradeOf(s) + ": " + plainText(name) + "\n")
	}
	for _, ref := range r.Item.Refs {
		if !strings.HasPrefix(ref.Name, "STIX ") {
			out.WriteString("Reference: " + plainText(strings.TrimSpace(ref.Name+" "+Defang(incident.URL, ref.URL))) + "\n")
		}
	}
	if !r.Item.Expires.IsZero() {
		out.WriteString("Not to be acted on after " + r.Item.Expires.UTC().Format("2 January 2006, 15:04 UTC") + "\n")
	}
}

// defangText takes the life out of the words of a text that hold an address.
func defangText(s string) string {
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, unicode.IsSpace)
		if n < 0 {
			n = len(s)
		}
		if n > 0 {
			b.WriteString(defangWord(s[:n]))
			s = s[n:]
			continue
		}
		_, n = utf8.DecodeRuneInString(s)
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String()
}

func defangWord(w string) string {
	live := slices.ContainsFunc(Extract(w), func(x incident.Indicator) bool {
		return x.Kind == incident.IPv4 || x.Kind == incident.Domain || x.Kind == incident.URL || x.Kind == incident.Email
	})
	if !live || strings.Contains(w, "[.]") {
		return w
	}
	return strings.ReplaceAll(defangURL(w), "@", "[@]")
}

// plainText takes out what would steer a terminal or disguise the text.
func plainText(s string) string { return visible(s) }

func plainLine(s string) string { return strings.ReplaceAll(visible(s), "\n", " ") }

// thousands writes a count as people read one: 4,999.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
