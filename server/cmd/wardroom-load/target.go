package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"wardroom/server/incident"
)

// A target is one of the two servers, as the load sees it.
type target struct {
	side    side
	address string // host:port
	pid     int
	origin  string    // as a browser would send it
	cookies *[]string // of the sessions there are
	sources int       // how many addresses of 127.0.0.0/8 connections come from, so that ports suffice
	// operator is the host:port of a server's own figures; empty for the bare one.
	operator string
	// asks says that a socket begins with a ticket and asks for its room, and for
	// what it missed there. Ours always does; of the bare server, whose sockets
	// follow from the handshake on, where that is measured.
	asks bool
}

// messageText is the text of the n-th message of the load: always 120 bytes, a
// little more than people write to each other. The number can be found again
// in what listeners get.
func messageText(n int) string {
	const filler = "the imaging server at site two has been taken off the network, pathology still answers, next look on the full hour"
	return fmt.Sprintf("%s%08d %s", textMark, n, filler[:120-len(textMark)-9])
}

const textMark = "#"

// numberIn finds the message's number behind the mark in an entry's JSON.
func numberIn(entry []byte) (int, bool) {
	for {
		i := bytes.Index(entry, []byte(textMark))
		if i < 0 || len(entry) < i+len(textMark)+8 {
			return 0, false
		}
		entry = entry[i+len(textMark):]
		if n, err := strconv.Atoi(string(entry[:8])); err == nil {
			return n, true
		}
	}
}

var nextSource atomic.Uint32

// dial opens a connection, from several addresses in turn where the target has
// many of them to hold.
func (t *target) dial(ctx context.Context) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second}
	if t.sources > 1 {
		d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+int(nextSource.Add(1))%t.sources))}
	}
	return d.DialContext(ctx, "tcp", t.address)
}

// cookie is the n-th session's.
func (t *target) cookie(n int) string { return (*t.cookies)[n%len(*t.cookies)] }

// A poster sends messages over one connection that it keeps, one after the
// other. It writes the request itself: the load must cost as little as it can,
// since it runs on the same cores.
type poster struct {
	target *target
	conn   net.Conn // nil before the first message: a server ends a connection on which nothing comes for some seconds
	r      *bufio.Reader
	cookie string
	head   string
	out    []byte
}

func newPoster(t *target, room string, n int) *poster {
	p := &poster{target: t, cookie: t.cookie(n)}
	p.to(room)
	return p
}

// to turns the poster to another room.
func (p *poster) to(room string) {
	p.head = "POST /api/v1/rooms/" + room + "/messages HTTP/1.1\r\nHost: " + p.target.address + "\r\nOrigin: " + p.target.origin +
		"\r\nSec-Fetch-Site: same-origin\r\nAccept: application/json\r\nContent-Type: application/json\r\nCookie: " + p.cookie + "\r\n"
}

func (p *poster) close() {
	if p.conn != nil {
		p.conn.Close()
	}
}

// post sends one message and returns its entry's number once the server has
// answered that it is stored.
func (p *poster) post(text string) (seq uint64, err error) { return p.say(text, "") }

// say is post with more fields, as JSON that begins with a comma.
func (p *poster) say(text, more string) (seq uint64, err error) {
	b := append(p.out[:0], p.head...)
	b = append(b, "Idempotency-Key: "...)
	b = append(b, incident.NewKey(time.Now())...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(text)+len(more)+len(`{"text":""}`)), 10)
	b = append(b, "\r\n\r\n{\"text\":\""...)
	b = append(b, text...)
	b = append(b, '"')
	b = append(b, more...)
	b = append(b, '}')
	p.out = b
	if p.conn == nil {
		if p.conn, err = p.target.dial(context.Background()); err != nil {
			p.conn = nil
			return 0, err
		}
		p.r = bufio.NewReaderSize(p.conn, 4096)
	}
	p.conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := p.conn.Write(b); err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(p.r, nil)
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusCreated {
		return 0, fmt.Errorf("%s answered a message with %s: %s", p.target.side, res.Status, bytes.TrimSpace(body))
	}
	var a struct{ Seq uint64 }
	if err := json.Unmarshal(body, &a); err != nil {
		return 0, err
	}
	return a.Seq, nil
}

// call makes one request of the REST interface and reads the answer into into.
func (t *target) call(ctx context.Context, client *http.Client, method, path, cookie string, body, into any) error {
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+t.address+path, in)
	if err != nil {
		return err
	}
	req.Header.Set("Origin", t.origin)
	req.Header.Set("Cookie", cookie)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", string(incident.NewKey(time.Now())))
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		path, _, _ := strings.Cut(path, "?")
		return fmt.Errorf("%s answered %s %s with %s: %s", t.side, method, path, res.Status, bytes.TrimSpace(text))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
