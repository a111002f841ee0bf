package web

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// delivered has it written down that the member was given these entries, as an
// answer that is about to go out. A run that holds stubs is given as it is:
// what of it told them anything follows from what they could see.
func (s *Server) delivered(room incident.LogID, m *incident.Member, lists ...[]policy.Seen) {
	if m == nil || m.Number == 0 {
		return
	}
	now := time.Now()
	var rows []journal.Delivery
	for _, list := range lists {
		for _, seen := range list {
			n := seen.Seq()
			if i := len(rows) - 1; i >= 0 && rows[i].Last+1 == n {
				rows[i].Last = n
				continue
			}
			rows = append(rows, journal.Delivery{Room: room, Members: []incident.MemberNo{m.Number}, How: journal.Paged, First: n, Last: n, Since: now, At: now})
		}
	}
	s.Journal.Delivered(rows...)
}
