package servertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
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
	Whole *evidence.Whole
	Key   string // the idempotency key of the command that made it
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
		plain, err := key.Open(sealed, vault.AD(t.Origin, uint64(seq)))
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", seq, err)
		}
		whole, err := evidence.ParseWhole(uint64(seq), plain)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", seq, err)
		}
		e := TrueEntry{Seq: uint64(seq), Leaf: leaf, Whole: whole}
		var authority struct{ Key string }
		if err := json.Unmarshal(whole.Values[7], &authority); err != nil {
			return nil, fmt.Errorf("entry %d: %w", seq, err)
		}
		e.Key = authority.Key
		t.Entries = append(t.Entries, e)
	}
	return t, rows.Err()
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
		if err := o.Add(e.Seq, e.Whole.Values); err != nil {
			return nil, err
		}
	}
	return o, nil
}
