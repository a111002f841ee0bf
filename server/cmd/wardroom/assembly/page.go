package assembly

import (
	"fmt"
	"html/template"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	_ "embed"

	"wardroom/server/hub"
	"wardroom/server/journal"
	"wardroom/server/meter"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// course is what the node did over the last minutes, looked at every now and
// then.
type course struct {
	mu    sync.Mutex
	began time.Time
	taken []moment // oldest first
}

type moment struct {
	at      time.Time
	entries uint64
	commits meter.Reading
	socket  meter.Reading
}

// courseKept is five minutes.
const courseKept = int(5 * time.Minute / lookEvery)

func (c *course) take(s *Server) {
	m := moment{time.Now(), journal.Appended(), journal.Commits(), hub.Deliveries()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began.IsZero() {
		c.began = m.at
	}
	c.taken = append(c.taken, m)
	if len(c.taken) > courseKept {
		c.taken = append(c.taken[:0], c.taken[len(c.taken)-courseKept:]...)
	}
}

// pace is what the last minutes were like.
type pace struct {
	Since   string // when the node began
	Over    string // over how long the rest is
	Entries string // a second
	Commit  string // half and 99 in a hundred
	Socket  string
}

func (c *course) pace(now time.Time) pace {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := pace{Commit: "none", Socket: "none measured", Entries: "0"}
	if len(c.taken) == 0 {
		return p
	}
	first := c.taken[0]
	p.Since = c.began.UTC().Format("2 January 2006, 15:04 MST")
	span := now.Sub(first.at)
	p.Over = plainly(span)
	p.Entries = fmt.Sprintf("%.1f", float64(journal.Appended()-first.entries)/max(span.Seconds(), 1))
	p.Commit = within(journal.Commits(), first.commits, p.Commit)
	p.Socket = within(hub.Deliveries(), first.socket, p.Socket)
	return p
}

func within(now, then meter.Reading, none string) string {
	half, ok := now.Quantile(.5, then)
	if !ok {
		return none
	}
	most, _ := now.Quantile(.99, then)
	return fmt.Sprintf("half within %s, 99 in 100 within %s", plainly(seconds(half)), plainly(seconds(most)))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// plainly is a duration as people say it.
func plainly(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}

type figure struct{ Name, Value string }

type met struct {
	Name, Of, At, Then string
	Lately             int
}

// page is what the operator is shown: numbers and words of the program.
type page struct {
	Version    string
	Now        string
	Ready      bool
	Leaving    bool
	Conditions []Condition
	Pace       pace
	Figures    []figure
	Database   []figure
	Beside     []figure
	Met        []met
	Trouble    []kind
}

// metOver is over how many minutes bounds are said to have been met.
const metOver = 15

func version() string {
	v := "development"
	if b, ok := debug.ReadBuildInfo(); ok {
		if b.Main.Version != "" && b.Main.Version != "(devel)" {
			v = b.Main.Version
		}
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				v = s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return v + ", " + runtime.Version()
}

func number[N int | int64 | int32 | uint64](n N) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func mebibytes[N int64 | uint64](n N) string { return number(int64(n)>>20) + " MiB" }

// shown gathers the page.
func (s *Server) shown(r *http.Request) page {
	now := time.Now()
	list := s.conditions(r.Context())
	p := page{Version: version(), Now: now.UTC().Format("15:04:05 MST"), Ready: reportOf(list).Ready, Leaving: s.draining.Load(), Conditions: list, Pace: s.course.pace(now), Trouble: s.kinds.newest(12)}
	live, logs, sealing := s.Hub.Stats(), s.Journal.Stats(), s.Notary.Stats()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	limit := "; no limit is known"
	if n := s.Config.MemoryBytes(); n > 0 {
		limit = " of " + mebibytes(n)
	}
	p.Figures = []figure{
		{"Sockets", number(live.Connections)}, {"Rooms listened to", number(live.Rooms)}, {"Subscriptions", number(live.Listeners)},
		{"Entries a second", p.Pace.Entries}, {"Commits", p.Pace.Commit}, {"From commit to socket", p.Pace.Socket},
		{"Logs in memory", number(logs.Logs)}, {"Commands that wait", number(logs.Waiting)}, {"Kept ready for listeners", mebibytes(live.RingBytes)},
		{"Memory in use", mebibytes(m.HeapInuse+m.StackInuse) + limit},
	}
	for _, way := range []struct {
		name string
		pool interface {
			AcquiredConns() int32
			TotalConns() int32
			MaxConns() int32
			EmptyAcquireCount() int64
		}
	}{{"Writing", s.Database.Writer.Stat()}, {"Reading", s.Database.Reader.Stat()}} {
		p.Database = append(p.Database, figure{way.name, fmt.Sprintf("%d of %d connections busy, %d at most; %s waits for one since it began",
			way.pool.AcquiredConns(), way.pool.TotalConns(), way.pool.MaxConns(), number(way.pool.EmptyAcquireCount()))})
	}
	p.Beside = []figure{{"Redis", s.redisSays()}, {"Witness", s.witnessSays(sealing.WitnessUp == 1)},
		{"Entries not yet cosigned", number(sealing.Unsealed) + oldest(time.Duration(sealing.LagMilliseconds)*time.Millisecond)},
		{"Messages that are due", number(s.Courier.Stats().Waiting) + oldest(time.Duration(oldestWait.Value())*time.Second)}}
	for _, b := range meter.Bounds() {
		if n := b.Lately(metOver); n > 0 {
			p.Met = append(p.Met, met{strings.ReplaceAll(b.Name, "_", " "), b.Of, b.At, b.Then, n})
		}
	}
	return p
}

// oldest says for how long, if anything waits.
func oldest(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return ", the oldest for " + plainly(d)
}

func (s *Server) redisSays() string {
	switch {
	case s.redis == nil:
		return "none: this node is alone"
	case s.pulse.up.Load():
		return "answers"
	}
	return "does not answer, since " + time.Unix(0, s.pulse.since.Load()).UTC().Format("15:04:05 MST")
}

func (s *Server) witnessSays(up bool) string {
	switch {
	case s.Witness == nil:
		return "none: nobody else vouches for the record"
	case up:
		return "answers"
	}
	return "does not answer"
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if err := pageTemplate.Execute(w, s.shown(r)); err != nil {
		s.Log.Warn("the operator's page could not be written", "error", err)
	}
}
