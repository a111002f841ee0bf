// Package schema holds the database's migrations, forward only.
//
// Nodes are replaced one after the other, and each migration runs while nodes
// of the version before write. So what is taken away is taken away one release
// after the last program that used it: expand, then contract. Each waits half a
// second for a lock and then lets everybody else go first; an index on a table
// that grows is made CONCURRENTLY, in a file of its own that begins with
// `-- +goose NO TRANSACTION` and drops it first if it exists: one that others'
// locks cut short is left behind invalid.
package schema

import "embed"

// Migrations are goose's SQL files, in order.
//
//go:embed 0*.sql
var Migrations embed.FS

// Oldest is the oldest program, by the last migration that it knows, which
// goes on with a database as these migrations leave it. A migration that takes
// something away, or that refuses what an older program writes, raises it to
// the first program that can do without.
const Oldest = 32
