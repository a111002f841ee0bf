package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const proofsFile = "testdata/proofs.json"

// proofVectors are checkpoints signed and proofs made here, for whoever checks
// them elsewhere. Signatures say when, so the file is written once and checked
// ever after; its leaves are rehearsed from their number alone.
type proofVectors struct {
	OriginLine string              `json:"originLine"`
	Notary     [][2]string         `json:"notary"`  // verifiers of each generation, Ed25519 then ML-DSA-44
	Witness    []string            `json:"witness"` // verifiers, Ed25519 cosignature/v1 then ML-DSA-44
	Roots      []string            `json:"roots"`   // base64, at size 0, 1, …
	Notes      map[string]string   `json:"notes"`
	Inclusion  []inclusionVector   `json:"inclusion"`
	Consistent []consistencyVector `json:"consistency"`
}

type inclusionVector struct {
	Size int64    `json:"size"`
	Seq  int64    `json:"seq"`
	Path []string `json:"path"`
}

type consistencyVector struct {
	From int64    `json:"from"`
	To   int64    `json:"to"`
	Path []string `json:"path"`
}

const proofLeaves = 300

// rehearsedLeaf has commitments to nothing: only its shape counts. The other
// history differs from the first at entry 5.
func rehearsedLeaf(seq uint64, other bool) []byte {
	origin := OriginOf(lineA)
	b := append([]byte("WARDROOM/1\n"), byte(seq>>56), byte(seq>>48), byte(seq>>40), byte(seq>>32), byte(seq>>24), byte(seq>>16), byte(seq>>8), byte(seq))
	b = append(b, origin[:]...)
	for i := range Slots {
		word := fmt.Sprintf("leaf %d slot %d", seq, i)
		if other && seq == 5 {
			word += " of another history"
		}
		c := sha256.Sum256([]byte(word))
		b = append(b, c[:]...)
	}
	return b
}

type storedHashes []tlog.Hash

func (s *storedHashes) ReadHashes(at []int64) (found []tlog.Hash, err error) {
	for _, i := range at {
		found = append(found, (*s)[i])
	}
	return found, nil
}

func rehearsedTree(t *testing.T, n int64, other bool) (*storedHashes, []tlog.Hash) {
	t.Helper()
	s, roots := &storedHashes{}, []tlog.Hash{sha256.Sum256(nil)}
	for i := range n {
		more, err := tlog.StoredHashesForRecordHash(i, tlog.Hash(LeafHash(rehearsedLeaf(uint64(i), other))), s)
		check(t, err)
		*s = append(*s, more...)
		root, err := tlog.TreeHash(i+1, s)
		check(t, err)
		roots = append(roots, root)
	}
	return s, roots
}

func b64s(hashes []tlog.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, base64.StdEncoding.EncodeToString(h[:]))
	}
	return out
}

type proofKeys struct {
	signers   []note.Signer
	verifiers []string
}

func ed25519Key(t *testing.T, name string, timed bool) (note.Signer, string) {
	skey, vkey, err := note.GenerateKey(nil, name)
	check(t, err)
	if !timed {
		s, err := note.NewSigner(skey)
		check(t, err)
		return s, vkey
	}
	s, err := cosign.NewSignerForCosignatureV1(skey)
	check(t, err)
	vkey, err = cosign.VKeyToCosignatureV1(vkey)
	check(t, err)
	return s, vkey
}

func mldsaKey(t *testing.T, name string) (note.Signer, string) {
	skey, vkey, err := cosign.GenerateMLDSAKey(name)
	check(t, err)
	s, err := cosign.NewSignerForCosignatureV1(skey)
	check(t, err)
	return s, vkey
}

func makeProofs(t *testing.T) (v proofVectors) {
	pair := func(name string, timed bool) proofKeys {
		ed, edV := ed25519Key(t, name, timed)
		pq, pqV := mldsaKey(t, name)
		return proofKeys{[]note.Signer{ed, pq}, []string{edV, pqV}}
	}
	const notary = "wardroom.dsc.example/wardroom/1/notary"
	first, second, stranger := pair(notary, false), pair(notary, false), pair(notary, false)
	witness := pair("witness.ncsc.example/wardroom/1/witness", true)
	hashes, roots := rehearsedTree(t, proofLeaves, false)
	_, otherRoots := rehearsedTree(t, 20, true)

	v = proofVectors{OriginLine: lineA, Notary: [][2]string{[2]string(first.verifiers), [2]string(second.verifiers)}, Witness: witness.verifiers, Roots: b64s(roots), Notes: map[string]string{}}
	sign := func(name string, size int, roots []tlog.Hash, by ...note.Signer) {
		b, err := Checkpoint{Origin: lineA, Size: uint64(size), Root: roots[size]}.Sign(by...)
		check(t, err)
		v.Notes[name] = string(b)
	}
	all := func(ks ...proofKeys) (s []note.Signer) {
		for _, k := range ks {
			s = append(s, k.signers...)
		}
		return s
	}
	for _, size := range []int{3, 7, 8, 20} {
		sign(fmt.Sprintf("signed %d", size), size, roots, all(first)...)
		sign(fmt.Sprintf("cosigned %d", size), size, roots, all(first, witness)...)
	}
	sign("second generation 20", 20, roots, all(second, witness)...)
	sign("half witnessed 20", 20, roots, append(all(first), witness.signers[0])...)
	sign("half signed 20", 20, roots, first.signers[0], witness.signers[0], witness.signers[1])
	sign("two halves 20", 20, roots, first.signers[0], second.signers[1], witness.signers[0], witness.signers[1])
	sign("stranger 20", 20, roots, all(stranger, witness)...)
	sign("other history 8", 8, otherRoots, all(first, witness)...)
	sign("other history 20", 20, otherRoots, all(first, witness)...)

	for size := int64(1); size <= proofLeaves; size += 1 + size/7 {
		for seq := int64(0); seq < size; seq += 1 + size/5 {
			p, err := tlog.ProveRecord(size, seq, hashes)
			check(t, err)
			v.Inclusion = append(v.Inclusion, inclusionVector{size, seq, b64s(p)})
			q, err := tlog.ProveTree(size, seq+1, hashes)
			check(t, err)
			v.Consistent = append(v.Consistent, consistencyVector{seq + 1, size, b64s(q)})
		}
	}
	return v
}

// What was signed and proved once must be good for ever: if this fails, the
// code has to change back, not the file.
func TestCheckpointsAndProofsOnceMadeStayGood(t *testing.T) {
	if *update {
		if _, err := os.Stat(proofsFile); os.IsNotExist(err) {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetIndent("", " ")
			check(t, enc.Encode(makeProofs(t)))
			check(t, os.WriteFile(proofsFile, b.Bytes(), 0o644))
		}
	}
	b, err := os.ReadFile(proofsFile)
	check(t, err)
	var v proofVectors
	check(t, json.Unmarshal(b, &v))
	verifier := func(line string) note.Verifier {
		t.Helper()
		n, err := cosignOrPlain(line)
		check(t, err)
		return n
	}
	need := []note.Verifier{verifier(v.Notary[0][0]), verifier(v.Notary[0][1])}
	witness := []note.Verifier{verifier(v.Witness[0]), verifier(v.Witness[1])}
	_, roots := rehearsedTree(t, proofLeaves, false)
	for i, r := range b64s(roots) {
		if v.Roots[i] != r {
			t.Fatalf("the root at size %d is another", i)
		}
	}
	for _, size := range []int{3, 7, 8, 20} {
		s, err := OpenCheckpoint([]byte(v.Notes[fmt.Sprintf("cosigned %d", size)]), lineA, append(need, witness...), nil)
		if err != nil || s.Size != uint64(size) || s.Root != roots[size] || len(s.By) != 4 {
			t.Errorf("cosigned %d: %+v, %v", size, s, err)
		}
	}
	for _, name := range []string{"half signed 20", "two halves 20", "stranger 20", "second generation 20"} {
		if _, err := OpenCheckpoint([]byte(v.Notes[name]), lineA, need, nil); err == nil {
			t.Errorf("%s is good", name)
		}
	}
	if len(v.Inclusion) < 50 || len(v.Consistent) < 50 {
		t.Error("there are few proofs in it")
	}
	for _, p := range v.Inclusion {
		check(t, tlog.CheckRecord(hashList(t, p.Path), p.Size, roots[p.Size], p.Seq, tlog.Hash(LeafHash(rehearsedLeaf(uint64(p.Seq), false)))))
	}
	for _, p := range v.Consistent {
		check(t, tlog.CheckTree(hashList(t, p.Path), p.To, roots[p.To], p.From, roots[p.From]))
	}
}

func cosignOrPlain(line string) (note.Verifier, error) {
	if v, err := note.NewVerifier(line); err == nil {
		return v, nil
	}
	return cosign.NewVerifierForCosignatureV1(line)
}

func hashList(t *testing.T, list []string) (hashes []tlog.Hash) {
	t.Helper()
	for _, s := range list {
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
		check(t, err)
		hashes = append(hashes, tlog.Hash(b))
	}
	return hashes
}
