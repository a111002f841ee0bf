package main

import (
	"bytes"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheMedianIsTheMiddleAndOfAnEvenNumberTheMeanOfTwo(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{5, 5, 5, 1, 9}, 5},
	} {
		before := slices.Clone(c.values)
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
		if !slices.Equal(before, c.values) {
			t.Errorf("the median put %v in order: the repetitions' order is lost", before)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("a median of nothing is a number")
	}
}

func TestAsManyValuesLieBelowTheMedianAsAbove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 1, 40).Draw(t, "values")
		m := median(values)
		below, above := 0, 0
		for _, v := range values {
			if v < m {
				below++
			}
			if v > m {
				above++
			}
		}
		if below > len(values)/2 || above > len(values)/2 {
			t.Fatalf("%v: %d below %v and %d above", values, below, m, above)
		}
	})
}

func TestTheQuantileIsAMeasuredValueThatTheShareDoesNotExceed(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	for q, want := range map[float64]float64{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := quantile(hundred, q); got != want {
			t.Errorf("the %v quantile of 1 … 100 is %v, want %v", q, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e6), 1, 200).Draw(t, "values")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		slices.Sort(values)
		got := quantile(values, q)
		at := 0
		for at < len(values) && values[at] <= got {
			at++
		}
		if !slices.Contains(values, got) || float64(at) < q*float64(len(values)) {
			t.Fatalf("the %v quantile of %v: %v", q, values, got)
		}
	})
}

func TestTheSidesAreMeasuredInTurnOursFirst(t *testing.T) {
	var order []string
	p, err := interleave(3, func(s side, i int) (sample, error) {
		order = append(order, s.String()+strconv.Itoa(i))
		return sample{"rate": float64(10*(i+1) + int(s))}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"ours0", "limit0", "ours1", "limit1", "ours2", "limit2"}; !slices.Equal(order, want) {
		t.Errorf("measured in the order %v, want %v", order, want)
	}
	if got := p.figure(ours, "rate"); !slices.Equal(got, figure{10, 20, 30}) {
		t.Errorf("ours: %v", got)
	}
	if got := p.figure(limit, "rate"); !slices.Equal(got, figure{11, 21, 31}) {
		t.Errorf("the limit: %v", got)
	}
	if got := p.ratio("rate"); got != 20.0/21 {
		t.Errorf("the ratio of the medians is %v", got)
	}
	if !math.IsNaN(p.ratio("nothing")) {
		t.Error("what nobody measured has a ratio")
	}
}

func TestAFailedRepetitionEndsTheRow(t *testing.T) {
	failed, calls := errors.New("the server has gone"), 0
	_, err := interleave(5, func(s side, i int) (sample, error) {
		calls++
		if i == 1 && s == ours {
			return nil, failed
		}
		return sample{}, nil
	})
	if !errors.Is(err, failed) || calls != 3 {
		t.Errorf("after %d measurements: %v", calls, err)
	}
}

func TestTheTableShowsMedianSpreadAndRatio(t *testing.T) {
	r := row{Group: "durable entries", Name: "32 writers", Columns: []column{{Name: "rate", Unit: "entries/s"}, {Name: "p99", Unit: "ms", scale: 1000, Less: true}, {Name: "cpu", Unit: "CPU s", Alone: true}},
		Notes: []string{"2 listeners were cut"}}
	r.Pair[ours] = []sample{{"rate": 5200.4, "p99": 0.012, "cpu": 1}, {"rate": 4900, "p99": 0.010, "cpu": 2}, {"rate": 5000, "p99": 0.0110, "cpu": 3}}
	r.Pair[limit] = []sample{{"rate": 10000, "p99": 0.005}, {"rate": 10000, "p99": 0.005}, {"rate": 12345, "p99": 0.0055}}
	var b bytes.Buffer
	(&table{rows: []row{r}, took: time.Second}).write(&b)
	text := b.String()
	for _, want := range []string{"5,000  (4,900 – 5,200)", "10,000  (10,000 – 12,345)", "0.50×", "(10.0 – 12.0)", "2.20×", "2 listeners were cut", "Medians of 3 repetitions"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table does not say %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.Contains(line, "CPU s") && strings.Contains(line, "×") {
			t.Errorf("a figure without a limit has a ratio: %s", line)
		}
	}
}

func TestAProcessMayHaveBlanksAndBracketsInItsName(t *testing.T) {
	s, err := parseStat([]byte("41 (a) b (c) S 7 41 41 0 -1 4194560 1 2 3 4 250 150 30 20 20 0 1 0 100 1 1\n"))
	if err != nil || s.parent != 7 || s.cpu != 4 || s.reaped != 0.5 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := parseStat([]byte("41 (a) S 7")); err == nil {
		t.Error("half a line was read")
	}
}

func TestWorkIsSeenInTheProcessorTimeOfAFamily(t *testing.T) {
	before, err := cpuOfFamily(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	after := before
	for n := 0; after < before+0.05; n++ { // ends when the kernel has counted five ticks of it
		if n%1e6 == 0 {
			if after, err = cpuOfFamily(os.Getpid()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if rss, err := residentOf(os.Getpid()); err != nil || rss < 1<<20 {
		t.Errorf("this process has %v bytes resident: %v", rss, err)
	}
}
