package meter

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A Bound is how much of something there may be, and what becomes of more. It
// counts how often it was met.
type Bound struct {
	Name string // an enum: the label of wardroom_limited_total
	Of   string // of whom: one socket, one session, one room, the node …
	At   string // how much, with its unit
	Then string // what becomes of more, as a sentence

	count prometheus.Counter
	late  lately
}

var (
	bounds   = map[string]*Bound{}
	boundSet = NewSet[string]("limit")
	limited  = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "limited_total",
		Help: "Times a bound was met and something was refused, cut, put off or dropped, by the bound."}, labels([]*Set{boundSet}))
)

func init() { declare(limited) }

// NewBound declares a bound. The package that keeps it declares it beside the
// number itself. Declared twice is a fault of the program.
func NewBound(name, of, at, then string) *Bound {
	boundSet.Add(name)
	b := &Bound{Name: name, Of: of, At: at, Then: then, count: limited.WithLabelValues(name)}
	mu.Lock()
	defer mu.Unlock()
	if bounds[name] != nil {
		panic("meter: the bound " + name + " is declared twice")
	}
	bounds[name] = b
	return b
}

// Hit counts that the bound was met.
func (b *Bound) Hit() {
	b.count.Inc()
	b.late.add(time.Now())
}

// Lately is how often it was met in the last so many whole minutes, 15 at most,
// and this one.
func (b *Bound) Lately(minutes int) int { return b.late.sum(time.Now(), minutes) }

// Bounds lists every bound of the program, by name.
func Bounds() []*Bound {
	mu.Lock()
	defer mu.Unlock()
	var list []*Bound
	for _, b := range bounds {
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b *Bound) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// lately counts by minute, in a ring.
type lately struct {
	mu      sync.Mutex
	minutes [16]struct {
		of int64 // minutes since 1970
		n  int
	}
}

func (l *lately) add(now time.Time) {
	m := now.Unix() / 60
	l.mu.Lock()
	defer l.mu.Unlock()
	at := &l.minutes[m%int64(len(l.minutes))]
	if at.of != m {
		at.of, at.n = m, 0
	}
	at.n++
}

func (l *lately) sum(now time.Time, minutes int) (n int) {
	m := now.Unix() / 60
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.minutes {
		if at.of <= m && at.of >= m-int64(minutes) {
			n += at.n
		}
	}
	return n
}

// A Gauge is a number that the program keeps and metrics show.
type Gauge struct{ n atomic.Int64 }

// NewGauge declares wardroom_NAME.
func NewGauge(name, help string) *Gauge {
	g := new(Gauge)
	declare(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, func() float64 { return float64(g.n.Load()) }))
	return g
}

// Add moves it.
func (g *Gauge) Add(n int64) { g.n.Add(n) }

// Set sets it.
func (g *Gauge) Set(n int64) { g.n.Store(n) }

// Value is what it stands at.
func (g *Gauge) Value() int64 { return g.n.Load() }
