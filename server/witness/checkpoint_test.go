package witness

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	formats "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
)

func (b *bench) evidence() []Evidence {
	b.t.Helper()
	var all []Evidence
	check(b.t, json.Unmarshal([]byte(b.get("/evidence").want(b.t, 200, "").body), &all))
	return all
}

func (b *bench) wantEvidence(verdicts ...string) []Evidence {
	b.t.Helper()
	all := b.evidence()
	var got []string
	for _, e := range all {
		got = append(got, e.What+" "+e.Verdict)
	}
	if fmt.Sprint(got) != fmt.Sprint(verdicts) {
		b.t.Fatalf("kept %q, want %q", got, verdicts)
	}
	return all
}

// sealed is a bench with a system log of n entries that is cosigned.
func sealed(t testing.TB, n int) (*bench, *tree) {
	t.Helper()
	b := newBench(t)
	l := b.op.log(systemLog).grow(t, n, "a")
	b.send(l, 0).want(t, 200, fmt.Sprintln(n))
	b.cosigned(l, l.size(), b.ask(l, 0))
	return b, l
}

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
	got := b.get("/leaves?origin="+systemLog+"&from=0&to=1000").want(t, 200, "")
	if got.body != string(bytes.Join(l.leaves, nil)) {
		t.Error("the mirror is not the log")
	}
	b.wantEvidence()
}

func TestEachRefusalIsTheOneThatC2SPNames(t *testing.T) {
	b, l := sealed(t, 9)
	grown := l.fork(t, 9).grow(t, 12, "a")
	b.send(grown, 9).want(t, 200, "12\n")
	stranger := newOperator(t)
	signed := grown.note(t, 12)
	stripped := signed[:bytes.LastIndex(signed[:len(signed)-1], []byte("\n"))+1]
	elsewhere := b.op.log(deployment+"/wardroom/1/room/"+strings.Repeat("z", 26)).grow(t, 1, "a")
	theirs := &tree{operator: stranger, origin: systemLog, leaves: grown.leaves, hashes: grown.hashes}
	other := l.fork(t, 8).grow(t, 9, "b")
	good := grown.proof(t, 9, 12)
	for _, c := range []struct {
		name   string
		body   []byte
		status int
		says   string
	}{
		{"no head", signed, 400, "not in the form"},
		{"a leading zero", addBody(9, good, signed)[4:], 400, "not in the form"},
		{"too many hashes", addBody(9, make64(t), signed), 400, "not in the form"},
		{"no note", []byte("old 9\n\n"), 400, "not a checkpoint"},
		{"no checkpoint", []byte("old 9\n\n" + systemLog + "\nx\n\n"), 400, "not a checkpoint"},
		{"an old size beyond the new", addBody(13, nil, signed), 400, "larger"},
		{"a log it does not know", addBody(0, nil, elsewhere.note(t, 1)), 404, "not admitted"},
		{"another's signature", addBody(9, good, theirs.note(t, 12)), 403, "both signed"},
		{"one of two signatures", addBody(9, good, stripped), 403, "both signed"},
		{"no signature", addBody(9, good, []byte(grown.at(t, 12).Text()+"\n")), 400, "not a checkpoint"},
		{"another old size", addBody(8, grown.proof(t, 8, 12), signed), 409, "9\n"},
		{"from the beginning", addBody(0, nil, signed), 409, "9\n"},
		{"a wrong proof", addBody(9, grown.proof(t, 8, 12), signed), 422, "does not show"},
		{"no proof", addBody(9, nil, signed), 422, "does not show"},
		{"a proof where nothing is to prove", addBody(9, good, l.note(t, 9)), 422, "nothing to prove"},
		{"another root of that size", addBody(9, nil, other.note(t, 9)), 409, "other leaves"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := b.post("/add-checkpoint", c.body).want(t, c.status, c.says)
			if isSize := r.kind == "text/x.tlog.size"; isSize != (c.says == "9\n") {
				t.Errorf("content type %s", r.kind)
			}
		})
	}
	b.opens(l, 9, []byte(b.get("/checkpoint?origin="+systemLog).body))
	b.cosigned(grown, 12, b.ask(grown, 9))
}

func make64(t *testing.T) (lines []string) {
	t.Helper()
	for range maxProof + 1 {
		lines = append(lines, base64.StdEncoding.EncodeToString(make([]byte, 32)))
	}
	return lines
}

func TestASizeHasOneCosignatureForEver(t *testing.T) {
	b, l := sealed(t, 5)
	first := b.get("/checkpoint?origin=" + systemLog).body
	again := b.ask(l, 5) // signed anew by the operator
	b.cosigned(l, 5, again)
	if !strings.HasSuffix(first, again.body) {
		t.Errorf("first %q, then %q", first, again.body)
	}
	if now := b.get("/checkpoint?origin=" + systemLog).body; now != first {
		t.Error("the stored note was replaced")
	}
}

func TestAnOperatorWhoRewritesIsRefusedAndWhatTheySignedIsKept(t *testing.T) {
	t.Run("a fork of the same size", func(t *testing.T) {
		b, l := sealed(t, 7)
		f := l.fork(t, 4).grow(t, 7, "b")
		b.ask(f, 7).want(t, 409, "other leaves")
		e := b.wantEvidence("contradicts proved")
		b.opens(l, 7, []byte(e[0].Against))
		if _, err := evidence.OpenCheckpoint([]byte(e[0].Note), systemLog, l.verifiers, nil); err != nil {
			t.Errorf("what is kept is not what the operator signed: %v", err)
		}
	})
	t.Run("a shorter log", func(t *testing.T) {
		b, l := sealed(t, 7)
		f := l.fork(t, 4).grow(t, 6, "b")
		b.ask(f, 4).want(t, 409, "7\n")
		b.send(f, 4).want(t, 422, "other leaves")
		b.wantEvidence("contradicts proved")
	})
	t.Run("a longer fork", func(t *testing.T) {
		b, l := sealed(t, 7)
		f := l.fork(t, 4).grow(t, 12, "b")
		b.ask(f, 7).want(t, 422, "does not show")
		b.send(f, 7).want(t, 422, "do not have the root")
		b.send(f, 4).want(t, 422, "Entry 4 has another leaf")
		b.wantEvidence("unjoined open", "leaf open")
		// The true log goes on, and what was open is proved by it.
		l.grow(t, 12, "a")
		b.send(l, 7).want(t, 200, "12\n")
		b.cosigned(l, 12, b.ask(l, 7))
		b.wantEvidence("unjoined proved", "leaf proved")
	})
	t.Run("a changed leaf under a good checkpoint", func(t *testing.T) {
		b, l := sealed(t, 7)
		changed := bytes.Clone(l.leaves[3])
		changed[len(changed)-1] ^= 1
		b.post("/mirror", mirrorBody(3, l.note(t, 7), changed)).want(t, 422, "Entry 3 has another leaf")
		e := b.wantEvidence("leaf joined")
		if !bytes.Equal(e[0].Leaf, changed) || e[0].Old != 3 {
			t.Errorf("kept %+v", e[0])
		}
	})
	t.Run("what is kept outlives a restart", func(t *testing.T) {
		b, l := sealed(t, 7)
		f := l.fork(t, 4).grow(t, 7, "b")
		b.ask(f, 7).want(t, 409, "other leaves")
		b.ask(f, 7).want(t, 409, "other leaves")
		b.stop()
		b.start()
		b.wantEvidence("contradicts proved")
		b.get("/").want(t, 200, "The operator has signed for two histories")
	})
}

// The witness's own keys, in the hands of whoever runs it.
func TestAWitnessAloneSignsNothingThatCounts(t *testing.T) {
	b, l := sealed(t, 7)
	f := l.fork(t, 4).grow(t, 7, "b")
	forged, err := f.at(t, 7).Sign(b.w.keys.signers...)
	check(t, err)
	need := append(b.witnessVerifiers(), l.verifiers...)
	if s, err := evidence.OpenCheckpoint(forged, systemLog, need, nil); !errors.Is(err, evidence.ErrUntrusted) {
		t.Errorf("%+v, %v", s, err)
	}
	// Nor does the operator's signature of another checkpoint help.
	n, err := note.Open(l.note(t, 7), note.VerifierList(l.verifiers...))
	check(t, err)
	pasted, err := note.Sign(&note.Note{Text: f.at(t, 7).Text(), Sigs: n.Sigs}, b.w.keys.signers...)
	check(t, err)
	if s, err := evidence.OpenCheckpoint(pasted, systemLog, need, nil); !errors.Is(err, evidence.ErrUntrusted) {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestOnlyTheOperatorsSignaturesAreKeptOfWhatCame(t *testing.T) {
	b := newBench(t)
	l := b.op.log(systemLog).grow(t, 2, "a")
	b.send(l, 0).want(t, 200, "2\n")
	forged := "— witness.example/wardroom/1/witness " + base64.StdEncoding.EncodeToString(make([]byte, 76)) + "\n"
	other := newOperator(t)
	both, err := l.at(t, 2).Sign(append(l.signers, other.signers...)...)
	check(t, err)
	b.cosigned(l, 2, b.post("/add-checkpoint", addBody(0, nil, append(both, forged...))))
	kept := b.get("/checkpoint?origin=" + systemLog).body
	b.opens(l, 2, []byte(kept))
	if n := strings.Count(kept, "\n— "); n != 4 {
		t.Errorf("%d signatures are kept", n)
	}
}

func TestThirtyTwoClientsGetOneHistory(t *testing.T) {
	b, l := sealed(t, 3)
	forks := []*tree{l.fork(t, 3).grow(t, 40, "a"), l.fork(t, 3).grow(t, 40, "b")}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[uint64]map[string]bool{} // roots by size, of which a cosignature was given out
	for i := range 32 {
		// Signed before the race: the test's own trees are not its subject.
		f := forks[i%2]
		var requests [][]byte
		for _, size := range []uint64{10, 20, 40} {
			requests = append(requests, mirrorBody(3, f.note(t, size), f.leaves[3:size]...))
			for _, old := range []uint64{3, 10, 20} {
				if old < size {
					requests = append(requests, addBody(old, f.proof(t, old, size), f.note(t, size)))
				}
			}
		}
		wg.Go(func() {
			for _, body := range requests {
				if bytes.HasPrefix(body, []byte("from")) {
					b.post("/mirror", body)
					continue
				}
				if r := b.post("/add-checkpoint", body); r.status == 200 {
					_, text, _ := strings.Cut(string(body), "\n\n")
					c, err := note.Open(append([]byte(text), r.body...), note.VerifierList(b.w.keys.verifiers...))
					if err != nil {
						t.Error(err)
						return
					}
					lines := strings.Split(c.Text, "\n")
					mu.Lock()
					size, _ := parseSize(lines[1])
					if got[size] == nil {
						got[size] = map[string]bool{}
					}
					got[size][lines[2]] = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if len(got) == 0 {
		t.Fatal("nobody was given a cosignature")
	}
	var of *tree
	for size, roots := range got {
		if len(roots) != 1 {
			t.Fatalf("size %d was cosigned with %d roots", size, len(roots))
		}
		for _, f := range forks {
			root := f.at(t, size).Root
			if roots[base64.StdEncoding.EncodeToString(root[:])] {
				if of != nil && of != f {
					t.Fatal("two histories were cosigned")
				}
				of = f
			}
		}
	}
}

// A client made of other people's code: their tree, their proofs, their notes.
func TestAForeignClientIsUnderstood(t *testing.T) {
	b := newBench(t)
	l := b.op.log(systemLog)
	var old uint64
	for _, size := range []int{1, 2, 5, 8, 64, 100} {
		l.grow(t, size, "a")
		b.send(l, old).want(t, 200, fmt.Sprintln(size))
		root := foreignRoot(l.leaves)
		cp := formats.Checkpoint{Origin: systemLog, Size: uint64(size), Hash: root}
		signed, err := note.Sign(&note.Note{Text: string(cp.Marshal())}, l.signers...)
		check(t, err)
		var lines []string
		if old > 0 {
			nodes, err := proof.Consistency(old, uint64(size))
			check(t, err)
			var hashes [][]byte
			for _, id := range nodes.IDs {
				from := id.Index << id.Level
				to := min(from+1<<id.Level, uint64(size))
				hashes = append(hashes, foreignRoot(l.leaves[from:to]))
			}
			hashes, err = nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
			check(t, err)
			for _, h := range hashes {
				lines = append(lines, base64.StdEncoding.EncodeToString(h))
			}
		}
		r := b.post("/add-checkpoint", addBody(old, lines, signed)).want(t, 200, "— ")
		theirs, rest, n, err := formats.ParseCheckpoint(append(signed, r.body...), systemLog, l.verifiers[0], b.witnessVerifiers()...)
		if err != nil || len(rest) > 0 || theirs.Size != uint64(size) || len(n.Sigs) != 3 {
			t.Fatalf("transparency-dev reads %+v with %d signatures, %v", theirs, len(n.Sigs), err)
		}
		old = uint64(size)
	}
}

// foreignRoot is the root of whole leaves by transparency-dev's hasher.
func foreignRoot(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return rfc6962.DefaultHasher.HashLeaf(leaves[0])
	}
	k := 1
	for k<<1 < len(leaves) {
		k <<= 1
	}
	return rfc6962.DefaultHasher.HashChildren(foreignRoot(leaves[:k]), foreignRoot(leaves[k:]))
}
