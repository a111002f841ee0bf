package assembly_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/devkit"
)

// spread are the tables that lie with their log, were the logs spread over
// machines (deploy/scaling.md), by the column that says which log.
var spread = map[string]string{"log": "id", "contact": "room"}

func init() {
	for _, t := range strings.Fields(`leaf opening fold command_key root member mention cite record record_entry opened exported erased erasure erasure_entry
		erasure_approval hold timer blob blob_chunk attachment checkpoint cosignature notary tile delivery follower reapplied broadcast_list broadcast_to
		broadcast_told alert_entry report_entry cell`) {
		spread[t] = "log"
	}
}

// together are the tables of one node: of people, of what is found by a code or
// by when it is due, of the directory, of the deployment.
var together = strings.Fields(`session stream_ticket passkey passkey_answer service_token setup_link code_request code_attempt typed room_mark quiet reach
	invitation notice number_sent gateway org_contact org_channel org_contact_left rota report report_caller duty fits goose_db_version`)

// known are what would have to be changed first; deploy/scaling.md says how.
var known = map[string]string{
	"log_one_system": "one system log that is written to, of all logs",
	"log_one_after":  "one log that goes on from another",
	"cell.parent":    "a side room's log names its room's",
}

// A table of the logs is keyed by its log, and refers to no other log.
func TestEveryTableOfTheLogsIsKeyedByItsLog(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), cluster.OwnerURL(migrated(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	tables, err := column(t.Context(), conn, `SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND relkind IN ('r', 'p')`)
	if err != nil {
		t.Fatal(err)
	}
	page := scalingPage(t)
	for _, table := range tables {
		switch _, spreads := spread[table]; {
		case spreads == slices.Contains(together, table):
			t.Errorf("%s: say whether it lies with its log (spread) or on one node (together), and in deploy/scaling.md", table)
		case !strings.Contains(page, "`"+table+"`"):
			t.Errorf("deploy/scaling.md does not say where %s lies", table)
		}
	}
	for table := range spread {
		if !slices.Contains(tables, table) {
			t.Errorf("there is no table %s", table)
		}
	}

	used := map[string]bool{}
	uniques, err := column(t.Context(), conn, `
		SELECT c.relname || ' ' || x.relname || ' ' || coalesce((SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey::int[]) WITH ORDINALITY k(att, n)
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.att), '')
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND i.indisunique`)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range uniques {
		f := strings.SplitN(u, " ", 3)
		key, spreads := spread[f[0]]
		if known[f[1]] != "" {
			used[f[1]] = true
		} else if spreads && !slices.Contains(strings.Split(f[2], ","), key) {
			t.Errorf("%s is unique over all logs (%s): a database that is spread could not keep it so", f[1], f[2])
		}
	}

	references, err := column(t.Context(), conn, `
		SELECT c.relname || ' ' || r.relname || ' ' || (SELECT string_agg(a.attname || '=' || b.attname, ',') FROM generate_subscripts(k.conkey, 1) n
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[n] JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.confkey[n])
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid WHERE k.contype = 'f'`)
	if err != nil || len(references) < 20 {
		t.Fatalf("%d references: %v", len(references), err)
	}
	for _, r := range references {
		f := strings.SplitN(r, " ", 3)
		from, spreads := spread[f[0]]
		to, there := spread[f[1]]
		column, _, _ := strings.Cut(f[2], "=")
		switch {
		case known[f[0]+"."+column] != "":
			used[f[0]+"."+column] = true
		case spreads && (!there || !slices.Contains(strings.Split(f[2], ","), from+"="+to)):
			t.Errorf("%s refers to %s by %s, which may lie with another log", f[0], f[1], f[2])
		}
	}
	for name := range known {
		if !used[name] {
			t.Errorf("%s stands among what would have to be changed, and is not there", name)
		}
		if !strings.Contains(page, "`"+name) {
			t.Errorf("deploy/scaling.md does not say what is to be done about %s", name)
		}
	}
}

func scalingPage(t *testing.T) string {
	t.Helper()
	root, err := devkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(root, "deploy", "scaling.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
