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
	rest, ours := strings.CutPrefix(token, tokenPrefix)
	id, secret, split := strings.Cut(rest, "_")
	if !strings.EqualFold(scheme, "Bearer") || !ours || !split || !incident.LogID(id).Valid() {
		return "", nil, false
	}
	hash, ok = hashSecret(secret)
	return id, hash, ok
}
