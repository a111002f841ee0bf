package web

import (
	"context"
	"net/http"
	"strings"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/policy"
)

// OwnRow is a number or address that somebody gave for themselves.
type OwnRow struct {
	Value    string            `json:"value"`
	Verified *incident.Instant `json:"verified,omitempty" doc:"Absent: a code that was sent there has not come back, and nothing else is sent."`
}

type quietBody struct {
	From  string `json:"from" doc:"22:00, in the United Kingdom."`
	Until string `json:"until"`
}

type reachAnswer struct {
	SMS   *OwnRow                `json:"sms,omitempty"`
	Email *OwnRow                `json:"email,omitempty"`
	Quiet *quietBody             `json:"quiet,omitempty" doc:"Hours in which nothing is sent, but for an escalation."`
	Codes []incident.ChannelKind `json:"codes" doc:"The ways by which this server can send a code, and anything else."`
}

// InReach is the path of one of one's own ways.
type InReach struct {
	Kind string `path:"kind" doc:"sms or email."`
}

type ownIn struct {
	InReach
	Body struct {
		Value string `json:"value" doc:"A mobile number of the United Kingdom, or an e-mail address."`
	}
}

type ownCodeIn struct {
	InReach
	Body struct {
		Code string `json:"code"`
	}
}

type quietIn struct {
	Body struct {
		Quiet *quietBody `json:"quiet,omitempty" doc:"Absent: none."`
	}
}

func (s *Server) mountReach() {
	operate(s, operation{Method: http.MethodGet, Path: "/me/reach", Access: SignedIn, Tag: "notices", ID: "my-reach", Summary: "How I am reached", Faults: []incident.Fault{incident.NotFound}}, s.reach)
	operate(s, operation{Method: http.MethodPut, Path: "/me/reach/{kind}", Access: SignedIn, Tag: "notices", ID: "set-my-reach", Unkeyed: true,
		Summary: "Give my number or address, and have a code sent there", Doc: "Needs a second factor of the last five minutes: the codes to come in with go there too.", Faults: []incident.Fault{incident.NotFound, incident.Conflict, incident.StepUp}}, s.setReach)
	operate(s, operation{Method: http.MethodPost, Path: "/me/reach/{kind}/code", Access: SignedIn, Tag: "notices", ID: "verify-my-reach", Unkeyed: true,
		Summary: "Type the code that came", Faults: []incident.Fault{incident.NotFound}}, s.verifyReach)
	operateEmpty(s, operation{Method: http.MethodDelete, Path: "/me/reach/{kind}", Access: SignedIn, Tag: "notices", ID: "forget-my-reach",
		Summary: "Forget my number or address", Faults: []incident.Fault{incident.NotFound}}, s.forgetReach)
	operate(s, operation{Method: http.MethodPut, Path: "/me/quiet", Access: SignedIn, Tag: "notices", ID: "set-my-quiet", Unkeyed: true,
		Summary: "Set my quiet hours", Faults: []incident.Fault{incident.NotFound}}, s.setQuiet)
}

// own is the person whose reach it is: somebody the deployment knows.
func (c *call) own() (incident.PersonID, error) {
	if c.actor.Person == "" {
		return "", incident.Missing()
	}
	return c.actor.Person, nil
}

// ownToChange is own, for who changes where codes go: never by codes.
func (c *call) ownToChange() (incident.PersonID, error) {
	if c.actor.Way == incident.ByCodes {
		return "", policy.ByCodes()
	}
	return c.own()
}

func (in InReach) kind() (incident.ChannelKind, error) {
	if k := incident.ChannelKind(in.Kind); k == incident.BySMS || k == incident.ByEmail {
		return k, nil
	}
	return "", incident.Missing()
}

func (s *Server) reach(ctx context.Context, c *call, _ *none) (reachAnswer, error) {
	p, err := c.own()
	if err != nil {
		return reachAnswer{}, err
	}
	r, err := s.Directory.ReachOf(ctx, p)
	if err != nil {
		return reachAnswer{}, err
	}
	row := func(o directory.Own) *OwnRow {
		if o.Value == "" {
			return nil
		}
		row := &OwnRow{Value: o.Value}
		if !o.Verified.IsZero() {
			at := incident.At(o.Verified)
			row.Verified = &at
		}
		return row
	}
	if phone, err := notify.ParsePhone(r.SMS.Value); err == nil {
		r.SMS.Value = phone.Shown()
	}
	answer := reachAnswer{SMS: row(r.SMS), Email: row(r.Email), Codes: []incident.ChannelKind{}}
	for _, k := range []incident.ChannelKind{incident.BySMS, incident.ByEmail} {
		if s.Directory.Sends(k) {
			answer.Codes = append(answer.Codes, k)
		}
	}
	if r.Quiet != nil {
		answer.Quiet = &quietBody{clockOf(r.Quiet.Begins), clockOf(r.Quiet.Ends)}
	}
	return answer, nil
}

func (s *Server) setReach(ctx context.Context, c *call, in *ownIn) (reachAnswer, error) {
	p, err := c.ownToChange()
	if err != nil {
		return reachAnswer{}, err
	}
	if err := command.MayKey(c.actor, c.session.Now); err != nil {
		return reachAnswer{}, err // the codes to come in with go there too
	}
	kind, err := in.kind()
	if err != nil {
		return reachAnswer{}, err
	}
	if len(in.Body.Value) > 320 {
		return reachAnswer{}, incident.BadField("value", "This is too long.")
	}
	if err := s.limiter.take(s.Config.Limits.Codes, "code", c.session.ID); err != nil {
		return reachAnswer{}, err
	}
	value := ""
	if kind == incident.BySMS {
		phone, err := notify.ParsePhone(in.Body.Value)
		if err != nil || !phone.Texts() {
			return reachAnswer{}, incident.BadField("value", "Give a mobile number of the United Kingdom, such as 07700 900123.")
		}
		value = phone.E164()
	} else {
		mail, err := notify.ParseEmail(in.Body.Value)
		if err != nil {
			return reachAnswer{}, incident.BadField("value", "Give an e-mail address, such as name@example.nhs.uk.")
		}
		value = mail.Address()
	}
	if err := s.Directory.SetOwn(ctx, p, kind, value); err != nil {
		return reachAnswer{}, err
	}
	return s.reach(ctx, c, nil)
}

func (s *Server) verifyReach(ctx context.Context, c *call, in *ownCodeIn) (reachAnswer, error) {
	p, err := c.ownToChange()
	if err != nil {
		return reachAnswer{}, err
	}
	kind, err := in.kind()
	if err != nil {
		return reachAnswer{}, err
	}
	if err := s.limiter.take(s.Config.Limits.Codes, "code", c.session.ID); err != nil {
		return reachAnswer{}, err
	}
	if len(in.Body.Code) > maxTyped {
		in.Body.Code = ""
	}
	if err := s.Directory.TakeOwnCode(ctx, p, kind, strings.ReplaceAll(strings.TrimSpace(in.Body.Code), " ", "")); err != nil {
		return reachAnswer{}, err
	}
	return s.reach(ctx, c, nil)
}

func (s *Server) forgetReach(ctx context.Context, c *call, in *InReach) (none, error) {
	p, err := c.ownToChange()
	if err != nil {
		return none{}, err
	}
	kind, err := in.kind()
	if err != nil {
		return none{}, err
	}
	return none{}, s.Directory.ForgetOwn(ctx, p, kind)
}

func (s *Server) setQuiet(ctx context.Context, c *call, in *quietIn) (reachAnswer, error) {
	p, err := c.own()
	if err != nil {
		return reachAnswer{}, err
	}
	var q *directory.Quiet
	if b := in.Body.Quiet; b != nil {
		begins, ok := minuteOf(b.From)
		if !ok {
			return reachAnswer{}, incident.BadField("from", "Give a time such as 22:00.")
		}
		ends, ok := minuteOf(b.Until)
		if !ok || ends == begins {
			return reachAnswer{}, incident.BadField("until", "Give another time than the one they begin at, such as 07:00.")
		}
		q = &directory.Quiet{Begins: begins, Ends: ends}
	}
	if err := s.Directory.SetQuiet(ctx, p, q); err != nil {
		return reachAnswer{}, err
	}
	return s.reach(ctx, c, nil)
}

// clockOf writes minutes after midnight as 22:00.
func clockOf(minute int) string {
	return string([]byte{'0' + byte(minute/600), '0' + byte(minute/60%10), ':', '0' + byte(minute%60/10), '0' + byte(minute%10)})
}

// minuteOf reads what clockOf writes.
func minuteOf(text string) (minute int, ok bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	n := 0
	for i, weight := range []int{600, 60, 0, 10, 1} {
		if i == 2 {
			continue
		}
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n += int(text[i]-'0') * weight
	}
	return n, n < 1440 && text[3] < '6' && (text[0] < '2' || text[0] == '2' && text[1] < '4')
}
