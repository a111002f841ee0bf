package export

import "wardroom/server/meter"

var (
	builds    = meter.NewCounter("exports", "Builds and looks of exports that were begun.")
	boundRuns = meter.NewBound("exports_at_once", "the node", "2 builds", "The build waits for its turn, and is told not just now (503) when its time is over.")
)
