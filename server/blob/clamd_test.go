package blob

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/incident"
)

// bad is what the scanners here find. It is in no other signature database.
const bad = "WARDROOM-TEST-SIGNATURE-1b2f"

// longest is what the scanners here take of one file.
const longest = 3 << 20

// realClamd starts Debian's clamd with a database of one signature, and returns
// its address.
func realClamd(t *testing.T) string {
	t.Helper()
	bin, err := exec.LookPath("clamd")
	if err != nil {
		if _, err := os.Stat("/usr/sbin/clamd"); err != nil {
			t.Skip("SKIPPED: no clamd on this machine (apt-get install clamav-daemon): only the double of its protocol was asked")
		}
		bin = "/usr/sbin/clamd"
	}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	db := filepath.Join(dir, "db")
	check(t, os.Mkdir(db, 0o755))
	check(t, os.WriteFile(filepath.Join(db, "test.ndb"), []byte("Wardroom.Test:0:*:"+hex.EncodeToString([]byte(bad))+"\n"), 0o644))
	conf := filepath.Join(dir, "clamd.conf")
	check(t, os.WriteFile(conf, fmt.Appendf(nil, "Foreground yes\nTCPAddr 127.0.0.1\nTCPSocket %d\nDatabaseDirectory %s\nStreamMaxLength 3M\nMaxThreads 2\nLogFile %s\nTemporaryDirectory %s\n",
		port, db, filepath.Join(dir, "log"), dir), 0o644))
	cmd := exec.Command(bin, "--config-file="+conf)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	check(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill(); <-ended })
	at := fmt.Sprintf("127.0.0.1:%d", port)
	for { // until it answers PING, or ends
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("clamd ended: %v: %s", err, said.String())
		default:
		}
		if conn, err := net.Dial("tcp", at); err == nil {
			io.WriteString(conn, "zPING\x00")
			answer, _ := io.ReadAll(conn)
			conn.Close()
			if string(answer) == "PONG\x00" {
				return at
			}
		}
	}
}

// doubleClamd speaks clamd's INSTREAM as clamd(8) writes it down. It is a
// double: it knows one word and no virus.
func doubleClamd(t *testing.T) (string, *atomic.Bool) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { l.Close() })
	var mute atomic.Bool // takes everything and answers nothing
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				if cmd, err := in.ReadString(0); err != nil || cmd != "zINSTREAM\x00" {
					io.WriteString(conn, "UNKNOWN COMMAND\x00")
					return
				}
				var all []byte
				for {
					var n uint32
					if binary.Read(in, binary.BigEndian, &n) != nil {
						return
					}
					if n == 0 {
						break
					}
					if len(all)+int(n) > longest {
						io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
						return
					}
					part := make([]byte, n)
					if _, err := io.ReadFull(in, part); err != nil {
						return
					}
					all = append(all, part...)
				}
				switch {
				case mute.Load():
				case strings.Contains(string(all), bad):
					io.WriteString(conn, "stream: Wardroom.Test.UNOFFICIAL FOUND\x00")
				default:
					io.WriteString(conn, "stream: OK\x00")
				}
			}()
		}
	}()
	return l.Addr().String(), &mute
}

// scanning runs the store's background work and returns what it is told of.
func (g *ground) scanning() <-chan Scanned {
	told := make(chan Scanned, 10)
	g.s.scanned = told
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.s.Run(ctx) }()
	g.t.Cleanup(func() { cancel(); <-ended })
	return told
}

func TestWhatAScannerSaysIsToldAndWhatItFindsIsServedToNobody(t *testing.T) {
	for name, start := range map[string]func(*testing.T) string{
		"clamd": realClamd, "the double of its protocol": func(t *testing.T) string { at, _ := doubleClamd(t); return at },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t, Options{Clamd: start(t)})
			told := g.scanning()
			across := some(Chunk + 2000) // the word stands across two chunks
			copy(across[Chunk-10:], bad)
			for _, c := range []struct {
				what    string
				content []byte
				want    Scan
			}{{"nothing in it", some(1000), Clean}, {"something", []byte("x" + bad), Found}, {"something across two parts", across, Found}, {"too long to be looked at", some(longest + Chunk), NotScanned}} {
				u := g.upload(g.guest, c.content)
				if got := <-told; got.ID != u.ID || got.Scan != c.want {
					t.Errorf("%s: %+v, want %s", c.what, got, c.want)
				}
				u, err := g.s.Upload(t.Context(), g.room, g.guest.Person, u.ID)
				if err != nil || u.Scan != c.want {
					t.Errorf("%s: %+v %v", c.what, u, err)
				}
				_, err = g.s.Take(t.Context(), g.room, g.guest.Person, []incident.BlobID{u.ID})
				if (c.want == Found) != (incident.FaultOf(err) == incident.Invalid && err != nil) {
					t.Errorf("%s: %v", c.what, err)
				}
			}
		})
	}
}

func TestAScannerThatDoesNotAnswerKeepsNothingFromBeingSentAndIsAskedAgain(t *testing.T) {
	at, mute := doubleClamd(t)
	mute.Store(true)
	g := newGround(t, Options{Clamd: at})
	seq, f := g.attach(g.guest, nil, []byte(bad))
	if seq == 0 {
		t.Fatal("not posted")
	}
	g.s.scanAll(t.Context()) // asked, and no answer
	scans, err := g.s.Scans(t.Context(), g.room, g.lead.Person, []incident.File{f})
	if err != nil || scans[f.ID] != Pending {
		t.Errorf("%v %v", scans, err)
	}
	mute.Store(false)
	told := g.scanning()
	select {
	case got := <-told:
		if got.Scan != Found {
			t.Errorf("%+v", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("it was not asked again")
	}
	// Posted before it was known: known now, and given to nobody.
	r, err := g.s.Open(t.Context(), g.room, g.lead.Person, f)
	check(t, err)
	if _, err := io.ReadAll(r); err == nil {
		t.Error("what a scanner found something in is served")
	}
	if harmful, err := g.s.Harmful(t.Context(), g.room, []incident.BlobID{f.ID}); err != nil || !harmful[f.ID] {
		t.Errorf("%v %v", harmful, err)
	}
}
