package identity

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

const frozenOut = "Access for your organisation is closed for now. Ring the duty number: somebody there can let you in again."

// EndShutOut ends every session of these people, who were shut out with their
// organisation, and says how many. That stands in the log before, and the log
// alone refuses them already: this cuts their sockets, on every node.
func (i *Identity) EndShutOut(ctx context.Context, people []incident.Person) (int, error) {
	ids, err := i.endThose(ctx, end+`subject = ANY ((SELECT $3::bytea[])::bytea[])`, "frozen", i.subjectsOf(people))
	i.announce(ids)
	return len(ids), err
}

// Live counts the sessions of these people that have not ended.
func (i *Identity) Live(ctx context.Context, people []incident.Person) (n int, err error) {
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT count(*) FROM session WHERE subject = ANY ((SELECT $2::bytea[])::bytea[]) AND ended IS NULL
			AND expires > coalesce($1::timestamptz, clock_timestamp())`, i.clock(), i.subjectsOf(people)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
	})
	return n, err
}

func (i *Identity) subjectsOf(people []incident.Person) [][]byte {
	all := make([][]byte, len(people))
	for n, p := range people {
		all[n] = i.subjectMAC(p.Issuer, p.Subject)
	}
	return all
}

// shutOut ends the sessions of whoever is shut out whenever the record has
// grown: the node that wrote the entry may have died before it ended them.
func (i *Identity) shutOut(ctx context.Context, sys *incident.System) {
	if sys.Head == i.looked || len(sys.Frozen) == 0 {
		return
	}
	if _, err := i.EndShutOut(ctx, sys.ShutOut("")); err == nil {
		i.looked = sys.Head
	} else if ctx.Err() == nil {
		i.o.Log.Error("identity: cannot end the sessions of a frozen organisation", "error", err)
	}
}
