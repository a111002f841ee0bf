package directory

import "wardroom/server/incident"

// DraftKey is the key a person's browser seals its drafts for a room with. It
// is derived, not stored: given only to a live session, it is worth nothing on
// a device that has none.
func (d *Directory) DraftKey(room incident.LogID, person incident.PersonID) [32]byte {
	return [32]byte(d.mac("draft", string(room), string(person)))
}
