package journal

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/ledger"
	"wardroom/server/projection"
	"wardroom/server/vault"
)

// What a group erases: the approvals are judged, the entry that says so is
// written, the openings are sealed again without what is gone, the derived rows
// are folded anew and the fold snapshots replaced in one transaction. Before it
// commits the ledger has the intent on its disk, and before anybody is told, that
// it is done.

// stored is an entry as it is stored, loaded because a command of the group asks
// to erase from it or from another of its object.
type stored struct {
	entry evidence.Entry // its leaf too
	event *incident.Event
}

// reseal is what is left of an entry, to be stored.
type reseal struct {
	entry  evidence.Entry
	sealed []byte
}

// targets loads the entries that the group's commands ask to erase from, with
// the whole of their objects, and who may see them.
func (w *writer) targets(ctx context.Context, conn *pgx.Conn, group []*pending, got *loaded) error {
	room, ok := w.state.(*incident.Room)
	if !ok {
		return nil
	}
	var list []int64
	for _, p := range group {
		if p.cmd != nil {
			list = append(list, numbers(command.Erases(p.cmd, room))...)
		}
	}
	if len(list) == 0 {
		return nil
	}
	got.stored, got.targets = map[incident.Seq]*stored{}, map[incident.Seq]*incident.Event{}
	if err := w.bring(ctx, conn, got, list, func(e *incident.Event) bool { return slices.Contains(list, int64(e.Seq)) }); err != nil {
		return err
	}
	if room.Cell == nil {
		return nil // only there does anything repeat what was said
	}
	var roots, asked []int64
	for _, e := range got.targets {
		if n := int64(e.Root); !slices.Contains(roots, n) {
			roots = append(roots, n)
		}
	}
	var citations []projection.Citation
	b := &pgx.Batch{}
	projection.QueueCitations(b, w.log, roots, &citations)
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	for _, c := range citations {
		if command.Repeats(c.Sight.Kind) {
			asked = append(asked, int64(c.Root))
		}
	}
	if len(asked) == 0 {
		return nil
	}
	return w.bring(ctx, conn, got, asked, func(e *incident.Event) bool { return command.Repeats(e.Kind) })
}

// bring loads the objects of the entries; those of their entries that are wanted
// are targets, with who may see them.
func (w *writer) bring(ctx context.Context, conn *pgx.Conn, got *loaded, list []int64, wanted func(*incident.Event) bool) error {
	rows, err := conn.Query(ctx, `SELECT o.seq, o.root, l.leaf, o.sealed, `+projection.SightColumns+`
		FROM (SELECT DISTINCT root FROM opening WHERE log = $1 AND seq = ANY ($2)) a
		CROSS JOIN LATERAL ((SELECT seq, root, sealed FROM opening WHERE log = $1 AND seq = a.root LIMIT 1)
			UNION ALL (SELECT seq, root, sealed FROM opening WHERE log = $1 AND root = a.root AND root <> seq ORDER BY seq OFFSET 0)) o
		CROSS JOIN LATERAL (SELECT leaf FROM leaf WHERE log = $1 AND seq = o.seq LIMIT 1) l
		CROSS JOIN LATERAL (SELECT * FROM root WHERE log = $1 AND seq = o.root LIMIT 1) r
		ORDER BY o.seq`, string(w.log), list)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq, root int64
		var leaf, sealed []byte
		var sight projection.SightRow
		if err := rows.Scan(append([]any{&seq, &root, &leaf, &sealed}, sight.Targets()...)...); err != nil {
			return err
		}
		entry, event, err := w.open(incident.Seq(seq), sealed)
		if err != nil {
			return err
		}
		entry.Leaf = leaf
		got.stored[event.Seq] = &stored{entry, event}
		if wanted(event) {
			got.targets[event.Seq] = event
			if s, ok := sight.Sight(); ok {
				got.cited[event.Seq] = s
			}
		}
	}
	return rows.Err()
}

// repeats takes in that an entry of the group itself repeats what a later one of
// it may erase.
func (l *loaded) repeats(e *incident.Event) {
	if l.targets != nil && command.Repeats(e.Kind) {
		l.targets[e.Seq] = e
	}
}

// erase makes what is to be stored in the place of the openings that the
// group's events erase from.
func (d *decision) erase(w *writer, got *loaded) error {
	for i, e := range d.events {
		b, ok := e.Body.(*incident.EntryErased)
		if !ok {
			continue
		}
		at := got.stored[b.Entry]
		if at == nil {
			return fmt.Errorf("journal: entry %d is to be erased and was not loaded", b.Entry)
		}
		left := at.entry.Erase(b.Slots...)
		// The database cannot read what it stores: that it is this entry, less
		// those slots, is seen to here.
		if err := left.Erased.Check(w.origin, left.Leaf); err != nil {
			return err
		}
		plain, err := left.Erased.AppendBinary(nil)
		if err != nil {
			return err
		}
		sealed, err := w.key.Seal(nil, plain, vault.ErasedAD(w.origin, left.Seq))
		if err != nil {
			return err
		}
		event, err := decodeEntry(left)
		if err != nil {
			return err
		}
		d.reseals = append(d.reseals, reseal{left, sealed})
		d.erasures = append(d.erasures, ledger.Erasure{Log: w.log, Origin: w.line, Entry: b.Entry, Slots: b.Slots, Event: e.Seq,
			Leaf: hex.EncodeToString(d.hashes[i][:]), Ask: b.Ask, Ground: b.Ground, Base: w.size})
		got.stored[b.Entry] = &stored{left, event}
		if !slices.Contains(d.refold, event.Root) {
			d.refold = append(d.refold, event.Root)
		}
	}
	return nil
}

// queueErasures queues, behind the rows that say who agreed, what is erased and
// what follows from it.
func (d *decision) queueErasures(b *pgx.Batch, w *writer, got *loaded) {
	if len(d.reseals) == 0 {
		return
	}
	last := map[incident.Seq]reseal{}
	for _, r := range d.reseals {
		last[incident.Seq(r.entry.Seq)] = r
	}
	var entries []incident.Seq
	var sealed [][]byte
	for n, r := range last {
		entries, sealed = append(entries, n), append(sealed, r.sealed)
	}
	projection.QueueErase(b, w.log, entries, sealed)
	for _, root := range d.refold {
		var events []*incident.Event
		for _, at := range got.stored {
			if at.event.Root == root {
				events = append(events, at.event)
			}
		}
		for _, e := range d.events {
			if e.Root == root && got.stored[e.Seq] == nil {
				events = append(events, e)
			}
		}
		slices.SortFunc(events, func(a, b *incident.Event) int { return int(a.Seq) - int(b.Seq) })
		projection.Refold(b, w.log, events)
	}
}

// left is what is left of the entries that an event of the group erases from, by
// number.
func (d *decision) left() map[incident.Seq]*evidence.Entry {
	if len(d.reseals) == 0 {
		return nil
	}
	m := map[incident.Seq]*evidence.Entry{}
	for i := range d.reseals {
		m[incident.Seq(d.reseals[i].entry.Seq)] = &d.reseals[i].entry
	}
	return m
}

// erased puts beside each entry that erases what is left of the one it erased
// from.
func (g *Group) erased(left map[incident.Seq]*evidence.Entry) {
	for i, e := range g.events {
		if b, ok := e.Body.(*incident.EntryErased); ok {
			g.Entries[i].Erased = left[b.Entry]
		}
	}
}

// leftOf reads what is left of the entries that these events erase from.
func (w *writer) leftOf(ctx context.Context, conn *pgx.Conn, events []*incident.Event) (map[incident.Seq]*evidence.Entry, error) {
	var list []incident.Seq
	for _, e := range events {
		if b, ok := e.Body.(*incident.EntryErased); ok {
			list = append(list, b.Entry)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	rows, err := conn.Query(ctx, `SELECT l.seq, l.leaf, o.sealed FROM leaf l JOIN opening o ON o.log = l.log AND o.seq = l.seq WHERE l.log = $1 AND l.seq = ANY ($2)`,
		string(w.log), numbers(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	left := map[incident.Seq]*evidence.Entry{}
	for rows.Next() {
		var seq int64
		var leaf, sealed []byte
		if err := rows.Scan(&seq, &leaf, &sealed); err != nil {
			return nil, err
		}
		entry, _, err := w.open(incident.Seq(seq), sealed)
		if err != nil {
			return nil, err
		}
		entry.Leaf = leaf
		left[incident.Seq(seq)] = &entry
	}
	return left, rows.Err()
}

// noLedger refuses to erase where it could not be kept that it was done.
func noLedger() error {
	return incident.Refuse(incident.Unavailable, "This server keeps no ledger of erasures, so it erases nothing: a restored backup would bring it back. Tell whoever runs it: WARDROOM_LEDGER is not set.")
}

// Erasing lists the entries that erased from these, for a person who is in the
// room.
func (j *Journal) Erasing(ctx context.Context, room incident.LogID, person incident.PersonID, entries []incident.Seq) (events []incident.Seq, err error) {
	var list []projection.Erasing
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	projection.QueueErased(b, room, entries, &list)
	if err := j.opt.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, dbError(err)
	}
	for _, e := range list {
		if !slices.Contains(events, e.Seq) {
			events = append(events, e.Seq)
		}
	}
	return events, nil
}

// errLedger means that the ledger could not be written: nothing is erased.
var errLedger = errors.New("journal: the ledger of erasures cannot be written")

// intend and done write to the ledger; without one there is nothing to write,
// since nothing is erased.
func (j *Journal) intend(list []ledger.Erasure) error {
	if len(list) == 0 {
		return nil
	}
	if err := j.opt.Ledger.Intend(list); err != nil {
		return fmt.Errorf("%w: %w", errLedger, err)
	}
	return nil
}

func (j *Journal) done(list []ledger.Erasure) error {
	if len(list) == 0 {
		return nil
	}
	return j.opt.Ledger.Done(list)
}

// unanswered takes back what those who erased were to be told.
func (d *decision) unanswered(err error) {
	for i, a := range d.answers {
		if slices.ContainsFunc(a.receipt.Events, func(e *incident.Event) bool { return e.Kind == "entry.erased" }) {
			d.answers[i] = answer{err: err}
		}
	}
}

// settle writes of erasures whose commit was in doubt whether they were: under
// the log's lock, what stands in it decides.
func (w *writer) settle(ctx context.Context, conn *pgx.Conn) error {
	if w.j.opt.Ledger == nil {
		return nil
	}
	pending := w.j.opt.Ledger.Pending(w.log)
	if len(pending) == 0 {
		return nil
	}
	var done, void []ledger.Erasure
	for _, e := range pending {
		var leaf []byte
		err := conn.QueryRow(ctx, `SELECT leaf FROM leaf WHERE log = $1 AND seq = $2`, string(w.log), int64(e.Event)).Scan(&leaf)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if hash := evidence.LeafHash(leaf); err == nil && hex.EncodeToString(hash[:]) == e.Leaf {
			done = append(done, e)
		} else {
			void = append(void, e)
		}
	}
	if err := errors.Join(w.j.opt.Ledger.Done(done), w.j.opt.Ledger.Void(void)); err != nil {
		return fmt.Errorf("%w: %w", errLedger, err)
	}
	return nil
}

// Disposal is how far a room's disposal has come. It is the house's answer, of
// numbers only; the caller asks policy.KeepsRecord.
func (j *Journal) Disposal(ctx context.Context, room incident.LogID, limit int) (d projection.Disposal, err error) {
	b := &pgx.Batch{}
	projection.Writer(room).Enter(b)
	projection.QueueDisposal(b, room, limit, &d)
	return d, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}
