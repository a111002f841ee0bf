package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/blob"
	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/export"
	"wardroom/server/incident"
)

// files puts a store of attachments behind the bench's exports.
func (b *bench) files() *blob.Store {
	b.t.Helper()
	s := blob.New(blob.Options{Writer: b.DB.Writer, Reader: b.DB.Reader, Vault: b.Vault})
	b.exporter = export.New(export.Options{Journal: b.Journal, Seals: b.seals, Files: s, Verifier: b.page})
	return s
}

// attach posts with files.
func (b *bench) attach(s *blob.Store, who incident.Actor, text string, content ...string) incident.Seq {
	b.t.Helper()
	var ids []incident.BlobID
	for _, c := range content {
		u, err := s.Begin(context.Background(), b.room, who.Person, "f.bin", int64(len(c)))
		if err != nil {
			b.t.Fatal(err)
		}
		for n := 0; n*blob.Chunk < len(c); n++ {
			if _, err := s.Put(context.Background(), b.room, who.Person, u.ID, n, []byte(c[n*blob.Chunk:min(len(c), (n+1)*blob.Chunk)])); err != nil {
				b.t.Fatal(err)
			}
		}
		ids = append(ids, u.ID)
	}
	files, err := s.Take(context.Background(), b.room, who.Person, ids)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(who, command.PostMessage{Text: text, Attachments: files})
}

func nameOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "attachments/" + hex.EncodeToString(sum[:])
}

func TestABundleHasWhatIsAttachedToWhatItGivesAndNothingElse(t *testing.T) {
	b := newBench(t)
	s := b.files()
	given, twice, cut, harmful, later := "given Canary01Qzx"+strings.Repeat("x", blob.Chunk), "twice Canary02Qzx", "cut Canary03Qzx", "harmful Canary04Qzx", "beyond Canary05Qzx"
	first := b.attach(s, b.lead, "two files", given, twice)
	again := b.attach(s, b.ncsc, "one of them again", twice)
	redacted := b.attach(s, b.lead, "not for the inquiry", cut)
	virus := b.attach(s, b.lead, "what they sent us", harmful)
	last := b.say(b.lead, "the last one asked for", "", nil)
	b.attach(s, b.lead, "later", later)
	super, err := pgx.Connect(t.Context(), b.DB.Cluster.SuperuserURL(b.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	if _, err := super.Exec(t.Context(), `UPDATE blob b SET scan = 'found' FROM attachment a WHERE a.blob = b.id AND a.seq = $1`, int64(virus)); err != nil {
		t.Fatal(err)
	}
	root := b.ask(first, last)
	b.agree(root)
	b.do(b.lead, command.RedactExport{Root: root, Seen: b.head(), Redactions: []incident.Redaction{redact(redacted, incident.SlotAttachments)}})
	b.approve(root)
	x := b.build(root)
	if r := verify(t, x, evidence.VerifyOptions{Policy: b.seals.Keys()}); r.Verdict != evidence.VerdictValid {
		t.Fatalf("%s %+v %q", r.Verdict, r.First, r.Remarks)
	}
	r := verify(t, x, evidence.VerifyOptions{Policy: b.seals.Keys()})
	for _, of := range []incident.Seq{redacted, virus} {
		if list := listed(r, of); len(list) != 1 || list[0].Why != "redacted" || len(list[0].Slots) != 1 || list[0].Slots[0] != incident.SlotAttachments {
			t.Errorf("entry %d: %+v", of, list)
		}
	}
	if list := listed(r, again); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	for name, want := range map[string]string{nameOf(given): given, nameOf(twice): twice} {
		if string(x.files[name]) != want {
			t.Errorf("%s has %d bytes of %d", name, len(x.files[name]), len(want))
		}
	}
	if n := strings.Count(strings.Join(x.names, "\n"), "attachments/"); n != 2 {
		t.Errorf("%d attachments: %v", n, x.names)
	}
	for _, canary := range []string{"Canary03Qzx", "Canary04Qzx", "Canary05Qzx", strings.TrimPrefix(nameOf(cut), "attachments/"), strings.TrimPrefix(nameOf(harmful), "attachments/")} {
		if bytes.Contains(x.tar, []byte(canary)) {
			t.Errorf("the bundle holds %s", canary)
		}
	}
	if !bytes.Contains(x.tar, []byte("Canary01Qzx")) || !bytes.Contains(x.files["record.html"], []byte(strings.TrimPrefix(nameOf(twice), "attachments/"))) {
		t.Error("the test is blind, or the record does not say what is attached")
	}
	two := b.build(root)
	if !bytes.Equal(x.tar, two.tar) {
		t.Error("two builds differ")
	}

	// Erased after that, they are in no bundle any more, nor anywhere else.
	b.erase(first, incident.SlotAttachments)
	y := b.build(root)
	if r := verify(t, y, evidence.VerifyOptions{Policy: b.seals.Keys()}); r.Verdict != evidence.VerdictValid {
		t.Errorf("%s %+v %q", r.Verdict, r.First, r.Remarks)
	}
	if bytes.Contains(y.tar, []byte("Canary01Qzx")) || y.files[nameOf(twice)] == nil {
		t.Error("what was erased is in the bundle, or what is attached elsewhere too is not")
	}
	var chunks, rows int
	if err := super.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM blob_chunk c JOIN blob b ON b.id = c.blob WHERE b.size = $1), (SELECT count(*) FROM attachment WHERE seq = $2)`, len(given), int64(first)).Scan(&chunks, &rows); err != nil {
		t.Fatal(err)
	}
	if chunks != 0 || rows != 0 {
		t.Errorf("erased, and %d chunks and %d rows stand", chunks, rows)
	}
}
