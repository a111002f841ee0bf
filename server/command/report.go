package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// UpdateReport replaces the fields of the room's M/ETHANE report.
type UpdateReport struct {
	Root   incident.Seq
	Report incident.Methane
	Seen   incident.Seq
}

func (c UpdateReport) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c UpdateReport) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Report, c.Root)
	if err != nil {
		return nil, err
	}
	was, ok := o.Body.(*incident.ReportGiven)
	if !ok {
		return nil, incident.Missing()
	}
	if r := s.Room.Report; r != nil && r.Root == c.Root {
		if err := s.stale(c.Seen, r.Seq, "The report"); err != nil {
			return nil, err
		}
	}
	if err := checkMethane(c.Report); err != nil {
		return nil, err
	}
	if was.Methane == c.Report {
		return nil, incident.BadField("report.type", "This is the report as it stands.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ReportUpdated{Methane: c.Report}, Authority: incident.Authority{Seen: c.Seen}})
}
