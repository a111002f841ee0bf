package hub

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// scene is a room with a lead, a guest who joined with history from_join and
// a second host.
type scene struct {
	*servertest.House
	hub              *Hub
	room             incident.LogID
	lead, host, ward incident.Actor
	hostNo, wardNo   incident.MemberNo
}

func newScene(t testing.TB, change ...func(*Options)) *scene {
	t.Helper()
	h := servertest.NewHouse(t)
	s := &scene{House: h, lead: h.Person("Lena", "DSC"), host: h.Person("Hugo", "NCSC"), ward: h.Person("Wanda", "X1N")}
	s.room = h.OpenRoom(s.lead, incident.ModeIncident, incident.RosterNames)
	s.hostNo = h.Join(s.room, s.lead, s.host, incident.Liaison, incident.Full)
	s.wardNo = h.Join(s.room, s.lead, s.ward, incident.Representative, incident.FromJoin)
	s.hub = newHub(t, h, change...)
	return s
}

// listen attaches and subscribes, and waits until the client has caught up.
func (s *scene) listen(who incident.Actor, after *incident.Seq) *ear {
	s.T.Helper()
	e := attach(s.T, s.hub, who)
	e.conn.Subscribe(s.room, after)
	e.next("caught_up", 0, is("caught_up"))
	return e
}

func (s *scene) head() incident.Seq {
	s.T.Helper()
	r, err := s.Journal.Room(context.Background(), s.room)
	if err != nil {
		s.T.Fatal(err)
	}
	return r.Head
}

func (s *scene) do(who incident.Actor, cmd command.Command) incident.Seq {
	s.T.Helper()
	return s.Must(s.Do(s.room, who, cmd)).Seq
}

func TestAFirstConnectionGetsASnapshotThenEntries(t *testing.T) {
	s := newScene(t)
	e := s.listen(s.lead, nil)
	seq := s.Say(s.room, s.host, "first light")
	_, f := e.next("the message", 0, has(seq))
	frames := e.all()
	if got := types(frames[:2]); fmt.Sprint(got) != "[snapshot caught_up]" {
		t.Fatalf("the stream began with %v", got)
	}
	if !strings.Contains(string(frames[0].State), `"reference":"INC-`) {
		t.Fatal("the snapshot does not name the room")
	}
	if got := f.Events[0].text(); got != "first light" {
		t.Fatalf("the message came as %q", got)
	}
	stream(t, frames, 0)
}

func TestASnapshotsFrontierIsTheJournals(t *testing.T) {
	s := newScene(t)
	for i := range 40 {
		e := s.listen(s.lead, nil)
		snap := e.all()[0]
		size, hashes, err := s.Journal.Frontier(t.Context(), s.room)
		if err != nil {
			t.Fatal(err)
		}
		if size != snap.Frontier.Size || len(hashes) != len(snap.Frontier.Hashes) {
			t.Fatalf("size %d with %d hashes, want %d with %d", snap.Frontier.Size, len(snap.Frontier.Hashes), size, len(hashes))
		}
		for i, h := range hashes {
			if base64.StdEncoding.EncodeToString(h[:]) != snap.Frontier.Hashes[i] {
				t.Fatalf("hash %d of the frontier of size %d differs", i, size)
			}
		}
		s.Say(s.room, s.lead, fmt.Sprint(i))
	}
}

func TestAResumedStreamBeginsAfterTheNumberItNames(t *testing.T) {
	s := newScene(t)
	from := s.head()
	for i := range 20 {
		s.Say(s.room, s.lead, fmt.Sprint(i))
	}
	for _, after := range []incident.Seq{from, from + 7, from + 20} {
		e := s.listen(s.host, &after)
		last, entries := stream(t, e.all(), after)
		if last != from+20 || len(entries) != int(from+20-after) {
			t.Fatalf("after %d came %d entries up to %d", after, len(entries), last)
		}
	}
	ahead := s.head() + 5
	if got := types(s.listen(s.host, &ahead).all()); fmt.Sprint(got) != "[snapshot caught_up]" {
		t.Fatalf("after a number the log does not have came %v", got)
	}
}

func TestMissingAndForbiddenRoomsAreRefusedAlike(t *testing.T) {
	s := newScene(t)
	stranger := attach(t, s.hub, s.Person("Stella", "X2E"))
	answers := map[incident.LogID]string{}
	for _, room := range []incident.LogID{s.room, incident.LogID(incident.RandomID()), "nonsense"} {
		from := len(stranger.all())
		stranger.conn.Subscribe(room, nil)
		_, f := stranger.next("refusal", from, is("error"))
		answers[room] = strings.Replace(f.raw, string(room), "", 1)
	}
	for room, a := range answers {
		if a != answers[s.room] || !strings.Contains(a, `"fault":"not_found"`) {
			t.Errorf("%s is refused with %s, the room itself with %s", room, a, answers[s.room])
		}
	}
}

func TestAStubTellsNothing(t *testing.T) {
	s := newScene(t)
	lead, ward := s.listen(s.lead, nil), s.listen(s.ward, nil)
	seq := s.do(s.lead, command.PostMessage{Text: "for hosts", Audience: &incident.Audience{Kind: incident.ToHosts}})
	if _, f := lead.next("the message", 0, has(seq)); f.Events[0].text() != "for hosts" {
		t.Fatalf("the lead got %s", f.raw)
	}
	_, f := ward.next("the stub", 0, has(seq))
	if f.Events[0].form() != "stub" || f.Events[0].Leaf != leaves(t, s.House, s.room)[seq] {
		t.Fatalf("the guest got %s", f.raw)
	}
}

func TestARedMessageTravelsAsAnEnvelopeToItsNamedReadersOnly(t *testing.T) {
	s := newScene(t)
	host, ward := s.listen(s.host, nil), s.listen(s.ward, nil)
	seq := s.do(s.lead, command.PostMessage{Text: "eyes only", TLP: incident.Red,
		Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{s.hostNo}}})
	if _, f := host.next("the envelope", 0, has(seq)); f.Events[0].form() != "envelope" || strings.Contains(f.raw, "eyes only") {
		t.Fatalf("the named reader got %s", f.raw)
	}
	if _, f := ward.next("the stub", 0, has(seq)); f.Events[0].form() != "stub" {
		t.Fatalf("someone not named got %s", f.raw)
	}
}

func TestARemovedMemberGetsRevokedAndNothingMore(t *testing.T) {
	s := newScene(t)
	first, second := s.listen(s.ward, nil), s.listen(s.ward, nil)
	lead := s.listen(s.lead, nil)
	last := s.Say(s.room, s.lead, "before")
	first.next("the message", 0, has(last))
	room, _ := s.Journal.Room(t.Context(), s.room)
	s.do(s.lead, command.RemoveMember{Root: room.Member(s.ward.Person).Root})
	after := s.Say(s.room, s.lead, "after")
	lead.next("the message", 0, has(after))
	for _, e := range []*ear{first, second} {
		at, _ := e.next("revoked", 0, is("revoked"))
		if frames := e.all(); at != len(frames)-1 {
			t.Fatalf("after revoked came %v", types(frames[at+1:]))
		}
		if got, _ := stream(t, e.all(), 0); got > last {
			t.Fatalf("entry %d reached someone removed before it", got)
		}
		e.conn.Subscribe(s.room, &last)
		e.next("refusal", at, is("error"))
	}
}

func TestAChangeOfOnesOwnMembershipBringsASnapshot(t *testing.T) {
	s := newScene(t)
	ward := s.listen(s.ward, nil)
	early := s.Say(s.room, s.lead, "hello")
	ward.next("the message", 0, has(early))
	from := len(ward.all())
	room, _ := s.Journal.Room(t.Context(), s.room)
	seq := s.do(s.lead, command.GrantHistory{Root: room.Member(s.ward.Person).Root, Start: 1})
	at, _ := ward.next("the grant", from, has(seq))
	ward.next("the snapshot after it", at, is("snapshot"))
	stream(t, ward.all(), 0)

	back := s.listen(s.ward, &early) // and the same on resuming over it
	if got := types(back.all()); got[0] != "snapshot" {
		t.Fatalf("resuming over one's own grant brought %v", got)
	}
}

func TestSessionsEndTheirSocketsAtOnce(t *testing.T) {
	s := newScene(t)
	ward, lead := s.listen(s.ward, nil), s.listen(s.lead, nil)
	began := time.Now()
	s.hub.CutSessions("session-Wanda", "session-nobody")
	if code := ward.gone(); code != SignedOut || time.Since(began) > time.Second {
		t.Fatalf("closed with %d after %v", code, time.Since(began))
	}
	s.hub.CutPerson(s.lead.Person)
	if code := lead.gone(); code != SignedOut {
		t.Fatalf("closed with %d", code)
	}
}

func TestDrainingSendsEveryoneAwayAfterWhatIsQueued(t *testing.T) {
	s := newScene(t)
	ears := []*ear{s.listen(s.lead, nil), s.listen(s.ward, nil), s.listen(s.host, nil)}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.hub.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	for _, e := range ears {
		if code := e.gone(); code != GoAway {
			t.Errorf("closed with %d", code)
		}
		if f := e.all(); f[len(f)-1].Type != "goaway" || f[len(f)-1].Wait > 1500 {
			t.Errorf("the last words were %s", f[len(f)-1].raw)
		}
	}
	if code := attach(t, s.hub, s.lead).gone(); code != GoAway {
		t.Errorf("a latecomer was closed with %d", code)
	}
}
