// Package web is the front door: routes, JSON, the stream's sockets, and the
// one place where a kind of refusal becomes a status code.
//
//	request ─▶ headers, recover, log, cross-origin   middleware.go   every response, also errors and files
//	        ─▶ route                                 route.go        a method, a pattern and who may come in
//	        ─▶ gate                                  gate.go         session → actor; room → membership
//	        ─▶ strict JSON                           input.go        nothing unknown, double, broken or too large
//	        ─▶ handler                               message.go …    one file a noun; a command or a judged read
//	        ─▶ problem                               problem.go      RFC 9457
//
// Promises:
//
//   - What is missing and what is not the asker's to know of are the same
//     answer, byte for byte, after the same work: membership is asked of the
//     person's own rows before the room named is looked at.
//   - A read is judged after its rows were read: rows, then the room as it
//     stands, then policy.View. What leaves is made of policy.Seen and
//     policy.Snapshot.
//   - Nothing changes by GET, nothing behaves differently by a header, and a
//     request that another site began changes nothing.
//   - No URL holds a secret or a search term, no log line an id of a room, a
//     query or a body, and nothing but hashed assets may be cached.
package web
