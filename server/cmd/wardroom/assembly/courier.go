package assembly

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"wardroom/server/config"
	"wardroom/server/courier"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// gatewayOf makes the ways out that are configured: none is no error.
func gatewayOf(cfg config.Config) (client *notify.Client, templates notify.Templates, mailer *notify.Mailer, err error) {
	templates = notify.Templates{notify.ByText: {}, notify.ByEmail: {}}
	n := cfg.Notify
	for name, id := range n.Templates {
		channel, purpose, _ := strings.Cut(name, " ")
		p, err := notify.ParsePurpose(purpose)
		if err != nil {
			return nil, nil, nil, err
		}
		by := notify.ByText
		if channel == "email" {
			by = notify.ByEmail
		}
		templates[by][p] = id
	}
	if n.Key != "" {
		key, err := notify.ParseKey(n.Key)
		if err != nil {
			return nil, nil, nil, config.Problem("WARDROOM_NOTIFY_KEY is not an API key of GOV.UK Notify. Copy it from the service's API integration page: it ends in two ids.")
		}
		if client, err = notify.NewClient(cmp.Or(n.URL, notify.Production), key, nil, time.Now); err != nil {
			return nil, nil, nil, err
		}
	}
	if s := n.SMTP; s.Address != "" {
		host, text, err := net.SplitHostPort(s.Address)
		if err != nil {
			return nil, nil, nil, err
		}
		port, err := strconv.Atoi(text)
		if err != nil {
			return nil, nil, nil, err
		}
		from, err := notify.ParseEmail(s.From)
		if err != nil {
			return nil, nil, nil, config.Problem("WARDROOM_SMTP_FROM is not an e-mail address. Give the one that messages come from.")
		}
		here := net.ParseIP(host)
		mailer, err = notify.NewMailer(notify.SMTP{Host: host, Port: port, User: s.User, Password: s.Password, From: from, FromName: cmp.Or(s.Name, "Wardroom"),
			Plain: host == "localhost" || here != nil && here.IsLoopback()})
		if err != nil {
			return nil, nil, nil, err
		}
	}
	return client, templates, mailer, nil
}

// newCourier puts the courier together. Without a way out it still keeps what
// was to be sent, and says that nothing was.
func (s *Server) newCourier() error {
	client, templates, mailer, err := gatewayOf(s.Config)
	if err != nil {
		return Problems{sentence(err)}
	}
	site := notify.Site{}
	if len(s.Config.PublicURLs) > 0 {
		if site, err = notify.ParseSite(s.Config.PublicURLs[0]); err != nil && client != nil {
			return Problems{"The first address in WARDROOM_PUBLIC_URL is not one that people can type from a message. Give a host name."}
		}
	}
	s.Courier = courier.New(courier.Options{Pool: s.Database.Writer, Journal: s.Journal, Directory: s.Directory, MAC: s.Vault.MAC, Log: s.Log,
		Client: client, Templates: templates, Mailer: mailer, Site: site, Active: s.Identity.LastActive,
		Frozen: func(ctx context.Context, _ *incident.Room, person incident.PersonID) (bool, error) {
			sys, err := s.Journal.System(ctx)
			return err == nil && sys.FrozenOut(person), err
		}})
	return nil
}

// codes sends the directory's codes by the courier, which is made after it.
type codes struct{ s *Server }

func (c codes) Reaches(kind incident.ChannelKind) bool { return c.s.Courier.Reaches(kind) }

func (c codes) SendCode(ctx context.Context, kind incident.ChannelKind, to, code string) error {
	return c.s.Courier.SendCode(ctx, kind, to, code)
}

// unsent says what nobody can be told, which keeps nobody from using the
// server.
func (s *Server) unsent(sys *incident.System) (all Problems) {
	if s.Config.Notify.Key == "" {
		all = append(all, "Nobody is reached by text message: WARDROOM_NOTIFY_KEY is not set. Escalations and invitations are seen only by who signs in.")
	}
	if _, err := notify.ParsePhone(sys.Duty); err != nil && (s.Config.Notify.Key != "" || s.Config.Notify.SMTP.Address != "") {
		all = append(all, "The deployment's duty number is not one that a telephone can ring, so no message goes out: each says it. Correct it under Administration.")
	}
	return all
}

// prefixes reads ranges of addresses; the configuration was judged before.
func prefixes(texts []string) (all []netip.Prefix) {
	for _, text := range texts {
		if p, err := netip.ParsePrefix(text); err == nil {
			all = append(all, p.Masked())
		}
	}
	return all
}
