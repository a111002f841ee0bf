package journal_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// heard is a log in memory.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) count(word string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.text.String(), word)
}

// A log that is closed to writing stays so until somebody does something about
// it, and a follower tries four times a second.
func TestAFollowerThatFailsTheSameWayEachTimeSaysItOnceAndGoesOnTrying(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	var log heard
	j := journal.New(journal.Options{Writer: h.DB.Writer, Reader: h.DB.Reader, Vault: h.Vault, Deployment: h.Deployment, Poll: time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer j.Close(context.Background())
	ctx, stop := context.WithCancel(t.Context())
	tries := make(chan int)
	done := make(chan error, 1)
	go func() {
		n := 0
		done <- j.Follow(ctx, "the test", incident.RoomLog, func(ctx context.Context, _ incident.LogID, _ *incident.Event) error {
			n++
			select {
			case tries <- n:
			case <-ctx.Done():
			}
			if n <= 20 {
				return errors.New("the first reason")
			}
			return errors.New("the second reason")
		})
	}()
	for n := range tries {
		if n == 40 {
			break
		}
	}
	if a, b := log.count("the first reason"), log.count("the second reason"); a != 1 || b != 1 {
		t.Errorf("of 40 tries %d and %d were said, want 1 of each reason", a, b)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
