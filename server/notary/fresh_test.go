package notary_test

import (
	"fmt"
	"testing"

	"wardroom/server/notary"
)

// The node that signed a checkpoint has at hand what the witness is shown of
// it: it takes its turn and stores what comes back, and asks the database for
// nothing else, unless a tile was filled between two checkpoints that came
// before this one.
func TestWhatThisNodeHasSignedIsShownToTheWitnessWithoutBeingReadAgain(t *testing.T) {
	b := newBench(t)
	pool, e := b.counted()
	s := b.second()
	n := s.notary(func(o *notary.Options) { o.Writer = pool })
	b.sealed(n)
	more := 0
	for said := 0; said < 280; {
		// Now and then the witness is not asked between two checkpoints.
		for range 1 + said%2 {
			for range 13 {
				b.Say(b.room, b.lead, "a word")
				said++
			}
			check(t, n.Once(t.Context()))
		}
		e.take()
		check(t, n.Cosign(t.Context()))
		_, asked := e.take()
		if more += asked - 2; more > 1 || asked < 2 || b.left() != 0 {
			t.Fatalf("after %d entries: %d exchanges with the database, want 2; %d logs are left", said, asked, b.left())
		}
	}
	b.checkpoints()
	b.cosigned(s.keys)
}

// What another node has signed is read, and so is what no longer is what this
// one remembers: what the witness is shown is what stands in the database.
func TestTheWitnessIsShownWhatIsStoredWhateverANodeRemembers(t *testing.T) {
	d := newDrill(t)
	shown := func(what string) {
		t.Helper()
		for sent := range d.witness.sent {
			var stored int
			if d.ask(&stored, `SELECT count(*) FROM checkpoint WHERE note = $1`, sent); stored != 1 {
				t.Errorf("%s: the witness was given a note of which %d are stored", what, stored)
			}
		}
		if left := d.left(); left != 0 {
			t.Errorf("%s: %d logs are left", what, left)
		}
		d.cosigned(d.witness.keys)
	}
	asks, signs := d.witness.notary(nil), d.witness.notary(nil)
	d.relieve()
	d.sealed(asks)
	for i := range 3 {
		d.Say(d.room, d.lead, fmt.Sprint("one ", i))
		check(t, asks.Once(t.Context()))
		d.Say(d.room, d.lead, fmt.Sprint("two ", i))
		check(t, signs.Once(t.Context()))
		check(t, asks.Cosign(t.Context()))
		shown("another node signed the newest")
	}

	restore := d.backup()
	d.Say(d.room, d.lead, "signed and lost before anybody else saw it")
	check(t, asks.Once(t.Context()))
	restore()
	j, _ := d.node()
	if err := d.say(j, "in its place"); err != nil {
		t.Fatal(err)
	}
	check(t, signs.Once(t.Context()))
	check(t, asks.Cosign(t.Context()))
	shown("the database was put back")
}
