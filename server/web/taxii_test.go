package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/web"
)

const taxii = "application/taxii+json;version=2.1"

// machine is a client of TAXII with a token.
type machine struct {
	x     *exchange
	token string
	root  string // path of the API root
	coll  string
}

func (x *exchange) machine(org string) *machine {
	x.t.Helper()
	x.lead.stepUp("lead")
	a := x.lead.must(201, "POST", "/rooms/"+x.room+"/feeds", object{"name": "SIEM", "org": org, "days": 7})
	root, err := url.Parse(a["root"].(string))
	if err != nil {
		x.t.Fatal(err)
	}
	m := &machine{x: x, token: a["token"].(string), root: root.Path}
	m.coll = m.root + "collections/" + objects(m.must("collections/")["collections"])[0]["id"].(string) + "/"
	return m
}

func (m *machine) get(path string, headers ...string) reply {
	m.x.t.Helper()
	return m.x.browser(m.x.t).send("GET", path, nil, append([]string{"Accept", taxii, "Authorization", "Bearer " + m.token}, headers...)...)
}

func (m *machine) must(path string, headers ...string) object {
	m.x.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = m.root + path
	}
	r := m.get(path, headers...)
	if r.status != 200 || r.header.Get("Content-Type") != taxii {
		m.x.t.Fatalf("%s: %d %s %s", path, r.status, r.header.Get("Content-Type"), r.body)
	}
	var o object
	if err := json.Unmarshal(r.body, &o); err != nil {
		m.x.t.Fatal(err)
	}
	return o
}

func TestAMachineReadsWhatGoesToAllOfItsOrganisationAndNothingElse(t *testing.T) {
	x := newExchange(t)
	x.publish(x.lead, "for hosts", object{"audience": object{"kind": "hosts"}})
	x.publish(x.lead, "for some of Northmoor", object{"audience": object{"kind": "named", "members": []int{2}}})
	for org, want := range map[string][]string{"X1N": {"for all", "of Northmoor"}, "X2E": {"for all"}, "DSC": {"for all"}} {
		m := x.machine(org)
		for _, path := range []string{m.coll + "objects/", m.coll + "manifest/", m.root, "/taxii2/"} {
			said := fmt.Sprint(m.must(path))
			for _, title := range []string{"for all", "of Northmoor", "red", "for the director", "recorded", "recorded, our own", "for hosts", "for some of Northmoor"} {
				may := path == m.coll+"objects/" && slices.Contains(want, title)
				if got := strings.Contains(said, canary(title)); got != may {
					t.Errorf("%s at %s: %q %v, want %v", org, path, title, got, may)
				}
			}
		}
	}
	// The second wall: what the database gives the feed, whatever policy said.
	room, err := x.Journal.Room(t.Context(), incident.LogID(x.room))
	if err != nil {
		t.Fatal(err)
	}
	for i := range room.Feeds {
		f := &room.Feeds[i]
		rows, err := x.Journal.Page(t.Context(), room.ID, incident.PersonID(f.ID), journal.Query{Roots: []incident.Seq{incident.Seq(x.own), incident.Seq(x.named), incident.Seq(x.red)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.Entry.Given() && (f.Org != "X1N" || row.Entry.Seq != uint64(x.own)) {
				t.Errorf("the database gives the feed of %s entry %d", f.Org, row.Entry.Seq)
			}
		}
	}
	// What is withheld, narrowed or recalled is no more theirs, at once.
	m := x.machine("X1N")
	steps := []struct {
		title string
		by    *browser
		at    int
		do    string
		body  object
	}{{"of Northmoor", x.ciso, x.own, "tighten", object{"audience": object{"kind": "named", "members": []int{2}}}}, {"for all", x.lead, x.open, "recall", object{"reason": "wrong"}}}
	for _, step := range steps {
		if !strings.Contains(fmt.Sprint(m.must(m.coll+"objects/")), canary(step.title)) {
			t.Fatalf("%q is not there before", step.title)
		}
		step.by.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/%s", x.room, step.at, step.do), step.body)
		if strings.Contains(fmt.Sprint(m.must(m.coll+"objects/")), canary(step.title)) {
			t.Errorf("%q is there after %s", step.title, step.do)
		}
	}
}

func TestTAXIIAnswersAsTheSpecificationSays(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	for name, c := range map[string]struct {
		path    string
		headers []string
		status  int
	}{
		"no Accept":            {m.coll + "objects/", []string{"Accept", ""}, 406},
		"JSON":                 {m.coll + "objects/", []string{"Accept", "application/json"}, 406},
		"TAXII 2.0":            {m.coll + "objects/", []string{"Accept", "application/taxii+json;version=2.0"}, 406},
		"any version":          {m.coll + "objects/", []string{"Accept", "application/taxii+json"}, 200},
		"one of several":       {m.coll + "objects/", []string{"Accept", "text/html, application/taxii+json; version=2.1;q=0.5"}, 200},
		"basic":                {m.root, []string{"Authorization", basic("whoever", m.token)}, 200},
		"no token":             {m.root, []string{"Authorization", ""}, 401},
		"another token":        {m.root, []string{"Authorization", "Bearer x" + m.token}, 401},
		"another room":         {"/taxii2/rooms/" + incident.RandomID() + "/", nil, 404},
		"a token's room":       {m.root, []string{"Authorization", "Bearer " + m.token[:len(m.token)-26] + incident.RandomID()}, 401},
		"another collection":   {m.root + "collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/", nil, 404},
		"a status":             {m.root + "status/2d086da7-4bdc-4f91-900e-d77486753710/", nil, 404},
		"an unknown path":      {m.root + "nothing/", nil, 404},
		"an unknown object":    {m.coll + "objects/indicator--33fe3b22-0201-47cf-85d0-97c02164528d/", nil, 404},
		"added_after of old":   {m.coll + "objects/?added_after=yesterday", nil, 400},
		"a limit of none":      {m.coll + "objects/?limit=0", nil, 400},
		"next of another kind": {m.coll + "objects/?next=abc", nil, 400},
		"the future":           {m.coll + "objects/?added_after=2099-01-01T00:00:00Z", nil, 200},
	} {
		r := m.get(c.path, c.headers...)
		if r.status != c.status {
			t.Errorf("%s: %d %s, want %d", name, r.status, r.body, c.status)
		}
		if r.header.Get("Content-Type") != taxii || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", name, r.header)
		}
		if c.status >= 400 {
			var e struct{ Title, HTTP_Status string }
			if json.Unmarshal(r.body, &e) != nil || e.Title == "" || e.HTTP_Status != fmt.Sprint(c.status) {
				t.Errorf("%s: no error object: %s", name, r.body)
			}
		}
		if c.status == 401 && r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: not said how to sign in", name)
		}
		if name == "the future" && string(r.body) != "{}\n" {
			t.Errorf("an empty answer is %s", r.body)
		}
	}
	for kind, status := range map[string]int{"application/json": 415, taxii: 403} {
		r := x.browser(t).send("POST", m.coll+"objects/", "{}", "Accept", taxii, "Authorization", "Bearer "+m.token, "Content-Type", kind)
		if r.status != status {
			t.Errorf("adding as %s: %d %s", kind, r.status, r.body)
		}
	}
	c := m.must(m.coll)
	if c["can_read"] != true || c["can_write"] != false {
		t.Errorf("%v", c)
	}
	if api := m.must(m.root); fmt.Sprint(api["versions"]) != "["+taxii+"]" || api["max_content_length"].(float64) <= 0 {
		t.Errorf("%v", api)
	}
	if d := m.must("/taxii2/"); !strings.HasSuffix(fmt.Sprint(d["default"]), m.root) {
		t.Errorf("%v", d)
	}
	if strings.Contains(x.log.String(), m.token) || strings.Contains(x.log.String(), m.token[9:35]) {
		t.Error("the token stands in the server's log")
	}
}

func basic(name, password string) string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(name, password)
	return r.Header.Get("Authorization")
}

func TestPagesMeetAndWhatIsAddedLaterComesLater(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	ids := func(o object) (list []string) {
		for _, e := range objects(o["objects"]) {
			list = append(list, e["id"].(string))
		}
		return list
	}
	all := ids(m.must(m.coll + "objects/"))
	if len(all) < 8 {
		t.Fatalf("%v", all)
	}
	for _, by := range []string{"next", "added_after"} {
		var got []string
		query := "?limit=3"
		for {
			r := m.get(m.coll + "objects/" + query)
			var o object
			if err := json.Unmarshal(r.body, &o); err != nil || r.status != 200 {
				t.Fatalf("%d %s", r.status, r.body)
			}
			got = append(got, ids(o)...)
			if o["more"] != true {
				break
			}
			go_on := o["next"]
			if by == "added_after" {
				go_on = r.header.Get("X-TAXII-Date-Added-Last")
			}
			query = fmt.Sprintf("?limit=3&%s=%v", by, go_on)
		}
		if !slices.Equal(got, all) {
			t.Errorf("by %s: %v, want %v", by, got, all)
		}
	}
	manifest := objects(m.must(m.coll + "manifest/")["objects"])
	if len(manifest) != len(all) {
		t.Errorf("%d in the manifest, %d objects", len(manifest), len(all))
	}
	for i, e := range manifest {
		if e["id"] != all[i] || i > 0 && e["date_added"].(string) <= manifest[i-1]["date_added"].(string) {
			t.Errorf("the manifest's %d is %v, want %s", i, e, all[i])
		}
	}
	last := manifest[len(manifest)-1]["date_added"].(string)
	if o := m.must(m.coll + "objects/?added_after=" + last); len(o) != 0 {
		t.Errorf("after the last there is %v", o)
	}
	x.publish(x.lead, "later", nil)
	later := fmt.Sprint(m.must(m.coll + "objects/?added_after=" + last))
	if !strings.Contains(later, canary("later")) || strings.Contains(later, canary("for all")) {
		t.Errorf("added later: %s", later)
	}
	// One by itself, its versions, and those of a type.
	i := slices.IndexFunc(all, func(id string) bool { return strings.HasPrefix(id, "indicator--") })
	if o := m.must(m.coll + "objects/" + all[i] + "/"); len(ids(o)) != 1 || ids(o)[0] != all[i] {
		t.Errorf("%v", o)
	}
	if o := m.must(m.coll + "objects/" + all[i] + "/versions/"); len(o["versions"].([]any)) != 1 {
		t.Errorf("%v", o)
	}
	for _, id := range ids(m.must(m.coll + "objects/?match[type]=report,identity")) {
		if !strings.HasPrefix(id, "report--") && !strings.HasPrefix(id, "identity--") {
			t.Errorf("of reports and identities: %s", id)
		}
	}
	if o := m.must(m.coll + "objects/?match[spec_version]=2.0"); len(o) != 0 {
		t.Errorf("of STIX 2.0: %v", o)
	}
	// An item that is said anew comes again.
	before := objects(m.must(m.coll + "manifest/")["objects"])
	mark := before[len(before)-1]["date_added"].(string)
	x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/items/%d/correct", x.room, x.open), object{"title": "said anew", "text": "other words", "indicators": []object{{"kind": "domain", "value": canary("anew")}}})
	if again := fmt.Sprint(m.must(m.coll + "objects/?added_after=" + mark)); !strings.Contains(again, canary("anew")) {
		t.Errorf("a correction does not come: %s", again)
	}
}

func TestATokenIsIssuedByALeadShownOnceListedAndEnded(t *testing.T) {
	x := newExchange(t)
	at := "/rooms/" + x.room + "/feeds"
	ask := object{"name": "SIEM", "org": "X1N", "days": 7}
	x.lead.refused(401, "step_up", "POST", at, ask)
	x.ciso.stepUp("ciso")
	x.ciso.refused(403, "forbidden", "POST", at, ask)
	x.lead.stepUp("lead")
	x.lead.refused(422, "invalid", "POST", at, object{"name": "SIEM", "org": "X9Z", "days": 7})
	x.lead.refused(422, "invalid", "POST", at, object{"name": "SIEM", "org": "X1N", "days": 91})
	key := string(x.Key())
	x.lead.must(201, "POST", at, ask, "Idempotency-Key", key)
	again := x.lead.send("POST", "/api/v1"+at, ask, "Idempotency-Key", key)
	if again.status != 409 || strings.Contains(string(again.body), "wardroom_") {
		t.Errorf("sent again: %d %s", again.status, again.body)
	}
	m := x.machine("X1N")
	if n := len(objects(x.lead.must(200, "GET", at, nil)["feeds"])); n != 2 {
		t.Errorf("the lead is told of %d", n)
	}
	if n := len(objects(x.ciso.must(200, "GET", at, nil)["feeds"])); n != 2 {
		t.Errorf("the organisation itself is told of %d", n)
	}
	if n := len(objects(x.director.must(200, "GET", at, nil)["feeds"])); n != 0 {
		t.Errorf("another organisation is told of %d", n)
	}
	feeds := objects(x.lead.must(200, "GET", at, nil)["feeds"])
	seq := int(feeds[1]["seq"].(float64))
	for name, b := range map[string]*browser{"ciso": x.ciso, "director": x.director} { // the entry itself: the organisation's, a stub to others
		entries, _ := b.page(x.room, fmt.Sprintf("?around=%d&limit=1", seq))
		if stub := form(entries[0]) == "stub"; stub != (name == "director") {
			t.Errorf("the entry is a stub to the %s: %v", name, stub)
		}
	}
	x.director.refused(404, "not_found", "POST", fmt.Sprintf("%s/%d/close", at, seq), object{})
	x.ciso.refused(403, "forbidden", "POST", fmt.Sprintf("%s/%d/close", at, seq), object{})
	x.lead.must(200, "POST", fmt.Sprintf("%s/%d/close", at, seq), object{})
	x.lead.refused(409, "conflict", "POST", fmt.Sprintf("%s/%d/close", at, seq), object{})
	if r := m.get(m.coll + "objects/"); r.status != 401 {
		t.Errorf("an ended token: %d %s", r.status, r.body)
	}
	// With the last of its people the organisation's machine is out.
	m = x.machine("X1N")
	x.ciso.must(200, "POST", "/rooms/"+x.room+"/leave", object{})
	if r := m.get(m.coll + "objects/"); r.status != 401 {
		t.Errorf("an organisation that left: %d %s", r.status, r.body)
	}
	x.CheckLog(incident.LogID(x.room))
}

// Every route of machines lets in a feed of its room, and nobody else: not
// whoever is signed in, not a feed of another room, not one that was ended.
func TestEveryRouteOfMachinesWantsATokenOfItsRoom(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	other := &exchange{stack: x.stack, lead: x.lead, room: x.lead.openRoom("incident", "names")}
	foreign := other.machine("DSC")
	ended := x.machine("X1N")
	feeds := objects(x.lead.must(200, "GET", "/rooms/"+x.room+"/feeds", nil)["feeds"])
	x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/feeds/%v/close", x.room, feeds[len(feeds)-1]["seq"]), object{})
	tried := 0
	for _, route := range x.server.Routes() {
		if route.Access != web.Feed {
			continue
		}
		at := strings.NewReplacer("{room}", strings.Split(m.root, "/")[3], "{collection}", strings.Split(m.coll, "/")[5], "{object}", "x", "{status}", "x", "{$}", "").Replace(route.Pattern)
		for name, c := range map[string]struct {
			by     *browser
			auth   string
			status int
		}{
			"a member's session":      {x.lead, "", 401},
			"nobody":                  {x.browser(t), "", 401},
			"a feed that was ended":   {x.browser(t), "Bearer " + ended.token, 401},
			"a feed of another room":  {x.browser(t), "Bearer " + foreign.token, 404},
			"a token of another room": {x.browser(t), "Bearer " + foreign.token[:len(foreign.token)-26] + x.room, 401},
		} {
			if name == "a feed of another room" && !strings.Contains(route.Pattern, "{room}") {
				continue // discovery tells it of its own
			}
			var body any
			if route.Method == "POST" {
				body = "{}"
			}
			r := c.by.send(route.Method, at, body, "Accept", taxii, "Content-Type", taxii, "Authorization", c.auth)
			tried++
			if r.status != c.status {
				t.Errorf("%s %s as %s: %d %s, want %d", route.Method, route.Pattern, name, r.status, r.body, c.status)
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d were tried", tried)
	}
	// A token of this interface opens no other.
	for _, path := range []string{"/api/v1/rooms/" + x.room + "/entries", "/api/v1/session", "/api/v1/admin/tokens"} {
		if r := m.get(path); r.status == 200 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	// Missing and foreign are the same answer.
	missing, theirs := m.get("/taxii2/rooms/"+incident.RandomID()+"/"), m.get(foreign.root)
	if string(missing.body) != string(theirs.body) && stripID(missing.body) != stripID(theirs.body) {
		t.Errorf("missing: %s; another's: %s", missing.body, theirs.body)
	}
}

// stripID takes out the number of the request.
func stripID(b []byte) string {
	var o object
	json.Unmarshal(b, &o)
	delete(o, "error_id")
	return fmt.Sprint(o)
}

// wall is how many of an item's entries the database gives a feed, whatever
// policy says.
func (x *exchange) wall(id string, root int) (given int) {
	x.t.Helper()
	rows, err := x.Journal.Page(x.t.Context(), incident.LogID(x.room), incident.PersonID(id), journal.Query{Roots: []incident.Seq{incident.Seq(root)}})
	if err != nil {
		x.t.Fatal(err)
	}
	for _, row := range rows {
		if row.Entry.Given() {
			given++
		}
	}
	return given
}

func (x *exchange) feedOf(org string) *incident.Feed {
	x.t.Helper()
	room, err := x.Journal.Room(x.t.Context(), incident.LogID(x.room))
	if err != nil {
		x.t.Fatal(err)
	}
	for i := len(room.Feeds) - 1; i >= 0; i-- {
		if string(room.Feeds[i].Org) == org {
			return &room.Feeds[i]
		}
	}
	x.t.Fatalf("no feed of %s", org)
	return nil
}

// A feed is over, in the record and so for both walls, once nobody of its
// organisation is there; whoever of it comes back needs another.
func TestAFeedEndsByAnEntryWithTheLastPersonOfItsOrganisation(t *testing.T) {
	for _, way := range []string{"leaves", "is removed", "the room closes"} {
		x := newExchange(t)
		m := x.machine("X1N")
		f := x.feedOf("X1N")
		if x.wall(f.ID, x.own) == 0 {
			t.Fatal("the database gives the feed nothing before: the test is blind")
		}
		switch way {
		case "leaves":
			x.ciso.must(200, "POST", "/rooms/"+x.room+"/leave", object{})
		case "is removed":
			x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/members/%d/remove", x.room, x.rootOf("X1N")), object{"reason": "moved on"})
		default:
			for _, to := range []string{"stood_down", "review", "closed"} {
				head := x.lead.must(200, "GET", "/rooms/"+x.room+"/entries?limit=1", nil)["head"]
				x.lead.must(200, "POST", "/rooms/"+x.room+"/lifecycle", object{"to": to, "seen": head})
			}
		}
		if f = x.feedOf("X1N"); f.Closed.IsZero() || f.Why == "" {
			t.Errorf("%s: the feed stands: %+v", way, f)
		}
		if r := m.get(m.coll + "objects/"); r.status != 401 {
			t.Errorf("%s: the token is good: %d", way, r.status)
		}
		if n := x.wall(f.ID, x.own); n != 0 {
			t.Errorf("%s: the database gives the feed %d entries", way, n)
		}
		if way != "the room closes" {
			x.ciso.join(x.lead, x.room, "ciso", "representative", "full")
			if r := m.get(m.coll + "objects/"); r.status != 401 || x.wall(f.ID, x.own) != 0 {
				t.Errorf("%s, and somebody came back: %d", way, r.status)
			}
			if again := x.machine("X1N"); !strings.Contains(fmt.Sprint(again.must(again.coll+"objects/")), canary("of Northmoor")) {
				t.Errorf("%s, and somebody came back: a new feed reads nothing", way)
			}
		}
		x.CheckLog(incident.LogID(x.room))
	}
}

// The database knows, as policy does, that what was said while nobody of the
// organisation who is there now could read is nobody's of theirs.
func TestTheDatabaseLetsAFeedReadNoEarlierThanSomebodyOfItsOrganisation(t *testing.T) {
	x := newExchange(t)
	x.machine("X1N")
	x.as("colleague").join(x.lead, x.room, "colleague", "representative", "from_join")
	f := x.feedOf("X1N")
	if x.wall(f.ID, x.open) == 0 {
		t.Fatal("blind")
	}
	x.ciso.must(200, "POST", "/rooms/"+x.room+"/leave", object{})
	if f = x.feedOf("X1N"); !f.Closed.IsZero() {
		t.Fatal("the feed is over while somebody of its organisation is there")
	}
	if n := x.wall(f.ID, x.open); n != 0 {
		t.Errorf("the database gives the feed %d entries from before whoever is there came", n)
	}
}

func (x *exchange) rootOf(org string) incident.Seq {
	x.t.Helper()
	room, err := x.Journal.Room(x.t.Context(), incident.LogID(x.room))
	if err != nil {
		x.t.Fatal(err)
	}
	for _, m := range room.Members {
		if string(m.Org) == org && m.Present() {
			return m.Root
		}
	}
	x.t.Fatalf("nobody of %s", org)
	return 0
}
