package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// The lives of a session.
const (
	Idle     = 30 * time.Minute // without activity it locks; signing in again as the same person goes on
	Shift    = 13 * time.Hour   // then it ends, used or not
	seenStep = 30 * time.Second // activity is written down at most this often
	keepFor  = 30 * 24 * time.Hour
)

// Session is one sign-in on one device. It holds personal data and prints as
// its public id only.
type Session struct {
	ID            string // public; grants nothing
	Issuer        string // the issuer's key
	Subject       string
	Name          string // as the issuer names them; the record's name, if they are registered, is the Actor's
	Email         string
	EmailVerified bool
	Organisation  string // the issuer's organisation claim; empty if it makes none
	ACR           string
	AuthTime      time.Time // zero if the issuer did not say
	StepUp        time.Time // zero for never
	Device        string    // "Firefox on Windows"
	Started       time.Time
	LastSeen      time.Time // up to 30 seconds behind
	LocksAt       time.Time
	EndsAt        time.Time
	Now           time.Time // the clock this was judged by

	Way incident.SignInWay // how it was begun

	ended bool
	why   string
}

// String is the public id.
func (s Session) String() string { return "session " + s.ID }

// Format keeps every verb to String.
func (s Session) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue is the public id.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.ID) }

// particulars is what a session row seals.
type particulars struct {
	Subject       string `json:"subject"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"emailVerified"`
	Organisation  string `json:"organisation"`
}

const sealPurpose = "session"

func (i *Identity) seal(id string, p particulars) ([]byte, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return i.o.Vault.Seal(sealPurpose, plain, []byte(id))
}

// columns are what scan reads; the last is the clock, whose parameter is $1.
const columns = `s.id, s.issuer, s.sealed, s.acr, s.auth_time, s.step_up, s.device, s.started, s.last_seen, s.expires,
	s.way, s.ended IS NOT NULL, coalesce(s.why, ''), coalesce($1::timestamptz, clock_timestamp())`

func (i *Identity) scan(row pgx.CollectableRow) (s Session, err error) { return i.scanWith(row) }

func (i *Identity) scanWith(row interface{ Scan(...any) error }, more ...any) (s Session, err error) {
	var sealed []byte
	var auth, stepUp *time.Time
	err = row.Scan(append([]any{&s.ID, &s.Issuer, &sealed, &s.ACR, &auth, &stepUp, &s.Device, &s.Started, &s.LastSeen, &s.EndsAt, &s.Way, &s.ended, &s.why, &s.Now}, more...)...)
	if err != nil {
		return s, err
	}
	if auth != nil {
		s.AuthTime = *auth
	}
	if stepUp != nil {
		s.StepUp = *stepUp
	}
	s.LocksAt = s.LastSeen.Add(Idle)
	plain, err := i.o.Vault.Open(sealPurpose, sealed, []byte(s.ID))
	if err != nil {
		return s, fmt.Errorf("session %s: %w", s.ID, err)
	}
	var p particulars
	if err := json.Unmarshal(plain, &p); err != nil {
		return s, errors.New("a session's particulars cannot be read")
	}
	s.Subject, s.Name, s.Email, s.EmailVerified, s.Organisation = p.Subject, p.Name, p.Email, p.EmailVerified, p.Organisation
	return s, nil
}

// standing says why the session may not be used, or nil.
func (s Session) standing() error {
	switch {
	case s.ended && s.why == "suspended":
		return signedOut("Your access has been suspended.")
	case s.ended && s.why == "frozen":
		return signedOut(frozenOut)
	case s.ended:
		return signedOut("You are signed out. Sign in to go on.")
	case !s.Now.Before(s.EndsAt) && s.Way != incident.ByIssuer:
		return signedOut("Your session ended after 60 minutes: no sign-in service vouched for it. Sign in to go on.")
	case !s.Now.Before(s.EndsAt):
		return signedOut("Your session ended after 13 hours. Sign in to go on.")
	case !s.Now.Before(s.LocksAt):
		return signedOut("Your session is locked after 30 minutes without activity. Sign in again to go on where you were.")
	}
	return nil
}

const touch = `UPDATE session SET last_seen = coalesce($1::timestamptz, clock_timestamp())
	WHERE %s = ANY ($2) AND ended IS NULL AND expires > coalesce($1::timestamptz, clock_timestamp())
	AND last_seen <= coalesce($1::timestamptz, clock_timestamp()) - interval '30 seconds'
	AND last_seen > coalesce($1::timestamptz, clock_timestamp()) - interval '30 minutes'`

var (
	touchTokens = fmt.Sprintf(touch, "token") // of many requests at once
	touchIDs    = fmt.Sprintf(touch, "id")
)

// Actor finds who makes this request, and counts it as activity. Whoever has
// no live session gets a SignedOut refusal. Someone who signed in and is not
// registered is an Actor without Person.
func (i *Identity) Actor(r *http.Request) (incident.Actor, Session, error) {
	a, s, _, err := i.Enter(r.Context(), CookieOf(r), true, "")
	return a, s, err
}

// Glance is Actor for requests that are no activity: asking how long the
// session still lasts does not prolong it.
func (i *Identity) Glance(r *http.Request) (incident.Actor, Session, error) {
	a, s, _, err := i.Enter(r.Context(), CookieOf(r), false, "")
	return a, s, err
}

// Enter is Actor, or Glance if the request is no activity, for whoever needs to
// know in the same round trip how far a log has come: it returns the sizes of
// the system log and of log, as they stood after Enter was called. An empty log
// is none.
func (i *Identity) Enter(ctx context.Context, c Cookie, active bool, log incident.LogID) (incident.Actor, Session, incident.Sizes, error) {
	if c == "" {
		return incident.Actor{}, Session{}, nil, signedOut("You are signed out. Sign in to go on.")
	}
	s, found, sizes, err := i.asking(ctx, false, c, log)
	if err == nil && found && active && s.standing() == nil && s.Now.Sub(s.LastSeen) >= seenStep {
		s, found, sizes, err = i.asking(ctx, true, c, log) // now and then only, since it writes
	}
	a, s, err := i.judge(ctx, sizes)(s, found, err)
	return a, s, sizes, err
}

// Touch counts something done through a socket as activity.
func (i *Identity) Touch(ctx context.Context, sessionID string) error {
	err := i.do(ctx, func(b *pgx.Batch) { b.Queue(touchIDs, i.clock(), []string{sessionID}) })
	if err != nil {
		return fmt.Errorf("identity: touch session: %w", err)
	}
	return nil
}

// judge turns a row into an Actor by the system log as it stands now, or stood
// when the sizes were asked for.
func (i *Identity) judge(ctx context.Context, sizes incident.Sizes) func(Session, bool, error) (incident.Actor, Session, error) {
	return func(s Session, found bool, err error) (incident.Actor, Session, error) {
		if err != nil {
			return incident.Actor{}, Session{}, err
		}
		if !found {
			return incident.Actor{}, Session{}, signedOut("You are signed out. Sign in to go on.")
		}
		if err := s.standing(); err != nil {
			return incident.Actor{}, Session{}, err
		}
		sys, err := i.o.Record.SystemAt(ctx, sizes)
		if err != nil {
			return incident.Actor{}, Session{}, fmt.Errorf("identity: system log: %w", err)
		}
		if _, known := inUse(sys, s.Issuer); !known {
			return incident.Actor{}, Session{}, signedOut("This way of signing in is no longer in use.")
		}
		a := incident.Actor{Name: s.Name, Session: s.ID, StepUp: s.StepUp, Way: s.Way}
		if p, ok := sys.BySubject(s.Issuer, s.Subject); ok {
			if p.Suspended {
				return incident.Actor{}, Session{}, signedOut("Your access has been suspended.")
			}
			if sys.FrozenOut(p.ID) {
				return incident.Actor{}, Session{}, signedOut(frozenOut)
			}
			a.Person, a.Name, a.Orgs, a.Admin = p.ID, p.Name, slices.Clone(p.Orgs), p.Admin && s.Way != incident.ByCodes
		}
		return a, s, nil
	}
}

// Sessions lists the live and locked sessions of whoever this session belongs
// to, newest first.
func (i *Identity) Sessions(ctx context.Context, s Session) ([]Session, error) {
	return i.list(ctx, `SELECT `+columns+` FROM session s WHERE s.subject = $2 AND s.ended IS NULL
		AND s.expires > coalesce($1::timestamptz, clock_timestamp()) ORDER BY s.started DESC, s.id`,
		i.clock(), i.subjectMAC(s.Issuer, s.Subject))
}

// AllSessions lists everybody's, for administrators.
func (i *Identity) AllSessions(ctx context.Context) ([]Session, error) {
	return i.list(ctx, `SELECT `+columns+` FROM session s WHERE s.ended IS NULL
		AND s.expires > coalesce($1::timestamptz, clock_timestamp()) ORDER BY s.started DESC, s.id`, i.clock())
}

func (i *Identity) list(ctx context.Context, query string, args ...any) (all []Session, err error) {
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
			all, err = pgx.CollectRows(rows, i.scan)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("identity: list sessions: %w", err)
	}
	return all, nil
}

const end = `UPDATE session SET ended = coalesce($1::timestamptz, clock_timestamp()), why = $2 WHERE ended IS NULL AND `

// SignOut ends this session and takes the cookie back.
func (i *Identity) SignOut(w http.ResponseWriter, r *http.Request, s Session) error {
	ids, err := i.endThose(r.Context(), end+`id = $3`, "signed_out", s.ID)
	if err != nil {
		return err
	}
	clearCookie(w, SessionCookie)
	i.announce(ids)
	return nil
}

// End ends a session of the same person as s. One that is not theirs, is not
// live or is none is Missing.
func (i *Identity) End(ctx context.Context, s Session, id string) error {
	if !incident.LogID(id).Valid() {
		return incident.Missing()
	}
	return i.endOne(i.endThose(ctx, end+`id = $3 AND subject = $4`, "ended", id, i.subjectMAC(s.Issuer, s.Subject)))
}

// EndAny ends anyone's session, for an administrator.
func (i *Identity) EndAny(ctx context.Context, id string) error {
	if !incident.LogID(id).Valid() {
		return incident.Missing()
	}
	return i.endOne(i.endThose(ctx, end+`id = $3`, "administrator", id))
}

// EndPerson ends all sessions of a person who was suspended. The suspension
// stands in the log before, and the log alone already refuses them.
func (i *Identity) EndPerson(ctx context.Context, p incident.Person) error {
	ids, err := i.endThose(ctx, end+`subject = $3`, "suspended", i.subjectMAC(p.Issuer, p.Subject))
	if err == nil {
		i.announce(ids)
	}
	return err
}

// EndStarted ends all sessions that began before t. It is for a database that
// was put back to an earlier state: sessions that were ended since are live
// there again.
func (i *Identity) EndStarted(ctx context.Context, t time.Time) error {
	ids, err := i.endThose(ctx, end+`started < $3`, "administrator", t)
	i.announce(ids)
	return err
}

func (i *Identity) endOne(ids []string, err error) error {
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return incident.Missing()
	}
	i.announce(ids)
	return nil
}

func (i *Identity) endThose(ctx context.Context, update, why string, args ...any) (ids []string, err error) {
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(update+` RETURNING id`, append([]any{i.clock(), why}, args...)...).Query(func(rows pgx.Rows) (err error) {
			ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("identity: end session: %w", err)
	}
	return ids, nil
}

// announce says what is committed. A crash before it delays the cut by a node's
// next look, no more: see Run.
func (i *Identity) announce(ids []string) {
	if len(ids) > 0 {
		i.o.OnEnded(ids)
	}
}

// Ended returns the sessions that ended, expired or locked at or after since,
// whichever node or clock did it, and the time of asking. A session that was
// locked and is in use again by then is not among them.
func (i *Identity) Ended(ctx context.Context, since time.Time) (ids []string, now time.Time, err error) {
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT coalesce($1::timestamptz, clock_timestamp())`, i.clock()).QueryRow(func(row pgx.Row) error { return row.Scan(&now) })
		b.Queue(`WITH t(now) AS (SELECT coalesce($1::timestamptz, clock_timestamp()))
			SELECT id FROM session WHERE ended >= $2
			UNION SELECT id FROM session, t WHERE expires >= $2 AND expires <= t.now
			UNION SELECT id FROM session, t WHERE ended IS NULL
				AND last_seen >= $2 - interval '30 minutes' AND last_seen <= t.now - interval '30 minutes'`, i.clock(), since).
			Query(func(rows pgx.Rows) (err error) {
				ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
				return err
			})
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("identity: ended sessions: %w", err)
	}
	return ids, now, nil
}

// sweep deletes sessions that ended a month ago, and void tickets and links.
func (i *Identity) sweep(ctx context.Context) error {
	return i.do(ctx, func(b *pgx.Batch) {
		old := i.now().Add(-keepFor)
		b.Queue(`DELETE FROM session WHERE expires < $1`, old)
		b.Queue(`DELETE FROM passkey_answer WHERE expires < $1`, i.now().Add(-time.Minute))
		b.Queue(`DELETE FROM code_request WHERE expires < $1`, i.now().Add(-24*time.Hour))
		b.Queue(`DELETE FROM setup_link WHERE expires < $1`, old)
		b.Queue(`DELETE FROM service_token WHERE expires < $1`, old)
		b.Queue(`DELETE FROM stream_ticket WHERE expires < $1`, i.now().Add(-time.Minute))
	})
}

// LastActive returns when the person was last active in a session that lives;
// the zero time if they have none.
func (i *Identity) LastActive(ctx context.Context, issuer, subject string) (at time.Time, err error) {
	err = i.tx(ctx, func(tx pgx.Tx) error {
		var last *time.Time
		err := tx.QueryRow(ctx, `SELECT max(last_seen) FROM session WHERE subject = $2 AND ended IS NULL AND expires > coalesce($1::timestamptz, clock_timestamp())`,
			i.clock(), i.subjectMAC(issuer, subject)).Scan(&last)
		if last != nil {
			at = *last
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("identity: last active: %w", err)
	}
	return at, nil
}
