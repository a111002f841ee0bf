package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Opcodes of RFC 6455, section 5.2, with the FIN bit set.
const (
	opText  = 0x81
	opClose = 0x88
	opPing  = 0x89
	opPong  = 0x8A
)

// longestFrame is more than either server sends in one.
const longestFrame = 64 << 20

// serverFrame is a whole frame as a server sends it: not masked.
func serverFrame(op byte, payload []byte) []byte {
	return append(frameHeader(op, 0, len(payload)), payload...)
}

// clientFrame is a whole frame as a client sends it. The mask is zero, which
// leaves the payload as it is (RFC 6455, section 5.3): a mask protects proxies
// from scripts in a browser, and here are neither.
func clientFrame(op byte, payload []byte) []byte {
	return append(append(frameHeader(op, 0x80, len(payload)), 0, 0, 0, 0), payload...)
}

func frameHeader(op, mask byte, n int) []byte {
	switch {
	case n < 126:
		return []byte{op, mask | byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{op, mask | 126}, uint16(n))
	default:
		return binary.BigEndian.AppendUint64([]byte{op, mask | 127}, uint64(n))
	}
}

// readFrame reads one frame of a server into buf, which grows as needed. The
// payload is good until buf is used again.
func readFrame(r *bufio.Reader, buf []byte) (op byte, payload []byte, err error) {
	var h [8]byte
	if _, err = io.ReadFull(r, h[:2]); err != nil {
		return 0, buf, err
	}
	op = h[0]
	masked, n := h[1]&0x80 != 0, uint64(h[1]&0x7f)
	switch n {
	case 126:
		_, err = io.ReadFull(r, h[:2])
		n = uint64(binary.BigEndian.Uint16(h[:2]))
	case 127:
		_, err = io.ReadFull(r, h[:8])
		n = binary.BigEndian.Uint64(h[:8])
	}
	switch {
	case err != nil:
		return 0, buf, err
	case masked:
		return 0, buf, errors.New("a server's frame is masked")
	case op&0xF0 != 0x80:
		return 0, buf, fmt.Errorf("a frame in parts, or with extensions: %#x", op)
	case n > longestFrame:
		return 0, buf, fmt.Errorf("a frame of %d bytes", n)
	}
	if uint64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	payload = buf[:n]
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, payload, err
	}
	return op, payload, nil
}
