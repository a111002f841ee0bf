// Package incident is the language of the house: rooms, members, entries,
// markings, audiences and the folds that turn a log's events into the state
// they describe.
//
// Everything that happens in a room is an event in that room's log; nothing
// else is a source of truth. An event that starts something is a root, later
// events name their root, and an object is the fold of its own events in
// order. The package is pure: it never reads a clock, a database or a socket,
// so that the same events give the same state on every node and in ten years.
package incident
