package torture

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/hub"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	finder "wardroom/server/search"
	"wardroom/server/servertest"
)

// tokens calls fn for every canary (32 hexadecimal digits) and every
// idempotency key (26 letters of a ULID) in a text.
func tokens(b []byte, fn func(string)) {
	run := func(of func(byte) bool, size int) {
		n := 0
		for i := 0; i <= len(b); i++ {
			if i < len(b) && of(b[i]) {
				n++
				continue
			}
			if n == size {
				fn(string(b[i-n : i]))
			}
			n = 0
		}
	}
	run(func(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }, 32)
	run(func(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }, 26)
}

type place struct {
	seq  uint64
	slot int
}

// The stream of hubs of which one wall stands alone, with row-level security
// down as well.
const (
	byPolicy = "stream by policy alone"
	byRows   = "stream by the rows alone"
)

// leaks holds everything everyone got against the oracle.
func leaks(t *servertest.Truth, tee []egress) (found []string, seen int) {
	where := map[string][]place{}
	for _, e := range t.Entries {
		for slot, v := range e.Whole.Values {
			tokens(v, func(s string) { where[s] = append(where[s], place{e.Seq, slot}) })
		}
	}
	tee = slices.Clone(tee)
	slices.SortStableFunc(tee, func(a, b egress) int { return int(a.head) - int(b.head) })
	o, next := servertest.NewOracle(), 0
	for _, x := range tee {
		for ; next <= int(x.head) && next < len(t.Entries); next++ {
			if err := o.Add(uint64(next), t.Entries[next].Whole.Values); err != nil {
				return []string{err.Error()}, 0
			}
		}
		for _, name := range named(o, x) {
			found = append(found, fmt.Sprintf("%s at %d by %s: %s", x.who, x.head, x.channel, name))
		}
		tokens(x.bytes, func(s string) {
			places, known := where[s]
			if !known {
				return // refused, so in no entry: the asker's own words
			}
			seen++
			if !slices.ContainsFunc(places, func(p place) bool { return granted(o, t, x, p) }) {
				found = append(found, fmt.Sprintf("%s at %d by %s: slot %d of entry %d (%s)", x.who, x.head, x.channel, places[0].slot, places[0].seq,
					t.Entries[places[0].seq].Whole.Values[0]))
			}
		})
	}
	return found, seen
}

// named lists what of the bytes names a member, by number or organisation,
// whom the roster hides from who got them. That somebody hidden wrote an entry
// is told by their writing it, and by nothing else: no note, no audience, no
// mention, no list of who is here.
func named(o *servertest.Oracle, x egress) (found []string) {
	if o.Roster() != "hosts" || x.channel == byRows || x.channel == "database" || x.channel == "refusal" {
		return nil
	}
	who := string(x.who)
	hidden := func(why string, numbers ...int) {
		for _, n := range numbers {
			if o.Hidden(who, n) {
				found = append(found, fmt.Sprintf("M-%d stands in %s", n, why))
			}
		}
	}
	entry := func(slot func(int) string) {
		var what struct {
			Kind string
			Root uint64
		}
		var by struct{ Member int }
		var mark struct {
			Audience struct {
				Members []int
				Orgs    []string
			}
		}
		var body struct {
			Mentions []int
			Audience struct {
				Members []int
				Orgs    []string
			}
		}
		for i, into := range map[int]any{0: &what, 1: &by, 3: &mark, 4: &body} {
			if s := slot(i); s != "" && json.Unmarshal([]byte(s), into) != nil {
				found = append(found, "a slot that is no JSON")
			}
		}
		began := o.Began(what.Root)
		others := func(list []int) []int {
			return slices.DeleteFunc(list, func(n int) bool { return n == by.Member || n == began })
		}
		if what.Kind == "entry.noted" {
			hidden("a note", by.Member)
		}
		hidden("the audience of a "+what.Kind, others(mark.Audience.Members)...)
		hidden("the mentions of a "+what.Kind, others(body.Mentions)...)
		hidden("what is asked by a "+what.Kind, others(body.Audience.Members)...)
		for _, org := range append(mark.Audience.Orgs, body.Audience.Orgs...) {
			if o.HiddenOrg(who, org) {
				found = append(found, org+" stands in the audience of a "+what.Kind)
			}
		}
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			switch slots := v["slots"].(type) {
			case []any:
				entry(func(i int) string { return slots[i].(string) })
			case map[string]any:
				entry(func(i int) string {
					pair, _ := slots[fmt.Sprint(i)].([]any)
					if pair == nil {
						return ""
					}
					return pair[1].(string)
				})
			}
			if _, member := v["askedName"]; member {
				hidden("the roster", int(v["number"].(float64)))
			}
			for k, x := range v {
				if list, ok := x.([]any); ok && (k == "here" || k == "typing") {
					for _, n := range list {
						hidden("who is "+k, int(n.(float64)))
					}
				}
				walk(x)
			}
		}
	}
	for d := json.NewDecoder(bytes.NewReader(x.bytes)); ; {
		var v any
		if d.Decode(&v) != nil {
			return found
		}
		walk(v)
	}
}

// granted says whether the person may have what stands there by this channel.
func granted(o *servertest.Oracle, t *servertest.Truth, x egress, p place) bool {
	form := o.Form(string(x.who), p.seq)
	member := bytes.HasPrefix(t.Entries[p.seq].Whole.Values[0], []byte(`{"kind":"member.`))
	switch x.channel {
	case byRows:
		// The rows know no roster.
		return p.slot < max(form, o.Form(string(x.who), o.Root(p.seq))).Slots() || member && form != servertest.Nothing
	case "opened":
		return o.Reads(string(x.who), p.seq)
	case "database":
		// Policy is not asked here. The database knows no envelope and no
		// roster: those are policy's alone. It knows audience and history.
		return form >= servertest.Envelope || o.Form(string(x.who), o.Root(p.seq)) >= servertest.Envelope || member && form == servertest.Stub
	}
	return p.slot < form.Slots()
}

// snoop takes down everything each person can get of the room as it stands.
func (p *play) snoop(bypass *journal.Journal) {
	ctx := p.t.Context()
	for _, who := range p.people {
		m := p.fold.Member(who.Person)
		rows, err := p.h.Journal.Page(ctx, p.room, who.Person, journal.Query{})
		if err != nil {
			p.t.Fatal(err)
		}
		var views, open []byte
		for _, row := range rows {
			if m.Present() {
				views = policy.View(p.fold, m, row.Sight, row.Entry).AppendJSON(views)
			}
			open = policy.AllForms(row.Entry)[policy.Open].AppendJSON(open)
		}
		p.say(who, "page", views)
		p.say(who, "database", open)
		hits, err := p.search.Room(ctx, p.room, who.Person, finder.Query{Text: "canary", Limit: 50})
		if m.Present() != (err == nil) {
			p.t.Errorf("%s, %v in the room, searches: %v", who.Name, m.Present(), err)
		}
		b, _ := json.Marshal(hits)
		p.say(who, "search", b)
		if !m.Present() {
			continue
		}
		snap, err := json.Marshal(policy.Snap(p.fold, m))
		if err != nil {
			p.t.Fatal(err)
		}
		p.say(who, "snapshot", snap)
		p.say(who, "board", p.boards(p.h.Journal, m))
		p.unseal(who, m, rows)
		if bypass == nil {
			continue
		}
		rows, err = bypass.Page(ctx, p.room, who.Person, journal.Query{})
		if err != nil {
			p.t.Fatal(err)
		}
		views = nil
		whole := 0
		for _, row := range rows {
			if row.Entry.Opening != nil {
				whole++
			}
			views = policy.View(p.fold, m, row.Sight, row.Entry).AppendJSON(views)
		}
		if whole != len(rows) || whole != int(p.fold.Head) {
			p.t.Errorf("the second wall still stands: %d of %d openings", whole, p.fold.Head)
		}
		p.say(who, "page without the second wall", views)
		p.say(who, "board without the second wall", p.boards(bypass, m))
	}
}

// nouns are those of the record and of intelligence.
var nouns = []journal.Noun{"severity", "decision", "action", "book", "logentry", "item", "tearline", "sighting", "release", "escalation", "meeting", "sitrep", "update", "request", "handover", "broadcast", "clock"}

// boards is all that the record's boards, the list of what waits and the
// record's own timeline tell a member: JSON values with a comma after each.
func (p *play) boards(j *journal.Journal, m *incident.Member) (told []byte) {
	ctx := p.t.Context()
	page := func(q journal.Query) {
		rows, err := j.Page(ctx, p.room, m.Person, q)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, row := range rows {
			seen := policy.View(p.fold, m, row.Sight, row.Entry)
			if seen.Form() == policy.Stub {
				if event, err := incident.Decode(incident.Seq(row.Entry.Seq), incident.Values(row.Entry.Opening.Values)); err != nil || event.Kind != "entry.noted" || q.Record != nil {
					p.t.Errorf("%s is given entry %d of the record as a stub", m.Seat.Name, row.Entry.Seq)
				}
				continue // a note that the roster hides, which is left out
			}
			told = append(seen.AppendJSON(told), ',')
		}
	}
	var all []incident.Seq // what stands on any board; read once, as the boards' pages would bring it
	list := func(roots []incident.Seq, more bool, err error) {
		if err != nil {
			p.t.Fatal(err)
		}
		b, _ := json.Marshal([]any{roots, more})
		told, all = append(append(told, b...), ','), append(all, roots...)
	}
	for i, noun := range nouns {
		list(j.Board(ctx, p.fold, m, journal.Board{Noun: noun, Limit: 500}))
		if (i+int(p.fold.Head))%3 == 0 { // each noun's short board at some heads, and the same in a world's twin
			list(j.Board(ctx, p.fold, m, journal.Board{Noun: noun, Limit: 1}))
		}
	}
	for _, noun := range []journal.Noun{"item", "release"} {
		list(j.Board(ctx, p.fold, m, journal.Board{Noun: noun, Org: m.Org, Limit: 500}))
	}
	list(j.Board(ctx, p.fold, m, journal.Board{Noun: "item", Overdue: time.Now(), Limit: 500}))
	list(j.Board(ctx, p.fold, m, journal.Board{Noun: "item", Expired: time.Now().Add(2 * time.Hour), Limit: 500}))
	list(j.Board(ctx, p.fold, m, journal.Board{Noun: "release", Mine: true, Limit: 500}))
	if item := p.of("item.published"); item != 0 {
		for _, noun := range []journal.Noun{"tearline", "sighting", "release"} {
			list(j.Board(ctx, p.fold, m, journal.Board{Noun: noun, Under: item, Limit: 500}))
		}
	}
	for _, book := range p.books {
		list(j.Board(ctx, p.fold, m, journal.Board{Noun: "logentry", Under: book, Limit: 500}))
	}
	list(j.Needs(ctx, p.fold, m, 100))
	if len(all) > 0 {
		slices.Sort(all)
		page(journal.Query{Roots: slices.Compact(all)})
	}
	page(journal.Query{Record: m})
	return told
}

// unseal opens whatever policy lets the person open.
func (p *play) unseal(who incident.Actor, m *incident.Member, rows []journal.Row) {
	var b []byte
	for _, row := range rows {
		if seen, ok := policy.Opened(p.fold, m, row.Sight, row.Entry); ok && !row.Sight.Kind.Standing() {
			b = seen.AppendJSON(b)
		}
	}
	p.say(who, "opened", b)
}

// exact holds policy and the counts to the oracle, both ways: not a byte too
// much and not one too little.
func (p *play) exact(t *servertest.Truth) {
	o, err := t.Oracle()
	if err != nil {
		p.t.Fatal(err)
	}
	ctx := p.t.Context()
	for _, who := range p.people {
		m := p.fold.Member(who.Person)
		if !m.Present() {
			continue
		}
		rows, err := p.h.Journal.Page(ctx, p.room, who.Person, journal.Query{})
		if err != nil {
			p.t.Fatal(err)
		}
		unread := 0
		for _, row := range rows {
			got, want := policy.View(p.fold, m, row.Sight, row.Entry).Form(), o.Form(string(who.Person), row.Entry.Seq)
			if int(got)+int(servertest.Stub) != int(want) {
				p.t.Errorf("%s sees entry %d as form %d; the oracle says %v", who.Name, row.Entry.Seq, got, want)
			}
			if row.Entry.Opening != nil && row.Sight.Root == incident.Seq(row.Entry.Seq) && o.Counts(row.Entry.Seq) && want >= servertest.Envelope && row.Sight.Author != m.Number {
				unread++
			}
		}
		p.exactBoards(o, who, m, rows)
		counts, err := p.h.Journal.Counts(ctx, p.fold, m, 0)
		if err != nil || counts.Unread != min(unread, 100) {
			p.t.Errorf("%s is told of %d unread entries and can see %d (%v)", who.Name, counts.Unread, unread, err)
		}
	}
}

// intelligence are the kinds that stand on boards and are no part of the record.
var intelligence = map[incident.Kind]bool{"item.published": true, "tearline.published": true, "sighting.marked": true, "release.requested": true}

// onNoBoard are roots of the record that say when something is due, and stand on
// no board themselves.
var onNoBoard = map[incident.Kind]bool{"cadence.set": true, "cadence.kept": true, "cadence.put_off": true, "cadence.snoozed": true}

// exactBoards holds the boards to the oracle: every object of the record that
// the person may know of stands on one, and no other.
func (p *play) exactBoards(o *servertest.Oracle, who incident.Actor, m *incident.Member, rows []journal.Row) {
	want, entries := map[incident.Seq]bool{}, 0
	for _, row := range rows {
		if o.Form(string(who.Person), row.Entry.Seq) < servertest.Envelope || row.Entry.Opening == nil {
			continue
		}
		info, _ := row.Sight.Kind.Info()
		if (info.Record && !onNoBoard[row.Sight.Kind] || intelligence[row.Sight.Kind]) && row.Sight.Root == incident.Seq(row.Entry.Seq) {
			want[row.Sight.Root] = true
		}
		var head struct{ Kind incident.Kind }
		if json.Unmarshal(row.Entry.Opening.Values[incident.SlotKind], &head); head.Kind.InRecord() {
			entries++
		}
	}
	listed := 0
	for _, noun := range nouns {
		roots, more, err := p.h.Journal.Board(p.t.Context(), p.fold, m, journal.Board{Noun: noun, Limit: len(want) + 1})
		if err != nil || more {
			p.t.Errorf("%s, board of %s: more %v, %v", who.Name, noun, more, err)
		}
		for _, r := range roots {
			if listed++; !want[r] {
				p.t.Errorf("%s: entry %d stands on the board of %s; they may not know of it", who.Name, r, noun)
			}
		}
		if !slices.IsSortedFunc(roots, func(a, b incident.Seq) int { return cmp.Compare(b, a) }) {
			p.t.Errorf("%s: the board of %s is not the newest first: %v", who.Name, noun, roots)
		}
		n := len(roots)
		if n > 1 { // told of more exactly when there is more to see
			_, all, err := p.h.Journal.Board(p.t.Context(), p.fold, m, journal.Board{Noun: noun, Limit: n})
			_, some, err2 := p.h.Journal.Board(p.t.Context(), p.fold, m, journal.Board{Noun: noun, Limit: n - 1})
			if err != nil || err2 != nil || all || !some {
				p.t.Errorf("%s, %d on the board of %s: more after all %v, after all but one %v", who.Name, n, noun, all, some)
			}
		}
	}
	if listed != len(want) {
		p.t.Errorf("%s: %d objects stand on the boards, want %d", who.Name, listed, len(want))
	}
	got, err := p.h.Journal.Page(p.t.Context(), p.room, who.Person, journal.Query{Record: m})
	if err != nil || len(got) != entries {
		p.t.Errorf("%s: the record's timeline has %d entries, want %d (%v)", who.Name, len(got), entries, err)
	}
}

// heard is what came by the stream, each frame judged where it brought its
// listener to.
func (p *play) heard() {
	for _, e := range p.every {
		frames, at := e.heard()
		for i, f := range frames {
			p.tee = append(p.tee, egress{e.who.Person, at[i], e.channel, f})
		}
	}
}

// perStage is how many histories are lived in one deployment: what is watched
// and stored there must not make the later ones dearer.
const perStage = 200

func TestNobodyReceivesAByteTheyAreNotEntitledTo(t *testing.T) {
	s, histories := seed(t), times(t, figure(60, 1000))
	var sum reckoning
	for done := 0; done < histories && !t.Failed(); done += perStage {
		t.Run(fmt.Sprintf("from %d", done), func(t *testing.T) {
			sum.live(t, s+uint64(done), min(perStage, histories-done))
		})
	}
	t.Logf("%d histories × %d people: %d entries, %d canaries received, %d stubs and envelopes, 0 leaked unless said above; %d alarms of the stream, %d by policy alone, %d by the rows alone",
		histories, len(cast), sum.entries.Load(), sum.seen.Load(), sum.stubs.Load(), sum.alarms["stream"], sum.alarms[byPolicy], sum.alarms[byRows])
	if sum.seen.Load() == 0 || sum.stubs.Load() == 0 {
		t.Error("nothing was received, or nothing withheld: the test is blind")
	}
	for channel, alarms := range sum.alarms {
		if down := channel == byRows; down && histories >= 4 && alarms == 0 || !down && alarms > 0 {
			t.Errorf("%s: %d alarms", channel, alarms)
		}
	}
}

// reckoning is what became of the histories.
type reckoning struct {
	seen, entries, stubs atomic.Int64
	alarms               map[string]int64 // of the hubs, by what comes by them
}

// live lives that many histories in a deployment of their own.
func (sum *reckoning) live(t *testing.T, s uint64, histories int) {
	st := newStage(t)
	pool, err := pgxpool.New(t.Context(), st.h.DB.Cluster.SuperuserURL(st.h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	bypass := st.h.NodeOn(pool, pool) // row-level security does not bind a superuser
	for _, one := range []struct {
		channel string
		journal servertest.OneWall
	}{{byPolicy, servertest.OneWall{Journal: st.h.Journal, NoRows: true, Pages: bypass}}, {byRows, servertest.OneWall{Journal: st.h.Journal, NoPolicy: true, Pages: bypass}}} {
		h := hub.New(hub.Options{Journal: one.journal})
		t.Cleanup(h.Close)
		st.walls = append(st.walls, wall{h, one.channel})
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range hands() {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if int(n) > histories || t.Failed() {
					return
				}
				p := st.newPlay(s + uint64(n))
				for i := range 28 {
					p.act()
					if i%14 == 13 {
						p.snoop(map[bool]*journal.Journal{true: bypass}[i == 27])
					}
				}
				p.close()
				p.heard()
				truth := p.h.Truth(p.room)
				p.exact(truth)
				found, n2 := leaks(truth, p.tee)
				sum.seen.Add(int64(n2))
				sum.entries.Add(int64(len(truth.Entries)))
				for _, x := range p.tee {
					sum.stubs.Add(int64(bytes.Count(x.bytes, []byte(`"leaf"`))))
				}
				if len(found) > 0 {
					t.Errorf("history of seed %d, %s:\n%s", s+uint64(n), p, strings.Join(found[:min(8, len(found))], "\n"))
				}
			}
		})
	}
	wg.Wait()
	if sum.alarms == nil {
		sum.alarms = map[string]int64{}
	}
	for _, w := range append(st.walls, wall{st.hub, "stream"}) {
		sum.alarms[w.channel] += int64(w.hub.Stats().Alarms)
	}
}

// The test above can fail: each channel, given one canary too many, is caught.
func TestALeakByAnyChannelIsNoticed(t *testing.T) {
	st := newStage(t)
	p := st.newPlay(7)
	for range 30 {
		p.act()
	}
	p.close()
	truth := p.h.Truth(p.room)
	o, err := truth.Oracle()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, channel := range []string{"page", "stream", "search", "snapshot", "refusal", "opened", "database", "page without the second wall", "board", "board without the second wall", byPolicy, byRows} {
		for _, who := range st.people {
			for _, e := range truth.Entries[1:] {
				if bytes.Contains(e.Whole.Values[0], []byte("member.")) || !bytes.Contains(e.Whole.Values[4], []byte("canary")) || o.Form(string(who.Person), e.Seq) > servertest.Stub {
					continue
				}
				tried++
				if found, _ := leaks(truth, []egress{{who.Person, p.fold.Head, channel, e.Whole.Values[4]}}); len(found) == 0 {
					t.Errorf("entry %d reached %s by %s and nobody noticed", e.Seq, who.Name, channel)
				}
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d leaks were tried", tried)
	}
}

// Nor is a number, which is no canary, overlooked.
func TestAHiddenMembersNumberIsNoticedWhereverItStands(t *testing.T) {
	o := servertest.NewOracle()
	member := func(seq uint64, number int, person, org string) {
		t.Helper()
		body := fmt.Sprintf(`{"number":%d,"person":%q,"seat":{"history":"full","org":%q,"role":"representative"}}`, number, person, org)
		if err := o.Add(seq, [8][]byte{fmt.Appendf(nil, `{"kind":"member.joined","root":%d}`, seq), nil, nil, nil, []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Add(1, [8][]byte{[]byte(`{"kind":"room.opened","root":1}`), nil, nil, nil, []byte(`{"hosts":["DSC"],"roster":"hosts"}`)}); err != nil {
		t.Fatal(err)
	}
	member(2, 1, "lead", "DSC")
	member(3, 2, "sam", "X1N")
	member(4, 3, "ellis", "X2E")
	fragment := func(slot, value string) string {
		slots := [8]string{0: `{"kind":"message.posted","root":5}`, 1: `{"member":1}`}
		var i int
		fmt.Sscan(slot, &i)
		slots[i] = value
		b, _ := json.Marshal(map[string]any{"seq": 5, "seed": "", "slots": slots})
		return string(b)
	}
	note, _ := json.Marshal(map[string]any{"seq": 6, "slots": map[string]any{"0": []string{"", `{"kind":"entry.noted","root":5}`}, "1": []string{"", `{"member":3}`}}})
	for name, b := range map[string]string{
		"a note":                   string(note),
		"an audience's members":    fragment("3", `{"audience":{"kind":"named","members":[1,3]}}`),
		"an audience's orgs":       fragment("3", `{"audience":{"kind":"named","orgs":["X2E"]}}`),
		"a mention":                fragment("4", `{"mentions":[3],"text":"x"}`),
		"the roster":               `{"members":[{"askedName":"","number":3}]}`,
		"who is here":              `{"type":"presence","here":[1,3],"typing":[]}`,
		"the second of two frames": `{"type":"x"}` + fragment("4", `{"mentions":[3],"text":"x"}`),
	} {
		for who, want := range map[incident.PersonID]int{"sam": 1, "ellis": 0, "lead": 0} {
			if got := named(o, egress{who, 6, "page", []byte(b)}); len(got) != want {
				t.Errorf("%s to %s: %v", name, who, got)
			}
		}
	}
	if got := named(o, egress{"sam", 6, "page", []byte(fragment("1", `{"member":3}`))}); len(got) != 0 {
		t.Errorf("who wrote an entry: %v", got)
	}
}
