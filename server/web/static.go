package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"wardroom/server/incident"
)

// hashed is how the build names what never changes: name-Hash8.ext.
var hashed = regexp.MustCompile(`^assets/[A-Za-z0-9_.-]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)

// types are of the files a build has; a system's mime table is not asked.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".ico": "image/x-icon", ".webmanifest": "application/manifest+json", ".json": "application/json", ".woff2": "font/woff2",
	".woff": "font/woff", ".txt": "text/plain; charset=utf-8",
}

// verifier is the page that checks bundles offline. It is handed out as a file
// to keep, never opened from here: it is not to be trusted for coming from the
// server whose record it checks, and it brings a content policy of its own.
const verifier = "verify.html"

// mountStatic mounts the web app: its files, and its one page for every other
// address, since the app has the routes of people. Nothing under /api or
// /auth falls back to it.
func (s *Server) mountStatic() {
	missing := func(w http.ResponseWriter, r *http.Request) { s.writeProblem(w, r, incident.Missing()) }
	s.handle(Route{"", "/api/", Public}, missing)
	s.handle(Route{"", "/auth/", Public}, missing)
	s.handle(Route{"", "/", Public}, s.static)
}

func (s *Server) static(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.writeProblem(w, r, incident.Missing())
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name != "" && s.file(w, r, name) {
		return
	}
	if strings.HasPrefix(name, "assets/") || !s.file(w, r, "index.html") {
		s.writeProblem(w, r, incident.Missing())
	}
}

// file answers with a file of the build; it reports whether there is one.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) bool {
	kind, known := types[path.Ext(name)]
	if s.Assets == nil || !known || !fs.ValidPath(name) {
		return false
	}
	b, err := fs.ReadFile(s.Assets, name)
	if err != nil {
		return false
	}
	if hashed.MatchString(name) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Type", kind)
	if name == verifier {
		w.Header().Set("Content-Disposition", `attachment; filename="wardroom-`+verifier+`"`)
	}
	if small := s.packed.of(name, b); small != nil {
		w.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
			w.Header().Set("Content-Encoding", "gzip")
			b = small
		}
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	return true
}

// packed holds the build's text files compressed, each once. Only static
// files are ever compressed: nothing of a room shares a compressed stream with
// what somebody else chose.
type packed struct {
	mu    sync.Mutex
	files map[string][]byte
}

// of returns the file compressed, or nil where that is not worth it.
func (p *packed) of(name string, b []byte) []byte {
	switch path.Ext(name) {
	case ".js", ".css", ".svg":
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if small, ok := p.files[name]; ok {
		return small
	}
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is valid
	w.Write(b)                                            // into memory: cannot fail
	w.Close()
	var small []byte
	if z.Len() < len(b)*9/10 {
		small = z.Bytes()
	}
	if p.files == nil {
		p.files = map[string][]byte{}
	}
	p.files[name] = small
	return small
}
