package assembly_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// rights is what the server's two roles may do, by SQL, with each table there
// is: first what they may run at all, then the scopes in which row-level
// security shows them rows. Columns are named where not every column may be.
var rights = map[string]struct{ writer, reader right }{
	"attachment":       {right{"select insert", "writer"}, right{"select", "reader"}},
	"blob":             {right{"select insert update(found scan until) delete", "house writer writer_adds writer_drops writer_moves"}, right{"select(log id size scan)", "reader"}},
	"blob_chunk":       {right{"select insert", "writer"}, right{"select", "reader"}},
	"checkpoint":       {right{"select insert", "writer"}, right{"select", "reader"}},
	"cosignature":      {right{"select insert", "writer"}, right{"select", "reader"}},
	"duty":             {right{"select insert update(holder until)", "house"}, right{}},
	"notary":           {right{"select insert update(size key signed cosigned pending frontier differs)", "house writer"}, right{}},
	"tile":             {right{"select insert update(hashes)", "writer writer_grows writer_inserts"}, right{"select", "reader"}},
	"cell":             {right{"select insert", "house writer"}, right{}},
	"cite":             {right{"select insert", "writer"}, right{}},
	"code_attempt":     {right{"select insert update delete", "directory"}, right{}},
	"command_key":      {right{"select insert", "writer"}, right{}},
	"contact":          {right{"select insert update delete", "directory"}, right{}},
	"delivery":         {right{"insert", "writer"}, right{"select", "reader"}},
	"erased":           {right{"select insert", "house writer"}, right{"select", "reader"}},
	"erasure":          {right{"select insert update(state)", "writer"}, right{}},
	"erasure_approval": {right{"select insert", "writer"}, right{}},
	"erasure_entry":    {right{"select insert", "writer"}, right{}},
	"hold":             {right{"select insert update(lifted)", "writer"}, right{}},
	"reapplied":        {right{"select insert", "ledger"}, right{}},
	"fold":             {right{"select insert delete", "writer"}, right{}},
	"follower":         {right{"select insert update(size)", "house writer"}, right{}},
	"fits":             {right{"select", "versions"}, right{"", "versions"}},
	"goose_db_version": {right{"select", "versions"}, right{"", "versions"}},
	"gateway":          {right{"select update(why failures since again skew next)", "courier"}, right{}},
	"notice":           {right{"select insert update(state why due taken hand way began attempts notify heard polled settled acknowledged again) delete", "courier"}, right{}},
	"number_sent":      {right{"select insert delete", "courier"}, right{}},
	"quiet":            {right{"select insert update delete", "directory"}, right{}},
	"reach":            {right{"select insert update delete", "directory"}, right{}},
	"typed":            {right{"select insert delete", "courier"}, right{}},
	"invitation":       {right{"select insert update(token code otp otp_wrong state holder how expires new_wanted texted opened noted)", "directory"}, right{}},
	"leaf":             {right{"select insert", "writer"}, right{"select", "reader"}},
	"log":              {right{"select insert update(size frontier last guard guard_at guard_size guard_root)", "house writer"}, right{"select(id kind room)", "access reader"}},
	"member":           {right{"select insert update(number person org role state host start)", "writer"}, right{"select", "access person reader"}},
	"mention":          {right{"select insert delete", "writer"}, right{"select", "reader"}},
	"opened":           {right{"select insert", "writer"}, right{"select", "reader"}},
	"exported":         {right{"select insert", "writer"}, right{"select", "reader"}},
	"opening":          {right{"select insert", "writer"}, right{"select", "access reader"}},
	"record":           {right{"select insert update(state member org due under tlp audience members orgs recorded expires)", "writer"}, right{"select", "reader"}},
	"record_entry":     {right{"select insert update(audience members orgs)", "writer"}, right{"select", "reader"}},
	"room_mark":        {right{"select insert update(read_to muted)", "directory"}, right{}},
	"alert_entry":      {right{"select insert", "house writer"}, right{}},
	"broadcast_list":   {right{"select insert update(asked) delete", "directory"}, right{}},
	"broadcast_to":     {right{"select insert update(kept) delete", "directory"}, right{}},
	"broadcast_told":   {right{"select insert", "directory"}, right{}},
	"org_channel":      {right{"select insert update(out_of_hours verified how by_person code code_until code_wrong) delete", "directory"}, right{}},
	"org_contact":      {right{"select insert update(role place alert_only sealed applied) delete", "directory"}, right{}},
	"org_contact_left": {right{"select insert", "directory"}, right{}},
	"root":             {right{"select insert update(tlp org audience members orgs recorded recalled)", "writer"}, right{"select", "reader"}},
	"report":           {right{"select insert update(open)", "house writer"}, right{}},
	"report_caller":    {right{"select insert update(until) delete", "directory"}, right{}},
	"report_entry":     {right{"select insert", "house writer"}, right{}},
	"rota":             {right{"select insert update", "directory"}, right{}},
	"service_token":    {right{"select insert update(used) delete", "identity"}, right{}},
	"session":          {right{"select insert update(token sealed acr auth_time step_up device last_seen ended why) delete", "identity"}, right{}},
	"passkey":          {right{"select insert update(sealed copied used) delete", "identity"}, right{}},
	"passkey_answer":   {right{"select insert delete", "identity"}, right{}},
	"code_request":     {right{"select insert update(second wrong wrong2 passed used) delete", "identity"}, right{}},
	"setup_link":       {right{"select insert update(session used) delete", "identity"}, right{}},
	"timer":            {right{"select insert update(due taken) delete", "house writer"}, right{}},
	"stream_ticket":    {right{"select insert delete", "identity"}, right{}},
}

// functions are those of ours, and who may call them.
var functions = map[string]string{"session_live": "wardroom_writer", "erase_openings": "wardroom_writer", "erase_blobs": "wardroom_writer"}

type right struct{ may, policies string }

// Every table and every role is asked, not the grants: a right that came by
// way of PUBLIC, of a membership or of a default is one too.
func TestEachRoleMayDoWithEachTableWhatIsWrittenHereAndNoMore(t *testing.T) {
	db := migrated(t)
	super, err := pgx.Connect(t.Context(), cluster.SuperuserURL(db))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	tables, err := column(t.Context(), super, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	for role, url := range map[string]string{"wardroom_writer": cluster.WriterURL(db), "wardroom_reader": cluster.ReaderURL(db)} {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		for _, table := range tables {
			row, listed := rights[table]
			if !listed {
				t.Errorf("%s is not listed: say what each role may do with it", table)
				continue
			}
			want := row.writer
			if role == "wardroom_reader" {
				want = row.reader
			}
			columns, err := column(t.Context(), super, `SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, table)
			if err != nil {
				t.Fatal(err)
			}
			if got := attempts(t, conn, table, columns); got != want.may {
				t.Errorf("with %s, %s may %q; written is %q", table, role, got, want.may)
			}
			policies, err := column(t.Context(), super, `SELECT polname FROM pg_policy p WHERE polrelid = $1::text::regclass
				AND EXISTS (SELECT FROM unnest(polroles) o WHERE o = 0 OR pg_has_role($2, o, 'MEMBER')) ORDER BY polname`, table, role)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(policies, " "); got != want.policies {
				t.Errorf("rows of %s are shown to %s by the policies %q; written is %q", table, role, got, want.policies)
			}
		}
		names, err := column(t.Context(), conn, `SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		for name, who := range functions {
			if slices.Contains(names, name) != (who == role) {
				t.Errorf("%s may call %v; %s is %s's", role, names, name, who)
			}
		}
		for _, name := range names {
			if functions[name] != role {
				t.Errorf("%s may call %s, which is not written here", role, name)
			}
		}
		for _, statement := range []string{`CREATE TABLE mine (a int)`, `CREATE SCHEMA mine`, `SET ROLE wardroom_owner`, `SET ROLE wardroom_writer`, `SET ROLE wardroom_reader`, `SET ROLE postgres`} {
			if strings.HasSuffix(statement, role) {
				continue
			}
			if _, err := conn.Exec(t.Context(), statement); !denied(err) {
				t.Errorf("%s: %s: %v", role, statement, err)
			}
		}
	}
	for table := range rights {
		if !slices.Contains(tables, table) {
			t.Errorf("%s is listed and there is no such table", table)
		}
	}
}

// attempts says which statements the role may run: planned and begun, so that
// its rights are looked at, and not carried out.
func attempts(t *testing.T, conn *pgx.Conn, table string, columns []string) string {
	t.Helper()
	try := func(sql string) bool {
		_, err := conn.Exec(t.Context(), "EXPLAIN "+sql)
		if err != nil && !denied(err) {
			t.Fatalf("%s: %v", sql, err)
		}
		return err == nil
	}
	var may []string
	each := func(verb, sql string) {
		var some []string
		for _, c := range columns {
			if try(fmt.Sprintf(sql, table, c)) {
				some = append(some, c)
			}
		}
		switch len(some) {
		case 0:
		case len(columns):
			may = append(may, verb)
		default:
			may = append(may, verb+"("+strings.Join(some, " ")+")")
		}
	}
	each("select", "SELECT %[2]s FROM %[1]s")
	each("insert", "INSERT INTO %s (%s) SELECT NULL WHERE false")
	each("update", "UPDATE %s SET %s = NULL")
	if try("DELETE FROM " + table) {
		may = append(may, "delete")
	}
	if _, err := conn.Exec(t.Context(), "TRUNCATE "+table); !denied(err) {
		t.Errorf("TRUNCATE %s: %v", table, err)
	}
	return strings.Join(may, " ")
}

// denied reports whether it was for want of a right.
func denied(err error) bool {
	pg, ok := err.(*pgconn.PgError)
	return ok && pg.Code == "42501" // insufficient_privilege
}
