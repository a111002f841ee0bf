package servertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/ledger"
	"wardroom/server/vault"
)

// Truth is a log as storage has it, in the order storage numbers it: what
// every client's account is held against.
type Truth struct {
	Origin   evidence.Origin
	Size     uint64 // as the log's row says
	Frontier []byte // as the log's row says
	Entries  []TrueEntry
}

// TrueEntry is one stored entry, opened.
type TrueEntry struct {
	Seq   uint64
	Leaf  []byte
	Whole *evidence.Whole   // nil once slots were erased
	Part  *evidence.Partial // then: what is left
	Key   string            // the idempotency key of the command that made it
}

// LoadTruth reads a log past all walls, by a superuser's URL.
func LoadTruth(ctx context.Context, url string, v *vault.Vault, log incident.LogID) (*Truth, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	t := &Truth{}
	var origin string
	var wrapped []byte
	var size int64
	if err := conn.QueryRow(ctx, `SELECT origin, key, frontier, size FROM log WHERE id = $1`, string(log)).Scan(&origin, &wrapped, &t.Frontier, &size); err != nil {
		return nil, err
	}
	t.Origin, t.Size = evidence.OriginOf(origin), uint64(size)
	key, err := v.Unwrap(string(log), wrapped)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT l.seq, l.leaf, o.sealed FROM leaf l LEFT JOIN opening o USING (log, seq) WHERE log = $1 ORDER BY seq`, string(log))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var leaf, sealed []byte
		if err := rows.Scan(&seq, &leaf, &sealed); err != nil {
			return nil, err
		}
		if sealed == nil {
			return nil, errors.New("an entry has no opening")
		}
		e, err := unseal(key, t.Origin, uint64(seq), sealed)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", seq, err)
		}
		e.Leaf = leaf
		var authority struct{ Key string }
		if err := json.Unmarshal(e.Values()[7], &authority); err != nil {
			return nil, fmt.Errorf("entry %d: %w", seq, err)
		}
		e.Key = authority.Key
		t.Entries = append(t.Entries, e)
	}
	return t, rows.Err()
}

// unseal opens a stored entry, whole or what is left of it.
func unseal(key *vault.Key, origin evidence.Origin, seq uint64, sealed []byte) (e TrueEntry, err error) {
	e.Seq = seq
	if plain, err := key.Open(sealed, vault.AD(origin, seq)); err == nil {
		e.Whole, err = evidence.ParseWhole(seq, plain)
		return e, err
	}
	plain, err := key.Open(sealed, vault.ErasedAD(origin, seq))
	if err != nil {
		return e, err
	}
	e.Part, err = evidence.ParsePartial(seq, plain)
	return e, err
}

// Values is what the entry says, as far as it was not erased.
func (e *TrueEntry) Values() evidence.Values {
	if e.Part != nil {
		return e.Part.Values()
	}
	return e.Whole.Values
}

// Check returns nil if the leaf commits to what is stored of the entry.
func (e *TrueEntry) Check(origin evidence.Origin) error {
	if e.Part != nil {
		return e.Part.Check(origin, e.Leaf)
	}
	return e.Whole.Check(origin, e.Leaf)
}

// Unsealed is everything that the log's key opens: openings and fold snapshots.
func (h *House) Unsealed(log incident.LogID) string {
	h.T.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		h.T.Fatal(err)
	}
	defer conn.Close(ctx)
	var origin string
	var wrapped []byte
	if err := conn.QueryRow(ctx, `SELECT origin, key FROM log WHERE id = $1`, string(log)).Scan(&origin, &wrapped); err != nil {
		h.T.Fatal(err)
	}
	key, err := h.Vault.Unwrap(string(log), wrapped)
	if err != nil {
		h.T.Fatal(err)
	}
	var all []byte
	for _, e := range h.Truth(log).Entries {
		for _, v := range e.Values() {
			all = append(append(all, v...), '\n')
		}
	}
	rows, err := conn.Query(ctx, `SELECT seq, sealed FROM fold WHERE log = $1`, string(log))
	if err != nil {
		h.T.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var sealed []byte
		if err := rows.Scan(&seq, &sealed); err != nil {
			h.T.Fatal(err)
		}
		plain, err := key.Open(sealed, append([]byte("fold/1\n"), vault.AD(evidence.OriginOf(origin), uint64(seq))...))
		if err != nil {
			h.T.Fatal(err)
		}
		all = append(append(all, plain...), '\n')
	}
	return string(all)
}

// DropFolds forgets a log's fold snapshots, as may be done at any time.
func (h *House) DropFolds(log incident.LogID) {
	h.T.Helper()
	if err := exec(context.Background(), h.DB.Cluster.SuperuserURL(h.DB.Name), `DELETE FROM fold WHERE log = '`+string(log)+`'`); err != nil {
		h.T.Fatal(err)
	}
}

// Folds counts a log's fold snapshots.
func (h *House) Folds(log incident.LogID) (n int) {
	h.T.Helper()
	conn, err := pgx.Connect(context.Background(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		h.T.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), `SELECT count(*) FROM fold WHERE log = $1`, string(log)).Scan(&n); err != nil {
		h.T.Fatal(err)
	}
	return n
}

// Pools are the server's two ways into another database of the cluster: the
// writer's and the reader's.
func (h *House) Pools(database string) [2]*pgxpool.Pool {
	h.T.Helper()
	db := &DB{Cluster: h.DB.Cluster, Name: database}
	db.connect(h.T)
	return [2]*pgxpool.Pool{db.Writer, db.Reader}
}

// Ledger opens a ledger of erasures, in a folder of its own that is gone after
// the test.
func Ledger(t testing.TB) *ledger.File {
	t.Helper()
	l, err := ledger.Open(filepath.Join(t.TempDir(), "erasures"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// Truth reads a log of the house as it is stored.
func (h *House) Truth(log incident.LogID) *Truth {
	h.T.Helper()
	t, err := LoadTruth(context.Background(), h.DB.Cluster.SuperuserURL(h.DB.Name), h.Vault, log)
	if err != nil {
		h.T.Fatal(err)
	}
	return t
}

// Oracle returns the oracle of the whole log.
func (t *Truth) Oracle() (*Oracle, error) {
	o := NewOracle()
	for _, e := range t.Entries {
		if err := o.Add(e.Seq, e.Values()); err != nil {
			return nil, err
		}
	}
	return o, nil
}
