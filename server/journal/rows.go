package journal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Rows reads what the derived rows say of a room: all memberships, and the
// roots asked for. Whoever delivers live begins with it and then goes by the
// rows that come with each group.
func (j *Journal) Rows(ctx context.Context, room incident.LogID, roots []incident.Seq) (members []projection.Member, stored map[incident.Seq]*projection.Root, err error) {
	if !room.Valid() {
		return nil, nil, incident.Missing()
	}
	stored = map[incident.Seq]*projection.Root{}
	b := &pgx.Batch{}
	projection.Writer(room).Enter(b)
	projection.QueueMembers(b, room, &members)
	projection.QueueRoots(b, room, roots, stored)
	return members, stored, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}
