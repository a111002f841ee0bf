package main

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// bareSockets writes every frame to every socket: one write a group and socket,
// by as many goroutines as there are cores. A frame is begun when the one
// before it has gone out to all.
type bareSockets struct {
	upgrader websocket.Upgrader
	frames   chan []byte
	ring     bareRing

	mu  sync.Mutex
	all []*websocket.Conn
}

func newBareSockets() *bareSockets {
	return &bareSockets{frames: make(chan []byte, 1), upgrader: websocket.Upgrader{
		ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: 10 * time.Second,
		CheckOrigin: func(*http.Request) bool { return true },
	}}
}

// upgrade leaves the handler at once, so that the buffers of net/http go.
func (s *bareSockets) upgrade(w http.ResponseWriter, r *http.Request) {
	c, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	s.mu.Lock()
	s.all = append(s.all, c)
	s.mu.Unlock()
	go s.read(c)
}

// read answers who asks for a room, until the socket ends.
func (s *bareSockets) read(c *websocket.Conn) {
	for {
		_, text, err := c.ReadMessage()
		if err != nil {
			break
		}
		if answer := s.ring.answer(text); answer != nil {
			_, _ = c.NetConn().Write(answer)
		}
	}
	s.mu.Lock()
	if i := slices.Index(s.all, c); i >= 0 {
		s.all = slices.Delete(slices.Clone(s.all), i, i+1)
	}
	s.mu.Unlock()
	c.Close()
}

func (s *bareSockets) broadcast(room string, frame []byte, entries [][]byte) {
	s.ring.keep(room, entries)
	s.mu.Lock()
	none := len(s.all) == 0
	s.mu.Unlock()
	if !none {
		s.frames <- frame
	}
}

func (s *bareSockets) run(ctx context.Context) {
	for {
		select {
		case f := <-s.frames:
			s.send(f)
		case <-ctx.Done():
			return
		}
	}
}

func (s *bareSockets) send(frame []byte) {
	s.mu.Lock()
	all := s.all
	s.mu.Unlock()
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(all))
	for w := range workers {
		wg.Go(func() {
			for _, c := range all[w*len(all)/workers : (w+1)*len(all)/workers] {
				_, _ = c.NetConn().Write(frame) // a socket that has gone is noticed by its reader
			}
		})
	}
	wg.Wait()
}
