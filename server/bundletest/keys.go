// Package bundletest makes bundles whose verdict is known: valid, redacted,
// erased, contradictory and damaged ones, the same bytes each time, for every
// verifier to be measured with. Its keys are public by being here.
package bundletest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
)

// A Party signs checkpoints with an Ed25519 and an ML-DSA-44 key that follow
// from its name and number, at times it is told.
type Party struct {
	name      string
	timed     bool // the Ed25519 key is one that cosigns
	ed        ed25519.PrivateKey
	pq        *mldsa.PrivateKey
	EdLine    string // verifier lines
	MLDSALine string
	edH, mlH  uint32
}

// NewNotary returns a generation of an operator's keys.
func NewNotary(deployment string, generation int) *Party {
	return newParty(deployment+"/wardroom/1/notary", generation, false)
}

// NewWitness returns a witness's keys.
func NewWitness(host string) *Party { return newParty(host+"/wardroom/1/witness", 1, true) }

func newParty(name string, n int, timed bool) *Party {
	seed := func(what string) [32]byte {
		return sha256.Sum256(fmt.Appendf(nil, "wardroom test key\n%s\n%d\n%s", name, n, what))
	}
	edSeed, pqSeed := seed("ed25519"), seed("mldsa")
	pq, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), pqSeed[:])
	if err != nil {
		panic(err) // a seed of the right length makes a key
	}
	p := &Party{name: name, timed: timed, ed: ed25519.NewKeyFromSeed(edSeed[:]), pq: pq}
	alg := byte(1)
	if timed {
		alg = 4
	}
	p.EdLine, p.edH = line(name, alg, p.ed.Public().(ed25519.PublicKey))
	p.MLDSALine, p.mlH = line(name, 6, pq.PublicKey().Bytes())
	return p
}

func line(name string, alg byte, key []byte) (string, uint32) {
	key = append([]byte{alg}, key...)
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	h := binary.BigEndian.Uint32(sum[:])
	return fmt.Sprintf("%s+%08x+%s", name, h, base64.StdEncoding.EncodeToString(key)), h
}

// Generation is the party's line in a policy, as the log's operator.
func (p *Party) Generation(from, to uint64) evidence.Generation {
	return evidence.Generation{Ed25519: p.EdLine, MLDSA: p.MLDSALine, From: from, To: to}
}

// Witness is the party's line in a policy, as a witness.
func (p *Party) Witness() evidence.Witness {
	return evidence.Witness{Keys: []string{p.EdLine, p.MLDSALine}}
}

// Signers sign as the party does at that time.
func (p *Party) Signers(at time.Time) []note.Signer {
	t := uint64(at.Unix())
	stamp := binary.BigEndian.AppendUint64(nil, t)
	return []note.Signer{
		signer{p.name, p.edH, func(text []byte) ([]byte, error) {
			if !p.timed {
				return ed25519.Sign(p.ed, text), nil
			}
			return append(stamp[:8:8], ed25519.Sign(p.ed, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", t, text))...), nil
		}},
		signer{p.name, p.mlH, func(text []byte) ([]byte, error) {
			c, err := evidence.ReadCheckpoint(append(text[:len(text):len(text)], "\n— x AAAAAAA=\n"...))
			if err != nil {
				return nil, err
			}
			m := append([]byte("subtree/v1\n\x00"), byte(len(p.name)))
			m = append(m, p.name...)
			m = append(m, stamp...)
			m = append(append(m, byte(len(c.Origin))), c.Origin...)
			m = binary.BigEndian.AppendUint64(m, 0)
			m = binary.BigEndian.AppendUint64(m, c.Size)
			sig, err := p.pq.SignDeterministic(append(m, c.Root[:]...), nil)
			return append(stamp[:8:8], sig...), err
		}},
	}
}

type signer struct {
	name string
	hash uint32
	sign func([]byte) ([]byte, error)
}

func (s signer) Name() string                     { return s.name }
func (s signer) KeyHash() uint32                  { return s.hash }
func (s signer) Sign(text []byte) ([]byte, error) { return s.sign(text) }
