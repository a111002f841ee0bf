package meter

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

func values(t *testing.T, name, label string) map[string]float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(Collectors()...)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.Metric {
			of := ""
			for _, l := range m.Label {
				if l.GetName() == label {
					of = l.GetValue()
				}
			}
			got[of] = number(m)
		}
	}
	return got
}

func number(m *dto.Metric) float64 {
	if h := m.Histogram; h != nil {
		return float64(h.GetSampleCount())
	}
	return m.GetCounter().GetValue() + m.GetGauge().GetValue()
}

func TestALabelHasOnlyValuesTheProgramKnows(t *testing.T) {
	c := NewCounter("tested", "Of this test.", NewSet("way", "north", "south"))
	c.Inc("north")
	c.Add(2, "Northmoor Hospital")
	c.Inc("01HX canary")
	got := values(t, "wardroom_tested_total", "way")
	if len(got) != 2 || got["north"] != 1 || got[Other] != 3 {
		t.Errorf("counted %v", got)
	}
	if !Known("way", "south") || Known("way", "01HX canary") {
		t.Error("what is known of the label is not what it was given")
	}
}

func TestAHistogramWithoutLabelsCostsNoAllocation(t *testing.T) {
	h := NewHistogram("tested_seconds", "Of this test.", Quick)
	if n := testing.AllocsPerRun(100, func() { h.Observe(.01) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := values(t, "wardroom_tested_seconds", ""); got[""] < 100 {
		t.Errorf("counted %v", got)
	}
}

func TestABoundCountsHowOftenItWasMetAndForgetsByMinutes(t *testing.T) {
	b := NewBound("tested", "one test", "1", "It is counted.")
	b.Hit()
	b.Hit()
	if got := values(t, "wardroom_limited_total", "limit"); got["tested"] != 2 {
		t.Errorf("counted %v", got)
	}
	if b.Lately(5) != 2 {
		t.Errorf("lately %d", b.Lately(5))
	}
	var l lately
	now := time.Unix(1_000_000_020, 0)
	l.add(now)
	l.add(now.Add(-4 * time.Minute))
	for minutes, want := range map[int]int{0: 1, 3: 1, 4: 2, 15: 2} {
		if got := l.sum(now, minutes); got != want {
			t.Errorf("%d minutes: %d, want %d", minutes, got, want)
		}
	}
	if got := l.sum(now.Add(time.Hour), 15); got != 0 {
		t.Errorf("an hour later: %d", got)
	}
	l.add(now.Add(16 * time.Minute)) // the same place of the ring
	if got := l.sum(now.Add(16*time.Minute), 15); got != 1 {
		t.Errorf("where the ring comes round: %d", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a bound may be declared twice")
		}
	}()
	NewBound("tested", "", "", "")
}
