package scrub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
)

// signer is what the notary's own row says of the log.
type signer struct {
	there                  bool
	size, signed, cosigned uint64
	key                    int
	frontier               []byte
	read                   []byte // the same of the leaves as they are stored; nil: there are fewer
	newest                 uint64 // size of the newest note that the witness signed too
}

// guard is what the fork guard wrote into the log's row.
type guard struct {
	found string
	at    *time.Time
	size  *int64
	root  []byte
}

// at names a tile; a level holds what is not a full tile yet of one.
type at struct {
	level int
	n     int64
}

type level struct {
	n      int64
	hashes []byte
}

// tileBytes is the length of a full tile: 256 hashes.
const tileBytes = 256 * sha256.Size

// cosignatures reads the notes that bear the witness's signatures too: each is
// the note of that size as it was signed, and further lines.
func (c *reading) cosignatures(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT size, note, at FROM cosignature WHERE log = $1 ORDER BY size`, string(c.log))
	if err != nil {
		return err
	}
	var size int64
	var note string
	var when time.Time
	_, err = pgx.ForEachRow(rows, []any{&size, &note, &when}, func() error {
		c.signer.newest = uint64(max(size, 0))
		if !c.begins(uint64(size), note) {
			c.fault(size, "what the witness signed of this many entries is not the checkpoint that is stored")
			return nil
		}
		if c.o.Policy == nil || len(c.o.Policy.Witnesses) == 0 {
			return nil
		}
		s, err := c.o.Policy.Open([]byte(note), c.origin)
		switch {
		case err != nil:
			c.fault(size, "the cosigned checkpoint of this many entries does not have the signatures it must have")
		case !s.At.Equal(when):
			c.fault(size, "the cosigned checkpoint of this many entries is stored under another time than the witness's")
		}
		return nil
	})
	return err
}

// begins reports whether the note begins with the one that is stored of that
// size and goes on with signatures.
func (c *reading) begins(size uint64, note string) bool {
	for _, n := range c.notes {
		if n.Size == size {
			p, err := evidence.ReadCheckpoint([]byte(note))
			return strings.HasPrefix(note, n.note) && len(note) > len(n.note) && err == nil && p == n.Checkpoint
		}
	}
	return false
}

// notary reads how far the notary says it has come.
func (c *reading) notary(ctx context.Context, tx pgx.Tx) error {
	var size, signed, cosigned, differs int64
	err := tx.QueryRow(ctx, `SELECT size, key, signed, cosigned, frontier, differs FROM notary WHERE log = $1`, string(c.log)).
		Scan(&size, &c.signer.key, &signed, &cosigned, &c.signer.frontier, &differs)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if differs != 0 {
		c.fault(-1, "the notary has found that its leaves are not those that were written, and signs nothing more of it")
	}
	c.signer.there = true
	c.signer.size, c.signer.signed, c.signer.cosigned = uint64(size), uint64(signed), uint64(cosigned)
	if size == 0 { // it has read nothing yet
		c.signer.read = []byte{}
	}
	return nil
}

// sealed compares what the notary's row says with what is stored and signed.
func (c *reading) sealed() {
	newest, key := uint64(0), 0
	if n := len(c.notes); n > 0 {
		newest, key = c.notes[n-1].Size, c.notes[n-1].key
	}
	s := &c.signer
	if !s.there {
		if newest > 0 || s.newest > 0 {
			c.fault(-1, "it was signed for, and nothing says how far the notary has come")
		}
		return
	}
	switch {
	case s.read == nil:
		c.fault(-1, "the notary has read more entries than there are")
	case !bytes.Equal(s.read, s.frontier):
		c.fault(-1, "the tree over its leaves is not the one the notary read")
	}
	if s.signed != newest {
		c.fault(-1, "the newest checkpoint is not the one that the notary signed last")
	}
	if s.key != key {
		c.fault(-1, "the notary signed last with another key than the newest checkpoint's")
	}
	if s.cosigned != s.newest {
		c.fault(-1, "the newest cosigned checkpoint is not the one that the witness signed last")
	}
	if s.signed > s.size {
		c.fault(-1, "the notary has signed for more entries than it has read")
	}
}

// closed judges what the fork guard wrote. A log that it closed is never as it
// was written, or else was closed for nothing.
func (c *reading) closed() {
	g := &c.guard
	if g.found == "" {
		if g.at != nil || g.size != nil || g.root != nil {
			c.fault(-1, "what the fork guard found of it is half there")
		}
		return
	}
	bears := g.at != nil && g.size != nil && len(g.root) == 32
	if bears {
		root := c.roots[uint64(*g.size)]
		switch g.found {
		case "behind":
			bears = root == nil
		case "different":
			bears = root == nil || *root != [32]byte(g.root)
		default:
			bears = false
		}
	}
	if bears {
		c.fault(-1, "the fork guard has closed it: it is not what was signed for elsewhere")
	} else {
		c.fault(-1, "the fork guard is said to have closed it, and its entries do not show why")
	}
}

// grow adds a hash to the tiles of a level: of a leaf, or of a full tile below.
func (c *reading) grow(of int, hash [32]byte) {
	if of == len(c.levels) {
		c.levels = append(c.levels, level{})
	}
	l := &c.levels[of]
	l.hashes = append(l.hashes, hash[:]...)
	if len(l.hashes) < tileBytes {
		return
	}
	c.done(of)
	var tree evidence.Frontier // a full tile is a tree over its hashes
	for b := l.hashes; len(b) > 0; b = b[32:] {
		tree.Append([32]byte(b))
	}
	*l = level{n: l.n + 1, hashes: l.hashes[:0]}
	c.grow(of+1, tree.Root())
}

func (c *reading) done(of int) {
	sum := sha256.Sum256(c.levels[of].hashes)
	c.tiles[at{of, c.levels[of].n}] = sum[:]
}

// tree compares the stored tiles with those that the leaves make, as far as
// the notary has read them.
func (c *reading) tree(ctx context.Context, tx pgx.Tx) error {
	for of := range c.levels {
		if len(c.levels[of].hashes) > 0 {
			c.done(of)
		}
	}
	rows, err := tx.Query(ctx, `SELECT level, n, hashes FROM tile WHERE log = $1 ORDER BY level, n`, string(c.log))
	if err != nil {
		return err
	}
	var x at
	var hashes []byte
	_, err = pgx.ForEachRow(rows, []any{&x.level, &x.n, &hashes}, func() error {
		sum := sha256.Sum256(hashes)
		switch made := c.tiles[x]; {
		case made == nil:
			c.fault(-1, "a stored tile of its tree is of more entries than the notary has read")
		case !bytes.Equal(made, sum[:]):
			c.fault(-1, "tile %d of level %d of its tree is not what its leaves make", x.n, x.level)
		}
		delete(c.tiles, x)
		return nil
	})
	if len(c.tiles) > 0 {
		c.fault(-1, "%d tiles of its tree are missing", len(c.tiles))
	}
	return err
}
