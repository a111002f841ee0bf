package servertest

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/vault"
)

// Newer adds an entry to the log as a server of a later version would write it:
// of that kind and body, for the whole room, with its rows, its leaf and its
// place in the tree. This version may not know the kind or a field of the body.
func (h *House) Newer(log incident.LogID, kind, body string) incident.Seq {
	h.T.Helper()
	seq, err := h.newer(context.Background(), log, kind, body)
	if err != nil {
		h.T.Fatal(err)
	}
	return seq
}

func (h *House) newer(ctx context.Context, log incident.LogID, kind, body string) (incident.Seq, error) {
	conn, err := pgx.Connect(ctx, h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(ctx)
	var line string
	var wrapped, frontier []byte
	var size int64
	if err := tx.QueryRow(ctx, `SELECT origin, key, frontier, size FROM log WHERE id = $1 FOR NO KEY UPDATE`, string(log)).Scan(&line, &wrapped, &frontier, &size); err != nil {
		return 0, err
	}
	key, err := h.Vault.Unwrap(string(log), wrapped)
	if err != nil {
		return 0, err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	origin := evidence.OriginOf(line)
	whole := &evidence.Whole{Seq: uint64(size), Seed: evidence.NewSeed(), Values: evidence.Values{
		incident.SlotKind:      fmt.Appendf(nil, `{"kind":%q,"root":%d}`, kind, size),
		incident.SlotActor:     []byte(`{"member":1}`),
		incident.SlotTimes:     fmt.Appendf(nil, `{"recorded":%q}`, now.Format("2006-01-02T15:04:05.000Z")),
		incident.SlotBody:      []byte(body),
		incident.SlotAuthority: []byte(`{"key":"newer"}`),
	}}
	leaf := evidence.AppendLeaf(nil, origin, whole.Seq, whole.Seed, &whole.Values)
	plain, err := whole.AppendBinary(nil)
	if err != nil {
		return 0, err
	}
	sealed, err := key.Seal(nil, plain, vault.AD(origin, whole.Seq))
	if err != nil {
		return 0, err
	}
	var tree evidence.Frontier
	if err := tree.UnmarshalBinary(frontier); err != nil {
		return 0, err
	}
	tree.Append(evidence.LeafHash(leaf))
	if frontier, err = tree.MarshalBinary(); err != nil {
		return 0, err
	}
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{`INSERT INTO leaf (log, seq, leaf) VALUES ($1, $2, $3)`, []any{string(log), size, leaf}},
		{`INSERT INTO opening (log, seq, root, sealed) VALUES ($1, $2, $2, $3)`, []any{string(log), size, sealed}},
		{`INSERT INTO root (log, seq, kind, standing, author, tlp, org, audience, members, orgs) VALUES ($1, $2, $3, false, 1, '', '', 'room', '{}', '{}')`, []any{string(log), size, kind}},
		{`UPDATE log SET size = $2, frontier = $3, last = $4 WHERE id = $1`, []any{string(log), size + 1, frontier, now}},
	} {
		if _, err := tx.Exec(ctx, s.statement, s.args...); err != nil {
			return 0, err
		}
	}
	return incident.Seq(size), tx.Commit(ctx)
}
