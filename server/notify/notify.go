// Package notify reaches people outside the application: text messages and
// e-mails through GOV.UK Notify, and e-mails by SMTP where that is down. Who is
// told what, and when, is decided elsewhere.
//
// # What can be said
//
// A [Notice] has a purpose, which is one of a few; a room's reference; a code;
// an address that people type; the duty telephone number. None of its types
// can be made of free text, so no title, name or sentence of an entry can get
// into one: there is nowhere to put it. The wording is the deployment's
// ([Wording]), the same for everyone.
//
// # Sending, once
//
// GOV.UK Notify has no idempotency key. A request whose answer never came may
// have been accepted, and asking again would ring the telephone twice. So each
// message to each recipient has an [ID] of its own, which is the reference
// that Notify keeps with it; an attempt that may have been accepted is a
// [Failure] of kind [Uncertain] that says from when Notify can be asked with
// certainty; and [Client.Found] is asked before anything is sent again.
//
// Errors are told apart by status and type, never by their message, which
// Notify may change at any time. What a Failure says names no recipient and
// repeats nothing that was sent.
package notify
