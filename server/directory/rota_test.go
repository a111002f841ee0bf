package directory

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/incident"
)

func TestARotaSaysWhoIsOnCallTheMostSeniorFirst(t *testing.T) {
	at := func(h int) incident.Instant { return incident.At(time.Date(2026, 11, 22, h, 0, 0, 0, time.UTC)) }
	r := Rota{Shifts: []Shift{
		{Person: "b", From: at(0), Until: at(8), Seniority: 2}, {Person: "a", From: at(2), Until: at(8), Seniority: 1},
		{Person: "c", From: at(8), Until: at(16), Seniority: 1}, {Person: "b", From: at(1), Until: at(9), Seniority: 3}}}
	for hour, want := range map[int][]incident.PersonID{0: {"b"}, 3: {"a", "b"}, 8: {"c", "b"}, 9: {"c"}, 16: nil} {
		if got := r.At(at(hour).Time); !slices.Equal(got, want) {
			t.Errorf("at %d: %v, want %v", hour, got, want)
		}
	}
}

func TestAnOlderRotaIsNotWrittenOverANewerOne(t *testing.T) {
	d, _, _ := newDirectory(t)
	r := Rota{Org: "DSC", Tier: incident.Strategic, Shifts: []Shift{{Person: "a", From: incident.At(time.Now()), Until: incident.At(time.Now().Add(time.Hour)), Seniority: 1}}}
	r.Version = 2
	for _, write := range []Rota{{Org: "DSC", Tier: incident.Strategic, Version: 1}, r, {Org: "DSC", Tier: incident.Strategic, Version: 1}, {Org: "DSC", Tier: incident.Strategic, Version: 2}} {
		if err := d.SetRota(t.Context(), write); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.Rotas(t.Context(), []incident.OrgID{"DSC", "NCSC"})
	if err != nil || len(got) != 1 || got[0].Version != 2 || !slices.Equal(got[0].Shifts, r.Shifts) {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := d.Rotas(t.Context(), []incident.OrgID{"NCSC"}); err != nil || len(got) != 0 {
		t.Fatalf("another host's: %+v, %v", got, err)
	}
}
