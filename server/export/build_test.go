package export_test

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/export"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// bench is a house with a room of both hosts and two guests, and seals.
type bench struct {
	*servertest.House
	t        *testing.T
	seals    *servertest.Seals
	exporter *export.Exporter
	room     incident.LogID
	page     []byte // the page that verifies, as far as this test goes

	lead, deputy, ncsc, second, rep, other incident.Actor
	numbers                                map[string]incident.MemberNo
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{House: servertest.NewHouse(t), t: t, page: []byte("<!doctype html><title>verify</title>"), numbers: map[string]incident.MemberNo{}}
	b.seals = servertest.NewSeals(t, b.House)
	b.exporter = export.New(export.Options{Journal: b.Journal, Seals: b.seals, Verifier: b.page, Log: slog.New(slog.DiscardHandler)})
	b.lead = b.Person("Priya Anand", "DSC")
	b.room = b.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames)
	join := func(name string, org incident.OrgID, role incident.Role) incident.Actor {
		a := b.Person(name, org)
		b.numbers[name] = b.Join(b.room, b.lead, a, role, incident.Full)
		return a
	}
	b.deputy = join("Dev Rao", "DSC", incident.Deputy)
	b.ncsc = join("Rowan Ash", "NCSC", incident.Liaison)
	b.second = join("Noor Haddad", "NCSC", incident.Deputy)
	b.rep = join("Sam Okafor", "X1N", incident.Representative)
	b.other = join("Ellis Byrne", "X2E", incident.Representative)
	return b
}

func (b *bench) head() incident.Seq {
	b.t.Helper()
	r, err := b.Journal.Room(context.Background(), b.room)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.Head
}

func (b *bench) do(who incident.Actor, c command.Command) incident.Seq {
	b.t.Helper()
	return b.Must(b.Do(b.room, who, c)).Seq
}

// say posts as somebody, with a label and named readers.
func (b *bench) say(who incident.Actor, text string, tlp incident.TLP, to *incident.Audience) incident.Seq {
	b.t.Helper()
	return b.do(who, command.PostMessage{Text: text, TLP: tlp, Audience: to})
}

func only(members ...incident.MemberNo) *incident.Audience {
	return &incident.Audience{Kind: incident.ToNamed, Members: members}
}

// ask asks for an export of a range, as the lead.
func (b *bench) ask(from, to incident.Seq) incident.Seq {
	b.t.Helper()
	return b.do(b.lead, command.RequestExport{ExportRequested: incident.ExportRequested{Basis: incident.InquiriesAct, BasisText: "notice 7", From: from, To: to,
		Purpose: "module 2", Recipient: incident.Recipient{Name: "Dame Ruth Hale", Role: "Chair", Organisation: "Cyber Incident Inquiry", Address: "1 Example Street"},
		Until: incident.At(time.Now().Add(30 * 24 * time.Hour))}})
}

func (b *bench) agree(root incident.Seq) {
	b.t.Helper()
	b.do(b.deputy, command.AgreeExport{Root: root, Seen: b.head()})
	b.do(b.ncsc, command.AgreeExport{Root: root, Seen: b.head()})
}

// approve approves as the second person, on a second factor given for it.
func (b *bench) approve(root incident.Seq) {
	b.t.Helper()
	b.seals.Seal(b.room)
	size, note, keys, err := b.exporter.Newest(context.Background(), b.room)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(fresh(b.second), command.ApproveExport{Root: root, Seen: b.head(), Sealed: command.Sealed{Size: size, Note: note, Policy: keys}})
}

func fresh(a incident.Actor) incident.Actor {
	a.StepUp = time.Now()
	return a
}

func (b *bench) order(root incident.Seq) export.Order {
	b.t.Helper()
	return order(b.t, b.Journal, b.room, root)
}

func order(t *testing.T, j *journal.Journal, room incident.LogID, root incident.Seq) export.Order {
	t.Helper()
	o, err := j.Object(context.Background(), room, root)
	if err != nil {
		t.Fatal(err)
	}
	r, err := j.Room(context.Background(), room)
	if err != nil {
		t.Fatal(err)
	}
	return export.Order{Log: room, Hosts: r.Hosts, Head: r.Head, Export: o.Export.Settle(r.Hosts)}
}

// built is a bundle, whole and taken apart.
type built struct {
	export.Built
	tar   []byte
	files map[string][]byte
	names []string
}

func (b *bench) build(root incident.Seq) built {
	b.t.Helper()
	return build(b.t, b.exporter, b.order(root))
}

func build(t *testing.T, e *export.Exporter, o export.Order) (x built) {
	t.Helper()
	var out bytes.Buffer
	var err error
	if x.Built, err = e.Build(context.Background(), o, &out); err != nil {
		t.Fatal(err)
	}
	x.tar, x.files = out.Bytes(), map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(x.tar)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return x
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		x.files[h.Name], x.names = b, append(x.names, h.Name)
	}
}

func TestAnApprovedExportIsBuiltAndTwoBuildsAreTheSameBytes(t *testing.T) {
	b := newBench(t)
	first := b.say(b.lead, "we have taken the mail gateway down", "", nil)
	b.say(b.ncsc, "seen elsewhere", incident.Amber, nil)
	b.seals.Seal(b.room)
	last := b.say(b.rep, "two wards are on paper", incident.Green, nil)
	root := b.ask(1, last)
	b.agree(root)
	b.do(b.lead, command.RedactExport{Root: root, Seen: b.head(), Redactions: []incident.Redaction{{Entry: first, Slot: incident.SlotBody, Field: "/text",
		Spans: []incident.Span{{From: 18, To: 30}}, Ground: incident.FOI24, Reason: "names a system"}}})
	b.approve(root)
	one := b.build(root)
	b.say(b.lead, "a later entry changes nothing", "", nil)
	b.seals.Seal(b.room)
	two := b.build(root)
	if !bytes.Equal(one.tar, two.tar) || one.SHA256 != two.SHA256 || one.Size != int64(len(one.tar)) {
		t.Fatalf("two builds differ: %d and %d bytes", len(one.tar), len(two.tar))
	}
	// Another node of the same house.
	elsewhere := journal.New(journal.Options{Writer: b.DB.Writer, Reader: b.DB.Reader, Vault: b.Vault, Deployment: b.Deployment, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { elsewhere.Close(context.Background()) })
	three := build(t, export.New(export.Options{Journal: elsewhere, Seals: b.seals, Verifier: b.page}), order(t, elsewhere, b.room, root))
	if !bytes.Equal(one.tar, three.tar) {
		t.Fatal("another node builds other bytes")
	}
	for _, name := range []string{"README.txt", "policy.txt", "bundle.json", "checkpoint", "checkpoints.jsonl", "leaves.bin", "openings.jsonl", "withheld.jsonl",
		"record.html", "record.pdf", "record.csv", "record.jsonl", "verify.html"} {
		if len(one.files[name]) == 0 {
			t.Errorf("%s is empty or missing", name)
		}
	}
	if !bytes.Equal(one.files["verify.html"], b.page) {
		t.Error("the page that verifies is not the one given")
	}
	if one.Part != 1 || one.Opened != int(last)-1 || one.Left != 0 {
		t.Errorf("%+v of %d entries", one.Built, last)
	}
	if w := string(one.files["withheld.jsonl"]); !bytes.Contains(one.files["withheld.jsonl"], []byte(`{\"text\":\"we have taken the [redacted] down\"}`)) {
		t.Errorf("%s", w)
	}
	for name, f := range one.files {
		if bytes.Contains(f, []byte("mail gateway")) {
			t.Errorf("%s holds what was redacted", name)
		}
	}
	t.Logf("%d bytes: %v", len(one.tar), one.names)
	for _, name := range []string{"README.txt", "bundle.json", "withheld.jsonl", "record.csv", "record.jsonl"} {
		t.Logf("%s\n%s", name, one.files[name])
	}
}

// artifacts is a folder to leave bundles in for people to look at; "" for none.
func artifacts() string { return os.Getenv("WARDROOM_EXPORT_ARTIFACTS") }

func keep(t *testing.T, dir string, x built) {
	t.Helper()
	for name, b := range x.files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "bundle.tar"), x.tar, 0o600); err != nil {
		t.Fatal(err)
	}
}
