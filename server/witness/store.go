package witness

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
)

// The store's buckets. Numbers are 8 bytes, big end first, so that keys stand
// in their order.
//
//	witness            format, system, verifiers
//	logs/<origin>      held, firm, admitted
//	     leaf          seq → evidence.LeafSize bytes
//	     hash          index of tlog's storage → 32 bytes
//	     sealed        size → note with this witness's cosignature
//	evidence           number → finding (JSON)
//	kept               SHA-256 of a finding → its number
//	ledger/<origin>    number → note
var (
	bWitness  = []byte("witness")
	bLogs     = []byte("logs")
	bLeaf     = []byte("leaf")
	bHash     = []byte("hash")
	bSealed   = []byte("sealed")
	bEvidence = []byte("evidence")
	bKept     = []byte("kept")
	bLedger   = []byte("ledger")

	kFormat    = []byte("format")
	kSystem    = []byte("system")
	kVerifiers = []byte("verifiers")
	kHeld      = []byte("held")
	kFirm      = []byte("firm")
	kAdmitted  = []byte("admitted")
	kUnproved  = []byte("unproved") // how many findings are kept that prove nothing by themselves
)

const format = "wardroom/witness/1"

// store is the whole of it within one transaction.
type store struct{ tx *bbolt.Tx }

// setUp makes the buckets, or refuses a store of another form or deployment.
func (s store) setUp(system string) error {
	for _, name := range [][]byte{bWitness, bLogs, bEvidence, bKept, bLedger} {
		if _, err := s.tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	own := s.tx.Bucket(bWitness)
	for _, must := range []struct {
		key   []byte
		value string
		wrong string
	}{
		{kFormat, format, "the store is of another version of this program (%s)"},
		{kSystem, system, "the store is another deployment's, whose system log is %s: give this witness a folder of its own"},
	} {
		switch had := own.Get(must.key); {
		case had == nil:
			if err := own.Put(must.key, []byte(must.value)); err != nil {
				return err
			}
		case string(had) != must.value:
			return fmt.Errorf("witness: "+must.wrong, had)
		}
	}
	return nil
}

// admission says why a log is witnessed.
type admission struct {
	Entry uint64 `json:"entry"` // of the system log; 0 for the system log itself
}

// log is one log within one transaction. Its leaves are firm as far as a
// checkpoint the operator signed vouches for them; those after that, up to
// held, came from whoever could reach the witness.
type log struct {
	origin string
	b      *bbolt.Bucket
	held   uint64
	firm   uint64
}

func (s store) log(origin string) (*log, error) {
	var b *bbolt.Bucket
	if origin != "" {
		b = s.tx.Bucket(bLogs).Bucket([]byte(origin))
	}
	if b == nil {
		return nil, refuse(http.StatusNotFound, "This witness has not admitted that log.")
	}
	return &log{origin: origin, b: b, held: number(b.Get(kHeld)), firm: number(b.Get(kFirm))}, nil
}

// admit lets a log in, and says whether it was new.
func (s store) admit(origin string, a admission) (bool, error) {
	logs := s.tx.Bucket(bLogs)
	if b := logs.Bucket([]byte(origin)); b != nil {
		var had admission
		if err := json.Unmarshal(b.Get(kAdmitted), &had); err != nil {
			return false, err
		}
		if had != a {
			return false, refuse(http.StatusConflict, "That log was admitted already, by entry %d of the system log.", had.Entry)
		}
		return false, nil
	}
	b, err := logs.CreateBucket([]byte(origin))
	if err != nil {
		return false, err
	}
	for _, name := range [][]byte{bLeaf, bHash, bSealed} {
		if _, err := b.CreateBucket(name); err != nil {
			return false, err
		}
	}
	why, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	return true, b.Put(kAdmitted, why)
}

// add takes in the next leaf. Its form, its number and its log have been checked.
func (l *log) add(leaf []byte) error {
	if err := l.sub(bLeaf).Put(key(l.held), leaf); err != nil {
		return err
	}
	hashes := l.sub(bHash)
	done, err := tlog.StoredHashesForRecordHash(int64(l.held), evidence.LeafHash(leaf), l.reader())
	if err != nil {
		return err
	}
	at := uint64(tlog.StoredHashIndex(0, int64(l.held)))
	for i, h := range done {
		if err := hashes.Put(key(at+uint64(i)), h[:]); err != nil {
			return err
		}
	}
	l.held++
	return nil
}

// reader reads the hashes in the order that tlog numbers them.
func (l *log) reader() tlog.HashReaderFunc {
	b := l.sub(bHash)
	return func(indexes []int64) ([]tlog.Hash, error) {
		all := make([]tlog.Hash, len(indexes))
		for i, at := range indexes {
			h := b.Get(key(uint64(at)))
			if copy(all[i][:], h) != len(all[i]) {
				return nil, fmt.Errorf("witness: hash %d of %s is not in the store", at, l.origin)
			}
		}
		return all, nil
	}
}

// root is that of the first size leaves, which must be held.
func (l *log) root(size uint64) ([32]byte, error) {
	return tlog.TreeHash(int64(size), l.reader())
}

// save stores how far the leaves go.
func (l *log) save() error {
	if err := l.b.Put(kHeld, key(l.held)); err != nil {
		return err
	}
	return l.b.Put(kFirm, key(l.firm))
}

// dropLoose forgets the leaves that no checkpoint vouches for.
func (l *log) dropLoose() error {
	for _, from := range []struct {
		bucket []byte
		at     uint64
	}{{bLeaf, l.firm}, {bHash, uint64(tlog.StoredHashIndex(0, int64(l.firm)))}} {
		b := l.sub(from.bucket)
		var keys [][]byte
		c := b.Cursor()
		for k, _ := c.Seek(key(from.at)); k != nil; k, _ = c.Next() {
			keys = append(keys, bytes.Clone(k))
		}
		for _, k := range keys {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
	}
	l.held = l.firm
	return l.save()
}

// cosigned returns the newest checkpoint with a cosignature: its size and its
// note; 0 if there is none.
func (l *log) cosigned() (uint64, []byte) {
	k, v := l.sub(bSealed).Cursor().Last()
	return number(k), v
}

func (l *log) sub(name []byte) *bbolt.Bucket {
	b := l.b.Bucket(name)
	b.FillPercent = 0.95 // keys come in ascending order
	return b
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// sealedAny reports whether this witness has cosigned anything.
func (s store) sealedAny() bool {
	logs := s.tx.Bucket(bLogs)
	if logs == nil {
		return false
	}
	c := logs.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if n, _ := logs.Bucket(k).Bucket(bSealed).Cursor().First(); n != nil {
			return true
		}
	}
	return false
}
