package witness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/servertest/remains"
)

// TestMain is also the witness that is killed: the tests below start this
// program again with the folder to work in.
func TestMain(m *testing.M) {
	if dir := os.Getenv("WITNESS_UNDER_TEST"); dir != "" {
		os.Exit(child(dir, os.Getenv("WITNESS_DIES_AT")))
	}
	remains.Main(m)
}

// child serves until it is killed, or kills itself at a step: "signed 2" is
// the second time that it comes to "signed".
func child(dir, at string) int {
	fail := func(err error) int { fmt.Fprintln(os.Stderr, err); return 3 }
	b := &bench{dir: dir}
	name, count, _ := strings.Cut(at, "/")
	left, _ := strconv.Atoi(count)
	steps = func(s string) {
		if s == name {
			if left--; left == 0 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // nothing more is done while the signal comes
			}
		}
	}
	w, err := Open(b.options())
	if err != nil {
		return fail(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fail(err)
	}
	fmt.Println(l.Addr())
	return fail(w.Serve(context.Background(), l))
}

// victim is a witness in a process of its own.
type victim struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

func startVictim(t *testing.T, dir, at string) *victim {
	t.Helper()
	v := &victim{t: t, cmd: exec.Command(os.Args[0])}
	v.cmd.Env = append(os.Environ(), "WITNESS_UNDER_TEST="+dir, "WITNESS_DIES_AT="+at)
	out, err := v.cmd.StdoutPipe()
	check(t, err)
	var said bytes.Buffer
	v.cmd.Stderr = &said
	check(t, v.cmd.Start())
	t.Cleanup(v.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == io.EOF { // it died before it listened
		v.kill()
		if said.Len() > 0 {
			t.Fatalf("the witness did not start: %s", said.String())
		}
		return v
	}
	check(t, err)
	v.url = "http://" + strings.TrimSpace(line)
	return v
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait() // how it ended is the test's doing
}

// post returns what was answered; false if it died first.
func (v *victim) post(path string, body []byte) (reply, bool) {
	res, err := http.Post(v.url+path, "application/octet-stream", bytes.NewReader(body))
	if err != nil {
		return reply{}, false
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header.Get("Content-Type"), string(b)}, err == nil
}

// story is what an operator asks for, in order: true history, a room, an
// erasure, and a fork that must be refused and kept.
type request struct {
	path string
	body []byte
}

func story(t *testing.T, op *operator) (l *tree, all []request) {
	t.Helper()
	l = op.log(systemLog).grow(t, 4, "a")
	add := func(path string, body []byte) { all = append(all, request{path, body}) }
	add("/mirror", mirrorBody(0, l.note(t, 4), l.leaves[:2]...))
	add("/mirror", mirrorBody(2, l.note(t, 4), l.leaves[2:4]...))
	add("/add-checkpoint", addBody(0, nil, l.note(t, 4)))
	w := l.register(t, roomID, accessID)
	l.grow(t, 7, "a")
	add("/mirror", mirrorBody(4, l.note(t, 7), l.leaves[4:7]...))
	add("/add-checkpoint", addBody(4, l.proof(t, 4, 7), l.note(t, 7)))
	a, err := json.Marshal(l.admission(t, w, 7))
	check(t, err)
	add("/admit", a)
	room := op.log(origin("room", roomID)).grow(t, 2, "r")
	add("/mirror", mirrorBody(0, room.note(t, 2), room.leaves...))
	add("/add-checkpoint", addBody(0, nil, room.note(t, 2)))
	f := l.fork(t, 5).grow(t, 7, "b")
	add("/add-checkpoint", addBody(7, nil, f.note(t, 7)))
	add("/ledger", op.erasure(t, "erasure\n"+systemLog+"\n1\n4\n6\n"))
	wrong := l.fork(t, 7).grow(t, 9, "junk")
	l.grow(t, 9, "a")
	add("/mirror", mirrorBody(7, l.note(t, 9), wrong.leaves[7:8]...))
	add("/mirror", mirrorBody(8, l.note(t, 9), wrong.leaves[8:9]...)) // refused, and what was held is dropped
	add("/mirror", mirrorBody(7, l.note(t, 9), l.leaves[7:9]...))
	add("/add-checkpoint", addBody(7, l.proof(t, 7, 9), l.note(t, 9)))
	return l, all
}

// given is what was answered before a crash: cosignatures by log and size.
type given map[string]map[string]bool

// hear checks an answer and remembers what was promised by it.
func (g given) hear(t *testing.T, w *Witness, r request, a reply) {
	t.Helper()
	if r.path != "/add-checkpoint" || a.status != 200 {
		return
	}
	_, text, _ := strings.Cut(string(r.body), "\n\n")
	n, err := note.Open(append([]byte(text), a.body...), note.VerifierList(w.keys.verifiers...))
	check(t, err)
	lines := strings.Split(n.Text, "\n")
	place := lines[0] + " " + lines[1]
	if g[place] == nil {
		g[place] = map[string]bool{}
	}
	g[place][n.Text] = true
	if len(g[place]) > 1 {
		t.Fatalf("two roots were cosigned of %s", place)
	}
}

// holds checks that everything promised is in the store, and that the store is
// whole: each cosigned note is of the leaves held.
func (g given) holds(t *testing.T, w *Witness) {
	t.Helper()
	texts := map[string]string{}
	check(t, w.view(func(s store) error {
		return s.tx.Bucket(bLogs).ForEachBucket(func(origin []byte) error {
			l, err := s.log(string(origin))
			check(t, err)
			if l.firm > l.held {
				t.Fatalf("%s: %d leaves are vouched for, %d held", origin, l.firm, l.held)
			}
			var f evidence.Frontier
			roots := map[uint64][32]byte{}
			check(t, l.sub(bLeaf).ForEach(func(k, v []byte) error {
				if number(k) != f.Size() {
					t.Fatalf("%s: leaf %d stands where %d should", origin, number(k), f.Size())
				}
				f.Append(evidence.LeafHash(v))
				roots[f.Size()] = f.Root()
				return nil
			}))
			if f.Size() != l.held {
				t.Fatalf("%s: %d leaves, %d are said to be held", origin, f.Size(), l.held)
			}
			return l.sub(bSealed).ForEach(func(k, v []byte) error {
				c, err := evidence.OpenCheckpoint(v, string(origin), w.keys.verifiers, nil)
				check(t, err)
				if c.Size != number(k) || c.Size > l.firm || roots[c.Size] != c.Root {
					t.Fatalf("%s: the cosigned note of %d entries is not that of the leaves", origin, c.Size)
				}
				texts[fmt.Sprint(string(origin), " ", c.Size)] = c.Text()
				return nil
			})
		})
	}))
	for place, said := range g {
		if !said[texts[place]] {
			t.Fatalf("a cosignature was given out of %s and is not in the store", place)
		}
	}
}

func TestWhatWasAnsweredIsThereAfterEveryCrash(t *testing.T) {
	for _, step := range []string{"before commit", "signed", "after commit", "before evidence", "before keys", "after keys"} {
		// Each time that a whole story comes to the step.
		for n := 1; ; n++ {
			b := &bench{t: t, dir: t.TempDir(), op: newOperator(t)}
			b.writePolicy(b.op.line)
			l, requests := story(t, b.op)
			answers := make([]reply, len(requests))
			v := startVictim(t, b.dir, fmt.Sprint(step, "/", n))
			died := v.url == ""
			g := given{}
			heard := -1 // the last request that was answered
			for i := 0; i < len(requests) && !died; i++ {
				a, ok := v.post(requests[i].path, requests[i].body)
				if died = !ok; ok {
					answers[i], heard = a, i
				}
			}
			v.kill()

			w, err := Open(b.options())
			check(t, err)
			for i := 0; i <= heard; i++ {
				g.hear(t, w, requests[i], answers[i])
			}
			g.holds(t, w)
			check(t, w.Close())

			// The story goes on where it was broken off: the same request again.
			b.start()
			for _, r := range requests[heard+1:] {
				a := b.post(r.path, r.body)
				if a.status >= 500 {
					t.Fatalf("%s/%d: %s answered %d %s", step, n, r.path, a.status, a.body)
				}
				g.hear(t, b.w, r, a)
			}
			g.holds(t, b.w)
			b.opens(l, 9, []byte(b.get("/checkpoint?origin="+systemLog).want(t, 200, "").body))
			b.wantEvidence("contradicts proved", "unjoined joined")
			b.get("/ledger?origin="+systemLog).want(t, 200, "erasure")
			b.stop()
			if !died {
				if n == 1 {
					t.Errorf("the story never comes to %q", step)
				}
				break
			}
		}
	}
}

// Killed at any moment, while it is asked for the truth and for a fork.
func TestOneHistoryOutlivesKillsAtAnyTime(t *testing.T) {
	const rounds = 12
	b := &bench{t: t, dir: t.TempDir(), op: newOperator(t)}
	b.writePolicy(b.op.line)
	l := b.op.log(systemLog).grow(t, 3000, "a")
	f := l.fork(t, 100).grow(t, 3000, "b")
	type try struct {
		r request
		a reply
	}
	var heard []try
	// A loaded machine may come to no cosignature between one death and the
	// next: the history then goes on until it has one.
	for round, cosigned := 0, 0; round < rounds || cosigned == 0 && round < 8*rounds; round++ {
		v := startVictim(t, b.dir, "")
		stopped := make(chan []try)
		go func() {
			var got []try
			at := uint64(0) // how far the witness said it was
			defer func() { stopped <- got }()
			for i := 0; ; i++ {
				of := l
				if i%3 == 1 {
					of = f
				}
				size := min(at+1+uint64(rand.IntN(8)), l.size())
				from := uint64(0)
				if a, ok := v.post("/mirror", mirrorBody(0, of.note(t, size), of.leaves[0])); !ok {
					return
				} else if a.status == 409 || a.status == 200 { // it says how far it is
					from, _ = parseSize(strings.TrimSpace(a.body))
				}
				requests := []request{}
				if from < size {
					requests = append(requests, request{"/mirror", mirrorBody(from, of.note(t, size), of.leaves[from:size]...)})
				}
				for range 2 {
					old := uint64(0)
					if a, ok := v.post("/add-checkpoint", addBody(0, nil, of.note(t, size))); !ok {
						return
					} else if a.kind == "text/x.tlog.size" {
						old, _ = parseSize(strings.TrimSpace(a.body))
						at = old
					}
					if old <= size {
						requests = append(requests, request{"/add-checkpoint", addBody(old, of.proof(t, old, size), of.note(t, size))})
					}
				}
				for _, r := range requests {
					a, ok := v.post(r.path, r.body)
					if !ok {
						return
					}
					got = append(got, try{r, a})
				}
			}
		}()
		// No signal tells the middle of a write: the moment is drawn.
		time.AfterFunc(time.Duration(20+rand.IntN(150*(1+round/rounds)))*time.Millisecond, func() { _ = v.cmd.Process.Kill() })
		heard = append(heard, <-stopped...)
		v.kill()
		w, err := Open(b.options())
		check(t, err)
		g := given{}
		cosigned = 0
		for _, h := range heard {
			g.hear(t, w, h.r, h.a)
			if h.r.path == "/add-checkpoint" && h.a.status == 200 {
				cosigned++
			}
		}
		g.holds(t, w)
		check(t, w.Close())
		if round >= rounds-1 && cosigned > 0 || round == 8*rounds-1 {
			if cosigned == 0 {
				t.Error("nothing was cosigned in all that time")
			}
			t.Logf("%d answers, %d of them cosignatures, over %d kills", len(heard), cosigned, round+1)
		}
	}
	if _, err := os.Stat(filepath.Join(b.dir, "data", keyFileName)); err != nil {
		t.Error(err)
	}
}
