package command_test

import (
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func TestAPostIsFilledWhenItIsAcknowledgedAndItsHolderActsAtItsTier(t *testing.T) {
	c := newChain(t)
	n := func(a incident.Actor) incident.MemberNo { return c.Member(a).Number }
	root := c.Must(c.Lead, command.AssignPost{Post: incident.StrategicCommander, Member: n(c.first), Deputy: n(c.second)})
	if c.Room.Holder(incident.StrategicCommander) != nil || c.Member(c.first).Tier() != incident.Operational {
		t.Error("it is filled before it is acknowledged")
	}
	c.refused(t, c.second, command.AcknowledgePost{Root: root}, incident.Forbidden, "somebody else")
	c.refused(t, c.guest, command.AssignPost{Post: incident.LiaisonPost, Member: n(c.first)}, incident.Forbidden, "")
	c.Must(c.first, command.AcknowledgePost{Root: root})
	if h := c.Room.Holder(incident.StrategicCommander); h == nil || h.Member != n(c.first) || c.Member(c.first).Tier() != incident.Strategic {
		t.Fatalf("%+v, at the %s tier", h, c.Member(c.first).Tier())
	}
	from := c.Room.Last
	c.Now = c.Now.Add(time.Hour)
	c.refused(t, c.asks, command.AssumePost{Post: incident.StrategicCommander, Reason: "x"}, incident.Forbidden, "deputy, or by somebody of a tier above")
	c.refused(t, c.second, command.AssumePost{Post: incident.StrategicCommander}, incident.Invalid, "")
	c.refused(t, c.second, command.AssumePost{Post: incident.StrategicCommander, Reason: "She cannot be reached"}, incident.StepUp, "second factor")
	c.second.StepUp = c.Now
	c.Must(c.second, command.AssumePost{Post: incident.StrategicCommander, Reason: "She cannot be reached"})
	if h := c.Room.Holder(incident.StrategicCommander); h.Member != n(c.second) || c.Member(c.second).Tier() != incident.Strategic || c.Member(c.first).Tier() != incident.Operational {
		t.Fatalf("%+v; tiers %s and %s", h, c.Member(c.second).Tier(), c.Member(c.first).Tier())
	}
	if was := c.Room.TenureRoot(root); was.From.Time != from.Time && was.From.After(from.Time) || was.Until.IsZero() {
		t.Errorf("the tenure before: %+v", was)
	}
	c.refused(t, c.first, command.AcknowledgePost{Root: root}, incident.Conflict, "over")
}

func TestWhoeverLeadsTheIncidentHasTheRoleOfALeadAndIsOfAHost(t *testing.T) {
	c := newChain(t)
	c.refused(t, c.Lead, command.AssignPost{Post: incident.IncidentLead, Member: c.Member(c.guest).Number}, incident.Invalid, "one of the hosts")
	root := c.Must(c.Lead, command.AssignPost{Post: incident.IncidentLead, Member: c.Member(c.second).Number})
	c.Must(c.second, command.AcknowledgePost{Root: root})
	if m := c.Member(c.second); m.Role != incident.Lead || m.Tier() != incident.Tactical {
		t.Errorf("%s at the %s tier", m.Role, m.Tier())
	}
}

// A tier that is no more than the role's goes with the role; one beyond it
// stays.
func TestATierOfTheRoleGoesWithTheRole(t *testing.T) {
	c := newChain(t)
	root := c.Member(c.second).Root
	c.Must(c.Lead, command.ChangeRole{Root: root, Role: incident.Deputy})
	c.Must(c.Lead, command.SetTier{Root: root, Tier: incident.Strategic})
	c.Must(c.Lead, command.SetTier{Root: root, Tier: incident.Tactical})
	c.Must(c.Lead, command.ChangeRole{Root: root, Role: incident.Liaison})
	if got := c.Member(c.second).Tier(); got != incident.Operational {
		t.Errorf("a liaison who was a tactical deputy acts at the %s tier", got)
	}
	c.Must(c.Lead, command.SetTier{Root: root, Tier: incident.Strategic})
	c.Must(c.Lead, command.ChangeRole{Root: root, Role: incident.Deputy})
	if got := c.Member(c.second).Tier(); got != incident.Strategic {
		t.Errorf("what was given beyond the role went with it: %s", got)
	}
}
