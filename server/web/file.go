package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"wardroom/server/blob"
	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type fileIn struct {
	InEntry
	File string `path:"file" doc:"Which of its attachments: 1, 2 …"`
}

type filesAnswer struct {
	Files []fileState `json:"files" doc:"In the entry's order."`
}

type fileState struct {
	Scan blob.Scan `json:"scan" enum:"none,pending,clean,found" doc:"What a scanner says: none was asked or could tell; it has not answered yet; it found nothing; it found something, and nobody can take it."`
}

func (s *Server) mountFiles() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/entries/{seq}/files", Access: Member, Tag: "files", ID: "files",
		Summary: "What the scanner says of an entry's attachments", Faults: []incident.Fault{incident.StepUp, incident.Forbidden}}, s.files)
	o := operation{Method: http.MethodGet, Path: "/rooms/{room}/entries/{seq}/files/{file}", Access: Member, Tag: "files", ID: "take-file",
		Summary: "Take an attachment", Doc: "Its bytes, as a download that nothing renders. Whether I may have them is asked again as they go. " +
			"Of a restricted entry I must have opened the entry, and that I take this is recorded first. Ranges are served.",
		Faults: []incident.Fault{incident.StepUp, incident.Forbidden, incident.Conflict}}
	s.routes = append(s.routes, Route{o.Method, apiPrefix + o.Path, o.Access})
	o.Glance = true
	op := s.describe(o)
	op.Responses["200"] = &huma.Response{Description: "The content.", Content: map[string]*huma.MediaType{rawType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	huma.Register(s.api, op, func(ctx context.Context, in *fileIn) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		send, err := s.takeFile(ctx, c, in)
		if err != nil {
			return nil, s.refusal(ctx, err)
		}
		return &huma.StreamResponse{Body: func(h huma.Context) {
			r, w := humago.Unwrap(h)
			send(w, r)
		}}, nil
	})
}

// attached is an entry's attachments, as one member may have them now.
type attached struct {
	room       *incident.Room
	sight      incident.Sight
	seq        incident.Seq
	files      []incident.File
	restricted bool // it travels as an envelope: they come after an opening only
}

// attachedTo finds them. What is not there, what is not the member's, and an
// entry with nothing attached are the same answer.
func (s *Server) attachedTo(ctx context.Context, c *call, in InEntry) (*attached, error) {
	seq, err := in.seq()
	if err != nil {
		return nil, err
	}
	rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, journal.Query{After: seq - 1, Before: seq + 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, incident.Missing()
	}
	a := &attached{room: room, sight: rows[0].Sight, seq: seq}
	seen := policy.View(room, m, a.sight, rows[0].Entry)
	if seen.Form() == policy.Envelope {
		a.restricted = true
		seen, _ = policy.Opened(room, m, a.sight, rows[0].Entry)
	}
	e := seen.Event()
	if e == nil || len(e.Files) == 0 {
		return nil, incident.Missing()
	}
	a.files = e.Files
	return a, nil
}

// permit judges an attachment of a restricted entry; others are whoever's the
// entry is.
func (s *Server) permit(ctx context.Context, c *call, a *attached, n int) (command.TakeFile, error) {
	take := command.TakeFile{Room: a.room, Sight: a.sight, Entry: a.seq, File: n}
	if !a.restricted {
		return take, nil
	}
	var err error
	if take.Opened, err = s.Journal.HasOpened(ctx, a.room.ID, a.room.Member(c.actor.Person).Number, a.sight.Root); err != nil {
		return take, err
	}
	return take, take.Permit(c.actor, c.session.Now)
}

func (s *Server) files(ctx context.Context, c *call, in *InEntry) (filesAnswer, error) {
	a, err := s.attachedTo(ctx, c, *in)
	if err != nil {
		return filesAnswer{}, err
	}
	if _, err := s.permit(ctx, c, a, 0); err != nil {
		return filesAnswer{}, err
	}
	scans, err := s.Blobs.Scans(ctx, a.room.ID, c.actor.Person, a.files)
	if err != nil {
		return filesAnswer{}, err
	}
	answer := filesAnswer{Files: []fileState{}}
	for _, f := range a.files {
		scan, ok := scans[f.ID]
		if !ok {
			return filesAnswer{}, incident.Missing() // gone since, or not theirs by the rows
		}
		answer.Files = append(answer.Files, fileState{scan})
	}
	return answer, nil
}

// mayTake says whether the caller may have an attachment now, and which it is.
func (s *Server) mayTake(ctx context.Context, c *call, in *fileIn) (a *attached, f incident.File, take command.TakeFile, err error) {
	if a, err = s.attachedTo(ctx, c, in.InEntry); err != nil {
		return nil, f, take, err
	}
	n, err := strconv.Atoi(in.File)
	if err != nil || strconv.Itoa(n) != in.File || n < 1 || n > len(a.files) {
		return nil, f, take, incident.Missing()
	}
	if take, err = s.permit(ctx, c, a, n); err != nil {
		return a, f, take, err
	}
	f = a.files[n-1]
	scans, err := s.Blobs.Scans(ctx, a.room.ID, c.actor.Person, a.files[n-1:n])
	switch scan, ok := scans[f.ID]; {
	case err != nil:
		return nil, f, take, err
	case !ok:
		return nil, f, take, incident.Missing()
	case scan == blob.Found:
		return nil, f, take, incident.Refuse(incident.Forbidden, "The scanner found something harmful in this file. It is kept as evidence, and nobody can download it.")
	}
	return a, f, take, nil
}

// wanted reports whether a browser asks for content as a document or by a
// script of ours: as a picture, a script, a style, a frame or a worker there is
// none. Browsers say so by themselves (Fetch Metadata); what is no browser does not.
func wanted(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document" || dest == "empty"
}

// takeFile judges, records where it must be recorded, and then sends.
func (s *Server) takeFile(ctx context.Context, c *call, in *fileIn) (send func(http.ResponseWriter, *http.Request), err error) {
	if !wanted(c.r) {
		return nil, incident.Missing()
	}
	a, f, take, err := s.mayTake(ctx, c, in)
	if err != nil && a == nil {
		return nil, err
	}
	if a.restricted {
		access, no := s.Journal.AccessOf(ctx, a.room.ID)
		if no != nil {
			return nil, no
		}
		if err != nil {
			s.refusedOpening(ctx, c, access, command.OpenEntry{Room: a.room, Sight: a.sight, Entry: a.sight.Root}, err)
			return nil, err
		}
		if c.r.Method == http.MethodGet {
			if err := s.limiter.take(s.Config.Limits.Opens, "open", c.session.ID); err != nil {
				return nil, err
			}
			// Of one file, one line an hour and session, however many parts a
			// browser fetches it in.
			key := follow("file", string(a.room.ID), strconv.FormatUint(uint64(a.seq), 10), in.File, c.session.ID, c.session.Now.Truncate(time.Hour).UTC().Format(time.RFC3339))
			if _, err := s.Journal.Append(ctx, access, c.actor, key, take); err != nil {
				return nil, err
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := s.Blobs.Open(ctx, a.room.ID, c.actor.Person, f)
		if err != nil {
			s.writeProblem(w, r, err)
			return
		}
		h := w.Header()
		opaque(h, f.Name)
		h.Set("ETag", `"`+string(f.ID)+`"`)
		d := &download{from: content, out: http.NewResponseController(w), still: func() error { return s.stillTakes(ctx, c, in, f.ID) }}
		stop := d.watch()
		http.ServeContent(w, r, "", time.Time{}, d)
		stop()
		if d.failed() {
			panic(http.ErrAbortHandler) // the browser must not take it for a whole one
		}
	}, nil
}

// stillTakes judges again, from the session on.
func (s *Server) stillTakes(ctx context.Context, c *call, in *fileIn, id incident.BlobID) error {
	actor, session, _, err := s.Identity.Enter(ctx, c.cookie, false, c.room.ID)
	if err != nil {
		return err
	}
	if actor.Person != c.actor.Person {
		return incident.Missing()
	}
	now := *c
	now.actor, now.session = actor, session
	_, f, _, err := s.mayTake(ctx, &now, in)
	if err == nil && f.ID != id {
		err = incident.Missing()
	}
	return err
}

// opaque sets the headers of content that nothing may render or run: not as
// its own document, not in a frame, not as a script, a style or an image of any
// page, also where a browser is told to guess.
func opaque(h http.Header, name string) {
	h.Set("Content-Type", rawType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Disposition", disposition(name))
}

// disposition names a download (RFC 6266): in ASCII for old readers, and as it
// is (RFC 8187).
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// How long a client may take for what is under way, and how often it is asked
// whether it may go on while it does.
const (
	stallFor   = 2 * time.Minute
	watchEvery = 500 * time.Millisecond
)

// download is content on its way out. Every 4 MiB, and twice a second however
// slow the line is, it is asked whether the rest may follow; if not the
// connection is cut.
type download struct {
	from  io.ReadSeeker
	out   *http.ResponseController
	still func() error

	sent, asked int64
	begun       bool

	mu  sync.Mutex
	err error
}

func (d *download) Seek(offset int64, whence int) (int64, error) { return d.from.Seek(offset, whence) }

func (d *download) Read(p []byte) (int, error) {
	if !d.begun || d.sent-d.asked >= askEvery {
		d.begun, d.asked = true, d.sent
		if err := d.still(); err != nil {
			return 0, d.fail(err)
		}
	}
	if err := d.extend(); err != nil {
		return 0, err
	}
	p = p[:min(len(p), 64<<10)]
	n, err := d.from.Read(p)
	d.sent += int64(n)
	if err != nil && err != io.EOF {
		return n, d.fail(err)
	}
	return n, err
}

// extend gives the client time for what comes next, unless it was cut.
func (d *download) extend() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	until := time.Now().Add(stallFor)
	if err := errors.Join(d.out.SetReadDeadline(until), d.out.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// fail cuts the connection, also under a write that waits.
func (d *download) fail(err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.err = err
		_ = d.out.SetWriteDeadline(time.Unix(1, 0))
	}
	return d.err
}

func (d *download) failed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err != nil
}

// watch asks by the clock until stop.
func (d *download) watch() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if err := d.still(); err != nil {
				select {
				case <-done: // it is all sent
				default:
					_ = d.fail(err)
				}
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}
