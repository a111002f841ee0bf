package main

import (
	"fmt"
	"math"
	"slices"
)

// An aim is what one figure of a row is to reach. It is data: the report says
// of each whether it was met, and one that was missed fails nothing.
type aim struct {
	// Of says what is judged.
	Of aimOf `json:"of"`
	// Most and Least are the bounds; one of them is set.
	Most  float64 `json:"most,omitempty"`
	Least float64 `json:"least,omitempty"`
}

type aimOf string

const (
	ofRatio  aimOf = "ratio"  // our median over the limit's
	ofValue  aimOf = "value"  // our median, in the unit shown
	ofGrowth aimOf = "growth" // along an axis: our median at the last point over that at the first
	ofRange  aimOf = "range"  // along an axis: our greatest median over our least
)

func atLeast(ratio float64) *aim      { return &aim{Of: ofRatio, Least: ratio} }
func atMost(ratio float64) *aim       { return &aim{Of: ofRatio, Most: ratio} }
func valueAtMost(v float64) *aim      { return &aim{Of: ofValue, Most: v} }
func growthAtMost(ratio float64) *aim { return &aim{Of: ofGrowth, Most: ratio} }
func rangeAtMost(ratio float64) *aim  { return &aim{Of: ofRange, Most: ratio} }

// aimed returns the columns with an aim at one of them; the others' are shared.
func aimed(columns []column, name string, a *aim) []column {
	columns = slices.Clone(columns)
	for i := range columns {
		if columns[i].Name == name {
			columns[i].Aim = a
		}
	}
	return columns
}

// along says whether the aim is of all points of an axis together.
func (a *aim) along() bool { return a.Of == ofGrowth || a.Of == ofRange }

// String is the aim as a reader is told it.
func (a *aim) String() string {
	bound, v := "at most", a.Most
	if a.Least != 0 {
		bound, v = "at least", a.Least
	}
	n := fmt.Sprintf("%g", v)
	switch a.Of {
	case ofRatio:
		return bound + " " + n + "× the limit"
	case ofGrowth:
		return bound + " " + n + "× from the first to the last"
	case ofRange:
		return "the greatest " + bound + " " + n + "× the least"
	default:
		return bound + " " + n
	}
}

// verdict is a judged aim.
type verdict struct {
	Group  string  `json:"group"`
	Row    string  `json:"row,omitempty"` // empty: of the whole axis
	Figure string  `json:"figure"`        // its unit, as shown
	Aim    aim     `json:"aim"`
	Got    float64 `json:"got"`
	Met    bool    `json:"met"`
}

func (v verdict) word() string {
	if v.Met {
		return "met"
	}
	return "missed"
}

// got is the figure as the aim counts it.
func (v verdict) got() string {
	if v.Aim.Of == ofValue {
		return column{}.number(v.Got)
	}
	return fmt.Sprintf("%.2f×", v.Got)
}

// judge compares; there is nothing to say of what was not measured.
func (a *aim) judge(got float64) (met, measured bool) {
	if math.IsNaN(got) || math.IsInf(got, 0) {
		return false, false
	}
	return (a.Most == 0 || got <= a.Most) && (a.Least == 0 || got >= a.Least), true
}

// verdictOf judges one column of one row, if its aim is of the row alone.
func verdictOf(r row, c column) (v verdict, ok bool) {
	if c.Aim == nil || c.Aim.along() {
		return v, false
	}
	got := r.Pair.ratio(c.Name)
	if c.Aim.Of == ofValue {
		got = r.Pair.figure(ours, c.Name).median() * c.by()
	}
	met, measured := c.Aim.judge(got)
	return verdict{r.Group, r.Name, c.Unit, *c.Aim, got, met}, measured
}

// verdictAlong judges one column over the rows of one axis, in their order.
func verdictAlong(rows []row, c column) (v verdict, ok bool) {
	if c.Aim == nil || !c.Aim.along() {
		return v, false
	}
	var medians []float64
	for _, r := range rows {
		if f := r.Pair.figure(ours, c.Name); len(f) > 0 {
			medians = append(medians, f.median())
		}
	}
	if len(medians) < 2 {
		return v, false
	}
	got := medians[len(medians)-1] / medians[0]
	if c.Aim.Of == ofRange {
		got = slices.Max(medians) / slices.Min(medians)
	}
	met, measured := c.Aim.judge(got)
	return verdict{rows[0].Group, "", c.Unit, *c.Aim, got, met}, measured
}

// curves returns the rows in runs: those of one group that stand on one axis
// together, every other row alone.
func curves(rows []row) (runs [][]row) {
	for _, r := range rows {
		if n := len(runs); n > 0 && r.Axis != "" {
			if before := runs[n-1][0]; before.Group == r.Group && before.Axis == r.Axis && before.Curve == r.Curve {
				runs[n-1] = append(runs[n-1], r)
				continue
			}
		}
		runs = append(runs, []row{r})
	}
	return runs
}

// verdicts judges every aim there is.
func (t *table) verdicts() (all []verdict) {
	for _, run := range curves(t.rows) {
		for _, r := range run {
			for _, c := range r.Columns {
				if v, ok := verdictOf(r, c); ok {
					all = append(all, v)
				}
			}
		}
		for _, c := range run[0].Columns {
			if v, ok := verdictAlong(run, c); ok {
				all = append(all, v)
			}
		}
	}
	return all
}
