package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"wardroom/server/incident"
)

// readers are all the ways in which a member, or a machine of their
// organisation, reads an item with a file.
type readers map[string]func() reply

func (x *exchange) readers(b *browser, m *machine, root int, canary string) readers {
	at := "/api/v1/rooms/" + x.room
	get := func(path string) func() reply { return func() reply { return b.send("GET", at+path, nil) } }
	// A file that is taken away while it goes out is cut off, before its first
	// byte or after it.
	cut := func(path string, headers ...string) func() reply {
		return func() reply {
			got, err := b.try("GET", at+path, nil, headers...)
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				b.t.Error(err)
			}
			return got
		}
	}
	r := readers{
		"page":         get("/entries?limit=20"),
		"object":       get(fmt.Sprintf("/entries/%d", root)),
		"board":        get("/items"),
		"sightings":    get(fmt.Sprintf("/items/%d/sightings", root)),
		"search":       func() reply { return b.send("POST", at+"/search", object{"text": canary}) },
		"open":         func() reply { return b.send("POST", fmt.Sprintf("%s/entries/%d/open", at, root), object{}) },
		"file":         cut(fmt.Sprintf("/entries/%d/files/1", root)),
		"range":        cut(fmt.Sprintf("/entries/%d/files/1", root), "Range", "bytes=0-4095"),
		"export":       func() reply { return x.export(b, "stix") },
		"export of it": func() reply { return x.export(b, "csv", root) },
	}
	if m != nil {
		r["feed"] = func() reply { return m.get(m.coll + "objects/") }
		r["manifest"] = func() reply { return m.get(m.coll + "manifest/") }
	}
	return r
}

// against runs all of them against something that takes the item away. What
// began before that was answered may still answer; what begins after it finds
// not a byte. It returns how many answers carried it before.
func (r readers) against(t *testing.T, canary string, away func()) (carried int64) {
	t.Helper()
	var gone atomic.Bool
	var after, before atomic.Int64
	var each, all sync.WaitGroup // of whom everyone has read once; and ended
	found := make(chan string, len(r))
	for name, read := range r {
		each.Add(1)
		all.Go(func() {
			once := sync.OnceFunc(each.Done)
			defer once()
			for mine := 0; mine < 3 || after.Load() < int64(3*len(r)); {
				late := gone.Load()
				got := read()
				once()
				if got.status == 500 || got.status == 503 {
					found <- fmt.Sprintf("%s: %d", name, got.status)
					return
				}
				has := strings.Contains(strings.ReplaceAll(string(got.body), "[.]", "."), canary)
				if name == "search" { // which repeats what it was asked for
					has = strings.Contains(string(got.body), "item.published")
				}
				switch {
				case late && has:
					found <- name
					return
				case late:
					mine++
					after.Add(1)
				case has:
					before.Add(1)
				}
			}
		})
	}
	each.Wait()
	away()
	gone.Store(true)
	all.Wait()
	close(found)
	for name := range found {
		t.Errorf("begun after it was taken away: %s", name)
	}
	return before.Load()
}

// shared publishes an item with a file, both of which hold the canary.
func (x *exchange) shared(b *browser, canary string, more object) int {
	x.t.Helper()
	file := bytes.Repeat([]byte(canary+"\n"), 200)
	body := object{"title": canary, "text": canary, "attachments": []string{b.upload(x.room, "triage.txt", file)}}
	for k, v := range more {
		body[k] = v
	}
	return seqOf(b.must(201, "POST", "/rooms/"+x.room+"/items", body))
}

// remove has the lead remove the member with the account's name.
func (x *exchange) remove(number int) {
	x.t.Helper()
	at, err := x.Journal.Room(x.t.Context(), incident.LogID(x.room))
	if err != nil {
		x.t.Fatal(err)
	}
	x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/members/%d/remove", x.room, at.Numbered(incident.MemberNo(number)).Root), object{"reason": "no longer needed"})
}

func TestNoReadBegunAfterARecallReturnsAByteOfIt(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	var carried int64
	for n := range 8 {
		recorded := n%4 == 3
		canary := fmt.Sprintf("canary-%d-r.example", n)
		root := x.shared(x.lead, canary, object{"recorded": recorded})
		if recorded {
			x.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/open", x.room, root), object{})
		}
		r := x.readers(x.ciso, m, root, canary)
		was := r.against(t, canary, func() {
			x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/recall", x.room, root), object{"reason": "a mistake"})
		})
		if was == 0 {
			t.Errorf("round %d (recorded: %v): nothing carried it before", n, recorded)
		}
		carried += was
	}
	t.Logf("%d answers carried an item before its recall", carried)
}

func TestNoReadBegunAfterARemovalReturnsAByte(t *testing.T) {
	x := newExchange(t)
	m := x.machine("X1N")
	for number, b := range []*browser{2: x.ciso, 3: x.director} {
		if b == nil {
			continue
		}
		canary := fmt.Sprintf("canary-of-member-%d.example", number)
		root := x.shared(x.lead, canary, nil)
		r := x.readers(b, nil, root, canary)
		if was := r.against(t, canary, func() { x.remove(number) }); was == 0 {
			t.Errorf("M-%d read nothing before", number)
		}
	}
	// With its last member an organisation's machine is out too.
	for _, path := range []string{m.coll + "objects/", m.coll + "manifest/"} {
		if got := m.get(path); got.status == 200 && strings.Contains(string(got.body), "canary") {
			t.Errorf("the feed of an organisation that is not in the room any more: %d", got.status)
		}
	}
}
