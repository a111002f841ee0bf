package double_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/notify"
	"wardroom/server/notify/double"
)

func (s *stand) send(t testing.TB, key, to string) notify.Sent {
	t.Helper()
	got, err := s.near(t, key).Text(t.Context(), s.ids, notify.NewID(), notice(t, notify.Raised), phone(t, to))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (s *stand) status(t testing.TB, key, id string) notify.Notification {
	t.Helper()
	got, err := s.client(t, key).Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestStatusesChangeWithTheClock(t *testing.T) {
	for _, c := range []struct {
		key, to string
		fate    notify.Status
		then    []notify.Status // at 0, 1 and 3 seconds
	}{
		{"a-live-key", hannah, 0, []notify.Status{notify.Created, notify.Sending, notify.Delivered}},
		{"test", hannah, 0, []notify.Status{notify.Created, notify.Sending, notify.Delivered}},
		{"test", tempFail, 0, []notify.Status{notify.Created, notify.Sending, notify.Temporary}},
		{"test", permFail, 0, []notify.Status{notify.Created, notify.Sending, notify.Permanent}},
		{"a-live-key", hannah, notify.Technical, []notify.Status{notify.Created, notify.Created, notify.Technical}},
	} {
		s := start(t, func(o *double.Options) { o.Fate = func(int, string) notify.Status { return c.fate } })
		sent := s.send(t, c.key, c.to)
		for i, after := range []time.Duration{0, time.Second, 2 * time.Second} {
			s.clock.set(s.clock.Now().Add(after))
			n := s.status(t, c.key, sent.Notify)
			if n.Status != c.then[i] || n.ID != sent.ID || n.Completed.IsZero() != (n.Status < notify.Abroad) {
				t.Errorf("%s to %s, step %d: %+v", c.key, c.to, i, n)
			}
			if i == 2 && n.Status == notify.Delivered && n.Fragments != 1 {
				t.Errorf("%d fragments are paid for", n.Fragments)
			}
		}
	}
}

func TestMessagesAreForgottenAfterSevenDays(t *testing.T) {
	s := start(t, nil)
	sent := s.send(t, "a-live-key", hannah)
	s.clock.set(s.clock.Now().AddDate(0, 0, 7))
	s.status(t, "a-live-key", sent.Notify)
	s.clock.set(s.clock.Now().Add(time.Second))
	if _, err := s.client(t, "a-live-key").Get(t.Context(), sent.Notify); kindOf(err) != notify.Missing {
		t.Error(err)
	}
	for n, err := range s.client(t, "a-live-key").List(t.Context(), notify.Filter{}) {
		t.Error(n, err)
	}
}

func TestAListGoesThroughItsPages(t *testing.T) {
	s := start(t, nil)
	var sent []string
	c, message, to := s.near(t, "test"), notice(t, notify.Raised), phone(t, hannah)
	for range 501 {
		s.clock.set(s.clock.Now().Add(25 * time.Millisecond))
		got, err := c.Text(t.Context(), s.ids, notify.NewID(), message, to)
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, got.Notify)
	}
	i := len(sent)
	for n, err := range c.List(t.Context(), notify.Filter{}) {
		if i--; err != nil || i < 0 || n.Notify != sent[i] {
			t.Fatal(i, n, err)
		}
	}
	if i != 0 {
		t.Errorf("%d are not listed", i)
	}
	s.clock.set(s.clock.Now().Add(time.Minute))
	for f, want := range map[*notify.Filter]int{{Channel: notify.ByEmail}: 0, {Channel: notify.ByText}: 501, {Statuses: []notify.Status{notify.Sending}}: 0,
		{Statuses: []notify.Status{notify.Sending, notify.Delivered}}: 501} {
		n := 0
		for _, err := range c.List(t.Context(), *f) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Errorf("%+v: %d, want %d", *f, n, want)
		}
	}
}

func TestTheLimitsOfAMinuteAndADay(t *testing.T) {
	s := start(t, nil)
	c, n, to := s.near(t, "test"), notice(t, notify.Raised), phone(t, hannah)
	text := func() notify.Kind {
		_, err := c.Text(t.Context(), s.ids, notify.NewID(), n, to)
		return kindOf(err)
	}
	for range 1001 { // the burst
		if k := text(); k != 0 {
			t.Fatal(k)
		}
	}
	if k := text(); k != notify.Busy {
		t.Errorf("after a burst: %v", k)
	}
	s.send(t, "a-live-key", hannah) // another kind of key has a limit of its own
	s.clock.set(s.clock.Now().Add(time.Second))
	for i := range 51 {
		if k := text(); (k == notify.Busy) != (i == 50) {
			t.Errorf("%d in the next second: %v", i, k)
		}
	}
	// At the pace of package notify none is refused, however many.
	s.clock.set(s.clock.Now().Add(time.Minute))
	p := notify.NewPace(notify.PerSecond)
	for range 200 {
		s.clock.set(s.clock.Now().Add(p.Next(s.clock.Now())))
		if k := text(); k != 0 {
			t.Fatal(k)
		}
	}

	s = start(t, func(o *double.Options) { o.Service.Trial = true })
	for range 50 {
		s.send(t, "a-live-key", hannah)
	}
	_, err := s.client(t, "a-live-key").Text(t.Context(), s.ids, notify.NewID(), notice(t, notify.Raised), phone(t, hannah))
	var f *notify.Failure
	if kindOf(err) != notify.Exhausted || !errorAs(err, &f) {
		t.Fatal(err)
	}
	s.send(t, "test", hannah)
	s.clock.set(f.After)
	s.send(t, "a-live-key", hannah)
}

func TestNetworksBlockANumberThatGetsTooManyOfTheSame(t *testing.T) {
	s := start(t, nil)
	var last notify.Sent
	for i := range 21 {
		last = s.send(t, "a-live-key", hannah)
		if i == 19 {
			s.clock.set(s.clock.Now().Add(time.Minute))
			if n := s.status(t, "a-live-key", last.Notify); n.Status != notify.Delivered {
				t.Errorf("the twentieth: %v", n.Status)
			}
		}
	}
	s.clock.set(s.clock.Now().Add(time.Minute))
	if n := s.status(t, "a-live-key", last.Notify); n.Status != notify.Permanent {
		t.Errorf("the twenty-first: %v", n.Status)
	}
	s.clock.set(s.clock.Now().Add(time.Hour))
	last = s.send(t, "a-live-key", hannah)
	s.clock.set(s.clock.Now().Add(time.Minute))
	if n := s.status(t, "a-live-key", last.Notify); n.Status != notify.Delivered {
		t.Errorf("an hour later: %v", n.Status)
	}
}

func errorAs(err error, f **notify.Failure) bool { *f, _ = err.(*notify.Failure); return *f != nil }

// receiver is notify's own, behind a server that can be made to fail.
func receiver(t *testing.T) (url string, heard func() []notify.Receipt, fail func(bool)) {
	var mu sync.Mutex
	var all []notify.Receipt
	var failing bool
	r, err := notify.NewReceiver("the-bearer-of-this-test", func(_ context.Context, got notify.Receipt) error {
		mu.Lock()
		defer mu.Unlock()
		if all = append(all, got); failing {
			return io.ErrClosedPipe
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server.URL, func() []notify.Receipt { mu.Lock(); defer mu.Unlock(); return all }, func(f bool) { mu.Lock(); defer mu.Unlock(); failing = f }
}

func TestReceiptsComeWithTheirTokenAndFiveTimesMore(t *testing.T) {
	url, heard, fail := receiver(t)
	s := start(t, func(o *double.Options) { o.Receipts = double.Callback{URL: url, Bearer: "the-bearer-of-this-test"} })
	sent, failed := s.send(t, "a-live-key", hannah), s.send(t, "test", permFail)
	s.send(t, "a-live-key", smoke)
	if n := s.Deliver(t.Context()); n != 0 || len(heard()) != 0 {
		t.Errorf("%d receipts before anything came of it", n)
	}
	s.clock.set(s.clock.Now().Add(3 * time.Second))
	if n := s.Deliver(t.Context()); n != 2 {
		t.Errorf("%d receipts", n)
	}
	if got := heard(); len(got) != 2 || got[0].ID != sent.ID || got[0].Status != notify.Delivered || got[0].Notify != sent.Notify || got[1].ID != failed.ID || got[1].Status != notify.Permanent {
		t.Errorf("%+v", got)
	}
	fail(true)
	s.send(t, "a-live-key", hannah)
	s.clock.set(s.clock.Now().Add(3 * time.Second))
	before := len(heard())
	for try := range 8 {
		if n := s.Deliver(t.Context()); n != 0 {
			t.Errorf("try %d was taken", try)
		}
		s.Deliver(t.Context()) // not due again yet
		if got, want := len(heard())-before, min(try+1, 6); got != want {
			t.Errorf("after %d times five minutes it was tried %d times, want %d", try, got, want)
		}
		s.clock.set(s.clock.Now().Add(5 * time.Minute))
	}
	// One that is taken at last does not come again.
	s.send(t, "a-live-key", hannah)
	s.clock.set(s.clock.Now().Add(3 * time.Second))
	s.Deliver(t.Context())
	fail(false)
	s.clock.set(s.clock.Now().Add(5 * time.Minute))
	if n := s.Deliver(t.Context()); n != 1 {
		t.Errorf("%d were taken", n)
	}
	s.clock.set(s.clock.Now().Add(5 * time.Minute))
	if n := s.Deliver(t.Context()); n != 0 {
		t.Errorf("%d came again", n)
	}
}

func TestAForgedBearerIsNotTaken(t *testing.T) {
	url, heard, _ := receiver(t)
	s := start(t, func(o *double.Options) { o.Receipts = double.Callback{URL: url, Bearer: "another-bearer-token"} })
	s.send(t, "a-live-key", hannah)
	s.clock.set(s.clock.Now().Add(3 * time.Second))
	if n := s.Deliver(t.Context()); n != 0 || len(heard()) != 0 {
		t.Errorf("%d were taken", n)
	}
}

func TestReceivedTextsAreReported(t *testing.T) {
	var got map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer texts" || json.NewDecoder(r.Body).Decode(&got) != nil {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	s := start(t, func(o *double.Options) { o.Texts = double.Callback{URL: server.URL, Bearer: "texts"} })
	if err := s.Receive(phone(t, hannah), "Hello"); err != nil {
		t.Fatal(err)
	}
	if n := s.Deliver(t.Context()); n != 1 || got["source_number"] != "447700900123" || got["destination_number"] != "07700900456" || got["message"] != "Hello" {
		t.Errorf("%d: %v", n, got)
	}
}

func TestOurTemplatesPassTheirOwnCheckAndOthersDoNot(t *testing.T) {
	s := start(t, nil)
	c := s.client(t, "a-live-key")
	if wrong, err := c.Check(t.Context(), s.ids); err != nil || len(wrong) != 0 {
		t.Error(wrong, err)
	}
	wrong, err := c.Check(t.Context(), notify.Templates{
		notify.ByText:  {notify.Raised: askName, notify.Update: nowhere, notify.Invitation: "none", notify.Escalation: s.ids[notify.ByEmail][notify.Escalation]},
		notify.ByEmail: {}})
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(wrong, "\n")
	for _, want := range []string{"raised by sms asks for ((name))", "raised by sms does not say ((reference))", "update by sms is not one of this service's", "invitation by sms is not an id", "escalation by sms is for email"} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %q in\n%s", want, said)
		}
	}
}

func TestTheTelephoneShowsWhatArrivedWithItsLinksLive(t *testing.T) {
	s := start(t, func(o *double.Options) { o.Service.Prefix = true })
	get := func(path string) string {
		res, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode != 200 || strings.Contains(path, "phone") && path != "/phone.css" && !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", path, res.StatusCode, res.Header)
		}
		for _, never := range []string{"<script", "<b ", " onclick=\"", "style=\"", `href="javascript:`} {
			if strings.Contains(string(text), never) {
				t.Errorf("%s has %s in it", path, never)
			}
		}
		return string(text)
	}
	if !strings.Contains(get("/phone"), "Nothing has been sent yet") || !strings.Contains(get("/phone/447700900123"), "Nothing has arrived") {
		t.Error("an empty telephone does not say so")
	}
	s.send(t, "a-live-key", hannah)
	if strings.Contains(get("/phone/447700900123"), "INC-2026") {
		t.Error("it is there before it arrived")
	}
	s.clock.set(s.clock.Now().Add(time.Minute))
	if _, err := s.client(t, "a-live-key").Text(t.Context(), s.ids, notify.NewID(), notice(t, notify.Escalation), phone(t, hannah)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client(t, "a-live-key").Email(t.Context(), s.ids, notify.NewID(), notice(t, notify.Update), email(t, mail)); err != nil {
		t.Fatal(err)
	}
	s.send(t, "a-live-key", permFail)
	if err := s.Receive(phone(t, hannah), `<b onclick="x">Who is this?</b> javascript:alert(1) https://example.org/a.`); err != nil {
		t.Fatal(err)
	}
	s.clock.set(s.clock.Now().Add(time.Minute))
	text := get("/phone/447700900123")
	first, second := strings.Index(text, "is raised"), strings.Index(text, "A decision is asked")
	if first < 0 || second < first || !strings.Contains(text, "Wardroom: A major incident") || !strings.Contains(text, `<a href="https://wardroom.example.nhs.uk/ack" rel="noreferrer">https://wardroom.example.nhs.uk/ack</a> code ABCDE-23456. Or`) {
		t.Errorf("%s", text)
	}
	if !strings.Contains(text, `<a href="https://example.org/a" rel="noreferrer">https://example.org/a</a>.`) {
		t.Error("the sentence's full stop is taken for the address's")
	}
	if !strings.Contains(text, "&lt;b onclick=&#34;x&#34;&gt;Who is this?") {
		t.Error("what somebody wrote is not shown as written")
	}
	if text := get("/phone/hannah.osei@example.nhs.uk"); !strings.Contains(text, "<h3>There is an update: INC-2026-0042</h3>") {
		t.Errorf("%s", text)
	}
	if text := get("/phone/447700900002"); !strings.Contains(text, "did not arrive: permanent-failure") || strings.Contains(text, "INC-2026") {
		t.Errorf("%s", text)
	}
	if list := get("/phone"); strings.Count(list, "<li>") != 3 || !strings.Contains(list, "07700 900123") {
		t.Errorf("%s", list)
	}
	if get("/phone.css") == "" {
		t.Error("no style sheet")
	}
}
