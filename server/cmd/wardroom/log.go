package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	logWait = 500 * time.Millisecond // the longest a line waits to be written
	logRoom = 32 << 10               // bytes of lines that wait; more are written at once
)

// lines gathers what is logged, so that a request does not pay for a write of
// its own. A line waits no longer than logWait; one that tells of trouble is
// written at once, and those before it with it.
type lines struct {
	mu      sync.Mutex
	out     io.Writer
	waiting []byte
	due     *time.Timer // set while something waits
	ended   bool        // nothing waits any more
}

// Write takes one line or more.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, p...)
	if l.ended || len(l.waiting) >= logRoom {
		return len(p), l.flushLocked()
	}
	if l.due == nil {
		l.due = time.AfterFunc(logWait, func() { l.flush() })
	}
	return len(p), nil
}

// flush writes what waits.
func (l *lines) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flushLocked()
}

func (l *lines) flushLocked() error {
	if l.due != nil {
		l.due.Stop()
		l.due = nil
	}
	if len(l.waiting) == 0 {
		return nil
	}
	_, err := l.out.Write(l.waiting)
	l.waiting = l.waiting[:0]
	return err
}

// end writes what waits; what comes after it is written at once.
func (l *lines) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	return l.flushLocked()
}

// prompt is a handler whose warnings and errors do not wait.
type prompt struct {
	slog.Handler
	out *lines
}

// Handle writes the record, and at once if it tells of trouble.
func (h prompt) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		if e := h.out.flush(); err == nil {
			err = e
		}
	}
	return err
}

// WithAttrs keeps the promise for what is logged with attributes.
func (h prompt) WithAttrs(a []slog.Attr) slog.Handler {
	return prompt{h.Handler.WithAttrs(a), h.out}
}

// WithGroup keeps the promise for what is logged in a group.
func (h prompt) WithGroup(name string) slog.Handler { return prompt{h.Handler.WithGroup(name), h.out} }
