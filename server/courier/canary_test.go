package courier_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// wire keeps what goes over it, both ways.
type wire struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (x *wire) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.Write(b)
}

func (x *wire) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.String()
}

func (x *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	x.Write([]byte(r.URL.String() + " " + string(body) + "\n"))
	if err == nil {
		answer, _ := io.ReadAll(res.Body)
		res.Body = io.NopCloser(bytes.NewReader(answer))
		x.Write(append(answer, '\n'))
	}
	return res, err
}

// A canary stands in every title, name, text and reason there is; what is sent
// because of them, by every way and for every purpose, holds none of it, and
// neither does a receipt, a row or a line of the log.
func TestNoWordOfAnythingGetsOutInAMessageAReceiptARowOrALogLine(t *testing.T) {
	mails := make(chan string, 1000)
	w := newWorld(t, opts{speed: 20})
	relay := newRelay(t, mails)
	w.mailer = relay.mailer
	logged, sent, receipts := &wire{}, &wire{}, &wire{}
	w.log = slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))

	other := w.grave()
	director, guest := w.Person(canary+" Director", "DSC"), w.Person(canary+" Guest", "X1N")
	number := w.Join(w.room, w.lead, director, incident.Liaison, incident.Full)
	theirs := w.Join(w.room, w.lead, guest, incident.Representative, incident.Full)
	w.reach(director, "+447700900456", "director@dsc.example")
	w.reach(guest, "+447700900457", "guest@x1n.example")
	w.contact("X1N", "+447700900458", "ciso@x1n.example")
	contacts := w.contacts(2, mobile)

	wrong := atomic.Bool{}
	w.signs = func() time.Time {
		if wrong.Load() {
			return w.clock.Now().Add(-2 * time.Minute)
		}
		return w.clock.Now()
	}
	c := w.node(sent)
	w.mu.Lock()
	took := w.receipts
	w.receipts = func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		receipts.Write(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		took(rw, r)
	}
	w.mu.Unlock()
	w.run(c)

	var all []incident.Seq
	do := func(who incident.Actor, cmd command.Command) incident.Seq {
		t.Helper()
		r := w.Must(w.Do(w.room, who, cmd)).Seq
		all = append(all, r)
		w.clock.skip(time.Minute)
		return r
	}
	system := w.Journal.SystemLog()
	room, err := w.Journal.Room(t.Context(), w.room)
	if err != nil {
		t.Fatal(err)
	}
	everything := func() {
		all = nil
		do(w.lead, command.TitleRoom{Title: canary + " ransomware"})
		do(w.lead, command.PostMessage{Text: canary, Mentions: []incident.MemberNo{number, theirs}})
		do(w.lead, command.RaiseAction{Text: canary, For: incident.Assignee{Member: number, Org: "DSC"}})
		do(w.lead, command.AssignPost{Post: incident.TacticalCommander, Member: number})
		do(w.lead, command.FileSitrep{Sitrep: command.Sitrep{Situation: canary, Impact: canary, Actions: canary, Forecast: canary}})
		do(w.lead, command.HoldMeeting{Place: canary, Summary: canary, Others: canary, Members: []incident.MemberNo{number}})
		do(w.lead, command.GiveUpdate{Text: canary})
		do(w.lead, command.UpdateReport{Root: room.Report.Root, Report: incident.Methane{Type: canary, Exact: canary, Hazards: canary}})
		all = append(all, w.escalate(director))
		clock := do(guest, command.StartClock{Statute: incident.GDPR33, Aware: incident.At(time.Now().Add(-100 * time.Hour)), Known: canary})
		w.remind()
		do(w.lead, command.ChaseClock{Root: clock, Text: canary})
		handed := do(w.Stepped(w.lead), command.SignHandover{Post: incident.IncidentLead, To: number, IIMARCH: incident.IIMARCH{Information: canary, Intent: canary, Method: canary,
			Administration: canary, Risk: canary, Communications: canary, Humanitarian: canary}})
		raised := w.broadcast(incident.BroadcastRaised, contacts)
		w.Must(w.Do(w.room, w.Stepped(other), command.ApproveBroadcast{Root: raised}))
		all = append(all, raised)
		report := incident.RandomID()
		w.Must(w.Do(system, guest, command.FileReport{Report: report, Reference: "REP-" + strings.ToUpper(report[:7]), Org: "X1N", Via: incident.ViaWeb,
			Ethane: incident.Ethane{What: incident.Ransomware, Text: canary, Where: canary, Mail: incident.MailIsUnsafe}}))
		alert := w.issue(incident.AlertHigh, "X1N")
		if s := w.untilIn(system, alert, "the alert", over(2)); len(s) != 2 {
			t.Fatal(s)
		}
		w.until(handed, "the handover", over(2))
		w.Must(w.Do(w.room, w.lead, command.WithdrawHandover{Root: handed, Reason: canary}))
	}
	settle := func() {
		for _, root := range all {
			w.until(root, "the end", func(all []courier.State) bool { return over(len(all))(all) })
		}
	}
	everything()
	settle()
	w.out.Store(true) // the same again while messages wait, fail and go another way
	w.clock.skip(20 * time.Minute)
	var held []incident.Seq
	held = append(held, w.escalate(director), w.Must(w.Do(w.room, w.lead, command.PostMessage{Text: canary, Mentions: []incident.MemberNo{number, theirs}})).Seq,
		w.Must(w.Do(w.room, w.lead, command.RaiseAction{Text: canary, For: incident.Assignee{Member: number, Org: "DSC"}})).Seq)
	w.held(c, courier.Unreachable, courier.ByText, courier.ByMail)
	held = append(held, w.Must(w.Do(w.room, w.lead, command.AssignPost{Post: incident.StrategicCommander, Member: number})).Seq)
	w.until(held[len(held)-1], "an e-mail by SMTP", func(all []courier.State) bool { return of(all, incident.ByEmail).Way == courier.BySMTP })
	w.out.Store(false)
	all = append(all, held...)
	settle()
	wrong.Store(true)              // and while the log has something to say
	w.clock.skip(10 * time.Minute) // past the gap in which it would repeat the one before
	last := w.escalate(director)
	w.held(c, courier.Skewed, courier.ByText)
	wrong.Store(false)
	all = append(all, last)
	settle()

	purposes := map[notify.Purpose]bool{}
	for _, root := range append(all, 1) {
		for _, s := range w.states(root) {
			if !s.Sent.IsZero() {
				purposes[s.Purpose] = true
			}
		}
	}
	for _, p := range []notify.Purpose{notify.Raised, notify.Escalation, notify.NeededMention, notify.NeededAction, notify.NeededRole, notify.NeededClock, notify.NeededHandover} {
		if !purposes[p] {
			t.Errorf("nothing of purpose %s was sent: the canary proves nothing of it", p)
		}
	}
	for what, text := range map[string]string{"a message": sent.String(), "a receipt": receipts.String(), "an e-mail": strings.Join(drained(mails), "\n"), "the log": logged.String()} {
		if text == "" {
			t.Errorf("there is nothing of %s to look at", what)
		}
		if i := strings.Index(text, canary); i >= 0 {
			t.Errorf("%s says %q", what, text[max(i-200, 0):min(i+100, len(text))])
		}
	}
	for _, n := range []string{"7700900456", "7700900457", "7700900458", "director@", "guest@", "ciso@"} {
		if strings.Contains(logged.String(), n) {
			t.Errorf("the log names %s", n)
		}
	}
	conn, err := pgx.Connect(t.Context(), w.DB.Cluster.SuperuserURL(w.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, table := range []string{"notice", "gateway", "number_sent", "typed", "reach", "quiet", "broadcast_list", "broadcast_to", "broadcast_told", "org_contact", "org_channel", "timer", "alert_entry", "report", "report_entry", "follower"} {
		var text string
		if err := conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(x::text, ' '), '') FROM `+table+` x`).Scan(&text); err != nil {
			t.Fatal(table, err)
		}
		if strings.Contains(text, canary) || strings.Contains(text, "770090045") || strings.Contains(text, "@") {
			t.Errorf("%s holds content", table)
		}
	}
}

func drained(mails <-chan string) (all []string) {
	for {
		select {
		case m := <-mails:
			all = append(all, m)
		default:
			return all
		}
	}
}
