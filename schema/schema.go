// Package schema holds the database's migrations, forward only.
package schema

import "embed"

// Migrations are goose's SQL files, in order.
//
//go:embed 0*.sql
var Migrations embed.FS
