package notify

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"
	"time"
)

// Templates say which template at GOV.UK Notify holds the wording of each
// purpose, by channel: an id each.
type Templates map[Channel]map[Purpose]string

// ErrExercise is a notice of an exercise to a number that somebody has: those
// go to numbers that reach nobody.
var ErrExercise = errors.New("notify: an exercise reaches only numbers that are kept for plays and films")

// Sent is what GOV.UK Notify says of a message it has taken.
type Sent struct {
	Notify string // its own id of the message
	ID     ID     // ours, which it keeps as the reference
}

// Text sends one text message, or says why not: an error of this package's for
// what may not be sent at all, else a *[Failure]. After a failure that is
// Uncertain, [Client.Found] comes first.
func (c *Client) Text(ctx context.Context, t Templates, id ID, n Notice, to Phone) (Sent, error) {
	switch {
	case n.Check() != nil:
		return Sent{}, n.Check()
	case !to.Texts():
		return Sent{}, ErrNotMobile
	case n.Room.Exercise() && !to.Invented():
		return Sent{}, ErrExercise
	}
	return c.send(ctx, ByText, t, id, n, "phone_number", to.E164())
}

// Email sends one e-mail, as [Client.Text] does a text message.
func (c *Client) Email(ctx context.Context, t Templates, id ID, n Notice, to Email) (Sent, error) {
	switch {
	case n.Check() != nil:
		return Sent{}, n.Check()
	case to.IsZero():
		return Sent{}, ErrNotEmail
	}
	return c.send(ctx, ByEmail, t, id, n, "email_address", to.Address())
}

func (c *Client) send(ctx context.Context, by Channel, t Templates, id ID, n Notice, field, to string) (Sent, error) {
	template := t[by][n.Purpose.Words()]
	if !uuid.MatchString(template) {
		return Sent{}, errors.New("notify: there is no template of purpose " + n.Purpose.String() + " by " + by.String())
	}
	if id == (ID{}) {
		return Sent{}, errors.New("notify: a message has an id")
	}
	var answer struct {
		ID string `json:"id"`
	}
	err := c.do(ctx, "POST", "/v2/notifications/"+by.String(), nil,
		map[string]any{field: to, "template_id": template, "personalisation": n.Fields(), "reference": id.String()}, &answer)
	if err != nil {
		return Sent{}, err
	}
	if !uuid.MatchString(answer.ID) {
		return Sent{}, c.unanswered(errors.New("the answer names no message"), c.now(), true)
	}
	return Sent{Notify: answer.ID, ID: id}, nil
}

// Notification is a message as GOV.UK Notify has it. Whom it went to and what
// it said it tells as well; neither is kept.
type Notification struct {
	Notify    string    // its id
	ID        ID        // ours; zero for what somebody else sent by the same service
	Status    Status    // 0 for one that this package does not know
	Created   time.Time // by its clock
	Completed time.Time // zero while it is under way
	Fragments int       // that are paid for; 0 until it knows
}

type notification struct {
	ID          string     `json:"id"`
	Reference   *string    `json:"reference"`
	Status      string     `json:"status"`
	CreatedAt   time.Time  `json:"created_at"`
	CompletedAt *time.Time `json:"completed_at"`
	Cost        *struct {
		Fragments int `json:"billable_sms_fragments"`
	} `json:"cost_details"`
}

func (n notification) read() Notification {
	out := Notification{Notify: n.ID, Created: n.CreatedAt}
	out.Status, _ = ParseStatus(n.Status)
	if n.Reference != nil {
		out.ID, _ = ParseID(*n.Reference)
	}
	if n.CompletedAt != nil {
		out.Completed = *n.CompletedAt
	}
	if n.Cost != nil {
		out.Fragments = n.Cost.Fragments
	}
	return out
}

// Get asks after one message by GOV.UK Notify's own id. It is Missing after
// seven days, and always for the smoke-test recipients.
func (c *Client) Get(ctx context.Context, notify string) (Notification, error) {
	if !uuid.MatchString(notify) {
		return Notification{}, &Failure{Kind: Missing}
	}
	var answer notification
	if err := c.do(ctx, "GET", "/v2/notifications/"+notify, nil, nil, &answer); err != nil {
		return Notification{}, err
	}
	return answer.read(), nil
}

// Filter narrows a list of messages; the zero Filter does not.
type Filter struct {
	ID       ID       // ours
	Channel  Channel  //
	Statuses []Status //
}

func (f Filter) query() url.Values {
	q := url.Values{}
	if f.ID != (ID{}) {
		q.Set("reference", f.ID.String())
	}
	if f.Channel != 0 {
		q.Set("template_type", f.Channel.String())
	}
	for _, s := range f.Statuses {
		q.Add("status", s.String())
	}
	return q
}

// List goes through the messages of the last seven days, the newest first, a
// page of 250 at a time. It ends at an error, which comes last.
func (c *Client) List(ctx context.Context, f Filter) iter.Seq2[Notification, error] {
	return func(yield func(Notification, error) bool) {
		q := f.query()
		for {
			var page struct {
				Notifications []notification `json:"notifications"`
			}
			if err := c.do(ctx, "GET", "/v2/notifications", q, nil, &page); err != nil {
				yield(Notification{}, err)
				return
			}
			// The page says where the next one is. The way is ours all the same:
			// a token goes to no address that an answer names.
			if len(page.Notifications) == 0 {
				return
			}
			for _, n := range page.Notifications {
				if !yield(n.read(), nil) {
					return
				}
			}
			last := page.Notifications[len(page.Notifications)-1].ID
			if !uuid.MatchString(last) || last == q.Get("older_than") {
				yield(Notification{}, &Failure{Kind: Strange})
				return
			}
			q.Set("older_than", last)
		}
	}
}

// Found asks whether a message was accepted of which that is uncertain: from
// the failure's After on, and before it is sent again. Asked earlier, it is
// Uncertain still, until then.
func (c *Client) Found(ctx context.Context, id ID, after time.Time) (n Notification, found bool, err error) {
	if c.now().Before(after) {
		return n, false, &Failure{Kind: Uncertain, After: after}
	}
	for n, err := range c.List(ctx, Filter{ID: id}) {
		switch {
		case err != nil:
			return Notification{}, false, err
		case n.ID == id:
			return n, true, nil
		}
	}
	return n, false, nil
}

// Check compares what the templates at GOV.UK Notify are filled in with
// against what a notice gives, and says in sentences what is wrong with each.
func (c *Client) Check(ctx context.Context, t Templates) (wrong []string, err error) {
	for _, by := range []Channel{ByText, ByEmail} {
		for _, p := range Worded() {
			id := t[by][p]
			if id == "" {
				continue
			}
			said, err := c.checkTemplate(ctx, by, p, id)
			if err != nil {
				return nil, err
			}
			wrong = append(wrong, said...)
		}
	}
	return wrong, nil
}

func (c *Client) checkTemplate(ctx context.Context, by Channel, p Purpose, id string) (wrong []string, err error) {
	name := "The template of purpose " + p.String() + " by " + by.String()
	var answer struct{ Type, Subject, Body string }
	var f *Failure
	switch {
	case !uuid.MatchString(id):
		return []string{name + " is not an id."}, nil
	default:
		if err := c.do(ctx, "GET", "/v2/template/"+id, nil, nil, &answer); errors.As(err, &f) && f.Kind == Missing {
			return []string{name + " is not one of this service's at GOV.UK Notify."}, nil
		} else if err != nil {
			return nil, err
		}
	}
	if answer.Type != by.String() {
		return []string{name + " is for " + answer.Type + "."}, nil
	}
	has := Template{answer.Subject, answer.Body}.Placeholders()
	wants := Wording(p, by).Placeholders()
	for _, field := range has {
		if !slices.Contains(Fields, field) {
			wrong = append(wrong, name+" asks for (("+field+")), which no message has: none of it would be sent.")
		}
	}
	for _, field := range wants {
		if !slices.Contains(has, field) {
			wrong = append(wrong, name+" does not say (("+field+")).")
		}
	}
	return wrong, nil
}
