package double

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"wardroom/server/notify"
)

//go:embed phone.css
var phoneCSS []byte

//go:embed phone.html
var phoneHTML string

var pages = template.Must(template.New("phone").Parse(phoneHTML))

// london is where the telephones are; UTC on a machine that knows no zones.
var london = func() *time.Location {
	if l, err := time.LoadLocation("Europe/London"); err == nil {
		return l
	}
	return time.UTC
}()

// inbox is one recipient's telephone or mailbox.
type inbox struct {
	Recipient, Title string
	Mail             bool
	Count            int
	Last             line
	Days             []day
	Service          string
}

type day struct {
	Name  string
	Lines []line
}

// line is one message on the screen, or one that did not get there.
type line struct {
	At              time.Time
	Clock, Machine  string
	Sent            bool // by the telephone's owner
	Failed, Subject string
	Parts           []part
}

// part is text, or a link that can be followed.
type part struct{ Text, Link string }

var linkForm = regexp.MustCompile(`https?://[^\s<>"]+`)

// parts makes links of what telephones make links of. The full stop after an
// address is the sentence's.
func parts(text string) (all []part) {
	for len(text) > 0 {
		at := linkForm.FindStringIndex(text)
		if at == nil {
			return append(all, part{Text: text})
		}
		link := strings.TrimRight(text[at[0]:at[1]], ".,;:!?)")
		if at[0] > 0 {
			all = append(all, part{Text: text[:at[0]]})
		}
		all = append(all, part{link, link})
		text = text[at[0]+len(link):]
	}
	return all
}

// lines are everything that a recipient's screen shows by now, the newest last.
func (d *Double) lines(recipient string, now time.Time) (all []line, mail bool) {
	service := ""
	if d.o.Service.Prefix {
		service = d.o.Service.Name + ": "
	}
	for _, m := range d.messages {
		at := m.at(now)
		if m.as != recipient || at.status < notify.Abroad {
			continue
		}
		mail = m.by == "email"
		l := line{At: at.at, Subject: m.subject}
		switch {
		case at.status >= notify.Technical && at.status <= notify.Permanent:
			l.Failed, l.Subject = at.status.String(), ""
		case mail:
			l.Parts = parts(m.body)
		default:
			l.Parts = parts(service + m.body)
		}
		all = append(all, l)
	}
	for _, t := range d.texts {
		if t.from == recipient {
			all = append(all, line{At: t.at, Sent: true, Parts: parts(t.text)})
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.At.Compare(b.At) })
	for i := range all {
		at := all[i].At.In(london)
		all[i].Clock, all[i].Machine = at.Format("15:04:05 MST"), at.Format(time.RFC3339)
	}
	return all, mail
}

// title is a recipient as people write it.
func title(recipient string) string {
	if p, err := notify.ParsePhone("+" + recipient); err == nil {
		return p.Shown()
	}
	return recipient
}

// phones is the list of everyone who was written to, the latest first.
func (d *Double) phones(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	now, seen, all := d.o.Clock(), map[string]bool{}, []inbox(nil)
	add := func(recipient string) {
		if seen[recipient] {
			return
		}
		seen[recipient] = true
		if lines, mail := d.lines(recipient, now); len(lines) > 0 {
			all = append(all, inbox{Recipient: recipient, Title: title(recipient), Mail: mail, Count: len(lines), Last: lines[len(lines)-1]})
		}
	}
	for _, m := range d.messages {
		add(m.as)
	}
	for _, t := range d.texts {
		add(t.from)
	}
	d.mu.Unlock()
	slices.SortStableFunc(all, func(a, b inbox) int { return b.Last.At.Compare(a.Last.At) })
	page(w, "list", all)
}

// phone is one telephone, or one mailbox.
func (d *Double) phone(w http.ResponseWriter, r *http.Request) {
	recipient := strings.ToLower(r.PathValue("recipient"))
	if p, err := notify.ParsePhone(recipient); err == nil {
		recipient = p.Digits()
	}
	d.mu.Lock()
	lines, mail := d.lines(recipient, d.o.Clock())
	d.mu.Unlock()
	from := "GOVUK"
	if mail || strings.Contains(recipient, "@") {
		mail, from = true, d.o.Service.Name
	}
	box := inbox{Recipient: recipient, Title: title(recipient), Mail: mail, Count: len(lines), Service: from}
	for _, l := range lines {
		name := l.At.In(london).Format("Monday 2 January 2006")
		if n := len(box.Days); n == 0 || box.Days[n-1].Name != name {
			box.Days = append(box.Days, day{Name: name})
		}
		last := &box.Days[len(box.Days)-1]
		last.Lines = append(last.Lines, l)
	}
	page(w, "thread", box)
}

func page(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // embedded, and drawn by each test
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Write(b.Bytes())
}

func stylesheet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(phoneCSS)
}
