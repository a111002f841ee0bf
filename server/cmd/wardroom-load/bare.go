package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/incident"
)

// bare is the bare server as a process of its own. What it is to store and send
// comes by standard input, so that no address with a password stands in a list
// of processes.
type bare struct{}

// bareOrder is what the bare server is told.
type bareOrder struct {
	Listen   string   // host:port
	Database string   // its own: same schema, same role
	History  string   // the product's, whose rows it reads as they are
	Shape    rowShape // what an entry weighs
}

// rowShape is what one message of the load weighs in the product, taken from
// one that was really stored.
type rowShape struct {
	Log    string // an id as long as the product's
	Actor  string
	Leaf   int // bytes
	Sealed int
	Head   int      // of the frontier in the log's row
	Open   fragment // as listeners get it
}

// fragment is an entry's JSON as it goes to a listener, cut where the entry's
// number and its text stand.
type fragment struct{ Before, Between, After string }

// cut finds the places in a real one.
func cut(entry []byte, seq uint64, text string) (f fragment, err error) {
	first, rest, ok := bytes.Cut(entry, []byte(strconv.FormatUint(seq, 10)))
	if between, after, also := bytes.Cut(rest, []byte(text)); ok && also {
		return fragment{string(first), string(between), string(after)}, nil
	}
	return f, fmt.Errorf("an entry of the product does not hold its number and its text: %s", entry)
}

func (f fragment) append(b []byte, seq int64, text string) []byte {
	b = append(b, f.Before...)
	b = strconv.AppendInt(b, seq, 10)
	b = append(b, f.Between...)
	b = append(b, text...)
	return append(b, f.After...)
}

// Run serves until its parent ends it.
func (bare) Run(ctx context.Context) error {
	var o bareOrder
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return fmt.Errorf("the bare server is started by bench, which tells it what to do: %w", err)
	}
	pool, err := pgxpool.New(ctx, o.Database)
	if err != nil {
		return err
	}
	defer pool.Close()
	history, err := pgxpool.New(ctx, o.History)
	if err != nil {
		return err
	}
	defer history.Close()
	s := &bareServer{ctx: ctx, pool: pool, sockets: newBareSockets(), shape: o.Shape, history: history, logs: map[string]*bareLog{}}
	go s.sockets.run(ctx)
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return err
	}
	h := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { h.Close() })
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// bareServer answers what the load asks, at the product's own addresses.
type bareServer struct {
	ctx     context.Context // ends with the server
	pool    *pgxpool.Pool
	sockets *bareSockets
	shape   rowShape
	history *pgxpool.Pool

	mu   sync.Mutex
	logs map[string]*bareLog // by room, each with a writer of its own; begun when first written to
}

// log is a room's: in the database under an id of its own, since two bare
// servers may be written to about the same room.
func (s *bareServer) log(room string) (*bareLog, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.logs[room]; l != nil {
		return l, nil
	}
	shape := s.shape
	shape.Log = incident.RandomID()
	l, err := beginBareLog(s.ctx, s.pool, shape)
	if err != nil {
		return nil, err
	}
	l.announce = s.sockets.broadcast
	s.logs[room] = l
	go l.run(s.ctx)
	return l, nil
}

func (s *bareServer) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /api/v1/rooms/{room}/messages", s.post)
	mux.HandleFunc("GET /api/v1/rooms/{room}/entries", s.page)
	mux.HandleFunc("POST /api/v1/stream/ticket", s.sockets.ticket)
	mux.HandleFunc("GET /api/v1/stream", s.sockets.upgrade)
	return mux
}

func (s *bareServer) post(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text string `json:"text"`
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	log, err := s.log(r.PathValue("room"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	seq, err := log.append(r.Context(), r.Header.Get("Idempotency-Key"), body.Text)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, "{\"seq\":%d}\n", seq)
}

// page reads rows of the product's log by their key, and answers as many bytes
// as the product does, without opening anything.
func (s *bareServer) page(w http.ResponseWriter, r *http.Request) {
	before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	limit, err2 := strconv.Atoi(r.URL.Query().Get("limit"))
	if err = errors.Join(err, err2); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	room := r.PathValue("room")
	out := []byte(`{"entries":[`)
	b := &pgx.Batch{}
	b.Queue(`SELECT set_config('app.scope', 'writer', true), set_config('app.log', $1, true)`, room)
	// A range of no more keys than the page has, and a subquery for each row: so
	// they are found by their keys whatever the database believes of the tables.
	b.Queue(`SELECT l.seq, l.leaf, (SELECT o.sealed FROM opening o WHERE o.log = $1 AND o.seq = l.seq) FROM leaf l
		WHERE l.log = $1 AND l.seq < $2 AND l.seq >= $2 - $3 ORDER BY l.seq DESC`, room, before, int64(limit)).Query(func(rows pgx.Rows) error {
		filler := messageText(0)
		for rows.Next() {
			var seq int64
			var leaf, sealed []byte
			if err := rows.Scan(&seq, &leaf, &sealed); err != nil {
				return err
			}
			if out[len(out)-1] != '[' {
				out = append(out, ',')
			}
			out = s.shape.Open.append(out, seq, filler)
		}
		return rows.Err()
	})
	if err := s.history.SendBatch(r.Context(), b).Close(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(out, `],"related":[],"head":0,"size":0}`...))
}

// barePost is one entry that waits to be stored.
type barePost struct {
	key, text string
	done      chan bareAnswer
}

type bareAnswer struct {
	seq int64
	err error
}

// The same bounds as the journal's.
const (
	bareGroup = 256
	bareQueue = 2048
)

// bareLog commits groups of entries: numbers in memory, one INSERT … SELECT
// FROM unnest a table, one update of the head, one round trip.
type bareLog struct {
	pool     *pgxpool.Pool
	shape    rowShape
	size     int64
	in       chan *barePost
	noise    []byte // what is stored instead of evidence; nothing compresses it
	announce func(room string, frame []byte, entries [][]byte)
}

func beginBareLog(ctx context.Context, pool *pgxpool.Pool, shape rowShape) (*bareLog, error) {
	l := &bareLog{pool: pool, shape: shape, in: make(chan *barePost, bareQueue), noise: make([]byte, 1<<20), announce: func(string, []byte, [][]byte) {}}
	rand.Read(l.noise)
	b := &pgx.Batch{}
	l.enter(b)
	b.Queue(`INSERT INTO log (id, kind, origin, key) VALUES ($1, 'room', $2, $3) ON CONFLICT (id) DO NOTHING`, shape.Log, "bare/"+shape.Log, l.noise[:150])
	b.Queue(`SELECT size FROM log WHERE id = $1`, shape.Log).QueryRow(func(row pgx.Row) error { return row.Scan(&l.size) })
	return l, pool.SendBatch(ctx, b).Close()
}

func (l *bareLog) enter(b *pgx.Batch) {
	b.Queue(`SELECT set_config('app.scope', 'writer', true), set_config('app.log', $1, true)`, l.shape.Log)
}

var errBareQueue = errors.New("the bare log's queue is full")

func (l *bareLog) append(ctx context.Context, key, text string) (int64, error) {
	p := &barePost{key: key, text: text, done: make(chan bareAnswer, 1)}
	select {
	case l.in <- p:
	default:
		return 0, errBareQueue
	}
	select {
	case a := <-p.done:
		return a.seq, a.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (l *bareLog) run(ctx context.Context) {
	var group []*barePost
	for {
		select {
		case p := <-l.in:
			group = append(group[:0], p)
		case <-ctx.Done():
			return
		}
	fill:
		for len(group) < bareGroup {
			select {
			case p := <-l.in:
				group = append(group, p)
			default:
				break fill
			}
		}
		err := l.store(ctx, group)
		for i, p := range group {
			p.done <- bareAnswer{l.size + int64(i), err}
		}
		if err != nil {
			continue
		}
		entries := l.entries(group)
		l.announce(l.shape.Log, bareFrame(l.shape.Log, entries), entries)
		l.size += int64(len(group))
	}
}

func (l *bareLog) piece(seq int64, n int) []byte {
	at := int(seq*131) % (len(l.noise) - n)
	return l.noise[at : at+n]
}

func (l *bareLog) store(ctx context.Context, group []*barePost) error {
	n := len(group)
	seqs, leaves, sealed, macs := make([]int64, n), make([][]byte, n), make([][]byte, n), make([][]byte, n)
	keys, same := make([]string, n), func(v string) []string {
		s := make([]string, n)
		for i := range s {
			s[i] = v
		}
		return s
	}
	for i, p := range group {
		seq := l.size + int64(i)
		seqs[i], keys[i] = seq, p.key
		leaves[i], sealed[i], macs[i] = l.piece(seq, l.shape.Leaf), l.piece(seq+1, l.shape.Sealed), l.piece(seq+2, 32)
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	l.enter(b)
	b.Queue(`INSERT INTO leaf (log, seq, leaf) SELECT $1, seq, leaf FROM unnest($2::bigint[], $3::bytea[]) AS t(seq, leaf)`, l.shape.Log, seqs, leaves)
	b.Queue(`INSERT INTO opening (log, seq, root, sealed) SELECT $1, seq, seq, sealed FROM unnest($2::bigint[], $3::bytea[]) AS t(seq, sealed)`, l.shape.Log, seqs, sealed)
	b.Queue(`INSERT INTO command_key (log, actor, key, mac, seq, count) SELECT $1, $2, key, mac, seq, 1 FROM unnest($3::text[], $4::bytea[], $5::bigint[]) AS t(key, mac, seq)`,
		l.shape.Log, l.shape.Actor, keys, macs, seqs)
	b.Queue(`INSERT INTO root (log, seq, kind, standing, author, tlp, org, audience, members, orgs)
		SELECT $1, seq, kind, false, 1, tlp, org, audience, '{}', '{}' FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) AS t(seq, kind, tlp, org, audience)`,
		l.shape.Log, seqs, same("message.posted"), same("TLP:AMBER+STRICT"), same("DSC"), same("room"))
	b.Queue(`UPDATE log SET size = $2, frontier = $3, last = clock_timestamp() WHERE id = $1 AND size = $4`,
		l.shape.Log, l.size+int64(n), l.piece(l.size, l.shape.Head), l.size).Exec(func(t pgconn.CommandTag) error {
		if t.RowsAffected() != 1 {
			return errors.New("the bare log has moved")
		}
		return nil
	})
	b.Queue("commit")
	return l.pool.SendBatch(ctx, b).Close()
}

// entries are the group as listeners get it, one by one.
func (l *bareLog) entries(group []*barePost) [][]byte {
	list := make([][]byte, len(group))
	for i, p := range group {
		list[i] = l.shape.Open.append(nil, l.size+int64(i), p.text)
	}
	return list
}

// bareFrame is one frame of them.
func bareFrame(room string, entries [][]byte) []byte {
	payload := append([]byte(`{"type":"events","room":"`+room+`","events":[`), bytes.Join(entries, []byte(","))...)
	return serverFrame(opText, append(payload, "]}"...))
}
