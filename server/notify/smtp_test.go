package notify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// post is a mail server, and what it took.
type post struct {
	mu    sync.Mutex
	taken []string // each as it came
	to    []string

	mail, rcpt, data error // what it answers instead
	open             bool  // to anybody, without signing in
	breaks           bool  // ends the connection after the last dot, having taken it
	port             int
	roots            *tls.Config
}

type session struct {
	p    *post
	conn *smtp.Conn
	in   bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "wardroom" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.in && !s.p.open {
		return smtp.ErrAuthRequired
	}
	return s.p.mail
}
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.to = append(s.p.to, to)
	return s.p.rcpt
}
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.p.data == nil {
		s.p.taken = append(s.p.taken, string(text))
	}
	if s.p.breaks {
		s.conn.Conn().Close()
	}
	return s.p.data
}

// startPost starts a mail server that speaks TLS after STARTTLS, or not at all.
func startPost(t *testing.T, p *post, withTLS bool) *post {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	must(t, err)
	leaf, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	p.roots = &tls.Config{RootCAs: pool, ServerName: "localhost"}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{p: p, conn: c}, nil }))
	server.Domain = "localhost"
	server.ErrorLog = quiet{}
	if withTLS {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p.port = l.Addr().(*net.TCPAddr).Port
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(l) }()
	// The listener by itself, too: a server that is closed before it begins to
	// serve would wait on it for ever.
	t.Cleanup(func() { server.Close(); l.Close(); <-done })
	return p
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (p *post) mailer(t *testing.T, change func(*SMTP)) *Mailer {
	t.Helper()
	from, err := ParseEmail("wardroom@dsc.example.nhs.uk")
	must(t, err)
	s := SMTP{Host: "localhost", Port: p.port, User: "wardroom", Password: "secret", From: from, FromName: "Wardroom", Roots: p.roots}
	if change != nil {
		change(&s)
	}
	m, err := NewMailer(s)
	must(t, err)
	return m
}

func TestAnEmailGoesOutByARealMailServer(t *testing.T) {
	p := startPost(t, &post{}, true)
	m, id := p.mailer(t, nil), NewID()
	to, err := ParseEmail("Hannah.Osei@example.nhs.uk")
	must(t, err)
	must(t, m.Send(t.Context(), id, notice(t, Invitation), to))
	if len(p.taken) != 1 || p.to[0] != to.Address() {
		t.Fatalf("%d taken, to %v", len(p.taken), p.to)
	}
	got, err := netmail.ReadMessage(strings.NewReader(p.taken[0]))
	must(t, err)
	text, _ := io.ReadAll(got.Body)
	for name, want := range map[string]string{"Subject": "You are invited to an incident room: INC-2026-0042", "From": `"Wardroom" <wardroom@dsc.example.nhs.uk>`, "To": "<hannah.osei@example.nhs.uk>",
		"Message-Id": "<" + id.String() + "@dsc.example.nhs.uk>", "Auto-Submitted": "auto-generated"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if _, err := got.Header.Date(); err != nil {
		t.Error(err)
	}
	for name := range got.Header {
		if strings.HasPrefix(name, "X-") || name == "User-Agent" {
			t.Errorf("it says %s: %v, which nobody asked", name, got.Header[name])
		}
	}
	if body := strings.ReplaceAll(string(text), "=\r\n", ""); !strings.Contains(body, "Join at https://wardroom.example.nhs.uk/join with the code ABCDE-23456.") {
		t.Errorf("it says %s", body)
	}
}

func TestWhatComesOfAnEmailIsToldByTheServersCode(t *testing.T) {
	const secret = "hannah.osei"
	reply := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no " + secret + " here"}
	}
	for _, c := range []struct {
		name   string
		post   *post
		tls    bool
		change func(*SMTP)
		kind   Kind
		status int
		taken  int
	}{
		{"no such mailbox", &post{rcpt: reply(550)}, true, nil, Refused, 550, 0},
		{"come again", &post{rcpt: reply(451)}, true, nil, Busy, 451, 0},
		{"not this sender", &post{mail: reply(553)}, true, nil, Denied, 553, 0},
		{"too busy for anybody", &post{mail: reply(421)}, true, nil, Busy, 421, 0},
		{"not this content", &post{data: reply(554)}, true, nil, Refused, 554, 0},
		{"not now", &post{data: reply(452)}, true, nil, Busy, 452, 0},
		{"silence after the last dot", &post{breaks: true}, true, nil, Uncertain, 0, 1},
		{"a wrong password", &post{}, true, func(s *SMTP) { s.Password = "wrong" }, Denied, 535, 0},
		{"no TLS", &post{}, false, nil, Denied, 0, 0},
		{"no TLS, and no password asked", &post{open: true}, false, func(s *SMTP) { s.User = "" }, Denied, 0, 0},
		{"a certificate of nobody", &post{}, true, func(s *SMTP) { s.Roots = nil }, Denied, 0, 0},
		{"nobody there", &post{}, true, func(s *SMTP) { s.Port = 1 }, Unsent, 0, 0},
	} {
		p := startPost(t, c.post, c.tls)
		to, err := ParseEmail(secret + "@example.nhs.uk")
		must(t, err)
		err = p.mailer(t, c.change).Send(t.Context(), NewID(), notice(t, Escalation), to)
		var f *Failure
		if !errors.As(err, &f) || f.Kind != c.kind || f.Status != c.status || len(p.taken) != c.taken {
			t.Errorf("%s: %v, %d taken", c.name, err, len(p.taken))
		}
		for _, never := range []string{secret, "wrong", "secret"} {
			if said := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(said, never) {
				t.Errorf("%s: the error says %s", c.name, said)
			}
		}
	}
}

func TestEmailsLeaveThisMachineOnlyUnderTLS(t *testing.T) {
	from, _ := ParseEmail("wardroom@dsc.example.nhs.uk")
	for host, ok := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "mail.example.nhs.uk": false, "10.0.0.1": false} {
		if _, err := NewMailer(SMTP{Host: host, Port: 25, From: from, Plain: true}); (err == nil) != ok {
			t.Errorf("%s without TLS: %v", host, err)
		}
	}
	for name, s := range map[string]SMTP{"no host": {Port: 25, From: from}, "no port": {Host: "localhost", From: from}, "no sender": {Host: "localhost", Port: 25}, "two lines": {Host: "localhost", Port: 25, From: from, FromName: "a\r\nBcc: b"}} {
		if _, err := NewMailer(s); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
