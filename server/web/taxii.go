package web

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wardroom/server/incident"
	"wardroom/server/intel"
	"wardroom/server/policy"
)

// TAXII 2.1 (OASIS, 10 June 2021), read-only: one API root for each room, with
// one collection of what a machine of the token's organisation may have. The
// token says which room; what it may read there is policy's at each request.

const (
	taxiiType   = "application/taxii+json;version=2.1"
	stixType    = "application/stix+json;version=2.1"
	taxiiPage   = 1000 // objects in an answer at most
	taxiiRefuse = 64 << 10
	taxiiTime   = "2006-01-02T15:04:05.000000Z"
)

// taxiiCall is a request of a machine, once it was let in.
type taxiiCall struct {
	s    *Server
	w    http.ResponseWriter
	r    *http.Request
	feed incident.Feed
	room *incident.Room
	me   *incident.Member
	who  sharer
}

// taxiiError is the specification's error object (section 3.6.1).
type taxiiError struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	ErrorID     string `json:"error_id,omitempty"`
	HTTPStatus  string `json:"http_status"`
	status      int
}

func (e *taxiiError) Error() string { return e.Title }

func taxiiFault(status int, title string) error {
	return &taxiiError{Title: title, HTTPStatus: strconv.Itoa(status), status: status}
}

func (s *Server) mountTAXII() {
	root, collection := "/taxii2/rooms/{room}/", "/taxii2/rooms/{room}/collections/{collection}/"
	for pattern, h := range map[string]func(*taxiiCall) (any, error){
		"/taxii2/":                       (*taxiiCall).discovery,
		root:                             (*taxiiCall).apiRoot,
		root + "status/{status}/":        (*taxiiCall).nothing,
		root + "collections/":            (*taxiiCall).collections,
		collection:                       (*taxiiCall).collection,
		collection + "manifest/":         (*taxiiCall).manifest,
		collection + "objects/":          (*taxiiCall).objects,
		collection + "objects/{object}/": (*taxiiCall).object,
		collection + "objects/{object}/versions/": (*taxiiCall).versions,
	} {
		s.handle(Route{http.MethodGet, pattern + "{$}", Feed}, s.taxii(h))
	}
	s.handle(Route{http.MethodPost, collection + "objects/{$}", Feed}, s.taxii((*taxiiCall).readOnly))
	s.handle(Route{http.MethodDelete, collection + "objects/{object}/{$}", Feed}, s.taxii((*taxiiCall).readOnly))
	s.handle(Route{"", "/taxii2/", Public}, func(w http.ResponseWriter, _ *http.Request) {
		writeTAXII(w, http.StatusNotFound, taxiiFault(http.StatusNotFound, "There is nothing here for you."))
	})
}

// taxiiURL is the address of a room's API root.
func (s *Server) taxiiURL(room incident.LogID) string {
	base := ""
	if len(s.Config.PublicURLs) > 0 {
		base = strings.TrimSuffix(s.Config.PublicURLs[0], "/")
	}
	return base + "/taxii2/rooms/" + string(room) + "/"
}

// taxii lets a machine in and writes what h answers. Whether there is such a
// room, feed or collection is the same answer to whom it is not for.
func (s *Server) taxii(h func(*taxiiCall) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t := &taxiiCall{s: s, w: w, r: r}
		answer, err := t.enter()
		if err == nil {
			answer, err = h(t)
		}
		if err == nil && answer != nil {
			err = t.still() // whatever ended while this was read gives nothing out
		}
		if err != nil {
			t.refuse(err)
			return
		}
		writeTAXII(w, http.StatusOK, answer)
	}
}

func (t *taxiiCall) refuse(err error) {
	var e *taxiiError
	switch x := err.(type) {
	case *taxiiError:
		e = x
	default:
		p := t.s.problemOf(t.r.Context(), err)
		e = &taxiiError{Title: p.Title, Description: p.Detail, HTTPStatus: strconv.Itoa(p.Status), ErrorID: requestOf(t.r.Context()).id, status: p.Status}
		for name, values := range p.GetHeaders() {
			t.w.Header()[name] = values
		}
	}
	if e.status == http.StatusUnauthorized {
		t.w.Header().Set("WWW-Authenticate", `Basic realm="Wardroom", charset="UTF-8", Bearer realm="Wardroom"`)
	}
	writeTAXII(t.w, e.status, e)
}

func writeTAXII(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", taxiiType)
	w.WriteHeader(status)
	_ = strictJSON.Marshal(w, v) // the client has gone
}

// enter judges, in the order of the specification: who asks, whether the room
// knows them, what they can read.
func (t *taxiiCall) enter() (_ any, err error) {
	defer func() { outside(Feed, err) }()
	ctx := t.r.Context()
	id, of, _, err := t.s.Identity.Feed(t.r)
	if err != nil {
		return nil, err
	}
	if err := t.s.limiter.take(t.s.Config.Limits.Requests, "taxii", id); err != nil {
		return nil, err
	}
	t.who = sharer{of, incident.PersonID(id), func(ctx context.Context) (*incident.Room, *incident.Member, error) {
		room, err := t.s.Journal.Room(ctx, of)
		if err != nil {
			return nil, nil, err
		}
		me := policy.FeedReader(room, room.FeedOf(id), time.Now())
		if me == nil {
			return nil, nil, incident.Missing()
		}
		if sys, err := t.s.Journal.System(ctx); err != nil {
			return nil, nil, err
		} else if sys.FrozenOrg(me.Org) {
			return nil, nil, incident.Missing()
		}
		return room, me, nil
	}, policy.MayFeed}
	if t.room, t.me, err = t.who.stands(ctx); err != nil {
		if incident.FaultOf(err) == incident.NotFound { // ended, or never of that room
			return nil, incident.Refuse(incident.SignedOut, "This token is not good.")
		}
		return nil, err
	}
	t.feed = *t.room.FeedOf(id)
	if err := t.still(); err != nil {
		return nil, err
	}
	if room := t.r.PathValue("room"); room != "" && incident.LogID(room) != of {
		return nil, incident.Missing()
	}
	if c := t.r.PathValue("collection"); c != "" && c != t.collectionID() {
		return nil, incident.Missing()
	}
	if !takesTAXII(t.r.Header.Values("Accept")) {
		return nil, taxiiFault(http.StatusNotAcceptable, "Ask for "+taxiiType+".")
	}
	return nil, nil
}

// still asks once more, after everything was read. In a section that is closed
// to writing nothing more is given to machines: it could not be put on record,
// and the room goes on elsewhere.
func (t *taxiiCall) still() error {
	_, _, err := t.who.stands(t.r.Context())
	if incident.FaultOf(err) == incident.NotFound {
		return incident.Refuse(incident.SignedOut, "This token is not good.")
	}
	if err != nil {
		return err
	}
	broken, err := t.s.Journal.Broken(t.r.Context(), t.who.room)
	if err == nil && len(broken) > 0 {
		err = incident.Refuse(incident.SignedOut, "This token is not good.")
	}
	return err
}

// takesTAXII reports whether the client takes TAXII 2.1. A client says what it
// takes (section 1.6.8.1); one that says nothing is refused.
func takesTAXII(accept []string) bool {
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			kind, params, err := mime.ParseMediaType(part)
			if err != nil || params["q"] == "0" {
				continue
			}
			if version, given := params["version"]; given && version != "2.1" {
				continue
			}
			if kind == "application/taxii+json" || kind == "*/*" || kind == "application/*" {
				return true
			}
		}
	}
	return false
}

func (t *taxiiCall) nothing() (any, error) { return nil, incident.Missing() }

// readOnly refuses what would change the collection.
func (t *taxiiCall) readOnly() (any, error) {
	if t.r.Method == http.MethodPost {
		kind, params, err := mime.ParseMediaType(t.r.Header.Get("Content-Type"))
		if err != nil || kind != "application/taxii+json" || params["version"] != "" && params["version"] != "2.1" {
			return nil, taxiiFault(http.StatusUnsupportedMediaType, "Send "+taxiiType+".")
		}
	}
	return nil, taxiiFault(http.StatusForbidden, "This collection is read-only. Share intelligence in the room.")
}

func (t *taxiiCall) discovery() (any, error) {
	root := t.s.taxiiURL(t.who.room)
	return struct {
		Title    string   `json:"title"`
		Default  string   `json:"default"`
		APIRoots []string `json:"api_roots"`
	}{"Wardroom", root, []string{root}}, nil
}

func (t *taxiiCall) apiRoot() (any, error) {
	return struct {
		Title    string   `json:"title"`
		Versions []string `json:"versions"`
		Max      int      `json:"max_content_length"`
	}{t.room.Reference, []string{taxiiType}, taxiiRefuse}, nil
}

type taxiiCollection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	CanRead     bool     `json:"can_read"`
	CanWrite    bool     `json:"can_write"`
	MediaTypes  []string `json:"media_types"`
}

// collectionID is the same for all feeds of a room, and tells nothing of it.
func (t *taxiiCall) collectionID() string {
	sum := t.s.Derive("taxii collection", []byte(t.who.room))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	return intel.UUID([16]byte(sum[:16]))
}

func (t *taxiiCall) theCollection() taxiiCollection {
	return taxiiCollection{t.collectionID(), "Intelligence of " + t.room.Reference, "What goes to the whole room, or to all of " + string(t.feed.Org) + ". TLP:RED, recorded items and items for named people are read by people.",
		true, false, []string{stixType}}
}

func (t *taxiiCall) collections() (any, error) {
	return struct {
		Collections []taxiiCollection `json:"collections"`
	}{[]taxiiCollection{t.theCollection()}}, nil
}

func (t *taxiiCall) collection() (any, error) { return t.theCollection(), nil }

// listed is an object of the collection: where it comes from, and since when
// it is there. No two have the same time.
type listed struct {
	id, typ, version string
	added            time.Time
	root             incident.Seq
	place            int // among the objects of its record
}

// lists remembers what a feed could read at a head: ids, versions and times.
// What is true at a head stays true of it; whether the feed still stands is
// asked each time.
type lists struct {
	mu   sync.Mutex
	last []listsRow // the newest last
}

type listsRow struct {
	feed string
	head incident.Seq
	list []listed
}

const listsKept = 16

func (l *lists) find(feed string, head incident.Seq) ([]listed, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.last, func(r listsRow) bool { return r.feed == feed && r.head == head })
	if i < 0 {
		return nil, false
	}
	return l.last[i].list, true
}

func (l *lists) keep(feed string, head incident.Seq, list []listed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = slices.DeleteFunc(l.last, func(r listsRow) bool { return r.feed == feed })
	if len(l.last) == listsKept {
		l.last = slices.Delete(l.last, 0, 1)
	}
	l.last = append(l.last, listsRow{feed, head, list})
}

// list is everything the feed may read, in the order in which it came to be
// there. An item that was said anew, or marked anew, is there from then. An
// object that several items hold is the first one's.
func (t *taxiiCall) list() ([]listed, error) {
	ctx := t.r.Context()
	if list, ok := t.s.listed.find(t.feed.ID, t.room.Head); ok {
		return list, nil
	}
	roots, err := t.roots(ctx)
	if err != nil {
		return nil, err
	}
	var all []listed
	for lot := range slices.Chunk(roots, recordsAtOnce) {
		records, err := t.s.records(ctx, t.who, lot)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			objects, err := intel.STIXObjects(r.Record)
			if err != nil {
				return nil, err
			}
			for i, o := range objects {
				all = append(all, listed{o.ID, o.Type, o.Version, r.Modified, r.Root, i})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b listed) int {
		if c := a.added.Compare(b.added); c != 0 {
			return c
		}
		return int(a.root) - int(b.root)
	})
	seen := map[string]bool{}
	all = slices.DeleteFunc(all, func(l listed) bool {
		again := seen[l.id]
		seen[l.id] = true
		return again
	})
	for i := 1; i < len(all); i++ {
		if !all[i].added.After(all[i-1].added) {
			all[i].added = all[i-1].added.Add(time.Microsecond)
		}
	}
	t.s.listed.keep(t.feed.ID, t.room.Head, all)
	return all, nil
}

// roots are the items and tear-lines that the feed may read.
func (t *taxiiCall) roots(ctx context.Context) ([]incident.Seq, error) {
	items, err := t.s.liveRoots(ctx, t.room, t.me, "item", string(incident.ItemIsLive))
	if err != nil {
		return nil, err
	}
	tears, err := t.s.liveRoots(ctx, t.room, t.me, "tearline")
	return append(items, tears...), err
}

// asked is what a request's query asks for (sections 3.4 and 3.5).
type asked struct {
	after       time.Time
	limit       int
	ids, types  []string
	none        bool // a version of the specification that nothing here has
	version     []string
	versionSaid bool
}

func (t *taxiiCall) asked() (a asked, err error) {
	q := t.r.URL.Query()
	a.limit = taxiiPage
	bad := func(name string) error {
		return taxiiFault(http.StatusBadRequest, "The parameter "+name+" is not as TAXII 2.1 writes it.")
	}
	if v := q.Get("added_after"); v != "" {
		if a.after, err = time.Parse(time.RFC3339Nano, v); err != nil {
			return a, bad("added_after")
		}
	}
	if v := q.Get("next"); v != "" {
		at, err := time.Parse(taxiiTime, v)
		if err != nil {
			return a, bad("next")
		}
		if at.After(a.after) {
			a.after = at
		}
	}
	if v := q.Get("limit"); v != "" {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil || n == 0 {
			return a, bad("limit")
		}
		a.limit = min(int(n), taxiiPage)
	}
	words := func(name string) []string {
		if v := q.Get("match[" + name + "]"); v != "" {
			return strings.Split(v, ",")
		}
		return nil
	}
	a.ids, a.types, a.version = words("id"), words("type"), words("version")
	if id := t.r.PathValue("object"); id != "" {
		a.ids = []string{id}
	}
	if v := words("spec_version"); v != nil && !slices.Contains(v, "2.1") {
		a.none = true
	}
	for _, v := range a.version {
		if v != "first" && v != "last" && v != "all" {
			if _, err := time.Parse(time.RFC3339Nano, v); err != nil {
				return a, bad("match[version]")
			}
		}
	}
	return a, nil
}

func (a asked) takes(l listed) bool {
	switch {
	case a.none, !a.after.IsZero() && !l.added.After(a.after):
		return false
	case a.ids != nil && !slices.Contains(a.ids, l.id), a.types != nil && !slices.Contains(a.types, l.typ):
		return false
	}
	if a.version == nil {
		return true
	}
	at, _ := time.Parse(time.RFC3339Nano, l.version)
	return slices.ContainsFunc(a.version, func(v string) bool { // each object has one version here
		said, err := time.Parse(time.RFC3339Nano, v)
		return err != nil || said.Equal(at)
	})
}

// page is what is asked for of the list, up to the limit; next is where to go
// on, empty at the end. An object that is asked for by itself and is not there
// is not found.
func (t *taxiiCall) page() (page []listed, next string, err error) {
	a, err := t.asked()
	if err != nil {
		return nil, "", err
	}
	list, err := t.list()
	if err != nil {
		return nil, "", err
	}
	if id := t.r.PathValue("object"); id != "" && !slices.ContainsFunc(list, func(l listed) bool { return l.id == id }) {
		return nil, "", incident.Missing()
	}
	for _, l := range list {
		if !a.takes(l) {
			continue
		}
		if len(page) == a.limit {
			next = page[len(page)-1].added.UTC().Format(taxiiTime)
			break
		}
		page = append(page, l)
	}
	if len(page) > 0 {
		t.w.Header().Set("X-TAXII-Date-Added-First", page[0].added.UTC().Format(taxiiTime))
		t.w.Header().Set("X-TAXII-Date-Added-Last", page[len(page)-1].added.UTC().Format(taxiiTime))
	}
	return page, next, nil
}

type taxiiEnvelope struct {
	More    bool              `json:"more,omitempty"`
	Next    string            `json:"next,omitempty"`
	Objects []json.RawMessage `json:"objects,omitempty"`
}

// objects reads the page's items again, judged again: what is no more theirs
// since the list was made is not in the answer.
func (t *taxiiCall) objects() (any, error) {
	page, next, err := t.page()
	if err != nil {
		return nil, err
	}
	var roots []incident.Seq
	for _, l := range page {
		roots = append(roots, l.root)
	}
	slices.Sort(roots)
	records, err := t.given(t.r.Context(), slices.Compact(roots))
	if err != nil {
		return nil, err
	}
	made := map[incident.Seq][]intel.Object{}
	for _, r := range records {
		if made[r.Root], err = intel.STIXObjects(r.Record); err != nil {
			return nil, err
		}
	}
	e := taxiiEnvelope{More: next != "", Next: next}
	for _, l := range page {
		if of := made[l.root]; l.place < len(of) && of[l.place].ID == l.id {
			e.Objects = append(e.Objects, of[l.place].Raw)
		}
	}
	return e, nil
}

func (t *taxiiCall) object() (any, error) { return t.objects() }

type taxiiRecord struct {
	ID        string `json:"id"`
	DateAdded string `json:"date_added"`
	Version   string `json:"version"`
	MediaType string `json:"media_type"`
}

func (t *taxiiCall) manifest() (any, error) {
	page, next, err := t.page()
	if err != nil {
		return nil, err
	}
	m := struct {
		More    bool          `json:"more,omitempty"`
		Next    string        `json:"next,omitempty"`
		Objects []taxiiRecord `json:"objects,omitempty"`
	}{More: next != "", Next: next}
	for _, l := range page {
		m.Objects = append(m.Objects, taxiiRecord{l.id, l.added.UTC().Format(taxiiTime), l.version, stixType})
	}
	return m, nil
}

func (t *taxiiCall) versions() (any, error) {
	page, next, err := t.page()
	if err != nil {
		return nil, err
	}
	v := struct {
		More     bool     `json:"more,omitempty"`
		Next     string   `json:"next,omitempty"`
		Versions []string `json:"versions,omitempty"`
	}{More: next != "", Next: next}
	for _, l := range page {
		v.Versions = append(v.Versions, l.version)
	}
	return v, nil
}
