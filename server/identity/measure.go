package identity

import (
	"wardroom/server/incident"
	"wardroom/server/meter"
)

var (
	waySet     = meter.NewSet("way", "issuer", "passkey", "step_up_passkey", "first_code", "second_code", "ticket")
	outcomeSet = meter.NewSet("outcome", in, failed, pHost, pIssuer, pIssuerDown, pExpired, pCancelled, pRefused, pToken, pWeak, pStale, pOther, pSuspended, pFrozen, pSignedOut, pInternal)
	signIns    = meter.NewCounter("sign_ins", "Sign-ins and second factors by a sign-in service, by passkeys and by codes, and tickets of sockets: how they ended. Other than in, refused and failed are the words of the sign-in page.",
		waySet, outcomeSet)
)

const (
	in     problem = "in"
	failed problem = "failed" // it was ours
)

// count takes down how a way in ended: what is refused is theirs, what failed
// ours.
func count(way string, err error) {
	outcome := in
	switch {
	case err == nil:
	case incident.FaultOf(err) == incident.Internal, incident.FaultOf(err) == incident.Unavailable:
		outcome = failed
	default:
		outcome = pRefused
	}
	signIns.Inc(way, string(outcome))
}
