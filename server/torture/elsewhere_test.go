package torture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

// What is said in a room stands in its sealed log, and in nothing else a
// curious operator could look at: not in the files and tables of the
// database, its log, the server's log at its most talkative, the metrics or
// Redis.
func TestNothingBesideTheSealedLogHoldsWhatWasSaid(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	redis, err := devkit.StartRedis(t.Context(), filepath.Join(dir, "redis"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { redis.Stop(context.Background()) })
	monitor := watchRedis(t, redis.URL())
	receiver, spans := traceReceiver(t)
	s := newServer(t, "WARDROOM_REDIS_URL="+redis.URL(), "WARDROOM_TRACES="+receiver, "WARDROOM_TRACE_RATIO=1")
	lead := s.register("lead")
	s.register("ciso")
	night := s.register("nightlead")
	room := s.h.OpenRoom(lead, incident.ModeIncident, incident.RosterOrganisations)
	s.h.Join(room, lead, night, incident.Deputy, incident.Full) // M-2, for whom a log is kept
	v := s.signIn("lead")
	canaries := sayEverything(t, s, v, room)
	// The end of the talk, on Redis and in the log.
	if _, _, err := v.post(t.Context(), room, s.h.Key(), "the last word"); err != nil {
		t.Fatal(err)
	}
	metrics, err := http.Get(s.operator + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Body.Close()
	figures, err := io.ReadAll(metrics.Body)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string][]byte{}
	for _, path := range []string{"/", "/readyz?verbose"} {
		res, err := http.Get(s.operator + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s answers %s, %v", path, res.Status, err)
		}
		shown[path] = b
	}
	waitFor(t, "spans of what was done", func() bool {
		return bytes.Contains(spans(), []byte("journal.group")) && bytes.Contains(spans(), []byte("http POST /api/v1/rooms/{room}/search"))
	})
	s.kill()

	places := map[string][]byte{"the traces": spans(), "the operator's page": shown["/"], "what is not as it should be": shown["/readyz?verbose"], "the metrics": figures, "the server's log": []byte(s.said()), "Redis": monitor(), "the tables": tables(t, s)}
	s.mu.Lock()
	places["the log of Postgres"] = bytes.Clone(s.postgres.Bytes())
	s.mu.Unlock()
	for name, size := range map[string]int{"the traces": 2000, "the operator's page": 2000, "the metrics": 500, "the server's log": 200, "Redis": 100, "the tables": 10_000, "the log of Postgres": 100} {
		if len(places[name]) < size {
			t.Errorf("%s was not looked at: only %d bytes", name, len(places[name]))
		}
	}
	for name, b := range places {
		look(t, name, b, canaries)
	}
	for _, id := range []string{string(room), string(lead.Person), lead.Name} {
		for _, name := range []string{"the operator's page", "the metrics", "the traces"} {
			if bytes.Contains(places[name], []byte(id)) {
				t.Errorf("%s names a room or a person", name)
			}
		}
	}
	files := 0
	for name, b := range database(t, s) {
		files++
		look(t, name, b, canaries)
	}
	if files < 100 {
		t.Errorf("only %d files of the database were looked at", files)
	}
	// The search itself finds what is there.
	truth := s.h.Truth(room)
	var said []byte
	for _, e := range truth.Entries {
		said = append(said, bytes.Join(e.Whole.Values[:], nil)...)
	}
	found := 0
	for _, c := range canaries {
		if bytes.Contains(said, []byte(c)) {
			found++
		}
	}
	if found < 10 {
		t.Errorf("only %d of %d canaries are in the log: they were not said", found, len(canaries))
	}
}

// traceReceiver takes down what a receiver of traces is sent.
func traceReceiver(t *testing.T) (address string, sent func() []byte) {
	var mu sync.Mutex
	var all bytes.Buffer
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		all.Write(b)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(r.Close)
	return r.URL + "/v1/traces", func() []byte {
		mu.Lock()
		defer mu.Unlock()
		return bytes.Clone(all.Bytes())
	}
}

// waitFor waits for half a minute at most.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("no %s", what)
		}
	}
}

// look fails if a canary stands there, as it is or in a common disguise.
func look(t *testing.T, where string, b []byte, canaries []string) {
	t.Helper()
	for _, c := range canaries {
		for as, form := range map[string]string{"as it is": c, "in hexadecimal": hex.EncodeToString([]byte(c)), "in base64": base64.StdEncoding.EncodeToString([]byte(c))[:40], "escaped": url.QueryEscape(c)} {
			if at := bytes.Index(b, []byte(form)); at >= 0 {
				t.Errorf("%s holds %s %s: …%q", where, c[:12], as, b[max(0, at-80):min(len(b), at+20)])
			}
		}
	}
}

// sayEverything fills every field that takes text, also with what is refused.
func sayEverything(t *testing.T, s *server, v *visitor, room incident.LogID) (canaries []string) {
	t.Helper()
	mark := func() string {
		c := "canary " + incident.RandomID() + incident.RandomID()
		canaries = append(canaries, c)
		return c
	}
	r := "/rooms/" + string(room)
	ask := func(want int, method, path string, body any) []byte {
		t.Helper()
		status, answer, err := v.call(t.Context(), method, path, string(s.h.Key()), body)
		if err != nil || status != want {
			t.Errorf("%s %s: %d %s %v, want %d", method, strings.ReplaceAll(path, string(room), "R"), status, answer, err, want)
		}
		return answer
	}
	type object = map[string]any
	var posted struct{ Seq int }
	json.Unmarshal(ask(201, "POST", r+"/messages", object{"text": mark()}), &posted)
	entry := fmt.Sprintf("%s/entries/%d", r, posted.Seq)
	ask(201, "POST", r+"/messages", object{"text": mark(), "tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1}}})
	ask(200, "POST", entry+"/correct", object{"text": mark(), "mentions": []int{}})
	ask(200, "POST", entry+"/tighten", object{"audience": object{"kind": "hosts"}})
	ask(200, "POST", entry+"/widen", object{"audience": object{"kind": "room"}, "reason": mark()})
	ask(200, "POST", r+"/title", object{"title": mark()})
	ask(200, "POST", r+"/brief", object{"seen": 0, "lines": object{"happened": mark(), "affects": mark(), "doing": mark(), "need": mark(), "next": mark()}})
	ask(200, "POST", r+"/report", object{"report": object{"major": true, "type": mark(), "hazards": mark(), "exact": mark(), "access": mark(), "number": mark(), "emergency": mark()}})
	ask(200, "POST", r+"/rules", object{"lines": []string{mark(), mark(), "c", "d", "e"}})
	ask(201, "POST", r+"/members", object{"name": mark(), "org": "X1N", "role": "representative", "history": "full", "email": strings.ReplaceAll(mark(), " ", ".") + "@northmoor.example", "phone": "07700 900123"})
	canaries[len(canaries)-1] = strings.ReplaceAll(canaries[len(canaries)-1], " ", ".")
	var book, line struct{ Seq int }
	json.Unmarshal(ask(201, "POST", r+"/books", object{"maker": 2, "signal": mark()}), &book)
	json.Unmarshal(ask(201, "POST", fmt.Sprintf("%s/books/%d/lines", r, book.Seq), object{"text": mark(), "paper": object{"by": mark(), "page": mark()}}), &line)
	ask(200, "POST", fmt.Sprintf("%s/entries/%d/correct-line", r, line.Seq), object{"text": mark(), "reason": mark()})
	ask(422, "POST", fmt.Sprintf("%s/books/%d/lines", r, book.Seq), object{"text": mark() + "\x00"})
	ask(422, "POST", r+"/books", object{"maker": 1, "signal": mark()})
	ask(200, "GET", r+"/record/logentry", nil)
	ask(200, "GET", r+"/needs", nil)
	ask(200, "POST", r+"/search", object{"text": mark()})
	ask(200, "GET", r+"/entries?limit=100", nil)
	// Refused: the words must not come out by the refusal either.
	ask(422, "POST", r+"/messages", object{"text": mark() + "\x00"})
	ask(422, "POST", r+"/title", object{"title": mark() + strings.Repeat("x", 500)})
	ask(404, "POST", "/rooms/"+incident.RandomID()+"/messages", object{"text": mark()})
	ask(422, "POST", r+"/messages", object{"text": "x", "audience": object{"kind": mark()}})
	status, _, err := v.call(t.Context(), "POST", r+"/messages", mark(), object{"text": "x"})
	if err != nil || status != 422 && status != 400 {
		t.Errorf("a key that is none was answered %d %v", status, err)
	}
	return canaries
}

// tables is every row of every table, as a superuser's dump has them.
func tables(t *testing.T, s *server) []byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.h.DB.Cluster.SuperuserURL(s.h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, n := range names {
		if _, err := conn.PgConn().CopyTo(t.Context(), &b, "COPY "+pgx.Identifier{n}.Sanitize()+" TO STDOUT"); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// database is every file of the cluster: rows, indexes, statistics, the
// write-ahead log.
func database(t *testing.T, s *server) map[string][]byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.h.DB.Cluster.SuperuserURL(s.h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var root string
	if err := conn.QueryRow(t.Context(), `SHOW data_directory`).Scan(&root); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `CHECKPOINT`); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // Postgres may take a file away while we look
		}
		if b, err := os.ReadFile(name); err == nil {
			files["the file "+strings.TrimPrefix(name, root)] = b
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// watchRedis takes down every command Redis gets, and returns them when asked.
func watchRedis(t *testing.T, address string) func() []byte {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	password, _ := u.User.Password()
	fmt.Fprintf(conn, "AUTH %s\r\nMONITOR\r\n", password)
	in := bufio.NewReader(conn)
	for range 2 {
		if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "+OK") {
			t.Fatalf("Redis answered %q, %v", line, err)
		}
	}
	var all bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(&all, in)
	}()
	return func() []byte {
		// What was sent before this is in the monitor's stream before it.
		end := incident.RandomID()
		c, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "AUTH %s\r\nECHO %s\r\n", password, end)
		bufio.NewReader(c).ReadString('\n')
		conn.(*net.TCPConn).CloseWrite()
		<-done
		return all.Bytes()
	}
}
