package projection_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
	"wardroom/server/projection"
	"wardroom/server/servertest"
)

// The rule in Go, asked of the rows as values, and the rule in SQL, asked of
// the tables, give everybody the same openings.
func TestTheRuleOverValuesIsTheDatabases(t *testing.T) {
	h, id, lead, sam, ellis := eventful(t)
	all := h.Truth(id).Entries
	var seqs []incident.Seq
	for _, e := range all {
		seqs = append(seqs, incident.Seq(e.Seq))
	}
	members, roots, err := h.Journal.Rows(t.Context(), id, seqs)
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for _, who := range []incident.Actor{lead, sam, ellis, {Person: incident.PersonID(incident.RandomID()), Name: "nobody"}} {
		var got []incident.Seq
		b := &pgx.Batch{}
		projection.Reader(id, who.Person).Enter(b)
		b.Queue(`SELECT root FROM opening WHERE log = $1 AND root = seq ORDER BY seq`, string(id)).Query(func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			for _, n := range list {
				got = append(got, incident.Seq(n))
			}
			return err
		})
		if err := h.DB.Reader.SendBatch(t.Context(), b).Close(); err != nil {
			t.Fatal(err)
		}
		var want []incident.Seq
		for _, seq := range seqs {
			if r := roots[seq]; r != nil && reads(members, who.Person, r) {
				want = append(want, seq)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is given %v by the database, %v by the rule over values", who.Name, got, want)
		}
		given += len(want)
	}
	if given == 0 || given == 4*len(roots) {
		t.Errorf("%d roots given of %d: nothing was tested", given, 4*len(roots))
	}
}

func reads(members []projection.Member, p incident.PersonID, r *projection.Root) bool {
	return slices.ContainsFunc(members, func(m projection.Member) bool { return m.Person == p && m.Reads(r) })
}

// After any history both walls come to the same for every person and root, but
// for memberships, of which policy may show less: the roster.
func TestTheTwoWallsAgreeAfterAnyHistory(t *testing.T) {
	shown, kept, hidden := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := &history{T: t, Paper: servertest.NewPaper(t, incident.ModeIncident,
			rapid.SampledFrom([]incident.Roster{incident.RosterNames, incident.RosterOrganisations, incident.RosterHosts}).Draw(t, "roster"))}
		h.begin()
		for range rapid.IntRange(5, 50).Draw(t, "steps") {
			h.step()
		}
		rows := projection.Derive(h.Room, h.Events)
		for _, who := range h.people {
			m := h.Room.Member(who.Person)
			for i := range rows.Roots {
				root := &rows.Roots[i]
				first, second := policy.May(h.Room, m, h.Sight(root.Seq)), reads(rows.Members, who.Person, root)
				switch {
				case first && second:
					shown++
				case !first && !second:
					kept++
				case second && h.Room.MemberRoot(root.Seq) != nil && h.Room.Roster == incident.RosterHosts:
					hidden++
				default:
					t.Fatalf("%s, root %d (%s): policy %v, the rows %v", who.Name, root.Seq, root.Kind, first, second)
				}
			}
		}
	})
	t.Logf("%d shown by both, %d kept back by both, %d memberships that the roster hides", shown, kept, hidden)
	if shown == 0 || kept == 0 || hidden == 0 {
		t.Error("the histories hold too little: nothing was tested")
	}
}

// history is a room on paper to which anything may happen.
type history struct {
	*rapid.T
	*servertest.Paper
	people []incident.Actor
}

func (h *history) begin() {
	h.people = append(h.people, h.Lead)
	for i, org := range []incident.OrgID{"NCSC", "X1N", "X1N", "X2E", "AUD"} {
		role := incident.Representative
		if org == "NCSC" {
			role = incident.Deputy
		}
		h.people = append(h.people, h.Join(fmt.Sprint("person ", i), org, role, one(h.T, []incident.History{incident.Full, incident.FromJoin})))
	}
}

func one[T any](t *rapid.T, list []T) T { return rapid.SampledFrom(list).Draw(t, "one") }

// step does something, or is refused it.
func (h *history) step() {
	who, whom := one(h.T, h.people), one(h.T, h.people)
	root := incident.Seq(rapid.IntRange(1, len(h.Events)-1).Draw(h.T, "root"))
	of := h.Room.Member(whom.Person)
	switch rapid.IntRange(0, 12).Draw(h.T, "act") {
	case 0, 1, 2:
		h.Do(who, command.PostMessage{Text: "x", Audience: h.audience()})
	case 3:
		h.Do(who, command.PostMessage{Text: "x", TLP: incident.Red, Audience: h.named()})
	case 4:
		h.Do(h.Lead, command.WithholdEntry{Root: root})
	case 5:
		h.Do(h.Lead, command.RestoreEntry{Root: root})
	case 6:
		h.Do(who, command.TightenEntry{Root: root, Audience: h.audience()})
	case 7:
		h.Do(who, command.WidenEntry{Root: root, Audience: h.audience(), Reason: "needed"})
	case 8:
		h.Do(h.Lead, command.SetBrief{Lines: incident.BriefLines{Happened: "x"}, Seen: incident.Seq(len(h.Events))})
	case 9:
		h.Do(h.Lead, command.RemoveMember{Root: of.Root})
	case 10:
		h.Do(h.Lead, command.GrantHistory{Root: of.Root, Start: root})
	case 11:
		h.Do(who, command.ProposeMember{Name: "Noor Haddad", Invitation: incident.RandomID()})
	case 12:
		if !of.Present() {
			h.back(whom, of)
		} else if whom.Person != h.Lead.Person {
			h.Do(whom, command.LeaveRoom{})
		}
	}
}

// back lets somebody who is out come in again, by another membership.
func (h *history) back(who incident.Actor, of *incident.Member) {
	seat := of.Seat
	seat.History = one(h.T, []incident.History{incident.Full, incident.FromJoin})
	var root incident.Seq
	if i := slices.IndexFunc(h.Room.Members, func(m *incident.Member) bool { return m.State == incident.Invited && m.Seat.Name == seat.Name }); i >= 0 {
		root = h.Room.Members[i].Root // invited again already, and has not come
	} else {
		root = h.Must(h.Lead, command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: incident.RandomID(), Seat: seat})
	}
	if rapid.Bool().Draw(h.T, "joins") {
		h.Must(who, command.JoinRoom{Root: root, Person: who.Person, How: "subject", Rules: h.Room.Rules.Version})
	}
}

func (h *history) audience() *incident.Audience {
	switch rapid.IntRange(0, 3).Draw(h.T, "audience") {
	case 0:
		return &incident.Audience{Kind: incident.ToRoom}
	case 1:
		return &incident.Audience{Kind: incident.ToHosts}
	}
	return h.named()
}

func (h *history) named() *incident.Audience {
	a := &incident.Audience{Kind: incident.ToNamed}
	for n := incident.MemberNo(1); n < h.Room.NextMember(); n++ {
		if rapid.IntRange(0, 3).Draw(h.T, "named") == 0 {
			a.Members = append(a.Members, n)
		}
	}
	if rapid.Bool().Draw(h.T, "an organisation") {
		a.Orgs = []incident.OrgID{one(h.T, []incident.OrgID{"DSC", "X1N", "X2E"})}
	}
	return a
}
