package witness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/keyfile"
)

// keys are the witness's own: both sign every checkpoint. They do not print.
type keys struct {
	name      string
	signers   []note.Signer
	verifiers []note.Verifier
	public    []string // verifier keys, as others write them in their policies
}

// keyFile is what stands in keys.json: Ed25519 first, then ML-DSA-44.
type keyFile struct {
	Keys [2]keyPair `json:"keys"`
}

type keyPair struct {
	Private string `json:"private"`
	Public  string `json:"public"` // the verifier key
}

const (
	keyFileName = "keys.json"
	nameSuffix  = "/wardroom/1/witness"
	systemPart  = "/wardroom/1/system/"
)

func checkName(host string) error {
	if host == "" || len(host) > 100 || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return fmt.Errorf("witness: %q is not the name of a host, such as witness.ncsc.example", host)
	}
	return nil
}

// ownKeys reads the witness's keys, or makes them if nothing was ever signed
// here. A store without its keys, or keys without their store, is a loss that
// a person must hear of: a witness that forgot what it cosigned would cosign
// the opposite.
func (w *Witness) ownKeys() error {
	file := filepath.Join(w.o.Dir, keyFileName)
	var made string // the verifiers the store was begun with
	var used bool
	if err := w.view(func(s store) error {
		if b := s.tx.Bucket(bWitness); b != nil {
			made = string(b.Get(kVerifiers))
		}
		used = s.sealedAny()
		return nil
	}); err != nil {
		return err
	}
	b, err := keyfile.Read(file)
	var loose *keyfile.Loose
	switch {
	case errors.Is(err, fs.ErrNotExist) && used:
		return fmt.Errorf("witness: the key file %s is gone, and this store was cosigned with it: put the copy back", file)
	case errors.Is(err, fs.ErrNotExist):
		return w.makeKeys(file)
	case made == "" && (err == nil || errors.As(err, &loose)):
		return fmt.Errorf("witness: %s is there but its store is not. A witness that forgot what it cosigned is none: put the store back, or begin in an empty folder with new keys and have them exchanged", file)
	case errors.As(err, &loose):
		return fmt.Errorf("witness: others on this machine may read %s: chmod 600 it, and if anybody might have, begin with new keys", file)
	case err != nil:
		return fmt.Errorf("witness: %s: %w", file, err)
	}
	var f keyFile
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("witness: %s is damaged: put the copy back", file) // the error would quote it
	}
	k, err := newKeys(w.o.Name, f)
	if err != nil {
		return fmt.Errorf("witness: %s: %w", file, err)
	}
	if strings.Join(k.public, "\n") != made {
		return fmt.Errorf("witness: %s holds other keys than its store was begun with", file)
	}
	w.keys = k
	return nil
}

// makeKeys notes the new keys in the store before they are in their file: a
// crash between the two leaves a store in which nothing is signed.
func (w *Witness) makeKeys(file string) error {
	f, err := generate(w.o.Name)
	if err != nil {
		return err
	}
	k, err := newKeys(w.o.Name, f)
	if err != nil {
		return err
	}
	if err := w.update(func(s store) error {
		b, err := s.tx.CreateBucketIfNotExists(bWitness)
		if err != nil {
			return err
		}
		return b.Put(kVerifiers, []byte(strings.Join(k.public, "\n")))
	}); err != nil {
		return err
	}
	steps("before keys")
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := keyfile.Create(file, append(b, '\n')); err != nil {
		return fmt.Errorf("witness: %s: %w", file, err)
	}
	steps("after keys")
	w.keys = k
	return nil
}

func generate(host string) (f keyFile, err error) {
	name := host + nameSuffix
	ed, edPublic, err := note.GenerateKey(nil, name)
	if err != nil {
		return f, err
	}
	if edPublic, err = cosign.VKeyToCosignatureV1(edPublic); err != nil {
		return f, err
	}
	pq, pqPublic, err := cosign.GenerateMLDSAKey(name)
	f.Keys = [2]keyPair{{ed, edPublic}, {pq, pqPublic}}
	return f, err
}

func newKeys(host string, f keyFile) (*keys, error) {
	k := &keys{name: host + nameSuffix}
	for i, kind := range []string{"Ed25519", "ML-DSA-44"} {
		s, err := signer(f.Keys[i].Private)
		if err != nil {
			return nil, errors.New("a key cannot be read: put the copy back") // the error might quote it
		}
		v, err := cosigner(f.Keys[i].Public, kind)
		if err != nil {
			return nil, err
		}
		if s.Name() != k.name {
			return nil, fmt.Errorf("the keys are those of %s, not of %s", s.Name(), k.name)
		}
		k.signers = append(k.signers, s)
		k.verifiers = append(k.verifiers, v)
		k.public = append(k.public, f.Keys[i].Public)
	}
	// What others are given to check by must be what is signed with.
	probe := evidence.Checkpoint{Origin: k.name}
	b, err := probe.Sign(k.signers...)
	if err != nil {
		return nil, err
	}
	if _, err := evidence.OpenCheckpoint(b, probe.Origin, k.verifiers, nil); err != nil {
		return nil, errors.New("a private key is not that of its public key: put the copy back")
	}
	return k, nil
}

// signer reads a private key whose signatures say when they were made.
func signer(private string) (note.Signer, error) {
	if s, err := evidence.NewTimedSigner(private); err == nil {
		return s, nil
	}
	return cosign.NewSignerForCosignatureV1(private)
}

// cosigner reads a verifier key of that kind whose signatures say when they
// were made. A plain Ed25519 key is none.
func cosigner(line, kind string) (note.Verifier, error) {
	v, err := evidence.NewTimedVerifier(line)
	if err != nil {
		return nil, err
	}
	if k, err := evidence.DescribeKey(line, true); err != nil || k.Kind != kind || !strings.HasPrefix(line, fmt.Sprintf("%s+%08x+", v.Name(), v.KeyHash())) {
		return nil, fmt.Errorf("%.60q is not a verifier key of the kind that stands here", line)
	}
	return v, nil
}

// Keys returns the witness's verifier keys, Ed25519 first.
func (w *Witness) Keys() []string { return w.keys.public }
