package bundletest

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"wardroom/server/evidence"
)

// A Recipe says what of a room stands in a bundle.
type Recipe struct {
	Room     *Room
	Sealed   int   // entries the checkpoint covers; 0: all
	Earlier  []int // sizes of earlier checkpoints
	Show     func(w *evidence.Whole) (slots []int, whole bool)
	Withheld []*evidence.Withheld
	Files    []File           // after withheld.jsonl
	Notes    map[int][]byte   // instead of the room's own, by size
	Policy   *evidence.Policy // policy.txt; nil: the room's
}

// A File is a file of a bundle.
type File struct{ Name, Content string }

// Make writes the bundle. It panics on a recipe for none.
func (r Recipe) Make() []byte {
	n := len(r.Room.Entries)
	if r.Sealed == 0 {
		r.Sealed = n
	}
	if r.Policy == nil {
		r.Policy = r.Room.Policy()
	}
	note := func(size int) []byte {
		if b := r.Notes[size]; b != nil {
			return b
		}
		return r.Room.Note(size)
	}
	h := evidence.BundleHead{Readme: "A bundle for tests of verifiers.\n", Policy: r.Policy, Checkpoint: note(r.Sealed), Leaves: uint64(n),
		Info: evidence.BundleInfo{Exporter: "Test", Recipient: "Inquiry", Reference: "EX-2026-0001", Section: 1, To: uint64(n - 1)}}
	for _, size := range r.Earlier {
		h.Earlier = append(h.Earlier, note(size))
	}
	for _, f := range r.Files {
		if strings.HasPrefix(f.Name, "attachments/") {
			h.Info.Attachments++
		}
	}
	var out bytes.Buffer
	b, err := evidence.NewBundleWriter(&out, nil, h)
	must(err)
	for seq := range n {
		must(b.Leaf(r.Room.Leaf(seq)))
	}
	for _, w := range r.Room.Entries {
		slots, whole := r.Show(w)
		if whole {
			must(b.Whole(w))
		} else {
			must(b.Partial(w.Partial(slots...)))
		}
	}
	for _, w := range r.Withheld {
		must(b.Withheld(w))
	}
	for _, f := range r.Files {
		must(b.File(f.Name, int64(len(f.Content)), strings.NewReader(f.Content)))
	}
	must(b.Close())
	return out.Bytes()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// All shows everything.
func All(*evidence.Whole) ([]int, bool) { return nil, true }

// Unpack returns the files of a bundle.
func Unpack(b []byte) (files []File) {
	tr := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return files
		}
		must(err)
		content, err := io.ReadAll(tr)
		must(err)
		files = append(files, File{h.Name, string(content)})
	}
}

// Pack makes a tar of the files as they are, in the form of a bundle's.
func Pack(files []File) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		must(w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.Name, Size: int64(len(f.Content)), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}))
		_, err := io.WriteString(w, f.Content)
		must(err)
	}
	must(w.Close())
	return out.Bytes()
}

// Sums writes sums.txt anew, as someone would who covers tracks.
func Sums(files []File) []File {
	var sums strings.Builder
	var out []File
	for _, f := range files {
		switch f.Name {
		case "sums.txt":
			continue
		case "leaves.bin", "openings.jsonl":
		default:
			sums.WriteString(Hex(f.Content) + "  " + f.Name + "\n")
		}
		out = append(out, f)
	}
	return append(out, File{"sums.txt", sums.String()})
}

// Hex is the SHA-256 of a file.
func Hex(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// Change edits one file of a bundle and writes sums.txt anew.
func Change(b []byte, name string, edit func(string) string) []byte {
	files := Unpack(b)
	found := false
	for i := range files {
		if files[i].Name == name {
			files[i].Content, found = edit(files[i].Content), true
		}
	}
	if !found {
		panic(fmt.Sprintf("bundletest: no file %s", name))
	}
	return Pack(Sums(files))
}
