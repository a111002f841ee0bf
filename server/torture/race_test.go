//go:build race

package torture

// The race detector makes a history cost several times as much and looks for
// something else than leaks: under it fewer are lived.
const underRace = true
