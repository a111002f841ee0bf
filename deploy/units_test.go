package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardroom/server/cmd/wardroom/assembly"
)

// safest is the exposure, of 10, that systemd itself calls OK.
const safest = 2.0

func TestSystemdCallsEachUnitSafe(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("SKIPPED: systemd is not installed, so the units are not judged: apt-get install systemd")
	}
	units, err := filepath.Glob(filepath.Join(repo(t), "deploy", "*", "*.service"))
	if err != nil || len(units) < 5 {
		t.Fatalf("%d units: %v", len(units), err)
	}
	level := regexp.MustCompile(`exposure level for \S+: (\d+\.\d+)`)
	for _, unit := range units {
		cmd := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--no-pager", unit)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "SYSTEMD_COLORS=0")
		out, err := cmd.CombinedOutput()
		found := level.FindStringSubmatch(string(out))
		if err != nil || found == nil {
			t.Errorf("%s: %v\n%s", unit, err, out)
			continue
		}
		if is, _ := strconv.ParseFloat(found[1], 64); is > safest {
			t.Errorf("%s: exposure %.1f, at most %.1f", filepath.Base(unit), is, safest)
		}
	}
}

func TestANodeUnderSystemdStartsWithItsSettingsAndHasTimeToLeave(t *testing.T) {
	unit := read(t, "systemd/wardroom.service")
	settings := parseEnv(t, read(t, "systemd/wardroom.env"))
	for _, m := range regexp.MustCompile(`(?m)^Environment=(WARDROOM_\w+_FILE)=%d/(\S+)$`).FindAllStringSubmatch(unit, -1) {
		settings[m[1]] = "/" + m[2]
		if !strings.Contains(unit, "\nLoadCredential="+m[2]+":") {
			t.Errorf("%s names the credential %s, which is not loaded", m[1], m[2])
		}
	}
	serves(t, "wardroom.service", settings)
	stop := regexp.MustCompile(`(?m)^TimeoutStopSec=(\S+)$`).FindStringSubmatch(unit)
	if d, err := time.ParseDuration(stop[1]); err != nil || d < assembly.LongestStop+5*time.Second {
		t.Errorf("it is killed after %s, and may need %v", stop[1], assembly.LongestStop)
	}
}
