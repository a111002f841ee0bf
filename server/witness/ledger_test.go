package witness

import (
	"encoding/json"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func (o *operator) erasure(t testing.TB, text string) []byte {
	t.Helper()
	b, err := note.Sign(&note.Note{Text: text}, o.signers[0])
	check(t, err)
	return b
}

func TestTheLedgerOfErasuresOnlyGrows(t *testing.T) {
	b, _ := sealed(t, 3)
	var want []string
	for _, text := range []string{"erasure\n" + systemLog + "\n1\n4\n2\n", "erasure\n" + systemLog + "\n0\n01234567\n9\n"} {
		n := b.op.erasure(t, text)
		b.post("/ledger", n).want(t, 200, "kept")
		b.post("/ledger", b.op.erasure(t, text)).want(t, 200, "kept") // once is enough
		want = append(want, string(n))
	}
	b.stop()
	b.start()
	var got []string
	check(t, json.Unmarshal([]byte(b.get("/ledger?origin="+systemLog).want(t, 200, "").body), &got))
	if !slices.Equal(got, want) {
		t.Errorf("ledger %q, want %q", got, want)
	}
	for name, c := range map[string]struct {
		body   []byte
		status int
	}{
		"another's signature":    {newOperator(t).erasure(t, "erasure\n"+systemLog+"\n1\n4\n2\n"), 403},
		"another log":            {b.op.erasure(t, "erasure\n"+origin("room", roomID)+"\n1\n4\n2\n"), 404},
		"another word":           {b.op.erasure(t, "erased\n"+systemLog+"\n1\n4\n2\n"), 400},
		"no slots":               {b.op.erasure(t, "erasure\n"+systemLog+"\n1\n\n2\n"), 400},
		"slots in another order": {b.op.erasure(t, "erasure\n"+systemLog+"\n1\n54\n2\n"), 400},
		"a slot that is not":     {b.op.erasure(t, "erasure\n"+systemLog+"\n1\n8\n2\n"), 400},
		"before its entry":       {b.op.erasure(t, "erasure\n"+systemLog+"\n2\n4\n2\n"), 400},
		"a line too many":        {b.op.erasure(t, "erasure\n"+systemLog+"\n1\n4\n2\n3\n"), 400},
		"a text in two parts":    {b.op.erasure(t, "erasure\n"+systemLog+"\n1\n4\n2\n\nmore\n"), 400},
		"no note":                {[]byte("erasure"), 400},
		"a checkpoint":           {b.op.log(systemLog).grow(t, 3, "a").note(t, 3), 400},
	} {
		t.Run(name, func(t *testing.T) { b.post("/ledger", c.body).want(t, c.status, "") })
	}
}
