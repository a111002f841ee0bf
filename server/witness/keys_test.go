package witness

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
)

func TestKeysAreMadeOnceAndForTheirOwnerAlone(t *testing.T) {
	b := newBench(t)
	keys := b.w.Keys()
	if len(keys) != 2 || keys[0] == keys[1] {
		t.Fatalf("keys: %q", keys)
	}
	file := filepath.Join(b.dir, "data", keyFileName)
	for _, path := range []string{file, filepath.Join(b.dir, "data", "witness.db"), filepath.Join(b.dir, "data")} {
		info, err := os.Stat(path)
		check(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v", path, info.Mode())
		}
	}
	b.stop()
	b.start()
	if again := b.w.Keys(); again[0] != keys[0] || again[1] != keys[1] {
		t.Error("other keys after a restart")
	}
	if text := fmt.Sprintf("%v %+v %#v", b.w.keys, b.w.keys, *b.w.keys); strings.Contains(text, "PRIVATE") {
		t.Error("keys print")
	}
}

func TestKeysCanBeMadeBeforeThereIsAnythingToWatch(t *testing.T) {
	b := &bench{t: t, dir: t.TempDir(), op: newOperator(t)}
	o := b.options()
	keys, err := MakeKeys(o.Dir, o.Name)
	check(t, err)
	again, err := MakeKeys(o.Dir, o.Name)
	check(t, err)
	b.writePolicy(b.op.line)
	b.start()
	t.Cleanup(b.stop)
	if !slices.Equal(keys, again) || !slices.Equal(keys, b.w.Keys()) {
		t.Errorf("%q, then %q, then %q", keys, again, b.w.Keys())
	}
}

func TestALossIsSaidAndNotMadeGood(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(t *testing.T, dir string)
		says string
	}{
		"the keys are gone":        {func(t *testing.T, dir string) { check(t, os.Remove(filepath.Join(dir, keyFileName))) }, "put the copy back"},
		"the store is gone":        {func(t *testing.T, dir string) { check(t, os.Remove(filepath.Join(dir, "witness.db"))) }, "forgot what it cosigned"},
		"others may read the keys": {func(t *testing.T, dir string) { check(t, os.Chmod(filepath.Join(dir, keyFileName), 0o640)) }, "chmod 600"},
		"the keys are damaged": {func(t *testing.T, dir string) {
			check(t, os.WriteFile(filepath.Join(dir, keyFileName), []byte("{"), 0o600))
		}, "damaged"},
		"the keys are another witness's": {otherKeys, "other keys than its store"},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := sealed(t, 3)
			b.stop()
			c.lose(t, filepath.Join(b.dir, "data"))
			w, err := Open(b.options())
			if err == nil {
				w.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "PRIVATE") {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

func otherKeys(t *testing.T, dir string) {
	t.Helper()
	other := newBench(t)
	b, err := os.ReadFile(filepath.Join(other.dir, "data", keyFileName))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, keyFileName), b, 0o600))
}

func TestWhatAWitnessIsStartedWithIsChecked(t *testing.T) {
	b, _ := sealed(t, 2)
	if _, err := Open(b.options()); err == nil || !strings.Contains(err.Error(), "another process has the store") {
		t.Errorf("a second process: %v", err)
	}
	b.stop()
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"another deployment":     {func(o *Options) { o.System = "other.example/wardroom/1/system/x" }, "another deployment's"},
		"an origin that is none": {func(o *Options) { o.System = "wardroom.example" }, "not the origin line"},
		"another name":           {func(o *Options) { o.Name = "other.example" }, "not of other.example"},
		"a name that is none":    {func(o *Options) { o.Name = "https://x" }, "not the name of a host"},
		"no policy":              {func(o *Options) { o.Policy += ".not" }, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			o := b.options()
			c.change(&o)
			if w, err := Open(o); err == nil || !strings.Contains(err.Error(), c.says) {
				if err == nil {
					w.Close()
				}
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

func TestAPolicyIsReadInItsFormOnly(t *testing.T) {
	op := newOperator(t)
	keys := strings.Fields(op.line)[1:]
	for name, text := range map[string]string{
		"no first line":         op.line,
		"no keys":               policyFormat + "\n",
		"one key":               policyFormat + "\nlog " + keys[0] + "\n",
		"the keys changed over": policyFormat + "\nlog " + keys[1] + " " + keys[0] + "\n",
		"a range backwards":     policyFormat + "\n" + op.line + " 7 6\n",
		"a range of nothing":    policyFormat + "\n" + op.line + " 0 0\n",
		"two spaces":            policyFormat + "\n" + strings.Replace(op.line, " ", "  ", 1) + "\n",
		"a carriage return":     policyFormat + "\r\n" + op.line + "\r\n",
		"a range of words":      policyFormat + "\n" + op.line + " a\n",
		"a field too many":      policyFormat + "\n" + op.line + " 1 2 3\n",
		"another word":          policyFormat + "\n" + op.line + "\nlogs x\n",
		"a key's hash changed":  policyFormat + "\nlog " + strings.Replace(keys[0], "+", "+0", 1) + " " + keys[1] + "\n",
	} {
		if p, err := parsePolicy(text); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if _, err := parsePolicy(policyFormat + "\n# a remark\n\n" + op.line + "\nwitness x\n"); err != nil {
		t.Error(err)
	}
}

func TestARotatedKeySignsOnFromItsSize(t *testing.T) {
	b, l := sealed(t, 5)
	next := newOperator(t)
	l.grow(t, 8, "a")
	renewed := &tree{operator: next, origin: l.origin, leaves: l.leaves, hashes: l.hashes}
	b.send(renewed, 5).want(t, 403, "both signed")
	b.writePolicy("nonsense")
	if err := b.w.Reload(); err == nil {
		t.Error("nonsense was read")
	}
	b.send(l, 5).want(t, 200, "8\n") // what it had stays in force
	b.writePolicy(b.op.line+" 0 7", next.line+" 8")
	check(t, b.w.Reload())
	b.ask(l, 5).want(t, 403, "not for this size")
	b.cosigned(renewed, 8, b.ask(renewed, 5))
	half := &operator{signers: []note.Signer{l.signers[0], next.signers[1]}}
	mixed, err := renewed.at(t, 8).Sign(half.signers...)
	check(t, err)
	b.post("/add-checkpoint", addBody(8, nil, mixed)).want(t, 403, "both signed")

	policy := b.get("/policy").want(t, 200, "").body
	want := policyFormat + "\n" + b.op.line + " 0 7\n" + next.line + " 8\nwitness " + strings.Join(b.w.Keys(), " ") + "\n"
	if policy != want {
		t.Errorf("policy %q", policy)
	}
	key := b.get("/key").want(t, 200, "").body
	for _, k := range b.w.Keys() {
		if !strings.Contains(key, k+"\n"+evidence.Fingerprint(k)+"\n") {
			t.Errorf("%q does not stand in %q", k, key)
		}
	}
}
