package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardroom/server/devkit"
	"wardroom/server/notary"
	"wardroom/server/servertest/remains"
	"wardroom/server/vault"
)

func TestMain(m *testing.M) { remains.Main(m) }

// wardroom runs the program as a shell would and returns what it printed.
func wardroom(environ []string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, environ, &out, &err)
	return code, out.String(), err.String()
}

// ground is a cluster with an empty database and the environment of a
// deployment on it. Its settings are as safe as in production; only its
// address and its sign-in service are of this machine.
func ground(t *testing.T) (environ []string, vaultFile string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cluster, err := devkit.StartCluster(t.Context(), devkit.Options{Dir: filepath.Join(dir, "pg"), Fsync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cluster.StopImmediate(); cluster.Stop(t.Context()) })
	if err := cluster.EnsureDatabase(t.Context(), "wardroom"); err != nil {
		t.Fatal(err)
	}
	vaultFile = filepath.Join(dir, "vault.json")
	return []string{
		"WARDROOM_DATABASE_URL=" + cluster.WriterURL("wardroom"),
		"WARDROOM_READER_URL=" + cluster.ReaderURL("wardroom"),
		"WARDROOM_OWNER_URL=" + cluster.OwnerURL("wardroom"),
		"WARDROOM_VAULT=" + vaultFile,
		"WARDROOM_NOTARY_KEYS=" + filepath.Join(dir, "notary.json"),
		"WARDROOM_CHECKPOINTS=" + filepath.Join(dir, "checkpoints.jsonl"),
		"WARDROOM_PUBLIC_URL=https://wardroom.example",
		"WARDROOM_ISSUER_HEALTH_URL=https://login.health.example",
		"WARDROOM_ISSUER_HEALTH_NAME=Health and care staff",
		"WARDROOM_ISSUER_HEALTH_CLIENT_ID=wardroom",
		"WARDROOM_ISSUER_HEALTH_CLIENT_SECRET=Vb3kQ9x2LmNz5RtY",
		"WARDROOM_ISSUER_HEALTH_ACR=AAL2_OR_AAL3_ANY",
		"WARDROOM_ISSUER_HEALTH_STEP_UP_ACR=AAL3_ANY",
	}, vaultFile
}

// expectRun wants the code and, of what was printed on either stream, the text.
func expectRun(t *testing.T, environ []string, wantCode int, want string, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := wardroom(environ, args...)
	if code != wantCode || !strings.Contains(stdout+stderr, want) {
		t.Errorf("wardroom %s: code %d, want %d and %q\n%s%s", strings.Join(args, " "), code, wantCode, want, stdout, stderr)
	}
	return stdout
}

func TestFromAnEmptyDatabaseToTheFirstAdministratorsLink(t *testing.T) {
	env, vaultFile := ground(t)
	expectRun(t, env, 1, "There is no key file", "check")
	expectRun(t, env, 1, "Run `wardroom migrate`", "setup")
	expectRun(t, env, 0, "The database is at version", "migrate")
	out := expectRun(t, env, 0, "It works once", "setup")
	if !regexp.MustCompile(`https://wardroom\.example/setup#[\w-]{43}\n`).MatchString(out) {
		t.Errorf("no link with a token in its fragment: %s", out)
	}
	info, err := os.Stat(vaultFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v", info.Mode(), err)
	}
	expectRun(t, env, 0, "Nothing is wrong", "check")

	again := expectRun(t, env, 0, "It works once", "setup")
	if strings.Contains(again, "Made the key file") || strings.Contains(again, "Entered the sign-in service") || again == out {
		t.Errorf("a second setup did again what was done, or gave the same link: %s", again)
	}
	expectRun(t, env, 0, "The database is at version", "migrate")

	if err := os.Chmod(vaultFile, 0o644); err != nil {
		t.Fatal(err)
	}
	expectRun(t, env, 1, "may be read or written by others", "check")
	expectRun(t, env, 1, "may be read or written by others", "serve")
	if err := os.Rename(vaultFile, vaultFile+".lost"); err != nil {
		t.Fatal(err)
	}
	expectRun(t, env, 1, "Put that file back", "setup")
}

func TestADeploymentThatWasNotSetUpIsNotServed(t *testing.T) {
	env, vaultFile := ground(t)
	if err := errors.Join(vault.Create(vaultFile), notary.CreateKeys(filepath.Join(filepath.Dir(vaultFile), "notary.json"))); err != nil {
		t.Fatal(err)
	}
	expectRun(t, env, 0, "The database is at version", "migrate")
	expectRun(t, env, 1, "Run `wardroom setup`", "check")
	expectRun(t, env, 1, "Run `wardroom setup`", "serve")
}

func TestACommandLineThatIsNoneIsSaid(t *testing.T) {
	expectRun(t, nil, 2, "wardroom --help", "srve")
	expectRun(t, nil, 2, "wardroom --help", "serve", "--devlopment")
	expectRun(t, nil, 0, "WARDROOM_DATABASE_URL", "--help")
	expectRun(t, nil, 0, "WARDROOM_READER_URL", "--help")
	expectRun(t, nil, 1, "WARDROOM_OWNER_URL is not set", "migrate")
}

func TestCheckSaysEverythingAtOnce(t *testing.T) {
	_, _, said := wardroom([]string{"WARDROOM_PUBLIC_URL=http://wardroom.example", "WARDROOM_REDIS=x"}, "check")
	for _, want := range []string{"WARDROOM_REDIS is not a setting", "WARDROOM_DATABASE_URL is not set", "WARDROOM_READER_URL is not set", "WARDROOM_VAULT is not set", "WARDROOM_NOTARY_KEYS is not set", "plain HTTP", "No sign-in service"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in:\n%s", want, said)
		}
	}
}
