package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// judge holds the history against what was promised.
func (s *sim) judge() {
	s.judgeLog()
	s.judgeOrders()
	s.judgeFolds()
	s.judgeEars()
}

// judgeLog: numbers are dense, times never fall, and the tree is that of the
// leaves, each of which commits to what is stored.
func (s *sim) judgeLog() {
	var tree evidence.Frontier
	var last time.Time
	for i, e := range s.store.entries {
		if e.Seq != uint64(i) || e.event.Seq != incident.Seq(i) {
			s.fail("entry %d stands where %d should", e.Seq, i)
		}
		if e.event.Times.Recorded.Before(last) {
			s.fail("entry %d was recorded before the one before it", i)
		}
		last = e.event.Times.Recorded.Time
		if err := e.Opening.Check(s.store.origin, e.Leaf); err != nil {
			s.fail("entry %d: %v", i, err)
		}
		tree.Append(evidence.LeafHash(e.Leaf))
	}
	if tree.Root() != s.store.frontier.Root() {
		s.fail("the frontier is not that of the leaves")
	}
}

// judgeOrders: what was answered stands at its number, once, in the order of
// asking; what was refused does not stand, and what was not answered once at
// most. What a restored database has lost is excused.
func (s *sim) judgeOrders() {
	stands := map[incident.Key][]uint64{}
	for _, e := range s.store.entries {
		stands[e.event.Authority.Key] = append(stands[e.event.Authority.Key], e.Seq)
	}
	known := map[incident.Key]bool{}
	for _, o := range s.orders {
		known[o.key] = true
		at := stands[o.key]
		for i, n := range at {
			if n != at[0]+uint64(i) {
				s.fail("command %s stands at %v: twice", o.key, at)
				break
			}
		}
		if o.refused != nil && s.lost == 0 && len(o.answers) == 0 && len(at) > 0 {
			s.fail("command %s was refused (%v) and stands at %v", o.key, o.refused, at)
		}
		for _, a := range o.answers {
			if s.lost > 0 && a.seq >= s.lost {
				continue
			}
			if len(at) != a.count || at[0] != a.seq {
				s.fail("command %s was answered as %d entries from %d and stands at %v", o.key, a.count, a.seq, at)
			}
		}
	}
	highest := uint64(0)
	acked := slices.DeleteFunc(slices.Clone(s.orders), func(o *simOrder) bool { return o.acked == 0 })
	byAck := slices.SortedFunc(slices.Values(acked), func(a, b *simOrder) int { return a.acked - b.acked })
	i := 0
	for _, o := range acked { // in the order they were called
		for ; i < len(byAck) && byAck[i].acked < o.called; i++ {
			highest = max(highest, byAck[i].answers[0].seq)
		}
		if s.lost == 0 && highest > 0 && o.answers[0].seq <= highest {
			s.fail("command %s became %d after %d had been answered", o.key, o.answers[0].seq, highest)
		}
	}
	for _, e := range s.store.entries[s.base:] {
		if !known[e.event.Authority.Key] {
			s.fail("entry %d was made by no command that anybody sent", e.Seq)
		}
	}
}

// judgeFolds: every node's fold is that from entry 0 on, and the fold read back
// from its JSON is the same.
func (s *sim) judgeFolds() {
	scratch := incident.NewRoom(s.room)
	scratch.Reindex()
	for _, e := range s.store.entries {
		scratch.Apply(e.event)
	}
	want, err := json.Marshal(scratch)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, n := range s.nodes {
		if n.frozen {
			continue
		}
		if got, _ := json.Marshal(n.paper.Room); !bytes.Equal(got, want) {
			s.fail("the fold of node %d is not the one from entry 0:\n%s\n%s", i, got, want)
		}
		for _, who := range s.people {
			if a, b := n.paper.Room.Member(who.Person), scratch.Member(who.Person); a.Present() != b.Present() {
				s.fail("node %d does not agree whether %s is in the room", i, who.Name)
			}
		}
	}
}

// judgeEars: everyone in the room was told of all, in order, the same as
// everyone else; nobody sees more than the oracle grants at the head. A node
// that froze has told nobody of what came after.
func (s *sim) judgeEars() {
	size := uint64(len(s.store.entries))
	for _, e := range s.ears {
		n := s.nodes[e.node]
		m := n.paper.Room.Member(e.who.Person)
		if !n.frozen && m.Present() && (!e.begun || e.at != size-1) {
			s.fail("%s came to %d of %d", e.who.Name, e.at, size-1)
		}
		for i, leaf := range e.leaves {
			seq := e.since + uint64(i)
			if s.lost > 0 && seq >= s.lost {
				break // until a node that had seen more looks, or the guard does, nobody can tell
			}
			if seq < size && !n.frozen && evidence.LeafHash(s.store.entries[seq].Leaf) != leaf {
				s.fail("%s holds another entry %d than is stored", e.who.Name, seq)
			}
		}
		if n.frozen || !m.Present() {
			continue
		}
		for _, stored := range s.store.entries[1:] {
			sight := n.paper.Sight(stored.event.Root)
			if stored.event.Kind.Standing() {
				continue
			}
			if got, may := formOf(policy.View(n.paper.Room, m, sight, stored.Entry)), n.oracle.Form(string(e.who.Person), stored.Seq); got > may {
				s.fail("%s may see entry %d as %v at the head; the oracle grants %v", e.who.Name, stored.Seq, got, may)
			}
		}
	}
}

// simBases are the rooms that simulations begin with: each mode and roster.
func simBases(t *testing.T) (list []*simBase) {
	seen := map[string]bool{}
	for n := uint64(0); len(list) < 6; n++ {
		b := newSimBase(t, n)
		if kind := fmt.Sprint(b.fold.Mode, b.fold.Roster); !seen[kind] {
			seen[kind] = true
			list = append(list, b)
		}
	}
	return list
}

// Histories on a database, a bus and a clock that fail at every step: what is
// true of the log, of every node's fold and of everyone's stream is true after
// each. WARDROOM_SEED lives one of them alone.
func TestSimulatedHistoriesKeepEveryPromise(t *testing.T) {
	first, count := uint64(time.Now().UnixNano()), uint64(times(t, figure(500, 20_000)))
	if given := os.Getenv("WARDROOM_SEED"); given != "" {
		n, err := strconv.ParseUint(given, 10, 64)
		if err != nil {
			t.Fatalf("WARDROOM_SEED is %q; it is a number", given)
		}
		first, count = n, 1
	}
	var next atomic.Uint64
	var mu sync.Mutex
	met := map[string]int{}
	var wg sync.WaitGroup
	for range hands() / 2 {
		own := simBases(t) // one for each: forks share what they do not change
		wg.Go(func() {
			sum := map[string]int{}
			for i := next.Add(1) - 1; i < count && !t.Failed(); i = next.Add(1) - 1 {
				n := first + i
				s := newSim(own[n%uint64(len(own))], n, "")
				if wrong := s.live(); len(wrong) > 0 {
					t.Errorf("seed %d: %s\nto run it again: WARDROOM_SEED=%d", n, strings.Join(wrong, "\n"), n)
				}
				for what, times := range s.met {
					sum[what] += times
				}
				sum["entries written"] += len(s.store.entries) - len(own[n%uint64(len(own))].entries)
			}
			mu.Lock()
			defer mu.Unlock()
			for what, times := range sum {
				met[what] += times
			}
		})
	}
	wg.Wait()
	for _, what := range slices.Sorted(maps.Keys(met)) {
		t.Logf("%9d × %s", met[what], what)
	}
	if count > 5000 && met["the database is put back"]*met["a node dies after it committed"]*met["a client gave up"] == 0 {
		t.Error("not every fault was met")
	}
}

// The judge finds what it is there to find: faults of the engine, each sown into
// a few hundred histories.
func TestTheSimulationFindsTheFaultsItIsFor(t *testing.T) {
	bases := simBases(t)
	for sown, says := range map[string]string{
		"drop":     "was given entry",       // an entry is left out of a stream
		"double":   "is not the one from",   // an entry is folded twice
		"stale":    "stands where",          // a node decides on an old fold, past the fence
		"removed":  "oracle grants nothing", // what comes after a removal is delivered
		"audience": "the oracle grants",     // an entry is judged by another's audience
		"key":      "twice",                 // a key is not remembered
		"freeze":   "",                      // a restored database is written on
	} {
		found := ""
		for n := uint64(1); found == "" && n <= 3000; n++ {
			for _, w := range newSim(bases[n%uint64(len(bases))], n, sown).live() {
				if strings.Contains(w, says) {
					found = w
				}
			}
		}
		if found == "" {
			t.Errorf("%q was sown and not found", sown)
		}
	}
}

// A seed is one history: lived twice it is the same.
func TestASeedIsOneHistory(t *testing.T) {
	bases := simBases(t)
	for n := range uint64(30) {
		var kinds [2]string
		for i := range kinds {
			s := newSim(bases[n%6], n, "")
			s.live()
			for _, e := range s.store.entries {
				kinds[i] += string(e.event.Kind) + " "
			}
		}
		if kinds[0] != kinds[1] {
			t.Fatalf("seed %d:\n%s\n%s", n, kinds[0], kinds[1])
		}
	}
}
