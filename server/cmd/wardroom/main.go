// Command wardroom runs a deployment of Wardroom: it serves, and does what
// must be done around serving. `wardroom --help` lists it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"wardroom/server/config"
)

// commands are what `wardroom` can do; each has a file of its name.
type commands struct {
	Serve    serve     `cmd:"" help:"Serve browsers until told to stop (SIGTERM or Ctrl-C)."`
	Ready    ready     `cmd:"" help:"Ask the server on this machine whether it is ready; for health checks."`
	Check    check     `cmd:"" help:"Say in sentences what is wrong with the configuration, the key file, the database and the record."`
	Migrate  migrate   `cmd:"" help:"Bring the database to this program's version, as its owner (WARDROOM_OWNER_URL)."`
	Scrub    scrubbing `cmd:"" help:"Read every log as it is stored, and say which entry is not what was written. It changes nothing; the server may run meanwhile."`
	Compare  compare   `cmd:"" help:"Compare each log with what was signed for elsewhere, by the witness and in this machine's own file, and say how far it has come. It changes nothing: for a database that was restored, before a server is started on it."`
	Setup    setup     `cmd:"" help:"Begin the deployment's record and print a one-time link for its first administrator."`
	Rotate   rotate    `cmd:"" name:"rotate-notary" help:"Make a new generation of the keys that sign the record, and list it. Running servers use it once they have the file and are started again."`
	Continue goOn      `cmd:"" name:"continue" help:"Begin the next section of the deployment's record, where this one is not what was signed for."`
	Replay   replay    `cmd:"" help:"Open an exercise room on the recorded days of May 2017, its clock paused, and print its address."`
	Keys     printKeys `cmd:"" help:"Print what the other party's witness is started with: a policy file of this deployment's keys."`
	Witness  witness   `cmd:"" help:"Watch another party's deployment: hold its leaves, and cosign how far its logs have come."`
	OpenAPI  openAPI   `cmd:"" name:"openapi" help:"Print the description of the REST interface (OpenAPI 3.1)."`
	Dev      dev       `cmd:"" help:"Start everything on this development machine, with invented people: what make run does."`
}

func main() { os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }

// run is main without the process around it: 0 is success, 1 a failure that
// was said on stderr, 2 a command line that is not one.
func run(args, environ []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	code := -1
	parser, err := kong.New(&c, kong.Name("wardroom"), kong.Description(description),
		kong.Writers(stdout, stderr), kong.Exit(func(n int) { code = n }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err) // the commands above are not what kong understands
	}
	k, err := parser.Parse(args)
	switch {
	case code >= 0: // --help was asked for
		return code
	case err != nil:
		fmt.Fprintf(stderr, "wardroom: %v. See wardroom --help.\n", err)
		return 2
	}
	if environ, err = fromFiles(environ); err != nil {
		fmt.Fprintf(stderr, "wardroom: %v.\n", err)
		return 1
	}
	w := &world{ctx: ctx, environ: environ, stdout: stdout, stderr: stderr, lines: &lines{out: stderr}}
	err = k.Run(w)
	_ = w.lines.end() // who cannot hear it cannot be told
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

const description = `Wardroom is where a health-and-care cyber incident is run.

Settings are environment variables. Each may stand in a file instead: WARDROOM_NAME_FILE names the file that
holds WARDROOM_NAME.
  WARDROOM_DATABASE_URL     the database, as wardroom_writer, who owns nothing
  WARDROOM_READER_URL       the same database, as wardroom_reader, who can change nothing
  WARDROOM_OWNER_URL        the same database, as its owner: for migrate alone
  WARDROOM_VAULT            the key file, mode 0600
  WARDROOM_NOTARY_KEYS      the file of the keys that sign the record, mode 0600
  WARDROOM_WITNESS_URL      the second party's witness; none if nobody else vouches for the record
  WARDROOM_WITNESS_KEYS     its verifier lines, separated by spaces
  WARDROOM_LEDGER           what was erased: a file of this server's own, outside the database's
                            backups; without it nothing can be erased
  WARDROOM_PUBLIC_URL       the addresses browsers come by, separated by spaces
  WARDROOM_LISTEN           host:port, separated by spaces (` + config.DefaultListen + `)
  WARDROOM_OPERATOR_LISTEN  host:port of the operator's page, /healthz, /readyz and /metrics (` + config.DefaultOperatorListen + `)
  WARDROOM_CHECKPOINTS      a file of this machine's own, outside the database: how far each log had come
  WARDROOM_CLAMD            host:port of a clamd that attachments are given to; none if they are not scanned
  WARDROOM_MEMORY           what the server may use, such as 4G; else a container's own limit
  WARDROOM_TRACES           where spans are sent: an OTLP receiver, http://HOST:4318/v1/traces; none if they are not made
  WARDROOM_TRACE_RATIO      of how many requests spans are made, 0 to 1 (0.05)
  WARDROOM_REDIS_URL        doorbells and presence between nodes; none for a single node.
                            A cluster: rediss://USER:PASSWORD@HOST:6379?addr=HOST:6379; sentinels: ?master_name=NAME
  WARDROOM_PACE             how many times the usual requests and changes are let through (1)
  WARDROOM_BROADCAST_FROM   the NHS level from which on organisations are written to (3)
  WARDROOM_TEXT_PENCE       what one fragment of a text message costs, in pence: shown before a broadcast
  WARDROOM_CONTACT_DAYS     for how many days an organisation's contact stays verified (180)
  WARDROOM_NOTIFY_KEY       GOV.UK Notify's API key; without it nobody gets a text message
  WARDROOM_NOTIFY_RECEIPTS  the bearer token that its delivery receipts come with, at /api/v1/notify/receipts
  WARDROOM_NOTIFY_SMS_<PURPOSE>, WARDROOM_NOTIFY_EMAIL_<PURPOSE>
                            its templates' ids: see check --wordings
  WARDROOM_NOTIFY_URL       another place than GOV.UK Notify's own; development only
  WARDROOM_SMTP_ADDRESS, _USER, _PASSWORD, _FROM, _NAME
                            a mail server for e-mails, where GOV.UK Notify is down or not used
  WARDROOM_PROXIES          ranges of addresses that say whom they speak for (X-Forwarded-For)
  WARDROOM_ISSUER_<KEY>_URL, _NAME, _CLIENT_ID, _CLIENT_SECRET, _ACR, _STEP_UP_ACR
                            each sign-in service`

// world is what a command gets of the process it runs in.
type world struct {
	ctx            context.Context // ends with SIGTERM or Ctrl-C
	environ        []string
	stdout, stderr io.Writer
	lines          *lines // to stderr
}

// log writes lines for machines. Nothing that is said in a room comes into it.
func (w *world) log() *slog.Logger {
	return slog.New(prompt{slog.NewJSONHandler(w.lines, nil), w.lines})
}

// settings are the flags of the commands that need a whole configuration.
type settings struct {
	Development bool `help:"This is a development machine: allow plain HTTP on it, development sign-in and a database that may lose what it stored."`
}

func (s settings) config(w *world) config.Config {
	c := config.Read(w.environ)
	c.Development = s.Development
	return c
}

// beside is config for a command that may run while the server does: the
// ledger of erasures is the server's own, and it alone has it open.
func (s settings) beside(w *world) config.Config {
	c := s.config(w)
	c.LedgerFile = ""
	return c
}
