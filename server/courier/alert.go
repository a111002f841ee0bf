package courier

import (
	"context"
	"fmt"
	"slices"

	"wardroom/server/incident"
	"wardroom/server/notify"
)

// The contacts of the organisations that an alert went to are told that there
// is one, by its reference: by e-mail, and of a grave one by text message too.
// Contacts who come into no room are told as the others are. A notice about an
// alert names the entry that issued it, in the section where that stands.

const (
	// mostChases is how often the contacts of an organisation are written to
	// because it was chased about one alert. From then on somebody rings.
	mostChases = 5

	alertIssued = "issued" // the instance of the first message
)

// chased is the instance of the messages of one chase. An organisation is not
// chased twice within an hour.
func chased(at incident.Instant) string { return fmt.Sprintf("chase-%d", at.Unix()) }

// followAlerts asks for what contacts should be told because of what was said
// to their organisations.
func (c *Courier) followAlerts(ctx context.Context) {
	_ = c.o.Journal.Follow(ctx, "courier/alerts", incident.SystemLog, c.alerted)
}

func (c *Courier) alerted(ctx context.Context, _ incident.LogID, e *incident.Event) error {
	w := Want{Instance: alertIssued, Purpose: notify.Alert}
	switch e.Body.(type) {
	case *incident.AlertIssued:
	case *incident.AlertChased:
		w.Instance, w.Purpose = chased(e.Times.Recorded), notify.AlertChased
	default:
		return nil
	}
	if c.stale(e) {
		return nil
	}
	sys, err := c.o.Journal.System(ctx)
	if err != nil {
		return err
	}
	a := sys.Alert(incident.AlertNumber(e.Body))
	if a == nil {
		return nil // it was closed meanwhile
	}
	w.Log, w.Root = a.Log, a.Seq
	orgs := slices.DeleteFunc(slices.Clone(incident.AlertOrgs(e.Body)), func(o incident.OrgID) bool {
		r := a.Row(o)
		return r == nil || w.Purpose == notify.AlertChased && r.Chases > mostChases
	})
	to, err := c.o.Directory.ToAll(ctx, orgs)
	if err != nil {
		return err
	}
	var wants []Want
	for _, t := range to {
		w.Contact, w.Org = t.Contact, t.Org
		if t.SMS != "" && a.Severity == incident.AlertHigh {
			w.Channel, w.ChannelID = incident.BySMS, t.SMS
			wants = append(wants, w)
		}
		if t.Email != "" {
			w.Channel, w.ChannelID = incident.ByEmail, t.Email
			wants = append(wants, w)
		}
	}
	return c.Ask(ctx, wants)
}

// StatesAt are the messages about an entry to an organisation's contacts, the
// newest try of each, the newest first. Who may read them is the caller's to
// judge.
func (c *Courier) StatesAt(ctx context.Context, log incident.LogID, root incident.Seq, org incident.OrgID, limit int) ([]State, error) {
	return c.states(ctx, `n.root = $2 AND n.org = $3`, `n.made DESC, n.recipient, n.kind DESC, n.id LIMIT $4`, log, int64(root), string(org), limit)
}

// judgeAlert is for a contact of an organisation that an alert went to: it is
// open, they still owe what they are written to about, and the contact is still
// theirs.
func (c *Courier) judgeAlert(ctx context.Context, j *job) (Verdict, error) {
	sys, err := c.o.Journal.System(ctx)
	if err != nil {
		return Verdict{}, err
	}
	i := slices.IndexFunc(sys.Alerts, func(a *incident.Alert) bool { return a.Log == j.log && a.Seq == j.root })
	if i < 0 {
		return Verdict{Why: Over}, nil
	}
	a := sys.Alerts[i]
	r := a.Row(j.Org)
	switch {
	case r == nil || sys.Closed[j.Org] || j.Whose != AContact:
		return Verdict{Why: Gone}, nil
	case j.Purpose == notify.Alert && r.State != incident.AlertIsSent, r.State.Settled():
		return Verdict{Why: Answered}, nil
	case j.Purpose == notify.AlertChased && (j.Instance != chased(r.Chased) || r.Changed.After(r.Chased.Time)):
		return Verdict{Why: Answered}, nil // since, or they were chased again
	}
	v, err := c.contact(ctx, j, sys)
	if err != nil || v.Why != "" {
		return v, err
	}
	if v.About, err = notify.AlertRef(a.Number); err != nil {
		return Verdict{Why: NoWay}, nil
	}
	return v, nil
}
