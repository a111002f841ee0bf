package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// InEntry is the path of everything about one entry.
type InEntry struct {
	InRoom
	Entry string `path:"seq" doc:"The entry's number."`
}

func (in InEntry) seq() (incident.Seq, error) { return pathSeq(in.Entry) }

type pageIn struct {
	InRoom
	Before maybe[incident.Seq] `query:"before" doc:"The entries before this one; the newest, if none of the three is given."`
	After  maybe[incident.Seq] `query:"after" doc:"The entries after this one; after 0 is from the beginning."`
	Around maybe[incident.Seq] `query:"around" doc:"The entries around this one."`
	Limit  int                 `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Record bool                `query:"record" doc:"Only the incident's record, as far as I may see it: these entries are not contiguous, and stubs are not among them."`
}

type pageAnswer struct {
	Entries []policy.Seen `json:"entries" doc:"Ascending; contiguous, unless only the record was asked for."`
	Related []policy.Seen `json:"related" doc:"Later entries about these ones, as far as I may see them. Of the record: everything else about the objects these are of, also what came before."`
	Head    incident.Seq  `json:"head"`
	Size    uint64        `json:"size"`
}

type entriesAnswer struct {
	Entries []policy.Seen `json:"entries"`
}

type atIn struct {
	InRoom
	Time time.Time `query:"time" required:"true" format:"date-time" doc:"RFC 3339."`
}

type openIn struct {
	InEntry
	Body empty
}

type opensAnswer struct {
	Opens   []opened            `json:"opens"`
	NotYet  []incident.MemberNo `json:"notYet" doc:"Who may open it and has not."`
	Exports []taken             `json:"exports" doc:"Who took it out of the house in a file, or an item that was merged into it."`
	Feeds   []fed               `json:"feeds" doc:"Which organisations' machines were given it, or an item that was merged into it."`
}

type taken struct {
	opened
	Format string       `json:"format"`
	Merged incident.Seq `json:"merged,omitempty" doc:"It was this item that they took, which was merged into this one."`
}

type fed struct {
	Name    string           `json:"name,omitempty" doc:"What the feed is for; absent where the room shows organisations only."`
	Org     incident.OrgID   `json:"org"`
	OrgName string           `json:"orgName"`
	At      incident.Instant `json:"at"`
	Merged  incident.Seq     `json:"merged,omitempty"`
}

type opened struct {
	Member incident.MemberNo `json:"member"`
	At     incident.Instant  `json:"at"`
}

func (s *Server) mountEntries() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/entries", Access: Member, Tag: "entries", ID: "entries", Summary: "A page of the log"}, s.page)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/entries/at", Access: Member, Tag: "entries", ID: "entry-at",
		Summary: "The first entry recorded at or after a time", Doc: "In an exercise by its own clock. The head, if there is none."}, s.entryAt)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/entries/{seq}", Access: Member, Tag: "entries", ID: "entry",
		Summary: "An entry's object: its root and all that is about it"}, s.entry)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/open", Access: Member, Tag: "entries", ID: "open-entry",
		Summary: "Open a restricted entry", Doc: "The opening stands on the room's access log before the bytes are given out. TLP:RED needs a second factor of the last hour.",
		Faults: []incident.Fault{incident.StepUp, incident.Conflict}}, s.openEntry)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/entries/{seq}/opens", Access: Member, Tag: "entries", ID: "opens",
		Summary: "Who opened a restricted entry, and who has not yet", Doc: "For the originator's organisation and auditors, and for leads in its audience."}, s.opens)
}

// page reads rows first and judges them by the room as it stands after, so
// that what was hidden or ended meanwhile stays hidden.
func (s *Server) page(ctx context.Context, c *call, in *pageIn) (pageAnswer, error) {
	given := 0
	for _, n := range []maybe[incident.Seq]{in.Before, in.After, in.Around} {
		if n.Given {
			given++
		}
		if n.Value > 1<<62 {
			return pageAnswer{}, incident.BadField("before", "There is no such entry.")
		}
	}
	if given > 1 {
		return pageAnswer{}, incident.BadField("before", "Give one of before, after and around.")
	}
	rows, err := s.window(ctx, c, in)
	if err != nil {
		return pageAnswer{}, err
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return pageAnswer{}, err
	}
	a := pageAnswer{Entries: []policy.Seen{}, Related: []policy.Seen{}, Head: room.Head, Size: uint64(room.Head) + 1}
	if in.Record {
		return s.recordPage(ctx, c, room, m, a, rows)
	}
	var roots []incident.Seq
	for _, row := range rows {
		seen := policy.View(room, m, row.Sight, row.Entry)
		a.Entries = append(a.Entries, seen)
		if seen.Form() != policy.Stub && row.Sight.Root == seen.Seq() {
			roots = append(roots, seen.Seq())
		}
	}
	if len(roots) > 0 {
		if a.Related, err = s.about(ctx, c, journal.Query{Roots: roots, Later: true, After: a.Entries[len(a.Entries)-1].Seq()}); err != nil {
			return a, err
		}
	}
	a.Related, err = s.erasers(ctx, c, a.Entries, a.Related)
	if err == nil {
		s.delivered(c.room.ID, m, a.Entries, a.Related)
	}
	return a, err
}

// window reads the rows of a page, ascending and contiguous.
func (s *Server) window(ctx context.Context, c *call, in *pageIn) ([]journal.Row, error) {
	read := func(q journal.Query) ([]journal.Row, error) {
		if in.Record {
			q.Record = c.member
		}
		return s.Journal.Page(ctx, c.room.ID, c.actor.Person, q)
	}
	switch {
	case in.After.Given:
		return read(journal.Query{After: in.After.Value, Limit: in.Limit})
	case in.Before.Given && in.Before.Value <= 1:
		return nil, nil // nothing is before the first
	case in.Around.Given:
		at := max(in.Around.Value, 1)
		older, err := read(journal.Query{Before: at, Limit: in.Limit / 2, Desc: true})
		if err != nil || in.Limit == 1 {
			older = nil
		}
		slices.Reverse(older)
		newer, err2 := read(journal.Query{After: at - 1, Limit: in.Limit - len(older)})
		if err == nil {
			err = err2
		}
		return append(older, newer...), err
	}
	rows, err := read(journal.Query{Before: in.Before.Value, Limit: in.Limit, Desc: true})
	slices.Reverse(rows)
	return rows, err
}

// aboutLimit bounds what one answer brings about its entries. A page is at
// most 200 entries; an object with more events than this is read by itself.
const aboutLimit = 20_000

// about reads all that the member may see of what the query asks for,
// ascending, without stubs.
func (s *Server) about(ctx context.Context, c *call, q journal.Query) ([]policy.Seen, error) {
	list := []policy.Seen{}
	for len(list) < aboutLimit {
		rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, q)
		if err != nil {
			return nil, err
		}
		room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			q.After = incident.Seq(row.Entry.Seq)
			if seen := policy.View(room, m, row.Sight, row.Entry); seen.Form() != policy.Stub {
				list = append(list, seen)
			}
		}
		if len(rows) < journal.MaxPage {
			break
		}
	}
	return list, nil
}

func (s *Server) entryAt(ctx context.Context, c *call, in *atIn) (receipt, error) {
	seq, err := s.Journal.At(ctx, c.room.ID, in.Time)
	return receipt{seq}, err
}

// root finds the root of an entry that the member may see. A stub and an entry
// that is not there are the same.
func (s *Server) root(ctx context.Context, c *call, in InEntry) (incident.Seq, error) {
	seq, err := in.seq()
	if err != nil {
		return 0, err
	}
	rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, journal.Query{After: seq - 1, Before: seq + 1, Limit: 1})
	if err != nil {
		return 0, err
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return 0, err
	}
	if len(rows) != 1 || policy.View(room, m, rows[0].Sight, rows[0].Entry).Form() == policy.Stub {
		return 0, incident.Missing()
	}
	return rows[0].Sight.Root, nil
}

func (s *Server) entry(ctx context.Context, c *call, in *InEntry) (entriesAnswer, error) {
	root, err := s.root(ctx, c, *in)
	if err != nil {
		return entriesAnswer{}, err
	}
	list, err := s.about(ctx, c, journal.Query{Roots: []incident.Seq{root}})
	if err == nil && len(list) == 0 {
		err = incident.Missing()
	}
	if err == nil {
		list, err = s.erasers(ctx, c, nil, list)
	}
	s.delivered(c.room.ID, c.member, list)
	return entriesAnswer{list}, err
}

// openEntry commits the opening to the access log first. A crash after that
// leaves an opening recorded that was not delivered: never the reverse. What
// is delivered is what stood when the opening was asked for, and an opening
// sent again is judged again: by then the second factor may be gone, and once
// anything was added to the object the same key is a conflict.
func (s *Server) openEntry(ctx context.Context, c *call, in *openIn) (entriesAnswer, error) {
	root, err := s.root(ctx, c, in.InEntry)
	if err != nil {
		return entriesAnswer{}, err
	}
	if err := s.limiter.take(s.Config.Limits.Opens, "open", c.session.ID); err != nil {
		s.Log.WarnContext(ctx, "restricted entries are being opened in bulk", "session", c.session.ID)
		return entriesAnswer{}, err
	}
	sight, err := s.Journal.Sight(ctx, c.room.ID, c.actor.Person, root)
	if err != nil {
		return entriesAnswer{}, err
	}
	newest, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, journal.Query{Roots: []incident.Seq{root}, Desc: true, Limit: 1})
	if err != nil {
		return entriesAnswer{}, err
	}
	if len(newest) == 0 {
		return entriesAnswer{}, incident.Missing()
	}
	open := command.OpenEntry{Room: c.room, Sight: sight, Entry: root, UpTo: incident.Seq(newest[0].Entry.Seq)}
	access, err := s.Journal.AccessOf(ctx, c.room.ID)
	if err != nil {
		return entriesAnswer{}, err
	}
	if err := open.Permit(c.actor, c.session.Now); err != nil {
		s.refusedOpening(ctx, c, access, open, err)
		return entriesAnswer{}, err
	}
	if _, err := s.Journal.Append(ctx, access, c.actor, c.key, open); err != nil {
		return entriesAnswer{}, err
	}
	a := entriesAnswer{Entries: []policy.Seen{}}
	q := journal.Query{Roots: []incident.Seq{root}, Before: open.UpTo + 1}
	for {
		rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, q)
		if err != nil {
			return entriesAnswer{}, err
		}
		room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
		if err != nil {
			return entriesAnswer{}, err
		}
		for _, row := range rows {
			q.After = incident.Seq(row.Entry.Seq)
			if seen, ok := policy.Opened(room, m, row.Sight, row.Entry); ok {
				a.Entries = append(a.Entries, seen)
			}
		}
		if len(rows) < journal.MaxPage {
			break
		}
	}
	if len(a.Entries) == 0 {
		return entriesAnswer{}, incident.Missing()
	}
	s.delivered(c.room.ID, c.member, a.Entries)
	return a, nil
}

// refusedEvery is how often the access log says at most that one member was
// refused one entry for one reason: whoever tries all day fills no log.
const refusedEvery = time.Hour

// refusedOpening puts on the access log that a member was refused. That the
// log could not be written to changes nothing of the refusal.
func (s *Server) refusedOpening(ctx context.Context, c *call, access incident.LogID, open command.OpenEntry, refusal error) {
	why := incident.FaultOf(refusal)
	if why != incident.StepUp && why != incident.Forbidden {
		return
	}
	key := follow("refused", string(c.room.ID), strconv.FormatUint(uint64(open.Entry), 10), string(why), c.session.Now.Truncate(refusedEvery).UTC().Format(time.RFC3339))
	cmd := command.RecordRefusal{Room: open.Room, Sight: open.Sight, Entry: open.Entry, Why: string(why)}
	if _, err := s.Journal.Append(ctx, access, c.actor, key, cmd); err != nil {
		s.Log.WarnContext(ctx, "a refused opening could not be recorded", "error", err)
	}
}

func (s *Server) opens(ctx context.Context, c *call, in *InEntry) (opensAnswer, error) {
	root, err := s.root(ctx, c, *in)
	if incident.FaultOf(err) == incident.NotFound {
		root, err = in.seq() // receipts may be someone's who does not receive the entry: whether they are is judged below
	}
	if err != nil {
		return opensAnswer{}, err
	}
	sight, err := s.Journal.Sight(ctx, c.room.ID, c.actor.Person, root)
	if err != nil {
		return opensAnswer{}, err
	}
	list, err := s.Journal.Opens(ctx, c.room.ID, c.actor.Person, root)
	if err != nil {
		return opensAnswer{}, err
	}
	exports, err := s.Journal.Exports(ctx, c.room.ID, c.actor.Person, root)
	if err != nil {
		return opensAnswer{}, err
	}
	merged := map[incident.Seq]incident.Sight{root: sight}
	for _, o := range exports {
		if _, ok := merged[o.Entry]; !ok {
			if merged[o.Entry], err = s.Journal.Sight(ctx, c.room.ID, c.actor.Person, o.Entry); err != nil {
				return opensAnswer{}, err
			}
		}
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return opensAnswer{}, err
	}
	if !policy.Receipts(room, m, sight) {
		return opensAnswer{}, incident.Missing()
	}
	a := opensAnswer{Opens: []opened{}, NotYet: []incident.MemberNo{}, Exports: []taken{}, Feeds: []fed{}}
	for _, o := range exports {
		if policy.Receipts(room, m, merged[o.Entry]) {
			a.took(room, m, root, o)
		}
	}
	has := map[incident.MemberNo]bool{}
	for _, o := range list {
		has[o.Member] = true
		if of := room.Numbered(o.Member); of != nil && policy.SeesMember(room, m, of) != policy.Stub {
			a.Opens = append(a.Opens, opened{o.Member, incident.At(o.At)})
		}
	}
	for _, of := range room.Members {
		if of.Present() && !has[of.Number] && of.Number != sight.Author && policy.May(room, of, sight) && policy.SeesMember(room, m, of) != policy.Stub {
			a.NotYet = append(a.NotYet, of.Number)
		}
	}
	slices.Sort(a.NotYet)
	return a, nil
}

// took adds a taking of the entry, or of one that was merged into it, as far as
// the viewer may know who it was.
func (a *opensAnswer) took(room *incident.Room, m *incident.Member, root incident.Seq, o journal.Exported) {
	merged := o.Entry
	if merged == root {
		merged = 0
	}
	if o.Feed == 0 {
		if of := room.Numbered(o.Member); of != nil && policy.SeesMember(room, m, of) != policy.Stub {
			a.Exports = append(a.Exports, taken{opened{o.Member, incident.At(o.At)}, o.Format, merged})
		}
		return
	}
	f := room.FeedRoot(o.Feed)
	form := policy.SeesFeed(room, m, f)
	if form == policy.Stub {
		return
	}
	t := fed{Org: f.Org, OrgName: policy.FeedOrg(room, f), At: incident.At(o.At), Merged: merged}
	if form == policy.Open {
		t.Name = f.Name
	}
	a.Feeds = append(a.Feeds, t)
}
