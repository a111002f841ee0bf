package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// roomsMeasured are how many rooms the same posts go to in turn.
func (b *bench) roomsMeasured() []int {
	if b.Quick {
		return []int{1, 100}
	}
	return []int{1, 30, 1000}
}

// roomRows post the same to one room and to more and more in turn, one post
// after the other, so that none shares its commit with another in either case.
// Only the posts are measured and not what opening the rooms took. The server
// seals what is written meanwhile, as it does.
func (g *ground) roomRows(ctx context.Context) ([]row, error) {
	var rows []row
	most := 0
	for _, n := range g.bench.roomsMeasured() {
		most = max(most, n)
		rows = append(rows, row{Group: "the same posts, one after the other, over more and more rooms in turn", Name: counted(n, "room"), Axis: "rooms", At: float64(n), Columns: spreadColumns(growthAtMost(1.3))})
	}
	rooms := make([]string, most)
	began := time.Now()
	if err := atOnce(most, together, func(i int) error {
		room, err := g.openEmpty(ctx, "One of many")
		rooms[i] = string(room)
		return err
	}); err != nil {
		return nil, err
	}
	g.note("rooms: %d opened in %v", most, time.Since(began).Round(time.Millisecond))
	// Each room is written to in every repetition, the first of which counts nothing.
	posts := max(most, 200)
	return rows, g.sweep(ctx, rows, oneLimit, func(s side, i int) (sample, error) {
		return g.inTurn(ctx, s, rooms[:int(rows[i].At)], posts)
	})
}

// inTurn posts so many entries one after the other, to each room in turn.
func (g *ground) inTurn(ctx context.Context, s side, rooms []string, posts int) (sample, error) {
	t := g.target(s)
	p := newPoster(t, rooms[0], 0)
	defer p.close()
	before, err := g.transactions(ctx, s)
	if err != nil {
		return nil, err
	}
	var b burst
	used, err := g.span(ctx, t, func() (err error) {
		var next atomic.Int64
		b, err = volley(1, posts, func(int) (uint64, error) {
			p.to(rooms[int(next.Add(1))%len(rooms)])
			return p.post(nextText())
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	after, err := g.transactions(ctx, s)
	if err != nil {
		return nil, err
	}
	m := b.sample()
	used.cost(m, b.entries)
	m["transactions"] = float64(after-before) / float64(b.entries)
	return m, nil
}

// transactions is how many a side's database has carried out. A backend says so
// once a second at most, so a span of some seconds is told roughly.
func (g *ground) transactions(ctx context.Context, s side) (n int64, err error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return n, g.reader.QueryRow(ctx, `SELECT xact_commit FROM pg_stat_database WHERE datname = $1`, [...]string{ours: database, limit: bareDatabase}[s]).Scan(&n)
}

// spreadColumns are costColumns of posts that are made one after the other.
func spreadColumns(a *aim) []column {
	return append(costColumns("a post", a), column{Name: "transactions", Unit: "Postgres transactions a post, about", Less: true})
}

// tableRowsMeasured is how many rows the log's tables come to have, those of
// other logs among them.
func (b *bench) tableRowsMeasured() int {
	if b.Quick {
		return 300_000
	}
	return 10_000_000
}

// otherLogs is over how many logs the other rows are spread.
const otherLogs = 1000

// tableRows post to a room while the tables hold few rows of other logs and
// while they hold many. One cannot follow the other in turn, so what is judged
// is our cost over the limit's in the same minutes, which reads and writes no
// more rows than before.
func (g *ground) tableRows(ctx context.Context) ([]row, error) {
	room, err := g.openEmpty(ctx, "Among many rows")
	if err != nil {
		return nil, err
	}
	columns := append([]column{{Name: "over", Unit: "CPU a post over the limit's", Less: true, Alone: true, Aim: growthAtMost(1.3)}}, spreadColumns(nil)...)
	const entries = 200
	var rows []row
	for _, n := range []int{10_000, g.bench.tableRowsMeasured()} {
		began := time.Now()
		had, err := g.crowd(ctx, n)
		if err != nil {
			return rows, err
		}
		g.note("tables: %d rows in %v", had, time.Since(began).Round(time.Second))
		r := row{Group: "posts to one room, one after the other, while the log's tables hold rows of other logs; limit: tables of its own", Name: thousands(int64(had)) + " rows", Axis: "rows of leaf and of opening", At: float64(had), Columns: columns}
		r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) { return g.inTurn(ctx, s, []string{string(room)}, entries) })
		if err != nil {
			return rows, err
		}
		for i := range r.Pair[ours] {
			r.Pair[ours][i]["over"] = r.Pair[ours][i]["cpu"] / r.Pair[limit][i]["cpu"]
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// crowd fills leaf and opening with rows of logs that nobody reads, until each
// table holds n rows or more, and returns how many leaf holds. Nothing opens
// them: what counts here is how many there are and how large the indexes. Their
// logs say that they are empty, so nobody seals or follows them.
func (g *ground) crowd(ctx context.Context, n int) (had int, err error) {
	conn, err := pgx.Connect(ctx, g.cluster.SuperuserURL(database))
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM leaf`).Scan(&had); err != nil {
		return 0, err
	}
	if had >= n {
		return had, nil
	}
	first := int64(had) / otherLogs // beyond what an earlier crowd has of each log
	each := int64(n-had+otherLogs-1) / otherLogs
	for _, sql := range []string{
		`INSERT INTO log (id, kind, origin, key) SELECT 'other' || o, 'access', 'other/' || o, 'x' FROM generate_series(1, $1::bigint) o WHERE $2::bigint + $3::bigint > 0 ON CONFLICT DO NOTHING`,
		`INSERT INTO leaf (log, seq, leaf) SELECT 'other' || o, s, decode(repeat(md5(o || '/' || s), 16), 'hex') FROM generate_series(1, $1::bigint) o, generate_series($2::bigint, $2::bigint + $3::bigint - 1) s ON CONFLICT DO NOTHING`,
		`INSERT INTO opening (log, seq, root, sealed) SELECT 'other' || o, s, s, decode(repeat(md5(s || '/' || o), 16), 'hex') FROM generate_series(1, $1::bigint) o, generate_series($2::bigint, $2::bigint + $3::bigint - 1) s ON CONFLICT DO NOTHING`,
	} {
		if _, err := conn.Exec(ctx, sql, int64(otherLogs), first, each); err != nil {
			return 0, fmt.Errorf("filling the tables: %w", err)
		}
	}
	for _, sql := range []string{`ANALYZE leaf, opening, log`, `CHECKPOINT`} { // so that neither falls into what is measured
		if _, err := conn.Exec(ctx, sql); err != nil {
			return 0, err
		}
	}
	return had, conn.QueryRow(ctx, `SELECT count(*) FROM leaf`).Scan(&had)
}
