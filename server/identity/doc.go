// Package identity says who is asking. People sign in with OpenID Connect at
// one of several issuers; what comes out is an [incident.Actor].
//
//	/auth/start ──▶ issuer ──▶ /auth/callback ──▶ session row, cookie
//	/auth/step-up ─▶ issuer ─▶ /auth/callback ──▶ same row, new token, step_up
//	every request:  cookie ─▶ row (one round trip) ─▶ fold of the system log ─▶ Actor
//
// Promises:
//
//   - A person is (issuer, subject), never an e-mail address. The same subject
//     at another issuer is someone else.
//   - What the protocol leaves to us is checked by us: nonce, azp, acr,
//     auth_time, the callback's iss (RFC 9207). An ID token that fails makes
//     no session.
//   - The cookie's token is 256 random bits, stored as a hash, and changes at
//     every sign-in and step-up. No token that a client brings is ever adopted.
//   - A session that ended, expired or locked is refused by the next request
//     on any node, and told to OnEnded on every node within a second.
//   - An issuer that does not answer stops nobody who is in already, and
//     nobody of another issuer.
//
// Who a session belongs to is looked up in the system log at every request, so
// that registration, suspension and administration take effect at once.
package identity
