package incident

import (
	"cmp"
	"slices"
)

func init() { register[*MatrixSet](KindInfo{Log: SystemLog, Root: true}) }

// MatrixRow says where an escalation goes: of a condition, from a grade on.
type MatrixRow struct {
	AtLeast   int       `json:"atLeast,omitempty"` // a grade of the scale: that one and graver ones; 0 with no scale
	Condition Condition `json:"condition"`
	Factor    bool      `json:"factor,omitempty"` // accepting needs a second factor used for nothing else
	Minutes   int       `json:"minutes"`          // before the next is asked
	Rota      OrgID     `json:"rota,omitempty"`   // whose people on shift are asked; empty: each host's in turn
	Scale     Scale     `json:"scale,omitempty"`  // empty: whatever the severity, also before anybody assessed one
	Tier      Tier      `json:"tier"`
	TwoKey    bool      `json:"twoKey,omitempty"`
}

// MatrixSet is a version of the matrix, whole. Versions count from 1; a room
// keeps the one it was opened with.
type MatrixSet struct {
	Rows    []MatrixRow `json:"rows"`
	Version int         `json:"version"`
}

func (*MatrixSet) kind() Kind { return "matrix.set" }

// Matrix is a version of it, and when it was set.
type Matrix struct {
	MatrixSet
	At Instant  `json:"at,omitzero"`
	By PersonID `json:"by,omitempty"`
}

// Severity is a place on a scale that operates in a room.
type Severity struct {
	Grade int   `json:"grade"`
	Scale Scale `json:"scale"`
}

// Severities are those that operate in the room, of each scale.
func (r *Room) Severities() (list []Severity) {
	for _, s := range Scales {
		if a := r.Operating(s); a != nil {
			list = append(list, Severity{a.Grade.Counts(s), s})
		}
	}
	return list
}

// Route returns where the matrix sends a condition at these severities. Of all
// rows that fit, the highest tier counts and of those the shortest time, and
// two keys or a second factor where any of them asks for it: if in doubt, at
// the greater severity. What no row fits goes to the strategic tier.
func (m MatrixSet) Route(c Condition, at []Severity) MatrixRow {
	var fit []MatrixRow
	for _, row := range m.Rows {
		if row.Condition == c && row.fits(at) {
			fit = append(fit, row)
		}
	}
	if len(fit) == 0 {
		return MatrixRow{Condition: c, Tier: Strategic, Minutes: 15, Factor: true}
	}
	top := slices.MinFunc(fit, func(a, b MatrixRow) int {
		return cmp.Or(cmp.Compare(b.Tier.Rank(), a.Tier.Rank()), cmp.Compare(a.Minutes, b.Minutes))
	})
	for _, row := range fit {
		top.TwoKey, top.Factor = top.TwoKey || row.TwoKey, top.Factor || row.Factor
	}
	return top
}

func (row MatrixRow) fits(at []Severity) bool {
	return row.Scale == "" || slices.ContainsFunc(at, func(s Severity) bool { return s.Scale == row.Scale && !row.Scale.Graver(row.AtLeast, s.Grade) })
}

// BuiltIn is the matrix of a deployment whose hosts have set none: version 0.
func BuiltIn() MatrixSet {
	always := func(c Condition, t Tier, minutes int) MatrixRow {
		return MatrixRow{Condition: c, Tier: t, Minutes: minutes, Factor: t == Strategic}
	}
	grave := func(c Condition, s Scale, from, minutes int) MatrixRow {
		row := always(c, Strategic, minutes)
		row.Scale, row.AtLeast = s, from
		return row
	}
	ransom := always(RansomDemand, Strategic, 10)
	ransom.TwoKey = true
	return MatrixSet{Rows: []MatrixRow{
		always(DisconnectNetwork, Strategic, 10),
		always(SuspendService, Tactical, 10), grave(SuspendService, NHSLevel, 3, 10), grave(SuspendService, NCSCCategory, 3, 10),
		always(RestoreService, Tactical, 15), grave(RestoreService, NHSLevel, 3, 15), grave(RestoreService, NCSCCategory, 3, 15),
		always(PublicStatement, Tactical, 15), grave(PublicStatement, NHSLevel, 3, 15), grave(PublicStatement, NCSCCategory, 3, 15),
		ransom,
		always(MutualAid, Tactical, 15), grave(MutualAid, NHSLevel, 4, 10),
		always(OtherCondition, Tactical, 15),
	}}
}

// Matrix returns a version that was set; the built-in one for 0, or one there
// is not.
func (s *System) Matrix(version int) MatrixSet {
	for _, m := range s.Matrices {
		if m.Version == version {
			return m.MatrixSet
		}
	}
	return BuiltIn()
}

// MatrixVersion is the newest version; 0 for the built-in one.
func (s *System) MatrixVersion() int {
	if n := len(s.Matrices); n > 0 {
		return s.Matrices[n-1].Version
	}
	return 0
}
