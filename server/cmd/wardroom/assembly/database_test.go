package assembly_test

import (
	"strings"
	"testing"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
)

func problems(t *testing.T, url string, development bool) []config.Problem {
	t.Helper()
	pool, err := assembly.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	return assembly.CheckDatabase(t.Context(), pool, development)
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
	expect(t, problems(t, cluster.AppURL(db), false), "")
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	db := migrated(t)
	if _, err := assembly.Migrate(t.Context(), cluster.OwnerURL(db)); err != nil {
		t.Fatal(err)
	}
	expect(t, problems(t, cluster.AppURL(db), false), "")
}

func TestADatabaseWithoutTablesIsRefused(t *testing.T) {
	expect(t, problems(t, cluster.AppURL(newDatabase(t)), true), "Run `wardroom migrate`")
}

func TestADatabaseOfAnotherVersionIsRefused(t *testing.T) {
	db := migrated(t)
	as(t, cluster.OwnerURL(db), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	expect(t, problems(t, cluster.AppURL(db), true), "made by a newer program")
	as(t, cluster.OwnerURL(db), `DELETE FROM goose_db_version WHERE version_id > 1`)
	expect(t, problems(t, cluster.AppURL(db), true), "at version 1 and this program needs")
}

func TestADatabaseThatMayLoseEntriesIsRefusedInProduction(t *testing.T) {
	db := migrated(t)
	for _, setting := range []string{"fsync", "full_page_writes"} {
		as(t, cluster.SuperuserURL(db), `ALTER SYSTEM SET `+setting+` = off`)
		as(t, cluster.SuperuserURL(db), `SELECT pg_reload_conf()`)
		waitForSetting(t, db, setting, "off")
		expect(t, problems(t, cluster.AppURL(db), false), "runs with "+setting+" off")
		expect(t, problems(t, cluster.AppURL(db), true), "")
		as(t, cluster.SuperuserURL(db), `ALTER SYSTEM RESET `+setting)
		as(t, cluster.SuperuserURL(db), `SELECT pg_reload_conf()`)
		waitForSetting(t, db, setting, "on")
	}
}

// A setting of the role alone counts too: it is what our connections have.
func TestARoleThatDoesNotWaitForTheDiskIsRefusedInProduction(t *testing.T) {
	db := migrated(t)
	as(t, cluster.SuperuserURL(db), `ALTER ROLE wardroom_app IN DATABASE `+db+` SET synchronous_commit = off`)
	expect(t, problems(t, cluster.AppURL(db), false), "runs with synchronous_commit off")
	expect(t, problems(t, cluster.AppURL(db), true), "")
}

func TestARoleThatNoWallHoldsIsRefused(t *testing.T) {
	db := migrated(t)
	expect(t, problems(t, cluster.SuperuserURL(db), true), "a superuser")
	expect(t, problems(t, cluster.OwnerURL(db), true), "owns tables or the database")

	alter := func(may string) { as(t, cluster.SuperuserURL(db), `ALTER ROLE wardroom_app `+may) }
	alter("BYPASSRLS")
	expect(t, problems(t, cluster.AppURL(db), true), "bypasses row-level security")
	alter("NOBYPASSRLS CREATEROLE")
	expect(t, problems(t, cluster.AppURL(db), true), "may make roles")
	alter("NOCREATEROLE")

	as(t, cluster.SuperuserURL(db), `GRANT wardroom_owner TO wardroom_app`)
	expect(t, problems(t, cluster.AppURL(db), true), "may become who does")
	as(t, cluster.SuperuserURL(db), `REVOKE wardroom_owner FROM wardroom_app`)
	expect(t, problems(t, cluster.AppURL(db), true), "")
}

func TestATableWithoutRowSecurityIsRefused(t *testing.T) {
	db := migrated(t)
	for breach, mend := range map[string]string{
		`ALTER TABLE opening DISABLE ROW LEVEL SECURITY`:  `ALTER TABLE opening ENABLE ROW LEVEL SECURITY`,
		`ALTER TABLE opening NO FORCE ROW LEVEL SECURITY`: `ALTER TABLE opening FORCE ROW LEVEL SECURITY`,
	} {
		as(t, cluster.OwnerURL(db), breach)
		expect(t, problems(t, cluster.AppURL(db), true), "not enabled and forced on: opening")
		as(t, cluster.OwnerURL(db), mend)
	}
	as(t, cluster.OwnerURL(db), `CREATE SCHEMA aside; CREATE TABLE aside.notes (text text)`)
	expect(t, problems(t, cluster.AppURL(db), true), "not enabled and forced on: notes")
}

func TestADatabaseThatDoesNotAnswerIsSaidSo(t *testing.T) {
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	expect(t, problems(t, "postgres://wardroom_app:x@127.0.0.1:"+port+"/w", true), "does not answer")
	expect(t, problems(t, strings.Replace(cluster.AppURL("postgres"), "wardroom_app:", "wardroom_app:wrong", 1), true), "password authentication failed")
}
