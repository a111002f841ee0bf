package directory

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/incident"
)

var (
	osei      = Visitor{Issuer: "health", Subject: "osei", Email: "Hannah.Osei@Northmoor.example", EmailVerified: true, Domains: []string{"dsc.example", "NORTHMOOR.example"}}
	stranger  = Visitor{Issuer: "health", Subject: "stranger", Email: "stranger@northmoor.example", EmailVerified: true, Domains: osei.Domains}
	stranger2 = Visitor{Issuer: "health", Subject: "stranger2"}
)

func forOsei() Invitation {
	return Invitation{
		ID: incident.RandomID(), Room: "room-a", Org: "X1N", Issuer: "health", Name: "Dr Hannah Osei",
		Email: "hannah.osei@northmoor.example", Phone: "+447700900123", OTP: true,
	}
}

func invite(t *testing.T, d *Directory, inv Invitation) Link {
	t.Helper()
	l, err := d.Invite(t.Context(), inv)
	check(t, err)
	return l
}

// wantMissing fails the test unless the answer is the one of all dead links.
func wantMissing(t *testing.T, what string, f Found, err error) {
	t.Helper()
	if f != (Found{}) || incident.FaultOf(err) != incident.NotFound || err.Error() != incident.Missing().Error() {
		t.Errorf("%s: %+v, %v", what, f, err)
	}
}

func TestWhatTiesASignInToAnInvitation(t *testing.T) {
	t.Parallel()
	d, _, _ := newDirectory(t)
	with := func(v Visitor, change func(*Visitor)) Visitor { change(&v); return v }
	bound := func(i *Invitation) { i.Subject = "osei" }
	none := func(*Invitation) {}
	for _, c := range []struct {
		what   string
		inv    func(*Invitation)
		who    Visitor
		digits bool
		want   string // "" for Missing
	}{
		{"the subject it was made for", bound, with(osei, func(v *Visitor) { v.Email = "" }), false, BySubject},
		{"another subject, with the address and the digits", bound, with(osei, func(v *Visitor) { v.Subject = "other" }), true, ""},
		{"the subject at another issuer", bound, with(osei, func(v *Visitor) { v.Issuer = "ncsc" }), true, ""},
		{"the address, vouched for", none, osei, false, ByAddress},
		{"the address and the digits", none, osei, true, ByAddress},
		{"the address at another issuer", none, with(osei, func(v *Visitor) { v.Issuer = "mirror" }), true, ""},
		{"the address, any issuer", func(i *Invitation) { i.Issuer = "" }, with(osei, func(v *Visitor) { v.Issuer = "mirror" }), false, ByAddress},
		{"the address, any issuer, not its domain", func(i *Invitation) { i.Issuer = "" }, with(osei, func(v *Visitor) { v.Domains = []string{"mirror.example"} }), false, Asked},
		{"the address, unverified", none, with(osei, func(v *Visitor) { v.EmailVerified = false }), false, Asked},
		{"the address, no domains", none, with(osei, func(v *Visitor) { v.Domains = nil }), false, Asked},
		{"the address, a parent domain", none, with(osei, func(v *Visitor) { v.Domains = []string{"example"} }), false, Asked},
		{"the address, a suffix", none, with(osei, func(v *Visitor) { v.Domains = []string{"moor.example", ""} }), false, Asked},
		{"another address of the domain", none, stranger, false, Asked},
		{"the address in a display name", none, with(osei, func(v *Visitor) { v.Email = "x@evil.example <hannah.osei@northmoor.example>" }), false, Asked},
		{"two at signs", none, with(osei, func(v *Visitor) { v.Email = "hannah.osei@evil.example@northmoor.example" }), false, Asked},
		{"a letter that folds to k only in Unicode", func(i *Invitation) { i.Email = "kim@northmoor.example" }, with(osei, func(v *Visitor) { v.Email = "\u212aim@northmoor.example" }), false, Asked},
		{"an invitation without address, a person without", func(i *Invitation) { i.Email = "" }, with(osei, func(v *Visitor) { v.Email = "" }), false, Asked},
		{"the digits", none, stranger, true, ByCode},
		{"the digits at another issuer", none, with(stranger, func(v *Visitor) { v.Issuer = "mirror" }), true, ""},
		{"a lead's word for someone who never asked", none, with(stranger, func(v *Visitor) { v.Vouched = true }), false, Asked},
		{"nothing", none, stranger2, false, Asked},
	} {
		inv := forOsei()
		c.inv(&inv)
		l := invite(t, d, inv)
		digits := ""
		if c.digits {
			digits = l.OTP
		}
		looked, err := d.Look(t.Context(), Key{Token: l.Token}, c.who)
		if c.want == "" {
			wantMissing(t, c.what+": look", looked, err)
			f, err := d.Redeem(t.Context(), Key{Token: l.Token}, c.who, digits)
			wantMissing(t, c.what, f, err)
			continue
		}
		if err != nil || looked.NeedsCode != (c.want == Asked || c.want == ByCode) || looked.Name != inv.Name {
			t.Errorf("%s: look: %+v, %v", c.what, looked, err)
		}
		f, err := d.Redeem(t.Context(), Key{Token: l.Token}, c.who, digits)
		if err != nil || f.How != c.want || f.ID != inv.ID || f.Room != inv.Room || f.Org != inv.Org || f.Issuer != inv.Issuer {
			t.Errorf("%s: %+v, %v; want %q", c.what, f, err, c.want)
		}
		c.who.Vouched = false // a lead's word counts for who asked: TestALeadsWordLetsInWhoAsked
		again, err := d.Redeem(t.Context(), Key{Token: l.Token}, c.who, "")
		if err != nil || again != f {
			t.Errorf("%s: coming again: %+v, %v", c.what, again, err)
		}
		if c.want != Asked {
			f, err := d.Redeem(t.Context(), Key{Token: l.Token}, stranger2, l.OTP)
			wantMissing(t, c.what+": and someone else afterwards", f, err)
		}
	}
}

func TestOfAHundredPeopleWithOneLinkExactlyOneGetsIt(t *testing.T) {
	t.Parallel()
	for _, digits := range []bool{true, false} {
		d, _, _ := newDirectory(t)
		l := invite(t, d, forOsei())
		otp := ""
		if digits {
			otp = l.OTP
		}
		var wg sync.WaitGroup
		got := make(chan string, 100)
		for n := range 100 {
			wg.Go(func() {
				k := Key{Token: l.Token}
				if n%2 == 1 {
					k = Key{Code: l.Code}
				}
				f, err := d.Redeem(t.Context(), k, Visitor{Issuer: "health", Subject: fmt.Sprint("person ", n)}, otp)
				if err == nil {
					got <- f.How
				} else {
					wantMissing(t, "a later one", f, err)
				}
			})
		}
		wg.Wait()
		if len(got) != 1 {
			t.Fatalf("%d got it", len(got))
		}
		if how, want := <-got, map[bool]string{true: ByCode, false: Asked}[digits]; how != want {
			t.Errorf("by %q, want %q", how, want)
		}
	}
}

func TestWhoMerelyAskedDoesNotKeepOutWhomItIsFor(t *testing.T) {
	t.Parallel()
	d, _, _ := newDirectory(t)
	l := invite(t, d, forOsei())
	k := Key{Token: l.Token}
	if f, err := d.Redeem(t.Context(), k, stranger, ""); err != nil || f.How != Asked {
		t.Fatalf("%+v, %v", f, err)
	}
	f, err := d.Redeem(t.Context(), k, stranger2, l.OTP) // the digits alone do not take it from them
	wantMissing(t, "someone else who asks", f, err)
	f, err = d.Redeem(t.Context(), Key{ID: l.Invitation}, osei, "")
	wantMissing(t, "by the id, which is no secret", f, err)
	if f, err := d.Redeem(t.Context(), k, osei, ""); err != nil || f.How != ByAddress {
		t.Fatalf("%+v, %v", f, err)
	}
	vouched := stranger
	vouched.Vouched = true
	f, err = d.Redeem(t.Context(), k, vouched, "")
	wantMissing(t, "who asked first, a lead's word notwithstanding", f, err)
}

func TestALeadsWordLetsInWhoAsked(t *testing.T) {
	t.Parallel()
	d, _, later := newDirectory(t)
	l := invite(t, d, forOsei())
	if f, err := d.Redeem(t.Context(), Key{Code: l.Code}, stranger, ""); err != nil || f.How != Asked {
		t.Fatalf("%+v, %v", f, err)
	}
	later(80 * time.Hour) // the lead was asleep
	byID := Key{ID: l.Invitation}
	f, err := d.Redeem(t.Context(), byID, stranger, "")
	wantMissing(t, "expired, not vouched for", f, err)
	vouched := stranger
	vouched.Vouched = true
	if f, err := d.Look(t.Context(), byID, vouched); err != nil || f.How != ByVouch || f.NeedsCode {
		t.Fatalf("%+v, %v", f, err)
	}
	if f, err := d.Redeem(t.Context(), byID, vouched, ""); err != nil || f.How != ByVouch {
		t.Fatalf("%+v, %v", f, err)
	}
	other := stranger2
	other.Vouched = true
	f, err = d.Redeem(t.Context(), byID, other, "")
	wantMissing(t, "someone else", f, err)
}

func TestDeadLinksAreAllTheSame(t *testing.T) {
	t.Parallel()
	d, _, later := newDirectory(t)
	expired := invite(t, d, forOsei())
	later(72 * time.Hour)
	revoked, renewed, used, fresh := invite(t, d, forOsei()), invite(t, d, forOsei()), invite(t, d, forOsei()), invite(t, d, forOsei())
	check(t, d.Revoke(t.Context(), "room-a", revoked.Invitation))
	check(t, d.Revoke(t.Context(), "room-a", revoked.Invitation)) // twice is no error
	now, err := d.Renew(t.Context(), "room-a", renewed.Invitation)
	check(t, err)
	if _, err := d.Redeem(t.Context(), Key{Token: used.Token}, stranger, used.OTP); err != nil {
		t.Fatal(err)
	}
	for what, l := range map[string]Link{
		"expired": expired, "revoked": revoked, "renewed": renewed, "someone else's": used,
		"unknown": {Invitation: incident.RandomID(), Token: strings.Repeat("A", 43), Code: "ABCDE-FGHJK"}, "malformed": {Token: "'; --", Code: "\x00", Invitation: "\x00\xff"},
	} {
		keys := []Key{{Token: l.Token}, {Code: l.Code}}
		if what != "renewed" {
			keys = append(keys, Key{ID: l.Invitation})
		}
		for n, k := range keys {
			who := osei
			who.Subject = fmt.Sprint("osei", what, n) // so that typing does not run out
			f, err := d.Look(t.Context(), k, who)
			wantMissing(t, fmt.Sprintf("%s by key %d: look", what, n), f, err)
			f, err = d.Redeem(t.Context(), k, who, l.OTP)
			wantMissing(t, fmt.Sprintf("%s by key %d", what, n), f, err)
		}
		f, err := d.Look(t.Context(), Key{Token: l.Token}, Visitor{})
		wantMissing(t, what+", not signed in", f, err)
	}
	for what, l := range map[string]Link{"fresh": fresh, "the renewed one's new link": now} {
		if f, err := d.Redeem(t.Context(), Key{Token: l.Token}, osei, ""); err != nil || f.How != ByAddress {
			t.Errorf("%s: %+v, %v", what, f, err)
		}
	}
	if _, err := d.Redeem(t.Context(), Key{Token: now.Token}, Visitor{}, ""); incident.FaultOf(err) != incident.SignedOut {
		t.Errorf("not signed in: %v", err)
	}
}

func TestLookingSpendsNothingAndNeedsNoSignInForAnOpenLink(t *testing.T) {
	t.Parallel()
	d, database, _ := newDirectory(t)
	l := invite(t, d, forOsei())
	before := ask[string](t, database, `SELECT x::text FROM invitation x`)
	for _, v := range []Visitor{{}, osei, stranger, {}} {
		f, err := d.Look(t.Context(), Key{Token: l.Token}, v)
		if err != nil || f.Name != "Dr Hannah Osei" || f.How != map[string]string{"osei": ByAddress}[v.Subject] {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if ask[string](t, database, `SELECT x::text FROM invitation x`) != before {
		t.Error("looking changed the row")
	}
	f, err := d.Look(t.Context(), Key{ID: l.Invitation}, Visitor{})
	wantMissing(t, "by id", f, err)
	if _, err := d.Look(t.Context(), Key{Code: l.Code}, Visitor{}); incident.FaultOf(err) != incident.SignedOut {
		t.Errorf("a code without a sign-in: %v", err)
	}
}

func TestSixDigitsAreTriedFiveTimes(t *testing.T) {
	t.Parallel()
	d, database, _ := newDirectory(t)
	l := invite(t, d, forOsei())
	k := Key{Token: l.Token}
	wrong := "000000"
	if l.OTP == wrong {
		wrong = "000001"
	}
	var wg sync.WaitGroup
	for range 20 { // at once, by several people
		wg.Go(func() {
			if _, err := d.Redeem(t.Context(), k, stranger, wrong); incident.FaultOf(err) != incident.Invalid {
				t.Errorf("wrong digits: %v", err)
			}
		})
	}
	wg.Wait()
	if n := ask[int](t, database, `SELECT otp_wrong FROM invitation`); n != otpTries {
		t.Errorf("%d counted", n)
	}
	if _, err := d.Redeem(t.Context(), k, stranger, l.OTP); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("the right ones, too late: %v", err)
	}
	if f, err := d.Look(t.Context(), k, stranger); err != nil || f.NeedsCode {
		t.Errorf("still asks for them: %+v, %v", f, err)
	}
	if f, err := d.Redeem(t.Context(), k, stranger, ""); err != nil || f.How != Asked {
		t.Errorf("asks a lead instead: %+v, %v", f, err)
	}
	now, err := d.Renew(t.Context(), "room-a", l.Invitation)
	check(t, err)
	if f, err := d.Redeem(t.Context(), Key{Token: now.Token}, stranger, " "+now.OTP[:3]+" "+now.OTP[3:]); err != nil || f.How != ByCode {
		t.Errorf("renewed: %+v, %v", f, err)
	}
}

func TestDigitsOfOneInvitationAreNoneOfAnother(t *testing.T) {
	t.Parallel()
	d, database, _ := newDirectory(t)
	one, two := invite(t, d, forOsei()), invite(t, d, forOsei())
	super(t, database, `UPDATE invitation SET otp = (SELECT otp FROM invitation WHERE id = '`+two.Invitation+`') WHERE id = '`+one.Invitation+`'`)
	if _, err := d.Redeem(t.Context(), Key{Token: one.Token}, stranger, two.OTP); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("%v", err)
	}
	bare := forOsei()
	bare.OTP = false
	l := invite(t, d, bare)
	if l.OTP != "" {
		t.Error("digits nobody wanted")
	}
	if f, err := d.Look(t.Context(), Key{Token: l.Token}, stranger); err != nil || f.NeedsCode {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := d.Redeem(t.Context(), Key{Token: l.Token}, stranger, "000000"); incident.FaultOf(err) != incident.Invalid {
		t.Errorf("%v", err)
	}
}

func TestCodesAreTriedTenTimesAnHour(t *testing.T) {
	t.Parallel()
	d, _, later := newDirectory(t)
	l := invite(t, d, forOsei())
	var mu sync.Mutex
	var wg sync.WaitGroup
	faults := map[incident.Fault]int{}
	for range 100 {
		wg.Go(func() {
			_, err := d.Redeem(t.Context(), Key{Code: newCode()}, stranger, "")
			mu.Lock()
			defer mu.Unlock()
			faults[incident.FaultOf(err)]++
		})
	}
	wg.Wait()
	if faults[incident.NotFound] != codeTries || faults[incident.TooMany] != 100-codeTries {
		t.Fatalf("%v", faults)
	}
	for what, try := range map[string]func() error{
		"redeem": func() error { _, err := d.Redeem(t.Context(), Key{Code: l.Code}, stranger, ""); return err },
		"look":   func() error { _, err := d.Look(t.Context(), Key{Code: l.Code}, stranger); return err },
		"ask":    func() error { return d.AskForNew(t.Context(), Key{Code: l.Code}, stranger) },
	} {
		if err := try(); incident.FaultOf(err) != incident.TooMany {
			t.Errorf("%s the right one, too late: %v", what, err)
		}
	}
	if _, err := d.Look(t.Context(), Key{Token: l.Token}, stranger); err != nil {
		t.Errorf("the link still works: %v", err)
	}
	if _, err := d.Look(t.Context(), Key{Code: l.Code}, stranger2); err != nil {
		t.Errorf("and so do other people's codes: %v", err)
	}
	later(time.Hour)
	for range 3 * codeTries { // right ones do not count
		if _, err := d.Look(t.Context(), Key{Code: strings.ToLower(strings.ReplaceAll(l.Code, "-", " "))}, stranger); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARenewedLinkIsNobodysAgain(t *testing.T) {
	t.Parallel()
	d, _, _ := newDirectory(t)
	l := invite(t, d, forOsei())
	if f, err := d.Redeem(t.Context(), Key{Token: l.Token}, stranger, ""); err != nil || f.How != Asked {
		t.Fatalf("%+v, %v", f, err)
	}
	now, err := d.Renew(t.Context(), "room-a", l.Invitation)
	check(t, err)
	if f, err := d.Redeem(t.Context(), Key{Token: now.Token}, stranger2, now.OTP); err != nil || f.How != ByCode {
		t.Errorf("%+v, %v", f, err)
	}
	f, err := d.Redeem(t.Context(), Key{ID: l.Invitation}, stranger, "")
	wantMissing(t, "who had the old one", f, err)
}

func TestAnIssuerVouchesForAddressesOfItsDomainsOnly(t *testing.T) {
	domains := []string{"Northmoor.example", "", "nhs.example"}
	for address, want := range map[string]bool{
		"a@northmoor.example": true, "A@NORTHMOOR.EXAMPLE": true, "a@nhs.example": true, "a@sub.nhs.example": false, "a@evilnhs.example": false, "a@example": false,
		"@nhs.example": false, "nhs.example": false, "": false, "a@": false, "a@evil.example@nhs.example": false, "a@nhs.example.": false, "a@nhs.example\u212a": false,
	} {
		if got := vouches(domains, address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}
