package notary

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
	"wardroom/server/trail"
)

// Witness is the second party's service, as this deployment knows it.
type Witness struct {
	URL  string
	Keys []string // verifier lines of one name; each must cosign

	verifiers []note.Verifier
	http      *http.Client
}

// NewWitness refuses verifier lines that cannot be read, in a sentence.
func NewWitness(address string, keys []string) (*Witness, error) {
	w := &Witness{URL: strings.TrimSuffix(address, "/"), Keys: keys, http: &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: atOnce, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: 20 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for i, line := range keys {
		v, err := evidence.NewTimedVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("notary: key %d of the witness is no verifier line", i+1)
		}
		if i > 0 && v.Name() != w.verifiers[0].Name() {
			return nil, errors.New("notary: the witness's keys bear different names")
		}
		w.verifiers = append(w.verifiers, v)
	}
	if len(keys) < 1 || len(keys) > 2 {
		return nil, errors.New("notary: a witness has one key or two")
	}
	return w, nil
}

// Held implements Holder: the newest checkpoint of the log that the witness has
// cosigned, by its own keys.
func (w *Witness) Held(ctx context.Context, origin string) (c evidence.Checkpoint, ok bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL+"/checkpoint?origin="+url.QueryEscape(origin), nil)
	if err != nil {
		return c, false, err
	}
	res, err := w.http.Do(req)
	if err != nil {
		return c, false, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, evidence.MaxCheckpoint+1))
	switch {
	case err != nil:
		return c, false, err
	case res.StatusCode == http.StatusNotFound:
		return c, false, nil
	case res.StatusCode != http.StatusOK:
		return c, false, fmt.Errorf("notary: the witness answers %d", res.StatusCode)
	}
	s, err := evidence.OpenCheckpoint(b, origin, w.verifiers, nil)
	return s.Checkpoint, err == nil, err
}

// Name is what the witness's keys bear.
func (w *Witness) Name() string { return w.verifiers[0].Name() }

const (
	atOnce     = 8                // logs the witness is asked about at the same time
	dutyFor    = 10 * time.Second // that a node asks the witness before another may
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	pauseOfLog = 10 * time.Second // after the witness refused it
)

// client is what this node knows of the witness. It may be forgotten at any
// time: the witness says again how far it is.
type client struct {
	n      *Notary
	w      *Witness
	holder string
	fresh  fresh

	mu    sync.Mutex
	logs  map[incident.LogID]*progress
	keys  map[int][]note.Verifier // our own, by generation: what is listed stays so
	pause time.Duration           // 0 while it answers
	until time.Time               // nothing is asked before
}

// progress is how far the witness is with one log.
type progress struct {
	mirrored, cosigned uint64
	until              time.Time // it refused; nothing is asked before
}

func newClient(n *Notary, w *Witness) *client {
	return &client{n: n, w: w, holder: rand.Text(), logs: map[incident.LogID]*progress{}, keys: map[int][]note.Verifier{}, fresh: fresh{of: map[incident.LogID]*drawn{}}}
}

// waiting is a log with a checkpoint that the witness has not signed.
type waiting struct {
	id, room incident.LogID
	kind     incident.LogKind
	origin   string
	cosigned uint64

	signed   uint64 // the size of its newest checkpoint
	frontier []byte // how far the notary has read
}

// errAway means that the witness does not answer; writing and signing go on.
var errAway = errors.New("notary: the witness does not answer")

// Cosign brings the newest checkpoint of every log that waits for it to the
// witness, if this node's turn has come. Nobody else waits for it.
func (n *Notary) Cosign(ctx context.Context) error {
	for {
		if more, err := n.round(ctx); err != nil || !more || ctx.Err() != nil {
			return err
		}
	}
}

// round brings the witness something of every log that waits, and reports
// whether there is more of one of them: what has come to wait meanwhile is of
// the next round then, and does not wait for the longest log to be through.
func (n *Notary) round(ctx context.Context) (more bool, err error) {
	c := n.witness
	now := n.o.Now()
	c.mu.Lock()
	paused := now.Before(c.until)
	c.mu.Unlock()
	if paused {
		return false, nil
	}
	mine, logs, err := c.due(ctx)
	if err != nil || !mine || len(logs) == 0 {
		return false, err
	}
	ctx, span := trail.Start(ctx, cosignName)
	defer func() { span.End(err) }()
	span.Count(logsKey, len(logs))
	var mu sync.Mutex
	var errs []error
	away := false
	failed := func(err error) bool {
		mu.Lock()
		defer mu.Unlock()
		if errors.Is(err, errMore) {
			more = true
		} else if err != nil {
			errs = append(errs, err)
		}
		away = away || errors.Is(err, errAway)
		return errors.Is(err, errAway)
	}
	// The system log first: rooms are admitted under it.
	for len(logs) > 0 && logs[0].kind == incident.SystemLog {
		c.bring(ctx, logs[:1], failed)
		logs = logs[1:]
	}
	for portion := range slices.Chunk(logs, logsAtOnce) {
		if away {
			break // it was just tried
		}
		c.bring(ctx, portion, failed)
	}
	err = errors.Join(errs...)
	c.rest(err)
	return more, err
}

// rest decides when the witness is asked again: it is left alone for longer
// and longer while it does not answer.
func (c *client) rest(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	up := !errors.Is(err, errAway)
	if was := c.n.stats.up.Swap(up); was != up {
		if up {
			c.n.o.Log.Info("the witness answers")
		} else {
			c.n.o.Log.Warn("the witness does not answer: entries stay unsealed until it does", "error", err)
		}
	}
	if up {
		c.pause = 0
		return
	}
	c.pause = min(max(2*c.pause, firstPause), lastPause)
	c.until = c.n.o.Now().Add(c.pause)
}

// due takes this node's turn and lists what waits.
func (c *client) due(ctx context.Context) (mine bool, logs []waiting, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`INSERT INTO duty (name, holder, until) SELECT 'witness', '', 'epoch' WHERE NOT EXISTS (SELECT FROM duty WHERE name = 'witness') ON CONFLICT (name) DO NOTHING`)
	b.Queue(`UPDATE duty SET holder = $1, until = clock_timestamp() + $2::interval WHERE name = 'witness'
		AND (until < clock_timestamp() OR holder = $1 AND until < clock_timestamp() + $2::interval / 2)`, c.holder, dutyFor)
	b.Queue(`SELECT holder = $1 FROM duty WHERE name = 'witness'`, c.holder).QueryRow(func(row pgx.Row) error { return row.Scan(&mine) })
	b.Queue(`SELECT l.id, l.room, l.kind, l.origin, n.cosigned, n.signed, n.frontier FROM notary n JOIN log l ON l.id = n.log
		WHERE n.pending IS NOT NULL ORDER BY l.kind <> 'system', n.pending`).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var l waiting
			var cosigned, signed int64
			if err := rows.Scan((*string)(&l.id), (*string)(&l.room), (*string)(&l.kind), &l.origin, &cosigned, &signed, &l.frontier); err != nil {
				return err
			}
			l.cosigned, l.signed = uint64(cosigned), uint64(signed)
			logs = append(logs, l)
		}
		return rows.Err()
	})
	return mine, logs, c.n.o.Writer.SendBatch(ctx, b).Close()
}

// refusal is an answer of the witness that is not the one hoped for. Its words
// may name a log, so they are not logged.
type refusal struct {
	what   string
	status int
	size   uint64 // that it has; with 409
}

func (r *refusal) Error() string {
	return fmt.Sprintf("notary: the witness answered %s with %d", r.what, r.status)
}

func (r *refusal) missing() bool {
	return r.status == http.StatusNotFound || r.status == http.StatusForbidden
}

// cosign brings one log's newest checkpoint to the witness, and keeps what comes
// back if it is good: it is stored with the rest of the portion. A crash before
// that costs asking again, which brings the same signatures.
func (c *client) cosign(ctx context.Context, e *errand) error {
	err := c.show(ctx, e)
	var r *refusal
	if errors.As(err, &r) && r.missing() && e.kind != incident.SystemLog {
		if err = c.admit(ctx, e.waiting); err == nil {
			err = c.show(ctx, e)
		}
	}
	return err
}

// progressOf is one log's alone: of a round, one goroutine has it.
func (c *client) progressOf(l waiting) *progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.logs[l.id]
	if p == nil {
		p = &progress{mirrored: l.cosigned, cosigned: l.cosigned}
		c.logs[l.id] = p
	}
	return p
}

func (c *client) show(ctx context.Context, e *errand) error {
	if err := c.mirror(ctx, e); err != nil {
		return err
	}
	lines, err := c.add(ctx, e)
	if err != nil {
		return err
	}
	cosigned, at, err := c.check(ctx, e.origin, e.size, e.key, e.signed, lines)
	if err != nil {
		return err
	}
	if err := c.n.at("cosigned"); err != nil {
		return err
	}
	e.cosigned, e.at = cosigned, at
	return nil
}

// check puts the witness's lines below the note's own, and refuses all but a
// note that the operator's keys and every key of the witness have signed.
func (c *client) check(ctx context.Context, origin string, size uint64, key int, signed, lines []byte) (cosigned []byte, at time.Time, err error) {
	cosigned = append(cosigned, signed...)
	for line := range strings.SplitAfterSeq(string(lines), "\n") {
		name, sig, ok := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSuffix(sig, "\n"))
		if !strings.HasPrefix(line, "— ") || !strings.HasSuffix(line, "\n") || !ok || err != nil || len(raw) < 5 {
			continue // the rest cannot become a signature either
		}
		for _, v := range c.w.verifiers {
			if h := v.KeyHash(); name == v.Name() && bytes.Equal(raw[:4], []byte{byte(h >> 24), byte(h >> 16), byte(h >> 8), byte(h)}) {
				cosigned = append(cosigned, line...)
			}
		}
	}
	need, err := c.operator(ctx, key)
	if err != nil {
		return nil, at, err
	}
	s, err := evidence.OpenCheckpoint(cosigned, origin, slices.Concat(need, c.w.verifiers), nil)
	if err != nil {
		return nil, at, err
	}
	if s.Size != size {
		return nil, at, evidence.ErrCheckpoint
	}
	for _, by := range s.By {
		if by.Name == c.w.Name() && by.Time.After(at) {
			at = by.Time
		}
	}
	if at.Year() < 2000 || at.Year() > 9000 {
		return nil, at, fmt.Errorf("%w: the witness says no time", evidence.ErrUntrusted)
	}
	return cosigned, at, nil
}

// operator returns the verifiers of a generation of our own keys.
func (c *client) operator(ctx context.Context, key int) ([]note.Verifier, error) {
	c.mu.Lock()
	need := c.keys[key]
	c.mu.Unlock()
	if need != nil {
		return need, nil
	}
	listed, err := c.n.o.Record.Keys(ctx)
	if err != nil {
		return nil, err
	}
	if key > len(listed) {
		return nil, ErrUnlisted
	}
	if need, err = verifiersOf(listed[key-1].Verifiers); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys[key] = need
	return need, nil
}

// errNotYet means that something else has to be sealed first.
var errNotYet = errors.New("notary: not yet")

// admit shows the witness that the system log, which it knows, registered the
// room, and so this log of it.
func (c *client) admit(ctx context.Context, l waiting) error {
	room := l.id
	if l.kind == incident.AccessLog {
		room = l.room
	}
	system, leaf, opening, err := c.n.o.Record.Registered(ctx, room)
	if err != nil {
		return err
	}
	var sealed incident.Seal
	b := &pgx.Batch{}
	projection.Writer(system).Enter(b)
	b.Queue(`SELECT size, note, at FROM cosignature WHERE log = $1 AND size > $2 ORDER BY size DESC LIMIT 1`, string(system), int64(opening.Seq)).QueryRow(scanSeal(&sealed))
	if err := c.n.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if sealed.Size == 0 {
		return errNotYet
	}
	root, err := rootIn(sealed.Note)
	if err != nil {
		return err
	}
	path, err := include(ctx, c.n.o.Writer, projection.Writer(system), system, sealed.Size, incident.Seq(opening.Seq), leaf, root)
	if err != nil {
		return err
	}
	slots := map[string][2]string{}
	for i, s := range opening.Slots {
		if s != nil {
			slots[fmt.Sprint(i)] = [2]string{base64.StdEncoding.EncodeToString(s.Salt[:]), string(s.Value)}
		}
	}
	body, err := json.Marshal(struct {
		Checkpoint string               `json:"checkpoint"`
		Leaf       []byte               `json:"leaf"`
		Index      uint64               `json:"index"`
		Proof      []string             `json:"proof"`
		Slots      map[string][2]string `json:"slots"`
	}{sealed.Note, leaf, opening.Seq, hashLines(path), slots})
	if err != nil {
		return err
	}
	_, err = c.post(ctx, "/admit", "application/json", body)
	return err
}

func hashLines(path [][32]byte) []string {
	lines := make([]string, len(path))
	for i, h := range path {
		lines[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return lines
}
