package journal

import (
	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// queueAttached asks which of this content is attached to an entry already:
// content is attached once.
func (l *loaded) queueAttached(b *pgx.Batch, log incident.LogID, blobs []string) {
	if len(blobs) == 0 {
		return
	}
	b.Queue(`SELECT blob, seq FROM attachment WHERE log = $1 AND blob = ANY ((SELECT $2::text[])::text[])`, string(log), blobs).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var id string
			var seq int64
			if err := rows.Scan(&id, &seq); err != nil {
				return err
			}
			l.attached[incident.BlobID(id)] = incident.Seq(seq)
		}
		return rows.Err()
	})
}

// attach takes in what an entry of the group itself attaches.
func (l *loaded) attach(e *incident.Event) {
	for _, f := range e.Files {
		l.attached[f.ID] = e.Seq
	}
}
