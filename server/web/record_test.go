package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/incident"
)

// archive is a room with a loggist's book, its loggist, its decision-maker and
// a guest.
type archive struct {
	s                   *stack
	lead, loggist, ciso *browser
	room, at            string
	book                int
}

func newArchive(t *testing.T) *archive {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("loggist")
	a := &archive{s: s, lead: s.as("lead"), loggist: s.as("loggist"), ciso: s.as("ciso")}
	a.room = a.lead.openRoom("incident", "names")
	a.at = "/rooms/" + a.room
	a.loggist.join(a.lead, a.room, "loggist", "loggist", "full")
	a.ciso.join(a.lead, a.room, "ciso", "representative", "full")
	a.book = a.open(object{"maker": 1, "signal": "She raises a hand"})
	return a
}

func (a *archive) open(body object) int {
	return seqOf(a.loggist.must(201, "POST", a.at+"/books", body))
}

func (a *archive) line(book int, body object) int {
	return seqOf(a.loggist.must(201, "POST", fmt.Sprintf("%s/books/%d/lines", a.at, book), body))
}

func seqOf(o object) int { return int(o["seq"].(float64)) }

func rootsOf(o object) (list []int) {
	for _, n := range o["roots"].([]any) {
		list = append(list, int(n.(float64)))
	}
	return list
}

// A line's citations are judged over the whole way in: the answer to a number
// that is hidden is that to one that is not there, but for the number.
func TestCitingWhatIsHiddenIsAnsweredAsCitingNothing(t *testing.T) {
	a := newArchive(t)
	hidden := seqOf(a.lead.must(201, "POST", a.at+"/messages", object{"text": "between us", "audience": object{"kind": "named", "members": []int{1}}}))
	open := seqOf(a.lead.must(201, "POST", a.at+"/messages", object{"text": "for the room"}))
	lines := fmt.Sprintf("%s/books/%d/lines", a.at, a.book)
	cite := func(n int) string {
		problem := a.loggist.refused(422, "invalid", "POST", lines, object{"text": "as they said", "cites": []int{open, n}})
		return strings.ReplaceAll(fmt.Sprint(problem), fmt.Sprintf("Entry %d ", n), "Entry N ")
	}
	if there, not := cite(hidden), cite(99999); there != not {
		t.Errorf("hidden: %s; missing: %s", there, not)
	}
	a.line(a.book, object{"text": "as they said", "cites": []int{open}})
	a.s.CheckLog(incident.LogID(a.room))
}

func TestALoggistsDay(t *testing.T) {
	a := newArchive(t)
	live := a.lead.stream()
	live.send(object{"type": "subscribe", "room": a.room, "after": nil})
	snap := live.until("snapshot")
	live.until("caught_up")
	books := objects(snap["state"].(object)["books"])
	if len(books) != 1 || books[0]["number"] != 1.0 || books[0]["maker"] != 1.0 || books[0]["agreed"] != nil {
		t.Fatalf("the book as the lead sees it: %v", books)
	}
	a.ciso.refused(403, "forbidden", "POST", fmt.Sprintf("%s/entries/%d/agree-book", a.at, a.book), object{})
	a.lead.must(200, "POST", fmt.Sprintf("%s/entries/%d/agree-book", a.at, a.book), object{})
	at := time.Now().UTC().Add(-4 * time.Minute).Format(time.RFC3339)
	first := a.line(a.book, object{"text": "Eastmere say 400 devices are down", "occurred": at, "about": true, "speech": true, "cites": []int{a.book}})
	if o := live.until("events"); o["room"] != a.room {
		t.Fatalf("live: %v", o)
	}
	for i := range 39 {
		a.line(a.book, object{"text": fmt.Sprint("line ", i)})
	}
	a.line(a.book, object{"text": "from paper", "paper": object{"by": "Lena Fox", "page": "Book 4, page 12"}})
	a.loggist.must(200, "POST", fmt.Sprintf("%s/entries/%d/correct-line", a.at, first), object{"text": "Eastmere say 40 devices are down", "reason": "misheard"})
	a.lead.refused(403, "forbidden", "POST", fmt.Sprintf("%s/books/%d/lines", a.at, a.book), object{"text": "x"})
	a.loggist.refused(422, "invalid", "POST", fmt.Sprintf("%s/books/%d/lines", a.at, a.book), object{"text": "x", "about": true})

	// Both texts of the line are legible, and found by their words.
	whole := objects(a.ciso.must(200, "GET", fmt.Sprintf("%s/entries/%d", a.at, first), nil)["entries"])
	if len(whole) != 2 || !strings.Contains(fmt.Sprint(whole[0]["slots"]), "400 devices") || !strings.Contains(fmt.Sprint(whole[1]["slots"]), "40 devices") {
		t.Errorf("the line as it stands: %v", whole)
	}
	for _, words := range []string{"EASTMERE 400", "misheard", "page 12"} {
		for _, kind := range []string{"", "logentry"} {
			if hits := objects(a.ciso.must(200, "POST", a.at+"/search", object{"text": words, "kind": kind})["hits"]); len(hits) != 1 {
				t.Errorf("%q, %q: %d hits", words, kind, len(hits))
			}
		}
	}
	board := a.ciso.must(200, "GET", fmt.Sprintf("%s/record/logentry?under=%d&limit=30", a.at, a.book), nil)
	roots := rootsOf(board)
	if len(roots) != 30 || board["more"] != true || !slices.IsSortedFunc(roots, func(x, y int) int { return y - x }) {
		t.Fatalf("the book's newest page: %v, more %v", roots, board["more"])
	}
	rest := a.ciso.must(200, "GET", fmt.Sprintf("%s/record/logentry?under=%d&limit=30&before=%d", a.at, a.book, roots[29]), nil)
	if got := rootsOf(rest); len(got) != 11 || rest["more"] != false || got[10] != first || len(objects(rest["entries"])) != 12 {
		t.Errorf("its oldest page: %v, more %v, %d entries", got, rest["more"], len(objects(rest["entries"])))
	}
	closed := seqOf(a.lead.must(200, "POST", fmt.Sprintf("%s/entries/%d/close-book", a.at, a.book), object{"seen": 5}))
	problem := a.loggist.refused(409, "conflict", "POST", fmt.Sprintf("%s/books/%d/lines", a.at, a.book), object{"text": "too late"})
	if !strings.Contains(fmt.Sprint(problem), fmt.Sprintf("entry %d", closed)) {
		t.Errorf("the refusal does not say what changed: %v", problem)
	}
	next := a.open(object{"maker": 1, "signal": "As before", "continues": a.book})
	if got := rootsOf(a.lead.must(200, "GET", a.at+"/record/book?state=open", nil)); !slices.Equal(got, []int{next}) {
		t.Errorf("open books: %v", got)
	}
	if got := rootsOf(a.lead.must(200, "GET", a.at+"/record/book?state=open,closed", nil)); !slices.Equal(got, []int{next, a.book}) {
		t.Errorf("all books: %v", got)
	}
	a.s.CheckLog(incident.LogID(a.room))
}

func TestABoardTellsNothingOfWhatIsKeptFromItsReader(t *testing.T) {
	a := newArchive(t)
	const canary = "canary-77ab01"
	seen := a.line(a.book, object{"text": "for everyone"})
	before := string(a.ciso.send("GET", "/api/v1"+a.at+"/record/logentry", nil).body)
	hosts := a.open(object{"maker": 1, "signal": canary, "audience": object{"kind": "hosts"}})
	for range 60 {
		a.line(hosts, object{"text": canary})
	}
	hidden := a.line(hosts, object{"text": canary})
	other := a.open(object{"maker": 1, "signal": "A second hand"})
	outsider := a.s.as("director")
	for _, path := range []string{"/record/logentry", "/record/book", "/record/severity", "/record/decision", "/record/action", fmt.Sprintf("/record/logentry?under=%d", hosts),
		"/record/logentry?limit=1", "/needs", "/entries?record=true", "/entries?record=true&limit=200", ""} {
		r := a.ciso.send("GET", "/api/v1"+a.at+path, nil)
		if r.status != 200 || strings.Contains(string(r.body), canary) || strings.Contains(string(r.body), fmt.Sprintf(`"seq":%d,`, hidden)) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
		if o := outsider.send("GET", "/api/v1"+a.at+path, nil); o.status != 404 {
			t.Errorf("%s from outside: %d", path, o.status)
		}
	}
	if hits := objects(a.ciso.must(200, "POST", a.at+"/search", object{"text": canary})["hits"]); len(hits) != 0 {
		t.Errorf("found: %v", hits)
	}
	if hits := objects(a.lead.must(200, "POST", a.at+"/search", object{"text": canary})["hits"]); len(hits) == 0 {
		t.Error("not even the lead finds it: the test is blind")
	}
	// But for the head, the board is byte for byte what it was.
	after := string(a.ciso.send("GET", "/api/v1"+a.at+"/record/logentry", nil).body)
	cut := func(s string) string { return s[:strings.LastIndex(s, `"head"`)] }
	if cut(before) != cut(after) {
		t.Errorf("the board moved by what is hidden:\n%s\n%s", before, after)
	}
	if got := a.ciso.must(200, "GET", a.at+"/record/logentry?limit=1", nil); got["more"] != false || !slices.Equal(rootsOf(got), []int{seen}) {
		t.Errorf("one visible line: %v, more %v", rootsOf(got), got["more"])
	}
	if got := a.lead.must(200, "GET", a.at+"/record/logentry?limit=1", nil); got["more"] != true {
		t.Error("the lead is not told of more")
	}
	want := a.ciso.send("GET", "/api/v1"+a.at+"/record/nothing", nil)
	for _, ask := range []struct {
		path string
		body object
	}{{fmt.Sprintf("/books/%d/lines", hosts), object{"text": "x"}}, {"/books/99999/lines", object{"text": "x"}}, {fmt.Sprintf("/entries/%d/close-book", hosts), object{"seen": 1}},
		{fmt.Sprintf("/entries/%d/agree-book", hosts), object{}}, {fmt.Sprintf("/entries/%d/correct-line", hidden), object{"text": "x"}}} {
		if r := a.ciso.send("POST", "/api/v1"+a.at+ask.path, ask.body); r.status != 404 || string(r.body) != string(want.body) {
			t.Errorf("%s: %d %s", ask.path, r.status, r.body)
		}
	}
	state := a.ciso.must(200, "GET", a.at, nil)["state"].(object)
	books := objects(state["books"])
	if len(books) != 2 || int(books[1]["root"].(float64)) != other || books[1]["number"] != 2.0 {
		t.Errorf("the guest's books: %v", books)
	}
}

func TestREDStandsOnABoardAsAnEnvelope(t *testing.T) {
	a := newArchive(t)
	const canary = "canary-5e110c"
	line := a.line(a.book, object{"text": canary})
	a.loggist.must(200, "POST", fmt.Sprintf("%s/entries/%d/tighten", a.at, line), object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1, 3}}})
	for _, path := range []string{"/record/logentry", "/entries?record=true"} {
		r := a.ciso.send("GET", "/api/v1"+a.at+path, nil)
		if strings.Contains(string(r.body), canary) {
			t.Errorf("%s carries the body of TLP:RED", path)
		}
		entries := objects(a.ciso.must(200, "GET", a.at+path, nil)["entries"])
		i := slices.Index(seqs(entries), line)
		if i < 0 || form(entries[i]) != "envelope" {
			t.Errorf("%s: %v", path, entries)
		}
	}
	// Which book it is in is what the envelope hides.
	if got := rootsOf(a.ciso.must(200, "GET", fmt.Sprintf("%s/record/logentry?under=%d", a.at, a.book), nil)); len(got) != 0 {
		t.Errorf("the book's board tells of %v", got)
	}
}

func TestTheTimelineCanShowOnlyTheRecord(t *testing.T) {
	a := newArchive(t)
	var want []int
	want = append(want, a.book)
	for i := range 7 {
		a.lead.say(a.room, "talk")
		n := a.line(a.book, object{"text": fmt.Sprint("line ", i)})
		want = append(want, n)
		a.ciso.must(200, "POST", fmt.Sprintf("%s/entries/%d/note", a.at, n), object{})
	}
	fix := seqOf(a.loggist.must(200, "POST", fmt.Sprintf("%s/entries/%d/correct-line", a.at, want[1]), object{"text": "corrected"}))
	want = append(want, fix)
	var got []int
	for query := "?record=true&limit=4"; ; {
		entries, related := a.ciso.page(a.room, query)
		if len(entries) == 0 {
			break
		}
		page := seqs(entries)
		for _, n := range seqs(related) {
			if slices.Contains(page, n) {
				t.Errorf("entry %d comes twice", n)
			}
		}
		if page[len(page)-1] == fix && !slices.Contains(seqs(related), want[1]) {
			t.Errorf("the correction stands alone: %v", seqs(related))
		}
		got = append(page, got...)
		query = fmt.Sprintf("?record=true&limit=4&before=%d", page[0])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the record: %v, want %v", got, want)
	}
	if entries, _ := a.ciso.page(a.room, fmt.Sprintf("?record=true&after=%d&limit=3", want[2])); !slices.Equal(seqs(entries), want[3:6]) {
		t.Errorf("after %d: %v", want[2], seqs(entries))
	}
	if entries, _ := a.ciso.page(a.room, fmt.Sprintf("?record=true&around=%d&limit=4", want[4])); !slices.Equal(seqs(entries), want[2:6]) {
		t.Errorf("around %d: %v", want[4], seqs(entries))
	}
}

func TestABoardAskedForInAnotherWayIsRefused(t *testing.T) {
	a := newArchive(t)
	for _, query := range []string{"?state=gone", "?state=raised,gone", "?limit=0", "?limit=201", "?before=-1", "?before=9223372036854775807", "?mine=maybe", "?what=1", "?org=%00", "?org=%ff", "?org=x1n", "?org=" + strings.Repeat("X", 200) + "&state=no"} {
		if r := a.lead.send("GET", "/api/v1"+a.at+"/record/action"+query, nil); r.status != 422 && r.status != 400 {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	for _, noun := range []string{"message", "x", "%20", "Decision"} {
		if r := a.lead.send("GET", "/api/v1"+a.at+"/record/"+noun, nil); r.status != 404 {
			t.Errorf("a board of %s: %d %s", noun, r.status, r.body)
		}
	}
	if o := a.lead.must(200, "GET", a.at+"/record/action?mine=true&overdue=true&org=X1N&state=raised,accepted&before=3", nil); len(rootsOf(o)) != 0 || o["more"] != false {
		t.Errorf("an empty board: %v", o)
	}
	if o := a.lead.must(200, "GET", a.at+"/needs", nil); len(rootsOf(o)) != 0 || o["more"] != false {
		t.Errorf("nothing waits: %v", o)
	}
	if row := objects(a.lead.must(200, "GET", "/rooms", nil)["rooms"])[0]; row["needs"] != 1.0 {
		t.Errorf("my rooms, where nothing but the loggist's book waits for a word: %v", row)
	}
	asked := int(a.lead.must(201, "POST", a.at+"/actions", object{"text": "x", "for": object{"org": "DSC"}})["seq"].(float64))
	if o := a.lead.must(200, "GET", a.at+"/record/action?state=raised,accepted,raised&limit=1", nil); !slices.Equal(rootsOf(o), []int{asked}) || o["more"] != false {
		t.Errorf("a state named twice: %v, more %v", rootsOf(o), o["more"])
	}
}
