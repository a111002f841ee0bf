package assembly_test

import (
	"strings"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/notary"
)

func TestARotationThatWasCutShortIsFinishedByTheNext(t *testing.T) {
	cfg := deployment(t)
	s := open(t, cfg)
	if _, err := s.EnsureSystem(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.ListKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Here it ended: the file has them, the record does not.
	half, err := notary.AddGeneration(cfg.NotaryKeys, 2, incident.NotaryName("localhost"))
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, cfg)
	expect(t, again.CheckSystem(t.Context()), "") // it serves with the first
	listed, err := again.RotateKeys(t.Context())
	if err != nil || listed.Generation != 2 || listed.Verifiers[0] != half.Verifiers[0] {
		t.Fatalf("listed %+v, %v; the file held %+v", listed, err, half)
	}
	if listed, err = again.RotateKeys(t.Context()); err != nil || listed.Generation != 3 {
		t.Errorf("the next: %+v, %v", listed, err)
	}
	keys, err := again.Journal.Keys(t.Context())
	if err != nil || len(keys) != 3 {
		t.Errorf("the record lists %+v, %v", keys, err)
	}
	other := cfg
	other.NotaryKeys = strings.TrimSuffix(cfg.NotaryKeys, ".json") + "-other.json"
	if err := notary.CreateKeys(other.NotaryKeys); err != nil {
		t.Fatal(err)
	}
	if _, err := notary.AddGeneration(other.NotaryKeys, 1, incident.NotaryName("localhost")); err != nil {
		t.Fatal(err)
	}
	expect(t, open(t, other).CheckSystem(t.Context()), "key file of another deployment")
}
