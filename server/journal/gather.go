package journal

import (
	"context"
	"time"
)

// Writers who wait for an answer before they send again fall into two halves:
// one is committed while the other comes in. Each half costs a commit and a
// frame to every listener, so after a group of many the next waits a little for
// those who were just answered: they and who came in meanwhile are all there
// are.
const (
	// many is how large the group before must have been.
	many = 4
	// patience is the longest that a group is waited for; less, where a commit
	// takes less than a third of it.
	patience = 15 * time.Millisecond
	// maxSulk is how many groups at most are not waited for after one that few
	// came for; it begins with two, and doubles while few come.
	maxSulk = 64
)

// gatherer is owned by the writer's goroutine.
type gatherer struct {
	last  int           // how many the group before had
	took  time.Duration // to commit it
	sulks int           // groups to go that are not waited for
	sulk  int           // how many the last wait that was in vain has cost
}

// gather fills a group with what is in the queue, and with what is on its way
// if that is worth the wait. ready is how many were in the queue when the
// group before had been answered.
func (w *writer) gather(ctx context.Context, group []*pending, ready int) []*pending {
	group = w.fill(group)
	g := &w.gathers
	want := min(g.last+ready, maxGroup)
	if g.last < many || len(group) >= want {
		return group
	}
	if g.sulks > 0 {
		g.sulks--
		return group
	}
	had := len(group)
	over := time.NewTimer(min(3*g.took, patience))
	defer over.Stop()
	for len(group) < want {
		select {
		case p := <-w.in:
			group = w.fill(append(group, p))
			continue
		case <-over.C:
		case <-ctx.Done():
		}
		break
	}
	if 2*(len(group)-had) < want-had {
		g.sulk = min(max(2, 2*g.sulk), maxSulk)
		g.sulks = g.sulk
	} else {
		g.sulk = 0
	}
	return group
}

func (w *writer) fill(group []*pending) []*pending {
	for len(group) < maxGroup {
		select {
		case p := <-w.in:
			group = append(group, p)
		default:
			return group
		}
	}
	return group
}
