package projection

import (
	"slices"

	"wardroom/server/incident"
)

// Reads is the second wall in one sentence: whether by these rows alone the
// member may have what a root's entries say. It is the policy "reader" on
// opening (schema/0001_log.sql), condition by condition, and shares nothing
// with policy.Sees but what both must come to. Like the database it knows no
// roster; a RED entry, which travels as an envelope, it gives out.
func (m *Member) Reads(r *Root) bool {
	if m.State != incident.Joined {
		return false
	}
	if r.Standing {
		return true
	}
	if r.Seq < m.Start {
		return false
	}
	switch r.Audience.Kind {
	case incident.ToRoom:
		return true
	case incident.ToHosts:
		return m.Host
	case incident.ToLeads:
		return m.Role == incident.Auditor || m.Host && slices.Contains([]incident.Role{incident.Lead, incident.Deputy}, m.Role)
	case incident.ToNamed:
		return slices.Contains(r.Audience.Members, m.Number) || slices.Contains(r.Audience.Orgs, m.Org)
	}
	return false
}
