package presence

import (
	"strconv"

	"wardroom/server/meter"
)

var boundShown = meter.NewBound("presence_believed", "one room, of what Redis says", strconv.Itoa(maxShown)+" signs of life", "The rest is not believed.")
