package incident

func init() { register[*Genesis](KindInfo{Root: true, Standing: true}) } // of every log

// Genesis is entry 0 of every log: it fixes the format, what the log is for,
// and the section it begins.
type Genesis struct {
	Break      *Break  `json:"break,omitempty"` // the log it goes on from, which was broken off
	Deployment string  `json:"deployment"`      // the deployment's host name, part of the origin
	Format     string  `json:"format"`          // FormatName
	Log        LogKind `json:"log"`
	Origin     string  `json:"origin"`         // the checkpoint's origin line
	Room       LogID   `json:"room,omitempty"` // the room an access log belongs to
	Section    int     `json:"section"`        // 1, 2, 3 …
}

// FormatName is the format of leaves and values this version writes.
const FormatName = "WARDROOM/1"

func (*Genesis) kind() Kind { return "genesis" }

// OriginLine is the first line of a log's checkpoints. Its hash binds every
// commitment to this log of this deployment.
func OriginLine(deployment string, kind LogKind, id LogID) string {
	return deployment + "/wardroom/1/" + string(kind) + "/" + string(id)
}
