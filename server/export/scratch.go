package export

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"io"
	"os"
)

// A scratch is a file of no name that holds what must be counted before it is
// written. What stands on the disk is encrypted under a key that is in this
// process's memory only, since content belongs nowhere but in sealed rows. It
// is written from its start to its end, then read from its start.
type scratch struct {
	f    *os.File
	key  cipher.Block
	iv   [aes.BlockSize]byte
	s    cipher.Stream
	size int64
	buf  []byte
}

func newScratch() (*scratch, error) {
	f, err := os.CreateTemp("", "wardroom-export-") // mode 0600
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	s := &scratch{f: f}
	return s, s.fresh()
}

// fresh takes another key: one stream never covers two texts.
func (s *scratch) fresh() (err error) {
	var key [32]byte
	rand.Read(key[:])
	if s.key, err = aes.NewCipher(key[:]); err != nil {
		return err
	}
	s.s = cipher.NewCTR(s.key, s.iv[:])
	s.size = 0
	return nil
}

func (s *scratch) Write(p []byte) (int, error) {
	s.buf = append(s.buf[:0], p...)
	s.s.XORKeyStream(s.buf, s.buf)
	n, err := s.f.Write(s.buf)
	s.size += int64(n)
	return n, err
}

func (s *scratch) Read(p []byte) (int, error) {
	n, err := s.f.Read(p)
	s.s.XORKeyStream(p[:n], p[:n])
	return n, err
}

// Seek goes to the start; nothing else is asked.
func (s *scratch) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, os.ErrInvalid
	}
	s.s = cipher.NewCTR(s.key, s.iv[:])
	return s.f.Seek(0, io.SeekStart)
}

func (s *scratch) Truncate(size int64) error {
	if size != 0 {
		return os.ErrInvalid
	}
	if err := s.f.Truncate(0); err != nil {
		return err
	}
	return s.fresh()
}

// Close lets the file go; nothing of it is left.
func (s *scratch) Close() error { return s.f.Close() }
