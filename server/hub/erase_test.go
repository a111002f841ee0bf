package hub

import (
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// After an erasure nobody is sent what was erased, wherever they resume from:
// not from the ring, nor from what was read for others before.
func TestNobodyIsSentWhatWasErased(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, una, rowan, sam := h.Person("Priya Anand", "DSC"), h.Person("Una Hart", "DSC"), h.Person("Rowan Ash", "NCSC"), h.Person("Sam Okafor", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(room, lead, una, incident.Liaison, incident.Full)
	h.Join(room, lead, rowan, incident.Liaison, incident.Full)
	h.Join(room, lead, sam, incident.Representative, incident.Full)
	hub := newHub(t, h, func(*Options) {})
	listen := func(after incident.Seq) (sent string) {
		t.Helper()
		e := attach(t, hub, sam)
		e.conn.Subscribe(room, &after)
		limit := timeout()
		for {
			e.mu.Lock()
			grown := e.grown
			e.mu.Unlock()
			frames := e.all()
			if len(frames) > 0 && frames[len(frames)-1].Type == "caught_up" {
				for _, f := range frames {
					for _, x := range f.Events {
						sent += x.raw
					}
				}
				return sent
			}
			select {
			case <-grown:
			case <-limit:
				t.Fatal("it did not catch up")
			}
		}
	}
	start := h.Say(room, sam, "before")
	said := h.Say(room, sam, "the CANARY sings")
	if !strings.Contains(listen(start), "CANARY") {
		t.Fatal("the test is blind: it is not sent while it stands")
	}
	ask := h.Must(h.Do(room, h.Stepped(lead), command.AskErasure{Entries: []incident.Seq{said}, Slots: incident.ErasableSlots, Ground: incident.GroundPatientData, Reason: "a name"})).Seq
	h.Must(h.Do(room, h.Stepped(una), command.AgreeErasure{Root: ask}))
	h.Must(h.Do(room, h.Stepped(rowan), command.AgreeErasure{Root: ask}))
	for _, after := range []incident.Seq{start, 1, said} {
		if sent := listen(after); strings.Contains(sent, "CANARY") {
			t.Errorf("resumed from %d they were sent it", after)
		}
	}
}
