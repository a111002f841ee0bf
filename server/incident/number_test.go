package incident_test

import (
	"testing"

	"pgregory.net/rapid"

	"wardroom/server/incident"
)

func TestAdministratorsCountTheEntriesThatTellOfNoRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sys := incident.NewSystem("")
		counted := incident.Seq(0)
		for seq := incident.Seq(1); seq <= incident.Seq(rapid.IntRange(1, 60).Draw(t, "entries")); seq++ {
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				sys.Apply(&incident.Event{Seq: seq, Root: seq, Body: &incident.RoomRegistered{Reference: "INC-2026-0001"}})
			case 1:
				sys.Apply(&incident.Event{Seq: seq, Root: seq, Body: &incident.RoomEnded{}})
			default:
				sys.Apply(&incident.Event{Seq: seq, Root: seq, Body: &incident.PersonRestored{}})
				counted++
				if n := sys.Number(seq); n != counted {
					t.Fatalf("entry %d is number %d, want %d (rooms %v)", seq, n, counted, sys.Rooms)
				}
			}
			for n := incident.Seq(1); n <= counted; n++ {
				if at := sys.Numbered(n); sys.Number(at) != n || at > seq {
					t.Fatalf("number %d is entry %d, which is number %d (rooms %v)", n, at, sys.Number(at), sys.Rooms)
				}
			}
		}
	})
}
