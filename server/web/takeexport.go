package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"wardroom/server/command"
	"wardroom/server/export"
	"wardroom/server/incident"
)

const tarType = "application/x-tar"

// mountTakeExport mounts the one operation whose answer is no JSON.
func (s *Server) mountTakeExport() {
	o := operation{Method: http.MethodPost, Path: "/rooms/{room}/exports/{seq}/take", Access: Member, Tag: "exports", ID: "take-export",
		Summary: "Take the bundle of an approved export", Doc: "A lead, deputy or liaison of a host, or who asked for it, with a second factor given for this. " +
			"That it was taken stands on the room's access log, with the SHA-256 of the bundle, before its first byte goes out. The answer is a tar.",
		Faults: []incident.Fault{incident.StepUp, incident.Forbidden, incident.Conflict}}
	s.routes = append(s.routes, Route{o.Method, apiPrefix + o.Path, o.Access})
	op := s.describe(o)
	op.Responses["200"] = &huma.Response{Description: "The bundle.", Content: map[string]*huma.MediaType{tarType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	huma.Register(s.api, op, func(ctx context.Context, in *takeExportIn) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		send, err := s.takeExport(ctx, c, in)
		if err != nil {
			return nil, s.refusal(ctx, err)
		}
		return &huma.StreamResponse{Body: func(h huma.Context) {
			_, w := humago.Unwrap(h)
			send(w)
		}}, nil
	})
}

// takeFor bounds a build, and then its way to the browser.
const takeFor = 15 * time.Minute

// takeExport builds the bundle twice. The first time only its hash is kept;
// that goes on the access log; the second time it goes out. A crash in between
// leaves a taking recorded that was not delivered: never the reverse. If what
// may be shown has changed meanwhile the second is not the first, and is cut
// off before its end, so that it is no bundle.
func (s *Server) takeExport(ctx context.Context, c *call, in *takeExportIn) (send func(http.ResponseWriter), err error) {
	root, err := in.seq()
	if err != nil {
		return nil, err
	}
	room, _, o, err := s.export(ctx, c, root)
	if err != nil {
		return nil, err
	}
	access, err := s.Journal.AccessOf(ctx, room.ID)
	if err != nil {
		return nil, err
	}
	take := command.TakeExport{Room: room, Object: o, Root: root}
	if err := take.Permit(c.actor, c.session.Now, incident.Instant{}); err != nil {
		return nil, err
	}
	if err := s.limiter.take(s.Config.Limits.Opens, "open", c.session.ID); err != nil {
		return nil, err
	}
	away := http.NewResponseController(c.w)
	until := time.Now().Add(2 * takeFor)
	if err := errors.Join(away.SetReadDeadline(until), away.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	order := export.Order{Log: room.ID, Hosts: room.Hosts, Head: room.Head, Export: o.Export}
	first, cancel := context.WithTimeout(ctx, takeFor)
	defer cancel()
	built, err := s.Export.Build(first, order, io.Discard)
	if err != nil {
		return nil, err
	}
	take.SHA256, take.Size = built.SHA256, built.Size
	if _, err := s.Journal.Append(ctx, access, c.actor, c.key, take); err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter) {
		h := w.Header()
		h.Set("Content-Type", tarType)
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="wardroom-export-%d.tar"`, root))
		h.Set("Content-Length", strconv.FormatInt(built.Size, 10))
		h.Set("X-Content-SHA256", built.SHA256)
		second, cancel := context.WithTimeout(ctx, takeFor)
		defer cancel()
		var again export.Built
		now, err := s.Journal.Room(second, room.ID)
		out := &guarded{w: w, last: built.Size, still: func() error { return s.still(second, c, root, order) }}
		if err == nil {
			order.Head = now.Head // whatever was withheld meanwhile is left out, and then this is another bundle
			again, err = s.Export.Build(second, order, out)
		}
		if err == nil && again.SHA256 == built.SHA256 {
			err = out.finish()
		} else if err == nil {
			err = errors.New("web: the bundle is not the one that was recorded")
		}
		if err != nil {
			s.Log.ErrorContext(ctx, "an export was cut off", "error", err)
			panic(http.ErrAbortHandler) // the browser must not take it for a whole one
		}
	}, nil
}

// still says whether the asker may have more of the bundle: in the room, the
// export not withdrawn and its time not passed, and nothing said meanwhile that
// changes what may be shown.
func (s *Server) still(ctx context.Context, c *call, root incident.Seq, o export.Order) error {
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(room.Exports, func(x incident.Outgoing) bool { return x.Root == root && !x.Ended && x.Sight.Audience.Includes(m) }) ||
		o.Export.Over(incident.At(time.Now())) {
		return incident.Missing()
	}
	return nil
}

// guarded asks every 4 MiB whether what follows may still go out, and keeps the
// last bytes back until the whole is known to be what was recorded.
type guarded struct {
	w     io.Writer
	still func() error
	sent  int64
	asked int64
	last  int64 // of all bytes
	kept  []byte
}

const (
	askEvery = 4 << 20
	keepBack = 1024 // the end of a tar is two empty blocks: without them it is none
)

func (g *guarded) Write(p []byte) (int, error) {
	if g.asked == 0 || g.sent-g.asked >= askEvery {
		if err := g.still(); err != nil {
			return 0, err
		}
		g.asked = max(g.sent, 1)
	}
	n := len(p)
	if room := g.last - keepBack - g.sent; int64(len(p)) > room {
		g.kept = append(g.kept, p[max(room, 0):]...)
		p = p[:max(room, 0)]
	}
	m, err := g.w.Write(p)
	g.sent += int64(m)
	if err != nil {
		return m, err
	}
	return n, nil
}

// finish sends what was kept back.
func (g *guarded) finish() error {
	if err := g.still(); err != nil {
		return err
	}
	_, err := g.w.Write(g.kept)
	return err
}
