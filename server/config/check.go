package config

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing wrong: sentences that say what it is and what to do.
// It never quotes a secret.
type Problem string

// Error makes a Problem an error for whoever has only the one.
func (p Problem) Error() string { return string(p) }

func problem(format string, args ...any) []Problem {
	return []Problem{Problem(fmt.Sprintf(format, args...))}
}

// shortestSecret is how many characters a secret has at least: 16 random ones
// from base64 are 96 bits.
const shortestSecret = 16

// developmentACR begins the authentication classes of the development
// identity providers, which vouch for invented people to anyone who asks.
const developmentACR = "urn:wardroom:acr:"

// Check says everything that is wrong with the settings themselves, each as a
// sentence; nothing wrong is an empty list.
func (c Config) Check() []Problem {
	var all []Problem
	for _, name := range c.unknown {
		all = append(all, problem("%s is not a setting. Correct its name or take it out: `wardroom check --help` lists them.", name)...)
	}
	all = append(all, c.checkDatabase()...)
	if c.VaultFile == "" {
		all = append(all, problem("WARDROOM_VAULT is not set. Name the key file; `wardroom setup` makes one.")...)
	}
	switch c.NotaryKeys {
	case "":
		all = append(all, problem("WARDROOM_NOTARY_KEYS is not set. Name the file of the keys that sign the record; `wardroom setup` makes one.")...)
	case c.VaultFile:
		all = append(all, problem("WARDROOM_NOTARY_KEYS and WARDROOM_VAULT name one file. Keep the keys that sign apart from those that open: give each a file of its own.")...)
	}
	if c.Checkpoints == "" && !c.Development {
		all = append(all, problem("WARDROOM_CHECKPOINTS is not set. Name a file on this machine, outside the database and its backups: by it the server notices a database that was restored from a backup while the witness does not answer.")...)
	}
	all = append(all, c.checkWitness()...)
	all = append(all, c.checkRedis()...)
	all = append(all, c.checkClamd()...)
	all = append(all, c.checkPublic()...)
	all = append(all, c.checkListen()...)
	all = append(all, c.checkPace()...)
	all = append(all, c.checkMemory()...)
	all = append(all, c.checkTraces()...)
	all = append(all, c.checkNotify()...)
	if c.ContactDays < 0 || c.ContactDays > longestContactDays {
		all = append(all, problem("WARDROOM_CONTACT_DAYS is not a whole number from 1 to %d. Give one, or take it out: a verified contact is to be verified again after 180 days.", longestContactDays)...)
	}
	if c.BroadcastFrom < 0 || c.BroadcastFrom > 4 {
		all = append(all, problem("WARDROOM_BROADCAST_FROM is not an NHS level from 1 to 4. Give one, or take it out: organisations are written to from level 3 on.")...)
	}
	if c.TextPrice < 0 {
		all = append(all, problem("WARDROOM_TEXT_PENCE is not a price in pence, such as 2.4. Give what one fragment of a text message costs, or take it out: broadcasts then show no cost.")...)
	}
	return append(all, c.checkIssuers()...)
}

func (c Config) checkDatabase() []Problem {
	return append(c.checkPostgres("WARDROOM_DATABASE_URL", c.DatabaseURL, "wardroom_writer"),
		c.checkPostgres("WARDROOM_READER_URL", c.ReaderURL, "wardroom_reader")...)
}

func (c Config) checkPostgres(name, address, role string) []Problem {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return problem("%s is not set. Give the database's address as postgres://%s:PASSWORD@HOST/DATABASE.", name, role)
	case err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql"):
		return problem("%s is not an address of the form postgres://%s:PASSWORD@HOST/DATABASE.", name, role)
	}
	return c.checkPassword("The password in "+name, u)
}

func (c Config) checkRedis() []Problem {
	if c.RedisURL == "" {
		return nil
	}
	u, err := url.Parse(c.RedisURL)
	if err != nil || (u.Scheme != "redis" && u.Scheme != "rediss") || u.Host == "" {
		return problem("WARDROOM_REDIS_URL is not an address of the form rediss://:PASSWORD@HOST:6379/0.")
	}
	q := u.Query()
	for _, addr := range q["addr"] {
		if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
			return problem("WARDROOM_REDIS_URL names a server of a Redis Cluster, or a sentinel, that is not of the form addr=HOST:6379.")
		}
	}
	if q.Has("password") { // of the servers; the address has that of the sentinels
		behind := *u
		behind.User = url.UserPassword("", q.Get("password"))
		u = &behind
	}
	return c.checkPassword("The password in WARDROOM_REDIS_URL", u)
}

func (c Config) checkClamd() []Problem {
	if c.Clamd == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(c.Clamd)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || n == 0 {
		return problem("WARDROOM_CLAMD is not an address of the form HOST:3310.")
	}
	return nil
}

// checkWitness judges the address only: whether its keys can be read is asked
// by whoever uses them.
func (c Config) checkWitness() []Problem {
	u, err := url.Parse(c.WitnessURL)
	switch {
	case c.WitnessURL == "" && len(c.WitnessKeys) == 0:
		return nil
	case c.WitnessURL == "":
		return problem("WARDROOM_WITNESS_KEYS is set and WARDROOM_WITNESS_URL is not. Give the witness's address, or take its keys out.")
	case err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return problem("WARDROOM_WITNESS_URL is not an address, such as https://witness.example.")
	case u.Scheme == "http" && !c.Development:
		return problem("WARDROOM_WITNESS_URL is plain HTTP: whoever is on the way would learn how many rooms there are and how fast they grow. Give its https:// address.")
	case len(c.WitnessKeys) == 0:
		return problem("WARDROOM_WITNESS_KEYS is not set, so nothing the witness signs could be checked. Take the lines from its page, and compare their fingerprints with its operator by another channel.")
	}
	return nil
}

// checkPassword judges a password that stands in an address. One that does not
// (a socket's peer, a certificate, a password file) is not ours to judge.
func (c Config) checkPassword(what string, u *url.URL) []Problem {
	if password, given := u.User.Password(); given {
		return c.checkSecret(what, password)
	}
	return nil
}

func (c Config) checkSecret(what, secret string) []Problem {
	switch {
	case c.Development:
		return nil
	case wellKnown[strings.ToLower(secret)]:
		return problem("%s is one that everybody tries first. Make a new one: openssl rand -base64 24.", what)
	case len(secret) < shortestSecret:
		return problem("%s has %d characters, and fewer than %d can be guessed. Make a new one: openssl rand -base64 24.", what, len(secret), shortestSecret)
	}
	return nil
}

// wellKnown are secrets of examples and defaults. Those shorter than
// shortestSecret are here for the clearer sentence.
var wellKnown = setOf("", "admin", "administrator", "changeit", "change-it", "changeme", "change-me", "change_me", "changemechangeme",
	"client-secret", "clientsecret", "client_secret", "default", "dev", "development", "development-secret", "example", "example-secret",
	"insecure", "letmein", "none", "pass", "passw0rd", "password", "password1", "password123", "passwordpassword", "postgres", "postgresql",
	"qwerty", "redis", "replace-me", "replaceme", "root", "secret", "secretsecretsecret", "supersecret", "supersecretsecret", "test",
	"todo", "wardroom", "wardroom-development", "wardroom-secret", "wardroom_owner", "wardroom_reader", "wardroom_writer", "0000000000000000", "1234567890123456")

func setOf(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

func (c Config) checkPublic() []Problem {
	if len(c.PublicURLs) == 0 {
		return problem("WARDROOM_PUBLIC_URL is not set. Give the address that browsers come by, such as https://wardroom.example.")
	}
	var all []Problem
	for _, text := range c.PublicURLs {
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			all = append(all, problem("%q in WARDROOM_PUBLIC_URL is not the address of a website. Give scheme and host only, such as https://wardroom.example.", text)...)
			continue
		}
		switch here := thisMachine(u.Hostname()); {
		case u.Scheme == "http" && !c.Development:
			all = append(all, problem("%s in WARDROOM_PUBLIC_URL is plain HTTP: anyone on the way could read and change what is said. Put a proxy that speaks TLS in front and give its https:// address.", text)...)
		case u.Scheme == "http" && !here:
			all = append(all, problem("%s in WARDROOM_PUBLIC_URL is plain HTTP to another machine. Even for development use localhost or [::1]: browsers keep the session's cookie nowhere else.", text)...)
		case here && !c.Development:
			all = append(all, problem("%s in WARDROOM_PUBLIC_URL is this machine itself, where nobody else can come. Give the address that browsers come by.", text)...)
		}
	}
	return all
}

// thisMachine reports whether a host name can only mean the machine it is said
// on (RFC 6761, section 6.3; RFC 1122, section 3.2.1.3).
func thisMachine(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.Unmap().IsLoopback() || ip.IsUnspecified())
}

func (c Config) checkListen() []Problem {
	var all []Problem
	if len(c.Listen) == 0 {
		all = append(all, problem("WARDROOM_LISTEN is empty. Give at least one host:port, such as %s.", DefaultListen)...)
	}
	seen := map[string]bool{}
	for _, l := range c.Listen {
		all = append(all, checkHostPort("WARDROOM_LISTEN", l)...)
		if seen[l] {
			all = append(all, problem("WARDROOM_LISTEN names %s twice.", l)...)
		}
		seen[l] = true
	}
	all = append(all, checkHostPort("WARDROOM_OPERATOR_LISTEN", c.OperatorListen)...)
	if seen[c.OperatorListen] {
		all = append(all, problem("WARDROOM_OPERATOR_LISTEN is the address that everybody comes by (%s), and metrics are not for everybody. Give it another port.", c.OperatorListen)...)
	}
	return all
}

// longestContactDays is two years: whoever was reached then may be anywhere.
const longestContactDays = 730

// fastestPace is for a room with some thousand members. Beyond it a script
// could fill a log before anybody sees it.
const fastestPace = 10

func (c Config) checkPace() []Problem {
	if c.Pace < 0 || c.Pace > fastestPace && !c.Development {
		return problem("WARDROOM_PACE is not a whole number from 1 to %d. Give one, or take it out: 1 is for rooms of some hundred members.", fastestPace)
	}
	return nil
}

func checkHostPort(name, text string) []Problem {
	_, port, err := net.SplitHostPort(text)
	if n, numeric := strconv.Atoi(port); err != nil || numeric != nil || n < 0 || n > 65535 {
		return problem("%q in %s is not host:port, such as %s or [::1]:8080.", text, name, DefaultListen)
	}
	return nil
}

func (c Config) checkIssuers() []Problem {
	var all []Problem
	if len(c.Issuers) == 0 {
		all = problem("No sign-in service is configured, so nobody could sign in. Set WARDROOM_ISSUER_<KEY>_URL, _NAME, _CLIENT_ID, _CLIENT_SECRET, _ACR and _STEP_UP_ACR for each.")
	}
	for _, key := range slices.Sorted(maps.Keys(c.Issuers)) {
		all = append(all, c.checkIssuer(key, c.Issuers[key])...)
	}
	return all
}

func (c Config) checkIssuer(key string, i Issuer) []Problem {
	name := func(what string) string { return issuerPrefix + strings.ToUpper(key) + "_" + what }
	var all []Problem
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || len(key) > 20 {
		all = append(all, problem("The sign-in service %q has a key that is not up to 20 letters and digits. Rename its variables.", key)...)
	}
	for _, must := range []struct{ what, value string }{
		{"URL", i.URL}, {"NAME", i.Name}, {"CLIENT_ID", i.ClientID}, {"CLIENT_SECRET", i.ClientSecret}, {"ACR", i.ACR}, {"STEP_UP_ACR", i.StepUpACR},
	} {
		if must.value == "" {
			all = append(all, problem("%s is not set, though other settings of this sign-in service are.", name(must.what))...)
		}
	}
	if i.ClientSecret != "" {
		all = append(all, c.checkSecret(name("CLIENT_SECRET"), i.ClientSecret)...)
	}
	if i.URL != "" {
		all = append(all, c.CheckIssuer(name("URL"), i.URL)...)
	}
	return append(all, c.CheckClass(name("ACR"), i.ACR)...)
}

// CheckIssuer judges the address of a sign-in service, in the configuration or
// in the system log; what names where it stands.
func (c Config) CheckIssuer(what, address string) []Problem {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "":
		return problem("%s is not an issuer's address. Give it as its discovery document does, such as https://login.example.", what)
	case c.Development:
		return nil
	case thisMachine(u.Hostname()):
		return problem("%s is a sign-in service on this machine: the development one signs invented people in, to anyone who asks. Name the real one.", what)
	case u.Scheme == "http":
		return problem("%s is plain HTTP: anyone on the way could sign in as anybody. Name its https:// address.", what)
	}
	return nil
}

// CheckClass judges the class of authentication that a sign-in service is
// asked for.
func (c Config) CheckClass(what, acr string) []Problem {
	if !c.Development && strings.HasPrefix(acr, developmentACR) {
		return problem("%s is a class that only the development sign-in services give (%s…). Name the real service's class for a second factor.", what, developmentACR)
	}
	return nil
}
