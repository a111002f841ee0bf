package projection_test

import (
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/projection"
	"wardroom/server/servertest"
)

// registry is a room with rows of a record made up for the test: the events
// go to projection.Apply and nowhere else.
type registry struct {
	*servertest.House
	t      *testing.T
	conn   *pgx.Conn // a superuser's, whom row-level security does not bind
	id     incident.LogID
	room   *incident.Room
	who    []incident.Actor
	next   incident.Seq
	events []*incident.Event
}

func newRegistry(t *testing.T) *registry {
	h := servertest.NewHouse(t)
	r := &registry{House: h, t: t}
	lead := h.Person("Priya Anand", "DSC")
	r.id = h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	r.who = []incident.Actor{lead}
	for _, x := range []struct {
		name string
		org  incident.OrgID
		role incident.Role
	}{{"Dev Rao", "NCSC", incident.Deputy}, {"Sam Okafor", "X1N", incident.Representative}, {"Kim Doyle", "X1N", incident.Observer}, {"Ellis Byrne", "X2E", incident.Representative}} {
		a := h.Person(x.name, x.org)
		h.Join(r.id, lead, a, x.role, incident.Full)
		r.who = append(r.who, a)
	}
	late := h.Person("Noor Haddad", "X3F")
	h.Join(r.id, lead, late, incident.Representative, incident.FromJoin)
	r.who = append(r.who, late)
	var err error
	if r.room, err = h.Journal.Room(t.Context(), r.id); err != nil {
		t.Fatal(err)
	}
	r.conn = superuser(t, h)
	r.next = 1000
	return r
}

// add makes an event; root 0 begins an object.
func (r *registry) add(by incident.MemberNo, root incident.Seq, mark *incident.Marking, body incident.Body) *incident.Event {
	e := &incident.Event{Seq: r.next, Kind: incident.KindOf(body), Root: root, By: incident.By{Member: by, Org: r.room.Numbered(by).Org}, Body: body, Marking: mark,
		Times: incident.Times{Recorded: incident.At(time.Now())}}
	if root == 0 {
		e.Root = e.Seq
	}
	r.next++
	r.events = append(r.events, e)
	return e
}

// store applies what is new in groups of the given size.
func (r *registry) store(group int) {
	for list := range slices.Chunk(r.events, group) {
		b := &pgx.Batch{}
		projection.Apply(b, r.id, r.room, list)
		if err := r.conn.SendBatch(r.t.Context(), b).Close(); err != nil {
			r.t.Fatal(err)
		}
	}
	r.events = nil
}

func mark(tlp incident.TLP, a incident.Audience) *incident.Marking {
	return &incident.Marking{TLP: tlp, Audience: a.Normal(), Originator: "DSC"}
}

var everyone = incident.Audience{Kind: incident.ToRoom}

// thing is the model of an object of the record.
type thing struct {
	noun   projection.Noun
	state  string
	member incident.MemberNo
	org    incident.OrgID
	due    time.Time
	under  incident.Seq
	sight  incident.Sight
}

func (x *thing) waitsFor(m *incident.Member) bool {
	switch {
	case x.noun == projection.Decisions && (x.state == "proposed" || x.state == "taken"):
		return x.member == m.Number
	case x.noun == projection.Actions && (x.state == "raised" || x.state == "accepted"):
		return x.member == m.Number || x.member == 0 && x.org == m.Org && m.Role != incident.Observer
	}
	return false
}

// chronicle makes a random history and its model.
func (r *registry) chronicle(rng *rand.Rand, steps int) map[incident.Seq]*thing {
	all := map[incident.Seq]*thing{}
	start := incident.Seq(0)
	number := func() incident.MemberNo { return incident.MemberNo(1 + rng.IntN(6)) }
	org := func() incident.OrgID { return []incident.OrgID{"DSC", "X1N", "X2E", "X3F"}[rng.IntN(4)] }
	audience := func() incident.Audience {
		switch rng.IntN(4) {
		case 0:
			return everyone
		case 1:
			return incident.Audience{Kind: incident.ToHosts}
		case 2:
			return incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{number(), number()}}
		}
		return incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{org()}, Members: []incident.MemberNo{number()}}
	}
	due := func() incident.Instant {
		if rng.IntN(3) == 0 {
			return incident.Instant{}
		}
		return incident.At(time.Now().Add(time.Duration(rng.IntN(200)-100) * time.Hour))
	}
	set := func(x *thing, state string) { x.state = state }
	late := func(x *thing, t incident.Instant) {
		if !t.IsZero() {
			x.due = t.Time
		}
	}
	for range steps {
		tlp := []incident.TLP{incident.Green, incident.AmberStrict, incident.Red}[rng.IntN(3)]
		begin := func(noun projection.Noun, state string, m incident.MemberNo, o incident.OrgID, t incident.Instant, under incident.Seq, body incident.Body) {
			e := r.add(number(), 0, mark(tlp, audience()), body)
			if e.Kind.Standing() {
				e.Marking = nil
			}
			all[e.Seq] = &thing{noun, state, m, o, t.Time, under, incident.SightOf(e)}
			if start == 0 {
				start = e.Seq
			}
		}
		m, o, t := number(), org(), due()
		switch rng.IntN(12) {
		case 0:
			begin(projection.Decisions, "proposed", m, "", t, 0, &incident.DecisionProposed{Decision: "x", Maker: m, Deliberation: incident.Deliberation{Review: t}})
		case 1:
			begin(projection.Decisions, "taken", m, "", t, 0, &incident.DecisionRecorded{Verdict: incident.Verdict{Maker: m}, Deliberation: incident.Deliberation{Review: t}})
		case 2:
			begin(projection.Actions, "raised", 0, o, t, 1002, &incident.ActionRaised{For: incident.Assignee{Org: o}, Due: t, Decision: 1002})
		case 3:
			o = r.room.Numbered(m).Org
			begin(projection.Actions, "raised", m, o, t, 0, &incident.ActionRaised{For: incident.Assignee{Member: m, Org: o}, Due: t})
		case 4:
			begin(projection.Books, "open", m, "", incident.Instant{}, 0, &incident.BookOpened{Maker: m, First: 1, Number: 1})
		case 5:
			book := start + incident.Seq(rng.IntN(20))
			begin(projection.LogEntries, "written", 0, "", incident.Instant{}, book, &incident.LogEntryWritten{Book: book, Number: 1})
			all[r.next-1].member = r.events[len(r.events)-1].By.Member
		case 6:
			begin(projection.Severities, "nhs_level", 0, "", incident.Instant{}, 0, &incident.SeverityAssessed{Scale: incident.NHSLevel})
			all[r.next-1].org = r.events[len(r.events)-1].By.Org
		case 7:
			begin(projection.Severities, "reason", 0, "", incident.Instant{}, 0, &incident.SeverityReasoned{About: 1})
			all[r.next-1].org = r.events[len(r.events)-1].By.Org
		default:
			if len(all) == 0 {
				continue
			}
			root := slices.Sorted(maps.Keys(all))[rng.IntN(len(all))]
			x := all[root]
			then := func(b incident.Body) { r.add(number(), root, nil, b) }
			switch n := rng.IntN(8); {
			case n == 0 && !x.sight.Kind.Standing():
				next := mark(tlp, audience())
				e := r.add(1, root, next, &incident.AudienceTightened{})
				x.sight.Apply(e)
			case x.noun == projection.Decisions:
				switch n {
				case 1:
					then(&incident.DecisionTaken{Verdict: incident.Verdict{Maker: m}, Deliberation: incident.Deliberation{Review: t}})
					x.member = m
					late(x, t)
					set(x, "taken")
				case 2:
					then(&incident.DecisionConfirmed{})
					set(x, "confirmed")
				case 3:
					then(&incident.DecisionDisputed{})
					set(x, "disputed")
				case 4:
					then(&incident.DecisionAdded{Deliberation: incident.Deliberation{Review: t}})
					late(x, t)
				case 5:
					then(&incident.DecisionReviewed{Review: t})
					x.due = t.Time
				case 6:
					then(&incident.DecisionSuperseded{By: 1})
					set(x, "superseded")
				default:
					then(&incident.DecisionReversed{By: 1})
					set(x, "reversed")
				}
			case x.noun == projection.Actions:
				switch n {
				case 1, 2:
					then(&incident.ActionAccepted{})
					set(x, "accepted")
				case 3:
					then(&incident.ActionDeclined{})
					set(x, "declined")
				case 4:
					then(&incident.ActionDone{})
					set(x, "done")
				case 5:
					then(&incident.ActionHanded{For: incident.Assignee{Org: o}})
					x.member, x.org = 0, o
					set(x, "raised")
				case 6:
					then(&incident.ActionChased{})
				default:
					then(&incident.ActionWithdrawn{})
					set(x, "withdrawn")
				}
			case x.noun == projection.Books && n > 5:
				then(&incident.BookClosed{Last: 1})
				set(x, "closed")
			}
		}
	}
	return all
}

// lists runs a board as the person, with the second wall or without.
func (r *registry) lists(m *incident.Member, q projection.Board, wall bool) (roots []incident.Seq) {
	r.t.Helper()
	b := &pgx.Batch{}
	projection.Reader(r.id, m.Person).Enter(b)
	by := projection.Asker{Member: m, Known: policy.Known(r.room, m), Speaks: policy.Speaks(m)}
	projection.QueueBoard(b, r.id, by, q, &roots)
	var err error
	if wall {
		err = r.DB.Reader.SendBatch(r.t.Context(), b).Close()
	} else {
		err = r.conn.SendBatch(r.t.Context(), b).Close()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return roots
}

var nounsOfRecord = []projection.Noun{projection.Severities, projection.Decisions, projection.Actions, projection.Books, projection.LogEntries}

func TestABoardListsWhatAMemberMaySeeAndNothingElse(t *testing.T) {
	now := time.Now()
	for seed := range uint64(6) {
		r := newRegistry(t)
		rng := rand.New(rand.NewPCG(seed, 3))
		all := r.chronicle(rng, 250)
		r.store(1 + rng.IntN(60))
		listed := 0
		for _, who := range r.who {
			m := r.room.Member(who.Person)
			want := func(q projection.Board) (roots []incident.Seq) {
				for root, x := range all {
					red := x.sight.TLP == incident.Red && (!q.Overdue.IsZero() || q.Under != 0 || q.Org != "")
					unfinished := slices.Contains([]string{"taken", "confirmed", "disputed", "raised", "accepted"}, x.state)
					if x.noun == q.Noun && policy.May(r.room, m, x.sight) && !red && (q.States == nil || slices.Contains(q.States, x.state)) && (!q.Mine || x.waitsFor(m)) &&
						(q.Overdue.IsZero() || !x.due.IsZero() && x.due.Before(q.Overdue) && unfinished) && (q.Under == 0 || x.under == q.Under) &&
						(q.Org == "" || x.org == q.Org) && (q.Before == 0 || root < q.Before) {
						roots = append(roots, root)
					}
				}
				slices.Sort(roots)
				slices.Reverse(roots)
				return roots[:min(len(roots), q.Limit)]
			}
			for _, noun := range nounsOfRecord {
				for _, q := range []projection.Board{{}, {Mine: true}, {Overdue: now}, {Under: 1001}, {Under: 1002}, {Org: "X1N"}, {Before: 1100}, {States: noun.States()[:1]}, {States: noun.States()},
					{Mine: true, Overdue: now, States: noun.States(), Before: 1200, Org: "X1N"}, {Limit: 3}} {
					q.Noun = noun
					if q.Limit == 0 {
						q.Limit = 1000
					}
					expected := want(q)
					listed += len(expected)
					for _, wall := range []bool{true, false} {
						if got := r.lists(m, q, wall); !slices.Equal(got, expected) {
							t.Fatalf("seed %d, %s asks for %+v, second wall %v: %v, want %v", seed, who.Name, q, wall, got, expected)
						}
					}
				}
			}
			var needs []incident.Seq
			b := &pgx.Batch{}
			projection.Reader(r.id, m.Person).Enter(b)
			projection.QueueNeeds(b, r.id, projection.Asker{Member: m, Known: policy.Known(r.room, m), Speaks: policy.Speaks(m)}, 1000, &needs)
			if err := r.DB.Reader.SendBatch(t.Context(), b).Close(); err != nil {
				t.Fatal(err)
			}
			waits := append(want(projection.Board{Noun: projection.Decisions, Mine: true, Limit: 1000}), want(projection.Board{Noun: projection.Actions, Mine: true, Limit: 1000})...)
			if !slices.Equal(needs, waits) {
				t.Fatalf("seed %d: %s needs %v, want %v", seed, who.Name, needs, waits)
			}
			// The second wall by itself.
			visible := map[incident.Seq]bool{}
			for root, x := range all {
				if policy.May(r.room, m, x.sight) {
					visible[root] = true
				}
			}
			for table, column := range map[string]string{"record": "root", "record_entry": "root"} {
				got := map[incident.Seq]bool{}
				b := &pgx.Batch{}
				projection.Reader(r.id, m.Person).Enter(b)
				b.Queue(`SELECT ` + column + ` FROM ` + table).Query(func(rows pgx.Rows) error {
					list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
					for _, n := range list {
						got[incident.Seq(n)] = true
					}
					return err
				})
				if err := r.DB.Reader.SendBatch(t.Context(), b).Close(); err != nil {
					t.Fatal(err)
				}
				if !maps.Equal(got, visible) {
					t.Fatalf("seed %d: the database gives %s %d objects of %s; they may see %d", seed, who.Name, len(got), table, len(visible))
				}
			}
		}
		if listed < 1000 {
			t.Errorf("only %d roots were listed: the test is blind", listed)
		}
	}
}

func TestOutsideTheRoomTheRecordIsEmpty(t *testing.T) {
	r := newRegistry(t)
	r.chronicle(rand.New(rand.NewPCG(1, 3)), 60)
	r.store(100)
	other := r.OpenRoom(r.who[0], incident.ModeIncident, incident.RosterNames)
	for name, s := range map[string]projection.Scope{"a stranger": projection.Reader(r.id, incident.PersonID(incident.RandomID())), "nobody": projection.Reader(r.id, ""),
		"a member reading another room": projection.Reader(other, r.who[0].Person), "one's own rooms": projection.Person(r.who[0].Person), "the house": projection.House(), "no scope": {}} {
		for _, table := range []string{"record", "record_entry"} {
			for role, pool := range map[string]*pgxpool.Pool{"reader": r.DB.Reader, "writer": r.DB.Writer} {
				var n int
				b := &pgx.Batch{}
				s.Enter(b)
				b.Queue(`SELECT count(*) FROM ` + table).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
				if err := pool.SendBatch(t.Context(), b).Close(); err != nil || n != 0 {
					t.Errorf("%s, by the %s's role, reads %d rows of %s: %v", name, role, n, table, err)
				}
			}
		}
	}
}

// What a board costs is counted in rows, which do not depend on the machine.
func TestABoardOfAFullRoomTouchesWhatIsOnScreen(t *testing.T) {
	r := newRegistry(t)
	hosts := incident.Audience{Kind: incident.ToHosts}
	for i := range 5500 {
		to := everyone
		if i%2 == 0 {
			to = hosts
		}
		if i%11 == 0 {
			r.add(1, 0, mark(incident.AmberStrict, to), &incident.DecisionRecorded{Verdict: incident.Verdict{Maker: 2}, Deliberation: incident.Deliberation{Review: incident.At(time.Now())}})
		} else {
			e := r.add(1, 0, mark(incident.AmberStrict, to), &incident.ActionRaised{For: incident.Assignee{Org: []incident.OrgID{"X1N", "X2E"}[i%3%2]}, Due: incident.At(time.Now())})
			if i > 100 {
				r.add(1, e.Seq, nil, &incident.ActionDone{})
			}
		}
	}
	r.store(500)
	lead, sam := r.room.Member(r.who[0].Person), r.room.Member(r.who[2].Person)
	const page, screen = 50, 51
	// A board nobody narrows is cheap whatever the database believes; which
	// index answers a filter it knows from its statistics, which autovacuum
	// gathers after the first fifty rows.
	for _, analysed := range []bool{false, true} {
		if analysed {
			if _, err := r.conn.Exec(t.Context(), `ANALYZE record, record_entry`); err != nil {
				t.Fatal(err)
			}
		}
		for _, x := range []struct {
			name string
			m    *incident.Member
			q    projection.Board
			most int
		}{
			{"actions, all seen", lead, projection.Board{Noun: projection.Actions}, screen},
			{"decisions, all seen", lead, projection.Board{Noun: projection.Decisions}, screen},
			{"a later page", lead, projection.Board{Noun: projection.Actions, Before: 4000}, screen},
			{"every other one hidden", sam, projection.Board{Noun: projection.Actions}, 2*screen + 2},
			{"an organisation's", sam, projection.Board{Noun: projection.Actions, Org: "X1N"}, 2*screen + 2},
			{"what waits for them", sam, projection.Board{Noun: projection.Actions, Mine: true}, 60},
			{"those in one state, the old ones", lead, projection.Board{Noun: projection.Actions, States: []string{"raised"}}, 101},
			{"those in any state", lead, projection.Board{Noun: projection.Actions, States: projection.Actions.States()}, 5 * screen},
			{"nothing overdue", lead, projection.Board{Noun: projection.Actions, Overdue: time.Now().Add(-time.Hour)}, 101},
			{"a book nobody wrote in", lead, projection.Board{Noun: projection.LogEntries, Under: 7}, 0},
			{"no lines", lead, projection.Board{Noun: projection.LogEntries}, 0},
		} {
			x.q.Limit = page + 1
			if !analysed && (x.q.Mine || x.q.States != nil) {
				continue
			}
			rows, asked := r.touched(x.m, x.q)
			if rows > x.most {
				t.Errorf("analysed %v: %s: %d rows touched, at most %d are needed", analysed, x.name, rows, x.most)
			}
			if asked > 8 {
				t.Errorf("analysed %v: %s: the reader's membership is looked up %d times", analysed, x.name, asked)
			}
			t.Logf("analysed %v: %s: %d rows", analysed, x.name, rows)
		}
		for name, m := range map[string]*incident.Member{"the record, all seen": lead, "the record, every other hidden": sam} {
			sql, args := projection.RecordEntries(m, "DESC", []any{string(r.id), int64(0), int64(1 << 62), page})
			b := &pgx.Batch{}
			projection.Reader(r.id, m.Person).Enter(b)
			projection.ByIndex(b)
			b.Queue(sql, args...)
			if rows, asked := r.explain(b, "record_entry"); rows > 2*screen+2 || asked > 8 {
				t.Errorf("analysed %v: %s: %d rows touched, the membership asked for %d times", analysed, name, rows, asked)
			}
		}
	}
}

// touched counts the rows of the record that a board reads, kept or thrown
// away, and how often the reader's membership is asked for.
func (r *registry) touched(m *incident.Member, q projection.Board) (rows, asked int) {
	r.t.Helper()
	b := &pgx.Batch{}
	projection.Reader(r.id, m.Person).Enter(b)
	projection.QueueBoard(b, r.id, projection.Asker{Member: m, Known: policy.Known(r.room, m), Speaks: policy.Speaks(m)}, q, new([]incident.Seq))
	return r.explain(b, "record")
}

// explain carries out all but the last statement, and has the database say
// what that one took.
func (r *registry) explain(b *pgx.Batch, table string) (rows, asked int) {
	r.t.Helper()
	ctx := r.t.Context()
	tx, err := r.DB.Reader.Begin(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	for i, s := range b.QueuedQueries {
		if i < len(b.QueuedQueries)-1 {
			if _, err := tx.Exec(ctx, s.SQL, s.Arguments...); err != nil {
				r.t.Fatal(err)
			}
			continue
		}
		var text []byte
		if err := tx.QueryRow(ctx, `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) `+s.SQL, s.Arguments...).Scan(&text); err != nil {
			r.t.Fatal(err)
		}
		var plans []struct {
			Plan map[string]any
			JIT  any
		}
		if err := json.Unmarshal(text, &plans); err != nil {
			r.t.Fatal(err)
		}
		var walk func(p map[string]any)
		walk = func(p map[string]any) {
			n := func(k string) float64 { v, _ := p[k].(float64); return v }
			switch p["Relation Name"] {
			case table:
				if p["Node Type"] != "Bitmap Index Scan" {
					rows += int((n("Actual Rows") + n("Rows Removed by Filter") + n("Rows Removed by Index Recheck")) * n("Actual Loops"))
				}
			case "member":
				asked += int(n("Actual Loops"))
			}
			kids, _ := p["Plans"].([]any)
			for _, k := range kids {
				walk(k.(map[string]any))
			}
		}
		for _, p := range plans {
			walk(p.Plan)
			if p.JIT != nil {
				r.t.Error("the database compiles the statement: that takes longer than a hundred boards")
			}
		}
	}
	return rows, asked
}
