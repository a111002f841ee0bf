package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Without this as its first statement a transaction finds identity's tables
// empty (schema/0002_identity.sql).
const takeScope = `SELECT set_config('app.scope', 'identity', true)`

// do runs the statements as one transaction in one round trip: a batch without
// BEGIN is an implicit transaction that ends with it, and so does the scope.
func (i *Identity) do(ctx context.Context, fill func(*pgx.Batch)) error {
	var b pgx.Batch
	b.Queue(takeScope)
	fill(&b)
	return i.o.Pool.SendBatch(ctx, &b).Close()
}

// tx runs fn in a transaction, for what has to decide between statements.
func (i *Identity) tx(ctx context.Context, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, i.o.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, takeScope); err != nil {
			return err
		}
		return fn(tx)
	})
}

const secretLength = 43 // 32 bytes in base64url

// newSecret returns 256 random bits in base64url and the hash they are stored
// as. The bits are uniform, so a plain SHA-256 cannot be turned back.
func newSecret() (secret string, hash []byte) {
	var b [32]byte
	rand.Read(b[:])
	h := sha256.Sum256(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:]), h[:]
}

// hashSecret returns the stored form of a secret that a client brought, or
// false for what newSecret cannot have made.
func hashSecret(secret string) (hash []byte, ok bool) {
	if len(secret) != secretLength {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil {
		return nil, false
	}
	h := sha256.Sum256(b)
	return h[:], true
}

// subjectMAC finds a person's sessions without storing who they are. The
// length keeps two different pairs from having the same bytes.
func (i *Identity) subjectMAC(issuer, subject string) []byte {
	m := i.o.Vault.MAC("session subject", fmt.Appendf(nil, "%d:%s%s", len(issuer), issuer, subject))
	return m[:]
}

// same compares MACs in a time that tells nothing of them.
func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
