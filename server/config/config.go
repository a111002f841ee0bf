// Package config turns the environment into one struct, and says in sentences
// what is wrong with it.
//
// Settings are environment variables, because secrets among them must not
// stand in a list of processes. The one thing that is not a variable is
// whether this is a development machine: that is said on the command line, so
// that no leftover variable can make a production server careless.
//
// The package asks nothing of the network or the disk. What has to be asked
// (is the database safe, is the key file private) is asked by package
// assembly, which answers in the same sentences.
package config

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Config is everything a server is told from outside.
type Config struct {
	Development bool // allows what only a development machine may: plain HTTP on this machine, invented people

	DatabaseURL string // WARDROOM_DATABASE_URL: connects as wardroom_writer, which owns nothing
	ReaderURL   string // WARDROOM_READER_URL: to the same database as wardroom_reader, which can change nothing; for what is read for people
	OwnerURL    string // WARDROOM_OWNER_URL: connects as the owner; for `wardroom migrate` alone
	VaultFile   string // WARDROOM_VAULT: the key file, mode 0600, kept apart from every backup of the database
	NotaryKeys  string // WARDROOM_NOTARY_KEYS: the file of the keys that sign checkpoints, mode 0600
	Checkpoints string // WARDROOM_CHECKPOINTS: the file, outside the database and its backups, of how far each log had come
	LedgerFile  string // WARDROOM_LEDGER: what was erased, kept outside the database and every backup of it; empty: nothing can be erased
	RedisURL    string // WARDROOM_REDIS_URL: doorbells and presence between nodes, by one Redis, a cluster (&addr=) or sentinels (?master_name=); empty for a single node

	PublicURLs     []string // WARDROOM_PUBLIC_URL: the origins browsers come by, separated by spaces; the first is the deployment's own
	Listen         []string // WARDROOM_LISTEN: host:port, separated by spaces
	OperatorListen string   // WARDROOM_OPERATOR_LISTEN: host:port of /healthz, /readyz and /metrics
	Pace           int      // WARDROOM_PACE: how many times the usual number of requests and changes a session and a room may make; 0 counts as 1, and -1 is what is no such number

	ContactDays int // WARDROOM_CONTACT_DAYS: for how many days the verification of an organisation's contact holds; 0 is 180, and -1 is what is no number of days

	BroadcastFrom int // WARDROOM_BROADCAST_FROM: the NHS level from which on organisations are written to; 0 is 3, and -1 is what is no level
	TextPrice     int // WARDROOM_TEXT_PENCE: what a text message's fragment costs, in thousandths of a penny; 0 is not known, and -1 is what is no price

	WitnessURL  string   // WARDROOM_WITNESS_URL: the second party's witness; empty for none
	WitnessKeys []string // WARDROOM_WITNESS_KEYS: its verifier lines, separated by spaces; each must cosign

	Memory int64 // WARDROOM_MEMORY: what the server may use, such as 4G; 0 is not said, and -1 is no such amount

	Traces     string  // WARDROOM_TRACES: where spans are sent, an OTLP receiver's address by HTTP; empty: none are made
	TraceRatio float64 // WARDROOM_TRACE_RATIO: of how many requests, 0 to 1; -1 is what is no such number

	Clamd string // WARDROOM_CLAMD: host:port of a clamd that attachments are given to; empty for none

	Notify  Notify   // WARDROOM_NOTIFY_… and WARDROOM_SMTP_…: text messages and e-mails; none of them: nobody is reached outside the application
	Proxies []string // WARDROOM_PROXIES: ranges of addresses, separated by spaces, that say whom they speak for (X-Forwarded-For)

	Issuers map[string]Issuer // WARDROOM_ISSUER_<KEY>_…, by the key in small letters

	unknown []string // variables that begin with WARDROOM_ and mean nothing
}

// Issuer is a sign-in service as this deployment knows it. `wardroom setup`
// enters URL, Name and the two classes into the system log; from then on
// administrators change them there. The client's id and secret stay here.
type Issuer struct {
	URL          string // …_URL
	Name         string // …_NAME: as the sign-in page shows it
	ClientID     string // …_CLIENT_ID
	ClientSecret string // …_CLIENT_SECRET
	ACR          string // …_ACR: the class (acr) a sign-in must carry
	StepUpACR    string // …_STEP_UP_ACR: the class a step-up must carry
}

// The addresses a server listens on unless told otherwise.
const (
	DefaultListen         = "127.0.0.1:8080"
	DefaultOperatorListen = "127.0.0.1:8081"
)

const (
	prefix       = "WARDROOM_"
	issuerPrefix = prefix + "ISSUER_"
)

// Read takes the settings from an environment as os.Environ gives it. It
// judges nothing: see [Config.Check].
func Read(environ []string) Config {
	c := Config{Listen: []string{DefaultListen}, OperatorListen: DefaultOperatorListen, TraceRatio: defaultTraceRatio, Issuers: map[string]Issuer{}}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		value = strings.TrimSpace(value)
		if !strings.HasPrefix(name, prefix) || value == "" {
			continue
		}
		if !c.set(name, value) && !c.setNotify(name, value) && !c.setIssuer(name, value) {
			c.unknown = append(c.unknown, name)
		}
	}
	slices.Sort(c.unknown)
	return c
}

func (c *Config) set(name, value string) bool {
	switch strings.TrimPrefix(name, prefix) {
	case "DATABASE_URL":
		c.DatabaseURL = value
	case "READER_URL":
		c.ReaderURL = value
	case "OWNER_URL":
		c.OwnerURL = value
	case "VAULT":
		c.VaultFile = value
	case "NOTARY_KEYS":
		c.NotaryKeys = value
	case "CHECKPOINTS":
		c.Checkpoints = value
	case "WITNESS_URL":
		c.WitnessURL = value
	case "WITNESS_KEYS":
		c.WitnessKeys = strings.Fields(value)
	case "LEDGER":
		c.LedgerFile = value
	case "MEMORY":
		c.Memory = memoryOf(value)
	case "TRACES":
		c.Traces = value
	case "TRACE_RATIO":
		c.TraceRatio = ratioOf(value)
	case "CLAMD":
		c.Clamd = value
	case "REDIS_URL":
		c.RedisURL = value
	case "PUBLIC_URL":
		c.PublicURLs = strings.Fields(value)
	case "LISTEN":
		c.Listen = strings.Fields(value)
	case "OPERATOR_LISTEN":
		c.OperatorListen = value
	case "PACE":
		var err error
		if c.Pace, err = strconv.Atoi(value); err != nil || c.Pace < 1 {
			c.Pace = -1
		}
	case "CONTACT_DAYS":
		var err error
		if c.ContactDays, err = strconv.Atoi(value); err != nil || c.ContactDays < 1 {
			c.ContactDays = -1
		}
	case "BROADCAST_FROM":
		var err error
		if c.BroadcastFrom, err = strconv.Atoi(value); err != nil || c.BroadcastFrom < 1 {
			c.BroadcastFrom = -1
		}
	case "TEXT_PENCE":
		pence, err := strconv.ParseFloat(value, 64)
		if c.TextPrice = int(math.Round(pence * 1000)); err != nil || !(pence > 0 && pence <= dearestText) {
			c.TextPrice = -1
		}
	default:
		return false
	}
	return true
}

// dearestText is far beyond what a fragment costs anywhere, in pence.
const dearestText = 100

func (c *Config) setIssuer(name, value string) bool {
	rest, ok := strings.CutPrefix(name, issuerPrefix)
	if !ok {
		return false
	}
	key, what, ok := strings.Cut(rest, "_")
	if !ok || key == "" {
		return false
	}
	key = strings.ToLower(key)
	i := c.Issuers[key]
	switch what {
	case "URL":
		i.URL = value
	case "NAME":
		i.Name = value
	case "CLIENT_ID":
		i.ClientID = value
	case "CLIENT_SECRET":
		i.ClientSecret = value
	case "ACR":
		i.ACR = value
	case "STEP_UP_ACR":
		i.StepUpACR = value
	default:
		return false
	}
	c.Issuers[key] = i
	return true
}

// Deployment is the host name that every log's origin begins with: that of the
// first public address.
func (c Config) Deployment() string {
	if len(c.PublicURLs) == 0 {
		return ""
	}
	u, err := url.Parse(c.PublicURLs[0])
	if err != nil {
		return ""
	}
	return u.Hostname()
}
