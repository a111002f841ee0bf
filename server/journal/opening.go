package journal

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/vault"
)

// sealedRow is an opening as it is stored.
type sealedRow struct {
	seq, root incident.Seq
	sealed    []byte
}

func collectSealed(rows pgx.Rows) ([]sealedRow, error) {
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (s sealedRow, err error) {
		var seq, root int64
		err = r.Scan(&seq, &root, &s.sealed)
		s.seq, s.root = incident.Seq(seq), incident.Seq(root)
		return s, err
	})
}

// open unseals one entry; its leaf is not in what it returns.
func (w *writer) open(seq incident.Seq, sealed []byte) (evidence.Entry, *incident.Event, error) {
	return openEntry(w.key, w.origin, seq, sealed)
}

func openEntry(key *vault.Key, origin evidence.Origin, seq incident.Seq, sealed []byte) (entry evidence.Entry, e *incident.Event, err error) {
	entry.Seq = uint64(seq)
	if plain, err := key.Open(sealed, vault.AD(origin, entry.Seq)); err == nil {
		if entry.Opening, err = evidence.ParseWhole(entry.Seq, plain); err != nil {
			return entry, nil, err
		}
	} else if plain, erased := key.Open(sealed, vault.ErasedAD(origin, entry.Seq)); erased == nil {
		if entry.Erased, err = evidence.ParsePartial(entry.Seq, plain); err != nil {
			return entry, nil, err
		}
	} else {
		return entry, nil, fmt.Errorf("entry %d: %w", seq, err)
	}
	if e, err = decodeEntry(entry); err != nil {
		return entry, nil, fmt.Errorf("entry %d: %w", seq, incident.ErrNewer) // without what it says
	}
	return entry, e, nil
}

// decodeEntry reads an entry that was opened, as far as it was not erased.
func decodeEntry(entry evidence.Entry) (*incident.Event, error) {
	if entry.Erased != nil {
		return incident.DecodeErased(incident.Seq(entry.Seq), incident.Values(entry.Erased.Values()), entry.Erased.Missing())
	}
	return incident.Decode(incident.Seq(entry.Seq), incident.Values(entry.Opening.Values))
}

// objects folds the roots the group names.
func (w *writer) objects(rows []sealedRow) (map[incident.Seq]*incident.Object, error) {
	by := map[incident.Seq][]*incident.Event{}
	for _, r := range rows {
		_, e, err := w.open(r.seq, r.sealed)
		if err != nil {
			return nil, err
		}
		by[r.root] = append(by[r.root], e)
	}
	objects := make(map[incident.Seq]*incident.Object, len(by))
	for root, events := range by {
		if o := incident.FoldObject(events); o != nil {
			objects[root] = o
		}
	}
	return objects, nil
}
