package command

import (
	"fmt"
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// SetMatrix sets the next version of the escalation matrix: whoever acts for a
// host. Rooms that are open keep theirs.
type SetMatrix struct {
	Rows []incident.MatrixRow
	Seen int // the version on the screen
}

// maxMatrix bounds its rows, and a row's minutes.
const (
	maxMatrix  = 200
	maxMinutes = 24 * 60
)

func (c SetMatrix) roots() []incident.Seq { return nil }

func (c SetMatrix) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty {
		return nil, incident.Missing()
	}
	p, ok := s.system.People[s.Actor.Person]
	if !ok || p.Suspended || !slices.ContainsFunc(p.Orgs, s.system.IsHost) {
		return nil, incident.Refuse(incident.Forbidden, "Only the joint hosts can do this.")
	}
	if s.Actor.Way == incident.ByCodes {
		return nil, policy.ByCodes()
	}
	if c.Seen != s.system.MatrixVersion() {
		return nil, incident.Refuse(incident.Conflict, "The matrix was changed after you looked: version %d stands now. Read it, then decide again.", s.system.MatrixVersion())
	}
	rows, err := CheckMatrix(s.system, c.Rows)
	if err != nil {
		return nil, err
	}
	if !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Changing who decides what needs your second factor. It covers the next hour.")
	}
	return one(&incident.Event{Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)}, Body: &incident.MatrixSet{Version: s.system.MatrixVersion() + 1, Rows: rows}})
}

// CheckMatrix checks what a matrix says, before it is set or tried.
func CheckMatrix(sys *incident.System, rows []incident.MatrixRow) ([]incident.MatrixRow, error) {
	if len(rows) > maxMatrix {
		return nil, incident.BadField("rows", "At most %d rows.", maxMatrix)
	}
	always := map[incident.Condition]bool{}
	for i, row := range rows {
		at := func(field string) string { return fmt.Sprintf("rows[%d].%s", i, field) }
		switch {
		case !slices.Contains(incident.Conditions, row.Condition):
			return nil, incident.BadField(at("condition"), "Choose a condition.")
		case !row.Tier.Valid():
			return nil, incident.BadField(at("tier"), "Choose operational, tactical or strategic.")
		case row.Minutes < 1 || row.Minutes > maxMinutes:
			return nil, incident.BadField(at("minutes"), "From a minute to a day.")
		case row.Scale == "" && row.AtLeast != 0, row.Scale != "" && !row.Scale.Valid(row.AtLeast):
			return nil, incident.BadField(at("atLeast"), "Choose a grade of the scale, or neither scale nor grade.")
		case row.Rota != "" && !sys.IsHost(row.Rota):
			return nil, incident.BadField(at("rota"), "The rotas are the hosts'.")
		}
		always[row.Condition] = always[row.Condition] || row.Scale == ""
	}
	for _, c := range incident.Conditions {
		if !always[c] {
			return nil, incident.BadField("rows", "Each condition needs a row for whatever the severity: before anybody has assessed one, too. There is none for %s.", c)
		}
	}
	return slices.Clone(rows), nil
}
