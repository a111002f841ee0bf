package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Service tokens read wardroom_<id>_<secret>: secret scanners find them, and
// the id says which to revoke when one turns up somewhere.
const tokenPrefix = "wardroom_"

// IssueToken makes the secret of a service token that the system log knows by
// this id (incident.RandomID), and returns the token: the only time it is ever seen. The entry in
// the log comes first; a crash between the two leaves an entry whose token
// nobody has.
func (i *Identity) IssueToken(ctx context.Context, id string, expires time.Time) (string, error) {
	if !incident.LogID(id).Valid() {
		return "", errors.New("identity: a token's id is not one that incident.RandomID makes")
	}
	secret, hash := newSecret()
	err := i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO service_token (id, hash, expires) VALUES ($1, $2, $3)`, id, hash, expires)
	})
	if err != nil {
		return "", fmt.Errorf("identity: issue token: %w", err)
	}
	return tokenPrefix + id + "_" + secret, nil
}

// Bearer finds which service makes this request. It is refused unless the
// system log has the token, unrevoked and in time. The caller holds the
// request to the token's scopes. A service has no person and no session.
func (i *Identity) Bearer(r *http.Request) (incident.Actor, incident.Token, error) {
	refused := signedOut("This token is not good.")
	id, hash, ok := bearer(r)
	if !ok {
		return incident.Actor{}, incident.Token{}, refused
	}
	var found bool
	var now time.Time
	err := i.do(r.Context(), func(b *pgx.Batch) {
		b.Queue(`SELECT t.now, EXISTS (SELECT FROM service_token WHERE id = $2 AND hash = $3 AND expires > t.now)
			FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)`, i.clock(), id, hash).
			QueryRow(func(row pgx.Row) error { return row.Scan(&now, &found) })
	})
	if err != nil {
		return incident.Actor{}, incident.Token{}, fmt.Errorf("identity: token: %w", err)
	}
	sys, err := i.o.Record.System(r.Context())
	if err != nil {
		return incident.Actor{}, incident.Token{}, fmt.Errorf("identity: system log: %w", err)
	}
	t, recorded := sys.Tokens[id]
	if !found || !recorded || t.Revoked || !now.Before(t.Expires.Time) {
		return incident.Actor{}, incident.Token{}, refused
	}
	return incident.Actor{Name: t.Name}, t, nil
}

func bearer(r *http.Request) (id string, hash []byte, ok bool) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return "", nil, false
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil, false
	}
	return split(token)
}

func split(token string) (id string, hash []byte, ok bool) {
	rest, ours := strings.CutPrefix(token, tokenPrefix)
	id, secret, split := strings.Cut(rest, "_")
	if !ours || !split || !incident.LogID(id).Valid() {
		return "", nil, false
	}
	hash, ok = hashSecret(secret)
	return id, hash, ok
}

// IssueFeed makes the secret of a service token that a room's log knows by
// this id, and returns the token: the only time it is ever seen. It ends with
// the room's id, so that a client need not be told twice where it may read;
// which room that is decides nothing.
func (i *Identity) IssueFeed(ctx context.Context, room incident.LogID, id string, expires time.Time) (string, error) {
	token, err := i.IssueToken(ctx, id, expires)
	return token + "." + string(room), err
}

// Feed finds which feed makes this request, and of which room it says it is.
// The caller asks that room's log whether it knows the feed, and has not ended
// it. Besides Bearer it takes the token as the password of HTTP Basic, by any
// name: TAXII clients are sure to speak that.
func (i *Identity) Feed(r *http.Request) (id string, room incident.LogID, now time.Time, err error) {
	refused := signedOut("This token is not good.")
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return "", "", now, refused
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if _, password, basic := r.BasicAuth(); basic {
		token = password
	} else if !strings.EqualFold(scheme, "Bearer") {
		return "", "", now, refused
	}
	token, of, _ := strings.Cut(token, ".")
	id, hash, ok := split(token)
	if room = incident.LogID(of); !ok || !room.Valid() {
		return "", "", now, refused
	}
	var found bool
	err = i.do(r.Context(), func(b *pgx.Batch) {
		b.Queue(`SELECT t.now, EXISTS (SELECT FROM service_token WHERE id = $2 AND hash = $3 AND expires > t.now)
			FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)`, i.clock(), id, hash).
			QueryRow(func(row pgx.Row) error { return row.Scan(&now, &found) })
		b.Queue(`UPDATE service_token SET used = t.now FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)
			WHERE id = $2 AND hash = $3 AND (used IS NULL OR used < t.now - interval '1 minute')`, i.clock(), id, hash)
	})
	if err != nil {
		return "", "", now, fmt.Errorf("identity: token: %w", err)
	}
	if !found {
		return "", "", now, refused
	}
	return id, room, now, nil
}

// Used tells when machines last asked with these tokens, to the minute; of one
// that nobody has asked with, nothing.
func (i *Identity) Used(ctx context.Context, ids []string) (used map[string]time.Time, err error) {
	used = map[string]time.Time{}
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT id, used FROM service_token WHERE id = ANY ($1) AND used IS NOT NULL`, ids).Query(func(rows pgx.Rows) error {
			var id string
			var at time.Time
			_, err := pgx.ForEachRow(rows, []any{&id, &at}, func() error {
				used[id] = at
				return nil
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("identity: feeds: %w", err)
	}
	return used, nil
}
