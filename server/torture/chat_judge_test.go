package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// spoken is a message as the log has it.
type spoken struct {
	kind   string
	member int
	text   string
	answer incident.Seq
}

func readSpoken(e *servertest.TrueEntry) (s spoken, err error) {
	var what struct{ Kind string }
	var who struct{ Member int }
	var body struct{ Text string }
	var refs struct{ ReplyTo incident.Seq }
	for slot, into := range map[int]any{0: &what, 1: &who, 4: &body, 5: &refs} {
		if v := e.Whole.Values[slot]; len(v) > 0 {
			if err := json.Unmarshal(v, into); err != nil {
				return s, fmt.Errorf("entry %d, slot %d: %w", e.Seq, slot, err)
			}
		}
	}
	return spoken{what.Kind, who.Member, body.Text, refs.ReplyTo}, nil
}

// judge holds the log against what was said, and every listener and every page
// against the log.
func (c *conversation) judge(ctx context.Context, t *testing.T) {
	t.Helper()
	c.s.h.CheckLog(c.room)
	truth := c.s.h.Truth(c.room)
	c.admitLate(t, truth)
	if found := c.checker.Judge(truth); len(found) > 0 {
		t.Errorf("%s:\n%s", c.talk.name, servertest.Describe(found))
	}
	oracle, err := truth.Oracle()
	if err != nil {
		t.Fatal(err)
	}
	c.judgeLines(ctx, t, truth)
	for _, a := range c.listeners {
		c.judgeListener(t, a, truth, oracle)
		if a.flight == nil { // those with a bad line are people who are here already
			c.readBack(ctx, t, a, truth, oracle)
		}
	}
	refused := 0
	for n, l := range c.talk.lines {
		if c.refused[n] {
			refused++
		}
		if odd := strings.ContainsFunc(l.text, unfit); odd != c.refused[n] {
			t.Errorf("%s, line %d: refused: %v, unfit: %v", c.talk.name, n, c.refused[n], odd)
		}
	}
	answers := 0
	for _, l := range c.talk.lines {
		if l.parent >= 0 {
			answers++
		}
	}
	t.Logf("%s: %d lines as %d entries, %d answers, %d lines refused and sent again without what no text may hold; %d of its %d people speak for themselves, with %.0f %% of what was said",
		c.talk.name, len(c.talk.lines), len(truth.Entries)-1, answers, refused, speakersEach-1, c.people(), 100*float64(c.alone)/float64(len(c.talk.lines)-len(c.channel())))
}

func (c *conversation) people() int {
	names := map[string]bool{}
	for _, l := range c.talk.lines {
		names[l.author] = true
	}
	delete(names, "")
	return len(names)
}

// admitLate takes from the log the keys of the one command whose key the
// server makes itself: the late guest's joining. Exactly one entry may come of
// it.
func (c *conversation) admitLate(t *testing.T, truth *servertest.Truth) {
	t.Helper()
	var kinds []string
	for i := range truth.Entries {
		e := &truth.Entries[i]
		if e.Seq < c.checker.From {
			continue
		}
		s, err := readSpoken(e)
		if err != nil {
			t.Fatal(err)
		}
		if s.kind == "message.posted" {
			continue
		}
		kinds = append(kinds, s.kind)
		if s.kind == "member.joined" && strings.Contains(string(e.Whole.Values[4]), string(c.late.person)) {
			c.checker.Send(e.Key).Lost()
			c.joined = incident.Seq(e.Seq)
		}
	}
	if !slices.Equal(kinds, []string{"member.invited", "member.joined"}) {
		t.Errorf("%s: beside messages the log has %v", c.talk.name, kinds)
	}
}

// numbers are the members' numbers by their names, as the lead's roll has
// them.
func (c *conversation) numbers(ctx context.Context) (map[string]int, error) {
	var room struct {
		State struct {
			Members []struct {
				Number int
				Name   string
			}
		}
	}
	if err := c.lead.ask(ctx, http.StatusOK, "GET", "/rooms/"+string(c.room), "", nil, &room); err != nil {
		return nil, err
	}
	number := map[string]int{}
	for _, m := range room.State.Members {
		if m.Number == 0 || number[m.Name] != 0 {
			return nil, fmt.Errorf("%s is M-%d and M-%d", m.Name, number[m.Name], m.Number)
		}
		number[m.Name] = m.Number
	}
	return number, nil
}

// judgeLines wants each line as one entry: its bytes, its author, what it
// answers, and after everything its author said before.
func (c *conversation) judgeLines(ctx context.Context, t *testing.T, truth *servertest.Truth) {
	t.Helper()
	said := map[uint64]int{} // entry → line
	for n, seq := range c.seqs {
		if other, twice := said[uint64(seq)]; twice {
			t.Fatalf("%s: lines %d and %d were both answered with %d", c.talk.name, other, n, seq)
		}
		said[uint64(seq)] = n
	}
	number, err := c.numbers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	speaker := map[int]int{} // line → the member who says it; the lead has the rest
	for i, lines := range c.cast {
		for _, n := range lines {
			speaker[n] = number[c.s.accounts[c.guest(i)].Name]
		}
	}
	messages := 0
	for i := range truth.Entries {
		e := &truth.Entries[i]
		if e.Seq == 0 {
			continue
		}
		s, err := readSpoken(e)
		if err != nil {
			t.Fatal(err)
		}
		if s.kind != "message.posted" {
			continue
		}
		messages++
		n, ok := said[e.Seq]
		if !ok {
			t.Errorf("%s: entry %d is a message that nobody was told of", c.talk.name, e.Seq)
			continue
		}
		answers := incident.Seq(0)
		if p := c.talk.lines[n].parent; p >= 0 {
			answers = c.seqs[p]
		}
		want, guest := speaker[n]
		if !guest {
			want = number[c.s.accounts["lead"].Name]
		}
		if s.text != c.sent[n] || s.answer != answers || s.member != want {
			t.Errorf("%s: line %d stands at %d as %+v; M-%d said %q in answer to %d", c.talk.name, n, e.Seq, s, want, c.sent[n], answers)
		}
	}
	if messages != len(c.talk.lines) {
		t.Errorf("%s: %d messages for %d lines", c.talk.name, messages, len(c.talk.lines))
	}
	for i, lines := range append(slices.Clone(c.cast), c.channel()) {
		for k := 1; k < len(lines); k++ {
			if c.seqs[lines[k-1]] >= c.seqs[lines[k]] {
				t.Errorf("%s: of speaker %d line %d stands at %d and line %d at %d", c.talk.name, i, lines[k-1], c.seqs[lines[k-1]], lines[k], c.seqs[lines[k]])
			}
		}
	}
}

// judgeListener wants each entry since the listener came, once, in the form
// that is theirs: the checker has judged order, leaves and that it is not more.
func (c *conversation) judgeListener(t *testing.T, a *attendant, truth *servertest.Truth, oracle *servertest.Oracle) {
	t.Helper()
	for _, s := range a.strange {
		t.Errorf("%s, %s: %s", c.talk.name, a.name, s)
	}
	if len(a.snapshots) != 1 {
		t.Fatalf("%s, %s: snapshots at %v, want one: what was missed comes as entries", c.talk.name, a.name, a.snapshots)
	}
	if a.flight != nil && a.cuts < 10 {
		t.Errorf("%s, %s was cut off %d times only", c.talk.name, a.name, a.cuts)
	}
	heard := 0
	for seq := uint64(a.snapshots[0]) + 1; seq < uint64(len(truth.Entries)); seq++ {
		raw, ok := a.got[incident.Seq(seq)]
		if !ok {
			t.Errorf("%s, %s was never told of entry %d", c.talk.name, a.name, seq)
			continue
		}
		heard++
		if err := showing(raw, &truth.Entries[seq], oracle.Form(string(a.person), seq)); err != nil {
			t.Errorf("%s, %s: live: %v", c.talk.name, a.name, err)
		}
	}
	if heard != len(a.got) {
		t.Errorf("%s, %s got %d entries of %d", c.talk.name, a.name, len(a.got), heard)
	}
}

// readBack reads the room's pages as the listener, from the first to the
// newest; hosts and latecomers also from the newest to the first.
func (c *conversation) readBack(ctx context.Context, t *testing.T, a *attendant, truth *servertest.Truth, oracle *servertest.Oracle) {
	t.Helper()
	for _, cursor := range []string{"after", "before"} {
		if cursor == "before" && a.v != c.lead && a != c.late {
			continue
		}
		pages, err := c.pages(ctx, a.v, cursor)
		if err != nil {
			t.Fatalf("%s, %s: %v", c.talk.name, a.name, err)
		}
		if len(pages) != len(truth.Entries)-1 {
			t.Errorf("%s, %s: the pages %s one another have %d entries; the log has %d", c.talk.name, a.name, cursor, len(pages), len(truth.Entries)-1)
			continue
		}
		for i, raw := range pages {
			e := &truth.Entries[i+1]
			if err := showing(raw, e, oracle.Form(string(a.person), e.Seq)); err != nil {
				t.Errorf("%s, %s: a page %s another: %v", c.talk.name, a.name, cursor, err)
			}
		}
	}
}

// pages reads all of the room's pages by one cursor, and returns their entries
// ascending.
func (c *conversation) pages(ctx context.Context, v *visitor, cursor string) (all []json.RawMessage, err error) {
	query := "?limit=200"
	if cursor == "after" {
		query += "&around=1" // from the first on
	}
	for {
		var page struct {
			Entries []json.RawMessage
			Head    incident.Seq
		}
		if err := v.ask(ctx, http.StatusOK, "GET", "/rooms/"+string(c.room)+"/entries"+query, "", nil, &page); err != nil {
			return nil, err
		}
		if len(page.Entries) == 0 {
			return all, nil
		}
		first, last := seqOf(page.Entries[0]), seqOf(page.Entries[len(page.Entries)-1])
		if cursor == "after" {
			if all = append(all, page.Entries...); last >= page.Head {
				return all, nil
			}
			query = fmt.Sprintf("?limit=200&after=%d", last)
			continue
		}
		if all = append(page.Entries, all...); first <= 1 {
			return all, nil
		}
		query = fmt.Sprintf("?limit=200&before=%d", first)
	}
}

func seqOf(raw json.RawMessage) incident.Seq {
	var n struct{ Seq incident.Seq }
	json.Unmarshal(raw, &n)
	return n.Seq
}
