package notary

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Seal says how far a log is sealed; nil when it has no checkpoint yet. It is
// the newest cosigned checkpoint while that is fresh, since with a witness the
// newest of all is for a moment always one that it has not signed yet; once an
// entry has waited for too long, the newest signed one, and since when.
func (n *Notary) Seal(ctx context.Context, log incident.LogID) (*incident.Seal, error) {
	list, err := n.seals(ctx, log)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// seals says it of several logs, as many as are asked about at once; in one
// round trip, but for entries that have waited.
func (n *Notary) seals(ctx context.Context, logs ...incident.LogID) ([]*incident.Seal, error) {
	type found struct {
		length         int64
		newest, sealed incident.Seal
	}
	all, list := make([]found, len(logs)), make([]*incident.Seal, len(logs))
	b := &pgx.Batch{}
	for i, log := range logs {
		f := &all[i]
		projection.Writer(log).Enter(b)
		b.Queue(`SELECT size FROM log WHERE id = $1`, string(log)).QueryRow(func(row pgx.Row) error { return none(row.Scan(&f.length)) })
		b.Queue(`SELECT size, note, made FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1`, string(log)).QueryRow(scanSeal(&f.newest))
		b.Queue(`SELECT size, note, at FROM cosignature WHERE log = $1 ORDER BY size DESC LIMIT 1`, string(log)).QueryRow(scanSeal(&f.sealed))
	}
	if err := n.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	for i, f := range all {
		if f.newest.Size == 0 {
			continue
		}
		cosigned := f.sealed.Size
		f.sealed.Cosigned = true
		if cosigned == uint64(f.length) {
			list[i] = &f.sealed
			continue
		}
		since, err := n.waiting(ctx, logs[i], incident.Seq(cosigned))
		if err != nil {
			return nil, err
		}
		if since == nil && cosigned > 0 {
			list[i] = &f.sealed
			continue
		}
		if f.newest.Size == f.sealed.Size {
			f.newest = f.sealed
		}
		f.newest.Since = since
		list[i] = &f.newest
	}
	return list, nil
}

// waiting returns when the entry was recorded, if that is too long ago.
func (n *Notary) waiting(ctx context.Context, log incident.LogID, first incident.Seq) (*time.Time, error) {
	n.since.Lock()
	known, ok := n.since.of[log]
	n.since.Unlock()
	if !ok || known.seq != first {
		at, err := n.o.Record.Recorded(ctx, log, first)
		if err != nil {
			return nil, err
		}
		known = firstUncovered{first, at.UTC()}
		n.since.Lock()
		if len(n.since.of) > 4096 {
			clear(n.since.of)
		}
		n.since.of[log] = known
		n.since.Unlock()
	}
	if n.o.Now().Sub(known.at) <= incident.Unsealed {
		return nil, nil
	}
	return &known.at, nil
}

func scanSeal(s *incident.Seal) func(pgx.Row) error {
	return func(row pgx.Row) error {
		var size int64
		err := row.Scan(&size, &s.Note, &s.At)
		s.Size, s.At = uint64(size), s.At.UTC()
		return none(err)
	}
}

// none makes an answer of no rows no error.
func none(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// tell tells those who listen on this node what has been sealed since, on
// whatever node.
func (n *Notary) tell(ctx context.Context) error {
	rooms := n.o.Listening()
	ids := make([]string, len(rooms))
	here := make(map[incident.LogID]bool, len(rooms))
	for i, r := range rooms {
		ids[i], here[r] = string(r), true
	}
	for r := range n.told {
		if !here[r] {
			delete(n.told, r)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var moved []incident.LogID
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT l.id, l.size, coalesce(n.cosigned, 0) FROM log l LEFT JOIN notary n ON n.log = l.id WHERE l.id = ANY ((SELECT $1::text[])::text[])`, ids).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var id string
			var size, cosigned int64
			if err := rows.Scan(&id, &size, &cosigned); err != nil {
				return err
			}
			if t := n.told[incident.LogID(id)]; t == nil || !t.Cosigned || t.Since != nil || t.Size != uint64(size) || cosigned != size {
				moved = append(moved, incident.LogID(id))
			}
		}
		return rows.Err()
	})
	if err := n.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	for some := range slices.Chunk(moved, logsAtOnce) {
		list, err := n.seals(ctx, some...)
		if err != nil {
			return err
		}
		for i, s := range list {
			if id := some[i]; s != nil && !n.told[id].Equal(s) && !n.soon(s) {
				n.told[id] = s
				n.o.Sealed(id, s)
			}
		}
	}
	return nil
}

// soon reports whether a seal is about to be a better one: signed a moment ago,
// and the witness answers.
func (n *Notary) soon(s *incident.Seal) bool {
	return !s.Cosigned && s.Since == nil && n.witness != nil
}
