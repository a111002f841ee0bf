package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Production is where GOV.UK Notify is. There is no other place for tests:
// those use a test key.
const Production = "https://api.notifications.service.gov.uk"

const (
	answerWithin = 20 * time.Second // for one request, from dialling to the answer's last byte
	maxAnswer    = 16 << 20         // bytes: a page of 250 e-mails
	skewAllowed  = 30 * time.Second // of a token, to either side
	skewMeasured = 2 * time.Second  // how far off a measured offset can be: Date and iat tell whole seconds

	// A request that got no answer can still arrive, but not once its token is
	// too old: that ends thirty seconds after it was signed by a right clock,
	// sixty after by the wrongest that is taken. Ten more for a request that was
	// just being dealt with.
	settled = 2*skewAllowed + 10*time.Second

	backOff = 5 * time.Second // after RateLimitError, at the least: by then a few hundred are free again
)

// Client speaks to GOV.UK Notify for one service. It is safe for use by many
// at once, keeps nothing between requests, and neither paces nor repeats them.
type Client struct {
	base string
	key  Key
	http *http.Client
	now  func() time.Time
}

// NewClient speaks to the GOV.UK Notify at base, [Production] in earnest, by
// this key and this clock. Connections are transport's; nil is one of its own.
func NewClient(base string, key Key, transport http.RoundTripper, clock func() time.Time) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("notify: the address of GOV.UK Notify is not one: it is " + Production + " in earnest")
	}
	if host := u.Hostname(); u.Scheme == "http" && host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return nil, errors.New("notify: GOV.UK Notify is reached by https: numbers and codes go there")
	}
	if key.IsZero() {
		return nil, errors.New("notify: GOV.UK Notify is used with an API key")
	}
	if transport == nil {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 50, IdleConnTimeout: 90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext}
	}
	return &Client{base: strings.TrimRight(base, "/"), key: key, now: clock, http: &http.Client{Transport: transport, Timeout: answerWithin,
		// A token goes to GOV.UK Notify and nowhere it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// do makes one request and reads the answer into one, which may be nil. Each
// error is a *Failure, or the end of ctx before anything was sent.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	begun := c.now()
	token, err := c.key.token(begun)
	if err != nil {
		return err
	}
	var written atomic.Bool
	trace := &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), method, address, content)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "wardroom")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.unanswered(err, begun, written.Load())
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil || len(text) > maxAnswer {
		return c.unanswered(err, begun, true)
	}
	if res.StatusCode/100 == 2 {
		if err := json.Unmarshal(text, answer); err != nil {
			return c.unanswered(errors.New("the answer is not JSON"), begun, true)
		}
		return nil
	}
	return c.failure(res, text, begun)
}

// unanswered is what it means that no whole answer came.
func (c *Client) unanswered(err error, begun time.Time, written bool) error {
	f := &Failure{Kind: Unsent, cause: plain(err)}
	if written {
		f.Kind, f.After = Uncertain, begun.Add(settled)
	}
	return f
}

// plain is a network error without the address, in which a reference stands.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return context.DeadlineExceeded
	}
	var wait net.Error
	if errors.As(err, &wait) && wait.Timeout() {
		return context.DeadlineExceeded
	}
	return err
}

// failure tells an error's kind by its status and type, and by nothing else.
func (c *Client) failure(res *http.Response, text []byte, begun time.Time) error {
	var said struct {
		Errors []struct {
			Error string `json:"error"`
		} `json:"errors"`
	}
	f := &Failure{Status: res.StatusCode}
	if json.Unmarshal(text, &said) == nil && len(said.Errors) > 0 {
		f.Type = typeName(said.Errors[0].Error)
	}
	now := c.now()
	switch code := res.StatusCode; {
	case code == http.StatusUnauthorized:
		f.Kind = Denied
	case code == http.StatusForbidden:
		// The type is the same for a wrong key and a wrong clock. Which it is,
		// the answer's own date tells.
		f.Kind = Denied
		if offset, ok := skew(res.Header, begun, now); ok && offset.Abs() > skewAllowed-skewMeasured {
			f.Kind, f.Offset = Skewed, offset
		}
	case code == http.StatusTooManyRequests && f.Type == "TooManyRequestsError":
		f.Kind, f.After = Exhausted, midnight(now)
	case code == http.StatusTooManyRequests:
		f.Kind, f.After = Busy, now.Add(max(backOff, retryAfter(res.Header)))
	case code == http.StatusNotFound && f.Type != "":
		f.Kind = Missing
	case code == http.StatusBadRequest && f.Type != "":
		f.Kind = Refused
	case code == http.StatusInternalServerError && f.Type != "":
		// Notify itself has done with it, so it can be asked at once.
		f.Kind, f.After = Uncertain, now
	case code >= 500:
		// Something between us and Notify, which may be working on it still.
		f.Kind, f.After = Uncertain, begun.Add(settled)
	default:
		f.Kind = Strange
	}
	return f
}

// typeName is a type of error if it has the form of one: it is shown.
func typeName(said string) string {
	if len(said) > 60 || strings.Trim(said, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return said
}

// skew is how far this clock is ahead of the one that wrote the answer's date:
// the middle of the request is taken for the moment of it.
func skew(h http.Header, begun, now time.Time) (offset time.Duration, ok bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	return begun.Add(now.Sub(begun) / 2).Sub(date.Add(500 * time.Millisecond)).Round(time.Second), true
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Minute)
}

// midnight is when the day's limits begin anew: the next midnight UTC.
func midnight(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
}
