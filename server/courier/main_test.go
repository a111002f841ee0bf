package courier_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/notify/double"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// clock runs faster than a day does.
type clock struct {
	mu    sync.Mutex
	begin time.Time // really
	from  time.Time // by it
	speed int
}

func newClock(speed int) *clock {
	now := time.Now()
	return &clock{begin: now, from: now, speed: speed}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.Add(time.Since(c.begin) * time.Duration(c.speed))
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	return time.After(d / time.Duration(c.speed))
}

// skip moves it forward.
func (c *clock) skip(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from = c.from.Add(d)
}

// world is a house beside a GOV.UK Notify.
type world struct {
	*servertest.House
	clock     *clock
	notify    *double.Double
	at        string // of the double
	key       notify.Key
	templates notify.Templates
	book      *directory.Directory
	room      incident.LogID
	lead      incident.Actor
	active    func(subject string) time.Time
	mailer    *notify.Mailer
	log       *slog.Logger     // of the couriers; nil for none
	signs     func() time.Time // the clock requests are signed by; nil is clock
	down      func() bool
	out       atomic.Bool // GOV.UK Notify answers nobody
	receipts  func(http.ResponseWriter, *http.Request)
	mu        sync.Mutex
}

const bearer = "a-bearer-of-receipts"

type opts struct {
	speed int
	fault func(n int, to string) double.Fault
	fate  func(n int, to string) notify.Status
	mode  incident.Mode
}

func newWorld(t *testing.T, o opts) *world {
	t.Helper()
	w := &world{House: servertest.NewHouse(t), clock: newClock(max(o.speed, 1))}
	// Receipts go to whatever courier there is.
	back := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		h := w.receipts
		w.mu.Unlock()
		if h == nil {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		h(rw, r)
	}))
	t.Cleanup(back.Close)
	var all []double.Template
	all, w.templates = double.House()
	service, secret := double.NewUUID(), double.NewUUID()
	w.notify = double.New(double.Options{Service: double.Service{ID: service, Name: "Wardroom", EmailFrom: "wardroom", Prefix: true},
		Keys: []double.Key{{Name: "a-key", Secret: secret, Kind: double.Live}}, Templates: all, Clock: w.clock.Now,
		Receipts: double.Callback{URL: back.URL, Bearer: bearer}, Fault: o.fault, Fate: o.fate})
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.out.Load() || w.down != nil && w.down() {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		w.notify.ServeHTTP(rw, r)
	}))
	t.Cleanup(front.Close)
	w.at = front.URL
	key, err := notify.ParseKey("a-key-" + service + "-" + secret)
	if err != nil {
		t.Fatal(err)
	}
	w.key = key
	if w.book, err = directory.New(directory.Options{Pool: w.DB.Writer, Vault: w.Vault, Sender: codes{}}); err != nil {
		t.Fatal(err)
	}
	w.lead = w.Person("Ada Lead", "DSC")
	if o.mode == "" {
		o.mode = incident.ModeIncident
	}
	w.room = w.OpenRoom(w.lead, o.mode, incident.RosterNames)
	running, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.notify.Run(running) }()
	t.Cleanup(func() { stop(); <-done })
	return w
}

// codes sends codes nowhere: tests that need one read it here.
type codes struct{}

var lastCode sync.Map

func (codes) Reaches(incident.ChannelKind) bool { return true }
func (codes) SendCode(_ context.Context, _ incident.ChannelKind, to, code string) error {
	lastCode.Store(to, code)
	return nil
}

// node is a courier of its own over the same database.
func (w *world) node(transport http.RoundTripper) *courier.Courier {
	w.T.Helper()
	signs := w.clock.Now
	if w.signs != nil {
		signs = w.signs
	}
	client, err := notify.NewClient(w.at, w.key, transport, signs)
	if err != nil {
		w.T.Fatal(err)
	}
	site, err := notify.ParseSite("https://wardroom.example.nhs.uk")
	if err != nil {
		w.T.Fatal(err)
	}
	c := courier.New(courier.Options{Pool: w.DB.Writer, Journal: w.Journal, Directory: w.book, MAC: w.Vault.MAC, Client: client, Templates: w.templates, Mailer: w.mailer,
		Site: site, Log: w.log, Now: w.clock.Now, After: w.clock.After,
		Active: func(_ context.Context, _, subject string) (time.Time, error) {
			if w.active == nil {
				return time.Time{}, nil
			}
			return w.active(subject), nil
		}})
	r, err := notify.NewReceiver(bearer, c.Took)
	if err != nil {
		w.T.Fatal(err)
	}
	w.mu.Lock()
	w.receipts = r.ServeHTTP
	w.mu.Unlock()
	return c
}

// run runs a courier until the end of the test, or until stop.
func (w *world) run(c *courier.Courier) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	w.T.Cleanup(stop)
	return stop
}

func phone(t testing.TB, text string) notify.Phone {
	t.Helper()
	p, err := notify.ParsePhone(text)
	if err != nil {
		t.Fatal(text, err)
	}
	return p
}

// reach gives a person a verified number and address of their own.
func (w *world) reach(a incident.Actor, number, mail string) {
	w.T.Helper()
	for kind, value := range map[incident.ChannelKind]string{incident.BySMS: number, incident.ByEmail: mail} {
		if value == "" {
			continue
		}
		if err := w.book.SetOwn(w.T.Context(), a.Person, kind, value); err != nil {
			w.T.Fatal(err)
		}
		code, _ := lastCode.Load(value)
		if err := w.book.TakeOwnCode(w.T.Context(), a.Person, kind, code.(string)); err != nil {
			w.T.Fatal(err)
		}
	}
}

// contacts enters n contacts with a verified number each, and says how each is
// asked to be told.
func (w *world) contacts(n int, number func(i int) string) (wants []courier.Want) {
	w.T.Helper()
	for i := range n {
		org := incident.OrgID(fmt.Sprintf("T%03d", i/directory.MaxOrgContacts))
		if i%directory.MaxOrgContacts == 0 {
			w.Must(w.Journal.Append(w.T.Context(), w.Journal.SystemLog(), incident.Actor{System: true}, w.Key(),
				command.AddOrganisation{Organisation: incident.Organisation{Code: org, Name: "Trust " + string(org), Type: incident.Acute}}))
		}
		id, channel := incident.RandomID(), incident.RandomID()
		c := directory.OrgContact{ID: id, Org: org, Role: incident.ContactRoles[0], Name: fmt.Sprintf("%s contact %d", canary, i), Place: 1,
			Channels: []directory.Channel{{ID: channel, Kind: incident.BySMS, Value: number(i)}}}
		if err := w.book.AddOrgContact(w.T.Context(), c, 1); err != nil {
			w.T.Fatal(err)
		}
		if err := w.book.SetVerified(w.T.Context(), id, channel, incident.ByCode, "", time.Now()); err != nil {
			w.T.Fatal(err)
		}
		wants = append(wants, courier.Want{Log: w.room, Root: 1, Instance: "entry-1", Purpose: notify.Raised, Contact: id, Org: org, Channel: incident.BySMS, ChannelID: channel})
	}
	return wants
}

// contact enters a contact of an organisation with a verified number and
// address, whichever are given.
func (w *world) contact(org incident.OrgID, number, mail string) (id string) {
	w.T.Helper()
	id = incident.RandomID()
	c := directory.OrgContact{ID: id, Org: org, Role: incident.CISO, Name: canary + " contact", Place: 1, AlertOnly: true}
	for kind, value := range map[incident.ChannelKind]string{incident.BySMS: number, incident.ByEmail: mail} {
		if value != "" {
			c.Channels = append(c.Channels, directory.Channel{ID: incident.RandomID(), Kind: kind, Value: value})
		}
	}
	if err := w.book.AddOrgContact(w.T.Context(), c, 1); err != nil {
		w.T.Fatal(err)
	}
	for _, ch := range c.Channels {
		if err := w.book.SetVerified(w.T.Context(), id, ch.ID, incident.ByCode, "", time.Now()); err != nil {
			w.T.Fatal(err)
		}
	}
	return id
}

// canary stands in titles, names and messages, and must come out nowhere.
const canary = "xyzzycanary"

// dying is a connection at which the one who sends may die.
type dying struct {
	dies func() (before, after bool)
}

func (d dying) RoundTrip(r *http.Request) (*http.Response, error) {
	before, after := false, false
	if r.Method == http.MethodPost {
		before, after = d.dies()
	}
	if before {
		runtime.Goexit()
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if after && err == nil {
		res.Body.Close()
		runtime.Goexit() // it was accepted, and nobody wrote that down
	}
	return res, err
}

func (w *world) states(root incident.Seq) (all []courier.State) { return w.statesIn(w.room, root) }

func (w *world) statesIn(log incident.LogID, root incident.Seq) (all []courier.State) {
	w.T.Helper()
	c := courier.New(courier.Options{Pool: w.DB.Writer, Journal: w.Journal, Directory: w.book, MAC: w.Vault.MAC, Now: w.clock.Now})
	after := ""
	for {
		page, err := c.States(context.Background(), log, root, courier.Page{After: after, Limit: 500})
		if err != nil {
			w.T.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < 500 {
			return all
		}
		after = page[len(page)-1].ID.String()
	}
}

// patience is how long a test waits for what must come: the longest runs for
// minutes.
var patience = time.Minute

// until waits until the messages about an entry are as said.
func (w *world) until(root incident.Seq, what string, is func([]courier.State) bool) []courier.State {
	w.T.Helper()
	return w.untilIn(w.room, root, what, is)
}

func (w *world) untilIn(log incident.LogID, root incident.Seq, what string, is func([]courier.State) bool) []courier.State {
	w.T.Helper()
	deadline := time.Now().Add(patience)
	for {
		all := w.statesIn(log, root)
		if is(all) {
			return all
		}
		if time.Now().After(deadline) {
			w.T.Fatalf("%s never came: %+v", what, all[:min(len(all), 5)])
		}
		time.Sleep(20*time.Millisecond + time.Duration(len(all))*200*time.Microsecond)
	}
}

// settled reports whether nothing more is to be done about any of so many.
func settled(n int) func([]courier.State) bool {
	return func(all []courier.State) bool {
		for _, s := range all {
			switch s.State {
			case courier.Queued, courier.Sending, courier.Uncertain, courier.Sent:
				return false
			}
		}
		return len(all) == n
	}
}
