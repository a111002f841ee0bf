package incident

func init() { register[*RotaSet](KindInfo{Log: SystemLog, Root: true}) }

// RotaSet says that a host's rota of a tier was written anew, and by whom. Who
// is on call when stands in the directory: it is mutable, and no evidence.
type RotaSet struct {
	Org     OrgID `json:"org"`
	Shifts  int   `json:"shifts"` // how many there are in it
	Tier    Tier  `json:"tier"`
	Version int64 `json:"version"` // counts from 1, for each organisation and tier
}

func (*RotaSet) kind() Kind { return "rota.set" }

// RotaVersion is the version of a rota that stands; 0: nobody has written one.
func (s *System) RotaVersion(org OrgID, tier Tier) int64 { return s.Rotas[rotaOf(org, tier)] }

func rotaOf(org OrgID, tier Tier) string { return string(org) + "/" + string(tier) }
