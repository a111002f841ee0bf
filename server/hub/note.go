package hub

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// A note says who has seen an entry. Where guests are not told of one another
// it is a stub to guests of another organisation, though they see the entry:
// the one case in which the entries of a root differ for one viewer.

// noted sets who gave the note that the entry is, in a room where that
// matters. Hosts are known to all.
func (r *room) noted(e *entry, by incident.MemberNo, fold *incident.Room) {
	if by == 0 || fold.Roster != incident.RosterHosts {
		return
	}
	if of := fold.Numbered(by); of != nil && !of.Host {
		e.noter, e.class.noter = by, of.Org
	}
}

// form returns in which form the viewer sees the entry.
func (r *room) form(v viewer, e *entry) policy.Form {
	form := r.sees(v, e.facts)
	if e.noter != 0 {
		return min(form, policy.SeesNote(r.fold, v.Member, e.sight, e.noter))
	}
	return form
}

// circleOf is all that tells apart what members see of notes: nothing, unless
// the roster hides them.
func (r *room) circleOf(m viewer) (c circle) {
	if r.fold.Roster == incident.RosterHosts {
		c = circle{m.Host, m.Role == incident.Auditor, m.Org}
	}
	return c
}
