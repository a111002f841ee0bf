// Command wardroom-verify checks a bundle that was exported from Wardroom, on a
// machine of the reader's own, and says in plain words what is proved and what
// is not. It has no network in it and asks nobody.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wardroom/server/evidence"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `wardroom-verify [options] BUNDLE

Checks a bundle exported from Wardroom and says what is proved and what is not.
It needs no network. Options:

  --policy FILE       whose signatures count: a policy file that you have from a
                      source of your own, not from the bundle. Without one the
                      answer is at best UNTRUSTED-KEY.
  --since FILE        a checkpoint of the same log that you have kept: the bundle
                      must go on from it
  --min-size N        at least N entries must be sealed
  --not-before TIME   it must have been sealed at this time or later
                      (2026-03-01T02:14:00Z, or 2026-03-01)
  --json              print the report for programs

Exit codes: 0 VALID, 10 VALID-TAIL-UNSEALED, 11 ERASED, 12 INCOMPLETE,
13 OLDER-THAN-ASKED, 20 UNTRUSTED-KEY, 21 INCONSISTENT, 22 TAMPERED,
2 the bundle or the command line could not be read.
`

// asked is the command line.
type asked struct {
	options evidence.VerifyOptions
	json    bool
	bundle  string
}

const failed = 2

// run is main without the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "wardroom-verify: %s.\nSee wardroom-verify --help.\n", evidence.Printable(err.Error()))
		return failed
	}
	f, err := os.Open(a.bundle)
	if err != nil {
		return fail(stderr, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fail(stderr, err)
	}
	if !info.Mode().IsRegular() {
		return fail(stderr, errors.New("the bundle is not a plain file"))
	}
	size := info.Size()

	sum := make(chan string, 1)
	if !a.json {
		go func() { sum <- digest(f, size) }()
	}
	bar := newProgress(stderr)
	a.options.Progress = bar.show
	report, err := evidence.Verify(ctx, f, size, a.options)
	bar.clear()
	switch {
	case errors.Is(err, evidence.ErrSince):
		return fail(stderr, errors.New("the file given with --since is not a checkpoint of the bundle's log"))
	case err != nil:
		return fail(stderr, err)
	}
	if a.json {
		err = writeJSON(stdout, report)
	} else {
		w := &text{file: info.Name(), size: size, sum: <-sum, report: report, policy: a.options.Policy}
		err = w.write(stdout)
	}
	if err != nil {
		return fail(stderr, err)
	}
	return report.Verdict.Exit()
}

func fail(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "wardroom-verify: %s.\n", evidence.Printable(err.Error()))
	return failed
}

// parse reads the command line and the small files it names.
func parse(args []string) (a asked, err error) {
	flags := flag.NewFlagSet("wardroom-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	policy := flags.String("policy", "", "")
	since := flags.String("since", "", "")
	notBefore := flags.String("not-before", "", "")
	flags.Uint64Var(&a.options.MinSize, "min-size", 0, "")
	flags.BoolVar(&a.json, "json", false, "")
	if err := flags.Parse(args); err != nil {
		return a, err
	}
	if flags.NArg() != 1 {
		return a, errors.New("name one bundle, after the options")
	}
	a.bundle = flags.Arg(0)
	if *policy != "" {
		b, err := small(*policy, evidence.MaxPolicy)
		if err != nil {
			return a, err
		}
		if a.options.Policy, err = evidence.ParsePolicy(b); err != nil {
			return a, fmt.Errorf("%s: %w", *policy, err)
		}
	}
	if *since != "" {
		if a.options.Since, err = small(*since, evidence.MaxCheckpoint); err != nil {
			return a, err
		}
	}
	if *notBefore != "" {
		if a.options.NotBefore, err = moment(*notBefore); err != nil {
			return a, err
		}
	}
	return a, nil
}

// moment reads a time of the command line; a day begins at midnight UTC.
func moment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("the time after --not-before is not like 2026-03-01T02:14:00Z or 2026-03-01")
}

// small reads a file that cannot be larger than max bytes.
func small(name string, max int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%s is too long to be what it should be", name)
	}
	return b, err
}

// digest is the SHA-256 of the whole file, by which people name it.
func digest(r io.ReaderAt, size int64) string {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return "could not be read"
	}
	return hex.EncodeToString(h.Sum(nil))
}

// progress shows how far it is, where someone watches.
type progress struct {
	w     io.Writer // nil: nobody does
	shown time.Time
	any   bool
}

func newProgress(stderr io.Writer) *progress {
	if f, ok := stderr.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &progress{w: f}
		}
	}
	return &progress{}
}

func (p *progress) show(done, total int64) {
	if p.w == nil || total == 0 || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown, p.any = time.Now(), true
	fmt.Fprintf(p.w, "\rverifying: %3d %%", min(done*100/total, 100))
}

func (p *progress) clear() {
	if p.any {
		fmt.Fprint(p.w, "\r                 \r")
	}
}
