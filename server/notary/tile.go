package notary

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/incident"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileBytes  = tileWidth * tlog.HashSize
)

// at names a tile.
type at struct {
	level int
	n     int64
}

// tiles are the newest tiles of a log's tree, one a level, that are not full;
// and what appending leaves to be stored.
type tiles struct {
	open []tile // by level
	done []tile // full ones
}

type tile struct {
	at
	hashes []byte
	grown  bool
}

// openTiles names the tiles that a tree of so many leaves has begun and not
// filled.
func openTiles(size int64) (all []at) {
	for level := 0; size > 0; level++ {
		if size%tileWidth > 0 {
			all = append(all, at{level, size / tileWidth})
		}
		size /= tileWidth
	}
	return all
}

// newTiles begins with what is stored of a tree of so many leaves.
func newTiles(size int64, stored map[at][]byte) (*tiles, error) {
	t := &tiles{}
	for level := 0; size > 0; level++ {
		x := tile{at: at{level, size / tileWidth}}
		if n := int(size%tileWidth) * tlog.HashSize; n > 0 {
			have := stored[x.at]
			if len(have) < n {
				return nil, fmt.Errorf("%w: a tile of level %d is short", errTiles, level)
			}
			x.hashes = have[:n:n]
		}
		t.open = append(t.open, x)
		size /= tileWidth
	}
	return t, nil
}

var errTiles = errors.New("notary: the tree's stored hashes are not whole")

func (t *tiles) append(h tlog.Hash) { t.add(0, h) }

func (t *tiles) add(level int, h tlog.Hash) {
	if level == len(t.open) {
		t.open = append(t.open, tile{at: at{level: level}})
	}
	x := &t.open[level]
	x.hashes, x.grown = append(x.hashes, h[:]...), true
	if len(x.hashes) < tileBytes {
		return
	}
	t.done = append(t.done, *x)
	root := rootOf(x.hashes)
	*x = tile{at: at{level, x.n + 1}}
	t.add(level+1, root)
}

// rootOf returns the root over the hashes of a full tile.
func rootOf(hashes []byte) tlog.Hash {
	row := make([]tlog.Hash, len(hashes)/tlog.HashSize)
	for i := range row {
		row[i] = tlog.Hash(hashes[i*tlog.HashSize:])
	}
	for len(row) > 1 {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

// newest returns the hashes of the tiles that are open, and of those that were
// filled last. They change no more unless something is appended.
func (t *tiles) newest() map[at][]byte {
	all := make(map[at][]byte, len(t.open)+len(t.done))
	for _, x := range slices.Concat(t.done, t.open) {
		all[x.at] = x.hashes
	}
	return all
}

// queue stores what has been appended.
func (t *tiles) queue(b *pgx.Batch, log incident.LogID) {
	var levels []int32
	var ns []int64
	var hashes [][]byte
	for _, x := range slices.Concat(t.done, t.open) {
		if x.grown {
			levels, ns, hashes = append(levels, int32(x.level)), append(ns, x.n), append(hashes, x.hashes)
		}
	}
	if len(levels) > 0 {
		b.Queue(`INSERT INTO tile (log, level, n, hashes) SELECT $1, level, n, hashes FROM unnest($2::int[], $3::bigint[], $4::bytea[]) AS t(level, n, hashes)
			ON CONFLICT (log, level, n) DO UPDATE SET hashes = excluded.hashes`, string(log), levels, ns, hashes)
	}
}

// queueTiles reads the tiles of these names that there are.
func queueTiles(b *pgx.Batch, log incident.LogID, names []at, into map[at][]byte) {
	var levels []int32
	var ns []int64
	for _, x := range names {
		levels, ns = append(levels, int32(x.level)), append(ns, x.n)
	}
	// One look-up by key each: the lists stand in subqueries so that the plan
	// does not depend on how long they are.
	b.Queue(`SELECT t.level, t.n, t.hashes FROM unnest((SELECT $2::int[]), (SELECT $3::bigint[])) AS a(level, n)
		CROSS JOIN LATERAL (SELECT level, n, hashes FROM tile WHERE log = $1 AND level = a.level AND n = a.n LIMIT 1) t`, string(log), levels, ns).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var level int32
			var n int64
			var hashes []byte
			if err := rows.Scan(&level, &n, &hashes); err != nil {
				return err
			}
			into[at{int(level), n}] = hashes
		}
		return rows.Err()
	})
}

// asking finds out which hashes a proof takes, and then answers with them: the
// tiles are read in one go in between.
type asking struct{ indexes []int64 }

var errAsked = errors.New("notary: noted")

// ReadHashes notes what is asked for.
func (a *asking) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	a.indexes = append(a.indexes, indexes...)
	return nil, errAsked
}

// proving is a proof over a log's tiles on its way: which ones it takes is
// known, they are read with whatever else is, and then it is made.
type proving struct {
	fn     func(tlog.HashReader) error
	names  []at
	stored map[at][]byte
}

// newProving returns nil if fn takes no hashes and has been run. fn asks for
// all its hashes at once, as those of tlog do.
func newProving(fn func(tlog.HashReader) error) (*proving, error) {
	a := &asking{}
	if err := fn(a); !errors.Is(err, errAsked) {
		return nil, err
	}
	p := &proving{fn: fn, stored: map[at][]byte{}}
	for _, i := range a.indexes {
		t := tlog.TileForIndex(tileHeight, i)
		if x := (at{t.L, t.N}); p.stored[x] == nil {
			p.stored[x] = []byte{}
			p.names = append(p.names, x)
		}
	}
	return p, nil
}

func (p *proving) queue(b *pgx.Batch, log incident.LogID) { queueTiles(b, log, p.names, p.stored) }

func (p *proving) finish() error { return p.fn(reading(p.stored)) }

// prove runs a proof over the log's tiles.
func prove(ctx context.Context, log incident.LogID, read func(context.Context, *pgx.Batch) error, fn func(tlog.HashReader) error) error {
	p, err := newProving(fn)
	if p == nil {
		return err
	}
	b := &pgx.Batch{}
	p.queue(b, log)
	if err := read(ctx, b); err != nil {
		return err
	}
	return p.finish()
}

// reading answers out of tiles.
func reading(stored map[at][]byte) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(tileHeight, index)
			data := stored[at{t.L, t.N}]
			if len(data) < t.W*tlog.HashSize {
				return nil, errTiles
			}
			h, err := tlog.HashFromTile(t, data[:t.W*tlog.HashSize], index)
			if err != nil {
				return nil, errTiles
			}
			hashes[i] = h
		}
		return hashes, nil
	}
}
