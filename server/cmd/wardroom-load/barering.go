package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// bareRing keeps the newest entries of the room that was written to last, and
// answers who comes back with all that they missed in one write: the same bytes
// for all who missed the same.
type bareRing struct {
	mu      sync.Mutex
	room    string
	entries [][]byte
	next    uint64            // the number of the entry that is not there yet
	ready   map[uint64][]byte // what goes to who has everything up to a number
	tickets map[string]struct{}
}

// bareRingSize is as many entries as the product keeps.
const bareRingSize = 1024

func (r *bareRing) keep(room string, entries [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if room != r.room {
		r.room, r.entries, r.next = room, nil, 0
	}
	if r.next == 0 {
		var first struct{ Seq uint64 }
		if json.Unmarshal(entries[0], &first) != nil {
			return
		}
		r.next = first.Seq
	}
	r.entries, r.next, r.ready = append(r.entries, entries...), r.next+uint64(len(entries)), nil
	if over := len(r.entries) - bareRingSize; over > 0 {
		clear(r.entries[:over])
		r.entries = r.entries[over:]
	}
}

// answer is what goes to who sent that frame; nil for nothing.
func (r *bareRing) answer(text []byte) []byte {
	var f struct {
		Type, Ticket string
		After        *uint64
	}
	if json.Unmarshal(text, &f) != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch f.Type {
	case "hello":
		if _, good := r.tickets[f.Ticket]; !good {
			return serverFrame(opClose, []byte{4401 >> 8, 4401 & 0xff})
		}
		delete(r.tickets, f.Ticket)
		return serverFrame(opText, []byte(`{"type":"welcome"}`))
	case "subscribe":
		if f.After == nil {
			f.After = new(r.next - 1)
		}
		return r.tail(*f.After)
	}
	return nil
}

func (r *bareRing) tail(after uint64) []byte {
	if b := r.ready[after]; b != nil {
		return b
	}
	head := r.next - 1
	missed := min(head-min(after, head), uint64(len(r.entries)))
	var b []byte
	if after == head {
		b = serverFrame(opText, fmt.Appendf(nil, `{"type":"snapshot","seq":%d}`, head))
	}
	if missed > 0 {
		b = append(b, bareFrame(r.room, r.entries[uint64(len(r.entries))-missed:])...)
	}
	b = append(b, serverFrame(opText, fmt.Appendf(nil, `{"type":"caught_up","seq":%d}`, head))...)
	if r.ready == nil {
		r.ready = map[uint64][]byte{}
	}
	r.ready[after] = b
	return b
}

// ticket gives out what a socket begins with.
func (s *bareSockets) ticket(w http.ResponseWriter, _ *http.Request) {
	var b [32]byte
	rand.Read(b[:])
	ticket := base64.RawURLEncoding.EncodeToString(b[:])
	s.ring.mu.Lock()
	if s.ring.tickets == nil {
		s.ring.tickets = map[string]struct{}{}
	}
	s.ring.tickets[ticket] = struct{}{}
	s.ring.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"ticket\":%q}\n", ticket)
}
