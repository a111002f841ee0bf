package blob

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/vault"
)

// errGap means that a chunk is not there: the content was erased, or is not
// whole.
var errGap = errors.New("blob: a chunk is missing")

// each reads content from its first chunk to its last, by the house's right.
func (s *Store) each(ctx context.Context, key *vault.Key, log incident.LogID, id incident.BlobID, size int64, fn func([]byte) error) error {
	r := &Reader{ctx: ctx, s: s, log: log, id: id, key: key, size: size, house: true}
	for n := range chunks(size) {
		data, err := r.chunk(n)
		if err == nil {
			err = fn(data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Reader reads content that is attached to an entry. It is an io.ReadSeeker.
type Reader struct {
	ctx    context.Context
	s      *Store
	log    incident.LogID
	person incident.PersonID
	house  bool // read by the house, not for a person
	id     incident.BlobID
	key    *vault.Key
	size   int64
	at     int64

	have int // the chunk in data; 1 + its number
	data []byte
}

// Open returns a reader of an attachment for a person. The database gives only
// what is attached to an entry that they have by its rows, and nothing in which
// a scanner found something; the caller has asked policy first, and asks again
// as it goes.
func (s *Store) Open(ctx context.Context, log incident.LogID, person incident.PersonID, f incident.File) (*Reader, error) {
	key, err := s.key(ctx, log)
	if err != nil {
		return nil, err
	}
	return &Reader{ctx: ctx, s: s, log: log, person: person, id: f.ID, key: key, size: f.Size}, nil
}

// Content returns a reader of an attachment for the house: whoever builds what
// policy has given.
func (s *Store) Content(ctx context.Context, log incident.LogID, id incident.BlobID, size int64) (io.Reader, error) {
	key, err := s.key(ctx, log)
	if err != nil {
		return nil, err
	}
	return &Reader{ctx: ctx, s: s, log: log, id: id, key: key, size: size, house: true}, nil
}

// chunk reads and opens one.
func (r *Reader) chunk(n int) ([]byte, error) {
	var sealed []byte
	fill := func(b *pgx.Batch) {
		b.Queue(`SELECT sealed FROM blob_chunk WHERE log = $1 AND blob = $2 AND n = $3`, string(r.log), string(r.id), int32(n)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&sealed) })
	}
	var err error
	if r.house {
		err = r.s.write(r.ctx, r.log, fill)
	} else {
		err = r.s.read(r.ctx, r.log, r.person, fill)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errGap
	}
	if err != nil {
		return nil, err
	}
	data, err := r.key.Open(sealed, ad(r.id, uint32(n)))
	if err != nil {
		return nil, fmt.Errorf("blob: a chunk: %w", err)
	}
	if len(data) != length(r.size, n) {
		return nil, errGap
	}
	return data, nil
}

// Read reads on.
func (r *Reader) Read(p []byte) (int, error) {
	if r.at >= r.size {
		return 0, io.EOF
	}
	n := int(r.at / Chunk)
	if r.have != n+1 {
		data, err := r.chunk(n)
		if err != nil {
			return 0, err
		}
		r.data, r.have = data, n+1
	}
	m := copy(p, r.data[r.at%Chunk:])
	r.at += int64(m)
	return m, nil
}

// Seek goes elsewhere.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("blob: before the beginning")
	}
	r.at = offset
	return offset, nil
}

// Scans says what the scanner says of attachments that the person has.
func (s *Store) Scans(ctx context.Context, log incident.LogID, person incident.PersonID, files []incident.File) (map[incident.BlobID]Scan, error) {
	var ids []string
	for _, f := range files {
		ids = append(ids, string(f.ID))
	}
	scans := map[incident.BlobID]Scan{}
	err := s.read(ctx, log, person, func(b *pgx.Batch) {
		b.Queue(`SELECT id, scan FROM blob WHERE log = $1 AND id = ANY ($2)`, string(log), ids).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id, scan string
				if err := rows.Scan(&id, &scan); err != nil {
					return err
				}
				scans[incident.BlobID(id)] = Scan(scan)
			}
			return rows.Err()
		})
	})
	return scans, err
}

// Harmful says in which of these the scanner found something, to the house.
func (s *Store) Harmful(ctx context.Context, log incident.LogID, ids []incident.BlobID) (map[incident.BlobID]bool, error) {
	harmful := map[incident.BlobID]bool{}
	err := s.write(ctx, log, func(b *pgx.Batch) {
		b.Queue(`SELECT id FROM blob WHERE log = $1 AND id = ANY ($2) AND scan = 'found'`, string(log), ids).Query(func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, pgx.RowTo[string])
			for _, id := range list {
				harmful[incident.BlobID(id)] = true
			}
			return err
		})
	})
	return harmful, err
}

// Bad says in what way stored content is not what was taken in.
type Bad string

func (b Bad) Error() string { return string(b) }

// In reads content inside a transaction that is in the log's scope, for whoever
// compares what is stored with what was committed to. A [Bad] is of the content,
// any other error of the database.
func In(ctx context.Context, tx pgx.Tx, key *vault.Key, log incident.LogID, id incident.BlobID, size int64, fn func([]byte)) error {
	for n := range chunks(size) {
		var sealed []byte
		err := tx.QueryRow(ctx, `SELECT sealed FROM blob_chunk WHERE log = $1 AND blob = $2 AND n = $3`, string(log), string(id), int32(n)).Scan(&sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return Bad("is not all there")
		}
		if err != nil {
			return err
		}
		data, err := key.Open(sealed, ad(id, uint32(n)))
		if err != nil {
			return Bad("does not unseal: it was changed, or is of another file")
		}
		if len(data) != length(size, n) {
			return Bad("has another length than it had")
		}
		fn(data)
	}
	return nil
}
