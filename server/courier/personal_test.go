package courier_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

func (w *world) escalate(who ...incident.Actor) incident.Seq {
	w.T.Helper()
	c := command.RequestEscalation{Condition: incident.DisconnectNetwork, SBAR: incident.SBAR{Situation: canary, Recommendation: canary},
		Row: incident.MatrixRow{Condition: incident.DisconnectNetwork, Tier: incident.Strategic, Minutes: 10}}
	for _, p := range who {
		c.Chain = append(c.Chain, incident.Step{Person: p.Person, Name: p.Name, Org: p.Orgs[0], Tier: incident.Strategic, Way: incident.ByRota})
	}
	return w.Must(w.Do(w.room, w.lead, c)).Seq
}

// of is the state of the text message among an entry's.
func of(all []courier.State, kind incident.ChannelKind) courier.State {
	for _, s := range all {
		if s.Channel == kind {
			return s
		}
	}
	return courier.State{}
}

// came waits for the text message about an entry to be settled or sent.
func (w *world) came(root incident.Seq) courier.State {
	w.T.Helper()
	return of(w.until(root, "the message", func(all []courier.State) bool {
		s := of(all, incident.BySMS)
		return s.State == courier.Sent || s.State == courier.Delivered || s.State == courier.NotSent
	}), incident.BySMS)
}

func TestWhoIsAskedToDecideIsToldAtOnceAndInTheirQuietHoursUnlessTheyAreHere(t *testing.T) {
	w := newWorld(t, opts{})
	here := atomic.Bool{}
	w.active = func(string) time.Time {
		if here.Load() {
			return w.clock.Now()
		}
		return time.Time{}
	}
	director := w.Person(canary+" Director", "DSC")
	w.Join(w.room, w.lead, director, incident.Liaison, incident.Full)
	w.reach(director, "+447700900456", "director@dsc.example")
	now := w.clock.Now().UTC()
	if err := w.book.SetQuiet(t.Context(), director.Person, &directory.Quiet{Begins: (now.Hour()*60 + 1320) % 1440, Ends: (now.Hour()*60 + 180) % 1440}); err != nil {
		t.Fatal(err)
	}
	c := w.node(nil)
	w.run(c)
	root := w.escalate(director)
	if s := w.came(root); s.State == courier.NotSent || s.Instance != "step-1" || s.Recipient != string(director.Person) {
		t.Fatalf("%+v", s)
	}
	// It asks nothing of the escalation to be acknowledged.
	var body string
	for _, m := range w.notify.Accepted() {
		if m.To == "447700900456" {
			body = m.Body
		}
	}
	i := strings.Index(body, "code ")
	if i < 0 {
		t.Fatal(body)
	}
	for _, typed := range []string{"AAAAA-AAAAA", "", strings.Repeat("x", 90), strings.ToLower(strings.ReplaceAll(body[i+5:i+16], "-", " "))} {
		if err := c.Acknowledge(t.Context(), typed); err != nil {
			t.Fatal(err)
		}
	}
	w.until(root, "the acknowledgement", func(all []courier.State) bool { return !of(all, incident.BySMS).Acknowledged.IsZero() })
	room, err := w.Journal.Room(t.Context(), w.room)
	if err != nil {
		t.Fatal(err)
	}
	if x := room.Escalation(root); !x.Waiting() || len(x.Keys) != 0 {
		t.Error("acknowledging answered it")
	}

	// A second one within the gap says nothing new.
	if s := w.came(w.escalate(director)); s.Why != courier.Repeats {
		t.Errorf("within a minute: %+v", s)
	}
	w.clock.skip(10 * time.Minute)
	// Somebody who is here sees it here.
	here.Store(true)
	root = w.escalate(director)
	w.until(root, "the message", func(all []courier.State) bool { return len(all) == 2 })
	time.Sleep(time.Second)
	if s := of(w.states(root), incident.BySMS); s.State != courier.Queued {
		t.Errorf("while here: %+v", s)
	}
	w.Must(w.Do(w.room, w.lead, command.WithdrawEscalation{Root: root, Reason: "answered by telephone", Seen: root}))
	here.Store(false)
	w.clock.skip(6 * time.Minute)
	if s := w.came(root); s.Why != courier.Answered {
		t.Errorf("after it was withdrawn: %+v", s)
	}
}

func TestWhoMayNotSeeItAnyMoreIsToldNothing(t *testing.T) {
	w := newWorld(t, opts{})
	gone, stays, asleep := w.Person("Gone Again", "X1N"), w.Person("Stays On", "X1N"), w.Person("Asleep", "X2E")
	var numbers []incident.MemberNo
	for i, p := range []incident.Actor{gone, stays, asleep} {
		numbers = append(numbers, w.Join(w.room, w.lead, p, incident.Representative, incident.FromJoin))
		w.reach(p, []string{"+447700900461", "+447700900462", "+447700900463"}[i], "")
	}
	now := w.clock.Now().UTC()
	if err := w.book.SetQuiet(t.Context(), asleep.Person, &directory.Quiet{Begins: (now.Hour()*60 + 1320) % 1440, Ends: (now.Hour()*60 + 180) % 1440}); err != nil {
		t.Fatal(err)
	}
	// The house is down while it is said, so what is sent is judged later.
	root := w.Must(w.Do(w.room, w.lead, command.PostMessage{Text: canary + " look at this", Mentions: numbers})).Seq
	at, err := w.Journal.Room(t.Context(), w.room)
	if err != nil {
		t.Fatal(err)
	}
	w.Must(w.Do(w.room, w.lead, command.RemoveMember{Root: at.Member(gone.Person).Root}))
	w.run(w.node(nil))
	all := w.until(root, "three messages", func(all []courier.State) bool {
		for _, s := range all {
			if s.Channel == incident.BySMS && s.Recipient == string(stays.Person) && s.State != courier.Queued && s.State != courier.Sending {
				return true
			}
		}
		return false
	})
	for _, s := range all {
		if s.Recipient == string(gone.Person) {
			t.Errorf("a message is asked for somebody who left before it was: %+v", s)
		}
	}
	time.Sleep(time.Second)
	for _, m := range w.notify.Accepted() {
		if m.To != "447700900462" {
			t.Errorf("%s got %q", m.To, m.Body)
		}
	}
	// Asked for while they were in the room, and removed before it went out.
	w.clock.skip(time.Hour)
	late := w.Must(w.Do(w.room, w.lead, command.PostMessage{Text: "again"})).Seq
	w.Must(w.Do(w.room, w.lead, command.RemoveMember{Root: at.Member(stays.Person).Root}))
	c := courier.New(courier.Options{Pool: w.DB.Writer, Journal: w.Journal, Directory: w.book, MAC: w.Vault.MAC, Now: w.clock.Now})
	if err := c.Ask(t.Context(), []courier.Want{{Log: w.room, Root: late, Instance: "entry-1", Purpose: notify.NeededMention, Person: stays.Person, Org: "X1N", Channel: incident.BySMS}}); err != nil {
		t.Fatal(err)
	}
	if s := w.came(late); s.Why != courier.Gone {
		t.Errorf("%+v", s)
	}
}

func TestAnExerciseReachesNumbersOfPlaysAlone(t *testing.T) {
	w := newWorld(t, opts{mode: incident.ModeExercise})
	actor, real := w.Person("An Actor", "DSC"), w.Person("Somebody Real", "DSC")
	for _, p := range []incident.Actor{actor, real} {
		w.Join(w.room, w.lead, p, incident.Liaison, incident.Full)
	}
	w.reach(actor, "+447700900471", "actor@dsc.example")
	w.reach(real, "+447400123456", "real@dsc.nhs.uk")
	w.run(w.node(nil))
	for p, want := range map[string]courier.Why{string(actor.Person): "", string(real.Person): courier.Exercise} {
		who := actor
		if p == string(real.Person) {
			who = real
		}
		root := w.escalate(who)
		all := w.until(root, "both messages", func(all []courier.State) bool {
			return len(all) == 2 && all[0].State != courier.Queued && all[1].State != courier.Queued && all[0].State != courier.Sending && all[1].State != courier.Sending
		})
		for _, s := range all {
			if s.Why != want {
				t.Errorf("%s to %s: %+v", s.Channel, who.Name, s)
			}
		}
	}
	for _, m := range w.notify.Accepted() {
		if m.To == "447400123456" || m.To == "real@dsc.nhs.uk" || !strings.Contains(m.Body, "EXERCISE") {
			t.Errorf("%s: %q", m.To, m.Body)
		}
	}
}

// A canary stands in every title, name, message and contact; it must come out
// in no message, no row, no log line.
func TestNothingThatWasSaidGetsOut(t *testing.T) {
	w := newWorld(t, opts{})
	var logged bytes.Buffer
	director := w.Person(canary+" Director", "DSC")
	w.Join(w.room, w.lead, director, incident.Liaison, incident.Full)
	w.reach(director, "+447700900456", canary+"@dsc.example")
	w.Must(w.Do(w.room, w.lead, command.TitleRoom{Title: canary + " ransomware"}))
	client, err := notify.NewClient(w.at, w.key, nil, w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	site, err := notify.ParseSite("https://wardroom.example.nhs.uk")
	if err != nil {
		t.Fatal(err)
	}
	down := atomic.Bool{}
	down.Store(true)
	w.down = down.Load
	c := courier.New(courier.Options{Pool: w.DB.Writer, Journal: w.Journal, Directory: w.book, MAC: w.Vault.MAC, Client: client, Templates: w.templates, Site: site, Now: w.clock.Now,
		Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	stop := w.run(c)
	root := w.escalate(director)
	w.until(root, "a failure", func(all []courier.State) bool { return of(all, incident.BySMS).State == courier.Uncertain })
	down.Store(false)
	w.clock.skip(2 * time.Minute)
	w.came(root)
	time.Sleep(500 * time.Millisecond)
	stop()
	for _, m := range w.notify.Accepted() {
		if strings.Contains(m.Body+m.Subject+m.Reference, canary) {
			t.Errorf("a message says %q", m.Body)
		}
	}
	if len(w.notify.Accepted()) == 0 {
		t.Error("nothing was sent")
	}
	if strings.Contains(logged.String(), canary) || strings.Contains(logged.String(), "7700900456") {
		t.Errorf("the log says %s", &logged)
	}
	conn, err := pgx.Connect(t.Context(), w.DB.Cluster.SuperuserURL(w.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, table := range []string{"notice", "gateway", "number_sent", "typed", "reach", "quiet"} {
		var text string
		if err := conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(x::text, ' '), '') FROM `+table+` x`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, canary) || strings.Contains(text, "7700900456") {
			t.Errorf("%s holds content", table)
		}
	}
}

func TestWhileNotifyIsDownEmailsGoBySMTPTextsWaitAndTheHostsAreTold(t *testing.T) {
	mails := make(chan string, 100)
	w := newWorld(t, opts{speed: 20})
	w.mailer = relay(t, mails)
	down := atomic.Bool{}
	down.Store(true)
	w.down = down.Load
	var people []incident.Actor
	for _, number := range []string{"+447700900481", "+447700900482", "+447700900483", "+447700900484"} {
		p := w.Person("Person "+number, "DSC")
		w.Join(w.room, w.lead, p, incident.Liaison, incident.Full)
		w.reach(p, number, "person"+number[len(number)-3:]+"@dsc.example")
		people = append(people, p)
	}
	c := w.node(nil)
	w.run(c)
	var roots []incident.Seq
	for _, p := range people {
		roots = append(roots, w.escalate(p))
	}
	ways := func() map[courier.Way]courier.Health {
		all, err := c.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		by := map[courier.Way]courier.Health{}
		for _, h := range all {
			by[h.Way] = h
		}
		return by
	}
	deadline := time.Now().Add(time.Minute)
	for {
		by := ways()
		if by[courier.ByText].Hold == courier.Unreachable && by[courier.ByMail].Hold == courier.Unreachable {
			if by[courier.ByText].Since.IsZero() {
				t.Error("since when is not known")
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody is told: %+v", by)
		}
		time.Sleep(50 * time.Millisecond)
	}
	// By now e-mails go the other way.
	extra := w.Person("One More", "DSC")
	w.Join(w.room, w.lead, extra, incident.Liaison, incident.Full)
	w.reach(extra, "+447700900485", "extra@dsc.example")
	root := w.escalate(extra)
	if s := of(w.until(root, "the e-mail", func(all []courier.State) bool { return of(all, incident.ByEmail).State == courier.Sent }), incident.ByEmail); s.Way != courier.BySMTP {
		t.Errorf("%+v", s)
	}
	select {
	case m := <-mails:
		if !strings.Contains(m, "extra@dsc.example") || strings.Contains(m, canary) {
			t.Errorf("an e-mail says %s", m)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no e-mail came")
	}
	if n := len(w.notify.Accepted()); n != 0 {
		t.Errorf("%d messages came through", n)
	}
	down.Store(false)
	for _, root := range append(roots, root) {
		w.until(root, "the text message", func(all []courier.State) bool {
			s := of(all, incident.BySMS).State
			return s == courier.Sent || s == courier.Delivered
		})
	}
	got := map[string]int{}
	for _, m := range w.notify.Accepted() {
		got[m.To]++
	}
	for to, n := range got {
		if n != 1 {
			t.Errorf("%s got %d", to, n)
		}
	}
	if by := ways(); by[courier.ByText].Hold != "" {
		t.Errorf("still held: %+v", by)
	}
}

// mailServer takes what it is given, unless it is down.
type mailServer struct {
	mailer *notify.Mailer
	down   atomic.Bool
}

// relay is a mail server that takes what it is given.
func relay(t *testing.T, mails chan<- string) *notify.Mailer { return newRelay(t, mails).mailer }

func newRelay(t *testing.T, mails chan<- string) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &mailServer{}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if r.down.Load() {
				conn.Close()
				continue
			}
			go takeMail(conn, mails)
		}
	}()
	from, err := notify.ParseEmail("wardroom@dsc.example")
	if err != nil {
		t.Fatal(err)
	}
	r.mailer, err = notify.NewMailer(notify.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: from, FromName: "Wardroom", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func takeMail(conn net.Conn, mails chan<- string) {
	defer conn.Close()
	say := func(s string) { conn.Write([]byte(s + "\r\n")) }
	say("220 relay")
	buf, text, data := make([]byte, 4096), "", false
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		text += string(buf[:n])
		for {
			if data {
				i := strings.Index(text, "\r\n.\r\n")
				if i < 0 {
					break
				}
				mails <- text[:i]
				text, data = text[i+5:], false
				say("250 taken")
				continue
			}
			i := strings.Index(text, "\r\n")
			if i < 0 {
				break
			}
			line := strings.ToUpper(text[:i])
			text = text[i+2:]
			switch {
			case strings.HasPrefix(line, "DATA"):
				data = true
				say("354 go on")
			case strings.HasPrefix(line, "QUIT"):
				say("221 bye")
				return
			default:
				say("250 ok")
			}
		}
	}
}

func TestSomebodyGetsTwentyTextMessagesAnHourAtMost(t *testing.T) {
	w := newWorld(t, opts{speed: 5})
	number := func(int) string { return "+447700900491" }
	wants := w.contacts(notify.PerNumber+3, number)
	c := w.node(nil)
	w.run(c)
	if err := c.Ask(t.Context(), wants); err != nil {
		t.Fatal(err)
	}
	count := func() int { return len(w.notify.Accepted()) }
	deadline := time.Now().Add(time.Minute)
	for count() < notify.PerNumber && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(2 * time.Second)
	if n := count(); n != notify.PerNumber {
		t.Errorf("%d within the hour", n)
	}
	w.clock.skip(notify.PerNumberSpan)
	for count() < len(wants) && time.Now().Before(deadline.Add(time.Minute)) {
		time.Sleep(50 * time.Millisecond)
	}
	if n := count(); n != len(wants) {
		t.Errorf("%d in all", n)
	}
}
