package evidence

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A bundle is one log, or what of it a recipient may see, in one file that
// needs nothing else to be checked: a plain tar (USTAR; PAX only for a file of
// 8 GiB or more), each header with mode 0644, owner and group 0, time 0 and no
// names of either, the files in this order and no other:
//
//	README.txt         what this is, for people
//	policy.txt         the keys as the exporter names them; never trusted by itself
//	bundle.json        a BundleInfo: what was asked for, by whom
//	checkpoint         the newest cosigned note the export rests on
//	checkpoints.jsonl  earlier ones, ascending, {"note":…,"size":n} a line
//	leaves.bin         all leaves from 0 on, LeafSize bytes each
//	openings.jsonl     what is shown, ascending; see Whole.EncodeLine and Partial.EncodeLine
//	withheld.jsonl     what is not, ascending; see Withheld
//	attachments/<hex>  files, named by their SHA-256, ascending
//	record.html record.pdf record.csv record.jsonl verify.html
//	                   renderings and the page that verifies, where given
//	sums.txt           SHA-256 of every file above but leaves.bin and openings.jsonl
//
// Lines end with LF and are canonical JSON (see CheckSorted). Every slot of
// every leaf is shown or listed as withheld, never both. leaves.bin and
// openings.jsonl are proved by the checkpoint; sums.txt proves nothing against
// someone who means harm, who would write it anew: it finds damage to what the
// log does not prove. Its form is sha256sum's.
const BundleFormat = "wardroom/bundle/1"

// The names of a bundle's files.
const (
	fileReadme      = "README.txt"
	filePolicy      = "policy.txt"
	fileInfo        = "bundle.json"
	fileCheckpoint  = "checkpoint"
	fileCheckpoints = "checkpoints.jsonl"
	fileLeaves      = "leaves.bin"
	fileOpenings    = "openings.jsonl"
	fileWithheld    = "withheld.jsonl"
	fileSums        = "sums.txt"
	attachments     = "attachments/"
)

// required come first and in this order; extra may come after the attachments,
// in this order.
var (
	required = []string{fileReadme, filePolicy, fileInfo, fileCheckpoint, fileCheckpoints, fileLeaves, fileOpenings, fileWithheld}
	extra    = []string{"record.html", "record.pdf", "record.csv", "record.jsonl", "verify.html"}
)

var attachmentName = regexp.MustCompile(`^attachments/[0-9a-f]{64}$`)

// ErrBundle means that what a bundle was to be made of does not make one.
var ErrBundle = errors.New("evidence: not a bundle")

// BundleInfo is bundle.json: for people, and proved by nothing.
type BundleInfo struct {
	Attachments int    `json:"attachments"` // files under attachments/
	Basis       string `json:"basis,omitempty"`
	Exporter    string `json:"exporter,omitempty"`
	Format      string `json:"format"` // BundleFormat
	From        uint64 `json:"from"`   // entries asked for, both included
	Log         string `json:"log"`    // the origin line
	Recipient   string `json:"recipient,omitempty"`
	Reference   string `json:"reference,omitempty"`
	Section     int    `json:"section"`
	Title       string `json:"title,omitempty"`
	To          uint64 `json:"to"`
}

// BundleHead is everything that stands before the leaves. Format, Log and what
// else the writer knows in Info is set by the writer.
type BundleHead struct {
	Readme     string
	Policy     *Policy
	Info       BundleInfo
	Checkpoint []byte   // signed note; its origin is the log's
	Earlier    [][]byte // signed notes of the same log, ascending in size, all smaller
	Leaves     uint64   // how many will be written
}

// Scratch is where what must be counted before it is written waits: an
// *os.File. It is read back and emptied, not removed.
type Scratch interface {
	io.ReadWriteSeeker
	Truncate(size int64) error
}

// BundleWriter writes a bundle: after NewBundleWriter every leaf, then the
// openings, then the lines about what is withheld, then the other files, then
// Close. The same calls make the same bytes. It refuses, with an ErrBundle that
// repeats nothing of what was given, what stands in another order than the
// bundle's; that leaves, openings and withheld lines fit each other is for
// Verify to say. After an error the writer is of no use.
type BundleWriter struct {
	tar     *tar.Writer
	scratch Scratch
	origin  Origin
	leaves  uint64 // to come in all
	next    uint64 // leaf, or the least seq of the next opening
	stage   stage
	lines   uint64 // bytes in scratch
	last    *Withheld
	until   [Slots]uint64 // per slot, the first entry that no line has listed
	name    string        // of the last other file
	files   int           // attachments to come
	sums    bytes.Buffer
	buf     []byte
}

type stage int

const (
	leavesStage stage = iota
	openingsStage
	withheldStage
	filesStage
	closedStage
)

// NewBundleWriter writes everything before the leaves to w. With a nil scratch
// openings and withheld lines wait in memory, one after the other.
func NewBundleWriter(w io.Writer, scratch Scratch, h BundleHead) (*BundleWriter, error) {
	if scratch == nil {
		scratch = &memory{}
	}
	c, err := ReadCheckpoint(h.Checkpoint)
	if err != nil || c.Size == 0 || c.Size > h.Leaves || h.Leaves > maxEntry || h.Policy == nil || !utf8.ValidString(h.Readme) {
		return nil, ErrBundle
	}
	b := &BundleWriter{tar: tar.NewWriter(w), scratch: scratch, origin: OriginOf(c.Origin), leaves: h.Leaves, files: h.Info.Attachments}
	h.Info.Format, h.Info.Log = BundleFormat, c.Origin
	info, err := Encode(h.Info)
	if err != nil || h.Info.To < h.Info.From || h.Info.To >= h.Leaves || h.Info.Attachments < 0 {
		return nil, ErrBundle
	}
	var earlier bytes.Buffer
	least := uint64(0)
	for _, note := range h.Earlier {
		e, err := ReadCheckpoint(note)
		if err != nil || e.Origin != c.Origin || e.Size <= least || e.Size >= c.Size {
			return nil, fmt.Errorf("%w: an earlier checkpoint of another log or out of order", ErrBundle)
		}
		least = e.Size
		line, err := Encode(earlierLine{Note: string(note), Size: e.Size})
		if err != nil {
			return nil, ErrBundle
		}
		earlier.Write(append(line, '\n'))
	}
	for _, f := range []struct {
		name string
		b    []byte
	}{
		{fileReadme, []byte(h.Readme)}, {filePolicy, []byte(h.Policy.String())}, {fileInfo, append(info, '\n')},
		{fileCheckpoint, h.Checkpoint}, {fileCheckpoints, earlier.Bytes()},
	} {
		if err := b.file(f.name, int64(len(f.b)), bytes.NewReader(f.b)); err != nil {
			return nil, err
		}
	}
	return b, b.header(fileLeaves, int64(h.Leaves)*int64(LeafSize))
}

// earlierLine is a line of checkpoints.jsonl.
type earlierLine struct {
	Note string `json:"note"`
	Size uint64 `json:"size"`
}

// Leaf writes the next leaf.
func (b *BundleWriter) Leaf(leaf []byte) error {
	seq, origin, _, err := ParseLeaf(leaf)
	if err != nil || b.stage != leavesStage || seq != b.next || origin != b.origin || seq >= b.leaves {
		return fmt.Errorf("%w: not the leaf of entry %d", ErrBundle, b.next)
	}
	b.next++
	_, err = b.tar.Write(leaf)
	return err
}

// Whole shows all slots of an entry.
func (b *BundleWriter) Whole(w *Whole) error { return b.opening(w.Seq, w.AppendLine) }

// Partial shows some slots of an entry; one that shows none is passed over.
func (b *BundleWriter) Partial(p *Partial) error {
	if p.Slots == [Slots]*Slot{} {
		return nil
	}
	return b.opening(p.Seq, p.AppendLine)
}

func (b *BundleWriter) opening(seq uint64, line func([]byte) ([]byte, error)) error {
	if b.stage == leavesStage && b.next == b.leaves {
		b.stage, b.next = openingsStage, 0
	}
	if b.stage != openingsStage || seq < b.next || seq >= b.leaves {
		return fmt.Errorf("%w: the opening of entry %d is out of place", ErrBundle, seq)
	}
	b.next = seq + 1
	var err error
	if b.buf, err = line(b.buf[:0]); err != nil {
		return err
	}
	return b.line()
}

// line puts what is in buf aside.
func (b *BundleWriter) line() error {
	b.buf = append(b.buf, '\n')
	b.lines += uint64(len(b.buf))
	_, err := b.scratch.Write(b.buf)
	return err
}

// Withheld lists what is not shown.
func (b *BundleWriter) Withheld(w *Withheld) error {
	if err := b.reach(withheldStage); err != nil {
		return err
	}
	line, err := w.Encode()
	if err != nil || b.stage != withheldStage || w.Last >= b.leaves || b.last != nil && !b.last.before(w) {
		return fmt.Errorf("%w: a line about what is withheld is out of place", ErrBundle)
	}
	for _, s := range w.Slots {
		if w.First < b.until[s] {
			return fmt.Errorf("%w: slot %d of entry %d is listed twice", ErrBundle, s, w.First)
		}
		b.until[s] = w.Last + 1
	}
	last := *w
	last.Slots = slices.Clone(w.Slots)
	b.last = &last
	b.buf = append(b.buf[:0], line...)
	return b.line()
}

// File writes an attachment, a rendering or the page that verifies. The names
// and their order are the bundle's.
func (b *BundleWriter) File(name string, size int64, r io.Reader) error {
	if err := b.reach(filesStage); err != nil {
		return err
	}
	if b.stage != filesStage || !follows(b.name, name) {
		return fmt.Errorf("%w: a file with the name %q cannot stand here", ErrBundle, name)
	}
	b.name = name
	if strings.HasPrefix(name, attachments) {
		b.files--
	}
	return b.file(name, size, r)
}

// follows reports whether a file of that name may stand after the last one, ""
// for withheld.jsonl.
func follows(last, name string) bool {
	if attachmentName.MatchString(name) {
		return last == "" || attachmentName.MatchString(last) && last < name
	}
	return slices.Index(extra, name) > slices.Index(extra, last)
}

// Close ends the bundle. It does not close what it was written to.
func (b *BundleWriter) Close() error {
	if err := b.reach(filesStage); err != nil {
		return err
	}
	if b.stage != filesStage || b.files != 0 {
		return fmt.Errorf("%w: files are missing, or more than were announced", ErrBundle)
	}
	sums := bytes.Clone(b.sums.Bytes())
	if err := b.file(fileSums, int64(len(sums)), bytes.NewReader(sums)); err != nil {
		return err
	}
	b.stage = closedStage
	return b.tar.Close()
}

// reach ends the stages before s and writes what waits in them.
func (b *BundleWriter) reach(s stage) error {
	if b.stage == leavesStage {
		if b.next != b.leaves {
			return fmt.Errorf("%w: %d of %d leaves", ErrBundle, b.next, b.leaves)
		}
		b.stage = openingsStage
	}
	for ; b.stage < s; b.stage++ {
		name := map[stage]string{openingsStage: fileOpenings, withheldStage: fileWithheld}[b.stage]
		if _, err := b.scratch.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := b.file(name, int64(b.lines), b.scratch); err != nil {
			return err
		}
		if err := b.scratch.Truncate(0); err != nil {
			return err
		}
		if _, err := b.scratch.Seek(0, io.SeekStart); err != nil {
			return err
		}
		b.lines = 0
	}
	return nil
}

func (b *BundleWriter) file(name string, size int64, r io.Reader) error {
	if err := b.header(name, size); err != nil {
		return err
	}
	var sum hash.Hash
	if summed(name) {
		sum = sha256.New()
		r = io.TeeReader(r, sum)
	}
	n, err := io.Copy(b.tar, io.LimitReader(r, size))
	if err == nil && n != size {
		err = fmt.Errorf("%w: %s is shorter than was said", ErrBundle, name)
	}
	if err == nil && sum != nil {
		digest := hex.EncodeToString(sum.Sum(nil))
		if hex, ok := strings.CutPrefix(name, attachments); ok && hex != digest {
			return fmt.Errorf("%w: an attachment is not the file its name says", ErrBundle)
		}
		b.sums.WriteString(digest + "  " + name + "\n")
	}
	return err
}

// summed reports whether the file stands in sums.txt.
func summed(name string) bool { return name != fileLeaves && name != fileOpenings && name != fileSums }

func (b *BundleWriter) header(name string, size int64) error {
	return b.tar.WriteHeader(header(name, size))
}

// ustarMax is the greatest size that USTAR's eleven octal digits hold.
const ustarMax = 1<<33 - 1

// header is the one header a file of that name and size has.
func header(name string, size int64) *tar.Header {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
	if size > ustarMax {
		h.Format = tar.FormatPAX
	}
	return h
}

// memory is a Scratch of a small bundle.
type memory struct {
	b  []byte
	at int
}

func (m *memory) Write(p []byte) (int, error) {
	m.b = append(m.b[:m.at], p...)
	m.at = len(m.b)
	return len(p), nil
}

func (m *memory) Read(p []byte) (int, error) {
	if m.at == len(m.b) {
		return 0, io.EOF
	}
	n := copy(p, m.b[m.at:])
	m.at += n
	return n, nil
}

func (m *memory) Seek(offset int64, _ int) (int64, error) {
	m.at = int(offset) // to the start is all that is asked
	return offset, nil
}

func (m *memory) Truncate(int64) error {
	m.b, m.at = m.b[:0], 0
	return nil
}
