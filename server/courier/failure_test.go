package courier_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// ways is how each way out does.
func (w *world) ways(c *courier.Courier) map[courier.Way]courier.Health {
	w.T.Helper()
	all, err := c.Health(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	by := map[courier.Way]courier.Health{}
	for _, h := range all {
		by[h.Way] = h
	}
	return by
}

// held waits until the hosts are told that these ways are held, for that.
func (w *world) held(c *courier.Courier, want courier.Hold, ways ...courier.Way) map[courier.Way]courier.Health {
	w.T.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		by, as := w.ways(c), true
		for _, x := range ways {
			as = as && by[x].Hold == want
		}
		if as {
			return by
		}
		if time.Now().After(deadline) {
			w.T.Fatalf("%v are not %q: %+v", ways, want, by)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// asked has so many people asked to decide, each in an escalation.
func (w *world) asked(from, n int) (roots []incident.Seq) {
	w.T.Helper()
	for i := range n {
		p := w.Person(fmt.Sprintf("Person %d", from+i), "DSC")
		w.Join(w.room, w.lead, p, incident.Liaison, incident.Full)
		w.reach(p, fmt.Sprintf("+447700900%03d", from+i), fmt.Sprintf("person%d@dsc.example", from+i))
		roots = append(roots, w.escalate(p))
	}
	return roots
}

// arrived waits until both messages about each of the entries are out.
func (w *world) arrived(roots []incident.Seq) {
	w.T.Helper()
	for _, root := range roots {
		w.until(root, "both messages", func(all []courier.State) bool {
			for _, s := range all {
				if s.State != courier.Sent && s.State != courier.Delivered {
					return false
				}
			}
			return len(all) == 2
		})
	}
}

// counted is how many e-mails each address got by SMTP.
func counted(mails <-chan string) map[string]int {
	got := map[string]int{}
	for {
		select {
		case m := <-mails:
			for line := range strings.SplitSeq(m, "\r\n") {
				if to, ok := strings.CutPrefix(line, "To: "); ok {
					got[strings.Trim(to, "<>")]++
				}
			}
		default:
			return got
		}
	}
}

// With both ways down nothing is lost, the room goes on and the hosts are told;
// whichever comes back first, everybody gets one message by each channel.
func TestWithNotifyAndSMTPDownEverythingWaitsAndGoesOnceWhenEitherComesBack(t *testing.T) {
	for _, first := range []string{"SMTP", "Notify"} {
		t.Run(first+" comes back first", func(t *testing.T) {
			mails := make(chan string, 1000)
			w := newWorld(t, opts{speed: 20})
			mail := newRelay(t, mails)
			w.mailer = mail.mailer
			w.out.Store(true)
			mail.down.Store(true)
			c := w.node(nil)
			w.run(c)
			roots := w.asked(601, 6)
			w.held(c, courier.Unreachable, courier.ByText, courier.ByMail)
			roots = append(roots, w.asked(611, 6)...)
			by := w.held(c, courier.Unreachable, courier.ByText, courier.ByMail, courier.BySMTP)
			if by[courier.ByText].Waiting == 0 || by[courier.ByMail].Waiting == 0 || by[courier.ByText].Since.IsZero() {
				t.Errorf("the hosts are told %+v", by)
			}
			// In the application everything goes on.
			said := w.Say(w.room, w.lead, "Said while nothing goes out")
			w.Must(w.Do(w.room, w.lead, command.CorrectMessage{Root: said, Text: "Said, and corrected"}))
			if n := len(w.notify.Accepted()); n != 0 || len(counted(mails)) != 0 {
				t.Fatalf("%d came through", n)
			}
			if first == "SMTP" {
				mail.down.Store(false)
				w.held(c, "", courier.BySMTP)
				if by := w.ways(c); by[courier.ByText].Hold != courier.Unreachable {
					t.Errorf("text messages: %+v", by[courier.ByText])
				}
				// Of those that Notify may have taken it is asked first: they wait.
				w.until(roots[len(roots)-1], "an e-mail by SMTP", func(all []courier.State) bool {
					s := of(all, incident.ByEmail)
					return s.State == courier.Sent && s.Way == courier.BySMTP && of(all, incident.BySMS).State != courier.Sent
				})
			}
			w.out.Store(false)
			w.arrived(roots)
			mail.down.Store(false)
			w.held(c, "", courier.ByText, courier.ByMail)
			got := counted(mails)
			for to, n := range w.told() {
				got[to] += len(n)
			}
			for to, n := range got {
				if n != 1 {
					t.Errorf("%s got %d", to, n)
				}
			}
			if len(got) != 2*len(roots) {
				t.Errorf("%d numbers and addresses got a message, want %d", len(got), 2*len(roots))
			}
		})
	}
}

// A clock that is wrong is recognised by the answer's own date: nothing is sent
// until it is right, the hosts are told by how much, and then all of it goes.
func TestWithAWrongClockTheQueueHoldsTheHostsAreToldAndAllGoesOnceItIsRight(t *testing.T) {
	w := newWorld(t, opts{})
	off := atomic.Int64{}
	off.Store(int64(45 * time.Second))
	w.signs = func() time.Time { return w.clock.Now().Add(time.Duration(off.Load())) }
	c := w.node(nil)
	w.run(c)
	roots := w.asked(631, 3)
	by := w.held(c, courier.Skewed, courier.ByText, courier.ByMail)
	if skew := by[courier.ByText].Skew; skew < 43*time.Second || skew > 47*time.Second {
		t.Errorf("it is said to be ahead by %s", skew)
	}
	for _, root := range roots {
		for _, s := range w.states(root) {
			if s.State != courier.Queued && s.State != courier.Sending {
				t.Errorf("%+v", s)
			}
		}
	}
	w.Say(w.room, w.lead, "Said while the clock is wrong")
	off.Store(0)
	w.clock.skip(time.Minute)
	w.arrived(roots)
	for to, n := range w.told() {
		if len(n) != 1 {
			t.Errorf("%s got %d", to, len(n))
		}
	}
	if by := w.ways(c); by[courier.ByText].Hold != "" || by[courier.ByText].Skew != 0 {
		t.Errorf("%+v", by[courier.ByText])
	}
}

func TestWhatNeverLeftIsSentAgainTwiceAndNotWhatWasStopped(t *testing.T) {
	w := newWorld(t, opts{speed: 20, fate: func(int, string) notify.Status { return notify.Technical }})
	wants := w.contacts(2, mobile)
	other := w.grave()
	c := w.node(nil)
	w.run(c)
	// One that is stopped once its message failed is not sent again.
	root := w.broadcast(incident.BroadcastRaised, wants[:1])
	w.Must(w.Do(w.room, stepped(other), command.ApproveBroadcast{Root: root}))
	w.until(root, "the failure", func(all []courier.State) bool { return len(all) == 1 && all[0].State == courier.Technical })
	w.Must(w.Do(w.room, other, command.StopBroadcast{Root: root, Reason: "wrong list"}))
	w.until(root, "the end", func(all []courier.State) bool {
		return len(all) == 1 && (all[0].Try == 1 || all[0].State == courier.NotSent)
	})
	before := len(w.notify.Accepted())
	if err := c.Ask(t.Context(), wants[1:]); err != nil {
		t.Fatal(err)
	}
	all := w.until(1, "the third", func(all []courier.State) bool {
		return len(all) == 1 && all[0].Try == 3 && all[0].State == courier.Technical
	})
	w.clock.skip(time.Hour)
	time.Sleep(time.Second)
	if n := len(w.notify.Accepted()) - before; n != 3 {
		t.Errorf("%d messages", n)
	}
	if n := len(w.told()[strings.TrimPrefix(mobile(0), "+")]); n != 1 {
		t.Errorf("the one that was stopped got %d messages", n)
	}
	// From there on somebody has to say so.
	if err := c.Retry(t.Context(), w.room, 1, all[0].ID); err != nil {
		t.Error(err)
	}
	w.until(1, "the fourth", func(all []courier.State) bool {
		return len(all) == 1 && all[0].Try == 4 && all[0].State == courier.Technical
	})
}

// A receipt of delivery that comes late keeps it from being sent again, and a
// failure that comes after it says nothing.
func TestWhatCameAfterAllIsNotSentAgain(t *testing.T) {
	w := newWorld(t, opts{speed: 10, fate: func(int, string) notify.Status { return notify.Delivered }})
	wants := w.contacts(1, mobile)
	c := w.node(nil)
	w.run(c)
	if err := c.Ask(t.Context(), wants); err != nil {
		t.Fatal(err)
	}
	sent := w.until(1, "it", func(all []courier.State) bool { return len(all) == 1 && all[0].State == courier.Sent })[0]
	// The receipt is a lie, or of another time: Notify itself says otherwise.
	if err := c.Took(t.Context(), notify.Receipt{ID: sent.ID, Status: notify.Technical}); err != nil {
		t.Fatal(err)
	}
	w.until(1, "what is true", settled(1))
	w.clock.skip(time.Hour)
	time.Sleep(time.Second)
	if s := w.states(1); len(s) != 1 || s[0].State != courier.Delivered || s[0].Try != 1 || len(w.notify.Accepted()) != 1 {
		t.Errorf("%+v, %d messages", s, len(w.notify.Accepted()))
	}
}
