package torture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/blob"
	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/ledger"
	"wardroom/server/notary"
	"wardroom/server/servertest"
)

// smallDisk mounts a disk of that size, gone after the test.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "wardroom-disk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0711,size="+size); err != nil {
		t.Skipf("SKIPPED: no small disk can be mounted here, so no disk is filled (%v): run it as root, where mounting is allowed", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fill takes all the room there is on a disk, until free is called.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for chunk := make([]byte, 1<<20); len(chunk) > 0; {
		if _, err := f.Write(chunk); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			chunk = chunk[:len(chunk)/2]
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// A disk that is full: what cannot be written is refused in a sentence, nothing
// that was answered is lost, what is there is read, and when there is room again
// everything goes on by itself. Once it is the database's files that do not fit
// any more, and once its write-ahead log, for which Postgres gives up and is
// started again by whoever keeps it running.
func TestAFullDiskLosesNothingThatWasAnswered(t *testing.T) {
	t.Run("the database's files", func(t *testing.T) {
		disk := smallDisk(t, "160m")
		db := servertest.DurableDatabaseIn(t, nil, disk)
		fullDisk(t, db, disk, func() {})
	})
	t.Run("its write-ahead log", func(t *testing.T) {
		if !campaign() {
			t.Skip("SKIPPED: Postgres gives up over it, and recovers, several times: make torture waits for that")
		}
		disk := smallDisk(t, "64m")
		db := servertest.DurableDatabase(t, nil)
		moveLog(t, db, disk)
		fullDisk(t, db, disk, func() {
			for range 8 { // what was made ready of it before is used up; the last of these ends in an error
				if conn, err := pgx.Connect(t.Context(), db.Cluster.SuperuserURL(db.Name)); err == nil {
					conn.Exec(t.Context(), `CREATE TABLE IF NOT EXISTS aside (); SELECT pg_switch_wal()`)
					conn.Exec(t.Context(), `DROP TABLE aside`)
					conn.Close(context.Background())
				}
			}
		})
	})
}

// moveLog puts the write-ahead log on the disk.
func moveLog(t *testing.T, db *servertest.DB, disk string) {
	t.Helper()
	var data string
	conn, err := pgx.Connect(t.Context(), db.Cluster.SuperuserURL(db.Name))
	if err == nil {
		err = conn.QueryRow(t.Context(), `SHOW data_directory`).Scan(&data)
	}
	if err != nil {
		t.Fatal(err)
	}
	conn.Close(t.Context())
	wal := filepath.Join(data, "pg_wal")
	info, err := os.Stat(wal)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if err := db.Cluster.StopImmediate(); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(disk, "wal")
	if err := errors.Join(os.CopyFS(to, os.DirFS(wal)), os.RemoveAll(wal), os.Symlink(to, wal)); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		mode := os.FileMode(0o600)
		if d.IsDir() {
			mode = 0o700
		}
		return errors.Join(err, os.Chmod(path, mode), os.Lchown(path, int(owner.Uid), int(owner.Gid)))
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Cluster.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func fullDisk(t *testing.T, db *servertest.DB, disk string, press func()) {
	h := servertest.NewHouseOn(t, db, "wardroom.test")
	lead := h.Person("Priya Anand", "DSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	at, err := h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	c := servertest.NewChecker()
	c.From = uint64(at.Head) + 1
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	listener := h.ListenOn(h.Node(), c, room, lead)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var answered, refused atomic.Int64
	var sentence atomic.Value
	text := strings.Repeat("The disk is filling up. ", 300)
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				key := h.Key()
				if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
					r, err := h.Journal.Append(ctx, room, lead, key, command.PostMessage{Text: text})
					if err == nil {
						answered.Add(1)
					} else {
						refused.Add(1)
						sentence.Store(err.Error())
					}
					return r.Seq, r.Count, err
				}); err != nil {
					t.Errorf("refused for good: %v", err)
					return
				}
			}
		})
	}
	until(t, ctx, "something is answered", func() bool { return answered.Load() > 20 })
	free := fill(t, disk)
	full := answered.Load()
	press()
	until(t, ctx, "the disk is full", func() bool { return refused.Load() >= 4 })
	t.Logf("%d were answered, %d of them while the disk filled up; then: %v", answered.Load(), answered.Load()-full, sentence.Load())
	if s, _ := sentence.Load().(string); s != "unavailable: The record cannot be written just now. Nothing is lost: it will be tried again." {
		t.Errorf("it is refused with %q", s)
	}
	select {
	case <-db.Cluster.Done(): // it gave up: nothing is read either
	default:
		readsOn(t, h, room, lead)
	}
	free()
	select {
	case <-db.Cluster.Done():
		t.Log("Postgres had given up, and is started again")
		if err := db.Cluster.Restart(ctx); err != nil {
			t.Fatal(err)
		}
	default:
	}
	before := answered.Load()
	until(t, ctx, "writing goes on", func() bool { return answered.Load() > before+20 })
	close(stop)
	wg.Wait()
	last := h.Say(room, lead, "the last word")
	c.Send("")
	if err := listener.Finish(ctx, last); err != nil {
		t.Error(err)
	}
	truth := h.Truth(room)
	truth.Entries[last].Key = ""
	if found := c.Judge(truth); len(found) > 0 {
		t.Error(servertest.Describe(found))
	}
	h.CheckLog(room)
}

// readsOn reads the room's newest page, and finds attachments refused in a
// sentence.
func readsOn(t *testing.T, h *servertest.House, room incident.LogID, lead incident.Actor) {
	t.Helper()
	var rows []journal.Row
	var err error
	for range 20 { // Postgres may just be starting anew
		if rows, err = h.Journal.Page(t.Context(), room, lead.Person, journal.Query{Desc: true, Limit: 5}); err == nil {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	if err != nil || len(rows) != 5 {
		t.Errorf("a page on a full disk: %d rows, %v", len(rows), err)
	}
	files := blob.New(blob.Options{Writer: h.DB.Writer, Reader: h.DB.Reader, Vault: h.Vault})
	data := make([]byte, 3<<20)
	u, err := files.Begin(t.Context(), room, lead.Person, "a.bin", int64(len(data)))
	if err == nil {
		_, err = files.Put(t.Context(), room, lead.Person, u.ID, 0, data[:min(len(data), blob.Chunk)])
	}
	if incident.FaultOf(err) != incident.Unavailable {
		t.Errorf("an upload on a full disk: %v", err)
	}
}

func until(t *testing.T, ctx context.Context, what string, done func() bool) {
	t.Helper()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// The two files beside the database: of what a full disk took in part nothing is
// left, what was answered for is there, and with room again they go on without
// anybody's help.
func TestAFullDiskLeavesNoHalfLineInTheFilesBesideTheDatabase(t *testing.T) {
	disk := smallDisk(t, "256k")
	erasures, kept := filepath.Join(disk, "erasures"), filepath.Join(disk, "checkpoints")
	l, err := ledger.Open(erasures)
	if err != nil {
		t.Fatal(err)
	}
	k, err := notary.OpenKept(kept)
	if err != nil {
		t.Fatal(err)
	}
	intend := func(n int) error {
		return l.Intend([]ledger.Erasure{{Log: "l", Entry: incident.Seq(n), Event: incident.Seq(n + 1), Leaf: fmt.Sprint(n), Ground: incident.GroundPatientData}})
	}
	checkpoint := func(n int) evidence.Checkpoint {
		return evidence.Checkpoint{Origin: fmt.Sprintf("wardroom.test/wardroom/1/room/%d", n%40), Size: uint64(n), Root: [32]byte{byte(n)}}
	}
	var intended, added int
	write := func(n int) (failed int) {
		for i := range n {
			if intend(intended) == nil {
				intended++
			} else {
				failed++
			}
			if k.Add(checkpoint(added+1)) == nil {
				added++
			} else {
				failed++
			}
			_ = i
		}
		return failed
	}
	if failed := write(50); failed > 0 {
		t.Fatalf("%d were not written with room on the disk", failed)
	}
	free := fill(t, disk)
	if failed := write(200); failed == 0 {
		t.Fatal("the disk is not full")
	}
	t.Logf("with the disk full: %d erasures and %d checkpoints are kept", intended, added)
	free()
	if failed := write(50); failed > 0 {
		t.Errorf("%d were not written when there was room again", failed)
	}
	if err := errors.Join(l.Close(), k.Close()); err != nil {
		t.Fatal(err)
	}
	if l, err = ledger.Open(erasures); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if n := len(l.Entries()); n != intended {
		t.Errorf("%d erasures are kept, and %d were answered for", n, intended)
	}
	if k, err = notary.OpenKept(kept); err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	for n := added; n > added-40; n-- {
		want := checkpoint(n)
		if c, ok, _ := k.Held(t.Context(), want.Origin); !ok || c.Size != want.Size {
			t.Errorf("of %s a checkpoint of %d is kept, and one of %d was answered for", want.Origin, c.Size, want.Size)
		}
	}
}
