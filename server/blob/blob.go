// Package blob keeps what is attached to entries: content in chunks, sealed
// under the log's data key, each bound to its place. It is sent chunk by chunk,
// in any order and as often as it takes; whoever lost the line asks what is
// there and goes on.
//
// Nothing is unpacked, rendered or made smaller; of the content only its hashes
// and what its first bytes look like are found out. The same content sent twice
// is stored twice, under two ids and two salts: nobody learns from size, time
// or id that somebody has sent it before.
//
// Until content is attached to an entry it is its sender's alone, and goes
// after a day. From then on who may have it is who may have the entry open: that
// is for policy to say, and the database says it a second time
// (schema/0011_blob.sql).
package blob

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/incident"
	"wardroom/server/vault"
)

// Chunk is the size of a chunk in bytes; a file's last one may be shorter.
const Chunk = 1 << 20

// Limits bound what one member may keep in one room. They are no room's: what
// others keep there changes nobody's answer, so that nobody can measure it.
type Limits struct {
	Unused      int   // files that are attached to nothing yet
	UnusedBytes int64 // of those
	Bytes       int64 // of all their files in the room
}

// DefaultLimits let somebody send a disk's triage, and not a disk.
var DefaultLimits = Limits{Unused: 20, UnusedBytes: 1_000_000_000, Bytes: 10_000_000_000}

// How long content that is attached to nothing is kept after the last chunk of
// it came.
const keptFor = 24 * time.Hour

// Options are what a Store needs.
type Options struct {
	Writer *pgxpool.Pool // connects as wardroom_writer
	Reader *pgxpool.Pool // connects as wardroom_reader: what is given to a person
	Vault  *vault.Vault
	Limits Limits       // zero means DefaultLimits
	Clamd  string       // host:port of a clamd; "" for none
	Log    *slog.Logger // never given content
}

// Store keeps attachments. It is safe for concurrent use.
type Store struct {
	o       Options
	pending chan struct{}  // a token: something waits for the scanner
	finish  chan struct{}  // bounds how much is hashed at once
	scanned chan<- Scanned // tests only

	mu   sync.Mutex
	keys map[incident.LogID]*vault.Key
}

// New returns a Store.
func New(o Options) *Store {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Store{o: o, pending: make(chan struct{}, 1), finish: make(chan struct{}, 2), keys: map[incident.LogID]*vault.Key{}}
}

// Scan is what a scanner says of content.
type Scan string

const (
	NotScanned Scan = "none"    // nobody asked one, or it could not say
	Pending    Scan = "pending" // it has been asked
	Clean      Scan = "clean"   // it found nothing
	Found      Scan = "found"   // it found something: served to nobody
)

// Upload is content on its way, as its sender sees it.
type Upload struct {
	ID       incident.BlobID
	Name     string // as it is kept
	Size     int64
	Received []int  // the chunks that are there, ascending
	Whole    bool   // all of it is there
	SHA256   string // once it is whole
	Type     string // once it is whole
	Scan     Scan
}

// found is what is known of content once it is whole.
type found struct {
	Commitment string `json:"commitment"`
	Salt       string `json:"salt"`
	SHA256     string `json:"sha256"`
	Type       string `json:"type"`
}

type named struct {
	Name string `json:"name"`
}

// adLabel makes the associated data here differ from all others under a log's
// key in length, as vault.AD wants it.
const adLabel = "WARDROOM/1/blob\n"

// What is sealed beside the chunks stands at places no chunk has.
const (
	atName  = 1<<32 - 1
	atFound = 1<<32 - 2
)

// ad binds sealed bytes to the content they are of and their place in it.
func ad(id incident.BlobID, n uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte(adLabel), id...), n)
}

// chunks is how many chunks there are of that many bytes.
func chunks(size int64) int { return int((size + Chunk - 1) / Chunk) }

// length is how long chunk n is.
func length(size int64, n int) int { return int(min(Chunk, size-int64(n)*Chunk)) }

// keysKept bounds the keys in memory; they are unwrapped again in microseconds.
const keysKept = 500

// key is the log's data key.
func (s *Store) key(ctx context.Context, log incident.LogID) (*vault.Key, error) {
	s.mu.Lock()
	key := s.keys[log]
	s.mu.Unlock()
	if key != nil {
		return key, nil
	}
	var wrapped []byte
	err := s.write(ctx, log, func(b *pgx.Batch) {
		b.Queue(`SELECT key FROM log WHERE id = $1`, string(log)).QueryRow(func(row pgx.Row) error { return row.Scan(&wrapped) })
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, incident.Missing()
	}
	if err != nil {
		return nil, err
	}
	if key, err = s.o.Vault.Unwrap(string(log), wrapped); err != nil {
		return nil, fmt.Errorf("blob: the key of a log: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) >= keysKept {
		clear(s.keys)
	}
	s.keys[log] = key
	return key, nil
}

// scope is the first statement of every transaction: see the schema.
const scope = `SELECT set_config('app.scope', $1, true), set_config('app.log', $2, true), set_config('app.person', $3, true)`

// write runs statements as one transaction of the writer's on one log.
func (s *Store) write(ctx context.Context, log incident.LogID, fill func(*pgx.Batch)) error {
	b := &pgx.Batch{}
	b.Queue(scope, "writer", string(log), "")
	fill(b)
	return s.o.Writer.SendBatch(ctx, b).Close()
}

// read runs statements as one transaction of the reader's, for one person.
func (s *Store) read(ctx context.Context, log incident.LogID, person incident.PersonID, fill func(*pgx.Batch)) error {
	b := &pgx.Batch{}
	b.Queue(scope, "reader", string(log), string(person))
	fill(b)
	return s.o.Reader.SendBatch(ctx, b).Close()
}

func sealJSON(key *vault.Key, v any, ad []byte) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return key.Seal(nil, plain, ad)
}

func openJSON(key *vault.Key, sealed, ad []byte, v any) error {
	plain, err := key.Open(sealed, ad)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}
