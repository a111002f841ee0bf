// Package intel is where intelligence crosses the border of the house: it
// finds indicators in text, makes them harmless to look at and whole again,
// reads STIX 2.1 and 2.0, MISP and CSV into drafts of items, and writes items
// as STIX 2.1, MISP, CSV and plain text.
//
// What it reads was written by strangers. A file gives drafts, with a list of
// what was understood as something else (Mapped) and of what the house has no
// place for (Left), or a Refusal that says where it broke. A label is never
// lowered on the way in: what is in doubt becomes stricter. Every reader runs
// in time linear in its input. The package is pure: it fetches nothing, and
// reads no clock.
package intel
