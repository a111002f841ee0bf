package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/incident"
	"wardroom/server/nextflight"
	"wardroom/server/vault"
)

// Client is what an issuer knows this deployment by.
type Client struct {
	ID     string
	Secret string
}

// Record is the system log, where people and issuers stand.
type Record interface {
	// System is its fold at its head.
	System(context.Context) (*incident.System, error)
	// SystemAt is its fold as it stood when the sizes were asked for, or later.
	SystemAt(context.Context, incident.Sizes) (*incident.System, error)
	// QueueSizes queues the question for the sizes of the system log and of
	// these logs behind what is in the batch.
	QueueSizes(b *pgx.Batch, logs []incident.LogID, into incident.Sizes)
}

// Options is what an Identity stands on.
type Options struct {
	Pool    *pgxpool.Pool // connects as wardroom_writer
	Vault   *vault.Vault
	Record  Record
	Clients map[string]Client // by issuer key

	// PublicURLs are the origins browsers reach this server by, such as
	// https://wardroom.example. A request for any other host cannot sign in.
	PublicURLs []string

	// Now replaces the clocks, the database's included: tests only. Nil
	// elsewhere, so that every node goes by the database's clock.
	Now func() time.Time

	Log *slog.Logger

	// OnEnded is told of sessions that ended, expired or locked, after that is
	// committed, so that their sockets are cut. It may hear of one more than
	// once. It must not block.
	OnEnded func(sessionIDs []string)
}

// Identity keeps sessions, and signs people in. It is safe for concurrent use.
type Identity struct {
	o       Options
	asks    *nextflight.Group[struct{}, asked]
	issues  *nextflight.Group[struct{}, issuing]
	redeems *nextflight.Group[struct{}, redeeming]
	issuers *issuers
	origins map[string]string             // host, as a browser sends it → origin
	parties map[string]*webauthn.WebAuthn // by origin: whom a passkey is for
	looked  incident.Seq                  // Run's alone: the head of the record when those who are shut out were last looked for
}

// New checks the options. It asks no issuer anything: the server starts
// whether they answer or not.
func New(o Options) (*Identity, error) {
	if o.Pool == nil || o.Vault == nil || o.Record == nil || o.Log == nil || o.OnEnded == nil {
		return nil, errors.New("identity: an option is missing")
	}
	origins := map[string]string{}
	for _, s := range o.PublicURLs {
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("identity: %q is not the origin of a website (https://host)", s)
		}
		origins[strings.ToLower(u.Host)] = u.Scheme + "://" + u.Host
	}
	if len(origins) == 0 {
		return nil, errors.New("identity: no public address is given")
	}
	i := &Identity{o: o, issuers: newIssuers(o.Clients, o.Log), origins: origins}
	var err error
	if i.parties, err = parties(origins); err != nil {
		return nil, err
	}
	i.asks = nextflight.New(i.ask, nil)
	i.issues, i.redeems = nextflight.New(i.issue, nil).Pausing(ticketPause), nextflight.New(i.redeem, nil).Pausing(ticketPause)
	return i, nil
}

// origin is the public address the browser came by; ok is false for a host
// that is not ours.
func (i *Identity) origin(r *http.Request) (origin string, ok bool) {
	origin, ok = i.origins[strings.ToLower(r.Host)]
	return
}

// now is the clock for what is judged outside the database: ID tokens and the
// sign-in's own ten minutes.
func (i *Identity) now() time.Time {
	if i.o.Now != nil {
		return i.o.Now()
	}
	return time.Now()
}

// clock is the time parameter of a statement: null, for the database's own
// clock, except in tests.
func (i *Identity) clock() *time.Time {
	if i.o.Now == nil {
		return nil
	}
	t := i.o.Now()
	return &t
}

const (
	watchEvery   = 250 * time.Millisecond
	watchOverlap = 10 * time.Second // an end is stamped before it is committed; this is longer than any such transaction
	sweepEvery   = 10 * time.Minute
)

// Run does what must happen without being asked, until ctx is done: hears of
// sessions that ended on other nodes or by the clock, tries unanswering issuers
// again, and deletes what is of no more use. Every node runs one.
func (i *Identity) Run(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	defer i.issuers.close()
	var (
		since  time.Time
		told   = map[string]time.Time{} // what OnEnded heard within the overlap
		swept  time.Time
		failed bool
	)
	for {
		ids, now, err := i.Ended(ctx, since)
		switch {
		case err == nil:
			if !since.IsZero() { // no socket is older than this process
				i.tell(ids, told, now)
			}
			failed, since = false, now.Add(-watchOverlap)
		case ctx.Err() == nil && !failed: // said once per outage; the next success catches up from the old since
			failed = true
			i.o.Log.Error("identity: cannot ask which sessions ended", "error", err)
		}
		if sys, err := i.o.Record.System(ctx); err == nil {
			i.issuers.retry(sys)
			i.shutOut(ctx, sys)
		}
		if time.Since(swept) > sweepEvery {
			swept = time.Now()
			if err := i.sweep(ctx); err != nil && ctx.Err() == nil {
				i.o.Log.Error("identity: cannot delete old rows", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (i *Identity) tell(ids []string, told map[string]time.Time, now time.Time) {
	var fresh []string
	for _, id := range ids {
		if _, heard := told[id]; !heard {
			fresh = append(fresh, id)
		}
		told[id] = now
	}
	for id, at := range told {
		if now.Sub(at) > watchOverlap {
			delete(told, id)
		}
	}
	if len(fresh) > 0 {
		i.o.OnEnded(fresh)
	}
}

func signedOut(sentence string) error { return incident.Refuse(incident.SignedOut, "%s", sentence) }
