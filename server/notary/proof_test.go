package notary_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

func TestEveryEntryIsProvedToEveryMemberAndToNobodyElse(t *testing.T) {
	b := newBench(t)
	guest, stranger := b.Person("Guest", "X1N"), b.Person("Stranger", "X2E")
	b.Say(b.room, b.lead, "before they came")
	b.Join(b.room, b.lead, guest, incident.Representative, incident.FromJoin)
	n := b.notary()
	b.settle(n)
	last := b.Say(b.room, b.lead, "not sealed yet")
	for seq := incident.Seq(1); seq < last; seq++ {
		for _, who := range []incident.Actor{b.lead, guest} { // the guest sees stubs of what came before them
			p, err := n.Prove(t.Context(), b.room, who.Person, seq)
			check(t, err)
			c, err := evidence.OpenCheckpoint([]byte(p.Note), incident.OriginLine(b.Deployment, incident.RoomLog, b.room), b.need(1), nil)
			check(t, err)
			path := make(tlog.RecordProof, len(p.Path))
			for i, h := range p.Path {
				path[i] = h
			}
			if c.Root != p.Root || c.Size != p.Size || tlog.CheckRecord(path, int64(c.Size), c.Root, int64(seq), tlog.Hash(evidence.LeafHash(p.Leaf))) != nil {
				t.Fatalf("entry %d is not proved: %+v", seq, p)
			}
		}
	}
	for name, x := range map[string]struct {
		room incident.LogID
		who  incident.Actor
		seq  incident.Seq
		want incident.Fault
	}{
		"not sealed":        {b.room, b.lead, last, incident.Conflict},
		"not there":         {b.room, b.lead, last + 1, incident.NotFound},
		"nobody's number":   {b.room, b.lead, 1 << 63, incident.NotFound},
		"no member":         {b.room, stranger, 1, incident.NotFound},
		"no such room":      {incident.LogID(incident.RandomID()), b.lead, 1, incident.NotFound},
		"the system log":    {b.Journal.SystemLog(), b.lead, 1, incident.NotFound},
		"nobody in earnest": {b.room, incident.Actor{}, 1, incident.NotFound},
	} {
		if p, err := n.Prove(t.Context(), x.room, x.who.Person, x.seq); incident.FaultOf(err) != x.want {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if list, _, spans, err := n.Seals(t.Context(), b.room, stranger.Person, 0, 10); err != nil || len(list)+len(spans) > 0 {
		t.Errorf("a stranger is told of %v, %v, %v", list, spans, err)
	}
	if path, err := n.Consistency(t.Context(), b.room, stranger.Person, 1, 2); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("a stranger is told that it grew: %v, %v", path, err)
	}
}

func TestEachCheckpointContinuesTheOneBefore(t *testing.T) {
	b := newBench(t)
	n := b.notary()
	for i := range 12 {
		for range i {
			b.Say(b.room, b.lead, "word")
		}
		b.settle(n)
	}
	list, more, _, err := n.Seals(t.Context(), b.room, b.lead.Person, 0, 200)
	check(t, err)
	if len(list) < 10 || more {
		t.Fatalf("%d checkpoints, more %v", len(list), more)
	}
	root := map[uint64][32]byte{}
	for _, s := range list {
		c, err := evidence.OpenCheckpoint([]byte(s.Note), incident.OriginLine(b.Deployment, incident.RoomLog, b.room), b.need(s.Key), nil)
		check(t, err)
		root[s.Size] = c.Root
	}
	for _, from := range list {
		for _, to := range list {
			path, err := n.Consistency(t.Context(), b.room, b.lead.Person, from.Size, to.Size)
			if from.Size > to.Size {
				if incident.FaultOf(err) != incident.Invalid {
					t.Errorf("%d to %d: %v", from.Size, to.Size, err)
				}
				continue
			}
			check(t, err)
			proof := make(tlog.TreeProof, len(path))
			for i, h := range path {
				proof[i] = h
			}
			if err := tlog.CheckTree(proof, int64(to.Size), root[to.Size], int64(from.Size), root[from.Size]); err != nil {
				t.Errorf("%d to %d: %v", from.Size, to.Size, err)
			}
		}
	}
	page, more, _, err := n.Seals(t.Context(), b.room, b.lead.Person, list[2].Size, 3)
	check(t, err)
	if len(page) != 3 || !more || page[0].Size != list[3].Size {
		t.Errorf("the page after: %+v, %v", page, more)
	}
}

func TestWhatIsSignedOrFullIsNeverChanged(t *testing.T) {
	b := newBench(t)
	n := b.notary()
	for range 300 {
		b.Say(b.room, b.lead, "word")
	}
	b.settle(n)
	in := func(sql string) (int64, error) {
		var moved int64
		err := pgx.BeginFunc(t.Context(), b.DB.Writer, func(tx pgx.Tx) error {
			bat := &pgx.Batch{}
			projection.Writer(b.room).Enter(bat)
			if err := tx.SendBatch(t.Context(), bat).Close(); err != nil {
				return err
			}
			tag, err := tx.Exec(context.Background(), sql)
			moved = tag.RowsAffected()
			return err
		})
		return moved, err
	}
	for _, sql := range []string{`UPDATE checkpoint SET note = ''`, `DELETE FROM checkpoint`, `UPDATE cosignature SET note = ''`, `DELETE FROM cosignature`, `DELETE FROM tile`, `DELETE FROM notary`, `UPDATE checkpoint SET size = size + 1`} {
		var pg *pgconn.PgError
		if _, err := in(sql); !errors.As(err, &pg) || pg.Code != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if moved, err := in(`UPDATE tile SET hashes = substr(hashes, 1, 32) WHERE n = 0 AND level = 0`); err != nil || moved != 0 {
		t.Errorf("a full tile was changed: %d, %v", moved, err)
	}
	if moved, err := in(`UPDATE tile SET hashes = hashes WHERE n = 1 AND level = 0`); err != nil || moved != 1 {
		t.Errorf("one that grows: %d, %v", moved, err)
	}
}

func TestSpoiltTilesProveNothing(t *testing.T) {
	b := newBench(t)
	n := b.notary()
	b.settle(n)
	b.super(`UPDATE tile SET hashes = set_bit(hashes, 7, 1 - get_bit(hashes, 7)) WHERE log = $1`, string(b.room))
	for seq := incident.Seq(1); seq < 3; seq++ {
		if p, err := n.Prove(t.Context(), b.room, b.lead.Person, seq); err == nil {
			t.Errorf("entry %d: a proof of spoilt hashes was given out: %x", seq, p.Path)
		}
	}
}
