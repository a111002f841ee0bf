package incident

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// LogID names a log: 128 random bits in lower-case base32, 26 characters.
// Random, not a ULID: a ULID tells when it was made and its neighbours can be
// guessed. A room's id is the id of its room log.
type LogID string

// PersonID names a person in this deployment: 128 random bits in base32.
type PersonID string

// OrgID names an organisation: its ODS code where it has one (R1H), otherwise
// the short code its administrator gave it (NCSC). Codes are never re-used
// and never changed: a body that merges closes and names its successor.
type OrgID string

// Seq is an entry's number in its log. 0 is the genesis; people see 1, 2, 3 …
// Numbers are gapless, like the pages of a bound log book.
type Seq uint64

// MemberNo is a member's number in a room (M-7). 0 means the system itself.
type MemberNo uint32

// Key is an idempotency key: a ULID made by the client, which belongs to one
// (log, actor) for as long as the log lives.
type Key string

var (
	idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)
	idPattern  = regexp.MustCompile(`^[a-z2-7]{26}$`)
	orgPattern = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{1,11}$`)
)

// RandomID returns 128 bits from the system's generator in lower-case base32.
func RandomID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	return strings.ToLower(idEncoding.EncodeToString(b[:]))
}

// IDFrom is the id of RandomID's form that a hash or MAC of 256 bits stands for,
// and as hard to guess: what is made twice of the same is one thing.
func IDFrom(sum [32]byte) string { return strings.ToLower(idEncoding.EncodeToString(sum[:16])) }

// Valid reports whether the id has the form RandomID makes.
func (id LogID) Valid() bool { return idPattern.MatchString(string(id)) }

// Valid reports whether the id has the form RandomID makes.
func (id PersonID) Valid() bool { return idPattern.MatchString(string(id)) }

// Valid reports whether the code is 2 to 12 capitals, digits or hyphens.
func (id OrgID) Valid() bool { return orgPattern.MatchString(string(id)) }

// NewKey returns a fresh idempotency key for a command the server itself
// starts.
func NewKey(now time.Time) Key { return Key(ulid.MustNew(ulid.Timestamp(now), rand.Reader).String()) }

// KeyFrom is the key that a SHA-256 hash stands for: whoever does again what a
// crash cut off sends the same command. It is no secret; a key belongs to its
// actor.
func KeyFrom(hash [32]byte) Key {
	var id ulid.ULID
	copy(id[:], hash[:])
	id[0] &= 0x7f // a ULID's time fits 48 bits; its text form begins 0–7
	return Key(id.String())
}

// Valid reports whether the key is a ULID.
func (k Key) Valid() bool {
	_, err := ulid.ParseStrict(string(k))
	return err == nil
}

// DerivedID makes an id from a name, the same each time. It is for exercises,
// whose rooms and people anybody may know of; everything else is random.
func DerivedID(name string) LogID {
	return LogID(IDFrom(sha256.Sum256([]byte("wardroom exercise\n" + name))))
}
