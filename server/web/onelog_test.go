package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/hub"
	"wardroom/server/presence"
	"wardroom/server/search"
)

// asked is a statement as a pool sent it.
type asked struct {
	sql  string
	args []any
}

// everything writes down all that the pools send, whoever asked for it.
type everything struct {
	mu   sync.Mutex
	list []asked
	seen map[string]int // how often each was sent
}

func (e *everything) note(sql string, args []any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen == nil {
		e.seen = map[string]int{}
	}
	// One of each is enough to see how it is planned; all that write are kept, for the logs among their arguments.
	if writes.MatchString(sql) || e.seen[sql] == 0 {
		e.list = append(e.list, asked{sql, args})
	}
	e.seen[sql]++
}

// take returns what was written down, how often each was sent, and begins anew.
func (e *everything) take() ([]asked, map[string]int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	list, seen := e.list, e.seen
	e.list, e.seen = nil, nil
	return list, seen
}

func (e *everything) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	e.note(d.SQL, d.Args)
	return ctx
}
func (e *everything) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (e *everything) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (e *everything) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	e.note(d.SQL, d.Args)
}
func (e *everything) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

var (
	writes  = regexp.MustCompile(`(?i)^\s*(WITH\b.*\b)?(INSERT|UPDATE|DELETE)\b`)
	planned = regexp.MustCompile(`(?is)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b`)
)

// across are the statements that ask many logs on purpose: reads of ids, sizes
// and roles, outside every transaction that writes, for which a distributed
// database asks its machines side by side. most is how often one may be sent in
// the test below, which goes into two rooms; 0 is as often as there are requests,
// and sometimes as often as time goes by.
var across = map[string]struct {
	why  string
	most int
}{
	`SELECT id, size FROM log WHERE id = ANY`:                       {"how far the logs have come that requests wait to be judged by: one for all who ask at a time", 0},
	`SELECT log, root, number, state, role FROM member WHERE`:       {"a person's own rooms: when a session first comes into a room, then it is known there", 2},
	`SELECT coalesce(max(id), '') FROM log l WHERE kind = 'system'`: {"which log is the deployment's record: by the clock, whoever asks", sometimes},
	`SELECT id FROM log WHERE kind = 'access' AND room = $1`:        {"which log is a room's access log: kept while the room is in memory", 2},
}

const sometimes = -1

// keys are the columns that say which log a row is of, where that is not "log".
var keys = map[string]string{"log": "id", "contact": "room"}

// Posting, reading, opening, searching, coming in and coming back send no
// statement that two machines would have to answer, were the logs spread over
// machines (deploy/scaling.md). Each is planned once more by Postgres, as the
// superuser so that no policy helps: wherever a plan reads a table of the logs
// it is held to one log by what the statement itself says; and what is written
// names one log.
func TestNoStatementOfTheHotPathReachesBeyondOneLog(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	work := &everything{}
	s.onPool(work)
	s.server.Search = search.New(s.server.Journal)
	board := presence.New(presence.Options{Log: s.server.Log})
	defer board.Close()
	s.server.Hub = hub.New(hub.Options{Journal: s.server.Journal, Presence: board, Seal: s.notary.Seal, Log: s.server.Log})
	defer s.server.Hub.Close()
	lead, ciso := s.as("lead"), s.as("ciso")
	room, other := lead.openRoom("incident", "names"), lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	ciso.join(lead, other, "ciso", "representative", "full")
	work.take()

	ciso.stepUp("ciso")
	for _, r := range []string{room, other} {
		live := ciso.stream()
		live.send(object{"type": "subscribe", "room": r, "after": nil})
		live.until("caught_up")
		first := lead.say(r, "the pumps are down")
		red := lead.say(r, "for her alone", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}})
		live.until("events")
		back := ciso.stream()
		back.send(object{"type": "subscribe", "room": r, "after": first - 1})
		back.until("caught_up")
		ciso.must(200, "GET", "/rooms/"+r, nil)
		ciso.must(200, "GET", "/rooms/"+r+"/entries", nil)
		ciso.must(200, "GET", fmt.Sprintf("/rooms/%s/entries?around=%d&limit=5", r, first), nil)
		for range 3 {
			ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/open", r, red), object{})
		}
		ciso.must(200, "POST", "/rooms/"+r+"/search", object{"text": "pumps"})
	}
	list, times := work.take()

	conn, err := pgx.Connect(t.Context(), s.DB.Cluster.SuperuserURL(s.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	spread, logs := spreadTables(t, conn), logIDs(t, conn)
	crossed, judged := map[string]bool{}, 0
	for _, a := range list {
		if !planned.MatchString(a.sql) || strings.Contains(a.sql, "set_config(") {
			continue
		}
		excused := false
		for text, by := range across {
			if !writes.MatchString(a.sql) && strings.Contains(strings.Join(strings.Fields(a.sql), " "), text) {
				excused, crossed[text] = true, true
				if times[a.sql] > by.most && by.most > 0 {
					t.Errorf("sent %d times, and it asks all logs (%s):\n%s", times[a.sql], by.why, a.sql)
				}
			}
		}
		if excused {
			continue
		}
		named := mentioned(a.args, logs)
		if writes.MatchString(a.sql) && len(named) > 1 {
			t.Errorf("one statement writes for %d logs:\n%s", len(named), a.sql)
		}
		for _, scan := range scans(t, conn, a) {
			key := keys[scan.table]
			if key == "" {
				key = "log"
			}
			if !slices.Contains(spread, scan.table) {
				continue
			}
			judged++
			if held := regexp.MustCompile(`\b` + key + ` = ('|\$)`); !held.MatchString(scan.held) {
				t.Errorf("%s is read without being held to one log (%q):\n%s", scan.table, scan.held, a.sql)
			}
		}
	}
	if judged < 20 {
		t.Errorf("the test is blind: %d reads of the logs' tables were judged", judged)
	}
	for text, by := range across {
		if !crossed[text] && by.most != sometimes {
			t.Errorf("%s stands among what asks many logs, and is not sent", text)
		}
	}
	t.Logf("%d reads of the logs' tables are each held to one log; %d statements name several on purpose", judged, len(crossed))
}

// spreadTables are those with a log's key in front of their primary key.
func spreadTables(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
		WHERE n.nspname = 'public' AND i.indisprimary AND (a.attname = 'log' OR c.relname = 'log' OR c.relname = 'contact')`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || !slices.Contains(list, "leaf") {
		t.Fatalf("%v %v", list, err)
	}
	return append(list, "delivery", "follower", "reapplied")
}

func logIDs(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT id FROM log`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) < 5 {
		t.Fatalf("%v %v", list, err)
	}
	return list
}

// mentioned are the logs among a statement's arguments.
func mentioned(args []any, logs []string) (found []string) {
	text := fmt.Sprint(args...)
	for _, id := range logs {
		if strings.Contains(text, id) {
			found = append(found, id)
		}
	}
	return found
}

// scan is one reading of a table in a plan, and all that holds it.
type scan struct{ table, held string }

// scans has Postgres plan the statement with its arguments.
func scans(t *testing.T, conn *pgx.Conn, a asked) (list []scan) {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	var raw []byte
	if err := tx.QueryRow(t.Context(), "EXPLAIN (VERBOSE, FORMAT JSON) "+a.sql, a.args...).Scan(&raw); err != nil {
		t.Fatalf("it cannot be planned: %v\n%s", err, a.sql)
	}
	var plans []struct {
		Plan map[string]any `json:"Plan"`
	}
	if err := json.Unmarshal(raw, &plans); err != nil {
		t.Fatal(err)
	}
	var walk func(node map[string]any)
	walk = func(node map[string]any) {
		kind := node["Node Type"].(string)
		if table, ok := node["Relation Name"].(string); ok && kind != "ModifyTable" {
			list = append(list, scan{table, fmt.Sprint(node["Index Cond"], " ", node["Recheck Cond"], " ", node["Filter"])})
		}
		for _, child := range asList(node["Plans"]) {
			walk(child.(map[string]any))
		}
	}
	walk(plans[0].Plan)
	return list
}

func asList(v any) []any { l, _ := v.([]any); return l }
