package notary

import "wardroom/server/trail"

var (
	sealName   = trail.Declare("notary.seal")
	cosignName = trail.Declare("notary.cosign")
	logsKey    = trail.NewKey("logs")
)
