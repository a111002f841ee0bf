package assembly

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wardroom/server/meter"
)

// operator answers at the operator's address: / (a page to read), /healthz (the
// process lives), /readyz (send people here; ?verbose says what is not as it
// should be) and /metrics. None of it names a room, a person
// or an organisation.
func (s *Server) operator() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("alive\n")) })
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("verbose") {
			s.verbose(w, r)
			return
		}
		if err := s.ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ready\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{}))
	return mux
}

// ready says what keeps this node from serving, in words that tell nothing
// about the ground it stands on; nil for nothing.
func (s *Server) ready(ctx context.Context) error {
	if s.draining.Load() {
		return errors.New("leaving")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if s.Database.Writer.Ping(ctx) != nil || s.Database.Reader.Ping(ctx) != nil {
		return errors.New("the database does not answer")
	}
	if _, system := s.Journal.Newer(); system {
		return errors.New("the deployment's record goes on with what only a newer version of the server can read")
	}
	return nil
}

// measure registers what no room counts itself.
func (s *Server) measure() {
	s.Metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		counters{"hub", func() any { return s.Hub.Stats() }}, counters{"doorbell", func() any { return s.Doorbell.Stats() }},
		counters{"notary", func() any { return s.Notary.Stats() }}, counters{"courier", func() any { return s.Courier.Stats() }},
		counters{"journal", func() any { return s.Journal.Stats() }}, collectors.NewBuildInfoCollector())
	s.Metrics.MustRegister(meter.Collectors()...)
	s.Metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "wardroom", Subsystem: "journal", Name: "deliveries_unrecorded",
		Help: "Deliveries that could not be written down: the auditor's desk does not know of them."}, func() float64 { return float64(s.Journal.Unrecorded()) }))
	s.Metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "wardroom", Subsystem: "journal", Name: "newer_logs",
		Help: "Logs that go on with what only a newer version of the server can read: this one does not serve them."}, func() float64 { logs, _ := s.Journal.Newer(); return float64(logs) }))
	gauge := func(name, help string, value func(*pgxpool.Stat) float64) {
		for way, pool := range map[string]*pgxpool.Pool{"writer": s.Database.Writer, "reader": s.Database.Reader} {
			s.Metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "wardroom", Subsystem: "database", Name: name, Help: help,
				ConstLabels: prometheus.Labels{"pool": way}}, func() float64 { return value(pool.Stat()) }))
		}
	}
	gauge("connections", "Connections to the database.", func(p *pgxpool.Stat) float64 { return float64(p.TotalConns()) })
	gauge("connections_busy", "Connections in use.", func(p *pgxpool.Stat) float64 { return float64(p.AcquiredConns()) })
	gauge("waits", "Times a connection had to be waited for.", func(p *pgxpool.Stat) float64 { return float64(p.EmptyAcquireCount()) })
	gauge("taken", "Times a connection was taken: each is one exchange with the database, or one transaction.", func(p *pgxpool.Stat) float64 { return float64(p.AcquireCount()) })
}

// counters show a room's own: what is int64 goes up and down, what is uint64
// only up.
type counters struct {
	room  string
	stats func() any // a struct of them
}

// Describe names no metric beforehand: they are the struct's fields.
func (counters) Describe(chan<- *prometheus.Desc) {}

// Collect reads each counter once.
func (c counters) Collect(out chan<- prometheus.Metric) {
	stats := reflect.ValueOf(c.stats())
	for i := range stats.NumField() {
		field, value := stats.Type().Field(i), stats.Field(i)
		name, kind, number := "wardroom_"+c.room+"_"+snake(field.Name), prometheus.GaugeValue, 0.0
		if value.Kind() == reflect.Uint64 {
			name, kind, number = name+"_total", prometheus.CounterValue, float64(value.Uint())
		} else {
			number = float64(value.Int())
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, "See "+c.room+".Stats."+field.Name+".", nil, nil), kind, number)
	}
}

// snake is gap_reads for GapReads.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
