package bundletest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"testing"

	"wardroom/server/evidence"
)

const long = 100_000

// Verifying against hashing the same bytes once.
func BenchmarkVerify(b *testing.B) {
	var out bytes.Buffer
	p, err := Long(&out, nil, long)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("verify", func(b *testing.B) {
		b.SetBytes(int64(out.Len()))
		b.ReportAllocs()
		for b.Loop() {
			r, err := evidence.Verify(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), evidence.VerifyOptions{Policy: p})
			if err != nil || r.Verdict != evidence.VerdictValid {
				b.Fatalf("%+v, %v", r, err)
			}
		}
	})
	b.Run("sha256", func(b *testing.B) {
		b.SetBytes(int64(out.Len()))
		for b.Loop() {
			sha256.Sum256(out.Bytes())
		}
	})
}
