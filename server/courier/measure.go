package courier

import "wardroom/server/trail"

var sendName = trail.Declare("courier.send")
