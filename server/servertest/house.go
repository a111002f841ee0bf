package servertest

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/ledger"
	"wardroom/server/policy"
	"wardroom/server/steward"
	"wardroom/server/vault"
)

// House is a deployment in a database of its own: the two hosts, four
// fictional organisations, one issuer, and people as they are asked for.
type House struct {
	T       testing.TB
	DB      *DB
	Vault   *vault.Vault
	Journal *journal.Journal
	Steward *steward.Steward

	Ledger     *ledger.File
	VaultFile  string
	Deployment string // its host name

	people     map[string]incident.Actor
	notaryFile string
	factor     atomic.Int64 // the last second factor given, in milliseconds
}

// Orgs are the organisations of a House. All but the hosts are fictional.
var Orgs = []incident.Organisation{
	{Code: "DSC", Name: "Data Security Centre", Type: incident.HostBody, Issuer: "health"},
	{Code: "NCSC", Name: "National Cyber Security Centre", Type: incident.HostBody, Issuer: "ncsc"},
	{Code: "X1N", ODS: "X1N", Name: "Northmoor NHS Trust", Type: incident.Acute, Issuer: "health"},
	{Code: "X2E", ODS: "X2E", Name: "Eastmere General Hospital NHS Trust", Type: incident.Acute, Issuer: "health"},
	{Code: "X3F", ODS: "X3F", Name: "Fellside Ambulance Service NHS Trust", Type: incident.Ambulance, Issuer: "health"},
	{Code: "X4S", ODS: "X4S", Name: "Saltmarsh Community NHS Trust", Type: incident.Community, Issuer: "health"},
	{Code: "S1C", Name: "Calder Systems Ltd", Type: incident.Supplier, Issuer: "health"},
	{Code: "AUD", Name: "Independent audit", Type: incident.Audit, Issuer: "health"},
}

// NewHouse makes a deployment for the test.
func NewHouse(t testing.TB) *House {
	t.Helper()
	return NewHouseOn(t, Database(t), "wardroom.test")
}

// NewHouseOn makes a deployment of that host name in the database.
func NewHouseOn(t testing.TB, db *DB, deployment string) *House {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault.json")
	if err := vault.Create(path); err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(path)
	if err != nil {
		t.Fatal(err)
	}
	h := &House{T: t, DB: db, Vault: v, VaultFile: path, Deployment: deployment, people: map[string]incident.Actor{}}
	h.Ledger = Ledger(t)
	h.Journal = journal.New(journal.Options{Writer: db.Writer, Reader: db.Reader, Vault: v, Deployment: deployment, Ledger: h.Ledger, Log: slog.New(slog.DiscardHandler), Poll: 50 * time.Millisecond})
	h.Steward = steward.New(h.Journal)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.Journal.Close(ctx); err != nil {
			t.Errorf("close journal: %v", err)
		}
	})
	system := incident.LogID(incident.RandomID())
	if err := h.Journal.Create(t.Context(), incident.SystemLog, system, ""); err != nil {
		t.Fatal(err)
	}
	house := incident.Actor{System: true}
	h.Must(h.Journal.Append(t.Context(), system, house, h.Key(), command.OpenSystem{Genesis: h.Journal.Genesis(incident.SystemLog, system, "")}))
	h.Must(h.Journal.Append(t.Context(), system, house, h.Key(), command.ListPolicy{Version: policy.Version}))
	for _, issuer := range []string{"health", "ncsc"} {
		h.Must(h.Journal.Append(t.Context(), system, house, h.Key(), command.SetIssuer{Issuer: incident.IssuerSet{Key: issuer, Name: issuer,
			URL: "http://127.0.0.1:1/" + issuer, Acr: "urn:wardroom:acr:mfa", StepUp: "urn:wardroom:acr:stepup"}}))
	}
	for _, o := range Orgs {
		h.Must(h.Journal.Append(t.Context(), system, house, h.Key(), command.AddOrganisation{Organisation: o}))
	}
	h.Must(h.Journal.Append(t.Context(), system, house, h.Key(), command.SetDeployment{Duty: "0300 000 0000", Hosts: []incident.OrgID{"DSC", "NCSC"}, Assessors: &Assessors}))
	return h
}

// Assessors are who may assess severity in a House and in a Paper room.
var Assessors = []incident.Assessor{{Org: "DSC", Scale: incident.NHSLevel}, {Org: "NCSC", Scale: incident.NCSCCategory}}

// OnCall makes these people the ones whom a room's severity calls in.
func (h *House) OnCall(people ...incident.Actor) {
	h.T.Helper()
	ids := []incident.PersonID{}
	for _, p := range people {
		ids = append(ids, p.Person)
	}
	h.Must(h.Journal.Append(context.Background(), h.Journal.SystemLog(), incident.Actor{System: true}, h.Key(),
		command.SetDeployment{Duty: "0300 000 0000", Hosts: []incident.OrgID{"DSC", "NCSC"}, OnCall: &ids}))
}

// Key returns a fresh idempotency key.
func (h *House) Key() incident.Key { return incident.NewKey(time.Now()) }

// Must fails the test on a refusal.
func (h *House) Must(r journal.Receipt, err error) journal.Receipt {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
	return r
}

// Person returns an actor of the organisation, registered on first use.
func (h *House) Person(name string, org incident.OrgID) incident.Actor {
	h.T.Helper()
	if a, ok := h.people[name]; ok {
		return a
	}
	a := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: name, Orgs: []incident.OrgID{org}}
	h.Must(h.Journal.Append(context.Background(), h.Journal.SystemLog(), incident.Actor{System: true}, h.Key(),
		command.AddPerson{Person: a.Person, Name: name, Issuer: "health", Subject: "sub-" + name, Orgs: a.Orgs}))
	h.people[name] = a
	return a
}

// Stepped is the actor with a second factor given just now, later than any
// given before.
func (h *House) Stepped(a incident.Actor) incident.Actor {
	for {
		last := h.factor.Load()
		next := max(time.Now().UnixMilli(), last+1)
		if h.factor.CompareAndSwap(last, next) {
			a.StepUp = time.UnixMilli(next)
			return a
		}
	}
}

// OpenRoom opens a room as the actor, who becomes its lead.
func (h *House) OpenRoom(lead incident.Actor, mode incident.Mode, roster incident.Roster) incident.LogID {
	h.T.Helper()
	r := h.Must(h.Journal.Append(context.Background(), h.Journal.SystemLog(), lead, h.Key(), command.RegisterRoom{Title: "Ransomware at several trusts",
		Mode: mode, Roster: roster, Org: lead.Orgs[0], Report: incident.Methane{Type: "Ransomware"},
		Room: incident.LogID(incident.RandomID()), Access: incident.LogID(incident.RandomID())}))
	reg := r.Events[0].Body.(*incident.RoomRegistered)
	if err := h.Steward.Finish(context.Background(), r.Seq, reg); err != nil {
		h.T.Fatal(err)
	}
	return reg.Room
}

// OpenCell opens a side room with the organisation beside the room, as the
// actor.
func (h *House) OpenCell(room incident.LogID, lead incident.Actor, org incident.OrgID) incident.LogID {
	h.T.Helper()
	at, err := h.Journal.Room(context.Background(), room)
	if err != nil {
		h.T.Fatal(err)
	}
	r := h.Must(h.Journal.Append(context.Background(), h.Journal.SystemLog(), lead, h.Key(), command.RegisterCell{Parent: at, Org: org,
		Room: incident.LogID(incident.RandomID()), Access: incident.LogID(incident.RandomID())}))
	reg := r.Events[0].Body.(*incident.RoomRegistered)
	if err := h.Steward.Finish(context.Background(), r.Seq, reg); err != nil {
		h.T.Fatal(err)
	}
	return reg.Room
}

// Join invites the person and lets them join at once.
func (h *House) Join(room incident.LogID, lead, who incident.Actor, role incident.Role, history incident.History) incident.MemberNo {
	h.T.Helper()
	return h.JoinAs(room, lead, who, Org(who.Orgs[0]), role, history)
}

// JoinAs is Join with the organisation as the test would have it.
func (h *House) JoinAs(room incident.LogID, lead, who incident.Actor, org incident.Organisation, role incident.Role, history incident.History) incident.MemberNo {
	h.T.Helper()
	r := h.Must(h.Do(room, lead, command.InviteMember{KnownOrg: true, Issuer: org.Issuer, Invitation: incident.RandomID(),
		Seat: incident.Seat{Name: who.Name, Org: org.Code, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: role, History: history}}))
	at, err := h.Journal.Room(context.Background(), room)
	if err != nil {
		h.T.Fatal(err)
	}
	j := h.Must(h.Do(room, who, command.JoinRoom{Root: r.Seq, Person: who.Person, How: "subject", Rules: at.Rules.Version}))
	return j.Events[0].Body.(*incident.MemberJoined).Number
}

// Do appends a command under a fresh key.
func (h *House) Do(room incident.LogID, actor incident.Actor, cmd command.Command) (journal.Receipt, error) {
	return h.Journal.Append(context.Background(), room, actor, h.Key(), cmd)
}

// Say posts a message with the room's defaults.
func (h *House) Say(room incident.LogID, who incident.Actor, text string) incident.Seq {
	h.T.Helper()
	return h.Must(h.Do(room, who, command.PostMessage{Text: text})).Seq
}

// Org returns an organisation of the house by its code.
func Org(code incident.OrgID) incident.Organisation {
	for _, o := range Orgs {
		if o.Code == code {
			return o
		}
	}
	panic(fmt.Sprintf("servertest: no organisation %s", code))
}
