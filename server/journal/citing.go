package journal

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// What a group's commands cite is judged by the sight of each entry's root as
// it stands under the log's lock, with all that earlier commands of the group
// have moved.

// queueCited asks for the sights of what the group cites, and for those of the
// cited that are no roots.
func (l *loaded) queueCited(b *pgx.Batch, log incident.LogID, cites []int64) {
	if len(cites) == 0 {
		return
	}
	b.Queue(`SELECT o.seq, CASE WHEN o.seq <> o.root THEN o.sealed END, `+projection.SightColumns+` FROM (SELECT DISTINCT unnest($2::bigint[])) AS a(at)
		CROSS JOIN LATERAL (SELECT seq, root, sealed FROM opening WHERE log = $1 AND seq = a.at LIMIT 1) o
		CROSS JOIN LATERAL (SELECT * FROM root WHERE log = $1 AND seq = o.root LIMIT 1) r`, string(log), cites).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var seq int64
			var sealed []byte
			var r projection.SightRow
			if err := rows.Scan(append([]any{&seq, &sealed}, r.Targets()...)...); err != nil {
				return err
			}
			if sealed != nil {
				l.later = append(l.later, sealedRow{seq: incident.Seq(seq), sealed: sealed})
			}
			if s, ok := r.Sight(); ok {
				l.cited[incident.Seq(seq)] = s
			}
		}
		return rows.Err()
	})
}

// move keeps what is cited in step with what the group itself has done.
func (l *loaded) move(e *incident.Event) {
	if !incident.Moves(e) {
		return
	}
	for _, sights := range []map[incident.Seq]incident.Sight{l.cited, l.resting} {
		for n, s := range sights {
			if s.Apply(e) {
				sights[n] = s
			}
		}
	}
}

// notes are those of the entries that are notes, and whose: where guests are
// not told of one another, such an entry is not seen by all who see its root.
func (w *writer) notes(rows []sealedRow) (map[incident.Seq]incident.MemberNo, error) {
	room, ok := w.state.(*incident.Room)
	if !ok || room.Roster != incident.RosterHosts {
		return nil, nil
	}
	notes := map[incident.Seq]incident.MemberNo{}
	for _, r := range rows {
		_, e, err := w.open(r.seq, r.sealed)
		if err != nil {
			return nil, err
		}
		if _, note := e.Body.(*incident.EntryNoted); note {
			notes[e.Seq] = e.By.Member
		}
	}
	return notes, nil
}

// cite keeps what rests on what is to be moved.
func (l *loaded) cite(moves []int64, list []projection.Citation) {
	l.citing, l.resting = map[incident.Seq][]command.Citation{}, map[incident.Seq]incident.Sight{}
	for _, n := range moves {
		l.citing[incident.Seq(n)] = nil
	}
	for _, c := range list {
		l.citing[c.Of] = append(l.citing[c.Of], command.Citation{Root: c.Root, Kind: c.Sight.Kind, Entry: c.Entry})
		l.resting[c.Root] = c.Sight
	}
}

// cites takes in that an entry of the group itself cites what a later one of it
// moves.
func (l *loaded) cites(e *incident.Event) {
	if len(l.citing) == 0 || !projection.Rests(e) {
		return
	}
	if e.IsRoot() {
		l.resting[e.Root] = incident.SightOf(e)
	}
	for _, n := range e.Refs.Cites {
		of := n
		if s, ok := l.cited[n]; ok {
			of = s.Root
		}
		if list, asked := l.citing[of]; asked {
			kind := e.Kind
			if s, ok := l.resting[e.Root]; ok {
				kind = s.Kind
			}
			if c := (command.Citation{Root: e.Root, Kind: kind, Entry: n}); !slices.Contains(list, c) {
				l.citing[of] = append(list, c)
			}
		}
	}
}
