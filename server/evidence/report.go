package evidence

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// A Verdict is what a verification comes to. Of several that apply, the
// gravest is given.
type Verdict string

// The verdicts, gravest first.
const (
	VerdictUnreadable   Verdict = "UNREADABLE"          // it is not a bundle, or is damaged so that it cannot be read as one
	VerdictTampered     Verdict = "TAMPERED"            // something is not what was sealed
	VerdictInconsistent Verdict = "INCONSISTENT"        // it contradicts another checkpoint, or itself
	VerdictUntrusted    Verdict = "UNTRUSTED-KEY"       // nobody whom the reader trusts has signed it, as far as is known
	VerdictOlder        Verdict = "OLDER-THAN-ASKED"    // it ends before what was asked for
	VerdictIncomplete   Verdict = "INCOMPLETE"          // something is neither shown nor listed as withheld
	VerdictErased       Verdict = "ERASED"              // it holds, and something in it was erased by the rules
	VerdictUnsealed     Verdict = "VALID-TAIL-UNSEALED" // it holds, and its last entries are not sealed yet
	VerdictValid        Verdict = "VALID"               // it holds
)

// Exit is the exit code of a program that ends with this verdict.
func (v Verdict) Exit() int {
	return map[Verdict]int{VerdictUnreadable: 2, VerdictTampered: 22, VerdictInconsistent: 21, VerdictUntrusted: 20, VerdictOlder: 13,
		VerdictIncomplete: 12, VerdictErased: 11, VerdictUnsealed: 10, VerdictValid: 0}[v]
}

// A Finding is the first place where something is wrong.
type Finding struct {
	Seq  uint64 `json:"seq"`
	Slot int    `json:"slot"` // -1: the entry as a whole, or one of those from it on
	What string `json:"what"` // a sentence without its full stop; it repeats nothing of the bundle
}

// less orders findings by where they are.
func (f *Finding) less(g *Finding) bool {
	return g == nil || f.Seq < g.Seq || f.Seq == g.Seq && f.Slot < g.Slot
}

// A Report is the answer of a verification. Its text comes from the bundle and
// is to be escaped before it is shown.
type Report struct {
	Verdict  Verdict
	Log      string    // origin line
	Size     uint64    // entries the checkpoint covers
	Root     [32]byte  // of them, as the checkpoint says
	Head     uint64    // the last entry's number
	SealedAt time.Time // zero: not known
	Sealed   []Signature
	Counts   Counts
	First    *Finding
	Erased   []Withheld
	Withheld []Withheld      // all others, in order
	Bounds   []Bound         // ascending
	Remarks  []string        // sentences
	Info     json.RawMessage // bundle.json
	Claimed  *Policy         // policy.txt: what the exporter says; trusted by nobody for that
	Files    []string        // attachments and renderings that are in it
}

// Counts are numbers of entries.
type Counts struct {
	Leaves   uint64 `json:"leaves"`
	Open     uint64 `json:"open"`     // all slots are shown
	Part     uint64 `json:"part"`     // some are
	Withheld uint64 `json:"withheld"` // none is
	Erased   uint64 `json:"erased"`   // some slot was erased
	Tail     uint64 `json:"tail"`     // beyond the checkpoint
}

// A Bound says that at this time the log had this many entries, as those say
// who signed it: what is below Size was there, what is not was not yet sealed.
type Bound struct {
	Size uint64
	At   time.Time
}

// JSON is the report for programs, canonical and in one line: the same object
// from every verifier, but for "what" and "remarks", which are sentences.
func (r *Report) JSON() ([]byte, error) {
	type by struct {
		At   string `json:"at,omitempty"`
		Hash string `json:"hash"`
		Name string `json:"name"`
	}
	type erased struct {
		Event  uint64 `json:"event"`
		Ground string `json:"ground"`
		Seq    uint64 `json:"seq"`
		Slots  []int  `json:"slots"`
	}
	type withheld struct {
		First  uint64 `json:"first"`
		Ground string `json:"ground"`
		Last   uint64 `json:"last"`
		Reason string `json:"reason"`
		Slots  []int  `json:"slots"`
		Why    Why    `json:"why"`
	}
	type bound struct {
		At   string `json:"at"`
		Size uint64 `json:"size"`
	}
	var out struct {
		Bounds  []bound  `json:"bounds"`
		Counts  Counts   `json:"counts"`
		Erased  []erased `json:"erased"`
		Exit    int      `json:"exit"`
		First   *Finding `json:"first"`
		Head    uint64   `json:"head"`
		Log     string   `json:"log"`
		Remarks []string `json:"remarks"`
		Root    string   `json:"root"`
		Sealed  struct {
			At *string `json:"at"`
			By []by    `json:"by"`
		} `json:"sealed"`
		Size     uint64     `json:"size"`
		Verdict  Verdict    `json:"verdict"`
		Withheld []withheld `json:"withheld"`
	}
	out.Bounds, out.Erased, out.Withheld, out.Sealed.By = []bound{}, []erased{}, []withheld{}, []by{}
	out.Verdict, out.Exit, out.Log, out.Size, out.Head, out.Counts, out.First = r.Verdict, r.Verdict.Exit(), r.Log, r.Size, r.Head, r.Counts, r.First
	out.Root, out.Remarks = hex.EncodeToString(r.Root[:]), append([]string{}, r.Remarks...)
	if !r.SealedAt.IsZero() {
		at := r.SealedAt.UTC().Format(time.RFC3339)
		out.Sealed.At = &at
	}
	for _, s := range r.Sealed {
		b := by{Hash: fmt.Sprintf("%08x", s.Hash), Name: s.Name}
		if !s.Time.IsZero() {
			b.At = s.Time.UTC().Format(time.RFC3339)
		}
		out.Sealed.By = append(out.Sealed.By, b)
	}
	for _, w := range r.Erased {
		out.Erased = append(out.Erased, erased{w.Event, w.Ground, w.First, w.Slots})
	}
	for _, w := range r.Withheld {
		out.Withheld = append(out.Withheld, withheld{w.First, w.Ground, w.Last, w.Reason, w.Slots, w.Why})
	}
	for _, b := range r.Bounds {
		out.Bounds = append(out.Bounds, bound{b.At.UTC().Format(time.RFC3339), b.Size})
	}
	return Encode(out)
}
