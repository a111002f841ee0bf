package journal

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/ledger"
	"wardroom/server/projection"
	"wardroom/server/trail"
	"wardroom/server/vault"
)

// statementTimeout bounds one group's transaction, lock wait included.
const groupTimeout = 20 * time.Second

// deterministic reports whether the database refused what was sent, so that
// sending the same again would be refused again.
func deterministic(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || len(pg.Code) != 5 {
		return false
	}
	switch pg.Code[:2] {
	case "22", "23", "42", "54", "P0": // data, constraint, syntax or access, limit, raised
		return true
	}
	return false
}

// head is the log's row, locked.
type head struct {
	size     uint64
	frontier []byte
	now      time.Time
	guard    string // what the guard found it to be; "" while it may be written to
}

type storedKey struct {
	mac   []byte
	seq   incident.Seq
	count int
}

type actorKey struct {
	actor string
	key   incident.Key
}

// loaded is what a group's first round trip brings.
type loaded struct {
	head     head
	found    bool
	keys     map[actorKey]storedKey
	openings []sealedRow
	cited    map[incident.Seq]incident.Sight // by number, the sight of its root
	later    []sealedRow                     // those of the cited that are no roots
	notes    map[incident.Seq]incident.MemberNo
	attached map[incident.BlobID]incident.Seq // the entries that content is attached to already
	live     map[string]bool
	stored   map[incident.Seq]*stored            // the objects of what the commands ask to erase from
	targets  map[incident.Seq]*incident.Event    // of those, what they ask to erase from, and what repeats it
	citing   map[incident.Seq][]command.Citation // by the root of what is to be moved: what rests on it
	resting  map[incident.Seq]incident.Sight     // of that
}

func who(a incident.Actor) string {
	if a.Person != "" {
		return string(a.Person)
	}
	return "system"
}

// try carries a group out in one transaction of two round trips. A nil error
// means that every asker has been answered; any other, that nothing is known
// to be stored and nobody has been.
func (w *writer) try(ctx context.Context, group []*pending) error {
	if err := w.askGuard(ctx, group); err != nil {
		return err
	}
	for {
		err := w.tryOnce(ctx, group)
		var long *longTail
		if !errors.As(err, &long) {
			return err
		}
		if err := w.warm(long.to); err != nil {
			return err
		}
	}
}

func (w *writer) tryOnce(ctx context.Context, group []*pending) (err error) {
	if w.frozen {
		w.answerFrozen(group)
		return nil
	}
	began := time.Now()
	ctx, span := trail.Start(ctx, groupName, froms(group)...)
	defer func() { span.End(err) }()
	span.Count(commandsKey, len(group))
	ctx, cancel := context.WithTimeout(ctx, groupTimeout)
	defer cancel()
	conn, err := w.j.opt.Writer.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // a connection inside a transaction is destroyed, which rolls back
	got, err := w.load(ctx, conn.Conn(), group)
	if err != nil {
		return err
	}
	if !got.found {
		return incident.Missing()
	}
	if long, err := w.long(ctx, conn.Conn(), got.head); err != nil {
		return err
	} else if long {
		_, err := conn.Exec(ctx, "rollback")
		return errors.Join(err, &longTail{got.head})
	}
	caught, err := w.catchUp(ctx, conn.Conn(), got.head)
	if err != nil {
		return err
	}
	if w.frozen {
		if _, err := conn.Exec(ctx, "rollback"); err != nil {
			return err
		}
		if err := w.tellFrozen(ctx, conn.Conn(), got.head); err != nil {
			return err
		}
		w.answerFrozen(group)
		return nil
	}
	if err := w.settle(ctx, conn.Conn()); err != nil {
		return err
	}
	objects, err := w.objects(got.openings)
	if err != nil {
		return err
	}
	if got.notes, err = w.notes(got.later); err != nil {
		return err
	}
	if err := w.targets(ctx, conn.Conn(), group, got); err != nil {
		return err
	}
	d := w.decide(group, got, objects)
	if len(d.events) == 0 {
		if _, err := conn.Exec(ctx, "rollback"); err != nil {
			return err
		}
		w.publish(caught)
		d.answer(w)
		return nil
	}
	if err := d.seal(w); err != nil {
		return err
	}
	if err := d.erase(w, got); err != nil {
		return err
	}
	if err := w.j.intend(d.erasures); err != nil {
		return err
	}
	if err := d.store(ctx, w, conn.Conn(), got); err != nil {
		return err // a crash or a lost answer here: committed or not is found out by key
	}
	groupSeconds.Since(began)
	groupEntries.Observe(float64(len(d.events)))
	appended.Add(uint64(len(d.events)))
	before := w.state
	w.state, w.size, w.frontier, w.leaf = d.state, d.size, d.frontier, d.entries[len(d.entries)-1].Leaf
	made := d.group(w, before)
	made.Committed, made.Trail = time.Now(), trail.At(ctx)
	span.Count(entriesKey, len(d.events))
	w.publish(caught, made)
	w.j.rose(w.kind, made)
	if err := w.j.done(d.erasures); err != nil {
		// It is erased and the intent is on the disk, so the ledger will say so
		// when the server starts again. Whoever asked is not told until then.
		w.j.opt.Log.Error("an erasure could not be written to the ledger as done", "error", err)
		d.unanswered(unavailable())
	}
	d.answer(w)
	if w.j.opt.Rang != nil {
		w.j.opt.Rang(w.log, w.size)
	}
	return nil
}

// load begins the transaction, locks the log and brings, in the same round
// trip, the keys and objects the group names and the sessions behind it. Each
// statement sees what was committed before the lock was had.
func (w *writer) load(ctx context.Context, conn *pgx.Conn, group []*pending) (*loaded, error) {
	got := &loaded{keys: map[actorKey]storedKey{}, cited: map[incident.Seq]incident.Sight{}, attached: map[incident.BlobID]incident.Seq{}, live: map[string]bool{}}
	var actors, keys, sessions, blobs []string
	var roots, cites, moves []int64
	for _, p := range group {
		if p.cmd == nil {
			continue
		}
		actors, keys = append(actors, who(p.actor)), append(keys, string(p.key))
		if p.actor.Session != "" {
			sessions = append(sessions, p.actor.Session)
		}
		for _, r := range command.Roots(p.cmd) {
			roots = append(roots, int64(r))
		}
		for _, n := range command.Cites(p.cmd) {
			cites = append(cites, int64(n))
		}
		for _, n := range command.Moves(p.cmd) {
			moves = append(moves, int64(n))
		}
		for _, id := range command.Blobs(p.cmd) {
			blobs = append(blobs, string(id))
		}
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	projection.Writer(w.log).Enter(b)
	b.Queue(`SELECT size, frontier, clock_timestamp(), guard FROM log WHERE id = $1 FOR NO KEY UPDATE`, string(w.log)).QueryRow(func(row pgx.Row) error {
		var size int64
		err := row.Scan(&size, &got.head.frontier, &got.head.now, &got.head.guard)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		got.head.size, got.found = uint64(size), err == nil
		return err
	})
	if len(keys) > 0 {
		// The lists stand in subqueries so that the plan does not depend on how
		// long they are: else it is made anew each time, under the log's lock.
		b.Queue(`SELECT a.actor, a.key, c.mac, c.seq, c.count FROM unnest((SELECT $2::text[]), (SELECT $3::text[])) AS a(actor, key)
			CROSS JOIN LATERAL (SELECT mac, seq, count FROM command_key WHERE log = $1 AND actor = a.actor AND key = a.key LIMIT 1) c`,
			string(w.log), actors, keys).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var k actorKey
				var s storedKey
				var seq int64
				if err := rows.Scan(&k.actor, (*string)(&k.key), &s.mac, &seq, &s.count); err != nil {
					return err
				}
				s.seq = incident.Seq(seq)
				got.keys[k] = s
			}
			return rows.Err()
		})
	}
	if len(roots) > 0 {
		b.Queue(`SELECT o.seq, o.root, o.sealed FROM (SELECT DISTINCT unnest((SELECT $2::bigint[]))) AS a(at) CROSS JOIN LATERAL (
				(SELECT seq, root, sealed FROM opening WHERE log = $1 AND seq = a.at LIMIT 1)
				UNION ALL (SELECT seq, root, sealed FROM opening WHERE log = $1 AND root = a.at AND root <> seq ORDER BY seq OFFSET 0)) o
			ORDER BY o.seq`, string(w.log), roots).Query(func(rows pgx.Rows) (err error) {
			got.openings, err = collectSealed(rows)
			return err
		})
	}
	got.queueCited(b, w.log, cites)
	var citations []projection.Citation
	if len(moves) > 0 {
		projection.QueueCitations(b, w.log, moves, &citations)
	}
	got.queueAttached(b, w.log, blobs)
	if len(sessions) > 0 {
		b.Queue(`SELECT session_live($1)`, sessions).Query(func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, pgx.RowTo[string])
			for _, id := range list {
				got.live[id] = true
			}
			return err
		})
	}
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return got, err
	}
	got.cite(moves, citations)
	return got, nil
}

// decision is what a group comes to.
type decision struct {
	asked    []*pending
	answers  []answer
	state    incident.State
	size     uint64
	events   []*incident.Event
	objects  map[incident.Seq]*incident.Object
	was      map[incident.Seq]incident.Sight // of the objects, before the group
	stored   []keyRow
	frontier *evidence.Frontier
	entries  []evidence.Entry
	hashes   [][32]byte
	sealed   [][]byte
	changes  *projection.Changes               // what it changed in the derived rows
	reseals  []reseal                          // what is left of what it erased from
	erasures []ledger.Erasure                  // the same, for the ledger
	refold   []incident.Seq                    // the roots of the entries it erased from
	older    map[incident.Seq]*projection.Root // the rows of older roots it is about, as they stand after it
	resting  map[incident.Seq]incident.Sight   // of what rests on what it moves
}

type keyRow struct {
	actorKey
	mac   [32]byte
	seq   incident.Seq
	count int
}

// decide judges the group's commands one after the other, each on what the
// ones before it made.
func (w *writer) decide(group []*pending, got *loaded, objects map[incident.Seq]*incident.Object) *decision {
	d := &decision{asked: group, state: cloneState(w.state), size: w.size, objects: objects, was: make(map[incident.Seq]incident.Sight, len(objects)), resting: got.resting}
	for root, o := range objects {
		d.was[root] = o.Sight()
	}
	maps.Copy(d.was, got.resting)
	here := map[actorKey]keyRow{}
	for _, p := range group {
		d.answers = append(d.answers, d.one(w, p, got, here))
	}
	return d
}

func (d *decision) one(w *writer, p *pending, got *loaded, here map[actorKey]keyRow) answer {
	if p.cmd == nil {
		a := answer{}
		return a
	}
	if p.actor.Session != "" && !got.live[p.actor.Session] {
		return answer{err: incident.Refuse(incident.SignedOut, "You have been signed out. Sign in again; what you wrote is kept.")}
	}
	k := actorKey{who(p.actor), p.key}
	if old, ok := got.keys[k]; ok {
		return repeat(hmac.Equal(old.mac, p.mac[:]), old.seq, old.count)
	}
	if old, ok := here[k]; ok {
		return repeat(hmac.Equal(old.mac[:], p.mac[:]), old.seq, old.count)
	}
	if got.head.guard != "" {
		return answer{err: closedToWriting(w.kind)}
	}
	events, err := command.Decide(command.Input{State: d.state, Size: d.size, Objects: d.objects, Cited: got.cited, Notes: got.notes, Targets: got.targets, Citing: got.citing, Attached: got.attached, Actor: p.actor, Key: p.key, Now: got.head.now}, p.cmd)
	if err != nil {
		return answer{err: err}
	}
	if len(events) == 0 {
		return answer{err: incident.Refuse(incident.Internal, "This came to nothing. It has been reported.")}
	}
	if w.j.opt.Ledger == nil && slices.ContainsFunc(events, func(e *incident.Event) bool { return incident.KindOf(e.Body) == "entry.erased" }) {
		return answer{err: noLedger()}
	}
	for _, e := range events {
		d.state.Apply(e)
		if o := d.objects[e.Root]; o != nil {
			o.Apply(e)
		}
		got.move(e)
		got.cites(e)
		got.repeats(e)
		got.attach(e)
	}
	row := keyRow{k, p.mac, events[0].Seq, len(events)}
	here[k] = row
	d.stored = append(d.stored, row)
	d.events = append(d.events, events...)
	d.size += uint64(len(events))
	return answer{receipt: Receipt{Seq: events[0].Seq, Count: len(events), Events: events}}
}

func repeat(same bool, seq incident.Seq, count int) answer {
	if !same {
		return answer{err: incident.Refuse(incident.Conflict, "This key has been used for something else. Send it again with a new one.")}
	}
	return answer{receipt: Receipt{Seq: seq, Count: count, Repeat: true}}
}

// answer tells every asker, after commit.
func (d *decision) answer(w *writer) {
	for i, p := range d.asked {
		a := d.answers[i]
		if p.cmd == nil {
			a.state = w.state
			if p.watch != nil {
				a.watcher = w.watch(p.watch)
			}
		}
		p.counted(a)
		p.done <- a
	}
}

// seal makes each entry's evidence and its sealed opening.
func (d *decision) seal(w *writer) error {
	d.frontier = w.frontier.Clone()
	for _, e := range d.events {
		values, err := e.Encode()
		if err != nil {
			return fmt.Errorf("journal: encode: %w", err)
		}
		whole := &evidence.Whole{Seq: uint64(e.Seq), Seed: evidence.NewSeed(), Values: evidence.Values(values)}
		leaf := evidence.AppendLeaf(make([]byte, 0, evidence.LeafSize), w.origin, whole.Seq, whole.Seed, &whole.Values)
		hash := evidence.LeafHash(leaf)
		d.frontier.Append(hash)
		plain, err := whole.AppendBinary(nil)
		if err != nil {
			return err
		}
		sealed, err := w.key.Seal(nil, plain, vault.AD(w.origin, whole.Seq))
		if err != nil {
			return err
		}
		d.entries = append(d.entries, evidence.Entry{Seq: whole.Seq, Leaf: leaf, Opening: whole})
		d.hashes = append(d.hashes, hash)
		d.sealed = append(d.sealed, sealed)
	}
	return nil
}

// store writes the group and commits, in one round trip. The head's update is
// the fence: it touches no row if anyone else moved the log.
func (d *decision) store(ctx context.Context, w *writer, conn *pgx.Conn, got *loaded) error {
	old := got.head.size
	n := len(d.events)
	seqs, roots, leaves := make([]int64, n), make([]int64, n), make([][]byte, n)
	for i, e := range d.events {
		seqs[i], roots[i], leaves[i] = int64(e.Seq), int64(e.Root), d.entries[i].Leaf
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO leaf (log, seq, leaf) SELECT $1, seq, leaf FROM unnest($2::bigint[], $3::bytea[]) AS t(seq, leaf)`, string(w.log), seqs, leaves)
	b.Queue(`INSERT INTO opening (log, seq, root, sealed) SELECT $1, seq, root, sealed FROM unnest($2::bigint[], $3::bigint[], $4::bytea[]) AS t(seq, root, sealed)`,
		string(w.log), seqs, roots, d.sealed)
	d.queueKeys(b, w.log)
	room, _ := d.state.(*incident.Room)
	d.changes = projection.Apply(b, w.log, room, d.events)
	d.queueErasures(b, w, got)
	if room != nil {
		d.queueOlder(b, w.log)
	}
	if len(d.reseals) > 0 { // no snapshot may hold what was erased
		if err := w.queueFold(b, d.state, d.size); err != nil {
			return err
		}
	}
	frontier, err := d.frontier.MarshalBinary()
	if err != nil {
		return err
	}
	fenced := false
	b.Queue(`UPDATE log SET size = $2, frontier = $3, last = $4 WHERE id = $1 AND size = $5`,
		string(w.log), int64(d.size), frontier, d.state.LastAt().Time, int64(old)).Exec(func(t pgconn.CommandTag) error {
		fenced = t.RowsAffected() == 1
		if !fenced {
			return errors.New("journal: the log moved under its lock")
		}
		return nil
	})
	b.Queue("commit").Exec(func(t pgconn.CommandTag) error {
		if t.String() != "COMMIT" {
			return errors.New("journal: the commit was turned into a rollback")
		}
		return nil
	})
	return conn.SendBatch(ctx, b).Close()
}

// queueOlder asks for the rows of the roots that the group is about and did
// not begin, as the table has them now: for whoever delivers the group.
func (d *decision) queueOlder(b *pgx.Batch, log incident.LogID) {
	var older []incident.Seq
	for _, e := range d.events {
		if d.changes.Root(e.Root) == nil && !slices.Contains(older, e.Root) {
			older = append(older, e.Root)
		}
	}
	if len(older) > 0 {
		d.older = make(map[incident.Seq]*projection.Root, len(older))
		projection.QueueRoots(b, log, older, d.older)
	}
}

func (d *decision) queueKeys(b *pgx.Batch, log incident.LogID) {
	n := len(d.stored)
	actors, keys, macs, seqs, counts := make([]string, n), make([]string, n), make([][]byte, n), make([]int64, n), make([]int32, n)
	for i, k := range d.stored {
		actors[i], keys[i], macs[i], seqs[i], counts[i] = k.actor, string(k.key), d.stored[i].mac[:], int64(k.seq), int32(k.count)
	}
	b.Queue(`INSERT INTO command_key (log, actor, key, mac, seq, count)
		SELECT $1, actor, key, mac, seq, count FROM unnest($2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::int[]) AS t(actor, key, mac, seq, count)`,
		string(log), actors, keys, macs, seqs, counts)
}

// group is what the watchers get.
func (d *decision) group(w *writer, before incident.State) *Group {
	g := makeGroup(w.log, before, w.state, d.events, d.entries, d.hashes, func(root incident.Seq) (incident.Sight, bool) {
		if o := d.objects[root]; o != nil {
			return o.Sight(), true
		}
		if s, ok := d.resting[root]; ok {
			return s, true
		}
		if room, ok := w.state.(*incident.Room); ok {
			if b := room.BookRoot(root); b != nil { // counted on when a line of it was erased
				return b.Sight(), true
			}
		}
		return incident.Sight{}, false
	})
	g.rows(d.changes.Members, func(root incident.Seq) *projection.Root {
		if r := d.changes.Root(root); r != nil {
			return r
		}
		return d.older[root]
	})
	g.before(d.was)
	g.erased(d.left())
	return g
}

// rows puts beside the entries what the derived rows say of them.
func (g *Group) rows(members []projection.Member, stored func(incident.Seq) *projection.Root) {
	g.Members = members
	for i := range g.Entries {
		g.Entries[i].Stored = stored(g.Entries[i].Root)
	}
}

// makeGroup puts beside each entry what a listener needs to judge it: its
// root's sight after the whole group.
func makeGroup(log incident.LogID, before, after incident.State, events []*incident.Event, entries []evidence.Entry, hashes [][32]byte,
	known func(incident.Seq) (incident.Sight, bool)) *Group {
	g := &Group{Log: log, events: events}
	g.Before, _ = before.(*incident.Room)
	g.Room, _ = after.(*incident.Room)
	fresh := map[incident.Seq]*incident.Sight{}
	for _, e := range events {
		if e.IsRoot() {
			s := incident.SightOf(e)
			fresh[e.Root] = &s
		} else if s := fresh[e.Root]; s != nil {
			s.Apply(e)
		}
	}
	for i, e := range events {
		wr := Written{Entry: entries[i], Root: e.Root, Leaf: hashes[i]}
		if s := fresh[e.Root]; s != nil {
			wr.Sight = *s
		} else if s, ok := known(e.Root); ok {
			wr.Sight = s
		}
		if e.Kind.Standing() {
			wr.Sight = incident.Sight{Root: e.Root, Kind: e.Kind, Author: e.By.Member, Audience: incident.Audience{Kind: incident.ToRoom}}
		}
		if _, ok := e.Body.(*incident.EntryNoted); ok {
			wr.Noter = e.By.Member
		}
		wr.Marked = e.Marking != nil && !e.IsRoot() && incident.Moves(e)
		if g.Room != nil {
			if m := g.Room.MemberRoot(e.Root); m != nil {
				wr.Member = m.Root
			}
		}
		g.Entries = append(g.Entries, wr)
	}
	return g
}

func cloneState(s incident.State) incident.State {
	switch st := s.(type) {
	case *incident.Room:
		return st.Clone()
	case *incident.System:
		return st.Clone()
	case *incident.Access:
		c := *st
		return &c
	}
	panic(fmt.Sprintf("journal: no fold for %T", s))
}
