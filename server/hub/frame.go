package hub

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Opcodes of RFC 6455, section 5.2, with the FIN bit set: no message is ever
// sent in parts.
const (
	opText  = 0x81
	opClose = 0x88
	opPing  = 0x89
	opPong  = 0x8A
)

// maxFrame is where a long run of entries is divided into several frames, so
// that one frame never outweighs a listener's whole queue.
const maxFrame = 256 << 10

// A message is one WebSocket frame, header and all, ready for the socket. A
// server's frames are not masked (RFC 6455, section 5.1), so the same bytes
// go to every listener who sees the same, and nobody may change them.
type message []byte

// frame puts the header before the payload.
func frame(op byte, payload ...[]byte) message {
	n := 0
	for _, p := range payload {
		n += len(p)
	}
	m := appendHeader(make(message, 0, n+10), op, n)
	for _, p := range payload {
		m = append(m, p...)
	}
	return m
}

func appendHeader(b []byte, op byte, n int) []byte {
	switch {
	case n < 126:
		return append(b, op, byte(n))
	case n < 1<<16:
		return append(b, op, 126, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint64(append(b, op, 127), uint64(n))
}

// closing is a close frame. The reason is for people who debug; it tells
// nothing about a room.
func closing(code Code, reason string) message {
	return frame(opClose, binary.BigEndian.AppendUint16(nil, uint16(code)), []byte(reason))
}

// about begins a text frame's JSON: its type and the room. Room ids are
// base32 and need no escaping.
func about(kind string, room incident.LogID) []byte {
	b := make([]byte, 0, 96)
	b = append(b, `{"type":"`...)
	b = append(b, kind...)
	b = append(b, `","room":"`...)
	b = append(b, room...)
	return append(b, '"')
}

// run is a frame of entries: head, the fragments with commas between, tail.
func run(head []byte, fragments [][]byte) message {
	n := len(head) + 2
	for _, f := range fragments {
		n += len(f) + 1
	}
	n-- // no comma after the last
	m := appendHeader(make(message, 0, n+10), opText, n)
	m = append(m, head...)
	for i, f := range fragments {
		if i > 0 {
			m = append(m, ',')
		}
		m = append(m, f...)
	}
	return append(m, "]}"...)
}

// eventFrames divides the fragments, at least one, into frames of at most
// maxFrame or one fragment.
func eventFrames(room incident.LogID, fragments [][]byte) []message {
	head := append(about("events", room), `,"events":[`...)
	var out []message
	for start := 0; start < len(fragments); {
		end, n := start, 0
		for end < len(fragments) && (end == start || n+len(fragments[end]) < maxFrame) {
			n += len(fragments[end]) + 1
			end++
		}
		out = append(out, run(head, fragments[start:end]))
		start = end
	}
	return out
}

func openedFrame(room incident.LogID, root incident.Seq, fragments [][]byte) message {
	head := appendNumber(about("opened", room), "root", uint64(root))
	return run(append(head, `,"events":[`...), fragments)
}

func withdrawnFrame(room incident.LogID, root incident.Seq) message {
	return frame(opText, appendNumber(about("withdrawn", room), "root", uint64(root)), []byte("}"))
}

func caughtUpFrame(room incident.LogID, seq incident.Seq) message {
	return frame(opText, appendNumber(about("caught_up", room), "seq", uint64(seq)), []byte("}"))
}

func revokedFrame(room incident.LogID) message {
	return frame(opText, about("revoked", room), []byte("}"))
}

func goawayFrame(wait time.Duration) message {
	return frame(opText, appendNumber([]byte(`{"type":"goaway"`), "wait", uint64(wait.Milliseconds())), []byte("}"))
}

func appendNumber(b []byte, name string, n uint64) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return strconv.AppendUint(b, n, 10)
}

func snapshotFrame(room incident.LogID, seq incident.Seq, size uint64, hashes [][32]byte, seal *incident.Seal, state policy.Snapshot) message {
	b := appendNumber(about("snapshot", room), "seq", uint64(seq))
	b = append(b, `,"frontier":{"size":`...)
	b = strconv.AppendUint(b, size, 10)
	b = append(b, `,"hashes":[`...)
	for i, h := range hashes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '"')
	}
	b = appendSeal(append(b, "]}"...), seal)
	b = append(b, `,"state":`...)
	js, _ := state.MarshalJSON() // its error is always nil
	return frame(opText, b, js, []byte("}"))
}

func errorFrame(room incident.LogID, err error) message {
	fault := incident.FaultOf(err)
	detail := ""
	if refused, ok := asRefusal(err); ok {
		detail = refused.Message
	}
	js, _ := json.Marshal(struct { // strings only: cannot fail
		Type   string         `json:"type"`
		Room   incident.LogID `json:"room,omitempty"`
		Fault  incident.Fault `json:"fault"`
		Detail string         `json:"detail"`
	}{"error", room, fault, detail})
	return frame(opText, js)
}

func presenceFrame(room incident.LogID, here, typing []incident.MemberNo) message {
	b := append(about("presence", room), `,"here":`...)
	b = appendMembers(b, here)
	b = append(b, `,"typing":`...)
	b = appendMembers(b, typing)
	return frame(opText, b, []byte("}"))
}

func appendMembers(b []byte, list []incident.MemberNo) []byte {
	b = append(b, '[')
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(n), 10)
	}
	return append(b, ']')
}
