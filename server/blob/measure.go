package blob

import "wardroom/server/meter"

var (
	begun  = meter.NewCounter("uploads", "Attachments whose sending began.")
	chunky = meter.NewCounter("upload_bytes", "Bytes of attachments that were taken in.")

	boundSize   = meter.NewBound("file_size", "one file", "the largest file an entry can have", "Refused with a sentence (422).")
	boundUnused = meter.NewBound("files_waiting", "one member in one room", "20 files and 1 GB that no entry has yet", "Refused with a sentence (409).")
	boundBytes  = meter.NewBound("files_kept", "one member in one room", "10 GB", "Refused with a sentence (409).")
	boundHashes = meter.NewBound("files_hashed_at_once", "the node", "2 files", "The file waits for its turn.")
)
