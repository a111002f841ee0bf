package double

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardroom/server/notify"
)

const (
	pageSize  = 250
	timeForm  = "2006-01-02T15:04:05.000000Z"
	spaceForm = "2006-01-02 15:04:05.000000"
	smsRate   = 0.0233 // pounds a fragment
)

var (
	types       = []string{"sms", "email", "letter"}
	allStatuses = []string{"cancelled", "created", "sending", "sent", "delivered", "pending", "failed", "technical-failure", "temporary-failure", "permanent-failure",
		"pending-virus-check", "validation-failed", "virus-scan-failed", "returned-letter", "accepted", "received"}
)

func (d *Double) getOne(w http.ResponseWriter, r *http.Request, key Key) error {
	id := r.PathValue("id")
	if !uuid.MatchString(id) {
		return invalid("id is not a valid UUID")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.o.Clock()
	m := d.byID[strings.ToLower(id)]
	if m == nil || old(m, now) {
		return notFound("No result found")
	}
	send(w, http.StatusOK, d.shown(r, m, now))
	return nil
}

// old reports whether a message is past the days it is kept for.
func old(m *message, now time.Time) bool { return m.created.Before(now.AddDate(0, 0, -retentionDays)) }

func (d *Double) getMany(w http.ResponseWriter, r *http.Request, key Key) error {
	q, wrong := r.URL.Query(), []string(nil)
	for name, values := range q {
		for _, v := range values {
			switch {
			case name == "status" && !slices.Contains(allStatuses, v):
				wrong = append(wrong, "status "+v+" is not one of ["+strings.Join(allStatuses, ", ")+"]")
			case name == "template_type" && !slices.Contains(types, v):
				wrong = append(wrong, "template_type "+v+" is not one of ["+strings.Join(types, ", ")+"]")
			case name == "older_than" && !uuid.MatchString(v):
				wrong = append(wrong, "older_than is not a valid UUID")
			}
		}
		if !slices.Contains([]string{"status", "template_type", "reference", "older_than", "include_jobs"}, name) {
			wrong = append(wrong, "Additional properties are not allowed ("+name+" was unexpected)")
		}
	}
	if len(wrong) > 0 {
		return invalid(wrong...)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now, page := d.o.Clock(), []any{}
	var last string
	past := !q.Has("older_than")
	for i := len(d.messages) - 1; i >= 0 && len(page) < pageSize; i-- {
		m := d.messages[i]
		if !past {
			past = m.id == strings.ToLower(q.Get("older_than"))
			continue
		}
		// A failure of either kind is found by the old name for both.
		status := m.at(now).status.String()
		failed := m.at(now).status >= notify.Technical && m.at(now).status <= notify.Permanent
		if m.kind != key.Kind || old(m, now) || q.Has("reference") && m.reference != q.Get("reference") ||
			q.Has("template_type") && !slices.Contains(q["template_type"], m.by) ||
			q.Has("status") && !slices.Contains(q["status"], status) && !(failed && slices.Contains(q["status"], "failed")) {
			continue
		}
		page, last = append(page, d.shown(r, m, now)), m.id
	}
	send(w, http.StatusOK, map[string]any{"notifications": page, "links": pageLinks(r, q, last)})
	return nil
}

// pageLinks say where this page is, and the next one if this has anything.
func pageLinks(r *http.Request, q url.Values, last string) map[string]string {
	here := base(r) + r.URL.Path
	with := func(q url.Values) string {
		if len(q) == 0 {
			return here
		}
		return here + "?" + q.Encode()
	}
	links := map[string]string{"current": with(q)}
	if last != "" {
		next := url.Values{}
		for name, v := range q {
			next[name] = v
		}
		next.Set("older_than", last)
		links["next"] = with(next)
	}
	return links
}

// shown is a message as GOV.UK Notify shows it.
func (d *Double) shown(r *http.Request, m *message, now time.Time) map[string]any {
	at := m.at(now)
	out := map[string]any{"id": m.id, "reference": reference(m), "email_address": nil, "phone_number": nil, "type": m.by, "status": at.status.String(),
		"template": map[string]any{"id": m.template.ID, "version": m.template.Version, "uri": base(r) + "/v2/template/" + m.template.ID + "/version/" + strconv.Itoa(m.template.Version)},
		"body":     m.body, "subject": nil, "created_at": m.created.UTC().Format(timeForm), "created_by_name": nil, "sent_at": nil, "completed_at": nil, "scheduled_for": nil,
		"postage": nil, "one_click_unsubscribe_url": nil, "is_cost_data_ready": true, "cost_in_pounds": 0.0, "cost_details": map[string]any{}}
	for _, line := range []string{"line_1", "line_2", "line_3", "line_4", "line_5", "line_6", "postcode"} {
		out[line] = nil
	}
	if m.by == "email" {
		out["email_address"], out["subject"] = m.to, m.subject
		if m.unsubscribe != "" {
			out["one_click_unsubscribe_url"] = m.unsubscribe
		}
	} else {
		out["phone_number"] = m.to
		if at.status == notify.Created {
			out["is_cost_data_ready"] = false
		} else if at.status != notify.Technical {
			rate := max(m.rate, 1)
			out["cost_details"] = map[string]any{"billable_sms_fragments": m.size.Fragments, "international_rate_multiplier": rate, "sms_rate": smsRate}
			out["cost_in_pounds"] = float64(m.size.Fragments*rate) * smsRate
		}
	}
	for _, s := range m.steps {
		if s.status == notify.Sending && !s.at.After(now) {
			out["sent_at"] = s.at.UTC().Format(timeForm)
		}
	}
	if at.status >= notify.Abroad {
		out["completed_at"] = at.at.UTC().Format(timeForm)
	}
	return out
}

func (d *Double) getTemplate(w http.ResponseWriter, r *http.Request, key Key) error {
	if !uuid.MatchString(r.PathValue("id")) {
		return invalid("id is not a valid UUID")
	}
	version := 0
	if v := r.PathValue("version"); v != "" {
		var err error
		if version, err = strconv.Atoi(v); err != nil || version < 1 {
			return invalid("version " + v + " is not of type integer")
		}
	}
	t, ok := d.template(strings.ToLower(r.PathValue("id")), version)
	if !ok {
		return notFound("No result found")
	}
	send(w, http.StatusOK, templateShown(t))
	return nil
}

func templateShown(t Template) map[string]any {
	fields := map[string]any{}
	for _, name := range (notify.Template{Subject: t.Subject, Body: t.Body}).Placeholders() {
		fields[name] = map[string]bool{"required": true}
	}
	out := map[string]any{"id": t.ID, "name": t.Name, "type": t.Type, "created_at": t.Created.UTC().Format(timeForm), "updated_at": nil, "version": t.Version,
		"created_by": "someone@example.gov.uk", "body": t.Body, "subject": nil, "postage": nil, "letter_contact_block": nil, "personalisation": fields}
	if t.Type == "email" {
		out["subject"] = t.Subject
	}
	if t.Version > 1 {
		out["updated_at"] = t.Created.UTC().Format(timeForm)
	}
	return out
}

func (d *Double) getTemplates(w http.ResponseWriter, r *http.Request, key Key) error {
	kind := r.URL.Query().Get("type")
	if kind != "" && !slices.Contains(types, kind) {
		return invalid("type " + kind + " is not one of [sms, email, letter]")
	}
	all := []any{}
	for _, t := range d.newest() {
		if kind == "" || t.Type == kind {
			all = append(all, templateShown(t))
		}
	}
	send(w, http.StatusOK, map[string]any{"templates": all})
	return nil
}

func (d *Double) preview(w http.ResponseWriter, r *http.Request, key Key) error {
	id := strings.ToLower(r.PathValue("id"))
	if !uuid.MatchString(id) {
		return invalid("id is not a valid UUID")
	}
	f, err := readForm(r, []field{{"personalisation", false, isObject}})
	if err != nil {
		return err
	}
	t, ok := d.template(id, 0)
	if !ok {
		return notFound("No result found")
	}
	given, _ := f["personalisation"].(map[string]any)
	filled, err := render(t, given)
	if err != nil {
		return err
	}
	out := map[string]any{"id": t.ID, "type": t.Type, "version": t.Version, "body": filled.Body, "html": nil, "subject": nil, "postage": nil}
	if t.Type == "email" {
		out["subject"] = filled.Subject
		out["html"] = "<p>" + strings.ReplaceAll(html.EscapeString(filled.Body), "\n\n", "</p><p>") + "</p>"
	}
	send(w, http.StatusOK, out)
	return nil
}

// received is a text message that somebody sent to the service.
type received struct {
	id, from, text string
	at             time.Time
}

func (d *Double) getReceived(w http.ResponseWriter, r *http.Request, key Key) error {
	q := r.URL.Query()
	for name := range q {
		if name != "older_than" {
			return invalid("Additional properties are not allowed (" + name + " was unexpected)")
		}
	}
	if q.Has("older_than") && !uuid.MatchString(q.Get("older_than")) {
		return invalid("older_than is not a valid UUID")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now, page, last, past := d.o.Clock(), []any{}, "", !q.Has("older_than")
	for i := len(d.texts) - 1; i >= 0 && len(page) < pageSize; i-- {
		t := d.texts[i]
		switch {
		case !past:
			past = t.id == strings.ToLower(q.Get("older_than"))
		case t.at.Before(now.AddDate(0, 0, -retentionDays)):
		default:
			page, last = append(page, map[string]any{"id": t.id, "created_at": t.at.UTC().Format(spaceForm), "service_id": d.o.Service.ID,
				"notify_number": d.o.Service.Number, "user_number": t.from, "content": t.text}), t.id
		}
	}
	send(w, http.StatusOK, map[string]any{"received_text_messages": page, "links": pageLinks(r, q, last)})
	return nil
}
