package deploy_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/devkit"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/notary"
	"wardroom/server/servertest"
	"wardroom/server/witness"
)

// times is the figure of `make test`, or what WARDROOM_TORTURE makes of it.
func times(t *testing.T, figure int) int {
	f, err := strconv.ParseFloat(os.Getenv("WARDROOM_TORTURE"), 64)
	if err != nil || f <= 0 {
		return figure
	}
	return max(1, int(float64(figure)*f))
}

const canary = "CANARY-41c9d2"

// site is a deployment that is backed up by the scripts as they stand, and what
// is restored of it: real programs, run as the user that Postgres runs as.
type site struct {
	*servertest.House
	t                     *testing.T
	scripts, archive, tmp string
	bin, pgbin            string
	as                    *syscall.Credential
	env                   []string

	lead, deputy, una incident.Actor
	room              incident.LogID
	notary            *notary.Notary
	witness           *notary.Witness
	kept              *notary.Kept
	keptFile, policy  string
	witnessEnv        []string
}

func newSite(t *testing.T) *site {
	s := &site{t: t}
	root, err := devkit.RepoRoot()
	s.must(err)
	s.scripts = filepath.Join(root, "deploy", "backup")
	// A short path, which the user that Postgres runs as may pass.
	s.tmp, err = os.MkdirTemp("/tmp", "wardroom-backup-")
	s.must(err)
	s.must(os.Chmod(s.tmp, 0o755))
	t.Cleanup(func() { os.RemoveAll(s.tmp) })
	s.bin = filepath.Join(s.tmp, "bin")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", s.bin+"/", "./server/cmd/wardroom")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}

	db := servertest.DurableDatabase(t, nil)
	s.House = servertest.NewHouseOn(t, db, "wardroom.test")
	s.pgbin = s.text(`SELECT setting FROM pg_config WHERE name = 'BINDIR'`)
	info, err := os.Stat(s.text(`SHOW data_directory`))
	s.must(err)
	owner := info.Sys().(*syscall.Stat_t)
	if os.Geteuid() == 0 {
		s.as = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
	}
	s.archive = s.folder("archive")
	s.archiving()

	at, err := url.Parse(db.Cluster.SuperuserURL(db.Name))
	s.must(err)
	password, _ := at.User.Password()
	s.env = []string{"PATH=" + s.bin + ":" + s.pgbin + ":" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + s.tmp, "ARCHIVE=" + s.archive, "DRILL=" + s.folder("drill"),
		"PGHOST=127.0.0.1", "PGPORT=" + strconv.Itoa(db.Cluster.Port()), "PGUSER=postgres", "PGPASSWORD=" + password, "DATABASE=" + db.Name}

	s.lead, s.deputy, s.una = s.Person("Priya Anand", "DSC"), s.Person("Dev Rao", "NCSC"), s.Person("Una Hart", "DSC")
	s.room = s.OpenRoom(s.lead, incident.ModeIncident, incident.RosterNames)
	s.Join(s.room, s.lead, s.deputy, incident.Deputy, incident.Full)
	s.Join(s.room, s.lead, s.una, incident.Liaison, incident.Full)
	s.watched()
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// folder is one that Postgres's user writes in.
func (s *site) folder(name string) string {
	dir := filepath.Join(s.tmp, name)
	s.must(os.Mkdir(dir, 0o700))
	if s.as != nil {
		s.must(os.Chown(dir, int(s.as.Uid), int(s.as.Gid)))
	}
	return dir
}

// lent is a copy of a file that Postgres's user alone may read.
func (s *site) lent(name string, b []byte) string {
	file := filepath.Join(s.tmp, name)
	s.must(os.WriteFile(file, b, 0o600))
	if s.as != nil {
		s.must(os.Chown(file, int(s.as.Uid), int(s.as.Gid)))
	}
	return file
}

// archiving lets the cluster hand its log over as deploy's configuration does.
func (s *site) archiving() {
	hba := s.lent("hba.conf", []byte("local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nhost replication postgres 127.0.0.1/32 scram-sha-256\n"))
	for _, sql := range []string{`ALTER SYSTEM SET archive_mode = on`, `ALTER SYSTEM SET hba_file = '` + hba + `'`,
		`ALTER SYSTEM SET archive_command = 'ARCHIVE=` + s.archive + ` ` + s.scripts + `/archive.sh "%p" "%f"'`} {
		s.super(s.DB.Cluster.SuperuserURL(s.DB.Name), sql)
	}
	s.must(s.DB.Cluster.Restart(s.t.Context()))
	// Connections from before it fail once, each by itself.
	for limit := time.Now().Add(30 * time.Second); s.Journal.SystemLog() == ""; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			s.t.Fatal("the database did not come back")
		}
	}
}

// watched gives the deployment a real witness, and a file of its own.
func (s *site) watched() {
	dir := s.t.TempDir()
	s.policy = filepath.Join(dir, "policy.txt")
	s.must(os.WriteFile(s.policy, []byte(s.Policy().String()), 0o600))
	w, err := witness.Open(witness.Options{Dir: dir, Name: "second.test", Policy: s.policy, Log: slog.New(slog.DiscardHandler),
		System: incident.OriginLine(s.Deployment, incident.SystemLog, s.Journal.SystemLog())})
	s.must(err)
	server := httptest.NewServer(w.Handler())
	s.t.Cleanup(func() { server.Close(); w.Close() })
	s.witness, err = notary.NewWitness(server.URL, w.Keys())
	s.must(err)
	s.witnessEnv = []string{"WARDROOM_WITNESS_URL=" + server.URL, "WARDROOM_WITNESS_KEYS=" + strings.Join(w.Keys(), " ")}
	s.policy = s.lent("policy.txt", []byte(s.Policy(w.Keys()...).String()))
	s.keptFile = filepath.Join(dir, "checkpoints.jsonl")
	s.kept, err = notary.OpenKept(s.keptFile)
	s.must(err)
	s.t.Cleanup(func() { s.kept.Close() })
	s.notary = s.Notary(func(o *notary.Options) { o.Witness, o.Kept = s.witness, s.kept })
}

// seal has everything signed and cosigned.
func (s *site) seal() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	for s.text(`SELECT count(*) FROM log l LEFT JOIN notary n ON n.log = l.id WHERE l.size > coalesce(n.cosigned, 0)`) != "0" {
		s.must(s.notary.Once(ctx))
		s.must(s.notary.Cosign(ctx))
	}
}

func (s *site) super(url, sql string) {
	s.t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	s.must(err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), sql)
	s.must(err)
}

// text is the one value that a query of the live database brings.
func (s *site) text(sql string) string { return s.textOf(s.DB.Cluster.SuperuserURL(s.DB.Name), sql) }

func (s *site) textOf(url, sql string) (value string) {
	s.t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	s.must(err)
	defer conn.Close(context.Background())
	var any any
	s.must(conn.QueryRow(context.Background(), sql).Scan(&any))
	return fmt.Sprint(any)
}

// run runs a program as Postgres's user and returns what it said, and whether
// it succeeded.
func (s *site) run(env []string, name string, args ...string) (said string, ok bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if path := filepath.Join(s.pgbin, name); !filepath.IsAbs(name) {
		if _, err := os.Stat(path); err == nil {
			name = path
		} else {
			name = filepath.Join(s.bin, name)
		}
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir = append(append([]string{}, s.env...), env...), s.tmp
	if s.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func (s *site) script(name string, args ...string) string {
	s.t.Helper()
	began := time.Now()
	defer func() { s.t.Logf("%s: %v", name, time.Since(began).Round(time.Millisecond)) }()
	said, ok := s.run(nil, filepath.Join(s.scripts, name), args...)
	if !ok {
		s.t.Fatalf("%s %q: %s", name, args, said)
	}
	return said
}

// busy lets people write and the notary sign until the returned function is
// called.
func (s *site) busy() (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var all sync.WaitGroup
	for _, who := range []incident.Actor{s.lead, s.deputy, s.una} {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if _, err := s.Journal.Append(context.Background(), s.room, who, s.Key(), command.PostMessage{Text: fmt.Sprintf("entry %d", n)}); err != nil {
					s.t.Errorf("writing while the database is backed up: %v", err)
					return
				}
				time.Sleep(2 * time.Millisecond) // three people, not a flood
			}
		})
	}
	all.Go(func() {
		for ctx.Err() == nil {
			if err := s.notary.Once(context.Background()); err != nil {
				s.t.Errorf("signing while the database is backed up: %v", err)
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	return func() { cancel(); all.Wait() }
}

// handedOver waits until everything that is written is in the archive.
func (s *site) handedOver() {
	s.t.Helper()
	last := s.text(`SELECT pg_walfile_name(pg_switch_wal())`)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(s.archive, "wal", last)); err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s is not in the archive after a minute: %s", last, s.text(`SELECT coalesce(last_failed_wal, 'nothing failed') FROM pg_stat_archiver`))
		}
	}
}

// beside is a restored cluster that runs.
type beside struct {
	s       *site
	sockets string
}

func (b *beside) url(role string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=5432", role, b.s.DB.Name, b.sockets)
}

func (s *site) restore(name string, to ...string) *beside {
	s.t.Helper()
	data := filepath.Join(s.folder(name), "data")
	b := &beside{s, s.folder(name + ".s")}
	s.script("restore.sh", append([]string{"--into", data, "--beside", "5432", b.sockets}, to...)...)
	log := filepath.Join(s.tmp, name, "log")
	s.t.Cleanup(func() { s.run(nil, "pg_ctl", "--pgdata="+data, "--mode=immediate", "stop") })
	if said, ok := s.run(nil, "pg_ctl", "--pgdata="+data, "--log="+log, "--wait", "--timeout=120", "start"); !ok {
		text, _ := os.ReadFile(log)
		s.t.Fatalf("the restored cluster does not start: %s\n%s", said, text)
	}
	for deadline := time.Now().Add(2 * time.Minute); s.textOf(b.url("postgres"), `SELECT pg_is_in_recovery()`) != "false"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log)
			s.t.Fatalf("recovery does not end:\n%s", text)
		}
	}
	return b
}

func (b *beside) wardroom(args ...string) (said string, ok bool) {
	s := b.s
	began := time.Now()
	defer func() { s.t.Logf("wardroom %s: %v", args[0], time.Since(began).Round(time.Millisecond)) }()
	kept, err := os.ReadFile(s.keptFile)
	s.must(err)
	vault, err := os.ReadFile(s.VaultFile)
	s.must(err)
	return s.run(append([]string{"WARDROOM_DATABASE_URL=" + b.url("wardroom_writer"), "WARDROOM_READER_URL=" + b.url("wardroom_reader"),
		"WARDROOM_VAULT=" + s.lent("vault.json", vault), "WARDROOM_CHECKPOINTS=" + s.lent("checkpoints.jsonl", kept)}, s.witnessEnv...), "wardroom", args...)
}

// node is a server's journal that starts on the restored database, with the
// guard in front of it.
func (b *beside) node() (j *journal.Journal, reapplied []string) {
	s := b.s
	pools := [2]*pgxpool.Pool{}
	for i, role := range []string{"wardroom_writer", "wardroom_reader"} {
		p, err := pgxpool.New(context.Background(), b.url(role))
		s.must(err)
		s.t.Cleanup(p.Close)
		pools[i] = p
	}
	g := notary.NewGuard(notary.GuardOptions{Writer: pools[0], Witness: s.witness, Kept: s.kept, Patience: 10 * time.Second, Log: slog.New(slog.DiscardHandler)})
	j = journal.New(journal.Options{Writer: pools[0], Reader: pools[1], Vault: s.Vault, Deployment: s.Deployment, Guard: g.Check, Ledger: s.Ledger, Log: slog.New(slog.DiscardHandler)})
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		j.Close(ctx)
	})
	said, err := j.Reapply(s.t.Context())
	s.must(err)
	return j, said
}

func (b *beside) append(j *journal.Journal, text string) error {
	_, err := j.Append(b.s.t.Context(), b.s.room, b.s.lead, b.s.Key(), command.PostMessage{Text: text})
	return err
}

// holds reports whether an entry of the restored room says the text.
func (b *beside) holds(text string) bool {
	b.s.t.Helper()
	truth, err := servertest.LoadTruth(b.s.t.Context(), b.url("postgres"), b.s.Vault, b.s.room)
	b.s.must(err)
	for _, e := range truth.Entries {
		for _, v := range e.Values() {
			if strings.Contains(string(v), text) {
				return true
			}
		}
	}
	return false
}

// Writing goes on while a base backup is made. Restored to the end it is what
// was signed for, and is gone on with; restored to before the end it is
// read-only; with one bit changed the entry is named. What was erased since
// stays erased. Each backup is of a random moment.
func TestABackupIsRestoredToAnyMomentAndNothingPassesForWhatItIsNot(t *testing.T) {
	s := newSite(t)
	for round := range times(t, 2) {
		t.Run(strconv.Itoa(round), func(t *testing.T) {
			outer := s.t
			s.t = t
			defer func() { s.t = outer }()
			s.round(round)
		})
	}
	if !t.Failed() {
		s.drills()
	}
}

func (s *site) round(round int) {
	secret := fmt.Sprintf("%s-%d", canary, round)
	said := s.Say(s.room, s.una, secret)
	stop := s.busy()
	time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond) // a random moment
	s.script("base.sh")
	time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
	stop()
	s.seal()
	middle := s.text(`SELECT pg_current_wal_insert_lsn()::text`)
	s.erase(said)
	stop = s.busy()
	time.Sleep(time.Duration(50+rand.IntN(200)) * time.Millisecond)
	stop()
	s.seal()
	size := s.text(`SELECT size FROM log WHERE id = '` + string(s.room) + `'`)
	s.handedOver()

	whole := s.restore(fmt.Sprintf("whole-%d", round))
	if have := s.textOf(whole.url("postgres"), `SELECT size FROM log WHERE id = '`+string(s.room)+`'`); have != size {
		s.t.Fatalf("restored to the end the room has %s entries, and it had %s", have, size)
	}
	if out, ok := whole.wardroom("compare"); !ok || !strings.Contains(out, " 0 are behind") || !strings.Contains(out, " 0 are different") {
		s.t.Errorf("restored to the end it is not what was signed for: %s", out)
	}
	if out, ok := whole.wardroom("scrub", "--policy", s.policy); !ok {
		s.t.Errorf("restored to the end it is not as it was written: %s", out)
	}
	if whole.holds(secret) {
		s.t.Error("restored to the end it holds what was erased")
	}
	s.oneBit(whole)

	before := s.restore(fmt.Sprintf("before-%d", round), "--to-lsn", middle)
	if !before.holds(secret) {
		s.t.Fatal("the test is blind: what was restored to before the erasure does not hold what was erased")
	}
	if out, ok := before.wardroom("compare"); ok || !strings.Contains(out, string(s.room)+": behind.") {
		s.t.Errorf("restored to before the end it passes for what was signed for: %s", out)
	}
	if out, ok := before.wardroom("compare", "--drill"); !ok {
		s.t.Errorf("a drill fails for being behind: %s", out)
	}
	if out, ok := before.wardroom("scrub", "--policy", s.policy); !ok {
		s.t.Errorf("the beginning of the record is not as it was written: %s", out)
	}
	j, reapplied := before.node()
	if before.holds(secret) || !strings.Contains(strings.Join(reapplied, " "), "erased again") {
		s.t.Errorf("a server that starts on it brings back what was erased; it says %q", reapplied)
	}
	j.Unshut(s.room) // as the server does once the guard has looked
	if err := before.append(j, "from another past"); incident.FaultOf(err) != incident.Conflict {
		s.t.Errorf("writing to a room that was put back: %v, want conflict", err)
	}
}

// oneBit goes on with what was restored whole, then changes one bit of one
// leaf and has it found.
func (s *site) oneBit(whole *beside) {
	s.t.Helper()
	j, _ := whole.node()
	if err := whole.append(j, "and on"); err != nil {
		s.t.Errorf("a database that has all that was signed for is not written to: %v", err)
	}
	size, err := strconv.Atoi(s.textOf(whole.url("postgres"), `SELECT size FROM log WHERE id = '`+string(s.room)+`'`))
	s.must(err)
	seq := 1 + rand.IntN(size-2)
	s.super(whole.url("postgres"), fmt.Sprintf(`UPDATE leaf SET leaf = set_bit(leaf, 2000, 1 - get_bit(leaf, 2000)) WHERE log = '%s' AND seq = %d`, s.room, seq))
	out, ok := whole.wardroom("scrub", "--policy", s.policy)
	first := regexp.MustCompile(`entry (\d+):`).FindStringSubmatch(out)
	if ok || first == nil || first[1] != strconv.Itoa(seq) {
		s.t.Errorf("entry %d was changed, and it is said: %s", seq, out)
	}
	if out, ok := whole.wardroom("compare"); ok || !strings.Contains(out, string(s.room)+": other entries") {
		s.t.Errorf("entry %d was changed, and compared it is said: %s", seq, out)
	}
}

func (s *site) erase(said incident.Seq) {
	s.t.Helper()
	do := func(who incident.Actor, c command.Command) incident.Seq { return s.Must(s.Do(s.room, who, c)).Seq }
	root := do(s.Stepped(s.lead), command.AskErasure{Entries: []incident.Seq{said}, Slots: incident.ErasableSlots, Ground: incident.GroundPatientData, Reason: "A patient is named."})
	do(s.Stepped(s.deputy), command.AgreeErasure{Root: root})
	do(s.Stepped(s.una), command.AgreeErasure{Root: root})
}

// drills runs the drill on what is good and, once the database was meddled
// with and backed up again, on what is not.
func (s *site) drills() {
	kept, err := os.ReadFile(s.keptFile)
	s.must(err)
	vault, err := os.ReadFile(s.VaultFile)
	s.must(err)
	drill := func() (string, bool) {
		return s.run(append([]string{"WARDROOM_VAULT=" + s.lent("drill-vault.json", vault), "WARDROOM_CHECKPOINTS=" + s.lent("drill-checkpoints.jsonl", kept), "POLICY=" + s.policy}, s.witnessEnv...),
			filepath.Join(s.scripts, "drill.sh"))
	}
	if out, ok := drill(); !ok || !strings.Contains(lastLine(out), "GOOD: restored in ") {
		s.t.Errorf("the drill of a good backup: %s", out)
	}
	s.super(s.DB.Cluster.SuperuserURL(s.DB.Name), `UPDATE leaf SET leaf = set_bit(leaf, 2000, 1 - get_bit(leaf, 2000)) WHERE log = '`+string(s.room)+`' AND seq = 2`)
	s.script("base.sh")
	if out, ok := drill(); ok || !strings.HasPrefix(lastLine(out), "BAD: the restored record is not as it was written") || !strings.Contains(out, "entry 2:") {
		s.t.Errorf("the drill of a backup with one bit changed: %s", out)
	}
	left, err := os.ReadDir(filepath.Join(s.tmp, "drill"))
	s.must(err)
	if len(left) > 0 {
		s.t.Errorf("the drill leaves %v behind", left)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
