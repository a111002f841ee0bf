package servertest

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/incident"
	"wardroom/server/journal"
)

// Direction is a way along a link.
type Direction int

const (
	ToDatabase Direction = iota
	FromDatabase
)

// ErrCut is what both ends of a cut connection meet.
var ErrCut = errors.New("servertest: the link was cut")

// Link is the line between a node and its database, which a test cuts after a
// number of bytes: what came before the cut has arrived, nothing after it.
type Link struct {
	mu      sync.Mutex
	armed   bool
	dir     Direction
	left    int64
	cuts    int // how many more connections to cut once the first is
	hits    int
	carried [2]int64
}

// Cut arms the link: the connection that carries byte number after+1 that way
// is cut before it, and so are the next more ones at their first byte.
func (l *Link) Cut(dir Direction, after int64, more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed, l.dir, l.left, l.cuts = true, dir, after, more
}

// Mend disarms the link and reports how many connections were cut since it
// was armed.
func (l *Link) Mend() (hits int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	hits, l.hits, l.armed = l.hits, 0, false
	return hits
}

// Carried returns the bytes carried each way so far.
func (l *Link) Carried() (toDatabase, fromDatabase int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.carried[ToDatabase], l.carried[FromDatabase]
}

// Dial connects through the link, as pgconn.Config.DialFunc.
func (l *Link) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &linkConn{Conn: c, l: l}, nil
}

type linkConn struct {
	net.Conn
	l *Link
}

// allow says how many of n bytes may pass, and whether the line is cut after
// them.
func (l *Link) allow(dir Direction, n int) (pass int, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.armed || l.dir != dir || int64(n) <= l.left {
		if l.armed && l.dir == dir {
			l.left -= int64(n)
		}
		l.carried[dir] += int64(n)
		return n, false
	}
	pass = int(l.left)
	l.carried[dir] += int64(pass)
	l.hits++
	l.left = 0
	if l.cuts--; l.cuts < 0 {
		l.armed = false
	}
	return pass, true
}

func (c *linkConn) Write(b []byte) (int, error) {
	pass, cut := c.l.allow(ToDatabase, len(b))
	n, err := c.Conn.Write(b[:pass])
	if cut {
		c.Conn.Close()
		return n, ErrCut
	}
	return n, err
}

func (c *linkConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n == 0 {
		return n, err
	}
	pass, cut := c.l.allow(FromDatabase, n)
	if cut {
		c.Conn.Close()
		if pass == 0 {
			return 0, ErrCut
		}
		return pass, nil
	}
	return n, err
}

// LinkedNode starts another journal over the same database, behind a link of
// its own.
func (h *House) LinkedNode() (*journal.Journal, *Link) {
	h.T.Helper()
	l := &Link{}
	along := func(url string) *pgxpool.Pool {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			h.T.Fatal(err)
		}
		config.ConnConfig.DialFunc = l.Dial
		config.MaxConns = 3
		pool, err := pgxpool.NewWithConfig(context.Background(), config)
		if err != nil {
			h.T.Fatal(err)
		}
		h.T.Cleanup(pool.Close)
		return pool
	}
	return h.NodeOn(along(h.DB.Cluster.WriterURL(h.DB.Name)), along(h.DB.Cluster.ReaderURL(h.DB.Name))), l
}

// Persist sends a command until it is answered, as an outbox does: the same
// key again whenever the answer promises nothing. It returns the refusal, if
// it was one.
func (c *Checker) Persist(ctx context.Context, key incident.Key, send func(context.Context) (seq incident.Seq, count int, err error)) error {
	for {
		a := c.Send(string(key))
		seq, count, err := send(ctx)
		switch {
		case err == nil:
			a.Acked(uint64(seq), count)
			return nil
		case incident.FaultOf(err) != incident.Unavailable:
			a.Refused()
			return err
		}
		a.Lost()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond): // politeness of the outbox, nothing waits for it
		}
	}
}
