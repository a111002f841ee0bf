package notify

import (
	"fmt"
	"strings"
)

// Channel is a way to reach somebody.
type Channel uint8

// The channels.
const (
	ByText  Channel = iota + 1 // a text message
	ByEmail                    // an e-mail
)

// String is the channel as GOV.UK Notify calls it: its template type.
func (c Channel) String() string {
	return [...]string{"none", "sms", "email"}[min(c, ByEmail)]
}

// Fields are what a template may be filled in with: each one [Notice.Fields]
// gives, and no other.
var Fields = []string{"reference", "code", "address", "duty", "exercise"}

// Fields are the notice as GOV.UK Notify's personalisation. The words are this
// package's own, or forms that hold no sentence.
func (n Notice) Fields() map[string]string {
	exercise := "no"
	if n.Room.Exercise() {
		exercise = "yes"
	}
	code := n.Code.Shown()
	if n.Purpose == Verify {
		code = n.Digits.Shown()
	}
	reference := n.Room.String()
	if n.Purpose.Alerts() {
		reference = n.About.String()
	}
	return map[string]string{"reference": reference, "code": code, "address": n.Site.Address(n.Purpose), "duty": n.Duty.Shown(), "exercise": exercise}
}

// Template is one wording, in GOV.UK Notify's own form: ((field)), and
// ((field??text)) for text that stands only where the field says yes.
type Template struct{ Subject, Body string }

// what each purpose says first, and what is done about it.
var said = map[Purpose]struct{ news, act string }{
	Raised:        {"A major incident is raised", "Acknowledge"},
	Update:        {"There is an update", "Acknowledge"},
	Invitation:    {"You are invited to an incident room", "Join"},
	Escalation:    {"A decision is asked of you", "Answer"},
	NeededMention: {"You are needed: you were named", "Answer"},
	NeededAction:  {"You are needed: an action is yours", "Answer"},
	NeededRole:    {"You are needed: a role is yours", "Answer"},
	Alert:         {"A cyber alert is issued to you", "Confirm receipt"},
	AlertChased:   {"A cyber alert waits for your answer", "Confirm receipt"},
}

const (
	textFrame = "((exercise??EXERCISE ))%s (((reference))). %s at ((address)) code ((code)). Or ring ((duty))."
	mailFrame = `((exercise??EXERCISE EXERCISE EXERCISE. This is not a real incident.

))%s.

Reference: ((reference))

%s at ((address)) with the code ((code)).

If you cannot, ring the duty line: ((duty)).

This message says nothing of the %s itself, and asks for no password. Type the address rather than following a link if you are in doubt.`
	verifyText = "((code)) is your code for ((address)). Tell it only to whoever is checking this number with you. In doubt ring ((duty))."
	verifyMail = `((code)) is your code for ((address)).

Somebody is checking that this address reaches you. Type the code where you asked for it, or tell it to whoever is checking the address with you, and to nobody else.

If you expected no code, do nothing, or ring the duty line: ((duty)).`
	verifySubject = "Your code"

	subjectFrame = "((exercise??EXERCISE: ))%s: ((reference))"
)

// Wording is what a message of this purpose says by this channel: what the
// template at GOV.UK Notify should hold, and what SMTP sends.
func Wording(p Purpose, c Channel) Template {
	s, ok := said[p.Words()]
	about := "incident"
	if p.Alerts() {
		about = "alert"
	}
	switch {
	case p == Verify && c == ByText:
		return Template{Body: verifyText}
	case p == Verify && c == ByEmail:
		return Template{Subject: verifySubject, Body: verifyMail}
	case ok && c == ByText:
		return Template{Body: fmt.Sprintf(textFrame, s.news, s.act)}
	case ok && c == ByEmail:
		return Template{Subject: fmt.Sprintf(subjectFrame, s.news), Body: fmt.Sprintf(mailFrame, s.news, s.act, about)}
	}
	return Template{}
}

// Fill puts the fields in. What is not given stays as it stands.
func (t Template) Fill(fields map[string]string) Template {
	return Template{Subject: fill(t.Subject, fields), Body: fill(t.Body, fields)}
}

// fill replaces ((name)) and ((name??text)). Brackets around a placeholder are
// its surroundings': (((reference))) is a reference in brackets.
func fill(text string, fields map[string]string) string {
	var b strings.Builder
	for {
		before, name, shown, after, ok := placeholder(text)
		if !ok {
			return b.String() + text
		}
		b.WriteString(before)
		value, given := fields[name]
		switch {
		case !given:
			b.WriteString(text[len(before) : len(text)-len(after)])
		case shown == nil:
			b.WriteString(value)
		case yes(value):
			b.WriteString(*shown)
		}
		text = after
	}
}

// placeholder finds the first one: what stands before it, its name, its text
// where it has one, and what stands after it.
func placeholder(text string) (before, name string, shown *string, after string, ok bool) {
	end := strings.Index(text, "))")
	if end < 0 {
		return
	}
	start := strings.LastIndex(text[:end], "((")
	if start < 0 {
		before, name, shown, after, ok = placeholder(text[end+2:])
		return text[:end+2] + before, name, shown, after, ok
	}
	name = text[start+2 : end]
	if n, t, has := strings.Cut(name, "??"); has {
		name, shown = n, &t
	}
	return text[:start], name, shown, text[end+2:], true
}

// Placeholders are the names a text is filled in with, each once, in order.
func (t Template) Placeholders() (names []string) {
	seen := map[string]bool{}
	for _, text := range []string{t.Subject, t.Body} {
		for {
			_, name, _, after, ok := placeholder(text)
			if !ok {
				break
			}
			if !seen[name] {
				seen[name], names = true, append(names, name)
			}
			text = after
		}
	}
	return names
}

// yes reports whether a value turns conditional text on, as GOV.UK Notify
// reads it.
func yes(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "yes", "y", "true", "t", "1", "include", "show":
		return true
	}
	return false
}
