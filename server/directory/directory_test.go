package directory

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

func TestInvitationsOfAnotherRoomAreNotThisRoomsToChange(t *testing.T) {
	t.Parallel()
	d, database, _ := newDirectory(t)
	l := invite(t, d, forOsei())
	before := ask[string](t, database, `SELECT x::text FROM invitation x`)
	for what, try := range map[string]func() error{
		"renew":         func() error { _, err := d.Renew(t.Context(), "room-b", l.Invitation); return err },
		"renew none":    func() error { _, err := d.Renew(t.Context(), "room-a", incident.RandomID()); return err },
		"renew nothing": func() error { _, err := d.Renew(t.Context(), "", ""); return err },
		"revoke":        func() error { return d.Revoke(t.Context(), "room-b", l.Invitation) },
	} {
		if err := try(); incident.FaultOf(err) != incident.NotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	if ask[string](t, database, `SELECT x::text FROM invitation x`) != before {
		t.Error("it was changed")
	}
	check(t, d.Revoke(t.Context(), "room-a", l.Invitation))
	if _, err := d.Renew(t.Context(), "room-a", l.Invitation); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("renewed after revoking: %v", err)
	}
}

func TestAnInvitationIsForSomebodySomewhere(t *testing.T) {
	t.Parallel()
	d, _, _ := newDirectory(t)
	for what, change := range map[string]func(*Invitation){
		"no id": func(i *Invitation) { i.ID = "" }, "no room": func(i *Invitation) { i.Room = "" },
		"a subject of no issuer": func(i *Invitation) { i.Subject, i.Issuer = "osei", "" },
	} {
		inv := forOsei()
		change(&inv)
		if _, err := d.Invite(t.Context(), inv); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
	inv := forOsei()
	invite(t, d, inv)
	if _, err := d.Invite(t.Context(), inv); err == nil {
		t.Error("the same id twice")
	}
}

func TestAskingForANewLinkSaysNothingAndIsNoted(t *testing.T) {
	t.Parallel()
	d, _, later := newDirectory(t)
	old, revoked, silent := invite(t, d, forOsei()), invite(t, d, forOsei()), invite(t, d, forOsei())
	check(t, d.Revoke(t.Context(), "room-a", revoked.Invitation))
	later(100 * linkFor)
	for _, k := range []Key{{Token: old.Token}, {Token: revoked.Token}, {Token: "x"}, {}} {
		check(t, d.AskForNew(t.Context(), k, Visitor{}))
	}
	wanted, err := d.Wanted(t.Context(), "room-a")
	check(t, err)
	if _, ok := wanted[old.Invitation]; !ok || len(wanted) != 1 || silent.Invitation == "" {
		t.Errorf("%v", wanted)
	}
	if elsewhere, err := d.Wanted(t.Context(), "room-b"); err != nil || len(elsewhere) != 0 {
		t.Errorf("%v, %v", elsewhere, err)
	}
	if _, err := d.Renew(t.Context(), "room-a", old.Invitation); err != nil {
		t.Fatal(err)
	}
	if wanted, err := d.Wanted(t.Context(), "room-a"); err != nil || len(wanted) != 0 {
		t.Errorf("answered, and still wanted: %v, %v", wanted, err)
	}
}

func TestWhatWaitsForASignInIsItsOwnAndAlive(t *testing.T) {
	t.Parallel()
	d, _, later := newDirectory(t)
	made := func(change func(*Invitation)) Link {
		inv := forOsei()
		inv.Subject = "osei"
		change(&inv)
		return invite(t, d, inv)
	}
	waits := func(subject string) (ids []string) {
		all, err := d.WaitingFor(t.Context(), "health", subject)
		check(t, err)
		for _, w := range all {
			ids = append(ids, w.ID+" "+string(w.Room))
		}
		return ids
	}
	made(func(i *Invitation) { i.Subject = "" })
	made(func(i *Invitation) { i.Subject = "other" })
	made(func(i *Invitation) { i.Issuer = "ncsc" })
	revoked, taken := made(func(*Invitation) {}), made(func(*Invitation) {})
	check(t, d.Revoke(t.Context(), "room-a", revoked.Invitation))
	if _, err := d.Redeem(t.Context(), Key{ID: taken.Invitation}, osei, ""); err != nil {
		t.Fatal(err)
	}
	first, second := made(func(*Invitation) {}), made(func(i *Invitation) { i.Room = "room-b" })
	want := []string{first.Invitation + " room-a", second.Invitation + " room-b"}
	if got := waits("osei"); len(got) != 2 || !slices.Contains(got, want[0]) || !slices.Contains(got, want[1]) {
		t.Errorf("waits for her: %v, want %v", got, want)
	}
	if got := waits("stranger"); len(got) != 0 {
		t.Errorf("waits for a stranger: %v", got)
	}
	later(linkFor)
	if got := waits("osei"); len(got) != 0 {
		t.Errorf("waits when it has run out: %v", got)
	}
}

func TestAReadMarkOnlyGrows(t *testing.T) {
	t.Parallel()
	d, _, _ := newDirectory(t)
	const room, person = "room-a", "p1"
	moved := make(chan incident.Seq, 200)
	var wg sync.WaitGroup
	for n := range 200 {
		wg.Go(func() {
			seq := incident.Seq(n*37%200 + 1)
			if ok, err := d.MarkRead(t.Context(), room, person, seq); err != nil {
				t.Error(err)
			} else if ok {
				moved <- seq
			}
		})
	}
	wg.Wait()
	if got, err := d.ReadTo(t.Context(), room, person); err != nil || got != 200 {
		t.Errorf("%d, %v", got, err)
	}
	if len(moved) < 1 || len(moved) > 200 {
		t.Errorf("%d moves", len(moved))
	}
	if ok, err := d.MarkRead(t.Context(), room, person, 200); err != nil || ok {
		t.Errorf("the same again moved: %v, %v", ok, err)
	}
	check(t, d.SetMuted(t.Context(), room, person, true))
	check(t, d.SetMuted(t.Context(), "room-b", person, true))
	check(t, d.SetMuted(t.Context(), "room-b", person, false))
	marks, err := d.Marks(t.Context(), person)
	if err != nil || len(marks) != 2 || marks[room] != (Mark{ReadTo: 200, Muted: true}) || marks["room-b"] != (Mark{}) {
		t.Errorf("%v, %v", marks, err)
	}
	if other, err := d.Marks(t.Context(), "p2"); err != nil || len(other) != 0 {
		t.Errorf("%v, %v", other, err)
	}
	if got, err := d.ReadTo(t.Context(), room, "p2"); err != nil || got != 0 {
		t.Errorf("%d, %v", got, err)
	}
}

func TestAContactIsReplacedAndForgotten(t *testing.T) {
	t.Parallel()
	d, database, _ := newDirectory(t)
	one, two := Contact{"a@x.example", "+447700900001"}, Contact{Phone: "+447700900002"}
	check(t, d.SetContact(t.Context(), "room-a", 3, one))
	check(t, d.SetContact(t.Context(), "room-a", 5, one))
	check(t, d.SetContact(t.Context(), "room-a", 3, two))
	check(t, d.SetContact(t.Context(), "room-b", 3, one))
	check(t, d.KeepContact(t.Context(), "room-a", 3, one)) // known already
	check(t, d.KeepContact(t.Context(), "room-a", 7, one))
	check(t, d.KeepContact(t.Context(), "room-a", 9, Contact{}))
	of := func(room incident.LogID, root incident.Seq) Contact {
		t.Helper()
		c, err := d.ContactOf(t.Context(), room, root)
		check(t, err)
		return c
	}
	for root, want := range map[incident.Seq]Contact{3: two, 5: one, 7: one, 9: {}, 4: {}} {
		if got := of("room-a", root); got != want {
			t.Errorf("%d: %v, want %v", root, got, want)
		}
	}
	check(t, d.SetContact(t.Context(), "room-a", 5, Contact{}))
	if n := ask[int](t, database, `SELECT count(*) FROM contact WHERE room = 'room-a'`); of("room-a", 5) != (Contact{}) || n != 2 {
		t.Errorf("forgotten, and %d rows are left", n)
	}
	super(t, database, `UPDATE contact SET sealed = (SELECT sealed FROM contact WHERE room = 'room-b') WHERE room = 'room-a'`)
	if got, err := d.ContactOf(t.Context(), "room-a", 3); err == nil {
		t.Errorf("a row of another room opens: %v", got)
	}
}

func TestADraftKeyIsOneForEachPersonAndRoom(t *testing.T) {
	t.Parallel()
	d, _, _ := newDirectory(t)
	seen := map[[32]byte]bool{}
	for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}, {"ab", ""}, {"", "ab"}, {"a", "c"}} {
		k := d.DraftKey(incident.LogID(pair[0]), incident.PersonID(pair[1]))
		if seen[k] || k != d.DraftKey(incident.LogID(pair[0]), incident.PersonID(pair[1])) {
			t.Errorf("%v has no key of its own", pair)
		}
		seen[k] = true
	}
	other, _, _ := newDirectory(t)
	if seen[other.DraftKey("a", "b")] {
		t.Error("another deployment's is the same")
	}
}

func TestCodesAreEvenlyDrawnFromWhatCannotBeMisread(t *testing.T) {
	counts := map[rune]float64{}
	const n = 6000
	for range n {
		c := newCode()
		if len(c) != codeLength+1 || c[5] != '-' || strings.ContainsAny(c, "ILOU01") {
			t.Fatal(c)
		}
		for _, r := range strings.Replace(c, "-", "", 1) {
			counts[r]++
		}
	}
	expected := float64(n*codeLength) / float64(len(codeAlphabet))
	chi := 0.0
	for _, r := range codeAlphabet {
		chi += math.Pow(counts[r]-expected, 2) / expected
	}
	if len(counts) != len(codeAlphabet) || chi > 72 { // 29 degrees of freedom: 72 is passed once in 60,000 runs
		t.Errorf("chi squared is %.1f over %d characters", chi, len(counts))
	}
}

var tables = []string{"invitation", "code_attempt", "contact", "room_mark", "org_contact", "org_channel"}

func furnished(t *testing.T) (*Directory, string, Link) {
	d, database, _ := newDirectory(t)
	inv := forOsei()
	inv.Subject = "canarysubject"
	l := invite(t, d, inv)
	check(t, d.SetContact(t.Context(), "room-a", 3, Contact{"canary@x.example", "+447700900123"}))
	check(t, d.AddOrgContact(t.Context(), someone("canary"), 1))
	if _, err := d.MarkRead(t.Context(), "room-a", "p1", 4); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Look(t.Context(), Key{Code: l.Code}, Visitor{Issuer: "health", Subject: "canarysubject"}); err != nil {
		t.Fatal(err)
	}
	return d, database, l
}

func TestOutsideItsScopeEveryTableIsEmpty(t *testing.T) {
	t.Parallel()
	d, database, _ := furnished(t)
	for _, table := range tables {
		if !ask[bool](t, database, `SELECT relrowsecurity AND relforcerowsecurity AND obj_description(oid) IS NOT NULL FROM pg_class WHERE relname = $1`, table) {
			t.Errorf("%s is not forced, or not commented", table)
		}
		for scope, want := range map[string]int{"directory": 1, "": 0, "identity": 0, "writer": 0, "reader": 0, "person": 0} {
			var n int
			check(t, pgx.BeginFunc(t.Context(), d.o.Pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), `SELECT set_config('app.scope', $1, true)`, scope); err != nil {
					return err
				}
				return tx.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n)
			}))
			if n != want {
				t.Errorf("%s shows %d rows to %q", table, n, scope)
			}
		}
		var n int
		check(t, d.o.Pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n))
		if n != 0 {
			t.Errorf("%s shows %d rows to nobody", table, n)
		}
	}
}

func TestTheApplicationCannotMoveAnInvitation(t *testing.T) {
	t.Parallel()
	d, _, _ := furnished(t)
	for _, statement := range []string{
		`UPDATE invitation SET room = 'room-b'`, `UPDATE invitation SET subject = NULL`, `UPDATE invitation SET issuer = ''`, `UPDATE invitation SET sealed = sealed`,
		`UPDATE invitation SET org = 'X'`, `DELETE FROM invitation`, `TRUNCATE invitation`, `DELETE FROM room_mark`, `UPDATE room_mark SET person = 'x'`,
	} {
		err := d.tx(t.Context(), func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), statement); return err })
		if err == nil || !strings.Contains(err.Error(), "42501") { // insufficient_privilege
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestARevokedInvitationKeepsNothingOfWhoItWasSentTo(t *testing.T) {
	t.Parallel()
	d, database, l := furnished(t)
	kept := func() int {
		return ask[int](t, database, `SELECT length(sealed) FROM invitation WHERE id = '`+l.Invitation+`'`)
	}
	if kept() == 0 {
		t.Fatal("nothing was sealed")
	}
	room := ask[string](t, database, `SELECT room FROM invitation WHERE id = '`+l.Invitation+`'`)
	for range 2 { // twice is no error
		if err := d.Revoke(t.Context(), incident.LogID(room), l.Invitation); err != nil {
			t.Fatal(err)
		}
		if n := kept(); n != 0 {
			t.Errorf("%d bytes are kept", n)
		}
	}
	if _, err := d.Look(t.Context(), Key{Token: l.Token}, Visitor{}); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("it leads to %v", err)
	}
}

func TestNoColumnHoldsAnythingPersonalOrSecret(t *testing.T) {
	t.Parallel()
	_, database, l := furnished(t)
	for _, table := range tables {
		all := strings.ToLower(ask[string](t, database, `SELECT coalesce(string_agg(x::text || ' ' || encode(convert_to(x::text, 'UTF8'), 'escape'), ' '), '') FROM `+table+` x`))
		if all == "" {
			t.Fatalf("%s is empty", table)
		}
		for _, secret := range []string{"canary", "63616e617279", "osei", "6f736569", "northmoor", "7700900123", "37373030393030313233", l.Token, l.Code, l.OTP + "|"} {
			if strings.Contains(all, strings.ToLower(secret)) {
				t.Errorf("%s holds %q", table, secret)
			}
		}
	}
}
