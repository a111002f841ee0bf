package incident

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*IssuerSet](root)
	register[*IssuerStopped](root)
	register[*TokenIssued](root)
	register[*TokenRevoked](root)
}

// IssuerSet names an OpenID Connect issuer people may sign in with. Its
// client secret is configuration, never an entry.
type IssuerSet struct {
	Acr     string   `json:"acr"`               // the acr a sign-in must carry
	Domains []string `json:"domains,omitempty"` // e-mail domains whose verified addresses it vouches for
	Key     string   `json:"key"`               // its short name in configuration and records
	Name    string   `json:"name"`              // as the sign-in page shows it
	StepUp  string   `json:"stepUp"`            // the acr a step-up must carry
	URL     string   `json:"url"`
}

func (*IssuerSet) kind() Kind { return "issuer.set" }

// IssuerStopped takes an issuer out of use.
type IssuerStopped struct {
	Key string `json:"key"`
}

func (*IssuerStopped) kind() Kind { return "issuer.stopped" }

// TokenIssued registers a service token. The token itself is shown once and
// kept nowhere; its hash is identity's.
type TokenIssued struct {
	Expires Instant  `json:"expires"`
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Scopes  []string `json:"scopes"`
}

func (*TokenIssued) kind() Kind { return "token.issued" }

// TokenRevoked ends a service token.
type TokenRevoked struct {
	ID string `json:"id"`
}

func (*TokenRevoked) kind() Kind { return "token.revoked" }
