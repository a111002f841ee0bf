package witness

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"

	"wardroom/server/evidence"
)

func TestLeavesComeInAnyNumberOfPieces(t *testing.T) {
	b := newBench(t)
	l := b.op.log(systemLog).grow(t, 10, "a")
	signed := l.note(t, 10)
	b.post("/mirror", mirrorBody(0, signed, l.leaves[:4]...)).want(t, 200, "4\n")
	b.get("/leaves?origin="+systemLog+"&from=0&to=4").want(t, 416, "0 leaves") // no checkpoint vouches for them yet
	b.post("/mirror", mirrorBody(0, signed, l.leaves[:4]...)).want(t, 409, "4\n")
	b.post("/mirror", mirrorBody(5, signed, l.leaves[5:]...)).want(t, 409, "4\n")
	b.stop()
	b.start()
	b.post("/mirror", mirrorBody(4, signed, l.leaves[4:]...)).want(t, 200, "10\n")
	b.cosigned(l, 10, b.ask(l, 0))
	if got := b.get("/leaves?origin="+systemLog+"&from=3&to=5").want(t, 200, ""); got.body != string(l.leaves[3])+string(l.leaves[4]) {
		t.Error("not the leaves 3 and 4")
	}
}

func TestLeavesThatDoNotHaveTheSignedRootAreForgotten(t *testing.T) {
	for name, piece := range map[string]func(b *bench, l, wrong *tree) reply{
		"found by the last piece": func(b *bench, l, _ *tree) reply { return b.send(l, 5) },
		"found when a cosignature is asked for": func(b *bench, l, wrong *tree) reply {
			b.post("/mirror", mirrorBody(5, l.fork(b.t, 9).grow(b.t, 12, "a").note(b.t, 12), wrong.leaves[5:9]...)).want(b.t, 200, "9\n")
			return b.ask(l, 3)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, l := sealed(t, 3)
			l.grow(t, 9, "a")
			wrong := l.fork(t, 3).grow(t, 9, "junk")
			b.post("/mirror", mirrorBody(3, l.note(t, 9), wrong.leaves[3:5]...)).want(t, 200, "5\n")
			piece(b, l, wrong).want(t, 422, "Send them again from 3")
			b.wantEvidence("unjoined open")
			b.send(l, 3).want(t, 200, "9\n")
			b.cosigned(l, 9, b.ask(l, 3))
			b.wantEvidence("unjoined joined") // the operator signed nothing wrong
			b.get("/").want(t, 200, "fingerprints")
			if got := b.get("/leaves?origin=" + systemLog + "&from=0&to=9").body; got != string(bytes.Join(l.leaves, nil)) {
				t.Error("the mirror is not the log")
			}
		})
	}
}

func TestALeafStandsInItsPlaceInItsLog(t *testing.T) {
	b, l := sealed(t, 3)
	l.grow(t, 6, "a")
	signed := l.note(t, 6)
	elsewhere := b.op.log(systemLog+"x").grow(t, 6, "a")
	for name, leaves := range map[string][][]byte{
		"two in the other's place": {l.leaves[4], l.leaves[3], l.leaves[5]},
		"one left out":             {l.leaves[4], l.leaves[5]},
		"of another log":           {elsewhere.leaves[3]},
		"of another format":        {bytes.Repeat([]byte("x"), evidence.LeafSize)},
	} {
		t.Run(name, func(t *testing.T) {
			b.post("/mirror", mirrorBody(3, signed, leaves...)).want(t, 422, "is not entry")
		})
	}
	b.send(l, 3).want(t, 200, "6\n")
}

func TestAnUploadHasItsForm(t *testing.T) {
	b, l := sealed(t, 3)
	l.grow(t, 5, "a")
	signed := l.note(t, 5)
	good := mirrorBody(3, signed, l.leaves[3:]...)
	for name, body := range map[string][]byte{
		"nothing":                nil,
		"no head":                signed,
		"a sign":                 append([]byte("from +3"), good[len("from 3"):]...),
		"a leading zero":         append([]byte("from 03"), good[len("from 3"):]...),
		"half a leaf":            good[:len(good)-1],
		"no leaf":                good[:len(good)-2*evidence.LeafSize],
		"a note beyond the end":  []byte("from 3\nnote 5000\n\nx"),
		"a note of no length":    append([]byte("from 3\nnote x\n\n"), signed...),
		"a third line":           append([]byte("from 3\nnote 5\nmore\n\n"), signed...),
		"more than it vouches":   mirrorBody(3, signed, append(l.leaves[3:], l.leaves[4])...),
		"beyond all that exists": mirrorBody(maxSize, signed, l.leaves[3]),
	} {
		t.Run(name, func(t *testing.T) { b.post("/mirror", body).want(t, 400, "") })
	}
	b.post("/mirror", make([]byte, MaxMirror+1)).want(t, 400, "")
	b.post("/mirror", append(mirrorBody(3, signed), make([]byte, MaxMirror)...)).want(t, 413, fmt.Sprint(MaxMirror))
	b.post("/mirror", mirrorBody(3, signed, bytes.Repeat(l.leaves[3], MaxLeaves+1))).want(t, 400, "")
	b.post("/add-checkpoint", make([]byte, MaxAddCheckpoint+1)).want(t, 413, "")
	b.post("/admit", make([]byte, MaxAdmit+1)).want(t, 413, "")
	b.post("/ledger", make([]byte, MaxErasure+1)).want(t, 413, "")
	for _, q := range []string{"from=0&to=0", "from=2&to=1", "from=0&to=16385", "from=-1&to=2", "from=0", ""} {
		b.get("/leaves?origin="+systemLog+"&"+q).want(t, 400, "")
	}
	b.post("/mirror", good).want(t, 200, "5\n")
}

// More of them than there are places for large bodies, none ever whole.
func TestWhoDoesNotSignCannotKeepTheOperatorOutBySendingSlowly(t *testing.T) {
	b, l := sealed(t, 3)
	l.grow(t, 5, "a")
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.w.Serve(ctx, lis) }()
	stranger := newOperator(t).log(systemLog).grow(t, 5, "b")
	foreign := mirrorBody(3, stranger.note(t, 5), stranger.leaves[3:]...)
	var slow []net.Conn
	for _, begun := range [][]byte{nil, []byte("from 3\n"), foreign[:60], foreign[:len(foreign)-7], []byte("from 3\nnote 900\n\n")} {
		for range largeBodies {
			c, err := net.Dial("tcp", lis.Addr().String())
			check(t, err)
			slow = append(slow, c)
			_, err = fmt.Fprintf(c, "POST /mirror HTTP/1.1\r\nHost: w\r\nContent-Length: %d\r\n\r\n%s", len(foreign), begun)
			check(t, err)
		}
	}
	res, err := http.Post("http://"+lis.Addr().String()+"/mirror", "", bytes.NewReader(mirrorBody(3, l.note(t, 5), l.leaves[3:]...)))
	check(t, err)
	read(t, res).want(t, 200, "5\n")
	for _, c := range slow {
		check(t, c.Close())
	}
	stop()
	check(t, <-ended)
}

func TestTheLargestUploadIsTaken(t *testing.T) {
	b := newBench(t)
	l := b.op.log(systemLog).grow(t, MaxLeaves+3, "a")
	signed := l.note(t, l.size())
	b.post("/mirror", mirrorBody(0, signed, l.leaves[:MaxLeaves]...)).want(t, 200, fmt.Sprintln(MaxLeaves))
	b.post("/mirror", mirrorBody(MaxLeaves, signed, l.leaves[MaxLeaves:]...)).want(t, 200, fmt.Sprintln(MaxLeaves+3))
	b.cosigned(l, l.size(), b.ask(l, 0))
}
