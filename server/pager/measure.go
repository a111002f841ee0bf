package pager

import (
	"wardroom/server/meter"
	"wardroom/server/trail"
)

var late = meter.NewHistogram("pager_late_seconds", "How long after its time a timer was carried out by this node.", meter.Quick)

var fireName = trail.Declare("pager.fire")
