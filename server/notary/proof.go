package notary

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// A Proof shows that an entry is in a log: that its leaf, by the path, comes to
// the root that the note is signed for (RFC 6962, section 2.1.1).
type Proof struct {
	Leaf     []byte
	Size     uint64
	Root     [32]byte
	Path     [][32]byte
	Note     string
	Cosigned bool
	At       time.Time
}

// Prove proves an entry to somebody who is in the room: in the newest cosigned
// checkpoint that covers it, else the newest signed one. It opens nothing: the
// leaf is all members' anyway. Before any checkpoint covers the entry it is a
// Conflict; what is no entry, or nobody's room, is Missing.
func (n *Notary) Prove(ctx context.Context, room incident.LogID, person incident.PersonID, seq incident.Seq) (*Proof, error) {
	if seq > 1<<62 {
		return nil, incident.Missing()
	}
	p := &Proof{}
	var newest, sealed incident.Seal
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	b.Queue(`SELECT leaf FROM leaf WHERE log = $1 AND seq = $2`, string(room), int64(seq)).QueryRow(func(row pgx.Row) error { return none(row.Scan(&p.Leaf)) })
	b.Queue(`SELECT size, note, at FROM cosignature WHERE log = $1 AND size > $2 ORDER BY size DESC LIMIT 1`, string(room), int64(seq)).QueryRow(scanSeal(&sealed))
	b.Queue(`SELECT size, note, made FROM checkpoint WHERE log = $1 AND size > $2 ORDER BY size DESC LIMIT 1`, string(room), int64(seq)).QueryRow(scanSeal(&newest))
	if err := n.o.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	if p.Leaf == nil {
		return nil, incident.Missing()
	}
	if p.Cosigned = sealed.Size > 0; p.Cosigned {
		newest = sealed
	}
	if newest.Size == 0 {
		return nil, incident.Refuse(incident.Conflict, "Entry %d is not sealed yet. That takes a second or two; ask again.", seq)
	}
	p.Size, p.Note, p.At = newest.Size, newest.Note, newest.At
	var err error
	p.Path, p.Root, err = include(ctx, n.o.Reader, projection.Reader(room, person), room, p.Size, seq, p.Leaf)
	return p, err
}

// include makes the path of a leaf to the root of the log's first size leaves,
// and sees that it leads there.
func include(ctx context.Context, pool *pgxpool.Pool, scope projection.Scope, log incident.LogID, size uint64, seq incident.Seq, leaf []byte) (path [][32]byte, root [32]byte, err error) {
	var proof tlog.RecordProof
	var top tlog.Hash
	err = prove(ctx, log, in(pool, scope), func(r tlog.HashReader) error {
		var one, other error
		proof, one = tlog.ProveRecord(int64(size), int64(seq), r)
		top, other = tlog.TreeHash(int64(size), r)
		return errors.Join(one, other)
	})
	if err != nil {
		return nil, root, err
	}
	if tlog.CheckRecord(proof, int64(size), top, int64(seq), tlog.Hash(evidence.LeafHash(leaf))) != nil {
		return nil, root, errTiles
	}
	return plain(proof), top, nil
}

// Consistency proves to somebody in the room that its first from entries are
// the beginning of its first to (RFC 6962, section 2.1.2). It covers what the
// notary has read: at least every size there is a checkpoint of.
func (n *Notary) Consistency(ctx context.Context, room incident.LogID, person incident.PersonID, from, to uint64) ([][32]byte, error) {
	scope := projection.Reader(room, person)
	var newest int64
	b := &pgx.Batch{}
	scope.Enter(b)
	b.Queue(`SELECT coalesce(max(size), 0) FROM checkpoint WHERE log = $1`, string(room)).QueryRow(func(row pgx.Row) error { return row.Scan(&newest) })
	if err := n.o.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	switch {
	case from < 1 || to < from:
		return nil, incident.BadField("from", "Give two sizes from 1 on, the smaller first.")
	case to > uint64(newest):
		return nil, incident.BadField("to", "The newest checkpoint covers %d entries.", newest)
	}
	return consistent(ctx, n.o.Reader, scope, room, from, to)
}

func consistent(ctx context.Context, pool *pgxpool.Pool, scope projection.Scope, log incident.LogID, from, to uint64) ([][32]byte, error) {
	var proof tlog.TreeProof
	err := prove(ctx, log, in(pool, scope), func(r tlog.HashReader) (err error) {
		proof, err = tlog.ProveTree(int64(to), int64(from), r)
		return err
	})
	return plain(proof), err
}

// in runs a batch in the scope.
func in(pool *pgxpool.Pool, scope projection.Scope) func(context.Context, *pgx.Batch) error {
	return func(ctx context.Context, b *pgx.Batch) error {
		all := &pgx.Batch{}
		scope.Enter(all)
		all.QueuedQueries = append(all.QueuedQueries, b.QueuedQueries...)
		return pool.SendBatch(ctx, all).Close()
	}
}

func plain[P ~[]tlog.Hash](proof P) [][32]byte {
	path := make([][32]byte, len(proof))
	for i, h := range proof {
		path[i] = h
	}
	return path
}

// A Signed is a checkpoint as it was stored.
type Signed struct {
	Size     uint64
	Key      int // the generation of keys that signed it
	Note     string
	Cosigned bool
	At       time.Time // when it was cosigned, by the witness's clock; or signed, by ours
}

// A Span says which sizes of a log a generation of keys has signed.
type Span struct {
	Generation  int
	First, Last uint64
}

// Seals lists the room's checkpoints to somebody who is in it, the newest
// first; before 0 is no bound. spans are of all of them.
func (n *Notary) Seals(ctx context.Context, room incident.LogID, person incident.PersonID, before uint64, limit int) (list []Signed, more bool, spans []Span, err error) {
	if before == 0 || before > 1<<62 {
		before = 1 << 62
	}
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	b.Queue(`SELECT c.size, c.key, coalesce(s.note, c.note), s.log IS NOT NULL, coalesce(s.at, c.made) FROM checkpoint c
		LEFT JOIN cosignature s ON s.log = c.log AND s.size = c.size WHERE c.log = $1 AND c.size < $2 ORDER BY c.size DESC LIMIT $3`,
		string(room), int64(before), limit+1).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var s Signed
			var size int64
			if err := rows.Scan(&size, &s.Key, &s.Note, &s.Cosigned, &s.At); err != nil {
				return err
			}
			s.Size, s.At = uint64(size), s.At.UTC()
			list = append(list, s)
		}
		return rows.Err()
	})
	b.Queue(`SELECT k, first, last FROM generate_series(1, (SELECT key FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1)) AS g(k)
		CROSS JOIN LATERAL (SELECT size FROM checkpoint WHERE log = $1 AND key = k ORDER BY size LIMIT 1) AS a(first)
		CROSS JOIN LATERAL (SELECT size FROM checkpoint WHERE log = $1 AND key = k ORDER BY size DESC LIMIT 1) AS z(last) ORDER BY k`, string(room)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var s Span
			var first, last int64
			if err := rows.Scan(&s.Generation, &first, &last); err != nil {
				return err
			}
			s.First, s.Last = uint64(first), uint64(last)
			spans = append(spans, s)
		}
		return rows.Err()
	})
	err = n.o.Reader.SendBatch(ctx, b).Close()
	if len(list) > limit {
		list, more = list[:limit], true
	}
	return list, more, spans, err
}
