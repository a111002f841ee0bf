package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"maps"
	"regexp"
	"slices"
)

// An attachment is committed to in slot 6 of its entry, {"files":[…]}, each as
//
//	commitment = SHA-256("WARDROOM/1/file\n" ‖ salt[32] ‖ u64 size ‖ content)
//
// and named there by the SHA-256 of its content, by which it stands in a bundle.
// Whoever has neither slot 6 nor its salt cannot tell whether it is a file they
// know.
const (
	filePrefix = "WARDROOM/1/file\n"
	slotFiles  = 6
)

// FileCommitment returns a hash into which the content of an attachment of that
// size is to be written; its sum is the commitment.
func FileCommitment(salt [32]byte, size uint64) hash.Hash {
	h := sha256.New()
	h.Write([]byte(filePrefix))
	h.Write(salt[:])
	h.Write(binary.BigEndian.AppendUint64(nil, size))
	return h
}

// attached is a file as an entry lists it.
type attached struct {
	seq              uint64
	sum              string // of its content, in hex
	size             uint64
	salt, commitment [32]byte
}

var (
	hexSHA    = regexp.MustCompile(`^[0-9a-f]{64}$`)
	base64SHA = regexp.MustCompile(`^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$`)
)

// attachedIn reads slot 6 of an entry. It is empty, or an object with "files", a
// list of objects each of which has "sha256" in hex, "salt" and "commitment", 32
// bytes in base64, and "size", a number.
func attachedIn(v []byte) (list []attached, ok bool) {
	if len(v) == 0 {
		return nil, true
	}
	var raw []byte
	if !fields(v, field{"files", &raw}) || raw == nil {
		return nil, false
	}
	var files []map[string]json.RawMessage // by their exact names, which a struct's are not
	if json.Unmarshal(raw, &files) != nil || files == nil {
		return nil, false
	}
	for _, f := range files {
		a := attached{}
		ok := f != nil
		if a.size, ok = number(f["size"], ok); a.size > maxEntry {
			ok = false
		}
		sum, ok := text(f["sha256"], ok)
		a.sum = string(sum)
		ok = ok && hexSHA.Match(sum)
		for _, of := range []struct {
			name string
			into *[32]byte
		}{{"salt", &a.salt}, {"commitment", &a.commitment}} {
			var b []byte
			if b, ok = text(f[of.name], ok); !ok || !base64SHA.Match(b) {
				return nil, false
			}
			if _, err := base64.StdEncoding.Decode(of.into[:], b); err != nil {
				return nil, false
			}
		}
		if !ok {
			return nil, false
		}
		list = append(list, a)
	}
	return list, true
}

// listed are the attachments of all entries that show theirs, by the SHA-256 of
// their content.
type listed map[string][]attached

func (l listed) add(seq uint64, files []attached) {
	for _, f := range files {
		f.seq = seq
		l[f.sum] = append(l[f.sum], f)
	}
}

// check reads a file once: whether it is what its name says, and which of the
// entries that list it commit to something else.
func (l listed) check(ctx context.Context, sum string, r io.Reader, size int64) (is bool, wrong []uint64, err error) {
	type said struct {
		salt, commitment [32]byte
		size             uint64
	}
	h := sha256.New()
	all := []io.Writer{h}
	byWhat := map[said][]uint64{}
	hashes := map[said]hash.Hash{}
	for _, a := range l[sum] {
		s := said{a.salt, a.commitment, a.size}
		if hashes[s] == nil {
			hashes[s] = FileCommitment(a.salt, a.size)
			all = append(all, hashes[s])
		}
		byWhat[s] = append(byWhat[s], a.seq)
	}
	if _, err := io.Copy(io.MultiWriter(all...), contextReader{ctx, r}); err != nil {
		return false, nil, err
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return false, nil, nil
	}
	for s, seqs := range byWhat {
		if uint64(size) != s.size || !bytes.Equal(hashes[s].Sum(nil), s.commitment[:]) {
			wrong = append(wrong, seqs...)
		}
	}
	return true, wrong, nil
}

// lacking lists the entries of which a file is not there, ascending.
func (l listed) lacking(there map[string]bool) (seqs []uint64) {
	for _, sum := range slices.Sorted(maps.Keys(l)) {
		if !there[sum] {
			for _, a := range l[sum] {
				seqs = append(seqs, a.seq)
			}
		}
	}
	slices.Sort(seqs)
	return slices.Compact(seqs)
}
