package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/gabriel-vasile/mimetype"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wardroom/server/incident"
	"wardroom/server/vault"
)

// Begin makes room for content that a person is about to send.
func (s *Store) Begin(ctx context.Context, log incident.LogID, person incident.PersonID, name string, size int64) (*Upload, error) {
	switch {
	case size <= 0:
		return nil, incident.BadField("size", "This file is empty. There is nothing to attach.")
	case size > incident.MaxFile:
		boundSize.Hit()
		return nil, incident.BadField("size", "A file can have %d MB at most.", incident.MaxFile/1_000_000)
	}
	key, err := s.key(ctx, log)
	if err != nil {
		return nil, err
	}
	begun.Inc()
	u := &Upload{ID: incident.BlobID(incident.RandomID()), Name: incident.CleanFileName(name), Size: size, Received: []int{}, Scan: NotScanned}
	sealed, err := sealJSON(key, named{u.Name}, ad(u.ID, atName))
	if err != nil {
		return nil, err
	}
	return u, spent(pgx.BeginFunc(ctx, s.o.Writer, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(scope, "writer", string(log), "")
		// One at a time of one person in one room: else two at once pass a limit
		// that lets one of them by.
		b.Queue(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "blob "+string(log)+" "+string(person))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if err := s.fits(ctx, tx, log, person, size); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO blob (log, id, person, size, sealed, until) VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6::interval)`,
			string(log), string(u.ID), string(person), size, sealed, keptFor)
		return err
	}))
}

const unused = `NOT EXISTS (SELECT 1 FROM attachment a WHERE a.log = blob.log AND a.blob = blob.id)`

// fits holds that much more against the person's limits. What they left lying
// for an hour makes way.
func (s *Store) fits(ctx context.Context, tx pgx.Tx, log incident.LogID, person incident.PersonID, size int64) error {
	for tries := 0; ; tries++ {
		var n int
		var waiting, all int64
		err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE `+unused+`), coalesce(sum(size) FILTER (WHERE `+unused+`), 0), coalesce(sum(size), 0)
			FROM blob WHERE log = $1 AND person = $2`, string(log), string(person)).Scan(&n, &waiting, &all)
		if err != nil {
			return err
		}
		crowded := n >= s.o.Limits.Unused || waiting+size > s.o.Limits.UnusedBytes
		full := all+size > s.o.Limits.Bytes
		switch {
		case !crowded && !full:
			return nil
		case tries > 0 && crowded:
			boundUnused.Hit()
			return incident.Refuse(incident.Conflict, "You have %d files waiting to be sent, as many as can wait. Send or remove some of them first.", n)
		case tries > 0:
			boundBytes.Hit()
			return incident.Refuse(incident.Conflict, "Your files in this room have %d GB together, as much as one person can attach here.", s.o.Limits.Bytes/1_000_000_000)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM blob WHERE log = $1 AND person = $2 AND until < clock_timestamp() + interval '23 hours' AND `+unused, string(log), string(person)); err != nil {
			return err
		}
	}
}

// Put takes a chunk in. One that is there already stays as it is. With the last
// of them the content is whole, and what is to be known of it is found out.
func (s *Store) Put(ctx context.Context, log incident.LogID, person incident.PersonID, id incident.BlobID, n int, data []byte) (*Upload, error) {
	key, err := s.key(ctx, log)
	if err != nil {
		return nil, err
	}
	if !id.Valid() || n < 0 || n >= chunks(incident.MaxFile) || len(data) > Chunk {
		return nil, incident.Missing()
	}
	sealed, err := key.Seal(nil, data, ad(id, uint32(n)))
	if err != nil {
		return nil, err
	}
	var r row
	err = s.write(ctx, log, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO blob_chunk (log, blob, n, sealed) SELECT log, id, $4::int, $5 FROM blob
			WHERE log = $1 AND id = $2 AND person = $3 AND found IS NULL AND least($6::bigint, size - $4::int::bigint * $6::bigint) = $7::bigint ON CONFLICT (log, blob, n) DO NOTHING`,
			string(log), string(id), string(person), int32(n), sealed, int64(Chunk), int64(len(data)))
		b.Queue(`UPDATE blob SET until = clock_timestamp() + $4::interval WHERE log = $1 AND id = $2 AND person = $3`, string(log), string(id), string(person), keptFor)
		r.queue(b, log, person, id)
	})
	if err != nil {
		return nil, missing(err)
	}
	u, err := r.upload(key, id)
	if err != nil {
		return nil, err
	}
	chunky.Add(len(data))
	if n >= chunks(u.Size) || length(u.Size, n) != len(data) {
		return nil, incident.BadField("chunk", "This is not as long as that part of the file is.")
	}
	if u.Whole || len(u.Received) < chunks(u.Size) {
		return u, nil
	}
	if err := s.complete(ctx, key, log, u); err != nil {
		return nil, err
	}
	return s.Upload(ctx, log, person, id)
}

// Upload says how far content has come, to who sends it.
func (s *Store) Upload(ctx context.Context, log incident.LogID, person incident.PersonID, id incident.BlobID) (*Upload, error) {
	key, err := s.key(ctx, log)
	if err != nil {
		return nil, err
	}
	var r row
	if err := s.write(ctx, log, func(b *pgx.Batch) { r.queue(b, log, person, id) }); err != nil {
		return nil, missing(err)
	}
	return r.upload(key, id)
}

// Drop takes back content that is attached to nothing.
func (s *Store) Drop(ctx context.Context, log incident.LogID, person incident.PersonID, id incident.BlobID) error {
	var gone int64
	err := s.write(ctx, log, func(b *pgx.Batch) {
		b.Queue(`WITH d AS (DELETE FROM blob WHERE log = $1 AND id = $2 AND person = $3 RETURNING 1) SELECT count(*) FROM d`, string(log), string(id), string(person)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&gone) })
	})
	if err == nil && gone == 0 {
		return incident.Missing()
	}
	return err
}

// Take returns what is to be known of content that its sender is about to
// attach, and keeps it from being reaped meanwhile. Asked again for the same it
// answers the same, so that a command sent again is the same command: whether it
// is attached already is the command's to judge.
func (s *Store) Take(ctx context.Context, log incident.LogID, person incident.PersonID, ids []incident.BlobID) ([]incident.File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > incident.MaxFiles {
		return nil, incident.BadField("attachments", "At most %d files fit one entry. Send the others with another.", incident.MaxFiles)
	}
	key, err := s.key(ctx, log)
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(ids))
	err = s.write(ctx, log, func(b *pgx.Batch) {
		for i, id := range ids {
			b.Queue(`UPDATE blob SET until = greatest(until, clock_timestamp() + interval '1 hour') WHERE log = $1 AND id = $2 AND person = $3`, string(log), string(id), string(person))
			rows[i].queue(b, log, person, id)
		}
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, incident.BadField("attachments", "A file is not there any more: it was not sent within a day. Attach it again.")
	}
	if err != nil {
		return nil, err
	}
	var files []incident.File
	for i, id := range ids {
		u, f, err := rows[i].open(key, id)
		switch {
		case err != nil:
			return nil, err
		case f == nil:
			return nil, incident.BadField("attachments", "%s is not all here yet. Wait until it is, or remove it.", u.Name)
		case u.Scan == Found:
			return nil, incident.BadField("attachments", "The scanner found something harmful in %s, so nobody could download it. Remove it.", u.Name)
		}
		files = append(files, incident.File{Commitment: f.Commitment, ID: id, Name: u.Name, Salt: f.Salt, SHA256: f.SHA256, Size: u.Size, Type: f.Type})
	}
	return files, nil
}

// row is what is stored of content that somebody sends.
type row struct {
	size          int64
	sealed, found []byte
	scan          string
	received      []int32
}

func (r *row) queue(b *pgx.Batch, log incident.LogID, person incident.PersonID, id incident.BlobID) {
	b.Queue(`SELECT size, sealed, found, scan, ARRAY(SELECT n FROM blob_chunk c WHERE c.log = blob.log AND c.blob = blob.id ORDER BY n)
		FROM blob WHERE log = $1 AND id = $2 AND person = $3`, string(log), string(id), string(person)).
		QueryRow(func(at pgx.Row) error { return at.Scan(&r.size, &r.sealed, &r.found, &r.scan, &r.received) })
}

func (r *row) open(key *vault.Key, id incident.BlobID) (*Upload, *found, error) {
	var n named
	if err := openJSON(key, r.sealed, ad(id, atName), &n); err != nil {
		return nil, nil, fmt.Errorf("blob: %w", err)
	}
	u := &Upload{ID: id, Name: n.Name, Size: r.size, Received: []int{}, Scan: Scan(r.scan)}
	for _, n := range r.received {
		u.Received = append(u.Received, int(n))
	}
	if r.found == nil {
		return u, nil, nil
	}
	f := &found{}
	if err := openJSON(key, r.found, ad(id, atFound), f); err != nil {
		return nil, nil, fmt.Errorf("blob: %w", err)
	}
	u.Whole, u.SHA256, u.Type = true, f.SHA256, f.Type
	return u, f, nil
}

func (r *row) upload(key *vault.Key, id incident.BlobID) (*Upload, error) {
	u, _, err := r.open(key, id)
	return u, err
}

func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return incident.Missing()
	}
	return spent(err)
}

// spent says in a sentence that the database has no room, or is about to stop:
// another time it will take the same.
func spent(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57")) {
		return incident.Refuse(incident.Unavailable, "The file cannot be stored just now. What was sent of it is kept: try again in a moment.")
	}
	return err
}

// typeHead is how many of the first bytes are looked at for the type: those
// that the library looks at of its own accord.
const typeHead = 3072

// complete finds out what is to be known of content that is all there. Of two
// who do so at once the first one's salt stands.
func (s *Store) complete(ctx context.Context, key *vault.Key, log incident.LogID, u *Upload) error {
	select {
	case s.finish <- struct{}{}:
	default:
		boundHashes.Hit()
		select {
		case s.finish <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { <-s.finish }()
	var salt [32]byte
	rand.Read(salt[:])
	commitment, sum := sha256.New(), sha256.New()
	commitment.Write([]byte("WARDROOM/1/file\n"))
	commitment.Write(salt[:])
	commitment.Write(binary.BigEndian.AppendUint64(nil, uint64(u.Size)))
	var head []byte
	err := s.each(ctx, key, log, u.ID, u.Size, func(data []byte) error {
		commitment.Write(data)
		sum.Write(data)
		if more := typeHead - len(head); more > 0 {
			head = append(head, data[:min(more, len(data))]...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	f := found{Commitment: base64.StdEncoding.EncodeToString(commitment.Sum(nil)), Salt: base64.StdEncoding.EncodeToString(salt[:]),
		SHA256: hex.EncodeToString(sum.Sum(nil)), Type: typeOf(head)}
	sealed, err := sealJSON(key, f, ad(u.ID, atFound))
	if err != nil {
		return err
	}
	scan := NotScanned
	if s.o.Clamd != "" {
		scan = Pending
	}
	err = s.write(ctx, log, func(b *pgx.Batch) {
		b.Queue(`UPDATE blob SET found = $3, scan = $4 WHERE log = $1 AND id = $2 AND found IS NULL`, string(log), string(u.ID), sealed, string(scan))
	})
	if err == nil && scan == Pending {
		s.wake()
	}
	return err
}

// typeOf says what content looks like by its first bytes.
func typeOf(head []byte) string {
	kind, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}
