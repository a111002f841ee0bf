package hub

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// newHub returns a hub over the house's journal. When the test ends nothing
// of it may be left running.
func newHub(t testing.TB, h *servertest.House, change ...func(*Options)) *Hub {
	t.Helper()
	before := goleak.IgnoreCurrent()
	opt := Options{Journal: h.Journal}
	for _, c := range change {
		c(&opt)
	}
	hub := New(opt)
	t.Cleanup(func() {
		hub.Close()
		goleak.VerifyNone(t, before,
			goleak.IgnoreAnyFunction("wardroom/server/journal.(*writer).run"),
			goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"),
			goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgconn/internal/bgreader.(*BGReader).bgRead"),
			goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).triggerHealthCheck.func1"))
	})
	return hub
}

// ear is a client: a real TCP socket on whose other end the hub writes.
type ear struct {
	t    testing.TB
	conn *Conn
	net  net.Conn // the client's end

	mu     sync.Mutex
	grown  chan struct{} // closed and replaced when frames or end change
	frames []heard
	code   Code // of the close frame; 0: none yet
	ended  bool // nothing more will come
	hold   sync.Mutex
}

// heard is a frame as it came.
type heard struct {
	Type     string              `json:"type"`
	Room     incident.LogID      `json:"room"`
	Seq      incident.Seq        `json:"seq"`
	Root     incident.Seq        `json:"root"`
	Events   []fragment          `json:"events"`
	Frontier frontierJSON        `json:"frontier"`
	State    json.RawMessage     `json:"state"`
	Fault    incident.Fault      `json:"fault"`
	Here     []incident.MemberNo `json:"here"`
	Typing   []incident.MemberNo `json:"typing"`
	Wait     int                 `json:"wait"`
	raw      string
	at       time.Time
}

type frontierJSON struct {
	Size   uint64   `json:"size"`
	Hashes []string `json:"hashes"`
}

type fragment struct {
	Seq   incident.Seq    `json:"seq"`
	Seed  string          `json:"seed"`
	Leaf  string          `json:"leaf"`
	Slots json.RawMessage `json:"slots"`
	raw   string
}

func (f *fragment) UnmarshalJSON(b []byte) error {
	type plain fragment
	if err := json.Unmarshal(b, (*plain)(f)); err != nil {
		return err
	}
	f.raw = string(b)
	return nil
}

// root is the root named in slot 0; 0 for a stub.
func (f fragment) root() incident.Seq {
	var first string
	switch f.form() {
	case "open":
		var slots []string
		if json.Unmarshal(f.Slots, &slots) == nil {
			first = slots[incident.SlotKind]
			break
		}
		fallthrough
	case "envelope":
		var slots map[string][2]string
		json.Unmarshal(f.Slots, &slots)
		first = slots["0"][1]
	}
	var head struct{ Root incident.Seq }
	json.Unmarshal([]byte(first), &head)
	return head.Root
}

// replica is what a client holds: the wire's rules and nothing else. It fails
// the test at a hole, a repeat, or a frame out of place.
type replica struct {
	t       testing.TB
	began   bool
	last    incident.Seq
	entries map[incident.Seq]fragment
	revoked bool
	origin  evidence.Origin // of the room's log: the leaf of what is held open is made with it
}

// erase does what an entry that erases from another asks of whoever holds that:
// nothing of the slots is kept, nor the seed.
func (r *replica) erase(f fragment) {
	var slots []string
	var head struct{ Kind incident.Kind }
	var body incident.EntryErased
	if json.Unmarshal(f.Slots, &slots) != nil || json.Unmarshal([]byte(slots[incident.SlotKind]), &head) != nil || head.Kind != "entry.erased" {
		return
	}
	if err := json.Unmarshal([]byte(slots[incident.SlotBody]), &body); err != nil {
		r.t.Fatal(err)
	}
	held, ok := r.entries[body.Entry]
	if !ok || held.form() != "open" {
		return
	}
	e := evidence.Entry{Seq: uint64(body.Entry)}
	if held.Seed != "" {
		w := &evidence.Whole{Seq: e.Seq}
		var values []string
		seed, err := base64.StdEncoding.DecodeString(held.Seed)
		if err != nil || json.Unmarshal(held.Slots, &values) != nil {
			r.t.Fatalf("entry %d is held as %s", body.Entry, held.raw)
		}
		copy(w.Seed[:], seed)
		for i, v := range values {
			w.Values[i] = []byte(v)
		}
		e.Leaf, e.Opening = evidence.AppendLeaf(nil, r.origin, w.Seq, w.Seed, &w.Values), w
	} else {
		p := &evidence.Partial{Seq: e.Seq}
		var values map[int][2]string
		if err := json.Unmarshal(held.Slots, &values); err != nil {
			r.t.Fatal(err)
		}
		for i, v := range values {
			salt, err := base64.StdEncoding.DecodeString(v[0])
			if err != nil {
				r.t.Fatal(err)
			}
			p.Slots[i] = &evidence.Slot{Salt: [32]byte(salt), Value: []byte(v[1])}
		}
		e.Leaf, _ = base64.StdEncoding.DecodeString(held.Leaf)
		e.Erased = p
	}
	b, _ := json.Marshal(policy.AllForms(e.Erase(body.Slots...))[policy.Open])
	var left fragment
	if err := json.Unmarshal(b, &left); err != nil {
		r.t.Fatal(err)
	}
	r.entries[body.Entry] = left
}

func (r *replica) apply(f heard) {
	switch f.Type {
	case "snapshot":
		r.began, r.revoked, r.last, r.entries = true, false, f.Seq, map[incident.Seq]fragment{}
		if f.Frontier.Size != uint64(f.Seq)+1 {
			r.t.Fatalf("a snapshot at %d with a frontier of size %d", f.Seq, f.Frontier.Size)
		}
		return
	case "revoked":
		r.began, r.revoked, r.entries = false, true, nil
		return
	case "events", "opened", "withdrawn", "caught_up":
		if !r.began {
			r.t.Fatalf("%s before any snapshot", f.Type)
		}
	}
	switch f.Type {
	case "events":
		for _, e := range f.Events {
			if e.Seq != r.last+1 {
				r.t.Fatalf("entry %d came after entry %d", e.Seq, r.last)
			}
			r.last = e.Seq
			r.entries[e.Seq] = e
			r.erase(e)
		}
	case "opened":
		r.hide(f.Root)
		for _, e := range f.Events {
			if e.Seq > r.last {
				r.t.Fatalf("opened root %d brought entry %d, beyond %d", f.Root, e.Seq, r.last)
			}
			if e.form() == "stub" {
				r.t.Fatalf("opened root %d brought a stub", f.Root)
			}
			r.entries[e.Seq] = e
		}
	case "withdrawn":
		r.hide(f.Root)
	case "caught_up":
		if f.Seq != r.last {
			r.t.Fatalf("caught up at %d, but the last entry was %d", f.Seq, r.last)
		}
	}
}

// hide makes stubs of all entries of a root.
func (r *replica) hide(root incident.Seq) {
	for seq, e := range r.entries {
		if e.form() != "stub" && e.root() == root {
			r.entries[seq] = fragment{Seq: seq}
		}
	}
}

// form is open, envelope or stub.
func (f fragment) form() string {
	switch {
	case f.Seed != "":
		return "open"
	case len(f.Slots) > 0:
		var slots map[string]json.RawMessage
		if json.Unmarshal(f.Slots, &slots); slots["7"] != nil {
			return "open" // less what was erased
		}
		return "envelope"
	}
	return "stub"
}

// text is the message's text, if the fragment is an open message.
func (f fragment) text() string {
	var slots []string
	if f.form() != "open" || json.Unmarshal(f.Slots, &slots) != nil {
		return ""
	}
	var body struct{ Text string }
	json.Unmarshal([]byte(slots[incident.SlotBody]), &body)
	return body.Text
}

func socketPair(t testing.TB) (server, client *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return s.(*net.TCPConn), c.(*net.TCPConn)
}

// attach connects a person.
func attach(t testing.TB, h *Hub, who incident.Actor) *ear {
	t.Helper()
	s, c := socketPair(t)
	e := &ear{t: t, net: c, grown: make(chan struct{})}
	e.conn = h.Attach(s, Who{Person: who.Person, Session: "session-" + who.Name})
	e.conn.Admit()
	var wg sync.WaitGroup
	wg.Go(e.listen)
	wg.Go(func() { // the reading half of the server's socket
		io.Copy(io.Discard, s)
		e.conn.Detach()
	})
	t.Cleanup(func() {
		c.Close()
		wg.Wait()
	})
	return e
}

func (e *ear) listen() {
	defer func() {
		e.mu.Lock()
		e.ended = true
		close(e.grown)
		e.grown = make(chan struct{})
		e.mu.Unlock()
	}()
	in := bufio.NewReaderSize(e.net, 64<<10)
	for {
		e.hold.Lock()
		e.hold.Unlock()
		op, payload, err := readFrame(in)
		if err != nil {
			return
		}
		e.mu.Lock()
		switch op {
		case opText:
			f := heard{raw: string(payload), at: time.Now()}
			if err := json.Unmarshal(payload, &f); err != nil {
				e.t.Errorf("a frame that is no JSON: %v: %.200s", err, payload)
			}
			e.frames = append(e.frames, f)
		case opClose:
			e.code = Code(binary.BigEndian.Uint16(payload))
			e.net.Close()
		case opPing, opPong:
		default:
			e.t.Errorf("opcode %x", op)
		}
		close(e.grown)
		e.grown = make(chan struct{})
		e.mu.Unlock()
	}
}

func readFrame(in *bufio.Reader) (op byte, payload []byte, err error) {
	op, err = in.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	short, err := in.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	n := uint64(short)
	switch short {
	case 126:
		var b [2]byte
		_, err = io.ReadFull(in, b[:])
		n = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, err = io.ReadFull(in, b[:])
		n = binary.BigEndian.Uint64(b[:])
	}
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(in, payload)
	return op, payload, err
}

// all returns what has come so far.
func (e *ear) all() []heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]heard(nil), e.frames...)
}

// until waits until done says that what has come is enough.
func (e *ear) until(what string, done func([]heard) bool) []heard {
	e.t.Helper()
	limit := time.After(patience)
	for {
		e.mu.Lock()
		frames, grown, ended := append([]heard(nil), e.frames...), e.grown, e.ended
		e.mu.Unlock()
		if done(frames) {
			return frames
		}
		if ended {
			e.t.Fatalf("the socket ended (code %d) before %s; it said %v", e.code, what, types(frames))
		}
		select {
		case <-grown:
		case <-limit:
			e.t.Fatalf("no %s within %v; it said %v", what, patience, types(frames))
		}
	}
}

// narrowed reports whether the socket was ended because what was on its way may
// no longer be seen: the client comes back.
func (e *ear) narrowed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ended && e.code == Narrowed
}

// next waits for the first frame after the from-th that is wanted.
func (e *ear) next(what string, from int, want func(heard) bool) (int, heard) {
	e.t.Helper()
	found := -1
	frames := e.until(what, func(all []heard) bool {
		for i := from; i < len(all); i++ {
			if want(all[i]) {
				found = i
				return true
			}
		}
		return false
	})
	return found, frames[found]
}

// gone waits for the end of the socket and returns the close code.
func (e *ear) gone() Code {
	e.t.Helper()
	limit := time.After(patience)
	for {
		e.mu.Lock()
		grown, ended, code := e.grown, e.ended, e.code
		e.mu.Unlock()
		if ended {
			return code
		}
		select {
		case <-grown:
		case <-limit:
			e.t.Fatalf("the socket is still open after %v", patience)
		}
	}
}

func is(kind string) func(heard) bool { return func(f heard) bool { return f.Type == kind } }

// has reports whether a frame of entries contains the number.
func has(seq incident.Seq) func(heard) bool {
	return func(f heard) bool {
		if f.Type != "events" {
			return false
		}
		for _, e := range f.Events {
			if e.Seq == seq {
				return true
			}
		}
		return false
	}
}

func types(frames []heard) (list []string) {
	for _, f := range frames {
		list = append(list, f.Type)
	}
	return list
}

// stream is the entries that came after the newest snapshot, by number; it
// fails the test where they are not contiguous from the snapshot on, or from
// after if none came.
func stream(t testing.TB, frames []heard, after incident.Seq) (last incident.Seq, entries map[incident.Seq]fragment) {
	t.Helper()
	last, entries = after, map[incident.Seq]fragment{}
	for _, f := range frames {
		switch f.Type {
		case "snapshot":
			if f.Seq < last {
				t.Fatalf("a snapshot at %d after entry %d", f.Seq, last)
			}
			last = f.Seq
			if f.Frontier.Size != uint64(f.Seq)+1 {
				t.Fatalf("a snapshot at %d with a frontier of size %d", f.Seq, f.Frontier.Size)
			}
		case "caught_up":
			if f.Seq != last {
				t.Fatalf("caught up at %d, but the last entry was %d", f.Seq, last)
			}
		case "events":
			for _, e := range f.Events {
				if e.Seq != last+1 {
					t.Fatalf("entry %d came after entry %d", e.Seq, last)
				}
				last = e.Seq
				entries[e.Seq] = e
			}
		}
	}
	return last, entries
}

func seqp(s incident.Seq) *incident.Seq { return &s }

// leaves returns every leaf of the room, by number, as the database has them.
func leaves(t testing.TB, h *servertest.House, room incident.LogID) map[incident.Seq]string {
	t.Helper()
	tx, err := h.DB.Writer.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(context.Background(), `SELECT set_config('app.scope','writer',true), set_config('app.log',$1,true)`, string(room)); err != nil {
		t.Fatal(err)
	}
	rows, err := tx.Query(context.Background(), `SELECT seq, leaf FROM leaf WHERE log = $1`, string(room))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[incident.Seq]string{}
	for rows.Next() {
		var seq int64
		var leaf []byte
		if err := rows.Scan(&seq, &leaf); err != nil {
			t.Fatal(err)
		}
		all[incident.Seq(seq)] = base64.StdEncoding.EncodeToString(leaf)
	}
	return all
}

func timeout() <-chan time.Time { return time.After(patience) }
