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

	"wardroom/server/blob"
	"wardroom/server/bundletest"
	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/servertest"
	"wardroom/server/vault"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ground is a house with a room in which a little has happened: erased in two
// steps, sealed and cosigned several times; and a superuser at its database.
type ground struct {
	*servertest.House
	o      Options
	room   incident.LogID
	file   incident.Seq // has a file of two chunks
	erased incident.Seq // its body first, then the rest
	was    []byte       // its opening before
	conn   *pgx.Conn
}

func newGround(t *testing.T) *ground {
	h := servertest.NewHouse(t)
	lead, guest := h.Person("Lead", "DSC"), h.Person("Guest", "X1N")
	g := &ground{House: h, room: h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)}
	second, keys := h.Witness()
	n := h.Notary(func(o *notary.Options) { o.Witness = second })
	g.o = Options{Writer: h.DB.Writer, Vault: h.Vault, Policy: h.Policy(keys...)}
	h.Join(g.room, lead, guest, incident.Representative, incident.FromJoin)
	other := h.Person("Other", "NCSC")
	h.Join(g.room, lead, other, incident.Deputy, incident.Full)
	third := h.Person("Third", "DSC")
	h.Join(g.room, lead, third, incident.Liaison, incident.Full)
	g.file = g.send(t, g.room, lead, strings.Repeat("x", blob.Chunk+9))
	for i := range 260 { // more than a tile
		h.Say(g.room, lead, fmt.Sprintf("message %d", i))
	}
	seal := func() {
		check(t, n.Once(t.Context()))
		for { // the system log first, then the rooms it admits
			check(t, n.Cosign(t.Context()))
			var waiting int
			check(t, g.conn.QueryRow(t.Context(), `SELECT count(*) FROM notary WHERE pending IS NOT NULL`).Scan(&waiting))
			if waiting == 0 {
				return
			}
		}
	}
	var err error
	g.conn, err = pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	check(t, err)
	t.Cleanup(func() { g.conn.Close(context.Background()) })
	seal()
	g.erased = h.Say(g.room, lead, "a patient's name")
	check(t, g.conn.QueryRow(t.Context(), `SELECT sealed FROM opening WHERE log = $1 AND seq = $2`, string(g.room), int64(g.erased)).Scan(&g.was))
	for _, slots := range [][]int{{incident.SlotBody}, {incident.SlotRefs, incident.SlotAttachments}} {
		ask := h.Must(h.Do(g.room, h.Stepped(lead), command.AskErasure{Entries: []incident.Seq{g.erased}, Slots: slots, Ground: incident.GroundPatientData, Reason: "A patient is named."})).Seq
		h.Must(h.Do(g.room, h.Stepped(other), command.AgreeErasure{Root: ask}))
		h.Must(h.Do(g.room, h.Stepped(third), command.AgreeErasure{Root: ask}))
		seal()
	}
	h.Say(g.room, lead, "signed, not cosigned")
	check(t, n.Once(t.Context()))
	h.Say(g.room, guest, "not sealed yet")
	// Nobody in earnest can do what follows.
	g.exec(`SET session_replication_role = replica`)
	return g
}

// send attaches a file to an entry of its own.
func (g *ground) send(t *testing.T, room incident.LogID, who incident.Actor, content string) incident.Seq {
	t.Helper()
	s := blob.New(blob.Options{Writer: g.DB.Writer, Reader: g.DB.Reader, Vault: g.Vault})
	u, err := s.Begin(t.Context(), room, who.Person, "f", int64(len(content)))
	check(t, err)
	for n := 0; n*blob.Chunk < len(content); n++ {
		_, err = s.Put(t.Context(), room, who.Person, u.ID, n, []byte(content[n*blob.Chunk:min(len(content), (n+1)*blob.Chunk)]))
		check(t, err)
	}
	files, err := s.Take(t.Context(), room, who.Person, []incident.BlobID{u.ID})
	check(t, err)
	return g.Must(g.Do(room, who, command.PostMessage{Attachments: files})).Seq
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

// restsOnNothing are the columns of the log's tables whose bits the scrub does
// not judge, and why; a table without a column is all of it.
var restsOnNothing = map[string]string{
	"checkpoint.made": "a checkpoint's times are signed into its note; this one is for the order in which the witness is asked",
	"notary.pending":  "since when the witness is due to be asked: nothing but which log it is asked about first rests on it",
	// Derived from the log and folded again from it (projection): what they say is
	// nowhere evidence, and the projection's own test compares them.
	"root": "derived", "member": "derived", "mention": "derived", "opened": "derived", "exported": "derived", "cite": "derived", "cell": "derived", "record": "derived", "record_entry": "derived", "hold": "derived", "erasure": "derived",
	"erasure_entry": "derived", "timer": "derived", "erasure_approval": "derived", "erased": "derived",
	"blob.person": "who sent it, before it was attached", "blob.sealed": "what its sender is told of it; what counts stands in slot 6", "blob.found": "the same",
	"blob.scan": "a scanner's word, which changes", "blob.created": "in which order it is given to a scanner", "blob.until": "when it goes if it is attached to nothing: nothing that is attached goes",
	"alert_entry": "derived", "report": "derived", "report_entry": "derived",
	// Beside the log.
	"notice":         "what became of a message to somebody: the server's word, and no leaf commits to it",
	"broadcast_list": "whom a broadcast goes to, before it is asked for: the entry has its hash, and it is compared before anything goes out",
	"broadcast_to":   "the same", "broadcast_told": "who was told already, so that nobody is twice",
	"delivery":    "what the server noted that it delivered: no leaf commits to it, and the desk shows it as the server's word",
	"fold":        "a sealed snapshot that may be dropped at any time; the scrub reads the entries themselves",
	"follower":    "how far a follower has come; it may be restarted at any time",
	"command_key": "answers to repeated commands: a bit there loses an answer, and changes no entry",
	"reapplied":   "what a server erased again at boot: the openings and entry.erased are judged themselves",
}

// entryColumns, logColumns … are the columns that are turned.
var (
	entryColumns = []column{{table: "leaf", name: "leaf", kind: "bytea"}, {table: "leaf", name: "seq", kind: "bigint"}, {table: "leaf", name: "log", kind: "text"},
		{table: "opening", name: "sealed", kind: "bytea"}, {table: "opening", name: "root", kind: "bigint"}, {table: "opening", name: "seq", kind: "bigint"}, {table: "opening", name: "log", kind: "text"}}
	logColumns = []column{{name: "id", kind: "text"}, {name: "frontier", kind: "bytea"}, {name: "key", kind: "bytea"}, {name: "size", kind: "bigint"}, {name: "origin", kind: "text"}, {name: "kind", kind: "text"},
		{name: "room", kind: "text"}, {name: "last", kind: "timestamptz"}, {name: "guard", kind: "text"}, {name: "guard_at", kind: "timestamptz"}, {name: "guard_size", kind: "bigint"},
		{name: "guard_root", kind: "bytea"}, {name: "after", kind: "text"}}
	notaryColumns = []column{{name: "log", kind: "text"}, {name: "size", kind: "bigint"}, {name: "key", kind: "integer"}, {name: "signed", kind: "bigint"}, {name: "cosigned", kind: "bigint"},
		{name: "frontier", kind: "bytea"}, {name: "differs", kind: "bigint"}}
	// A checkpoint that is not the newest, and was not cosigned, may be dropped
	// unseen, which is what becomes of a row that is another log's: all of those
	// here are cosigned or the newest.
	checkpointColumns  = []column{{name: "log", kind: "text"}, {name: "size", kind: "bigint"}, {name: "key", kind: "integer"}, {name: "note", kind: "text"}}
	cosignatureColumns = []column{{name: "size", kind: "bigint"}, {name: "note", kind: "text"}, {name: "at", kind: "timestamptz"}}
	tileColumns        = []column{{name: "log", kind: "text"}, {name: "level", kind: "integer"}, {name: "n", kind: "bigint"}, {name: "hashes", kind: "bytea"}}
)

// columns are one for every value that is turned at least once.
func (g *ground) columns(t *testing.T) (columns []column) {
	t.Helper()
	room := string(g.room)
	all := func(sql string) []int64 {
		rows, err := g.conn.Query(t.Context(), sql, room)
		check(t, err)
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		check(t, err)
		return list
	}
	add := func(times int, table, where string, entry int64, of []column, args ...any) {
		for _, c := range of {
			if table != "" {
				c.table = table
			}
			c.where, c.args, c.entry = where, args, entry
			for range times {
				columns = append(columns, c)
			}
		}
	}
	for _, seq := range all(`SELECT seq FROM leaf WHERE log = $1 AND (seq < 20 OR seq > 240) ORDER BY 1`) {
		add(1, "", "log = $1 AND seq = $2", seq, entryColumns, room, seq)
	}
	for _, n := range all(`SELECT n::bigint FROM blob_chunk WHERE log = $1`) {
		add(4, "blob_chunk", "log = $1 AND n = $2", int64(g.file), []column{{name: "log", kind: "text"}, {name: "blob", kind: "text"}, {name: "n", kind: "integer"}, {name: "sealed", kind: "bytea"}}, room, n)
	}
	add(4, "attachment", "log = $1", int64(g.file), []column{{name: "log", kind: "text"}, {name: "blob", kind: "text"}, {name: "seq", kind: "bigint"}}, room)
	add(4, "blob", "log = $1", int64(g.file), []column{{name: "log", kind: "text"}, {name: "id", kind: "text"}, {name: "size", kind: "bigint"}}, room)
	add(4, "log", "id = $1", -1, logColumns, room)
	add(4, "notary", "log = $1", -1, notaryColumns, room)
	for _, s := range all(`SELECT size FROM checkpoint WHERE log = $1`) {
		add(4, "checkpoint", "log = $1 AND size = $2", -2, checkpointColumns, room, s) // some place, not an entry's fault
	}
	cosigned := all(`SELECT size FROM cosignature WHERE log = $1 ORDER BY size`)
	for _, s := range cosigned {
		add(4, "cosignature", "log = $1 AND size = $2", -2, cosignatureColumns, room, s)
	}
	// That an older one is not there any more cannot be told: the witness signs
	// what is newest when it is asked, not every size.
	add(4, "cosignature", "log = $1 AND size = $2", -2, []column{{name: "log", kind: "text"}}, room, cosigned[len(cosigned)-1])
	for _, s := range all(`SELECT level * 1000 + n FROM tile WHERE log = $1`) {
		add(4, "tile", "log = $1 AND level = $2 AND n = $3", -2, tileColumns, room, s/1000, s%1000)
	}
	return columns
}

// Whoever adds a column to a table that has a log's rows says here what
// becomes of a bit of it.
func TestEveryColumnOfEveryLogTableIsJudgedOrRestsOnNothing(t *testing.T) {
	g := newGround(t)
	turned := map[string]bool{}
	for _, c := range g.columns(t) {
		turned[c.table+"."+c.name] = true
	}
	rows, err := g.conn.Query(t.Context(), `SELECT c.table_name, c.column_name FROM information_schema.columns c WHERE c.table_schema = 'public'
		AND (c.table_name = 'log' OR EXISTS (SELECT FROM information_schema.columns l WHERE l.table_schema = 'public' AND l.table_name = c.table_name AND l.column_name = 'log')) ORDER BY 1, 2`)
	check(t, err)
	var table, name string
	_, err = pgx.ForEachRow(rows, []any{&table, &name}, func() error {
		column := table + "." + name
		if !turned[column] && restsOnNothing[column] == "" && restsOnNothing[table] == "" {
			t.Errorf("%s is neither turned nor said to bear nothing", column)
		}
		return nil
	})
	check(t, err)
}

// Every bit of every stored column counts, but for those listed above.
func TestABitTurnedInAnyColumnIsFound(t *testing.T) {
	g := newGround(t)
	columns := g.columns(t)
	g.exec(`ALTER TABLE log DROP CONSTRAINT log_guard_check`)
	g.exec(`ALTER TABLE tile DROP CONSTRAINT tile_hashes_check`)
	g.exec(`ALTER TABLE log DROP CONSTRAINT log_kind_check`)
	g.exec(`ALTER TABLE blob DROP CONSTRAINT blob_size_check`)
	g.exec(`ALTER TABLE blob DROP CONSTRAINT blob_id_check`)
	g.exec(`ALTER TABLE blob_chunk DROP CONSTRAINT blob_chunk_n_check`)
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
	get := map[string]string{"bytea": c.name, "text": "convert_to(" + c.name + ", 'UTF8')", "bigint": "int8send(" + c.name + ")", "integer": "int4send(" + c.name + ")", "timestamptz": "int8send((extract(epoch FROM " + c.name + ") * 1000000)::bigint)"}[c.kind]
	put := map[string]string{"bytea": "$%d::bytea", "text": "convert_from($%d::bytea, 'UTF8')", "bigint": "('x' || encode($%d::bytea, 'hex'))::bit(64)::bigint", "integer": "('x' || encode($%d::bytea, 'hex'))::bit(32)::int",
		"timestamptz": "'epoch'::timestamptz + ('x' || encode($%d::bytea, 'hex'))::bit(64)::bigint * interval '1 microsecond'"}[c.kind]
	var old []byte // nil: there is no value
	check(t, g.conn.QueryRow(ctx, "SELECT "+get+" FROM "+c.table+" WHERE "+c.where, c.args...).Scan(&old))
	next := bytes.Clone(old)
	if len(next) == 0 { // no bits to turn: something comes in
		next = map[string][]byte{"text": []byte("x"), "bytea": bytes.Repeat([]byte{1}, 32), "bigint": {7: 9}, "timestamptz": {3: 1, 7: 9}}[c.kind]
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
		"the newest checkpoint dropped": {`CREATE TABLE kept AS SELECT * FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1; DELETE FROM checkpoint WHERE log = $1 AND size = (SELECT size FROM kept)`,
			`INSERT INTO checkpoint SELECT * FROM kept; DROP TABLE kept`, -1},
		"the newest cosignature dropped": {`CREATE TABLE kept AS SELECT * FROM cosignature WHERE log = $1 ORDER BY size DESC LIMIT 1; DELETE FROM cosignature WHERE log = $1 AND size = (SELECT size FROM kept)`,
			`INSERT INTO cosignature SELECT * FROM kept; DROP TABLE kept`, -1},
		"a full tile dropped": {`CREATE TABLE kept AS SELECT * FROM tile WHERE log = $1 AND level = 0 AND n = 0; DELETE FROM tile WHERE log = $1 AND level = 0 AND n = 0`,
			`INSERT INTO tile SELECT * FROM kept; DROP TABLE kept`, -1},
		"a tile cut short": {`CREATE TABLE kept AS SELECT * FROM tile WHERE log = $1 AND level = 0 AND n = 1; UPDATE tile SET hashes = substr(hashes, 1, 32) WHERE log = $1 AND level = 0 AND n = 1`,
			`DELETE FROM tile WHERE log = $1 AND level = 0 AND n = 1; INSERT INTO tile SELECT * FROM kept; DROP TABLE kept`, -1},
		"the notary's row dropped": {`CREATE TABLE kept AS SELECT * FROM notary WHERE log = $1; DELETE FROM notary WHERE log = $1`, `INSERT INTO notary SELECT * FROM kept; DROP TABLE kept`, -1},
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

// Slots are gone because an entry of the log says so, or they were taken.
func TestSlotsAreGoneOnlyWhereAnEntrySaysSo(t *testing.T) {
	g := newGround(t)
	room := string(g.room)
	var wrapped []byte
	var line string
	check(t, g.conn.QueryRow(t.Context(), `SELECT key, origin FROM log WHERE id = $1`, room).Scan(&wrapped, &line))
	key, err := g.Vault.Unwrap(room, wrapped)
	check(t, err)
	origin := evidence.OriginOf(line)
	// without stores the entry as it was stored before, less these slots.
	without := func(seq incident.Seq, sealed []byte, slots ...int) {
		t.Helper()
		plain, err := key.Open(sealed, vault.AD(origin, uint64(seq)))
		check(t, err)
		whole, err := evidence.ParseWhole(uint64(seq), plain)
		check(t, err)
		left, err := whole.Without(slots...).AppendBinary(nil)
		check(t, err)
		next, err := key.Seal(nil, left, vault.ErasedAD(origin, uint64(seq)))
		check(t, err)
		g.exec(`UPDATE opening SET sealed = $3 WHERE log = $1 AND seq = $2`, room, int64(seq), next)
	}
	var whole []byte
	check(t, g.conn.QueryRow(t.Context(), `SELECT sealed FROM opening WHERE log = $1 AND seq = 30`, room).Scan(&whole))
	judge := func(name string, seq incident.Seq, want ...string) {
		t.Helper()
		faults := g.scrub(t)
		if len(faults) != len(want) {
			t.Fatalf("%s: %s", name, Say(faults))
		}
		for i, f := range faults {
			if f.Seq != int64(seq) || f.What != want[i] {
				t.Errorf("%s: %s", name, f)
			}
		}
	}
	without(30, whole, incident.SlotBody)
	judge("of an entry that nobody erased from", 30, "its slot 4 is gone, and no entry says that it was erased")
	g.exec(`UPDATE opening SET sealed = $2 WHERE log = $1 AND seq = 30`, room, whole)
	without(g.erased, g.was, incident.SlotBody, incident.SlotRefs, incident.SlotAttachments)
	judge("as the log says", 0)
	without(g.erased, g.was, incident.SlotBody, incident.SlotRefs, incident.SlotAttachments, incident.SlotAuthority)
	judge("of a slot more", g.erased, "its slot 7 is gone, and no entry says that it was erased")
	without(g.erased, g.was, incident.SlotBody, incident.SlotRefs)
	judge("of a slot less", g.erased, "its slot 6 was erased, as an entry says, and is there")
	g.exec(`UPDATE opening SET sealed = $3 WHERE log = $1 AND seq = $2`, room, int64(g.erased), g.was)
	judge("a backup brought it back", g.erased, "its slot 4 was erased, as an entry says, and is there",
		"its slot 5 was erased, as an entry says, and is there", "its slot 6 was erased, as an entry says, and is there")
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
