package blob

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// scanFor bounds one scan.
const scanFor = 5 * time.Minute

// scan gives content to clamd, by its INSTREAM command (clamd(8)): chunks, each
// behind its length in four bytes, and an empty one at the end. The error is of
// one that does not answer; one that answers that it cannot tell (content is
// longer than its StreamMaxLength) leaves it not scanned.
func (s *Store) scan(ctx context.Context, p place) (Scan, error) {
	key, err := s.key(ctx, p.log)
	if err != nil {
		return NotScanned, err
	}
	ctx, cancel := context.WithTimeout(ctx, scanFor)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.o.Clamd)
	if err != nil {
		return NotScanned, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return NotScanned, err
	}
	var refused error // clamd ends the connection when it has had enough, and has said why
	err = s.each(ctx, key, p.log, p.id, p.size, func(data []byte) error {
		if refused != nil {
			return nil
		}
		_, refused = (&net.Buffers{binary.BigEndian.AppendUint32(nil, uint32(len(data))), data}).WriteTo(conn)
		return nil
	})
	if err != nil {
		return NotScanned, err
	}
	if refused == nil {
		if _, err := conn.Write([]byte{0, 0, 0, 0}); err != nil {
			return NotScanned, err
		}
	}
	said, err := io.ReadAll(io.LimitReader(conn, 4096))
	answer := string(bytes.TrimRight(said, "\x00\n"))
	switch {
	case strings.HasSuffix(answer, " FOUND"):
		return Found, nil
	case answer == "stream: OK":
		return Clean, nil
	case strings.HasSuffix(answer, " ERROR"):
		return NotScanned, nil
	case refused != nil:
		return NotScanned, refused
	case err != nil:
		return NotScanned, err
	}
	return NotScanned, fmt.Errorf("blob: clamd: %w", errors.New("no answer"))
}
