// Command wardroom-load measures a deployment of Wardroom beside the raw limit
// of the same machine: it is what `make bench` runs.
//
// It starts a private Postgres that loses nothing (fsync on), the server as it
// is shipped, and a bare server: the same net/http, pgx and sockets, storing
// rows of the same sizes in the same tables and sending frames of the same
// bytes, with no rules, no evidence and no secrets. Both are children of this
// process on 127.0.0.1, and both are measured in turn within one row (ours, the
// limit, ours, the limit …), so that whatever else the machine does befalls
// both. A figure is the median of the repetitions, with the least and the
// greatest beside it.
//
// The bare server reads JSON with encoding/json alone, where the product goes
// through huma: the limit is what the machine can do, not what our choice of
// libraries can.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// commands are what the program can do.
type commands struct {
	Bench bench `cmd:"" default:"withargs" help:"Measure, print one table and write a page with plots."`
	Bare  bare  `cmd:"" hidden:"" help:"The bare server: started by bench."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("wardroom-load"), kong.Description("Measures Wardroom beside the raw limit of this machine."))
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// bench is the whole campaign.
type bench struct {
	Server     string        `default:"bin/wardroom" help:"The server's program." placeholder:"FILE"`
	Verifier   string        `default:"bin/wardroom-verify" help:"The offline verifier's program." placeholder:"FILE"`
	Quick      bool          `help:"Fewer and shorter repetitions, fewer connections, a shorter history: under four minutes, with wider spreads."`
	Only       []string      `help:"Only these groups of rows: journal, seal, writers, listeners, restricted, members, latency, memory, history, record, search, import, rooms, verify, tables." placeholder:"GROUP"`
	Repeat     int           `help:"Repetitions of each row, of either server. Default 5, or 3 with --quick."`
	For        time.Duration `help:"How long a repetition of a rate lasts. Default 2s, or 500ms with --quick."`
	Entries    int           `help:"The longest history to page through. Default 1000000, or 100000 with --quick."`
	JSON       string        `help:"Write every measurement here as well." placeholder:"FILE"`
	Report     string        `default:"bench/report.html" help:"Write the page with the plots here; \"\" for none." placeholder:"FILE"`
	Profile    string        `help:"Write CPU profiles of the server into this folder: the hot room at 32 writers, and with 200 listeners." placeholder:"FOLDER"`
	Verbose    bool          `short:"v" help:"Say what is being done, and what the children say."`
	DataFolder string        `name:"data" help:"Where the private Postgres stores. Default a folder of its own in the system's temporary one; removed afterwards." placeholder:"FOLDER"`

	idle []int // how many idle connections are measured, growing
}

// A group of rows is measured together.
type group struct {
	name string
	http bool // needs the servers
	rows func(*ground, context.Context) ([]row, error)
	// lay prepares what would take long with a server beside it, which follows
	// every log; nil for nothing. It comes before the servers start.
	lay func(*ground, context.Context) error
}

// groups are in the order they are measured.
var groups = []group{
	{name: "journal", rows: (*ground).journalRows},
	{name: "seal", rows: (*ground).sealRows},
	{name: "writers", http: true, rows: (*ground).writerRows},
	{name: "listeners", http: true, rows: (*ground).listenerRows},
	{name: "fanout", http: true, rows: (*ground).fanoutRows},
	{name: "idle", http: true, rows: (*ground).elsewhereRows},
	{name: "storm", http: true, rows: (*ground).stormRows},
	{name: "nodes", http: true, rows: (*ground).nodeRows},
	{name: "restricted", http: true, rows: (*ground).restrictedRows},
	{name: "members", http: true, rows: (*ground).memberRows, lay: (*ground).layMembers},
	{name: "latency", http: true, rows: (*ground).latencyRows},
	{name: "memory", http: true, rows: (*ground).memoryRows},
	{name: "history", http: true, rows: (*ground).historyRows},
	{name: "record", http: true, rows: (*ground).recordRows},
	{name: "search", http: true, rows: (*ground).searchRows},
	{name: "import", http: true, rows: (*ground).importRows},
	{name: "rooms", http: true, rows: (*ground).roomRows},
	{name: "verify", rows: (*ground).verifyRows},
	{name: "tables", http: true, rows: (*ground).tableRows}, // the last: it leaves the tables full
}

// Run measures and prints. What was measured before something failed is
// printed too.
func (b *bench) Run(ctx context.Context) (err error) {
	if err := b.complete(); err != nil {
		return err
	}
	g := &ground{bench: b, say: io.Discard}
	if b.Verbose {
		out := &lines{out: os.Stderr}
		g.say, g.child = out, out
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	t := &table{began: time.Now()}
	err = b.measure(ctx, g, t)
	t.took, t.machine = time.Since(t.began), g.machine
	if len(t.rows) > 0 {
		t.write(os.Stdout)
		if b.JSON != "" {
			err = errors.Join(err, t.writeJSON(b.JSON))
		}
		if b.Report != "" {
			if e := t.writeReport(b.Report); e != nil {
				return errors.Join(err, e)
			}
			path, _ := filepath.Abs(b.Report)
			fmt.Printf("With plots: %s\n", path)
		}
	}
	return err
}

// complete fills in what was not said and refuses what makes no sense.
func (b *bench) complete() error {
	repeat, long, entries := 5, 2*time.Second, 1_000_000
	b.idle = []int{2000, 10_000}
	if b.Quick {
		repeat, long, entries = 3, 500*time.Millisecond, 100_000
		b.idle = b.idle[:1]
	}
	if b.Repeat == 0 {
		b.Repeat = repeat
	}
	if b.For == 0 {
		b.For = long
	}
	if b.Entries == 0 {
		b.Entries = entries
	}
	switch {
	case b.Repeat < 1:
		return errors.New("--repeat must be at least 1")
	case b.For < 100*time.Millisecond || b.For > time.Minute:
		return errors.New("--for must be from 100ms to 1m")
	case b.Entries < 1000 || b.Entries > 10_000_000:
		return errors.New("--entries must be from 1000 to 10000000")
	}
	for _, name := range b.Only {
		if !slices.ContainsFunc(groups, func(x group) bool { return x.name == name }) {
			return fmt.Errorf("there is no group of rows %q: see --help", name)
		}
	}
	for name, program := range map[string]*string{"the server's program": &b.Server, "the verifier": &b.Verifier} {
		path, err := exec.LookPath(*program)
		if err != nil {
			return fmt.Errorf("%s %s cannot be run: build it with 'make build'", name, *program)
		}
		if *program, err = filepath.Abs(path); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measure(ctx context.Context, g *ground, t *table) error {
	if err := g.lay(ctx); err != nil {
		return err
	}
	if err := g.startIdP(ctx); err != nil {
		return err
	}
	if err := g.settle(ctx, g.idp.URL()); err != nil {
		return err
	}
	if err := g.weigh(ctx); err != nil {
		return err
	}
	wanted := slices.DeleteFunc(slices.Clone(groups), func(x group) bool { return len(b.Only) > 0 && !slices.Contains(b.Only, x.name) })
	for _, x := range wanted {
		if x.lay == nil {
			continue
		}
		if err := x.lay(g, ctx); err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
	}
	for _, x := range wanted {
		if x.http && g.ours == nil {
			if err := g.open(ctx); err != nil {
				return err
			}
		}
		rows, err := x.rows(g, ctx)
		t.rows = append(t.rows, rows...)
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
	}
	return nil
}
