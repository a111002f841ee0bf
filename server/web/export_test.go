package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// outgoing is a room of both hosts and two guests, with an export that the
// hosts have agreed to.
type outgoing struct {
	*stack
	room                                   string
	lead, second, rep, other, auditor      *browser
	ncsc                                   incident.Actor
	plain, patient, asked, kept, root, red int
}

func newOutgoing(t *testing.T) *outgoing {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("nightlead")
	o := &outgoing{stack: s, lead: s.as("lead"), second: s.as("nightlead"), rep: s.as("ciso"), other: s.as("director"), auditor: s.as("auditor")}
	o.room = o.lead.openRoom("incident", "names")
	o.second.join(o.lead, o.room, "nightlead", "deputy", "full")
	o.rep.join(o.lead, o.room, "ciso", "representative", "full")
	o.other.join(o.lead, o.room, "director", "representative", "full")
	o.auditor.join(o.lead, o.room, "auditor", "auditor", "full")
	o.ncsc = s.Person("Rowan Ash", "NCSC")
	lead := incident.Actor{Person: o.person("Priya Anand"), Orgs: []incident.OrgID{"DSC"}}
	s.Join(incident.LogID(o.room), lead, o.ncsc, incident.Liaison, incident.Full)
	o.plain = o.lead.say(o.room, "the gateway is down")
	o.patient = o.lead.say(o.room, "ward 3 asks about 943 476 5919, born 1950")
	o.asked = o.rep.say(o.room, "Canary of Northmoor")
	o.red = o.rep.say(o.room, "for two pairs of eyes", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1}}})
	o.kept = o.other.say(o.room, "Canary of Eastmere")
	o.root = int(o.lead.must(201, "POST", "/rooms/"+o.room+"/exports", o.grant(o.kept))["seq"].(float64))
	o.second.must(200, "POST", o.at("/agree"), object{"seen": o.head()})
	return o
}

func (o *outgoing) person(name string) incident.PersonID {
	r, err := o.Journal.Room(o.t.Context(), incident.LogID(o.room))
	if err != nil {
		o.t.Fatal(err)
	}
	for _, m := range r.Members {
		if m.Seat.Name == name {
			return m.Person
		}
	}
	o.t.Fatalf("no %s", name)
	return ""
}

func (o *outgoing) grant(to int) object {
	return object{"basis": "inquiries_act_21", "from": 1, "to": to, "purpose": "module 2 Canary of the purpose", "until": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339),
		"recipient": object{"name": "Dame Ruth Hale", "organisation": "Cyber Incident Inquiry", "role": "Chair"}}
}

func (o *outgoing) at(rest string) string {
	return fmt.Sprintf("/rooms/%s/exports/%d%s", o.room, o.root, rest)
}

func (o *outgoing) head() int {
	r, err := o.Journal.Room(o.t.Context(), incident.LogID(o.room))
	if err != nil {
		o.t.Fatal(err)
	}
	return int(r.Head)
}

// hostsAgree is the other host's agreement.
func (o *outgoing) hostsAgree() {
	o.t.Helper()
	o.Must(o.Do(incident.LogID(o.room), o.ncsc, command.AgreeExport{Root: incident.Seq(o.root), Seen: incident.Seq(o.head())}))
}

func TestAnExportIsAskedForAgreedAnsweredRedactedApprovedAndTaken(t *testing.T) {
	o := newOutgoing(t)
	if q := o.rep.must(200, "GET", "/rooms/"+o.room+"/exports/asked", nil); len(q["questions"].([]any)) != 0 {
		t.Fatalf("asked before the hosts agreed: %v", q)
	}
	o.second.refused(409, "conflict", "POST", o.at("/approve"), object{"seen": o.head()}) // one host has yet to agree
	o.hostsAgree()

	found := o.lead.must(200, "GET", o.at("/suggestions"), nil)["suggestions"].([]any)
	if len(found) != 1 {
		t.Fatalf("suggested: %v", found)
	}
	one := found[0].(object)
	o.lead.must(200, "POST", o.at("/redact"), object{"seen": o.head(), "redactions": []object{{"entry": one["entry"], "slot": one["slot"], "field": one["field"],
		"spans": one["spans"], "ground": one["ground"], "reason": "a patient"}}})
	o.lead.refused(422, "invalid", "POST", o.at("/redact"), object{"seen": o.head(), "redactions": []object{{"entry": o.plain, "slot": 4, "field": "/text",
		"spans": []object{{"from": 0, "to": 2000}}, "ground": "foi_31", "reason": "too far"}}})

	asked := o.rep.must(200, "GET", "/rooms/"+o.room+"/exports/asked", nil)
	q := objects(asked["questions"])
	if len(q) != 1 || fmt.Sprint(seqsOf(q[0]["entries"])) != fmt.Sprint([]int{o.asked, o.red}) || q[0]["organisation"] != "Cyber Incident Inquiry" {
		t.Fatalf("asked of Northmoor: %v", asked)
	}
	o.rep.must(200, "POST", o.at("/answer"), object{"answer": "release", "entries": []int{o.asked}, "seen": o.head()})

	rows := objects(o.lead.must(200, "GET", o.at("/restricted"), nil)["entries"])
	if len(rows) != 3 || rows[0]["answer"] != "release" || rows[1]["answer"] != "" || rows[2]["answer"] != "" {
		t.Fatalf("restricted: %v", rows)
	}
	o.second.stepUp("nightlead")
	o.second.refused(409, "conflict", "POST", o.at("/approve"), object{"seen": o.head()}) // not sealed
	if err := o.notary.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.lead.stepUp("lead")
	o.lead.refused(403, "forbidden", "POST", o.at("/approve"), object{"seen": o.head()}) // asked for it, and redacted
	o.second.refused(409, "conflict", "POST", o.at("/approve"), object{"seen": o.root})  // an older view
	o.second.must(200, "POST", o.at("/approve"), object{"seen": o.head()})
	o.lead.refused(409, "conflict", "POST", o.at("/redact"), object{"seen": o.head(), "redactions": []object{{"entry": o.plain, "slot": 4, "ground": "foi_31", "reason": "late"}}})
	o.second.refused(401, "step_up", "POST", o.at("/take"), object{}) // the factor was for approving

	key := string(o.Key())
	r := o.lead.send("POST", "/api/v1"+o.at("/take"), object{}, "Idempotency-Key", key)
	if r.status != 200 || r.header.Get("Content-Type") != "application/x-tar" || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment; ") ||
		r.header.Get("Cache-Control") != "no-store" || r.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%d %v %.300s", r.status, r.header, r.body)
	}
	sum := sha256.Sum256(r.body)
	if r.header.Get("X-Content-SHA256") != hex.EncodeToString(sum[:]) {
		t.Error("the bundle is not the one whose hash was said")
	}
	if taken := o.taken(); len(taken) != 1 || taken[0].SHA256 != hex.EncodeToString(sum[:]) || taken[0].Size != int64(len(r.body)) || taken[0].Export != incident.Seq(o.root) {
		t.Errorf("the access log says %+v", taken)
	}
	o.listsTheTaking(hex.EncodeToString(sum[:]))
	o.lead.refused(401, "step_up", "POST", o.at("/take"), object{}) // each time
	again := o.lead.send("POST", "/api/v1"+o.at("/take"), object{}, "Idempotency-Key", key)
	if again.status != 200 || !bytes.Equal(again.body, r.body) || len(o.taken()) != 1 {
		t.Errorf("sent again: %d, %d takings", again.status, len(o.taken()))
	}

	policy, err := evidence.ParsePolicy([]byte(o.lead.must(200, "GET", "/proof/keys", nil)["policy"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	report, err := evidence.Verify(t.Context(), bytes.NewReader(r.body), int64(len(r.body)), evidence.VerifyOptions{Policy: policy})
	if err != nil || report.Verdict != evidence.VerdictValid {
		t.Fatalf("%v %+v", err, report)
	}
	for text, in := range map[string]bool{"Canary of Northmoor": true, "Canary of Eastmere": false, "943 476 5919": false, "two pairs of eyes": false, "Canary of the purpose": false, "the gateway is down": true} {
		if bytes.Contains(r.body, []byte(text)) != in {
			t.Errorf("%q in the bundle: %v", text, !in)
		}
	}
	for _, line := range strings.Split(o.log.String(), "\n") {
		if strings.Contains(line, "Canary") || strings.Contains(line, "Ruth Hale") {
			t.Errorf("the server's log: %s", line)
		}
	}
	o.lead.must(200, "POST", o.at("/withdraw"), object{"reason": "sent to the wrong body", "seen": o.head()})
	o.lead.stepUp("lead")
	o.lead.refused(409, "conflict", "POST", o.at("/take"), object{})
	if one := o.lead.must(200, "GET", o.at(""), nil)["export"].(object); one["state"] != "withdrawn" || len(one["may"].([]any)) != 0 {
		t.Errorf("%v", one)
	}
}

// listsTheTaking wants the one taking on the desk's access log, for those who
// see the export and for an auditor.
func (o *outgoing) listsTheTaking(sum string) {
	o.t.Helper()
	for _, who := range []*browser{o.lead, o.second, o.auditor} {
		found := 0
		for _, line := range objects(who.must(200, "GET", "/desk/access?room="+o.room, nil)["lines"]) {
			if line["kind"] == "export.taken" && line["entry"] == float64(o.root) && line["sha256"] == sum {
				found++
			}
		}
		if found != 1 {
			o.t.Errorf("the taking stands %d times on the desk's access log", found)
		}
	}
}

// taken lists the takings of the room's access log.
func (o *outgoing) taken() (list []*incident.ExportTaken) {
	o.t.Helper()
	access, err := o.Journal.AccessOf(o.t.Context(), incident.LogID(o.room))
	if err != nil {
		o.t.Fatal(err)
	}
	rows, err := o.Journal.Record(o.t.Context(), access, 1, 500)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, r := range rows {
		e, err := incident.Decode(incident.Seq(r.Entry.Seq), incident.Values(r.Entry.Opening.Values))
		if err != nil {
			o.t.Fatal(err)
		}
		if b, ok := e.Body.(*incident.ExportTaken); ok {
			list = append(list, b)
		}
	}
	return list
}

func seqsOf(v any) (n []int) {
	for _, o := range objects(v) {
		n = append(n, int(o["entry"].(float64)))
	}
	return n
}

func TestAGuestLearnsOfAnExportOnlyWhatIsAskedOfTheirOrganisation(t *testing.T) {
	o := newOutgoing(t)
	o.hostsAgree()
	missing := o.rep.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	for _, who := range []*browser{o.rep, o.other, o.auditor} {
		if list := who.must(200, "GET", "/rooms/"+o.room+"/exports", nil)["exports"].([]any); len(list) != 0 {
			t.Errorf("a guest is told of exports: %v", list)
		}
		for _, path := range []string{"", "/restricted", "/suggestions"} {
			if r := who.send("GET", "/api/v1"+o.at(path), nil); r.status != 404 || !bytes.Equal(r.body, missing.body) {
				t.Errorf("%q: %d %s", path, r.status, r.body)
			}
		}
		body := object{"seen": o.head()}
		for _, path := range []string{"/agree", "/approve"} {
			if r := who.send("POST", "/api/v1"+o.at(path), body); r.status != 404 || !bytes.Equal(r.body, missing.body) {
				t.Errorf("%q: %d %s", path, r.status, r.body)
			}
		}
		for _, path := range []string{"/refuse", "/withdraw"} {
			if r := who.send("POST", "/api/v1"+o.at(path), object{"seen": o.head(), "reason": "r"}); r.status != 404 || !bytes.Equal(r.body, missing.body) {
				t.Errorf("%q: %d %s", path, r.status, r.body)
			}
		}
		if r := who.send("POST", "/api/v1"+o.at("/take"), object{}); r.status != 404 || !bytes.Equal(r.body, missing.body) {
			t.Errorf("take: %d %s", r.status, r.body)
		}
		if r := who.send("POST", "/api/v1"+o.at("/redact"), object{"seen": o.head(), "redactions": []object{{"entry": o.plain, "slot": 4, "ground": "foi_31", "reason": "r"}}}); r.status != 404 || !bytes.Equal(r.body, missing.body) {
			t.Errorf("redact: %d %s", r.status, r.body)
		}
		// What is asked of nobody, or of others, is not there to be answered:
		// the same for an export, for an entry that is none, and for no entry.
		for _, root := range []int{o.root, o.plain, 99999} {
			for _, entry := range []int{o.plain, 99999, o.root} {
				r := who.send("POST", fmt.Sprintf("/api/v1/rooms/%s/exports/%d/answer", o.room, root), object{"answer": "release", "entries": []int{entry}, "seen": o.head()})
				if want := 404; who == o.auditor && r.status == 403 {
					continue // an auditor speaks for nobody, whatever they name
				} else if r.status != want || !bytes.Equal(r.body, missing.body) {
					t.Errorf("answering %d of %d: %d %s", entry, root, r.status, r.body)
				}
			}
		}
	}
	if r := o.other.send("POST", "/api/v1"+o.at("/answer"), object{"answer": "release", "entries": []int{o.asked}, "seen": o.head()}); r.status != 404 || !bytes.Equal(r.body, missing.body) {
		t.Errorf("another's entry: %d %s", r.status, r.body)
	}
	asked := o.rep.send("GET", "/api/v1/rooms/"+o.room+"/exports/asked", nil)
	for _, secret := range []string{"Ruth Hale", "purpose", "Eastmere", fmt.Sprintf(`"entry":%d`, o.kept), "gateway", `"from"`} {
		if bytes.Contains(asked.body, []byte(secret)) {
			t.Errorf("%q is in what is asked: %s", secret, asked.body)
		}
	}
	var got struct {
		Entries []json.RawMessage
	}
	json.Unmarshal(asked.body, &got)
	page := o.rep.send("GET", fmt.Sprintf("/api/v1/rooms/%s/entries?around=%d", o.room, o.asked), nil)
	if len(got.Entries) == 0 {
		t.Error("what is asked about is not shown")
	}
	for _, e := range got.Entries {
		if !bytes.Contains(page.body, e) {
			t.Errorf("what is asked shows more of an entry than the log: %s", e)
		}
	}
	// The stream, the pages and the counts have stubs for all of it.
	for _, e := range o.rows() {
		if incident.Seq(e.Entry.Seq) >= incident.Seq(o.root) && e.Entry.Opening != nil {
			t.Errorf("entry %d is given to a guest by the database", e.Entry.Seq)
		}
	}
	// Once it is approved or over, nothing is asked any more.
	o.lead.must(200, "POST", o.at("/withdraw"), object{"reason": "r", "seen": o.head()})
	if q := o.rep.must(200, "GET", "/rooms/"+o.room+"/exports/asked", nil)["questions"].([]any); len(q) != 0 {
		t.Errorf("asked of a withdrawn export: %v", q)
	}
	if r := o.rep.send("POST", "/api/v1"+o.at("/answer"), object{"answer": "release", "entries": []int{o.asked}, "seen": o.head()}); r.status != 404 || !bytes.Equal(r.body, missing.body) {
		t.Errorf("answering a withdrawn export: %d %s", r.status, r.body)
	}
}

// rows are the room's as the database gives them to the guest.
func (o *outgoing) rows() []journal.Row {
	o.t.Helper()
	rows, err := o.Journal.Page(o.t.Context(), incident.LogID(o.room), o.person(door.people["ciso"].Name), journal.Query{Limit: journal.MaxPage})
	if err != nil {
		o.t.Fatal(err)
	}
	return rows
}
