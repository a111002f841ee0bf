package intel

import (
	"crypto/sha1"
	"encoding/hex"
	"time"

	"wardroom/server/incident"
)

// Record is an item as somebody may pass it on: what the writers write.
type Record struct {
	Root       incident.Seq // its number; in no output
	Item       incident.Item
	TLP        incident.TLP
	PAP        incident.PAP
	Caveat     incident.Caveat
	Originator string    // the name of the organisation whose item it is
	Maker      string    // a stable word for that organisation, the same in every record of one deployment; in no output
	Seed       [16]byte  // from which the ids of what has none are made: the same for the same item, and telling nothing
	Published  time.Time // when it was first published
	Modified   time.Time // when it last changed; not before Published
}

// strictest is the label a file of these records bears: the highest in it.
func strictest(records []Record) incident.TLP {
	t := incident.Clear
	for _, r := range records {
		if r.TLP.Rank() > t.Rank() {
			t = r.TLP
		}
	}
	return t
}

// UUID writes 16 bytes as a UUID, whatever its version.
func UUID(b [16]byte) string {
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// derive makes a UUID of version 5 (RFC 9562, section 5.5) out of a namespace
// and a name.
func derive(namespace [16]byte, name string) string {
	h := sha1.New()
	h.Write(namespace[:])
	h.Write([]byte(name))
	u := [16]byte(h.Sum(nil)[:16])
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return UUID(u)
}

// house is the namespace of ids that are the same in every deployment.
var house = [16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

func stixTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
