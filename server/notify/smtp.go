package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

const smtpWithin = 30 * time.Second // for one e-mail, from dialling to the answer

// SMTP is how e-mails are sent where GOV.UK Notify is down, or is not used for
// them: a submission service (RFC 6409) of the deployment's own.
type SMTP struct {
	Host           string
	Port           int
	User, Password string // none where User is empty: a relay that knows this machine
	From           Email
	FromName       string // as the recipient's program shows the sender
	Roots          *tls.Config
	Plain          bool // without TLS: a relay on this very machine, or a test
}

// Mailer sends e-mails by SMTP, each over a connection of its own.
type Mailer struct {
	s SMTP
}

// NewMailer checks the settings. Without TLS it speaks to this machine only:
// neither a password nor an address may be read on the way.
func NewMailer(s SMTP) (*Mailer, error) {
	ip := net.ParseIP(s.Host)
	switch {
	case s.Host == "" || s.Port < 1 || s.Port > 65535:
		return nil, errors.New("notify: SMTP has a host and a port")
	case s.From.IsZero():
		return nil, errors.New("notify: e-mails have a sender's address")
	case strings.ContainsAny(s.FromName, "\r\n"):
		return nil, errors.New("notify: the sender's name is one line")
	case s.Plain && s.Host != "localhost" && (ip == nil || !ip.IsLoopback()):
		return nil, errors.New("notify: SMTP without TLS only to this machine itself")
	}
	return &Mailer{s}, nil
}

// Send sends one e-mail, or says why not: an error of this package's for what
// may not be sent at all, else a *[Failure]. There is nobody to ask whether an
// e-mail of which that is uncertain was taken; sent again it bears the same
// Message-ID, by which mail programs show one of the two.
func (m *Mailer) Send(ctx context.Context, id ID, n Notice, to Email) error {
	switch {
	case n.Check() != nil:
		return n.Check()
	case to.IsZero():
		return ErrNotEmail
	case id == ID{}:
		return errors.New("notify: a message has an id")
	}
	message, err := m.message(id, n, to)
	if err != nil {
		return err
	}
	client, err := m.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, smtpWithin)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return smtpUnreached(ctx, err)
	}
	defer client.Close()
	if err := client.Send(message); err != nil && !message.IsDelivered() {
		return smtpFailure(ctx, err)
	}
	return nil
}

func (m *Mailer) message(id ID, n Notice, to Email) (*mail.Msg, error) {
	said := Wording(n.Purpose, ByEmail).Fill(n.Fields())
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.FromFormat(m.s.FromName, m.s.From.Address()), msg.To(to.Address())); err != nil {
		return nil, ErrNotEmail // which must not be repeated
	}
	_, domain, _ := strings.Cut(m.s.From.Address(), "@")
	msg.Subject(said.Subject)
	msg.SetMessageIDWithValue(id.String() + "@" + domain)
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	msg.SetBodyString(mail.TypeTextPlain, said.Body+"\n")
	return msg, nil
}

func (m *Mailer) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(m.s.Port), mail.WithTimeout(smtpWithin), mail.WithoutNoop()}
	switch {
	case m.s.Plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case m.s.Port == 465:
		options = append(options, mail.WithSSL())
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.s.Roots != nil && !m.s.Plain {
		options = append(options, mail.WithTLSConfig(m.s.Roots))
	}
	if m.s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.s.User), mail.WithPassword(m.s.Password))
	}
	client, err := mail.NewClient(m.s.Host, options...)
	if err != nil {
		return nil, errors.New("notify: the settings of SMTP do not fit together")
	}
	return client, nil
}

// smtpUnreached is what it means that no e-mail could be handed over at all.
func smtpUnreached(ctx context.Context, err error) error {
	f := &Failure{Kind: Unsent, Status: smtpCode(err), cause: cause(ctx, err)}
	var certificate *tls.CertificateVerificationError
	switch {
	case f.Status >= 500:
		f.Kind = Denied
	case errors.As(err, &certificate):
		f.Kind, f.cause = Denied, errors.New("the server's certificate is not one that this machine trusts")
	case f.cause == nil && f.Status == 0:
		f.Kind, f.cause = Denied, errors.New("the server offers no TLS, or no way to sign in")
	}
	return f
}

// smtpFailure tells by the reply's code what came of an e-mail (RFC 5321,
// 4.2.1): 4yz is not now, 5yz is never. No reply after the last dot is neither.
func smtpFailure(ctx context.Context, err error) error {
	f := &Failure{Kind: Unsent, Status: smtpCode(err), cause: cause(ctx, err)}
	var sent *mail.SendError
	isSent := errors.As(err, &sent)
	switch {
	case f.Status >= 500 && isSent && sent.Reason == mail.ErrSMTPMailFrom:
		f.Kind = Denied // the sender, so each e-mail
	case f.Status >= 500:
		f.Kind = Refused
	case f.Status >= 400:
		f.Kind = Busy
	case isSent && sent.Reason == mail.ErrSMTPDataClose:
		f.Kind = Uncertain
	}
	return f
}

// smtpCode is the reply's code, 0 where there was none.
func smtpCode(err error) int {
	var sent *mail.SendError
	if errors.As(err, &sent) && sent.ErrorCode() > 0 {
		return sent.ErrorCode()
	}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

// cause is what kind of network error it was. A server's own words may name
// the recipient.
func cause(ctx context.Context, err error) error {
	var network net.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &network) && network.Timeout():
		return context.DeadlineExceeded
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF // it ends the connection without a word: a relay whose service is down
	}
	var dial *net.OpError
	if errors.As(err, &dial) {
		return fmt.Errorf("%s: %w", dial.Op, dial.Err)
	}
	return nil
}
