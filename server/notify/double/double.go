// Package double is a GOV.UK Notify for one machine: its HTTP interface as it
// is documented, and a telephone at /phone that shows what would have arrived.
// It is for development and tests; production never reaches it.
//
// It holds to what can be observed from outside: signed tokens and the thirty
// seconds they last; errors by status and type; which recipient is refused;
// statuses as they change over time; the limits of a minute, a day, and of the
// telephone networks; receipts with a bearer token, tried again every five
// minutes; pages of 250. GOV.UK Notify's own client for Node.js works against
// it unchanged, which is a test.
//
// Time is the clock it is given. Nothing happens by itself: a message's status
// is worked out when it is asked for, and receipts go out when [Double.Deliver]
// is called, which [Double.Run] does.
//
// It differs in this: there are no letters and no files in e-mails; every
// number exists, those kept for plays and films too; the numbers that fail do
// so with every kind of key; what is sent by a test key is on the telephone.
package double

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"wardroom/server/notify"
)

// KeyKind is what a key may do.
type KeyKind string

// The kinds of key.
const (
	Live KeyKind = "live" // sends to anyone
	Team KeyKind = "team" // sends to the service's team and guests
	Test KeyKind = "test" // sends to anyone and delivers nothing
)

// Key is one API key of the service.
type Key struct {
	Name, Secret string
	Kind         KeyKind
	Revoked      bool
}

// Service is whose messages these are.
type Service struct {
	ID, Name      string
	EmailFrom     string            // the part before the @
	Prefix        bool              // its name stands before each text message
	Trial         bool              // not live yet: only to its team and guests, 50 a day
	International bool              // may send text messages abroad
	Guests        []string          // team and guest list: numbers and addresses
	Senders       map[string]string // of text messages, by id, beside GOVUK
	ReplyTo       map[string]string // of e-mails, by id
	Number        string            // where it receives text messages; empty for nowhere
}

// Callback is where GOV.UK Notify reports to.
type Callback struct{ URL, Bearer string }

// Template is one version of a template. The newest is used; the earlier ones
// can be asked for.
type Template struct {
	ID, Name      string
	Type          string // sms or email
	Version       int
	Subject, Body string
	Archived      bool
	Created       time.Time
}

// Options say what is set up at this GOV.UK Notify.
type Options struct {
	Service   Service
	Keys      []Key
	Templates []Template
	Receipts  Callback // of delivery; no URL for none
	Texts     Callback // of received text messages; no URL for none
	Clock     func() time.Time

	// What goes wrong. Nil is nothing.
	Fault func(n int, to string) Fault         // of the n-th request to send, from 1
	Fate  func(n int, to string) notify.Status // of the n-th message that was accepted; 0 is the usual
}

// Fault is what happens to one request to send.
type Fault uint8

// The faults. Of the last two kinds the sender cannot know which it was.
const (
	NoFault     Fault = iota
	RateLimit         // 429, RateLimitError
	Fails             // 500, not accepted
	FailsTaken        // 500, accepted
	Breaks            // no answer, not accepted
	BreaksTaken       // no answer, accepted
)

// Double is one GOV.UK Notify with one service.
type Double struct {
	o   Options
	mux *http.ServeMux

	mu       sync.Mutex
	messages []*message // as accepted
	byID     map[string]*message
	texts    []received
	buckets  map[KeyKind]*bucket
	days     map[dayKey]int
	asked    int // requests to send
	out      []*report
}

// message is one that was accepted.
type message struct {
	id, reference string
	hasReference  bool
	kind          KeyKind
	by            string // sms or email
	to, as        string // as it was given, and in its one form
	template      Template
	subject, body string
	unsubscribe   string
	created       time.Time
	steps         []step // what it comes to, and when
	size          notify.Size
	rate          int // of an international number
}

// step is a status from a moment on.
type step struct {
	at     time.Time
	status notify.Status
}

// at is the message's status at a moment, and since when.
func (m *message) at(now time.Time) step {
	last := m.steps[0]
	for _, s := range m.steps {
		if !s.at.After(now) {
			last = s
		}
	}
	return last
}

// New is a GOV.UK Notify with this set up.
func New(o Options) *Double {
	d := &Double{o: o, byID: map[string]*message{}, buckets: map[KeyKind]*bucket{}, days: map[dayKey]int{}, mux: http.NewServeMux()}
	if d.o.Clock == nil {
		d.o.Clock = time.Now
	}
	d.mux.Handle("POST /v2/notifications/sms", d.signed(d.postSMS))
	d.mux.Handle("POST /v2/notifications/email", d.signed(d.postEmail))
	d.mux.Handle("POST /v2/notifications/letter", d.signed(d.postLetter))
	d.mux.Handle("GET /v2/notifications/{id}", d.signed(d.getOne))
	d.mux.Handle("GET /v2/notifications", d.signed(d.getMany))
	d.mux.Handle("GET /v2/template/{id}", d.signed(d.getTemplate))
	d.mux.Handle("GET /v2/template/{id}/version/{version}", d.signed(d.getTemplate))
	d.mux.Handle("POST /v2/template/{id}/preview", d.signed(d.preview))
	d.mux.Handle("GET /v2/templates", d.signed(d.getTemplates))
	d.mux.Handle("GET /v2/received-text-messages", d.signed(d.getReceived))
	d.mux.HandleFunc("GET /phone", d.phones)
	d.mux.HandleFunc("GET /phone/{recipient}", d.phone)
	d.mux.HandleFunc("GET /phone.css", stylesheet)
	d.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem{http.StatusNotFound, []said{{"NotFound", "The requested URL was not found on the server."}}}.answer(w)
	})
	return d
}

// ServeHTTP answers one request. Its Date is by the clock it was given.
func (d *Double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", d.o.Clock().UTC().Format(http.TimeFormat))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	d.mux.ServeHTTP(w, r)
}

// APIKey is a key as GOV.UK Notify hands it out.
func (d *Double) APIKey(name string) string {
	for _, k := range d.o.Keys {
		if k.Name == name {
			return k.Name + "-" + d.o.Service.ID + "-" + k.Secret
		}
	}
	return ""
}

// template is a version of a template, the newest for version 0.
func (d *Double) template(id string, version int) (found Template, ok bool) {
	for _, t := range d.o.Templates {
		if t.ID == id && (version == 0 || t.Version == version) && (!ok || t.Version > found.Version) {
			found, ok = t, true
		}
	}
	return found, ok
}

// newest are the newest versions of all templates, in the order they were set
// up.
func (d *Double) newest() (all []Template) {
	for _, t := range d.o.Templates {
		if n, _ := d.template(t.ID, 0); n.Version == t.Version && !t.Archived {
			all = append(all, t)
		}
	}
	return all
}

// NewUUID draws an id as GOV.UK Notify's are (RFC 9562, version 4).
func NewUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// House is what Wardroom sets up at GOV.UK Notify: a template for each purpose
// and channel, in its own wording, and their ids.
func House() (all []Template, ids notify.Templates) {
	ids = notify.Templates{}
	for _, by := range []notify.Channel{notify.ByText, notify.ByEmail} {
		ids[by] = map[notify.Purpose]string{}
		for _, p := range notify.Worded() {
			w := notify.Wording(p, by)
			id := fmt.Sprintf("00000000-0000-4000-8000-%012d", int(by)*100+int(p))
			ids[by][p] = id
			all = append(all, Template{ID: id, Name: p.String(), Type: by.String(), Version: 1, Subject: w.Subject, Body: w.Body})
		}
	}
	return all, ids
}

// Accepted are the messages that were accepted, by this moment's status: what
// a test judges by.
func (d *Double) Accepted() (all []Accepted) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.o.Clock()
	for _, m := range d.messages {
		all = append(all, Accepted{Notify: m.id, Reference: m.reference, To: m.as, Status: m.at(now).status, Subject: m.subject, Body: m.body, Created: m.created})
	}
	return slices.Clip(all)
}

// Accepted is one message that was accepted.
type Accepted struct {
	Notify, Reference, To, Subject, Body string
	Status                               notify.Status
	Created                              time.Time
}
