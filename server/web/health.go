package web

import "net/http"

// mountHealth mounts what a load balancer asks. Neither tells a version, a
// name or a number.
func (s *Server) mountHealth() {
	s.handle(Route{http.MethodGet, "/healthz", Public}, func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") })
	s.handle(Route{http.MethodGet, "/readyz", Public}, func(w http.ResponseWriter, r *http.Request) {
		if s.Ready != nil {
			if err := s.Ready(r); err != nil {
				plain(w, http.StatusServiceUnavailable, "not ready\n")
				return
			}
		}
		plain(w, http.StatusOK, "ready\n")
	})
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text))
}
