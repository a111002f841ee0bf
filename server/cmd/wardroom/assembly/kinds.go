package assembly

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"wardroom/server/meter"
)

var (
	levelSet = meter.NewSet("level", "warn", "error")
	trouble  = meter.NewCounter("log_records", "Warnings and errors that were logged.", levelSet)
)

// kinds remembers which warnings and errors were logged, by their message: a
// constant of the program. What stands beside it in the log is not kept.
type kinds struct {
	mu  sync.Mutex
	all map[string]*kind
}

type kind struct {
	Message string
	Error   bool
	Count   int
	Last    time.Time
}

// kindsKept bounds them; there are fewer messages in the program.
const kindsKept = 500

func (k *kinds) note(r slog.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]*kind{}
	}
	x := k.all[r.Message]
	if x == nil {
		if len(k.all) >= kindsKept {
			return
		}
		x = &kind{Message: r.Message}
		k.all[r.Message] = x
	}
	x.Count++
	x.Last = r.Time
	x.Error = x.Error || r.Level >= slog.LevelError
}

// newest lists those logged last, n at most.
func (k *kinds) newest(n int) (list []kind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, x := range k.all {
		list = append(list, *x)
	}
	slices.SortFunc(list, func(a, b kind) int {
		if c := b.Last.Compare(a.Last); c != 0 {
			return c
		}
		return strings.Compare(a.Message, b.Message)
	})
	return list[:min(n, len(list))]
}

// noting is a handler that notes what tells of trouble.
type noting struct {
	slog.Handler
	kinds *kinds
}

// Handle notes the record's message and passes it on.
func (h noting) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		h.kinds.note(r)
		level := "warn"
		if r.Level >= slog.LevelError {
			level = "error"
		}
		trouble.Inc(level)
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps noting.
func (h noting) WithAttrs(a []slog.Attr) slog.Handler { return noting{h.Handler.WithAttrs(a), h.kinds} }

// WithGroup keeps noting.
func (h noting) WithGroup(name string) slog.Handler {
	return noting{h.Handler.WithGroup(name), h.kinds}
}
