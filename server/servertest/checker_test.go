package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// run is a short real run of a room: eight writers, four listeners of which
// one is removed half way, a message for some only and one in RED.
type run struct {
	h       *House
	c       *Checker
	room    incident.LogID
	removed incident.Seq
	secret  incident.Seq
	gone    *Stream
	stays   *Stream
	people  map[string]incident.Actor
}

func newRun(t *testing.T) *run {
	h := NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	r := &run{h: h, c: NewChecker(), room: h.OpenRoom(lead, incident.ModeIncident, incident.RosterOrganisations), people: map[string]incident.Actor{"lead": lead}}
	r.people["sam"] = h.Person("Sam Okafor", "X1N")
	r.people["ellis"] = h.Person("Ellis Byrne", "X2E")
	r.people["noor"] = h.Person("Noor Haddad", "X3F")
	for _, p := range []string{"sam", "ellis", "noor"} {
		h.Join(r.room, lead, r.people[p], incident.Representative, incident.FromJoin)
	}
	at, err := h.Journal.Room(t.Context(), r.room)
	if err != nil {
		t.Fatal(err)
	}
	r.c.From, r.c.Bound = uint64(at.Head)+1, time.Second
	listeners := map[string]*Listener{}
	for p, who := range r.people {
		listeners[p] = h.Listen(r.c, r.room, who)
	}
	r.gone, r.stays = listeners["ellis"].stream, listeners["sam"].stream
	var wg sync.WaitGroup
	say := func(who incident.Actor, n int) {
		wg.Go(func() {
			for i := range n {
				r.do(who, command.PostMessage{Text: fmt.Sprintf("%s says %d", who.Name, i)})
			}
		})
	}
	say(lead, 10)
	say(r.people["sam"], 10)
	say(r.people["noor"], 10)
	wg.Wait()
	samNo := at.Member(r.people["sam"].Person).Number
	r.secret = r.do(lead, command.PostMessage{Text: "for Sam's eyes", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{samNo}}}).Seq
	r.removed = r.do(lead, command.RemoveMember{Root: at.Member(r.people["ellis"].Person).Root}).Seq
	say(lead, 5)
	say(r.people["sam"], 5)
	wg.Wait()
	last := r.do(lead, command.PostMessage{Text: "the last word"}).Seq
	for p, l := range listeners {
		if err := l.Finish(t.Context(), last); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
	}
	return r
}

func (r *run) do(who incident.Actor, cmd command.Command) journal.Receipt {
	key := r.h.Key()
	a := r.c.Send(string(key))
	got, err := r.h.Journal.Append(context.Background(), r.room, who, key, cmd)
	if err != nil {
		r.h.T.Error(err)
		a.Lost()
		return got
	}
	a.Acked(uint64(got.Seq), got.Count)
	return got
}

func TestAnHonestRunBreaksNoPromise(t *testing.T) {
	r := newRun(t)
	if found := r.c.Judge(r.h.Truth(r.room)); len(found) > 0 {
		t.Fatal(Describe(found))
	}
	total := 0
	for _, s := range r.c.streams {
		total += len(s.frames)
	}
	if len(r.c.commands) != 43 || total < 40 {
		t.Fatalf("the run was not recorded: %d commands, %d frames", len(r.c.commands), total)
	}
}

// flaw is a bug sown into a record or a log, and the check that must find it.
type flaw struct {
	name, check string
	sow         func(t *testing.T, r *run, truth *Truth)
}

var flaws = []flaw{
	{"an entry is missing from the log", "C1", func(t *testing.T, r *run, truth *Truth) { truth.Entries = slices.Delete(truth.Entries, 12, 13) }},
	{"a number is used twice in the log", "C1", func(t *testing.T, r *run, truth *Truth) {
		truth.Entries = slices.Insert(truth.Entries, 12, truth.Entries[12])
	}},
	{"two entries of the log change places", "C1", func(t *testing.T, r *run, truth *Truth) {
		truth.Entries[12], truth.Entries[13] = truth.Entries[13], truth.Entries[12]
	}},
	{"the head is ahead of the log", "C1", func(t *testing.T, r *run, truth *Truth) { truth.Size++ }},
	{"a stored value is altered", "C1", func(t *testing.T, r *run, truth *Truth) {
		w := *truth.Entries[20].Whole
		w.Values[4] = append(bytes.Clone(w.Values[4][:len(w.Values[4])-2]), `!"}`...)
		truth.Entries[20].Whole = &w
	}},
	{"a stored leaf is altered by a bit", "C1", func(t *testing.T, r *run, truth *Truth) {
		truth.Entries[20].Leaf = bytes.Clone(truth.Entries[20].Leaf)
		truth.Entries[20].Leaf[100] ^= 1
	}},
	{"the frontier is an old one", "C9", func(t *testing.T, r *run, truth *Truth) {
		var f evidence.Frontier
		for _, e := range truth.Entries[:len(truth.Entries)-1] {
			f.Append(evidence.LeafHash(e.Leaf))
		}
		truth.Frontier, _ = f.MarshalBinary()
	}},
	{"an event is dropped from a stream", "C2", func(t *testing.T, r *run, _ *Truth) { r.stays.frames = slices.Delete(r.stays.frames, 4, 5) }},
	{"a stream ends before the log does", "C2", func(t *testing.T, r *run, _ *Truth) { r.stays.frames = r.stays.frames[:len(r.stays.frames)-1] }},
	{"two events change places in a stream", "C2", func(t *testing.T, r *run, _ *Truth) {
		f := r.stays.frames
		f[4], f[5] = f[5], f[4]
	}},
	{"an event is delivered twice", "C2", func(t *testing.T, r *run, _ *Truth) {
		r.stays.frames = slices.Insert(r.stays.frames, 4, r.stays.frames[4])
	}},
	{"a delivered byte is altered", "C2", func(t *testing.T, r *run, _ *Truth) { r.stays.alter(t, "Sam Okafor says 3", "Sam Okafor says 4") }},
	{"an envelope's value is altered", "C2", func(t *testing.T, r *run, _ *Truth) { r.stays.alter(t, `TLP:RED`, `TLP:AMB`) }},
	{"a stub's leaf is altered", "C2", func(t *testing.T, r *run, _ *Truth) {
		for i, f := range r.gone.frames {
			if at := bytes.Index(f.raw, []byte(`"leaf":"`)); at > 0 {
				c := byte('A') // another letter of the encoding, and not its end
				if f.raw[at+60] == c {
					c = 'B'
				}
				r.gone.frames[i].raw[at+60] = c
				return
			}
		}
		t.Fatal("no stub was delivered")
	}},
	{"an acknowledgement is of a number that something else has", "C3", func(t *testing.T, r *run, _ *Truth) {
		s := r.acknowledged(t)
		s.answers[0].seq--
	}},
	{"an acknowledged command is lost", "C3", func(t *testing.T, r *run, _ *Truth) {
		r.c.commands["01J00000000000000000000000"] = &sent{key: "01J00000000000000000000000", acked: 1, answers: []answered{{14, 1}}}
	}},
	{"an acknowledgement is forgotten and the command sent again under another key", "C3", func(t *testing.T, r *run, truth *Truth) {
		// Both stand in the log; the client was told of a refusal for one.
		r.acknowledged(t).forget()
	}},
	{"a command stands twice", "C3", func(t *testing.T, r *run, truth *Truth) {
		truth.Entries[len(truth.Entries)-1].Key = truth.Entries[r.c.From].Key
	}},
	{"two answers to one command differ", "C3", func(t *testing.T, r *run, _ *Truth) {
		s := r.acknowledged(t)
		s.answers = append(s.answers, answered{s.answers[0].seq + 1, 1})
	}},
	{"an entry comes from nowhere", "C4", func(t *testing.T, r *run, truth *Truth) { truth.Entries[15].Key = "01J00000000000000000000001" }},
	{"a later command gets an earlier number", "C5", func(t *testing.T, r *run, _ *Truth) {
		early, late := r.acknowledged(t), (*sent)(nil)
		for _, s := range r.c.commands {
			if len(s.answers) > 0 && s.answers[0].seq > early.answers[0].seq+10 {
				late = s
			}
		}
		early.called, early.acked = late.acked+1, late.acked+2
	}},
	{"an event is delivered past a removal", "C6", func(t *testing.T, r *run, _ *Truth) {
		for _, f := range r.stays.frames {
			if f.asOf > uint64(r.removed) {
				r.gone.frames = append(r.gone.frames, r.between(t)...)
				return
			}
		}
	}},
	{"a RED body travels", "C6", func(t *testing.T, r *run, truth *Truth) { r.stays.deliver(t, truth, uint64(r.secret), Open) }},
	{"a RED envelope reaches someone who is not named", "C6", func(t *testing.T, r *run, truth *Truth) {
		for _, s := range r.c.streams {
			if s.Person == string(r.people["noor"].Person) {
				s.deliver(t, truth, uint64(r.secret), Envelope)
			}
		}
	}},
	{"a frame comes two seconds after the answer to a removal", "C7", func(t *testing.T, r *run, _ *Truth) {
		last := r.gone.frames[len(r.gone.frames)-1]
		last.at = r.c.ended(r.h.Truth(r.room), mustJudge(t, r.h.Truth(r.room)), r.gone.Person) + 2*time.Second
		r.gone.frames[len(r.gone.frames)-1] = last
	}},
	{"the reducer comes to another snapshot", "C8", func(t *testing.T, r *run, _ *Truth) {
		r.stays.frames = slices.Insert(r.stays.frames, 0, received{asOf: r.stays.after, raw: fmt.Appendf(nil, `{"type":"snapshot","seq":%d}`, r.stays.after)})
		r.stays.Expected = json.RawMessage(`{}`)
		r.c.Replay = func(_ json.RawMessage, frames []json.RawMessage, _ json.RawMessage) error {
			return errors.New("room.title differs")
		}
	}},
	{"a stub tells a size", "C10", func(t *testing.T, r *run, _ *Truth) {
		for i, f := range r.gone.frames {
			if bytes.Contains(f.raw, []byte(`"leaf":"`)) {
				r.gone.frames[i].raw = bytes.Replace(f.raw, []byte(`{"seq":`), []byte(`{"size":12,"seq":`), 1)
				return
			}
		}
	}},
	{"a stub is padded", "C10", func(t *testing.T, r *run, truth *Truth) {
		other := fmt.Appendf(nil, `{"type":"opened","root":%d,"events":[{"seq": %d,"leaf":"%s"}]}`, r.secret, r.secret, b64(truth.Entries[r.secret].Leaf))
		r.gone.frames = append(r.gone.frames, received{asOf: r.gone.frames[len(r.gone.frames)-1].asOf, raw: other})
	}},
}

func TestTheCheckerFindsEveryFlawThatIsSown(t *testing.T) {
	r := newRun(t)
	commands, streams := r.c.commands, r.c.streams
	for _, f := range flaws {
		t.Run(f.check+" "+f.name, func(t *testing.T) {
			r.c.commands, r.c.Replay = map[string]*sent{}, nil
			for k, s := range commands {
				c := *s
				c.answers = slices.Clone(s.answers)
				r.c.commands[k] = &c
			}
			r.c.streams = nil
			for _, s := range streams {
				c := *s
				c.frames = slices.Clone(s.frames)
				for i := range c.frames {
					c.frames[i].raw = bytes.Clone(c.frames[i].raw)
				}
				r.c.streams = append(r.c.streams, &c)
				switch s.Person {
				case string(r.people["ellis"].Person):
					r.gone = &c
				case string(r.people["sam"].Person):
					r.stays = &c
				}
			}
			truth := r.h.Truth(r.room)
			f.sow(t, r, truth)
			found := r.c.Judge(truth)
			if !slices.ContainsFunc(found, func(x Finding) bool { return x.Check == f.check }) {
				t.Fatalf("%s did not notice; found only: %s", f.check, Describe(found))
			}
		})
	}
}

func (s *Stream) alter(t *testing.T, old, new string) {
	t.Helper()
	for i, f := range s.frames {
		if bytes.Contains(f.raw, []byte(old)) {
			s.frames[i].raw = bytes.Replace(f.raw, []byte(old), []byte(new), 1)
			return
		}
	}
	t.Fatalf("nothing delivered says %q", old)
}

// deliver adds a frame that shows one entry in a form.
func (s *Stream) deliver(t *testing.T, truth *Truth, seq uint64, form Form) {
	t.Helper()
	e := truth.Entries[seq]
	var text strings.Builder
	if form == Open {
		slots := make([]string, evidence.Slots)
		for i, v := range e.Whole.Values {
			slots[i] = string(v)
		}
		list, _ := json.Marshal(slots)
		fmt.Fprintf(&text, `{"seq":%d,"seed":"%s","slots":%s}`, seq, b64(e.Whole.Seed[:]), list)
	} else {
		slots := map[string][2]string{}
		p := e.Whole.Partial(0, 1, 2, 3)
		for i := range 4 {
			slots[fmt.Sprint(i)] = [2]string{b64(p.Slots[i].Salt[:]), string(p.Slots[i].Value)}
		}
		list, _ := json.Marshal(slots)
		fmt.Fprintf(&text, `{"seq":%d,"leaf":"%s","slots":%s}`, seq, b64(e.Leaf), list)
	}
	s.frames = append(s.frames, received{asOf: s.frames[len(s.frames)-1].asOf, raw: fmt.Appendf(nil, `{"type":"opened","root":%d,"events":[%s]}`, seq, text.String())})
}

func b64(b []byte) string {
	j, _ := json.Marshal(b)
	return strings.Trim(string(j), `"`)
}

// acknowledged is a command that was answered, early in the run.
func (r *run) acknowledged(t *testing.T) *sent {
	t.Helper()
	for _, s := range r.c.commands {
		if len(s.answers) == 1 && s.answers[0].seq == r.c.From+2 {
			return s
		}
	}
	t.Fatal("nothing was acknowledged")
	return nil
}

func (s *sent) forget() { s.answers, s.refused = nil, true }

// between is what the listener who stayed got right after the removal.
func (r *run) between(t *testing.T) (frames []received) {
	t.Helper()
	for _, f := range r.stays.frames {
		if f.asOf >= uint64(r.removed) {
			frames = append(frames, f)
		}
	}
	return frames
}

func mustJudge(t *testing.T, truth *Truth) *judge {
	t.Helper()
	j, err := newJudge(truth)
	if err != nil {
		t.Fatal(err)
	}
	return j
}
