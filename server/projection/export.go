package projection

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// QueueRestricted lists the roots of a range that an export may have to ask
// their originators about: the rule of policy.Restricted, over rows. org is the
// originator, "" for any; the scope is Reader.
func QueueRestricted(b *pgx.Batch, log incident.LogID, hosts []incident.OrgID, org incident.OrgID, from, to incident.Seq, limit int, into *[]incident.Sight) {
	b.Queue(`SELECT `+SightColumns+` FROM root r
		WHERE r.log = $1 AND r.seq >= $2 AND r.seq <= $3 AND NOT r.standing AND ($4 = '' OR r.org = $4) AND r.kind <> 'export.requested'
			AND (r.tlp = 'TLP:RED' OR r.recorded OR r.recalled OR (r.audience = 'named' AND NOT r.orgs @> $5::text::text[]) OR (r.tlp = 'TLP:AMBER+STRICT' AND NOT r.org = ANY ($5::text::text[])))
		ORDER BY r.seq LIMIT $6`, string(log), int64(from), int64(to), string(org), orgArray(hosts), limit).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var r SightRow
			if err := rows.Scan(r.Targets()...); err != nil {
				return err
			}
			if s, ok := r.Sight(); ok {
				*into = append(*into, s)
			}
		}
		return rows.Err()
	})
}

// Leaves is the second wall before what an export gives, in one sentence:
// whether by this row alone what the root's entries say may go out without its
// originator's release. It shares nothing with policy.Restricted but what both
// must come to.
func (r *Root) Leaves(hosts []incident.OrgID) bool {
	if r.Standing {
		return true
	}
	if r.Recorded || r.Recalled {
		return false
	}
	switch r.TLP {
	case incident.Clear, incident.Green, incident.Amber:
	case incident.AmberStrict:
		if !slices.Contains(hosts, r.Org) {
			return false
		}
	default:
		return false
	}
	switch r.Audience.Kind {
	case incident.ToRoom, incident.ToHosts:
		return r.Kind != "export.requested"
	case incident.ToNamed:
		for _, h := range hosts {
			if !slices.Contains(r.Audience.Orgs, h) {
				return false
			}
		}
		return r.Kind != "export.requested"
	}
	return false
}
