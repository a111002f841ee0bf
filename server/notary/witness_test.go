package notary_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	formats "github.com/transparency-dev/formats/log"
	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/projection"
	"wardroom/server/witness"
)

// second is the second party's real witness, and the way to it, on which a
// test can stand.
type second struct {
	b    *bench
	w    *witness.Witness
	url  string
	keys []string

	mu    sync.Mutex
	away  bool
	asked int
	sent  map[string]bool                         // notes that came by
	twist func(path string, answer []byte) []byte // what becomes of good answers on the way; nil for nothing
}

func (b *bench) second() *second {
	b.T.Helper()
	b.NotaryFile()
	s := &second{b: b, sent: map[string]bool{}}
	dir := b.T.TempDir()
	listed, err := b.Journal.Keys(context.Background())
	check(b.T, err)
	file := filepath.Join(dir, "policy.txt")
	check(b.T, os.WriteFile(file, []byte(notary.PolicyText(listed, nil)), 0o600))
	s.w, err = witness.Open(witness.Options{Dir: dir, Name: "ncsc.test", Policy: file, Log: slog.New(slog.DiscardHandler),
		System: incident.OriginLine(b.Deployment, incident.SystemLog, b.Journal.SystemLog())})
	check(b.T, err)
	s.keys = s.w.Keys()
	real := s.w.Handler()
	way := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked++
		away, twist := s.away, s.twist
		if at := bytes.Index(body, []byte("\n\n")); !away && at >= 0 && r.URL.Path == "/add-checkpoint" {
			s.sent[string(body[at+2:])] = true
		}
		s.mu.Unlock()
		if away {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		real.ServeHTTP(rec, r)
		answer := rec.Body.Bytes()
		if twist != nil && rec.Code == http.StatusOK {
			answer = twist(r.URL.Path, answer)
		}
		w.WriteHeader(rec.Code)
		w.Write(answer)
	}))
	way.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.url = way.URL
	b.T.Cleanup(func() { way.Close(); check(b.T, s.w.Close()) })
	return s
}

func (s *second) goes(away bool) {
	s.mu.Lock()
	s.away = away
	s.mu.Unlock()
}

func (s *second) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// notary is a node that has this witness.
func (s *second) notary(more func(*notary.Options)) *notary.Notary {
	s.b.T.Helper()
	w, err := notary.NewWitness(s.url, s.keys)
	check(s.b.T, err)
	return s.b.Notary(func(o *notary.Options) {
		o.Witness = w
		if more != nil {
			more(o)
		}
	})
}

// sealed lets the node go on until every log is cosigned as far as it goes.
func (b *bench) sealed(n *notary.Notary) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for b.left() > 0 {
		check(b.T, n.Once(ctx))
		check(b.T, n.Cosign(ctx))
	}
}

// left counts the logs that are not cosigned as far as they go.
func (b *bench) left() (left int) {
	b.T.Helper()
	b.ask(&left, `SELECT count(*) FROM log l LEFT JOIN notary n ON n.log = l.id WHERE l.size > coalesce(n.cosigned, 0)`)
	return left
}

func (b *bench) ask(into any, sql string, args ...any) {
	b.T.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, b.DB.Cluster.SuperuserURL(b.DB.Name))
	check(b.T, err)
	defer conn.Close(ctx)
	check(b.T, conn.QueryRow(ctx, sql, args...).Scan(into))
}

// relieve makes the turn of a node that has stopped pass, as time does.
func (b *bench) relieve() {
	b.T.Helper()
	b.super(`UPDATE duty SET until = clock_timestamp() - interval '1 second'`)
}

// cosigned checks every cosigned note there is, and counts them.
func (b *bench) cosigned(keys []string) int {
	b.T.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, b.DB.Cluster.SuperuserURL(b.DB.Name))
	check(b.T, err)
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT l.origin, s.size, c.key, c.note, s.note, s.at FROM cosignature s JOIN checkpoint c USING (log, size) JOIN log l ON l.id = s.log`)
	check(b.T, err)
	type row struct {
		Origin       string
		Size         int64
		Key          int
		Signed, Both string
		At           time.Time
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	check(b.T, err)
	var theirs []note.Verifier
	for _, line := range keys {
		v, err := cosign.NewVerifierForCosignatureV1(line)
		check(b.T, err)
		theirs = append(theirs, v)
	}
	for _, r := range list {
		need := append(b.need(r.Key), theirs...)
		c, err := evidence.OpenCheckpoint([]byte(r.Both), r.Origin, need, nil)
		if err != nil || c.Size != uint64(r.Size) || !strings.HasPrefix(r.Both, r.Signed) {
			b.T.Fatalf("%d entries: %+v, %v", r.Size, c, err)
		}
		if time.Since(r.At).Abs() > time.Hour {
			b.T.Errorf("cosigned at %v", r.At)
		}
		// And as another program reads it.
		if _, rest, n, err := formats.ParseCheckpoint([]byte(r.Both), r.Origin, need[0], need[1:]...); err != nil || len(rest) > 0 || len(n.Sigs) != len(need) {
			b.T.Fatalf("transparency-dev reads %d signatures and %q, %v", len(n.Sigs), rest, err)
		}
	}
	return len(list)
}

func TestTheWitnessSignsEveryLogOnceItIsShownWhereItComesFrom(t *testing.T) {
	b := newBench(t)
	s := b.second()
	n := s.notary(nil)
	b.sealed(n)
	if got := b.cosigned(s.keys); got < 3 {
		t.Fatalf("cosigned: %d", got)
	}
	other := b.OpenRoom(b.lead, incident.ModeExercise, incident.RosterHosts)
	for i := range 5000 { // more than go in one request
		if i < 40 || i == 4999 {
			b.Say(other, b.lead, fmt.Sprint("word ", i))
		}
	}
	b.sealed(n)
	seal, err := n.Seal(t.Context(), other)
	check(t, err)
	if !seal.Cosigned || seal.Since != nil || time.Since(seal.At) > time.Minute {
		t.Errorf("the room is sealed: %+v", seal)
	}
	if st := n.Stats(); st.WitnessUp != 1 || st.Cosigned == 0 || st.Refused != 0 {
		t.Errorf("%+v", st)
	}
	// A node that knows nothing of how far the witness is finds out.
	b.Say(other, b.lead, "one more")
	b.super(`UPDATE notary SET cosigned = 0, pending = clock_timestamp()`)
	b.relieve()
	b.sealed(s.notary(nil))
	p, err := n.Prove(t.Context(), other, b.lead.Person, 3)
	check(t, err)
	if !p.Cosigned || p.Size != seal.Size+1 {
		t.Errorf("proved in a checkpoint of %d, cosigned %v", p.Size, p.Cosigned)
	}
}

// A side room's logs are entered as a room's are, and are shown to the witness
// by the same two slots: it cannot tell the one from the other.
func TestTheWitnessTakesASideRoomInAsItDoesRooms(t *testing.T) {
	b := newBench(t)
	s := b.second()
	n := s.notary(nil)
	room := b.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames)
	b.Join(room, b.lead, b.Person("Sam Okafor", "X1N"), incident.Representative, incident.FromJoin)
	cell := b.OpenCell(room, b.lead, "X1N")
	b.sealed(n)
	for _, log := range []incident.LogID{room, cell} {
		seal, err := n.Seal(t.Context(), log)
		check(t, err)
		if !seal.Cosigned || seal.Since != nil {
			t.Errorf("%s is sealed: %+v", log, seal)
		}
	}
	if st := n.Stats(); st.Refused != 0 {
		t.Errorf("%+v", st)
	}
}

// A witness that comes late has a long log to take in; a room that talks
// meanwhile is signed for long before it is through.
func TestALongLogThatTheWitnessLacksDoesNotKeepAnotherWaiting(t *testing.T) {
	b := newBench(t)
	s := b.second()
	n := s.notary(nil)
	small := b.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames)
	b.sealed(n)
	const parts = 3
	var wg sync.WaitGroup
	for range 256 {
		wg.Go(func() {
			for range parts * 4096 / 256 {
				b.Say(b.room, b.lead, "one of many")
			}
		})
	}
	wg.Wait()
	check(t, n.Once(t.Context()))
	long, err := n.Seal(t.Context(), b.room)
	check(t, err)
	var said incident.Seq
	came := 0
	s.twist = func(path string, answer []byte) []byte {
		size, err := strconv.Atoi(strings.TrimSpace(string(answer)))
		if path != "/mirror" || err != nil || size < 4096 {
			return answer
		}
		switch came++; {
		case came == 1: // somebody speaks elsewhere
			said = b.Say(small, b.lead, "meanwhile")
			if err := n.Once(t.Context()); err != nil {
				t.Error(err)
			}
		case uint64(size) == long.Size:
			seal, err := n.Seal(t.Context(), small)
			if err != nil || !seal.Cosigned || seal.Size != uint64(said)+1 {
				t.Errorf("when the long log was through, the other stood at %+v, %v", seal, err)
			}
		}
		return answer
	}
	check(t, n.Cosign(t.Context()))
	if came != parts || b.left() != 0 {
		t.Errorf("%d parts, %d logs left", came, b.left())
	}
	b.cosigned(s.keys)
}

func TestAnAbsentWitnessHoldsNothingUpAndIsCaughtUpWith(t *testing.T) {
	b := newBench(t)
	s := b.second()
	at := time.Now()
	n := s.notary(func(o *notary.Options) { o.Now = func() time.Time { return at } })
	b.sealed(n)
	s.goes(true)
	before := s.count()
	first := b.Say(b.room, b.lead, "in the dark")
	check(t, n.Once(t.Context()))
	said := first
	for minute := range 10 {
		for range 240 { // as often as a node looks
			at = at.Add(250 * time.Millisecond)
			if err := n.Cosign(t.Context()); err != nil && !strings.Contains(err.Error(), "does not answer") {
				t.Fatal(err)
			}
		}
		said = b.Say(b.room, b.lead, fmt.Sprint("minute ", minute))
		check(t, n.Once(t.Context()))
		seal, err := n.Seal(t.Context(), b.room)
		check(t, err)
		if seal.Size != uint64(said)+1 || seal.Cosigned || seal.Since == nil {
			t.Fatalf("minute %d: %+v", minute, seal)
		}
		recorded, err := b.Journal.Recorded(t.Context(), b.room, first)
		check(t, err)
		if !seal.Since.Equal(recorded) {
			t.Fatalf("unsealed since %v; entry %d was recorded at %v", seal.Since, first, recorded)
		}
	}
	if asked := s.count() - before; asked > 60 {
		t.Errorf("a witness that is away was asked %d times in ten minutes", asked)
	}
	if st := n.Stats(); st.WitnessUp != 0 {
		t.Errorf("%+v", st)
	}
	s.goes(false)
	at = at.Add(time.Minute)
	b.sealed(n)
	seal, err := n.Seal(t.Context(), b.room)
	check(t, err)
	if seal.Size != uint64(said)+1 || !seal.Cosigned || seal.Since != nil {
		t.Errorf("caught up: %+v", seal)
	}
	if st := n.Stats(); st.WitnessUp != 1 {
		t.Errorf("%+v", st)
	}
	b.cosigned(s.keys)
}

func TestOnlyTheWitnessesGoodSignaturesAreKept(t *testing.T) {
	_, wrong, err := note.GenerateKey(nil, "ncsc.test/wardroom/1/witness")
	check(t, err)
	stranger, _, err := note.GenerateKey(nil, "ncsc.test/wardroom/1/witness")
	check(t, err)
	forger, err := cosign.NewSignerForCosignatureV1(stranger)
	check(t, err)
	lines := func(answer []byte) [][]byte {
		return bytes.SplitAfter(bytes.TrimSuffix(answer, []byte("\n")), []byte("\n"))
	}
	for name, x := range map[string]struct {
		keys  func([]string) []string
		twist func(string, []byte) []byte
	}{
		"another key is configured": {keys: func(k []string) []string { return []string{k[0], wrong} }},
		"one signature taken off":   {twist: func(_ string, a []byte) []byte { return lines(a)[0] }},
		"both taken off":            {twist: func(string, []byte) []byte { return nil }},
		"a bit turned": {twist: func(_ string, a []byte) []byte {
			a[len(a)-10] ^= 1
			return a
		}},
		"signed by somebody of the name": {twist: func(_ string, a []byte) []byte {
			sig, err := forger.Sign([]byte("a\n1\nAAAA\n"))
			check(t, err)
			return fmt.Appendf(lines(a)[0], "— %s %x\n", forger.Name(), sig)
		}},
		"no lines at all": {twist: func(string, []byte) []byte { return []byte("<html>it works</html>\n") }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			s := b.second()
			if x.keys != nil {
				s.keys = x.keys(s.keys)
			}
			s.twist = func(path string, answer []byte) []byte {
				if path != "/add-checkpoint" || x.twist == nil {
					return answer
				}
				return x.twist(path, answer)
			}
			at := time.Now()
			n := s.notary(func(o *notary.Options) { o.Now = func() time.Time { return at } })
			check(t, n.Once(t.Context()))
			for range 3 {
				if err := n.Cosign(t.Context()); !errors.Is(err, evidence.ErrUntrusted) && !errors.Is(err, evidence.ErrCheckpoint) {
					t.Errorf("taken: %v", err)
				}
				at = at.Add(time.Minute)
			}
			if got := b.cosigned(nil); got != 0 {
				t.Errorf("%d were kept", got)
			}
			if st := n.Stats(); st.Refused == 0 || st.Cosigned != 0 {
				t.Errorf("%+v", st)
			}
			if x.keys != nil {
				return
			}
			s.twist = nil // the next answer is the real one
			b.sealed(n)
			b.cosigned(s.keys)
		})
	}
}

func TestNothingIsSignedTwiceWhereverItIsCutShort(t *testing.T) {
	steps := []string{"signed", "stored", "committed", "cosigned", "kept"}
	b := newBench(t)
	s := b.second()
	cut := errors.New("cut")
	seen := map[string]int{}
	var counting sync.Mutex // logs are brought to the witness side by side
	for round := range 6 {
		for _, step := range steps {
			b.Say(b.room, b.lead, fmt.Sprint(step, " ", round))
			b.relieve()
			n := s.notary(nil) // each node comes back knowing nothing
			n.EndAt(func(at string) error {
				if at == step {
					counting.Lock()
					defer counting.Unlock()
					seen[step]++
					return cut
				}
				return nil
			})
			err := n.Once(t.Context())
			if err == nil {
				err = n.Cosign(t.Context())
			}
			if !errors.Is(err, cut) {
				t.Fatalf("at %s: %v", step, err)
			}
		}
	}
	b.relieve()
	b.sealed(s.notary(nil))
	b.checkpoints()
	b.cosigned(s.keys)
	// What left the house is what is stored, byte by byte.
	for sent := range s.sent {
		var stored int
		b.ask(&stored, `SELECT count(*) FROM checkpoint WHERE note = $1`, sent)
		if stored != 1 {
			t.Errorf("the witness was given a note of which %d are stored:\n%s", stored, sent)
		}
	}
	for _, step := range steps {
		if seen[step] == 0 {
			t.Errorf("nothing was cut short at %s", step)
		}
	}
}

func TestManyNodesWithAWitnessKeepOneNoteASize(t *testing.T) {
	b := newBench(t)
	s := b.second()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		n := s.notary(nil)
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := errors.Join(n.Once(ctx), n.Cosign(ctx)); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	var signed int
	for i := 0; i < 60 || signed < 4; i++ { // however fast the machine speaks and however slowly it signs
		b.Say(b.room, b.lead, "word")
		b.ask(&signed, `SELECT count(*) FROM cosignature`)
	}
	stop()
	wg.Wait()
	b.relieve()
	b.sealed(s.notary(nil))
	b.checkpoints()
	b.cosigned(s.keys)
}

// A node that takes its turn from one that has stopped does so by itself.
func TestTheTurnToAskPassesOn(t *testing.T) {
	b := newBench(t)
	s := b.second()
	b.sealed(s.notary(nil))
	b.Say(b.room, b.lead, "more")
	next := s.notary(nil)
	check(t, next.Once(t.Context()))
	before := s.count()
	check(t, next.Cosign(t.Context()))
	if s.count() != before {
		t.Error("two nodes asked at once")
	}
	b.relieve()
	b.sealed(next)
	var holders int
	bat := &pgx.Batch{}
	projection.House().Enter(bat)
	bat.Queue(`SELECT count(*) FROM duty`).QueryRow(func(r pgx.Row) error { return r.Scan(&holders) })
	check(t, b.DB.Writer.SendBatch(t.Context(), bat).Close())
	if holders != 1 {
		t.Errorf("%d turns", holders)
	}
}

// While what the witness signed is stored, a newer checkpoint is: the log waits
// for the witness again, though nothing more is ever said in it.
func TestACheckpointSignedWhileAnOlderIsCosignedWaitsItsTurn(t *testing.T) {
	b := newBench(t)
	s := b.second()
	asks, signs := s.notary(nil), s.notary(nil)
	b.sealed(asks)
	b.Say(b.room, b.lead, "one")
	check(t, asks.Once(t.Context()))
	b.Say(b.room, b.lead, "two")
	stored, free := make(chan struct{}), make(chan struct{})
	signs.EndAt(func(step string) error {
		if step == "stored" {
			close(stored)
			<-free
		}
		return nil
	})
	done := make(chan error, 2)
	go func() { done <- signs.Once(t.Context()) }() // has the log's row, and the newer checkpoint in it
	<-stored
	go func() { done <- asks.Cosign(t.Context()) }() // the older
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var waits int
		if b.ask(&waits, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`); waits > 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the cosignature is stored without waiting for who has the row")
		}
	}
	close(free)
	for range 2 {
		check(t, <-done)
	}
	check(t, asks.Cosign(t.Context()))
	if left := b.left(); left != 0 {
		t.Errorf("%d logs are not cosigned as far as they go, and nobody asks the witness", left)
	}
	b.cosigned(s.keys)
}
