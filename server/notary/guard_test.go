package notary_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/notary"
	"wardroom/server/steward"
)

// drill is a house whose database is backed up and restored, with what two
// others keep of it.
type drill struct {
	*bench
	kept    *notary.Kept
	witness *second
	n       *notary.Notary

	mu     sync.Mutex
	closed []incident.LogID // as the guards told
}

func (d *drill) told(log incident.LogID) {
	d.mu.Lock()
	d.closed = append(d.closed, log)
	d.mu.Unlock()
}

func newDrill(t *testing.T) *drill {
	d := &drill{bench: newBench(t)}
	var err error
	d.kept, err = notary.OpenKept(filepath.Join(t.TempDir(), "kept"))
	check(t, err)
	t.Cleanup(func() { check(t, d.kept.Close()) })
	d.witness = d.second()
	d.n = d.witness.notary(func(o *notary.Options) { o.Kept = d.kept })
	return d
}

// seal has everything signed and cosigned; the machine's own file keeps it.
func (d *drill) seal() { d.T.Helper(); d.sealed(d.n) }

// backup copies every table as it is; the returned function puts them back.
func (d *drill) backup() (restore func()) {
	d.super(`DO $$ DECLARE t text; BEGIN
		EXECUTE 'DROP SCHEMA IF EXISTS backup CASCADE'; EXECUTE 'CREATE SCHEMA backup';
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP EXECUTE format('CREATE TABLE backup.%I AS TABLE public.%I', t, t); END LOOP; END $$`)
	return func() {
		d.super(`DO $$ DECLARE t text; BEGIN SET LOCAL session_replication_role = replica;
			FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'backup' LOOP EXECUTE format('DELETE FROM public.%I', t); EXECUTE format('INSERT INTO public.%I SELECT * FROM backup.%I', t, t); END LOOP; END $$`)
	}
}

// node is a server that starts on the database as it is now.
func (d *drill) node() (*journal.Journal, *notary.Guard) {
	w, err := notary.NewWitness(d.witness.url, d.witness.keys)
	check(d.T, err)
	g := notary.NewGuard(notary.GuardOptions{Writer: d.DB.Writer, Witness: w, Kept: d.kept, Log: slog.New(slog.DiscardHandler), Again: 20 * time.Millisecond, Rest: time.Millisecond, Closed: d.told})
	j := journal.New(journal.Options{Writer: d.DB.Writer, Reader: d.DB.Reader, Vault: d.Vault, Deployment: d.Deployment, Guard: g.Check})
	d.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		check(d.T, j.Close(ctx))
	})
	return j, g
}

func (d *drill) say(j *journal.Journal, text string) error {
	_, err := j.Append(context.Background(), d.room, d.lead, d.Key(), command.PostMessage{Text: text})
	return err
}

func (d *drill) broken(j *journal.Journal) (journal.Break, bool) {
	d.T.Helper()
	all, err := j.Broken(context.Background(), d.room)
	check(d.T, err)
	b, ok := all[d.room]
	return b, ok
}

func TestARestoreThatIsCaughtUpIsWrittenToAgain(t *testing.T) {
	d := newDrill(t)
	d.Say(d.room, d.lead, "all of it")
	d.seal()
	restore := d.backup()
	restore()
	j, g := d.node()
	check(t, d.say(j, "and on"))
	if _, bad := d.broken(j); bad || g.State(d.room) != notary.Guarded {
		t.Errorf("a database that holds all that was signed for is %q", g.State(d.room))
	}
	d.CheckLog(d.room)
}

func TestARestoreThatIsBehindIsReadOnlyWhoeverNoticesFirst(t *testing.T) {
	for name, away := range map[string]bool{"the witness": false, "the machine's own file": true} {
		t.Run(name, func(t *testing.T) {
			d := newDrill(t)
			restore := d.backup()
			last := d.Say(d.room, d.lead, "said after the backup")
			d.seal()
			restore()
			d.witness.goes(away)
			if !away {
				d.lose()
			}
			j, g := d.node()
			if err := d.say(j, "from another past"); incident.FaultOf(err) != incident.Conflict {
				t.Fatalf("writing: %v, want conflict", err)
			}
			b, bad := d.broken(j)
			if !bad || b.State != "behind" || b.Held != uint64(last)+1 || b.Here != uint64(last) || g.State(d.room) != notary.Behind {
				t.Fatalf("found %+v, %v, %q", b, bad, g.State(d.room))
			}
			// A node that asks nobody is held to what was found.
			other := d.Node()
			if err := d.say(other, "from another past"); incident.FaultOf(err) != incident.Conflict {
				t.Fatalf("writing on another node: %v, want conflict", err)
			}
			if _, err := j.Room(t.Context(), d.room); err != nil {
				t.Errorf("reading: %v", err)
			}
		})
	}
}

// lose is the machine with its file of checkpoints gone.
func (d *drill) lose() {
	d.T.Helper()
	check(d.T, d.kept.Close())
	var err error
	d.kept, err = notary.OpenKept(filepath.Join(d.T.TempDir(), "another"))
	check(d.T, err)
}

func TestARoomThatWasPutBackSaysSoToWhoOnlyReadsIt(t *testing.T) {
	d := newDrill(t)
	restore := d.backup()
	d.Say(d.room, d.lead, "said after the backup")
	d.seal()
	restore()
	j, g := d.node()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() { g.Run(ctx); close(done) }()
	for _, bad := d.broken(j); !bad && ctx.Err() == nil; _, bad = d.broken(j) {
		time.Sleep(time.Millisecond) // the guard gives no signal
	}
	if b, bad := d.broken(j); !bad || b.State != incident.Behind {
		t.Errorf("nobody wrote, and it is %+v, %v", b, bad)
	}
	cancel()
	<-done
}

func TestARestoreOfWhichAnEntryWasChangedIsReadOnly(t *testing.T) {
	for name, change := range map[string]string{
		"a bit":              `UPDATE leaf SET leaf = set_bit(leaf, 1777, 1 - get_bit(leaf, 1777)) WHERE log = $1 AND seq = $2`,
		"one taken away":     `DELETE FROM leaf WHERE log = $1 AND seq = $2`,
		"two change places":  `UPDATE leaf a SET leaf = b.leaf FROM leaf b WHERE a.log = $1 AND b.log = $1 AND (a.seq, b.seq) IN (($2::bigint, $2::bigint + 1), ($2::bigint + 1, $2::bigint))`,
		"the last, cut away": `WITH cut AS (UPDATE log SET size = size WHERE id = $1) DELETE FROM leaf WHERE log = $1 AND seq > $2`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDrill(t)
			at := d.Say(d.room, d.lead, "as it was said")
			d.Say(d.room, d.lead, "after it")
			d.seal()
			restore := d.backup()
			restore()
			d.super(change, string(d.room), int64(at))
			j, g := d.node()
			if err := d.say(j, "on top of it"); incident.FaultOf(err) != incident.Conflict {
				t.Fatalf("writing: %v, want conflict", err)
			}
			if b, bad := d.broken(j); !bad || g.State(d.room) == notary.Guarded {
				t.Fatalf("found %+v, %v", b, bad)
			}
			if room, err := j.Room(t.Context(), d.room); err != nil || room.Member(d.lead.Person) == nil {
				t.Errorf("nobody could go on from it: %v, %v", room, err)
			}
		})
	}
}

func TestAWitnessThatDoesNotAnswerStopsNobodyAndIsAskedLater(t *testing.T) {
	d := newDrill(t)
	restore := d.backup()
	d.Say(d.room, d.lead, "said after the backup")
	d.seal()
	d.lose()
	restore()
	d.witness.goes(true)
	j, g := d.node()
	check(t, d.say(j, "the witness is away"))
	if g.State(d.room) != notary.Unguarded {
		t.Fatalf("it is %q, want unguarded", g.State(d.room))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() { g.Run(ctx); close(done) }() // as on every node
	d.witness.goes(false)
	for g.State(d.room) == notary.Unguarded && ctx.Err() == nil {
		time.Sleep(time.Millisecond) // the guard gives no signal
	}
	for told := false; !told && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		d.mu.Lock()
		told = slices.Contains(d.closed, d.room)
		d.mu.Unlock()
	}
	if ctx.Err() != nil {
		t.Error("nobody was told that the room is closed")
	}
	cancel()
	<-done
	if s := g.State(d.room); s != notary.Different {
		t.Fatalf("compared later it is %q, want different", s)
	}
	if err := d.say(j, "on top of it"); incident.FaultOf(err) != incident.Conflict {
		t.Fatalf("writing: %v, want conflict", err)
	}
}

func TestANodeThatRanThroughARestoreTellsThoseWhoLookOnWithinSeconds(t *testing.T) {
	d := newDrill(t)
	g := notary.NewGuard(notary.GuardOptions{Writer: d.DB.Writer, Kept: d.kept, Log: slog.New(slog.DiscardHandler), Closed: d.told})
	j := d.Node()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { g.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	restore := d.backup()
	seen := make(chan incident.Seq, 10)
	_, cancel, err := j.Watch(t.Context(), d.room, func(grp *journal.Group) { seen <- grp.Room.Head })
	check(t, err)
	defer cancel()
	last := d.Say(d.room, d.lead, "said after the backup")
	for <-seen < last {
	}
	d.seal()
	restore()
	deadline := time.Now().Add(6 * time.Second)
	for told := false; !told; time.Sleep(5 * time.Millisecond) { // the guard gives no signal
		d.mu.Lock()
		told = slices.Contains(d.closed, d.room)
		d.mu.Unlock()
		if time.Now().After(deadline) {
			t.Fatal("nobody was told within six seconds that the room is closed")
		}
	}
	if room, err := j.Room(t.Context(), d.room); err != nil || room.Head != last {
		t.Errorf("what this node has shown is gone: %v, %v", room, err)
	}
}

func TestARoomGoesOnInANewSectionWithWhoWasInIt(t *testing.T) {
	d := newDrill(t)
	deputy, guest, left := d.Person("Dev Rao", "NCSC"), d.Person("Sam Okafor", "X1N"), d.Person("Ellis Byrne", "X2E")
	d.Join(d.room, d.lead, deputy, incident.Deputy, incident.Full)
	number := d.Join(d.room, d.lead, guest, incident.Representative, incident.FromJoin)
	gone := d.Join(d.room, d.lead, left, incident.Observer, incident.FromJoin)
	d.Must(d.Do(d.room, left, command.LeaveRoom{}))
	d.Must(d.Do(d.room, d.lead, command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: 2}, Reason: "two trusts"}))
	d.Must(d.Do(d.room, d.lead, command.MoveRoom{To: incident.Responding}))
	d.Must(d.Do(d.room, d.Stepped(d.lead), command.PlaceHold{Reason: "an inquiry is announced", Reference: "NRI/1"}))
	d.Must(d.Do(d.room, d.Stepped(d.lead), command.SetRetention{Years: 30}))
	restore := d.backup()
	d.Say(d.room, d.lead, "said after the backup")
	d.seal()
	restore()
	j, _ := d.node()
	if err := d.say(j, "from another past"); incident.FaultOf(err) != incident.Conflict {
		t.Fatal(err)
	}
	was, err := j.Room(t.Context(), d.room)
	check(t, err)
	found, _ := d.broken(j)
	st := steward.New(j)
	id, access := incident.LogID(incident.RandomID()), incident.LogID(incident.RandomID())
	if err := st.Continue(t.Context(), guest, d.Key(), was, found, id, access); incident.FaultOf(err) != incident.Forbidden {
		t.Fatalf("a guest began a section: %v", err)
	}
	var wg sync.WaitGroup
	for _, who := range []incident.Actor{d.lead, deputy, d.lead} { // at once, and once more
		wg.Go(func() {
			if err := st.Continue(context.Background(), who, d.Key(), was, found, id, access); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	room, err := j.Room(t.Context(), id)
	check(t, err)
	if room.Section != 2 || room.Reference != was.Reference || room.Lifecycle != incident.Responding || room.Earlier == nil || room.Earlier.Break.Log != d.room {
		t.Errorf("the new section: %+v", room)
	}
	if room.Member(guest.Person).Number != number || room.Member(left.Person) != nil || room.NextMember() != gone+1 {
		t.Errorf("members: %+v, the next is %d", room.Members, room.NextMember())
	}
	if a := room.Operating(incident.NHSLevel); a == nil || a.Grade.At != 2 {
		t.Errorf("severity: %+v", a)
	}
	if len(room.Holds) != 1 || room.Holds[0].By.Org != "DSC" || room.Keeps().Years != 30 {
		t.Errorf("what keeps the record does not go on: %+v, %+v", room.Holds, room.Keeps())
	}
	if _, err := j.Append(t.Context(), id, guest, d.Key(), command.PostMessage{Text: "we go on"}); err != nil {
		t.Errorf("a member cannot write: %v", err)
	}
	if found, _ := d.broken(j); found.Next != id {
		t.Errorf("the broken section names %q as the next", found.Next)
	}
	if got, err := j.AccessOf(t.Context(), id); err != nil || got != access {
		t.Errorf("its access log is %q, %v", got, err)
	}
	if _, err := j.Append(t.Context(), id, deputy, d.Key(), command.JudgeSection{Verdict: incident.SectionCondemned}); incident.FaultOf(err) != incident.StepUp {
		t.Errorf("judged without a second factor: %v", err)
	}
	deputy.StepUp = time.Now()
	if _, err := j.Append(t.Context(), id, deputy, d.Key(), command.JudgeSection{Verdict: incident.SectionCondemned}); err != nil {
		t.Error(err)
	}
	d.CheckLog(id)
}

func TestTheFileOfCheckpointsOutlivesACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept")
	k, err := notary.OpenKept(path)
	check(t, err)
	at := func(origin string, size uint64) evidence.Checkpoint {
		return evidence.Checkpoint{Origin: origin, Size: size, Root: [32]byte{byte(size)}}
	}
	check(t, k.Add(at("a", 3), at("b", 9)))
	check(t, k.Add(at("a", 7)))
	check(t, k.Add(at("a", 5))) // late, of a slower node
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	f.WriteString(`{"origin":"a","ro`) // the machine went down here
	check(t, f.Close())
	again, err := notary.OpenKept(path)
	check(t, err)
	for origin, want := range map[string]uint64{"a": 7, "b": 9, "c": 0} {
		if c, ok, err := again.Held(t.Context(), origin); err != nil || ok != (want != 0) || c.Size != want {
			t.Errorf("%s: %+v, %v, %v", origin, c, ok, err)
		}
	}
	check(t, again.Add(at("b", 10)))
	check(t, again.Close())
	b, err := os.ReadFile(path)
	check(t, err)
	check(t, os.WriteFile(path, append([]byte("not a checkpoint\n"), b...), 0o600))
	if _, err := notary.OpenKept(path); err == nil {
		t.Error("a broken line was passed over")
	}
}

func TestTheFileOfCheckpointsIsStillTheServersAfterACommandOpenedIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept")
	server, err := notary.OpenKept(path)
	check(t, err)
	at := func(origin string, size uint64) evidence.Checkpoint {
		return evidence.Checkpoint{Origin: origin, Size: size, Root: [32]byte{byte(size)}}
	}
	check(t, server.Add(at("a", 3)))
	command, err := notary.OpenKept(path)
	check(t, err)
	check(t, command.Add(at("b", 9)))
	check(t, command.Close())
	check(t, server.Add(at("a", 4)))
	check(t, os.Remove(path)) // somebody's doing
	check(t, server.Add(at("c", 1)))
	check(t, server.Close())
	after, err := notary.OpenKept(path)
	check(t, err)
	defer after.Close()
	for origin, want := range map[string]uint64{"a": 4, "b": 9, "c": 1} {
		if c, ok, err := after.Held(t.Context(), origin); err != nil || !ok || c.Size != want {
			t.Errorf("%s: %+v, %v, %v", origin, c, ok, err)
		}
	}
}

func TestTheDeploymentsRecordGoesOnInANewSectionWithWhatStood(t *testing.T) {
	d := newDrill(t)
	restore := d.backup()
	d.Person("Said after the backup", "DSC")
	d.seal()
	restore()
	j, _ := d.node()
	was := j.SystemLog()
	add := command.AddPerson{Person: incident.PersonID(incident.RandomID()), Name: "Dev Rao", Issuer: "ncsc", Subject: "dev", Orgs: []incident.OrgID{"NCSC"}}
	house := incident.Actor{System: true}
	if _, err := j.Append(t.Context(), was, house, d.Key(), add); incident.FaultOf(err) != incident.Conflict {
		t.Fatalf("writing to a record that is behind: %v, want conflict", err)
	}
	before, err := j.System(t.Context())
	check(t, err)
	id := incident.LogID(incident.RandomID())
	check(t, j.CreateNext(t.Context(), incident.SystemLog, id, "", was))
	g := j.Genesis(incident.SystemLog, id, "")
	g.Section = 2
	d.Must(j.Append(t.Context(), id, house, d.Key(), command.OpenSystem{Genesis: g}))
	if err := j.CreateNext(t.Context(), incident.SystemLog, incident.LogID(incident.RandomID()), "", was); err == nil {
		t.Error("a section has two that go on from it")
	}
	if got := j.SystemLog(); got != id {
		t.Errorf("who has just begun it is told that the record is %q, want %q", got, id)
	}
	other, _ := d.node()
	for name, j := range map[string]*journal.Journal{"the node that knew the old one": j, "another": other} {
		for deadline := time.Now().Add(30 * time.Second); j.SystemLog() != id; {
			if time.Now().After(deadline) {
				t.Fatalf("%s goes on with the old one", name)
			}
			time.Sleep(10 * time.Millisecond) // it looks once a second
		}
		add.Person, add.Subject = incident.PersonID(incident.RandomID()), name
		d.Must(j.Append(t.Context(), id, house, d.Key(), add))
		sys, err := j.System(t.Context())
		check(t, err)
		if sys.Section != 2 || len(sys.People) <= len(before.People) || len(sys.Orgs) != len(before.Orgs) || sys.Duty != before.Duty {
			t.Errorf("%s: section %d, %d people, %d organisations", name, sys.Section, len(sys.People), len(sys.Orgs))
		}
		if p, ok := sys.BySubject("health", "sub-Lead"); !ok || p.ID != d.lead.Person {
			t.Errorf("%s: the lead is not known any more", name)
		}
	}
	d.CheckLog(id)
}
