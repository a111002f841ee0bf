package assembly_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
	"wardroom/server/devkit"
	"wardroom/server/meter"
)

// serving is a node that serves, and its addresses.
func serving(t *testing.T, cfg config.Config) (s *assembly.Server, front, operator string) {
	t.Helper()
	s, err := assembly.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := s.EnsureSystem(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := assembly.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	t.Cleanup(func() { stop(); <-served })
	return s, "http://" + l.Front[0].Addr().String(), "http://" + l.Operator.Addr().String()
}

func get(t *testing.T, address string) (int, http.Header, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func repoFile(t *testing.T, name string) string {
	t.Helper()
	root, err := devkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, name)
}

var (
	ruleMetric = regexp.MustCompile(`\b(?:wardroom|process|go)_[a-z_]+`)
	sample     = regexp.MustCompile(`(?m)^(wardroom_[a-z_]+)(?:\{(.*)\})? `)
	labelPair  = regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)
)

func TestWhatANodeShowsItsOperator(t *testing.T) {
	s, front, operator := serving(t, deployment(t))
	// Something of everything that has labels.
	get(t, front+"/auth/callback?state=canary-in-the-query")
	get(t, front+"/api/v1/rooms/canary-of-a-room/entries")
	get(t, front+"/canary/of/a/path")
	s.Log.Error("a word of the program", "beside", "canary beside it")

	t.Run("metrics have only labels the program knows", func(t *testing.T) {
		_, _, text := get(t, operator+"/metrics")
		if strings.Contains(text, "canary") {
			t.Error("metrics say what came from outside")
		}
		seen := 0
		for _, m := range sample.FindAllStringSubmatch(text, -1) {
			for _, l := range labelPair.FindAllStringSubmatch(m[2], -1) {
				seen++
				if l[1] == "le" || l[1] == "pool" && (l[2] == "writer" || l[2] == "reader") || meter.Known(l[1], l[2]) {
					continue
				}
				t.Errorf("%s has %s=%q, which no set of the program has", m[1], l[1], l[2])
			}
		}
		if seen < 50 {
			t.Errorf("only %d labels were looked at", seen)
		}
	})

	t.Run("the alert rules ask for what is there", func(t *testing.T) {
		_, _, text := get(t, operator+"/metrics")
		rules, err := os.ReadFile(repoFile(t, "deploy/prometheus/wardroom.rules.yml"))
		if err != nil {
			t.Fatal(err)
		}
		names := 0
		for _, line := range strings.Split(string(rules), "\n") {
			expr, is := strings.CutPrefix(strings.TrimSpace(line), "expr: ")
			if !is {
				continue
			}
			for _, name := range ruleMetric.FindAllString(expr, -1) {
				names++
				if !strings.Contains(text, "\n"+name+" ") && !strings.Contains(text, "\n"+name+"{") {
					t.Errorf("no running server shows %s", name)
				}
			}
		}
		if names < 20 {
			t.Errorf("only %d metrics are asked for", names)
		}
		at := strings.Index(string(rules), "alert: WardroomWallsDisagree")
		if at < 0 || !strings.Contains(string(rules)[at:min(len(rules), at+300)], "wardroom_hub_alarms_total") || !strings.Contains(string(rules)[at:min(len(rules), at+300)], "severity: page") {
			t.Error("walls that disagree wake nobody")
		}
	})

	t.Run("the page tells of no content and runs nothing", func(t *testing.T) {
		status, header, text := get(t, operator+"/")
		if status != http.StatusOK || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("it answers %d with %q", status, header.Get("Content-Security-Policy"))
		}
		for _, want := range []string{"<h1>Ready</h1>", "Nothing needs doing", "a word of the program", "none: this node is alone"} {
			if !strings.Contains(text, want) {
				t.Errorf("it lacks %q", want)
			}
		}
		for _, no := range []string{"canary", "<script", "javascript:"} {
			if strings.Contains(text, no) {
				t.Errorf("it holds %q", no)
			}
		}
		if status, _, text = get(t, front+"/"); strings.Contains(text, "for its operator") {
			t.Errorf("the front door shows it too (%d)", status)
		}
	})

	t.Run("what is wrong is said with what to do", func(t *testing.T) {
		status, _, text := get(t, operator+"/readyz?verbose")
		var rep struct {
			Ready, Degraded bool
			Conditions      []assembly.Condition
		}
		if err := json.Unmarshal([]byte(text), &rep); err != nil || status != http.StatusOK || !rep.Ready || rep.Degraded {
			t.Errorf("all is well: %d %s %v", status, text, err)
		}
		s.Database.Reader.Close()
		status, _, text = get(t, operator+"/readyz?verbose")
		if err := json.Unmarshal([]byte(text), &rep); err != nil || status != http.StatusServiceUnavailable || rep.Ready || len(rep.Conditions) == 0 || rep.Conditions[0].Name != "database" {
			t.Errorf("without a database: %d %s %v", status, text, err)
		}
		if _, _, text = get(t, operator+"/"); !strings.Contains(text, "<h1>Not ready</h1>") || !strings.Contains(text, "#database-does-not-answer") {
			t.Error("the page does not say so")
		}
	})
}

func TestRedisThatIsAwayLeavesTheNodeReadyAndIsSaid(t *testing.T) {
	cfg := deployment(t)
	cfg.RedisURL = "redis://127.0.0.1:1/0" // nobody listens there
	_, _, operator := serving(t, cfg)
	if status, _, text := get(t, operator+"/readyz"); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	status, _, text := get(t, operator+"/readyz?verbose")
	if status != http.StatusOK || !strings.Contains(text, `"name":"redis"`) {
		t.Errorf("%d %s", status, text)
	}
	if _, _, page := get(t, operator+"/"); !strings.Contains(page, "Ready, and needs a look") || !strings.Contains(page, "#redis-does-not-answer") {
		t.Error("the page does not say so")
	}
}

func TestTheAlertRulesAreThoseThatTheirTestsWant(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIPPED: promtool is not installed (Debian: prometheus): the alert rules were not tried")
	}
	for _, args := range [][]string{{"check", "rules", "wardroom.rules.yml"}, {"test", "rules", "wardroom.test.yml"}} {
		c := exec.CommandContext(t.Context(), tool, args...)
		c.Dir = repoFile(t, "deploy/prometheus")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

const (
	tableBegins = "<!-- bounds: made from the code by -update -->\n"
	tableEnds   = "<!-- end of bounds -->\n"
)

func TestTheTableOfBoundsIsFresh(t *testing.T) {
	file := repoFile(t, "server/README.md")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), tableBegins)
	have, after, ended := strings.Cut(rest, tableEnds)
	if !ok || !ended {
		t.Fatal("server/README.md has no place for the table of bounds")
	}
	var want strings.Builder
	want.WriteString("| bound | of | how much | what becomes of more |\n| --- | --- | --- | --- |\n")
	for _, x := range meter.Bounds() {
		want.WriteString("| `" + x.Name + "` | " + x.Of + " | " + x.At + " | " + x.Then + " |\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+tableBegins+want.String()+tableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want.String() {
		t.Error("the table of bounds in server/README.md is not that of the code: go test ./server/cmd/wardroom/assembly -run IsFresh -args -update")
	}
}
