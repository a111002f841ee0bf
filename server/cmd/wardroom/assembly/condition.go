package assembly

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"wardroom/server/courier"
	"wardroom/server/meter"
)

// A Condition is something that is not as it should be. Its name is an enum; it
// tells of no room, person or organisation.
type Condition struct {
	Name    string `json:"name"`
	Unready bool   `json:"unready"` // nobody should be sent here
	What    string `json:"what"`
	Do      string `json:"do"`
	Runbook string `json:"runbook"` // the anchor in deploy/runbook.md
}

// The conditions there are.
var (
	leaving   = Condition{"leaving", true, "This node is leaving.", "Nothing: clients are told to come back elsewhere, and it ends by itself.", "#node-leaves"}
	noAnswer  = Condition{"database", true, "The database does not answer.", "See whether Postgres runs and takes connections from here. Nothing that was acknowledged is lost.", "#database-does-not-answer"}
	noRedis   = Condition{"redis", false, "Redis does not answer.", "See whether it runs. Until it does, what other nodes write is seen here up to 300 ms later, and who is here and typing is known of this node alone.", "#redis-does-not-answer"}
	noWitness = Condition{"witness", false, "The witness does not answer.", "Ask the second party. Entries go on being written and stay unsealed until it is back.", "#witness-does-not-answer"}
	slowSeal  = Condition{"unsealed", false, "Entries have waited for more than ten seconds to be cosigned.", "See the witness first, then this node's log for the notary.", "#entries-stay-unsealed"}
	differing = Condition{"differing", false, "A log's entries are not those that were written.", "Treat it as tampering or a restore: keep the disks as they are, tell both hosts, and run wardroom scrub.", "#log-behind-or-different"}
	heldBack  = Condition{"notices_held", false, "A way of reaching people is set up and does not work.", "Ring whoever must know. See the sending board in the application for which way, and its provider's status.", "#notices-are-held"}
	waiting   = Condition{"notices_waiting", false, "Messages have waited for more than two minutes to be sent.", "See whether nodes run the courier and whether its provider answers.", "#notices-are-held"}
	walls     = Condition{"walls", false, "The two judgements of who sees what have disagreed. The narrower one was followed.", "Nobody saw too much by it, but it is a fault of the program or of its database: report it today, with this node's log.", "#walls-disagree"}
	unwritten = Condition{"deliveries", false, "What was delivered could not be written down.", "See whether the database is short of room or very slow. The auditor's desk does not know of those deliveries.", "#deliveries-unrecorded"}
)

// unsealedFor is from when on waiting for the witness is said.
const unsealedFor = 10 * time.Second

// waitingFor is from when on messages that are due are said to wait.
const waitingFor = 2 * time.Minute

// conditions lists what is not as it should be, the gravest first.
func (s *Server) conditions(ctx context.Context) (list []Condition) {
	add := func(is bool, c Condition) {
		if is {
			list = append(list, c)
		}
	}
	answers := s.databaseAnswers(ctx)
	add(s.draining.Load(), leaving)
	add(!answers, noAnswer)
	sealing, live := s.Notary.Stats(), s.Hub.Stats()
	add(sealing.Differing > 0, differing)
	add(live.Alarms > 0, walls)
	add(s.redis != nil && !s.pulse.up.Load(), noRedis)
	add(s.Witness != nil && sealing.WitnessUp == 0, noWitness)
	add(s.Witness != nil && sealing.LagMilliseconds > unsealedFor.Milliseconds(), slowSeal)
	if answers {
		all, err := s.Courier.Health(ctx)
		held, oldest := false, time.Duration(0)
		for _, h := range all {
			held = held || h.Set && h.Hold != "" && h.Hold != courier.Busy
			if h.Set && !h.Oldest.IsZero() {
				oldest = max(oldest, time.Since(h.Oldest))
			}
		}
		add(err == nil && held, heldBack)
		add(err == nil && oldest > waitingFor, waiting)
	}
	add(s.Journal.Unrecorded() > 0, unwritten)
	return list
}

func (s *Server) databaseAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return s.Database.Writer.Ping(ctx) == nil && s.Database.Reader.Ping(ctx) == nil
}

// report is what /readyz?verbose answers.
type report struct {
	Ready      bool        `json:"ready"`
	Degraded   bool        `json:"degraded"`
	Conditions []Condition `json:"conditions"`
}

func reportOf(list []Condition) report {
	r := report{Ready: true, Degraded: len(list) > 0, Conditions: append([]Condition{}, list...)}
	for _, c := range list {
		r.Ready = r.Ready && !c.Unready
	}
	return r
}

func (s *Server) verbose(w http.ResponseWriter, r *http.Request) {
	rep := reportOf(s.conditions(r.Context()))
	w.Header().Set("Content-Type", "application/json")
	if !rep.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(rep)
}

// The gauges that the node looks after itself: once every lookEvery.
var (
	redisUp    = meter.NewGauge("redis_up", "1: Redis answered whoever asked it last; 0: it did not; -1: this node has none.")
	ready      = meter.NewGauge("ready", "1: people may be sent here.")
	isDegraded = meter.NewGauge("degraded_conditions", "What is not as it should be on this node, by number; /readyz?verbose says what.")
	oldestWait = meter.NewGauge("courier_oldest_seconds", "How long the oldest message that is due has waited to be sent, of all nodes.")
	memory     = meter.NewGauge("memory_limit_bytes", "What this node's memory is reckoned by; 0 if that is not known.")
)

const lookEvery = 5 * time.Second

// look asks after everything until ctx ends, for the gauges and the page.
func (s *Server) look(ctx context.Context) error {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	memory.Set(s.Config.MemoryBytes())
	for {
		s.lookOnce(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (s *Server) lookOnce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	redisUp.Set(-1)
	if s.redis != nil {
		s.redis.Ping(ctx) // the pulse takes note
		redisUp.Set(0)
		if s.pulse.up.Load() {
			redisUp.Set(1)
		}
	}
	list := s.conditions(ctx)
	isDegraded.Set(int64(len(list)))
	ready.Set(0)
	if reportOf(list).Ready {
		ready.Set(1)
	}
	if all, err := s.Courier.Health(ctx); err == nil {
		oldest := int64(0)
		for _, h := range all {
			if h.Set && !h.Oldest.IsZero() {
				oldest = max(oldest, int64(time.Since(h.Oldest).Seconds()))
			}
		}
		oldestWait.Set(oldest)
	}
	s.course.take(s)
}
