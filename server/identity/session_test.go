package identity

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/incident"
)

func newInsiders(t *testing.T) *house {
	t.Parallel()
	h := newHouse(t, nil)
	h.plainIssuer("health")
	return h
}

func TestASessionLocksAfter30MinutesWithoutActivityAndNotBefore(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	if got := s.LocksAt.Sub(s.Now); got > Idle || got < Idle-time.Second {
		t.Fatalf("locks in %v", got)
	}
	for range 3 { // activity prolongs
		h.later(29 * time.Minute)
		if _, _, err := b.actor(); err != nil {
			t.Fatal(err)
		}
	}
	h.later(29 * time.Minute)
	if _, s, err := h.id.Glance(b.request("/", false)); err != nil || s.LocksAt.Sub(s.Now) > 2*time.Minute { // a glance does not
		t.Fatalf("%v, %v", s.LocksAt.Sub(s.Now), err)
	}
	h.later(2 * time.Minute)
	_, _, err := b.actor()
	wantFault(t, "idle", err, incident.SignedOut)
	if !strings.Contains(err.Error(), "locked") {
		t.Errorf("it does not say that it is locked: %v", err)
	}
	check(t, h.id.Touch(t.Context(), s.ID))
	_, _, err = b.actor()
	wantFault(t, "touched after locking", err, incident.SignedOut)
}

func TestActivityThroughASocketCounts(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	h.later(20 * time.Minute)
	check(t, h.id.Touch(t.Context(), s.ID))
	h.later(20 * time.Minute)
	if _, _, err := b.actor(); err != nil {
		t.Fatal(err)
	}
}

func TestActivityIsWrittenAtMostEvery30Seconds(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	version := func() string {
		return ask[string](t, h.database, `SELECT xmin::text FROM session WHERE id = $1`, s.ID)
	}
	before := version()
	for range 20 {
		h.later(time.Second)
		if _, _, err := b.actor(); err != nil {
			t.Fatal(err)
		}
	}
	if version() != before {
		t.Error("written within 20 seconds")
	}
	h.later(11 * time.Second)
	if _, _, err := b.actor(); err != nil {
		t.Fatal(err)
	}
	if version() == before {
		t.Error("not written after 31 seconds")
	}
}

func TestASessionEndsAfter13HoursHoweverBusy(t *testing.T) {
	h := newInsiders(t)
	b, _ := h.insider("health", "s1")
	for range 31 { // 12 h 55
		h.later(25 * time.Minute)
		if _, _, err := b.actor(); err != nil {
			t.Fatal(err)
		}
	}
	h.later(6 * time.Minute)
	_, _, err := b.actor()
	wantFault(t, "after 13 hours", err, incident.SignedOut)
}

func TestSigningInAgainAsTheSamePersonGoesOnUnderANewToken(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	h.later(40 * time.Minute)
	token, ended, err := h.id.admit(t.Context(), signIn{Issuer: "health", Session: s.ID}, claims{Subject: "s1", Name: "New Name"}, "x")
	check(t, err)
	if len(ended) != 0 || h.sessions() != 1 {
		t.Fatalf("%v ended, %d sessions", ended, h.sessions())
	}
	_, _, err = b.actor()
	wantFault(t, "the old token", err, incident.SignedOut)
	b.cookies[SessionCookie].Value = token
	_, again, err := b.actor()
	check(t, err)
	if again.ID != s.ID || again.Name != "New Name" || !again.EndsAt.Equal(s.EndsAt) {
		t.Errorf("not the same session: %v, %v, ends %v and %v", again, s, again.EndsAt, s.EndsAt)
	}
}

func TestSomeoneElseInTheSameBrowserEndsTheSessionThere(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	token, ended, err := h.id.admit(t.Context(), signIn{Issuer: "health", Session: s.ID}, claims{Subject: "s2"}, "x")
	check(t, err)
	if !slices.Equal(ended, []string{s.ID}) {
		t.Fatalf("ended %v", ended)
	}
	_, _, err = b.actor()
	wantFault(t, "the first person", err, incident.SignedOut)
	b.cookies[SessionCookie].Value = token
	if _, other, err := b.actor(); err != nil || other.ID == s.ID || other.Subject != "s2" {
		t.Fatalf("%v, %v", other, err)
	}
	// The same subject of another issuer is someone else too.
	h.plainIssuer("ncsc")
	_, ended, err = h.id.admit(t.Context(), signIn{Issuer: "ncsc", Session: s.ID}, claims{Subject: "s1"}, "x")
	check(t, err)
	if len(ended) != 0 || h.sessions() != 3 {
		t.Fatalf("%v, %d", ended, h.sessions())
	}
}

func TestAnEndedSessionNeverLivesAgain(t *testing.T) {
	h := newInsiders(t)
	_, s := h.insider("health", "s1")
	check(t, h.id.EndAny(t.Context(), s.ID))
	_, _, err := h.id.admit(t.Context(), signIn{Issuer: "health", Session: s.ID}, claims{Subject: "s1"}, "x")
	check(t, err)
	if n := ask[int](t, h.database, `SELECT count(*) FROM session WHERE ended IS NULL`); n != 1 || h.sessions() != 2 {
		t.Fatalf("%d live of %d", n, h.sessions())
	}
	if _, err := h.id.stepUp(t.Context(), signIn{Issuer: "health", Session: s.ID}, claims{Subject: "s1"}); err == nil {
		t.Fatal("stepped up")
	}
}

func TestARequestWithoutOneGoodCookieIsSignedOut(t *testing.T) {
	h := newInsiders(t)
	b, _ := h.insider("health", "s1")
	good := b.cookies[SessionCookie].Value
	for name, values := range map[string][]string{
		"none": nil, "empty": {""}, "twice": {good, good}, "one good, one bad": {good, "x"}, "longer": {good + "A"}, "shorter": {good[:42]},
		"padded": {good + "="}, "another": {strings.Repeat("A", 43)}, "the hash": {fmt.Sprintf("%x", good)},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, v := range values {
			r.AddCookie(&http.Cookie{Name: SessionCookie, Value: v})
		}
		_, _, err := h.id.Actor(r)
		wantFault(t, name, err, incident.SignedOut)
	}
}

func TestAnActorIsWhatTheSystemLogSaysNow(t *testing.T) {
	h := newInsiders(t)
	b, s := h.insider("health", "s1")
	a, _, err := b.actor()
	check(t, err)
	if a.Person != "" || a.Name != "Name of s1" || a.Session != s.ID || a.Admin || a.System || len(a.Orgs) != 0 {
		t.Fatalf("unregistered: %+v", a)
	}
	id := h.record("health", "s1")
	if a, _, err = b.actor(); err != nil || a.Person != id || a.Name != "Recorded s1" || !slices.Equal(a.Orgs, []incident.OrgID{"DSC"}) {
		t.Fatalf("registered: %+v, %v", a, err)
	}
	h.apply(&incident.AdministratorGranted{Person: id})
	if a, _, err = b.actor(); err != nil || !a.Admin {
		t.Fatalf("administrator: %+v, %v", a, err)
	}
	h.apply(&incident.AdministratorRevoked{Person: id})
	if a, _, err = b.actor(); err != nil || a.Admin {
		t.Fatalf("administrator no more: %+v, %v", a, err)
	}
	h.apply(&incident.PersonSuspended{Person: id}) // the log alone, before any session is ended
	_, _, err = b.actor()
	wantFault(t, "suspended", err, incident.SignedOut)
	h.apply(&incident.PersonRestored{Person: id})
	if _, _, err = b.actor(); err != nil {
		t.Fatal(err)
	}
	h.apply(&incident.IssuerStopped{Key: "health"})
	_, _, err = b.actor()
	wantFault(t, "issuer stopped", err, incident.SignedOut)
}

func TestSuspendingAPersonEndsAllTheirSessionsAndNobodyElses(t *testing.T) {
	h := newInsiders(t)
	id := h.record("health", "s1")
	_, one := h.insider("health", "s1")
	_, two := h.insider("health", "s1")
	other, _ := h.insider("health", "s2")
	h.plainIssuer("ncsc")
	sameSubject, _ := h.insider("ncsc", "s1")
	h.apply(&incident.PersonSuspended{Person: id})
	check(t, h.id.EndPerson(t.Context(), h.system.People[id]))
	got, want := h.heard(), []string{one.ID, two.ID}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("ended %v, want %v", got, want)
	}
	for _, b := range []*browser{other, sameSubject} {
		if _, _, err := b.actor(); err != nil {
			t.Error(err)
		}
	}
}

func TestAPersonListsAndEndsTheirOwnSessionsOnly(t *testing.T) {
	h := newInsiders(t)
	one, s1 := h.insider("health", "s1")
	two, s2 := h.insider("health", "s1")
	_, s3 := h.insider("health", "s2")
	list, err := h.id.Sessions(t.Context(), s1)
	check(t, err)
	if len(list) != 2 || slices.ContainsFunc(list, func(s Session) bool { return s.Subject != "s1" || s.Device != "Firefox on Windows" }) {
		t.Fatalf("%v", list)
	}
	all, err := h.id.AllSessions(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("%v, %v", all, err)
	}
	for what, id := range map[string]string{"someone else's": s3.ID, "none": incident.RandomID(), "empty": "", "no id": "\x00\xff"} {
		err := h.id.End(t.Context(), s1, id)
		wantFault(t, what, err, incident.NotFound)
		if err.Error() != incident.Missing().Error() {
			t.Errorf("%s is told apart: %v", what, err)
		}
	}
	check(t, h.id.End(t.Context(), s1, s2.ID))
	_, _, err = two.actor()
	wantFault(t, "ended from elsewhere", err, incident.SignedOut)
	wantFault(t, "ended twice", h.id.End(t.Context(), s1, s2.ID), incident.NotFound)
	check(t, h.id.EndAny(t.Context(), s3.ID))
	w := httptest.NewRecorder()
	check(t, h.id.SignOut(w, one.request("/", false), s1))
	if c := w.Result().Cookies(); len(c) != 1 || c[0].Name != SessionCookie || c[0].MaxAge >= 0 {
		t.Errorf("cookies %v", c)
	}
	_, _, err = one.actor()
	wantFault(t, "signed out", err, incident.SignedOut)
	if got := h.heard(); !slices.Equal(got, []string{s2.ID, s3.ID, s1.ID}) {
		t.Errorf("told of %v", got)
	}
}

func TestAnotherNodeHearsOfAnEndWithinASecond(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.plainIssuer("health")
	heard := make(chan string, 100)
	o := h.options
	o.OnEnded = func(ids []string) {
		for _, id := range ids {
			heard <- id
		}
	}
	other, err := New(o) // another node: the same database, system log and vault
	check(t, err)
	_, before := h.insider("health", "s0")
	check(t, h.id.EndAny(t.Context(), before.ID)) // ended before the node started: no socket of it is there

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- other.Run(ctx) }()
	_, s := h.insider("health", "s1")
	_, idle := h.insider("health", "s2")
	for _, c := range []struct {
		what string
		do   func()
		want string
	}{
		{"ended", func() { check(t, h.id.EndAny(t.Context(), s.ID)) }, s.ID},
		{"locked", func() { h.later(31 * time.Minute) }, idle.ID},
	} {
		c.do()
		asked := time.Now()
		select {
		case id := <-heard:
			if id == before.ID {
				// The first look is at the head, or finds it within the overlap: harmless.
				id = <-heard
			}
			if id != c.want {
				t.Errorf("%s: heard of %s, want %s", c.what, id, c.want)
			}
			if took := time.Since(asked); took > time.Second {
				t.Errorf("%s: heard after %v", c.what, took)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: never heard", c.what)
		}
	}
	cancel()
	check(t, <-done)
}

func TestOfAHundredUsesOfATicketExactlyOneSucceeds(t *testing.T) {
	h := newInsiders(t)
	_, s := h.insider("health", "s1")
	ticket, err := h.id.Ticket(t.Context(), s)
	check(t, err)
	var wg sync.WaitGroup
	good := make(chan Session, 100)
	for range 100 {
		wg.Go(func() {
			_, got, err := h.id.Redeem(t.Context(), s.ID, ticket)
			if err == nil {
				good <- got
			} else if incident.FaultOf(err) != incident.SignedOut {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(good) != 1 || (<-good).ID != s.ID {
		t.Fatalf("%d succeeded", len(good)+1)
	}
}

func TestATicketIsForOneSessionFor10Seconds(t *testing.T) {
	h := newInsiders(t)
	_, s := h.insider("health", "s1")
	_, other := h.insider("health", "s1")
	issue := func() string {
		ticket, err := h.id.Ticket(t.Context(), s)
		check(t, err)
		return ticket
	}
	redeem := func(what, session, ticket string) {
		t.Helper()
		_, _, err := h.id.Redeem(t.Context(), session, ticket)
		wantFault(t, what, err, incident.SignedOut)
	}
	ticket := issue()
	redeem("another session of the same person", other.ID, ticket)
	redeem("no session", "", ticket)
	if _, _, err := h.id.Redeem(t.Context(), s.ID, ticket); err != nil {
		t.Fatalf("its own: %v", err)
	}
	redeem("the cookie's token", s.ID, strings.Repeat("A", 43))
	redeem("empty", s.ID, "")
	ticket = issue()
	h.later(10 * time.Second)
	redeem("after 10 seconds", s.ID, ticket)
	ticket = issue()
	if _, err := h.id.stepUp(t.Context(), signIn{Issuer: "health", Session: s.ID}, claims{Subject: "s1", AuthTime: seconds{time.Now()}}); err != nil {
		t.Fatal(err)
	}
	redeem("from before the token changed", s.ID, ticket)
	ticket = issue()
	check(t, h.id.EndAny(t.Context(), s.ID))
	redeem("of an ended session", s.ID, ticket)
}

func TestAServiceTokenNeedsItsRowAndItsRecord(t *testing.T) {
	h := newInsiders(t)
	tok, tok2 := incident.RandomID(), incident.RandomID()
	use := func(header ...string) error {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, v := range header {
			r.Header.Add("Authorization", v)
		}
		_, _, err := h.id.Bearer(r)
		return err
	}
	expires := time.Now().Add(24 * time.Hour)
	token, err := h.id.IssueToken(t.Context(), tok, expires)
	check(t, err)
	wantFault(t, "no record", use("Bearer "+token), incident.SignedOut)
	h.apply(&incident.TokenIssued{ID: tok, Name: "TAXII at Northmoor", Scopes: []string{"taxii:read"}, Expires: incident.At(expires)})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	a, found, err := h.id.Bearer(r)
	if err != nil || found.ID != tok || !slices.Equal(found.Scopes, []string{"taxii:read"}) || a.Person != "" || a.Session != "" || a.System || a.Admin {
		t.Fatalf("%+v, %+v, %v", a, found, err)
	}
	h.apply(&incident.TokenIssued{ID: tok2, Name: "Other", Expires: incident.At(expires)})
	for what, headers := range map[string][]string{
		"none": nil, "basic": {"Basic " + token}, "twice": {"Bearer " + token, "Bearer " + token},
		"another's id": {"Bearer " + strings.Replace(token, tok, tok2, 1)}, "no id": {"Bearer " + strings.Replace(token, tok, "", 1)},
		"cut": {"Bearer " + token[:len(token)-1]}, "bare": {token}, "no text": {"Bearer wardroom_\xff\xfe_" + token[len(token)-secretLength:]}, "comma": {"Bearer " + token + ",Bearer " + token},
	} {
		wantFault(t, what, use(headers...), incident.SignedOut)
	}
	if strings.Contains(ask[string](t, h.database, `SELECT string_agg(x::text, ' ') FROM service_token x`), token[len(token)-secretLength:]) {
		t.Error("the token stands in the database")
	}
	h.later(25 * time.Hour)
	wantFault(t, "expired", use("Bearer "+token), incident.SignedOut)
	h.later(-25 * time.Hour)
	check(t, use("Bearer "+token))
	h.apply(&incident.TokenRevoked{ID: tok})
	wantFault(t, "revoked", use("Bearer "+token), incident.SignedOut)
}

func TestOfAHundredPeopleWithTheSetupLinkExactlyOneSetsUp(t *testing.T) {
	h := newInsiders(t)
	dead, err := h.id.NewSetupLink(t.Context())
	check(t, err)
	token, err := h.id.NewSetupLink(t.Context())
	check(t, err)
	var wg sync.WaitGroup
	won := make(chan Session, 100)
	for n := range 100 {
		wg.Go(func() {
			s := Session{ID: fmt.Sprintf("session-%d", n)}
			wantMissing(t, h.id.RedeemSetup(t.Context(), dead, s))
			if err := h.id.RedeemSetup(t.Context(), token, s); err == nil {
				won <- s
			} else {
				wantMissing(t, err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d set up", len(won))
	}
	winner := <-won
	check(t, h.id.RedeemSetup(t.Context(), token, winner)) // it failed half-way
	h.apply(&incident.AdministratorGranted{Person: h.record("health", "s1")})
	wantMissing(t, h.id.RedeemSetup(t.Context(), token, winner))
}

func wantMissing(t testing.TB, err error) {
	t.Helper()
	if err == nil || incident.FaultOf(err) != incident.NotFound {
		t.Errorf("got %v, want Missing", err)
	}
}

func TestASetupLinkDiesAfter24Hours(t *testing.T) {
	h := newInsiders(t)
	token, err := h.id.NewSetupLink(t.Context())
	check(t, err)
	h.later(24 * time.Hour)
	wantMissing(t, h.id.RedeemSetup(t.Context(), token, Session{ID: "a"}))
}

func TestASessionDoesNotPrintWhoItIs(t *testing.T) {
	s := Session{ID: "pub", Subject: "canary", Name: "canary", Email: "canary@x"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		if out := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, &s) + fmt.Sprintf(verb, []Session{s}); strings.Contains(out, "canary") {
			t.Errorf("%s prints %s", verb, out)
		}
	}
}

func TestADeviceIsNamedCoarsely(t *testing.T) {
	for ua, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                 "Firefox on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":    "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":            "Chrome on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":            "Safari on Mac",
		"curl/8.5.0": "A browser", "": "A browser", "<script>alert(1)</script>": "A browser",
	} {
		if got := device(ua); got != want {
			t.Errorf("%q is %q, want %q", ua, got, want)
		}
	}
}

func TestManyRequestsAtOnceEachFindTheirOwnSessionAndAnEndedOneFindsNone(t *testing.T) {
	h := newInsiders(t)
	var browsers []*browser
	var sessions []Session
	for n := range 8 {
		b, s := h.insider("health", fmt.Sprintf("subject-%d", n))
		browsers, sessions = append(browsers, b), append(sessions, s)
	}
	check(t, h.id.EndAny(t.Context(), sessions[3].ID))
	requests := make([]*http.Request, 200)
	for k := range requests {
		requests[k] = browsers[k%8].request("/", false)
	}
	var wg sync.WaitGroup
	for k, r := range requests {
		wg.Go(func() {
			_, s, err := h.id.Actor(r)
			switch {
			case k%8 == 3 && incident.FaultOf(err) != incident.SignedOut:
				t.Errorf("an ended session: %v, want signed out", err)
			case k%8 != 3 && (err != nil || s.ID != sessions[k%8].ID):
				t.Errorf("request of session %d found %s: %v", k%8, s.ID, err)
			}
		})
	}
	wg.Wait()
}
