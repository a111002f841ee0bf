package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func verify(t testing.TB, b []byte, o VerifyOptions) *Report {
	t.Helper()
	r, err := Verify(context.Background(), bytes.NewReader(b), int64(len(b)), o)
	check(t, err)
	return r
}

func TestABundleThatHoldsIsValid(t *testing.T) {
	r := newRig(t, 3000)
	b := r.write(r.head(), nil, whole, nil, "verify.html", "<p>")
	got := verify(t, b, VerifyOptions{Policy: r.policy, Since: r.note(17), MinSize: 3000, NotBefore: time.Now().Add(-time.Minute)})
	if got.Verdict != VerdictValid || got.First != nil || got.Counts != (Counts{Leaves: 3000, Open: 3000}) || len(got.Bounds) != 3 || len(got.Sealed) != 4 || got.Head != 2999 || len(got.Remarks) != 0 {
		t.Errorf("%+v", got)
	}
	text, err := got.JSON()
	check(t, err)
	var any map[string]any
	check(t, json.Unmarshal(text, &any))
	if !strings.Contains(string(text), `"exit":0`) || any["verdict"] != "VALID" {
		t.Errorf("%s", text)
	}
}
