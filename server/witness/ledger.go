package witness

import (
	"crypto/sha256"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// MaxErasure is how many bytes a signed note of an erasure has at most.
const MaxErasure = 1 << 14

var slotDigits = regexp.MustCompile(`^0?1?2?3?4?5?6?7?$`)

// parseErasure reads the text of an erasure's note: the word, the log's origin
// line, the entry's number, the digits of its slots in ascending order and the
// number of the entry that records the erasure.
func parseErasure(text string) (origin string, event uint64, err error) {
	bad := refuse(http.StatusBadRequest, "The note does not say what was erased.")
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[0] != "erasure" || !validOrigin(lines[1]) || lines[3] == "" || !slotDigits.MatchString(lines[3]) || lines[5] != "" {
		return "", 0, bad
	}
	seq, ok := parseSize(lines[2])
	event, ok2 := parseSize(lines[4])
	if !ok || !ok2 || event <= seq || event == maxSize {
		return "", 0, bad
	}
	return lines[1], event, nil
}

// erase appends an erasure to the ledger of its log, once.
func (w *Witness) erase(b []byte) error {
	text, _, found := strings.Cut(string(b), "\n\n")
	if !found {
		return refuse(http.StatusBadRequest, "The request is no signed note.")
	}
	origin, event, err := parseErasure(text + "\n")
	if err != nil {
		return err
	}
	n, err := w.policy.Load().openText(b, event+1)
	if err != nil {
		return err
	}
	if n.Text != text+"\n" {
		return refuse(http.StatusBadRequest, "The note does not say what was erased.")
	}
	clean, err := note.Sign(n)
	if err != nil {
		return err
	}
	return w.settle(func(s store) error {
		if _, err := s.log(origin); err != nil {
			return err
		}
		ledger, err := s.tx.Bucket(bLedger).CreateBucketIfNotExists([]byte(origin))
		if err != nil {
			return err
		}
		id := sha256.Sum256([]byte("ledger\n" + n.Text))
		kept := s.tx.Bucket(bKept)
		if kept.Get(id[:]) != nil {
			return nil
		}
		at, err := ledger.NextSequence()
		if err != nil {
			return err
		}
		if err := kept.Put(id[:], key(at)); err != nil {
			return err
		}
		return ledger.Put(key(at), clean)
	})
}

// erasures are the notes of a log's ledger, in order.
func (s store) erasures(origin string) ([]string, error) {
	if _, err := s.log(origin); err != nil {
		return nil, err
	}
	notes := []string{}
	b := s.tx.Bucket(bLedger).Bucket([]byte(origin))
	if b == nil {
		return notes, nil
	}
	return notes, b.ForEach(func(_, v []byte) error {
		notes = append(notes, string(v))
		return nil
	})
}
