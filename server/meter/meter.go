// Package meter is what a node counts of its own work, for whoever runs it:
// counters, histograms, and the bounds that keep one asker from taking what is
// everybody's. Rooms declare what they count as variables of the package; the
// operator's address shows all of it.
//
// A label's value is one of those its [Set] was given by the program. Anything
// else is shown as "other", so no name, id, address or word that came from
// outside can become one, whatever a caller hands in. One process is one node:
// counts are the process's.
package meter

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

const namespace = "wardroom"

// Other stands for a value that its set does not have.
const Other = "other"

var (
	mu  sync.Mutex
	all []prometheus.Collector
)

// Collectors returns everything that was declared, to be registered where
// metrics are shown.
func Collectors() []prometheus.Collector {
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(all)
}

func declare(c prometheus.Collector) {
	mu.Lock()
	defer mu.Unlock()
	all = append(all, c)
}

// A Set is a label and every value it may have. It is safe for concurrent use.
type Set struct {
	label  string
	mu     sync.RWMutex
	values map[string]bool
}

// NewSet returns the label's set. Values must be constants of the program, or
// made of its types.
func NewSet[V ~string](label string, values ...V) *Set {
	s := &Set{label: label, values: map[string]bool{Other: true}}
	for _, v := range values {
		s.values[string(v)] = true
	}
	return s
}

// Add takes in values that are known only once the program has begun, such as
// the patterns of its routes.
func (s *Set) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		s.values[v] = true
	}
}

// Has reports whether the set has the value.
func (s *Set) Has(v string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.values[v]
}

func (s *Set) of(v string) string {
	if s.Has(v) {
		return v
	}
	return Other
}

// admitted makes of values those that their sets have, in place.
func admitted(sets []*Set, values []string) []string {
	for i, v := range values {
		values[i] = sets[i].of(v)
	}
	return values
}

func labels(sets []*Set) (names []string) {
	for _, s := range sets {
		names = append(names, s.label)
		register(s)
	}
	return names
}

var sets = map[string][]*Set{}

func register(s *Set) {
	mu.Lock()
	defer mu.Unlock()
	sets[s.label] = append(sets[s.label], s)
}

// Known reports whether some declared set of the label has the value.
func Known(label, value string) bool {
	mu.Lock()
	defer mu.Unlock()
	return slices.ContainsFunc(sets[label], func(s *Set) bool { return s.Has(value) })
}

// A Counter goes only up.
type Counter struct {
	vec  *prometheus.CounterVec
	sets []*Set
}

// NewCounter declares wardroom_NAME_total.
func NewCounter(name, help string, by ...*Set) *Counter {
	c := &Counter{prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name + "_total", Help: help}, labels(by)), by}
	declare(c.vec)
	if len(by) == 0 {
		c.vec.WithLabelValues() // shown as 0 until there is one
	}
	return c
}

// Inc counts one, by a value of each set.
func (c *Counter) Inc(values ...string) { c.Add(1, values...) }

// Add counts n.
func (c *Counter) Add(n int, values ...string) {
	c.vec.WithLabelValues(admitted(c.sets, values)...).Add(float64(n))
}

// A Histogram is of durations or of sizes.
type Histogram struct {
	vec  *prometheus.HistogramVec
	sets []*Set
	one  prometheus.Observer // with no sets
}

// Buckets of seconds: what a database does, what a person waits for, what time
// brings.
var (
	Quick  = []float64{.0005, .001, .002, .004, .008, .016, .032, .064, .128, .25, .5, 1, 2.5, 5, 10, 20}
	Waited = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
)

// Powers are buckets of sizes: 1, 2, 4 … for so many.
func Powers(n int) []float64 { return prometheus.ExponentialBuckets(1, 2, n) }

// NewHistogram declares wardroom_NAME. The name says the unit.
func NewHistogram(name, help string, buckets []float64, by ...*Set) *Histogram {
	h := &Histogram{vec: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels(by)), sets: by}
	declare(h.vec)
	if len(by) == 0 {
		h.one = h.vec.WithLabelValues()
	}
	return h
}

// Observe takes in one value. With no sets it allocates nothing.
func (h *Histogram) Observe(v float64, values ...string) {
	if h.one != nil {
		h.one.Observe(v)
		return
	}
	h.vec.WithLabelValues(admitted(h.sets, values)...).Observe(v)
}

// Since takes in the seconds since then.
func (h *Histogram) Since(t time.Time, values ...string) {
	h.Observe(time.Since(t).Seconds(), values...)
}

// A Reading is what a histogram without labels stood at.
type Reading struct {
	Bounds []float64 // upper bounds of the buckets; what is above the last is in none
	Counts []uint64  // at or below each bound
	Count  uint64
}

// Read returns what a histogram without labels stands at.
func (h *Histogram) Read() Reading {
	var m dto.Metric
	if one, ok := h.one.(prometheus.Metric); !ok || one.Write(&m) != nil {
		return Reading{}
	}
	r := Reading{Count: m.Histogram.GetSampleCount()}
	for _, b := range m.Histogram.Bucket {
		r.Bounds, r.Counts = append(r.Bounds, b.GetUpperBound()), append(r.Counts, b.GetCumulativeCount())
	}
	return r
}

// Quantile is the bound below which that share of what came since the earlier
// reading lies; false if nothing came. What is above the last bound is given as
// that bound.
func (r Reading) Quantile(q float64, earlier Reading) (float64, bool) {
	n := r.Count - earlier.Count
	if n == 0 || len(r.Bounds) == 0 {
		return 0, false
	}
	want := uint64(math.Ceil(q * float64(n)))
	for i, c := range r.Counts {
		if i < len(earlier.Counts) {
			c -= earlier.Counts[i]
		}
		if c >= want {
			return r.Bounds[i], true
		}
	}
	return r.Bounds[len(r.Bounds)-1], true
}
