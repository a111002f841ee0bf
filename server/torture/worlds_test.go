package torture

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	finder "wardroom/server/search"
)

// world is a play in which one thing is secret. Two worlds of one seed are
// alike but for that thing: its text, size, label, author, audience, and what
// is done about it.
type world struct {
	*play
	second     bool
	pair       int    // which two things are secret: two messages, a decision and a message, an action and a decision, a message and a loggist's book, two items
	noun       string // what it is in this world
	hidden     *rand.Rand
	secret     incident.Seq
	about      map[incident.Seq]bool // entries about it, itself among them
	newest     incident.Seq          // entry about it
	leak       string                // sown into what strangers are given; "" for none
	transcript map[incident.PersonID][]string
}

// strangers are the people the secret is kept from, in both worlds.
func (w *world) strangers() []incident.Actor { return w.people[3:] }

func (st *stage) newWorld(seed uint64, second bool) *world {
	return newWorld(st.newPlay(seed), seed, second)
}

func newWorld(p *play, seed uint64, second bool) *world {
	w := &world{play: p, second: second, pair: int(seed % 5), hidden: rand.New(rand.NewPCG(seed, map[bool]uint64{false: 8, true: 9}[second])), transcript: map[incident.PersonID][]string{}, about: map[incident.Seq]bool{}}
	p.avoid = func(n incident.Seq) bool { return w.about[n] }
	for _, i := range []int{1, 2, 3, 5, 7} {
		w.enter(i)
	}
	return w
}

// aside keeps what is about the secret out of what the play goes on with.
func (w *world) aside() func() {
	roots, made, books, lines := w.roots, w.made, w.books, w.lines
	return func() { w.roots, w.made, w.books, w.lines = roots, made, books, lines }
}

func (w *world) tell() {
	a := func(numbers ...incident.MemberNo) *incident.Audience {
		return &incident.Audience{Kind: incident.ToNamed, Members: numbers}
	}
	long := strings.Repeat("a long secret ", 150+w.hidden.IntN(900))
	var first command.Command = command.PostMessage{Text: "short", TLP: incident.Amber, Audience: a(1, 2)}
	author := 0
	w.noun = "message"
	switch {
	case w.second && w.pair == 2:
		author, w.noun = 1, "decision"
		first = command.RecordDecision{Taken: command.Taken{Decision: "secret", Rationale: long[:2000], Maker: 2, Deliberation: incident.Deliberation{Risks: "short"}},
			Chosen: command.Chosen{TLP: incident.Red, Audience: a(1, 2, 3)}}
	case w.second && w.pair == 3:
		author, w.noun = 1, "book"
		first = command.OpenBook{Maker: w.fold.Member(w.people[0].Person).Number, Signal: strings.Repeat("a secret signal ", 1+w.hidden.IntN(30)), TLP: incident.Amber, Audience: a(1, 2, 3)}
	case w.second && w.pair == 4:
		author, w.noun = 1, "item"
		first = command.PublishItem{Item: incident.Item{Title: "secret", Text: long[:2000], Review: incident.At(time.Now().Add(-time.Hour)), Expires: incident.At(time.Now().Add(-time.Hour)),
			Indicators: []incident.Indicator{{Kind: incident.Domain, Value: "secret.example"}}}, Recorded: true, Chosen: command.Chosen{TLP: incident.Amber, Audience: a(1, 2, 3)}}
	case w.pair == 4:
		w.noun = "item"
		first = command.PublishItem{Item: incident.Item{Title: "secret", Text: "short"}, Chosen: command.Chosen{Audience: a(1, 2)}}
	case w.second:
		author = 1
		first = command.PostMessage{Text: long, TLP: incident.Red, PAP: incident.PAPRed, Caveat: incident.OfficialSensitive,
			Audience: a(1, 2, 3), ReplyTo: 1, Mentions: w.there(4, 5, 6)}
	case w.pair == 1:
		w.noun = "decision"
		first = command.RecordDecision{Taken: command.Taken{Decision: "short", Rationale: "secret", Maker: 2}, Chosen: command.Chosen{Audience: a(1, 2)}}
	case w.pair == 2:
		w.noun = "action"
		first = command.RaiseAction{Text: "short secret", For: incident.Assignee{Member: 1, Org: "DSC"}, Chosen: command.Chosen{Audience: a(1, 2)}}
	}
	defer w.aside()()
	r, ok := w.do(w.people[author], first)
	if !ok {
		w.t.Fatal("the secret was not told")
	}
	w.secret, w.newest = r.Seq, r.Seq
	w.about[r.Seq] = true
}

// there are those of the numbers whose members are in the room.
func (w *world) there(numbers ...incident.MemberNo) (list []incident.MemberNo) {
	for _, n := range numbers {
		if w.fold.Numbered(n).Present() {
			list = append(list, n)
		}
	}
	return list
}

// step is what is done about the secret, side by side: whatever it is, one
// entry each time.
func (w *world) step(n int) {
	s := w.secret
	type act struct {
		who int
		c   command.Command
	}
	pin, unpin := act{0, command.PinEntry{Root: s}}, act{0, command.PinEntry{Root: s, Off: true}}
	steps := map[string][5]act{
		"message": {{0, command.CorrectMessage{Root: s, Text: "shorter", Mentions: w.there(4)}}, {1, command.NoteEntry{Root: s}}, pin,
			{0, command.TightenEntry{Root: s, TLP: incident.Red}}, unpin},
		"decision": {{0, command.AddToDecision{Root: s, Deliberation: incident.Deliberation{Outcome: "short"}}}, pin, {1, command.ConfirmDecision{Root: s}}, unpin,
			{0, command.ReviewDecision{Root: s, Finding: "it stands"}}},
		"book": {{2, command.NoteEntry{Root: s}}, pin, {1, command.WriteLine{Book: s, Text: strings.Repeat("longer ", 400)}}, unpin,
			{1, command.TightenEntry{Root: s, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1, 2}}}}},
		"action": {{0, command.AcceptAction{Root: s}}, {1, command.ChaseAction{Root: s}}, pin, {0, command.FinishAction{Root: s, Evidence: "short"}}, unpin},
		"item": {{0, command.CorrectItem{Root: s, Item: incident.Item{Title: "secret", Text: "shorter"}}}, {1, command.MarkSighting{Root: s, Verdict: incident.Seen}}, pin,
			{0, command.RecallEntry{Root: s, Reason: "short"}}, unpin},
	}[w.noun]
	if w.second && w.noun == "item" {
		steps = [5]act{{2, command.NoteEntry{Root: s}}, pin, {0, command.RequestRelease{Root: s, Why: "short", TLP: incident.Clear, Audience: &incident.Audience{Kind: incident.ToRoom}}}, unpin,
			{1, command.RecallEntry{Root: s, Reason: strings.Repeat("longer ", 60)}}}
	}
	if w.second && w.noun == "message" {
		steps = [5]act{{2, command.NoteEntry{Root: s}}, pin, {1, command.CorrectMessage{Root: s, Text: strings.Repeat("longer ", 2000)}}, unpin,
			{1, command.TightenEntry{Root: s, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1, 2}}}}}
	}
	who := w.people[steps[n].who]
	who.StepUp = w.factor()
	defer w.aside()()
	r, ok := w.do(who, steps[n].c)
	if !ok || r.Count != 1 {
		w.t.Fatalf("world %v: %T about the secret did not make one entry", w.second, steps[n].c)
	}
	w.newest = r.Seq
	w.about[r.Seq] = true
}

func (w *world) note(who incident.Actor, what string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		w.t.Fatal(err)
	}
	w.transcript[who.Person] = append(w.transcript[who.Person], what+" "+string(b))
}

// probe asks everything a stranger can ask.
func (w *world) probe() {
	ctx := w.t.Context()
	if w.paper != nil {
		w.read(w.people[1]) // who knows
	}
	for _, who := range w.strangers() {
		if w.paper != nil {
			w.read(who)
			w.tempt(who)
			continue
		}
		m := w.fold.Member(who.Person)
		rows, err := w.h.Journal.Page(ctx, w.room, who.Person, journal.Query{})
		var seen []policy.Seen
		if m.Present() {
			for _, row := range rows {
				seen = append(seen, policy.View(w.fold, m, row.Sight, row.Entry))
			}
		}
		w.note(who, "page", []any{len(rows), seen, fmt.Sprint(err)})
		about, err := w.h.Journal.Page(ctx, w.room, who.Person, journal.Query{Roots: []incident.Seq{w.secret}})
		w.note(who, "about the secret", []any{len(about), fmt.Sprint(err)})
		found, err := w.search.Room(ctx, w.room, who.Person, pick(w.rng, []finder.Query{{Text: "secret"}, {Text: "short"}, {Person: 1}, {MentionsMe: true}}))
		w.note(who, "search", []any{found, fmt.Sprint(err)})
		if m.Present() {
			w.note(who, "snapshot", policy.Snap(w.fold, m))
			counts, err := w.h.Journal.Counts(ctx, w.fold, m, 0)
			if err != nil {
				w.t.Error(err)
			}
			w.note(who, "counts", counts)
			w.note(who, "boards", json.RawMessage("["+string(w.boards(w.h.Journal, m))+"0]"))
			under := pick(w.rng, []journal.Noun{"logentry", "tearline", "sighting", "release"})
			roots, more, err := w.h.Journal.Board(ctx, w.fold, m, journal.Board{Noun: under, Under: w.secret, Limit: 50})
			w.note(who, "the secret's board", []any{roots, more, fmt.Sprint(err)})
			list, err := w.h.Journal.Mentions(ctx, w.room, m, 0, 50)
			if err != nil {
				w.t.Error(err)
			}
			w.note(who, "mentions", list)
		}
		w.tempt(who)
	}
}

// tempt has a stranger try to do something with what is secret. Some of all
// there is each time, the same in the twin: over all pairs each is tried
// thousands of times.
func (w *world) tempt(who incident.Actor) {
	m := w.fold.Member(who.Person)
	tries := []command.Command{command.NoteEntry{Root: w.secret}, command.CorrectMessage{Root: w.secret, Text: "x"}, command.PinEntry{Root: w.secret}, command.WithholdEntry{Root: w.secret},
		command.RestoreEntry{Root: w.secret}, command.TightenEntry{Root: w.secret, TLP: incident.Red}, command.WidenEntry{Root: w.secret, TLP: incident.Clear, Reason: "x"},
		command.PostMessage{Text: "x", ReplyTo: w.secret}, command.TakeDecision{Root: w.secret}, command.AddToDecision{Root: w.secret},
		command.ConfirmDecision{Root: w.secret, Seen: w.secret}, command.DisputeDecision{Root: w.secret, Reason: "x"}, command.ReviewDecision{Root: w.secret, Finding: "x"},
		command.AcceptAction{Root: w.secret, Seen: w.secret}, command.DeclineAction{Root: w.secret}, command.FinishAction{Root: w.secret}, command.HandAction{Root: w.secret},
		command.ChaseAction{Root: w.secret}, command.WithdrawAction{Root: w.secret}, w.citing(m, func(c *command.RecordDecision) { c.From = w.secret }),
		w.citing(m, func(c *command.RecordDecision) { c.Supersedes, c.Seen = w.secret, w.secret }), w.citing(m, func(c *command.RecordDecision) { c.Reverses = w.secret }),
		w.citing(m, func(c *command.RecordDecision) { c.Deliberation.Relied = []incident.Seq{w.secret} }),
		w.citing(m, func(c *command.RecordDecision) { c.Deliberation.Relied = []incident.Seq{w.newest} }),
		command.RaiseAction{Text: "x", For: incident.Assignee{Org: "DSC"}, Decision: w.secret}, command.UpdateReport{Root: w.secret, Report: incident.Methane{Type: "x"}},
		command.WriteLine{Book: w.secret, Text: "x"}, command.CorrectLine{Root: w.secret, Text: "x"}, command.AgreeBook{Root: w.secret}, command.CloseBook{Root: w.secret},
		command.OpenBook{Maker: 1, Signal: "x", Continues: w.secret},
		command.RecallEntry{Root: w.secret, Reason: "x"}, command.RequestRelease{Root: w.secret, Why: "x", TLP: incident.Clear}, command.AnswerRelease{Root: w.newest, Entry: w.secret, Grant: true},
		command.CorrectItem{Root: w.secret, Item: incident.Item{Title: "x", Text: "x"}}, command.MergeItem{Root: w.secret, Other: 4}, command.MergeItem{Root: 4, Other: w.secret},
		command.PublishTearline{Root: w.secret, Tear: command.Tear{Text: "x"}}, command.MarkSighting{Root: w.secret, Verdict: incident.Seen},
		command.PostMessage{Text: "x", Quotes: []incident.Quote{{Entry: w.secret, From: 0, To: 1}}}, command.PostMessage{Text: "x", Quotes: []incident.Quote{{Entry: w.newest, From: 0, To: 1}}}}
	for range 6 {
		c := pick(w.rng, tries)
		_, err := w.try(who, c)
		if err == nil {
			w.t.Errorf("%s did %T to a secret", who.Name, c)
		}
		if w.leak == "refusal" && err != nil {
			err = fmt.Errorf("%w (by M-%d)", err, w.paper.Sight(w.secret).Author)
		}
		w.note(who, "refusal", fmt.Sprint(err))
	}
}

// live goes on with the world to its end; nil if the secret cannot be told in
// it, nor in its twin.
func (w *world) live() *world {
	for range 6 {
		w.act()
	}
	// Whatever happened, the three hosts are in, in their roles, and have
	// accepted the rules; the same steps in both worlds.
	for i, role := range []incident.Role{incident.Lead, incident.Deputy, incident.Deputy} {
		m := w.fold.Member(w.people[i].Person)
		if !m.Present() || m.Number > 3 {
			w.close()
			return nil // in both worlds alike
		}
		if m.Role != role {
			w.do(w.lead(), command.ChangeRole{Root: m.Root, Role: role})
		}
		if w.fold.Member(w.people[i].Person).Rules < w.fold.Rules.Version {
			w.do(w.people[i], command.AcceptRules{Version: w.fold.Rules.Version})
		}
		if !w.fold.Member(w.people[i].Person).Leads() {
			w.close()
			return nil
		}
	}
	w.tell()
	// A book that all may know of, opened beside the secret, which may be one.
	if r, ok := w.do(w.people[0], command.OpenBook{Maker: w.fold.Member(w.people[1].Person).Number, Signal: w.canary()}); ok {
		w.do(w.people[0], command.WriteLine{Book: r.Seq, Text: w.canary()})
	}
	w.probe()
	for n := range 5 {
		w.step(n)
		for _, who := range w.strangers() {
			if w.fold.Member(who.Person).Present() && w.rng.IntN(3) == 0 {
				w.post(who)
			}
		}
	}
	for range 6 {
		w.act()
	}
	w.probe()
	w.close()
	for _, e := range w.every {
		frames, _ := e.heard()
		for _, f := range frames {
			w.note(e.who, "stream", json.RawMessage(f))
		}
	}
	for _, x := range w.tee {
		if x.channel == "refusal" {
			w.note(w.actor(x.who), "answer", string(x.bytes))
		}
	}
	return w
}

// twins lives that many pairs of worlds, each of two alike but for the secret,
// and compares what those it is kept from were given.
func twins(t *testing.T, want int, begin func(seed uint64, second bool) *world) {
	s := seed(t)
	var next, lived, words atomic.Int64
	var wg sync.WaitGroup
	for range hands() {
		wg.Go(func() {
			for int(lived.Load()) < want && !t.Failed() {
				n := next.Add(1)
				if int(n) > want*20+20 {
					t.Errorf("only %d pairs of worlds of %d were lived", lived.Load(), n)
					return
				}
				seed := s + uint64(n)
				a, b := begin(seed, false).live(), begin(seed, true).live()
				if (a == nil) != (b == nil) {
					t.Errorf("seed %d: the worlds part before the secret is told", seed)
				}
				if a == nil || b == nil {
					continue
				}
				lived.Add(1)
				for _, who := range a.strangers() {
					if err := same(a.transcript[who.Person], b.transcript[b.twin(who).Person]); err != nil {
						t.Errorf("seed %d: %s can tell: %v", seed, who.Name, err)
					}
					words.Add(int64(len(a.transcript[who.Person])))
				}
				knows := a.people[1]
				if same(a.transcript[knows.Person], b.transcript[b.twin(knows).Person]) == nil {
					t.Errorf("seed %d: even those who know the secret cannot tell: the test is blind", seed)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d pairs of worlds, %d answers and frames alike to the byte", lived.Load(), words.Load())
}

// twin is the same person in the other world.
func (w *world) twin(who incident.Actor) incident.Actor {
	return w.people[slices.IndexFunc(w.people, func(a incident.Actor) bool { return a.Name == who.Name })]
}

// The same play is lived twice, with another secret. Whoever it is kept from
// gets the same bytes in both worlds.
func TestWhoIsNotEntitledCannotTellTwoWorldsApart(t *testing.T) {
	st := newStage(t)
	st.warm = true // or frames would come in the order in which the database answers
	twins(t, times(t, figure(8, 100)), st.newWorld)
}

// The same where nothing is stored: what the rules alone decide, show and
// refuse, over many times as many worlds as the database has time for.
func TestByTheRulesAloneNobodyCanTellTwoWorldsApart(t *testing.T) {
	twins(t, times(t, figure(100, 2000)), func(seed uint64, second bool) *world {
		return newWorld(paperPlay(t, seed), seed, second)
	})
}

// The test above can fail: a leak of one kind sown into what strangers are given
// on paper tells the worlds apart.
func TestALeakThatTellsTwoWorldsApartIsNoticed(t *testing.T) {
	s := seed(t)
	for _, leak := range []string{"audience", "label", "refusal"} {
		lived, noticed := 0, 0
		for n := uint64(0); lived < 20; n++ {
			var pair [2]*world
			for i := range pair {
				w := newWorld(paperPlay(t, s+n), s+n, i == 1)
				w.leak = leak
				pair[i] = w.live()
			}
			a, b := pair[0], pair[1]
			if a == nil || b == nil {
				continue
			}
			lived++
			if slices.ContainsFunc(a.strangers(), func(who incident.Actor) bool {
				return same(a.transcript[who.Person], b.transcript[b.twin(who).Person]) != nil
			}) {
				noticed++
			}
		}
		if noticed < lived*3/4 {
			t.Errorf("a leak of the %s was noticed in %d pairs of %d", leak, noticed, lived)
		}
		t.Logf("a leak of the %s: noticed in %d pairs of %d", leak, noticed, lived)
	}
}
