package exercise

import (
	"slices"
	"time"
)

// record is what has come of the incident's record so far, as a room would
// hold it.
type record struct {
	tiers     map[string]Tier     // given by a lead, by person
	scales    map[Scale]*assessed // each has one assessor
	called    map[string]bool     // people called into the room
	decisions map[string]*decided // by the id of the item that began it
	actions   map[string]*asked
	books     map[string]*kept
}

func newRecord() record {
	return record{tiers: map[string]Tier{}, scales: map[Scale]*assessed{}, called: map[string]bool{},
		decisions: map[string]*decided{}, actions: map[string]*asked{}, books: map[string]*kept{}}
}

// recorded checks an item of the incident's record. Only who takes part, and
// does not read only, has a hand in it.
func (c *checker) recorded(item *Item) {
	if p, _ := c.s.Person(item.By); !slices.Contains(writers, p.Role) {
		c.failf("%s is there to read, as %s", p.Name, p.Role)
	}
	switch item.Type {
	case TypeTier:
		c.tier(item)
	case TypeSeverity:
		c.severity(item)
	case TypeLowering:
		c.lowering(item)
	case TypeAgree, TypeRefuse:
		c.answer(item)
	case TypeDecision:
		c.decision(item)
	case TypeProposal:
		c.proposal(item)
	case TypeTake, TypeAdd, TypeConfirm, TypeDispute, TypeReview:
		c.onDecision(item)
	case TypeAction:
		c.action(item)
	case TypeAccept, TypeDecline, TypeDone, TypeHand, TypeChase, TypeWithdraw:
		c.onAction(item)
	case TypeBook:
		c.book(item)
	case TypeAgreed, TypeLine, TypeEndBook:
		c.onBook(item)
	case TypeReline:
		c.reline(item)
	}
}

// marked checks the label and the audience of what has its own.
func (c *checker) marked(item *Item) {
	if item.Label.rank() == 0 {
		c.failf("label %q is none of TLP 2.0", item.Label)
	}
	c.audience(item)
}

// moment checks a time that an item tells: a minute of British Summer Time, to
// come or gone by when the item is played.
func (c *checker) moment(item *Item, field string, t time.Time, toCome bool) {
	if _, offset := t.Zone(); offset != 60*60 || t.Second() != 0 || t.Nanosecond() != 0 {
		c.failf("%s is a minute at +01:00", field)
	}
	if toCome && !t.After(item.Due) {
		c.failf("%s is not after the item", field)
	}
	if !toCome && t.After(item.Due) {
		c.failf("%s is after the item", field)
	}
}

// name is what a person is called, for a defect.
func (c *checker) name(key string) string {
	if p, known := c.s.Person(key); known {
		return p.Name
	}
	return key
}
