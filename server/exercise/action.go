package exercise

import "slices"

// Assignee is who is asked: one person, or anyone of an organisation.
type Assignee struct {
	Person string `json:"person,omitempty"` // a key of the cast
	Org    string `json:"org,omitempty"`    // or a code
}

// asked is where an action stands.
type asked struct {
	by    string
	to    Assignee
	state string // raised, accepted, over
}

// writers are who may act for their organisation.
var writers = []string{"lead", "deputy", "liaison", "loggist", "comms", "representative"}

// actsFor reports whether an action is somebody's.
func (c *checker) actsFor(key string, a Assignee) bool {
	p, _ := c.s.Person(key)
	return a.Person == key || a.Person == "" && a.Org == p.Org && slices.Contains(writers, p.Role)
}

// assignee checks who is asked: in the room, and receiving it.
func (c *checker) assignee(a Assignee, to *Audience) {
	if (a.Person == "") == (a.Org == "") {
		c.failf("is for one person or for one organisation")
		return
	}
	for key := range c.members {
		if c.actsFor(key, a) && (to == nil || c.includes(to, key)) {
			return
		}
	}
	c.failf("is for %q, who is not in the room or does not receive it", a.Person+a.Org)
}

func (c *checker) action(item *Item) {
	c.marked(item)
	c.assignee(*item.For, item.Audience)
	if !item.Deadline.IsZero() {
		c.moment(item, "due", item.Deadline, true)
	}
	if item.Carries != "" {
		switch d, of := c.record.decisions[item.Carries], c.seen[item.Carries]; {
		case d == nil || !d.standing() || !c.reads(item.By, of):
			c.failf("carries out %q, which is no decision that stands", item.Carries)
		}
	}
	c.record.actions[item.ID] = &asked{by: item.By, to: *item.For, state: "raised"}
}

// onAction checks what happens to an action.
func (c *checker) onAction(item *Item) {
	a, of := c.record.actions[item.Target], c.seen[item.Target]
	if a == nil || !c.reads(item.By, of) {
		c.failf("is about %q, which is no action before it that %s can read", item.Target, item.By)
		return
	}
	if a.state == "over" || item.Type == TypeDone && a.state != "accepted" || (item.Type == TypeAccept || item.Type == TypeDecline) && a.state != "raised" {
		c.failf("a %s does not follow, for %q is %s", item.Type, item.Target, a.state)
	}
	switch p, _ := c.s.Person(item.By); item.Type {
	case TypeAccept, TypeDecline, TypeDone, TypeHand:
		if !c.actsFor(item.By, a.to) {
			c.failf("only those it is for can do this, and %s is not", p.Name)
		}
	case TypeChase:
		if !c.host(item.By) {
			c.failf("a host chases, and %s is none", p.Name)
		}
	case TypeWithdraw:
		if p.Role != "lead" && p.Role != "deputy" && a.by != p.Key {
			c.failf("a lead or who raised it takes it back, and %s is neither", p.Name)
		}
	}
	switch item.Type {
	case TypeAccept:
		a.state = "accepted"
	case TypeDone:
		c.cited(item, item.Cites)
		a.state = "over"
	case TypeDecline, TypeWithdraw:
		a.state = "over"
	case TypeHand:
		if *item.For == a.to {
			c.failf("it is theirs already")
		}
		c.assignee(*item.For, of.Audience)
		a.to, a.state = *item.For, "raised"
	}
}
