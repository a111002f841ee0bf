package torture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// How the conversations are put on. Of each, the 59 who say most speak for
// themselves and one more for all the rest; the channel's own lines (who came,
// who left) are posted by the lead. The same guests play in all rooms but for
// twelve at a time, so that every room has members the others do not know.
const (
	speakersEach  = 60
	guestsShifted = 6 // between the rooms
	chatGuests    = speakersEach + 2*guestsShifted
)

// conversation is one log being played in one room.
type conversation struct {
	s       *server
	talk    talk
	number  int // of the conversation, from 0
	room    incident.LogID
	checker *servertest.Checker
	lead    *visitor
	persons map[string]incident.PersonID // of everyone, by account

	cast    [][]int // the lines of each speaker
	alone   int     // lines of those who speak for themselves
	player  []string
	sent    []string       // each line as it was stored
	seqs    []incident.Seq // its entry
	posted  []chan struct{}
	count   atomic.Int64
	half    chan struct{} // closed when half of it has been said
	refused []bool

	joined    incident.Seq // where the late guest's history begins
	listeners []*attendant
	late      *attendant
}

// refusal is what the server says of a message it does not take.
type refusal struct {
	status  int
	problem struct {
		Fault  string
		Detail string
		Errors []struct{ Name, Message string }
	}
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %+v", r.status, r.problem) }

// say posts a line until it is answered, as the composer's outbox does.
func (c *conversation) say(ctx context.Context, v *visitor, n int, text string) error {
	body := map[string]any{"text": text}
	if p := c.talk.lines[n].parent; p >= 0 {
		select {
		case <-c.posted[p]: // the answer waits for what it answers
		case <-ctx.Done():
			return ctx.Err()
		}
		body["replyTo"] = c.seqs[p]
	}
	key := c.s.h.Key()
	return c.checker.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
		status, answer, err := v.call(ctx, "POST", "/rooms/"+string(c.room)+"/messages", string(key), body)
		switch {
		case err != nil, status >= 500, status == http.StatusTooManyRequests:
			return 0, 0, incident.Refuse(incident.Unavailable, "no answer")
		case status != http.StatusCreated:
			r := &refusal{status: status}
			json.Unmarshal(answer, &r.problem)
			return 0, 0, r
		}
		var got struct{ Seq incident.Seq }
		err = json.Unmarshal(answer, &got)
		c.seqs[n] = got.Seq
		return got.Seq, 1, err
	})
}

// post posts a line as it is, and cleaned if it is refused for what it holds.
func (c *conversation) post(ctx context.Context, v *visitor, n int) error {
	text := c.talk.lines[n].text
	err := c.say(ctx, v, n, text)
	var r *refusal
	if errors.As(err, &r) {
		if err := c.clear(r, text); err != nil {
			return fmt.Errorf("%s, line %d: %w", c.talk.name, n, err)
		}
		c.refused[n], text = true, clean(text)
		err = c.say(ctx, v, n, text)
	}
	if err != nil {
		return fmt.Errorf("%s, line %d: %w", c.talk.name, n, err)
	}
	c.sent[n] = text
	close(c.posted[n])
	if c.count.Add(1) == int64(len(c.talk.lines)/2) {
		close(c.half)
	}
	return nil
}

// clear judges a refusal: it names the field and the character, and it is
// right.
func (c *conversation) clear(r *refusal, text string) error {
	i := strings.IndexFunc(text, unfit)
	if i < 0 {
		return fmt.Errorf("refused without a reason: %w", r)
	}
	char := fmt.Sprintf("%U", []rune(text[i:])[0])
	e := r.problem.Errors
	if r.status != http.StatusUnprocessableEntity || r.problem.Fault != "invalid" || len(e) != 1 || e[0].Name != "text" || !strings.Contains(e[0].Message, char) {
		return fmt.Errorf("a refusal that does not say that the text holds %s: %w", char, r)
	}
	return nil
}

// speak is one person saying all that is theirs, in their order.
func (c *conversation) speak(v *visitor, lines []int) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, n := range lines {
			if err := c.post(ctx, v, n); err != nil {
				return err
			}
		}
		return nil
	}
}

func (c *conversation) head(ctx context.Context) (incident.Seq, error) {
	var page struct{ Head incident.Seq }
	err := c.lead.ask(ctx, http.StatusOK, "GET", "/rooms/"+string(c.room)+"/entries?limit=1", "", nil, &page)
	return page.Head, err
}

// guest is the account that plays speaker i here.
func (c *conversation) guest(i int) string {
	return fmt.Sprintf("guest%d", c.number*guestsShifted+i+1)
}

// latecomer is the account of the one who comes late, and is in no other room.
func (c *conversation) latecomer() string { return fmt.Sprintf("guest%d", chatGuests+1+c.number) }

// convene opens the room and brings everyone in, each by one of the ways there
// are.
func (c *conversation) convene(ctx context.Context, people map[string]*visitor) error {
	var opened struct{ Room incident.LogID }
	if err := c.lead.ask(ctx, http.StatusCreated, "POST", "/rooms", string(c.s.h.Key()), map[string]any{"title": "A recorded conversation", "mode": "exercise",
		"roster": "names", "org": "DSC", "report": map[string]any{"major": false, "type": "Load"}}, &opened); err != nil {
		return err
	}
	c.room = opened.Room
	enter := func(key string, role incident.Role, history incident.History, w way) error {
		if err := c.s.enter(ctx, c.lead, people[key], c.s.accounts[key], c.room, role, history, w, c.s.h.Key()); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	}
	if err := enter("nightlead", incident.Deputy, incident.Full, bySubject); err != nil {
		return err
	}
	for i := range speakersEach {
		history := incident.FromJoin
		if i%3 == 1 {
			history = incident.Full
		}
		if err := enter(c.guest(i), incident.Representative, history, way(i)%ways); err != nil {
			return err
		}
	}
	return nil
}

// seat places the listeners: both hosts, guests with the whole history and
// with what came after them, and two who are cut off again and again.
func (c *conversation) seat(ctx context.Context, people map[string]*visitor, rng *rand.Rand) error {
	head, err := c.head(ctx)
	if err != nil {
		return err
	}
	c.checker.From = uint64(head) + 1
	for _, l := range []struct {
		key     string
		flighty bool
	}{{"lead", false}, {"nightlead", false}, {c.guest(0), false}, {c.guest(1), false}, {c.guest(2), true}, {"nightlead", true}} {
		var flight *rand.Rand
		name := l.key
		if l.flighty {
			flight, name = rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())), name+" with a bad line"
		}
		c.listeners = append(c.listeners, newAttendant(c.checker, name, people[l.key], c.persons[l.key], c.room, head, flight))
	}
	return nil
}

// comeLate brings one more guest in when half has been said, who listens from
// then on.
func (c *conversation) comeLate(ctx context.Context, key string, v *visitor) error {
	select {
	case <-c.half:
	case <-ctx.Done():
		return ctx.Err()
	}
	invite := c.s.h.Key()
	attempt := c.checker.Send(string(invite))
	err := c.s.enter(ctx, c.lead, v, c.s.accounts[key], c.room, incident.Observer, incident.FromJoin, bySubject, invite)
	attempt.Lost() // the invitation's entry is looked for below, with the joining's
	if err != nil {
		return err
	}
	if c.persons[key], err = v.personOf(ctx); err != nil {
		return err
	}
	c.late = newAttendant(c.checker, key+", late", v, c.persons[key], c.room, 0, nil)
	return nil
}

// play has everybody talk at once, and waits until every listener has heard
// the end.
func (c *conversation) play(ctx context.Context, people map[string]*visitor) error {
	listening, hush := context.WithCancel(ctx)
	defer hush()
	heard := make(chan error, len(c.listeners)+1)
	attend := func(a *attendant) {
		go func() { heard <- a.attend(listening) }()
	}
	for _, a := range c.listeners {
		attend(a)
	}
	for _, a := range c.listeners { // everyone is there when it begins
		if err := a.await(ctx, incident.Seq(c.checker.From-1)); err != nil {
			return err
		}
	}
	parts := []func(context.Context) error{c.speak(c.lead, c.channel())}
	for i, lines := range c.cast {
		parts = append(parts, c.speak(people[c.guest(i)], lines))
	}
	parts = append(parts, func(ctx context.Context) error {
		if err := c.comeLate(ctx, c.latecomer(), people[c.latecomer()]); err != nil {
			return err
		}
		attend(c.late)
		return nil
	})
	if err := together(ctx, parts...); err != nil {
		return err
	}
	head, err := c.head(ctx)
	if err != nil {
		return err
	}
	all := append(slices.Clone(c.listeners), c.late)
	for _, a := range all {
		if err := a.await(ctx, head); err != nil {
			return err
		}
		a.stream.ToEnd = true
	}
	c.listeners = all
	hush()
	for range all {
		if err := <-heard; err != nil {
			return err
		}
	}
	return nil
}

// channel is what the channel itself said.
func (c *conversation) channel() (lines []int) {
	for n, l := range c.talk.lines {
		if l.author == "" {
			lines = append(lines, n)
		}
	}
	return lines
}

// Three real conversations of many people are held at the same time through
// the interface of a real server: everyone says what they said then, as fast
// as they are let, and answers what they answered. All of it must be there,
// byte for byte, in each author's order, answers tied to what they answer, on
// every listener's screen, in every page read back, and found by whoever may
// find it.
func TestRealConversationsAreKeptWholeAndHeardByEveryListener(t *testing.T) {
	talks := readTalks(t)
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	begun := time.Now()
	s := newGuestHouse(t, chatGuests+len(talks))
	s.register("lead")
	s.register("nightlead")
	keys := []string{"lead", "nightlead"}
	for i := 1; i <= chatGuests+len(talks); i++ {
		keys = append(keys, fmt.Sprintf("guest%d", i))
	}
	people := s.signInAll(keys)
	t.Logf("%d people are signed in after %v", len(people), time.Since(begun).Round(time.Millisecond))

	rng := rand.New(rand.NewPCG(seed(t), 4))
	var all []*conversation
	var convene []func(context.Context) error
	for i, k := range talks {
		c := &conversation{s: s, talk: k, number: i, checker: servertest.NewChecker(), lead: people["lead"], persons: map[string]incident.PersonID{},
			sent: make([]string, len(k.lines)), seqs: make([]incident.Seq, len(k.lines)), posted: make([]chan struct{}, len(k.lines)),
			refused: make([]bool, len(k.lines)), half: make(chan struct{})}
		c.cast, c.alone = k.speakers(speakersEach)
		for n := range c.posted {
			c.posted[n] = make(chan struct{})
		}
		all = append(all, c)
		convene = append(convene, func(ctx context.Context) error { return c.convene(ctx, people) })
	}
	if err := together(ctx, convene...); err != nil {
		t.Fatalf("%v\n%s", err, s.said())
	}
	var play []func(context.Context) error
	for _, c := range all {
		for _, k := range keys[:2+chatGuests] {
			p, err := people[k].personOf(ctx)
			if err != nil {
				t.Fatal(err)
			}
			c.persons[k] = p
		}
		if err := c.seat(ctx, people, rng); err != nil {
			t.Fatal(err)
		}
		play = append(play, func(ctx context.Context) error { return c.play(ctx, people) })
	}
	t.Logf("%d people came into %d rooms by their links: %v in all", speakersEach+1, len(all), time.Since(begun).Round(time.Millisecond))
	began := time.Now()
	if err := together(ctx, play...); err != nil {
		t.Fatalf("%v\n%s", err, s.said())
	}
	took := time.Since(began)
	lines, deliveries, cuts := 0, 0, 0
	for _, c := range all {
		c.judge(ctx, t)
		for _, a := range c.listeners {
			deliveries, cuts = deliveries+len(a.got), cuts+a.cuts
		}
		lines += len(c.talk.lines)
	}
	t.Logf("%d lines in %v (%.0f a second), %d entries on %d listeners, %d cuts", lines, took.Round(time.Millisecond), float64(lines)/took.Seconds(), deliveries, 7*len(all), cuts)
	searched(ctx, t, all, people)
	t.Logf("judged after %v in all", time.Since(begun).Round(time.Millisecond))
}
