package assembly

// LongestStop is how long a node takes at most from being told to stop until
// it has: what starts it must not kill it earlier.
const LongestStop = drainWait + closeWait
