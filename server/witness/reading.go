package witness

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"wardroom/server/evidence"
)

// What is read from the witness: by auditors, and by the deployment that
// compares itself with it.

func (w *Witness) getCheckpoint(rw http.ResponseWriter, r *http.Request) {
	var b []byte
	err := w.view(func(s store) error {
		l, err := s.log(r.URL.Query().Get("origin"))
		if err != nil {
			return err
		}
		_, newest := l.cosigned()
		if newest == nil {
			return refuse(http.StatusNotFound, "This witness has cosigned nothing of that log yet.")
		}
		b = append(b, newest...)
		return nil
	})
	w.answer(rw, b, err)
}

// getLeaves answers the leaves from … to-1 as far as a signed checkpoint
// vouches for them, at most MaxLeaves of them.
func (w *Witness) getLeaves(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, ok := parseSize(q.Get("from"))
	to, ok2 := parseSize(q.Get("to"))
	if !ok || !ok2 || from >= to || to-from > MaxLeaves {
		w.answer(rw, nil, refuse(http.StatusBadRequest, "Ask for leaves from one number up to, and without, a larger one: at most %d.", MaxLeaves))
		return
	}
	var b []byte
	err := w.view(func(s store) error {
		l, err := s.log(q.Get("origin"))
		if err != nil {
			return err
		}
		if from >= l.firm {
			return refuse(http.StatusRequestedRangeNotSatisfiable, "Of that log %d leaves are held under a signed checkpoint.", l.firm)
		}
		b = make([]byte, 0, int(min(to, l.firm)-from)*evidence.LeafSize)
		c := l.sub(bLeaf).Cursor()
		for k, v := c.Seek(key(from)); k != nil && number(k) < min(to, l.firm); k, v = c.Next() {
			b = append(b, v...)
		}
		return nil
	})
	if err == nil {
		rw.Header().Set("Content-Type", "application/octet-stream")
	}
	w.answer(rw, b, err)
}

func (w *Witness) getLedger(rw http.ResponseWriter, r *http.Request) {
	var notes []string
	err := w.view(func(s store) (err error) {
		notes, err = s.erasures(r.URL.Query().Get("origin"))
		return err
	})
	w.answerJSON(rw, notes, err)
}

// A Log is what GET /logs says of one.
type Log struct {
	Origin   string `json:"origin"`
	Cosigned uint64 `json:"cosigned"` // entries the newest cosigned checkpoint covers
	Firm     uint64 `json:"firm"`     // leaves held under a checkpoint the operator signed
	Held     uint64 `json:"held"`     // leaves held in all
	Entry    uint64 `json:"entry"`    // of the system log, by which it was admitted; 0 for the system log itself
}

func (w *Witness) getLogs(rw http.ResponseWriter, _ *http.Request) {
	all := []Log{}
	err := w.view(func(s store) error {
		return s.tx.Bucket(bLogs).ForEachBucket(func(origin []byte) error {
			l, err := s.log(string(origin))
			if err != nil {
				return err
			}
			var a admission
			if err := json.Unmarshal(l.b.Get(kAdmitted), &a); err != nil {
				return err
			}
			size, _ := l.cosigned()
			all = append(all, Log{Origin: l.origin, Cosigned: size, Firm: l.firm, Held: l.held, Entry: a.Entry})
			return nil
		})
	})
	w.answerJSON(rw, all, err)
}

// Evidence is what GET /evidence says of a checkpoint that was refused.
type Evidence struct {
	Number uint64 `json:"number"`
	finding
	Verdict string `json:"verdict"`
	Against string `json:"against,omitempty"` // what it contradicts: the oldest note cosigned here that covers its size, else the newest the operator signed for the leaves held
}

// Verdicts over a finding, by the leaves that are held now.
const (
	verdictProved = "proved" // the operator signed for two histories
	verdictJoined = "joined" // the checkpoint is good; what came with it was not, and anybody can have sent that
	verdictOpen   = "open"   // not enough leaves are held under a checkpoint to tell
)

// evidencePage is how many findings one answer brings.
const evidencePage = 50

func (w *Witness) getEvidence(rw http.ResponseWriter, r *http.Request) {
	var after uint64
	if text := r.URL.Query().Get("after"); text != "" {
		var ok bool
		if after, ok = parseSize(text); !ok {
			w.answer(rw, nil, refuse(http.StatusBadRequest, "Ask for what stands after a number."))
			return
		}
	}
	all := []Evidence{}
	err := w.view(func(s store) error {
		c := s.tx.Bucket(bEvidence).Cursor()
		for k, v := c.Seek(key(after + 1)); k != nil && len(all) < evidencePage; k, v = c.Next() {
			e := Evidence{Number: number(k)}
			if err := json.Unmarshal(v, &e.finding); err != nil {
				return err
			}
			if err := s.judge(&e); err != nil {
				return err
			}
			all = append(all, e)
		}
		return nil
	})
	w.answerJSON(rw, all, err)
}

// judge says what a finding proves by now.
func (s store) judge(e *Evidence) error {
	l, err := s.log(e.Origin)
	if err != nil {
		return err
	}
	if e.Size > l.firm {
		e.Verdict = verdictOpen
		return nil
	}
	root, err := l.root(e.Size)
	if err != nil {
		return err
	}
	e.Verdict = verdictProved
	if root == e.Root {
		e.Verdict = verdictJoined
	}
	if e.Verdict == verdictProved {
		_, note := l.sub(bSealed).Cursor().Seek(key(e.Size))
		if note == nil {
			note = l.b.Get(kVouched)
		}
		e.Against = string(note)
	}
	return nil
}

func (w *Witness) getKey(rw http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	for _, k := range w.keys.public {
		fmt.Fprintf(&b, "%s\n%s\n\n", k, evidence.Fingerprint(k))
	}
	w.answer(rw, []byte(strings.TrimSuffix(b.String(), "\n")), nil)
}

// getPolicy answers what an auditor checks by: the operator's keys as this
// witness knows them, and its own.
func (w *Witness) getPolicy(rw http.ResponseWriter, _ *http.Request) {
	p := evidence.Policy{Log: w.policy.Load().Log, Witnesses: []evidence.Witness{{Keys: w.keys.public}}}
	w.answer(rw, []byte(p.String()), nil)
}

func (w *Witness) answerJSON(rw http.ResponseWriter, x any, err error) {
	if err != nil {
		w.answer(rw, nil, err)
		return
	}
	b, err := json.Marshal(x)
	if err == nil {
		rw.Header().Set("Content-Type", "application/json")
	}
	w.answer(rw, append(b, '\n'), err)
}

// found counts what is kept against the operator: what is proved, and what
// cannot be told yet.
func (w *Witness) found() (proved, open int, err error) {
	err = w.view(func(s store) error {
		return s.tx.Bucket(bEvidence).ForEach(func(_, v []byte) error {
			var e Evidence
			if err := json.Unmarshal(v, &e.finding); err != nil {
				return err
			}
			err := s.judge(&e)
			switch e.Verdict {
			case verdictProved:
				proved++
			case verdictOpen:
				open++
			}
			return err
		})
	})
	return proved, open, err
}
