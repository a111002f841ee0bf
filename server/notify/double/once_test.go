package double_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/notify"
	"wardroom/server/notify/double"
)

// reach sends one message until it is accepted, as whoever sends must: what is
// uncertain is asked for before it is sent again.
func reach(ctx context.Context, s *stand, c *notify.Client, id notify.ID, n notify.Notice, to notify.Phone) error {
	var uncertain *notify.Failure
	for range 50 {
		if uncertain != nil {
			s.clock.set(uncertain.After)
			_, found, err := c.Found(ctx, id, uncertain.After)
			if err != nil {
				return err
			}
			if found {
				return nil
			}
			uncertain = nil
		}
		_, err := c.Text(ctx, s.ids, id, n, to)
		var f *notify.Failure
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &f) || !f.Again():
			return err
		case f.Kind == notify.Uncertain:
			uncertain = f
		default:
			s.clock.set(f.After)
		}
	}
	return errors.New("fifty attempts")
}

func TestEachRecipientGetsExactlyOneMessageWhateverGoesWrong(t *testing.T) {
	faults := []double.Fault{double.RateLimit, double.Fails, double.FailsTaken, double.Breaks, double.BreaksTaken}
	met := map[double.Fault]int{}
	s := start(t, func(o *double.Options) {
		o.Fault = func(n int, _ string) double.Fault { // every other request, in turn
			if n%2 == 0 {
				f := faults[n/2%len(faults)]
				met[f]++
				return f
			}
			return double.NoFault
		}
	})
	c, want := s.client(t, "a-live-key"), map[string]string{}
	for i := range 100 {
		to, id := phone(t, fmt.Sprintf("07700900%03d", 300+i)), notify.NewID()
		if err := reach(t.Context(), s, c, id, notice(t, notify.Raised), to); err != nil {
			t.Fatal(i, err)
		}
		want[to.Digits()] = id.String()
		s.clock.set(s.clock.Now().Add(time.Second / notify.PerSecond))
	}
	for _, m := range s.Accepted() {
		if want[m.To] != m.Reference {
			t.Errorf("%s has %s, want %q: twice, or not asked for", m.To, m.Reference, want[m.To])
		}
		delete(want, m.To)
	}
	if len(want) > 0 {
		t.Errorf("%d have none", len(want))
	}
	for _, f := range faults {
		if met[f] == 0 {
			t.Errorf("fault %d never came", f)
		}
	}
}

func TestWhatIsUncertainIsNotAskedForTooEarly(t *testing.T) {
	s := start(t, func(o *double.Options) {
		o.Fault = func(n int, _ string) double.Fault { return []double.Fault{double.BreaksTaken, double.FailsTaken}[n-1] }
	})
	c, begun := s.client(t, "a-live-key"), s.clock.Now()
	for i, wait := range []time.Duration{70 * time.Second, 0} {
		id := notify.NewID()
		_, err := c.Text(t.Context(), s.ids, id, notice(t, notify.Raised), phone(t, hannah))
		var f *notify.Failure
		if !errors.As(err, &f) || f.Kind != notify.Uncertain || !f.After.Equal(begun.Add(wait)) {
			t.Fatalf("%d: %v", i, err)
		}
		if wait > 0 {
			s.clock.set(f.After.Add(-1))
			if _, _, err := c.Found(t.Context(), id, f.After); kindOf(err) != notify.Uncertain {
				t.Errorf("asked too early: %v", err)
			}
			s.clock.set(f.After)
		}
		if got, found, err := c.Found(t.Context(), id, f.After); err != nil || !found || got.ID != id {
			t.Errorf("%d: %v %v %v", i, got, found, err)
		}
		if _, found, err := c.Found(t.Context(), notify.NewID(), f.After); err != nil || found {
			t.Errorf("%d: another is found: %v", i, err)
		}
		begun = s.clock.Now()
	}
}

// A request that is held up on its way cannot arrive once it was asked for:
// its token is too old by then.
func TestARequestThatIsHeldUpIsRefusedOnceItWasAskedFor(t *testing.T) {
	s := start(t, nil)
	var held *http.Request
	proxy := roundTrip(func(r *http.Request) (*http.Response, error) {
		if held == nil {
			held = r.Clone(context.Background())
			held.Body, _ = r.GetBody()
			return nil, errors.New("held up")
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	k, _ := notify.ParseKey(s.APIKey("a-live-key"))
	for _, wrong := range []time.Duration{-29 * time.Second, 0, 29 * time.Second} { // of our clock
		held = nil
		c, err := notify.NewClient(s.URL, k, proxy, func() time.Time { return s.clock.Now().Add(wrong) })
		if err != nil {
			t.Fatal(err)
		}
		id := notify.NewID()
		if _, err := c.Text(t.Context(), s.ids, id, notice(t, notify.Raised), phone(t, hannah)); err == nil {
			t.Fatal("held up, and answered")
		}
		s.clock.set(s.clock.Now().Add(70 * time.Second))
		if _, found, err := c.Found(t.Context(), id, time.Time{}); err != nil || found {
			t.Fatal(found, err)
		}
		res, err := http.DefaultTransport.RoundTrip(held)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != http.StatusForbidden {
			t.Errorf("with a clock %s off, a request that was held up is answered %d", wrong, res.StatusCode)
		}
	}
	if n := len(s.Accepted()); n != 0 {
		t.Errorf("%d were accepted", n)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAWrongClockIsRecognisedAndSaid(t *testing.T) {
	for _, c := range []struct {
		ahead time.Duration // this machine's clock, of Notify's
		says  string
	}{
		{45 * time.Second, "clock is 45s ahead of GOV.UK Notify's"},
		{-45 * time.Second, "clock is 45s behind GOV.UK Notify's"},
		{3 * time.Hour, "clock is 3h0m0s ahead of"},
	} {
		s := start(t, nil)
		k, _ := notify.ParseKey(s.APIKey("a-live-key"))
		client, err := notify.NewClient(s.URL, k, nil, func() time.Time { return s.clock.Now().Add(c.ahead) })
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Text(t.Context(), s.ids, notify.NewID(), notice(t, notify.Raised), phone(t, hannah))
		var f *notify.Failure
		if !errors.As(err, &f) || f.Kind != notify.Skewed || (f.Offset-c.ahead).Abs() > time.Second || f.Again() || !strings.Contains(strings.Replace(strings.Replace(err.Error(), "46s", "45s", 1), "44s", "45s", 1), c.says) {
			t.Errorf("%s ahead: %v", c.ahead, err)
		}
	}
	// A wrong key under a right clock is not the clock.
	s := start(t, nil)
	if _, err := s.client(t, "old").Get(t.Context(), nowhere); kindOf(err) != notify.Denied {
		t.Error(err)
	}
}

// Only status and type count. What the message says may change, and may name
// the recipient.
func TestNoErrorRepeatsAnything(t *testing.T) {
	const canary = "canary-7700900123-hannah"
	answers := []struct {
		status int
		body   string
		want   notify.Kind
	}{
		{400, `{"status_code":400,"errors":[{"error":"ValidationError","message":"` + canary + `"}]}`, notify.Refused},
		{400, `{"status_code":400,"errors":[{"error":"` + canary + `","message":"x"}]}`, notify.Strange},
		{400, canary, notify.Strange},
		{403, `{"errors":[{"error":"BadRequestError","message":"Error: Your system clock must be accurate to within 30 seconds"}]}`, notify.Denied},
		{403, canary, notify.Denied},
		{404, `{"errors":[{"error":"NoResultFound","message":"` + canary + `"}]}`, notify.Missing},
		{404, "<html>" + canary, notify.Strange},
		{429, `{"errors":[{"error":"RateLimitError","message":"Exceeded send limits for today ` + canary + `"}]}`, notify.Busy},
		{429, `{"errors":[{"error":"TooManyRequestsError","message":"Exceeded rate limit ` + canary + `"}]}`, notify.Exhausted},
		{429, canary, notify.Busy},
		{500, `{"errors":[{"error":"Exception","message":"` + canary + `"}]}`, notify.Uncertain},
		{502, canary, notify.Uncertain},
		{504, canary, notify.Uncertain},
		{201, canary, notify.Uncertain},
		{201, `{}`, notify.Uncertain},
		{201, `{"id":"` + canary + `"}`, notify.Uncertain},
		{302, canary, notify.Strange},
		{418, canary, notify.Strange},
	}
	var at int
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a token went elsewhere") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(answers[at].status)
		w.Write([]byte(answers[at].body))
	}))
	defer server.Close()
	k, _ := notify.ParseKey("name-" + service + "-" + nowhere)
	now := time.Now()
	c, err := notify.NewClient(server.URL, k, nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	_, ids := double.House()
	for at = range answers {
		_, err := c.Text(t.Context(), ids, notify.NewID(), notice(t, notify.Raised), phone(t, hannah))
		if kindOf(err) != answers[at].want {
			t.Errorf("%d %s: %v", answers[at].status, answers[at].body, err)
		}
		for _, secret := range []string{"canary", "900123", "ABCDE", nowhere, "INC-2026"} {
			if said := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(said, secret) {
				t.Errorf("an error says %s", said)
			}
		}
		var f *notify.Failure
		if errors.As(err, &f) && f.Kind == notify.Exhausted && (f.After.Before(now) || f.After.After(now.Add(24*time.Hour)) || f.After.UTC().Format("15:04:05") != "00:00:00") {
			t.Errorf("the day ends at %s", f.After)
		}
	}
}

func TestWhatNeverLeftIsToldFromWhatMayHaveArrived(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	l.Close() // nobody answers there
	k, _ := notify.ParseKey("name-" + service + "-" + nowhere)
	c, err := notify.NewClient(address, k, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	_, ids := double.House()
	if _, err := c.Text(t.Context(), ids, notify.NewID(), notice(t, notify.Raised), phone(t, hannah)); kindOf(err) != notify.Unsent {
		t.Error(err)
	}
	// Somebody takes the request, and says nothing until we give up.
	asked, done := make(chan struct{}), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-done
	}))
	defer silent.Close()
	defer close(done)
	if c, err = notify.NewClient(silent.URL, k, nil, time.Now); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := c.Text(ctx, ids, notify.NewID(), notice(t, notify.Raised), phone(t, hannah)); kindOf(err) != notify.Uncertain || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestExercisesReachOnlyNumbersThatNobodyHas(t *testing.T) {
	s := start(t, nil)
	c, n := s.client(t, "a-live-key"), notice(t, notify.Raised)
	n.Room, _ = notify.ParseRoom("EX-2026-0001")
	if _, err := c.Text(t.Context(), s.ids, notify.NewID(), n, phone(t, "07723 456789")); !errors.Is(err, notify.ErrExercise) {
		t.Error(err)
	}
	if _, err := c.Text(t.Context(), s.ids, notify.NewID(), n, phone(t, hannah)); err != nil {
		t.Error(err)
	}
	if _, err := c.Email(t.Context(), s.ids, notify.NewID(), n, email(t, mail)); err != nil {
		t.Error(err)
	}
	for _, m := range s.Accepted() {
		if !strings.HasPrefix(m.Subject+m.Body, "EXERCISE") {
			t.Errorf("an exercise says %q", m.Subject+m.Body)
		}
	}
	if n := len(s.Accepted()); n != 2 {
		t.Errorf("%d were accepted", n)
	}
}

func TestWhatMayNotBeSentNeverLeaves(t *testing.T) {
	s := start(t, nil)
	c, whole := s.client(t, "a-live-key"), notice(t, notify.Raised)
	broken := whole
	broken.Room = notify.Room{}
	for name, send := range map[string]func() error{
		"half a notice": func() error {
			_, err := c.Text(t.Context(), s.ids, notify.NewID(), broken, phone(t, hannah))
			return err
		},
		"to a landline": func() error {
			_, err := c.Text(t.Context(), s.ids, notify.NewID(), whole, phone(t, "0113 496 0123"))
			return err
		},
		"abroad": func() error {
			_, err := c.Text(t.Context(), s.ids, notify.NewID(), whole, phone(t, abroad))
			return err
		},
		"to no number": func() error {
			_, err := c.Text(t.Context(), s.ids, notify.NewID(), whole, notify.Phone{})
			return err
		},
		"to no address": func() error {
			_, err := c.Email(t.Context(), s.ids, notify.NewID(), whole, notify.Email{})
			return err
		},
		"without a template": func() error {
			_, err := c.Text(t.Context(), notify.Templates{}, notify.NewID(), whole, phone(t, hannah))
			return err
		},
		"without an id": func() error {
			_, err := c.Text(t.Context(), s.ids, notify.ID{}, whole, phone(t, hannah))
			return err
		},
	} {
		if err := send(); err == nil || kindOf(err) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(s.Accepted()); n != 0 {
		t.Errorf("%d were accepted", n)
	}
}

func TestManyAtOnceShareAClient(t *testing.T) {
	s := start(t, nil)
	c := s.client(t, "a-live-key")
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if _, err := c.Text(t.Context(), s.ids, notify.NewID(), notice(t, notify.Update), phone(t, fmt.Sprintf("07700900%03d", 400+i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(s.Accepted()); n != 40 {
		t.Errorf("%d were accepted", n)
	}
}
