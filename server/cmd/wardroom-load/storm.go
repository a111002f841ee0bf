package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A storm: everybody is gone at once, this much is said meanwhile, and all come
// back as fast as they are let.
const (
	stormMissed  = 50
	stormAtOnce  = 500 // connections being opened at the same time
	stormWriters = 8
)

var stormColumns = []column{
	{Name: "server", Unit: "µs of server CPU a client", Less: true, scale: 1e6, Aim: atMost(2)},
	{Name: "postgres", Unit: "µs of Postgres CPU a client", Less: true, Alone: true, scale: 1e6},
	{Name: "asked", Unit: "exchanges with Postgres, all told", Less: true, Alone: true},
	{Name: "reads", Unit: "of them reads of the room's entries", Less: true, Alone: true},
	{Name: "folds", Unit: "of them asking how far the room is", Less: true, Alone: true},
	{Name: "seconds", Unit: "s until the last has all", Less: true},
}

// stormRows measure a reconnection of thousands. The limit goes through the
// same steps (a ticket, the handshake, hello, subscribe) with nothing to judge
// and no database, and answers each out of a ring, with bytes that are ready,
// in one write.
func (g *ground) stormRows(ctx context.Context) ([]row, error) {
	n := 5000
	if g.bench.Quick {
		n = 1000
	}
	room, err := g.openRoom(ctx, "A storm")
	if err != nil {
		return nil, err
	}
	if err := g.sessionsFor(ctx, n); err != nil {
		return nil, err
	}
	both := g.posters(string(room), stormWriters)
	defer closeAll(both)
	var storms [2]*storm
	for _, s := range []side{ours, limit} {
		t := *g.target(s)
		t.asks = true
		storms[s] = &storm{g: g, target: &t, room: string(room), posters: both[s]}
		defer storms[s].calm()
		if _, err := storms[s].posters[0].post(nextText()); err != nil { // a room with something in it
			return nil, err
		}
		if err := storms[s].first(ctx, n); err != nil {
			return nil, err
		}
	}
	r := row{Group: fmt.Sprintf("everybody comes back at once and resumes %d missed entries; limit: a bare ring", stormMissed), Name: fmt.Sprintf("%s clients", thousands(int64(n))), Columns: stormColumns}
	g.note("storm: %d clients", n)
	r.Pair, err = interleave(g.bench.Repeat, func(s side, _ int) (sample, error) { return storms[s].again(ctx) })
	if err != nil {
		return nil, err
	}
	return []row{r}, g.profile(ctx, "storm", func(time.Duration) error {
		_, err := storms[ours].again(ctx)
		return err
	})
}

// storm is the clients of one side. They do not read while nothing is asked of
// them, and are connected only between two repetitions.
type storm struct {
	g       *ground
	target  *target
	room    string
	posters []*poster
	all     []*listener
}

// first has everybody come for the first time, and go.
func (s *storm) first(ctx context.Context, n int) error {
	for i := range n {
		l := &listener{target: s.target, room: s.room, cookie: s.target.cookie(i / socketsEach)}
		l.moved.L = &l.mu
		s.all = append(s.all, l)
	}
	if err := s.come(ctx, func(*listener) string { return "null" }); err != nil {
		return err
	}
	return s.drop(ctx)
}

// come connects everybody and returns when the last is caught up.
func (s *storm) come(ctx context.Context, after func(*listener) string) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: stormAtOnce}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	return atOnce(len(s.all), stormAtOnce, func(i int) error {
		if _, err := s.all[i].connect(ctx, client, after(s.all[i])); err != nil {
			return fmt.Errorf("%s: coming back: %w", s.target.side, err)
		}
		return nil
	})
}

func (s *storm) calm() {
	for _, l := range s.all {
		if l.conn != nil {
			l.conn.Close()
		}
	}
}

// drop ends every socket and returns when the server has noticed.
func (s *storm) drop(ctx context.Context) error {
	s.calm()
	if s.target.operator == "" {
		time.Sleep(500 * time.Millisecond)
		return nil
	}
	for range 600 {
		f, err := figuresOf(ctx, s.target)
		if err != nil || f["wardroom_hub_connections"] == 0 {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the server does not notice that its sockets are gone")
}

// again is one storm.
func (s *storm) again(ctx context.Context) (sample, error) {
	var last uint64
	for i := range stormMissed {
		seq, err := s.posters[i%len(s.posters)].post(nextText())
		if err != nil {
			return nil, err
		}
		last = seq
	}
	before, err := figuresOf(ctx, s.target)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	used, err := s.g.span(ctx, s.target, func() error {
		return s.come(ctx, func(l *listener) string { return strconv.FormatUint(l.last, 10) })
	})
	if err != nil {
		return nil, err
	}
	m := sample{"seconds": time.Since(began).Seconds()}
	used.each(m, len(s.all))
	after, err := figuresOf(ctx, s.target)
	if err != nil {
		return nil, err
	}
	if s.target.operator != "" {
		m["asked"] = after["wardroom_database_taken"] - before["wardroom_database_taken"]
		m["reads"] = after["wardroom_hub_gap_reads_total"] - before["wardroom_hub_gap_reads_total"] + after["wardroom_hub_root_reads_total"] - before["wardroom_hub_root_reads_total"]
		m["folds"] = after["wardroom_hub_fold_reads_total"] - before["wardroom_hub_fold_reads_total"]
	}
	for _, l := range s.all {
		if l.last != last {
			return nil, fmt.Errorf("%s: who came back has entries up to %d and should have %d", s.target.side, l.last, last)
		}
	}
	return m, s.drop(ctx)
}

// figuresOf are the figures a server shows its operator, by name, summed over
// their labels; none of a bare server.
func figuresOf(ctx context.Context, t *target) (map[string]float64, error) {
	if t.operator == "" {
		return nil, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.operator+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	figures := map[string]float64{}
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if name, _, _ = strings.Cut(name, "{"); !ok || strings.HasPrefix(name, "#") {
			continue
		}
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			figures[name] += v
		}
	}
	return figures, nil
}
