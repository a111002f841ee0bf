package torture

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// A simulation lives one seed: a room that two nodes write and five people
// follow, on a database, a bus of hints and a clock that are none. The rules
// (command, incident, policy, evidence) are the real ones; what is between them
// is the protocol of the journal and the hub in a few lines, with a fault at
// each of its steps. So a hundred thousand histories take no longer than a few
// of the real thing.
type sim struct {
	*play
	store   *simStore
	nodes   []*simNode
	hints   []simHint
	orders  []*simOrder
	late    []*simOrder // sent again, and still on its way
	ears    []*simEar
	tick    int // counts what happens
	from    *simBase
	sown    string // a fault of the engine's, that the judge must find; "" for none
	base    uint64 // how long the log was when the room was forked
	lost    uint64 // how long the log was when the database was put back; 0 if it was not
	wrong   []string
	met     map[string]int
	closing bool // no more faults
}

// simStore is the database: what is in it is committed.
type simStore struct {
	origin   evidence.Origin
	entries  []simEntry
	frontier evidence.Frontier
	keys     map[string]simKey
	guard    bool
	now      time.Time
	fold     []byte // a snapshot, and how long the log was then
	foldSize uint64
}

type simEntry struct {
	evidence.Entry
	event *incident.Event // decoded from its values
}

type simKey struct {
	seq   uint64
	count int
}

// simNode is one node's copy of the log, and what it knows of it.
type simNode struct {
	paper  *servertest.Paper
	had    []simEntry // as it has seen them committed
	tree   *evidence.Frontier
	oracle *servertest.Oracle
	frozen bool
}

func (n *simNode) size() uint64 { return uint64(len(n.paper.Events)) }

type simHint struct {
	node int
	size uint64
}

// simOrder is a command in a client's outbox.
type simOrder struct {
	key     incident.Key
	who     incident.Actor
	cmd     command.Command
	called  int // by tick
	answers []simKey
	acked   int
	refused error
	dropped bool // the client gave up without an answer
}

// simEar is a client that listens: what it holds of the log.
type simEar struct {
	who    incident.Actor
	node   int
	begun  bool
	at     uint64     // the newest entry it has
	leaves [][32]byte // from its snapshot on
	since  uint64     // where that began
}

var (
	errSimLost    = errors.New("no answer")
	errSimCrashed = errors.New("the node died")
)

// simBase is a room with people in it, that simulations fork.
type simBase struct {
	*play
	entries []simEntry
	tree    evidence.Frontier
	oracle  *servertest.Oracle
}

// node is one that has read the log as far as the fork.
func (b *simBase) node() *simNode {
	return &simNode{paper: b.paper.Fork(), had: slices.Clip(b.entries), tree: b.tree.Clone(), oracle: b.oracle.Fork()}
}

func newSimBase(t *testing.T, seed uint64) *simBase {
	b := &simBase{play: paperPlay(t, seed), oracle: servertest.NewOracle()}
	for _, i := range []int{1, 2, 3, 5, 7} {
		b.enter(i)
	}
	var fill [8]byte
	for _, e := range b.paper.Events {
		binary.BigEndian.PutUint64(fill[:], seed)
		stored := seal(t, b.paper.Origin(), e, fill[:])
		b.entries = append(b.entries, stored)
		b.tree.Append(evidence.LeafHash(stored.Leaf))
		if err := b.oracle.Add(stored.Seq, stored.Values()); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// seal makes the entry that is stored of an event; salt makes its seed.
func seal(t *testing.T, origin evidence.Origin, e *incident.Event, salt []byte) simEntry {
	values, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	w := &evidence.Whole{Seq: uint64(e.Seq), Values: evidence.Values(values)}
	copy(w.Seed[:], salt)
	binary.BigEndian.PutUint64(w.Seed[24:], w.Seq)
	decoded, err := incident.Decode(e.Seq, incident.Values(w.Values))
	if err != nil {
		t.Fatal(err)
	}
	return simEntry{evidence.Entry{Seq: w.Seq, Leaf: evidence.AppendLeaf(nil, origin, w.Seq, w.Seed, &w.Values), Opening: w}, decoded}
}

// newSim forks the room.
func newSim(b *simBase, seed uint64, sown string) *sim {
	p := &play{stage: b.stage, rng: rand.New(rand.NewPCG(seed, 20)), ears: map[incident.PersonID][]*ear{}, room: b.room,
		roots: slices.Clone(b.roots), members: slices.Clone(b.members), paper: b.paper.Fork()}
	p.paper.Now = b.paper.Now
	s := &sim{play: p, from: b, sown: sown, base: uint64(len(b.entries)), met: map[string]int{}, store: &simStore{origin: b.paper.Origin(), entries: slices.Clone(b.entries), keys: map[string]simKey{}, now: b.paper.Now}}
	s.store.frontier = *b.tree.Clone()
	s.nodes = []*simNode{b.node(), b.node()}
	for i, who := range s.people[:8] {
		s.ears = append(s.ears, &simEar{who: who, node: i % 2})
	}
	p.refold()
	p.via = s.send
	return s
}

// live is the whole history. It returns what is wrong with it.
func (s *sim) live() []string {
	s.listen()
	for range 12 + s.rng.IntN(8) {
		s.mishap()
		s.act()
		if len(s.wrong) > 0 {
			return s.wrong
		}
	}
	s.closing = true
	for _, o := range s.late {
		s.handle(s.rng.IntN(2), o)
	}
	for i := range s.nodes {
		s.look(i)
	}
	s.judge()
	return s.wrong
}

func (s *sim) fail(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// chance is true once in n times, while there are faults.
func (s *sim) chance(n int, what string) bool {
	if s.closing || s.rng.IntN(n) > 0 {
		return false
	}
	s.met[what]++
	return true
}

// mishap is something that happens by itself.
func (s *sim) mishap() {
	s.tick++
	s.store.now = s.store.now.Add(time.Duration(s.rng.IntN(90)) * time.Second)
	if s.chance(12, "the clock goes back") {
		s.store.now = s.store.now.Add(-time.Hour)
	}
	if s.chance(12, "the clock leaps") {
		s.store.now = s.store.now.Add(26 * time.Hour)
	}
	if s.chance(6, "a forged hint") {
		s.hints = append(s.hints, simHint{s.rng.IntN(2), s.rng.Uint64N(1000)})
	}
	for len(s.hints) > 0 && s.rng.IntN(3) > 0 { // in any order, some twice
		i := s.rng.IntN(len(s.hints))
		h := s.hints[i]
		if !s.chance(8, "a hint comes twice") {
			s.hints = slices.Delete(s.hints, i, i+1)
		}
		if h.size > s.nodes[h.node].size() {
			s.look(h.node)
		}
	}
	if s.chance(10, "a node dies") {
		s.restart(s.rng.IntN(2))
	}
	if len(s.late) > 0 && s.rng.IntN(2) == 0 {
		o := s.late[0]
		s.late = s.late[1:]
		s.met["a command comes again later"]++
		s.handle(s.rng.IntN(2), o)
	}
	if s.rng.IntN(8) == 0 {
		s.keep(s.nodes[0])
	}
	if s.lost == 0 && s.chance(150, "the database is put back") {
		s.restore()
	}
}

// keep stores a snapshot of a node's fold, unless the log is of another past.
func (s *sim) keep(n *simNode) {
	last := n.had[n.size()-1]
	if (n.size() > uint64(len(s.store.entries)) || !bytes.Equal(s.store.entries[last.Seq].Leaf, last.Leaf)) && s.sown != "snapshot" {
		return
	}
	s.store.fold, _ = json.Marshal(n.paper.Room)
	s.store.foldSize = n.size()
}

// send is a client's: the same key until there is an answer.
func (s *sim) send(who incident.Actor, cmd command.Command) ([]*incident.Event, error) {
	s.tick++
	o := &simOrder{key: incident.NewKey(s.store.now), who: who, cmd: cmd, called: s.tick}
	s.orders = append(s.orders, o)
	for range 3 {
		if s.chance(12, "a command is lost on its way") {
			continue
		}
		if s.chance(12, "a command is sent twice") {
			s.late = append(s.late, o)
		}
		got, err := s.handle(s.rng.IntN(2), o)
		if errors.Is(err, errSimLost) || errors.Is(err, errSimCrashed) {
			continue
		}
		s.tick++
		if err != nil {
			return nil, err
		}
		if o.acked == 0 {
			o.acked = s.tick
		}
		if events := s.follow(got); len(events) > 0 {
			return events, nil
		}
		break // answered, and not there: the judge will say so
	}
	o.dropped = true
	s.met["a client gave up"]++
	s.catchTruth()
	return nil, incident.Refuse(incident.Conflict, "no answer")
}

// follow brings the paper that the play goes by to the head, and returns the
// entries that an answer names.
func (s *sim) follow(k simKey) (events []*incident.Event) {
	s.catchTruth()
	for _, e := range s.store.entries[min(k.seq, uint64(len(s.store.entries))):] {
		if len(events) < k.count {
			events = append(events, e.event)
		}
	}
	return events
}

func (s *sim) catchTruth() {
	for _, e := range s.store.entries[min(len(s.paper.Events), len(s.store.entries)):] {
		s.paper.Take(e.event)
	}
	s.paper.Now = s.store.now
	s.refold()
}

// handle is a node's: catch up, has the key been seen, decide, commit, tell.
func (s *sim) handle(at int, o *simOrder) (simKey, error) {
	n := s.nodes[at]
	if s.sown != "stale" || s.rng.IntN(3) > 0 {
		s.catchUp(n)
	}
	if n.frozen || s.store.guard {
		o.refused = closedLog
		return simKey{}, closedLog
	}
	if k, ok := s.store.keys[string(o.who.Person)+string(o.key)]; ok {
		return s.answer(o, k)
	}
	n.paper.Now = s.store.now
	events, err := n.paper.Decide(o.who, o.key, o.cmd)
	if err != nil {
		if len(o.answers) == 0 {
			o.refused = err
		}
		return simKey{}, err
	}
	if s.chance(25, "a node dies before it commits") {
		s.restart(at)
		return simKey{}, errSimCrashed
	}
	k := simKey{uint64(events[0].Seq), len(events)}
	s.commit(events, o, k)
	o.refused = nil
	if s.chance(25, "a node dies after it committed") {
		s.restart(at)
		return simKey{}, errSimCrashed
	}
	s.catchUp(n)
	s.tell(at)
	for other := range s.nodes {
		if other != at && !s.chance(4, "a hint is lost") {
			s.hints = append(s.hints, simHint{other, n.size()})
		}
	}
	return s.answer(o, k)
}

var closedLog = incident.Refuse(incident.Conflict, "This section of the room is read-only.")

func (s *sim) answer(o *simOrder, k simKey) (simKey, error) {
	if s.chance(25, "an answer is lost") {
		return k, errSimLost
	}
	o.answers = append(o.answers, k)
	return k, nil
}

// commit stores a group. What is in the log is never changed.
func (s *sim) commit(events []*incident.Event, o *simOrder, k simKey) {
	var salt [24]byte
	for _, e := range events {
		binary.BigEndian.PutUint64(salt[:], s.rng.Uint64())
		stored := seal(s.t, s.store.origin, e, salt[:])
		s.store.entries = append(s.store.entries, stored)
		s.store.frontier.Append(evidence.LeafHash(stored.Leaf))
	}
	if s.sown != "key" {
		s.store.keys[string(o.who.Person)+string(o.key)] = k
	}
}

// catchUp folds what the log has beyond the node's copy, and freezes the node
// if the log does not go on from it.
func (s *sim) catchUp(n *simNode) {
	if n.frozen {
		return
	}
	size := uint64(len(s.store.entries))
	tree := n.tree.Clone()
	for _, e := range s.store.entries[min(n.size(), size):] {
		tree.Append(evidence.LeafHash(e.Leaf))
	}
	if (size < n.size() || tree.Root() != s.store.frontier.Root()) && s.sown != "freeze" && s.sown != "stale" {
		n.frozen, s.store.guard = true, true
		return
	}
	for _, e := range s.store.entries[min(n.size(), size):] {
		n.paper.Take(e.event)
		n.oracle.Add(e.Seq, e.Values())
		n.had = append(n.had, e)
		if s.sown == "double" && s.rng.IntN(4) == 0 {
			n.paper.Room = n.paper.Room.Clone()
			n.paper.Room.Apply(e.event)
		}
	}
	n.tree = tree
}

// look is what a hint or the polling behind it leads to.
func (s *sim) look(at int) {
	s.catchUp(s.nodes[at])
	s.tell(at)
}

// restart is a node's new life: a snapshot of the fold, if there is one, and
// what the log holds beyond it. Whoever listened comes back to some node.
func (s *sim) restart(at int) {
	n := s.from.node()
	s.nodes[at] = n
	s.catchUp(n)
	if s.store.fold != nil && s.store.foldSize <= n.size() {
		s.met["a fold is taken up from a snapshot"]++
		room := incident.NewRoom(s.room)
		if err := json.Unmarshal(s.store.fold, room); err != nil {
			s.t.Fatal(err)
		}
		room.Reindex()
		for _, e := range s.store.entries[s.store.foldSize:] {
			room.Apply(e.event)
		}
		n.paper.Room = room
	}
	for _, e := range s.ears {
		if e.node == at {
			e.node = s.rng.IntN(2)
		}
	}
	s.tell(0)
	s.tell(1)
}

// restore puts the database back by some entries.
func (s *sim) restore() {
	st := s.store
	to := max(uint64(len(st.entries))-s.rng.Uint64N(6), s.base)
	for to > s.base && to < uint64(len(st.entries)) && st.entries[to].event.Authority.Key == st.entries[to-1].event.Authority.Key {
		to-- // a group is there, or it is not
	}
	s.lost = to
	st.entries = slices.Clip(st.entries[:to])
	st.frontier = evidence.Frontier{}
	for _, e := range st.entries {
		st.frontier.Append(evidence.LeafHash(e.Leaf))
	}
	for key, k := range st.keys {
		if k.seq >= to {
			delete(st.keys, key)
		}
	}
	if st.foldSize > to {
		st.fold, st.foldSize = nil, 0
	}
	s.paper = s.from.paper.Fork()
	s.catchTruth()
}

// listen begins everybody's listening.
func (s *sim) listen() {
	s.tell(0)
	s.tell(1)
}

// tell gives the node's listeners what its copy has beyond what they hold, each
// entry in the form that policy gives them as the room stands there.
func (s *sim) tell(at int) {
	n := s.nodes[at]
	for _, e := range s.ears {
		if e.node == at {
			s.tellOne(n, e)
		}
	}
}

func (s *sim) tellOne(n *simNode, e *simEar) {
	m := n.paper.Room.Member(e.who.Person)
	if !m.Present() && (s.sown != "removed" || m == nil || !e.begun) {
		e.begun = false // revoked
		return
	}
	head := n.size() - 1
	if !e.begun || e.at > head { // a snapshot is always right
		if e.begun && n.frozen {
			return
		}
		e.begun, e.at, e.since, e.leaves = true, head, head+1, nil
		return
	}
	for next := e.at + 1; next <= head; next++ {
		if s.sown == "drop" && s.rng.IntN(20) == 0 {
			continue
		}
		s.give(n, e, m, next)
	}
}

func (s *sim) give(n *simNode, e *simEar, m *incident.Member, seq uint64) {
	event, stored := n.paper.Events[seq], n.had[seq]
	sight := n.paper.Sight(event.Root)
	if event.Kind.Standing() {
		sight = incident.Sight{Root: event.Root, Kind: event.Kind, Author: event.By.Member, Audience: incident.Audience{Kind: incident.ToRoom}}
	}
	if s.sown == "audience" && s.rng.IntN(10) == 0 {
		sight.Audience = incident.Audience{Kind: incident.ToRoom}
	}
	seen := policy.View(n.paper.Room, m, sight, stored.Entry)
	if may := n.oracle.Form(string(e.who.Person), seq); formOf(seen) > may {
		s.fail("%s was given entry %d as %v at %d; the oracle grants %v", e.who.Name, seq, formOf(seen), n.size()-1, may)
	}
	if seq != e.at+1 {
		s.fail("%s was given entry %d after entry %d", e.who.Name, seq, e.at)
	}
	e.at = seq
	e.leaves = append(e.leaves, evidence.LeafHash(stored.Leaf))
	s.met["an entry was given out"]++
}

// formOf is policy's form as the oracle has it.
func formOf(seen policy.Seen) servertest.Form {
	return map[policy.Form]servertest.Form{policy.Stub: servertest.Stub, policy.Envelope: servertest.Envelope, policy.Open: servertest.Open}[seen.Form()]
}
