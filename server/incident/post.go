package incident

import (
	"slices"
)

func init() {
	root := KindInfo{Log: RoomLog, Standing: true, Root: true}
	then := KindInfo{Log: RoomLog, Standing: true}
	register[*PostAssigned](root)
	register[*PostAssumed](root)
	register[*PostAcknowledged](then)
	register[*PostReleased](then)
	register[*PostReasoned](KindInfo{Log: RoomLog, Root: true})
}

// Post is a place in the command structure. One person holds each.
type Post string

const (
	IncidentLead         Post = "incident_lead"
	StrategicCommander   Post = "strategic_commander"
	TacticalCommander    Post = "tactical_commander"
	OperationalCommander Post = "operational_commander"
	LoggistPost          Post = "loggist"
	Communications       Post = "communications"
	LiaisonPost          Post = "liaison"
	TechnicalLead        Post = "technical_lead"
	ClinicalSafetyPost   Post = "clinical_safety"
)

// Posts lists them in the order in which people are shown them.
var Posts = []Post{IncidentLead, StrategicCommander, TacticalCommander, OperationalCommander, LoggistPost, Communications, LiaisonPost, TechnicalLead, ClinicalSafetyPost}

// Tier is the level of command the post is at.
func (p Post) Tier() Tier {
	switch p {
	case StrategicCommander:
		return Strategic
	case IncidentLead, TacticalCommander:
		return Tactical
	}
	return Operational
}

// commands reports whether the post decides for its tier, so that it is asked
// when something is escalated there.
func (p Post) commands() bool {
	switch p {
	case IncidentLead, StrategicCommander, TacticalCommander, OperationalCommander:
		return true
	}
	return false
}

// PostAssigned puts somebody in a post. It is filled when they acknowledge it;
// until then whoever held it holds it on.
type PostAssigned struct {
	Deputy MemberNo `json:"deputy,omitempty"` // who may assume it without anybody's consent
	Member MemberNo `json:"member"`
	Post   Post     `json:"post"`
}

func (*PostAssigned) kind() Kind { return "post.assigned" }

// PostAcknowledged says that they have taken it: they act at its tier from now
// on.
type PostAcknowledged struct {
	Tier Tier `json:"tier"` // at which they acted until then
}

func (*PostAcknowledged) kind() Kind { return "post.acknowledged" }

// PostReleased says that they hold it no more.
type PostReleased struct{}

func (*PostReleased) kind() Kind { return "post.released" }

// PostAssumed takes command: its deputy, or a tier above, holds the post from
// now on, without consent. The reason is the entry after it.
type PostAssumed struct {
	Post Post `json:"post"`
	Tier Tier `json:"tier"` // at which they acted until then
}

func (*PostAssumed) kind() Kind { return "post.assumed" }

// PostReasoned says why command was assumed: an entry of its own, with its own
// label and audience, since who holds a post is for whoever comes later too.
type PostReasoned struct {
	About Seq    `json:"about"`
	Text  string `json:"text"`
}

func (*PostReasoned) kind() Kind { return "post.reasoned" }

// Tenure is one person's time in a post.
type Tenure struct {
	Root     Seq      `json:"root"`
	Post     Post     `json:"post"`
	Member   MemberNo `json:"member"`
	Deputy   MemberNo `json:"deputy,omitempty"`
	Assigned Instant  `json:"assigned"`
	From     Instant  `json:"from,omitzero"`     // when they acknowledged it; zero: not yet
	Until    Instant  `json:"until,omitzero"`    // when it ended; zero while it stands
	Assumed  bool     `json:"assumed,omitempty"` // taken without consent
	Was      Tier     `json:"was,omitempty"`     // at which they acted until they took it
}

// Stands reports whether the tenure is neither over nor given up.
func (t *Tenure) Stands() bool { return t.Until.IsZero() }

// Holds reports whether they hold the post now.
func (t *Tenure) Holds() bool { return t.Stands() && !t.From.IsZero() }

// Holder is the tenure of whoever holds the post now; nil while nobody does.
func (r *Room) Holder(p Post) *Tenure {
	return r.tenure(func(t *Tenure) bool { return t.Post == p && t.Holds() })
}

// Waiting is the tenure that waits for its acknowledgement; nil for none.
func (r *Room) Waiting(p Post) *Tenure {
	return r.tenure(func(t *Tenure) bool { return t.Post == p && t.Stands() && !t.Holds() })
}

// TenureRoot is the tenure that began at root; nil for none.
func (r *Room) TenureRoot(root Seq) *Tenure {
	return r.tenure(func(t *Tenure) bool { return t.Root == root })
}

func (r *Room) tenure(is func(*Tenure) bool) *Tenure {
	if i := slices.IndexFunc(r.Tenures, is); i >= 0 {
		return r.Tenures[i]
	}
	return nil
}

// PostsAt are who holds the posts that decide for a tier, in the order of
// posts. Of a nil room nobody does.
func (r *Room) PostsAt(tier Tier) (list []*Tenure) {
	if r == nil {
		return nil
	}
	for _, p := range Posts {
		if p.commands() && p.Tier() == tier {
			if t := r.Holder(p); t != nil {
				list = append(list, t)
			}
		}
	}
	return list
}

// applyPost folds who holds which post; ok is false for other events.
func (r *Room) applyPost(e *Event) (ok bool) {
	switch e.Body.(type) {
	case *PostAssigned, *PostAssumed, *PostAcknowledged, *PostReleased:
		r.Tenures = slices.Clone(r.Tenures)
	default:
		return false
	}
	at := e.Times.Shown()
	// Of one post nobody else holds it, or waits to, once a tenure ends theirs.
	end := func(p Post, but Seq, waiting bool) {
		for i, t := range r.Tenures {
			if t.Post == p && t.Root != but && t.Stands() && (waiting || t.Holds()) {
				next := *t
				next.Until = at
				r.Tenures[i] = &next
			}
		}
	}
	r.Tenures = slices.Clone(r.Tenures)
	switch b := e.Body.(type) {
	case *PostAssigned:
		if w := r.Waiting(b.Post); w != nil {
			r.end(w, at)
		}
		r.Tenures = append(r.Tenures, &Tenure{Root: e.Root, Post: b.Post, Member: b.Member, Deputy: b.Deputy, Assigned: at})
	case *PostAssumed:
		end(b.Post, e.Root, true)
		r.Tenures = append(r.Tenures, &Tenure{Root: e.Root, Post: b.Post, Member: e.By.Member, Assigned: at, From: at, Assumed: true, Was: b.Tier})
	case *PostAcknowledged:
		if i := slices.IndexFunc(r.Tenures, func(t *Tenure) bool { return t.Root == e.Root }); i >= 0 {
			next := *r.Tenures[i]
			next.From, next.Was = at, b.Tier
			end(next.Post, e.Root, false)
			r.Tenures[i] = &next
		}
	case *PostReleased:
		if t := r.TenureRoot(e.Root); t != nil {
			r.end(t, at)
		}
	}
	return true
}

// end ends a tenure.
func (r *Room) end(t *Tenure, at Instant) {
	i := slices.Index(r.Tenures, t)
	next := *t
	next.Until = at
	r.Tenures[i] = &next
}
