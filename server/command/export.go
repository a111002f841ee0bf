package command

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Bounds of exports.
const (
	longestGrant  = 366 * 24 * time.Hour
	maxSpans      = 100 // of one redaction
	maxRedactions = 100 // of one command
)

// RequestExport asks that a named recipient outside the room be given a range
// of its record.
type RequestExport struct{ incident.ExportRequested }

func (c RequestExport) roots() []incident.Seq { return nil }

func (c RequestExport) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.RequestExport, nil, nil); err != nil {
		return nil, err
	}
	r := c.Recipient
	for _, f := range []struct {
		name, text string
		max        int
		needed     bool
	}{{"recipient.name", r.Name, 120, true}, {"recipient.organisation", r.Organisation, 200, true}, {"recipient.role", r.Role, 120, false},
		{"recipient.address", r.Address, 300, false}, {"basisText", c.BasisText, 300, c.Basis == incident.OtherBasis || c.Basis == incident.Statutory}} {
		if err := checkLine(f.name, f.text, f.max, f.needed); err != nil {
			return nil, err
		}
	}
	if c.Basis.Words() == "" {
		return nil, incident.BadField("basis", "Choose what entitles the recipient to it.")
	}
	if err := checkPart("purpose", c.Purpose, maxReason, true); err != nil {
		return nil, err
	}
	switch {
	case c.From < 1 || c.From > c.To:
		return nil, incident.BadField("from", "The range begins with an entry from 1 on, and not after its end.")
	case c.To > s.head:
		return nil, incident.BadField("to", "The last entry there is is %d.", s.head)
	case !c.Until.After(s.Now):
		return nil, incident.BadField("until", "This has passed. Say until when it may be taken.")
	case c.Until.Sub(s.Now) > longestGrant:
		return nil, incident.BadField("until", "A grant lasts a year at most.")
	}
	mark := s.plain()
	mark.TLP = graver(mark.TLP, incident.AmberStrict)
	mark.Audience = incident.Audience{Kind: incident.ToHosts}
	mark, err := s.marking(mark, s.Asker().Number, incident.Audience{})
	if err != nil {
		return nil, err
	}
	body := c.ExportRequested
	return one(&incident.Event{Marking: &mark, Body: &body})
}

// AgreeExport is a host's agreement to the grant.
type AgreeExport struct{ Root, Seen incident.Seq }

func (c AgreeExport) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c AgreeExport) decide(s *scene) ([]*incident.Event, error) {
	x, err := s.export(policy.AgreeExport, c.Root, c.Seen, incident.ExportIsRequested)
	if err != nil {
		return nil, err
	}
	m := s.Asker()
	if !slices.Contains(s.Room.Hosts, m.Org) {
		return nil, incident.Refuse(incident.Forbidden, "Only the hosts can do this.")
	}
	if x.Has(m.Org) {
		return nil, incident.Refuse(incident.Conflict, "Your organisation has agreed already.")
	}
	for _, a := range x.Agreed {
		if of := s.Room.Numbered(a.By.Member); of != nil && of.Person == m.Person {
			return nil, incident.Refuse(incident.Forbidden, "You have agreed for the other host. Somebody else has to agree for this one.")
		}
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ExportAgreed{}, Authority: incident.Authority{Seen: c.Seen}})
}

// RefuseExport ends an export before it is approved.
type RefuseExport struct {
	Root, Seen incident.Seq
	Reason     string
}

func (c RefuseExport) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c RefuseExport) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.export(policy.RefuseExport, c.Root, c.Seen, incident.ExportIsRequested, incident.ExportIsAgreed); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ExportRefused{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// RedactExport proposes what is to be left out, and takes back proposals.
// Whether spans lie within their texts the server has looked up.
type RedactExport struct {
	Root, Seen incident.Seq
	Redactions []incident.Redaction
	Drop       []incident.Place
}

func (c RedactExport) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c RedactExport) cites() []incident.Seq { return entriesOf(c.Redactions) }

func (c RedactExport) decide(s *scene) ([]*incident.Event, error) {
	x, err := s.export(policy.RedactExport, c.Root, c.Seen, incident.ExportIsRequested, incident.ExportIsAgreed)
	if err != nil {
		return nil, err
	}
	if len(c.Redactions)+len(c.Drop) == 0 || len(c.Redactions)+len(c.Drop) > maxRedactions {
		return nil, incident.BadField("redactions", "Propose or take back from 1 to %d redactions at once.", maxRedactions)
	}
	if err := s.redactions(x, c.Redactions); err != nil {
		return nil, err
	}
	for _, p := range c.Drop {
		if !slices.ContainsFunc(x.Proposed, func(l incident.Leaving) bool { return l.Place() == p }) {
			return nil, incident.BadField("drop", "There is no such redaction of entry %d to take back.", p.Entry)
		}
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ExportRedacted{Drop: c.Drop, Redactions: c.Redactions}, Authority: incident.Authority{Seen: c.Seen}})
}

func entriesOf(list []incident.Redaction) []incident.Seq {
	var all []incident.Seq
	for _, r := range list {
		all = append(all, r.Entry)
	}
	return inOrder(all...)
}

// redactions checks redactions by themselves, and that the asker may know of
// the entries they are of.
func (s *scene) redactions(x *incident.Export, list []incident.Redaction) error {
	var places []incident.Place
	for _, r := range list {
		switch {
		case !x.Covers(r.Entry):
			return incident.BadField("redactions", "Entry %d is not in the range, and is left out anyway.", r.Entry)
		case r.Slot < 0 || r.Slot >= incident.Slots:
			return incident.BadField("redactions", "An entry has slots 0 to %d.", incident.Slots-1)
		case slices.Contains(places, r.Place()):
			return incident.BadField("redactions", "Slot %d of entry %d stands here twice.", r.Slot, r.Entry)
		case (r.Field == "") != (len(r.Spans) == 0) || r.Field != "" && !strings.HasPrefix(r.Field, "/"):
			return incident.BadField("redactions", "Name the text that the spans are of, such as /text; or neither text nor spans for the whole slot.")
		case len(r.Field) > 200 || len(r.Spans) > maxSpans:
			return incident.BadField("redactions", "These are too many spans. Leave out the whole slot instead.")
		}
		for i, p := range r.Spans {
			if p.From < 0 || p.From >= p.To || i > 0 && p.From <= r.Spans[i-1].To {
				return incident.BadField("redactions", "Spans are in order, not empty, and do not touch.")
			}
		}
		if err := ground("redactions", r.Ground, r.Reason); err != nil {
			return err
		}
		places = append(places, r.Place())
	}
	for _, r := range list {
		if sight, ok := s.cited[r.Entry]; ok && sight.Kind == "entry.erased" && sight.Root == r.Entry {
			return incident.BadField("redactions", "Entry %d says what was erased and by whom. Without it nobody could check that it was erased and not lost: it is always given.", r.Entry)
		}
	}
	_, err := s.citations("redactions", entriesOf(list))
	return err
}

func ground(field string, g incident.Ground, reason string) error {
	if g.Words() == "" {
		return incident.BadField(field, "Choose a ground for what is left out.")
	}
	if checkLine(field, reason, 500, true) != nil {
		return incident.BadField(field, "Give a reason for what is left out, in one line of at most 500 characters. It goes to the recipient: it must not say what is left out.")
	}
	return nil
}

// AnswerExport is an originator's answer about restricted entries of theirs. It
// is the one thing that somebody who does not see an export can do about it:
// whatever is not asked of them is not there.
type AnswerExport struct {
	Root, Seen incident.Seq
	incident.ExportAnswered
}

func (c AnswerExport) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c AnswerExport) cites() []incident.Seq {
	return inOrder(append(entriesOf(c.Redactions), c.Entries...)...)
}

func (c AnswerExport) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.AnswerExport, nil, nil); err != nil {
		return nil, err
	}
	o, m := s.objects[c.Root], s.Asker()
	if o == nil || o.Export == nil {
		return nil, incident.Missing()
	}
	x := o.Export.Settle(s.Room.Hosts)
	if x.State != incident.ExportIsAgreed || x.Over(incident.At(s.Now)) {
		if !policy.May(s.Room, m, o.Sight()) {
			return nil, incident.Missing() // nothing is asked of them any more
		}
		return nil, exportIs(x, incident.At(s.Now))
	}
	if len(c.Entries) == 0 || len(c.cites()) > MaxCites || len(c.Entries) != len(inOrder(c.Entries...)) {
		return nil, incident.BadField("entries", "Answer for 1 to %d entries at once, each named once.", MaxCites)
	}
	for _, n := range c.Entries {
		sight, ok := s.cited[n]
		if !ok || sight.Root != n || !x.Covers(n) || !policy.MayRelease(s.Room, m, sight) {
			return nil, incident.Missing()
		}
		if was, ok := x.Answers[n]; ok && was.Seq > c.Seen {
			return nil, incident.Refuse(incident.Conflict, "Entry %d was answered for your organisation after you looked. Look again, then decide.", n)
		}
	}
	switch c.Answer {
	case incident.Released:
		if c.Ground != "" || c.Reason != "" || len(c.Redactions) > 0 {
			return nil, incident.BadField("answer", "What is released is given as it is. To leave something out, redact it.")
		}
	case incident.Kept:
		if len(c.Redactions) > 0 {
			return nil, incident.BadField("redactions", "What is withheld is left out whole.")
		}
		if err := ground("ground", c.Ground, c.Reason); err != nil {
			return nil, err
		}
	case incident.Redacted:
		if c.Ground != "" || c.Reason != "" || len(c.Redactions) == 0 {
			return nil, incident.BadField("redactions", "Say what is to be left out, each with its ground and reason.")
		}
		for _, r := range c.Redactions {
			if sight, ok := s.cited[r.Entry]; !ok || !slices.Contains(c.Entries, sight.Root) {
				return nil, incident.BadField("redactions", "Entry %d is not one that you answer for here.", r.Entry)
			}
		}
		if err := s.redactions(x, c.Redactions); err != nil {
			return nil, err
		}
	default:
		return nil, incident.BadField("answer", "Release, redact or withhold.")
	}
	body := c.ExportAnswered
	body.Entries = inOrder(c.Entries...)
	return one(&incident.Event{Root: c.Root, Body: &body, Authority: incident.Authority{Seen: c.Seen}})
}

// Sealed is a checkpoint that an approval rests on, and the keys it is to be
// checked by: a fact of the notary's.
type Sealed struct {
	Size   uint64 // entries it covers; 0 for none yet
	Note   string // as it is signed and cosigned
	Policy string // a policy file
}

// ApproveExport fixes what is given: by somebody who neither asked for it nor
// had a hand in what is left out, on a second factor given for this.
type ApproveExport struct {
	Root, Seen incident.Seq
	Sealed     Sealed `json:"-"` // fetched by the server: the newest
}

func (c ApproveExport) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c ApproveExport) decide(s *scene) ([]*incident.Event, error) {
	x, err := s.export(policy.ApproveExport, c.Root, c.Seen, incident.ExportIsAgreed)
	if err != nil {
		return nil, err
	}
	if c.Sealed.Size <= uint64(x.Request.To) {
		return nil, incident.Refuse(incident.Conflict, "The range is not sealed yet: wait a few seconds and approve again. Until it is, nobody could check the bundle.")
	}
	if !s.Actor.Fresh(s.Now, s.Room.Used(s.Asker().Number)) {
		return nil, incident.Refuse(incident.StepUp, "Approving an export needs your second factor, each time.")
	}
	sum := sha256.Sum256([]byte(c.Sealed.Note))
	return one(&incident.Event{Root: c.Root, Body: &incident.ExportApproved{Checkpoint: c.Sealed.Size, Note: hex.EncodeToString(sum[:]), Policy: c.Sealed.Policy},
		Authority: incident.Authority{Seen: c.Seen, StepUp: incident.At(s.Actor.StepUp)}})
}

// WithdrawExport ends an export, approved or not.
type WithdrawExport struct {
	Root, Seen incident.Seq
	Reason     string
}

func (c WithdrawExport) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c WithdrawExport) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.export(policy.WithdrawExport, c.Root, c.Seen, incident.ExportIsRequested, incident.ExportIsAgreed, incident.ExportIsApproved); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ExportWithdrawn{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// export returns an export that the asker may do this to, in one of these
// states and not over. seen is the last entry on their screen.
func (s *scene) export(act policy.Act, root, seen incident.Seq, in ...incident.ExportState) (*incident.Export, error) {
	o, err := s.object(root)
	if err != nil {
		return nil, err
	}
	if o.Export == nil {
		return nil, incident.Missing()
	}
	x, now := o.Export.Settle(s.Room.Hosts), incident.At(s.Now)
	if !policy.May(s.Room, s.Asker(), o.Sight()) {
		return nil, incident.Missing()
	}
	if err := moved(seen, x.Changed, "this export", exportWords[x.State]); err != nil {
		return nil, err
	}
	if err := s.permit(act, o, nil); err != nil {
		return nil, err
	}
	if x.Over(now) || !slices.Contains(in, x.State) {
		return nil, exportIs(x, now)
	}
	return x, nil
}

var exportWords = map[incident.ExportState]string{
	incident.ExportIsRequested: "waits for the hosts to agree",
	incident.ExportIsAgreed:    "is agreed, and not approved",
	incident.ExportIsApproved:  "is approved",
	incident.ExportIsRefused:   "was refused",
	incident.ExportIsWithdrawn: "was withdrawn",
}

// exportIs refuses what an export is not in the state for.
func exportIs(x *incident.Export, now incident.Instant) error {
	if x.Over(now) && x.State != incident.ExportIsRefused && x.State != incident.ExportIsWithdrawn {
		return incident.Refuse(incident.Conflict, "The time of this export has passed. Ask for a new one.")
	}
	return incident.Refuse(incident.Conflict, "This export %s.", exportWords[x.State])
}

// TakeExport records on the access log that a member takes a bundle. The bytes
// go out after it is committed, never before.
type TakeExport struct {
	Room   *incident.Room   `json:"-"` // as it stood when asked, fetched by the server
	Object *incident.Object `json:"-"` // the export, as it stood then
	Root   incident.Seq
	SHA256 string // of the bundle, and its size: the server built it
	Size   int64
}

func (c TakeExport) roots() []incident.Seq { return nil }

func (c TakeExport) decide(s *scene) ([]*incident.Event, error) {
	if s.access == nil || s.empty || c.Room == nil || s.access.Room != c.Room.ID {
		return nil, incident.Missing()
	}
	m := c.Room.Member(s.Actor.Person)
	if m == nil {
		return nil, incident.Missing()
	}
	used := s.access.Used(m.Number)
	if approved := c.Room.Used(m.Number); approved.After(used.Time) {
		used = approved
	}
	if err := c.Permit(s.Actor, s.Now, used); err != nil {
		return nil, err
	}
	return one(&incident.Event{By: member(m), Body: &incident.ExportTaken{Export: c.Root, SHA256: c.SHA256, Size: c.Size},
		Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)}})
}

// Permit judges whether the actor may have the bundle now; used is the second
// factor that their last taking, or approval, rested on. The answer to a taking sent again is
// a delivery again, so it is asked then too, of no used one.
func (c TakeExport) Permit(a incident.Actor, now time.Time, used incident.Instant) error {
	if c.Object == nil || c.Object.Export == nil {
		return incident.Missing()
	}
	if err := policy.Permit(policy.TakeExport, &policy.Scene{Room: c.Room, Actor: a, Object: c.Object, Now: now}); err != nil {
		return err
	}
	x := c.Object.Export.Settle(c.Room.Hosts)
	if x.State != incident.ExportIsApproved || x.Over(incident.At(now)) {
		return exportIs(x, incident.At(now))
	}
	if !a.Fresh(now, used) {
		return incident.Refuse(incident.StepUp, "Taking an export needs your second factor, each time.")
	}
	return nil
}
