package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

const (
	searchEntries    = 100_000
	searchIndicators = 500 // of the item in the room
	searchSessions   = 24  // that search in turn: one alone may do so only so often
)

// searchRows look for a word that one entry has, and for an indicator that one
// item has, in a room of many entries all of which the asker may see. The limit
// is the same in a room of a few: what asking costs whatever there is to look
// through. How the long room comes into the server's memory is told beside it.
func (g *ground) searchRows(ctx context.Context) (rows []row, err error) {
	var rooms [2]incident.LogID
	for _, s := range []side{ours, limit} {
		var length int
		if rooms[s], length, _, err = g.fill(ctx, [...]int{ours: min(searchEntries, g.bench.Entries), limit: 100}[s]); err != nil {
			return nil, err
		}
		item := incident.Item{Title: "Callback hosts", Text: "Seen at two trusts."}
		for i := range searchIndicators {
			item.Indicators = append(item.Indicators, incident.Indicator{Kind: incident.Domain, Value: fmt.Sprintf("host%d.callback.example", i)})
		}
		for _, c := range []command.Command{command.PostMessage{Text: "The quokka is back."}, command.PublishItem{Item: item}} {
			if _, err := g.do(ctx, rooms[s], g.actors[0], c); err != nil {
				return nil, err
			}
		}
		g.note("search: a room of %d entries", length)
	}
	if err := g.sessionsFor(ctx, searchSessions*socketsEach); err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	cold, err := g.warm(ctx, client, rooms[ours])
	if err != nil {
		return nil, err
	}
	if _, err := g.warm(ctx, client, rooms[limit]); err != nil {
		return nil, err
	}
	for _, x := range []struct{ name, text string }{
		{"a word that one entry has", "quokka"}, {"a word that none has", "zeuxis"}, {"an indicator, as it is pasted", "host317.callback.example"},
	} {
		r := row{Group: fmt.Sprintf("a search over %s own entries of a room in memory; limit: over 100", thousands(int64(min(searchEntries, g.bench.Entries)))), Name: x.name, Columns: append(recordColumns[:len(recordColumns):len(recordColumns)], cpuColumns("a search")...)}
		if len(rows) == 0 {
			r.Notes = []string{cold}
		}
		if r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
			return g.waits(ctx, g.ours, func() (time.Duration, error) {
				for {
					from := time.Now()
					f, err := g.search(ctx, client, rooms[s], x.text, 0)
					if errors.Is(err, errTooMany) && ctx.Err() == nil {
						continue // the next session's turn
					}
					if err == nil && f.Next != nil {
						err = fmt.Errorf("a search in memory ended at entry %d", *f.Next)
					}
					return time.Since(from), err
				}
			})
		}); err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// warm searches a room that nobody has searched to its beginning, and tells how
// that went.
func (g *ground) warm(ctx context.Context, client *http.Client, room incident.LogID) (string, error) {
	began := time.Now()
	var first time.Duration
	before, looked := incident.Seq(0), 0
	for parts := 1; ; parts++ {
		f, err := g.search(ctx, client, room, "zeuxis", before)
		if err != nil {
			return "", err
		}
		if parts == 1 {
			first = time.Since(began)
		}
		if looked += f.Scanned; f.Next == nil {
			return fmt.Sprintf("the room's first search, in %d parts that say how far it is: %d ms for the first, %.1f s for all %s entries", parts, first.Milliseconds(), time.Since(began).Seconds(), thousands(int64(looked))), nil
		}
		before = *f.Next
	}
}

var errTooMany = errors.New("too many requests")

// nextSession is each of those that search in turn.
func (g *ground) nextSession() int { return int(g.searches.Add(1)) % searchSessions }

type searchFound struct {
	Hits    []struct{ Seq incident.Seq }
	Scanned int
	Next    *incident.Seq
}

func (g *ground) search(ctx context.Context, client *http.Client, room incident.LogID, text string, before incident.Seq) (f searchFound, err error) {
	body, err := json.Marshal(map[string]any{"text": text, "before": before})
	if err != nil {
		return f, err
	}
	answer, err := g.askAs(ctx, g.nextSession(), client, "/api/v1/rooms/"+string(room)+"/search", "application/json", body)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(answer, &f)
}

// askAs posts something to the product in one of the sessions, and returns the
// answer.
func (g *ground) askAs(ctx context.Context, session int, client *http.Client, path, kind string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.ours.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", g.ours.cookie(session))
	req.Header.Set("Origin", g.ours.origin)
	req.Header.Set("Content-Type", kind)
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusTooManyRequests { // as a browser would: later
		io.Copy(io.Discard, res.Body)
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return nil, errTooMany
	}
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s was answered with %s: %s", path, res.Status, text)
	}
	return text, err
}
