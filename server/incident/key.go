package incident

func init() { register[*KeyListed](KindInfo{Log: SystemLog, Root: true}) }

// KeyListed names a generation of the notary's keys before anything is signed
// with it, so that no key can be said to have been the deployment's afterwards.
type KeyListed struct {
	Generation int      `json:"generation"` // 1, 2, 3 …
	Name       string   `json:"name"`
	Verifiers  []string `json:"verifiers"` // two lines (C2SP signed-note): Ed25519, ML-DSA-44; both must sign
}

func (*KeyListed) kind() Kind { return "key.listed" }

// ListedKey is a generation of the notary's keys as the record knows it.
type ListedKey struct {
	KeyListed
	Listed Instant `json:"listed"`
}

// NotaryName is the name that the notary's keys bear.
func NotaryName(deployment string) string { return deployment + "/wardroom/1/notary" }
