package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type channelRow struct {
	ID         string                `json:"id"`
	Kind       incident.ChannelKind  `json:"kind"`
	Masked     string                `json:"masked" doc:"The end of the number, or the address's domain: enough to tell one from another."`
	OutOfHours bool                  `json:"outOfHours"`
	Standing   string                `json:"standing" enum:"unverified,stale,verified"`
	Verified   *incident.Instant     `json:"verified,omitempty" doc:"When it was last found to reach them."`
	How        incident.Verification `json:"how,omitempty" doc:"By a code, or by a host who rang back."`
}

type orgContactRow struct {
	ID        string               `json:"id"`
	Role      incident.ContactRole `json:"role"`
	Name      string               `json:"name"`
	Place     int                  `json:"place"`
	AlertOnly bool                 `json:"alertOnly"`
	Channels  []channelRow         `json:"channels"`
}

type keeperRow struct {
	Person incident.PersonID `json:"person"`
	Name   string            `json:"name"`
}

type orgContactsAnswer struct {
	Code      incident.OrgID         `json:"code"`
	Name      string                 `json:"name"`
	Type      incident.OrgType       `json:"type"`
	Closed    bool                   `json:"closed"`
	Successor incident.OrgID         `json:"successor,omitempty"`
	Contacts  []orgContactRow        `json:"contacts"`
	Keepers   []keeperRow            `json:"keepers" doc:"The organisation's own people who keep this list."`
	Keeps     bool                   `json:"keeps" doc:"Whether the asker does."`
	Rings     bool                   `json:"rings" doc:"Whether the asker's word that they rang back verifies a number."`
	Codes     []incident.ChannelKind `json:"codes" doc:"The ways by which this server can send a code."`
	StaleDays int                    `json:"staleDays"`
}

type channelIn struct {
	ID         string               `json:"id,omitempty" doc:"One that is there already; its value stays."`
	Kind       incident.ChannelKind `json:"kind,omitempty"`
	Value      string               `json:"value,omitempty"`
	OutOfHours bool                 `json:"outOfHours,omitempty"`
}

type orgContactBody struct {
	Role      incident.ContactRole `json:"role"`
	Name      string               `json:"name"`
	Place     int                  `json:"place,omitempty" doc:"1: tried first; 2 and so on stand in."`
	AlertOnly bool                 `json:"alertOnly,omitempty"`
	Channels  []channelIn          `json:"channels"`
}

type orgContactIn struct {
	OrgPath
	Body orgContactBody
}

type ContactPath struct {
	Code string `path:"code"`
	ID   string `path:"id"`
}

type orgContactAtIn struct {
	ContactPath
	Body orgContactBody
}

type contactOnly struct {
	ContactPath
	Body empty
}

type inChannel struct {
	ContactPath
	Body struct {
		Channel string `json:"channel"`
	}
}

type codeIn struct {
	ContactPath
	Body struct {
		Channel string `json:"channel"`
		Code    string `json:"code"`
	}
}

type calledAnswer struct {
	Kind  incident.ChannelKind `json:"kind"`
	Value string               `json:"value"`
}

// mountOrgContacts mounts an organisation's list of whom to reach.
func (s *Server) mountOrgContacts() {
	faults := append([]incident.Fault{incident.Forbidden}, refusals...)
	op := func(method, path, id, summary string) operation {
		return operation{Method: method, Path: "/directory/{code}/contacts" + path, Access: Organisation, Tag: "directory", ID: id, Summary: summary, Faults: faults}
	}
	list := op(http.MethodGet, "", "organisation-contacts", "An organisation's contacts")
	list.Faults, list.Doc = nil, "Numbers and addresses are masked."
	operate(s, list, s.orgContacts)
	add := op(http.MethodPost, "", "add-organisation-contact", "Add a contact")
	operateEmpty(s, add, s.addOrgContact)
	operateEmpty(s, op(http.MethodPut, "/{id}", "change-organisation-contact", "Change a contact"), s.changeOrgContact)
	operateEmpty(s, op(http.MethodPost, "/{id}/remove", "remove-organisation-contact", "Take a contact off the list, and forget them"), s.removeOrgContact)
	ring := op(http.MethodPost, "/{id}/call", "call-organisation-contact", "Be shown a number or address")
	ring.Doc = "That somebody was shown it is an entry of the system log, stored before it goes out; the number is not in it."
	operate(s, ring, s.callOrgContact)
	operateEmpty(s, op(http.MethodPost, "/{id}/code", "send-contact-code", "Have a code sent to a number or address"), s.sendContactCode)
	operateEmpty(s, op(http.MethodPost, "/{id}/verify", "verify-contact", "Say the code that was sent there"), s.verifyContact)
	operateEmpty(s, op(http.MethodPost, "/{id}/rung", "ring-back-contact", "Say that somebody rang back, and reached them"), s.rungContact)
}

func (s *Server) orgContacts(ctx context.Context, c *call, in *OrgPath) (orgContactsAnswer, error) {
	org := incident.OrgID(in.Code)
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return orgContactsAnswer{}, err
	}
	all, err := s.Directory.OrgContacts(ctx, org)
	if err != nil {
		return orgContactsAnswer{}, err
	}
	b := directory.Book{Now: time.Now(), Stale: time.Duration(s.staleDays()) * 24 * time.Hour}
	o := sys.Orgs[org]
	a := orgContactsAnswer{Code: org, Name: o.Name, Type: o.Type, Closed: sys.Closed[org], Successor: o.Successor, Contacts: []orgContactRow{}, Keepers: []keeperRow{},
		Keeps: policy.KeepsContacts(sys, c.actor.Person, org), Rings: policy.RingsBack(sys, c.actor.Person), Codes: []incident.ChannelKind{}, StaleDays: s.staleDays()}
	for _, p := range policy.Keepers(sys, org) {
		a.Keepers = append(a.Keepers, keeperRow{p.ID, p.Name})
	}
	for _, k := range incident.ChannelKinds {
		if s.Directory.Sends(k) {
			a.Codes = append(a.Codes, k)
		}
	}
	for _, ct := range all {
		row := orgContactRow{ID: ct.ID, Role: ct.Role, Name: ct.Name, Place: ct.Place, AlertOnly: ct.AlertOnly, Channels: []channelRow{}}
		for _, ch := range ct.Channels {
			r := channelRow{ID: ch.ID, Kind: ch.Kind, Masked: masked(ch), OutOfHours: ch.OutOfHours, Standing: standingName[b.Of(directory.OrgContact{Channels: []directory.Channel{ch}})], How: ch.How}
			if !ch.Verified.IsZero() {
				at := incident.At(ch.Verified)
				r.Verified = &at
			}
			row.Channels = append(row.Channels, r)
		}
		a.Contacts = append(a.Contacts, row)
	}
	return a, nil
}

// masked tells one number or address from another and is of no use to ring.
func masked(ch directory.Channel) string {
	if ch.Kind == incident.ByEmail {
		_, domain, _ := strings.Cut(ch.Value, "@")
		return "…@" + domain
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, ch.Value)
	return "…" + digits[max(0, len(digits)-3):]
}

// contact reads the body into a contact. Channels that name one that is there
// are taken from was; others are new.
func (s *Server) contactOf(c *call, org incident.OrgID, id string, b orgContactBody, was directory.OrgContact) (directory.OrgContact, error) {
	next := directory.OrgContact{ID: id, Org: org, Role: b.Role, Name: strings.TrimSpace(b.Name), Place: max(b.Place, 1), AlertOnly: b.AlertOnly}
	switch {
	case !b.Role.Valid():
		return next, incident.BadField("role", "Choose what they answer for.")
	case next.Name == "" || utf8.RuneCountInString(next.Name) > 120 || strings.ContainsFunc(next.Name, incident.Disguises):
		return next, incident.BadField("name", "Give their name, on one line.")
	case next.Place > 9:
		return next, incident.BadField("place", "A place is from 1, who is tried first, to 9.")
	case len(b.Channels) == 0 || len(b.Channels) > directory.MaxChannels:
		return next, incident.BadField("channels", "Give 1 to %d numbers or addresses.", directory.MaxChannels)
	}
	for i, in := range b.Channels {
		if in.ID != "" {
			ch, err := was.Channel(in.ID)
			if err != nil {
				return next, incident.BadField("channels", "A number that was there is not there any more. Look again.")
			}
			ch.OutOfHours = in.OutOfHours
			next.Channels = append(next.Channels, ch)
			continue
		}
		// An id that the same request has when it is sent again.
		ch := directory.Channel{ID: s.id("contact channel", string(c.key), id+string(rune('a'+i))), Kind: in.Kind, Value: strings.TrimSpace(in.Value), OutOfHours: in.OutOfHours}
		switch {
		case !in.Kind.Valid():
			return next, incident.BadField("channels", "Choose text message, e-mail or telephone.")
		case in.Kind == incident.ByEmail && !mailbox(ch.Value):
			return next, incident.BadField("channels", "Give an e-mail address like name@example.nhs.uk.")
		case in.Kind != incident.ByEmail && !telephone(ch.Value):
			return next, incident.BadField("channels", "Give a telephone number: digits, spaces and a + in front.")
		case slices.ContainsFunc(next.Channels, func(o directory.Channel) bool { return o.Kind == ch.Kind && o.Value == ch.Value }):
			return next, incident.BadField("channels", "The same is given twice.")
		}
		next.Channels = append(next.Channels, ch)
	}
	return next, nil
}

// mailbox reports whether it is one address and nothing besides (RFC 5322,
// addr-spec).
func mailbox(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, " \"<>")
}

// wording is a body as bytes, to derive from: none of it can be read back.
func wording(b orgContactBody) string {
	text, err := json.Marshal(b)
	if err != nil {
		panic("web: a contact cannot be written: " + err.Error()) // it is plain data
	}
	return string(text)
}

func factsOf(c directory.OrgContact) incident.ContactOf {
	return incident.ContactOf{Contact: c.ID, Org: c.Org, Role: c.Role}
}

// ofContact appends what was done to a contact to the deployment's own log. The
// entry's number is told to nobody: how many there are is not theirs to know.
func (s *Server) ofContact(ctx context.Context, c *call, cmd command.Command) (journal.Receipt, error) {
	return s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, cmd)
}

// addOrgContact writes the log first: whoever stands in the directory stands in
// the record. What is lost between the two is sent again under the same key.
// That somebody keeps the list is asked before as well: a key that the log knows
// is answered without deciding anew, and they may keep it no longer.
func (s *Server) addOrgContact(ctx context.Context, c *call, in *orgContactIn) (none, error) {
	org := incident.OrgID(in.Code)
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return none{}, err
	}
	if err := s.keeping(ctx, c, org); err != nil {
		return none{}, err
	}
	next, err := s.contactOf(c, org, s.id("contact", string(c.actor.Person), string(c.key), wording(in.Body)), in.Body, directory.OrgContact{})
	if err != nil {
		return none{}, err
	}
	r, err := s.ofContact(ctx, c, command.ListContact{Of: factsOf(next)})
	if err != nil {
		return none{}, err
	}
	return none{}, s.Directory.AddOrgContact(ctx, next, r.Seq)
}

func (s *Server) changeOrgContact(ctx context.Context, c *call, in *orgContactAtIn) (none, error) {
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return none{}, err
	}
	if err := s.keeping(ctx, c, incident.OrgID(in.Code)); err != nil {
		return none{}, err
	}
	was, err := s.Directory.OrgContact(ctx, incident.OrgID(in.Code), in.ID)
	if err != nil {
		return none{}, err
	}
	next, err := s.contactOf(c, was.Org, was.ID, in.Body, was)
	if err != nil {
		return none{}, err
	}
	r, err := s.ofContact(ctx, c, command.ChangeContact{Of: factsOf(next), To: s.id("contact change", wording(in.Body))})
	if err != nil {
		return none{}, err
	}
	return none{}, s.Directory.ChangeOrgContact(ctx, next, r.Seq)
}

// removeOrgContact writes the log first too. A crash before they are forgotten
// leaves them listed, and whoever asked without an answer.
func (s *Server) removeOrgContact(ctx context.Context, c *call, in *contactOnly) (none, error) {
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return none{}, err
	}
	if err := s.keeping(ctx, c, incident.OrgID(in.Code)); err != nil {
		return none{}, err
	}
	was, err := s.Directory.OrgContact(ctx, incident.OrgID(in.Code), in.ID)
	if err != nil {
		return none{}, err
	}
	_, err = s.ofContact(ctx, c, command.RemoveContact{Of: factsOf(was)})
	if err != nil {
		return none{}, err
	}
	return none{}, s.Directory.ForgetOrgContact(ctx, was.Org, was.ID)
}

// channelOf finds the contact and the channel that a request names.
func (s *Server) channelOf(ctx context.Context, in ContactPath, channel string) (directory.OrgContact, directory.Channel, error) {
	of, err := s.Directory.OrgContact(ctx, incident.OrgID(in.Code), in.ID)
	if err != nil {
		return of, directory.Channel{}, err
	}
	ch, err := of.Channel(channel)
	return of, ch, err
}

func (s *Server) callOrgContact(ctx context.Context, c *call, in *inChannel) (calledAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Opens, "call", c.session.ID); err != nil {
		return calledAnswer{}, err
	}
	of, ch, err := s.channelOf(ctx, in.ContactPath, in.Body.Channel)
	if err != nil {
		return calledAnswer{}, err
	}
	if _, err := s.ofContact(ctx, c, command.CallContact{Of: factsOf(of), Channel: ch.Kind, Which: ch.ID}); err != nil {
		return calledAnswer{}, err
	}
	return calledAnswer{ch.Kind, ch.Value}, nil
}

func (s *Server) sendContactCode(ctx context.Context, c *call, in *inChannel) (none, error) {
	if err := s.limiter.take(s.Config.Limits.Codes, "contact code", c.session.ID); err != nil {
		return none{}, err
	}
	if err := s.keeping(ctx, c, incident.OrgID(in.Code)); err != nil {
		return none{}, err
	}
	return none{}, s.Directory.SendCode(ctx, incident.OrgID(in.Code), in.ID, in.Body.Channel)
}

// keeping refuses who only reads the list.
func (s *Server) keeping(ctx context.Context, c *call, org incident.OrgID) error {
	sys, err := s.Journal.System(ctx)
	if err == nil && !policy.KeepsContacts(sys, c.actor.Person, org) {
		err = incident.Refuse(incident.Forbidden, "Those who keep this organisation's contacts can do this: its own administrators, and the hosts if it has none.")
	}
	return err
}

// verifyContact uses the code up before it is written down that it was right: a
// crash between the two costs another code.
func (s *Server) verifyContact(ctx context.Context, c *call, in *codeIn) (none, error) {
	if err := s.limiter.take(s.Config.Limits.Codes, "contact code", c.session.ID); err != nil {
		return none{}, err
	}
	of, ch, err := s.channelOf(ctx, in.ContactPath, in.Body.Channel)
	if err != nil {
		return none{}, err
	}
	if err := s.keeping(ctx, c, of.Org); err != nil {
		return none{}, err
	}
	if err := s.Directory.TakeCode(ctx, of.ID, ch.ID, strings.TrimSpace(in.Body.Code)); err != nil {
		return none{}, err
	}
	return s.verified(ctx, c, of, ch, incident.ByCode)
}

func (s *Server) rungContact(ctx context.Context, c *call, in *inChannel) (none, error) {
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return none{}, err
	}
	of, ch, err := s.channelOf(ctx, in.ContactPath, in.Body.Channel)
	if err != nil {
		return none{}, err
	}
	return s.verified(ctx, c, of, ch, incident.ByRinging)
}

func (s *Server) verified(ctx context.Context, c *call, of directory.OrgContact, ch directory.Channel, how incident.Verification) (none, error) {
	log := s.Journal.SystemLog()
	r, err := s.Journal.Append(ctx, log, c.actor, c.key, command.VerifyContact{Of: factsOf(of), Channel: ch.Kind, Which: ch.ID, How: how})
	if err != nil {
		return none{}, err
	}
	at, err := s.Journal.Recorded(ctx, log, r.Seq) // of the first time this was sent
	if err != nil {
		return none{}, err
	}
	return none{}, s.Directory.SetVerified(ctx, of.ID, ch.ID, how, c.actor.Person, at)
}
