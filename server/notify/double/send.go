package double

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"wardroom/server/notify"
)

const (
	maxRequest   = 8 << 20   // bytes
	maxReference = 1000      // characters
	maxEmail     = 2_000_000 // bytes
)

// How long a message is in each status.
const (
	toProvider = time.Second
	toHandset  = 3 * time.Second
)

// simulated recipients are checked like any other, and nothing else is done.
var simulated = []string{"447700900000", "447700900111", "447700900222",
	"simulate-delivered@notifications.service.gov.uk", "simulate-delivered-2@notifications.service.gov.uk", "simulate-delivered-3@notifications.service.gov.uk"}

// failing recipients fail in their own way.
var failing = map[string]notify.Status{"447700900003": notify.Temporary, "447700900002": notify.Permanent,
	"temp-fail@simulator.notify": notify.Temporary, "perm-fail@simulator.notify": notify.Permanent}

// form is a request body, as its schema names it.
type form map[string]any

// field is a property that a request may have, and what is wrong with a value.
type field struct {
	name     string
	required bool
	wrong    func(value any) string
}

func readForm(r *http.Request, schema []field) (form, error) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return nil, err
	}
	var f form
	numbers := json.NewDecoder(bytes.NewReader(text))
	numbers.UseNumber() // and write them as they came
	if !json.Valid(text) || numbers.Decode(&f) != nil || f == nil {
		return nil, badRequest("Invalid JSON supplied in POST data")
	}
	var wrong []string
	for _, s := range schema {
		value, given := f[s.name]
		switch {
		case !given && s.required:
			wrong = append(wrong, s.name+" is a required property")
		case given:
			if w := s.wrong(value); w != "" {
				wrong = append(wrong, s.name+" "+w)
			}
		}
	}
	var unknown []string
	for name := range f {
		if !slices.ContainsFunc(schema, func(s field) bool { return s.name == name }) {
			unknown = append(unknown, name)
		}
	}
	if slices.Sort(unknown); len(unknown) == 1 {
		wrong = append(wrong, fmt.Sprintf("Additional properties are not allowed (%s was unexpected)", unknown[0]))
	} else if len(unknown) > 1 {
		wrong = append(wrong, fmt.Sprintf("Additional properties are not allowed (%s were unexpected)", strings.Join(unknown, ", ")))
	}
	if len(wrong) > 0 {
		return nil, invalid(wrong...)
	}
	return f, nil
}

func (f form) text(name string) string { s, _ := f[name].(string); return s }

func isText(v any) string {
	if _, ok := v.(string); !ok {
		return fmt.Sprintf("%v is not of type string", v)
	}
	return ""
}

func isUUID(v any) string {
	if s, ok := v.(string); !ok || !uuid.MatchString(s) {
		return "is not a valid UUID"
	}
	return ""
}

func isObject(v any) string {
	if _, ok := v.(map[string]any); !ok {
		return fmt.Sprintf("%v is not of type object", v)
	}
	return ""
}

func isReference(v any) string {
	if w := isText(v); w != "" {
		return w
	}
	if s := v.(string); len([]rune(s)) > maxReference {
		return s + " is too long"
	}
	return ""
}

func isPhone(v any) string {
	if w := isText(v); w != "" {
		return w
	}
	p, err := notify.ParsePhone(v.(string))
	switch {
	case err != nil:
		return err.Error()
	case p.Kind() == notify.Landline:
		return notify.ErrNotMobile.Error()
	}
	return ""
}

func isEmail(v any) string {
	if w := isText(v); w != "" {
		return w
	}
	if _, err := notify.ParseEmail(v.(string)); err != nil {
		return err.Error()
	}
	return ""
}

func isUnsubscribe(v any) string {
	if s, ok := v.(string); !ok || !strings.HasPrefix(s, "https://") {
		return "is not a valid https url"
	}
	return ""
}

func isTexts(v any) string {
	list, ok := v.([]any)
	if !ok || slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok }) {
		return fmt.Sprintf("%v is not of type array", v)
	}
	return ""
}

var (
	smsSchema = []field{{"phone_number", true, isPhone}, {"template_id", true, isUUID}, {"personalisation", false, isObject},
		{"reference", false, isReference}, {"sms_sender_id", false, isUUID}}
	emailSchema = []field{{"email_address", true, isEmail}, {"template_id", true, isUUID}, {"personalisation", false, isObject},
		{"reference", false, isReference}, {"email_reply_to_id", false, isUUID}, {"one_click_unsubscribe_url", false, isUnsubscribe}, {"sanitise_content_for", false, isTexts}}
)

func (d *Double) postSMS(w http.ResponseWriter, r *http.Request, key Key) error {
	f, err := readForm(r, smsSchema)
	if err != nil {
		return err
	}
	phone, err := notify.ParsePhone(f.text("phone_number"))
	if err != nil {
		return err
	}
	from := "GOVUK"
	if id := f.text("sms_sender_id"); id != "" {
		if from = d.o.Service.Senders[id]; from == "" {
			return badRequest("sms_sender_id %s does not exist in database for service id %s", id, d.o.Service.ID)
		}
	}
	m := &message{by: "sms", to: f.text("phone_number"), as: phone.Digits(), kind: key.Kind}
	if phone.Kind() == notify.International {
		m.rate = 1
	}
	return d.accept(w, r, f, m, func(m *message) error {
		if phone.Kind() == notify.International && !d.o.Service.International {
			return badRequest("Cannot send to international mobile numbers")
		}
		service := ""
		if d.o.Service.Prefix {
			service = d.o.Service.Name
		}
		m.body = tidy(notify.Downgrade(m.body))
		m.size = notify.Measure(service, m.body)
		switch {
		case m.body == "":
			return badRequest("Your message is empty.")
		case m.size.TooLong:
			return badRequest("Text messages cannot be longer than %d characters. Your message is %d characters long.", notify.MaxTextCharacters, len([]rune(m.body)))
		}
		return nil
	}, func(m *message) any { return map[string]any{"body": m.body, "from_number": from} }, nil)
}

func (d *Double) postEmail(w http.ResponseWriter, r *http.Request, key Key) error {
	f, err := readForm(r, emailSchema)
	if err != nil {
		return err
	}
	address, err := notify.ParseEmail(f.text("email_address"))
	if err != nil {
		return err
	}
	if id := f.text("email_reply_to_id"); id != "" && d.o.Service.ReplyTo[id] == "" {
		return badRequest("email_reply_to_id %s does not exist in database for service id %s", id, d.o.Service.ID)
	}
	changed := sanitise(f)
	m := &message{by: "email", to: f.text("email_address"), as: address.Address(), kind: key.Kind, unsubscribe: f.text("one_click_unsubscribe_url")}
	return d.accept(w, r, f, m, func(m *message) error {
		switch size := len(m.body) + len(m.subject); {
		case strings.TrimSpace(m.body) == "":
			return badRequest("Your message is empty.")
		case size > maxEmail:
			return badRequest("Emails cannot be longer than %d bytes. Your message is %d bytes.", maxEmail, size)
		}
		return nil
	}, func(m *message) any {
		content := map[string]any{"subject": m.subject, "body": m.body, "from_email": d.o.Service.EmailFrom + "@notifications.service.gov.uk", "one_click_unsubscribe_url": nil}
		if m.unsubscribe != "" {
			content["one_click_unsubscribe_url"] = m.unsubscribe
		}
		return content
	}, changed)
}

func (d *Double) postLetter(http.ResponseWriter, *http.Request, Key) error {
	return badRequest("Service is not allowed to send letters")
}

// accept does what is the same for both: template, limits, recipient, storing,
// answering. check looks at the rendered message; content is how the answer
// shows it.
func (d *Double) accept(w http.ResponseWriter, r *http.Request, f form, m *message, check func(*message) error, content func(*message) any, changed map[string]any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.o.Clock()
	d.asked++
	fault := NoFault
	if d.o.Fault != nil {
		fault = d.o.Fault(d.asked, m.as)
	}
	switch fault {
	case RateLimit:
		return rateLimited(m.kind)
	case Fails:
		return internal()
	case Breaks:
		panic(http.ErrAbortHandler) // the connection ends without an answer; mu is let go of
	}
	if err := d.pace(m.kind, now); err != nil {
		return err
	}
	if err := d.render(f, m); err != nil {
		return err
	}
	if err := d.mayReceive(m); err != nil {
		return err
	}
	if err := check(m); err != nil {
		return err
	}
	m.id, m.created = NewUUID(), now
	m.reference, m.hasReference = f.text("reference"), f["reference"] != nil
	if !slices.Contains(simulated, m.as) {
		what := m.by
		if m.rate > 0 {
			what = "international_sms"
		}
		if err := d.today(m.kind, what, now); err != nil {
			return err
		}
		d.store(m, now)
	}
	switch fault {
	case FailsTaken:
		return internal()
	case BreaksTaken:
		panic(http.ErrAbortHandler)
	}
	answer := map[string]any{"id": m.id, "reference": reference(m), "content": content(m), "uri": base(r) + "/v2/notifications/" + m.id,
		"template": templateRef(r, m.template), "scheduled_for": nil}
	if m.by == "email" {
		answer["sanitised_content"] = changed
	}
	send(w, http.StatusCreated, answer)
	return nil
}

func reference(m *message) any {
	if !m.hasReference {
		return nil
	}
	return m.reference
}

func base(r *http.Request) string { return "http://" + r.Host }

func templateRef(r *http.Request, t Template) any {
	return map[string]any{"id": t.ID, "version": t.Version, "uri": base(r) + "/v2/template/" + t.ID}
}

// render fills the template in.
func (d *Double) render(f form, m *message) error {
	t, ok := d.template(f.text("template_id"), 0)
	switch {
	case !ok:
		return badRequest("Template not found")
	case t.Type != m.by:
		return badRequest("%s template is not suitable for %s notification", t.Type, m.by)
	case t.Archived:
		return badRequest("Template has been deleted")
	}
	given, _ := f["personalisation"].(map[string]any)
	filled, err := render(t, given)
	if err != nil {
		return err
	}
	m.template, m.subject, m.body = t, filled.Subject, filled.Body
	return nil
}

// render fills a template's newest wording in; what is missing it refuses.
func render(t Template, given map[string]any) (notify.Template, error) {
	// A field is the same however it is written: First name, first_name.
	values := map[string]any{}
	for name, v := range given {
		values[fieldKey(name)] = v
	}
	text := notify.Template{Subject: t.Subject, Body: t.Body}
	fields, missing := map[string]string{}, []string(nil)
	for _, name := range text.Placeholders() {
		switch v := values[fieldKey(name)].(type) {
		case nil:
			missing = append(missing, name)
		case []any:
			fields[name] = list(t.Type, v)
		default:
			fields[name] = fmt.Sprint(v)
		}
	}
	if len(missing) > 0 {
		return notify.Template{}, badRequest("Missing personalisation: %s", strings.Join(missing, ", "))
	}
	return text.Fill(fields), nil
}

func fieldKey(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(name))
}

// list is how several values stand in a message: in a sentence, or under each
// other.
func list(by string, values []any) string {
	var each []string
	for _, v := range values {
		if v != nil {
			each = append(each, fmt.Sprint(v))
		}
	}
	switch {
	case by == "email":
		return "\n\n* " + strings.Join(each, "\n* ")
	case len(each) < 2:
		return strings.Join(each, "")
	}
	return strings.Join(each[:len(each)-1], ", ") + " and " + each[len(each)-1]
}

var spaces, gaps = regexp.MustCompile(`[ \t]+`), regexp.MustCompile(`\n{3,}`)

// tidy takes doubled space out of a text message.
func tidy(body string) string {
	lines := strings.Split(strings.ReplaceAll(body, "\r", ""), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(spaces.ReplaceAllString(l, " "))
	}
	return strings.TrimSpace(gaps.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}

var (
	markdown = regexp.MustCompile("[\\\\`*_{}\\[\\]()#+!|>~]")
	links    = regexp.MustCompile(`(?i)\b(https?://|www\.)[^\s)\]]+`)
)

// sanitise makes the values that were named for it harmless: no links, and no
// character that means something in Markdown. It says what it changed.
func sanitise(f form) map[string]any {
	changed := map[string]any{}
	values, _ := f["personalisation"].(map[string]any)
	names, _ := f["sanitise_content_for"].([]any)
	for _, n := range names {
		name, _ := n.(string)
		was, ok := values[name].(string)
		if !ok {
			continue
		}
		is := markdown.ReplaceAllString(links.ReplaceAllString(was, ""), `\$0`)
		if is != was {
			values[name] = is
			changed[name] = map[string]string{"unsanitised": was, "sanitised": is}
		}
	}
	return changed
}

// mayReceive refuses recipients that the key or the service may not send to.
func (d *Double) mayReceive(m *message) error {
	if m.kind == Test || m.kind == Live && !d.o.Service.Trial || slices.Contains(simulated, m.as) || slices.ContainsFunc(d.o.Service.Guests, func(g string) bool {
		p, noPhone := notify.ParsePhone(g)
		e, noEmail := notify.ParseEmail(g)
		return noPhone == nil && p.Digits() == m.as || noEmail == nil && e.Address() == m.as
	}) {
		return nil
	}
	if m.kind == Team {
		return badRequest("Cannot send to this recipient using a team-only API key")
	}
	return badRequest("Cannot send to this recipient when service is in trial mode - see https://www.notifications.service.gov.uk/trial-mode")
}

// store takes the message in, with what it will come to. The caller holds mu.
func (d *Double) store(m *message, now time.Time) {
	end := notify.Delivered
	switch s := failing[m.as]; {
	case s != 0:
		end = s
	case m.rate > 0:
		end = notify.Abroad
	case m.by == "sms" && m.kind != Test && d.blocked(m.as, m.body, now):
		end = notify.Permanent
	}
	if d.o.Fate != nil {
		if s := d.o.Fate(len(d.messages)+1, m.as); s != 0 {
			end = s
		}
	}
	m.steps = []step{{now, notify.Created}}
	if end != notify.Technical {
		m.steps = append(m.steps, step{now.Add(toProvider), notify.Sending})
	}
	m.steps = append(m.steps, step{now.Add(toHandset), end})
	d.messages = append(d.messages, m)
	d.byID[m.id] = m
	if end >= notify.Technical && d.o.Receipts.URL != "" {
		d.out = append(d.out, &report{to: d.o.Receipts, due: now.Add(toHandset), message: m})
	}
}

var errNoNumber = errors.New("double: the service receives no text messages")
