// Package desk answers the auditor: the timeline of one or several rooms, what
// is missing in the record, how an incident went, and who could see, was given
// and opened what, and when.
//
// It holds no right of its own. Whoever asks is a member of the room, now, in a
// role that policy lets read the desk; each entry is judged by policy.View, at
// the head, as everywhere, and what is a stub to them is a stub here: nothing
// is said of it, not even what somebody else could see.
package desk

import (
	"context"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// Desk answers from the journal. It is safe for concurrent use.
type Desk struct {
	j     *journal.Journal
	pasts pasts
}

// New returns a desk over the journal.
func New(j *journal.Journal) *Desk {
	return &Desk{j: j, pasts: pasts{runs: make(chan struct{}, 2)}}
}

// Enter returns a room and the person's membership in it, if they may do this
// there now. Not being in it, not being allowed and there being none are one
// answer.
func (d *Desk) Enter(ctx context.Context, act policy.Act, room incident.LogID, person incident.PersonID) (*incident.Room, *incident.Member, error) {
	if person == "" {
		return nil, nil, incident.Missing()
	}
	at, err := d.j.Room(ctx, room)
	if err != nil {
		return nil, nil, err
	}
	if policy.Permit(act, &policy.Scene{Room: at, Actor: incident.Actor{Person: person}}) != nil {
		return nil, nil, incident.Missing()
	}
	return at, at.Member(person), nil
}

// Rooms lists the rooms whose desk the person may read, the last opened first.
func (d *Desk) Rooms(ctx context.Context, person incident.PersonID) ([]*incident.Room, error) {
	if person == "" {
		return nil, nil
	}
	mine, err := d.j.Mine(ctx, person)
	if err != nil {
		return nil, err
	}
	var rooms []*incident.Room
	for _, m := range mine {
		if m.State != incident.Joined {
			continue
		}
		room, _, err := d.Enter(ctx, policy.ReadDesk, m.Room, person)
		if incident.FaultOf(err) == incident.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		rooms = append(rooms, room)
	}
	lastOpenedFirst(rooms)
	return rooms, nil
}
