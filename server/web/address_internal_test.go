package web

import "net/http"

// Address is where the limits take a request to come from.
func Address(s *Server, r *http.Request) string { return s.address(r) }
