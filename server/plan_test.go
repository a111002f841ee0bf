// Package server_test keeps the plan of the house: which room may know which,
// which library has its home where, who may read what an entry says. Each row
// has its reason. When a row must change, change it here first, with the
// reason, and say so in README.md.
package server_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A room is a package of the house: what it may import of the house, and why
// that is enough.
type room struct {
	imports string // rooms, by their folder under server/
	why     string
}

// all is the plan. A room that is not here may not be built; one that imports
// what its row does not name fails the test.
var all = map[string]room{
	"incident":   {"", "the language of the house: everyone speaks it, it knows nobody"},
	"meter":      {"", "counts, for whoever runs the machine: a label is a word of the program, so nothing of a room can stand in one"},
	"trail":      {"", "where time goes, for whoever runs the machine: a span holds names of the program and numbers, and no text fits into it"},
	"nextflight": {"", "one question for all who wait: knows nothing of what is asked"},
	"evidence":   {"", "bytes and hashes: must be readable, and runnable offline, without the rest"},
	"intel":      {"incident", "what comes from strangers, and goes to them: pure, so that it can be fuzzed alone"},
	"policy":     {"incident evidence", "who may do and see what, as sentences without I/O; it makes Seen out of entries, so it knows their form"},
	"command":    {"incident policy", "intentions become events: pure, and never around policy"},
	"keyfile":    {"", "files that are their owner's alone, and on the disk whole: knows nothing of keys"},
	"vault":      {"keyfile", "seals bytes; which bytes is not its business"},
	"projection": {"incident", "rows that answer questions across rooms: ids, enums, numbers and times"},
	"ledger":     {"incident keyfile", "what was erased, kept outside the database: an append-only file that no restored backup takes back"},
	"journal":    {"incident command evidence vault projection policy nextflight ledger", "the one write door: decides by command, proves by evidence, seals by vault; counts what is unread by policy's rule"},
	"steward":    {"incident command journal", "finishes across two logs what one transaction cannot; it has no database of its own, only the door"},
	"pager":      {"incident command journal projection", "due timers become commands, by the same door as everyone"},
	"player":     {"incident command journal steward exercise", "exercise control: speaks for a script's invented people, by the same door as everyone"},
	"directory":  {"incident vault", "links, addresses, read markers: mutable and sealed, so apart from the log"},
	"blob":       {"incident vault", "attachments: sealed chunks beside the log, which holds what commits to them"},
	"notary":     {"incident evidence projection keyfile", "signs what is stored, and stores what it signs: it opens nothing"},
	"witness":    {"evidence keyfile", "the second party's: it must run, and be read, without the house it watches"},
	"scrub":      {"incident evidence projection vault blob", "compares what is stored with itself and with what was signed: reads every opening, tells which is bad and nothing of what it says"},
	"channels":   {"", "what nodes hear of each other over Redis, one or a cluster: knows no log and no person"},
	"doorbell":   {"incident channels", "a hint that a log grew, never content"},
	"presence":   {"incident channels", "who is here and typing: expires, proves nothing, is in no log"},
	"hub":        {"incident policy projection journal doorbell presence nextflight", "live delivery: everything that leaves it is a policy.Seen, and is judged once more by the rows that projection makes"},
	"desk":       {"incident policy journal", "answers the auditor out of what they may see; it stores nothing"},
	"search":     {"incident policy journal", "scans what the viewer may see; there is no index to steal"},
	"export":     {"incident policy evidence journal", "builds what an inquiry is given, of what policy gives and the rows beside it allow; the notary it knows by what it asks of one"},
	"identity":   {"incident vault nextflight", "who is asking: it reads the system log through what it is given, and writes none"},
	"web":        {"incident policy command journal steward directory blob hub notary search export desk identity intel courier notify", "the front door: every room it serves, and no storage of its own"},
	"notify":     {"", "text messages and e-mails: knows no log and no person, and its types hold no text"},
	"courier":    {"incident policy command journal directory notify", "sends what is to be sent, once: reads addresses when it sends, judges by policy then, keeps no content, and makes the invitations that both hosts agreed to send"},
	"exercise":   {"", "content and arithmetic of scripted exercises: knows no log, no right, no network"},
	"config":     {"", "settings and sentences: asks nothing of the network or the disk"},
	"devkit":     {"", "what a development or test machine needs around a server; production never reaches it"},

	"cmd/wardroom/assembly": {"*", "puts the rooms together; decides nothing"},
	"cmd/wardroom":          {"*", "the subcommands"},
	"cmd/wardroom-load":     {"*", "the load generator behind `make bench`: speaks to a server as a browser does, and starts one"},
	"cmd/wardroom-verify":   {"evidence", "the offline verifier: small enough to be read, and nothing in it that speaks to a network or a database"},
	"cmd/wardroom-bundles":  {"bundletest", "writes the bundles with known verdicts where a verifier in another language can read them"},
	"bundletest":            {"evidence", "bundles with known verdicts, made without a server: every verifier is measured with the same"},
	"notify/double":         {"notify", "a GOV.UK Notify for one machine: reads numbers and fills wordings in as the client does; production never reaches it"},
	"servertest":            {"*", "the kit that other rooms' tests stand on; production never reaches it"},
	"servertest/remains":    {"", "looks whether tests have ended what they began: any room's tests may hold it, so it holds no room"},
	"servertest/scratch":    {"", "finds a place for what tests keep while they run: likewise"},
}

// tools may be had by these rooms beside what their rows name: they know nothing
// of what is measured by them.
var tools = map[string]string{
	"trail": "journal pager notary courier hub web",
	"meter": "journal pager notary courier blob doorbell presence hub search export identity web",
}

// libraries have homes: a change of library is a change of one room.
var libraries = []struct{ module, homes, why string }{
	{"github.com/oklog/ulid/v2", "incident", "idempotency keys have a ULID's form"},
	{"golang.org/x/mod", "evidence notary witness bundletest servertest", "Merkle trees and signed notes (sumdb) are evidence's alone"},
	{"github.com/transparency-dev/formats", "evidence notary witness servertest", "checkpoints and cosignatures in the form that other programs read"},
	{"github.com/cloudflare/circl", "evidence", "post-quantum signatures are made and checked where the others are, by its vector instructions: a deployment signs for each log that grows"},
	{"filippo.io/mldsa", "bundletest", "another's post-quantum signatures, for the tests to check ours by; its keys sign alike each time"},
	{"github.com/tink-crypto/tink-go/v2", "vault", "keys never leave the vault, so neither does the library"},
	{"github.com/jackc/pgx/v5", "journal projection pager identity directory blob notary courier scrub cmd/wardroom/assembly cmd/wardroom cmd/wardroom-load devkit servertest", "rooms that keep rows, and those that start or judge a database"},
	{"github.com/gabriel-vasile/mimetype", "blob", "tells what a file's first bytes look like, where it is taken in; nobody trusts it"},
	{"github.com/redis/go-redis/v9", "channels doorbell presence cmd/wardroom/assembly servertest", "hints and presence only, and who opens the connection: nothing else may come to depend on Redis"},
	{"github.com/gorilla/websocket", "web hub cmd/wardroom-load servertest", "sockets are the front door's and live delivery's; the others are clients"},
	{"github.com/go-json-experiment/json", "web intel", "bodies, frames and files are read strictly where they enter"},
	{"mvdan.cc/xurls/v2", "intel", "knows which top-level domains there are"},
	{"github.com/pandatix/go-cvss", "intel", "scores vulnerabilities as FIRST says"},
	{"github.com/danielgtaylor/huma/v2", "web", "routes and OpenAPI: handlers elsewhere stay free of its types"},
	{"github.com/coreos/go-oidc/v3", "identity", "signing in is identity's"},
	{"github.com/go-webauthn/webauthn", "identity", "passkeys are a way of signing in, which is identity's"},
	{"golang.org/x/oauth2", "identity", "signing in is identity's"},
	{"golang.org/x/sync", "identity hub search web journal", "small tools for concurrency"},
	{"golang.org/x/text", "search notify", "a reader finds Zoë by zoe, however she is encoded; a telephone shows her name with the letters it has"},
	{"golang.org/x/time", "web identity hub notify", "rate limits stand where requests enter, and where messages leave"},
	{"github.com/golang-jwt/jwt/v5", "notify notify/double", "signs requests to GOV.UK Notify, each with a token of its own; the double checks them"},
	{"github.com/wneessen/go-mail", "notify", "speaks SMTP, with TLS and signing in"},
	{"github.com/nyaruka/phonenumbers", "notify", "knows which telephone numbers there are"},
	{"github.com/pressly/goose/v3", "cmd/wardroom/assembly servertest", "migrations run by command, never by serving; tests make a template database with it"},
	{"codeberg.org/go-pdf/fpdf", "export", "the rendering that people print"},
	{"github.com/alecthomas/kong", "cmd/wardroom cmd/wardroom-load", "command lines"},
	{"github.com/prometheus/client_golang", "meter cmd/wardroom/assembly", "rooms count for themselves, in their own words; the operator is shown the counts in one place"},
	{"github.com/prometheus/client_model", "meter cmd/wardroom/assembly", "how counts are read back: the operator's page, and tests"},
	{"go.opentelemetry.io/otel", "trail", "spans, in the form that receivers of traces read: whoever makes one has trail's words alone"},
	{"golang.org/x/net", "devkit servertest witness notify", "reads the development sign-in's pages as a browser would; bounds a listener's connections; writes an e-mail's domain as the network does"},
	{"go.etcd.io/bbolt", "witness", "a store of its own: a witness shares no database with whom it watches"},
	{"gonum.org/v1/plot", "cmd/wardroom-load", "draws how cost grows; nothing that is shipped depends on it"},
	{"go.uber.org/goleak", "servertest/remains", "tells the goroutines of a package's tests from those of the runtime"},
	{"golang.org/x/sys", "devkit cmd/wardroom-load", "asks the kernel to end children with their parent, and what processor time a process has used"},
}

// readers may hold the content of any entry. Everyone else gets a policy.Seen,
// which policy makes for one viewer.
var readers = map[string]string{
	"evidence":   "defines it",
	"policy":     "makes Seen of it",
	"command":    "decides on it",
	"journal":    "writes and reads it",
	"vault":      "seals it",
	"projection": "derives rows from it",
	"scrub":      "compares it with its leaf",
	"servertest": "checks what is stored against what was said; only tests hold it",
}

const module = "wardroom"

func TestEveryRoomImportsOnlyWhatThePlanNames(t *testing.T) {
	for _, p := range house(t) {
		row, ok := all[p.room()]
		if !ok {
			t.Errorf("%s is not in the plan: add a row that says what it may import, and why", p.room())
			continue
		}
		allowed := strings.Fields(row.imports)
		for _, i := range p.Imports {
			other, inside := strings.CutPrefix(i, module+"/server/")
			if !inside || row.imports == "*" || slices.Contains(allowed, other) || slices.Contains(strings.Fields(tools[other]), p.room()) {
				continue
			}
			t.Errorf("%s imports %s, which its row does not name (%s)", p.room(), other, row.why)
		}
	}
}

func TestNothingInProductionReachesTheTestMachine(t *testing.T) {
	may := []string{"cmd/wardroom", "cmd/wardroom-load", "cmd/wardroom-bundles", "servertest"}
	for _, p := range house(t) {
		for _, kit := range []string{"devkit", "servertest", "servertest/remains", "bundletest", "notify/double"} {
			if slices.Contains(p.Imports, module+"/server/"+kit) && !slices.Contains(may, p.room()) {
				t.Errorf("%s imports %s, which is for development and tests", p.room(), kit)
			}
		}
	}
}

// A plan that is stricter than the house is a wish; one that is looser is no
// plan. Rows that nobody uses go.
func TestThePlanNamesNoRoomTwiceAndEveryRowHasAReason(t *testing.T) {
	for name, r := range all {
		if r.why == "" {
			t.Errorf("the row of %s has no reason", name)
		}
		for _, i := range strings.Fields(r.imports) {
			if _, ok := all[i]; !ok && i != "*" {
				t.Errorf("the row of %s names %s, which is no room", name, i)
			}
		}
	}
	for _, l := range libraries {
		if l.why == "" {
			t.Errorf("the row of %s has no reason", l.module)
		}
		for _, h := range strings.Fields(l.homes) {
			if _, ok := all[h]; !ok {
				t.Errorf("the row of %s names %s, which is no room", l.module, h)
			}
		}
	}
}

func TestTheArchitecturePageNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range house(t) {
		if !strings.Contains(string(text), "`"+p.room()+"/`") {
			t.Errorf("README.md does not say what %s does", p.room())
		}
	}
}

func TestEveryLibraryIsUsedInItsHomesOnly(t *testing.T) {
	for _, p := range house(t) {
		for _, i := range p.Imports {
			if first, _, _ := strings.Cut(i, "/"); !strings.Contains(first, ".") || first == module {
				continue // the standard library, and ourselves
			}
			at := slices.IndexFunc(libraries, func(l struct{ module, homes, why string }) bool {
				return i == l.module || strings.HasPrefix(i, l.module+"/")
			})
			switch {
			case at < 0:
				t.Errorf("%s imports %s, which has no home: add a row that says where it may be used, and why", p.room(), i)
			case !slices.Contains(strings.Fields(libraries[at].homes), p.room()):
				t.Errorf("%s imports %s, whose home is %s (%s)", p.room(), i, libraries[at].homes, libraries[at].why)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		var said []string
		for _, f := range p.files(t) {
			if f.Doc != nil {
				said = append(said, f.Doc.Text())
			}
		}
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command " + path.Base(p.ImportPath) + " "
		}
		switch {
		case len(said) != 1:
			t.Errorf("%s has %d package comments; one file says what it is for", p.ImportPath, len(said))
		case !strings.HasPrefix(said[0], want):
			t.Errorf("the package comment of %s begins %.30q, not %q", p.ImportPath, said[0], want)
		}
	}
}

func TestOnlyItsReadersSeeAnOpening(t *testing.T) {
	secret := func(o types.Object) bool {
		if o == nil || o.Pkg() == nil || o.Pkg().Path() != module+"/server/evidence" {
			return false
		}
		switch o := o.(type) {
		case *types.Func:
			return o.Name() == "ParseWhole"
		case *types.Var:
			return o.IsField() && o.Name() == "Opening"
		}
		return false
	}
	found := map[string]bool{}
	for _, p := range checked(t) {
		for id, o := range p.info.Uses {
			if !secret(o) {
				continue
			}
			found[p.room()] = true
			if readers[p.room()] == "" {
				t.Errorf("%s: %s reads what an entry says past policy", p.fset.Position(id.Pos()), p.room())
			}
		}
	}
	// The test looks at something: these two could not work without.
	for _, must := range []string{"policy", "journal"} {
		if !found[must] {
			t.Errorf("%s does not read an opening, or the test is blind", must)
		}
	}
}

// inserters write tables of these names; of the log's own there is one.
var inserters = map[string]string{
	"journal":           "the one write door",
	"cmd/wardroom-load": "the bare server of the comparison, which stores the same rows without rules in a database of its own",
	"servertest":        "writes an entry as a later version would, to see that this one stops at it; production never reaches it",
}

// What only the journal may do to the log's tables, in any text of the program.
var (
	writesLog  = regexp.MustCompile(`(?i)\binsert\s+into\s+"?(leaf|opening)\b`)
	changesLog = regexp.MustCompile(`(?i)\b(update\s+"?(leaf|opening)\b|delete\s+from\s+"?(leaf|opening)\b|truncate\b[^;]*\b(leaf|opening)\b)`)
)

func TestOnlyTheJournalWritesTheLogAndNobodyChangesIt(t *testing.T) {
	inserts := map[string]bool{}
	for _, p := range packages(t) {
		p.tokens(t, func(at token.Position, kind token.Token, text string) {
			if kind != token.STRING {
				return
			}
			if writesLog.MatchString(text) {
				inserts[p.room()] = true
				if inserters[p.room()] == "" {
					t.Errorf("%s: only the journal inserts into a log", at)
				}
			}
			if changesLog.MatchString(text) {
				t.Errorf("%s: nobody updates or deletes an entry", at)
			}
		})
	}
	if !inserts["journal"] {
		t.Error("the journal does not insert into a log, or the test is blind")
	}
}

func TestStatementsAndParametersNeverMix(t *testing.T) {
	for _, p := range packages(t) {
		p.tokens(t, func(at token.Position, kind token.Token, text string) {
			if kind == token.IDENT && strings.HasPrefix(text, "QueryExecMode") && text != "QueryExecModeCacheStatement" && text != "QueryExecMode" {
				t.Errorf("%s: %s: statements are prepared and cached; nothing is ever pasted into one", at, text)
			}
		})
	}
}

// chance says where an ordinary generator will do. Everything that must not be
// guessed comes from crypto/rand.
var chance = map[string]string{
	"bundletest":        "test bundles are the same each time",
	"hub":               "how long a client waits before it comes back is no secret",
	"devkit":            "which port to try first is no secret",
	"servertest":        "how much later a spoilt line brings something is no secret",
	"cmd/wardroom-load": "which simulated person writes next is no secret, and a seed repeats a run",
}

func TestSecretsComeFromTheSystemsGenerator(t *testing.T) {
	for _, p := range packages(t) {
		for _, i := range p.Imports {
			if (i == "math/rand" || i == "math/rand/v2") && chance[p.room()] == "" {
				t.Errorf("%s imports %s: use crypto/rand, or add a row that says why chance need not be secret", p.room(), i)
			}
		}
	}
}

const longestFile = 700 // lines

// long says which files may be longer, and why.
var long = map[string]string{
	"server/devkit/idp_test.go": "one table: each way an issuer can lie, and what that must look like",
}

func TestNoFileIsOneThatEverythingHangsOn(t *testing.T) {
	source := regexp.MustCompile(`\.(go|ts|tsx|mjs|css|scss|sql)$`)
	root := repo(t)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case "node_modules", "dist", "dist-replay", ".git", ".data", "bin":
				return filepath.SkipDir
			}
			return nil
		}
		rel, _ := filepath.Rel(root, name)
		if !source.MatchString(name) || long[rel] != "" {
			return nil
		}
		lines, generated, err := measure(name)
		if err == nil && !generated && lines > longestFile {
			t.Errorf("%s has %d lines, more than %d: find the nouns in it", rel, lines, longestFile)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// measure counts a file's lines and says whether a program wrote it
// (https://go.dev/s/generatedcode, for SQL and TypeScript too).
func measure(name string) (lines int, generated bool, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines++
		if lines <= 5 && strings.Contains(s.Text(), "Code generated") && strings.Contains(s.Text(), "DO NOT EDIT") {
			generated = true
		}
	}
	return lines, generated, s.Err()
}

// A kind of event is noun.verb, and a noun is the same file in each of these
// rooms: what it is, what may be done about it, the way in.
var shelves = []string{"incident", "command", "web"}

// elsewhere says which noun has no file of its name in a room, which file
// stands for it ("" for none), and why.
var elsewhere = []struct{ room, noun, file, why string }{
	{"incident", "administrator", "person.go", "an administrator is a person"},
	{"incident", "entry", "object.go", "what any entry can be: pinned, noted, opened"},
	{"incident", "token", "issuer.go", "both are ways to prove who is asking"},
	{"command", "administrator", "administration.go", administrators},
	{"command", "deployment", "administration.go", administrators},
	{"command", "issuer", "administration.go", administrators},
	{"command", "organisation", "administration.go", administrators},
	{"command", "person", "administration.go", administrators},
	{"command", "token", "administration.go", administrators},
	{"command", "clock", "room.go", "one short command: the clock is the room's"},
	{"command", "entry", "message.go", "notes and pins are one short command each"},
	{"command", "genesis", "room.go", "a log's first entry is written by what opens it"},
	{"web", "administrator", "admin_person.go", "an administrator is a person; admin_ marks what only administrators reach"},
	{"web", "issuer", "admin_issuer.go", "admin_ marks what only administrators reach"},
	{"web", "person", "admin_person.go", "admin_ marks what only administrators reach"},
	{"web", "token", "admin_token.go", "admin_ marks what only administrators reach"},
	{"web", "audience", "message.go", "its routes act on an entry, beside note and pin"},
	{"web", "genesis", "", "nobody asks for one"},
	{"web", "policy", "", "a server lists its own rules when it starts; nobody asks it to"},
	{"web", "inject", "", "only exercise control gives one, and it is inside the house"},
}

const administrators = "what administrators do is a handful of commands of one shape, behind one gate"

func TestANounIsTheSameFileInEachRoom(t *testing.T) {
	samples, err := filepath.Glob(filepath.Join(repo(t), "schema", "events", "*.json"))
	if err != nil || len(samples) == 0 {
		t.Fatalf("no golden samples: %v", err)
	}
	used := map[int]bool{}
	for _, sample := range samples {
		noun, _, _ := strings.Cut(filepath.Base(sample), ".")
		for _, shelf := range shelves {
			file := noun + ".go"
			if i := slices.IndexFunc(elsewhere, func(e struct{ room, noun, file, why string }) bool {
				return e.room == shelf && e.noun == noun
			}); i >= 0 {
				used[i] = true
				if file = elsewhere[i].file; file == "" {
					continue
				}
			}
			if _, err := os.Stat(filepath.Join(shelf, file)); err != nil {
				t.Errorf("the noun %s has no %s/%s: make it, or say where it stands and why", noun, shelf, file)
			}
		}
	}
	for i, e := range elsewhere {
		if _, err := os.Stat(filepath.Join(e.room, e.noun+".go")); !used[i] || err == nil {
			t.Errorf("the row of %s in %s is of no more use", e.noun, e.room)
		}
	}
}

// ——— reading the house ———

// pkg is a package as `go list` describes it.
type pkg struct {
	ImportPath, Dir, Name, Export string
	GoFiles, Imports              []string
	DepOnly                       bool

	fset *token.FileSet
	info types.Info
}

// room is the package's folder under server/, or its whole path elsewhere.
func (p *pkg) room() string { return strings.TrimPrefix(p.ImportPath, module+"/server/") }

func (p *pkg) files(t *testing.T) (files []*ast.File) {
	t.Helper()
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(p.fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// tokens calls fn for every token of the package but comments; of a string it
// gives the content.
func (p *pkg) tokens(t *testing.T, fn func(at token.Position, kind token.Token, text string)) {
	t.Helper()
	for _, name := range p.GoFiles {
		file := filepath.Join(p.Dir, name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fset := token.NewFileSet()
		var s scanner.Scanner
		s.Init(fset.AddFile(file, -1, len(text)), text, nil, 0)
		for {
			pos, kind, lit := s.Scan()
			if kind == token.EOF {
				break
			}
			if kind == token.STRING {
				if lit, err = strconv.Unquote(lit); err != nil {
					t.Fatal(err)
				}
			}
			fn(fset.Position(pos), kind, lit)
		}
	}
}

// listed is every package of this module and of what it depends on, each with
// its compiled exports. Listed once: it builds what is not built yet.
var listed = sync.OnceValues(func() ([]*pkg, error) {
	root, err := findRepo()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "list", "-export", "-deps", "-e", "-json=ImportPath,Dir,Name,Export,GoFiles,Imports,DepOnly", "./...")
	cmd.Dir = root
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, said.String())
	}
	var packages []*pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := &pkg{fset: token.NewFileSet()}
		switch err := d.Decode(p); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return nil, err
		}
		packages = append(packages, p)
	}
})

// packages are those of this module that hold more than tests.
func packages(t *testing.T) (ours []*pkg) {
	t.Helper()
	every, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range every {
		if p.DepOnly || len(p.GoFiles) == 0 {
			continue
		}
		ours = append(ours, p)
	}
	return ours
}

// house is packages, but for those that hold no Go of ours beside an embedded
// folder: schema and webapp.
func house(t *testing.T) []*pkg {
	t.Helper()
	return slices.DeleteFunc(packages(t), func(p *pkg) bool { return !strings.HasPrefix(p.ImportPath, module+"/server/") })
}

// checked is house, each package with the object that every name stands for.
func checked(t *testing.T) []*pkg {
	t.Helper()
	every, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for _, p := range every {
		exports[p.ImportPath] = p.Export
	}
	ours := house(t)
	for _, p := range ours {
		conf := types.Config{Importer: importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) {
			if exports[path] == "" {
				return nil, fmt.Errorf("%s does not build", path)
			}
			return os.Open(exports[path])
		})}
		p.info.Uses = map[*ast.Ident]types.Object{}
		if _, err := conf.Check(p.ImportPath, p.fset, p.files(t), &p.info); err != nil {
			t.Errorf("%s does not compile: %v", p.ImportPath, err)
		}
	}
	return ours
}

func findRepo() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	return filepath.Dir(strings.TrimSpace(string(out))), err
}

func repo(t *testing.T) string {
	t.Helper()
	root, err := findRepo()
	if err != nil {
		t.Fatal(err)
	}
	return root
}
