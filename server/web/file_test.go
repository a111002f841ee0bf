package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

const mib = 1 << 20

// content is bytes that do not compress, the same for the same seed.
func content(seed uint64, size int) []byte {
	b := make([]byte, size)
	rnd := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

// begin begins an upload and returns its id.
func (b *browser) begin(room, name string, size int) string {
	b.t.Helper()
	return b.must(201, "POST", "/rooms/"+room+"/uploads", object{"name": name, "size": size})["id"].(string)
}

// put sends a chunk of the file.
func (b *browser) put(room, id string, n int, file []byte) reply {
	b.t.Helper()
	return b.send("PUT", fmt.Sprintf("/api/v1/rooms/%s/uploads/%s/chunks/%d", room, id, n), file[n*mib:min(len(file), (n+1)*mib)], "Content-Type", "application/octet-stream")
}

// upload sends a file whole.
func (b *browser) upload(room, name string, file []byte) string {
	b.t.Helper()
	id := b.begin(room, name, len(file))
	for n := 0; n*mib < len(file); n++ {
		if r := b.put(room, id, n, file); r.status != 200 {
			b.t.Fatalf("chunk %d: %d %s", n, r.status, r.body)
		}
	}
	return id
}

func filePath(room string, seq, n int) string {
	return fmt.Sprintf("/api/v1/rooms/%s/entries/%d/files/%d", room, seq, n)
}

func TestAFileGoesUpInPartsAndComesDownAsItWas(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	file := content(1, 3*mib+17)
	id := ciso.begin(room, "../../etc/triage\u202efdp.zip", len(file))
	for _, n := range []int{2, 0, 3, 0} { // in any order, and twice
		if r := ciso.put(room, id, n, file); r.status != 200 {
			t.Fatalf("chunk %d: %d %s", n, r.status, r.body)
		}
	}
	half := ciso.must(200, "GET", "/rooms/"+room+"/uploads/"+id, nil)
	if fmt.Sprint(half["received"]) != "[0 2 3]" || half["whole"] != false || half["name"] != "triage_fdp.zip" {
		t.Fatalf("%v", half)
	}
	ciso.refused(422, "invalid", "POST", "/rooms/"+room+"/messages", object{"text": "the triage", "attachments": []string{id}})
	ciso.put(room, id, 1, file)
	seq := ciso.say(room, "the triage", object{"attachments": []string{id}})

	r := lead.send("GET", filePath(room, seq, 1), nil)
	if r.status != 200 || !bytes.Equal(r.body, file) {
		t.Fatalf("%d, %d bytes of %d", r.status, len(r.body), len(file))
	}
	for name, want := range map[string]string{"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Disposition": `attachment; filename="triage_fdp.zip"; filename*=UTF-8''triage_fdp.zip`, "Cross-Origin-Resource-Policy": "same-origin"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if csp := r.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox; default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
	for _, c := range []struct {
		ask        string
		from, to   int
		status     int
		wantLength int
	}{{"bytes=0-0", 0, 1, 206, 1}, {"bytes=1048570-1048590", 1048570, 1048591, 206, 21}, {"bytes=3145728-", 3 * mib, len(file), 206, 17}, {"bytes=-5", len(file) - 5, len(file), 206, 5}} {
		r := lead.send("GET", filePath(room, seq, 1), nil, "Range", c.ask)
		if r.status != c.status || len(r.body) != c.wantLength || !bytes.Equal(r.body, file[c.from:c.to]) {
			t.Errorf("%s: %d, %d bytes", c.ask, r.status, len(r.body))
		}
	}
	if r := lead.send("GET", filePath(room, seq, 1), nil, "Range", "bytes=9999999-"); r.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: %d", r.status)
	}
	if r := lead.send("HEAD", filePath(room, seq, 1), nil); r.status != 200 || r.header.Get("Content-Length") != fmt.Sprint(len(file)) {
		t.Errorf("HEAD: %d %v", r.status, r.header)
	}
	if got := lead.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d/files", room, seq), nil); fmt.Sprint(got) != "map[files:[map[scan:none]]]" {
		t.Errorf("%v", got)
	}
	// A reader finds it by its name and by its hash; whoever has not the entry does not.
	sum := sha256.Sum256(file)
	for _, words := range []string{"TRIAGE_fdp", hex.EncodeToString(sum[:])} {
		hits := lead.must(200, "POST", "/rooms/"+room+"/search", object{"text": words})
		if list := objects(hits["hits"]); len(list) != 1 || list[0]["seq"] != float64(seq) {
			t.Errorf("searched for %s: %v", words, hits)
		}
	}
	if log := s.log.String(); strings.Contains(log, "triage") || strings.Contains(log, id) || !strings.Contains(log, "uploads/{upload}/chunks/{n}") {
		t.Error("the log tells of a file, or the test is blind")
	}
	// What is attached is no upload to be taken back, nor attached twice.
	ciso.refused(404, "not_found", "DELETE", "/rooms/"+room+"/uploads/"+id, nil)
	ciso.refused(422, "invalid", "POST", "/rooms/"+room+"/messages", object{"text": "again", "attachments": []string{id}})
}

func TestAnUploadIsItsSendersAloneAndAnAttachmentItsReaders(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, observer, supplier := s.as("lead"), s.as("ciso"), s.as("director"), s.as("supplier")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	observer.join(lead, room, "director", "observer", "full")
	supplier.join(lead, room, "supplier", "representative", "full")
	file := content(2, mib+1)
	id := ciso.upload(room, "a.bin", file)
	want := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	same := func(what string, r reply) {
		t.Helper()
		if r.status != 404 || !bytes.Equal(r.body, want.body) {
			t.Errorf("%s: %d %s", what, r.status, r.body)
		}
	}
	same("another's upload", lead.send("GET", "/api/v1/rooms/"+room+"/uploads/"+id, nil))
	same("an upload nobody has", lead.send("GET", "/api/v1/rooms/"+room+"/uploads/"+incident.RandomID(), nil))
	same("a part of another's", supplier.put(room, id, 0, file))
	same("another's dropped", supplier.send("DELETE", "/api/v1/rooms/"+room+"/uploads/"+id, nil))
	theirs := supplier.send("POST", "/api/v1/rooms/"+room+"/messages", object{"text": "x", "attachments": []string{id}})
	none := supplier.send("POST", "/api/v1/rooms/"+room+"/messages", object{"text": "x", "attachments": []string{incident.RandomID()}})
	if theirs.status != 422 || !bytes.Equal(theirs.body, none.body) {
		t.Errorf("another's upload and none are told apart: %s %s", theirs.body, none.body)
	}
	observer.refused(403, "forbidden", "POST", "/rooms/"+room+"/uploads", object{"name": "a", "size": 1})

	hidden := ciso.say(room, "for the hosts", object{"attachments": []string{id}, "audience": object{"kind": "hosts"}})
	same("an attachment of what is not theirs", supplier.send("GET", filePath(room, hidden, 1), nil))
	same("what the scanner says of it", supplier.send("GET", fmt.Sprintf("/api/v1/rooms/%s/entries/%d/files", room, hidden), nil))
	same("no attachment", lead.send("GET", filePath(room, hidden, 2), nil))
	same("no number", lead.send("GET", fmt.Sprintf("/api/v1/rooms/%s/entries/%d/files/%s", room, hidden, "01"), nil))
	if r := lead.send("GET", filePath(room, hidden, 1), nil); r.status != 200 || !bytes.Equal(r.body, file) {
		t.Errorf("a reader: %d", r.status)
	}
	open := ciso.say(room, "for all", object{"attachments": []string{ciso.upload(room, "b.bin", file)}})
	if r := supplier.send("GET", filePath(room, open, 1), nil); r.status != 200 {
		t.Fatalf("a reader: %d", r.status)
	}
	supplier.must(200, "POST", "/rooms/"+room+"/leave", object{})
	same("after leaving", supplier.send("GET", filePath(room, open, 1), nil))
	lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/withhold", room, open), object{})
	same("withheld", observer.send("GET", filePath(room, open, 1), nil))
}

func TestAnAttachmentOfARestrictedEntryComesAfterItsOpeningAndOnRecord(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	file := content(3, 2*mib)
	seq := ciso.say(room, "for two", object{"attachments": []string{ciso.upload(room, "r.bin", file)}, "tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1, 2}}})
	lead.refused(401, "step_up", "GET", fmt.Sprintf("/rooms/%s/entries/%d/files/1", room, seq), nil)
	lead.stepUp("lead")
	lead.refused(403, "forbidden", "GET", fmt.Sprintf("/rooms/%s/entries/%d/files/1", room, seq), nil)
	taken := func() (n int) {
		for _, l := range objects(lead.must(200, "GET", "/desk/access?room="+room, nil)["lines"]) {
			if l["kind"] == "file.taken" {
				n++
			}
		}
		return n
	}
	if taken() != 0 {
		t.Error("a taking is on record before there was one")
	}
	lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/open", room, seq), object{})
	if r := lead.send("HEAD", filePath(room, seq, 1), nil); r.status != 200 || taken() != 0 {
		t.Errorf("asked how long it is: %d, %d on record", r.status, taken())
	}
	for range 2 {
		if r := lead.send("GET", filePath(room, seq, 1), nil, "Range", "bytes=0-9"); r.status != 206 || !bytes.Equal(r.body, file[:10]) {
			t.Fatalf("%d", r.status)
		}
	}
	if n := taken(); n != 1 {
		t.Errorf("%d lines of one file's parts", n)
	}
}

func TestWhatIsAttachedToARecordedItemComesAfterItsOpeningAndNeverWithItsTearLine(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, director := s.as("lead"), s.as("ciso"), s.as("director")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "observer", "full")
	file := content(5, mib+3)
	id := lead.upload(room, "sample-of-heliotrope.pcap", file)
	ciso.refused(422, "invalid", "POST", "/rooms/"+room+"/items", itemOf(object{"attachments": []string{id}}))
	item, tear := lead.publish(room, itemOf(object{"recorded": true, "attachments": []string{id}, "audience": object{"kind": "named", "members": []int{1, 2}},
		"tear": object{"text": "Ask us for a sample.", "tlp": "TLP:GREEN", "audience": object{"kind": "room"}}}))
	list := fmt.Sprintf("/rooms/%s/entries/%d/files", room, item)
	ciso.refused(403, "forbidden", "GET", list, nil)
	if r := ciso.send("GET", filePath(room, item, 1), nil); r.status != 403 {
		t.Errorf("before it was opened: %d", r.status)
	}
	ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/open", room, item), object{})
	if r := ciso.send("GET", filePath(room, item, 1), nil); r.status != 200 || !bytes.Equal(r.body, file) {
		t.Errorf("once it was opened: %d, %d bytes", r.status, len(r.body))
	}
	for _, who := range []*browser{ciso, director} { // a tear-line has none, whoever asks
		who.refused(404, "not_found", "GET", fmt.Sprintf("/rooms/%s/entries/%d/files", room, tear), nil)
	}
	director.refused(404, "not_found", "GET", list, nil)
	if r := director.send("GET", filePath(room, item, 1), nil); r.status != 404 {
		t.Errorf("to whom it is not addressed: %d", r.status)
	}
	if names := carrying(director.reads(room, item), "heliotrope"); len(names) > 0 {
		t.Errorf("its name stands in %v", names)
	}
	lead.refused(422, "invalid", "POST", "/rooms/"+room+"/items", itemOf(object{"attachments": []string{id}}))
}

// The answer to a message was lost, and meanwhile its file became one that
// nothing attaches any more: sent again it is what it was, once.
func TestWhatWasSentWithAFileAndIsSentAgainHasItsFirstAnswerWhateverBecameOfTheFile(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	conn, err := pgx.Connect(t.Context(), s.DB.Cluster.SuperuserURL(s.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, x := range []struct {
		what, path, became string
		body               object
	}{
		{"a message", "/messages", `UPDATE blob SET scan = 'found' WHERE log = $1 AND id = $2`, object{"text": "with a file"}},
		{"a host's reason", "/messages", `UPDATE blob SET scan = 'found' WHERE log = $1 AND id = $2`, object{"text": "SECRET", "override": "The name of the tool"}},
		{"an item", "/items", `UPDATE blob SET scan = 'found' WHERE log = $1 AND id = $2`, itemOf(nil)},
		{"a message whose file was erased", "/messages", `WITH a AS (DELETE FROM attachment WHERE log = $1 AND blob = $2) DELETE FROM blob WHERE log = $1 AND id = $2`, object{"text": "with a file"}},
	} {
		id := lead.upload(room, "f.bin", content(6, 100))
		x.body["attachments"] = []string{id}
		key := s.Key()
		at := "/rooms/" + room + x.path
		first := lead.must(201, "POST", at, x.body, "Idempotency-Key", string(key))
		if tag, err := conn.Exec(t.Context(), x.became, room, id); err != nil || tag.RowsAffected() != 1 {
			t.Fatalf("%s: %v, %v", x.what, tag, err)
		}
		if again := lead.must(201, "POST", at, x.body, "Idempotency-Key", string(key)); fmt.Sprint(again) != fmt.Sprint(first) {
			t.Errorf("%s: sent again it is %v, was %v", x.what, again, first)
		}
		other := maps.Clone(x.body)
		other["attachments"] = []string{id, incident.RandomID()}
		lead.refused(409, "conflict", "POST", at, other, "Idempotency-Key", string(key)) // one key is one command
		lead.refused(422, "invalid", "POST", at, x.body)
	}
}

// A download that somebody lost the right to while it ran ends within a second,
// however slowly it is read, and within 8 MiB.
func TestADownloadStopsWhenItsReaderMayNotHaveItAnyMore(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, guest := s.as("lead"), s.as("supplier")
	room := lead.openRoom("incident", "names")
	guest.join(lead, room, "supplier", "representative", "full")
	file := content(5, 48*mib)
	seq := lead.say(room, "large", object{"attachments": []string{lead.upload(room, "l.bin", file)}})
	act := func(what string) func() {
		return func() { lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/%s", room, seq, what), object{}) }
	}
	for _, c := range []struct {
		name        string
		lose, again func()
	}{
		{"withheld", act("withhold"), act("restore")},
		{"signed out", func() { guest.must(204, "DELETE", "/session", nil) }, func() { guest.follow("/auth/start?issuer=health&return=/", "supplier") }},
		{"something else is said", func() { lead.say(room, "go on") }, nil},
		{"left", func() { guest.must(200, "POST", "/rooms/"+room+"/leave", object{}) }, nil},
	} {
		req, err := http.NewRequest("GET", door.origin+filePath(room, seq, 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := guest.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d", c.name, res.StatusCode)
		}
		if _, err := io.ReadFull(res.Body, make([]byte, mib)); err != nil {
			t.Fatal(err)
		}
		c.lose()
		lost := time.Now()
		// As a slow line reads: a little at a time, and no faster.
		var after int
		for err = nil; err == nil; {
			var n int
			n, err = res.Body.Read(make([]byte, 32<<10))
			after += n
			if time.Since(lost) < time.Second {
				<-time.After(5 * time.Millisecond) // the throttle itself, not a wait for anything
			}
		}
		took := time.Since(lost)
		res.Body.Close()
		if c.name == "something else is said" {
			if after != len(file)-mib || err != io.EOF {
				t.Fatalf("a reader who may have it got %d bytes: %v", after, err)
			}
			continue
		}
		t.Logf("%s: %d bytes in %v", c.name, after, took)
		if after > 8*mib || err == io.EOF || took > 1500*time.Millisecond {
			t.Errorf("%s: %d bytes and %v after that: %v", c.name, after, took, err)
		}
		if c.again != nil {
			c.again()
		}
	}
}
