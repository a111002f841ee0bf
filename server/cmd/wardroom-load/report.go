package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report").Parse(reportText))

// A report is the table as a page shows it: one file, which asks nothing of any
// other place. All of it is text but the drawings, which hold numbers and words
// of this program alone.
type report struct {
	Began, Took, Machine, Legend string
	Repetitions                  int
	Met, Missed                  int
	Aims                         []aimShown
	Groups                       []groupShown
}

type aimShown struct{ What, Figure, Got, Aim, Word string }

type groupShown struct {
	Name   string
	Curves []curveShown
}

// A curveShown is the rows that stand on one axis, or one row.
type curveShown struct {
	Plots []plotShown // none of a row alone
	Rows  []rowShown
}

type plotShown struct {
	Unit, Got, Aim, Word string
	SVG                  template.HTML
}

type rowShown struct {
	Name    string
	Figures []figureShown
	Notes   []string
}

type figureShown struct {
	Unit, Ours, OursSpread, Limit, LimitSpread, Ratio, Aim, Word string
	Strip                                                        template.HTML
}

// writeReport writes the page, with the folder it is in.
func (t *table) writeReport(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := t.page(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func (t *table) page(w io.Writer) error {
	r := report{Began: t.began.UTC().Format("2 January 2006, 15:04 UTC"), Took: t.took.Round(time.Second).String(), Machine: t.machine.String(),
		Legend: strings.ReplaceAll(strings.TrimSpace(legend), "\n", " "), Repetitions: t.repetitions()}
	for _, v := range t.verdicts() {
		what := v.Group
		if v.Row != "" {
			what += ": " + v.Row
		}
		r.Aims = append(r.Aims, aimShown{what, v.Figure, v.got(), v.Aim.String(), v.word()})
		if v.Met {
			r.Met++
		} else {
			r.Missed++
		}
	}
	for _, run := range curves(t.rows) {
		if n := len(r.Groups); n == 0 || r.Groups[n-1].Name != run[0].Group {
			r.Groups = append(r.Groups, groupShown{Name: run[0].Group})
		}
		c, err := showCurve(run)
		if err != nil {
			return err
		}
		g := &r.Groups[len(r.Groups)-1]
		g.Curves = append(g.Curves, c)
	}
	return reportPage.Execute(w, r)
}

func showCurve(run []row) (c curveShown, err error) {
	for _, r := range run {
		shown := rowShown{Name: r.Name, Notes: r.Notes}
		for _, col := range r.Columns {
			shown.Figures = append(shown.Figures, showFigure(r, col))
		}
		c.Rows = append(c.Rows, shown)
	}
	if run[0].Axis == "" || len(run) < 2 {
		return c, nil
	}
	for _, col := range run[0].Columns {
		p := plotShown{Unit: col.Unit}
		if run[0].Curve != "" {
			p.Unit = run[0].Curve + ": " + p.Unit
		}
		if v, ok := verdictAlong(run, col); ok {
			p.Got, p.Aim, p.Word = v.got(), v.Aim.String(), v.word()
		}
		if p.SVG, err = growthPlot(run, col); err != nil {
			return c, err
		}
		c.Plots = append(c.Plots, p)
	}
	return c, nil
}

func showFigure(r row, c column) figureShown {
	cells := append(c.line("", r.Pair), "", "", "")
	f := figureShown{Unit: cells[1], Ours: cells[2], OursSpread: cells[3], Limit: cells[4], LimitSpread: cells[5], Ratio: cells[6], Strip: strip(r.Pair, c)}
	if v, ok := verdictOf(r, c); ok {
		f.Aim, f.Word = v.Aim.String(), v.word()
	}
	return f
}

// strip draws every repetition of both sides on one scale from nothing to the
// greatest: ours above, the limit below.
func strip(p pair, c column) template.HTML {
	const width, height, pad = 400.0, 36.0, 6.0
	most := 0.0
	for _, s := range []side{ours, limit} {
		if f := p.figure(s, c.Name); len(f) > 0 {
			most = max(most, f.most())
		}
	}
	if most <= 0 {
		return ""
	}
	x := func(v float64) float64 { return pad + v/most*(width-2*pad) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="strip" viewBox="0 0 %g %g" preserveAspectRatio="none" aria-hidden="true">`, width, height)
	for s, look := range [...]struct {
		y     float64
		color string
	}{ours: {11, "#005eb8"}, limit: {26, "#768692"}} {
		f := p.figure(side(s), c.Name)
		if len(f) == 0 {
			continue
		}
		fmt.Fprintf(&b, `<line x1="%g" x2="%g" y1="%g" y2="%[3]g" stroke="#d8dde0"/>`, pad, width-pad, look.y)
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%g" y2="%[3]g" stroke="%s" stroke-width="2"/>`, x(f.least()), x(f.most()), look.y, look.color)
		for _, v := range f {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%g" r="3.5" fill="%s" fill-opacity=".55"/>`, x(v), look.y, look.color)
		}
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%[1]f" y1="%g" y2="%g" stroke="%s" stroke-width="2.5"/>`, x(f.median()), look.y-6, look.y+6, look.color)
	}
	return template.HTML(b.String() + "</svg>")
}
