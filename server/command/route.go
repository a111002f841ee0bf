package command

import (
	"slices"

	"wardroom/server/incident"
)

// OnShift says who of an organisation is on its rota at a tier now, the most
// senior first.
type OnShift func(incident.OrgID, incident.Tier) []incident.PersonID

// Chain lists who would be asked, in order, for what the matrix row says: at
// its tier and then at those above, who holds the tier's post and their
// deputy, who leads in the room and acts at it, and who is on shift; last, the hosts' people whom severity calls in.
// room may be nil: then nobody holds a post. Each stands there once; whoever is
// suspended, or no longer a host's, does not.
func Chain(sys *incident.System, room *incident.Room, row incident.MatrixRow, on OnShift) (chain []incident.Step) {
	hosts := sys.Hosts
	if room != nil {
		hosts = room.Hosts
	}
	add := func(id incident.PersonID, tier incident.Tier, way incident.Way) {
		p, ok := sys.People[id]
		at := slices.IndexFunc(hosts, func(h incident.OrgID) bool { return slices.Contains(p.Orgs, h) })
		if !ok || p.Suspended || at < 0 || slices.ContainsFunc(chain, func(s incident.Step) bool { return s.Person == id }) {
			return
		}
		chain = append(chain, incident.Step{Person: id, Name: p.Name, Org: hosts[at], Issuer: p.Issuer, Tier: tier, Way: way})
	}
	rotas := hosts
	if row.Rota != "" {
		rotas = append([]incident.OrgID{row.Rota}, slices.DeleteFunc(slices.Clone(hosts), func(h incident.OrgID) bool { return h == row.Rota })...)
	}
	for tier := row.Tier; tier.Valid(); tier = tier.Above() {
		for _, held := range room.PostsAt(tier) {
			if m := room.Numbered(held.Member); m.Present() {
				add(m.Person, tier, incident.ByPost)
			}
			if m := room.Numbered(held.Deputy); m.Present() {
				add(m.Person, tier, incident.ByDeputy)
			}
		}
		if room != nil {
			for _, m := range room.Members { // in the order in which they came
				if m.Leads() && m.Tier() == tier {
					add(m.Person, tier, incident.ByLead)
				}
			}
		}
		for _, org := range rotas {
			for _, id := range on(org, tier) {
				add(id, tier, incident.ByRota)
			}
		}
	}
	for _, id := range sys.OnCall {
		add(id, row.Tier, incident.ByOnCall)
	}
	return chain
}
