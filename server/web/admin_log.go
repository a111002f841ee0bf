package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"wardroom/server/incident"
)

type adminLogIn struct {
	Before incident.Seq `query:"before" doc:"The entries before this one, by its number here; the newest, if absent."`
}

type adminLogRow struct {
	Seq     incident.Seq     `json:"seq" doc:"Its number in this list: what tells of rooms is not counted."`
	Kind    incident.Kind    `json:"kind"`
	At      incident.Instant `json:"at"`
	By      string           `json:"by"`
	Summary string           `json:"summary"`
}

type adminLogAnswer struct {
	Entries []adminLogRow `json:"entries"`
}

const adminLogPage = 100

func (s *Server) mountAdminLog() {
	operate(s, operation{Method: http.MethodGet, Path: "/admin/log", Access: Admin, Tag: "administration", ID: "admin-log",
		Summary: "The deployment's own log, newest first", Doc: "Nothing in it tells of a room."}, s.adminLog)
}

func (s *Server) adminLog(ctx context.Context, _ *call, in *adminLogIn) (adminLogAnswer, error) {
	a := adminLogAnswer{Entries: []adminLogRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	if in.Before > 1<<62 {
		return a, incident.BadField("before", "There is no such entry.")
	}
	events, err := s.Journal.SystemEvents(ctx, in.Before, adminLogPage)
	for _, e := range events {
		if text, ok := summary(sys, e); ok {
			a.Entries = append(a.Entries, adminLogRow{Seq: sys.Number(e.Seq), Kind: e.Kind, At: e.Times.Recorded, By: who(sys, e.By), Summary: text})
		}
	}
	return a, err
}

func who(sys *incident.System, by incident.By) string {
	if by.Person == "" {
		return "the system"
	}
	return nameOf(sys, by.Person)
}

func nameOf(sys *incident.System, p incident.PersonID) string {
	if person, ok := sys.People[p]; ok && person.Name != "" {
		return person.Name
	}
	return "someone"
}

// summary says in words what an entry did. Kinds that tell of rooms have none,
// whatever the journal gave out.
func summary(sys *incident.System, e *incident.Event) (string, bool) {
	switch b := e.Body.(type) {
	case *incident.Genesis:
		return "The deployment was set up.", true
	case *incident.DeploymentSet:
		text := fmt.Sprintf("Joint hosts are %s; the duty number is %s.", codes(b.Hosts), b.Duty)
		for _, a := range b.Assessors {
			text += fmt.Sprintf(" %s assesses severity as %s.", a.Org, map[incident.Scale]string{incident.NHSLevel: "NHS levels", incident.NCSCCategory: "NCSC categories"}[a.Scale])
		}
		for _, p := range b.OnCall {
			text += " On call: " + nameOf(sys, p) + "."
		}
		return text, true
	case *incident.OrganisationAdded:
		return fmt.Sprintf("%s (%s) was added.", b.Organisation.Name, b.Organisation.Code), true
	case *incident.OrganisationChanged:
		return fmt.Sprintf("The particulars of %s (%s) were changed.", b.Organisation.Name, b.Organisation.Code), true
	case *incident.OrganisationClosed:
		if b.Successor != "" {
			return fmt.Sprintf("%s closed; its successor is %s.", b.Code, b.Successor), true
		}
		return fmt.Sprintf("%s closed.", b.Code), true
	case *incident.OrganisationAdministratorNamed:
		return fmt.Sprintf("%s may keep the contacts of %s.", nameOf(sys, b.Person), b.Org), true
	case *incident.OrganisationAdministratorUnnamed:
		return fmt.Sprintf("%s no longer keeps the contacts of %s.", nameOf(sys, b.Person), b.Org), true
	case *incident.OrganisationsEntered:
		return fmt.Sprintf("From a table of organisations: %d added, %d changed, %d closed.", len(b.Added), len(b.Changed), len(b.Closed)), true
	case *incident.ContactListed:
		return fmt.Sprintf("%s has a contact more (%s).", b.Org, contactRole[b.Role]), true
	case *incident.ContactChanged:
		return fmt.Sprintf("A contact of %s (%s) was changed.", b.Org, contactRole[b.Role]), true
	case *incident.ContactVerified:
		return fmt.Sprintf("A contact of %s (%s) was verified %s.", b.Org, contactRole[b.Role],
			map[incident.Verification]string{incident.ByCode: "by a code sent to them", incident.ByRinging: "by ringing back"}[b.How]), true
	case *incident.ContactCalled:
		return fmt.Sprintf("How to reach a contact of %s (%s) was shown, to %s them.", b.Org, contactRole[b.Role],
			map[incident.ChannelKind]string{incident.BySMS: "text", incident.ByEmail: "write to", incident.ByVoice: "ring"}[b.Channel]), true
	case *incident.ContactLeft:
		return fmt.Sprintf("A contact of %s (%s) left, and was forgotten.", b.Org, contactRole[b.Role]), true
	case *incident.MatrixSet:
		return fmt.Sprintf("Version %d of who decides what was set.", b.Version), true
	case *incident.RotaSet:
		return fmt.Sprintf("The rota of %s at the %s tier was written anew (%d shifts).", b.Org, b.Tier, b.Shifts), true
	case *incident.AlertIssued, *incident.AlertAcknowledged, *incident.AlertAnswered, *incident.AlertPlanned, *incident.AlertUpdated, *incident.AlertDone,
		*incident.AlertChased, *incident.AlertClosed:
		return fmt.Sprintf("Alert %s %s.", incident.AlertReference(incident.AlertNumber(b)), alertWord[e.Kind]), true
	case *incident.PolicyListed:
		return fmt.Sprintf("From here on, who sees what is judged by version %d of the rules.", b.Version), true
	case *incident.PersonAdded:
		return fmt.Sprintf("%s was registered, signing in with %s.", b.Name, b.Issuer), true
	case *incident.PersonAffiliated:
		return fmt.Sprintf("%s may act for %s.", nameOf(sys, b.Person), codes(b.Orgs)), true
	case *incident.PersonSuspended:
		return nameOf(sys, b.Person) + " was suspended.", true
	case *incident.PersonRestored:
		return nameOf(sys, b.Person) + " was restored.", true
	case *incident.AdministratorGranted:
		return nameOf(sys, b.Person) + " was made an administrator.", true
	case *incident.AdministratorRevoked:
		return nameOf(sys, b.Person) + " is no longer an administrator.", true
	case *incident.IssuerSet:
		return fmt.Sprintf("The sign-in service %s (%s) was set.", b.Name, b.Key), true
	case *incident.IssuerStopped:
		return fmt.Sprintf("The sign-in service %s was taken out of use.", b.Key), true
	case *incident.SessionEnded:
		if b.Why == "owner" {
			return nameOf(sys, b.Person) + " ended a session of their own.", true
		}
		return "A session of " + nameOf(sys, b.Person) + " was ended.", true
	case *incident.OrganisationFrozen:
		return fmt.Sprintf("%s was frozen: its people are shut out until each is let in again.", b.Code), true
	case *incident.ThawAsked:
		return fmt.Sprintf("It was asked that %s be let in again; a second person must agree.", b.Code), true
	case *incident.OrganisationUnfrozen:
		return fmt.Sprintf("%s was let in again.", b.Code), true
	case *incident.PersonReadmitted:
		return fmt.Sprintf("%s was let in again, of %s, which is frozen.", nameOf(sys, b.Person), b.Code), true
	case *incident.PasskeyEnrolled:
		return fmt.Sprintf("%s may sign in with a passkey (number %d).", nameOf(sys, b.Person), b.Number), true
	case *incident.PasskeyRemoved:
		if b.Why == "owner" {
			return fmt.Sprintf("%s removed a passkey of their own (number %d).", nameOf(sys, b.Person), b.Number), true
		}
		return fmt.Sprintf("A passkey of %s was removed (number %d).", nameOf(sys, b.Person), b.Number), true
	case *incident.FallbackAsked:
		return nameOf(sys, b.Person) + " asked to come in without their sign-in service.", true
	case *incident.FallbackApproved:
		if b.Down {
			return nameOf(sys, b.Person) + " was rung, and a code read out to them. Their sign-in service did not answer.", true
		}
		return nameOf(sys, b.Person) + " was rung, and a code read out to them, though their sign-in service answered this server.", true
	case *incident.FallbackSignedIn:
		return fmt.Sprintf("%s came in by codes, until %s.", nameOf(sys, b.Person), b.Until.UTC().Format("15:04 MST")), true
	case *incident.FallbackRefused:
		if b.Why == "host" {
			return nameOf(sys, b.Person) + " was not let in by codes.", true
		}
		return nameOf(sys, b.Person) + " was not let in by codes: the second was wrong too often.", true
	case *incident.KeyListed:
		return fmt.Sprintf("Generation %d of the keys that sign the record was listed.", b.Generation), true
	case *incident.TokenIssued:
		return fmt.Sprintf("The service token “%s” was issued for %s.", b.Name, strings.Join(b.Scopes, ", ")), true
	case *incident.TokenRevoked:
		return fmt.Sprintf("The service token “%s” was revoked.", sys.Tokens[b.ID].Name), true
	}
	return "", false
}

func codes(orgs []incident.OrgID) string {
	if len(orgs) == 0 {
		return "no organisation"
	}
	words := make([]string, len(orgs))
	for i, o := range orgs {
		words[i] = string(o)
	}
	return strings.Join(words, ", ")
}

// contactRole is what a contact answers for, in words.
var contactRole = map[incident.ContactRole]string{incident.CISO: "CISO", incident.SIRO: "SIRO", incident.CIO: "CIO", incident.OnCallDirector: "on-call director",
	incident.ITSecurity: "IT security", incident.CommsContact: "communications", incident.ClinicalSafety: "clinical safety",
	incident.AEO: "accountable emergency officer", incident.OtherContact: "other"}

// alertWord is what was done about an alert; not by whom it was answered, nor
// what it says.
var alertWord = map[incident.Kind]string{"alert.issued": "was issued", "alert.acknowledged": "was acknowledged", "alert.answered": "was answered", "alert.remediation": "was planned for",
	"alert.updated": "had an update", "alert.done": "was reported done", "alert.chased": "was chased", "alert.closed": "was closed"}
