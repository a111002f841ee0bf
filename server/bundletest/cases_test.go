package bundletest

import (
	"bytes"
	"context"
	"testing"

	"wardroom/server/evidence"
)

func TestEveryCaseIsJudgedAsItIsMeant(t *testing.T) {
	cases := Cases()
	names, verdicts := map[string]bool{}, map[evidence.Verdict]int{}
	for _, c := range cases {
		if names[c.Name] {
			t.Errorf("%s: twice", c.Name)
		}
		names[c.Name] = true
		verdicts[c.Verdict]++
		r, err := c.Verify(context.Background())
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		var first *Place
		if r.First != nil {
			first = &Place{r.First.Seq, r.First.Slot}
		}
		if r.Verdict != c.Verdict || (first == nil) != (c.First == nil) || first != nil && *first != *c.First {
			t.Errorf("%s: %s at %v, meant is %s at %v; %+v %q", c.Name, r.Verdict, first, c.Verdict, c.First, r.First, r.Remarks)
		}
	}
	if len(cases) < 200 || len(verdicts) != 9 {
		t.Errorf("%d cases, %v", len(cases), verdicts)
	}
	t.Logf("%d cases: %v", len(cases), verdicts)
}

func TestTheCasesAreTheSameEachTime(t *testing.T) {
	a, b := Cases(), Cases()
	for i := range a {
		if !bytes.Equal(a[i].Bundle, b[i].Bundle) || !bytes.Equal(a[i].Since, b[i].Since) || !bytes.Equal(a[i].Policy, b[i].Policy) {
			t.Errorf("%s differs", a[i].Name)
		}
	}
}
