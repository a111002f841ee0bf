package witness

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"

	"wardroom/server/evidence"
)

func FuzzAnAddCheckpointThatIsReadIsWrittenAlike(f *testing.F) {
	h := base64.StdEncoding.EncodeToString(make([]byte, 32))
	f.Add([]byte("old 0\n\nx\n"))
	f.Add([]byte("old 7\n" + h + "\n" + h + "\n\n" + systemLog + "\n9\n" + h + "\n\n— a b\n"))
	f.Add([]byte("old 07\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseAddCheckpoint(body)
		if err != nil {
			return
		}
		var proof []string
		for _, h := range a.proof {
			proof = append(proof, base64.StdEncoding.EncodeToString(h[:]))
		}
		if again := addBody(a.old, proof, a.note); !bytes.Equal(again, body) {
			t.Errorf("%q is read as %q", body, again)
		}
		if _, err := originOf(a.note); err != nil && len(a.proof) > maxProof {
			t.Error("too many hashes")
		}
	})
}

func FuzzAnUploadThatIsReadIsWrittenAlike(f *testing.F) {
	leaf := bytes.Repeat([]byte("l"), evidence.LeafSize)
	f.Add(mirrorBody(0, []byte("n\n"), leaf))
	f.Add(mirrorBody(5, nil, leaf, leaf))
	f.Add([]byte("from 0\nnote 9999999999999999999\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := readMirror(bytes.NewReader(body), func([]byte) error { return nil })
		if err != nil {
			return
		}
		if again := mirrorBody(m.from, m.note, m.leaves); !bytes.Equal(again, body) {
			t.Errorf("%q is read as %q", body, again)
		}
		for i := range m.count() {
			if len(m.leaf(i)) != evidence.LeafSize {
				t.Error("half a leaf")
			}
		}
	})
}

// What the parser lets through is decided on without a panic, and admits nothing:
// nobody who fuzzes has the operator's keys.
func FuzzAnAdmissionIsReadOrRefused(f *testing.F) {
	op := newOperator(f)
	l := op.log(systemLog).grow(f, 2, "a")
	w := l.register(f, roomID, accessID)
	good, err := json.Marshal(l.admission(f, w, 3))
	check(f, err)
	f.Add(good)
	f.Add([]byte(`{"slots":{"0":["",""],"5":["AAAA","x"]}}`))
	f.Add([]byte(`{"slots":{"00":["",""],"0":["",""],"-5":[]},"proof":[null],"index":18446744073709551615}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseAdmission(body)
		if err != nil {
			return
		}
		ids, err := a.logs(systemLog)
		if err == nil && (ids[0] != roomID || ids[1] != accessID || !bytes.Equal(a.Leaf, l.leaves[w.Seq])) {
			t.Errorf("%q opens a leaf that is not that of %v", body, ids)
		}
		_ = a.included(l.at(t, 3))
	})
}

func FuzzAnErasureThatIsReadIsWrittenAlike(f *testing.F) {
	f.Add("erasure\n" + systemLog + "\n1\n047\n2\n")
	f.Add("erasure\nx\n0\n0\n1\n")
	f.Fuzz(func(t *testing.T, text string) {
		origin, event, err := parseErasure(text)
		if err == nil && (len(text) < len(origin) || event == 0 || text[len(text)-1] != '\n') {
			t.Errorf("%q", text)
		}
	})
}

func FuzzAPolicyIsReadOrRefused(f *testing.F) {
	op := newOperator(f)
	f.Add(policyFormat + "\n" + op.line + " 0 5\n# x\n\n" + op.line + " 6\nwitness x\n")
	f.Add(policyFormat + "\nlog a b\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePolicy(text)
		if err != nil {
			return
		}
		again := p.String()
		if q, err := parsePolicy(again); err != nil || len(q.verifiers) != len(p.verifiers) {
			t.Errorf("%q is passed on as %q", text, again)
		}
	})
}
