package notary

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
	"wardroom/server/trail"
)

// What is sealed in one transaction: many logs that have each grown by a few
// entries cost the round trips and the one flush to disk of one. Each statement
// still names one log, in that log's own scope.
const (
	logsAtOnce    = 64
	entriesAtOnce = 1 << 13 // a log with a longer tail goes alone
)

// unsigned is a log with entries that no checkpoint covers.
type unsigned struct {
	id     incident.LogID
	origin string
	from   uint64 // entries that the notary had read when it was listed
	tail   uint64 // that it had not
	fresh  bool   // the notary had no row of it
}

// grown lists the logs that have entries no checkpoint covers, in the order in
// which their rows are locked on every node.
func (n *Notary) grown(ctx context.Context) (logs []unsigned, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT l.id, l.origin, coalesce(n.size, 0), l.size - coalesce(n.size, 0), n.log IS NULL FROM log l LEFT JOIN notary n ON n.log = l.id
		WHERE l.size > coalesce(n.signed, 0) AND coalesce(n.differs, 0) = 0 AND l.guard = '' ORDER BY l.id`).Query(func(rows pgx.Rows) (err error) {
		logs, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (g unsigned, err error) {
			var from, tail int64
			err = r.Scan((*string)(&g.id), &g.origin, &from, &tail, &g.fresh)
			g.from, g.tail = uint64(from), uint64(max(tail, 0)) // less than it has read: a database that was put back, which seal finds
			return g, err
		})
		return err
	})
	return logs, n.o.Writer.SendBatch(ctx, b).Close()
}

// portions says which logs are sealed together: neighbours of the list, so many
// that neither bound is passed.
func portions(logs []unsigned) (all [][]unsigned) {
	from, entries := 0, uint64(0)
	for i, g := range logs {
		if i > from && (i-from == logsAtOnce || entries+g.tail > entriesAtOnce) {
			all, from, entries = append(all, logs[from:i]), i, 0
		}
		entries += g.tail
	}
	if from < len(logs) {
		all = append(all, logs[from:])
	}
	return all
}

// state is what the notary knows of a log, and what the log says of itself.
type state struct {
	unsigned
	mine     bool   // its row is locked here; else another node is at it, or it is signed no more
	size     uint64 // entries it had read before
	key      int    // that signed last
	now      evidence.Frontier
	tree     *tiles
	written  evidence.Frontier // as the writer left it
	boundary uint64            // how far this transaction reads
	leaves   []byte            // that are new to it; no more than are kept of fresh ones, and one
	signed   []byte            // nil while there is more to read
	frontier []byte            // as it is stored
	err      error             // it cannot be read; the others can
}

// seal reads what the logs have grown by and signs for them, in one transaction
// that holds the notary's rows of them: another node passes them over meanwhile.
//
// Each log is judged by itself. One that cannot be signed for takes nothing
// away from the others: of several it comes back as left, with nothing stored
// of it, to be done alone. Left is also a log of which there is more to read,
// and the whole portion if the database refused to store it.
func (n *Notary) seal(ctx context.Context, logs []unsigned, key *generation) (left []unsigned, err error) {
	ctx, span := trail.Start(ctx, sealName)
	span.Count(logsKey, len(logs))
	defer func() { span.End(err) }()
	left, err = n.together(ctx, logs, key)
	if refused := (*pgconn.PgError)(nil); len(logs) > 1 && errors.As(err, &refused) && ctx.Err() == nil {
		return logs, nil
	}
	return left, err
}

func (n *Notary) together(ctx context.Context, logs []unsigned, key *generation) (left []unsigned, err error) {
	tx, err := n.o.Writer.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	list, err := take(ctx, tx, logs)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	good := list[:0]
	for _, s := range list {
		err := s.judge(key)
		switch {
		case err != nil && len(logs) > 1:
			left = append(left, s.unsigned)
			continue
		case errors.Is(err, ErrDiffers):
			return nil, differs(ctx, tx, s)
		case err != nil:
			return nil, err
		case s.signed == nil:
			left = append(left, unsigned{id: s.id, origin: s.origin, from: s.now.Size(), tail: s.written.Size() - s.now.Size()})
		default:
			if err := n.at("signed"); err != nil {
				return nil, err
			}
		}
		good = append(good, s)
	}
	if len(good) == 0 {
		return left, nil
	}
	if err := n.keep(ctx, tx, good, key); err != nil {
		return nil, err
	}
	return left, n.outside(good)
}

// take locks the notary's rows of the logs, in the order of the list, and takes
// in the leaves that are new to it, all in one round trip. It returns those that
// are to be signed for or cannot be. One that another node has brought further
// since it was listed is passed over: it is listed again if there is more.
//
// If a leaf is missing, what is read is shorter than what was written.
func take(ctx context.Context, tx pgx.Tx, logs []unsigned) ([]*state, error) {
	list := make([]*state, len(logs))
	b := &pgx.Batch{}
	for i, g := range logs {
		s := &state{unsigned: g, size: g.from}
		list[i] = s
		stored := map[at][]byte{}
		log := string(g.id)
		projection.Writer(g.id).Enter(b)
		if g.fresh {
			b.Queue(`INSERT INTO notary (log) VALUES ($1) ON CONFLICT (log) DO NOTHING`, log)
		}
		// What the log says of itself is read by the same statement: where the notary's row was changed since it began, the
		// row is of another size, so what is read is never behind what another node has signed.
		b.Queue(`SELECT n.key, n.frontier, l.frontier FROM notary n JOIN log l ON l.id = n.log WHERE n.log = $1 AND n.size = $2 AND n.differs = 0
			FOR NO KEY UPDATE OF n SKIP LOCKED`, log, int64(g.from)).QueryRow(func(row pgx.Row) error {
			var read, written []byte
			if err := row.Scan(&s.key, &read, &written); err != nil {
				return none(err)
			}
			s.mine = true
			if len(read) > 0 {
				s.err = s.now.UnmarshalBinary(read)
			}
			if s.err == nil && s.now.Size() != s.size {
				s.err = errFrontier // what lies between would be signed for unread
			}
			if len(written) > 0 {
				s.err = errors.Join(s.err, s.written.UnmarshalBinary(written))
			}
			s.boundary = min(s.written.Size(), s.size+chunk)
			return nil
		})
		if open := openTiles(int64(g.from)); len(open) > 0 {
			queueTiles(b, g.id, open, stored)
		}
		b.Queue(`SELECT seq, leaf FROM leaf WHERE log = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, log, int64(g.from), int64(g.from+chunk)).Query(func(rows pgx.Rows) error {
			if !s.mine || s.err != nil {
				return nil
			}
			return s.read(rows, stored)
		})
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(s *state) bool {
		return !s.mine || s.err == nil && s.size == s.written.Size() && s.now.Root() == s.written.Root()
	}), nil
}

// read takes in leaves as far as the log was written when its frontier was
// read; there may be more by now.
func (s *state) read(rows pgx.Rows, stored map[at][]byte) error {
	if s.tree, s.err = newTiles(int64(s.size), stored); s.err != nil {
		return nil
	}
	for s.now.Size() < s.boundary && rows.Next() {
		var seq int64
		var leaf []byte
		if err := rows.Scan(&seq, &leaf); err != nil {
			return err
		}
		if uint64(seq) != s.now.Size() {
			return nil
		}
		h := evidence.LeafHash(leaf)
		s.now.Append(h)
		s.tree.append(tlog.Hash(h))
		if len(s.leaves) <= freshLeaves {
			s.leaves = append(s.leaves, leaf...)
		}
	}
	return rows.Err()
}

// judge compares what was read with what was written, and signs for it if that
// is all of it.
func (s *state) judge(key *generation) (err error) {
	if s.err != nil {
		return s.err
	}
	whole := s.now.Size() == s.written.Size()
	if s.now.Size() != s.boundary || whole && s.now.Root() != s.written.Root() {
		return ErrDiffers
	}
	if s.key > key.Generation {
		return fmt.Errorf("notary: a log was signed with generation %d of the keys, and this node has %d: it leaves that log to others", s.key, key.Generation)
	}
	if whole {
		s.signed, err = s.checkpoint().Sign(key.signers...)
	}
	return err
}

func (s *state) checkpoint() evidence.Checkpoint {
	return evidence.Checkpoint{Origin: s.origin, Size: s.now.Size(), Root: s.now.Root()}
}

// keep stores what was read, and the checkpoints, all of it or nothing. Only
// when it has returned nil may a checkpoint leave the house.
func (n *Notary) keep(ctx context.Context, tx pgx.Tx, list []*state, key *generation) error {
	b := &pgx.Batch{}
	moved, signed := int64(0), uint64(0)
	count := func(t pgconn.CommandTag) error { moved += t.RowsAffected(); return nil }
	for _, s := range list {
		var err error
		if s.frontier, err = s.now.MarshalBinary(); err != nil {
			return err
		}
		log, size := string(s.id), int64(s.now.Size())
		projection.Writer(s.id).Enter(b)
		if s.signed == nil {
			b.Queue(`UPDATE notary SET size = $2, frontier = $3 WHERE log = $1 AND size = $4 AND differs = 0`, log, size, s.frontier, int64(s.size)).Exec(count)
			s.tree.queue(b, s.id)
			continue
		}
		b.Queue(`UPDATE notary SET size = $2, frontier = $3, signed = $2, key = $5, pending = coalesce(pending, clock_timestamp())
			WHERE log = $1 AND size = $4 AND differs = 0`, log, size, s.frontier, int64(s.size), key.Generation).Exec(count)
		s.tree.queue(b, s.id)
		b.Queue(`INSERT INTO checkpoint (log, size, key, note) VALUES ($1, $2, $3, $4)`, log, size, key.Generation, string(s.signed))
		signed++
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if moved != int64(len(list)) {
		return errMoved // the rows are locked here; what was signed is nobody's: it is rolled back
	}
	if err := n.at("stored"); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	n.stats.signed.Add(signed)
	if n.witness != nil {
		n.witness.fresh.keep(list, key.Generation)
	}
	return n.at("committed")
}

var errFrontier = errors.New("notary: the frontier kept of a log is of another size than is noted beside it")

var errMoved = errors.New("notary: a row that is locked here was changed by another")

// outside notes in the machine's own file how far the logs have come, once it
// is stored.
func (n *Notary) outside(list []*state) error {
	if n.o.Kept == nil {
		return nil
	}
	var kept []evidence.Checkpoint
	for _, s := range list {
		if s.signed != nil {
			kept = append(kept, s.checkpoint())
		}
	}
	return n.o.Kept.Add(kept...)
}

// differs notes that nothing more of the log may be signed; the transaction is
// its alone.
func differs(ctx context.Context, tx pgx.Tx, s *state) error {
	// Nor is anything more written to it: what stands there is not what was.
	root := s.written.Root()
	b := &pgx.Batch{}
	b.Queue(`UPDATE notary SET differs = $2 WHERE log = $1 AND differs = 0`, string(s.id), int64(s.boundary))
	b.Queue(`UPDATE log SET guard = 'different', guard_at = clock_timestamp(), guard_size = $2, guard_root = $3 WHERE id = $1 AND guard = ''`,
		string(s.id), int64(s.written.Size()), root[:])
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	return fmt.Errorf("%w: among the first %d of a log", ErrDiffers, s.boundary)
}
