package servertest

import (
	"context"
	"sync"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// Seals signs and cosigns checkpoints of a house's logs as the notary and a
// witness do, with keys of its own, when a test says so: by what is stored.
type Seals struct {
	t       testing.TB
	house   *House
	signers []note.Signer
	keys    *evidence.Policy

	mu    sync.Mutex
	notes map[incident.LogID][]sealed // ascending
}

type sealed struct {
	size uint64
	note string
}

// NewSeals makes keys for the house's deployment and for a witness.
func NewSeals(t testing.TB, h *House) *Seals {
	t.Helper()
	s := &Seals{t: t, house: h, notes: map[incident.LogID][]sealed{}}
	var lines [4]string
	for i, name := range []string{h.Deployment + "/wardroom/1/notary", "witness.test/wardroom/1/witness"} {
		ed, edV, err := note.GenerateKey(nil, name)
		s.must(err)
		pq, pqV, err := cosign.GenerateMLDSAKey(name)
		s.must(err)
		plain, err := note.NewSigner(ed)
		s.must(err)
		later, err := cosign.NewSignerForCosignatureV1(pq)
		s.must(err)
		if i == 0 {
			s.signers = append(s.signers, plain, later)
		} else {
			timed, err := cosign.NewSignerForCosignatureV1(ed)
			s.must(err)
			edV, err = cosign.VKeyToCosignatureV1(edV)
			s.must(err)
			s.signers = append(s.signers, timed, later)
		}
		lines[2*i], lines[2*i+1] = edV, pqV
	}
	var err error
	s.keys, err = evidence.NewPolicy([]evidence.Generation{{Ed25519: lines[0], MLDSA: lines[1]}}, []evidence.Witness{{Keys: lines[2:]}})
	s.must(err)
	return s
}

func (s *Seals) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Keys are the keys as somebody who trusts them has them.
func (s *Seals) Keys() *evidence.Policy { return s.keys }

// Seal signs a room's log as far as it has come, and returns how many entries
// that are.
func (s *Seals) Seal(room incident.LogID) uint64 {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx := context.Background()
	var f evidence.Frontier
	for {
		list, err := s.house.Journal.Record(ctx, room, incident.Seq(f.Size()), 500)
		s.must(err)
		if len(list) == 0 {
			break
		}
		for _, e := range list {
			f.Append(evidence.LeafHash(e.Leaf))
		}
	}
	all := s.notes[room]
	if n := len(all); n == 0 || all[n-1].size < f.Size() {
		b, err := evidence.Checkpoint{Origin: incident.OriginLine(s.house.Deployment, incident.RoomLog, room), Size: f.Size(), Root: f.Root()}.Sign(s.signers...)
		s.must(err)
		s.notes[room] = append(all, sealed{f.Size(), string(b)})
	}
	return f.Size()
}

// Newest is the newest checkpoint of a log, and the keys; 0 for none.
func (s *Seals) Newest(_ context.Context, log incident.LogID) (size uint64, signed, keys string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if all := s.notes[log]; len(all) > 0 {
		size, signed = all[len(all)-1].size, all[len(all)-1].note
	}
	return size, signed, s.keys.String(), nil
}

// Sealed is the note of a size, and all smaller ones: tests do not last ten
// minutes.
func (s *Seals) Sealed(_ context.Context, log incident.LogID, size uint64) (signed string, earlier []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.notes[log] {
		if n.size < size {
			earlier = append(earlier, n.note)
		} else if n.size == size {
			signed = n.note
		}
	}
	return signed, earlier, nil
}
