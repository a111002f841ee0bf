package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"wardroom/server/bundletest"
	"wardroom/server/evidence"
	"wardroom/server/servertest/remains"
)

func TestMain(m *testing.M) { remains.Main(m) }

// cases are made once.
var cases = sync.OnceValue(bundletest.Cases)

// find returns the first case whose name matches.
func find(t testing.TB, pattern string) bundletest.Case {
	t.Helper()
	re := regexp.MustCompile(`^\d+-` + pattern + `$`)
	for _, c := range cases() {
		if re.MatchString(c.Name) {
			return c
		}
	}
	t.Fatalf("no case %s", pattern)
	return bundletest.Case{}
}

// build builds the program as it is released.
func build(t testing.TB, folder, to string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", to, "./server/cmd/wardroom-verify")
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

const repo = "../../.."

// exits CODE ARGUMENT…    the program ends with this code
func TestStories(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "wardroom-verify")
	build(t, repo, bin)
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: func(e *testscript.Env) error {
		put := func(name string, b []byte) {
			if err := os.WriteFile(filepath.Join(e.WorkDir, name), b, 0o600); err != nil {
				t.Error(err)
			}
		}
		for name, pattern := range map[string]string{"valid": "valid-16", "tail": "tail-16", "erased": "erased", "incomplete": "an-opening-left-out",
			"untrusted": "signed-by-others", "inconsistent": "contradiction-times-go-back", "tampered": "leaf-commitment-turned", "unreadable": "unreadable-header-mode", "since": "since"} {
			put(name+".tar", find(t, pattern).Bundle)
		}
		put("policy.txt", find(t, "valid-16").Policy)
		put("since.note", find(t, "since").Since)
		put("fork.note", find(t, "since-a-fork").Since)
		return nil
	}, Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": func(ts *testscript.TestScript, neg bool, args []string) {
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		err = ts.Exec(bin, args[1:]...)
		got := 0
		if exit, ok := err.(*exec.ExitError); ok {
			got = exit.ExitCode()
		} else {
			ts.Check(err)
		}
		if got != want || neg {
			ts.Fatalf("wardroom-verify %s: %d, want %d", strings.Join(args[1:], " "), got, want)
		}
	}}})
}

// A verifier that can be trusted can do nothing but read and answer.
func TestThereIsNoNetworkAndNoDatabaseInTheProgram(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./server/cmd/wardroom-verify")
	cmd.Dir, cmd.Env = repo, append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	forbidden := regexp.MustCompile(`^(net|net/.*|vendor/golang\.org/x/net/.*|os/exec|plugin|database/.*|runtime/cgo|.*pgx.*|.*bbolt.*|wardroom/server/(journal|vault|projection|command|policy|directory|web)(/.*)?)$`)
	found := false
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		found = found || dep == "wardroom/server/evidence"
		if forbidden.MatchString(dep) {
			t.Errorf("it has %s in it", dep)
		}
	}
	if !found {
		t.Error("the list of packages is not of this program")
	}
}

// Anybody can build it and see that it is the one that was handed out.
func TestTheSameSourceMakesTheSameProgram(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	build(t, repo, a)
	// The same source in another folder, with a build cache of its own.
	copied := t.TempDir()
	for _, dir := range []string{"server/evidence", "server/cmd/wardroom-verify"} {
		if err := os.CopyFS(filepath.Join(copied, dir), os.DirFS(filepath.Join(repo, dir))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(repo, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build(t, copied, b)
	one, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	two, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(one) != sha256.Sum256(two) {
		t.Error("two builds of one source differ")
	}
	if bytes.Contains(one, []byte(copied)) || len(one) < 1<<20 {
		t.Error("that is not the program, or it names the folder it was built in")
	}
	t.Logf("%d bytes, SHA-256 %x", len(one), sha256.Sum256(one))
}

// What a hostile exporter or member writes is shown; it does nothing.
func TestHostileTextCannotMoveTheTerminal(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy.txt")
	if err := os.WriteFile(policy, find(t, "valid-16").Policy, 0o600); err != nil {
		t.Fatal(err)
	}
	hostile := "\x1b[2J\x1b]0;VALID\x07\u009b31m\u202eDILAV\u2066\r\nVerdict: VALID\n-------\u2028\U000e0041"
	r := bundletest.NewRoom(8, 5)
	r.Origin = "\u009b2J\u202e.example/wardroom/1/room/x"
	info := evidence.BundleHead{Readme: hostile, Policy: r.Policy(), Checkpoint: r.Note(8), Leaves: 8,
		Info: evidence.BundleInfo{To: 7, Exporter: hostile, Title: hostile, Recipient: hostile, Basis: hostile, Reference: hostile}}
	var b bytes.Buffer
	w, err := evidence.NewBundleWriter(&b, nil, info)
	if err != nil {
		t.Fatal(err)
	}
	for seq := range 8 {
		if err := w.Leaf(r.Leaf(seq)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Withheld(&evidence.Withheld{First: 0, Last: 6, Slots: []int{0, 1, 2, 3, 4, 5, 6, 7}, Why: evidence.Kept, Ground: hostile, Reason: hostile}); err != nil {
		t.Fatal(err)
	}
	if err := w.Withheld(&evidence.Withheld{First: 7, Last: 7, Slots: []int{0, 1, 2, 3, 4, 5, 6, 7}, Why: evidence.Redacted, Redacted: map[string]string{"4": hostile}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "\x1b[31mhostile.tar")
	if err := os.WriteFile(bundle, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--policy", policy, bundle}, {"--json", "--policy", policy, bundle}, {bundle}, {"--policy", bundle, bundle}, {"\x1b[31mmissing"}, {"--since", policy, bundle}} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), args, &stdout, &stderr)
		for _, out := range []string{stdout.String(), stderr.String()} {
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%q prints %q", args, out[max(0, i-40):min(len(out), i+40)])
			}
			for line := range strings.Lines(out) {
				if strings.HasPrefix(line, "Verdict: VALID") && code != 0 {
					t.Errorf("%q: %d, and a line says %q", args, code, line)
				}
			}
		}
		if args[0] == "--json" {
			var got struct{ Log string }
			if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || got.Log != r.Origin {
				t.Errorf("the log is %q to programs, %v", got.Log, err)
			}
		}
	}
}

// A report names everything a reader needs, in words.
func TestAReportSaysWhatIsProvedAndWhatIsNot(t *testing.T) {
	for _, c := range cases() {
		r, err := c.Verify(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w := &text{file: c.Name, size: int64(len(c.Bundle)), sum: fmt.Sprintf("%x", sha256.Sum256(c.Bundle)), report: r}
		if c.Policy != nil {
			if w.policy, err = evidence.ParsePolicy(c.Policy); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.write(&b); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		want := []string{"Verdict: " + string(c.Verdict) + "\n", verdicts[c.Verdict][:40]}
		if c.Verdict != evidence.VerdictUnreadable {
			want = append(want, "What is proved", "What is not proved", "When the entries were written", "Whose signatures", "fingerprint")
		}
		if c.First != nil {
			want = append(want, fmt.Sprintf("entry %d", c.First.Seq))
		}
		if len(r.Withheld) > 0 {
			want = append(want, "What is withheld, and why")
		}
		for _, s := range want {
			if !strings.Contains(out, s) {
				t.Errorf("%s: no %q in\n%s", c.Name, s, out)
			}
		}
	}
}
