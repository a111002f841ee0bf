package incident

// Sizes says how many entries each of some logs had at one moment. A log that
// is not among them was not asked for, or is not there.
type Sizes map[LogID]uint64
