package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// column is one figure of a row as the table shows it.
type column struct {
	Name string `json:"name"` // of the figure in the samples
	Unit string `json:"unit"`
	// Less says that a smaller number is the better one.
	Less bool `json:"less,omitempty"`
	// Alone says that the figure has no limit beside it.
	Alone bool `json:"alone,omitempty"`
	// Aim is what the figure is to reach; nil of one that is only told.
	Aim   *aim `json:"aim,omitempty"`
	scale float64
}

// by is what a measured value is multiplied by to be shown.
func (c column) by() float64 {
	if c.scale == 0 {
		return 1
	}
	return c.scale
}

// row is one thing that was measured, on both sides.
type row struct {
	Group   string   `json:"group"`
	Name    string   `json:"name"`
	Columns []column `json:"columns"`
	// Axis names what grows from row to row of a group, and At is how much of it
	// this row has; Curve tells several lines of one group apart. Rows without an
	// axis stand alone.
	Axis  string   `json:"axis,omitempty"`
	Curve string   `json:"curve,omitempty"`
	At    float64  `json:"at,omitempty"`
	Pair  pair     `json:"-"`
	Notes []string `json:"notes,omitempty"` // what went on meanwhile that a reader should know
}

// table is the whole answer.
type table struct {
	machine machine
	rows    []row
	began   time.Time
	took    time.Duration
}

// write prints the machine, then one line a figure.
func (t *table) write(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n", t.machine)
	lines := [][]string{{"", "figure", "ours", "(least – most)", "limit", "(least – most)", "ours/limit", "aim"}}
	group := ""
	for _, run := range curves(t.rows) {
		if run[0].Group != group {
			group = run[0].Group
			lines = append(lines, []string{group})
		}
		for _, r := range run {
			name := "  " + r.Name
			for _, c := range r.Columns {
				line := c.line(name, r.Pair)
				if v, ok := verdictOf(r, c); ok {
					line = append(line[:len(line):len(line)], make([]string, aimColumn-len(line))...)
					line = append(line, v.Aim.String()+": "+v.word())
				}
				lines = append(lines, line)
				name = ""
			}
			for _, n := range r.Notes {
				lines = append(lines, []string{"    " + n})
			}
		}
		for _, c := range run[0].Columns {
			if v, ok := verdictAlong(run, c); ok {
				lines = append(lines, []string{fmt.Sprintf("    along %s, %s: %s; aim: %s: %s", run[0].Axis, c.Unit, v.got(), v.Aim.String(), v.word())})
			}
		}
	}
	columns(w, lines)
	if all := t.verdicts(); len(all) > 0 {
		missed := 0
		for _, v := range all {
			if !v.Met {
				missed++
			}
		}
		fmt.Fprintf(w, "\n%d aims: %d met, %d missed.", len(all), len(all)-missed, missed)
	}
	fmt.Fprintf(w, "\nMedians of %d repetitions, ours and the limit in turn; %s in all.\n", t.repetitions(), t.took.Round(time.Second))
	fmt.Fprint(w, legend)
}

// aimColumn is the place of the aim in a line.
const aimColumn = 7

const legend = `The limit is a bare server on the same machine, Postgres and minutes: net/http, pgx and sockets, rows and frames of the
same sizes, no rules, no evidence, no sealing. The program that makes the load has the same cores to run on.
`

func (t *table) repetitions() int {
	n := 0
	for _, r := range t.rows {
		n = max(n, len(r.Pair[ours]))
	}
	return n
}

func (c column) line(name string, p pair) []string {
	l := []string{name, c.Unit}
	for _, s := range []side{ours, limit} {
		f := p.figure(s, c.Name)
		if len(f) == 0 {
			l = append(l, "–", "")
			continue
		}
		l = append(l, c.number(f.median()), "("+c.number(f.least())+" – "+c.number(f.most())+")")
	}
	if r := p.ratio(c.Name); !c.Alone && !math.IsNaN(r) && !math.IsInf(r, 0) {
		l = append(l, fmt.Sprintf("%.2f×", r))
	}
	return l
}

// number writes three significant digits, or all of a whole number from 1,000.
func (c column) number(v float64) string {
	v *= c.by()
	switch a := math.Abs(v); {
	case a >= 1000:
		return thousands(int64(math.Round(v)))
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

func thousands(n int64) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// columns writes the lines with every column as wide as its widest cell; the
// first two and the aim flush left. A line of one cell counts for no width.
func columns(w io.Writer, lines [][]string) {
	var width []int
	for _, l := range lines {
		for i, cell := range l {
			if i == len(width) {
				width = append(width, 0)
			}
			if len(l) > 1 {
				width[i] = max(width[i], utf8.RuneCountInString(cell))
			}
		}
	}
	for _, l := range lines {
		var b strings.Builder
		for i, cell := range l {
			pad := strings.Repeat(" ", max(0, width[i]-utf8.RuneCountInString(cell)))
			switch {
			case i < 2 || i == aimColumn:
				b.WriteString(cell + pad + "  ")
			default:
				b.WriteString(pad + cell + "  ")
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// writeJSON writes every measurement, so that the table can be made again.
func (t *table) writeJSON(file string) error {
	type side struct {
		Ours  []sample `json:"ours"`
		Limit []sample `json:"limit"`
	}
	type full struct {
		row
		Samples side `json:"samples"`
	}
	out := struct {
		Machine machine   `json:"machine"`
		Began   time.Time `json:"began"`
		Seconds float64   `json:"seconds"`
		Rows    []full    `json:"rows"`
		Aims    []verdict `json:"aims"`
	}{t.machine, t.began, t.took.Seconds(), nil, t.verdicts()}
	for _, r := range t.rows {
		out.Rows = append(out.Rows, full{r, side{r.Pair[ours], r.Pair[limit]}})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
