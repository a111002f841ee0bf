package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// AssignPost gives somebody a post. It is theirs when they acknowledge it.
type AssignPost struct {
	Post   incident.Post
	Member incident.MemberNo
	Deputy incident.MemberNo // 0 for none
}

func (c AssignPost) roots() []incident.Seq { return nil }

func (c AssignPost) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.AssignPost, nil, nil); err != nil {
		return nil, err
	}
	if !slices.Contains(incident.Posts, c.Post) {
		return nil, incident.BadField("post", "Choose one of the posts.")
	}
	if err := s.mayHold("member", c.Post, c.Member); err != nil {
		return nil, err
	}
	if c.Deputy != 0 {
		if c.Deputy == c.Member {
			return nil, incident.BadField("deputy", "A deputy is somebody else.")
		}
		if err := s.mayHold("deputy", c.Post, c.Deputy); err != nil {
			return nil, err
		}
	}
	if t := s.Room.Holder(c.Post); t != nil && t.Member == c.Member && t.Deputy == c.Deputy && s.Room.Waiting(c.Post) == nil {
		return nil, incident.BadField("member", "They hold it already.")
	}
	return one(&incident.Event{Body: &incident.PostAssigned{Post: c.Post, Member: c.Member, Deputy: c.Deputy}})
}

// mayHold checks somebody who is to hold a post, or be its deputy. Everyone in
// the room is told.
func (s *scene) mayHold(field string, p incident.Post, n incident.MemberNo) error {
	of := s.Room.Numbered(n)
	if n == 0 || !s.knows(n) || !of.Present() {
		return incident.BadField(field, "M-%d is not someone in the room.", n)
	}
	if p == incident.IncidentLead && !of.Host {
		return incident.BadField(field, "Whoever leads the incident is of one of the hosts.")
	}
	if of.Role == incident.Auditor {
		return incident.BadField(field, "An auditor holds no post: they judge it afterwards.")
	}
	return s.mayName(field, incident.Audience{Kind: incident.ToRoom}, 0, incident.Names{Members: []incident.MemberNo{n}})
}

// AcknowledgePost takes a post that was given: from now on its holder acts at
// its tier, and whoever held it does not.
type AcknowledgePost struct{ Root incident.Seq }

func (c AcknowledgePost) roots() []incident.Seq { return nil }

func (c AcknowledgePost) decide(s *scene) ([]*incident.Event, error) {
	t, err := s.tenure(policy.AcknowledgePost, c.Root)
	if err != nil {
		return nil, err
	}
	if t.Holds() {
		return nil, incident.Refuse(incident.Conflict, "You hold it already.")
	}
	m := s.Asker()
	events := []*incident.Event{{Root: t.Root, Body: &incident.PostAcknowledged{Tier: m.Tier()}}}
	return append(events, s.takesOver(t.Post, m)...), nil
}

// ReleasePost ends somebody's time in a post.
type ReleasePost struct{ Root incident.Seq }

func (c ReleasePost) roots() []incident.Seq { return nil }

func (c ReleasePost) decide(s *scene) ([]*incident.Event, error) {
	t, err := s.tenure(policy.ReleasePost, c.Root)
	if err != nil {
		return nil, err
	}
	events := []*incident.Event{{Root: t.Root, Body: &incident.PostReleased{}}}
	if t.Holds() {
		events = append(events, s.handsBack(t)...)
	}
	return events, nil
}

// AssumePost takes command: without consent, and everybody is told why.
type AssumePost struct {
	Post   incident.Post
	Reason string
}

func (c AssumePost) roots() []incident.Seq { return nil }

func (c AssumePost) decide(s *scene) ([]*incident.Event, error) {
	s.Post = c.Post
	if err := s.permit(policy.AssumePost, nil, nil); err != nil {
		return nil, err
	}
	m := s.Asker()
	if t := s.Room.Holder(c.Post); t != nil && t.Member == m.Number {
		return nil, incident.Refuse(incident.Conflict, "You hold it already.")
	}
	if err := s.mayHold("post", c.Post, m.Number); err != nil {
		return nil, err
	}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	why, err := s.reason(c.Reason, "", nil, 0)
	if err != nil {
		return nil, err
	}
	if !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Assuming command needs your second factor. It covers the next hour.")
	}
	events := []*incident.Event{{Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)}, Body: &incident.PostAssumed{Post: c.Post, Tier: m.Tier()}}, why.of(&incident.PostReasoned{About: s.head + 1, Text: c.Reason})}
	return append(events, s.takesOver(c.Post, m)...), nil
}

// takesOver is what follows when somebody takes a post: they act at its tier,
// who leads the incident has the role of a lead, and whoever held it before
// acts at the tier they had.
func (s *scene) takesOver(p incident.Post, m *incident.Member) []*incident.Event {
	var events []*incident.Event
	if was := s.Room.Holder(p); was != nil && was.Member != m.Number {
		events = s.handsBack(was)
	}
	if p == incident.IncidentLead && m.Role != incident.Lead {
		events = append(events, &incident.Event{Root: m.Root, Body: &incident.MemberChanged{Role: incident.Lead}})
	}
	if m.Tier().Rank() < p.Tier().Rank() {
		events = append(events, &incident.Event{Root: m.Root, Body: &incident.MemberTiered{Tier: p.Tier()}})
	}
	return events
}

// handsBack puts whoever leaves a post at the tier they had, unless something
// else keeps them at its tier.
func (s *scene) handsBack(t *incident.Tenure) []*incident.Event {
	m := s.Room.Numbered(t.Member)
	if !m.Present() || m.Tier() != t.Post.Tier() || t.Was.Rank() >= m.Tier().Rank() || s.keptAt(m, t.Post.Tier(), t.Root) {
		return nil
	}
	return []*incident.Event{{Root: m.Root, Body: &incident.MemberTiered{Tier: t.Was}}}
}

// keptAt reports whether a post, or an escalation that was accepted, keeps the
// member at a tier, beside the one that began at but.
func (s *scene) keptAt(m *incident.Member, tier incident.Tier, but incident.Seq) bool {
	return slices.ContainsFunc(s.Room.Escalations, func(e *incident.Escalation) bool {
		return e.Root != but && e.State == incident.EscalationIsAccepted && e.Tier.Rank() >= tier.Rank() &&
			slices.ContainsFunc(e.Keys, func(k incident.Accepted) bool { return k.By.Member == m.Number })
	}) || slices.ContainsFunc(s.Room.Tenures, func(t *incident.Tenure) bool {
		return t.Root != but && t.Holds() && t.Member == m.Number && t.Post.Tier().Rank() >= tier.Rank()
	})
}

// tenure permits an act on somebody's time in a post, which is not over.
func (s *scene) tenure(act policy.Act, root incident.Seq) (*incident.Tenure, error) {
	if s.Room != nil {
		s.Tenure = s.Room.TenureRoot(root)
	}
	if err := s.permit(act, nil, nil); err != nil {
		if s.Tenure == nil {
			return nil, incident.Missing()
		}
		return nil, err
	}
	if s.Tenure == nil {
		return nil, incident.Missing()
	}
	if !s.Tenure.Stands() {
		return nil, incident.Refuse(incident.Conflict, "This is over: somebody else was given the post since, or it was ended.")
	}
	return s.Tenure, nil
}
