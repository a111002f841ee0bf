package deploy_test

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"wardroom/server/cmd/wardroom/assembly"
)

// composed is the model as Docker's own library makes it of the file.
func composed(t *testing.T) *types.Project {
	t.Helper()
	file := filepath.Join(repo(t), "deploy", "compose", "compose.yaml")
	o, err := cli.NewProjectOptions([]string{file}, cli.WithWorkingDirectory(filepath.Dir(file)), cli.WithProfiles([]string{"*"}),
		cli.WithEnv([]string{"SITE=wardroom.example.nhs.uk", "ACME_EMAIL=a@example.nhs.uk"}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEachContainerHasNoMoreThanItNeeds(t *testing.T) {
	p := composed(t)
	if len(p.Services) != 8 {
		t.Errorf("%d services", len(p.Services))
	}
	for name, s := range p.Services {
		if !s.ReadOnly {
			t.Errorf("%s may write to its own programs", name)
		}
		if !slices.Equal(s.CapDrop, []string{"ALL"}) {
			t.Errorf("%s keeps capabilities: it drops %v", name, s.CapDrop)
		}
		if len(s.CapAdd) > 0 && name != "caddy" {
			t.Errorf("%s is given %v", name, s.CapAdd)
		}
		if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may come by new privileges", name)
		}
		if len(s.Ports) > 0 && name != "caddy" {
			t.Errorf("%s is published to the world", name)
		}
		if s.User == "" && name != "caddy" { // its image drops to nothing but the right to bind
			t.Errorf("%s runs as whoever its image says", name)
		}
		if s.HealthCheck == nil {
			t.Errorf("%s has no health check", name)
		}
		for setting, value := range s.Environment {
			if value != nil && strings.Contains(strings.ToUpper(setting), "PASSWORD") && !strings.HasSuffix(setting, "_FILE") {
				t.Errorf("%s: %s stands in the environment", name, setting)
			}
		}
		for _, secret := range s.Secrets {
			if _, ok := p.Secrets[secret.Source]; !ok {
				t.Errorf("%s asks for the secret %s, which there is not", name, secret.Source)
			}
		}
	}
	// Whoever takes Caddy has not reached the database, nor Redis.
	for _, a := range [][2]string{{"caddy", "postgres"}, {"caddy", "redis"}, {"redis", "postgres"}} {
		for network := range p.Services[a[0]].Networks {
			if _, both := p.Services[a[1]].Networks[network]; both {
				t.Errorf("%s reaches %s over %s", a[0], a[1], network)
			}
		}
	}
	for _, inner := range []string{"edge", "database", "redis"} {
		if !p.Networks[inner].Internal {
			t.Errorf("the network %s leads outside", inner)
		}
	}
	if p.Services["redis"].Volumes != nil && len(p.Services["redis"].Volumes) != 1 {
		t.Errorf("Redis keeps something: %v", p.Services["redis"].Volumes)
	}
}

func TestANodeInAContainerStartsWithItsSettingsAndHasTimeToLeave(t *testing.T) {
	p := composed(t)
	for _, name := range []string{"node-1", "node-2", "setup"} {
		settings := map[string]string{}
		for setting, value := range p.Services[name].Environment {
			settings[setting] = *value
		}
		serves(t, name, settings)
		// Each secret that is named is mounted where it is named.
		for setting, file := range settings {
			secret, ok := strings.CutPrefix(file, "/run/secrets/")
			if strings.HasSuffix(setting, "_FILE") && (!ok || !slices.ContainsFunc(p.Services[name].Secrets, func(s types.ServiceSecretConfig) bool { return s.Source == secret })) {
				t.Errorf("%s: %s names %s, which is not mounted", name, setting, file)
			}
		}
		caddy := netip.MustParseAddr(p.Services["caddy"].Networks["edge"].Ipv4Address)
		if proxies := netip.MustParsePrefix(settings["WARDROOM_PROXIES"]); !proxies.Contains(caddy) || !proxies.IsSingleIP() {
			t.Errorf("%s believes %s, and Caddy is %s", name, proxies, caddy)
		}
	}
	for _, name := range []string{"node-1", "node-2"} {
		s := p.Services[name]
		if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) < assembly.LongestStop+5*time.Second {
			t.Errorf("%s is killed after %v, and may need %v", name, s.StopGracePeriod, assembly.LongestStop)
		}
		if s.DependsOn["setup"].Condition != types.ServiceConditionCompletedSuccessfully {
			t.Errorf("%s does not wait for the setup", name)
		}
		for _, v := range s.Volumes {
			if v.Target == "/etc/wardroom" && !v.ReadOnly {
				t.Errorf("%s may write its own keys", name)
			}
		}
	}
	if p.Services["setup"].DependsOn["migrate"].Condition != types.ServiceConditionCompletedSuccessfully {
		t.Error("the setup does not wait for the migrations")
	}
	state := map[string]string{}
	for _, name := range []string{"node-1", "node-2"} {
		for _, v := range p.Services[name].Volumes {
			if v.Target == "/var/lib/wardroom" {
				state[v.Source] = name
			}
		}
	}
	if len(state) != 2 {
		t.Errorf("the nodes share one ledger: %v", state)
	}
}

func TestCaddyUnderstandsItsFiles(t *testing.T) {
	caddy, err := exec.LookPath("caddy")
	if err != nil {
		t.Skip("SKIPPED: caddy is not installed, so its files are not judged: apt-get install caddy")
	}
	version, err := exec.CommandContext(t.Context(), caddy, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"compose/Caddyfile", "witness/Caddyfile"} {
		text := read(t, file)
		if old := regexp.MustCompile(`^v?2\.[0-6](\.|\s|$)`); old.Match(version) {
			t.Logf("caddy is %s, which does not know stream_close_delay: that line is left out", strings.TrimSpace(string(version)))
			text = regexp.MustCompile(`(?m)^\s*stream_close_delay .*$`).ReplaceAllString(text, "")
		}
		at := filepath.Join(t.TempDir(), "Caddyfile")
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), caddy, "validate", "--adapter", "caddyfile", "--config", at)
		cmd.Env = []string{"SITE=wardroom.example.nhs.uk", "ACME_EMAIL=a@example.nhs.uk", "HOME=" + t.TempDir()}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
	text := read(t, "compose/Caddyfile")
	for _, never := range []string{"encode", "cache"} {
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), never) {
				t.Errorf("Caddy is told to %s", never)
			}
		}
	}
}

// What prepare.sh makes is what compose.yaml asks for, but for what others give.
func TestThePreparationMakesEverySecretOnce(t *testing.T) {
	dir := t.TempDir()
	from := filepath.Join(repo(t), "deploy", "compose")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	prepare := func() string {
		cmd := exec.CommandContext(context.Background(), filepath.Join(dir, "prepare.sh"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("prepare.sh: %v\n%s", err, out)
		}
		return string(out)
	}
	prepare()
	of := map[string]string{}
	for name, s := range composed(t).Secrets {
		b, err := os.ReadFile(filepath.Join(dir, "secrets", filepath.Base(s.File)))
		switch {
		case err != nil && !strings.HasPrefix(name, "issuer-"):
			t.Errorf("%s: %v", name, err)
		case err == nil:
			of[name] = string(b)
		}
	}
	password := strings.TrimSpace(of["writer-password"])
	if len(password) < 32 || !strings.Contains(of["database-url"], ":"+password+"@") || strings.Contains(of["redis-acl"], "PASSWORD") {
		t.Errorf("the secrets do not fit together: %q", of["database-url"])
	}
	if again := prepare(); strings.Contains(again, "Made") {
		t.Errorf("a second run makes again: %s", again)
	}
	if info, err := os.Stat(filepath.Join(dir, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter the folder of secrets: %v", info.Mode())
	}
}
