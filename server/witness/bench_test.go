package witness

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
)

const (
	deployment = "wardroom.example"
	systemLog  = deployment + "/wardroom/1/system/ssssssssssssssssssssssssss"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// policyFormat is the first line of a policy file.
const policyFormat = "wardroom/policy/1"

// operator is whoever runs the server: keys of one generation.
type operator struct {
	signers   []note.Signer
	verifiers []note.Verifier
	line      string // of a policy file
}

func newOperator(t testing.TB) *operator {
	t.Helper()
	const name = deployment + "/wardroom/1/notary"
	ed, edV, err := note.GenerateKey(nil, name)
	check(t, err)
	pq, pqV, err := cosign.GenerateMLDSAKey(name)
	check(t, err)
	s, err := note.NewSigner(ed)
	check(t, err)
	s2, err := cosign.NewSignerForCosignatureV1(pq)
	check(t, err)
	line := "log " + edV + " " + pqV
	p, err := parsePolicy(policyFormat + "\n" + line + "\n")
	check(t, err)
	return &operator{signers: []note.Signer{s, s2}, verifiers: p.verifiers[0], line: line}
}

// tree is a log as the operator has it.
type tree struct {
	*operator
	origin string
	leaves [][]byte
	hashes []tlog.Hash
}

func (o *operator) log(origin string) *tree { return &tree{operator: o, origin: origin} }

func (l *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	all := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		all[i] = l.hashes[at]
	}
	return all, nil
}

func (l *tree) size() uint64 { return uint64(len(l.leaves)) }

// append adds an entry with these values.
func (l *tree) append(t testing.TB, seed byte, v evidence.Values) *evidence.Whole {
	t.Helper()
	whole := &evidence.Whole{Seq: l.size(), Seed: evidence.Seed{seed}, Values: v}
	l.add(t, evidence.AppendLeaf(nil, evidence.OriginOf(l.origin), whole.Seq, whole.Seed, &whole.Values))
	return whole
}

func (l *tree) add(t testing.TB, leaf []byte) {
	t.Helper()
	h, err := tlog.StoredHashesForRecordHash(int64(len(l.leaves)), evidence.LeafHash(leaf), l)
	check(t, err)
	l.leaves, l.hashes = append(l.leaves, leaf), append(l.hashes, h...)
}

// grow adds entries until there are n; what says differs with salt.
func (l *tree) grow(t testing.TB, n int, salt string) *tree {
	t.Helper()
	for len(l.leaves) < n {
		l.append(t, byte(len(l.leaves)), evidence.Values{4: []byte(salt)})
	}
	return l
}

// fork is the same log up to n entries.
func (l *tree) fork(t testing.TB, n int) *tree {
	t.Helper()
	f := l.operator.log(l.origin)
	for _, leaf := range l.leaves[:n] {
		f.add(t, leaf)
	}
	return f
}

func (l *tree) at(t testing.TB, size uint64) evidence.Checkpoint {
	t.Helper()
	root, err := tlog.TreeHash(int64(size), l)
	check(t, err)
	return evidence.Checkpoint{Origin: l.origin, Size: size, Root: root}
}

func (l *tree) note(t testing.TB, size uint64) []byte {
	t.Helper()
	b, err := l.at(t, size).Sign(l.signers...)
	check(t, err)
	return b
}

func (l *tree) proof(t testing.TB, old, size uint64) []string {
	t.Helper()
	if old == 0 || old == size {
		return nil
	}
	p, err := tlog.ProveTree(int64(size), int64(old), l)
	check(t, err)
	var lines []string
	for _, h := range p {
		lines = append(lines, base64.StdEncoding.EncodeToString(h[:]))
	}
	return lines
}

func addBody(old uint64, proof []string, note []byte) []byte {
	head := fmt.Sprintf("old %d\n", old)
	for _, p := range proof {
		head += p + "\n"
	}
	return append([]byte(head+"\n"), note...)
}

func mirrorBody(from uint64, note []byte, leaves ...[]byte) []byte {
	b := append(fmt.Appendf(nil, "from %d\nnote %d\n\n", from, len(note)), note...)
	return append(b, bytes.Join(leaves, nil)...)
}

// bench is a witness that is served, and an operator it watches.
type bench struct {
	t   testing.TB
	dir string
	op  *operator
	w   *Witness
	srv *httptest.Server
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), op: newOperator(t)}
	b.writePolicy(b.op.line)
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *bench) policyFile() string { return filepath.Join(b.dir, "policy") }

func (b *bench) writePolicy(lines ...string) {
	b.t.Helper()
	check(b.t, os.WriteFile(b.policyFile(), []byte(policyFormat+"\n"+strings.Join(lines, "\n")+"\n"), 0o600))
}

func (b *bench) options() Options {
	return Options{Dir: filepath.Join(b.dir, "data"), Name: "witness.example", Policy: b.policyFile(), System: systemLog, Log: slog.New(slog.DiscardHandler)}
}

func (b *bench) start() {
	b.t.Helper()
	var err error
	b.w, err = Open(b.options())
	check(b.t, err)
	b.srv = httptest.NewServer(b.w.Handler())
}

func (b *bench) stop() {
	if b.srv != nil {
		b.srv.Close()
		b.srv = nil
		check(b.t, b.w.Close())
	}
}

// reply is what was answered.
type reply struct {
	status int
	kind   string
	body   string
}

func (r reply) want(t testing.TB, status int, says string) reply {
	t.Helper()
	if r.status != status || !strings.Contains(r.body, says) {
		t.Fatalf("answered %d %.300q, want %d with %q", r.status, r.body, status, says)
	}
	return r
}

func (b *bench) post(path string, body []byte) reply {
	b.t.Helper()
	res, err := http.Post(b.srv.URL+path, "application/octet-stream", bytes.NewReader(body))
	check(b.t, err)
	return read(b.t, res)
}

func (b *bench) get(path string) reply {
	b.t.Helper()
	res, err := http.Get(b.srv.URL + path)
	check(b.t, err)
	return read(b.t, res)
}

func read(t testing.TB, res *http.Response) reply {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	check(t, err)
	return reply{res.StatusCode, res.Header.Get("Content-Type"), string(body)}
}

// send mirrors the leaves from one number on, under a checkpoint of all.
func (b *bench) send(l *tree, from uint64) reply {
	b.t.Helper()
	return b.post("/mirror", mirrorBody(from, l.note(b.t, l.size()), l.leaves[from:]...))
}

// ask asks for a cosignature of the whole log.
func (b *bench) ask(l *tree, old uint64) reply {
	b.t.Helper()
	return b.post("/add-checkpoint", addBody(old, l.proof(b.t, old, l.size()), l.note(b.t, l.size())))
}

// cosigned checks that an answer is this witness's cosignature of that size.
func (b *bench) cosigned(l *tree, size uint64, r reply) {
	b.t.Helper()
	r.want(b.t, 200, "— witness.example/wardroom/1/witness ")
	b.opens(l, size, append(l.note(b.t, size), r.body...))
}

// opens checks a note that operator and witness must have signed.
func (b *bench) opens(l *tree, size uint64, signed []byte) {
	b.t.Helper()
	s, err := evidence.OpenCheckpoint(signed, l.origin, append(b.witnessVerifiers(), l.verifiers...), nil)
	check(b.t, err)
	if s.Checkpoint != l.at(b.t, size) {
		b.t.Fatalf("cosigned %+v, want that of %d entries", s.Checkpoint, size)
	}
}

// witnessVerifiers are read as others read them.
func (b *bench) witnessVerifiers() []note.Verifier {
	b.t.Helper()
	var all []note.Verifier
	for _, k := range b.w.Keys() {
		v, err := cosign.NewVerifierForCosignatureV1(k)
		check(b.t, err)
		all = append(all, v)
	}
	return all
}
