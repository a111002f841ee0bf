package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"wardroom/server/command"
	"wardroom/server/identity"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type askCodesIn struct {
	Body struct {
		Org incident.OrgID `json:"org" doc:"The code of the asker's organisation."`
		To  string         `json:"to" doc:"Their own mobile number or e-mail address, as they verified it; at most 254 characters."`
	}
}

type askCodesAnswer struct {
	Request string `json:"request" doc:"Goes with the codes. Given to everyone, whoever they are."`
}

type typedCodeIn struct {
	Body struct {
		Request string `json:"request"`
		Code    string `json:"code" doc:"Six digits."`
	}
}

type comingRow struct {
	Request  string               `json:"request"`
	Person   incident.PersonID    `json:"person"`
	Name     string               `json:"name"`
	Orgs     []incident.OrgID     `json:"orgs"`
	Issuer   string               `json:"issuer" doc:"The name of the sign-in service they use."`
	Down     bool                 `json:"down" doc:"This server found that service unreachable within the last ten minutes."`
	Channel  incident.ChannelKind `json:"channel" doc:"Where the first code went."`
	At       incident.Instant     `json:"at"`
	Until    incident.Instant     `json:"until"`
	Approved string               `json:"approved,omitempty" doc:"Who rang them already."`
	Mine     bool                 `json:"mine" doc:"It is the asker themselves, who does not let themselves in."`
}

type insideRow struct {
	Person incident.PersonID `json:"person"`
	Name   string            `json:"name"`
	Until  incident.Instant  `json:"until"`
}

type comingAnswer struct {
	May    bool        `json:"may" doc:"Whether the asker may let anybody in."`
	Asking []comingRow `json:"asking"`
	Inside []insideRow `json:"inside" doc:"Who came in by codes within the last hour."`
}

type approveComingIn struct {
	ComingPath
	Body struct {
		Reason string `json:"reason,omitempty" doc:"Where their sign-in service answers this server: why it is of no use to them. At most 300 characters."`
	}
}

type ComingPath struct {
	ID string `path:"id"`
}

type refuseComingIn struct {
	ComingPath
	Body empty
}

type approveComingAnswer struct {
	Code  string           `json:"code" doc:"Six digits to read out, shown this once."`
	Until incident.Instant `json:"until"`
}

type byCodesAnswer struct {
	Members []byCodesRow `json:"members"`
}

type byCodesRow struct {
	Member incident.MemberNo `json:"member"`
	Until  incident.Instant  `json:"until"`
}

func (s *Server) mountFallback() {
	operate(s, operation{Method: http.MethodPost, Path: "/sign-in/codes", Access: Public, Tag: "session", ID: "ask-codes", Unkeyed: true,
		Summary: "Ask to come in without a sign-in service", Doc: "The answer is the same for everyone. If the number or address is one that somebody of the organisation verified as their own, a code is sent there."}, s.askCodes)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/sign-in/codes/first", Access: Public, Tag: "session", ID: "first-code", Unkeyed: true,
		Summary: "Type the code that was sent", Doc: "A lead of the hosts is then asked to ring."}, s.firstCode)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/sign-in/codes/second", Access: Public, Tag: "session", ID: "second-code", Unkeyed: true,
		Summary: "Type the code that was read out", Doc: "Begins a session of 60 minutes."}, s.secondCode)
	operate(s, operation{Method: http.MethodGet, Path: "/coming-in", Access: Host, Tag: "session", ID: "coming-in",
		Summary: "Who asks to come in without their sign-in service"}, s.comingIn)
	operate(s, operation{Method: http.MethodPost, Path: "/coming-in/{id}/approve", Access: Host, Tag: "session", ID: "approve-coming-in",
		Summary: "Let somebody in whom I have rung", Doc: "Answers with a code to read out to them. Needs a second factor of its own.", Faults: append(slices.Clone(refusals), incident.NotFound, incident.StepUp)}, s.approveComing)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/coming-in/{id}/refuse", Access: Host, Tag: "session", ID: "refuse-coming-in",
		Summary: "Do not let somebody in", Faults: append(slices.Clone(refusals), incident.NotFound)}, s.refuseComing)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/by-codes", Access: Member, Tag: "members", ID: "members-by-codes",
		Summary: "Which members came in by codes", Doc: "For leads and deputies; to others nobody did."}, s.membersByCodes)
}

// bringing bounds how many who ask are looked for at once; more than that are
// not answered, and told the same.
const bringing = 32

// bringWithin bounds one look, and the sending of one code.
const bringWithin = 20 * time.Second

// askCodes answers before anything is known of who asks: whoever measures it
// measures nothing.
func (s *Server) askCodes(_ context.Context, c *call, in *askCodesIn) (askCodesAnswer, error) {
	if len(in.Body.To) > 254 || len(in.Body.Org) > 12 || strings.TrimSpace(in.Body.To) == "" {
		return askCodesAnswer{}, incident.BadField("to", "Give your mobile number or e-mail address.")
	}
	if err := s.knock(c, s.Config.Limits.Asks, "ask codes"); err != nil {
		return askCodesAnswer{}, err
	}
	secret, hash := identity.NewRequest()
	select {
	case s.bring <- struct{}{}:
		ctx := context.WithoutCancel(c.r.Context())
		go func() {
			defer func() { <-s.bring }()
			ctx, cancel := context.WithTimeout(ctx, bringWithin)
			defer cancel()
			if err := s.bringFirst(ctx, hash, in.Body.Org, strings.TrimSpace(in.Body.To)); err != nil {
				s.Log.Error("a code could not be sent", "error", err)
			}
		}()
	default:
		boundBringing.Hit()
		s.Log.Warn("too many ask to come in at once")
	}
	return askCodesAnswer{secret}, nil
}

// bringFirst finds whose number or address it is, and sends a code there.
func (s *Server) bringFirst(ctx context.Context, hash []byte, org incident.OrgID, to string) error {
	kind := incident.BySMS
	if strings.Contains(to, "@") {
		kind = incident.ByEmail
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return err
	}
	ids := []incident.PersonID{}
	for id, p := range sys.People {
		if slices.Contains(p.Orgs, org) && policy.MayComeInByCodes(sys, id) {
			ids = append(ids, id)
		}
	}
	found, own, err := s.Directory.Whose(ctx, ids, kind, to)
	if err != nil {
		return err
	}
	var who *incident.Person
	if p, ok := sys.People[found]; ok {
		who = &p
	}
	code, err := s.Identity.Ask(ctx, hash, who, kind)
	if err != nil || code == "" {
		return err
	}
	return s.Directory.BringCode(ctx, kind, own, code)
}

// byCodes is somebody as they act before they are in.
func byCodes(p incident.Person) incident.Actor {
	return incident.Actor{Person: p.ID, Name: p.Name, Way: incident.ByCodes}
}

func typedCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, code)
}

func (s *Server) firstCode(ctx context.Context, c *call, in *typedCodeIn) (none, error) {
	if err := s.knock(c, s.Config.Limits.Knocks, "knock"); err != nil {
		return none{}, err
	}
	a, err := s.Identity.FirstCode(ctx, in.Body.Request, typedCode(in.Body.Code))
	if err != nil {
		return none{}, err
	}
	_, err = s.Journal.Append(ctx, s.Journal.SystemLog(), byCodes(a.Person), follow("fallback asked", a.ID), command.AskFallback{Request: a.ID, Channel: a.Channel})
	return none{}, err
}

// secondCode puts the entry before the session: one that a crash keeps from
// beginning is on record, and never the other way round.
func (s *Server) secondCode(ctx context.Context, c *call, in *typedCodeIn) (none, error) {
	if err := s.knock(c, s.Config.Limits.Knocks, "knock"); err != nil {
		return none{}, err
	}
	log := s.Journal.SystemLog()
	a, err := s.Identity.SecondCode(ctx, in.Body.Request, typedCode(in.Body.Code))
	if err != nil {
		if a.Dead && a.Person.ID != "" {
			if _, err := s.Journal.Append(ctx, log, byCodes(a.Person), follow("fallback refused", a.ID), command.RefuseFallback{Request: a.ID, Wrong: true}); err != nil && incident.FaultOf(err) != incident.NotFound {
				return none{}, err
			}
		}
		return none{}, err
	}
	if _, err := s.Journal.Append(ctx, log, byCodes(a.Person), follow("fallback entered", a.ID), command.EnterFallback{Request: a.ID}); err != nil {
		if incident.FaultOf(err) == incident.NotFound { // refused, or too late, meanwhile
			err = identity.WrongCode()
		}
		return none{}, err
	}
	return none{}, s.Identity.EnterByCodes(c.w, c.r, a)
}

func (s *Server) comingIn(ctx context.Context, c *call, _ *none) (comingAnswer, error) {
	a := comingAnswer{Asking: []comingRow{}, Inside: []insideRow{}}
	sys, err := s.Journal.SystemAt(ctx, c.sizes)
	if err != nil {
		return a, err
	}
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	if a.May = policy.Freezes(sys, c.actor, leads) != ""; !a.May {
		return a, nil
	}
	now := incident.At(c.session.Now)
	for _, f := range sys.Asking {
		if f.Over(now) {
			continue
		}
		p := sys.People[f.Person]
		down, err := s.Identity.Unreachable(ctx, p.Issuer)
		if err != nil {
			return a, err
		}
		row := comingRow{Request: f.Request, Person: p.ID, Name: p.Name, Orgs: append([]incident.OrgID{}, p.Orgs...), Issuer: sys.Issuers[p.Issuer].Name, Down: down,
			Channel: f.Channel, At: f.At, Until: incident.At(f.At.Add(incident.FallbackFor)), Mine: p.ID == c.actor.Person}
		if f.Approved != "" {
			row.Approved = nameOf(sys, f.Approved)
		}
		a.Asking = append(a.Asking, row)
	}
	slices.SortFunc(a.Asking, func(x, y comingRow) int { return cmp.Or(x.At.Compare(y.At.Time), cmp.Compare(x.Request, y.Request)) })
	for id := range sys.ByCodes {
		if until := sys.InByCodes(id, now); !until.IsZero() {
			a.Inside = append(a.Inside, insideRow{id, nameOf(sys, id), until})
		}
	}
	slices.SortFunc(a.Inside, func(x, y insideRow) int {
		return cmp.Or(x.Until.Compare(y.Until.Time), cmp.Compare(x.Person, y.Person))
	})
	return a, nil
}

func (s *Server) approveComing(ctx context.Context, c *call, in *approveComingIn) (approveComingAnswer, error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return approveComingAnswer{}, err
	}
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return approveComingAnswer{}, err
	}
	cmd := command.ApproveFallback{Request: in.ID, Reason: in.Body.Reason, Leads: leads}
	if f, ok := sys.Asking[in.ID]; ok && policy.Freezes(sys, c.actor, leads) != "" {
		if cmd.Down, err = s.Identity.Unreachable(ctx, sys.People[f.Person].Issuer); err != nil {
			return approveComingAnswer{}, err
		}
	}
	if _, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, cmd); err != nil {
		return approveComingAnswer{}, err
	}
	// After a crash here the same request sent again makes another code.
	code, until, err := s.Identity.ReadOut(ctx, in.ID)
	return approveComingAnswer{code, incident.At(until)}, err
}

func (s *Server) refuseComing(ctx context.Context, c *call, in *refuseComingIn) (none, error) {
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return none{}, err
	}
	_, err = s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, command.RefuseFallback{Request: in.ID, Leads: leads})
	return none{}, err
}

// membersByCodes marks, for those who run the room, who of it came in by codes.
func (s *Server) membersByCodes(ctx context.Context, c *call, _ *InRoom) (byCodesAnswer, error) {
	a := byCodesAnswer{Members: []byCodesRow{}}
	if !c.member.Leads() {
		return a, nil
	}
	sys, err := s.Journal.SystemAt(ctx, c.sizes)
	if err != nil {
		return a, err
	}
	for _, m := range c.room.Members {
		if until := sys.InByCodes(m.Person, incident.At(c.session.Now)); m.Present() && !until.IsZero() && policy.SeesMember(c.room, c.member, m) != policy.Stub {
			a.Members = append(a.Members, byCodesRow{m.Number, until})
		}
	}
	return a, nil
}
