package web

import (
	"strconv"

	"wardroom/server/incident"
	"wardroom/server/meter"
	"wardroom/server/trail"
)

// Of a request's span.
var (
	unnamed    = trail.Declare("http")
	routeNames = trail.NewFamily("http")
	statusKey  = trail.NewKey("status")
)

// What the front door counts. A route is its pattern, never a path.
var (
	routeSet = meter.NewSet("route", "none") // the patterns, once they are mounted
	classSet = meter.NewSet("status", "1xx", "2xx", "3xx", "4xx", "5xx")
	requests = meter.NewHistogram("http_request_seconds", "How long requests took, by the pattern of their route and the class of their status. A socket's handshake is 1xx.",
		meter.Waited, routeSet, classSet)

	faultSet = meter.NewSet("fault", incident.Invalid, incident.SignedOut, incident.StepUp, incident.NotFound, incident.Forbidden, incident.Conflict,
		incident.Unavailable, incident.TooMany, incident.Internal)
	refused = meter.NewCounter("refused", "Requests that were refused, by the kind of refusal.", faultSet)

	gateSet   = meter.NewSet("gate", SignedIn, Member, Host, Admin, Feed, Organisation)
	outsiders = meter.NewCounter("outsiders", "Requests of somebody who is not let in there, by the gate: no session, not a member of that room, no host, no administrator.", gateSet)
)

// class is 2xx for 204.
func class(status int) string { return strconv.Itoa(status/100) + "xx" }

// outside counts a refusal at the gate.
func outside(gate Access, err error) {
	switch incident.FaultOf(err) {
	case incident.SignedOut, incident.NotFound, incident.Forbidden:
		outsiders.Inc(string(gate))
	}
}
