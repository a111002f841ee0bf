package main

import (
	"bytes"
	"strings"
	"testing"
)

// at is a row with one figure, the same in every repetition.
func at(axis string, x float64, c column, our, their float64) row {
	r := row{Group: "a group", Name: "at " + c.number(x), Axis: axis, At: x, Columns: []column{c}}
	r.Pair[ours] = []sample{{c.Name: our}, {c.Name: our}}
	r.Pair[limit] = []sample{{c.Name: their}}
	return r
}

func TestAnAimIsMetAtItsBoundAndMissedBeyond(t *testing.T) {
	for _, c := range []struct {
		aim         *aim
		our, their  float64
		met, judged bool
	}{
		{atLeast(0.7), 7, 10, true, true},
		{atLeast(0.7), 6.9, 10, false, true},
		{atMost(1.5), 15, 10, true, true},
		{atMost(1.5), 15.1, 10, false, true},
		{valueAtMost(14), 14 * 1024, 1, true, true},
		{valueAtMost(14), 15 * 1024, 1, false, true},
		{atMost(1.5), 15, 0, false, false}, // a ratio to nothing is none
	} {
		x := column{Name: "x", Aim: c.aim, scale: 1.0 / 1024}
		v, judged := verdictOf(at("", 0, x, c.our, c.their), x)
		if judged != c.judged || judged && v.Met != c.met {
			t.Errorf("%v, ours %v beside %v: judged %v, met %v", c.aim, c.our, c.their, judged, v.Met)
		}
	}
	x := column{Name: "x", Aim: atLeast(1)}
	if _, judged := verdictOf(row{Columns: []column{x}}, x); judged {
		t.Error("what was not measured was judged")
	}
}

func TestGrowthIsJudgedFromFirstToLastAndARangeOverAllPoints(t *testing.T) {
	x := column{Name: "x", Unit: "µs", Aim: growthAtMost(1.3)}
	rows := []row{at("members", 50, x, 10, 1), at("members", 1000, x, 20, 1), at("members", 10000, x, 12.9, 1)}
	if v, ok := verdictAlong(rows, x); !ok || !v.Met || v.Got != 1.29 {
		t.Errorf("from the first to the last: %+v, %v", v, ok)
	}
	x.Aim = rangeAtMost(1.3)
	if v, ok := verdictAlong(rows, x); !ok || v.Met || v.Got != 2 {
		t.Errorf("greatest over least: %+v, %v", v, ok)
	}
	if _, ok := verdictAlong(rows[:1], x); ok {
		t.Error("one point was judged to have grown")
	}
	if _, ok := verdictOf(rows[0], x); ok {
		t.Error("an aim of the whole axis was judged of one point")
	}
}

func TestAMissedAimIsSaidInTheTableAndCounted(t *testing.T) {
	plain, grows := column{Name: "x", Unit: "entries/s", Aim: atLeast(0.7)}, column{Name: "x", Unit: "µs", Aim: growthAtMost(1.05)}
	all := table{rows: []row{at("", 0, plain, 8, 10), at("", 0, plain, 6, 10), at("members", 50, grows, 10, 1), at("members", 10000, grows, 11, 1)}}
	var b bytes.Buffer
	all.write(&b)
	text := b.String()
	for _, want := range []string{"at least 0.7× the limit: met", "at least 0.7× the limit: missed", "along members, µs: 1.10×; aim: at most 1.05× from the first to the last: missed", "3 aims: 1 met, 2 missed."} {
		if !strings.Contains(text, want) {
			t.Errorf("the table does not say %q:\n%s", want, text)
		}
	}
}
