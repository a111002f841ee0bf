package web

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"wardroom/server/incident"
)

// A command that is sent again must be the same command, so what the server
// adds to it is derived from who sent it under which key, and not drawn anew.

// id derives an id of incident.RandomID's form, as hard to guess.
func (s *Server) id(purpose string, parts ...string) string {
	return incident.IDFrom(s.Derive("web "+purpose, framed(parts)))
}

// framed keeps two different lists from having the same bytes.
func framed(parts []string) (b []byte) {
	for _, p := range parts {
		b = fmt.Appendf(b, "%d:%s", len(p), p)
	}
	return b
}

// crockford is the alphabet of a ULID.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// follow derives the key of a command that follows from another: the same
// every time. It is no secret; a key belongs to its actor.
func follow(purpose string, parts ...string) incident.Key {
	sum := sha256.Sum256(append([]byte("wardroom key\n"+purpose+"\n"), framed(parts)...))
	b := make([]byte, 26)
	for i := range b {
		b[i] = crockford[sum[i]&31]
	}
	b[0] = crockford[sum[0]&7] // a ULID's first character holds three bits
	return incident.Key(b)
}

// bodyText is a request's body in a fixed form.
func bodyText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("web: a body that cannot be written: " + err.Error()) // bodies are plain data
	}
	return string(b)
}
