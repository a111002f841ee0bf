package evidence

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// party is someone who signs: verifier lines beside the signers.
type party struct {
	ed, pq   note.Signer
	edV, pqV string
}

func notaryKeys(t testing.TB) (p party) {
	t.Helper()
	const name = "wardroom.example/wardroom/1/notary"
	ed, edV, err := note.GenerateKey(nil, name)
	check(t, err)
	pq, pqV, err := cosign.GenerateMLDSAKey(name)
	check(t, err)
	p.edV, p.pqV = edV, pqV
	p.ed, err = note.NewSigner(ed)
	check(t, err)
	p.pq, err = cosign.NewSignerForCosignatureV1(pq)
	check(t, err)
	return p
}

func witnessKeys(t testing.TB, host string) (p party) {
	t.Helper()
	name := host + "/wardroom/1/witness"
	ed, edV, err := note.GenerateKey(nil, name)
	check(t, err)
	pq, pqV, err := cosign.GenerateMLDSAKey(name)
	check(t, err)
	p.edV, err = cosign.VKeyToCosignatureV1(edV)
	check(t, err)
	p.pqV = pqV
	p.ed, err = cosign.NewSignerForCosignatureV1(ed)
	check(t, err)
	p.pq, err = cosign.NewSignerForCosignatureV1(pq)
	check(t, err)
	return p
}

func (p party) generation(from, to uint64) Generation { return Generation{p.edV, p.pqV, from, to} }
func (p party) witness() Witness                      { return Witness{[]string{p.edV, p.pqV}} }

func sign(t testing.TB, c Checkpoint, parties ...party) []byte {
	t.Helper()
	var all []note.Signer
	for _, p := range parties {
		all = append(all, p.ed, p.pq)
	}
	b, err := c.Sign(all...)
	check(t, err)
	return b
}

func TestAPolicySaysTheSameAfterItsText(t *testing.T) {
	a, b, w := notaryKeys(t), notaryKeys(t), witnessKeys(t, "ncsc.example")
	p, err := NewPolicy([]Generation{a.generation(0, 99), b.generation(100, 0)}, []Witness{w.witness()})
	check(t, err)
	text := p.String()
	again, err := ParsePolicy([]byte("wardroom/policy/1\n\n# by hand\n" + strings.TrimPrefix(text, "wardroom/policy/1\n")))
	check(t, err)
	if again.String() != text || len(again.Log) != 2 || len(again.Witnesses) != 1 || again.Log[0].To != 99 || again.Log[1].From != 100 {
		t.Errorf("%q is read as %q", text, again)
	}
}

func TestACheckpointNeedsBothKeysOfTheGenerationOfItsSizeAndEveryWitness(t *testing.T) {
	old, now := notaryKeys(t), notaryKeys(t)
	w, x := witnessKeys(t, "ncsc.example"), witnessKeys(t, "dsc.example")
	p, err := NewPolicy([]Generation{old.generation(0, 99), now.generation(100, 0)}, []Witness{w.witness(), x.witness()})
	check(t, err)
	at := func(size uint64) Checkpoint {
		return Checkpoint{Origin: originLine, Size: size, Root: leafN(int(size))}
	}
	for size, by := range map[uint64]party{0: old, 99: old, 100: now, 1 << 40: now} {
		s, err := p.Open(sign(t, at(size), by, w, x), originLine)
		if err != nil || s.Size != size || s.At.IsZero() || len(s.By) != 6 || (s.Generation == 1) != (size < 100) {
			t.Errorf("%d entries: %+v, %v", size, s, err)
		}
	}
	for name, b := range map[string][]byte{
		"the new keys for an old size":       sign(t, at(99), now, w, x),
		"the old keys for a new size":        sign(t, at(100), old, w, x),
		"one witness is missing":             sign(t, at(100), now, w),
		"one key of a witness is missing":    sign(t, at(100), now, w, party{ed: x.ed, pq: w.pq}),
		"one key of the operator is missing": sign(t, at(100), party{ed: now.ed, pq: w.pq}, w, x),
		"keys of two generations":            sign(t, at(99), party{ed: old.ed, pq: now.pq}, w, x),
		"nobody who counts":                  sign(t, at(100), notaryKeys(t)),
	} {
		if s, err := p.Open(b, originLine); !errors.Is(err, ErrUntrusted) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if _, err := p.Open(sign(t, at(100), now, w, x), originLine+"x"); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("of another log: %v", err)
	}
}

func TestWhatIsNoPolicyIsRefusedWithItsLine(t *testing.T) {
	a, w := notaryKeys(t), witnessKeys(t, "ncsc.example")
	log, witness := "log "+a.edV+" "+a.pqV, "witness "+w.edV+" "+w.pqV
	const head = "wardroom/policy/1\n"
	for name, text := range map[string]string{
		"empty":                       "",
		"another first line":          "wardroom/policy/2\n" + log + "\n",
		"no log":                      head + witness + "\n",
		"CRLF":                        head + log + "\r\n",
		"two spaces":                  head + "log  " + a.edV + " " + a.pqV + "\n",
		"keys the other way round":    head + "log " + a.pqV + " " + a.edV + "\n",
		"one key":                     head + "log " + a.edV + "\n",
		"a cosigning key for the log": head + "log " + w.edV + " " + a.pqV + "\n",
		"sizes the wrong way round":   head + log + " 5 4\n",
		"a size with a zero before":   head + log + " 05\n",
		"a size with a sign":          head + log + " +5\n",
		"a size up to nothing":        head + log + " 0 0\n",
		"one more field":              head + log + " 1 2 3\n",
		"three keys of a witness":     head + log + "\n" + witness + " " + w.edV + "\n",
		"a witness twice":             head + log + "\n" + witness + "\n" + witness + "\n",
		"another word":                head + log + "\nlogs\n",
		"another hash of the key":     head + strings.Replace(log, "+", "+0", 1) + "\n",
		"the log's key as a witness":  head + log + "\nwitness " + a.pqV + "\n",
		"too long":                    head + log + "\n#" + strings.Repeat("x", MaxPolicy),
		"not UTF-8":                   head + log + "\n#\xff\n",
	} {
		if p, err := ParsePolicy([]byte(text)); !errors.Is(err, ErrPolicy) || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := ParsePolicy([]byte(head + log + "\n" + witness)); err != nil {
		t.Errorf("without the last newline: %v", err)
	}
}

func TestOurVerifiersTakeAndRefuseWhatOthersDo(t *testing.T) {
	c := Checkpoint{Origin: originLine, Size: 7, Root: leafN(7)}
	a, w := notaryKeys(t), witnessKeys(t, "ncsc.example")
	for _, k := range []struct {
		line   string
		signer note.Signer
	}{{a.pqV, a.pq}, {w.edV, w.ed}, {w.pqV, w.pq}} {
		theirs, err := cosign.NewVerifierForCosignatureV1(k.line)
		check(t, err)
		ours, err := NewTimedVerifier(k.line)
		check(t, err)
		if ours.Name() != theirs.Name() || ours.KeyHash() != theirs.KeyHash() || ours.KeyHash() != k.signer.KeyHash() {
			t.Fatalf("%s is %s %08x to others", k.line[:40], theirs.Name(), theirs.KeyHash())
		}
		sig, err := k.signer.Sign([]byte(c.Text()))
		check(t, err)
		for i := -1; i < len(sig); i += 1 + i/8 {
			s := bytes.Clone(sig)
			if i >= 0 {
				s[i] ^= 1
			}
			if got, want := ours.Verify([]byte(c.Text()), s), theirs.Verify([]byte(c.Text()), s); got != want || got != (i < 0) {
				t.Fatalf("byte %d turned: ours %v, theirs %v", i, got, want)
			}
		}
		if ours.Verify([]byte(c.Text()+"x\n"), sig) || ours.Verify([]byte(c.Text()), sig[:len(sig)-1]) || ours.Verify([]byte(c.Text()), nil) {
			t.Error("another text, or a shorter signature, is good")
		}
	}
	// A plain key is the same key as the one that cosigns.
	_, plain, err := note.GenerateKey(nil, "ncsc.example/wardroom/1/witness")
	check(t, err)
	theirs, err := cosign.NewVerifierForCosignatureV1(plain)
	check(t, err)
	ours, err := NewTimedVerifier(plain)
	if err != nil || ours.KeyHash() != theirs.KeyHash() {
		t.Errorf("a plain key: %v", err)
	}
	if _, err := NewVerifier(a.pqV); !errors.Is(err, ErrVerifier) {
		t.Errorf("ML-DSA for a plain key: %v", err)
	}
}

func TestAFingerprintIsReadAloudInGroupsOfFour(t *testing.T) {
	const want = "e3b0 c442 98fc 1c14 9afb f4c8 996f b924 27ae 41e4 649b 934c a495 991b 7852 b855"
	if got := Fingerprint(""); got != want {
		t.Errorf("%q", got)
	}
}

func FuzzAPolicyThatIsReadIsWrittenAlike(f *testing.F) {
	a, w := notaryKeys(f), witnessKeys(f, "ncsc.example")
	p, err := NewPolicy([]Generation{a.generation(1, 2)}, []Witness{w.witness()})
	check(f, err)
	f.Add([]byte(p.String()))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePolicy(b)
		if err != nil {
			return
		}
		again, err := ParsePolicy([]byte(p.String()))
		if err != nil || again.String() != p.String() {
			t.Errorf("%q is read as %q, then %v", b, p, err)
		}
	})
}
