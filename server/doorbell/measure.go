package doorbell

import (
	"strconv"

	"wardroom/server/meter"
)

var boundWaiting = meter.NewBound("rings_waiting", "the node", strconv.Itoa(maxWaiting)+" logs to be rung for while Redis does not answer", "The ring is lost: other nodes look by themselves.")
