package pager

import "wardroom/server/meter"

var late = meter.NewHistogram("pager_late_seconds", "How long after its time a timer was carried out by this node.", meter.Quick)
