// Package player is exercise control: it plays a script into an exercise room
// as the room's own clock goes, speaking for the invented people of its cast.
// It keeps no state of its own. Every item is posted under a key derived from
// the room and the item, so a player that starts again finds what has been
// played by asking for it again, and two nodes play each item once.
package player

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"wardroom/server/command"
	"wardroom/server/exercise"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/steward"
)

// WannaCry is the name of the one script there is, with its edition. A room
// plays the edition it began with: no item is put into what was played before.
const WannaCry = "wannacry 2"

// Player plays the scripts of all exercise rooms.
type Player struct {
	j       *journal.Journal
	steward *steward.Steward
	script  *exercise.Script
	log     *slog.Logger
}

// New returns a player of the WannaCry script.
func New(j *journal.Journal, s *steward.Steward, log *slog.Logger) (*Player, error) {
	script, err := exercise.Load()
	if err != nil {
		return nil, err
	}
	return &Player{j, s, script, log}, nil
}

// key derives an item's idempotency key.
func key(parts ...string) incident.Key {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d %s\n", len(p), p)
	}
	return incident.KeyFrom([sha256.Size]byte(h.Sum(nil)))
}

// Begin opens an exercise room of the script and plays it to its pause, with
// the clock standing there. The cast must be registered: see Cast. Run again
// with the same name it finds the room it made.
func (p *Player) Begin(ctx context.Context, name string) (incident.LogID, error) {
	sys, err := p.j.System(ctx)
	if err != nil {
		return "", err
	}
	cast, err := p.cast(sys)
	if err != nil {
		return "", err
	}
	opening, report := p.opening()
	lead := cast[opening.By]
	room, access := roomIDs(name)
	// Looked for before anything is written: the deployment's record may go on
	// in a new section, which does not hold the key that the room was begun under.
	if at, err := p.j.Room(ctx, room); err == nil && at.Script != "" {
		return room, nil
	} else if err != nil && incident.FaultOf(err) != incident.NotFound {
		return "", err
	}
	r, err := p.j.Append(ctx, sys.ID, incident.Actor{Person: lead}, key("begin", name), command.RegisterRoom{
		Title: p.script.Room.Title, Mode: incident.ModeExercise, Roster: incident.Roster(p.script.Room.Roster), TLP: incident.TLP(p.script.Room.Label),
		Org: incident.OrgID(p.person(opening.By).Org), Report: report, Room: room, Access: access})
	if err != nil {
		return "", err
	}
	if !r.Repeat {
		reg := r.Events[0].Body.(*incident.RoomRegistered)
		if err := p.steward.Finish(ctx, r.Seq, reg); err != nil {
			return "", err
		}
	}
	house := incident.Actor{System: true}
	if _, err := p.j.Append(ctx, room, house, key("clock", string(room)), command.SetClock{At: p.script.Start, Factor: 1, Paused: true}); err != nil {
		return "", err
	}
	if err := p.run(room, cast).play(ctx, p.script.Pause); errors.Is(err, errReadOnly) {
		return room, nil // it stays as far as it came
	} else if err != nil {
		return "", err
	}
	// Naming the script hands the room to Run; it is the last thing done, so
	// that a crash before it plays the same items again under the same keys.
	_, err = p.j.Append(ctx, room, house, key("script", string(room)), command.SetClock{At: p.script.Pause, Factor: 1, Paused: true, Script: WannaCry})
	return room, err
}

// roomIDs derives the ids of a demonstration room from its name, so that
// beginning it twice makes one room. Exercises only: a real room's id is
// random.
func roomIDs(name string) (room, access incident.LogID) {
	return incident.DerivedID("exercise room " + name), incident.DerivedID("exercise access " + name)
}

func (p *Player) person(key string) exercise.Person {
	who, _ := p.script.Person(key)
	return who
}

// item finds an item of the script by its id.
func (p *Player) item(id string) exercise.Item {
	for _, it := range p.script.Items {
		if it.ID == id {
			return it
		}
	}
	return exercise.Item{}
}

// opening returns the script's opening item and its report.
func (p *Player) opening() (open exercise.Item, report incident.Methane) {
	for _, it := range p.script.Items {
		switch {
		case it.Type == exercise.TypeLifecycle && it.State == exercise.Open:
			open = it
		case it.Type == exercise.TypeReport:
			r := it.Report
			report = incident.Methane{Type: r.Type, Exact: r.Exact, Hazards: r.Hazards, Access: r.Access, Number: r.Number, Emergency: r.Emergency}
			return open, report
		}
	}
	return open, report
}

// Cast registers the script's people that nobody has registered yet, under
// subjects no issuer gives out. The script's organisations must be on the
// books.
func (p *Player) Cast(ctx context.Context) error {
	sys, err := p.j.System(ctx)
	if err != nil {
		return err
	}
	for _, who := range p.script.Cast {
		org := sys.Orgs[incident.OrgID(who.Org)]
		if _, ok := find(sys, who); ok || who.Role == "" {
			continue
		}
		if _, err := p.j.Append(ctx, sys.ID, incident.Actor{System: true}, key("cast", who.Key), command.AddPerson{
			Person: incident.PersonID(incident.DerivedID("exercise person " + who.Key)), Name: who.Name, Issuer: org.Issuer,
			Subject: "exercise:" + who.Key, Orgs: []incident.OrgID{org.Code}}); err != nil {
			return fmt.Errorf("register %s of %s: %w", who.Key, who.Org, err)
		}
	}
	return nil
}

// Organisations are those the script needs, for whoever sets a deployment up.
func (p *Player) Organisations() []exercise.Organisation { return p.script.Organisations }

func find(sys *incident.System, who exercise.Person) (incident.PersonID, bool) {
	for _, id := range sys.Order() {
		person := sys.People[id]
		if person.Name == who.Name && len(person.Orgs) > 0 && person.Orgs[0] == incident.OrgID(who.Org) {
			return id, true
		}
	}
	return "", false
}

func (p *Player) cast(sys *incident.System) (map[string]incident.PersonID, error) {
	cast := map[string]incident.PersonID{}
	for _, who := range p.script.Cast {
		id, ok := find(sys, who)
		if !ok && who.Role != "" {
			return nil, fmt.Errorf("%s of %s is not registered", who.Key, who.Org)
		}
		cast[who.Key] = id
	}
	return cast, nil
}

// Run plays every exercise room that has a script, until ctx ends.
func (p *Player) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	over := map[incident.LogID]bool{}   // being played, or closed
	seen := map[incident.LogID]uint64{} // so many entries of it name no script
	later := map[incident.LogID]time.Time{}
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		if sys, err := p.j.System(ctx); err == nil {
			for _, room := range sys.Exercise {
				if over[room] || time.Now().Before(later[room]) {
					continue
				}
				at, err := p.look(ctx, room, seen)
				switch {
				case err != nil && incident.FaultOf(err) != incident.NotFound: // else it is being opened
					later[room] = time.Now().Add(again)
				case at == nil:
				case at.Script == WannaCry:
					over[room] = true
					wg.Go(func() { p.follow(ctx, room) })
				default:
					over[room] = at.Lifecycle == incident.Closed
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// again is when a room is tried again that could not be read, or played.
const again = 2 * time.Second

// look returns a room in which the clock may have been set since it was looked
// at last; nil for any other. Most exercises have no script: nobody holds those
// in memory, or reads what is said in them, for the player's sake.
func (p *Player) look(ctx context.Context, room incident.LogID, seen map[incident.LogID]uint64) (*incident.Room, error) {
	size, some, err := p.j.Since(ctx, room, seen[room], clock...)
	if err != nil {
		return nil, err
	}
	if !some {
		seen[room] = max(seen[room], size)
		return nil, nil
	}
	at, err := p.j.Room(ctx, room)
	if err == nil {
		seen[room] = uint64(at.Head) + 1
	}
	return at, err
}

// clock are the entries that name a script.
var clock = []incident.Kind{incident.KindOf(&incident.ClockSet{})}

// follow plays one room until ctx ends or the room is closed, by a lead or, as
// not being what was signed for, by the guard.
func (p *Player) follow(ctx context.Context, room incident.LogID) {
	for ctx.Err() == nil {
		err := p.followOnce(ctx, room)
		if err == nil {
			return
		}
		if errors.Is(err, errReadOnly) {
			p.log.Warn("an exercise is not played on: this section of its room is read-only", "room", string(room))
			return
		}
		if ctx.Err() == nil {
			p.log.Warn("an exercise stopped short and will try again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

func (p *Player) followOnce(ctx context.Context, room incident.LogID) error {
	changed := make(chan struct{}, 1)
	_, cancel, err := p.j.Watch(ctx, room, func(g *journal.Group) {
		if g.Before == nil || g.Room == nil || g.Before.Clock != g.Room.Clock || g.Before.Lifecycle != g.Room.Lifecycle {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	})
	if err != nil {
		return err
	}
	defer cancel()
	r := p.run(room, nil)
	for {
		at, err := p.j.Room(ctx, room)
		if err != nil {
			return err
		}
		if at.Lifecycle == incident.Closed {
			return nil
		}
		wait := time.Duration(-1) // until the clock is set
		if at.Script == WannaCry && at.Clock != nil {
			if r.cast == nil {
				sys, err := p.j.System(ctx)
				if err != nil {
					return err
				}
				if r.cast, err = p.cast(sys); err != nil {
					return err
				}
			}
			now := at.Clock.Now(time.Now())
			if err := r.play(ctx, now.Time); err != nil {
				return err
			}
			if next, ok := p.script.Next(now.Time); ok && !at.Clock.Paused {
				wait = next.Sub(now.Time)/time.Duration(at.Clock.Factor) + time.Millisecond
			}
		}
		var due <-chan time.Time
		if wait >= 0 {
			due = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-due:
		}
	}
}
