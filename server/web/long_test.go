package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A page, a snapshot, coming back and a post have Postgres read as many rows in
// a room with ten times as many entries: counted by Postgres itself, in all its
// tables and indexes. Each is asked for once before, so that what is read once
// for a room that comes into memory is not counted.
func TestALongRoomHasPostgresReadNoMoreThanAShortOne(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	const short, long = 150, 1500
	rooms := map[int]string{}
	for _, n := range []int{short, long} {
		rooms[n] = lead.openRoom("incident", "names")
		for i := range n {
			lead.say(rooms[n], fmt.Sprint("the pumps are down, report ", i))
		}
	}
	const times = 10
	for name, ask := range map[string]func(room string, n int){
		"the newest page": func(room string, _ int) { lead.must(200, "GET", "/rooms/"+room+"/entries?limit=50", nil) },
		"a page in the middle": func(room string, n int) {
			lead.must(200, "GET", fmt.Sprintf("/rooms/%s/entries?around=%d&limit=50", room, n/2), nil)
		},
		"the oldest page": func(room string, _ int) { lead.must(200, "GET", "/rooms/"+room+"/entries?after=0&limit=50", nil) },
		"a post":          func(room string, _ int) { lead.say(room, "and another one") },
		"the snapshot":    func(room string, _ int) { lead.must(200, "GET", "/rooms/"+room, nil) },
		"coming back after twenty": func(room string, n int) {
			live := lead.stream()
			live.send(object{"type": "subscribe", "room": room, "after": n - 20})
			live.until("caught_up")
			live.ws.Close()
		},
	} {
		read := map[int]int64{}
		for n, room := range rooms {
			ask(room, n)
			before := s.rowsRead()
			for range times {
				ask(room, n)
			}
			read[n] = s.rowsRead() - before
		}
		if strings.Contains(name, "page") && read[long] < 50*times {
			t.Errorf("the test is blind: %s was read with %d rows", name, read[long]/times)
		}
		t.Logf("%s: %d rows in a room of %d, %d in one of %d", name, read[short]/times, short, read[long]/times, long)
		if read[long] > read[short]+read[short]/10+2*times {
			t.Errorf("%s has Postgres read %d rows in a room of %d entries, and %d in one of %d", name, read[long]/times, long, read[short]/times, short)
		}
	}
}

// rowsRead are the rows that Postgres has read so far in this database, in
// tables one after the other and by indexes. Two tables are asked by the clock,
// and have a row for each log and each sign-in, however long the logs are.
func (s *stack) rowsRead() (n int64) {
	s.t.Helper()
	ctx := s.t.Context()
	super, err := pgx.Connect(ctx, s.DB.Cluster.SuperuserURL(s.DB.Name)) // to others Postgres does not say since when a process runs
	if err != nil {
		s.t.Fatal(err)
	}
	defer super.Close(context.Background())
	var now time.Time
	if err := super.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		s.t.Fatal(err)
	}
	s.DB.Reader.Reset() // a process of Postgres says what it has read when it ends, or ten seconds later
	s.DB.Writer.Reset()
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var left int
		if err := super.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_start < $1`, now).Scan(&left); err != nil {
			s.t.Fatal(err)
		}
		if left == 0 {
			break
		}
		if time.Now().After(until) {
			s.t.Fatalf("%d connections to Postgres were not given back", left)
		}
	}
	if err := super.QueryRow(ctx, `SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname NOT IN ('log', 'session'))
		+ (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname NOT IN ('log', 'session'))`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}
