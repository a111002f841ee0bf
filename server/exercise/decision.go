package exercise

import (
	"slices"
	"strings"
)

// Decision is a decision's record, or some parts of it. What it needs when it
// is taken are Decision, Rationale and Maker; all else may come later, or not.
type Decision struct {
	Decision  string `json:"decision,omitempty"`
	Rationale string `json:"rationale,omitempty"`
	Maker     string `json:"maker,omitempty"` // key of the one whose decision it is

	From       string `json:"from,omitempty"`       // decision: the id of the message it is made of
	Supersedes string `json:"supersedes,omitempty"` // decision: the id of the one it stands in the place of
	Reverses   string `json:"reverses,omitempty"`   // decision: or undoes

	Question  string   `json:"question,omitempty"`
	Options   []Option `json:"options,omitempty"`
	Relied    []string `json:"relied,omitempty"` // ids of earlier items
	Risks     string   `json:"risks,omitempty"`
	Powers    string   `json:"powers,omitempty"`
	Consulted string   `json:"consulted,omitempty"`
	Dissent   string   `json:"dissent,omitempty"`
	Expected  string   `json:"expected,omitempty"`
	Outcome   string   `json:"outcome,omitempty"`
}

// Option is a way that was considered.
type Option struct {
	Text     string `json:"text"`
	Rejected string `json:"rejected,omitempty"` // why it was not taken
}

// decided is where a decision stands.
type decided struct {
	maker string
	tier  Tier
	state string // proposed, taken, confirmed, disputed, over
}

func (d *decided) standing() bool {
	return d.state == "taken" || d.state == "confirmed" || d.state == "disputed"
}

// parts checks what a decision's record says beside the decision.
func (c *checker) parts(item *Item) {
	for _, o := range item.Decision.Options {
		if strings.TrimSpace(o.Text) == "" {
			c.failf("an option says what it is")
		}
	}
	c.cited(item, item.Decision.Relied)
	if !item.Review.IsZero() {
		c.moment(item, "review", item.Review, true)
	}
	if !item.Occurred.IsZero() {
		c.moment(item, "occurred", item.Occurred, false)
	} else if item.About {
		c.failf("about what time it was is not said")
	}
}

// maker checks whose decision it is: somebody in the room who receives it.
func (c *checker) maker(item *Item, to *Audience) {
	d := item.Decision
	if d.Maker == "" {
		c.failf("says whose decision it is: it needs a maker")
		return
	}
	if _, in := c.members[d.Maker]; !in {
		c.failf("the maker %q is not in the room", d.Maker)
	} else if to != nil && !c.includes(to, d.Maker) {
		c.failf("%s does not receive the decision, and could not confirm it", c.name(d.Maker))
	}
	if item.Type == TypeProposal {
		return
	}
	recorder, _ := c.s.Person(item.By)
	if p, _ := c.s.Person(d.Maker); recorder.Role == "representative" && p.Org != recorder.Org {
		c.failf("%s records what %s decided, of another organisation", recorder.Name, p.Name)
	}
	if d.Decision == "" || d.Rationale == "" {
		c.failf("what was decided, and why, are both needed")
	}
}

func (c *checker) decision(item *Item) {
	c.marked(item)
	c.parts(item)
	c.maker(item, item.Audience)
	d := item.Decision
	if d.From != "" {
		from := c.seen[d.From]
		switch {
		case from == nil || from.Type != TypeMessage || !c.reads(item.By, from):
			c.failf("is made of %q, which is no message before it that %s can read", d.From, item.By)
		case item.Label.rank() < from.Label.rank():
			c.failf("is labelled lower than the message it is made of")
		}
	}
	state := &decided{maker: d.Maker, tier: c.tierOf(d.Maker), state: "taken"}
	if d.Supersedes != "" && d.Reverses != "" {
		c.failf("supersedes one decision or reverses it, not both")
	}
	if id := d.Supersedes + d.Reverses; id != "" {
		old := c.record.decisions[id]
		switch {
		case old == nil || !c.reads(item.By, c.seen[id]) || !old.standing():
			c.failf("ends %q, which is no decision that stands", id)
		case rank(state.tier) < rank(old.tier):
			c.failf("ends %q, which was taken at a higher tier", id)
		}
		if old != nil {
			old.state = "over"
		}
	}
	c.record.decisions[item.ID] = state
}

func (c *checker) proposal(item *Item) {
	c.marked(item)
	c.parts(item)
	c.maker(item, item.Audience)
	d := item.Decision
	if d.Decision == "" || d.From+d.Supersedes+d.Reverses+d.Outcome != "" {
		c.failf("a proposal is of its own, says what to decide, and has no outcome")
	}
	c.record.decisions[item.ID] = &decided{maker: d.Maker, state: "proposed"}
}

// onDecision checks what happens to a decision.
func (c *checker) onDecision(item *Item) {
	d := c.record.decisions[item.Target]
	if d == nil || !c.reads(item.By, c.seen[item.Target]) {
		c.failf("is about %q, which is no decision before it that %s can read", item.Target, item.By)
		return
	}
	target := c.seen[item.Target]
	switch item.Type {
	case TypeTake:
		c.parts(item)
		c.maker(item, target.Audience)
		if x := item.Decision; x.From+x.Supersedes+x.Reverses != "" {
			c.failf("takes what was proposed, and nothing else")
		}
		if d.state != "proposed" || d.maker != item.Decision.Maker {
			c.failf("takes %q, which does not wait to be decided by %s", item.Target, item.Decision.Maker)
		}
		d.state, d.tier = "taken", c.tierOf(d.maker)
	case TypeAdd:
		c.parts(item)
		if x := item.Decision; x.Decision+x.Rationale+x.Maker+x.From+x.Supersedes+x.Reverses != "" {
			c.failf("adds to a decision; what was decided stays as it is")
		}
		if d.state == "over" && !item.Review.IsZero() {
			c.failf("there is nothing left to look at again")
		}
	case TypeConfirm, TypeDispute:
		if d.maker != item.By {
			c.failf("only its maker confirms or disputes a decision, and %s is not", c.name(item.By))
		}
		if d.state != "taken" {
			c.failf("%q does not wait for its maker", item.Target)
		}
		d.state = map[Type]string{TypeConfirm: "confirmed", TypeDispute: "disputed"}[item.Type]
	case TypeReview:
		if p, _ := c.s.Person(item.By); p.Role != "lead" && p.Role != "deputy" && d.maker != p.Key {
			c.failf("a lead or its maker looks at a decision again, and %s is neither", p.Name)
		}
		if !d.standing() {
			c.failf("%q does not stand", item.Target)
		}
		if !item.Review.IsZero() {
			c.moment(item, "review", item.Review, true)
		}
	}
}

// cited checks that whoever cites can read what is cited, and that it is an
// entry of its own.
func (c *checker) cited(item *Item, ids []string) {
	entries := []Type{TypeFact, TypeMessage, TypeBrief, TypeSeverity, TypeLowering, TypeDecision, TypeProposal, TypeAction, TypeBook, TypeLine}
	for i, id := range ids {
		if of := c.seen[id]; of == nil || !slices.Contains(entries, of.Type) || !c.reads(item.By, of) || slices.Contains(ids[:i], id) {
			c.failf("cites %q, which is no entry before it that %s can read, or stands twice", id, item.By)
		}
	}
}
