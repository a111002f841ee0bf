package double

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The limits of GOV.UK Notify, and of the telephone networks behind it.
const (
	perMinute     = 3000
	refill        = 50.0 // a second
	burst         = 1001.0
	daily         = 250_000
	dailyAbroad   = 100
	dailyTrial    = 50
	networkSpan   = time.Hour
	networkSame   = 20
	networkAny    = 100
	retentionDays = 7
)

// bucket is a token bucket, full at first.
type bucket struct {
	tokens float64
	filled time.Time
}

func (b *bucket) take(now time.Time) bool {
	if past := now.Sub(b.filled).Seconds(); past > 0 {
		b.tokens = min(burst, b.tokens+past*refill)
		b.filled = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// pace takes a place in this minute, of the key's kind. The caller holds mu.
func (d *Double) pace(kind KeyKind, now time.Time) error {
	b := d.buckets[kind]
	if b == nil {
		b = &bucket{burst, now}
		d.buckets[kind] = b
	}
	if b.take(now) {
		return nil
	}
	return rateLimited(kind)
}

func rateLimited(kind KeyKind) error {
	return problem{http.StatusTooManyRequests, []said{{"RateLimitError",
		fmt.Sprintf("Exceeded rate limit for key type %s of %d requests per 60 seconds", strings.ToUpper(string(kind)), perMinute)}}}
}

// dayKey counts by day, whether the key is a test key, and what was sent.
type dayKey struct {
	day  string // UTC
	test bool
	what string
}

// today counts one more of what, or refuses. The caller holds mu.
func (d *Double) today(kind KeyKind, what string, now time.Time) error {
	limit := daily
	switch {
	case d.o.Service.Trial && kind != Test:
		what, limit = "all", dailyTrial
	case what == "international_sms":
		limit = dailyAbroad
	}
	k := dayKey{now.UTC().Format(time.DateOnly), kind == Test, what}
	if d.days[k] >= limit {
		return problem{http.StatusTooManyRequests, []said{{"TooManyRequestsError", fmt.Sprintf("Exceeded send limits (%s: %d) for today", what, limit)}}}
	}
	d.days[k]++
	return nil
}

// blocked reports whether a telephone network blocks one more message to a
// number: after so many of the same wording, or of any, in an hour. The caller
// holds mu.
func (d *Double) blocked(to, body string, now time.Time) bool {
	same, all := 0, 0
	for i := len(d.messages) - 1; i >= 0; i-- {
		m := d.messages[i]
		if m.created.Before(now.Add(-networkSpan)) {
			break
		}
		if m.by == "sms" && m.as == to && m.kind != Test {
			all++
			if m.body == body {
				same++
			}
		}
	}
	return same >= networkSame || all >= networkAny
}
