package journal

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/ledger"
	"wardroom/server/projection"
	"wardroom/server/vault"
)

// Reapply holds the database against the ledger of erasures, before anything
// listens. What was erased and stands again is erased again. A log in which the
// entry that erased does not stand any more was restored from a backup: it is
// shut, and the sentences say which and why. What the ledger does not know yet
// (another server's erasures) it is told.
func (j *Journal) Reapply(ctx context.Context) (sentences []string, err error) {
	if j.opt.Ledger == nil {
		return nil, nil
	}
	byLog := map[incident.LogID][]ledger.Entry{}
	var logs []incident.LogID
	for _, e := range j.opt.Ledger.Entries() {
		if byLog[e.Log] == nil {
			logs = append(logs, e.Log)
		}
		byLog[e.Log] = append(byLog[e.Log], e)
	}
	for _, log := range logs {
		said, err := j.reapplyLog(ctx, log, byLog[log])
		if err != nil {
			return nil, fmt.Errorf("what was erased could not be erased again: %w", err)
		}
		sentences = append(sentences, said...)
	}
	return sentences, j.Relearn(ctx)
}

func (j *Journal) reapplyLog(ctx context.Context, log incident.LogID, list []ledger.Entry) (sentences []string, err error) {
	w, err := j.writer(ctx, log)
	if incident.FaultOf(err) == incident.NotFound && err != nil {
		return []string{fmt.Sprintf("The log %s, from which %d entries were erased, is not in this database.", log, len(list))}, nil
	}
	if err != nil {
		return nil, err
	}
	size, leaves, openings, attached, err := j.erasedRows(ctx, w, list)
	if err != nil {
		return nil, err
	}
	var done, void []ledger.Erasure
	gone := map[incident.Seq][]int{}
	var missing []ledger.Entry
	for _, e := range list {
		hash := evidence.LeafHash(leaves[e.Event])
		stands := leaves[e.Event] != nil && hex.EncodeToString(hash[:]) == e.Leaf
		switch {
		case e.Did == ledger.Void:
			continue
		case stands && e.Did == ledger.Intend:
			done = append(done, e.Erasure)
		case !stands && e.Did == ledger.Intend && size >= e.Base:
			void = append(void, e.Erasure) // nobody was told that it was done
			continue
		case !stands:
			missing = append(missing, e)
			if e.Did == ledger.Intend {
				continue // whether it was, a newer copy of this log must say
			}
		}
		gone[e.Entry] = append(gone[e.Entry], e.Slots...)
	}
	n, err := j.eraseAgain(ctx, w, gone, leaves, openings, attached)
	if err != nil {
		return nil, err
	}
	if err := j.opt.Ledger.Done(done); err != nil {
		return nil, err
	}
	if err := j.opt.Ledger.Void(void); err != nil {
		return nil, err
	}
	if n > 0 {
		j.opt.Log.Warn("a restored backup had brought back what was erased; it was erased again before anybody could read it", "log", log, "entries", n)
		sentences = append(sentences, fmt.Sprintf("What had been erased from %d entries of the log %s was back, as in a restored backup, and has been erased again.", n, log))
	}
	if len(missing) > 0 {
		e := missing[0]
		sentence := fmt.Sprintf("This record was restored from a backup made before entry %d, which erased something from entry %d: it lacks what was written since, and stays closed until that is resolved.", e.Event, e.Entry)
		j.Shut(log, sentence)
		j.opt.Log.Error("a log lacks an erasure that the ledger has: it was restored from an older backup, and is closed to everyone", "log", log, "event", uint64(e.Event), "size", size)
		sentences = append(sentences, fmt.Sprintf("The log %s lacks entry %d, which erased something from entry %d: it was restored from an older backup. It is closed to everyone until that is resolved.", log, e.Event, e.Entry))
	}
	return sentences, nil
}

// erasedRows reads the leaves and openings that the ledger speaks of, and to
// which of these entries content is attached.
func (j *Journal) erasedRows(ctx context.Context, w *writer, list []ledger.Entry) (size uint64, leaves, openings map[incident.Seq][]byte, attached map[incident.Seq]bool, err error) {
	var seqs []incident.Seq
	for _, e := range list {
		seqs = append(seqs, e.Entry, e.Event)
	}
	leaves, openings, attached = map[incident.Seq][]byte{}, map[incident.Seq][]byte{}, map[incident.Seq]bool{}
	b := &pgx.Batch{}
	projection.Writer(w.log).Enter(b)
	b.Queue(`SELECT size FROM log WHERE id = $1`, string(w.log)).QueryRow(func(row pgx.Row) error {
		var n int64
		err := row.Scan(&n)
		size = uint64(n)
		return err
	})
	b.Queue(`SELECT l.seq, l.leaf, o.sealed FROM leaf l JOIN opening o ON o.log = l.log AND o.seq = l.seq WHERE l.log = $1 AND l.seq = ANY ($2)`,
		string(w.log), numbers(seqs)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var seq int64
			var leaf, sealed []byte
			if err := rows.Scan(&seq, &leaf, &sealed); err != nil {
				return err
			}
			leaves[incident.Seq(seq)], openings[incident.Seq(seq)] = leaf, sealed
		}
		return rows.Err()
	})
	b.Queue(`SELECT DISTINCT seq FROM attachment WHERE log = $1 AND seq = ANY ($2)`, string(w.log), numbers(seqs)).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, n := range list {
			attached[incident.Seq(n)] = true
		}
		return err
	})
	return size, leaves, openings, attached, j.opt.Writer.SendBatch(ctx, b).Close()
}

// eraseAgain erases what stands of what is to be gone, and returns from how many
// entries. What an entry said of its attachments may be gone while their content
// stands again: then the entry is stored once more as it is, and the content goes
// with that.
func (j *Journal) eraseAgain(ctx context.Context, w *writer, gone map[incident.Seq][]int, leaves, openings map[incident.Seq][]byte, attached map[incident.Seq]bool) (int, error) {
	var entries []incident.Seq
	var slots [][]int
	var sealed [][]byte
	for n, list := range gone {
		if openings[n] == nil {
			continue // the log does not come that far
		}
		entry, event, err := w.open(n, openings[n])
		if err != nil {
			return 0, err
		}
		list = slices.DeleteFunc(list, func(i int) bool {
			return slices.Contains(event.Erased, i) && !(i == incident.SlotAttachments && attached[n])
		})
		if len(list) == 0 {
			continue
		}
		entry.Leaf = leaves[n]
		left := entry.Erase(list...)
		plain, err := left.Erased.AppendBinary(nil)
		if err != nil {
			return 0, err
		}
		again, err := w.key.Seal(nil, plain, vault.ErasedAD(w.origin, left.Seq))
		if err != nil {
			return 0, err
		}
		entries, slots, sealed = append(entries, n), append(slots, list), append(sealed, again)
	}
	if len(entries) == 0 {
		return 0, nil
	}
	return len(entries), projection.Reapply(ctx, j.opt.Writer, w.log, entries, slots, sealed)
}

// Relearn tells the ledger of erasures that other servers made: each server's
// is whole, whichever of them is there after a restore.
func (j *Journal) Relearn(ctx context.Context) error {
	if j.opt.Ledger == nil {
		return nil
	}
	var rows []projection.Erasing
	b := &pgx.Batch{}
	projection.House().Enter(b)
	projection.QueueAllErased(b, &rows)
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return dbError(err)
	}
	type place struct {
		log          incident.LogID
		entry, event incident.Seq
	}
	known := map[place]bool{}
	for _, e := range j.opt.Ledger.Entries() {
		if e.Did != ledger.Void {
			known[place{e.Log, e.Entry, e.Event}] = true
		}
	}
	var more []ledger.Erasure
	for _, r := range rows {
		if known[place{r.Log, r.Entry, r.Seq}] || j.shut(r.Log) != "" {
			continue
		}
		e, err := j.learn(ctx, r)
		if err != nil {
			return err
		}
		more = append(more, e)
	}
	return j.opt.Ledger.Done(more)
}

// relearnEvery is how often other servers' erasures are taken over.
const relearnEvery = 30 * time.Second

// KeepLedger takes over other servers' erasures until ctx ends.
func (j *Journal) KeepLedger(ctx context.Context) error {
	t := time.NewTicker(relearnEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := j.Relearn(ctx); err != nil && ctx.Err() == nil {
			j.opt.Log.Warn("the ledger of erasures could not be brought up to date", "error", err)
		}
	}
}

func (j *Journal) learn(ctx context.Context, r projection.Erasing) (e ledger.Erasure, err error) {
	w, err := j.writer(ctx, r.Log)
	if err != nil {
		return e, err
	}
	_, leaves, openings, _, err := j.erasedRows(ctx, w, []ledger.Entry{{Erasure: ledger.Erasure{Entry: r.Entry, Event: r.Seq}}})
	if err != nil {
		return e, dbError(err)
	}
	_, event, err := w.open(r.Seq, openings[r.Seq])
	if err != nil {
		return e, err
	}
	body, ok := event.Body.(*incident.EntryErased)
	if !ok || body.Entry != r.Entry {
		return e, fmt.Errorf("journal: entry %d is said to erase, and does not", r.Seq)
	}
	hash := evidence.LeafHash(leaves[r.Seq])
	return ledger.Erasure{Log: r.Log, Origin: w.line, Entry: r.Entry, Slots: body.Slots, Event: r.Seq, Leaf: hex.EncodeToString(hash[:]), Ask: body.Ask,
		Ground: body.Ground, Base: uint64(r.Seq)}, nil
}

// Shut closes a log on this server to readers and writers alike, with the
// sentence they are given; Unshut opens it again.
func (j *Journal) Shut(log incident.LogID, sentence string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closedLogs[log] = sentence
}

// ShutLogs lists those that are shut on this server.
func (j *Journal) ShutLogs() []incident.LogID {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Sorted(maps.Keys(j.closedLogs))
}

// Unshut opens a log that was shut.
func (j *Journal) Unshut(log incident.LogID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.closedLogs, log)
}

func (j *Journal) shut(log incident.LogID) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.closedLogs[log]
}
