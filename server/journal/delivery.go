package journal

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// What reached whom is written down in batches, a few seconds at a time: one
// row for all who were given the same run of entries. It is no part of any log:
// nobody waits for it, and a crash loses the last few seconds of it.

// Delivery says that entries were handed to a member's connection; How is how.
type (
	Delivery = projection.Delivery
	How      = projection.How
)

// The ways in which entries come to a member.
const (
	Live   = projection.Live
	Paged  = projection.Paged
	Object = projection.Object
	State  = projection.State
)

// deliverEvery is how long deliveries wait to be written together; maxHeld how
// many rows may wait while the database does not take them.
const (
	deliverEvery = 3 * time.Second
	maxHeld      = 50_000
)

type deliveries struct {
	mu      sync.Mutex
	held    map[run]*given
	lost    uint64   // members to whom something was delivered that could not be written down
	collect []func() // called before each writing, to hand over what others hold
}

// A run is what several members may have been given alike.
type run struct {
	room        incident.LogID
	how         How
	first, last incident.Seq
}

type given struct {
	members   []incident.MemberNo
	since, at time.Time
}

// Delivered notes what was delivered, to be written with others. It never
// blocks and never fails: what the database does not take in time is counted
// in Unrecorded.
func (j *Journal) Delivered(list ...Delivery) {
	d := &j.told
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held == nil {
		d.held = map[run]*given{}
	}
	for _, x := range list {
		k := run{x.Room, x.How, x.First, x.Last}
		g := d.held[k]
		if g == nil {
			if len(d.held) >= maxHeld {
				d.lost += uint64(len(x.Members))
				boundHeld.Hit()
				continue
			}
			d.held[k] = &given{slices.Clone(x.Members), x.Since, x.At}
			continue
		}
		for _, m := range x.Members {
			if i, known := slices.BinarySearch(g.members, m); !known {
				g.members = slices.Insert(g.members, i, m)
			}
		}
		if x.Since.Before(g.since) {
			g.since = x.Since
		}
		if x.At.After(g.at) {
			g.at = x.At
		}
	}
}

// Unrecorded returns how many deliveries could not be written down since this
// node began.
func (j *Journal) Unrecorded() uint64 {
	j.told.mu.Lock()
	defer j.told.mu.Unlock()
	return j.told.lost
}

// Collect has fn called before deliveries are written, so that whoever holds
// some hands them over.
func (j *Journal) Collect(fn func()) {
	j.told.mu.Lock()
	defer j.told.mu.Unlock()
	j.told.collect = append(j.told.collect, fn)
}

// keepDeliveries writes what was delivered until the journal ends.
func (j *Journal) keepDeliveries() {
	t := time.NewTicker(deliverEvery)
	defer t.Stop()
	for {
		ended := false
		select {
		case <-j.ctx.Done():
			ended = true
		case <-t.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := j.WriteDeliveries(ctx)
		cancel()
		if err != nil {
			j.opt.Log.Warn("what was delivered could not be written down and will be tried again", "error", err)
		}
		if ended {
			return
		}
	}
}

// WriteDeliveries writes down what is noted now. After an error it is still
// noted.
func (j *Journal) WriteDeliveries(ctx context.Context) error {
	d := &j.told
	d.mu.Lock()
	collect := slices.Clone(d.collect)
	d.mu.Unlock()
	for _, fn := range collect {
		fn()
	}
	d.mu.Lock()
	held := d.held
	d.held = nil
	d.mu.Unlock()
	if len(held) == 0 {
		return nil
	}
	rooms := map[incident.LogID][]Delivery{}
	for k, g := range held {
		rooms[k.room] = append(rooms[k.room], Delivery{Room: k.room, Members: g.members, How: k.how, First: k.first, Last: k.last, Since: g.since, At: g.at})
	}
	b := &pgx.Batch{}
	for room, rows := range rooms {
		slices.SortFunc(rows, func(a, b Delivery) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.First, b.First)) })
		projection.Writer(room).Enter(b)
		projection.QueueDeliveries(b, room, rows)
	}
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		for _, rows := range rooms {
			j.Delivered(rows...)
		}
		return dbError(err)
	}
	return nil
}

// Known are what of some entries reached a person, what of them they opened,
// and what they or some feeds took out.
type Known struct {
	Delivered []Delivery
	Opened    []projection.OpenedEntry
	Taken     []projection.TakenEntry
	State     []Delivery // the last delivery of the standing facts before the time, if there was one
}

// Known says what of the entries first to last reached whoever bore the
// numbers, on the asker's behalf: for others than auditors, leads and deputies
// the database has no row.
func (j *Journal) Known(ctx context.Context, room incident.LogID, asker incident.PersonID, members []incident.MemberNo, feeds []incident.Seq, first, last incident.Seq, before time.Time) (k Known, err error) {
	b := &pgx.Batch{}
	projection.Reader(room, asker).Enter(b)
	projection.QueueDelivered(b, room, members, first, last, &k.Delivered)
	projection.QueueOpenedBy(b, room, members, first, last, &k.Opened)
	projection.QueueTakenBy(b, room, members, feeds, first, last, &k.Taken)
	projection.QueueState(b, room, members, before, &k.State)
	return k, dbError(j.opt.Reader.SendBatch(ctx, b).Close())
}
