package web

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"wardroom/server/courier"
	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/policy"
)

// NoticeRow is how far one message about an entry has come. Whom it goes to is
// told by what it is about: the step of an escalation, the invitation.
type NoticeRow struct {
	ID           string               `json:"id,omitempty" doc:"For the hosts only."`
	Instance     string               `json:"instance" doc:"What about the entry: step-2 of an escalation."`
	Purpose      string               `json:"purpose"`
	Channel      incident.ChannelKind `json:"channel"`
	State        string               `json:"state" doc:"waiting, sent, arrived, failed or not_sent."`
	Detail       string               `json:"detail,omitempty" doc:"For the hosts only: queued, uncertain, temporary, permanent, technical, refused, or why it was not sent."`
	At           *incident.Instant    `json:"at,omitempty" doc:"When it was sent."`
	Acknowledged *incident.Instant    `json:"acknowledged,omitempty" doc:"When the code in it was typed. That answers nothing."`
	Again        bool                 `json:"again,omitempty" doc:"Whether it can be sent again; for the hosts only."`
}

type noticesAnswer struct {
	Notices []NoticeRow `json:"notices" doc:"At most 100."`
}

// WayRow is how one way out does.
type WayRow struct {
	Way     string            `json:"way" doc:"sms, email, or smtp: e-mail's second way."`
	Set     bool              `json:"set" doc:"It is set up."`
	Held    string            `json:"held,omitempty" doc:"unreachable, exhausted, denied, skewed or strange; absent: it works."`
	Since   *incident.Instant `json:"since,omitempty"`
	Skew    int               `json:"skew,omitempty" doc:"Seconds that this deployment's clock is ahead."`
	Waiting int               `json:"waiting" doc:"Messages that are due and wait for it."`
}

type waysAnswer struct {
	Ways []WayRow `json:"ways"`
}

type noticeIn struct {
	InEntry
	ID   string `path:"id"`
	Body empty
}

type ackIn struct {
	Body struct {
		Code string `json:"code" doc:"As it stands in the message; at most 100 characters. Case, spaces and hyphens do not matter."`
	}
}

type ackAnswer struct {
	Said string `json:"said" doc:"Always the same, whatever was typed."`
}

// acknowledged is all that anybody is told who types a code.
const acknowledged = "Thank you. If the code is right, it has been noted."

func (s *Server) mountNotices() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/entries/{seq}/notices", Access: Member, Tag: "notices", ID: "list-notices",
		Summary: "How far messages about an entry have come", Doc: "For the hosts, and for who asked, of an escalation.", Faults: []incident.Fault{incident.NotFound}}, s.notices)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/notices/{id}/again", Access: Member, Tag: "notices", ID: "send-notice-again", Unkeyed: true, Status: http.StatusAccepted,
		Summary: "Send a message again that did not arrive", Doc: "For the room's leads.", Faults: []incident.Fault{incident.NotFound, incident.Conflict}}, s.noticeAgain)
	operate(s, operation{Method: http.MethodGet, Path: "/notices/ways", Access: Host, Tag: "notices", ID: "notice-ways",
		Summary: "Whether text messages and e-mails go out"}, s.ways)
	operate(s, operation{Method: http.MethodGet, Path: "/admin/notices/ways", Access: Admin, Tag: "notices", ID: "admin-notice-ways",
		Summary: "Whether text messages and e-mails go out", Doc: "For administrators, who can mend a key or a clock. It tells of no message."}, s.ways)
	operate(s, operation{Method: http.MethodPost, Path: "/ack", Access: Public, Tag: "notices", ID: "acknowledge-notice", Unkeyed: true, Glance: true,
		Summary: "Acknowledge a message by its code", Doc: "Without signing in. Always the same answer, and it answers no question that the message was about."}, s.acknowledge)
	s.handle(Route{http.MethodPost, apiPrefix + "/notify/receipts", Public}, s.receipts)
}

// ofNotices finds an entry that the member may ask about notices of. Everybody
// else gets the answer of an entry that is not there.
func (s *Server) ofNotices(ctx context.Context, c *call, in InEntry) (incident.Seq, error) {
	seq, err := in.seq()
	if err != nil {
		return 0, err
	}
	sight, err := s.Journal.Sight(ctx, c.room.ID, c.actor.Person, seq)
	if err != nil {
		return 0, err
	}
	asked := func() bool {
		x := c.room.Escalation(seq)
		return x != nil && x.By.Member == c.member.Number
	}
	if !policy.May(c.room, c.member, sight) || !c.member.Host && !asked() || s.Courier == nil {
		return 0, incident.Missing()
	}
	return seq, nil
}

func (s *Server) notices(ctx context.Context, c *call, in *InEntry) (noticesAnswer, error) {
	seq, err := s.ofNotices(ctx, c, *in)
	if err != nil {
		return noticesAnswer{}, err
	}
	list, err := s.Courier.States(ctx, c.room.ID, seq, courier.Page{Limit: 100})
	if err != nil {
		return noticesAnswer{}, err
	}
	answer := noticesAnswer{Notices: []NoticeRow{}}
	for _, n := range list {
		if !n.Purpose.Broadcast() {
			answer.Notices = append(answer.Notices, noticeRow(n, c.member.Host, c.member.Leads()))
		}
	}
	return answer, nil
}

// noticeRow tells the hosts everything, and others whether it was sent and
// whether it arrived.
func noticeRow(n courier.State, host, leads bool) NoticeRow {
	row := NoticeRow{Instance: n.Instance, Purpose: n.Purpose.String(), Channel: n.Channel}
	switch n.State {
	case courier.Queued, courier.Sending, courier.Uncertain:
		row.State = "waiting"
	case courier.Sent:
		row.State = "sent"
	case courier.Delivered:
		row.State = "arrived"
	case courier.NotSent:
		row.State = "not_sent"
	default:
		row.State = "failed"
	}
	if !n.Sent.IsZero() && n.State != courier.NotSent {
		at := incident.At(n.Sent)
		row.At = &at
	}
	if !n.Acknowledged.IsZero() {
		at := incident.At(n.Acknowledged)
		row.Acknowledged = &at
	}
	if host {
		row.ID, row.Detail, row.Again = n.ID.String(), string(n.State), leads && n.State.Again()
		if n.State == courier.NotSent {
			row.Detail = string(n.Why)
		}
	}
	return row
}

func (s *Server) noticeAgain(ctx context.Context, c *call, in *noticeIn) (empty, error) {
	seq, err := s.ofNotices(ctx, c, in.InEntry)
	if err != nil {
		return empty{}, err
	}
	id, err := notify.ParseID(in.ID)
	if err != nil || !c.member.Host {
		return empty{}, incident.Missing()
	}
	if !c.member.Leads() {
		return empty{}, incident.Refuse(incident.Forbidden, "Only the room's leads have messages sent again.")
	}
	if err := s.change(c); err != nil {
		return empty{}, err
	}
	return empty{}, s.Courier.Retry(ctx, c.room.ID, seq, id)
}

func (s *Server) ways(ctx context.Context, _ *call, _ *none) (waysAnswer, error) {
	answer := waysAnswer{Ways: []WayRow{}}
	if s.Courier == nil {
		return answer, nil
	}
	all, err := s.Courier.Health(ctx)
	for _, h := range all {
		row := WayRow{Way: string(h.Way), Set: h.Set, Held: string(h.Hold), Skew: int(h.Skew.Seconds()), Waiting: h.Waiting}
		if !h.Since.IsZero() {
			at := incident.At(h.Since)
			row.Since = &at
		}
		answer.Ways = append(answer.Ways, row)
	}
	return answer, err
}

// maxTyped bounds what is read as a code.
const maxTyped = 100

// acknowledge says the same whatever is typed, after the same work: what was
// typed is stored, and compared later.
func (s *Server) acknowledge(ctx context.Context, c *call, in *ackIn) (ackAnswer, error) {
	// The address first: one that tries many spends its own, and nobody else's.
	if err := s.perAddress(c.r, s.Config.Limits.Acks, "ack"); err != nil {
		return ackAnswer{}, err
	}
	if err := s.limiter.take(s.Config.Limits.AllAcks, "acks", "all"); err != nil {
		return ackAnswer{}, err
	}
	if len(in.Body.Code) > maxTyped {
		in.Body.Code = in.Body.Code[:maxTyped]
	}
	if s.Courier != nil {
		if err := s.Courier.Acknowledge(ctx, in.Body.Code); err != nil {
			return ackAnswer{}, err
		}
	}
	return ackAnswer{acknowledged}, nil
}

// siteShare is how many times as much as one network those of one site have
// together: a provider gives a customer a /48 of IPv6, and with it 65,536 of
// the networks that address tells apart.
const siteShare = 8

// perAddress takes what a request costs from whom it comes from.
func (s *Server) perAddress(r *http.Request, limit Limit, kind string) error {
	at := s.address(r)
	if err := s.limiter.take(limit, kind, at); err != nil {
		return err
	}
	network, err := netip.ParsePrefix(at)
	if err != nil {
		return nil // IPv4
	}
	site, _ := network.Addr().Prefix(48)
	return s.limiter.take(Limit{limit.Rate * siteShare, limit.Burst * siteShare}, kind, site.String())
}

// address is who a request comes from, for limits alone: the peer, or whom a
// configured proxy says it speaks for. Of IPv6 it is the network: whoever has
// one address of it has all.
func (s *Server) address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	at := peer.Addr().Unmap().WithZone("")
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(said) - 1; i >= 0 && s.isProxy(at); i-- { // each proxy adds whom it heard, at the end
		next, err := netip.ParseAddr(strings.TrimSpace(said[i]))
		if err != nil {
			break
		}
		at = next.Unmap().WithZone("")
	}
	if at.Is6() {
		if net, err := at.Prefix(64); err == nil {
			return net.String()
		}
	}
	return at.String()
}

func (s *Server) isProxy(a netip.Addr) bool {
	for _, p := range s.Config.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// receipts takes delivery receipts in. Without the bearer token there is
// nothing to learn here.
func (s *Server) receipts(w http.ResponseWriter, r *http.Request) {
	if s.Courier == nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	receiver, err := notify.NewReceiver(s.Config.Receipts, s.Courier.Took)
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized) // none is configured
		return
	}
	receiver.ServeHTTP(w, r)
}
