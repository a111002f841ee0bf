package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// accesses are the entries of the room's access log of a kind, oldest first.
func (x *exchange) accesses(kind incident.Kind) (list []*incident.Event) {
	x.t.Helper()
	access, err := x.Journal.AccessOf(x.t.Context(), incident.LogID(x.room))
	if err != nil {
		x.t.Fatal(err)
	}
	for n, row := range x.Truth(access).Entries[1:] {
		e, err := incident.Decode(incident.Seq(n+1), incident.Values(row.Whole.Values))
		if err != nil {
			x.t.Fatal(err)
		}
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

func (x *exchange) fed(b *browser, n int) []object {
	x.t.Helper()
	return objects(b.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d/opens", x.room, n), nil)["feeds"])
}

// Each item that a machine is given is on record once as it stands, before its
// bytes go out, however often and in whatever pieces the machine asks.
func TestWhatAFeedIsGivenIsOnRecordOnceForEachItemAsItStands(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	m.must("/taxii2/")
	m.must(m.coll + "manifest/")
	if got := x.accesses("feed.taken"); len(got) != 0 {
		t.Fatalf("on record before anything was given: %v", got)
	}
	ids := func(o object) (list []string) {
		for _, e := range objects(o["objects"]) {
			list = append(list, e["id"].(string))
		}
		return list
	}
	all := ids(m.must(m.coll + "objects/"))
	entries := func() (list []int) {
		for _, e := range x.accesses("feed.taken") {
			b := e.Body.(*incident.FeedTaken)
			if e.By != (incident.By{}) || b.Org != "X1N" || b.Feed != x.feedOf("X1N").Root || b.As < b.Entry {
				t.Errorf("on record: %+v %+v", e.By, b)
			}
			list = append(list, int(b.Entry))
		}
		slices.Sort(list)
		return list
	}
	if got := entries(); !slices.Equal(got, []int{x.open, x.own}) {
		t.Fatalf("on record are %v, want %v", got, []int{x.open, x.own})
	}
	for range 3 { // it asks on and on, in pages, by id
		m.must(m.coll + "objects/")
		m.must(m.coll + "objects/?limit=2")
		m.must(m.coll + "objects/?match[type]=indicator")
		m.must(m.coll + "objects/" + all[0] + "/")
	}
	if got := entries(); len(got) != 2 {
		t.Errorf("asking again added: %v", got)
	}
	// What it says anew is another taking; another machine's is its own.
	x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/items/%d/correct", x.room, x.open), object{"title": "said anew", "text": "other words"})
	m.must(m.coll + "objects/")
	if got := entries(); !slices.Equal(got, []int{x.open, x.open, x.own}) {
		t.Errorf("after a correction: %v", got)
	}
	other := x.machine("X2E")
	other.must(other.coll + "objects/?match[type]=report")
	if got := len(x.accesses("feed.taken")); got != 4 {
		t.Errorf("with another machine: %d", got)
	}
	// Only some of an item's objects are it all the same; none of it is none.
	later := x.publish(x.lead, "later", nil)
	m.must(m.coll + "objects/?match[type]=campaign")
	if got := x.fed(x.lead, later); len(got) != 0 {
		t.Errorf("nothing of it was given: %v", got)
	}
	m.must(m.coll + "objects/?match[type]=report")
	if got := x.fed(x.lead, later); len(got) != 1 || got[0]["org"] != "X1N" || got[0]["name"] != "SIEM" || got[0]["orgName"] == "" {
		t.Errorf("the receipt says %v", got)
	}
	x.CheckLog(incident.LogID(x.room))
}

func TestWhoMayKnowOfItsOpeningsIsToldWhichFeedsWereGivenAnItem(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	m.must(m.coll + "objects/")
	if got := x.fed(x.lead, x.open); len(got) != 1 {
		t.Errorf("the originator is told %v", got)
	}
	if got := x.fed(x.ciso, x.own); len(got) != 1 {
		t.Errorf("a guest that shared is told %v", got)
	}
	x.director.refused(404, "not_found", "GET", fmt.Sprintf("/rooms/%s/entries/%d/opens", x.room, x.open), nil)
	x.lead.refused(404, "not_found", "GET", fmt.Sprintf("/rooms/%s/entries/%d/opens", x.room, x.own), nil)
	// The list of feeds counts what the asker may know of, and nothing else.
	for name, want := range map[string]float64{"lead": 1, "ciso": 1} {
		b := map[string]*browser{"lead": x.lead, "ciso": x.ciso}[name]
		f := objects(b.must(200, "GET", "/rooms/"+x.room+"/feeds", nil)["feeds"])[0]
		if f["items"] != want || f["asked"] == nil || f["given"] == nil {
			t.Errorf("the %s is told of the feed: %v", name, f)
		}
	}
	// A feed is told nothing of who had what, by the database either.
	if list, err := x.Journal.Exports(t.Context(), incident.LogID(x.room), incident.PersonID(x.feedOf("X1N").ID), incident.Seq(x.own)); err != nil || len(list) != 0 {
		t.Errorf("the database tells a feed %v, %v", list, err)
	}
	// A recall's receipt is the same: had been given.
	x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/recall", x.room, x.open), object{"reason": "wrong"})
	if got := x.fed(x.lead, x.open); len(got) != 1 || got[0]["at"] == "" {
		t.Errorf("after the recall the originator is told %v", got)
	}
	// The desk: the access log, and who knew what when.
	lines := fmt.Sprint(x.lead.must(200, "GET", "/desk/access?room="+x.room, nil)["lines"])
	if !strings.Contains(lines, "feed.taken") || !strings.Contains(lines, "SIEM") || strings.Contains(lines, fmt.Sprintf("entry:%d ", x.own)) {
		t.Errorf("the desk's access log: %s", lines)
	}
	head := int(x.lead.must(200, "GET", "/rooms/"+x.room+"/entries?limit=1", nil)["head"].(float64))
	known := x.lead.must(200, "GET", fmt.Sprintf("/desk/known?room=%s&member=2&entry=%d", x.room, head), nil)
	taken := 0
	for _, f := range objects(known["facts"]) {
		if f["taken"] != nil {
			taken++
			if f["from"] != float64(x.open) || f["taken"].(map[string]any)["feed"] != "SIEM" {
				t.Errorf("who knew what when: %v", f)
			}
		}
	}
	if taken != 1 {
		t.Errorf("who knew what when tells of %d takings: %v", taken, known)
	}
}

// Where guests are not told of one another, neither are they of one another's
// machines.
func TestAReceiptNamesNoFeedOfAGuestToAGuestWhoIsNotToldOfThem(t *testing.T) {
	for roster, want := range map[string]string{"names": "SIEM", "organisations": "", "hosts": "-"} {
		s := newStack(t, plenty)
		s.register("lead")
		x := &exchange{stack: s, lead: s.as("lead"), ciso: s.as("ciso"), director: s.as("director")}
		x.room = x.lead.openRoom("incident", roster)
		x.ciso.join(x.lead, x.room, "ciso", "representative", "full")
		x.director.join(x.lead, x.room, "director", "representative", "full")
		n := x.publish(x.director, "of another guest", nil)
		m := x.machine("X1N")
		m.must(m.coll + "objects/")
		got := x.fed(x.director, n)
		switch {
		case want == "-" && len(got) != 0, want != "-" && len(got) != 1:
			t.Errorf("%s: the other guest is told %v", roster, got)
		case len(got) == 1 && (fmt.Sprint(got[0]["name"]) != want && !(want == "" && got[0]["name"] == nil) || got[0]["org"] != "X1N"):
			t.Errorf("%s: the other guest is told %v", roster, got)
		}
	}
}

// In a section that is closed to writing, nothing could be put on record: the
// machine is out, as if its token were not good.
func TestNothingIsGivenToAFeedWhereItCouldNotBePutOnRecord(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	m.must(m.coll + "objects/")
	conn, err := pgx.Connect(t.Context(), x.DB.Cluster.SuperuserURL(x.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `UPDATE log SET guard = 'behind', guard_at = now(), guard_size = size + 1, guard_root = decode(repeat('00', 32), 'hex') WHERE id = $1`, x.room); err != nil {
		t.Fatal(err)
	}
	if r := m.get(m.coll + "objects/"); r.status != 401 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// What was taken out and then merged is told as taken where it goes on, too:
// its sources stand there now.
func TestWhatWasTakenBeforeItWasMergedIsToldWhereItGoesOn(t *testing.T) {
	x := newExchange(t)
	a, b, c := x.publish(x.ciso, "one", nil), x.publish(x.ciso, "two", nil), x.publish(x.ciso, "three", nil)
	m := x.machine("X2E")
	if r := x.export(x.lead, "text", c); r.status != 200 {
		t.Fatal(r.status)
	}
	m.must(m.coll + "objects/")
	for into, other := range map[int]int{b: c} {
		x.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/items/%d/merge", x.room, into), object{"other": other})
	}
	x.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/items/%d/merge", x.room, a), object{"other": b})
	told := func(n int, what string) (list []any) {
		for _, e := range objects(x.ciso.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d/opens", x.room, n), nil)[what]) {
			list = append(list, e["merged"])
		}
		return list
	}
	for n, want := range map[int]string{a: fmt.Sprint([]any{float64(c)}), b: fmt.Sprint([]any{float64(c)}), c: fmt.Sprint([]any{nil})} {
		if got := fmt.Sprint(told(n, "exports")); got != want {
			t.Errorf("entry %d is told as exported: %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int]int{a: 3, b: 2, c: 1} {
		if got := told(n, "feeds"); len(got) != want {
			t.Errorf("entry %d is told as given to feeds: %v, want %d", n, got, want)
		}
	}
}

// Who is about to share an item is told of the machines too, and asked again if
// one was let in since.
func TestThePreflightOfAnItemNamesTheMachinesThatWouldBeGivenIt(t *testing.T) {
	x := newExchange(t)
	ask := func(b *browser, more object) []object {
		t.Helper()
		body := object{"item": true}
		for k, v := range more {
			body[k] = v
		}
		return objects(b.must(200, "POST", "/rooms/"+x.room+"/preflight", body)["feeds"])
	}
	first := x.machine("X1N")
	for name, c := range map[string]struct {
		more object
		want int
	}{
		"to the room":        {nil, 1},
		"to theirs":          {object{"audience": object{"kind": "named", "orgs": []string{"X1N"}}}, 1},
		"to others":          {object{"audience": object{"kind": "named", "orgs": []string{"X2E"}}}, 0},
		"to one of theirs":   {object{"audience": object{"kind": "named", "members": []int{2}}}, 0},
		"red":                {object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}}, 0},
		"recorded":           {object{"recorded": true}, 0},
		"what is no item":    {object{"item": false}, 0},
		"widening it":        {object{"item": false, "entry": x.named, "audience": object{"kind": "room"}}, 1},
		"off the record":     {object{"item": false, "entry": x.recorded, "recorded": false}, 1},
		"what they have now": {object{"item": false, "entry": x.open, "tlp": "TLP:GREEN"}, 1},
	} {
		got := ask(x.lead, c.more)
		if len(got) != c.want || c.want == 1 && (got[0]["name"] != "SIEM" || got[0]["orgName"] == "" || got[0]["already"] != (name == "what they have now")) {
			t.Errorf("%s: %v", name, got)
		}
	}
	head := int(x.lead.must(200, "POST", "/rooms/"+x.room+"/preflight", object{"item": true})["head"].(float64))
	x.machine("X2E")
	if got := ask(x.lead, object{"shown": head}); len(got) != 2 || got[0]["gained"] != false || got[1]["gained"] != true {
		t.Errorf("since it was shown: %v", got)
	}
	item := object{"title": "t", "text": "x", "shown": head}
	if r := x.lead.send("POST", "/api/v1/rooms/"+x.room+"/items", item); r.status != 409 || !strings.Contains(string(r.body), "a machine of") {
		t.Errorf("a feed was let in since: %d %s", r.status, r.body)
	}
	x.lead.say(x.room, "a message goes to no machine", object{"shown": head})
	for path, body := range map[string]object{
		fmt.Sprintf("entries/%d/widen", x.named): {"audience": object{"kind": "room"}, "reason": "r", "shown": head},
		fmt.Sprintf("items/%d/tearline", x.open): {"text": "x", "shown": head},
	} {
		if r := x.lead.send("POST", "/api/v1/rooms/"+x.room+"/"+path, body); r.status != 409 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	item["shown"] = int(x.lead.must(200, "POST", "/rooms/"+x.room+"/preflight", object{"item": true, "shown": head})["head"].(float64))
	x.lead.must(201, "POST", "/rooms/"+x.room+"/items", item)
	_ = first
}
