package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// maxIIMARCH bounds each section.
const maxIIMARCH = 4000

// SignHandover hands a post over, in the seven sections of IIMARCH. It stays
// with its holder until the other accepts.
type SignHandover struct {
	Post    incident.Post
	To      incident.MemberNo
	IIMARCH incident.IIMARCH
	Cites   []incident.Seq // what it rests on
	Chosen                 // default: the hosts
}

func (c SignHandover) roots() []incident.Seq { return nil }
func (c SignHandover) cites() []incident.Seq { return c.Cites }

func (c SignHandover) decide(s *scene) ([]*incident.Event, error) {
	s.Post = c.Post
	if err := s.permit(policy.SignHandover, nil, nil); err != nil {
		return nil, err
	}
	if !slices.Contains(incident.Posts, c.Post) {
		return nil, incident.BadField("post", "Choose one of the posts.")
	}
	m := s.Asker()
	if err := s.mayHold("to", c.Post, c.To); err != nil {
		return nil, err
	}
	if of := s.Room.Numbered(c.To); of.Person == m.Person {
		return nil, incident.BadField("to", "Hand it over to somebody else.")
	}
	i := c.IIMARCH
	for _, part := range []struct {
		name, text string
		needed     bool
	}{{"information", i.Information, true}, {"intent", i.Intent, true}, {"method", i.Method, false}, {"administration", i.Administration, false},
		{"risk", i.Risk, true}, {"communications", i.Communications, false}, {"humanitarian", i.Humanitarian, false}} {
		if err := checkPart("iimarch."+part.name, part.text, maxIIMARCH, part.needed); err != nil {
			return nil, err
		}
	}
	def := s.plain()
	def.Audience = incident.Audience{Kind: incident.ToHosts}
	if def.TLP == incident.Red {
		def.TLP = incident.AmberStrict
	}
	mark, err := s.mark(c.Chosen, def, incident.Audience{})
	if err != nil {
		return nil, err
	}
	if mark.TLP == incident.Red || mark.Recorded {
		return nil, incident.BadField("tlp", "Whoever takes over must be able to read it at once. Put what is TLP:RED in an entry of its own, and give its number here.")
	}
	if of := s.Room.Numbered(c.To); !s.receives(of, s.head+1, "handover.signed", mark) {
		return nil, incident.BadField("to", "%s would not receive this. Name them among its readers.", s.called(c.To))
	}
	if err := s.mayName("to", mark.Audience, 0, incident.Names{Members: []incident.MemberNo{c.To}}); err != nil {
		return nil, err
	}
	cites, err := s.citations("cites", c.Cites)
	if err != nil {
		return nil, err
	}
	var after []*incident.Event
	if was := s.Room.HandoverOf(c.Post); was != nil {
		if by := s.Room.Numbered(was.By.Member); by.Present() && policy.MayHandOver(s.Room, by, c.Post) {
			return nil, incident.Refuse(incident.Conflict, "The post is handed over in entry %d already, and waits for %s. Take that back first.", was.Root, s.called(was.To))
		}
		// Whoever signed it holds the post no more: nobody could accept it.
		after = append(after, &incident.Event{Root: was.Root, Body: &incident.HandoverWithdrawn{Reason: "The post has passed to somebody else since."}})
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	auth.Seen = c.Shown
	signed := &incident.HandoverSigned{IIMARCH: i, Post: c.Post, Since: s.Room.HandedSince(c.Post), To: c.To, Invented: s.Actor.System}
	return append([]*incident.Event{{Marking: &mark, Authority: auth, Refs: incident.Refs{Cites: cites}, Body: signed}}, after...), nil
}

// AcceptHandover takes the post: from now on it is the asker's.
type AcceptHandover struct {
	Root incident.Seq
	Seen incident.Seq
}

func (c AcceptHandover) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c AcceptHandover) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.handover(policy.AcceptHandover, c.Root, c.Seen)
	if err != nil {
		return nil, err
	}
	h, m := o.Handover, s.Asker()
	by := s.Room.Numbered(h.By.Member)
	held := s.Room.Holder(h.Post)
	if held != nil && s.Room.Numbered(held.Member).Person != by.Person {
		return nil, incident.Refuse(incident.Conflict, "The post has passed to %s since this was signed. Ask them to hand it over.", s.called(held.Member))
	}
	if err := s.mayHold("to", h.Post, m.Number); err != nil {
		return nil, err
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	auth.Seen = c.Seen
	given := &incident.PostAssigned{Post: h.Post, Member: m.Number}
	if held != nil && held.Deputy != m.Number && s.Room.Numbered(held.Deputy).Present() {
		given.Deputy = held.Deputy
	}
	events := []*incident.Event{
		{Root: c.Root, Authority: auth, Body: &incident.HandoverAccepted{}},
		{Body: given},
		{Root: s.head + 2, Body: &incident.PostAcknowledged{Tier: m.Tier()}},
	}
	return append(events, s.takesOver(h.Post, m)...), nil
}

// DeclineHandover sends it back: the post stays where it is.
type DeclineHandover struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c DeclineHandover) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c DeclineHandover) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.handover(policy.DeclineHandover, c.Root, c.Seen); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.HandoverDeclined{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// WithdrawHandover takes it back before it is accepted.
type WithdrawHandover struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c WithdrawHandover) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c WithdrawHandover) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.handover(policy.WithdrawHandover, c.Root, c.Seen); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.HandoverWithdrawn{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// handover permits an act on one that waits to be accepted.
func (s *scene) handover(act policy.Act, root, seen incident.Seq) (*incident.Object, error) {
	o := s.objects[root]
	if o == nil || o.Handover == nil {
		return nil, incident.Missing()
	}
	if err := s.permit(act, o, nil); err != nil {
		return nil, err
	}
	is := map[incident.HandoverState]string{incident.HandoverIsAccepted: "was accepted", incident.HandoverIsDeclined: "was declined", incident.HandoverIsWithdrawn: "was taken back"}[o.Handover.State]
	if o.Handover.State != incident.HandoverIsSigned {
		return nil, incident.Refuse(incident.Conflict, "This handover %s in entry %d.", is, o.Handover.Settled)
	}
	return o, moved(seen, o.Handover.Settled, "this handover", "waits to be accepted")
}
