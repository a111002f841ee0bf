package witness

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wardroom/server/evidence"
)

func TestThePageShowsTheFingerprintsAndRunsNothing(t *testing.T) {
	b, _ := sealed(t, 3)
	res, err := http.Get(b.srv.URL + "/")
	check(t, err)
	defer res.Body.Close()
	doc, err := html.Parse(res.Body)
	check(t, err)
	var text strings.Builder
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.TextNode:
			text.WriteString(n.Data)
		case n.Data == "script" || n.Data == "link" || n.Data == "img" || n.Data == "form":
			t.Errorf("the page has a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.Contains(a.Val, "://") {
				t.Errorf("the page has %s=%q", a.Key, a.Val)
			}
		}
	}
	words := strings.Join(strings.Fields(text.String()), " ")
	for _, k := range append(b.w.Keys(), strings.Fields(b.op.line)[1:]...) {
		if !strings.Contains(words, evidence.Fingerprint(k)) {
			t.Errorf("the fingerprint of %s is not on the page", k)
		}
	}
	if strings.Contains(words, "two histories") || strings.Contains(words, "cannot write") {
		t.Error("the page is alarmed")
	}
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, styleHash()) || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", res.Header)
	}
	if regexp.MustCompile(`[0-9a-z]{26}`).FindString(strings.ReplaceAll(words, b.op.line, "")) == strings.Repeat("s", 26) {
		t.Error("the page names a log")
	}
}

func TestWhatKeysAreCalledCannotMoveThePage(t *testing.T) {
	var b strings.Builder
	check(t, page.Execute(&b, shown{Name: `<script>x</script>`, Deployment: `"><img src=x>`, Keys: []shownKey{showKey(0, "<b>+1+x")}}))
	if strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "<img") || strings.Contains(b.String(), "<b>") {
		t.Error(b.String())
	}
}

func TestStoppingLetsWhatIsBeingAnsweredEnd(t *testing.T) {
	b := newBench(t)
	l := b.op.log(systemLog).grow(t, 2, "a")
	body := mirrorBody(0, l.note(t, 2), l.leaves...)
	reading := make(chan struct{})
	defer func(was func(string)) { steps = was }(steps)
	steps = func(s string) {
		if s == "reading" {
			close(reading)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	ended := make(chan error, 1)
	go func() { ended <- b.w.Serve(ctx, lis) }()
	// A request of which half is sent when the witness is told to stop.
	r, w := io.Pipe()
	type result struct {
		res *http.Response
		err error
	}
	answered := make(chan result, 1)
	go func() {
		res, err := http.Post("http://"+lis.Addr().String()+"/mirror", "", r)
		answered <- result{res, err}
	}()
	half := len(body) - 10
	_, err = w.Write(body[:half]) // read by the client, whose request is under way
	check(t, err)
	<-reading
	stop()
	_, err = w.Write(body[half:])
	check(t, err)
	check(t, w.Close())
	a := <-answered
	check(t, a.err)
	read(t, a.res).want(t, 200, "2\n")
	check(t, <-ended)
}

// A disk of its own that has too little room: a mount, so for root alone.
func TestAFullDiskIsAnErrorAndNoCosignature(t *testing.T) {
	b, l := sealed(t, 3)
	b.stop()
	small := filepath.Join(b.dir, "small")
	check(t, os.Mkdir(small, 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", small).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: a small disk cannot be mounted here: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", small).CombinedOutput(); err != nil {
			t.Errorf("%v %s", err, out)
		}
	})
	out, err := exec.Command("cp", "-a", filepath.Join(b.dir, "data"), small).CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	b.dir = small
	check(t, os.WriteFile(b.policyFile(), []byte(policyFormat+"\n"+b.op.line+"\n"), 0o600))
	b.start()
	t.Cleanup(b.stop)
	l.grow(t, 9, "a")
	b.send(l, 3).want(t, 200, "9\n")
	fill := filepath.Join(small, "fill")
	check(t, os.WriteFile(fill, make([]byte, 16<<20), 0o600))
	b.ask(l, 3).want(t, 507, "too little room")
	b.opens(l, 3, []byte(b.get("/checkpoint?origin="+systemLog).want(t, 200, "").body))
	check(t, os.Remove(fill))
	b.cosigned(l, 9, b.ask(l, 3))

	// Full in the middle of a write: nothing is answered as done, and nothing
	// more is written before a restart.
	defer func(was uint64) { spare = was }(spare)
	spare = 0
	l.grow(t, 12000, "a")
	f, err := os.Create(fill)
	check(t, err)
	_, _ = io.Copy(f, io.LimitReader(zeros{}, 64<<20)) // until it is full
	check(t, f.Close())
	b.send(l, 9).want(t, 503, "could not write")
	check(t, os.Remove(fill))
	b.send(l, 9).want(t, 503, "could not write")
	b.get("/").want(t, 200, "cannot write to its disk")
	b.opens(l, 9, []byte(b.get("/checkpoint?origin="+systemLog).want(t, 200, "").body))
	b.stop()
	b.start()
	b.send(l, 9).want(t, 200, "12000\n")
	b.cosigned(l, 12000, b.ask(l, 9))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestAListenerThatFailsTakesItsConnectionsWithIt(t *testing.T) {
	b := newBench(t)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	ended := make(chan error, 1)
	go func() { ended <- b.w.Serve(t.Context(), lis) }()
	conn, err := net.Dial("tcp", lis.Addr().String())
	check(t, err)
	defer conn.Close()
	ask := func() error {
		_, err := io.WriteString(conn, "GET /key HTTP/1.1\r\nHost: x\r\n\r\n")
		if err != nil {
			return err
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil {
			read(t, res).want(t, 200, "witness.example")
		}
		return err
	}
	check(t, ask())
	check(t, lis.Close())
	if err := <-ended; err == nil {
		t.Error("it ended as if it were told to")
	}
	if err := ask(); err == nil {
		t.Error("it still answers")
	}
}
