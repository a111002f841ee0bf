package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// VerifyOptions say what is asked of a bundle. The zero value asks for
// nothing, and nothing can be better than UNTRUSTED-KEY then.
type VerifyOptions struct {
	Policy    *Policy   // whose signatures count, from a source of the reader's own
	Since     []byte    // a note of the same log that the reader has: the bundle must go on from it
	MinSize   uint64    // entries that must be sealed
	NotBefore time.Time // it must have been sealed at this time or later
	// Progress is told now and then how many bytes have been looked at.
	Progress func(done, total int64)
}

// ErrSince means that the Since of the options is no checkpoint of this log:
// nothing was verified.
var ErrSince = errors.New("evidence: not a checkpoint of this log")

const (
	maxSmall  = 1 << 20  // bytes of bundle.json and README.txt
	maxSums   = 8 << 20  // bytes of sums.txt
	maxLine   = 64 << 20 // bytes of a line of openings.jsonl or withheld.jsonl
	maxEarly  = 2 * MaxCheckpoint
	notWhatIt = "it is not what the log's seal covers"
)

// Verify checks a bundle of that many bytes and reports. It opens no other file
// and asks nobody. Memory does not grow with the number of entries (but for one
// bit an entry), only with the number of lines about what is withheld, all of
// which are in the report. Two goroutines or so work at once.
//
// An error that is not [ErrSince] comes from r or ctx; a bundle that cannot be
// read is a report of VerdictUnreadable, whose one remark says where.
//
// What is withheld of an entry beyond the checkpoint's size is bound by nothing
// yet: neither by an opening nor by a seal.
//
// # What is found, and where
//
// TAMPERED: a leaf that is not of its place and log, an opening that is not what
// its leaf commits to, fewer leaves than the checkpoint covers, an opening or a
// withheld line of an entry that is not there, a root that is not the
// checkpoint's: First is the least of those places; if the root of the leaves
// differs first at checkpoint S, counting the earlier ones, and no other place
// is below S, it is (P, -1), where P is the size of the last checkpoint before S
// that agrees, or 0. Also, with no First of its own, a file that is not what
// sums.txt or its name says, and an attachment of no entry that is shown.
//
// INCONSISTENT: the checkpoint's root is that of the leaves, and an earlier
// one's or Since's is not (First is (P, -1) as above, for Since with P = the
// last agreeing one before it); or the replay contradicts itself (see replay.go).
// First is the least of those places.
//
// It is one, too, where what is attached to an entry is not what the entry
// commits to: (seq, 6).
//
// UNTRUSTED-KEY: no policy was given, or the checkpoint or one of the earlier
// ones does not have the signatures the policy asks for.
//
// OLDER-THAN-ASKED: the checkpoint's size is below MinSize, its time not known
// or before NotBefore, or there are fewer leaves than Since covers.
//
// INCOMPLETE: a slot of a leaf is neither shown nor listed as withheld (First is
// the first of them), what is attached to an entry that shows it is not in the
// bundle, or there are fewer attachments than bundle.json says.
//
// UNREADABLE beats all: a tar, a line or a note that has not the one form it may
// have; a slot shown and listed as withheld; a sums.txt that does not list
// exactly what it has to; more attachments than bundle.json says.
func Verify(ctx context.Context, r io.ReaderAt, size int64, o VerifyOptions) (*Report, error) {
	v := &verification{o: o, ctx: ctx, total: size, report: &Report{}, listed: listed{}}
	err := v.run(r, size)
	var u *Unreadable
	if errors.As(err, &u) {
		return &Report{Verdict: VerdictUnreadable, Remarks: []string{"The bundle cannot be read: " + u.Error() + "."}}, nil
	}
	if err != nil {
		return nil, err
	}
	return v.report, nil
}

// verification is one run of Verify.
type verification struct {
	o      VerifyOptions
	ctx    context.Context
	a      *archive
	total  int64
	report *Report

	origin Origin
	seal   Checkpoint
	marks  []mark // ascending in size: earlier checkpoints, since and the seal
	info   struct {
		Attachments int
		Format, Log string
	}

	listed     listed   // the attachments of what is shown
	differ     *Finding // the least entry whose attachment is not what it commits to
	bad        *Finding // the least place of something tampered with
	damaged    bool     // a file that the log does not prove is not what it was
	untrusted  []string
	older      []string
	missing    *Finding
	incomplete bool
}

// A mark is a size whose root is known from a checkpoint.
type mark struct {
	Checkpoint
	kind   markKind
	agrees bool
	met    bool // there were as many leaves
}

type markKind int

const (
	markEarlier markKind = iota
	markSince
	markSeal
)

func (v *verification) run(r io.ReaderAt, size int64) (err error) {
	if v.a, err = openArchive(r, size); err != nil {
		return err
	}
	if err := v.heads(); err != nil {
		return err
	}
	s := &scan{v: v, replay: newReplay(v.seal.Origin)}
	if err := s.run(); err != nil {
		return err
	}
	if err := v.sums(); err != nil {
		return err
	}
	v.judge(s)
	return nil
}

// heads reads what stands before the leaves.
func (v *verification) heads() error {
	b, err := v.a.small(fileReadme, maxSmall)
	if err != nil {
		return err
	}
	if b, err = v.a.small(filePolicy, MaxPolicy); err != nil {
		return err
	}
	claimed, err := ParsePolicy(b)
	if err != nil {
		return &Unreadable{File: filePolicy, What: err.Error()}
	}
	if b, err = v.a.small(fileCheckpoint, MaxCheckpoint); err != nil {
		return err
	}
	if v.seal, err = ReadCheckpoint(b); err != nil || v.seal.Size == 0 || v.seal.Size > maxEntry {
		return &Unreadable{File: fileCheckpoint, What: "it is not a checkpoint of a log"}
	}
	v.origin = OriginOf(v.seal.Origin)
	r := v.report
	r.Log, r.Size, r.Root, r.Claimed = v.seal.Origin, v.seal.Size, v.seal.Root, claimed
	if err := v.infos(); err != nil {
		return err
	}
	policy := v.o.Policy
	if policy == nil {
		policy = claimed
		v.untrusted = append(v.untrusted, "No policy file was given, so nobody's signature counts: the signatures were compared with the keys that the bundle itself names, which anybody could have written into it.")
	}
	if err := v.earlier(policy); err != nil {
		return err
	}
	sealed, err := policy.Open(b, v.seal.Origin)
	if err != nil {
		v.untrusted = append(v.untrusted, "The checkpoint does not have every signature that the policy asks for: "+strings.TrimPrefix(err.Error(), "evidence: ")+".")
	} else {
		r.Sealed, r.SealedAt = sealed.By, sealed.At
		v.bound(sealed)
	}
	v.marks = append(v.marks, mark{Checkpoint: v.seal, kind: markSeal})
	return v.since()
}

func (v *verification) infos() error {
	b, err := v.a.small(fileInfo, maxSmall)
	if err != nil {
		return err
	}
	line, ok := bytes.CutSuffix(b, []byte("\n"))
	var members map[string]json.RawMessage // by their exact names, which a struct's are not
	if !ok || CheckSorted(line) != nil || json.Unmarshal(line, &members) != nil || line[0] != '{' {
		return &Unreadable{File: fileInfo, What: "it is not canonical JSON"}
	}
	for name, into := range map[string]any{"attachments": &v.info.Attachments, "format": &v.info.Format, "log": &v.info.Log} {
		if raw := members[name]; raw != nil && json.Unmarshal(raw, into) != nil {
			return &Unreadable{File: fileInfo, What: "a member is not of its kind"}
		}
	}
	if v.info.Format != BundleFormat {
		return &Unreadable{File: fileInfo, What: "it is a bundle of another format"}
	}
	if v.info.Log != v.seal.Origin || v.info.Attachments < 0 {
		return &Unreadable{File: fileInfo, What: "it is of another log than the checkpoint"}
	}
	v.report.Info = line
	return nil
}

func (v *verification) bound(s Sealed) {
	if !s.At.IsZero() {
		v.report.Bounds = append(v.report.Bounds, Bound{s.Size, s.At})
	}
}

// earlier reads the earlier checkpoints.
func (v *verification) earlier(policy *Policy) error {
	lines := newLines(v.a, fileCheckpoints, maxEarly)
	least := uint64(0)
	failed := 0
	for {
		line, err := lines.next()
		if err != nil || line == nil {
			if failed > 0 {
				v.untrusted = append(v.untrusted, fmt.Sprintf("%d of the earlier checkpoints do not have every signature that the policy asks for.", failed))
			}
			return err
		}
		var e earlierLine
		if CheckSorted(line) != nil || json.Unmarshal(line, &e) != nil {
			return lines.bad("it is not an earlier checkpoint")
		}
		again, err := Encode(e)
		c, err2 := ReadCheckpoint([]byte(e.Note))
		if err != nil || !bytes.Equal(again, line) || err2 != nil || c.Origin != v.seal.Origin || c.Size != e.Size || c.Size <= least || c.Size >= v.seal.Size {
			return lines.bad("it is not an earlier checkpoint of this log, or not in its place")
		}
		least = c.Size
		v.marks = append(v.marks, mark{Checkpoint: c, kind: markEarlier})
		if sealed, err := policy.Open([]byte(e.Note), v.seal.Origin); err != nil {
			failed++
		} else {
			v.bound(sealed)
		}
	}
}

// since puts the reader's own checkpoint among the others.
func (v *verification) since() error {
	if v.o.Since == nil {
		return nil
	}
	c, err := ReadCheckpoint(v.o.Since)
	if err != nil || c.Origin != v.seal.Origin {
		return ErrSince
	}
	at := len(v.marks)
	for at > 0 && v.marks[at-1].Size > c.Size {
		at--
	}
	v.marks = append(v.marks[:at], append([]mark{{Checkpoint: c, kind: markSince}}, v.marks[at:]...)...)
	return nil
}

// sums checks the files that the log does not prove.
func (v *verification) sums() error {
	b, err := v.a.small(fileSums, maxSums)
	if err != nil {
		return err
	}
	lines := strings.SplitAfter(string(b), "\n")
	n := 0
	there := map[string]bool{}
	for _, name := range v.a.names {
		if !summed(name) {
			continue
		}
		if n >= len(lines) || len(lines[n]) < 64 || lines[n][64:] != "  "+name+"\n" || strings.Trim(lines[n][:64], "0123456789abcdef") != "" {
			return &Unreadable{File: fileSums, Line: uint64(n + 1), What: "it is not the line of " + name}
		}
		named, is := strings.CutPrefix(name, attachments)
		if !is {
			named = lines[n][:64]
		}
		whole, wrong, err := v.listed.check(v.ctx, named, v.a.open(name), v.a.files[name].size)
		if err != nil {
			return err
		}
		switch {
		case !whole || named != lines[n][:64]:
			v.damaged = true
			v.report.Remarks = append(v.report.Remarks, "The file "+name+" is not as the exporter wrote it.")
		case is && len(v.listed[named]) == 0:
			v.damaged = true
			v.report.Remarks = append(v.report.Remarks, "The file "+name+" is attached to no entry that is shown.")
		case is:
			for _, seq := range wrong {
				if f := (&Finding{seq, slotFiles, "what is attached to it is not what it commits to"}); f.less(v.differ) {
					v.differ = f
				}
			}
		}
		if is {
			v.info.Attachments--
			there[named] = true
		}
		if is || name == "verify.html" || strings.HasPrefix(name, "record.") {
			v.report.Files = append(v.report.Files, name)
		}
		n++
	}
	if n != len(lines)-1 || lines[n] != "" {
		return &Unreadable{File: fileSums, Line: uint64(n + 1), What: "it lists what is not there"}
	}
	if v.info.Attachments < 0 {
		return &Unreadable{File: fileInfo, What: "there are more attachments than it says"}
	}
	if gone := v.listed.lacking(there); len(gone) > 0 {
		v.incomplete = true
		if f := (&Finding{gone[0], slotFiles, "what is attached to it is not in the bundle"}); f.less(v.missing) {
			v.missing = f
		}
	}
	return nil
}

// contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// tampered notes a place, if it is the least so far.
func (v *verification) tampered(seq uint64, slot int, what string) {
	if f := (&Finding{seq, slot, what}); f.less(v.bad) {
		v.bad = f
	}
}

// judge comes to the verdict.
func (v *verification) judge(s *scan) {
	r := v.report
	sealed, differs := v.roots()
	if differs != nil && !sealed && (v.bad == nil || v.bad.Seq >= differs.upTo) {
		v.bad = &differs.Finding
	}
	contradiction := v.contradiction(s, sealed, differs)
	if v.differ != nil && v.differ.less(contradiction) {
		contradiction = v.differ
	}
	v.ages()
	if v.info.Attachments > 0 {
		v.incomplete = true
		r.Remarks = append(r.Remarks, fmt.Sprintf("%d attachments that the bundle announces are not in it.", v.info.Attachments))
	}
	switch {
	case v.bad != nil || v.damaged:
		r.Verdict, r.First = VerdictTampered, v.bad
	case contradiction != nil:
		r.Verdict, r.First = VerdictInconsistent, contradiction
	case len(v.untrusted) > 0:
		r.Verdict = VerdictUntrusted
	case len(v.older) > 0:
		r.Verdict = VerdictOlder
	case v.missing != nil || v.incomplete:
		r.Verdict, r.First = VerdictIncomplete, v.missing
	case len(r.Erased) > 0:
		r.Verdict = VerdictErased
	case r.Counts.Tail > 0:
		r.Verdict = VerdictUnsealed
	default:
		r.Verdict = VerdictValid
	}
	r.Remarks = append(append(v.untrusted, v.older...), r.Remarks...)
}

// difference is the first checkpoint whose root is not that of the leaves.
type difference struct {
	Finding
	upTo uint64 // its size
}

// roots reports whether the seal's root is that of the leaves, and the first
// of the bundle's checkpoints whose root is not.
func (v *verification) roots() (sealed bool, first *difference) {
	agreed := uint64(0)
	for _, m := range v.marks {
		if m.kind == markSince || !m.met {
			continue
		}
		if !m.agrees && first == nil {
			first = &difference{Finding{agreed, Header, fmt.Sprintf("the entries from %d to %d, together, are not what was sealed when there were %d", agreed, m.Size-1, m.Size)}, m.Size}
		}
		if m.agrees && first == nil {
			agreed = m.Size
		}
		if m.kind == markSeal {
			sealed = m.agrees
		}
	}
	return sealed, first
}

// contradiction is the least place at which the bundle contradicts a checkpoint
// other than its seal, or itself.
func (v *verification) contradiction(s *scan, sealed bool, differs *difference) (least *Finding) {
	if sealed && differs != nil {
		least = &differs.Finding
	}
	agreed := uint64(0)
	for _, m := range v.marks {
		if m.kind == markSince && m.met && !m.agrees {
			if f := (&Finding{agreed, Header, fmt.Sprintf("the bundle does not go on from the checkpoint of %d entries that it was compared with", m.Size)}); f.less(least) {
				least = f
			}
		}
		if m.met && m.agrees {
			agreed = m.Size
		}
	}
	for _, f := range s.replay.findings() {
		if f.less(least) {
			least = f
		}
	}
	return least
}

// ages compares with what was asked for.
func (v *verification) ages() {
	r := v.report
	if r.Size < v.o.MinSize {
		v.older = append(v.older, fmt.Sprintf("The checkpoint covers %d entries, and at least %d were asked for.", r.Size, v.o.MinSize))
	}
	if !v.o.NotBefore.IsZero() && r.SealedAt.Before(v.o.NotBefore) {
		v.older = append(v.older, "It is not known to have been sealed at the time that was asked for, or later.")
	}
	for _, m := range v.marks {
		if m.kind == markSince && !m.met {
			v.older = append(v.older, fmt.Sprintf("The bundle ends before the checkpoint of %d entries that it was compared with.", m.Size))
		}
	}
}
