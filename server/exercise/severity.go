package exercise

import "slices"

// Scale is one of the two scales of severity. They are never compared.
type Scale string

const (
	NHSLevel     Scale = "nhs_level"     // 1 to 4; 4 is the worst
	NCSCCategory Scale = "ncsc_category" // 1 to 6; 1 is the worst
)

// Severity is what an assessment says, or a lowering asks for.
type Severity struct {
	Scale    Scale    `json:"scale"`
	Grade    *Grade   `json:"grade,omitempty"`    // absent: the lowering asks for the assessment to be withdrawn
	Criteria []string `json:"criteria,omitempty"` // which of the scale's criteria are met
	Calls    []string `json:"calls,omitempty"`    // severity: who of the other host is called into the room because of it
}

// Grade is a place on a scale. Of two neighbours, given by someone who is not
// sure, the graver counts.
type Grade struct {
	At int `json:"at"`
	Or int `json:"or,omitempty"`
}

// Tier is a level of command.
type Tier string

const (
	Operational Tier = "operational"
	Tactical    Tier = "tactical"
	Strategic   Tier = "strategic"
)

var (
	tiers    = []Tier{Operational, Tactical, Strategic}
	grades   = map[Scale]int{NHSLevel: 4, NCSCCategory: 6}
	criteria = map[Scale][]string{
		NHSLevel: {"patient_safety", "service_loss", "several_organisations", "beyond_icb", "beyond_region", "national_coordination",
			"spreading", "mutual_aid", "data_loss", "public_concern"},
		NCSCCategory: {"essential_services", "national_security", "loss_of_life", "central_government", "population", "large_organisation",
			"local_government", "medium_organisation", "small_organisation", "individual", "economic"},
	}
)

// weight makes grades of one scale comparable: more is graver. 0 is no grade
// of the scale.
func (s Scale) weight(g *Grade) int {
	of := func(n int) int {
		switch {
		case n < 1 || n > grades[s]:
			return 0
		case s == NCSCCategory:
			return grades[s] + 1 - n
		}
		return n
	}
	at, or := of(g.At), of(g.Or)
	switch {
	case g.Or == 0:
		return at
	case at == 0 || or == 0 || at-or != 1 && or-at != 1:
		return 0
	}
	return max(at, or)
}

// joint reports whether both hosts belong in a room of this weight: from NHS
// level 3 and from NCSC category 3.
func (s Scale) joint(weight int) bool {
	return weight >= s.weight(&Grade{At: 3})
}

// assessed is what stands on one scale: its one assessor's assessment.
type assessed struct {
	weight int   // 0: none
	asked  *Item // the lowering that waits for a second person
	tier   Tier  // of who asked for it
}

// tierOf is the tier somebody acts at.
func (c *checker) tierOf(key string) Tier {
	if t, given := c.record.tiers[key]; given {
		return t
	}
	if p, _ := c.s.Person(key); p.Role == "lead" || p.Role == "deputy" {
		return Tactical
	}
	return Operational
}

func rank(t Tier) int { return slices.Index(tiers, t) }

func (c *checker) host(key string) bool {
	p, _ := c.s.Person(key)
	o, _ := c.s.Organisation(p.Org)
	return o.Standing == Host
}

func (c *checker) tier(item *Item) {
	who := item.For.Person
	switch _, in := c.members[who]; {
	case item.For.Org != "" || !in:
		c.failf("puts %q at a tier, who is not in the room", who)
	case rank(item.Tier) < 0:
		c.failf("tier %q is none of operational, tactical and strategic", item.Tier)
	case who == item.By:
		c.failf("nobody gives a tier to themselves")
	case c.tierOf(who) == item.Tier:
		c.failf("%s is at the %s tier already", c.name(who), item.Tier)
	}
	c.record.tiers[who] = item.Tier
}

// scale checks who assesses, on what, and by which criteria.
func (c *checker) scale(item *Item) (sev *Severity, now *assessed) {
	sev = item.Severity
	p, _ := c.s.Person(item.By)
	o, _ := c.s.Organisation(p.Org)
	if grades[sev.Scale] == 0 || o.Assesses != sev.Scale {
		c.failf("%s does not assess on scale %q", o.Name, sev.Scale)
	}
	if !slices.Contains([]string{"lead", "deputy", "liaison"}, p.Role) {
		c.failf("%s does not assess, as %s", p.Name, p.Role)
	}
	if now = c.record.scales[sev.Scale]; now == nil {
		now = &assessed{}
		c.record.scales[sev.Scale] = now
	}
	if now.asked != nil {
		c.failf("lowering %q still waits for its answer", now.asked.ID)
	}
	for i, id := range sev.Criteria {
		if !slices.Contains(criteria[sev.Scale], id) || slices.Contains(sev.Criteria[:i], id) {
			c.failf("criterion %q is none of the scale's, or stands twice", id)
		}
	}
	if (sev.Grade != nil) != (len(sev.Criteria) > 0) {
		c.failf("a grade meets criteria, and what is withdrawn meets none")
	}
	if sev.Grade != nil && sev.Scale.weight(sev.Grade) == 0 {
		c.failf("the grade is none of the scale's, nor two neighbours")
	}
	return sev, now
}

func (c *checker) severity(item *Item) {
	c.marked(item)
	sev, now := c.scale(item)
	if sev.Grade == nil {
		c.failf("an assessment has a grade")
		return
	}
	if w := sev.Scale.weight(sev.Grade); w < now.weight {
		c.failf("is lower than what stands: that is asked of a second person, as a lowering")
	} else {
		now.weight = w
	}
	c.calls(item, sev.Scale.joint(now.weight))
}

// calls checks that a host is called when it belongs in the room and nobody of
// it is there, and only then.
func (c *checker) calls(item *Item, joint bool) {
	for _, o := range c.s.Organisations {
		if o.Standing != Host {
			continue
		}
		there, called := false, false
		for _, p := range c.s.Cast {
			if p.Org == o.Code {
				_, in := c.members[p.Key]
				there = there || in || c.record.called[p.Key]
				called = called || slices.Contains(item.Severity.Calls, p.Key)
			}
		}
		if joint && !there && !called {
			c.failf("%s belongs in the room from here on, and nobody of it is there or called", o.Name)
		}
		if called && (there || !joint) {
			c.failf("%s needs no calling", o.Name)
		}
	}
	for _, key := range item.Severity.Calls {
		if p, known := c.s.Person(key); !known || !c.host(key) || p.Role != "liaison" {
			c.failf("calls %q, who is no host's liaison", key)
		}
		c.record.called[key] = true
	}
}

func (c *checker) lowering(item *Item) {
	c.marked(item)
	sev, now := c.scale(item)
	if now.weight == 0 || sev.Grade != nil && sev.Scale.weight(sev.Grade) >= now.weight {
		c.failf("is not lower than what stands")
	}
	now.asked, now.tier = item, c.tierOf(item.By)
	for key := range c.members {
		if c.second(key, now) && c.includes(item.Audience, key) {
			return
		}
	}
	c.failf("nobody in the room can be its second person: one tier up, or, at the strategic tier, another there or of the other host")
}

// second reports whether somebody may agree to what was asked.
func (c *checker) second(key string, now *assessed) bool {
	p, _ := c.s.Person(key)
	asker, _ := c.s.Person(now.asked.By)
	if !c.host(key) || key == asker.Key || !slices.Contains([]string{"lead", "deputy", "liaison"}, p.Role) {
		return false
	}
	if now.tier == Strategic {
		return c.tierOf(key) == Strategic || p.Org != asker.Org
	}
	return rank(c.tierOf(key)) > rank(now.tier)
}

// answer checks the second person's word.
func (c *checker) answer(item *Item) {
	if item.Type == TypeRefuse {
		c.marked(item)
	}
	target := c.seen[item.Target]
	var now *assessed
	if target != nil && target.Severity != nil {
		now = c.record.scales[target.Severity.Scale]
	}
	if now == nil || now.asked != target {
		c.failf("answers %q, which is no lowering that waits", item.Target)
		return
	}
	if !c.second(item.By, now) {
		c.failf("%s is not its second person: one tier up, or, at the strategic tier, another there or of the other host", c.name(item.By))
	}
	if now.asked = nil; item.Type == TypeAgree {
		now.weight = 0
		if g := target.Severity.Grade; g != nil {
			now.weight = target.Severity.Scale.weight(g)
		}
	}
}

// answered checks at the end that no lowering was left without its second
// person.
func (c *checker) answered() {
	for _, scale := range []Scale{NHSLevel, NCSCCategory} {
		if now := c.record.scales[scale]; now != nil && now.asked != nil {
			c.failf("item %q: no second person answers the lowering", now.asked.ID)
		}
	}
}
