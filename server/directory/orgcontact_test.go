package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/incident"
)

// someone is a contact of Northmoor's with a number.
func someone(name string) OrgContact {
	return OrgContact{ID: incident.RandomID(), Org: "X1N", Role: incident.OnCallDirector, Name: name + " Osei", Place: 1,
		Channels: []Channel{{ID: incident.RandomID(), Kind: incident.BySMS, Value: "+447700900123", OutOfHours: true}}}
}

func TestAContactIsOneOfItsOrganisationOnly(t *testing.T) {
	t.Parallel()
	d, database, _ := newDirectory(t)
	c := someone("Hannah")
	check(t, d.AddOrgContact(t.Context(), c, 1))
	check(t, d.AddOrgContact(t.Context(), c, 2)) // sent again
	all, err := d.OrgContacts(t.Context(), "X1N")
	check(t, err)
	if len(all) != 1 || all[0].Name != c.Name || all[0].Channels[0].Value != c.Channels[0].Value || !all[0].Channels[0].Verified.IsZero() || !all[0].Channels[0].OutOfHours {
		t.Fatalf("stored: %+v", all)
	}
	listed, err := d.Listing(t.Context())
	check(t, err)
	if len(listed) != 1 || listed[0].Name != "" || listed[0].Channels[0].Value != "" {
		t.Errorf("what coverage is made of opens: %+v", listed)
	}
	_, err = d.OrgContact(t.Context(), "X2E", c.ID)
	wantFault(t, "by another organisation", err, incident.NotFound)
	moved := c
	moved.Org = "X2E"
	wantFault(t, "changed by another", d.ChangeOrgContact(t.Context(), moved, 3), incident.NotFound)
	check(t, d.ForgetOrgContact(t.Context(), "X2E", c.ID))
	if n := ask[int](t, database, `SELECT count(*) FROM org_contact`); n != 1 {
		t.Error("another organisation removed them")
	}

	// Whoever holds the disks cannot give one organisation's contact to another, nor one number to another contact.
	other := someone("Alan")
	check(t, d.AddOrgContact(t.Context(), other, 4))
	super(t, database, `UPDATE org_contact SET org = 'X2E' WHERE id = '`+other.ID+`'`)
	if _, err := d.OrgContacts(t.Context(), "X2E"); err == nil {
		t.Error("a row that was moved is read")
	}
	super(t, database, `UPDATE org_contact SET org = 'X1N'`)
	super(t, database, `UPDATE org_channel SET sealed = (SELECT sealed FROM org_channel WHERE contact = '`+other.ID+`')`)
	if _, err := d.OrgContacts(t.Context(), "X1N"); err == nil {
		t.Error("a number that was moved is read")
	}

	// Who leaves leaves no row.
	check(t, d.ForgetOrgContact(t.Context(), "X1N", c.ID))
	check(t, d.ForgetOrgContact(t.Context(), "X1N", other.ID))
	if n := ask[int](t, database, `SELECT (SELECT count(*) FROM org_contact) + (SELECT count(*) FROM org_channel)`); n != 0 {
		t.Errorf("%d rows are left of who left", n)
	}
}

func TestAChannelThatStaysKeepsItsVerificationAndAnotherNumberHasNone(t *testing.T) {
	t.Parallel()
	d, _, _ := newDirectory(t)
	c := someone("Hannah")
	check(t, d.AddOrgContact(t.Context(), c, 5))
	now := time.Now().UTC().Truncate(time.Millisecond)
	check(t, d.SetVerified(t.Context(), c.ID, c.Channels[0].ID, incident.ByRinging, "host", now))
	check(t, d.SetVerified(t.Context(), c.ID, c.Channels[0].ID, incident.ByCode, "late", now.Add(-time.Hour))) // an old word, sent again
	wantFault(t, "what is not there", d.SetVerified(t.Context(), c.ID, incident.RandomID(), incident.ByCode, "x", now), incident.NotFound)
	next := c
	next.Role, next.Name, next.Place, next.AlertOnly = incident.AEO, "Hannah Osei-Marsh", 2, true
	next.Channels = []Channel{{ID: c.Channels[0].ID, Value: "not taken"}, {ID: incident.RandomID(), Kind: incident.ByEmail, Value: "h@x.example"}}
	check(t, d.ChangeOrgContact(t.Context(), next, 6))
	got, err := d.OrgContact(t.Context(), "X1N", c.ID)
	check(t, err)
	kept, fresh := got.Channels[0], got.Channels[1]
	if got.Name != next.Name || got.Role != incident.AEO || got.Place != 2 || !got.AlertOnly || kept.Value != c.Channels[0].Value || kept.OutOfHours ||
		!kept.Verified.Equal(now) || kept.How != incident.ByRinging || kept.By != "host" || !fresh.Verified.IsZero() || fresh.Value != "h@x.example" {
		t.Errorf("changed: %+v", got)
	}
	next.Channels = next.Channels[1:]
	check(t, d.ChangeOrgContact(t.Context(), next, 7))
	if got, err = d.OrgContact(t.Context(), "X1N", c.ID); err != nil || len(got.Channels) != 1 || got.Channels[0].ID != fresh.ID {
		t.Errorf("one taken out: %+v, %v", got, err)
	}
}

// drawer takes what is sent.
type drawer struct {
	sync.Mutex
	codes []string
	to    []string
	fails bool
}

func (s *drawer) Reaches(kind incident.ChannelKind) bool { return kind != incident.ByVoice }

func (s *drawer) SendCode(_ context.Context, _ incident.ChannelKind, to, code string) error {
	s.Lock()
	defer s.Unlock()
	s.codes, s.to = append(s.codes, code), append(s.to, to)
	if s.fails {
		return errors.New("the gateway is down")
	}
	return nil
}

func TestACodeThatWasSentIsTakenOnceAndFewWrongOnesEndIt(t *testing.T) {
	t.Parallel()
	d, _, later := newDirectory(t)
	c := someone("Hannah")
	c.Channels = append(c.Channels, Channel{ID: incident.RandomID(), Kind: incident.ByVoice, Value: "01632 960001"})
	check(t, d.AddOrgContact(t.Context(), c, 8))
	ch := c.Channels[0].ID
	wantFault(t, "without a sender", d.SendCode(t.Context(), "X1N", c.ID, ch), incident.Conflict)
	sender := &drawer{}
	d.o.Sender = sender
	wantFault(t, "by a way it has not", d.SendCode(t.Context(), "X1N", c.ID, c.Channels[1].ID), incident.Conflict)
	wantFault(t, "of another organisation", d.SendCode(t.Context(), "X2E", c.ID, ch), incident.NotFound)
	wantFault(t, "before one was sent", d.TakeCode(t.Context(), c.ID, ch, "000000"), incident.Invalid)
	send := func() string {
		t.Helper()
		check(t, d.SendCode(t.Context(), "X1N", c.ID, ch))
		return sender.codes[len(sender.codes)-1]
	}
	code := send()
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" || sender.to[0] != c.Channels[0].Value {
		t.Fatalf("sent %q to %q", code, sender.to)
	}
	check(t, d.TakeCode(t.Context(), c.ID, ch, code))
	wantFault(t, "again", d.TakeCode(t.Context(), c.ID, ch, code), incident.Invalid)

	first := send()
	if second := send(); first != second {
		wantFault(t, "the one before", d.TakeCode(t.Context(), c.ID, ch, first), incident.Invalid)
		check(t, d.TakeCode(t.Context(), c.ID, ch, second))
	}
	code = send()
	later(CodeFor + time.Second)
	wantFault(t, "too late", d.TakeCode(t.Context(), c.ID, ch, code), incident.Invalid)

	// Many at once are no more tries than a few.
	code = send()
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	var wait sync.WaitGroup
	for range 2 * contactCodeTries {
		wait.Go(func() {
			if err := d.TakeCode(t.Context(), c.ID, ch, wrong); incident.FaultOf(err) != incident.Invalid {
				t.Errorf("a wrong one: %v", err)
			}
		})
	}
	wait.Wait()
	wantFault(t, "the right one after too many", d.TakeCode(t.Context(), c.ID, ch, code), incident.Invalid)
	check(t, d.TakeCode(t.Context(), c.ID, ch, send()))
}

func TestCoverageTellsVerifiedStaleAndNobodyApart(t *testing.T) {
	t.Parallel()
	now := midsummer
	channel := func(days int, kind incident.ChannelKind) Channel {
		return Channel{Kind: kind, Verified: now.AddDate(0, 0, -days)}
	}
	b := &Book{Now: now, Stale: DefaultStale, Orgs: []incident.Organisation{{Code: "A", Type: incident.Acute}, {Code: "B", Type: incident.Acute}, {Code: "C", Type: incident.Ambulance}},
		Contacts: []OrgContact{
			{Org: "A", Role: incident.CISO, Channels: []Channel{channel(180, incident.BySMS), channel(400, incident.ByEmail)}},
			{Org: "A", Role: incident.SIRO, Channels: []Channel{channel(181, incident.ByVoice)}},
			{Org: "B", Role: incident.CISO, Channels: []Channel{{Kind: incident.BySMS}}},
			{Org: "GONE", Role: incident.CISO, Channels: []Channel{channel(1, incident.BySMS)}},
		}}
	rows := b.Coverage()
	if rows[0].Any != Verified || rows[0].Contacts != 2 || rows[0].Roles[incident.CISO] != Verified || rows[0].Roles[incident.SIRO] != Stale || rows[1].Any != Unverified || rows[2].Any != NoContact {
		t.Errorf("by organisation: %+v", rows)
	}
	types := ByType(rows)
	if len(types) != 2 || types[0].Orgs != 2 || types[0].Any != [4]int{0, 1, 0, 1} || types[0].Roles[incident.SIRO] != [4]int{1, 0, 1, 0} || types[1].Any != [4]int{1, 0, 0, 0} {
		t.Errorf("by type: %+v", types)
	}
}

// Whatever is chosen: who comes out was chosen by type or list and by role, has
// what they are reached by, and who was chosen and has no number is told.
func TestASelectionReachesThoseChosenAndNobodyElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := &Book{Now: midsummer, Stale: DefaultStale}
		for i := range rapid.IntRange(0, 8).Draw(t, "organisations") {
			b.Orgs = append(b.Orgs, incident.Organisation{Code: incident.OrgID(fmt.Sprint("O", i)), Type: rapid.SampledFrom(incident.OrgTypes[:4]).Draw(t, "type")})
		}
		for i := range rapid.IntRange(0, 20).Draw(t, "contacts") {
			c := OrgContact{ID: fmt.Sprint(i), Org: incident.OrgID(fmt.Sprint("O", rapid.IntRange(0, 9).Draw(t, "of"))), Role: rapid.SampledFrom(incident.ContactRoles).Draw(t, "role")} // O8 and O9 have closed
			for range rapid.IntRange(0, 3).Draw(t, "channels") {
				ch := Channel{Kind: rapid.SampledFrom(incident.ChannelKinds).Draw(t, "kind")}
				if days := rapid.IntRange(-1, 400).Draw(t, "days"); days >= 0 {
					ch.Verified = midsummer.AddDate(0, 0, -days)
				}
				c.Channels = append(c.Channels, ch)
			}
			b.Contacts = append(b.Contacts, c)
		}
		types := rapid.SliceOfDistinct(rapid.SampledFrom(incident.OrgTypes[:4]), rapid.ID).Draw(t, "types")
		orgs := rapid.SliceOfDistinct(rapid.SampledFrom([]incident.OrgID{"O0", "O1", "O9"}), rapid.ID).Draw(t, "list")
		roles := rapid.SliceOfDistinct(rapid.SampledFrom(incident.ContactRoles), rapid.ID).Draw(t, "roles")
		got := b.Select(types, orgs, roles)

		kindOf := map[incident.OrgID]incident.OrgType{}
		for _, o := range b.Orgs {
			kindOf[o.Code] = o.Type
		}
		has := func(c OrgContact, kind incident.ChannelKind) (n int) {
			for _, ch := range c.Channels {
				if ch.Kind == kind && !ch.Verified.IsZero() {
					n++
				}
			}
			return n
		}
		orgChosen := func(o incident.OrgID) bool {
			kind, open := kindOf[o]
			return open && (in(types, kind) || in(orgs, o))
		}
		chosen, reached, without, numbers := 0, 0, 0, map[incident.OrgID]bool{}
		for _, o := range b.Orgs {
			if orgChosen(o.Code) {
				chosen++
			}
		}
		for _, c := range b.Contacts {
			if !orgChosen(c.Org) || len(roles) > 0 && !in(roles, c.Role) {
				continue
			}
			if has(c, incident.BySMS)+has(c, incident.ByEmail) > 0 {
				reached++
			}
			if has(c, incident.BySMS) == 0 {
				without++
			} else {
				numbers[c.Org] = true
			}
		}
		if got.Orgs != chosen || len(got.Recipients) != reached || len(got.NoNumber) != without || len(got.Nobody) != chosen-len(numbers) {
			t.Fatalf("%d organisations, %d reached, %d without a number, %d with nobody; want %d, %d, %d, %d", got.Orgs, len(got.Recipients), len(got.NoNumber), len(got.Nobody),
				chosen, reached, without, chosen-len(numbers))
		}
		for _, r := range got.Recipients {
			if !orgChosen(r.Contact.Org) || len(r.SMS) != has(r.Contact, incident.BySMS) || len(r.Email) != has(r.Contact, incident.ByEmail) {
				t.Fatalf("reached: %+v", r)
			}
		}
	})
}

func in[T comparable](all []T, one T) bool {
	for _, x := range all {
		if x == one {
			return true
		}
	}
	return false
}
