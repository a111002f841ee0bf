package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

// history is what a listener received between a snapshot and the snapshot a
// fresh subscriber gets at the same place.
type history struct {
	Snapshot json.RawMessage   `json:"snapshot"`
	Frames   []json.RawMessage `json:"frames"`
	Expected json.RawMessage   `json:"expected"`

	whose string
}

// reducer is the web app's own, built for node.
func reducer(t *testing.T) (run func([]history) []string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: there is no node in PATH, so the web app's reducer was not held to the server's snapshots")
	}
	root, err := devkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	app := filepath.Join(root, "webapp")
	if _, err := os.Stat(filepath.Join(app, "node_modules", ".bin", "vite")); err != nil {
		t.Skip("SKIPPED: the web app's packages are not installed (npm ci in webapp/), so its reducer was not held to the server's snapshots")
	}
	out := t.TempDir()
	build := exec.Command(node, "node_modules/vite/bin/vite.js", "build", "--config", "vite.replay.config.ts", "--logLevel", "error", "--emptyOutDir", "--outDir", out)
	build.Dir = app
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the reducer could not be built: %v\n%s", err, said)
	}
	return func(all []history) (wrong []string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "histories.jsonl")
		var b bytes.Buffer
		for _, h := range all {
			line, err := json.Marshal(h)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(node, filepath.Join(out, "replay.js"), file)
		var said bytes.Buffer
		cmd.Stderr = &said
		answers, err := cmd.Output() // its code says what the answers say
		lines := strings.Split(strings.TrimSpace(string(answers)), "\n")
		if len(lines) != len(all) {
			t.Fatalf("the reducer answered %d of %d histories: %v\n%s", len(lines), len(all), err, said.String())
		}
		for i, line := range lines {
			var v struct{ Equal bool }
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if !v.Equal {
				wrong = append(wrong, fmt.Sprintf("%s: %s", all[i].whose, line))
			}
		}
		return wrong
	}
}

// histories are the play's, one for every snapshot that somebody who is still
// in the room got on the way.
func (p *play) histories(seed uint64) (list []history) {
	for _, who := range p.present() {
		fresh := listen(p.hub, who, p.room, nil)
		if err := fresh.await(p.fold.Head); err != nil {
			p.t.Fatal(err)
		}
		fresh.hang()
		frames, _ := fresh.heard()
		expected := frames[0]
		e := p.ears[who.Person][0]
		got, _ := e.heard()
		for i, f := range got {
			if bytes.HasPrefix(f, []byte(`{"type":"snapshot"`)) {
				h := history{Snapshot: f, Frames: []json.RawMessage{}, Expected: expected, whose: fmt.Sprintf("seed %d, %s of %d frames", seed, who.Name, len(got)-i-1)}
				for _, f := range got[i+1:] {
					h.Frames = append(h.Frames, f)
				}
				list = append(list, h)
			}
		}
	}
	return list
}

// elsewhere are kinds that no play draws, by what they are about, and where
// their folds in the browser are held against the server's.
var elsewhere = map[string]string{
	"erasure":      "hub/property_test.go and journal/erase_test.go, with erasures in their histories; webapp/e2e/erasure.spec.ts",
	"hold":         "as erasures",
	"retention":    "as erasures",
	"entry.erased": "as erasures",
	"book.counted": "as erasures",

	"entry.promoted":       "as promotions",
	"message.attributed":   "hub/property_test.go, in whose rooms there are three organisations of one type; webapp/e2e/cell.spec.ts",
	"export":               "they change no snapshot and no fold of the browser's",
	"feed":                 "web/taxii_test.go; what a machine reads changes nothing of what a browser shows but its line",
	"promotion":            "they stand in side rooms, between two logs: web/cell_test.go and webapp/e2e/cell.spec.ts",
	"broadcast.sent_alone": "no play waits for five minutes: command/broadcast_test.go",

	"cadence.missed": "no play waits for a quarter of an hour: webapp/src/room/cadence.test.ts says of the browser what command/cadence_test.go says of the server",
	"section":        "notary/guard_test.go for the server's; webapp/e2e/section.spec.ts for the browser's",
}

// What the browser holds after the stream is what the server would send
// afresh, for every kind and everyone: late joins, grants, removals, changed
// roles, withheld and restored entries, broken lines.
func TestTheBrowserComesToTheServersSnapshot(t *testing.T) {
	run := reducer(t)
	st := newStage(t)
	s, figure := seed(t), times(t, 120)
	var mu sync.Mutex
	var all []history
	kinds := map[incident.Kind]int{}
	frames := map[string]int{}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range hands() {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if int(n) > figure || t.Failed() {
					return
				}
				var mode incident.Mode
				if n <= 3 {
					mode = []incident.Mode{incident.ModeIncident, incident.ModeExercise}[n%2]
				}
				p := st.playIn(mode, s+uint64(n))
				if n <= 3 {
					p.rare()
				}
				for range 35 {
					p.act()
				}
				list := p.histories(s + uint64(n))
				p.close()
				truth := p.h.Truth(p.room)
				mu.Lock()
				all = append(all, list...)
				for _, e := range truth.Entries {
					var head struct{ Kind incident.Kind }
					json.Unmarshal(e.Whole.Values[0], &head)
					kinds[head.Kind]++
				}
				for _, h := range list {
					for _, f := range h.Frames {
						var head struct{ Type string }
						json.Unmarshal(f, &head)
						frames[head.Type]++
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	wrong := run(all)
	for _, w := range wrong[:min(6, len(wrong))] {
		t.Errorf("%.900s", w)
	}
	t.Logf("%d histories of %d plays, %d wrong; frames %v", len(all), figure, len(wrong), frames)
	for _, k := range incident.Kinds() {
		info, _ := k.Info()
		if info.Log == incident.RoomLog && kinds[k] == 0 && elsewhere[strings.Split(string(k), ".")[0]] == "" && elsewhere[string(k)] == "" {
			t.Errorf("no history had a %s", k)
		}
	}
	for _, f := range []string{"events", "opened", "withdrawn", "snapshot", "caught_up"} {
		if frames[f] == 0 {
			t.Errorf("no history had a frame %q", f)
		}
	}
	// And it notices: the same histories, each without its last frame that
	// says anything, are not all equal.
	var cut []history
	for _, h := range all[:min(60, len(all))] {
		for i := len(h.Frames) - 1; i >= 0; i-- {
			if bytes.Contains(h.Frames[i], []byte(`"type":"events"`)) {
				h.Frames = append(h.Frames[:i:i], h.Frames[i+1:]...)
				cut = append(cut, h)
				break
			}
		}
	}
	if wrong := run(cut); len(wrong) < len(cut)/2 {
		t.Errorf("of %d histories with a frame taken out only %d were noticed", len(cut), len(wrong))
	}
}
