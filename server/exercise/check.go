package exercise

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// checker walks a filled script in playing order, as a room would live through
// it, and collects every defect. It is used once.
type checker struct {
	s       *Script
	defects []error

	seen    map[string]*Item // played so far, by id
	place   map[string]int   // their place in the script
	members map[string]int   // person → place from which they read: 0, or that of their joining
	state   Lifecycle
	record  record

	// How far time has come, among what happened before the exercise and since,
	// were it not held to Start and End.
	background, due time.Time
}

func check(s *Script) error {
	c := &checker{s: s, seen: map[string]*Item{}, place: map[string]int{}, members: map[string]int{}, record: newRecord()}
	c.script()
	for i := range s.Items {
		item := &s.Items[i]
		c.item(i, item)
		c.seen[item.ID], c.place[item.ID] = item, i
	}
	c.answered()
	return errors.Join(c.defects...)
}

func (c *checker) failf(format string, args ...any) {
	c.defects = append(c.defects, fmt.Errorf(format, args...))
}

var (
	rosters   = []string{"names", "organisations", "hosts"}
	orgTypes  = []string{"host", "acute_trust", "ambulance_trust", "community_trust", "supplier", "audit"}
	roles     = []string{"lead", "deputy", "liaison", "loggist", "comms", "representative", "observer", "auditor"}
	factKinds = []string{"communication", "event", "status", "decision", "action", "request", "exercise"}
	lifecycle = []Lifecycle{Open, Responding, Recovering, StoodDown}
)

// maxLine bounds a line of a brief, in characters: it is read on a phone.
const maxLine = 280

// script checks all but the items.
func (c *checker) script() {
	s := c.s
	if s.Title == "" || s.About == "" || s.Room.Title == "" {
		c.failf("title, about and the room's title are all needed")
	}
	if s.Room.Label.rank() == 0 || s.Room.Label == Red {
		c.failf("room: label %q cannot be a default", s.Room.Label)
	}
	if !slices.Contains(rosters, s.Room.Roster) {
		c.failf("room: roster %q is unknown", s.Room.Roster)
	}
	if s.Start.IsZero() || s.Pause.Before(s.Start) || s.End.Before(s.Pause) {
		c.failf("start, pause and end are not in this order")
	}
	for key, doc := range s.Documents {
		if doc.Title == "" || doc.Publisher == "" {
			c.failf("document %q: title and publisher are both needed", key)
		}
	}
	codes := map[string]bool{}
	for _, o := range s.Organisations {
		if o.Code == "" || o.Name == "" || codes[o.Code] {
			c.failf("organisation %q: code and name are both needed, and the code once", o.Code)
		}
		codes[o.Code] = true
		if !slices.Contains(orgTypes, o.Type) {
			c.failf("organisation %q: type %q is unknown", o.Code, o.Type)
		}
		if (o.Standing == Host) != (o.Type == "host") || o.Standing != Host && o.Standing != Fictional {
			c.failf("organisation %q: standing %q: invented people belong to a host or to a fictional organisation", o.Code, o.Standing)
		}
	}
	keys := map[string]bool{}
	for _, p := range s.Cast {
		if p.Key == "" || p.Name == "" || p.JobTitle == "" || keys[p.Key] {
			c.failf("person %q: key, name and job title are needed, and the key once", p.Key)
		}
		keys[p.Key] = true
		if !codes[p.Org] {
			c.failf("person %q: organisation %q is not of this exercise", p.Key, p.Org)
		}
		if p.Role != "" && !slices.Contains(roles, p.Role) {
			c.failf("person %q: role %q is unknown", p.Key, p.Role)
		}
	}
	for i, o := range s.Organisations {
		if o.Assesses == "" {
			continue
		}
		if grades[o.Assesses] == 0 || o.Standing != Host {
			c.failf("organisation %q: only hosts assess severity here, and not on scale %q", o.Code, o.Assesses)
		}
		if slices.ContainsFunc(s.Organisations[:i], func(other Organisation) bool { return other.Assesses == o.Assesses }) {
			c.failf("organisation %q: scale %q has its assessor already", o.Code, o.Assesses)
		}
	}
	if len(s.Items) == 0 || s.Items[0].State != Open || !s.Items[0].Due.Equal(s.Start) {
		c.failf("the first item does not open the room at start")
	}
}

// item checks one item against all before it.
func (c *checker) item(place int, item *Item) {
	before := len(c.defects)
	defer func() {
		for i, d := range c.defects[before:] {
			c.defects[before+i] = fmt.Errorf("item %q: %w", item.ID, d)
		}
	}()
	if item.ID == "" || c.seen[item.ID] != nil {
		c.failf("the id is empty or stands twice")
	}
	c.time(item)
	c.fields(item)
	if item.Type == TypeFact {
		c.fact(item)
		return
	}
	c.person(item)
	switch item.Type {
	case TypeMessage:
		c.message(item)
	case TypeJoin:
		c.join(place, item)
	case TypeLeave:
		delete(c.members, item.By)
	case TypeLifecycle:
		next := slices.Index(lifecycle, c.state) + 1
		if next == len(lifecycle) || item.State != lifecycle[next] {
			c.failf("state %q does not follow %q", item.State, c.state)
		}
		c.state = item.State
	case TypeCorrect, TypePin, TypeNote:
		c.target(item)
	case TypeBrief:
		if b := item.Brief; b != nil {
			for _, line := range b.Lines() {
				if line == "" || strings.Contains(line, "\n") || utf8.RuneCountInString(line) > maxLine {
					c.failf("a brief is five lines of at most %d characters", maxLine)
				}
			}
		}
	case TypeReport:
		if item.Report != nil && item.Report.Type == "" {
			c.failf("the report does not say what type of incident it is")
		}
	default:
		if len(c.defects) == before { // what it lacks has been said
			c.recorded(item)
		}
	}
}

// time checks At, and that playing order is the order of time.
func (c *checker) time(item *Item) {
	at, err := parseAt(item.At, item.Precision)
	if err != nil {
		c.failf("%w", err)
		return
	}
	// What led up to the exercise is played when the room opens, in an order of its
	// own; it stands after the opening items and before all that happens later.
	last := &c.due
	if at.to.Before(c.s.Start) {
		last = &c.background
		if c.due.After(c.s.Start) {
			c.failf("at %s is of the time before the exercise, which is under way", item.At)
		}
	}
	if at.instant() && at.from.Before(*last) {
		c.failf("at %s is before the item ahead of it, %s", item.At, last.Format(minuteForm))
	}
	if !at.instant() && !last.Before(at.to) {
		c.failf("at %s is over when the item ahead of it is played, %s", item.At, last.Format(minuteForm))
	}
	*last = latest(*last, at.from)
	if item.Provenance != Invented {
		return
	}
	if item.Precision != Minute || item.Undated {
		c.failf("what is invented happens at a minute")
	}
	if at.from.Before(c.s.Start) || at.from.After(c.s.End) {
		c.failf("at %s is outside the exercise", item.At)
	}
}

// fields checks that an item has what its type needs and nothing else.
func (c *checker) fields(item *Item) {
	const needed, optional = 1, 2
	rules, known := map[Type]map[string]int{
		TypeFact:      {"actor": needed, "kind": needed, "sources": needed, "text": needed, "label": needed, "audience": needed, "conflict": optional, "org": optional},
		TypeMessage:   {"by": needed, "text": needed, "label": needed, "audience": needed, "replyTo": optional, "mentions": optional},
		TypeJoin:      {"by": needed, "org": needed, "role": needed, "history": needed},
		TypeLeave:     {"by": needed},
		TypeBrief:     {"by": needed, "brief": needed},
		TypeReport:    {"by": needed, "report": needed},
		TypeLifecycle: {"by": needed, "state": needed},
		TypeCorrect:   {"by": needed, "target": needed, "text": needed},
		TypePin:       {"by": needed, "target": needed},
		TypeNote:      {"by": needed, "target": needed},

		TypeTier:     {"by": needed, "for": needed, "tier": needed},
		TypeSeverity: {"by": needed, "severity": needed, "text": needed, "label": needed, "audience": needed},
		TypeLowering: {"by": needed, "severity": needed, "text": needed, "label": needed, "audience": needed},
		TypeAgree:    {"by": needed, "target": needed},
		TypeRefuse:   {"by": needed, "target": needed, "text": needed, "label": needed, "audience": needed},
		TypeDecision: {"by": needed, "decision": needed, "occurred": optional, "about": optional, "review": optional, "label": needed, "audience": needed},
		TypeProposal: {"by": needed, "decision": needed, "review": optional, "label": needed, "audience": needed},
		TypeTake:     {"by": needed, "target": needed, "decision": needed, "occurred": optional, "about": optional, "review": optional},
		TypeAdd:      {"by": needed, "target": needed, "decision": needed, "review": optional},
		TypeConfirm:  {"by": needed, "target": needed},
		TypeDispute:  {"by": needed, "target": needed, "text": needed},
		TypeReview:   {"by": needed, "target": needed, "text": needed, "review": optional},
		TypeAction:   {"by": needed, "for": needed, "text": needed, "due": optional, "carries": optional, "label": needed, "audience": needed},
		TypeAccept:   {"by": needed, "target": needed},
		TypeDecline:  {"by": needed, "target": needed, "text": needed},
		TypeDone:     {"by": needed, "target": needed, "text": needed, "cites": optional},
		TypeHand:     {"by": needed, "target": needed, "for": needed, "text": needed},
		TypeChase:    {"by": needed, "target": needed, "text": optional},
		TypeWithdraw: {"by": needed, "target": needed, "text": needed},
		TypeBook:     {"by": needed, "for": needed, "text": needed, "follows": optional, "label": needed, "audience": needed},
		TypeAgreed:   {"by": needed, "target": needed},
		TypeLine:     {"by": needed, "target": needed, "text": needed, "occurred": optional, "about": optional, "speech": optional, "paper": optional, "cites": optional},
		TypeReline:   {"by": needed, "target": needed, "text": needed},
		TypeEndBook:  {"by": needed, "target": needed},
	}[item.Type]
	if !known {
		c.failf("type %q is unknown", item.Type)
		return
	}
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"actor", item.Actor != ""}, {"kind", item.Kind != ""}, {"sources", len(item.Sources) > 0}, {"conflict", item.Conflict != ""},
		{"by", item.By != ""}, {"org", item.Org != ""}, {"role", item.Role != ""}, {"history", item.History != ""}, {"state", item.State != ""},
		{"report", item.Report != nil}, {"brief", item.Brief != nil}, {"replyTo", item.ReplyTo != ""}, {"target", item.Target != ""},
		{"mentions", len(item.Mentions) > 0}, {"text", strings.TrimSpace(item.Text) != ""}, {"label", item.Label != ""}, {"audience", item.Audience != nil},
		{"severity", item.Severity != nil}, {"tier", item.Tier != ""}, {"decision", item.Decision != nil}, {"for", item.For != nil}, {"carries", item.Carries != ""},
		{"due", !item.Deadline.IsZero()}, {"review", !item.Review.IsZero()}, {"occurred", !item.Occurred.IsZero()}, {"about", item.About},
		{"speech", item.Speech}, {"paper", item.Paper != nil}, {"cites", len(item.Cites) > 0}, {"follows", item.Follows != ""},
	} {
		switch rule := rules[f.name]; {
		case rule == needed && !f.has:
			c.failf("a %s needs %s", item.Type, f.name)
		case rule == 0 && f.has:
			c.failf("a %s has no %s", item.Type, f.name)
		}
	}
}

func (c *checker) fact(item *Item) {
	if item.Provenance != PublicRecord {
		c.failf("a fact is of the public record, not %q", item.Provenance)
	}
	if !slices.Contains(factKinds, item.Kind) {
		c.failf("kind %q is unknown", item.Kind)
	}
	for _, src := range item.Sources {
		if _, known := c.s.Documents[src.Document]; !known {
			c.failf("source %q is not among the documents", src.Document)
		}
	}
	if item.Label != Clear || item.Audience != nil && item.Audience.Kind != AudienceRoom {
		c.failf("a fact has been published: TLP:CLEAR, to the room")
	}
	for _, o := range c.s.Organisations {
		if o.Standing == Fictional && (item.Org == o.Code || strings.Contains(item.Actor, o.Name)) {
			c.failf("%s is fictional and did nothing on record", o.Name)
		}
	}
}

// person checks that whoever acts is somebody invented who is in the room.
func (c *checker) person(item *Item) {
	if item.Provenance != Invented {
		c.failf("only facts are of the public record; this is %q", item.Provenance)
	}
	p, known := c.s.Person(item.By)
	if !known {
		c.failf("by %q is not of the cast", item.By)
		return
	}
	if _, in := c.members[item.By]; !in && item.Type != TypeJoin && item.State != Open {
		c.failf("%s is not in the room", p.Name)
	}
	if (item.Type == TypeMessage || item.Type == TypeReport) && (p.Role == "auditor" || p.Role == "observer") {
		c.failf("%s is there to read, as %s", p.Name, p.Role)
	}
	if (item.Type == TypeBrief || item.Type == TypeLifecycle || item.Type == TypePin || item.Type == TypeTier) && p.Role != "lead" && p.Role != "deputy" {
		c.failf("a %s is a lead's, and %s is none", item.Type, p.Name)
	}
}

func (c *checker) join(place int, item *Item) {
	p, _ := c.s.Person(item.By)
	if item.Org != p.Org || item.Role != p.Role {
		c.failf("%s joins for %q as %q, but belongs to %q as %q", p.Name, item.Org, item.Role, p.Org, p.Role)
	}
	if _, in := c.members[item.By]; in {
		c.failf("%s is in the room already", p.Name)
	}
	if c.record.called[item.By] && (item.Role != "liaison" || item.History != FullHistory) {
		c.failf("%s was called in: as liaison, with all that there is to read", p.Name)
	}
	switch item.History {
	case FullHistory:
		c.members[item.By] = 0
	case FromJoin:
		c.members[item.By] = place
	default:
		c.failf("history %q is unknown", item.History)
	}
}

func (c *checker) message(item *Item) {
	c.marked(item)
	if item.ReplyTo != "" {
		parent := c.seen[item.ReplyTo]
		switch {
		case parent == nil:
			c.failf("replies to %q, which is not before it", item.ReplyTo)
		case parent.Type != TypeMessage && parent.Type != TypeFact:
			c.failf("replies to a %s", parent.Type)
		case !c.reads(item.By, parent):
			c.failf("replies to %q, which %s cannot read", item.ReplyTo, item.By)
		}
	}
	for _, key := range item.Mentions {
		p, _ := c.s.Person(key)
		if p.Key == "" || !strings.Contains(item.Text, "@"+p.Name) {
			c.failf("mentions %q, but not as @name in the text", key)
		}
		if _, in := c.members[key]; !in || item.Audience != nil && !c.includes(item.Audience, key) {
			c.failf("mentions %q, who does not receive it", key)
		}
	}
}

// audience checks who an item goes to. RED and named people come together only.
func (c *checker) audience(item *Item) {
	a := item.Audience
	if a == nil {
		return
	}
	switch a.Kind {
	case AudienceRoom, AudienceHosts:
		if len(a.People) > 0 {
			c.failf("audience %q takes no names", a.Kind)
		}
	case AudienceNamed:
		if len(a.People) < 2 {
			c.failf("a named audience is its author and at least one other")
		}
	default:
		c.failf("audience %q is unknown", a.Kind)
	}
	if item.Label == Red && a.Kind != AudienceNamed {
		c.failf("TLP:RED goes to named people only")
	}
	for _, key := range a.People {
		if _, in := c.members[key]; !in {
			c.failf("names %q, who is not in the room", key)
		}
	}
	if !c.includes(a, item.By) {
		c.failf("its author is not in its audience")
	}
}

// target checks what a correction, a pin or a "Noted" is about.
func (c *checker) target(item *Item) {
	target := c.seen[item.Target]
	switch {
	case target == nil:
		c.failf("is about %q, which is not before it", item.Target)
	case target.Type != TypeMessage && target.Type != TypeFact:
		c.failf("is about a %s", target.Type)
	case !c.reads(item.By, target):
		c.failf("is about %q, which %s cannot read", item.Target, item.By)
	case item.Type == TypeCorrect && target.By != item.By:
		c.failf("corrects what somebody else wrote")
	case item.Type == TypeNote && target.By == item.By:
		c.failf("notes its own author's message")
	}
}

// includes says whether an audience has a person in it, member or not.
func (c *checker) includes(a *Audience, key string) bool {
	switch a.Kind {
	case AudienceRoom:
		return true
	case AudienceHosts:
		p, _ := c.s.Person(key)
		o, _ := c.s.Organisation(p.Org)
		return o.Standing == Host
	case AudienceNamed:
		return slices.Contains(a.People, key)
	}
	return false
}

// reads says whether a member can read an earlier item. A line of a book goes
// to whom the book goes; a severity's grade, unlike its reason, to the room.
func (c *checker) reads(key string, item *Item) bool {
	from, in := c.members[key]
	switch item.Type {
	case TypeSeverity, TypeLowering:
		return in
	case TypeLine:
		book := c.seen[item.Target]
		return in && c.place[item.ID] >= from && book != nil && book.Audience != nil && c.includes(book.Audience, key)
	}
	return in && c.place[item.ID] >= from && (item.Audience == nil || c.includes(item.Audience, key))
}
