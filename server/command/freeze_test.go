package command_test

import (
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func TestWhoFreezesAnOrganisation(t *testing.T) {
	r := newRecord(t)
	freeze := command.FreezeOrganisation{Code: "X1N", Reason: "Its sign-in service is in an attacker's hands", Leads: true}
	leadless := freeze
	leadless.Leads = false
	r.want("a guest who administers", r.as(r.by("guest admin"), freeze), incident.NotFound)
	r.want("one of its own", r.as(r.by("ciso"), freeze), incident.NotFound)
	r.want("who is suspended", r.as(r.by("gone"), freeze), incident.NotFound)
	r.want("a host who leads nothing", r.as(r.by("lead"), leadless), incident.Forbidden)
	r.want("without a factor", r.as(incident.Actor{Person: "lead"}, freeze), incident.StepUp)
	r.want("without a reason", r.as(r.by("lead"), command.FreezeOrganisation{Code: "X1N", Reason: " ", Leads: true}), incident.Invalid)
	r.want("nobody", r.as(r.by("lead"), command.FreezeOrganisation{Code: "NONE", Reason: "r", Leads: true}), incident.NotFound)
	r.want("one's own", r.as(r.by("lead"), command.FreezeOrganisation{Code: "DSC", Reason: "r", Leads: true}), incident.Conflict)
	lead := r.by("lead")
	r.want("a host who leads", r.as(lead, freeze), "")
	r.want("twice", r.as(r.by("second"), freeze), incident.Conflict)
	r.want("another with the same factor", r.as(lead, command.FreezeOrganisation{Code: "X2E", Reason: "r", Leads: true}), incident.StepUp)
	if !r.sys.FrozenOut("ciso") || r.sys.FrozenOut("elsewhere") || r.sys.FrozenOut("guest admin") {
		t.Error("who is shut out")
	}

	// Nobody comes to act for it through its own sign-in service.
	join := command.Affiliate{Person: "guest admin", Orgs: []incident.OrgID{"X1N", "X2E"}, Joining: true}
	r.want("joining for it", r.as(incident.Actor{Person: "guest admin"}, join), incident.NotFound)
	r.want("an administrator says so", r.as(r.by("ncsc"), command.Affiliate{Person: "guest admin", Orgs: join.Orgs}), "")

	one := command.ReadmitPerson{Code: "X1N", Person: "ciso", How: "Rang her on the number in the directory", Leads: true}
	r.want("themselves", r.as(r.by("ciso"), one), incident.NotFound)
	r.want("without a factor", r.as(incident.Actor{Person: "lead"}, one), incident.StepUp)
	r.want("without saying how", r.as(r.by("lead"), command.ReadmitPerson{Code: "X1N", Person: "ciso", How: " ", Leads: true}), incident.Invalid)
	r.want("who was never shut out", r.as(r.by("lead"), command.ReadmitPerson{Code: "X1N", Person: "elsewhere", How: "r", Leads: true}), incident.NotFound)
	r.want("of another organisation", r.as(r.by("lead"), command.ReadmitPerson{Code: "X1N", Person: "lead", How: "r", Leads: true}), incident.NotFound)
	r.want("one of them", r.as(r.by("lead"), one), "")
	r.want("twice", r.as(r.by("lead"), one), incident.Conflict)
	if r.sys.FrozenOut("ciso") || !r.sys.FrozenOrg("X1N") {
		t.Error("one of them alone")
	}
}

func TestAFreezeIsEndedByTheOtherHostOrByTwo(t *testing.T) {
	r := newRecord(t)
	freeze := command.FreezeOrganisation{Code: "X1N", Reason: "r", Leads: true}
	thaw := command.UnfreezeOrganisation{Code: "X1N", Reason: "It was rebuilt", Leads: true}
	r.want("nothing is frozen", r.as(r.by("lead"), thaw), incident.NotFound)
	r.want("frozen", r.as(r.by("lead"), freeze), "")
	r.want("a guest", r.as(r.by("ciso"), thaw), incident.NotFound)
	r.want("without a factor", r.as(incident.Actor{Person: "ncsc"}, thaw), incident.StepUp)
	r.want("without a reason", r.as(r.by("ncsc"), command.UnfreezeOrganisation{Code: "X1N"}), incident.Invalid)
	r.want("the other host", r.as(r.by("ncsc"), thaw), "")
	if r.sys.FrozenOrg("X1N") {
		t.Error("the other host did not end it")
	}
	r.want("frozen again", r.as(r.by("lead"), freeze), "")
	r.want("who froze it asks", r.as(r.by("lead"), thaw), "")
	if !r.sys.FrozenOrg("X1N") {
		t.Fatal("one person ended it")
	}
	r.want("and agrees", r.as(r.by("lead"), thaw), incident.Conflict)
	r.want("a second", r.as(r.by("second"), command.UnfreezeOrganisation{Code: "X1N"}), "")
	if r.sys.FrozenOrg("X1N") {
		t.Error("two did not end it")
	}
}
