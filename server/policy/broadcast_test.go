package policy_test

import (
	"testing"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

func TestSomebodyOfTheOtherHostAnswersForABroadcast(t *testing.T) {
	p, actors, theirs, _ := scenes(t, incident.ModeIncident)
	for _, act := range []policy.Act{policy.ApproveBroadcast, policy.RefuseBroadcast} {
		for _, asked := range []string{"lead", "liaison"} { // of the DSC, and of the NCSC
			m := p.Member(actors[asked])
			object := *p.Objects[theirs]
			object.Broadcast = &incident.Broadcast{By: incident.By{Member: m.Number, Org: m.Org}}
			for who, want := range map[string]incident.Fault{"lead": "", "deputy": "", "liaison": "", "loggist": incident.Forbidden, "comms": incident.Forbidden,
				"rep": incident.NotFound, "observer": incident.NotFound, "auditor": incident.NotFound} {
				if want == "" && p.Member(actors[who]).Org == m.Org {
					want = incident.Forbidden
				}
				judge(t, act, policy.Scene{Room: p.Room, Actor: actors[who], Object: &object, Now: p.Now}, want, string(act)+" as "+who+", asked for by the "+asked)
			}
			// Nobody answers their own question, having changed sides.
			if asked == "lead" {
				object.Broadcast.By.Org = "NCSC"
				judge(t, act, policy.Scene{Room: p.Room, Actor: actors["lead"], Object: &object, Now: p.Now}, incident.Forbidden, "as the same person for the other host")
			}
		}
	}
}
