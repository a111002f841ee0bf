package journal

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/nextflight"
	"wardroom/server/projection"
)

// New returns a journal. It touches the database only when asked something.
func New(opt Options) *Journal {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Poll == 0 {
		opt.Poll = 250 * time.Millisecond
	}
	if opt.Idle == 0 {
		opt.Idle = 10 * time.Minute
	}
	if opt.Logs == 0 {
		opt.Logs = DefaultLogs
	}
	if opt.LogBytes == 0 {
		opt.LogBytes = DefaultLogBytes
	}
	j := &Journal{opt: opt, writers: map[incident.LogID]*writer{}, closedLogs: map[incident.LogID]string{}, tides: map[incident.LogKind]*tide{}, registered: map[incident.LogID]incident.Seq{},
		hinted: map[incident.LogID]bool{}, hint: make(chan struct{}, 1), rules: foldRules, every: foldEvery, keeps: make(chan struct{}, 1), warms: make(chan struct{}, 1)}
	j.ctx, j.stop = context.WithCancel(context.Background())
	j.sizes = nextflight.New(j.askSizes, nil)
	j.wg.Go(j.poll)
	j.wg.Go(j.keepDeliveries)
	return j
}

// Close finishes what is in flight and ends the writers.
func (j *Journal) Close(ctx context.Context) error {
	j.closed.Store(true)
	j.stop()
	done := make(chan struct{})
	go func() { j.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Create makes the row and the data key of a log, once. Its entries come by
// Append; the first of them is its genesis.
func (j *Journal) Create(ctx context.Context, kind incident.LogKind, id, room incident.LogID) error {
	return j.CreateNext(ctx, kind, id, room, "")
}

// CreateNext is Create for the next section of the log after.
func (j *Journal) CreateNext(ctx context.Context, kind incident.LogKind, id, room, after incident.LogID) error {
	defer func() {
		j.mu.Lock()
		j.asked = time.Time{} // the system log may be another from here on
		j.mu.Unlock()
	}()
	_, wrapped, err := j.opt.Vault.NewLogKey(string(id))
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	projection.Writer(id).Enter(b)
	b.Queue(`INSERT INTO log (id, kind, room, origin, key, after) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
		string(id), string(kind), string(room), incident.OriginLine(j.opt.Deployment, kind, id), wrapped, string(after))
	return dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// Genesis is entry 0 of a log this deployment begins.
func (j *Journal) Genesis(kind incident.LogKind, id, room incident.LogID) incident.Genesis {
	return incident.Genesis{Deployment: j.opt.Deployment, Format: incident.FormatName, Log: kind,
		Origin: incident.OriginLine(j.opt.Deployment, kind, id), Room: room, Section: 1}
}

// dbError turns trouble with the database into a refusal that stores nothing
// and tells nothing.
func dbError(err error) error {
	var refused *incident.Error
	if err == nil || errors.As(err, &refused) {
		return err
	}
	if deterministic(err) {
		return err
	}
	return &incident.Error{Fault: incident.Unavailable, Message: "The record cannot be read just now. Try again in a moment."}
}

// writer returns the log's writer, starting it if need be.
func (j *Journal) writer(ctx context.Context, log incident.LogID) (*writer, error) {
	if !log.Valid() {
		return nil, incident.Missing()
	}
	j.mu.Lock()
	if why := j.closedLogs[log]; why != "" {
		j.mu.Unlock()
		return nil, incident.Refuse(incident.Unavailable, "%s", why)
	}
	if w := j.writers[log]; w != nil {
		w.mu.Lock()
		w.used = time.Now() // so that it is not put out of memory before it is asked
		w.mu.Unlock()
		j.mu.Unlock()
		return w, nil
	}
	j.mu.Unlock()
	w, err := j.open(ctx, log)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if other := j.writers[log]; other != nil {
		return other, nil
	}
	if j.closed.Load() {
		return nil, unavailable()
	}
	j.writers[log] = w
	j.makeRoom(time.Now())
	j.wg.Go(func() { w.run(j.ctx) })
	return w, nil
}

// open reads the log's row and unwraps its key.
func (j *Journal) open(ctx context.Context, log incident.LogID) (*writer, error) {
	w := &writer{j: j, log: log, in: make(chan *pending, maxQueue), leave: make(chan struct{}, 1), gone: make(chan struct{}), watchers: map[*watcher]struct{}{}, used: time.Now()}
	var origin string
	var wrapped []byte
	found := false
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT kind, room, origin, key, after FROM log WHERE id = $1`, string(log)).QueryRow(func(row pgx.Row) error {
		err := row.Scan((*string)(&w.kind), (*string)(&w.room), &origin, &wrapped, (*string)(&w.after))
		found = err == nil
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return nil, dbError(err)
	}
	if !found {
		return nil, incident.Missing()
	}
	key, err := j.opt.Vault.Unwrap(string(log), wrapped)
	if err != nil {
		return nil, err
	}
	w.key, w.line, w.origin = key, origin, evidence.OriginOf(origin)
	return w, nil
}

// evict takes a writer that was idle for so long out of memory; it reports
// whether it did.
func (j *Journal) evict(w *writer, idle time.Duration) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.watchers) > 0 || time.Since(w.used) < idle || len(w.in) > 0 {
		return false
	}
	delete(j.writers, w.log)
	j.evicted.Add(1)
	return true
}

// poll is the safety net behind the doorbell: it looks whether a watched log
// has grown.
func (j *Journal) poll() {
	t := time.NewTicker(j.opt.Poll)
	defer t.Stop()
	var looked time.Time // when hints were last followed
	for {
		all := false
		select {
		case <-j.ctx.Done():
			return
		case <-t.C:
			all = true
		case <-j.hint:
			if early := hintGap - time.Since(looked); early > 0 {
				time.Sleep(early) // what comes meanwhile is looked at with it
			}
			looked = time.Now()
		}
		j.mu.Lock()
		var watched []string
		sizes := map[string]*writer{}
		for id, w := range j.writers {
			if !all && !j.hinted[id] {
				continue
			}
			w.mu.Lock()
			if len(w.watchers) > 0 {
				watched = append(watched, string(id))
				sizes[string(id)] = w
			}
			w.mu.Unlock()
		}
		clear(j.hinted)
		j.mu.Unlock()
		if len(watched) > 0 {
			j.look(watched, sizes)
		}
	}
}

// look asks how far the logs have come, and has those that are behind catch up.
func (j *Journal) look(watched []string, writers map[string]*writer) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT id, size FROM log WHERE id = ANY ((SELECT $1::text[])::text[])`, watched).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var id string
			var size int64
			if err := rows.Scan(&id, &size); err != nil {
				return err
			}
			w := writers[id]
			w.mu.Lock()
			behind := uint64(size) != w.seenSize && !w.newer
			w.mu.Unlock()
			if behind {
				w.nudge()
			}
		}
		return rows.Err()
	})
	ctx, cancel := context.WithTimeout(j.ctx, 5*time.Second)
	defer cancel()
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil && j.ctx.Err() == nil {
		j.opt.Log.Warn("watched logs could not be looked at", "error", err)
	}
}

// nudge asks the writer to catch up, without waiting.
func (w *writer) nudge() {
	select {
	case w.in <- &pending{done: make(chan answer, 1)}:
	default: // whoever fills the queue will catch up
	}
}

// Refresh is for the doorbell: if the log is watched here, it is looked at soon,
// and catches up if it has grown. However many logs it is called for, and
// however often, they are one question at a time, hintGap apart: who forges
// hints costs no more than that.
func (j *Journal) Refresh(log incident.LogID) {
	j.mu.Lock()
	if j.writers[log] != nil {
		j.hinted[log] = true
	}
	j.mu.Unlock()
	select {
	case j.hint <- struct{}{}:
	default:
	}
}

// hintGap is the least time between two looks that hints ask for.
const hintGap = 5 * time.Millisecond

// Watch calls fn with every group after the returned fold, in order, from the
// writer's goroutine after commit. fn must not block. cancel may be called
// once or more; a call of fn in flight may still end after it.
func (j *Journal) Watch(ctx context.Context, log incident.LogID, fn func(*Group)) (at *incident.Room, cancel func(), err error) {
	w, err := j.writer(ctx, log)
	if err != nil {
		return nil, nil, err
	}
	a := w.ask(ctx, &pending{watch: fn})
	if a.err != nil {
		return nil, nil, a.err
	}
	room, ok := a.state.(*incident.Room)
	if !ok {
		w.unwatch(a.watcher)
		return nil, nil, incident.Missing()
	}
	return room, func() { w.unwatch(a.watcher) }, nil
}

// current returns the log's fold and frontier as the database has it now.
func (j *Journal) current(ctx context.Context, log incident.LogID) (*writer, incident.State, *evidence.Frontier, error) {
	return j.currentAt(ctx, log, nil)
}

// currentAt is current as the database had it when the sizes were asked for,
// or later; it asks if the log is not among them.
func (j *Journal) currentAt(ctx context.Context, log incident.LogID, sizes incident.Sizes) (*writer, incident.State, *evidence.Frontier, error) {
	w, err := j.writer(ctx, log)
	if err != nil {
		return nil, nil, nil, err
	}
	size, asked := sizes[log]
	if !asked {
		if size, err = j.sizeOf(ctx, log); err != nil {
			return nil, nil, nil, dbError(err)
		}
	}
	w.mu.Lock()
	state, seen, tree := w.seen, w.seenSize, w.seenTree
	w.used = time.Now()
	w.mu.Unlock()
	if state != nil && seen >= size {
		return w, state, tree, nil
	}
	a := w.ask(ctx, &pending{})
	if a.err != nil {
		return nil, nil, nil, a.err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w, w.seen, w.seenTree, nil
}

// Room returns the fold of a room at its head, checked against the database.
// A room whose opening is not finished is not there yet.
func (j *Journal) Room(ctx context.Context, id incident.LogID) (*incident.Room, error) {
	return j.RoomAt(ctx, id, nil)
}

// RoomAt is Room as it stood when the sizes were asked for, or later. It asks
// itself if the room is not among them.
func (j *Journal) RoomAt(ctx context.Context, id incident.LogID, sizes incident.Sizes) (*incident.Room, error) {
	_, state, _, err := j.currentAt(ctx, id, sizes)
	if err != nil {
		return nil, err
	}
	room, ok := state.(*incident.Room)
	if !ok || room.Head == 0 {
		return nil, incident.Missing()
	}
	return room, nil
}

// Frontier returns the right edge of the log's tree at its head.
func (j *Journal) Frontier(ctx context.Context, log incident.LogID) (size uint64, hashes [][32]byte, err error) {
	_, _, tree, err := j.current(ctx, log)
	if err != nil {
		return 0, nil, err
	}
	return tree.Size(), tree.Hashes(), nil
}

// SystemLog returns the id of the deployment's system log, or "" before
// setup.
func (j *Journal) SystemLog() incident.LogID {
	id, _ := j.systemLog(context.Background())
	return id
}

// systemFresh is for how long a node goes on with the system log it knows
// before it looks whether there is a next section of it.
const systemFresh = time.Second

func (j *Journal) systemLog(ctx context.Context) (incident.LogID, error) {
	j.mu.Lock()
	id := j.system
	fresh := time.Since(j.asked) < systemFresh
	if id != "" && !fresh {
		j.asked = time.Now() // one asks, the others go on meanwhile
	}
	j.mu.Unlock()
	if id != "" && fresh {
		return id, nil
	}
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT coalesce(max(id), '') FROM log l WHERE kind = 'system' AND size > 0
		AND NOT EXISTS (SELECT 1 FROM log n WHERE n.after = l.id AND n.after <> '' AND n.size > 0)`).QueryRow(func(row pgx.Row) error { return row.Scan((*string)(&id)) })
	known := id
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		if known != "" {
			return known, nil // whoever goes on with it is told what is wrong, and not that nothing is there
		}
		return "", dbError(err)
	}
	j.mu.Lock()
	j.system, j.asked = id, time.Now()
	j.mu.Unlock()
	return id, nil
}

// System returns the fold of the system log at its head.
func (j *Journal) System(ctx context.Context) (*incident.System, error) { return j.SystemAt(ctx, nil) }

// SystemAt is System as it stood when the sizes were asked for, or later. It
// asks itself if the system log is not among them.
func (j *Journal) SystemAt(ctx context.Context, sizes incident.Sizes) (*incident.System, error) {
	id, err := j.systemLog(ctx)
	if err != nil {
		return nil, err
	}
	if id == "" {
		return nil, incident.Refuse(incident.Unavailable, "This deployment has not been set up yet.")
	}
	_, state, _, err := j.currentAt(ctx, id, sizes)
	if err != nil {
		return nil, err
	}
	sys, ok := state.(*incident.System)
	if !ok {
		return nil, incident.Missing()
	}
	return sys, nil
}

// AccessOf returns the id of a room's access log. It is kept for as long as the
// room is in memory: to find it all logs are asked, on whatever machine they lie.
func (j *Journal) AccessOf(ctx context.Context, room incident.LogID) (id incident.LogID, err error) {
	if !room.Valid() {
		return "", incident.Missing()
	}
	j.mu.Lock()
	w := j.writers[room]
	j.mu.Unlock()
	if w != nil {
		w.mu.Lock()
		id = w.access
		w.mu.Unlock()
	}
	if id != "" {
		return id, nil
	}
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT id FROM log WHERE kind = 'access' AND room = $1`, string(room)).QueryRow(func(row pgx.Row) error {
		err := row.Scan((*string)(&id))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return "", dbError(err)
	}
	if id == "" {
		return "", incident.Missing()
	}
	if w != nil {
		w.mu.Lock()
		w.access = id
		w.mu.Unlock()
	}
	return id, nil
}
