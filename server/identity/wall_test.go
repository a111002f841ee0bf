package identity

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

var tables = []string{"session", "stream_ticket", "service_token", "setup_link"}

func furnished(t *testing.T) *house {
	h := newInsiders(t)
	_, s := h.insider("health", "canarysubject")
	_, err := h.id.Ticket(t.Context(), s)
	check(t, err)
	_, err = h.id.IssueToken(t.Context(), incident.RandomID(), time.Now().Add(time.Hour))
	check(t, err)
	_, err = h.id.NewSetupLink(t.Context())
	check(t, err)
	return h
}

func TestOutsideItsScopeEveryTableIsEmpty(t *testing.T) {
	h := furnished(t)
	count := func(scope *string, table string) (n int) {
		t.Helper()
		check(t, pgx.BeginFunc(t.Context(), h.options.Pool, func(tx pgx.Tx) error {
			if scope != nil {
				if _, err := tx.Exec(t.Context(), `SELECT set_config('app.scope', $1, true)`, *scope); err != nil {
					return err
				}
			}
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n)
		}))
		return n
	}
	ours := "identity"
	for _, table := range tables {
		if n := count(&ours, table); n != 1 {
			t.Fatalf("%s has %d rows", table, n)
		}
		// nil comes last, on a connection where the setting was made before.
		empty, reader, directory, near := "", "reader", "directory", "identity "
		for _, scope := range []*string{&empty, &reader, &directory, &near, nil} {
			if n := count(scope, table); n != 0 {
				t.Errorf("%s shows %d rows to another scope", table, n)
			}
		}
	}
}

func TestEveryTableIsForcedAndCommented(t *testing.T) {
	h := newInsiders(t)
	for _, table := range tables {
		if !ask[bool](t, h.database, `SELECT relrowsecurity AND relforcerowsecurity AND obj_description(oid) IS NOT NULL FROM pg_class WHERE relname = $1`, table) {
			t.Errorf("%s is not", table)
		}
	}
}

func TestTheApplicationCannotChangeWhatASessionIs(t *testing.T) {
	h := furnished(t)
	for _, statement := range []string{
		`UPDATE session SET subject = subject`, `UPDATE session SET issuer = 'x'`, `UPDATE session SET started = now()`,
		`UPDATE session SET expires = now() + interval '1 year'`, `UPDATE session SET id = id`, `TRUNCATE session`,
		`UPDATE service_token SET hash = hash`, `UPDATE service_token SET expires = now()`, `UPDATE stream_ticket SET session = session`,
		`UPDATE setup_link SET expires = now()`, `ALTER TABLE session DISABLE ROW LEVEL SECURITY`, `DROP POLICY identity ON session`,
	} {
		err := h.id.tx(t.Context(), func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), statement); return err })
		if err == nil || !strings.Contains(err.Error(), "42501") { // insufficient_privilege
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestNoColumnHoldsAnythingPersonalOrSecret(t *testing.T) {
	h := furnished(t)
	b, s := h.insider("health", "canarysubject")
	ticket, err := h.id.Ticket(t.Context(), s)
	check(t, err)
	for _, table := range tables {
		all := strings.ToLower(ask[string](t, h.database, `SELECT coalesce(string_agg(x::text || ' ' || encode(convert_to(x::text, 'UTF8'), 'escape'), ' '), '') FROM `+table+` x`))
		if all == "" {
			t.Fatalf("%s is empty", table)
		}
		for _, secret := range []string{"canary", "dsc.example", "name of", "63616e617279", b.cookies[SessionCookie].Value, ticket} {
			if strings.Contains(all, strings.ToLower(secret)) {
				t.Errorf("%s holds %q", table, secret)
			}
		}
	}
}

func TestASealedRowDoesNotOpenAsAnother(t *testing.T) {
	h := newInsiders(t)
	one, s1 := h.insider("health", "s1")
	_, s2 := h.insider("health", "s2")
	super(t, h.database, `UPDATE session SET sealed = (SELECT sealed FROM session WHERE id = '`+s2.ID+`') WHERE id = '`+s1.ID+`'`)
	_, _, err := one.actor()
	wantFault(t, "swapped", err, incident.Internal)
}

func TestTheDatabaseKnowsWhichSessionsAreLive(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.options.Now = nil // the database's own clock, as in production
	h.renew()
	h.plainIssuer("health")
	_, live := h.insider("health", "s1")
	_, ended := h.insider("health", "s2")
	_, idle := h.insider("health", "s3")
	_, old := h.insider("health", "s4")
	check(t, h.id.EndAny(t.Context(), ended.ID))
	super(t, h.database, `UPDATE session SET last_seen = now() - interval '31 minutes' WHERE id = '`+idle.ID+`'`)
	super(t, h.database, `UPDATE session SET started = now() - interval '14 hours', expires = now() - interval '1 hour' WHERE id = '`+old.ID+`'`)
	check(t, pgx.BeginFunc(t.Context(), h.options.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT set_config('app.scope', 'writer', true)`); err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), `SELECT session_live($1)`, []string{live.ID, ended.ID, idle.ID, old.ID, "none"})
		if err != nil {
			return err
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(got) != 1 || got[0] != live.ID {
			t.Errorf("live: %v, %v", got, err)
		}
		var scope string
		var seen int
		if err := tx.QueryRow(t.Context(), `SELECT current_setting('app.scope'), (SELECT count(*) FROM session)`).Scan(&scope, &seen); err != nil {
			return err
		}
		if scope != "writer" || seen != 0 {
			t.Errorf("afterwards the scope is %q and shows %d sessions", scope, seen)
		}
		return nil
	}))
}
