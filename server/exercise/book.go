package exercise

// Paper is where a line was transcribed from.
type Paper struct {
	By   string `json:"by"`   // whose hand it was written in
	Page string `json:"page"` // where
}

// kept is a loggist's book as it stands.
type kept struct {
	loggist, maker string
	agreed, closed bool
	followed       bool // another goes on from it
}

func (c *checker) book(item *Item) {
	c.marked(item)
	p, _ := c.s.Person(item.By)
	if p.Role != "lead" && p.Role != "deputy" && p.Role != "loggist" {
		c.failf("%s keeps no book, as %s", p.Name, p.Role)
	}
	maker := item.For.Person
	switch _, in := c.members[maker]; {
	case item.For.Org != "" || !in || !c.includes(item.Audience, maker):
		c.failf("is kept for %q, who is not in the room or does not receive it", maker+item.For.Org)
	case maker == item.By:
		c.failf("a loggist keeps the log for someone else")
	}
	if item.Label == Red {
		c.failf("a book is never TLP:RED")
	}
	if item.Follows != "" {
		before := c.record.books[item.Follows]
		if before == nil || !before.closed || before.followed {
			c.failf("goes on from %q, which is no closed book that ends there", item.Follows)
		} else {
			before.followed = true
		}
	}
	c.record.books[item.ID] = &kept{loggist: item.By, maker: maker}
}

// onBook checks what happens to a book, and what is written in it.
func (c *checker) onBook(item *Item) {
	b := c.record.books[item.Target]
	if b == nil || b.closed {
		c.failf("is about %q, which is no open book", item.Target)
		return
	}
	if who := map[Type]string{TypeAgreed: b.maker}[item.Type]; who != "" && who != item.By {
		c.failf("only %s can do this", c.name(who))
	} else if who == "" && b.loggist != item.By {
		c.failf("only its loggist writes in a book, and closes it, and %s is not", c.name(item.By))
	}
	switch item.Type {
	case TypeAgreed:
		if b.agreed {
			c.failf("this is confirmed already")
		}
		b.agreed = true
	case TypeLine:
		if !item.Occurred.IsZero() {
			c.moment(item, "occurred", item.Occurred, false)
		} else if item.About {
			c.failf("about what time it was is not said")
		}
		if item.Paper != nil && (item.Paper.By == "" || item.Paper.Page == "") {
			c.failf("whose hand it was written in, and where, are both needed")
		}
		c.cited(item, item.Cites)
	case TypeEndBook:
		b.closed = true
	}
}

// reline checks the correction of a line.
func (c *checker) reline(item *Item) {
	line := c.seen[item.Target]
	switch {
	case line == nil || line.Type != TypeLine:
		c.failf("corrects %q, which is no line before it", item.Target)
	case line.By != item.By:
		c.failf("corrects what somebody else wrote")
	case c.record.books[line.Target] == nil || c.record.books[line.Target].closed:
		c.failf("corrects a line of a book that is closed")
	}
}
