package web

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"wardroom/server/hub"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// marks are the read markers of one socket that are not stored yet. Scrolling
// makes many; the last one in a while says all.
type marks struct {
	mu      sync.Mutex
	waiting map[incident.LogID]incident.Seq
	timer   *time.Timer
	done    bool
}

// marksWaiting bounds them; a socket listens to fewer rooms.
const marksWaiting = 64

// mark notes that the person has read a room up to seq, to be stored soon.
func (k *socket) mark(room incident.LogID, seq incident.Seq) {
	m := &k.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done || !room.Valid() || k.person == "" {
		return
	}
	if m.waiting == nil {
		m.waiting = map[incident.LogID]incident.Seq{}
	}
	if _, known := m.waiting[room]; !known && len(m.waiting) >= marksWaiting {
		boundMarks.Hit()
		return // a marker is a convenience
	}
	m.waiting[room] = max(m.waiting[room], seq)
	if m.timer == nil {
		m.timer = time.AfterFunc(markEvery, k.store)
	}
}

// flush stores what waits when the socket ends.
func (k *socket) flush() {
	m := &k.marks
	m.mu.Lock()
	m.done = true
	stored := m.timer != nil && !m.timer.Stop() // running: it takes what waits
	m.mu.Unlock()
	if !stored {
		k.store()
	}
}

func (k *socket) store() {
	m := &k.marks
	m.mu.Lock()
	waiting := m.waiting
	m.waiting, m.timer = nil, nil
	m.mu.Unlock()
	if len(waiting) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for id, seq := range waiting {
		room, _, err := k.server.stands(ctx, id, k.person)
		if err == nil {
			err = k.server.readTo(ctx, k.person, id, min(seq, room.Head), k.conn)
		}
		if err != nil && incident.FaultOf(err) != incident.NotFound {
			k.server.Log.Warn("a read marker was not stored", "request", k.request, "error", err)
		}
	}
}

// readTo moves a person's marker and tells their other sockets.
func (s *Server) readTo(ctx context.Context, p incident.PersonID, room incident.LogID, seq incident.Seq, except *hub.Conn) error {
	moved, err := s.Directory.MarkRead(ctx, room, p, seq)
	if err != nil || !moved {
		return err
	}
	b, _ := json.Marshal(struct {
		Type string         `json:"type"`
		Room incident.LogID `json:"room"`
		Seq  incident.Seq   `json:"seq"`
	}{"read", room, seq})
	s.Hub.Tell(p, except, b)
	return nil
}

// tellRooms says to a person's sockets on this node that their list of rooms
// or invitations changed.
func (s *Server) tellRooms(p incident.PersonID) {
	if p != "" {
		s.Hub.Tell(p, nil, []byte(`{"type":"rooms"}`))
	}
}

// tellColleagues says the same to the others of an organisation in the room:
// one of theirs came or is gone.
func (s *Server) tellColleagues(room *incident.Room, org incident.OrgID) {
	for _, m := range room.Members {
		if m.Present() && m.Org == org {
			s.tellRooms(m.Person)
		}
	}
}

// tellAdmitting says the same to all who may let people into this room: who
// waits there stands in their list.
func (s *Server) tellAdmitting(room *incident.Room) {
	for _, m := range room.Members {
		if m.Present() && policy.Permit(policy.Vouch, &policy.Scene{Room: room, Actor: incident.Actor{Person: m.Person}}) == nil {
			s.tellRooms(m.Person)
		}
	}
}
