package vault

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestCreateWritesAFileForItsOwnerAndReplacesNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault")
	check(t, Create(path))
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	before, err := os.ReadFile(path)
	check(t, err)
	if err := Create(path); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a second time: %v", err)
	}
	after, err := os.ReadFile(path)
	check(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the keys were replaced")
	}
}

func TestNewRefusesAFileThatOthersMayReadOrWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault")
	check(t, Create(path))
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o610} {
		check(t, os.Chmod(path, mode))
		v, err := New(path)
		if v != nil || err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %v: %v", mode, err)
		}
		if err := Rotate(path); err == nil {
			t.Errorf("mode %v is rotated", mode)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		check(t, os.Chmod(path, mode))
		if _, err := New(path); err != nil {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

func TestNewSaysWhatIsWrongWithoutQuotingTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "vault")
	if _, err := New(path); err == nil || !strings.Contains(err.Error(), "there is no key file") {
		t.Errorf("no file: %v", err)
	}
	if _, err := New(dir); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a directory: %v", err)
	}
	check(t, Create(path))
	good, err := os.ReadFile(path)
	check(t, err)
	var c file
	check(t, json.Unmarshal(good, &c))
	bad := map[string][]byte{
		"empty":       nil,
		"no JSON":     []byte("secretsecret"),
		"other JSON":  []byte(`{"secret":1}`),
		"format":      bytes.Replace(good, []byte("WARDROOM/1/vault"), []byte("WARDROOM/2/vault"), 1),
		"trailing":    append(bytes.Clone(good), good...),
		"no keys":     bytes.Replace(good, []byte(`"key": [`), []byte(`"yek": [`), 1),
		"short":       good[:len(good)/2],
		"half secret": mustJSON(t, file{c.Format, c.Keyset, c.Lookup[:16]}),
		"keyset":      mustJSON(t, file{c.Format, json.RawMessage(`"secret"`), c.Lookup}),
	}
	for name, b := range bad {
		check(t, os.WriteFile(path, b, 0o600))
		v, err := New(path)
		if v != nil || err == nil || !strings.Contains(err.Error(), "damaged") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	check(t, err)
	return b
}

func TestAfterARotationTheNewKeySealsAndTheOldOnesOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault")
	check(t, Create(path))
	type sealed struct {
		wrapped, row, opening []byte
		mac                   [32]byte
	}
	var made []sealed
	prefixes := map[string]bool{}
	for generation := range 4 {
		if generation > 0 {
			check(t, Rotate(path))
		}
		v, err := New(path)
		check(t, err)
		k, wrapped := newLogKey(t, v, "room-a")
		s := sealed{wrapped: wrapped, mac: v.MAC("mail", []byte("a@nhs.example"))}
		s.row, err = v.Seal("contact", []byte("name"), nil)
		check(t, err)
		s.opening, err = k.Seal(nil, []byte("body"), nil)
		check(t, err)
		made = append(made, s)
		prefixes[string(s.row[:5])] = true // Tink's prefix names the key
		if len(prefixes) != generation+1 || !bytes.Equal(s.row[:5], wrapped[:5]) {
			t.Fatalf("generation %d is not sealed with a key of its own", generation)
		}
		for i, s := range made {
			k, err := v.Unwrap("room-a", s.wrapped)
			check(t, err)
			opening, err := k.Open(s.opening, nil)
			check(t, err)
			row, err := v.Open("contact", s.row, nil)
			check(t, err)
			if string(opening) != "body" || string(row) != "name" || s.mac != v.MAC("mail", []byte("a@nhs.example")) {
				t.Fatalf("generation %d does not read generation %d", generation, i)
			}
		}
	}
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestRotationsAtTheSameTimeLoseNoKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault")
	check(t, Create(path))
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 16 {
		wg.Go(func() {
			err := Rotate(path)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if !strings.Contains(err.Error(), "another rotation") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	handle, _, err := read(path)
	check(t, err)
	if done == 0 || handle.Len() != done+1 {
		t.Errorf("%d keys after %d rotations", handle.Len(), done)
	}
}

func TestAnInterruptedRotationLeavesTheVaultAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault")
	check(t, Create(path))
	before, err := os.ReadFile(path)
	check(t, err)
	check(t, os.WriteFile(path+".new", before[:10], 0o600)) // what a crash leaves
	if _, err := New(path); err != nil {
		t.Error(err)
	}
	check(t, Rotate(path))
	handle, _, err := read(path)
	check(t, err)
	if handle.Len() != 2 {
		t.Errorf("%d keys", handle.Len())
	}
}
