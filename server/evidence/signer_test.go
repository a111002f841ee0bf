package evidence

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

// What is signed here another's code finds good, and the other way round; and
// of a signature, a text or a key with one bit changed both say the same.
func TestSignaturesAreThoseOfAnother(t *testing.T) {
	const name = "wardroom.dsc.example/wardroom/1/notary"
	private, line, err := cosign.GenerateMLDSAKey(name)
	check(t, err)
	ours, err := NewTimedSigner(private)
	check(t, err)
	theirs, err := cosign.NewSignerForCosignatureV1(private)
	check(t, err)
	if ours.Name() != theirs.Name() || ours.KeyHash() != theirs.KeyHash() {
		t.Fatalf("ours is %s %08x, theirs %s %08x", ours.Name(), ours.KeyHash(), theirs.Name(), theirs.KeyHash())
	}
	checks, err := NewTimedVerifier(line)
	check(t, err)
	judges, err := cosign.NewMLDSAVerifier(line)
	check(t, err)
	rapid.Check(t, func(t *rapid.T) {
		c := Checkpoint{Origin: lineA, Size: rapid.Uint64Range(0, maxSize).Draw(t, "size"), Root: drawHash(t, "root")}
		text := []byte(c.Text())
		for who, s := range map[string]note.Signer{"ours": ours, "theirs": theirs} {
			sig, err := s.Sign(text)
			if err != nil {
				t.Fatal(err)
			}
			if !checks.Verify(text, sig) || !judges.Verify(text, sig) {
				t.Fatalf("of a signature of %s we say %t, they %t", who, checks.Verify(text, sig), judges.Verify(text, sig))
			}
			bad := slices.Clone(sig)
			bit := rapid.IntRange(0, 8*len(bad)-1).Draw(t, "bit")
			bad[bit/8] ^= 1 << (bit % 8)
			if checks.Verify(text, bad) || judges.Verify(text, bad) {
				t.Fatalf("of a changed signature of %s we say %t, they %t", who, checks.Verify(text, bad), judges.Verify(text, bad))
			}
			c.Root[0] ^= 1
			if checks.Verify([]byte(c.Text()), sig) {
				t.Fatal("it is good for another root")
			}
			c.Root[0] ^= 1
		}
	})
	again, err := ours.Sign([]byte(Checkpoint{Origin: lineA, Size: 7}.Text()))
	check(t, err)
	if other, err := ours.Sign([]byte(Checkpoint{Origin: lineA, Size: 7}.Text())); err != nil || string(other[8:]) == string(again[8:]) {
		t.Errorf("two signatures are alike: they are not hedged (%v)", err)
	}
	if _, err := ours.Sign([]byte("no checkpoint\n")); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("what is no checkpoint was signed: %v", err)
	}
}

func TestWhatIsNoPrivateKeyIsRefused(t *testing.T) {
	private, line, err := cosign.GenerateMLDSAKey("a/notary")
	check(t, err)
	_, other, err := cosign.GenerateMLDSAKey("b/notary")
	check(t, err)
	ed, _, err := note.GenerateKey(nil, "a/notary")
	check(t, err)
	parts := strings.SplitN(private, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	check(t, err)
	raw[5] ^= 1
	changed := strings.Join(append(parts[:4:4], base64.StdEncoding.EncodeToString(raw)), "+")
	for what, s := range map[string]string{
		"nothing": "", "its verifier": line, "another's verifier": other, "an Ed25519 key": ed, "another seed": changed, "another name": strings.Replace(private, "a/notary", "b/notary", 1),
		"no name": strings.Replace(private, "a/notary", "", 1), "a shorter one": private[:len(private)-4], "more than one": private + private, "no hash": strings.Join(append(parts[:3:3], "", parts[4]), "+"),
	} {
		if _, err := NewTimedSigner(s); !errors.Is(err, ErrSigner) {
			t.Errorf("%s: %v", what, err)
		} else if strings.Contains(err.Error(), parts[4]) {
			t.Errorf("%s: the error quotes the key", what)
		}
	}
	if _, err := NewTimedSigner(private); err != nil {
		t.Error(err)
	}
}
