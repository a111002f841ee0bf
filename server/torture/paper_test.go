package torture

import (
	"math/rand/v2"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// paperPlay is a play that stores nothing and that nobody listens to.
func paperPlay(t *testing.T, seed uint64) *play {
	p := &play{stage: &stage{t: t}, rng: rand.New(rand.NewPCG(seed, 1)), ears: map[incident.PersonID][]*ear{}}
	mode := pick(p.rng, []incident.Mode{incident.ModeIncident, incident.ModeExercise})
	p.paper = servertest.NewPaper(t, mode, rosters[p.rng.IntN(3)])
	p.paper.Now = time.Now()
	for i, c := range cast {
		a := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: c.name, Orgs: []incident.OrgID{c.org}}
		if i == 0 {
			a = p.paper.Lead
		}
		p.people = append(p.people, a)
	}
	p.room = p.paper.Room.ID
	p.roots, p.members = []incident.Seq{4}, []incident.Seq{2}
	p.refold()
	return p
}

// read is all that a stranger can be shown of what is on paper.
func (w *world) read(who incident.Actor) {
	m := w.fold.Member(who.Person)
	if !m.Present() {
		return
	}
	var seen []policy.Seen
	for _, e := range w.paper.Events[1:] {
		sight, entry := w.paper.Sight(e.Root), w.paper.Entry(e.Seq)
		if e.Kind.Standing() {
			sight = incident.Sight{Root: e.Root, Kind: e.Kind, Author: e.By.Member, Audience: incident.Audience{Kind: incident.ToRoom}}
		}
		if w.about[e.Root] {
			switch w.leak {
			case "audience":
				sight.Audience = incident.Audience{Kind: incident.ToRoom}
			case "label":
				sight.Audience, sight.TLP = incident.Audience{Kind: incident.ToRoom}, incident.Red // an envelope of it
			}
		}
		seen = append(seen, policy.View(w.fold, m, sight, entry))
		if one, ok := policy.Opened(w.fold, m, sight, entry); ok {
			seen = append(seen, one)
		}
	}
	w.note(who, "page", seen)
	w.note(who, "snapshot", policy.Snap(w.fold, m))
}
