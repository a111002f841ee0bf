package hub

import (
	"fmt"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/presence"
	"wardroom/server/servertest"
)

func TestPresenceObeysTheRoster(t *testing.T) {
	for roster, want := range map[incident.Roster]string{
		incident.RosterNames:         "lead [1 2 3 4] ward [1 2 3 4] olga [1 2 3 4]",
		incident.RosterOrganisations: "lead [1 2 3 4] ward [1 2 3 4] olga [1 2 3 4]",
		incident.RosterHosts:         "lead [1 2 3 4] ward [1 2 3] olga [1 2 4]",
	} {
		t.Run(string(roster), func(t *testing.T) {
			h := servertest.NewHouse(t)
			board := presence.New(presence.Options{})
			t.Cleanup(board.Close)
			s := &scene{House: h, lead: h.Person("Lena", "DSC"), host: h.Person("Hugo", "NCSC"), ward: h.Person("Wanda", "X1N")}
			olga := h.Person("Olga", "X2E")
			s.room = h.OpenRoom(s.lead, incident.ModeIncident, roster)
			h.Join(s.room, s.lead, s.host, incident.Liaison, incident.Full)
			h.Join(s.room, s.lead, s.ward, incident.Representative, incident.FromJoin)
			olgaNo := h.Join(s.room, s.lead, olga, incident.Representative, incident.FromJoin)
			s.hub = newHub(t, h, func(o *Options) { o.Presence = board })
			lead, ward, third := s.listen(s.lead, nil), s.listen(s.ward, nil), s.listen(olga, nil)
			s.listen(s.host, nil)
			third.conn.Typing(s.room)
			settled := func(e *ear) func([]heard) bool {
				return func(all []heard) bool { f := lastPresence(all); return contains(f.Here, 2) && contains(f.Here, 1) }
			}
			typing := func(e *ear) []heard {
				return e.until("that Olga types", func(all []heard) bool { return contains(lastPresence(all).Typing, olgaNo) })
			}
			typing(lead)
			typing(third)
			lead.until("everyone", func(all []heard) bool { return len(lastPresence(all).Here) == 4 })
			ward.until("the hosts", settled(ward))
			third.until("the hosts", settled(third))
			got := fmt.Sprintf("lead %v ward %v olga %v", lastPresence(lead.all()).Here, lastPresence(ward.all()).Here, lastPresence(third.all()).Here)
			if got != want {
				t.Errorf("here are: %s, want %s", got, want)
			}
			if hidden := roster == incident.RosterHosts; contains(lastPresence(ward.all()).Typing, olgaNo) == hidden {
				t.Errorf("Wanda knows whether Olga types: %v", !hidden)
			}
			third.conn.Unsubscribe(s.room)
			lead.until("her leaving", func(all []heard) bool { f := lastPresence(all); return len(f.Here) == 3 && len(f.Typing) == 0 })
			for _, e := range []*ear{lead, ward, third} {
				for _, f := range e.all() {
					if f.Type == "presence" && roster == incident.RosterHosts && e == ward && contains(f.Here, olgaNo) {
						t.Errorf("Wanda was told of Olga: %s", f.raw)
					}
				}
			}
		})
	}
}

func lastPresence(all []heard) (last heard) {
	for _, f := range all {
		if f.Type == "presence" {
			last = f
		}
	}
	return last
}

func contains(list []incident.MemberNo, n incident.MemberNo) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

func TestPresenceIsToldAtMostTwiceASecond(t *testing.T) {
	h := servertest.NewHouse(t)
	board := presence.New(presence.Options{})
	t.Cleanup(board.Close)
	s := &scene{House: h, lead: h.Person("Lena", "DSC"), ward: h.Person("Wanda", "X1N")}
	s.room = h.OpenRoom(s.lead, incident.ModeIncident, incident.RosterNames)
	h.Join(s.room, s.lead, s.ward, incident.Representative, incident.Full)
	s.hub = newHub(t, h, func(o *Options) { o.Presence = board })
	lead := s.listen(s.lead, nil)
	ward := attach(t, s.hub, s.ward)
	for range 40 { // comes and goes
		heard := len(ward.all())
		ward.conn.Subscribe(s.room, nil)
		ward.next("caught_up", heard, is("caught_up"))
		ward.conn.Unsubscribe(s.room)
	}
	lead.until("that nobody else is here", func(all []heard) bool { return len(lastPresence(all).Here) == 1 })
	var told []heard
	for _, f := range lead.all() {
		if f.Type == "presence" {
			told = append(told, f)
		}
	}
	for i := 1; i < len(told); i++ {
		if gap := told[i].at.Sub(told[i-1].at); gap < presenceEvery*8/10 {
			t.Errorf("told twice within %v", gap)
		}
	}
}
