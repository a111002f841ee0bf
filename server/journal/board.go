package journal

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/projection"
)

// Board says which objects of the incident's record to list; Noun is a kind
// of them.
type (
	Board = projection.Board
	Noun  = projection.Noun
)

// Clocks are boards of statutory clocks.
const Clocks = projection.Clocks

// Board lists roots of the record that the member may see, newest first. more
// says whether there are others that they may see: it is found by asking for
// one root too many, so what is hidden from them moves neither. The caller
// reads the entries and judges them by policy.View.
func (j *Journal) Board(ctx context.Context, room *incident.Room, m *incident.Member, q Board) (roots []incident.Seq, more bool, err error) {
	limit := q.Limit
	q.Limit++
	b := &pgx.Batch{}
	projection.Reader(room.ID, m.Person).Enter(b)
	projection.QueueBoard(b, room.ID, asker(room, m), q, &roots)
	if err := j.opt.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, false, dbError(err)
	}
	roots, more = cut(roots, limit)
	return roots, more, nil
}

// Needs lists what waits for the member: clocks that run, decisions to take or confirm, then
// actions to accept or finish, then requests to release (but those that they
// asked of their own organisation, for a second person), then questions of a
// side room, each the newest first. In a closed room nothing does.
func (j *Journal) Needs(ctx context.Context, room *incident.Room, m *incident.Member, limit int) (roots []incident.Seq, more bool, err error) {
	b := &pgx.Batch{}
	projection.Reader(room.ID, m.Person).Enter(b)
	queueNeeds(b, room, m, limit+1, &roots)
	if err := j.opt.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, false, dbError(err)
	}
	roots, more = cut(roots, limit)
	return roots, more, nil
}

func queueNeeds(b *pgx.Batch, room *incident.Room, m *incident.Member, limit int, into *[]incident.Seq) {
	if room.Lifecycle != incident.Closed {
		projection.QueueNeeds(b, room.ID, asker(room, m), limit, into)
	}
}

func asker(room *incident.Room, m *incident.Member) projection.Asker {
	by := projection.Asker{Member: m, Known: policy.Known(room, m), Speaks: policy.Speaks(m)}
	for _, c := range room.Statutory {
		if by.Speaks && c.Org == m.Org && c.Owner != 0 && !slices.Contains(by.Known, c.Owner) && !slices.Contains(by.Gone, c.Owner) && !here(room, c.Owner) {
			by.Gone = append(by.Gone, c.Owner)
		}
	}
	return by
}

// here reports whether whoever bears, or bore, the number is in the room for
// the organisation they bore it for.
func here(room *incident.Room, n incident.MemberNo) bool {
	of := room.Numbered(n)
	if of == nil {
		return false
	}
	now := room.Member(of.Person)
	return now.Present() && now.Org == of.Org
}

func cut(roots []incident.Seq, limit int) ([]incident.Seq, bool) {
	if len(roots) > limit {
		return roots[:limit], true
	}
	return roots, false
}
