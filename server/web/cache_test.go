package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// sharedCache is a cache between everybody and the server that keeps what HTTP
// lets it keep (RFC 9111, section 3), by address alone: a careless one.
type sharedCache map[string]reply

func (c sharedCache) get(b *browser, path string) (r reply, hit bool) {
	if r, hit = c[path]; hit {
		return r, true
	}
	r = b.send("GET", path, nil)
	control := strings.ToLower(r.header.Get("Cache-Control"))
	heuristic := r.status == http.StatusOK || r.status == http.StatusNotFound || r.status == http.StatusMovedPermanently
	if heuristic && !strings.Contains(control, "no-store") && !strings.Contains(control, "private") {
		c[path] = r
	}
	return r, false
}

// With a cache in between, nobody is given what was another's, or was theirs.
func TestASharedCacheInBetweenKeepsNothingOfAnybody(t *testing.T) {
	x := newExchange(t)
	const canary = "canary-of-the-cache.example"
	root := x.shared(x.lead, canary, nil)
	at := "/api/v1/rooms/" + x.room
	paths := []string{at, at + "/entries", at + "/entries?limit=20", fmt.Sprintf("%s/entries/%d", at, root), at + "/items", fmt.Sprintf("%s/items/%d/sightings", at, root),
		fmt.Sprintf("%s/entries/%d/opens", at, root), filePath(x.room, root, 1), at + "/needs", "/api/v1/rooms", "/api/v1/session", "/api/v1/organisations?q=north", "/"}
	cache, carried := sharedCache{}, 0
	for _, path := range paths {
		if r, _ := cache.get(x.lead, path); strings.Contains(string(r.body), canary) {
			carried++
		}
	}
	if carried < 3 {
		t.Fatalf("only %d answers held it: the test is blind", carried)
	}
	stranger := x.browser(t)
	for _, path := range paths {
		for name, b := range map[string]*browser{"a stranger": stranger, "another member": x.director} {
			r, hit := cache.get(b, path)
			if hit && strings.HasPrefix(path, "/api/") || name == "a stranger" && strings.Contains(string(r.body), canary) {
				t.Errorf("%s is given %s out of the cache: %d", name, path, r.status)
			}
		}
	}
	x.remove(3)
	for _, path := range paths {
		if r, _ := cache.get(x.director, path); strings.Contains(string(r.body), canary) {
			t.Errorf("removed, they are given %s: %d", path, r.status)
		}
	}
}
