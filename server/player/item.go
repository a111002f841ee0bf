package player

import (
	"context"
	"errors"
	"time"

	"wardroom/server/command"
	"wardroom/server/exercise"
	"wardroom/server/incident"
)

// run is one room's place in the script.
type run struct {
	p    *Player
	room incident.LogID
	cast map[string]incident.PersonID
	seqs map[string]incident.Seq // by item id: the entry it became
	upTo time.Time               // everything due up to here has been played
	last incident.Seq            // the newest brief the script has written
	in   map[string]bool         // who has come in so far, by the script

	calls map[string]string // the invitation of each person called in so far, by the script
}

func (p *Player) run(room incident.LogID, cast map[string]incident.PersonID) *run {
	return &run{p: p, room: room, cast: cast, seqs: map[string]incident.Seq{}, in: map[string]bool{}, calls: map[string]string{}}
}

// play posts what is due and has not been posted by this run. An item the room
// refuses (someone removed its author, or changed what it changes) is left
// out: an exercise follows its players.
func (r *run) play(ctx context.Context, upTo time.Time) error {
	for _, it := range r.p.script.Between(r.upTo, upTo) {
		if err := r.item(ctx, it); err != nil {
			if incident.FaultOf(err) == incident.Unavailable || ctx.Err() != nil {
				return err
			}
			if incident.FaultOf(err) == incident.Conflict && r.p.readOnly(ctx, r.room) {
				return errReadOnly // and so is every other item
			}
			r.p.log.Info("an item of the exercise was refused", "item", it.ID, "fault", string(incident.FaultOf(err)))
		}
	}
	r.upTo = upTo
	return nil
}

// errReadOnly says that nothing more can be played into this section.
var errReadOnly = errors.New("the section is read-only")

// readOnly reports whether the guard has closed the room's log, for ever.
func (p *Player) readOnly(ctx context.Context, room incident.LogID) bool {
	found, err := p.j.Broken(ctx, room)
	return err == nil && len(found) > 0
}

func (r *run) do(ctx context.Context, it exercise.Item, by string, step string, cmd command.Command) (incident.Seq, error) {
	a := incident.Actor{System: true, Person: r.cast[by], Exercise: it.Due}
	receipt, err := r.p.j.Append(ctx, r.room, a, key("item", string(r.room), it.ID, step), cmd)
	return receipt.Seq, err
}

func (r *run) item(ctx context.Context, it exercise.Item) (err error) {
	var seq incident.Seq
	switch it.Type {
	case exercise.TypeReport:
		return nil // the room was opened with it
	case exercise.TypeFact:
		seq, err = r.do(ctx, it, "", "fact", r.fact(it))
	case exercise.TypeMessage:
		seq, err = r.do(ctx, it, it.By, "message", r.message(ctx, it))
	case exercise.TypeJoin:
		return r.join(ctx, it)
	case exercise.TypeLeave:
		_, err = r.do(ctx, it, it.By, "leave", command.LeaveRoom{})
	case exercise.TypeLifecycle:
		if it.State != exercise.Open {
			_, err = r.do(ctx, it, it.By, "move", command.MoveRoom{To: incident.Lifecycle(it.State)})
		}
	case exercise.TypeBrief:
		b := it.Brief
		seq, err = r.do(ctx, it, it.By, "brief", command.SetBrief{Seen: r.last, Lines: incident.BriefLines{Happened: b.Happened, Affects: b.Affects, Doing: b.Doing, Need: b.Need, Next: b.Next}})
		if err == nil {
			r.last = seq
		}
	case exercise.TypeCorrect:
		_, err = r.do(ctx, it, it.By, "correct", command.CorrectMessage{Root: r.seqs[it.Target], Text: it.Text})
	case exercise.TypePin:
		_, err = r.do(ctx, it, it.By, "pin", command.PinEntry{Root: r.seqs[it.Target]})
	case exercise.TypeNote:
		_, err = r.do(ctx, it, it.By, "note", command.NoteEntry{Root: r.seqs[it.Target]})
	default:
		seq, err = r.record(ctx, it)
	}
	if err == nil && seq != 0 {
		r.seqs[it.ID] = seq
	}
	return err
}

func (r *run) fact(it exercise.Item) command.GiveInject {
	inject := incident.InjectGiven{Actor: it.Actor, At: exercise.ShownTime(it), Conflict: it.Conflict, Provenance: string(it.Provenance), Text: it.Text}
	for _, s := range it.Sources {
		inject.Sources = append(inject.Sources, r.p.script.Cite(s))
	}
	return command.GiveInject{Inject: inject}
}

func (r *run) message(ctx context.Context, it exercise.Item) command.PostMessage {
	c := command.PostMessage{Text: it.Text, ReplyTo: r.seqs[it.ReplyTo], TLP: incident.TLP(it.Label), Mentions: r.numbers(ctx, it.Mentions)}
	if a := it.Audience; a != nil {
		c.Audience = &incident.Audience{Kind: incident.AudienceKind(a.Kind), Members: r.numbers(ctx, a.People)}
	}
	return c
}

// numbers are the member numbers of those of the people who have come in by
// this point of the script: the same however often it is played.
func (r *run) numbers(ctx context.Context, keys []string) (list []incident.MemberNo) {
	room, err := r.p.j.Room(ctx, r.room)
	if err != nil {
		return nil
	}
	for _, k := range keys {
		if m := room.Member(r.cast[k]); r.in[k] && m != nil && m.Number != 0 {
			list = append(list, m.Number)
		}
	}
	return list
}

// join invites someone as the lead, unless they were called in, and lets them
// join.
func (r *run) join(ctx context.Context, it exercise.Item) error {
	opening, _ := r.p.opening()
	r.in[it.By] = true
	if it.By == opening.By {
		return nil // the opener is in the room from its first entry
	}
	root, err := r.called(ctx, it.By)
	if err != nil {
		return err
	}
	if root == 0 {
		seat, issuer, err := r.p.seat(ctx, it.By, it.Role, it.History)
		if err != nil {
			return err
		}
		if root, err = r.do(ctx, it, opening.By, "invite", command.InviteMember{KnownOrg: seat.Org != "", Issuer: issuer,
			Invitation: string(incident.DerivedID("exercise invitation " + string(r.room) + it.ID)), Seat: seat}); err != nil {
			return err
		}
	}
	_, err = r.do(ctx, it, it.By, "join", command.JoinRoom{Root: root, Person: r.cast[it.By], How: "subject", Rules: 1})
	return err
}

// called is the invitation by which someone was called in; 0 when the room has
// none, as where the severity that would have called them was refused.
func (r *run) called(ctx context.Context, key string) (incident.Seq, error) {
	room, err := r.p.j.Room(ctx, r.room)
	if err != nil {
		return 0, err
	}
	for _, m := range room.Members {
		if id := r.calls[key]; id != "" && m.Invitation == id {
			return m.Root, nil
		}
	}
	return 0, nil
}

// seat is somebody's of the script, with their organisation as it is on the
// books, and the sign-in service that vouches for them.
func (p *Player) seat(ctx context.Context, key, role string, h exercise.History) (incident.Seat, string, error) {
	sys, err := p.j.System(ctx)
	if err != nil {
		return incident.Seat{}, "", err
	}
	who := p.person(key)
	org := sys.Orgs[incident.OrgID(who.Org)]
	return incident.Seat{Name: who.Name, Org: org.Code, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type,
		Role: incident.Role(role), History: incident.History(h)}, org.Issuer, nil
}
