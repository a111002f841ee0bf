package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTextFilesOfTheBuildTravelCompressedToWhoTakesThem(t *testing.T) {
	script := strings.Repeat("const wardroom = 1;\n", 500)
	s := &Server{Assets: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "assets/index-abcdefgh.js": {Data: []byte(script)}}}
	get := func(encoding string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "/assets/index-abcdefgh.js", nil)
		if encoding != "" {
			r.Header.Set("Accept-Encoding", encoding)
		}
		w := httptest.NewRecorder()
		s.static(w, r)
		return w.Result()
	}
	for range 2 { // made once, given twice
		res := get("br, gzip")
		if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("headers: %v", res.Header)
		}
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(z); err != nil || string(b) != script {
			t.Fatalf("unpacked: %d bytes, %v", len(b), err)
		}
	}
	if b, _ := io.ReadAll(get("").Body); string(b) != script {
		t.Errorf("without gzip: %d bytes", len(b))
	}
}

func TestThePageThatChecksBundlesIsAFileToKeep(t *testing.T) {
	s := &Server{Assets: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "verify.html": {Data: []byte("<!doctype html><title>check</title>")}}}
	w := httptest.NewRecorder()
	s.static(w, httptest.NewRequest(http.MethodGet, "/verify.html", nil))
	res := w.Result()
	if b, _ := io.ReadAll(res.Body); !strings.Contains(string(b), "check") {
		t.Errorf("body: %s", b)
	}
	if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="wardroom-verify.html"` {
		t.Errorf("Content-Disposition: %s", got)
	}
}
