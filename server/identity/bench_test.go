package identity

import (
	"testing"

	"wardroom/server/incident"
)

func BenchmarkActor(b *testing.B) {
	h := newHouse(b, nil)
	h.plainIssuer("health")
	h.record("health", "s1")
	who, _ := h.insider("health", "s1")
	r := who.request("/", false)
	var a incident.Actor
	for b.Loop() {
		var err error
		if a, _, err = h.id.Actor(r); err != nil {
			b.Fatal(err)
		}
	}
	if a.Person == "" {
		b.Fatal("nobody")
	}
}
