package witness

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
)

var (
	roomID   = strings.Repeat("r", 26)
	accessID = strings.Repeat("a", 26)
)

func origin(kind, id string) string { return deployment + "/wardroom/1/" + kind + "/" + id }

// register appends an entry that registers a room, in the form the system log has.
func (l *tree) register(t testing.TB, room, access string) *evidence.Whole {
	t.Helper()
	return l.append(t, 99, evidence.Values{
		0: fmt.Appendf(nil, `{"kind":"room.registered","root":%d}`, l.size()),
		4: []byte(`{"title":"secret"}`),
		5: fmt.Appendf(nil, `{"logs":[%q,%q]}`, room, access),
	})
}

// admission is a request about entry w under a checkpoint of size entries.
func (l *tree) admission(t testing.TB, w *evidence.Whole, size uint64) Admission {
	t.Helper()
	path, err := tlog.ProveRecord(int64(size), int64(w.Seq), l)
	check(t, err)
	a := Admission{Checkpoint: string(l.note(t, size)), Leaf: l.leaves[w.Seq], Index: w.Seq, Slots: map[int][2]string{}}
	for _, h := range path {
		a.Proof = append(a.Proof, h[:])
	}
	for _, i := range []int{0, 5} {
		salt := evidence.Salt(w.Seed, i)
		a.Slots[i] = [2]string{base64.StdEncoding.EncodeToString(salt[:]), string(w.Values[i])}
	}
	return a
}

func (b *bench) admit(a Admission) reply {
	b.t.Helper()
	body, err := json.Marshal(a)
	check(b.t, err)
	return b.post("/admit", body)
}

func TestARoomIsAdmittedByTheEntryThatRegisteredIt(t *testing.T) {
	b, l := sealed(t, 4)
	w := l.register(t, roomID, accessID)
	l.grow(t, 9, "a")
	room := b.op.log(origin("room", roomID)).grow(t, 3, "r")
	b.send(room, 0).want(t, 404, "not admitted")
	b.admit(l.admission(t, w, 9)).want(t, 409, "cosigned up to 4 entries")
	b.send(l, 4).want(t, 200, "9\n")
	b.cosigned(l, 9, b.ask(l, 4))
	b.admit(l.admission(t, w, 9)).want(t, 200, "")
	b.admit(l.admission(t, w, 9)).want(t, 200, "") // a lost answer is asked for again
	b.stop()
	b.start()
	for _, log := range []*tree{room, b.op.log(origin("access", accessID)).grow(t, 2, "x")} {
		b.send(log, 0).want(t, 200, "")
		b.cosigned(log, log.size(), b.ask(log, 0))
	}
	var logs []Log
	check(t, json.Unmarshal([]byte(b.get("/logs").want(t, 200, "").body), &logs))
	if len(logs) != 3 || logs[1] != (Log{Origin: room.origin, Cosigned: 3, Firm: 3, Held: 3, Entry: 4}) {
		t.Errorf("%+v", logs)
	}
}

func TestNothingElseAdmitsALog(t *testing.T) {
	b := newBench(t)
	l := b.op.log(systemLog).grow(t, 3, "a")
	w := l.register(t, roomID, accessID)
	other := l.append(t, 98, evidence.Values{0: []byte(`{"kind":"room.ended","root":4}`), 5: w.Values[5]})
	one := l.append(t, 97, evidence.Values{0: []byte(`{"kind":"room.registered","root":5}`), 5: fmt.Appendf(nil, `{"logs":[%q]}`, roomID)})
	twice := l.register(t, roomID, roomID)
	odd := l.register(t, roomID, "../../../../../../../../../x")
	root := l.append(t, 96, evidence.Values{0: []byte(`{"kind":"room.registered","root":3}`), 5: w.Values[5]})
	b.send(l, 0).want(t, 200, "")
	b.cosigned(l, l.size(), b.ask(l, 0))
	size := l.size()

	stranger := &tree{operator: newOperator(t), origin: l.origin, leaves: l.leaves, hashes: l.hashes}
	elsewhere := b.op.log("other.example/wardroom/1/system/"+strings.Repeat("s", 26)).grow(t, 3, "a")
	theirs := elsewhere.register(t, roomID, accessID)
	forked := l.fork(t, 3)
	forkedIn := forked.register(t, strings.Repeat("f", 26), accessID)
	forked.grow(t, int(size), "b")
	change := func(fn func(*Admission)) Admission {
		a := l.admission(t, w, size)
		fn(&a)
		return a
	}
	slot := func(i int, value string) Admission {
		return change(func(a *Admission) { a.Slots[i] = [2]string{a.Slots[i][0], value} })
	}
	for _, c := range []struct {
		name   string
		a      Admission
		status int
	}{
		{"a forged slot 5", slot(5, fmt.Sprintf(`{"logs":[%q,%q]}`, strings.Repeat("f", 26), accessID)), 403},
		{"a forged slot 0", slot(0, `{"kind":"room.registered","root":4}`), 403},
		{"a forged salt", change(func(a *Admission) {
			a.Slots[5] = [2]string{base64.StdEncoding.EncodeToString(make([]byte, 32)), a.Slots[5][1]}
		}), 403},
		{"a slot not shown", change(func(a *Admission) { delete(a.Slots, 0) }), 403},
		{"a slot too many", change(func(a *Admission) { a.Slots[4] = a.Slots[5] }), 403},
		{"another kind of entry", l.admission(t, other, size), 403},
		{"one log only", l.admission(t, one, size), 403},
		{"the same log twice", l.admission(t, twice, size), 403},
		{"an id that is none", l.admission(t, odd, size), 403},
		{"an entry about another", l.admission(t, root, size), 403},
		{"another's signature", stranger.admission(t, w, size), 403},
		{"no signature", change(func(a *Admission) { a.Checkpoint = l.at(t, size).Text() + "\n" }), 400},
		{"another deployment", elsewhere.admission(t, theirs, elsewhere.size()), 404},
		{"another deployment's leaf", change(func(a *Admission) { a.Leaf = elsewhere.leaves[theirs.Seq] }), 403},
		{"a proof of another entry", change(func(a *Admission) { a.Proof = l.admission(t, other, size).Proof }), 403},
		{"a proof for another size", change(func(a *Admission) { a.Proof = l.admission(t, w, size-1).Proof }), 403},
		{"no proof", change(func(a *Admission) { a.Proof = nil }), 403},
		{"another number", change(func(a *Admission) { a.Index++ }), 403},
		{"a forked system log", forked.admission(t, forkedIn, size), 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := b.admit(c.a); r.status != c.status {
				t.Errorf("answered %d %q, want %d", r.status, r.body, c.status)
			}
		})
	}
	for name, body := range map[string]string{"no JSON": "x", "a field too many": `{"leaf":"","more":1}`, "more behind it": `{} {}`} {
		t.Run(name, func(t *testing.T) { b.post("/admit", []byte(body)).want(t, 400, "") })
	}
	b.wantEvidence("contradicts proved")
	var logs []Log
	check(t, json.Unmarshal([]byte(b.get("/logs").body), &logs))
	if len(logs) != 1 {
		t.Fatalf("admitted: %+v", logs)
	}

	b.admit(l.admission(t, w, size)).want(t, 200, "")
	// A later entry cannot take a room's log over.
	again := l.register(t, roomID, strings.Repeat("b", 26))
	b.send(l, size).want(t, 200, "")
	b.cosigned(l, l.size(), b.ask(l, size))
	b.admit(l.admission(t, again, l.size())).want(t, 409, "by entry 3 of the system log")
	b.get("/checkpoint?origin="+origin("access", strings.Repeat("b", 26))).want(t, 404, "not admitted")
}

// Missing and never heard of are the same answer.
func TestWhoDoesNotKnowALogLearnsNothingOfIt(t *testing.T) {
	b, l := sealed(t, 4)
	for _, path := range []string{"/checkpoint?", "/leaves?from=0&to=1&", "/ledger?"} {
		b.get(path+"origin="+origin("room", roomID)).want(t, 404, "not admitted")
		b.get(path+"origin=").want(t, 404, "not admitted")
	}
	if p := b.get("/"); strings.Contains(p.body, l.origin) {
		t.Error("the page names a log")
	}
}
