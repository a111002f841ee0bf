package command

import (
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// PostMessage says something in the room.
type PostMessage struct {
	Text     string
	ReplyTo  incident.Seq // 0 for none
	Mentions []incident.MemberNo
	TLP      incident.TLP       // "" for the default: the parent's, else the room's
	PAP      incident.PAP       // "" for none
	Caveat   incident.Caveat    // "" for none
	Audience *incident.Audience // nil for the default: the parent's, else the room
	Quotes   []incident.Quote   `json:",omitempty"` // by reference; at most MaxQuotes
	Occurred time.Time          // when it happened, by the clock that people in the room are shown; zero for now
	Shown    incident.Seq       `json:"-"` // the newest entry when the asker was shown who receives this; 0 if they were not; no part of what is said
	Veiled   bool               // say only of what type the author's organisation is

	Attachments Attached `json:",omitempty"` // as the server has them
}

func (c PostMessage) attachments() []incident.File { return c.Attachments }

func (c PostMessage) roots() []incident.Seq {
	if c.ReplyTo == 0 {
		return nil
	}
	return []incident.Seq{c.ReplyTo}
}

func (c PostMessage) cites() []incident.Seq { return quoted(c.Quotes) }

func (c PostMessage) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Post, nil, nil); err != nil {
		return nil, err
	}
	if c.Text != "" || len(c.Attachments) == 0 { // files may speak for themselves
		if err := checkMessage(c.Text); err != nil {
			return nil, err
		}
	}
	if err := s.attach("attachments", c.Attachments); err != nil {
		return nil, err
	}
	if c.Veiled {
		if err := s.mayVeil(c); err != nil {
			return nil, err
		}
	}
	mentions, err := s.mentions(c.Mentions)
	if err != nil {
		return nil, err
	}
	m := s.Asker()
	mark := incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: m.Org, PAP: c.PAP, Caveat: c.Caveat}
	var had incident.Audience // the parent's: whom it names may be named again
	if c.ReplyTo != 0 {
		parent, err := s.object(c.ReplyTo)
		if err != nil {
			return nil, incident.BadField("replyTo", "The entry you reply to is not there for you.")
		}
		if err := s.permit(policy.Post, parent, nil); err != nil {
			return nil, incident.BadField("replyTo", "The entry you reply to is not there for you.")
		}
		if policy.Attributes(parent.Kind) {
			return nil, incident.BadField("replyTo", "Reply to the message itself: this says who wrote it, to leads and auditors alone.")
		}
		if c.Veiled && !policy.VeilsAlike(s.Room, s.Asker(), parent.Sight()) {
			return nil, incident.BadField("replyTo", "Not every organisation of your type can see what you answer, so this would tell who you are. Write it as a message of its own.")
		}
		if !parent.Kind.Standing() {
			mark.TLP, mark.Audience, mark.Recorded, had = parent.Marking.TLP, parent.Marking.Audience, parent.Marking.Recorded, parent.Marking.Audience
		}
	}
	if c.TLP != "" {
		mark.TLP = c.TLP
	}
	if c.Audience != nil {
		mark.Audience = *c.Audience
	}
	if c.Veiled {
		return s.veiled(c, mark)
	}
	if mark, err = s.marking(mark, m.Number, had); err != nil {
		return nil, err
	}
	if err := s.mayMention(mark.Audience, m.Number, mentions); err != nil {
		return nil, err
	}
	if err := s.gained(mark, c.Shown); err != nil {
		return nil, err
	}
	quotes, err := s.quotes(c.Quotes)
	if err != nil {
		return nil, err
	}
	e := &incident.Event{Marking: &mark, Authority: incident.Authority{Seen: c.Shown}, Refs: incident.Refs{Quotes: quotes, ReplyTo: c.ReplyTo}, Files: c.Attachments,
		Body: &incident.MessagePosted{Text: c.Text, Mentions: mentions, Invented: s.Actor.System}}
	if e.Times, err = s.happened("occurred", c.Occurred, false); err != nil {
		return nil, err
	}
	return one(e)
}

func checkMessage(text string) error {
	if strings.TrimSpace(text) == "" {
		return incident.BadField("text", "Write something first.")
	}
	if len(text) > incident.MaxText {
		return incident.BadField("text", "This is %d bytes long; at most %d fit. Split it in two.", len(text), incident.MaxText)
	}
	return checkText("text", text, incident.MaxText)
}

// mentions checks that everyone mentioned is in the room and known to the
// asker. Missing and hidden members get the same answer.
func (s *scene) mentions(list []incident.MemberNo) ([]incident.MemberNo, error) {
	if len(list) > 50 {
		return nil, incident.BadField("mentions", "At most 50 people can be mentioned at once.")
	}
	for _, n := range list {
		if !s.knows(n) {
			return nil, incident.BadField("mentions", "M-%d is not someone you can mention here.", n)
		}
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list), nil
}

// knows reports whether the asker may know of the member, who is in the room.
func (s *scene) knows(n incident.MemberNo) bool {
	of := s.Room.Numbered(n)
	return of.Present() && policy.SeesMember(s.Room, s.Asker(), of) != policy.Stub
}

// CorrectMessage replaces the text of one's own message.
type CorrectMessage struct {
	Root     incident.Seq
	Text     string
	Mentions []incident.MemberNo
}

func (c CorrectMessage) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c CorrectMessage) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Correct, c.Root)
	if err != nil {
		return nil, err
	}
	was, ok := o.Body.(*incident.MessagePosted)
	if !ok {
		return nil, incident.Refuse(incident.Forbidden, "Only messages are corrected this way.")
	}
	if o.Recalled != 0 {
		return nil, recalled()
	}
	if err := checkMessage(c.Text); err != nil {
		return nil, err
	}
	mentions, err := s.mentions(c.Mentions)
	if err != nil {
		return nil, err
	}
	to := o.Marking.Audience
	if o.Before != nil {
		to = o.Before.Audience
	}
	if err := s.mayMention(to, o.By.Member, mentions); err != nil {
		return nil, err
	}
	if was.Text == c.Text {
		return nil, incident.BadField("text", "This is the text as it stands.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MessageCorrected{Text: c.Text, Mentions: mentions}})
}

// about permits an act on an entry and returns it.
func (s *scene) about(act policy.Act, root incident.Seq) (*incident.Object, error) {
	o, err := s.object(root)
	if err != nil {
		if err := s.permit(act, nil, nil); err != nil && incident.FaultOf(err) == incident.NotFound {
			return nil, err
		}
		return nil, incident.Missing()
	}
	if err := s.permit(act, o, nil); err != nil {
		return nil, err
	}
	if o.Kind == "erasure.asked" {
		switch act {
		case policy.Tighten, policy.Widen, policy.Withhold, policy.Restore:
			return nil, incident.Refuse(incident.Forbidden, "What is asked to be erased is the hosts' to know, and all of them.")
		}
	}
	if o.Kind == "update.requested" {
		switch act {
		case policy.Tighten, policy.Widen, policy.Withhold, policy.Restore:
			return nil, incident.Refuse(incident.Forbidden, "Who asks for an update is the hosts' to know, and all of them.")
		}
	}
	if o.Kind == "room.linked" || o.Kind == "report.brought" {
		switch act {
		case policy.Tighten, policy.Widen, policy.Withhold, policy.Restore:
			return nil, incident.Refuse(incident.Forbidden, "This is the hosts' to know, and all of them. What others should know of it, say in an entry of its own.")
		}
	}
	if policy.Attributes(o.Kind) {
		switch act {
		case policy.Tighten, policy.Widen, policy.Withhold, policy.Restore, policy.Pin:
			return nil, incident.Refuse(incident.Forbidden, "Who wrote a veiled message is the leads' and auditors' to know, and all of them.")
		}
	}
	if o.Promotion != nil {
		switch act {
		case policy.Tighten, policy.Widen, policy.Withhold, policy.Restore:
			return nil, incident.Refuse(incident.Forbidden, "This repeats entry %d, and is seen by whoever sees that: change it there.", o.Promotion.Asked.Entry)
		}
	}
	if o.Kind.Standing() {
		return nil, incident.Refuse(incident.Forbidden, "This is one of the room's standing facts; it changes by an entry of its own.")
	}
	return o, nil
}

// NoteEntry is the one reaction: I have seen this.
type NoteEntry struct{ Root incident.Seq }

func (c NoteEntry) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c NoteEntry) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Note, c.Root)
	if err != nil {
		return nil, err
	}
	if slices.Contains(o.Noted, s.Asker().Number) {
		return nil, incident.Refuse(incident.Conflict, "You have noted this already.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.EntryNoted{}})
}

// PinEntry puts an entry among the room's pins, or takes it off.
type PinEntry struct {
	Root incident.Seq
	Off  bool
}

// MaxPins bounds the pins of a room.
const MaxPins = 20

func (c PinEntry) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c PinEntry) decide(s *scene) ([]*incident.Event, error) {
	act := policy.Pin
	if c.Off {
		act = policy.Unpin
	}
	o, err := s.about(act, c.Root)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Off && !o.Pinned:
		return nil, incident.Refuse(incident.Conflict, "This entry is not pinned.")
	case c.Off:
		return one(&incident.Event{Root: c.Root, Body: &incident.EntryUnpinned{}})
	case o.Pinned:
		return nil, incident.Refuse(incident.Conflict, "This entry is pinned already.")
	case o.Recalled != 0:
		return nil, recalled()
	case len(s.Room.Pins) >= MaxPins:
		return nil, incident.Refuse(incident.Conflict, "The room has its full %d pins. Take one off first.", MaxPins)
	}
	mark := o.Marking
	return one(&incident.Event{Root: c.Root, Marking: &mark, Body: &incident.EntryPinned{}})
}
