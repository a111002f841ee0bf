package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// permutations calls fn with each order of a's first n.
func permutations(a []Status, fn func([]Status)) {
	var walk func(int)
	walk = func(k int) {
		if k == len(a) {
			fn(a)
			return
		}
		for i := k; i < len(a); i++ {
			a[k], a[i] = a[i], a[k]
			walk(k + 1)
			a[k], a[i] = a[i], a[k]
		}
	}
	walk(0)
}

var everyStatus = []Status{Created, Sending, Pending, Abroad, Technical, Temporary, Permanent, Delivered}

func TestAStateIsTheSameInWhateverOrderStatusesAreHeard(t *testing.T) {
	// Each set of statuses, in each order, each said twice in some orders: the
	// whole of it, 2^8 sets.
	for set := range 1 << len(everyStatus) {
		var some []Status
		for i, s := range everyStatus {
			if set&(1<<i) != 0 {
				some = append(some, s)
			}
		}
		if len(some) > 6 {
			some = some[len(some)-6:] // 720 orders of each are enough
		}
		var want State
		for _, s := range some {
			want = want.Advance(s)
		}
		permutations(some, func(order []Status) {
			var got State
			for i, s := range order {
				before := got
				got = got.Advance(s).Advance(s).Advance(order[0])
				if before.Status() > got.Status() {
					t.Fatalf("%v: %s goes back to %s", order, before.Status(), got.Status())
				}
				if i > 0 && got.Advance(order[i-1]) != got {
					t.Fatalf("%v: hearing %s again changes %s", order, order[i-1], got.Status())
				}
			}
			if got != want {
				t.Fatalf("%v comes to %s, in order it is %s", order, got.Status(), want.Status())
			}
		})
	}
}

func TestNothingTakesADeliveryBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		heard := rapid.SliceOfN(rapid.Uint8(), 0, 12).Draw(t, "heard")
		at := rapid.IntRange(0, len(heard)).Draw(t, "delivered at")
		var s State
		for i := range len(heard) + 1 {
			if i == at {
				s = s.Advance(Delivered)
			}
			if i < len(heard) {
				s = s.Advance(Status(heard[i]))
			}
		}
		if s.Status() != Delivered || s.Failed() || s.Resend() || s.Mend() || !s.Final() {
			t.Fatalf("after %v it is %s", heard, s.Status())
		}
	})
}

func TestWhatEachStateIsFor(t *testing.T) {
	type is struct{ final, failed, resend, mend bool }
	for s, want := range map[Status]is{0: {}, Created: {}, Sending: {}, Pending: {}, Abroad: {final: true}, Technical: {true, true, true, false}, Temporary: {true, true, true, false},
		Permanent: {true, true, false, true}, Delivered: {final: true}} {
		at := State{}.Advance(s)
		if got := (is{at.Final(), at.Failed(), at.Resend(), at.Mend()}); got != want {
			t.Errorf("%s: %+v, want %+v", s, got, want)
		}
		if back, ok := ParseStatus(s.String()); s != 0 && (!ok || back != s) {
			t.Errorf("%s is read as %s", s, back)
		}
	}
	if _, ok := ParseStatus("elephant"); ok {
		t.Error("elephant is a status")
	}
}

const bearer = "a-bearer-token-of-this-test"

func receiptText(id ID, status string) string {
	return fmt.Sprintf(`{"id":"740e5834-3a29-46b4-9a6f-16142fde533a","reference":%q,"to":"07700900123","status":%q,"created_at":"2017-05-14T12:15:30.000000Z","completed_at":"2017-05-14T12:15:33.000000Z",
		"sent_at":null,"notification_type":"sms","template_id":"f33517ff-2a88-4f6e-b855-c550268ce08a","template_version":1,"new_field":{}}`, id, status)
}

func TestReceiptsAreTakenFromWhoKnowsTheTokenAndNobodyElse(t *testing.T) {
	id := NewID()
	var took []Receipt
	var broken error
	r, err := NewReceiver(bearer, func(_ context.Context, got Receipt) error {
		took = append(took, got)
		return broken
	})
	must(t, err)
	post := func(method, authorization, body string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(method, "/receipts", strings.NewReader(body))
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		return w
	}
	good, theirs := receiptText(id, "delivered"), strings.Replace(receiptText(id, "delivered"), id.String(), "somebody-else", 1)
	refused := post("POST", "Bearer wrong", good)
	for _, c := range []struct {
		name, method, authorization, body string
		want                              int
		taken                             bool
	}{
		{"right", "POST", "Bearer " + bearer, good, 204, true},
		{"scheme in small letters", "POST", "bearer " + bearer, good, 204, true},
		{"no token", "POST", "", good, 401, false},
		{"empty token", "POST", "Bearer ", good, 401, false},
		{"another token", "POST", "Bearer " + bearer[1:], good, 401, false},
		{"the token and more", "POST", "Bearer " + bearer + "x", good, 401, false},
		{"another scheme", "POST", "Basic " + bearer, good, 401, false},
		{"another token, no receipt", "POST", "Bearer wrong", "{", 401, false},
		{"another token, another method", "GET", "Bearer wrong", "", 401, false},
		{"another method", "GET", "Bearer " + bearer, "", 405, false},
		{"no JSON", "POST", "Bearer " + bearer, "{", 400, false},
		{"no id", "POST", "Bearer " + bearer, `{"status":"delivered"}`, 400, false},
		{"too large", "POST", "Bearer " + bearer, `{"id":"` + strings.Repeat("x", maxReceipt) + `"}`, 400, false},
		{"another's message", "POST", "Bearer " + bearer, theirs, 204, false},
		{"no reference", "POST", "Bearer " + bearer, strings.Replace(good, `"`+id.String()+`"`, "null", 1), 204, false},
		{"a status that is new", "POST", "Bearer " + bearer, receiptText(id, "eaten-by-dog"), 204, false},
	} {
		took = nil
		w := post(c.method, c.authorization, c.body)
		if w.Code != c.want || (len(took) == 1) != c.taken {
			t.Errorf("%s: %d, %d taken", c.name, w.Code, len(took))
		}
		if c.want == 401 && (w.Body.String() != refused.Body.String() || fmt.Sprint(w.Header()) != fmt.Sprint(refused.Header())) {
			t.Errorf("%s is answered otherwise than another forgery", c.name)
		}
		if c.taken && (took[0].ID != id || took[0].Status != Delivered || took[0].Completed.IsZero()) {
			t.Errorf("%s: %+v", c.name, took[0])
		}
		if strings.Contains(w.Body.String(), "07700900123") {
			t.Errorf("%s: the answer names the recipient", c.name)
		}
	}
	broken = errors.New("the database is down")
	if w := post("POST", "Bearer "+bearer, good); w.Code != http.StatusServiceUnavailable {
		t.Errorf("what could not be stored is answered %d: it would not come again", w.Code)
	}
	if _, err := NewReceiver("short", nil); err == nil {
		t.Error("a short token is taken")
	}
}

// Whatever is stored by Advance comes out the same, however often and in
// whatever order receipts come.
func TestReceiptsTwiceLateAndOutOfOrderComeToTheSame(t *testing.T) {
	id := NewID()
	var state State
	r, err := NewReceiver(bearer, func(_ context.Context, got Receipt) error {
		state = state.Advance(got.Status)
		return nil
	})
	must(t, err)
	all := []Status{Technical, Temporary, Permanent, Delivered}
	permutations(all, func(order []Status) {
		state = State{}
		for _, s := range append(order, order...) {
			req := httptest.NewRequest("POST", "/", strings.NewReader(receiptText(id, s.String())))
			req.Header.Set("Authorization", "Bearer "+bearer)
			r.ServeHTTP(httptest.NewRecorder(), req)
		}
		if state.Status() != Delivered {
			t.Errorf("%v comes to %s", order, state.Status())
		}
	})
}

func TestThePaceIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := NewPace(PerSecond), time.Date(2026, 5, 12, 16, 0, 0, 0, time.UTC)
		var at []time.Time
		pauses := rapid.SliceOfN(rapid.IntRange(0, 3000), 0, 60).Draw(t, "pauses, in milliseconds, each fifty messages")
		for i := range 3100 {
			if i%50 == 0 && i/50 < len(pauses) {
				now = now.Add(time.Duration(pauses[i/50]) * time.Millisecond)
			}
			wait := p.Next(now)
			if wait < 0 {
				t.Fatal("a place in the past")
			}
			now = now.Add(wait)
			at = append(at, now)
		}
		for i := range at {
			if j := i + PerSecond; j < len(at) && at[j].Sub(at[i]) < time.Second-time.Microsecond {
				t.Fatalf("%d messages within %s", PerSecond+1, at[j].Sub(at[i]))
			}
			if j := i + 2999; j < len(at) && at[j].Sub(at[i]) < time.Minute {
				t.Fatalf("3,000 messages within %s", at[j].Sub(at[i]))
			}
		}
	})
}

func TestANumberGetsTwentyAnHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 5, 12, 16, 0, 0, 0, time.UTC)
		var sent []time.Time
		for range rapid.IntRange(1, 120).Draw(t, "messages") {
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
			at := Clear(sent, now)
			if at.Before(now) {
				t.Fatal("clear in the past")
			}
			if at.After(now) && Clear(sent, at.Add(-time.Nanosecond)).Equal(at.Add(-time.Nanosecond)) {
				t.Fatal("it would have been clear earlier")
			}
			now = at
			sent = append(sent, now)
			if i := len(sent) - 1 - PerNumber; i >= 0 && now.Sub(sent[i]) < PerNumberSpan {
				t.Fatalf("%d within %s", PerNumber+1, now.Sub(sent[i]))
			}
		}
		// In whatever order a database gives them.
		shuffled := rapid.Permutation(sent).Draw(t, "shuffled")
		if !Clear(shuffled, now).Equal(Clear(sent, now)) {
			t.Fatal("the order of what was sent matters")
		}
	})
}

func TestASecondMessageWithinTheGapRepeatsTheFirst(t *testing.T) {
	now := time.Date(2026, 5, 12, 16, 0, 0, 0, time.UTC)
	for _, p := range Purposes() {
		gap := Gap(p)
		if gap < time.Minute || gap > time.Hour {
			t.Errorf("%s: a gap of %s", p, gap)
		}
		// No flapping thing alone may spend a number's hour on broadcasts.
		if p.Broadcast() && PerNumberSpan/gap >= PerNumber/2 {
			t.Errorf("%s every %s: %d an hour", p, gap, PerNumberSpan/gap)
		}
		for last, want := range map[time.Time]bool{{}: false, now: true, now.Add(-gap): false, now.Add(-gap + 1): true, now.Add(gap - 1): true, now.Add(gap): false} {
			if Repeats(p, last, now) != want {
				t.Errorf("%s after %s: %v", p, now.Sub(last), !want)
			}
		}
	}
	if Gap(Escalation) > Gap(Update) {
		t.Error("an escalation waits longer than an update")
	}
}
