package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// Order is what is to be built: an approved export of a room.
type Order struct {
	Log    incident.LogID
	Hosts  []incident.OrgID
	Head   incident.Seq // the room's, as it stands: what came up to it counts
	Export *incident.Export
}

// Built says what came of a build.
type Built struct {
	SHA256 string // of all its bytes, in hex
	Size   int64
	Opened int // entries of the range that are given whole
	Part   int
	Left   int // not given at all
}

// errChanged means that what an approval rests on is no more what it was.
var errChanged = errors.New("export: the checkpoint that was approved is not the one that is stored")

// Build writes the bundle of an approved export. It reads the log as it goes
// and keeps little of it in memory; what has to wait waits encrypted.
func (e *Exporter) Build(ctx context.Context, o Order, w io.Writer) (Built, error) {
	leave, err := e.enter(ctx)
	if err != nil {
		return Built{}, err
	}
	defer leave()
	if o.Export.Approved == nil {
		return Built{}, errors.New("export: not approved")
	}
	sum, n := sha256.New(), &counter{}
	b := &build{e: e, o: o, judge: policy.NewRecipient(o.Hosts, o.Export)}
	defer b.close()
	if err := b.run(ctx, io.MultiWriter(w, sum, n)); err != nil {
		return Built{}, err
	}
	return Built{hex.EncodeToString(sum.Sum(nil)), n.n, b.cover.opened, b.cover.part, b.cover.left}, nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

// build is one build.
type build struct {
	e     *Exporter
	o     Order
	judge *policy.Recipient
	cover cover
	info  evidence.BundleInfo

	files  attachments
	having map[incident.BlobID]incident.Seq // the entry each is attached to

	withheld  []evidence.Withheld
	scratches []*scratch
}

func (b *build) close() {
	for _, s := range b.scratches {
		s.Close()
	}
}

func (b *build) scratch() (*scratch, error) {
	s, err := newScratch()
	if err == nil {
		b.scratches = append(b.scratches, s)
	}
	return s, err
}

func (b *build) run(ctx context.Context, w io.Writer) error {
	a := b.o.Export.Approved
	note, earlier, err := b.e.o.Seals.Sealed(ctx, b.o.Log, a.Checkpoint, a.Note)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256([]byte(note)); hex.EncodeToString(sum[:]) != a.Note {
		return errChanged
	}
	point, err := evidence.ReadCheckpoint([]byte(note))
	if err != nil || point.Size != a.Checkpoint {
		return errChanged
	}
	keys, err := evidence.ParsePolicy([]byte(a.Policy))
	if err != nil {
		return err
	}
	if err := b.each(ctx, uint64(b.o.Head)+1, func(r journal.Row) error { return b.judge.Learn(r.Entry) }); err != nil {
		return err
	}
	b.describe(point.Origin)
	if sealed, err := keys.Open([]byte(note), point.Origin); err == nil {
		b.cover.sealed = sealedWords(sealed)
	}
	if err := b.gather(ctx); err != nil {
		return err
	}
	b.info.Reference, b.info.Title = b.cover.reference, b.cover.title
	spool, err := b.scratch()
	if err != nil {
		return err
	}
	head := evidence.BundleHead{Readme: readme(&b.cover, b.e.o.Verifier != nil), Policy: keys, Info: b.info, Checkpoint: []byte(note), Leaves: a.Checkpoint}
	for _, n := range earlier {
		head.Earlier = append(head.Earlier, []byte(n))
	}
	out, err := evidence.NewBundleWriter(w, spool, head)
	if err != nil {
		return err
	}
	if err := b.each(ctx, a.Checkpoint, func(r journal.Row) error { return out.Leaf(r.Entry.Leaf) }); err != nil {
		return err
	}
	r, err := b.renderings()
	if err != nil {
		return err
	}
	if err := b.each(ctx, a.Checkpoint, func(row journal.Row) error {
		g, err := b.give(row)
		if err != nil {
			return err
		}
		if err := opening(out, g); err != nil {
			return err
		}
		b.list(g)
		return r.entry(g, b.o.Export.Covers(g.Seq()))
	}); err != nil {
		return err
	}
	for i := range b.withheld {
		if err := out.Withheld(&b.withheld[i]); err != nil {
			return err
		}
	}
	if err := b.attach(ctx, out); err != nil {
		return err
	}
	files, err := r.finish()
	if err != nil {
		return err
	}
	if v := b.e.o.Verifier; v != nil {
		files = append(files, file{"verify.html", int64(len(v)), bytes.NewReader(v)})
	}
	for _, f := range files {
		if err := out.File(f.name, f.size, f.r); err != nil {
			return err
		}
	}
	return out.Close()
}

// give asks policy, and the row beside the entry whether it allows that. The
// two differ if the one is wrong, or if the entry was kept more closely just
// now: either way nothing more goes out.
func (b *build) give(row journal.Row) (policy.Given, error) {
	g := b.judge.Give(row.Entry)
	if g.Seq() == 0 || g.Whole() == nil && g.Partial() == nil {
		return g, nil
	}
	if row.Stored != nil {
		if row.Stored.Leaves(b.o.Hosts) {
			return g, nil
		}
		if a, ok := b.o.Export.Answers[row.Stored.Seq]; ok && a.Answer != incident.Kept && row.Stored.Kind != "export.requested" {
			return g, nil
		}
	}
	b.e.o.Log.Error("an entry of an export is given by policy and not by the rows", "entry", g.Seq())
	return policy.Given{}, incident.Refuse(incident.Conflict, "Something in the range was narrowed just now. Try again.")
}

func opening(out *evidence.BundleWriter, g policy.Given) error {
	if w := g.Whole(); w != nil {
		return out.Whole(w)
	}
	if p := g.Partial(); p != nil {
		return out.Partial(p)
	}
	return nil
}

// each reads the log's first entries, in order.
func (b *build) each(ctx context.Context, size uint64, fn func(journal.Row) error) error {
	for at := uint64(0); at < size; {
		list, err := b.e.o.Journal.Record(ctx, b.o.Log, incident.Seq(at), int(min(page, size-at)))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("export: entry %d is not there", at)
		}
		for _, row := range list {
			if row.Entry.Seq != at {
				return fmt.Errorf("export: entry %d is not there", at)
			}
			if err := fn(row); err != nil {
				return err
			}
			at++
		}
	}
	return nil
}

// describe puts down what the grant says.
func (b *build) describe(origin string) {
	q := b.o.Export.Request
	to := q.Recipient.Name
	for _, s := range []string{q.Recipient.Role, q.Recipient.Organisation} {
		if s != "" {
			to += ", " + s
		}
	}
	basis := q.Basis.Words()
	if q.BasisText != "" {
		basis += " (" + q.BasisText + ")"
	}
	exporter, _, _ := strings.Cut(origin, "/")
	b.cover = cover{log: origin, recipient: to, basis: basis, from: uint64(q.From), to: uint64(q.To), approved: b.o.Export.Approved.At.UTC().Format(clock)}
	b.info = evidence.BundleInfo{Basis: basis, Exporter: exporter, From: uint64(q.From), To: uint64(q.To), Recipient: to, Section: 1}
}

// survey finds what the renderings say before their first line: the highest
// label, how much is given, and what the room is called as far as that is.
func (b *build) survey(row journal.Row) error {
	g, err := b.give(row)
	if err != nil {
		return err
	}
	for _, f := range filesOf(g) {
		b.files[f.SHA256], b.having[f.ID] = f, g.Seq()
	}
	if g.Seq() == 0 {
		var genesis incident.Genesis
		if read(g, incident.SlotBody, &genesis) && genesis.Section > 0 {
			b.info.Section = genesis.Section
		}
		return nil
	}
	if !b.o.Export.Covers(g.Seq()) {
		return nil
	}
	switch {
	case g.Whole() != nil:
		b.cover.opened++
	case g.Partial() != nil && slices.ContainsFunc(g.Partial().Slots[:], func(s *evidence.Slot) bool { return s != nil }):
		b.cover.part++
	default:
		b.cover.left++
	}
	var mark incident.Marking
	if read(g, incident.SlotMarking, &mark) && mark.TLP.Rank() > incident.TLP(b.cover.highest).Rank() {
		b.cover.highest = string(mark.TLP)
	}
	var k struct{ Kind incident.Kind }
	if !read(g, incident.SlotKind, &k) {
		return nil
	}
	var room struct{ Reference, Title string }
	switch k.Kind {
	case "room.opened", "room.titled":
		if read(g, incident.SlotBody, &room) {
			b.cover.title = room.Title
			if room.Reference != "" {
				b.cover.reference = room.Reference
			}
		}
	}
	return nil
}

// list adds what is not given of an entry; runs of entries of which nothing is,
// for one reason, are one line.
func (b *build) list(g policy.Given) {
	for _, h := range g.Held() {
		w := evidence.Withheld{First: uint64(g.Seq()), Last: uint64(g.Seq()), Ground: h.Ground, Reason: h.Reason, Redacted: h.Wording, Slots: h.Slots, Why: evidence.Why(h.Why), Event: uint64(h.Event)}
		if n := len(b.withheld); n > 0 && len(w.Slots) == incident.Slots && w.Redacted == nil {
			if last := &b.withheld[n-1]; len(last.Slots) == incident.Slots && last.Redacted == nil && last.Last+1 == w.First && w.Event == 0 && last.Event == 0 &&
				last.Why == w.Why && last.Ground == w.Ground && last.Reason == w.Reason {
				last.Last = w.First
				continue
			}
		}
		b.withheld = append(b.withheld, w)
	}
}

func sealedWords(s evidence.Sealed) string {
	text := fmt.Sprintf("%d entries by the operator's keys, generation %d", s.Size, s.Generation)
	if !s.At.IsZero() {
		text += "; by the witness at " + s.At.UTC().Format(clock)
	}
	return text
}

type file struct {
	name string
	size int64
	r    io.Reader
}

// rendered is the renderings of a build, as they grow.
type rendered struct {
	t     *teller
	cover *cover

	html, csv, jsonl *scratch
	page             htmlPage
	sheet            *sheet
	paper            *paper

	gap struct { // a run of entries of which nothing is given, for one reason
		first, last incident.Seq
		why         string
	}
}

func (b *build) renderings() (*rendered, error) {
	r := &rendered{t: newTeller(), cover: &b.cover}
	for _, s := range []**scratch{&r.html, &r.csv, &r.jsonl} {
		var err error
		if *s, err = b.scratch(); err != nil {
			return nil, err
		}
	}
	r.page = htmlPage{r.html}
	if err := r.page.head(r.cover); err != nil {
		return nil, err
	}
	var err error
	if r.sheet, err = newSheet(r.csv); err != nil {
		return nil, err
	}
	r.paper = newPaper(r.cover, b.o.Export.Approved.At.Truncate(time.Second))
	return r, nil
}

// entry takes the next entry in. One that is out of the range is said by
// nobody but the list of what is withheld.
func (r *rendered) entry(g policy.Given, covered bool) error {
	if !covered {
		return nil
	}
	l := r.t.tell(g)
	if err := writeJSONLine(r.jsonl, &l); err != nil {
		return err
	}
	if err := r.sheet.line(&l); err != nil {
		return err
	}
	if len(l.left) == 1 && len(l.left[0].slots) == incident.Slots && l.left[0].wording == "" {
		if r.gap.last+1 == l.seq && r.gap.why == l.left[0].why && r.gap.last != 0 {
			r.gap.last = l.seq
			return nil
		}
		err := r.close()
		r.gap.first, r.gap.last, r.gap.why = l.seq, l.seq, l.left[0].why
		return err
	}
	if err := r.close(); err != nil {
		return err
	}
	r.paper.line(&l)
	return r.page.line(&l)
}

// close says a run that has ended.
func (r *rendered) close() error {
	if r.gap.last == 0 {
		return nil
	}
	text := fmt.Sprintf("Entry %d is left out. %s", r.gap.first, r.gap.why)
	if r.gap.last != r.gap.first {
		text = fmt.Sprintf("Entries %d to %d are left out. %s", r.gap.first, r.gap.last, r.gap.why)
	}
	r.gap.last = 0
	r.paper.gap(text)
	return r.page.gap(text)
}

func (r *rendered) finish() ([]file, error) {
	if err := errors.Join(r.close(), r.page.foot(r.cover), r.sheet.close()); err != nil {
		return nil, err
	}
	var pdf bytes.Buffer
	if err := r.paper.close(&pdf); err != nil {
		return nil, err
	}
	for _, s := range []*scratch{r.html, r.csv, r.jsonl} {
		if _, err := s.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
	}
	return []file{{"record.html", r.html.size, r.html}, {"record.pdf", int64(pdf.Len()), &pdf}, {"record.csv", r.csv.size, r.csv}, {"record.jsonl", r.jsonl.size, r.jsonl}}, nil
}
