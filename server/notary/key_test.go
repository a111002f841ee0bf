package notary_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/notary"
)

func TestNoKeySignsThatTheRecordDoesNotList(t *testing.T) {
	b := newBench(t)
	old := b.notary() // as a node that runs since before the rotation
	b.settle(old)
	next, err := notary.AddGeneration(b.NotaryFile(), 2, incident.NotaryName(b.Deployment))
	check(t, err)
	early := b.notary() // started with the new file, before the record lists it
	b.Say(b.room, b.lead, "under the first keys still")
	b.settle(early)
	var key int
	b.ask(&key, `SELECT max(key) FROM checkpoint`)
	if key != 1 {
		t.Fatalf("signed with generation %d before it was listed", key)
	}
	b.Must(b.Do(b.Journal.SystemLog(), incident.Actor{System: true}, command.ListKey{Key: next}))
	said := b.Say(b.room, b.lead, "under the second")
	b.settle(early)
	b.Say(b.room, b.lead, "which a node with the old file leaves to others")
	if err := old.Once(t.Context()); err == nil || !strings.Contains(err.Error(), "leaves that log to others") {
		t.Errorf("a node with the old file: %v", err)
	}
	b.settle(early)
	b.checkpoints() // each under the keys that it says
	list, _, spans, err := early.Seals(t.Context(), b.room, b.lead.Person, 0, 200)
	check(t, err)
	if len(spans) != 2 || spans[0].Generation != 1 || spans[1].Generation != 2 || spans[0].Last >= spans[1].First || spans[1].First != uint64(said)+1 || list[0].Key != 2 || list[len(list)-1].Key != 1 {
		t.Errorf("spans: %+v", spans)
	}
}

func TestAKeyFileOfAnotherDeploymentSignsNothing(t *testing.T) {
	b := newBench(t)
	b.NotaryFile()
	other := filepath.Join(t.TempDir(), "other.json")
	check(t, notary.CreateKeys(other))
	_, err := notary.AddGeneration(other, 1, incident.NotaryName(b.Deployment))
	check(t, err)
	keys, err := notary.LoadKeys(other)
	check(t, err)
	if err := b.Notary(func(o *notary.Options) { o.Keys = keys }).Once(t.Context()); !errors.Is(err, notary.ErrUnlisted) {
		t.Errorf("signed with keys nobody listed: %v", err)
	}
	listed, err := b.Journal.Keys(t.Context())
	check(t, err)
	if _, err := keys.Unlisted(listed); err == nil || !strings.Contains(err.Error(), "another deployment") {
		t.Errorf("the two are said to agree: %v", err)
	}
}

func TestAKeyFileIsItsOwnersAloneAndNeverSaysWhatItHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notary.json")
	check(t, notary.CreateKeys(path))
	if err := notary.CreateKeys(path); err == nil {
		t.Error("a key file was replaced")
	}
	k, err := notary.AddGeneration(path, 1, "wardroom.test/wardroom/1/notary")
	check(t, err)
	if _, err := notary.AddGeneration(path, 1, k.Name); err == nil {
		t.Error("a generation was made twice")
	}
	keys, err := notary.LoadKeys(path)
	check(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, keys); text != "(notary keys)" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	b, err := os.ReadFile(path)
	check(t, err)
	for name, spoil := range map[string]func() error{
		"read by others": func() error { return os.Chmod(path, 0o640) },
		"cut short":      func() error { return os.WriteFile(path, b[:len(b)/2], 0o600) },
		"keys exchanged": func() error {
			return os.WriteFile(path, []byte(strings.Replace(string(b), "PRIVATE+KEY", "PRIVATE+KEX", 1)), 0o600)
		},
		"another's public": func() error {
			return os.WriteFile(path, []byte(strings.ReplaceAll(string(b), k.Verifiers[0], k.Verifiers[1])), 0o600)
		},
		"gone": func() error { return os.Remove(path) },
	} {
		check(t, os.WriteFile(path, b, 0o600))
		check(t, os.Chmod(path, 0o600))
		check(t, spoil())
		_, err := notary.LoadKeys(path)
		if err == nil {
			t.Errorf("%s: loaded", name)
			continue
		}
		if strings.Contains(err.Error(), "PRIVATE") || strings.Contains(err.Error(), k.Verifiers[0]) {
			t.Errorf("%s: the error quotes the file: %v", name, err)
		}
		if keys.Reload() == nil || len(keys.Generations()) != 1 {
			t.Errorf("%s: what could not be read was taken", name)
		}
	}
}
