package search

import "wardroom/server/meter"

var (
	searches = meter.NewCounter("searches", "Searches that were begun.")
	scanned  = meter.NewCounter("search_scanned_entries", "Entries that searches looked at, whether the asker may see them or not.")

	boundRuns  = meter.NewBound("searches_at_once", "the node", "4 scans", "The search waits for its turn, and is told not just now (503) when its time is over.")
	boundShelf = meter.NewBound("search_memory", "all rooms of the node", "256 MiB of newest entries as they are compared", "The room that nobody searched for longest is let go.")
)
