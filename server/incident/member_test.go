package incident

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// aMembership draws the next thing that happens to one of a few memberships.
func aMembership(t *rapid.T, seq Seq) *Event {
	e := &Event{Seq: seq, Root: Seq(rapid.IntRange(1, 6).Draw(t, "root"))}
	person := PersonID(rapid.SampledFrom([]string{"ann", "ben", "cat"}).Draw(t, "person"))
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		e.Root = seq
		e.Body = &MemberInvited{Invitation: fmt.Sprint(seq), Seat: Seat{Org: "T01", Role: Representative}}
	case 1:
		e.Body = &MemberAsked{Person: person, Name: string(person)}
	case 2, 3:
		e.Body = &MemberJoined{Number: MemberNo(e.Root), Person: person, Seat: Seat{Org: "T01", Role: Representative}}
	case 4:
		e.Body = &MemberLeft{}
	default:
		e.Body = &MemberChanged{Role: Observer}
	}
	return e
}

// roster is all that a room tells of its members.
func roster(t *rapid.T, r *Room) string {
	text, err := json.Marshal(r.Members)
	if err != nil {
		t.Fatal(err)
	}
	s := string(text)
	for _, p := range []PersonID{"ann", "ben", "cat"} {
		if m := r.Member(p); m != nil {
			s += fmt.Sprint(" ", p, m.Root)
		}
	}
	for n := range 70 {
		if m := r.Numbered(MemberNo(n)); m != nil {
			s += fmt.Sprint(" M", n, m.Root)
		}
		if m := r.MemberRoot(Seq(n)); m != nil {
			s += fmt.Sprint(" #", n, m.State)
		}
	}
	return s + fmt.Sprint(r.NextMember())
}

// What a group folds in one go is what its entries fold one by one, and no room
// that was published changes by what is folded later.
func TestARosterIsTheSameHoweverItWasFoldedAndAPublishedOneStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		single, grouped := NewRoom("room"), NewRoom("room")
		type was struct {
			room *Room
			told string
		}
		var published []was
		seq := Seq(0)
		for range rapid.IntRange(1, 12).Draw(t, "groups") {
			next := grouped.Clone()
			for range rapid.IntRange(1, 5).Draw(t, "entries") {
				seq++
				e := aMembership(t, seq)
				next.Apply(e)
				single = single.Clone()
				single.Apply(e)
			}
			grouped = next
			told := roster(t, grouped)
			if one := roster(t, single); one != told {
				t.Fatalf("in groups: %s\none by one: %s", told, one)
			}
			published = append(published, was{grouped, told})
		}
		for i, p := range published {
			if now := roster(t, p.room); now != p.told {
				t.Fatalf("room %d has changed since it was published.\nwas: %s\nis:  %s", i, p.told, now)
			}
		}
	})
}
