package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// flown is a bird and the server's end of its socket.
func flown(t *testing.T) (b *bird, server int) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fds[0]); syscall.Close(fds[1]) })
	return &bird{fd: fds[0]}, fds[1]
}

func entriesFrame(first uint64, n int) []byte {
	var entries [][]byte
	for i := range n {
		entries = append(entries, fmt.Appendf(nil, `{"seq":%d,"text":"%s"}`, first+uint64(i), strings.Repeat("x", 40)))
	}
	return bareFrame("r", entries)
}

func TestABirdCountsEachEntryHoweverItsFramesArrive(t *testing.T) {
	var stream []byte
	stream = append(stream, entriesFrame(5, 1)...)
	stream = append(stream, serverFrame(opPing, []byte("p"))...)
	stream = append(stream, entriesFrame(6, 3)...)    // a length of two bytes
	stream = append(stream, entriesFrame(9, 2000)...) // a length of eight
	stream = append(stream, serverFrame(opText, []byte(`{"type":"caught_up","seq":1}`))...)
	for _, piece := range []int{1, 7, 1000, len(stream)} {
		b, server := flown(t)
		buf := make([]byte, flockRead)
		pieces := stream
		if piece == 1 {
			pieces = stream[:600]
		}
		for part := range chunks(pieces, piece) {
			if _, err := syscall.Write(server, part); err != nil {
				t.Fatal(err)
			}
			if err := b.hear(buf); err != nil {
				t.Fatalf("in pieces of %d: %v", piece, err)
			}
		}
		if piece == 1 {
			if b.last.Load() != 8 || b.received.Load() != 4 {
				t.Errorf("byte by byte: %d entries up to %d", b.received.Load(), b.last.Load())
			}
			continue
		}
		if b.last.Load() != 2008 || b.received.Load() != 2004 {
			t.Errorf("in pieces of %d: %d entries up to %d", piece, b.received.Load(), b.last.Load())
		}
		var pong [64]byte
		if n, err := syscall.Read(server, pong[:]); err != nil || !bytes.Equal(pong[:n], clientFrame(opPong, []byte("p"))) {
			t.Errorf("a ping is answered with %x, %v", pong[:max(n, 0)], err)
		}
	}
}

func chunks(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 && yield(b[:min(n, len(b))]) {
			b = b[min(n, len(b)):]
		}
	}
}

func TestABirdNoticesWhatIsMissingDoubleOrOver(t *testing.T) {
	for name, frames := range map[string][]byte{
		"a gap":    append(entriesFrame(1, 2), entriesFrame(4, 1)...),
		"a repeat": append(entriesFrame(1, 2), entriesFrame(2, 1)...),
		"an end":   append(entriesFrame(1, 2), serverFrame(opClose, []byte{4408 >> 8, 4408 & 0xff})...),
	} {
		b, server := flown(t)
		if _, err := syscall.Write(server, frames); err != nil {
			t.Fatal(err)
		}
		var told *closeError
		if err := b.hear(make([]byte, flockRead)); !errors.As(err, &told) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheBareRingAnswersWithWhatWasMissed(t *testing.T) {
	var r bareRing
	for i := range 30 {
		r.keep("r", [][]byte{fmt.Appendf(nil, `{"seq":%d}`, 100+2*i), fmt.Appendf(nil, `{"seq":%d}`, 101+2*i)})
	}
	b, server := flown(t)
	b.last.Store(109)
	if _, err := syscall.Write(server, r.answer([]byte(`{"type":"subscribe","room":"r","after":109}`))); err != nil {
		t.Fatal(err)
	}
	if err := b.hear(make([]byte, flockRead)); err != nil || b.last.Load() != 159 || b.received.Load() != 50 {
		t.Errorf("%d entries up to %d, %v", b.received.Load(), b.last.Load(), err)
	}
	if answer := r.answer([]byte(`{"type":"hello","ticket":"made up"}`)); len(answer) == 0 || answer[0] != opClose {
		t.Errorf("a ticket that nobody was given is answered with %q", answer)
	}
}
