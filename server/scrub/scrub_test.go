package scrub

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/bundletest"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ground is a house with a room in which a little has happened, sealed twice,
// and a superuser at its database.
type ground struct {
	*servertest.House
	o    Options
	room incident.LogID
	conn *pgx.Conn
}

func newGround(t *testing.T) *ground {
	h := servertest.NewHouse(t)
	lead, guest := h.Person("Lead", "DSC"), h.Person("Guest", "X1N")
	g := &ground{House: h, room: h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)}
	n := h.Notary(nil)
	keys, err := h.Journal.Keys(t.Context())
	check(t, err)
	policy, err := evidence.NewPolicy([]evidence.Generation{{Ed25519: keys[0].Verifiers[0], MLDSA: keys[0].Verifiers[1]}}, nil)
	check(t, err)
	g.o = Options{Writer: h.DB.Writer, Vault: h.Vault, Policy: policy}
	h.Join(g.room, lead, guest, incident.Representative, incident.FromJoin)
	for i := range 6 {
		h.Say(g.room, lead, fmt.Sprintf("message %d", i))
		h.Say(g.room, guest, "yes")
	}
	check(t, n.Once(t.Context()))
	for range 5 {
		h.Say(g.room, lead, "and more")
	}
	check(t, n.Once(t.Context()))
	h.Say(g.room, guest, "not sealed yet")
	g.conn, err = pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	check(t, err)
	t.Cleanup(func() { g.conn.Close(context.Background()) })
	// Nobody in earnest can do what follows.
	g.exec(`SET session_replication_role = replica`)
	return g
}

func (g *ground) exec(sql string, args ...any) {
	g.T.Helper()
	if _, err := g.conn.Exec(context.Background(), sql, args...); err != nil {
		g.T.Fatalf("%s: %v", sql, err)
	}
}

func (g *ground) scrub(t testing.TB) []Fault {
	t.Helper()
	_, faults, err := Log(context.Background(), g.o, g.room)
	check(t, err)
	return faults
}

func TestAHealthyHouseHasNoFaults(t *testing.T) {
	g := newGround(t)
	logs, err := Logs(t.Context(), g.o)
	check(t, err)
	if len(logs) != 3 {
		t.Fatalf("logs %v", logs)
	}
	for _, log := range logs {
		n, faults, err := Log(t.Context(), g.o, log)
		check(t, err)
		if n == 0 || len(faults) > 0 {
			t.Errorf("%d entries: %s", n, Say(faults))
		}
	}
	if _, faults, err := Log(t.Context(), g.o, "nowhere"); err != nil || len(faults) != 1 {
		t.Errorf("a log that is not there: %v, %v", faults, err)
	}
}

// flips of one run; a campaign takes longer.
const flips = 1000

// A column of the log's tables: how a row is found, and which entry must be
// named when a bit of it is turned; -1 for none.
type column struct {
	table, name, kind string
	where             string
	args              []any
	entry             int64
}

// Every bit of every stored column counts, but for checkpoint.made, on which
// nothing rests: a checkpoint's times are signed into its note.
func TestABitTurnedInAnyColumnIsFound(t *testing.T) {
	g := newGround(t)
	room := string(g.room)
	var columns []column
	var size int64
	check(t, g.conn.QueryRow(t.Context(), `SELECT size FROM log WHERE id = $1`, room).Scan(&size))
	for seq := range size {
		for _, c := range []column{{table: "leaf", name: "leaf", kind: "bytea"}, {table: "leaf", name: "seq", kind: "bigint"}, {table: "leaf", name: "log", kind: "text"},
			{table: "opening", name: "sealed", kind: "bytea"}, {table: "opening", name: "root", kind: "bigint"}, {table: "opening", name: "seq", kind: "bigint"}, {table: "opening", name: "log", kind: "text"}} {
			c.where, c.args, c.entry = "log = $1 AND seq = $2", []any{room, seq}, seq
			columns = append(columns, c)
		}
	}
	for _, c := range []column{{name: "frontier", kind: "bytea"}, {name: "key", kind: "bytea"}, {name: "size", kind: "bigint"}, {name: "origin", kind: "text"}, {name: "kind", kind: "text"}, {name: "room", kind: "text"}, {name: "last", kind: "timestamptz"}} {
		c.table, c.where, c.args, c.entry = "log", "id = $1", []any{room}, -1
		columns = append(columns, c, c, c, c)
	}
	rows, err := g.conn.Query(t.Context(), `SELECT size FROM checkpoint WHERE log = $1`, room)
	check(t, err)
	sizes, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	check(t, err)
	for _, s := range sizes {
		for _, c := range []column{{name: "note", kind: "text"}, {name: "size", kind: "bigint"}} {
			c.table, c.where, c.args, c.entry = "checkpoint", "log = $1 AND size = $2", []any{room, s}, -2 // some place, not an entry's fault
			columns = append(columns, c, c, c, c)
		}
	}
	g.exec(`ALTER TABLE log DROP CONSTRAINT log_kind_check`)
	if faults := g.scrub(t); len(faults) > 0 {
		t.Fatalf("before anything was turned: %s", Say(faults))
	}

	var seed [8]byte
	rand.Read(seed[:])
	rnd := mathrand.New(mathrand.NewPCG(binary.BigEndian.Uint64(seed[:]), 0))
	t.Logf("seed %x", seed)
	turned, total := map[string]int{}, 0
	for n := 0; total < flips; n++ {
		c := columns[rnd.IntN(len(columns))]
		if n < len(columns) {
			c = columns[n]
		}
		back, done := g.turn(t, c, rnd)
		if !done {
			continue // a bit that no value of the column's type has
		}
		turned[c.table+"."+c.name]++
		total++
		faults := g.scrub(t)
		switch {
		case len(faults) == 0:
			t.Errorf("%s.%s %v: a bit was turned and nothing was found", c.table, c.name, c.args)
		case c.entry >= 0 && faults[0].Seq != c.entry && !names(faults, c.entry):
			t.Errorf("%s.%s %v: %s", c.table, c.name, c.args, Say(faults))
		}
		back()
	}
	for _, c := range columns {
		if turned[c.table+"."+c.name] == 0 {
			t.Errorf("no bit of %s.%s was turned", c.table, c.name)
		}
	}
	if faults := g.scrub(t); len(faults) > 0 {
		t.Errorf("all is as it was, and yet: %s", Say(faults))
	}
	t.Logf("%d bits turned: %v", total, turned)
}

func names(faults []Fault, entry int64) bool {
	for _, f := range faults {
		if f.Seq == entry {
			return true
		}
	}
	return false
}

// turn turns one bit of one value, and returns how to turn it back.
func (g *ground) turn(t *testing.T, c column, rnd *mathrand.Rand) (back func(), done bool) {
	t.Helper()
	ctx := context.Background()
	get := map[string]string{"bytea": c.name, "text": "convert_to(" + c.name + ", 'UTF8')", "bigint": "int8send(" + c.name + ")", "timestamptz": "int8send((extract(epoch FROM " + c.name + ") * 1000000)::bigint)"}[c.kind]
	put := map[string]string{"bytea": "$%d::bytea", "text": "convert_from($%d::bytea, 'UTF8')", "bigint": "('x' || encode($%d::bytea, 'hex'))::bit(64)::bigint",
		"timestamptz": "'epoch'::timestamptz + ('x' || encode($%d::bytea, 'hex'))::bit(64)::bigint * interval '1 microsecond'"}[c.kind]
	var old []byte
	check(t, g.conn.QueryRow(ctx, "SELECT "+get+" FROM "+c.table+" WHERE "+c.where, c.args...).Scan(&old))
	if len(old) == 0 { // an empty text has no bits: a letter comes in
		if c.kind != "text" {
			return nil, false
		}
	}
	next := bytes.Clone(old)
	if len(next) == 0 {
		next = []byte("x")
	} else {
		bit := rnd.IntN(len(next) * 8)
		if c.kind == "timestamptz" {
			bit = 3*8 + rnd.IntN(5*8) // a year that there is
		}
		next[bit/8] ^= 0x80 >> (bit % 8)
	}
	// The row keeps its place by its number in the table, for the column may be its key.
	var ctid string
	check(t, g.conn.QueryRow(ctx, "SELECT ctid::text FROM "+c.table+" WHERE "+c.where, c.args...).Scan(&ctid))
	set := func(at string, value []byte) (string, error) {
		var now string
		err := g.conn.QueryRow(ctx, "UPDATE "+c.table+" SET "+c.name+" = "+fmt.Sprintf(put, 1)+" WHERE ctid = $2::text::tid RETURNING ctid::text", value, at).Scan(&now)
		return now, err
	}
	now, err := set(ctid, next)
	if err != nil { // not UTF-8, a zero byte, a number that is taken
		if !strings.Contains(err.Error(), "22") && !strings.Contains(err.Error(), "23") {
			t.Fatalf("%s.%s: %v", c.table, c.name, err)
		}
		return nil, false
	}
	return func() {
		_, err := set(now, old)
		check(t, err)
	}, true
}

func TestWhatIsDroppedSwappedOrDoubledIsNamed(t *testing.T) {
	g := newGround(t)
	room := string(g.room)
	for name, x := range map[string]struct {
		do, undo string
		entry    int64
	}{
		"a leaf dropped":     {`CREATE TABLE kept AS SELECT * FROM leaf WHERE log = $1 AND seq = 7; DELETE FROM leaf WHERE log = $1 AND seq = 7`, `INSERT INTO leaf SELECT * FROM kept; DROP TABLE kept`, 7},
		"an opening dropped": {`CREATE TABLE kept AS SELECT * FROM opening WHERE log = $1 AND seq = 7; DELETE FROM opening WHERE log = $1 AND seq = 7`, `INSERT INTO opening SELECT * FROM kept; DROP TABLE kept`, 7},
		"an entry dropped": {`CREATE TABLE kept AS SELECT * FROM leaf WHERE log = $1 AND seq = 7; CREATE TABLE keptO AS SELECT * FROM opening WHERE log = $1 AND seq = 7; DELETE FROM leaf WHERE log = $1 AND seq = 7; DELETE FROM opening WHERE log = $1 AND seq = 7`,
			`INSERT INTO leaf SELECT * FROM kept; INSERT INTO opening SELECT * FROM keptO; DROP TABLE kept, keptO`, 7},
		"leaves swapped": {`UPDATE leaf a SET leaf = b.leaf FROM leaf b WHERE a.log = $1 AND b.log = $1 AND (a.seq, b.seq) IN ((7, 8), (8, 7))`,
			`UPDATE leaf a SET leaf = b.leaf FROM leaf b WHERE a.log = $1 AND b.log = $1 AND (a.seq, b.seq) IN ((7, 8), (8, 7))`, 7},
		"openings swapped": {`UPDATE opening a SET sealed = b.sealed FROM opening b WHERE a.log = $1 AND b.log = $1 AND (a.seq, b.seq) IN ((7, 8), (8, 7))`,
			`UPDATE opening a SET sealed = b.sealed FROM opening b WHERE a.log = $1 AND b.log = $1 AND (a.seq, b.seq) IN ((7, 8), (8, 7))`, 7},
		"an entry doubled": {`INSERT INTO leaf SELECT log, size, (SELECT leaf FROM leaf WHERE log = $1 AND seq = 7) FROM (SELECT id AS log, size FROM log WHERE id = $1) l`,
			`DELETE FROM leaf WHERE log = $1 AND seq = (SELECT size FROM log WHERE id = $1)`, -2},
		"cut to a sealed size": {`CREATE TABLE kept AS SELECT * FROM leaf WHERE log = $1 AND seq >= 9; CREATE TABLE keptO AS SELECT * FROM opening WHERE log = $1 AND seq >= 9; DELETE FROM leaf WHERE log = $1 AND seq >= 9; DELETE FROM opening WHERE log = $1 AND seq >= 9; UPDATE log SET size = 9 WHERE id = $1`,
			`INSERT INTO leaf SELECT * FROM kept; INSERT INTO opening SELECT * FROM keptO; UPDATE log SET size = (SELECT max(seq) + 1 FROM kept) WHERE id = $1; DROP TABLE kept, keptO`, -2},
	} {
		many := func(sql string) {
			for _, s := range strings.Split(sql, ";") {
				g.exec(strings.ReplaceAll(s, "$1", "'"+room+"'"))
			}
		}
		many(x.do)
		faults := g.scrub(t)
		if len(faults) == 0 || x.entry >= 0 && faults[0].Seq != x.entry {
			t.Errorf("%s: %s", name, Say(faults))
		}
		many(x.undo)
		if faults := g.scrub(t); len(faults) > 0 {
			t.Fatalf("%s, and put back: %s", name, Say(faults))
		}
	}
}

// Whoever has the database, the vault's key and the program can write another
// history that fits together. What was signed before tells.
func TestAHistoryWrittenAnewIsNotWhatWasSigned(t *testing.T) {
	g := newGround(t)
	room := string(g.room)
	// The same room's first checkpoint, as if it had been signed over another history.
	c := evidence.Checkpoint{Origin: incident.OriginLine(g.Deployment, incident.RoomLog, g.room), Size: 9, Root: [32]byte{1}}
	b, err := c.Sign(bundletest.NewNotary(g.Deployment, 1).Signers(bundletest.Began)...)
	check(t, err)
	g.exec(`INSERT INTO checkpoint (log, size, key, note) VALUES ($1, 9, 1, $2)`, room, string(b))
	g.o.Policy = nil // whose signature it bears is another question
	if faults := g.scrub(t); len(faults) != 1 || faults[0].Seq != 0 || !strings.Contains(faults[0].What, "not those that were signed for when there were 9") {
		t.Errorf("%s", Say(faults))
	}
}
