package web_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// seals lets the notary sign what there is.
func (s *stack) seals() {
	s.t.Helper()
	if err := s.notary.Once(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func unbase(t *testing.T, v any) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(v.(string))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnybodyInTheRoomIsShownTheProofOfAnyEntry(t *testing.T) {
	c := newCast(t)
	lead, auditor := c.browsers["lead"], c.browsers["auditor"]
	red := lead.say(c.room, "for one pair of eyes", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1}}})
	at := fmt.Sprintf("/rooms/%s/entries/%d/proof", c.room, red)
	lead.refused(409, "conflict", "GET", at, nil)
	c.s.seals()
	keys := auditor.must(200, "GET", "/proof/keys", nil)
	listed := keys["notary"].([]any)[0].(object)
	var verifiers []string
	for _, v := range listed["verifiers"].([]any) {
		verifiers = append(verifiers, v.(string))
	}
	first, err := note.NewVerifier(verifiers[0])
	if err != nil || len(verifiers) != 2 || listed["name"] != incident.NotaryName("wardroom.test") || keys["witness"] != nil {
		t.Fatalf("keys: %v, %v", keys, err)
	}
	if want := "wardroom/policy/1\nlog " + strings.Join(verifiers, " ") + "\n"; keys["policy"] != want {
		t.Errorf("policy: %q", keys["policy"])
	}
	if f := listed["fingerprints"].([]any)[1].(string); f != evidence.Fingerprint(verifiers[1]) || len(f) != 79 {
		t.Errorf("fingerprint: %q", f)
	}
	one, other := lead.must(200, "GET", at, nil), auditor.must(200, "GET", at, nil)
	if fmt.Sprint(one) != fmt.Sprint(other) {
		t.Errorf("who may read it and who sees a stub are shown different proofs")
	}
	origin := incident.OriginLine("wardroom.test", incident.RoomLog, incident.LogID(c.room))
	signed, err := evidence.OpenCheckpoint([]byte(other["note"].(string)), origin, []note.Verifier{first}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var path tlog.RecordProof
	for _, h := range other["path"].([]any) {
		path = append(path, tlog.Hash(unbase(t, h)))
	}
	leaf := unbase(t, other["leaf"])
	if string(unbase(t, other["root"])) != string(signed.Root[:]) || other["cosigned"] != false || len(leaf) != evidence.LeafSize ||
		tlog.CheckRecord(path, int64(signed.Size), signed.Root, int64(red), tlog.Hash(evidence.LeafHash(leaf))) != nil {
		t.Errorf("it proves nothing: %v", other)
	}
	if strings.Contains(fmt.Sprint(other), "pair of eyes") {
		t.Error("it says what the entry says")
	}
}

func TestTheSnapshotAndTheListSayHowFarTheRoomIsSealed(t *testing.T) {
	c := newCast(t)
	guest := c.browsers["representative"]
	if snap := guest.must(200, "GET", "/rooms/"+c.room, nil); snap["seal"] != nil {
		t.Errorf("before any checkpoint: %v", snap["seal"])
	}
	c.s.seals()
	before := guest.must(200, "GET", "/rooms/"+c.room, nil)
	c.browsers["lead"].say(c.room, "more")
	c.s.seals()
	snap := guest.must(200, "GET", "/rooms/"+c.room, nil)
	was, seal := before["seal"].(object), snap["seal"].(object)
	if seal["size"] != snap["seq"].(float64)+1 || seal["cosigned"] != false || seal["since"] != nil || was["size"] != seal["size"].(float64)-1 {
		t.Errorf("the seal: %v, then %v", was, seal)
	}
	list := guest.must(200, "GET", "/rooms/"+c.room+"/seals?limit=1", nil)
	rows := list["seals"].([]any)
	if len(rows) != 1 || list["more"] != true || rows[0].(object)["note"] != seal["note"] || rows[0].(object)["key"] != 1.0 {
		t.Errorf("the list: %v", list)
	}
	spans := list["keys"].([]any)
	if len(spans) != 1 || spans[0].(object)["generation"] != 1.0 || spans[0].(object)["last"] != seal["size"] {
		t.Errorf("the keys' sizes: %v", spans)
	}
	from, to := fmt.Sprint(was["size"]), fmt.Sprint(seal["size"])
	if p := guest.must(200, "GET", "/rooms/"+c.room+"/consistency?from="+from+"&to="+to, nil); len(p["path"].([]any)) == 0 {
		t.Errorf("nothing proves that it grew: %v", p)
	}
	for _, q := range []string{"from=0&to=" + to, "from=2&to=1", "from=1&to=999999", "from=-1&to=2", "to=2", "from=1e1&to=20"} {
		guest.refused(422, "invalid", "GET", "/rooms/"+c.room+"/consistency?"+q, nil)
	}
}
