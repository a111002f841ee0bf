package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Notify is how messages go out to people's telephones and inboxes.
type Notify struct {
	URL       string            // WARDROOM_NOTIFY_URL: where GOV.UK Notify is; empty for the one there is
	Key       string            // WARDROOM_NOTIFY_KEY: its API key; empty: no text messages
	Receipts  string            // WARDROOM_NOTIFY_RECEIPTS: the bearer token its delivery receipts come with
	Templates map[string]string // WARDROOM_NOTIFY_SMS_<PURPOSE>, …_EMAIL_<PURPOSE>: ids of templates, by "sms raised"

	SMTP SMTP
}

// SMTP is how e-mails go out where GOV.UK Notify does not send them.
type SMTP struct {
	Address  string // WARDROOM_SMTP_ADDRESS: host:port; empty for none
	User     string // WARDROOM_SMTP_USER: empty for a relay that knows this machine
	Password string // WARDROOM_SMTP_PASSWORD
	From     string // WARDROOM_SMTP_FROM: the sender's address
	Name     string // WARDROOM_SMTP_NAME: as the recipient's program shows the sender
}

// purposes are what messages are for, as their templates are configured.
var purposes = []string{"raised", "update", "invitation", "escalation", "needed-mention", "needed-action", "needed-role", "alert", "alert-chased", "verify"}

func (c *Config) setNotify(name, value string) bool {
	rest := strings.TrimPrefix(name, prefix)
	n := &c.Notify
	switch rest {
	case "NOTIFY_URL":
		n.URL = value
	case "NOTIFY_KEY":
		n.Key = value
	case "NOTIFY_RECEIPTS":
		n.Receipts = value
	case "SMTP_ADDRESS":
		n.SMTP.Address = value
	case "SMTP_USER":
		n.SMTP.User = value
	case "SMTP_PASSWORD":
		n.SMTP.Password = value
	case "SMTP_FROM":
		n.SMTP.From = value
	case "SMTP_NAME":
		n.SMTP.Name = value
	case "PROXIES":
		c.Proxies = strings.Fields(value)
	default:
		rest, ok := strings.CutPrefix(rest, "NOTIFY_")
		channel, purpose, _ := strings.Cut(strings.ToLower(rest), "_")
		purpose = strings.ReplaceAll(purpose, "_", "-")
		if !ok || channel != "sms" && channel != "email" || !slices.Contains(purposes, purpose) {
			return false
		}
		if n.Templates == nil {
			n.Templates = map[string]string{}
		}
		n.Templates[channel+" "+purpose] = value
	}
	return true
}

func (c Config) checkNotify() (all []Problem) {
	n := c.Notify
	u, err := url.Parse(n.URL)
	switch {
	case n.Key == "" && (n.URL != "" || n.Receipts != "" || len(n.Templates) > 0):
		all = append(all, problem("WARDROOM_NOTIFY_KEY is not set, though other settings of GOV.UK Notify are. Give the service's API key, or take the others out.")...)
	case n.Key == "":
	case n.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http"):
		all = append(all, problem("WARDROOM_NOTIFY_URL is not an address. Take it out: GOV.UK Notify is where it always is.")...)
	case n.URL != "" && !c.Development && (u.Scheme != "https" || thisMachine(u.Hostname())):
		all = append(all, problem("WARDROOM_NOTIFY_URL is not GOV.UK Notify: what answers on this machine, or without TLS, sends nobody anything. Take it out.")...)
	}
	if n.Key != "" {
		if len(n.Receipts) < shortestSecret && !c.Development {
			all = append(all, problem("WARDROOM_NOTIFY_RECEIPTS is not set or has fewer than %d characters. Make one (openssl rand -base64 24), and give it to GOV.UK Notify as the bearer token of delivery receipts, with the address https://YOUR-HOST/api/v1/notify/receipts.", shortestSecret)...)
		}
		for _, p := range purposes {
			for _, channel := range []string{"sms", "email"} {
				if n.Templates[channel+" "+p] == "" && !(channel == "email" && n.SMTP.Address != "") {
					all = append(all, problem("WARDROOM_NOTIFY_%s_%s is not set. Make the template at GOV.UK Notify with the wording that `wardroom check --wordings` prints, and give its id.",
						strings.ToUpper(channel), strings.ToUpper(strings.ReplaceAll(p, "-", "_")))...)
				}
			}
		}
	}
	return append(append(all, c.checkSMTP()...), c.checkProxies()...)
}

func (c Config) checkSMTP() []Problem {
	s := c.Notify.SMTP
	host, port, err := net.SplitHostPort(s.Address)
	number, bad := strconv.ParseUint(port, 10, 16)
	switch {
	case s == (SMTP{}):
		return nil
	case s.Address == "":
		return problem("WARDROOM_SMTP_ADDRESS is not set, though other settings of SMTP are. Give host:port of the submission service, or take the others out.")
	case err != nil || host == "" || bad != nil || number == 0:
		return problem("WARDROOM_SMTP_ADDRESS is not of the form HOST:587.")
	case !strings.Contains(s.From, "@"):
		return problem("WARDROOM_SMTP_FROM is not an e-mail address. Give the one that messages come from.")
	case s.User != "":
		return c.checkSecret("WARDROOM_SMTP_PASSWORD", s.Password)
	}
	return nil
}

func (c Config) checkProxies() (all []Problem) {
	for _, p := range c.Proxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			all = append(all, problem("%q in WARDROOM_PROXIES is not a range of addresses, such as 10.0.0.0/24. Only what stands between browsers and this server belongs there: it is believed when it says whom it speaks for.", p)...)
		}
	}
	return all
}
