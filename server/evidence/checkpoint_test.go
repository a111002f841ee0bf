package evidence

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	formats "github.com/transparency-dev/formats/log"
	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// keys are a log's two and a witness's.
type keys struct {
	ed, pq, witness    note.Signer
	edV, pqV, witnessV note.Verifier
}

func newKeys(t *testing.T) (k keys) {
	t.Helper()
	const name = "wardroom.example/keys/1"
	skey, vkey, err := note.GenerateKey(nil, name)
	check(t, err)
	k.ed, err = note.NewSigner(skey)
	check(t, err)
	k.edV, err = note.NewVerifier(vkey)
	check(t, err)
	skey, vkey, err = cosign.GenerateMLDSAKey(name)
	check(t, err)
	k.pq, err = cosign.NewSignerForCosignatureV1(skey)
	check(t, err)
	k.pqV, err = cosign.NewVerifierForCosignatureV1(vkey)
	check(t, err)
	skey, vkey, err = note.GenerateKey(nil, "ncsc.example/witness")
	check(t, err)
	k.witness, err = cosign.NewSignerForCosignatureV1(skey)
	check(t, err)
	k.witnessV, err = cosign.NewVerifierForCosignatureV1(vkey)
	check(t, err)
	return k
}

const originLine = "wardroom.example/wardroom/1/room/abcdefghijklmnopqrstuvwxyz"

func TestACheckpointIsWhatOtherProgramsTakeForOne(t *testing.T) {
	k := newKeys(t)
	rapid.Check(t, func(t *rapid.T) {
		c := Checkpoint{Origin: originLine, Size: rapid.Uint64Range(0, maxSize).Draw(t, "size"), Root: leafN(rapid.Int().Draw(t, "root"))}
		b, err := c.Sign(k.ed, k.pq)
		if err != nil {
			t.Fatal(err)
		}
		theirs, rest, n, err := formats.ParseCheckpoint(b, originLine, k.edV, k.pqV)
		if err != nil || len(rest) != 0 || theirs.Size != c.Size || !bytes.Equal(theirs.Hash, c.Root[:]) || len(n.Sigs) != 2 {
			t.Fatalf("transparency-dev reads %+v, %q, %v", theirs, rest, err)
		}
		if c.Size <= math.MaxInt64 { // the checksum database's form, whose first line is fixed
			tree, err := tlog.ParseTree([]byte(strings.Replace(c.Text(), originLine, "go.sum database tree", 1)))
			if err != nil || uint64(tree.N) != c.Size || tree.Hash != c.Root {
				t.Fatalf("x/mod reads %+v, %v", tree, err)
			}
		}
		got, err := OpenCheckpoint(b, originLine, []note.Verifier{k.edV, k.pqV}, []note.Verifier{k.witnessV})
		if err != nil || got.Checkpoint != c || len(got.By) != 2 {
			t.Fatalf("we read %+v, %v", got, err)
		}
	})
}

func TestEveryKeyThatMustSignHasTo(t *testing.T) {
	k := newKeys(t)
	c := Checkpoint{Origin: originLine, Size: 7, Root: leafN(1)}
	both := []note.Verifier{k.edV, k.pqV}
	signed := func(s ...note.Signer) []byte {
		t.Helper()
		b, err := c.Sign(s...)
		check(t, err)
		return b
	}
	for name, b := range map[string][]byte{
		"no post-quantum signature": signed(k.ed),
		"no Ed25519 signature":      signed(k.pq),
		"by the witness alone":      signed(k.witness),
		"by nobody":                 []byte(c.Text() + "\n"),
	} {
		if s, err := OpenCheckpoint(b, originLine, both, nil); err == nil || s.Size != 0 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	// The second signature taken off a good note: what a parser that wants one
	// known signature lets pass.
	good := signed(k.ed, k.pq)
	stripped := good[:bytes.LastIndex(good[:len(good)-1], []byte("\n"))+1]
	if _, _, _, err := formats.ParseCheckpoint(stripped, originLine, k.edV); err != nil {
		t.Fatalf("the stripped note is no note: %v", err)
	}
	if _, err := OpenCheckpoint(stripped, originLine, both, nil); !errors.Is(err, ErrUntrusted) {
		t.Errorf("stripped: %v", err)
	}
	cosigned := signed(k.ed, k.pq, k.witness)
	s, err := OpenCheckpoint(cosigned, originLine, append(both, k.witnessV), nil)
	if err != nil || len(s.By) != 3 {
		t.Fatalf("cosigned: %+v, %v", s, err)
	}
	for _, by := range s.By {
		says := by.Hash != k.edV.KeyHash()
		if by.Time.IsZero() == says || says && time.Since(by.Time) > time.Minute {
			t.Errorf("%s signed at %v", by.Name, by.Time)
		}
	}
	if _, err := OpenCheckpoint(good, originLine+"x", both, nil); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("of another log: %v", err)
	}
}

func TestEachBitOfACheckpointCounts(t *testing.T) {
	k := newKeys(t)
	c := Checkpoint{Origin: originLine, Size: 1234567, Root: leafN(1)}
	b, err := c.Sign(k.ed, k.pq)
	check(t, err)
	need := []note.Verifier{k.edV, k.pqV}
	for i := range b {
		for bit := range 8 {
			if bit != i%8 && i < len(b)-8 {
				continue // a signature takes a quarter of a millisecond to check
			}
			d := bytes.Clone(b)
			d[i] ^= 1 << bit
			if s, err := OpenCheckpoint(d, originLine, need, nil); err == nil {
				t.Fatalf("byte %d, bit %d of %q was turned, and it is %+v", i, bit, b[:i], s)
			}
		}
		if i%8 == 0 {
			if _, err := OpenCheckpoint(b[:i], originLine, need, nil); err == nil {
				t.Fatalf("%d bytes of it are taken", i)
			}
		}
	}
}

func TestWhatIsNoCheckpointIsNeitherSignedNorRead(t *testing.T) {
	k := newKeys(t)
	for _, c := range []Checkpoint{{Origin: ""}, {Origin: "two\nlines"}, {Origin: strings.Repeat("x", MaxName+1)}, {Origin: "\xff"}, {Origin: originLine, Size: maxSize + 1}} {
		if b, err := c.Sign(k.ed); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%+v: %q, %v", c, b, err)
		}
	}
	root := strings.Split(Checkpoint{Origin: originLine, Root: leafN(1)}.Text(), "\n")[2]
	for name, text := range map[string]string{
		"an extension line": originLine + "\n7\n" + root + "\nmore\n",
		"a leading zero":    originLine + "\n07\n" + root + "\n",
		"a sign":            originLine + "\n+7\n" + root + "\n",
		"a short root":      originLine + "\n7\nAAAA\n",
		"too many entries":  originLine + "\n4611686018427387904\n" + root + "\n",
		"no root":           originLine + "\n7\n",
	} {
		b, err := note.Sign(&note.Note{Text: text}, k.ed)
		check(t, err)
		if s, err := OpenCheckpoint(b, originLine, []note.Verifier{k.edV}, nil); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if _, err := OpenCheckpoint(make([]byte, MaxCheckpoint+1), originLine, []note.Verifier{k.edV}, nil); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("too long: %v", err)
	}
}

func FuzzACheckpointThatIsReadIsWrittenAlike(f *testing.F) {
	f.Add(Checkpoint{Origin: originLine, Size: 7, Root: leafN(1)}.Text())
	f.Add("x\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCheckpoint(text); err == nil && c.Text() != text {
			t.Errorf("%q is read as %+v", text, c)
		}
	})
}
