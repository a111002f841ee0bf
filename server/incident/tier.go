package incident

import "slices"

func init() { register[*MemberTiered](KindInfo{Log: RoomLog, Standing: true}) }

// Tier is a level of command. Strategic (gold) sets intent and owns policy,
// tactical (silver) turns it into a plan and coordinates, operational
// (bronze) does it.
type Tier string

const (
	Operational Tier = "operational"
	Tactical    Tier = "tactical"
	Strategic   Tier = "strategic"
)

var tierOrder = []Tier{Operational, Tactical, Strategic}

// Rank orders tiers from operational (0) to strategic (2); -1 is no tier.
func (t Tier) Rank() int { return slices.Index(tierOrder, t) }

// Valid reports whether t is one of the three.
func (t Tier) Valid() bool { return t.Rank() >= 0 }

// TierOf is the tier a role acts at until a lead gives its holder another.
func TierOf(r Role) Tier {
	if r == Lead || r == Deputy {
		return Tactical
	}
	return Operational
}

// MemberTiered puts a member at a tier: what they may decide, and what they
// may agree to. Nobody gives one to themselves.
type MemberTiered struct {
	Tier Tier `json:"tier"`
}

func (*MemberTiered) kind() Kind { return "member.tiered" }

// Above is the tier above; "" above the strategic one.
func (t Tier) Above() Tier {
	if i := t.Rank() + 1; i > 0 && i < len(tierOrder) {
		return tierOrder[i]
	}
	return ""
}
