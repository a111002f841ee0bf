// Package assembly puts the rooms of the house together into a server that
// runs, and judges the ground it would run on. It decides nothing else.
//
// It stands apart from package main so that tests run what is run in earnest.
package assembly
