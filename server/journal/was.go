package journal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// A listener who is told of an entry that moved its root's sight must be
// judged twice: by what they may see now, and by what they could see until
// then. The second is the record's to say, however long ago the root was last
// spoken of; whoever delivers live holds the newest entries only.

// Before returns, by the number of each entry that moved the sight of one of
// these roots, what the sight was until then.
func (j *Journal) Before(ctx context.Context, room incident.LogID, roots []incident.Seq) (map[incident.Seq]incident.Sight, error) {
	events, err := j.entries(ctx, room, `root = ANY ($2) ORDER BY seq`, numbers(roots))
	if err != nil {
		return nil, err
	}
	was := map[incident.Seq]incident.Sight{}
	sights := map[incident.Seq]incident.Sight{}
	for _, e := range events {
		if incident.Moves(e) {
			was[e.Seq] = sights[e.Root]
		}
		follow(sights, e)
	}
	return was, nil
}

// follow moves the sight of the entry's root on.
func follow(sights map[incident.Seq]incident.Sight, e *incident.Event) {
	if e.IsRoot() {
		sights[e.Root] = incident.SightOf(e)
		return
	}
	if s, ok := sights[e.Root]; ok && incident.Moves(e) {
		s.Apply(e)
		sights[e.Root] = s
	}
}

// moved lists the roots older than the group whose sight it moves.
func (g *Group) moved() (roots []incident.Seq) {
	for i := range g.Entries {
		if w := &g.Entries[i]; w.Marked && w.Root < g.First() {
			roots = append(roots, w.Root)
		}
	}
	return roots
}

// before puts beside each entry that moves an older root's sight what that was
// before the group.
func (g *Group) before(sights map[incident.Seq]incident.Sight) {
	for i := range g.Entries {
		if w := &g.Entries[i]; w.Marked {
			if s, ok := sights[w.Root]; ok {
				w.Was = &s
			}
		}
	}
}

// recall is before for a group that another node wrote: what the sights were
// is read from the entries below it.
func (w *writer) recall(ctx context.Context, conn *pgx.Conn, g *Group) error {
	roots := g.moved()
	if len(roots) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, `SELECT seq, root, sealed FROM opening WHERE log = $1 AND root = ANY ($2) AND seq < $3 ORDER BY seq`,
		string(w.log), numbers(roots), int64(g.First()))
	if err != nil {
		return err
	}
	list, err := collectSealed(rows)
	if err != nil {
		return err
	}
	sights := map[incident.Seq]incident.Sight{}
	for _, r := range list {
		_, e, err := w.open(r.seq, r.sealed)
		if err != nil {
			return err
		}
		follow(sights, e)
	}
	g.before(sights)
	return nil
}

func numbers(list []incident.Seq) []int64 {
	n := make([]int64, len(list))
	for i, s := range list {
		n[i] = int64(s)
	}
	return n
}
