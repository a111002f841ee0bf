package servertest

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// Node starts another journal over the same database, as a second server
// would.
func (h *House) Node() *journal.Journal {
	h.T.Helper()
	return h.NodeOn(h.DB.Writer, h.DB.Reader)
}

// NodeOn is Node over pools of the test's own, to the same database.
func (h *House) NodeOn(writer, reader *pgxpool.Pool) *journal.Journal {
	h.T.Helper()
	j := journal.New(journal.Options{Writer: writer, Reader: reader, Vault: h.Vault, Deployment: h.Deployment, Ledger: Ledger(h.T), Poll: 50 * time.Millisecond})
	h.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := j.Close(ctx); err != nil {
			h.T.Errorf("close journal: %v", err)
		}
	})
	return j
}

// CheckLog reads the whole log as it is stored and checks it from the ground:
// dense numbers, every opening against its leaf, times that never go back,
// one row per key, the frontier against all leaves, and a bundle of it all as an
// outsider would verify it.
func (h *House) CheckLog(log incident.LogID) {
	h.T.Helper()
	if err := CheckLog(context.Background(), h, log); err != nil {
		h.T.Errorf("log %s does not hold: %v", log, err)
	}
}

// CheckLog is House.CheckLog for tests that expect a fault.
func CheckLog(ctx context.Context, h *House, log incident.LogID) error {
	l, err := storedLog(ctx, h, log)
	if err != nil {
		return err
	}
	return l.verify(ctx)
}

// storedLog reads a log from the ground, and is an error if it does not hold.
func storedLog(ctx context.Context, h *House, log incident.LogID) (*StoredLog, error) {
	conn, err := pgx.Connect(ctx, h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	// One moment of the log: whoever was cut off may still be having a command
	// carried out.
	if _, err := conn.Exec(ctx, `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`); err != nil {
		return nil, err
	}
	l := &StoredLog{}
	var wrapped, stored []byte
	var size int64
	if err := conn.QueryRow(ctx, `SELECT origin, key, frontier, size FROM log WHERE id = $1`, string(log)).Scan(&l.Origin, &wrapped, &stored, &size); err != nil {
		return nil, err
	}
	key, err := h.Vault.Unwrap(string(log), wrapped)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT l.seq, l.leaf, o.root, o.sealed FROM leaf l LEFT JOIN opening o USING (log, seq) WHERE log = $1 ORDER BY seq`, string(log))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	c := &logCheck{origin: evidence.OriginOf(l.Origin), key: key}
	for rows.Next() {
		var seq int64
		var root *int64
		var leaf, sealed []byte
		if err := rows.Scan(&seq, &leaf, &root, &sealed); err != nil {
			return nil, err
		}
		if root == nil {
			return nil, errors.New("an entry has no opening")
		}
		whole, err := c.entry(uint64(seq), leaf, incident.Seq(*root), sealed)
		if err != nil {
			return nil, err
		}
		l.Entries, l.Leaves = append(l.Entries, whole), append(l.Leaves, leaf)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return l, c.end(uint64(size), stored)
}
