package assembly_test

import (
	"strings"
	"testing"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
)

func problems(t *testing.T, writer, reader string, development bool) []config.Problem {
	t.Helper()
	db, err := assembly.Connect(t.Context(), config.Config{DatabaseURL: writer, ReaderURL: reader})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return assembly.CheckDatabase(t.Context(), db, development)
}

// found are the problems of a database reached as the server reaches it.
func found(t *testing.T, db string, development bool) []config.Problem {
	t.Helper()
	return problems(t, cluster.WriterURL(db), cluster.ReaderURL(db), development)
}

func expect(t *testing.T, got []config.Problem, text string) {
	t.Helper()
	switch {
	case text == "" && len(got) == 0:
	case text != "" && len(got) == 1 && strings.Contains(string(got[0]), text):
	default:
		t.Errorf("want %q, got %q", text, got)
	}
}

func TestAMigratedDatabaseIsFit(t *testing.T) {
	db := migrated(t)
	expect(t, found(t, db, false), "")
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	db := migrated(t)
	if _, err := assembly.Migrate(t.Context(), cluster.OwnerURL(db)); err != nil {
		t.Fatal(err)
	}
	expect(t, found(t, db, false), "")
}

func TestADatabaseWithoutTablesIsRefused(t *testing.T) {
	expect(t, found(t, newDatabase(t), true), "Run `wardroom migrate`")
}

func TestADatabaseOfAnotherVersionIsRefused(t *testing.T) {
	db := migrated(t)
	as(t, cluster.OwnerURL(db), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	expect(t, found(t, db, true), "") // one step ahead, and it fits
	as(t, cluster.OwnerURL(db), `UPDATE fits SET oldest = 9999`)
	expect(t, found(t, db, true), "on which programs from version 9999 on may run")
	as(t, cluster.OwnerURL(db), `DELETE FROM goose_db_version WHERE version_id > 1`)
	expect(t, found(t, db, true), "at version 1 and this program needs")
}

func TestADatabaseThatMayLoseEntriesIsRefusedInProduction(t *testing.T) {
	db := migrated(t)
	for _, setting := range []string{"fsync", "full_page_writes"} {
		as(t, cluster.SuperuserURL(db), `ALTER SYSTEM SET `+setting+` = off`)
		as(t, cluster.SuperuserURL(db), `SELECT pg_reload_conf()`)
		waitForSetting(t, db, setting, "off")
		expect(t, found(t, db, false), "runs with "+setting+" off")
		expect(t, found(t, db, true), "")
		as(t, cluster.SuperuserURL(db), `ALTER SYSTEM RESET `+setting)
		as(t, cluster.SuperuserURL(db), `SELECT pg_reload_conf()`)
		waitForSetting(t, db, setting, "on")
	}
}

// A setting of the role alone counts too: it is what our connections have.
func TestARoleThatDoesNotWaitForTheDiskIsRefusedInProduction(t *testing.T) {
	db := migrated(t)
	as(t, cluster.SuperuserURL(db), `ALTER ROLE wardroom_writer IN DATABASE `+db+` SET synchronous_commit = off`)
	expect(t, found(t, db, false), "runs with synchronous_commit off")
	expect(t, found(t, db, true), "")
}

func TestARoleThatNoWallHoldsIsRefused(t *testing.T) {
	db := migrated(t)
	for role, with := range map[string]func(string) []config.Problem{
		"wardroom_writer": func(url string) []config.Problem { return problems(t, url, cluster.ReaderURL(db), true) },
		"wardroom_reader": func(url string) []config.Problem { return problems(t, cluster.WriterURL(db), url, true) },
	} {
		expect(t, with(cluster.SuperuserURL(db)), "a superuser")
		expect(t, with(cluster.OwnerURL(db)), "owns tables or the database")

		alter := func(may string) { as(t, cluster.SuperuserURL(db), `ALTER ROLE `+role+` `+may) }
		alter("BYPASSRLS")
		expect(t, found(t, db, true), role+", which bypasses row-level security")
		alter("NOBYPASSRLS CREATEROLE")
		expect(t, found(t, db, true), role+", which may make roles")
		alter("NOCREATEROLE")

		as(t, cluster.SuperuserURL(db), `GRANT wardroom_owner TO `+role)
		expect(t, found(t, db, true), "may become who does")
		as(t, cluster.SuperuserURL(db), `REVOKE wardroom_owner FROM `+role)
		expect(t, found(t, db, true), "")
	}
}

func TestOneRoleForBothWaysIsRefused(t *testing.T) {
	db := migrated(t)
	expect(t, problems(t, cluster.WriterURL(db), cluster.WriterURL(db), true), "both connect as wardroom_writer: what reads for people could write")
	expect(t, problems(t, cluster.ReaderURL(db), cluster.ReaderURL(db), true), "both connect as wardroom_reader")
	said := problems(t, cluster.ReaderURL(db), cluster.WriterURL(db), true)
	if len(said) != 2 || !strings.Contains(string(said[0]), "which is not wardroom_writer") || !strings.Contains(string(said[1]), "wardroom_writer, which may write, though it is to read for people") {
		t.Errorf("the two exchanged: %q", said)
	}
}

func TestTwoWaysToTwoDatabasesAreRefused(t *testing.T) {
	db := migrated(t)
	expect(t, problems(t, cluster.WriterURL(db), cluster.ReaderURL("postgres"), true), "lead to two databases")
}

func TestAReaderThatMayWriteIsRefused(t *testing.T) {
	db := migrated(t)
	super := func(sql string) { t.Helper(); as(t, cluster.SuperuserURL(db), sql) }
	for grant, revoke := range map[string]string{
		`GRANT INSERT ON leaf TO wardroom_reader`:                                        `REVOKE INSERT ON leaf FROM wardroom_reader`,
		`GRANT UPDATE (read_to) ON room_mark TO wardroom_reader`:                         `REVOKE UPDATE (read_to) ON room_mark FROM wardroom_reader`,
		`GRANT DELETE ON fold TO PUBLIC`:                                                 `REVOKE DELETE ON fold FROM PUBLIC`,
		`GRANT TRUNCATE ON mention TO wardroom_reader`:                                   `REVOKE TRUNCATE ON mention FROM wardroom_reader`,
		`GRANT wardroom_writer TO wardroom_reader`:                                       `REVOKE wardroom_writer FROM wardroom_reader`,
		`GRANT pg_write_all_data TO wardroom_reader`:                                     `REVOKE pg_write_all_data FROM wardroom_reader`,
		`ALTER ROLE wardroom_reader NOINHERIT; GRANT wardroom_writer TO wardroom_reader`: `REVOKE wardroom_writer FROM wardroom_reader; ALTER ROLE wardroom_reader INHERIT`,
	} {
		super(grant)
		expect(t, found(t, db, true), "WARDROOM_READER_URL connects as wardroom_reader, which may write, though it is to read for people (")
		super(revoke)
	}
	expect(t, found(t, db, true), "")
}

func TestAWriterThatMayChangeTheRecordIsRefused(t *testing.T) {
	db := migrated(t)
	for _, privilege := range []string{"UPDATE", "UPDATE (sealed)", "DELETE", "TRUNCATE"} {
		as(t, cluster.SuperuserURL(db), `GRANT `+privilege+` ON opening TO wardroom_writer`)
		expect(t, found(t, db, true), "WARDROOM_DATABASE_URL connects as wardroom_writer, which may change or delete what was recorded (opening)")
		as(t, cluster.SuperuserURL(db), `REVOKE `+privilege+` ON opening FROM wardroom_writer`)
	}
	as(t, cluster.SuperuserURL(db), `GRANT DELETE ON leaf TO wardroom_writer`)
	expect(t, found(t, db, true), "(leaf)")
}

// A role of the operator's own may stand for ours, if it is a member of ours.
func TestARoleThatIsOursByMembershipIsFit(t *testing.T) {
	db := migrated(t)
	as(t, cluster.SuperuserURL("postgres"), `CREATE ROLE somebody LOGIN PASSWORD 'of-somebody'; GRANT wardroom_reader TO somebody`)
	url := strings.Replace(cluster.ReaderURL(db), "wardroom_reader:", "somebody:of-somebody@", 1)
	at := strings.Index(url, "of-somebody@") + len("of-somebody")
	url = url[:at] + url[strings.LastIndex(url, "@"):]
	expect(t, problems(t, cluster.WriterURL(db), url, true), "")
	as(t, cluster.SuperuserURL("postgres"), `REVOKE wardroom_reader FROM somebody`)
	as(t, cluster.SuperuserURL("postgres"), `GRANT CONNECT ON DATABASE `+db+` TO somebody`)
	expect(t, problems(t, cluster.WriterURL(db), url, true), "which is not wardroom_reader and so finds nothing")
}

func TestMigratingWantsBothRoles(t *testing.T) {
	db := newDatabase(t)
	for _, role := range []string{"wardroom_writer", "wardroom_reader"} {
		as(t, cluster.SuperuserURL("postgres"), `ALTER ROLE `+role+` RENAME TO put_aside`)
		_, err := assembly.Migrate(t.Context(), cluster.OwnerURL(db))
		as(t, cluster.SuperuserURL("postgres"), `ALTER ROLE put_aside RENAME TO `+role)
		if err == nil || !strings.Contains(err.Error(), "CREATE ROLE "+role+" LOGIN") {
			t.Errorf("without %s: %v", role, err)
		}
	}
}

func TestATableWithoutRowSecurityIsRefused(t *testing.T) {
	db := migrated(t)
	for breach, mend := range map[string]string{
		`ALTER TABLE opening DISABLE ROW LEVEL SECURITY`:  `ALTER TABLE opening ENABLE ROW LEVEL SECURITY`,
		`ALTER TABLE opening NO FORCE ROW LEVEL SECURITY`: `ALTER TABLE opening FORCE ROW LEVEL SECURITY`,
	} {
		as(t, cluster.OwnerURL(db), breach)
		expect(t, found(t, db, true), "not enabled and forced on: opening")
		as(t, cluster.OwnerURL(db), mend)
	}
	as(t, cluster.OwnerURL(db), `CREATE SCHEMA aside; CREATE TABLE aside.notes (text text)`)
	expect(t, found(t, db, true), "not enabled and forced on: notes")
}

func TestADatabaseThatDoesNotAnswerIsSaidSo(t *testing.T) {
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	nobody := "postgres://wardroom_writer:x@127.0.0.1:" + port + "/w"
	expect(t, problems(t, nobody, cluster.ReaderURL("postgres"), true), "does not answer at the address in WARDROOM_DATABASE_URL")
	expect(t, problems(t, cluster.WriterURL("postgres"), nobody, true), "does not answer at the address in WARDROOM_READER_URL")
	expect(t, problems(t, strings.Replace(cluster.WriterURL("postgres"), "wardroom_writer:", "wardroom_writer:wrong", 1), cluster.ReaderURL("postgres"), true), "password authentication failed")
}
