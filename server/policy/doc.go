// Package policy answers two questions and does nothing else: who may do what
// (Permit), and who may see what (View). It is pure, and written to be read by
// a security officer.
//
// Sight follows one rule:
//
//	may(person, root) = member now
//	                  ∧ (root's number ≥ their history start ∨ standing kind)
//	                  ∧ the root's audience, as it stands at the head, includes them
//
// One kind of entry is judged by itself as well: a note by a member whom the
// roster hides from the viewer (SeesNote).
//
// At the head, so that withholding and recalling work; member now, so that
// removal works. That the session is live is judged where requests enter.
//
// Only this package can make a Seen, and everything that leaves the house
// (frames, pages, search, exports) is made of Seen.
package policy
