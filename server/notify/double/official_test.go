package double_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/notify"
	"wardroom/server/notify/double"
)

// The people of the tests have numbers that are kept for plays.
const (
	hannah   = "07700 900123"
	tempFail = "07700900003"
	permFail = "07700900002"
	smoke    = "07700900000"
	abroad   = "+12025550104"
	mail     = "hannah.osei@example.nhs.uk"
)

const (
	service  = "26785a09-ab16-4eb0-8407-a37497a57506"
	askName  = "11111111-1111-4111-8111-111111111111" // a template that asks for ((name))
	listed   = "22222222-2222-4222-8222-222222222222" // an e-mail that asks for ((name)) and ((things))
	archived = "33333333-3333-4333-8333-333333333333"
	long     = "44444444-4444-4444-8444-444444444444"
	nowhere  = "99999999-9999-4999-8999-999999999999"
	sender   = "55555555-5555-4555-8555-555555555555"
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// set moves the clock, and never back.
func (c *clock) set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to
	}
}

// stand is a double with everything set up, on a port of its own.
type stand struct {
	*double.Double
	URL   string
	ids   notify.Templates
	clock *clock
}

func start(t testing.TB, change func(*double.Options)) *stand {
	t.Helper()
	templates, ids := double.House()
	c := &clock{now: time.Now().Truncate(time.Second)}
	o := double.Options{
		Service: double.Service{ID: service, Name: "Wardroom", EmailFrom: "wardroom", Number: "07700900456", Guests: []string{hannah, mail}, Senders: map[string]string{sender: "DSC"}},
		Keys: []double.Key{{Name: "a-live-key", Secret: double.NewUUID(), Kind: double.Live}, {Name: "team", Secret: double.NewUUID(), Kind: double.Team},
			{Name: "test", Secret: double.NewUUID(), Kind: double.Test}, {Name: "old", Secret: double.NewUUID(), Kind: double.Live, Revoked: true}},
		Templates: append(templates,
			double.Template{ID: askName, Name: "ask", Type: "sms", Version: 1, Body: "Hello ((name))"},
			double.Template{ID: askName, Name: "ask", Type: "sms", Version: 2, Body: "Hello ((name)), again"},
			double.Template{ID: listed, Name: "list", Type: "email", Version: 1, Subject: "For ((name))", Body: "Dear ((First name))\n\nBring: ((things))((late?? and be quick))"},
			double.Template{ID: archived, Name: "gone", Type: "sms", Version: 1, Body: "Gone", Archived: true},
			double.Template{ID: long, Name: "long", Type: "sms", Version: 1, Body: strings.Repeat("a", 919)}),
		Clock: c.Now,
	}
	if change != nil {
		change(&o)
	}
	s := &stand{Double: double.New(o), ids: ids, clock: c}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func (s *stand) client(t testing.TB, key string) *notify.Client {
	t.Helper()
	k, err := notify.ParseKey(s.APIKey(key))
	if err != nil {
		t.Fatal(err)
	}
	c, err := notify.NewClient(s.URL, k, nil, s.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// near is a client that calls the double without a network between, for tests
// that ask thousands of times.
func (s *stand) near(t testing.TB, key string) *notify.Client {
	t.Helper()
	k, err := notify.ParseKey(s.APIKey(key))
	if err != nil {
		t.Fatal(err)
	}
	c, err := notify.NewClient(s.URL, k, roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		if r.Body == nil {
			r.Body = http.NoBody
		}
		s.ServeHTTP(w, r)
		return w.Result(), nil
	}), s.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func notice(t testing.TB, p notify.Purpose) notify.Notice {
	t.Helper()
	room, err1 := notify.ParseRoom("INC-2026-0042")
	site, err2 := notify.ParseSite("https://wardroom.example.nhs.uk")
	duty, err3 := notify.ParsePhone("0113 496 0123")
	code, err4 := notify.ParseCode("ABCDE-23456")
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	return notify.Notice{Purpose: p, Room: room, Code: code, Site: site, Duty: duty}
}

func phone(t testing.TB, text string) notify.Phone {
	t.Helper()
	p, err := notify.ParsePhone(text)
	if err != nil {
		t.Fatal(text, err)
	}
	return p
}

func email(t testing.TB, text string) notify.Email {
	t.Helper()
	e, err := notify.ParseEmail(text)
	if err != nil {
		t.Fatal(text, err)
	}
	return e
}

// call is one call, for GOV.UK Notify's own client and, where ours makes the
// same one, for ours.
type call struct {
	name, on, key, call string
	args                []any
	status              int
	err                 string // its type
	kind                notify.Kind
	body                map[string]any // what the answer has, among the rest, by path
}

type answer struct {
	Name   string
	Status int
	Data   any
}

// at is what stands at a.b.0.c in an answer.
func (a answer) at(path string) any {
	v := a.Data
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i := int(step[0] - '0')
			if step == "length" {
				v = float64(len(x))
			} else if i < len(x) {
				v = x[i]
			} else {
				return nil
			}
		default:
			return nil
		}
	}
	return v
}

func officialCalls(t *testing.T, raised string) []call {
	n := notice(t, notify.Raised).Fields()
	options := func(reference string) map[string]any {
		return map[string]any{"personalisation": n, "reference": reference}
	}
	mailRaised := strings.Replace(raised, "0000000001", "0000000002", 1)
	return []call{
		{name: "sms", call: "sendSms", args: []any{raised, hannah, options("ref-sms")}, status: 201, body: map[string]any{"reference": "ref-sms", "content.from_number": "GOVUK", "template.version": 1.0,
			"content.body": "A major incident is raised (INC-2026-0042). Acknowledge at https://wardroom.example.nhs.uk/ack code ABCDE-23456. Or ring 0113 496 0123."}},
		{name: "sms-sender", call: "sendSms", args: []any{raised, hannah, map[string]any{"personalisation": n, "smsSenderId": sender}}, status: 201, body: map[string]any{"reference": nil, "content.from_number": "DSC"}},
		{name: "sms-no-sender", call: "sendSms", args: []any{raised, hannah, map[string]any{"personalisation": n, "smsSenderId": nowhere}}, status: 400, err: "BadRequestError"},
		{name: "sms-smoke", call: "sendSms", args: []any{raised, smoke, options("ref-smoke")}, status: 201},
		{name: "sms-smoke-get", call: "getNotificationById", args: []any{"$sms-smoke.id"}, status: 404, err: "NoResultFound", kind: notify.Missing},
		{name: "email", call: "sendEmail", args: []any{mailRaised, mail, options("ref-mail")}, status: 201, body: map[string]any{"content.subject": "A major incident is raised: INC-2026-0042",
			"content.from_email": "wardroom@notifications.service.gov.uk", "content.one_click_unsubscribe_url": nil}},
		{name: "email-list", call: "sendEmail", args: []any{listed, mail, map[string]any{"personalisation": map[string]any{"Name": "Amala", "first_name": "now [click](https://evil.example)", "things": []string{"a", "b"}, "late": "yes"},
			"sanitiseContentFor": []string{"first_name"}, "oneClickUnsubscribeURL": "https://example.com/stop"}}, status: 201, body: map[string]any{"content.subject": "For Amala",
			"content.body": "Dear now \\[click\\]\\(\\)\n\nBring: \n\n* a\n* b and be quick", "sanitised_content.first_name.sanitised": "now \\[click\\]\\(\\)", "content.one_click_unsubscribe_url": "https://example.com/stop"}},
		{name: "email-bad-unsubscribe", call: "sendEmail", args: []any{mailRaised, mail, map[string]any{"personalisation": n, "oneClickUnsubscribeURL": "http://example.com"}}, status: 400, err: "ValidationError"},
		{name: "letter", call: "sendLetter", args: []any{raised, map[string]any{"personalisation": n}}, status: 400, err: "BadRequestError"},

		{name: "get", call: "getNotificationById", args: []any{"$sms.id"}, status: 200, body: map[string]any{"status": "created", "reference": "ref-sms", "phone_number": hannah, "type": "sms", "completed_at": nil, "is_cost_data_ready": false}},
		{name: "get-bad", call: "getNotificationById", args: []any{"not-an-id"}, status: 400, err: "ValidationError"},
		{name: "get-unknown", call: "getNotificationById", args: []any{nowhere}, status: 404, err: "NoResultFound", kind: notify.Missing},
		{name: "list", call: "getNotifications", args: []any{nil, nil, "ref-sms"}, status: 200, body: map[string]any{"notifications.length": 1.0, "notifications.0.reference": "ref-sms"}},
		{name: "list-type", call: "getNotifications", args: []any{"email"}, status: 200, body: map[string]any{"notifications.length": 2.0}},
		{name: "list-status", call: "getNotifications", args: []any{nil, "delivered"}, status: 200, body: map[string]any{"notifications.length": 0.0, "links.next": nil}},
		{name: "list-older", call: "getNotifications", args: []any{nil, nil, nil, "$sms-sender.id"}, status: 200, body: map[string]any{"notifications.length": 1.0, "notifications.0.reference": "ref-sms"}},
		{name: "list-bad-status", call: "getNotifications", args: []any{nil, "elephant"}, status: 400, err: "ValidationError"},
		{name: "list-bad-type", call: "getNotifications", args: []any{"Apple"}, status: 400, err: "ValidationError"},
		{name: "list-other-key", key: "test", call: "getNotifications", args: []any{}, status: 200, body: map[string]any{"notifications.length": 0.0}},

		{name: "template", call: "getTemplateById", args: []any{askName}, status: 200, body: map[string]any{"version": 2.0, "body": "Hello ((name)), again", "type": "sms", "subject": nil, "personalisation.name.required": true}},
		{name: "template-version", call: "getTemplateByIdAndVersion", args: []any{askName, 1}, status: 200, body: map[string]any{"version": 1.0, "body": "Hello ((name))"}},
		{name: "template-no-version", call: "getTemplateByIdAndVersion", args: []any{askName, 3}, status: 404, err: "NoResultFound"},
		{name: "template-unknown", call: "getTemplateById", args: []any{nowhere}, status: 404, err: "NoResultFound"},
		{name: "templates", call: "getAllTemplates", args: []any{}, status: 200, body: map[string]any{"templates.length": float64(2*len(notify.Worded()) + 3)}},
		{name: "templates-sms", call: "getAllTemplates", args: []any{"sms"}, status: 200, body: map[string]any{"templates.length": float64(len(notify.Worded()) + 2)}},
		{name: "preview", call: "previewTemplateById", args: []any{askName, map[string]any{"name": "Amala"}}, status: 200, body: map[string]any{"body": "Hello Amala, again", "html": nil, "version": 2.0}},
		{name: "preview-missing", call: "previewTemplateById", args: []any{askName}, status: 400, err: "BadRequestError"},
		{name: "received", call: "getReceivedTexts", args: []any{}, status: 200, body: map[string]any{"received_text_messages.length": 2.0, "received_text_messages.0.content": "second", "received_text_messages.0.user_number": "447700900123"}},
		{name: "received-older", call: "getReceivedTexts", args: []any{"$received.received_text_messages.0.id"}, status: 200, body: map[string]any{"received_text_messages.length": 1.0, "received_text_messages.0.content": "first"}},

		{name: "no-template", call: "sendSms", args: []any{nowhere, hannah, options("r")}, status: 400, err: "BadRequestError", kind: notify.Refused},
		{name: "wrong-template", call: "sendSms", args: []any{mailRaised, hannah, options("r")}, status: 400, err: "BadRequestError", kind: notify.Refused},
		{name: "gone-template", call: "sendSms", args: []any{archived, hannah, options("r")}, status: 400, err: "BadRequestError", kind: notify.Refused},
		{name: "too-long", call: "sendSms", args: []any{long, hannah, options("r")}, status: 400, err: "BadRequestError", kind: notify.Refused},
		{name: "missing", call: "sendSms", args: []any{askName, hannah, options("r")}, status: 400, err: "BadRequestError", kind: notify.Refused},
		{name: "bad-template", call: "sendSms", args: []any{"not-an-id", hannah}, status: 400, err: "ValidationError"},
		{name: "bad-phone", call: "sendSms", args: []any{raised, "07700 900 12", options("r")}, status: 400, err: "ValidationError"},
		{name: "landline", call: "sendSms", args: []any{raised, "0113 496 0123", options("r")}, status: 400, err: "ValidationError"},
		{name: "abroad", call: "sendSms", args: []any{raised, abroad, options("r")}, status: 400, err: "BadRequestError"},
		{name: "bad-email", call: "sendEmail", args: []any{mailRaised, "hannah", options("r")}, status: 400, err: "ValidationError"},
		{name: "long-reference", call: "sendSms", args: []any{raised, hannah, options(strings.Repeat("r", 1001))}, status: 400, err: "ValidationError"},

		{name: "team", key: "team", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 201},
		{name: "team-stranger", key: "team", call: "sendSms", args: []any{raised, "07700900124", options("r")}, status: 400, err: "BadRequestError", kind: notify.Refused},
		{name: "trial", on: "trial", call: "sendSms", args: []any{raised, "07700900124", options("r")}, status: 400, err: "BadRequestError", kind: notify.Refused},
		{name: "trial-guest", on: "trial", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 201},
		{name: "revoked", key: "old", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 403, err: "AuthError", kind: notify.Denied},
		{name: "wrong-secret", key: "wrong", call: "getAllTemplates", args: []any{}, status: 403, err: "AuthError"},
		{name: "wrong-service", key: "other", call: "getAllTemplates", args: []any{}, status: 403, err: "AuthError"},
		{name: "clock", on: "ahead", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 403, err: "AuthError", kind: notify.Skewed},
		{name: "clock-behind", on: "behind", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 403, err: "AuthError", kind: notify.Skewed},
		{name: "clock-near", on: "near", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 201},
		{name: "busy", on: "busy", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 429, err: "RateLimitError", kind: notify.Busy},
		{name: "day", on: "spent", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 429, err: "TooManyRequestsError", kind: notify.Exhausted},
		{name: "fails", on: "fails", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 500, err: "Exception", kind: notify.Uncertain},
		{name: "breaks", on: "breaks", call: "sendSms", args: []any{raised, hannah, options("r")}, status: 0, kind: notify.Uncertain},
	}
}

// stands are doubles in each state that a call may meet.
func stands(t *testing.T) map[string]*stand {
	shifted := func(by time.Duration) func(*double.Options) {
		return func(o *double.Options) { o.Clock = func() time.Time { return time.Now().Add(by) } }
	}
	faulty := func(f double.Fault) func(*double.Options) {
		return func(o *double.Options) { o.Fault = func(int, string) double.Fault { return f } }
	}
	all := map[string]*stand{
		"":       start(t, nil),
		"trial":  start(t, func(o *double.Options) { o.Service.Trial = true }),
		"spent":  start(t, func(o *double.Options) { o.Service.Trial = true }),
		"ahead":  start(t, shifted(45*time.Second)),
		"behind": start(t, shifted(-45*time.Second)),
		"near":   start(t, shifted(25*time.Second)),
		"busy":   start(t, faulty(double.RateLimit)),
		"fails":  start(t, faulty(double.Fails)),
		"breaks": start(t, faulty(double.Breaks)),
	}
	c := all["spent"].client(t, "a-live-key")
	for range 50 {
		if _, err := c.Text(context.Background(), all["spent"].ids, notify.NewID(), notice(t, notify.Raised), phone(t, hannah)); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"first", "second"} {
		if err := all[""].Receive(phone(t, hannah), text); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// repository is the folder that holds go.mod.
func repository(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

func TestNotifysOwnClientWorksAgainstTheDoubleUnchanged(t *testing.T) {
	folder := filepath.Join(repository(t), "deploy", "dev", "notify")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "notifications-node-client", "package.json")); err != nil {
		t.Fatal("GOV.UK Notify's own client is not installed: make deploy/dev/notify/node_modules/.installed")
	}
	all := stands(t)
	calls := officialCalls(t, all[""].ids[notify.ByText][notify.Raised])
	type asked struct {
		Name string `json:"name"`
		URL  string `json:"url"`
		Key  string `json:"key"`
		Call string `json:"call"`
		Args []any  `json:"args"`
	}
	var list []asked
	for _, c := range calls {
		s := all[c.on]
		key := s.APIKey(cmpOr(c.key, "a-live-key"))
		switch c.key {
		case "wrong":
			key = "name-" + service + "-" + nowhere
		case "other":
			key = "name-" + nowhere + "-" + nowhere
		}
		list = append(list, asked{c.name, s.URL, key, c.call, c.args})
	}
	stdin, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "call.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = folder, bytes.NewReader(stdin), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var came []answer
	if err := json.Unmarshal(out, &came); err != nil || len(came) != len(calls) {
		t.Fatalf("%d calls, %d answers: %v", len(calls), len(came), err)
	}
	for i, c := range calls {
		a := came[i]
		if a.Name != c.name || a.Status != c.status {
			t.Errorf("%s: %d, want %d: %v", c.name, a.Status, c.status, a.Data)
			continue
		}
		if c.err != "" {
			if got := a.at("errors.0.error"); got != c.err || a.at("status_code") != float64(c.status) {
				t.Errorf("%s: %v, want %s: %v", c.name, got, c.err, a.Data)
			}
		}
		for _, path := range slices.Sorted(maps.Keys(c.body)) {
			if got := a.at(path); got != c.body[path] {
				t.Errorf("%s: %s is %#v, want %#v", c.name, path, got, c.body[path])
			}
		}
	}
}

func cmpOr(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

// What our client can ask for at all, it is answered as Notify's own.
func TestOurClientMeetsTheSameCases(t *testing.T) {
	all := stands(t)
	met := 0
	for _, c := range officialCalls(t, all[""].ids[notify.ByText][notify.Raised]) {
		if c.key == "wrong" || c.key == "other" {
			k, _ := notify.ParseKey("a-name-" + map[string]string{"wrong": service, "other": nowhere}[c.key] + "-" + nowhere)
			client, err := notify.NewClient(all[""].URL, k, nil, all[""].clock.Now)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Get(t.Context(), nowhere); kindOf(err) != notify.Denied {
				t.Errorf("%s: %v", c.name, err)
			}
			met++
			continue
		}
		client, err := all[c.on].client(t, cmpOr(c.key, "a-live-key")), error(nil)
		switch {
		case c.call == "sendSms" && (c.kind != 0 || c.status == 201):
			ids := notify.Templates{notify.ByText: {notify.Raised: c.args[0].(string)}}
			_, err = client.Text(t.Context(), ids, notify.NewID(), notice(t, notify.Raised), phone(t, c.args[1].(string)))
		case c.call == "sendEmail" && c.name == "email":
			_, err = client.Email(t.Context(), all[c.on].ids, notify.NewID(), notice(t, notify.Raised), email(t, c.args[1].(string)))
		case c.call == "getNotificationById" && c.kind != 0:
			_, err = client.Get(t.Context(), nowhere)
		default:
			continue
		}
		met++
		if kindOf(err) != c.kind {
			t.Errorf("%s: %v is of kind %v, want %v", c.name, err, kindOf(err), c.kind)
		}
		var f *notify.Failure
		if errors.As(err, &f) && (f.Status != c.status || f.Type != c.err) {
			t.Errorf("%s: %d %s, want %d %s", c.name, f.Status, f.Type, c.status, c.err)
		}
	}
	if met < 20 {
		t.Errorf("only %d cases were met", met)
	}
}

func kindOf(err error) notify.Kind {
	var f *notify.Failure
	if errors.As(err, &f) {
		return f.Kind
	}
	return 0
}

var _ http.Handler = (*double.Double)(nil)
