package witness

import (
	"testing"
)

func TestALogIsCosignedAsFarAsItsLeavesAreHeld(t *testing.T) {
	b := newBench(t)
	l := b.op.log(systemLog).grow(t, 3, "a")
	b.ask(l, 0).want(t, 422, "holds 0 of the 3 leaves")
	b.get("/checkpoint?origin="+systemLog).want(t, 404, "cosigned nothing")
	b.send(l, 0).want(t, 200, "3\n")
	b.cosigned(l, 3, b.ask(l, 0))
	l.grow(t, 130, "a")
	b.send(l, 3).want(t, 200, "130\n")
	b.cosigned(l, 130, b.ask(l, 3))
	b.opens(l, 130, []byte(b.get("/checkpoint?origin="+systemLog).want(t, 200, "").body))
}
