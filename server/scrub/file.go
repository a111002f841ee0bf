package scrub

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"github.com/jackc/pgx/v5"

	"wardroom/server/blob"
	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// attachedTo is a file that an entry lists.
type attachedTo struct {
	seq  int64
	file incident.File
}

// attachments reads what is attached to entries, and holds it against what they commit
// to; and the rows that say what is attached to what against the entries.
func (c *reading) attachments(ctx context.Context, tx pgx.Tx) error {
	if c.key == nil {
		return nil
	}
	type row struct {
		seq  int64
		size *int64
	}
	rows := map[incident.BlobID]row{}
	list, err := tx.Query(ctx, `SELECT a.blob, a.seq, b.size FROM attachment a LEFT JOIN blob b ON b.log = a.log AND b.id = a.blob WHERE a.log = $1 ORDER BY a.seq, a.blob`, string(c.log))
	if err != nil {
		return err
	}
	var order []incident.BlobID
	for list.Next() {
		var id incident.BlobID
		var r row
		if err := list.Scan((*string)(&id), &r.seq, &r.size); err != nil {
			list.Close()
			return err
		}
		rows[id], order = r, append(order, id)
	}
	if err := list.Err(); err != nil {
		return err
	}
	for _, a := range c.files {
		switch r, ok := rows[a.file.ID]; {
		case !ok || r.seq != a.seq:
			c.fault(a.seq, "a file is attached to it, and no row says so")
		case r.size == nil || *r.size != a.file.Size:
			c.fault(a.seq, "the row of what is attached to it is missing, or of another size")
		}
		delete(rows, a.file.ID)
		if err := c.content(ctx, tx, a); err != nil {
			return err
		}
	}
	for _, id := range order {
		if r, ok := rows[id]; ok {
			c.fault(r.seq, "a row says that a file is attached to it, and it says nothing of that")
		}
	}
	return nil
}

// content reads one file.
func (c *reading) content(ctx context.Context, tx pgx.Tx, a attachedTo) error {
	salt, err := base64.StdEncoding.DecodeString(a.file.Salt)
	if err != nil || len(salt) != 32 {
		c.fault(a.seq, "what is attached to it has no salt")
		return nil
	}
	commitment, sum := evidence.FileCommitment([32]byte(salt), uint64(a.file.Size)), sha256.New()
	err = blob.In(ctx, tx, c.key, c.log, a.file.ID, a.file.Size, func(data []byte) {
		commitment.Write(data)
		sum.Write(data)
	})
	var bad blob.Bad
	switch {
	case errors.As(err, &bad):
		c.fault(a.seq, "what is attached to it %s", string(bad))
	case err != nil:
		return err
	case base64.StdEncoding.EncodeToString(commitment.Sum(nil)) != a.file.Commitment || hex.EncodeToString(sum.Sum(nil)) != a.file.SHA256:
		c.fault(a.seq, "what is attached to it is not what it commits to")
	}
	return nil
}
