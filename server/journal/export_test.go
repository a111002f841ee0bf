package journal

// OtherRules makes this server's fold another than the one that made the
// snapshots there are, until what is returned is called.
func OtherRules() (back func()) {
	foldRules++
	return func() { foldRules-- }
}
