package bundletest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
)

// Deployment is the host name of all logs here.
const Deployment = "wardroom.example"

// Origin is the origin line of the rooms here.
const Origin = Deployment + "/wardroom/1/room/abcdefghijklmnopqrstuvwxyz"

// Began is when the first entry of a room was recorded; the others follow at a
// second each.
var Began = time.Date(2026, 3, 1, 2, 14, 0, 0, time.UTC)

// A Room is a log with its keys, from which bundles are made.
type Room struct {
	Origin  string
	Entries []*evidence.Whole
	Notary  *Party
	Witness *Party
	rand    *rand.Rand
}

// Value slots, by what they are for.
const (
	slotKind, slotActor, slotTimes, slotMarking, slotBody, slotRefs, slotAttachments, slotAuthority = 0, 1, 2, 3, 4, 5, 6, 7
)

// texts are what people say here: among it what has moved terminals, pages and
// parsers elsewhere.
var texts = []string{
	"Northmoor has isolated its radiology network.",
	"\"Quoted\", with a back\\slash, a /slash and a tab\tin it",
	"",
	"\x1b[2J\x1b]0;VALID\x07 \u009b31m",
	"\u202egnorw si siht\u202c \u2066and\u2069 \u200bthis\ufeff",
	"<script>alert(1)</script><img src=x onerror=alert(1)>",
	"Zoë – ½ £ 😀 e\u0301 漢字 \u2028\u2029",
	"yes",
	"\x00\x01\x1f\x7f",
	"=cmd|'/c calc'!A0",
}

// NewRoom returns a room of at least four entries: its genesis, that it was
// opened, its opener, and people who join, speak and leave.
func NewRoom(entries int, seed uint64) *Room {
	r := &Room{Origin: Origin, Notary: NewNotary(Deployment, 1), Witness: NewWitness("ncsc.example"), rand: rand.New(rand.NewPCG(seed, 1))}
	members, here := 1, []int{1}
	joined := map[int]int{1: 2}
	stands := "open"
	for seq := range entries {
		say := func(kind string, root, member int, body string) {
			r.Add(fmt.Sprintf(`{"kind":%q,"root":%d}`, kind, root), fmt.Sprintf(`{"member":%d,"org":"DSC","role":"lead"}`, member), body)
		}
		switch who := here[r.rand.IntN(len(here))]; {
		case seq == 0:
			r.Add(`{"kind":"genesis","root":0}`, `{}`, fmt.Sprintf(`{"deployment":%q,"format":"WARDROOM/1","log":"room","origin":%q,"section":1}`, Deployment, Origin))
		case seq == 1:
			say("room.opened", 1, 1, `{"hosts":["DSC","NCSC"],"mode":"exercise","reference":"EX-2026-0001","roster":"names","title":"A test","tlp":"AMBER"}`)
		case seq == 2:
			say("member.joined", 2, 1, `{"how":"opened","number":1,"person":"a","rules":1}`)
		case r.rand.IntN(12) == 0:
			members++
			joined[members] = seq
			here = append(here, members)
			say("member.joined", seq, members, fmt.Sprintf(`{"how":"subject","number":%d,"person":"b","rules":1}`, members))
		case r.rand.IntN(20) == 0 && who > 1:
			say("member.left", joined[who], who, `{}`)
			here = remove(here, who)
		case r.rand.IntN(25) == 0 && stands == "open":
			stands = "responding"
			say("room.moved", 1, 1, `{"from":"open","to":"responding"}`)
		default:
			text, err := evidence.Encode(map[string]string{"text": texts[r.rand.IntN(len(texts))] + strconv.Itoa(seq)})
			if err != nil {
				panic(err) // the texts are UTF-8
			}
			say("message.posted", seq, who, string(text))
		}
	}
	return r
}

func remove(list []int, x int) (rest []int) {
	for _, y := range list {
		if y != x {
			rest = append(rest, y)
		}
	}
	return rest
}

// Add appends an entry with these values and the others as they come.
func (r *Room) Add(kind, actor, body string) *evidence.Whole {
	seq := len(r.Entries)
	w := &evidence.Whole{Seq: uint64(seq)}
	for i := 0; i < len(w.Seed); i += 8 {
		binary.BigEndian.PutUint64(w.Seed[i:], r.rand.Uint64())
	}
	at := Began.Add(time.Duration(seq) * time.Second).Format("2006-01-02T15:04:05.000Z")
	w.Values = evidence.Values{slotKind: []byte(kind), slotActor: []byte(actor), slotTimes: []byte(`{"recorded":"` + at + `"}`),
		slotBody: []byte(body), slotAuthority: []byte(`{"key":"01HZZZZZZZZZZZZZZZZZZZZZZZ"}`)}
	if seq%3 == 0 {
		w.Values[slotMarking] = []byte(`{"audience":{"kind":"room"},"originator":"DSC","tlp":"AMBER"}`)
	}
	r.Entries = append(r.Entries, w)
	return w
}

// Attach has an entry list a file with this content, and returns the room.
func (r *Room) Attach(seq int, content string) *Room {
	salt := sha256.Sum256(fmt.Append(nil, "salt ", seq, content))
	h := evidence.FileCommitment(salt, uint64(len(content)))
	h.Write([]byte(content))
	enc := base64.StdEncoding.EncodeToString
	r.Entries[seq].Values[slotAttachments] = fmt.Appendf(nil, `{"files":[{"commitment":%q,"id":"abcdefghijklmnopqrstuvwxyz","name":"f","salt":%q,"sha256":%q,"size":%d,"type":"text/plain"}]}`,
		enc(h.Sum(nil)), enc(salt[:]), Hex(content), len(content))
	return r
}

// Leaf is the leaf of an entry.
func (r *Room) Leaf(seq int) []byte {
	w := r.Entries[seq]
	return evidence.AppendLeaf(nil, evidence.OriginOf(r.Origin), w.Seq, w.Seed, &w.Values)
}

// Checkpoint is of the first size entries.
func (r *Room) Checkpoint(size int) evidence.Checkpoint {
	var f evidence.Frontier
	for seq := range size {
		f.Append(evidence.LeafHash(r.Leaf(seq)))
	}
	return evidence.Checkpoint{Origin: r.Origin, Size: uint64(size), Root: f.Root()}
}

// SealedAt is when the room's checkpoint of that size is cosigned: three seconds
// after its last entry.
func SealedAt(size int) time.Time { return Began.Add(time.Duration(size+2) * time.Second) }

// Sign signs a checkpoint as these parties do.
func Sign(c evidence.Checkpoint, parties ...*Party) []byte {
	var all []note.Signer
	for _, p := range parties {
		all = append(all, p.Signers(SealedAt(int(c.Size)))...)
	}
	b, err := c.Sign(all...)
	if err != nil {
		panic(err) // the checkpoints here are ones
	}
	return b
}

// Note is the cosigned checkpoint of the first size entries.
func (r *Room) Note(size int) []byte { return Sign(r.Checkpoint(size), r.Notary, r.Witness) }

// Policy names the room's keys.
func (r *Room) Policy() *evidence.Policy {
	p, err := evidence.NewPolicy([]evidence.Generation{r.Notary.Generation(0, 0)}, []evidence.Witness{r.Witness.Witness()})
	if err != nil {
		panic(err)
	}
	return p
}
