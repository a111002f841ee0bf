package courier_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/courier"
	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/notify/double"
)

// mobile is the i-th of many numbers.
func mobile(i int) string { return fmt.Sprintf("+447400%06d", 100000+i) }

// fate is what becomes of a message to every so many numbers, in the end and
// by how many messages: one that never left is sent again by the house.
func fate(to string) (end notify.Status, messages int) {
	switch to[len(to)-2:] {
	case "07":
		return notify.Temporary, 1
	case "08":
		return notify.Permanent, 1
	case "09":
		return notify.Technical, 3
	case "29":
		return notify.Delivered, 2
	}
	return notify.Delivered, 1
}

// fates is what becomes of each message in turn.
func fates() func(n int, to string) notify.Status {
	var mu sync.Mutex
	got := map[string]int{}
	return func(_ int, to string) notify.Status {
		mu.Lock()
		defer mu.Unlock()
		got[to]++
		if end, messages := fate(to); got[to] >= messages {
			return end
		}
		return notify.Technical
	}
}

// Five in a hundred requests go wrong, in each way there is; one in twenty
// whoever sends dies, before or after it was accepted; half way the whole node
// does. Time runs ten times as fast, for the pace, for GOV.UK Notify and for
// what is waited for alike. WARDROOM_TORTURE=20 is 12,000 recipients, at the
// real pace: a token that lasts three seconds is too short for a busy machine.
func TestEachOfManyGetsExactlyOneMessage(t *testing.T) {
	n, speed := 360, 10
	if scale, err := strconv.Atoi(os.Getenv("WARDROOM_TORTURE")); err == nil && scale > 0 {
		n, speed, patience = 600*scale, 1, time.Hour
	}
	faults := []double.Fault{double.RateLimit, double.Fails, double.FailsTaken, double.Breaks, double.BreaksTaken}
	w := newWorld(t, opts{speed: speed,
		fault: func(n int, _ string) double.Fault {
			if n%20 == 7 {
				return faults[n/20%len(faults)]
			}
			return double.NoFault
		},
		fate: fates()})
	wants := w.contacts(n, mobile)
	t.Logf("%d contacts are entered", n)
	var dead atomic.Int64
	transport := dying{func() (before, after bool) {
		switch rand.IntN(40) {
		case 0:
			dead.Add(1)
			return true, false
		case 1:
			dead.Add(1)
			return false, true
		}
		return false, false
	}}
	first := w.node(transport)
	if err := first.Ask(t.Context(), wants[:n/3]); err != nil {
		t.Fatal(err)
	}
	stop := w.run(first)
	if err := first.Ask(t.Context(), wants); err != nil { // some of them twice
		t.Fatal(err)
	}
	w.until(1, "half of them", func(all []courier.State) bool {
		began := 0
		for _, s := range all {
			if !s.Sent.IsZero() {
				began++
			}
		}
		return began > n/2
	})
	stop()
	t.Logf("half of them began; the node is dead and two others go on")
	w.run(w.node(transport))
	w.run(w.node(transport))
	all := w.until(1, "the last of them", func(all []courier.State) bool {
		for _, s := range all { // the house sends it again twice
			if s.State == courier.Technical && s.Try < 3 {
				return false
			}
		}
		return settled(n)(all)
	})
	got, left := map[string]int{}, map[string]int{}
	var times []time.Time
	for _, m := range w.notify.Accepted() {
		got[m.To]++
		if m.Status != notify.Technical {
			left[m.To]++
		}
		times = append(times, m.Created)
	}
	if len(got) != n {
		t.Errorf("%d of %d got a message", len(got), n)
	}
	for to, count := range got {
		if _, messages := fate("+" + to); count != messages || left[to] > 1 {
			t.Errorf("%s got %d messages, want %d, of which %d left", to, count, messages, left[to])
		}
	}
	want, have := map[courier.Stage]int{}, map[courier.Stage]int{}
	for i := range n {
		end, _ := fate(mobile(i))
		want[map[notify.Status]courier.Stage{notify.Temporary: courier.Temporary, notify.Permanent: courier.Permanent, notify.Technical: courier.Technical, notify.Delivered: courier.Delivered}[end]]++
	}
	for _, s := range all {
		have[s.State]++
	}
	for _, s := range courier.Stages {
		if have[s] != want[s] {
			t.Errorf("%d are %s, want %d", have[s], s, want[s])
		}
	}
	if dead.Load() == 0 {
		t.Error("nobody died")
	}
	slices.SortFunc(times, time.Time.Compare)
	most := 0
	for i, from := 0, 0; i < len(times); i++ {
		for times[i].Sub(times[from]) >= time.Minute {
			from++
		}
		most = max(most, i-from+1)
	}
	if most > 3000 {
		t.Errorf("%d within a minute", most)
	}
	t.Logf("%d recipients, %d messages, %d deaths, at most %d in a minute of its clock, in %s of it", n, len(times), dead.Load(), most, times[len(times)-1].Sub(times[0]).Round(time.Second))
}

func TestReceiptsInAnyOrderTwiceAndLateComeToTheSame(t *testing.T) {
	w := newWorld(t, opts{})
	w.receipts = nil
	wants := w.contacts(1, mobile)
	c := w.node(nil)
	if err := c.Ask(t.Context(), wants); err != nil {
		t.Fatal(err)
	}
	w.run(c)
	sent := w.until(1, "the message", func(all []courier.State) bool {
		return len(all) == 1 && all[0].State != courier.Queued && all[0].State != courier.Sending
	})[0]
	r, err := notify.NewReceiver(bearer, c.Took)
	if err != nil {
		t.Fatal(err)
	}
	report := func(token, status string) int {
		body := fmt.Sprintf(`{"id":"%s","reference":"%s","to":"x","status":"%s","completed_at":null}`, double.NewUUID(), sent.ID, status)
		req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader([]byte(body)))
		req.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, req)
		return rec.Code
	}
	for _, step := range []struct {
		token, status string
		code          int
		then          courier.Stage
	}{
		{"another-bearer", "permanent-failure", 401, ""},
		{bearer, "temporary-failure", 204, courier.Temporary},
		{bearer, "temporary-failure", 204, courier.Temporary},
		{bearer, "delivered", 204, courier.Delivered},
		{bearer, "temporary-failure", 204, courier.Delivered},
		{bearer, "permanent-failure", 204, courier.Delivered},
		{bearer, "sending", 204, courier.Delivered},
	} {
		before := w.states(1)[0].State
		if code := report(step.token, step.status); code != step.code {
			t.Errorf("%s: %d", step.status, code)
		}
		want := step.then
		if want == "" {
			want = before
		}
		if got := w.states(1)[0].State; got != want && got != courier.Delivered { // its own receipt may have come
			t.Errorf("after %s: %s, want %s", step.status, got, want)
		}
	}
	if len(w.notify.Accepted()) != 1 {
		t.Error("sent again")
	}
}

func TestATemporaryFailureIsSentAgainAsAMessageOfItsOwnAndAPermanentOneIsNot(t *testing.T) {
	asked := atomic.Int64{}
	w := newWorld(t, opts{speed: 5, fate: func(n int, to string) notify.Status {
		if strings.HasSuffix(to, "0") {
			if asked.Add(1) == 1 {
				return notify.Temporary
			}
			return notify.Delivered
		}
		return notify.Permanent
	}})
	wants := w.contacts(2, func(i int) string { return mobile(i) })
	c := w.node(nil)
	if err := c.Ask(t.Context(), wants); err != nil {
		t.Fatal(err)
	}
	w.run(c)
	for _, s := range w.until(1, "both", settled(2)) {
		err := c.Retry(t.Context(), w.room, 1, s.ID)
		if again := s.State == courier.Temporary; again != (err == nil) {
			t.Errorf("%s sent again: %v", s.State, err)
		}
		if s.State == courier.Temporary {
			if err := c.Retry(t.Context(), w.room, 1, s.ID); incident.FaultOf(err) != incident.Conflict {
				t.Errorf("sent twice again: %v", err)
			}
			if err := c.Retry(t.Context(), w.room, 2, s.ID); incident.FaultOf(err) != incident.NotFound {
				t.Errorf("by another entry: %v", err)
			}
		}
	}
	w.until(1, "the second try", func(all []courier.State) bool {
		return settled(2)(all) && (all[0].State == courier.Delivered) != (all[1].State == courier.Delivered)
	})
}
