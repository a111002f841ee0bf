package config_test

import (
	"strings"
	"testing"

	"wardroom/server/config"
)

// production is an environment that nothing is wrong with.
func production() map[string]string {
	return map[string]string{
		"WARDROOM_DATABASE_URL":                "postgres://wardroom_writer:kZ8rW2qLx0v7PnTf@db.internal/wardroom",
		"WARDROOM_READER_URL":                  "postgres://wardroom_reader:Jd4mT7yQc1s9HbXe@db.internal/wardroom",
		"WARDROOM_VAULT":                       "/etc/wardroom/vault.json",
		"WARDROOM_NOTARY_KEYS":                 "/etc/wardroom/notary.json",
		"WARDROOM_CHECKPOINTS":                 "/var/lib/wardroom/checkpoints.jsonl",
		"WARDROOM_WITNESS_URL":                 "https://witness.example",
		"WARDROOM_WITNESS_KEYS":                "witness.example/wardroom/1/witness+00000000+AAAA witness.example/wardroom/1/witness+00000000+AAAB",
		"WARDROOM_CLAMD":                       "clamd.internal:3310",
		"WARDROOM_REDIS_URL":                   "rediss://:u4Hs9aQe1LmXz7Rc@redis.internal:6379/0",
		"WARDROOM_PUBLIC_URL":                  "https://wardroom.example",
		"WARDROOM_LISTEN":                      "127.0.0.1:8080 [::1]:8080",
		"WARDROOM_OPERATOR_LISTEN":             "127.0.0.1:9100",
		"WARDROOM_ISSUER_HEALTH_URL":           "https://login.health.example",
		"WARDROOM_ISSUER_HEALTH_NAME":          "Health and care staff",
		"WARDROOM_ISSUER_HEALTH_CLIENT_ID":     "wardroom",
		"WARDROOM_ISSUER_HEALTH_CLIENT_SECRET": "Vb3kQ9x2LmNz5RtY",
		"WARDROOM_ISSUER_HEALTH_ACR":           "AAL2_OR_AAL3_ANY",
		"WARDROOM_ISSUER_HEALTH_STEP_UP_ACR":   "AAL3_ANY",
		"PATH":                                 "/usr/bin",
	}
}

func check(env map[string]string, development bool) []config.Problem {
	var environ []string
	for k, v := range env {
		environ = append(environ, k+"="+v)
	}
	c := config.Read(environ)
	c.Development = development
	return c.Check()
}

func TestAConfigurationWithNothingWrongHasNoProblems(t *testing.T) {
	if p := check(production(), false); len(p) != 0 {
		t.Errorf("problems: %q", p)
	}
}

func TestEachRuleSaysWhatIsWrong(t *testing.T) {
	set := func(pairs ...string) func(map[string]string) {
		return func(env map[string]string) {
			for i := 0; i < len(pairs); i += 2 {
				env[pairs[i]] = pairs[i+1]
			}
		}
	}
	const health = "WARDROOM_ISSUER_HEALTH_"
	for name, rule := range map[string]struct {
		break_ func(map[string]string)
		says   string // the only problem holds this
		allow  bool   // in development nothing is wrong with it
	}{
		"a Notify key without its templates": {set("WARDROOM_NOTIFY_KEY", "k", "WARDROOM_NOTIFY_RECEIPTS", "u4Hs9aQe1LmXz7Rc", "WARDROOM_SMTP_ADDRESS", "mail:587", "WARDROOM_SMTP_FROM", "a@b.example",
			"WARDROOM_NOTIFY_SMS_RAISED", "1", "WARDROOM_NOTIFY_SMS_UPDATE", "1", "WARDROOM_NOTIFY_SMS_INVITATION", "1", "WARDROOM_NOTIFY_SMS_ESCALATION", "1", "WARDROOM_NOTIFY_SMS_NEEDED_MENTION", "1",
			"WARDROOM_NOTIFY_SMS_NEEDED_ACTION", "1", "WARDROOM_NOTIFY_SMS_NEEDED_ROLE", "1", "WARDROOM_NOTIFY_SMS_ALERT", "1", "WARDROOM_NOTIFY_SMS_ALERT_CHASED", "1"), "WARDROOM_NOTIFY_SMS_VERIFY is not set", false},
		"templates without a Notify key":          {set("WARDROOM_NOTIFY_SMS_RAISED", "1"), "WARDROOM_NOTIFY_KEY is not set", false},
		"a template of no purpose":                {set("WARDROOM_NOTIFY_SMS_GREETING", "1"), "WARDROOM_NOTIFY_SMS_GREETING is not a setting", false},
		"a mail server without a port":            {set("WARDROOM_SMTP_ADDRESS", "mail", "WARDROOM_SMTP_FROM", "a@b.example"), "WARDROOM_SMTP_ADDRESS is not of the form", false},
		"a mail server with a known password":     {set("WARDROOM_SMTP_ADDRESS", "mail:587", "WARDROOM_SMTP_FROM", "a@b.example", "WARDROOM_SMTP_USER", "u", "WARDROOM_SMTP_PASSWORD", "changeme"), "everybody tries first", true},
		"a proxy that is no range":                {set("WARDROOM_PROXIES", "10.0.0.1"), "is not a range of addresses", false},
		"no notary's keys":                        {set("WARDROOM_NOTARY_KEYS", ""), "WARDROOM_NOTARY_KEYS is not set", false},
		"no file of checkpoints":                  {set("WARDROOM_CHECKPOINTS", ""), "WARDROOM_CHECKPOINTS is not set", true},
		"the notary's keys in the vault":          {set("WARDROOM_NOTARY_KEYS", "/etc/wardroom/vault.json"), "name one file", false},
		"a witness in plain HTTP":                 {set("WARDROOM_WITNESS_URL", "http://witness.example"), "WARDROOM_WITNESS_URL is plain HTTP", true},
		"a witness that is no address":            {set("WARDROOM_WITNESS_URL", "witness.example"), "WARDROOM_WITNESS_URL is not an address", false},
		"a witness without keys":                  {set("WARDROOM_WITNESS_KEYS", ""), "WARDROOM_WITNESS_KEYS is not set", false},
		"a witness's keys without a witness":      {set("WARDROOM_WITNESS_URL", ""), "WARDROOM_WITNESS_URL is not", false},
		"a pace that is no number":                {set("WARDROOM_PACE", "fast"), "WARDROOM_PACE is not a whole number", false},
		"a pace of nothing":                       {set("WARDROOM_PACE", "0"), "WARDROOM_PACE is not a whole number", false},
		"a pace that stops no script":             {set("WARDROOM_PACE", "11"), "WARDROOM_PACE is not a whole number from 1 to 10", true},
		"days that are no number":                 {set("WARDROOM_CONTACT_DAYS", "half a year"), "WARDROOM_CONTACT_DAYS is not a whole number", false},
		"days beyond all knowing":                 {set("WARDROOM_CONTACT_DAYS", "731"), "WARDROOM_CONTACT_DAYS is not a whole number from 1 to 730", false},
		"a level that is none":                    {set("WARDROOM_BROADCAST_FROM", "5"), "WARDROOM_BROADCAST_FROM is not an NHS level", false},
		"a level that is no number":               {set("WARDROOM_BROADCAST_FROM", "grave"), "WARDROOM_BROADCAST_FROM is not an NHS level", false},
		"a price that is none":                    {set("WARDROOM_TEXT_PENCE", "-1"), "WARDROOM_TEXT_PENCE is not a price in pence", false},
		"a price that is no number":               {set("WARDROOM_TEXT_PENCE", "NaN"), "WARDROOM_TEXT_PENCE is not a price in pence", false},
		"a misspelt setting":                      {set("WARDROOM_REDIS", "x"), "WARDROOM_REDIS is not a setting", false},
		"a misspelt setting of a sign-in service": {set(health+"SECRET", "x"), health + "SECRET is not a setting", false},
		"no database":                             {set("WARDROOM_DATABASE_URL", ""), "WARDROOM_DATABASE_URL is not set", false},
		"a database of another kind":              {set("WARDROOM_DATABASE_URL", "mysql://db/x"), "is not an address of the form postgres://", false},
		"a known database password":               {set("WARDROOM_DATABASE_URL", "postgres://wardroom_writer:postgres@db/w"), "everybody tries first", true},
		"an empty database password":              {set("WARDROOM_DATABASE_URL", "postgres://wardroom_writer:@db/w"), "everybody tries first", true},
		"a short database password":               {set("WARDROOM_DATABASE_URL", "postgres://wardroom_writer:x7Gh2k@db/w"), "has 6 characters", true},
		"no way to read":                          {set("WARDROOM_READER_URL", ""), "WARDROOM_READER_URL is not set", false},
		"a database of another kind to read":      {set("WARDROOM_READER_URL", "mysql://db/x"), "WARDROOM_READER_URL is not an address of the form postgres://wardroom_reader", false},
		"a reader's password everybody knows":     {set("WARDROOM_READER_URL", "postgres://wardroom_reader:wardroom_reader@db/w"), "The password in WARDROOM_READER_URL", true},
		"no key file":                             {set("WARDROOM_VAULT", ""), "WARDROOM_VAULT is not set", false},
		"a scanner without a port":                {set("WARDROOM_CLAMD", "clamd.internal"), "WARDROOM_CLAMD is not an address", false},
		"a scanner at no port":                    {set("WARDROOM_CLAMD", "clamd.internal:0"), "WARDROOM_CLAMD is not an address", false},
		"a scanner's name with its port's":        {set("WARDROOM_CLAMD", "tcp://clamd:3310"), "WARDROOM_CLAMD is not an address", false},
		"a Redis of another kind":                 {set("WARDROOM_REDIS_URL", "http://redis:6379"), "WARDROOM_REDIS_URL is not an address", false},
		"a Redis Cluster's node without a port":   {set("WARDROOM_REDIS_URL", "redis://:u4Hs9aQe1LmXz7Rc@a:6379?addr=b"), "a server of a Redis Cluster", false},
		"a known password behind sentinels":       {set("WARDROOM_REDIS_URL", "redis://:u4Hs9aQe1LmXz7Rc@a:26379?master_name=m&password=changeme"), "The password in WARDROOM_REDIS_URL", true},
		"a known Redis password":                  {set("WARDROOM_REDIS_URL", "redis://:changeme@redis:6379/0"), "The password in WARDROOM_REDIS_URL", true},
		"no public address":                       {set("WARDROOM_PUBLIC_URL", ""), "WARDROOM_PUBLIC_URL is not set", false},
		"a public address with a path":            {set("WARDROOM_PUBLIC_URL", "https://wardroom.example/app"), "not the address of a website", false},
		"a public address with a user":            {set("WARDROOM_PUBLIC_URL", "https://me@wardroom.example"), "not the address of a website", false},
		"a public address without a scheme":       {set("WARDROOM_PUBLIC_URL", "wardroom.example"), "not the address of a website", false},
		"a public address in plain HTTP":          {set("WARDROOM_PUBLIC_URL", "https://wardroom.example http://localhost:8080"), "is plain HTTP", true},
		"a public address that is this machine":   {set("WARDROOM_PUBLIC_URL", "https://[::1]:8443"), "is this machine itself", true},
		"nowhere to listen":                       {set("WARDROOM_LISTEN", " "), "", false}, // a blank setting is no setting: the default stands
		"a place to listen without a port":        {set("WARDROOM_LISTEN", "127.0.0.1"), "is not host:port", false},
		"a port that does not exist":              {set("WARDROOM_LISTEN", "127.0.0.1:99999"), "is not host:port", false},
		"the same place to listen twice":          {set("WARDROOM_LISTEN", "127.0.0.1:80 127.0.0.1:80"), "names 127.0.0.1:80 twice", false},
		"an operator's port without a number":     {set("WARDROOM_OPERATOR_LISTEN", "127.0.0.1:http"), "WARDROOM_OPERATOR_LISTEN is not host:port", false},
		"metrics where everybody comes":           {set("WARDROOM_OPERATOR_LISTEN", "127.0.0.1:8080"), "metrics are not for everybody", false},
		"a sign-in service without a name":        {set(health+"NAME", ""), health + "NAME is not set", false},
		"a sign-in service without a client":      {set(health+"CLIENT_ID", ""), health + "CLIENT_ID is not set", false},
		"a sign-in service without a secret":      {set(health+"CLIENT_SECRET", ""), health + "CLIENT_SECRET is not set", false},
		"a sign-in service without an address":    {set(health+"URL", ""), health + "URL is not set", false},
		"a sign-in service without a class":       {set(health+"ACR", ""), health + "ACR is not set", false},
		"a sign-in service without step-up":       {set(health+"STEP_UP_ACR", ""), health + "STEP_UP_ACR is not set", false},
		"a sign-in service with a known secret":   {set(health+"CLIENT_SECRET", "supersecretsecret"), health + "CLIENT_SECRET is one that everybody tries first", true},
		"a sign-in service with a short secret":   {set(health+"CLIENT_SECRET", "Vb3kQ9x2"), health + "CLIENT_SECRET has 8 characters", true},
		"a sign-in service that is no address":    {set(health+"URL", "login.example"), "is not an issuer's address", false},
		"a sign-in service in plain HTTP":         {set(health+"URL", "http://login.example"), "sign in as anybody", true},
		"the development sign-in service":         {set(health+"URL", "http://127.0.0.1:8082"), "signs invented people in", true},
		"the development sign-in service by name": {set(health+"URL", "https://idp.localhost"), "signs invented people in", true},
		"a class of the development services":     {set(health+"ACR", "urn:wardroom:acr:mfa"), "only the development sign-in services give", true},
	} {
		t.Run(name, func(t *testing.T) {
			env := production()
			rule.break_(env)
			expectOnly(t, check(env, false), rule.says)
			if rule.allow {
				expectOnly(t, check(env, true), "")
			} else {
				expectOnly(t, check(env, true), rule.says)
			}
		})
	}
}

func TestNoSignInServiceAtAllIsAProblem(t *testing.T) {
	env := production()
	for name := range env {
		if strings.HasPrefix(name, "WARDROOM_ISSUER_") {
			delete(env, name)
		}
	}
	expectOnly(t, check(env, false), "No sign-in service is configured")
}

func TestPlainHTTPLeavesThisMachineNotEvenInDevelopment(t *testing.T) {
	env := production()
	env["WARDROOM_PUBLIC_URL"] = "http://wardroom.example"
	expectOnly(t, check(env, true), "plain HTTP to another machine")
}

func TestNoProblemQuotesASecret(t *testing.T) {
	env := production()
	env["WARDROOM_DATABASE_URL"] = "postgres://wardroom_writer:hunter2@db/w"
	env["WARDROOM_READER_URL"] = "postgres://wardroom_reader:hunter2@db/w"
	env["WARDROOM_REDIS_URL"] = "http://:hunter2@redis"
	env["WARDROOM_ISSUER_HEALTH_CLIENT_SECRET"] = "hunter2"
	problems := check(env, false)
	if len(problems) != 4 {
		t.Errorf("want four problems: %q", problems)
	}
	for _, p := range problems {
		if strings.Contains(string(p), "hunter2") {
			t.Errorf("quotes the secret: %s", p)
		}
	}
}

func TestTheDeploymentIsTheFirstPublicHost(t *testing.T) {
	c := config.Read([]string{"WARDROOM_PUBLIC_URL=https://wardroom.example:8443 https://other.example"})
	if got := c.Deployment(); got != "wardroom.example" {
		t.Errorf("deployment %q", got)
	}
}

// expectOnly wants exactly one problem, which holds the text; or none if the
// text is empty.
func expectOnly(t *testing.T, problems []config.Problem, text string) {
	t.Helper()
	switch {
	case text == "" && len(problems) == 0:
	case text != "" && len(problems) == 1 && strings.Contains(string(problems[0]), text):
	default:
		t.Errorf("want %q, got %q", text, problems)
	}
}
