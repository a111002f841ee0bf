package deploy_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardroom/server/config"
	"wardroom/server/devkit"
)

func repo(t *testing.T) string {
	t.Helper()
	root, err := devkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repo(t), "deploy", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// secret is what stands in a file that a setting names: of the form that it
// must have, and hard to guess.
func secret(setting string) string {
	const password = "kZ8rW2qLx0v7PnTfJd4mT7yQ"
	switch setting {
	case "WARDROOM_DATABASE_URL":
		return "postgres://wardroom_writer:" + password + "@db.internal/wardroom"
	case "WARDROOM_READER_URL":
		return "postgres://wardroom_reader:" + password + "@db.internal/wardroom"
	case "WARDROOM_OWNER_URL":
		return "postgres://wardroom_owner:" + password + "@db.internal/wardroom"
	case "WARDROOM_REDIS_URL":
		return "rediss://wardroom:" + password + "@redis.internal:6379/0"
	}
	return password
}

// witnessSettings are of the other party's program, which reads them itself.
var witnessSettings = regexp.MustCompile(`^WARDROOM_WITNESS_(NAME|SYSTEM|POLICY|LISTEN|DATA)$`)

// serves fails the test unless a server starts with these settings, in
// production, as far as they can be judged.
func serves(t *testing.T, what string, settings map[string]string) {
	t.Helper()
	var environ []string
	for name, value := range settings {
		if setting, ok := strings.CutSuffix(name, "_FILE"); ok {
			name, value = setting, secret(setting)
		}
		environ = append(environ, name+"="+value)
	}
	for _, p := range config.Read(environ).Check() {
		t.Errorf("%s: %s", what, p)
	}
}

// parseEnv reads lines of NAME=VALUE.
func parseEnv(t *testing.T, text string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for in := bufio.NewScanner(strings.NewReader(text)); in.Scan(); {
		line := strings.TrimSpace(in.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			t.Errorf("%q is no setting", line)
		}
		all[name] = value
	}
	return all
}

// Every setting that any file here names, in a remark too, is one that the
// server knows.
func TestEverySettingInEveryFileIsOneThatTheServerKnows(t *testing.T) {
	name := regexp.MustCompile(`WARDROOM_[A-Z0-9_]*[A-Z0-9]`)
	scripts := regexp.MustCompile(`^WARDROOM_(IMAGE|ARCHIVE|TORTURE|SEED)$`) // a compose file's own, and the tests'
	files := 0
	err := filepath.WalkDir(filepath.Join(repo(t), "deploy"), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "dev" || d.Name() == "secrets") {
			return filepath.SkipDir
		}
		if d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".png") {
			return nil
		}
		files++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range name.FindAllString(string(b), -1) {
			setting := strings.TrimSuffix(found, "_FILE")
			if witnessSettings.MatchString(setting) || scripts.MatchString(setting) || families[setting] {
				continue
			}
			for _, p := range config.Read([]string{setting + "=x"}).Check() {
				if strings.Contains(string(p), setting+" is not a setting") {
					t.Errorf("%s: %s", path, p)
				}
			}
		}
		return nil
	})
	if err != nil || files < 20 {
		t.Fatalf("%d files were read: %v", files, err)
	}
}

// families are beginnings of settings' names, as a text may write them.
var families = map[string]bool{"WARDROOM_ISSUER": true, "WARDROOM_NOTIFY": true, "WARDROOM_SMTP": true, "WARDROOM_WITNESS": true, "WARDROOM_NAME": true}

// Each `wardroom <subcommand>` that a page or a unit tells somebody to run
// exists.
func TestEveryCommandThatAPageNamesExists(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(repo(t), "server", "cmd", "wardroom", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\t([A-Z][A-Za-z]+) +[A-Za-z]+ +`cmd:\"\"(?: name:\"([a-z-]+)\")?").FindAllStringSubmatch(string(b), -1) {
		name := m[2]
		if name == "" {
			name = strings.ToLower(m[1])
		}
		known[name] = true
	}
	if !known["serve"] || !known["rotate-notary"] || !known["ready"] {
		t.Fatalf("the test is blind: it found %v", known)
	}
	run := regexp.MustCompile("(?m)(?:`|bin/|^|exec )wardroom ([a-z][a-z-]+)(?:[^/a-z-]|$)")
	for _, pattern := range []string{"*.md", "*/*.md", "*/*.service", "*/*.sh", "*/*.env", "*/*.yaml"} {
		files, err := filepath.Glob(filepath.Join(repo(t), "deploy", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range run.FindAllStringSubmatch(string(text), -1) {
				if !known[m[1]] {
					t.Errorf("%s: there is no `wardroom %s`", file, m[1])
				}
			}
		}
	}
}
