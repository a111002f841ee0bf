package witness

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
)

// MaxAdmit is how many bytes a request to admit a room's logs has at most.
const MaxAdmit = 2*evidence.MaxCheckpoint + 1<<14

// An Admission asks the witness to admit the logs of a room: it shows, of the
// entry of the system log that registered the room, what kind of entry it is
// and which logs it begins, and nothing else of it.
type Admission struct {
	Checkpoint string            `json:"checkpoint"` // of the system log, as far as this witness has cosigned it
	Leaf       []byte            `json:"leaf"`
	Index      uint64            `json:"index"` // the entry's number
	Proof      [][]byte          `json:"proof"` // RFC 6962 audit path
	Slots      map[int][2]string `json:"slots"` // 0 and 5: salt in base64, value
}

// The slots an admission shows, and what they must say.
const (
	slotKind   = 0
	slotRefs   = 5
	registered = "room.registered"
)

var logID = regexp.MustCompile(`^[a-z2-7]{26}$`)

func parseAdmission(body []byte) (a Admission, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil || len(body) > MaxAdmit {
		return a, refuse(http.StatusBadRequest, "The request is not one to admit a room's logs.")
	}
	if _, err := d.Token(); err != io.EOF {
		return a, refuse(http.StatusBadRequest, "Something stands after the request.")
	}
	return a, nil
}

// admit lets a room's two logs in.
func (w *Witness) admit(a Admission) error {
	c, err := w.open([]byte(a.Checkpoint))
	if err != nil {
		return err
	}
	if c.Origin != w.o.System {
		return refuse(http.StatusForbidden, "Logs are admitted by the system log of %s alone.", w.deployment())
	}
	logs, err := a.logs(w.o.System)
	if err != nil {
		return err
	}
	if err := a.included(c.Checkpoint); err != nil {
		return err
	}
	return w.settle(func(s store) error {
		if err := s.stands(c); err != nil {
			return err
		}
		for i, kind := range []string{"room", "access"} {
			origin := w.deployment() + "/wardroom/1/" + kind + "/" + logs[i]
			if !validOrigin(origin) {
				return refuse(http.StatusForbidden, "The names of its logs are too long.")
			}
			if _, err := s.admit(origin, admission{Entry: a.Index}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *Witness) deployment() string {
	host, _, _ := strings.Cut(w.o.System, systemPart)
	return host
}

// logs checks what is shown against the leaf, and returns the ids of the
// room's log and its access log.
func (a Admission) logs(system string) (ids [2]string, err error) {
	no := refuse(http.StatusForbidden, "What is shown is not what the entry says, or the entry registers no room.")
	p := evidence.Partial{Seq: a.Index}
	for _, i := range []int{slotKind, slotRefs} {
		salt, err := base64.StdEncoding.Strict().DecodeString(a.Slots[i][0])
		if err != nil || len(salt) != 32 {
			return ids, no
		}
		p.Slots[i] = &evidence.Slot{Salt: [32]byte(salt), Value: []byte(a.Slots[i][1])}
	}
	if len(a.Slots) != 2 || p.Check(evidence.OriginOf(system), a.Leaf) != nil {
		return ids, no
	}
	var what struct {
		Kind string `json:"kind"`
		Root uint64 `json:"root"`
	}
	var refs struct {
		Logs []string `json:"logs"`
	}
	if json.Unmarshal(p.Slots[slotKind].Value, &what) != nil || what.Kind != registered || what.Root != a.Index ||
		json.Unmarshal(p.Slots[slotRefs].Value, &refs) != nil || len(refs.Logs) != 2 || refs.Logs[0] == refs.Logs[1] ||
		!logID.MatchString(refs.Logs[0]) || !logID.MatchString(refs.Logs[1]) {
		return ids, no
	}
	return [2]string(refs.Logs), nil
}

// included checks that the leaf is the entry of its number under the checkpoint.
func (a Admission) included(c evidence.Checkpoint) error {
	no := refuse(http.StatusForbidden, "The proof does not show that the entry is in the system log.")
	if a.Index >= c.Size || len(a.Proof) > maxProof {
		return no
	}
	var path tlog.RecordProof
	for _, h := range a.Proof {
		if len(h) != tlog.HashSize {
			return no
		}
		path = append(path, tlog.Hash(h))
	}
	if tlog.CheckRecord(path, int64(c.Size), c.Root, int64(a.Index), evidence.LeafHash(a.Leaf)) != nil {
		return no
	}
	return nil
}

// stands checks that a checkpoint of the system log lies within what was
// cosigned of it.
func (s store) stands(c signed) error {
	l, err := s.log(c.Origin)
	if err != nil {
		return err
	}
	forked, err := l.contradicts(c.Checkpoint)
	if err != nil {
		return err
	}
	if forked {
		return refuse(http.StatusForbidden, saysForked).keeping(c.finding(whatContradicts))
	}
	if size, _ := l.cosigned(); size < c.Size {
		return refuse(http.StatusConflict, "The system log is cosigned up to %d entries. Have this checkpoint of it cosigned first.", size)
	}
	return nil
}
