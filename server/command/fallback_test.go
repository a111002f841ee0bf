package command_test

import (
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// record is the deployment's own, with a host's two people, the other host's, a
// guest and an administrator of a guest's.
type record struct{ *ladder }

func newRecord(t testing.TB) *record {
	l := newLadder(t)
	l.sys.Orgs["X1N"] = incident.Organisation{Code: "X1N", Name: "X1N", Type: incident.Acute, Issuer: "health"}
	for _, p := range []incident.Person{{ID: "lead", Orgs: []incident.OrgID{"DSC"}, Issuer: "health"}, {ID: "second", Orgs: []incident.OrgID{"DSC"}, Issuer: "health", Admin: true},
		{ID: "ncsc", Orgs: []incident.OrgID{"NCSC"}, Issuer: "other", Admin: true}, {ID: "ciso", Orgs: []incident.OrgID{"X1N"}, Issuer: "health"},
		{ID: "elsewhere", Orgs: []incident.OrgID{"X1N"}, Issuer: "other"}, {ID: "guest admin", Orgs: []incident.OrgID{"X2E"}, Issuer: "health", Admin: true}} {
		p.Name = string(p.ID)
		l.sys.People[p.ID] = p
	}
	l.sys.Reindex()
	return &record{l}
}

// as does what an actor asks, and says what was refused.
func (r *record) as(a incident.Actor, c command.Command) incident.Fault {
	events, err := command.Decide(command.Input{State: r.sys, Size: uint64(r.sys.Head + 1), Actor: a, Now: r.now}, c)
	if err != nil {
		return incident.FaultOf(err)
	}
	next := r.sys.Clone()
	for _, e := range events {
		e.Seq, e.By.Person, e.Times.Recorded = next.Head+1, a.Person, incident.At(r.now)
		next.Apply(e)
	}
	r.sys = next
	return ""
}

// by is somebody who gave a second factor of their own just now.
func (r *record) by(p incident.PersonID) incident.Actor {
	r.now = r.now.Add(2 * time.Second)
	return incident.Actor{Person: p, StepUp: r.now.Add(-time.Second)}
}

// coded is somebody who came in by codes just now.
func (r *record) coded(p incident.PersonID) incident.Actor {
	a := r.by(p)
	a.Way = incident.ByCodes
	return a
}

func (r *record) want(what string, got, want incident.Fault) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestWhoLetsSomebodyInByCodes(t *testing.T) {
	r := newRecord(t)
	ciso := incident.Actor{Person: "ciso", Way: incident.ByCodes}
	ask := command.AskFallback{Request: "r1", Channel: incident.BySMS}
	r.want("asked by somebody who is signed in", r.as(r.by("ciso"), ask), incident.NotFound)
	r.want("asked by nobody", r.as(incident.Actor{Person: "unheard of", Way: incident.ByCodes}, ask), incident.NotFound)
	r.want("asked by who is suspended", r.as(incident.Actor{Person: "gone", Way: incident.ByCodes}, ask), incident.NotFound)
	enter := command.EnterFallback{Request: "r1"}
	r.want("in without asking", r.as(ciso, enter), incident.NotFound)
	r.want("asked", r.as(ciso, ask), "")
	r.want("asked twice", r.as(ciso, ask), incident.Conflict)
	r.want("in without a host", r.as(ciso, enter), incident.NotFound)

	yes := command.ApproveFallback{Request: "r1", Reason: "Their network is cut off", Leads: true}
	r.want("let in by a guest", r.as(r.by("guest admin"), yes), incident.NotFound)
	r.want("let in by themselves", r.as(r.by("ciso"), yes), incident.NotFound)
	leadless := yes
	leadless.Leads = false
	r.want("let in by a host who leads nothing", r.as(r.by("lead"), leadless), incident.Forbidden)
	r.want("let in by who came in by codes", r.as(r.coded("lead"), yes), incident.Forbidden)
	r.want("without a factor", r.as(incident.Actor{Person: "lead"}, yes), incident.StepUp)
	stale := r.by("lead")
	stale.StepUp = r.now.Add(-incident.FreshFor)
	r.want("with an old factor", r.as(stale, yes), incident.StepUp)
	why := yes
	why.Reason = " "
	r.want("without a reason", r.as(r.by("lead"), why), incident.Invalid)
	lead := r.by("lead")
	r.want("let in", r.as(lead, yes), "")
	r.want("let in twice", r.as(r.by("second"), yes), incident.Conflict)
	r.want("in as somebody else", r.as(incident.Actor{Person: "elsewhere", Way: incident.ByCodes}, enter), incident.NotFound)
	r.want("in by an issuer's session", r.as(r.by("ciso"), enter), incident.NotFound)

	// One factor lets in one.
	r.want("the next asks", r.as(incident.Actor{Person: "elsewhere", Way: incident.ByCodes}, command.AskFallback{Request: "r2"}), "")
	next := yes
	next.Request = "r2"
	r.want("with the same factor", r.as(lead, next), incident.StepUp)

	r.want("in", r.as(ciso, enter), "")
	r.want("in twice", r.as(ciso, enter), incident.NotFound)
	until := r.sys.InByCodes("ciso", incident.At(r.now))
	if left := until.Sub(r.now); left != time.Hour {
		t.Errorf("they are in for %v", left)
	}
	if !r.sys.InByCodes("ciso", until).IsZero() {
		t.Error("and after that")
	}

	// What is over is over, on every side of it.
	r.now = r.now.Add(incident.FallbackFor)
	r.want("let in too late", r.as(r.by("lead"), next), incident.NotFound)
	third := incident.Actor{Person: "ciso", Way: incident.ByCodes}
	r.want("asked anew", r.as(third, command.AskFallback{Request: "r3"}), "")
	next.Request = "r3"
	r.want("let in anew", r.as(r.by("lead"), next), "")
	r.now = r.now.Add(incident.FallbackFor)
	r.want("in too late", r.as(third, command.EnterFallback{Request: "r3"}), incident.NotFound)
}

func TestWhoTurnsSomebodyAwayWhoComesByCodes(t *testing.T) {
	r := newRecord(t)
	ciso := incident.Actor{Person: "ciso", Way: incident.ByCodes}
	r.want("asked", r.as(ciso, command.AskFallback{Request: "r1"}), "")
	no := command.RefuseFallback{Request: "r1", Leads: true}
	r.want("by a guest", r.as(r.by("guest admin"), no), incident.NotFound)
	r.want("by who came in by codes", r.as(r.coded("lead"), no), incident.Forbidden)
	wrong := command.RefuseFallback{Request: "r1", Wrong: true}
	r.want("as if it were wrong, by somebody else", r.as(incident.Actor{Person: "elsewhere", Way: incident.ByCodes}, wrong), incident.NotFound)
	r.want("as if it were wrong, by a host", r.as(r.by("lead"), wrong), incident.NotFound)
	r.want("let in", r.as(r.by("lead"), command.ApproveFallback{Request: "r1", Reason: "r", Leads: true}), "")
	r.want("and turned away", r.as(r.by("ncsc"), command.RefuseFallback{Request: "r1"}), "")
	r.want("in all the same", r.as(ciso, command.EnterFallback{Request: "r1"}), incident.NotFound)
	r.want("turned away again", r.as(r.by("lead"), no), incident.NotFound)
}

func TestAFreezeInBetweenEndsComingInByCodes(t *testing.T) {
	r := newRecord(t)
	ciso := incident.Actor{Person: "ciso", Way: incident.ByCodes}
	yes := command.ApproveFallback{Request: "r1", Reason: "r", Leads: true}
	freeze := command.FreezeOrganisation{Code: "X1N", Reason: "r"}
	r.want("asked", r.as(ciso, command.AskFallback{Request: "r1"}), "")
	r.want("frozen", r.as(r.by("ncsc"), freeze), "")
	r.want("let in", r.as(r.by("lead"), yes), incident.NotFound)
	r.want("thawed", r.as(r.by("lead"), command.UnfreezeOrganisation{Code: "X1N", Reason: "r", Leads: true}), "")
	r.want("let in then", r.as(r.by("lead"), yes), "")
	r.want("frozen again", r.as(r.by("ncsc"), freeze), "")
	r.want("in", r.as(ciso, command.EnterFallback{Request: "r1"}), incident.NotFound)
	r.want("asked then", r.as(ciso, command.AskFallback{Request: "r2"}), incident.NotFound)
}

func TestWhoCameInByCodesGivesNobodyARightOverTheDeployment(t *testing.T) {
	r := newRecord(t)
	rows := r.sys.Matrix(0).Rows
	of := incident.ContactOf{Contact: "c", Org: "X1N", Role: incident.CISO}
	for what, c := range map[string]command.Command{
		"a rota":              command.SetRota{Org: "DSC", Tier: incident.Strategic, Shifts: 1},
		"the matrix":          command.SetMatrix{Rows: rows},
		"an administrator":    command.NameOrganisationAdministrator{Org: "X1N", Person: "ciso"},
		"a number rung back":  command.VerifyContact{Of: of, Channel: incident.BySMS, How: incident.ByRinging},
		"another's passkey":   command.RemovePasskey{Person: "ciso", Number: 1, Leads: true},
		"an alert":            alertTo("X1N"),
		"a frozen one":        command.FreezeOrganisation{Code: "X1N", Reason: "r", Leads: true},
		"a thawed one":        command.UnfreezeOrganisation{Code: "X1N", Reason: "r", Leads: true},
		"one who is let back": command.ReadmitPerson{Code: "X1N", Person: "ciso", How: "r", Leads: true},
	} {
		if got := r.as(r.coded("second"), c); got == "" || got == incident.Invalid {
			t.Errorf("%s by codes: %q", what, got)
		}
	}
	// And by an issuer's word each of the first four stands.
	r.want("a rota", r.as(r.by("second"), command.SetRota{Org: "DSC", Tier: incident.Strategic, Shifts: 1}), "")
	r.want("the matrix", r.as(r.by("second"), command.SetMatrix{Rows: rows}), "")
	r.want("a number rung back", r.as(r.by("second"), command.VerifyContact{Of: of, Channel: incident.BySMS, How: incident.ByRinging}), "")
	r.want("an administrator", r.as(r.by("second"), command.NameOrganisationAdministrator{Org: "X1N", Person: "ciso"}), "")
}

func TestWhoSetsARotaAndTheMatrix(t *testing.T) {
	r := newRecord(t)
	rota := command.SetRota{Org: "DSC", Tier: incident.Tactical, Shifts: 1}
	r.want("the other host's", r.as(r.by("ncsc"), rota), incident.Forbidden)
	r.want("a guest", r.as(r.by("ciso"), rota), incident.Forbidden)
	r.want("who is suspended", r.as(r.by("gone"), rota), incident.Forbidden)
	r.want("of no host", r.as(r.by("lead"), command.SetRota{Org: "X1N", Tier: incident.Tactical}), incident.NotFound)
	r.want("its own", r.as(r.by("lead"), rota), "")
	r.want("as it was before", r.as(r.by("lead"), rota), incident.Conflict)

	set := command.SetMatrix{Rows: r.sys.Matrix(0).Rows}
	r.want("a guest's matrix", r.as(r.by("guest admin"), set), incident.Forbidden)
	r.want("who is suspended", r.as(r.by("gone"), set), incident.Forbidden)
	r.want("without a factor", r.as(incident.Actor{Person: "lead"}, set), incident.StepUp)
	r.want("with rows missing", r.as(r.by("lead"), command.SetMatrix{Rows: set.Rows[1:2]}), incident.Invalid)
	r.want("a host's", r.as(r.by("lead"), set), "")
	r.want("as it was before", r.as(r.by("lead"), set), incident.Conflict)
	if r.sys.MatrixVersion() != 1 || r.sys.Matrix(0).Version == r.sys.Matrix(1).Version {
		t.Error("the version before is not kept")
	}
}

func TestWhatTakesAFactorEachTimeIsNotDoneByCodes(t *testing.T) {
	c := newTellers(t)
	c.grave(4)
	coded := func(a incident.Actor) incident.Actor {
		a = c.Stepped(a) // a session by codes begins with a factor, which opens TLP:RED
		a.Way = incident.ByCodes
		return a
	}
	root := c.Must(c.Lead, ask(nil))
	c.refused(t, coded(c.ncsc), command.ApproveBroadcast{Root: root}, incident.Forbidden, "You came in by codes")
	asked := c.Must(c.guest, command.RequestEscalation{Condition: incident.DisconnectNetwork, SBAR: incident.SBAR{Situation: "s", Recommendation: "r"},
		Row:   incident.MatrixRow{Condition: incident.DisconnectNetwork, Tier: incident.Tactical, Minutes: 10, Factor: true},
		Chain: []incident.Step{{Person: c.ncsc.Person, Name: "Nat Cole", Org: "NCSC", Tier: incident.Tactical, Way: incident.ByRota}}})
	c.refused(t, coded(c.ncsc), command.AcceptEscalation{Root: asked, Rationale: "It spreads"}, incident.Forbidden, "You came in by codes")
	c.Now = c.Objects[root].Broadcast.Alone().Time
	c.refused(t, coded(c.Lead), command.SendAlone{Root: root, Reason: "nobody answers"}, incident.Forbidden, "You came in by codes")
	c.Must(c.Stepped(c.Lead), command.SendAlone{Root: root, Reason: "nobody answers"})
}
