package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ground is a room with a lead and a guest, and a store beside it.
type ground struct {
	*servertest.House
	t           *testing.T
	s           *Store
	room        incident.LogID
	lead, guest incident.Actor
	super       *pgx.Conn
}

func newGround(t *testing.T, o Options) *ground {
	t.Helper()
	h := servertest.NewHouse(t)
	g := &ground{House: h, t: t, lead: h.Person("Lead", "DSC"), guest: h.Person("Guest", "X1N")}
	g.room = h.OpenRoom(g.lead, incident.ModeIncident, incident.RosterNames)
	h.Join(g.room, g.lead, g.guest, incident.Representative, incident.FromJoin)
	o.Writer, o.Reader, o.Vault = h.DB.Writer, h.DB.Reader, h.Vault
	g.s = New(o)
	var err error
	g.super, err = pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	check(t, err)
	t.Cleanup(func() { g.super.Close(context.Background()) })
	return g
}

// upload sends content whole.
func (g *ground) upload(who incident.Actor, content []byte) *Upload {
	g.t.Helper()
	u, err := g.s.Begin(g.t.Context(), g.room, who.Person, "f.bin", int64(len(content)))
	check(g.t, err)
	for n := range chunks(u.Size) {
		u, err = g.s.Put(g.t.Context(), g.room, who.Person, u.ID, n, content[n*Chunk:n*Chunk+length(u.Size, n)])
		check(g.t, err)
	}
	return u
}

func (g *ground) attach(who incident.Actor, to *incident.Audience, content []byte) (incident.Seq, incident.File) {
	g.t.Helper()
	files, err := g.s.Take(g.t.Context(), g.room, who.Person, []incident.BlobID{g.upload(who, content).ID})
	check(g.t, err)
	return g.Must(g.Do(g.room, who, command.PostMessage{Text: "a file", Attachments: files, Audience: to})).Seq, files[0]
}

func (g *ground) count(sql string, args ...any) (n int) {
	g.t.Helper()
	check(g.t, g.super.QueryRow(context.Background(), sql, args...).Scan(&n))
	return n
}

func some(size int) []byte {
	b := make([]byte, size)
	rnd := rand.NewChaCha8([32]byte{byte(size)})
	rnd.Read(b)
	return b
}

func TestWhatIsSentInAnyOrderByManyAtOnceIsCommittedToOnceAsItIs(t *testing.T) {
	g := newGround(t, Options{})
	content := some(5*Chunk + 3)
	u, err := g.s.Begin(t.Context(), g.room, g.guest.Person, "f", int64(len(content)))
	check(t, err)
	var wg sync.WaitGroup
	for _, n := range append(rand.Perm(6), rand.Perm(6)...) { // each twice, all at once
		wg.Go(func() {
			if _, err := g.s.Put(context.Background(), g.room, g.guest.Person, u.ID, n, content[n*Chunk:n*Chunk+length(u.Size, n)]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	one, err := g.s.Take(t.Context(), g.room, g.guest.Person, []incident.BlobID{u.ID})
	check(t, err)
	two, err := g.s.Take(t.Context(), g.room, g.guest.Person, []incident.BlobID{u.ID})
	check(t, err)
	if one[0] != two[0] {
		t.Fatal("asked twice, it is described in two ways")
	}
	f := one[0]
	salt, _ := base64.StdEncoding.DecodeString(f.Salt)
	want := sha256.Sum256(append(binary.BigEndian.AppendUint64(append([]byte("WARDROOM/1/file\n"), salt...), uint64(len(content))), content...))
	sum := sha256.Sum256(content)
	if !f.Valid() || f.Commitment != base64.StdEncoding.EncodeToString(want[:]) || f.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v", f)
	}
	// What is whole stays what it is.
	if u, err := g.s.Put(t.Context(), g.room, g.guest.Person, u.ID, 0, bytes.Repeat([]byte("y"), Chunk)); err != nil || !u.Whole {
		t.Errorf("%+v %v", u, err)
	}
	g.Must(g.Do(g.room, g.guest, command.PostMessage{Attachments: one}))
	r, err := g.s.Open(t.Context(), g.room, g.lead.Person, f)
	check(t, err)
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestAChunkThatIsNoneOfTheFileIsRefused(t *testing.T) {
	g := newGround(t, Options{})
	u, err := g.s.Begin(t.Context(), g.room, g.guest.Person, "f", Chunk+5)
	check(t, err)
	for _, c := range []struct {
		n, size int
		fault   incident.Fault
	}{{0, Chunk - 1, incident.Invalid}, {0, 0, incident.Invalid}, {1, 4, incident.Invalid}, {1, 6, incident.Invalid}, {2, 5, incident.Invalid}, {-1, 5, incident.NotFound}, {96, 5, incident.NotFound}, {0, Chunk + 1, incident.NotFound}} {
		if _, err := g.s.Put(t.Context(), g.room, g.guest.Person, u.ID, c.n, make([]byte, c.size)); incident.FaultOf(err) != c.fault {
			t.Errorf("chunk %d of %d bytes: %v", c.n, c.size, err)
		}
	}
	if n := g.count(`SELECT count(*) FROM blob_chunk`); n != 0 {
		t.Errorf("%d were stored", n)
	}
	for _, size := range []int64{0, -1, incident.MaxFile + 1} {
		if _, err := g.s.Begin(t.Context(), g.room, g.guest.Person, "f", size); incident.FaultOf(err) != incident.Invalid {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestTheRowsGiveContentToNobodyWhoHasNotTheEntry(t *testing.T) {
	g := newGround(t, Options{})
	_, hidden := g.attach(g.lead, &incident.Audience{Kind: incident.ToHosts}, some(20))
	open, shown := g.attach(g.lead, nil, some(30))
	outsider := g.Person("Outsider", "X2E")
	read := func(who incident.Actor, f incident.File) error {
		r, err := g.s.Open(t.Context(), g.room, who.Person, f)
		check(t, err)
		_, err = io.ReadAll(r)
		return err
	}
	for _, c := range []struct {
		who  incident.Actor
		f    incident.File
		have bool
	}{{g.lead, hidden, true}, {g.guest, hidden, false}, {g.guest, shown, true}, {outsider, shown, false}, {outsider, hidden, false}} {
		if err := read(c.who, c.f); (err == nil) != c.have {
			t.Errorf("%s, %d bytes: %v", c.who.Person, c.f.Size, err)
		}
	}
	scans, err := g.s.Scans(t.Context(), g.room, g.guest.Person, []incident.File{hidden, shown})
	if err != nil || len(scans) != 1 || scans[shown.ID] != NotScanned {
		t.Errorf("%v %v", scans, err)
	}
	// What is on its way the reader's role never has, not even its sender's.
	u := g.upload(g.guest, some(40))
	if err := read(g.guest, incident.File{ID: u.ID, Size: 40}); err == nil {
		t.Error("an upload is read as an attachment")
	}
	_, err = g.super.Exec(t.Context(), `UPDATE blob SET scan = 'found' WHERE id = $1`, string(shown.ID))
	check(t, err)
	if err := read(g.guest, shown); err == nil {
		t.Error("what a scanner found something in is given out by the rows")
	}
	_, err = g.super.Exec(t.Context(), `UPDATE blob SET scan = 'clean'`)
	check(t, err)
	g.Must(g.Do(g.room, g.lead, command.WithholdEntry{Root: open}))
	if err := read(g.guest, shown); err == nil {
		t.Error("withheld, and given out by the rows")
	}
	// Neither the sender nor the server's own role takes back what is attached.
	if err := g.s.Drop(t.Context(), g.room, g.lead.Person, shown.ID); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("%v", err)
	}
	check(t, g.s.write(t.Context(), g.room, func(b *pgx.Batch) { b.Queue(`DELETE FROM blob`) }))
	if n := g.count(`SELECT count(*) FROM blob`); n != 2 {
		t.Errorf("%d left: the two that are attached should be", n)
	}
	if err := g.s.write(t.Context(), g.room, func(b *pgx.Batch) { b.Queue(`SELECT erase_blobs($1, $2)`, string(g.room), []int64{int64(open)}) }); err != nil || g.count(`SELECT count(*) FROM blob`) != 2 {
		t.Errorf("erased without an erasure: %v", err)
	}
}

func TestWhatNobodyAttachedGoesAfterADayAndNothingElse(t *testing.T) {
	g := newGround(t, Options{})
	_, f := g.attach(g.guest, nil, some(50))
	late, fresh := g.upload(g.guest, some(60)), g.upload(g.guest, some(70))
	_, err := g.super.Exec(t.Context(), `UPDATE blob SET until = clock_timestamp() - interval '1 second' WHERE id <> $1`, string(fresh.ID))
	check(t, err)
	if n, err := g.s.Reap(t.Context()); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := g.s.Upload(t.Context(), g.room, g.guest.Person, late.ID); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("%v", err)
	}
	if _, err := g.s.Upload(t.Context(), g.room, g.guest.Person, fresh.ID); err != nil {
		t.Error(err)
	}
	if n := g.count(`SELECT count(*) FROM blob_chunk WHERE blob = $1`, string(f.ID)); n != 1 {
		t.Error("what is attached went")
	}
	// What is about to be attached is kept meanwhile.
	_, err = g.super.Exec(t.Context(), `UPDATE blob SET until = clock_timestamp() + interval '1 second'`)
	check(t, err)
	_, err = g.s.Take(t.Context(), g.room, g.guest.Person, []incident.BlobID{fresh.ID})
	check(t, err)
	if n := g.count(`SELECT count(*) FROM blob WHERE until > clock_timestamp() + interval '50 minutes' AND id = $1`, string(fresh.ID)); n != 1 {
		t.Error("it may be reaped under the hand of who attaches it")
	}
}

func TestLimitsAreEachPersonsOwnAndTellOfNobodyElse(t *testing.T) {
	g := newGround(t, Options{Limits: Limits{Unused: 3, UnusedBytes: 1000, Bytes: 2500}})
	begin := func(who incident.Actor, size int64) (*Upload, error) {
		return g.s.Begin(t.Context(), g.room, who.Person, "f", size)
	}
	var wg sync.WaitGroup
	let := make(chan *Upload, 20)
	for range 20 { // at once: no more than the limit come by
		wg.Go(func() {
			if u, err := begin(g.guest, 10); err == nil {
				let <- u
			} else if incident.FaultOf(err) != incident.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(let)
	if len(let) != 3 {
		t.Fatalf("%d came by", len(let))
	}
	// However full others are, one's own answer is the same.
	alone, err := begin(g.lead, 900)
	check(t, err)
	if _, err := begin(g.lead, 101); incident.FaultOf(err) != incident.Conflict {
		t.Errorf("%v", err)
	}
	check(t, g.s.Drop(t.Context(), g.room, g.lead.Person, alone.ID))
	for range 2 {
		g.attach(g.lead, nil, some(1000))
	}
	if _, err := begin(g.lead, 501); incident.FaultOf(err) != incident.Conflict {
		t.Errorf("beyond all that one person may keep: %v", err)
	}
	if _, err := begin(g.lead, 500); err != nil {
		t.Error(err)
	}
	// What was left lying for an hour makes way.
	_, err = g.super.Exec(t.Context(), `UPDATE blob SET until = until - interval '61 minutes' WHERE person = $1`, string(g.guest.Person))
	check(t, err)
	if _, err := begin(g.guest, 10); err != nil {
		t.Error(err)
	}
}

// A guest who sends a file they know learns nothing from it of who has sent it
// before: not by id, commitment, stored length or work done.
func TestTheSameFileSentTwiceHasNothingInCommon(t *testing.T) {
	g := newGround(t, Options{})
	sample := some(2*Chunk + 11)
	_, first := g.attach(g.lead, &incident.Audience{Kind: incident.ToHosts}, sample)
	other := g.OpenRoom(g.lead, incident.ModeIncident, incident.RosterNames)
	g.Join(other, g.lead, g.guest, incident.Representative, incident.FromJoin)
	g.room = other
	_, second := g.attach(g.guest, nil, sample)
	_, third := g.attach(g.guest, nil, some(2*Chunk+11)) // one that nobody has
	if first.ID == second.ID || first.Salt == second.Salt || first.Commitment == second.Commitment {
		t.Errorf("%+v and %+v", first, second)
	}
	shape := func(id incident.BlobID) (s string) {
		check(t, g.super.QueryRow(t.Context(), `SELECT string_agg(n || ':' || octet_length(sealed), ' ' ORDER BY n) FROM blob_chunk WHERE blob = $1`, string(id)).Scan(&s))
		return s
	}
	if shape(second.ID) != shape(third.ID) || shape(second.ID) != shape(first.ID) {
		t.Errorf("%s and %s", shape(second.ID), shape(third.ID))
	}
	if n := g.count(`SELECT count(*) - count(DISTINCT sealed) FROM blob_chunk`); n != 0 {
		t.Errorf("%d chunks are stored as others are", n)
	}
	// The statements run for a known file are those run for any.
	if n := g.count(`SELECT count(*) FROM blob b JOIN blob o ON octet_length(b.found) <> octet_length(o.found) OR octet_length(b.sealed) <> octet_length(o.sealed)`); n != 0 {
		t.Error("what is stored beside them has another length")
	}
}

func TestNothingOfAFileStandsInTheDatabaseAsItIs(t *testing.T) {
	g := newGround(t, Options{})
	canary := "Canary77Qzx"
	content := []byte(strings.Repeat(canary+" ", 1000))
	u, err := g.s.Begin(t.Context(), g.room, g.guest.Person, canary+".txt", int64(len(content)))
	check(t, err)
	_, err = g.s.Put(t.Context(), g.room, g.guest.Person, u.ID, 0, content)
	check(t, err)
	files, err := g.s.Take(t.Context(), g.room, g.guest.Person, []incident.BlobID{u.ID})
	check(t, err)
	g.Must(g.Do(g.room, g.guest, command.PostMessage{Text: canary, Attachments: files}))
	dump, err := exec.Command("pg_dump", g.DB.Cluster.SuperuserURL(g.DB.Name)).Output()
	if err != nil { // the private cluster may be newer than the pg_dump in PATH: then every column is read
		var b bytes.Buffer
		for _, table := range []string{"blob", "blob_chunk", "attachment", "opening", "leaf", "root", "command_key", "fold"} {
			rows, err := g.super.Query(t.Context(), `SELECT x::text FROM `+table+` x`)
			check(t, err)
			all, err := pgx.CollectRows(rows, pgx.RowTo[string])
			check(t, err)
			fmt.Fprintln(&b, all)
		}
		dump = b.Bytes()
	}
	sum, _ := hex.DecodeString(files[0].SHA256)
	for what, bad := range map[string]string{"the content or name": canary, "the same in hex": hex.EncodeToString([]byte(canary)), "its hash": files[0].SHA256, "its salt": files[0].Salt, "its commitment": files[0].Commitment,
		"its hash in base64": base64.StdEncoding.EncodeToString(sum), "its type": "text/plain"} {
		if bytes.Contains(dump, []byte(bad)) {
			t.Errorf("%s stands in the database", what)
		}
	}
	if !bytes.Contains(dump, []byte(string(u.ID))) {
		t.Error("the test is blind")
	}
}

func TestOfManyEntriesThatAttachTheSameContentAtOnceOneDoes(t *testing.T) {
	g := newGround(t, Options{})
	files, err := g.s.Take(t.Context(), g.room, g.guest.Person, []incident.BlobID{g.upload(g.guest, some(99)).ID})
	check(t, err)
	var wg sync.WaitGroup
	done := make(chan incident.Seq, 8)
	for range 8 {
		wg.Go(func() {
			r, err := g.Do(g.room, g.guest, command.PostMessage{Text: "mine", Attachments: files})
			if err == nil {
				done <- r.Seq
			} else if incident.FaultOf(err) != incident.Invalid {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(done)
	if len(done) != 1 {
		t.Fatalf("%d entries attach it", len(done))
	}
	if n := g.count(`SELECT count(*) FROM attachment WHERE seq = $1`, int64(<-done)); n != 1 {
		t.Errorf("%d rows", n)
	}
	// What is not there no entry can attach, whatever said that it is; and that keeps nobody else's entry back.
	none := files[0]
	none.ID = incident.BlobID(incident.RandomID())
	for range 4 {
		wg.Go(func() {
			if _, err := g.Do(g.room, g.guest, command.PostMessage{Text: "nothing", Attachments: []incident.File{none}}); err == nil {
				t.Error("an entry attaches what is not there")
			}
		})
		wg.Go(func() { g.Must(g.Do(g.room, g.lead, command.PostMessage{Text: "beside it"})) })
	}
	wg.Wait()
	if n := g.count(`SELECT count(*) FROM attachment WHERE blob = $1`, string(none.ID)); n != 0 {
		t.Errorf("%d rows", n)
	}
}
