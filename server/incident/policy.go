package incident

func init() { register[*PolicyListed](KindInfo{Log: SystemLog, Root: true}) }

// PolicyListed says from when on the house judged sight by these rules: the
// first server that knows them lists them before it serves. Whoever asks years
// later what somebody could see is told by which rules.
type PolicyListed struct {
	Version int `json:"version"` // policy.Version
}

func (*PolicyListed) kind() Kind { return "policy.listed" }

// ListedPolicy is a version of the rules of sight, as the record has it.
type ListedPolicy struct {
	Version int     `json:"version"`
	Since   Instant `json:"since"`
}

// PolicyAt returns the version of the rules of sight in force at a time; ok is
// false where none was listed yet.
func (s *System) PolicyAt(t Instant) (p ListedPolicy, ok bool) {
	for _, listed := range s.Policies {
		if listed.Since.After(t.Time) {
			break
		}
		p, ok = listed, true
	}
	return p, ok
}
