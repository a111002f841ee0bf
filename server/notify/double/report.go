package double

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"wardroom/server/notify"
)

const (
	retryEvery  = 5 * time.Minute
	retries     = 5
	answerIn    = 5 * time.Second
	deliverEach = 100 * time.Millisecond
)

// report is a callback that is to be made: of a message, or of a text that
// came in.
type report struct {
	to      Callback
	due     time.Time
	tried   int
	message *message
	text    *received
}

// Deliver makes every callback that is due by now, and is how many were taken.
// One that fails is due again in five minutes, five times.
func (d *Double) Deliver(ctx context.Context) (taken int) {
	now := d.o.Clock()
	d.mu.Lock()
	var due []*report
	d.out = slices.DeleteFunc(d.out, func(r *report) bool {
		if r.due.After(now) {
			return false
		}
		due = append(due, r)
		return true
	})
	d.mu.Unlock()
	var again []*report
	for _, r := range due {
		if d.post(ctx, r) {
			taken++
		} else if r.tried++; r.tried <= retries {
			r.due = now.Add(retryEvery)
			again = append(again, r)
		}
	}
	d.mu.Lock()
	d.out = append(d.out, again...)
	d.mu.Unlock()
	return taken
}

// Run delivers until ctx ends.
func (d *Double) Run(ctx context.Context) {
	tick := time.NewTicker(deliverEach)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.Deliver(ctx)
		}
	}
}

func (d *Double) post(ctx context.Context, r *report) bool {
	var body map[string]any
	if r.text != nil {
		body = map[string]any{"id": r.text.id, "source_number": r.text.from, "destination_number": d.o.Service.Number, "message": r.text.text, "date_received": r.text.at.UTC().Format(timeForm)}
	} else {
		m := r.message
		end := m.steps[len(m.steps)-1]
		body = map[string]any{"id": m.id, "reference": reference(m), "to": m.to, "status": end.status.String(), "created_at": m.created.UTC().Format(timeForm),
			"completed_at": end.at.UTC().Format(timeForm), "sent_at": nil, "notification_type": m.by, "template_id": m.template.ID, "template_version": m.template.Version}
		for _, s := range m.steps {
			if s.status == notify.Sending {
				body["sent_at"] = s.at.UTC().Format(timeForm)
			}
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.to.URL, bytes.NewReader(text))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.to.Bearer)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode/100 == 2
}

// Receive is a text message that somebody sends to the service.
func (d *Double) Receive(from notify.Phone, text string) error {
	if d.o.Service.Number == "" {
		return errNoNumber
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t := received{id: NewUUID(), from: from.Digits(), text: text, at: d.o.Clock()}
	d.texts = append(d.texts, t)
	if d.o.Texts.URL != "" {
		d.out = append(d.out, &report{to: d.o.Texts, due: t.at, text: &t})
	}
	return nil
}
