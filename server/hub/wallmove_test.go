package hub

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// rebuilt is who is in the room by the rows of a wall, looked up from the
// beginning.
func rebuilt(w *wall) (in map[incident.PersonID][]incident.Seq, start incident.Seq) {
	in = map[incident.PersonID][]incident.Seq{}
	for _, m := range w.members {
		if m.State == incident.Joined {
			in[m.Person] = append(in[m.Person], m.Root)
			start = max(start, m.Start)
		}
	}
	return in, start
}

func TestAWallThatIsMovedAlongIsTheWallBuiltAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWall(nil, nil)
		for range rapid.IntRange(1, 60).Draw(t, "groups") {
			var group []projection.Member
			for range rapid.IntRange(1, 4).Draw(t, "rows") {
				group = append(group, projection.Member{
					Root:   incident.Seq(rapid.IntRange(1, 12).Draw(t, "root")),
					Person: incident.PersonID(rapid.SampledFrom([]string{"ann", "ben", "cat"}).Draw(t, "person")),
					State:  rapid.SampledFrom([]incident.MemberState{incident.Invited, incident.Joined, incident.Left}).Draw(t, "state"),
					Start:  incident.Seq(rapid.IntRange(0, 5).Draw(t, "start")),
				})
			}
			w.move(group)
			in, start := rebuilt(w)
			if w.start != start || len(w.in) != len(in) {
				t.Fatalf("the newest start is %d and %d people are in; built anew: %d and %d", w.start, len(w.in), start, len(in))
			}
			for p, roots := range in {
				var got []incident.Seq
				for _, m := range w.in[p] {
					got = append(got, m.Root)
				}
				slices.Sort(got)
				slices.Sort(roots)
				if !slices.Equal(got, roots) {
					t.Fatalf("%s is in by %v; built anew: %v", p, got, roots)
				}
			}
		}
	})
}
