package scrub

import (
	"context"
	"strings"
	"testing"

	"wardroom/server/blob"
	"wardroom/server/incident"
)

func TestWhatIsAttachedIsReadAndHeldAgainstItsCommitment(t *testing.T) {
	g := newGround(t)
	g.exec(`SET session_replication_role = origin`)
	who := g.Person("Sender", "DSC")
	lead := g.Person("Another lead", "DSC")
	room := g.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	g.room = room
	g.Join(room, lead, who, incident.Liaison, incident.Full)
	long := strings.Repeat("x", blob.Chunk+9)
	one, two := g.send(t, room, who, long), g.send(t, room, who, long) // the same, twice: each has its own
	if faults := g.scrub(t); len(faults) != 0 {
		t.Fatalf("a healthy room: %s", Say(faults))
	}
	g.exec(`SET session_replication_role = replica`)
	of := func(n incident.Seq) string {
		var id string
		check(t, g.conn.QueryRow(context.Background(), `SELECT blob FROM attachment WHERE log = $1 AND seq = $2`, string(room), int64(n)).Scan(&id))
		return id
	}
	a, b := of(one), of(two)
	for _, c := range []struct{ name, harm, says string }{
		{"a bit", `UPDATE blob_chunk SET sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20)) WHERE blob = '` + a + `' AND n = 1`, "does not unseal"},
		{"a chunk lost", `DELETE FROM blob_chunk WHERE blob = '` + a + `' AND n = 1`, "is not all there"},
		{"chunks swapped", `UPDATE blob_chunk SET n = 1 - n WHERE blob = '` + a + `'`, "does not unseal"},
		{"another's chunk", `UPDATE blob_chunk c SET sealed = (SELECT sealed FROM blob_chunk o WHERE o.blob = '` + b + `' AND o.n = c.n) WHERE blob = '` + a + `'`, "does not unseal"},
		{"the row lost", `DELETE FROM attachment WHERE blob = '` + a + `'`, "no row says so"},
		{"the row of another entry", `UPDATE attachment SET seq = ` + "1" + ` WHERE blob = '` + a + `'`, "no row says so"},
		{"a row too many", `INSERT INTO attachment (log, blob, seq) VALUES ('` + string(room) + `', 'abcdefghijklmnopqrstuvwxyz', 2)`, "says nothing of that"},
	} {
		g.exec(`CREATE TABLE kept_chunk AS SELECT * FROM blob_chunk`)
		g.exec(`CREATE TABLE kept_row AS SELECT * FROM attachment`)
		if c.name == "chunks swapped" {
			g.exec(`ALTER TABLE blob_chunk DROP CONSTRAINT blob_chunk_pkey`)
		}
		g.exec(c.harm)
		faults := g.scrub(t)
		if len(faults) == 0 || !strings.Contains(Say(faults), c.says) || strings.Contains(Say(faults), "xxxx") {
			t.Errorf("%s: %q", c.name, Say(faults))
		}
		for _, f := range faults {
			if c.says != "says nothing of that" && f.Seq != int64(one) && !strings.Contains(f.What, "says nothing of that") {
				t.Errorf("%s: %s", c.name, f)
			}
		}
		g.exec(`DELETE FROM blob_chunk`)
		g.exec(`INSERT INTO blob_chunk SELECT * FROM kept_chunk`)
		g.exec(`DELETE FROM attachment`)
		g.exec(`INSERT INTO attachment SELECT * FROM kept_row`)
		g.exec(`DROP TABLE kept_chunk`)
		g.exec(`DROP TABLE kept_row`)
		if faults := g.scrub(t); len(faults) != 0 {
			t.Fatalf("put back after %s: %s", c.name, Say(faults))
		}
	}
}
