// Package directory keeps how people are reached and let in: the links and
// codes of invitations, e-mail addresses and telephone numbers, organisations'
// contacts by role, how far each person has read, and which rooms are silent for
// them. It reads tables of organisations (ods.go), and says who could be reached
// (select.go), without keeping anything of either.
//
// It is mutable and not evidence. What an inquiry needs stands in the logs:
// that somebody was invited, asked, was vouched for, joined. What stands here
// stays out of them, so that a number can change and an address be forgotten.
//
// Names, addresses and numbers are sealed, each bound to its row; links, codes
// and people are found by hashes and MACs. Someone with a copy of the database
// has nothing to follow, type or ring.
//
// An unknown link, one that expired, was revoked, was renewed or is somebody
// else's are the same answer, [incident.Missing], after the same work.
package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/incident"
	"wardroom/server/vault"
)

// Options is what a Directory stands on.
type Options struct {
	Pool  *pgxpool.Pool // connects as wardroom_writer
	Vault *vault.Vault
	Now   func() time.Time // replaces the database's clock: tests only

	Sender Sender // sends the codes that verify organisations' contacts; nil: none can be sent
}

// Directory is safe for concurrent use.
type Directory struct {
	o     Options
	decoy row // sealed like any other, for the work of answering Missing
}

// New returns a Directory.
func New(o Options) (*Directory, error) {
	d := &Directory{o: o}
	d.decoy.id = incident.RandomID()
	sealed, err := d.seal(d.decoy.id, addressed{Name: "nobody", Email: "nobody@nowhere.invalid"})
	d.decoy.sealed = sealed
	return d, err
}

// Without this as its first statement a transaction finds the directory's
// tables empty (schema/0003_directory.sql).
const takeScope = `SELECT set_config('app.scope', 'directory', true)`

// do runs the statements as one transaction in one round trip: a batch without
// BEGIN is an implicit transaction that ends with it, and so does the scope.
func (d *Directory) do(ctx context.Context, fill func(*pgx.Batch)) error {
	var b pgx.Batch
	b.Queue(takeScope)
	fill(&b)
	return d.o.Pool.SendBatch(ctx, &b).Close()
}

// tx runs fn in a transaction, for what has to decide between statements.
func (d *Directory) tx(ctx context.Context, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, d.o.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, takeScope); err != nil {
			return err
		}
		return fn(tx)
	})
}

// clock is the time parameter of a statement: null, for the database's own
// clock, except in tests.
func (d *Directory) clock() *time.Time {
	if d.o.Now == nil {
		return nil
	}
	t := d.o.Now()
	return &t
}

// mac finds a row by what it must not hold. The length keeps two different
// pairs from having the same bytes.
func (d *Directory) mac(purpose, a, b string) []byte {
	m := d.o.Vault.MAC(purpose, fmt.Appendf(nil, "%d:%s%s", len(a), a, b))
	return m[:]
}

func (d *Directory) personMAC(issuer, subject string) []byte {
	return d.mac("directory person", issuer, subject)
}
