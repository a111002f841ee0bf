package notary

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync/atomic"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/keyfile"
)

const keyFormat = "wardroom/notary-keys/1"

// keyFile is what a notary's key file holds, as JSON. It is apart from the
// vault's: whoever can read entries need not be able to sign for them.
type keyFile struct {
	Format      string          `json:"format"`
	Generations []keyGeneration `json:"generations"` // ascending; none is ever taken out
}

type keyGeneration struct {
	Generation int      `json:"generation"`
	Ed25519    string   `json:"ed25519"` // signer keys (C2SP signed-note), and their verifier lines
	MLDSA44    string   `json:"mldsa44"`
	Verifiers  []string `json:"verifiers"`
}

// Keys are the generations of a notary's keys that a file holds. What they
// print is that they are keys.
type Keys struct {
	path string
	list atomic.Pointer[[]*generation]
}

// generation is one, ready to sign and to check.
type generation struct {
	incident.KeyListed
	signers   []note.Signer
	verifiers []note.Verifier
}

// Format keeps keys out of every log line.
func (*Keys) Format(f fmt.State, _ rune) { io.WriteString(f, "(notary keys)") }

// CreateKeys makes an empty key file that only its owner may read. It never
// replaces one.
func CreateKeys(path string) error {
	b, err := keyFile{Format: keyFormat, Generations: []keyGeneration{}}.encode()
	if err != nil {
		return err
	}
	if err := keyfile.Create(path, b); errors.Is(err, keyfile.ErrExists) {
		return fmt.Errorf("notary: %s exists already and is left as it is", path)
	} else if err != nil {
		return fmt.Errorf("notary: %s: %w", path, err)
	}
	return nil
}

// LoadKeys reads a key file. It refuses one that others than its owner may
// read or write. The errors are sentences for whoever runs the server, and
// quote nothing of the file but its name.
func LoadKeys(path string) (*Keys, error) {
	k := &Keys{path: path}
	return k, k.Reload()
}

// Reload reads the file again; after an error the keys are as they were.
func (k *Keys) Reload() error {
	file, err := readKeys(k.path)
	if err != nil {
		return err
	}
	var list []*generation
	for _, g := range file.Generations {
		ready, err := g.ready()
		if err != nil || len(list) > 0 && g.Generation <= list[len(list)-1].Generation {
			return damagedKeys(k.path)
		}
		list = append(list, ready)
	}
	k.list.Store(&list)
	return nil
}

func (k *Keys) generations() []*generation { return *k.list.Load() }

// Generations are what the record must list, ascending.
func (k *Keys) Generations() (all []incident.KeyListed) {
	for _, g := range k.generations() {
		all = append(all, g.KeyListed)
	}
	return all
}

// AddGeneration makes keys of that number and name, adds them to the file and
// returns what the record must list before anything is signed with them.
func AddGeneration(path string, number int, name string) (incident.KeyListed, error) {
	var g keyGeneration
	sentence := false // the error is one already
	// A crash leaves the file as it was, or with keys that nothing lists and so
	// nobody signs with.
	err := keyfile.Replace(path, func(old []byte) ([]byte, error) {
		b, err := withNext(path, old, number, name, &g)
		sentence = err != nil
		return b, err
	})
	switch {
	case err == nil:
		return g.listed(), nil
	case sentence:
	case errors.Is(err, keyfile.ErrBusy):
		err = fmt.Errorf("notary: keys are being added to %s by another", path)
	default:
		err = unreadable(path, err)
	}
	return incident.KeyListed{}, err
}

// withNext makes a generation, in g, and returns the file with it.
func withNext(path string, old []byte, number int, name string, g *keyGeneration) ([]byte, error) {
	file, err := decodeKeys(path, old)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(file.Generations, func(g keyGeneration) bool { return g.Generation >= number }) {
		return nil, fmt.Errorf("notary: %s holds generation %d already", path, number)
	}
	ed, edLine, err := note.GenerateKey(nil, name)
	if err != nil {
		return nil, errors.New("notary: cannot make a key")
	}
	pq, pqLine, err := cosign.GenerateMLDSAKey(name)
	if err != nil {
		return nil, errors.New("notary: cannot make a key")
	}
	*g = keyGeneration{number, ed, pq, []string{edLine, pqLine}}
	if _, err := g.ready(); err != nil {
		return nil, errors.New("notary: cannot make a key of the name " + name)
	}
	file.Generations = append(file.Generations, *g)
	return file.encode()
}

func (g keyGeneration) listed() incident.KeyListed {
	name := ""
	if v, err := note.NewVerifier(g.Verifiers[0]); err == nil {
		name = v.Name()
	}
	return incident.KeyListed{Generation: g.Generation, Name: name, Verifiers: g.Verifiers}
}

// ready parses the keys, and sees that each verifier is that of its signer.
func (g keyGeneration) ready() (*generation, error) {
	bad := errors.New("notary: not a generation of keys")
	if len(g.Verifiers) != 2 || g.Generation < 1 {
		return nil, bad
	}
	ed, err := note.NewSigner(g.Ed25519)
	if err != nil {
		return nil, bad
	}
	pq, err := evidence.NewTimedSigner(g.MLDSA44)
	if err != nil {
		return nil, bad
	}
	verifiers, err := verifiersOf(g.Verifiers)
	if err != nil {
		return nil, bad
	}
	r := &generation{g.listed(), []note.Signer{ed, pq}, verifiers}
	for i, v := range verifiers {
		if v.Name() != r.Name || r.signers[i].Name() != r.Name || r.signers[i].KeyHash() != v.KeyHash() {
			return nil, bad
		}
	}
	return r, nil
}

// verifiersOf reads the two lines of a generation.
func verifiersOf(lines []string) ([]note.Verifier, error) {
	ed, err := evidence.NewVerifier(lines[0])
	if err != nil {
		return nil, err
	}
	pq, err := evidence.NewTimedVerifier(lines[1])
	if err != nil {
		return nil, err
	}
	return []note.Verifier{ed, pq}, nil
}

// PolicyText is the policy file of every generation that the record lists, the
// oldest first, and of a witness with these keys; none for no witness.
func PolicyText(listed []incident.ListedKey, second []string) string {
	var p evidence.Policy
	for _, k := range listed {
		p.Log = append(p.Log, evidence.Generation{Ed25519: k.Verifiers[0], MLDSA: k.Verifiers[1]})
	}
	if len(second) > 0 {
		p.Witnesses = []evidence.Witness{{Keys: second}}
	}
	return p.String()
}

func readKeys(path string) (keyFile, error) {
	b, err := keyfile.Read(path)
	if err != nil {
		return keyFile{}, unreadable(path, err)
	}
	return decodeKeys(path, b)
}

// unreadable says in a sentence why a key file cannot be read.
func unreadable(path string, err error) error {
	var loose *keyfile.Loose
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("notary: there is no key file at %s: run wardroom setup to make it, or put back the one that has signed so far", path)
	case errors.Is(err, keyfile.ErrNoFile):
		return fmt.Errorf("notary: %s is not a file", path)
	case errors.As(err, &loose):
		return fmt.Errorf("notary: %s may be read or written by others than its owner (mode %04o): run chmod 600 %[1]s, then wardroom rotate-notary, since everyone who could read it could sign with its keys", path, loose.Mode)
	}
	return fmt.Errorf("notary: %s: %w", path, err)
}

func decodeKeys(path string, b []byte) (file keyFile, err error) {
	if err := json.Unmarshal(b, &file); err != nil || file.Format != keyFormat {
		return file, damagedKeys(path)
	}
	return file, nil
}

func (f keyFile) encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, errors.New("notary: cannot write the keys")
	}
	return append(b, '\n'), nil
}

// damagedKeys keeps the cause to itself: a parser's error may quote the file.
func damagedKeys(path string) error {
	return fmt.Errorf("notary: %s is not a key file of a notary, or it is damaged", path)
}

// Unlisted returns the first generation of the file that the record does not
// list, if any; an error says that the two contradict each other.
func (k *Keys) Unlisted(listed []incident.ListedKey) (*incident.KeyListed, error) {
	for _, g := range k.generations() {
		switch {
		case g.Generation > len(listed):
			return &g.KeyListed, nil
		case !slices.Equal(listed[g.Generation-1].Verifiers, g.Verifiers):
			return nil, fmt.Errorf("notary: the key file's generation %d is not the one that the record lists: it is the key file of another deployment, or of an older copy of this one", g.Generation)
		}
	}
	return nil, nil
}

// signing returns the newest generation that the record lists; nil for none.
func (k *Keys) signing(listed []incident.ListedKey) *generation {
	for _, g := range slices.Backward(k.generations()) {
		if g.Generation <= len(listed) && slices.Equal(listed[g.Generation-1].Verifiers, g.Verifiers) {
			return g
		}
	}
	return nil
}

// Fingerprints are what people compare to know the keys of these lines.
func Fingerprints(lines []string) []string {
	all := make([]string, len(lines))
	for i, line := range lines {
		all[i] = evidence.Fingerprint(line)
	}
	return all
}
