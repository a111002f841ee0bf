package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/sync/semaphore"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/intel"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type previewIn struct {
	InRoom
	Format  string `query:"format" required:"true" enum:"stix,misp,csv" doc:"STIX 2.1 or 2.0, MISP events, or a table or list of indicators."`
	RawBody []byte `contentType:"application/octet-stream"`
}

type previewAnswer struct {
	Items  []importedItem `json:"items" doc:"Nothing is published by this: each can be, by POST …/items."`
	Mapped []importNote   `json:"mapped" doc:"Understood, and kept as something else."`
	Left   []importNote   `json:"left" doc:"Not carried."`
}

type importedItem struct {
	Item     incident.Item   `json:"item"`
	TLP      incident.TLP    `json:"tlp,omitempty" doc:"Absent: the file gives no label."`
	PAP      incident.PAP    `json:"pap,omitempty"`
	Caveat   incident.Caveat `json:"caveat,omitempty"`
	Audience []string        `json:"audience,omitempty" doc:"Organisations that the file's own sharing names. Whom to choose is yours to say."`
}

type importNote struct {
	What  string `json:"what"`
	Why   string `json:"why"`
	Count int    `json:"count"`
	Line  int    `json:"line,omitempty" doc:"Of the first."`
}

type extractIn struct {
	InRoom
	Body struct {
		Text string `json:"text" doc:"At most 200 KB, defanged or not."`
	}
}

type extractAnswer struct {
	Indicators []incident.Indicator `json:"indicators" doc:"Each once, in the order of the text; at most 5,000."`
	More       int                  `json:"more,omitempty" doc:"How many there are beyond those."`
}

type exportIntelIn struct {
	InRoom
	Body struct {
		Format  string         `json:"format" enum:"stix,misp,csv,text"`
		Entries []incident.Seq `json:"entries,omitempty" doc:"Items and tear-lines, at most 500; absent: all live items that I may take out."`
	}
}

// maxExtractBody bounds the text that indicators are looked for in, twice over
// for what JSON escapes.
const maxExtractBody = 2 * (200 << 10)

// importing bounds how many files are read at once on a node: each may take
// ten times its size.
var importing = semaphore.NewWeighted(2)

func (s *Server) mountIntel() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/intel/preview", Access: Member, Tag: "intelligence", ID: "preview-intel", Unkeyed: true,
		Raw: int64(intel.DefaultLimits.Bytes), Summary: "See what a file would bring",
		Doc: "What was understood, what was kept as something else and what was left out; or where the file is broken. Nothing is stored."}, s.previewIntel)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/intel/extract", Access: Member, Tag: "intelligence", ID: "extract-indicators", Unkeyed: true,
		MaxBody: maxExtractBody, Summary: "Find the indicators in a text"}, s.extractIntel)
	s.mountExportIntel()
}

func (s *Server) previewIntel(ctx context.Context, c *call, in *previewIn) (previewAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Searches, "import", c.session.ID); err != nil {
		return previewAnswer{}, err
	}
	if err := importing.Acquire(ctx, 1); err != nil {
		return previewAnswer{}, err
	}
	defer importing.Release(1)
	read := map[string]func(io.Reader, intel.Limits) (*intel.Import, error){"stix": intel.ParseSTIX, "misp": intel.ParseMISP, "csv": intel.ParseCSV}[in.Format]
	got, err := read(bytes.NewReader(in.RawBody), intel.DefaultLimits)
	var broken *intel.Refusal
	if errors.As(err, &broken) {
		at := "file"
		if broken.Line > 0 {
			at = fmt.Sprintf("line %d, column %d", broken.Line, broken.Column)
		}
		return previewAnswer{}, &incident.Error{Fault: incident.Invalid, Message: strings.ToUpper(at[:1]) + at[1:] + ": " + broken.Why,
			Fields: []incident.Field{{Name: at, Message: broken.Why}}}
	}
	if err != nil {
		return previewAnswer{}, err
	}
	a := previewAnswer{Items: []importedItem{}, Mapped: importNotes(got.Mapped), Left: importNotes(got.Left)}
	for _, d := range got.Items {
		a.Items = append(a.Items, importedItem(d))
	}
	return a, nil
}

func importNotes(list []intel.Note) []importNote {
	out := make([]importNote, 0, len(list))
	for _, n := range list {
		out = append(out, importNote(n))
	}
	return out
}

func (s *Server) extractIntel(_ context.Context, c *call, in *extractIn) (extractAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Searches, "extract", c.session.ID); err != nil {
		return extractAnswer{}, err
	}
	a := extractAnswer{Indicators: intel.Extract(in.Body.Text)}
	if n := len(a.Indicators); n > incident.MaxIndicators {
		a.Indicators, a.More = a.Indicators[:incident.MaxIndicators], n-incident.MaxIndicators
	} else if n == 0 {
		a.Indicators = []incident.Indicator{}
	}
	return a, nil
}

// intelFiles are the formats of an export.
var intelFiles = map[string]struct {
	write     func(io.Writer, []intel.Record) error
	kind, ext string
}{
	"stix": {intel.WriteSTIX, "application/stix+json;version=2.1", "json"},
	"misp": {intel.WriteMISP, "application/json", "json"},
	"csv":  {intel.WriteCSV, "text/csv; charset=utf-8; header=present", "csv"},
	"text": {intel.WriteText, "text/plain; charset=utf-8", "txt"},
}

// mountExportIntel mounts the one operation whose answer is a file.
func (s *Server) mountExportIntel() {
	o := operation{Method: http.MethodPost, Path: "/rooms/{room}/intel/export", Access: Member, Tag: "intelligence", ID: "export-intel",
		Summary: "Take items out in a file that bears their labels", Doc: "What I see open; what is TLP:RED or recorded never. " +
			"That each was taken stands on the room's access log before the first byte goes out, for its originator to see.",
		Faults: []incident.Fault{incident.Forbidden, incident.Conflict}}
	s.routes = append(s.routes, Route{o.Method, apiPrefix + o.Path, o.Access})
	op := s.describe(o)
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	op.Responses["200"] = &huma.Response{Description: "The file.", Content: map[string]*huma.MediaType{"application/octet-stream": binary}}
	huma.Register(s.api, op, func(ctx context.Context, in *exportIntelIn) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		name, file, err := s.exportIntel(ctx, c, in)
		if err != nil {
			return nil, s.refusal(ctx, err)
		}
		return &huma.StreamResponse{Body: func(h huma.Context) {
			_, w := humago.Unwrap(h)
			w.Header().Set("Content-Type", intelFiles[in.Body.Format].kind)
			w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
			w.Header().Set("Content-Length", strconv.Itoa(len(file)))
			_, _ = w.Write(file) // the browser has gone
		}}, nil
	})
}

// exportIntel commits to the access log first. A crash after that leaves a
// taking recorded that was not delivered: never the reverse. What goes out is
// judged once more, by the room as it stands then.
func (s *Server) exportIntel(ctx context.Context, c *call, in *exportIntelIn) (name string, file []byte, err error) {
	if err := s.limiter.take(s.Config.Limits.Opens, "open", c.session.ID); err != nil {
		return "", nil, err
	}
	who := s.member(c)
	cmd := command.ExportIntel{Room: c.room, Format: in.Body.Format}
	if cmd.Sights, err = s.wanted(ctx, c, in.Body.Entries); err != nil {
		return "", nil, err
	}
	if err := cmd.Permit(c.actor, c.session.Now); err != nil {
		return "", nil, err
	}
	access, err := s.Journal.AccessOf(ctx, c.room.ID)
	if err != nil {
		return "", nil, err
	}
	if _, err := s.Journal.Append(ctx, access, c.actor, c.key, cmd); err != nil {
		return "", nil, err
	}
	var roots []incident.Seq
	for _, sight := range cmd.Sights {
		roots = append(roots, sight.Root)
	}
	records, err := s.records(ctx, who, roots)
	if err != nil {
		return "", nil, err
	}
	if len(records) == 0 {
		return "", nil, incident.Missing()
	}
	var b bytes.Buffer
	out := make([]intel.Record, len(records))
	for i, r := range records {
		out[i] = r.Record
	}
	if err := intelFiles[in.Body.Format].write(&b, out); err != nil {
		return "", nil, err
	}
	return "wardroom-" + c.room.Reference + "-intelligence." + intelFiles[in.Body.Format].ext, b.Bytes(), nil
}

// wanted are the sights of the items asked for; of none, of all live ones that
// the member may take out.
func (s *Server) wanted(ctx context.Context, c *call, entries []incident.Seq) (list []incident.Sight, err error) {
	all := entries == nil
	live, err := s.liveRoots(ctx, c.room, c.member, "item", string(incident.ItemIsLive))
	if err != nil {
		return nil, err
	}
	if all {
		entries = live
	}
	if len(entries) > command.MaxExportedItems {
		return nil, incident.BadField("entries", "At most %d items go into one file. Choose some.", command.MaxExportedItems)
	}
	entries = slices.Clone(entries)
	slices.Sort(entries)
	for _, n := range slices.Compact(entries) {
		sight, err := s.Journal.Sight(ctx, c.room.ID, c.actor.Person, n)
		if err != nil {
			return nil, err
		}
		if sight.Kind != "item.published" && sight.Kind != "tearline.published" {
			return nil, incident.Missing()
		}
		if all && !policy.MayShare(c.room, c.member, sight) {
			continue
		}
		if policy.MayShare(c.room, c.member, sight) && sight.Kind == "item.published" && !slices.Contains(live, n) {
			return nil, incident.Refuse(incident.Conflict, "Entry %d was merged into another item or recalled. Take the one that goes on in its place.", n)
		}
		list = append(list, sight)
	}
	return list, nil
}

// liveRoots lists the roots of a board in one of the states that the member
// may see to be there, oldest first.
func (s *Server) liveRoots(ctx context.Context, room *incident.Room, m *incident.Member, noun journal.Noun, states ...string) (roots []incident.Seq, err error) {
	q := journal.Board{Noun: noun, States: states, Limit: 200}
	for {
		page, more, err := s.Journal.Board(ctx, room, m, q)
		if err != nil {
			return nil, err
		}
		roots = append(roots, page...)
		if !more || len(page) == 0 {
			slices.Sort(roots)
			return roots, nil
		}
		q.Before = page[len(page)-1]
	}
}

// A sharer is whom items are read for: a member, or an organisation's feed.
type sharer struct {
	room   incident.LogID
	person incident.PersonID
	stands func(context.Context) (*incident.Room, *incident.Member, error) // now; an error once they may have nothing
	may    func(*incident.Room, *incident.Member, incident.Sight) bool
}

func (s *Server) member(c *call) sharer {
	return sharer{c.room.ID, c.actor.Person, func(ctx context.Context) (*incident.Room, *incident.Member, error) {
		return s.stands(ctx, c.room.ID, c.actor.Person)
	}, policy.MayShare}
}

// shared is an item as it may be given out.
type shared struct {
	intel.Record
	sight incident.Sight // of its root, as it was read
	as    incident.Seq   // the entry that last changed it
}

// recordsAtOnce bounds how many items' entries are in memory at once.
const recordsAtOnce = 20

// records reads items as they stand, for whom may have them in a file. Rows
// come by row-level security, and are judged by policy with the room as it
// stands after.
func (s *Server) records(ctx context.Context, who sharer, roots []incident.Seq) (list []shared, err error) {
	for lot := range slices.Chunk(roots, recordsAtOnce) {
		by := map[incident.Seq][]*incident.Event{}
		sights := map[incident.Seq]incident.Sight{}
		q := journal.Query{Roots: lot}
		var room *incident.Room
		for {
			rows, err := s.Journal.Page(ctx, who.room, who.person, q)
			if err != nil {
				return nil, err
			}
			var m *incident.Member
			if room, m, err = who.stands(ctx); err != nil {
				return nil, err
			}
			for _, row := range rows {
				q.After = incident.Seq(row.Entry.Seq)
				if !row.Entry.Given() || !who.may(room, m, row.Sight) {
					continue
				}
				if seen, ok := policy.Opened(room, m, row.Sight, row.Entry); ok && seen.Event() != nil {
					by[row.Sight.Root], sights[row.Sight.Root] = append(by[row.Sight.Root], seen.Event()), row.Sight
				}
			}
			if len(rows) < journal.MaxPage {
				break
			}
		}
		sys, err := s.Journal.System(ctx)
		if err != nil {
			return nil, err
		}
		for _, root := range lot {
			if r, ok := s.record(room, sys, by[root], sights[root]); ok {
				list = append(list, r)
			}
		}
	}
	return list, nil
}

// record is an item or a tear-line as it stands after its entries.
func (s *Server) record(room *incident.Room, sys *incident.System, events []*incident.Event, sight incident.Sight) (r shared, ok bool) {
	o := incident.FoldObject(events)
	if o == nil || o.Erased || o.Absorbed != 0 || o.Recalled != 0 {
		return r, false
	}
	switch b := o.Body.(type) {
	case *incident.ItemPublished:
		r.Item = b.Item
	case *incident.TearlinePublished:
		r.Item = incident.Item{Title: fmt.Sprintf("Tear-line %d", o.Root), Text: b.Text, Invented: b.Invented,
			Sources: []incident.Source{{Reliability: "F", Credibility: "6"}}}
	default:
		return r, false
	}
	r.Item.Invented = r.Item.Invented || room.Mode == incident.ModeExercise
	r.TLP, r.PAP, r.Caveat = o.Marking.TLP, o.Marking.PAP, o.Marking.Caveat
	r.Maker, r.Originator = string(sight.Org), sys.Orgs[sight.Org].Name
	if r.Originator == "" {
		r.Originator = string(sight.Org)
	}
	r.Root = o.Root
	r.Published = events[0].Times.Recorded.Time
	r.sight = sight
	r.Modified, r.as = changedAt(events)
	sum := s.Derive("intel id", framed([]string{string(room.ID), strconv.FormatUint(uint64(o.Root), 10)}))
	copy(r.Seed[:], sum[:])
	return r, true
}

// changedAt is when what an item says, or its label, last changed, and by which
// entry. Who noted or pinned it changes neither.
func changedAt(events []*incident.Event) (at time.Time, by incident.Seq) {
	for _, e := range events {
		if changes(e) {
			at, by = e.Times.Recorded.Time, e.Seq
		}
	}
	return at, by
}

func changes(e *incident.Event) bool {
	switch e.Body.(type) {
	case *incident.ItemPublished, *incident.ItemCorrected, *incident.ItemMerged, *incident.TearlinePublished:
		return true
	}
	return incident.Moves(e)
}
