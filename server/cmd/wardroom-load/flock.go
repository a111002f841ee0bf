package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A flock is a crowd of sockets that costs the load little: a few goroutines
// read them all, each with an epoll of its own, one system call a frame and
// nothing parked. Each socket's entries are still checked to be without gap,
// repeat or disorder. One that is cut does not come back: that is an error.
type flock struct {
	target *target
	room   string
	birds  []*bird
	perch  []*perch
	stop   atomic.Bool
	wg     sync.WaitGroup

	mu  sync.Mutex
	err error // the first
}

// bird is one socket.
type bird struct {
	fd       int
	rest     []byte        // of a frame that has come in part; owned by its perch
	last     atomic.Uint64 // the number of the last entry received
	received atomic.Uint64
}

// perch is a goroutine that reads some of the sockets.
type perch struct{ epoll int }

const (
	perches   = 2
	flockRead = 256 << 10 // bytes, of one read
)

// newFlock connects n sockets to a room and returns when each is told of what
// comes.
func newFlock(ctx context.Context, t *target, room string, n int) (*flock, error) {
	f := &flock{target: t, room: room}
	for range perches {
		fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
		if err != nil {
			f.leave()
			return nil, err
		}
		p := &perch{fd}
		f.perch = append(f.perch, p)
		f.wg.Go(func() { f.read(p) })
	}
	if err := f.join(ctx, room, n); err != nil {
		f.leave()
		return nil, err
	}
	return f, nil
}

// join adds n sockets that follow a room.
func (f *flock) join(ctx context.Context, room string, n int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: together}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	from := len(f.birds)
	fresh := make([]*bird, n)
	err := atOnce(n, together, func(i int) error {
		l := &listener{target: f.target, room: room, cookie: f.target.cookie((from + i) / socketsEach)}
		l.moved.L = &l.mu
		r, err := l.connect(ctx, client, "null")
		if err != nil {
			return err
		}
		b, err := caught(l, r)
		if err != nil {
			return err
		}
		fresh[i] = b
		p := f.perch[i%len(f.perch)]
		f.mu.Lock()
		f.birds = append(f.birds, b)
		at := len(f.birds) - 1
		f.mu.Unlock()
		return syscall.EpollCtl(p.epoll, syscall.EPOLL_CTL_ADD, b.fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(at)})
	})
	return err
}

// caught takes a connected socket out of Go's hands, with what was read of it
// beyond what has been looked at.
func caught(l *listener, r *bufio.Reader) (*bird, error) {
	defer l.conn.Close() // the copy stays open
	raw, err := l.conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return nil, err
	}
	b := &bird{fd: -1}
	b.last.Store(l.last)
	more, _ := r.Peek(r.Buffered())
	b.rest = bytes.Clone(more)
	var e error
	err = raw.Control(func(fd uintptr) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if b.fd, e = syscall.Dup(int(fd)); e == nil {
			syscall.CloseOnExec(b.fd)
		}
	})
	return b, errors.Join(err, e)
}

func (f *flock) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *flock) failed() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// leave ends all sockets.
func (f *flock) leave() {
	f.stop.Store(true)
	f.wg.Wait()
	for _, p := range f.perch {
		syscall.Close(p.epoll)
	}
	for _, b := range f.birds {
		syscall.Close(b.fd)
	}
}

// read serves one epoll until the flock leaves.
func (f *flock) read(p *perch) {
	const patience = 50 // ms, after which it looks whether it is to stop
	events, buf := make([]syscall.EpollEvent, 512), make([]byte, flockRead)
	for !f.stop.Load() {
		n, err := syscall.EpollWait(p.epoll, events, patience)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			f.fail(err)
			return
		}
		for _, e := range events[:max(n, 0)] {
			f.mu.Lock()
			b := f.birds[e.Fd]
			f.mu.Unlock()
			if err := b.hear(buf); err != nil {
				f.fail(fmt.Errorf("a socket of %s: %w", f.target.side, err))
				_ = syscall.EpollCtl(p.epoll, syscall.EPOLL_CTL_DEL, b.fd, nil)
			}
		}
	}
}

// hear reads once and looks at every whole frame.
func (b *bird) hear(buf []byte) error {
	held := copy(buf, b.rest)
	n, err := syscall.Read(b.fd, buf[held:])
	switch {
	case errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR):
		return nil
	case err != nil:
		return err
	case n == 0:
		return &closeError{1006, "no close frame"}
	}
	at := buf[:held+n]
	for {
		op, payload, size := wholeFrame(at)
		if size == 0 {
			break
		}
		if err := b.frame(op, payload); err != nil {
			return err
		}
		at = at[size:]
	}
	if len(at) == len(buf) {
		return fmt.Errorf("a frame of more than %d bytes", len(buf))
	}
	b.rest = append(b.rest[:0], at...)
	return nil
}

// wholeFrame takes the first frame of what a server has sent; size is 0 if it
// is not all there.
func wholeFrame(b []byte) (op byte, payload []byte, size int) {
	if len(b) < 2 {
		return 0, nil, 0
	}
	head, n := 2, int(b[1]&0x7f)
	switch {
	case n == 126 && len(b) >= 4:
		head, n = 4, int(binary.BigEndian.Uint16(b[2:]))
	case n == 127 && len(b) >= 10:
		head, n = 10, int(binary.BigEndian.Uint64(b[2:]))
	case n >= 126:
		return 0, nil, 0
	}
	if len(b)-head < n {
		return 0, nil, 0
	}
	return b[0], b[head : head+n], head + n
}

func (b *bird) frame(op byte, payload []byte) error {
	switch {
	case op == opClose:
		return ended(payload)
	case op == opPing:
		_, err := syscall.Write(b.fd, clientFrame(opPong, payload))
		return err
	case !bytes.HasPrefix(payload, eventsHead):
		return nil
	}
	first, n := entriesIn(payload)
	if n == 0 {
		return nil
	}
	if last := b.last.Load(); last != 0 && first != last+1 {
		return &closeError{1002, fmt.Sprintf("after entry %d came %d", last, first)}
	}
	b.last.Store(first + uint64(n) - 1)
	b.received.Add(uint64(n))
	return nil
}

// received is how many entries all have received together.
func (f *flock) received() (n uint64) {
	for _, b := range f.birds {
		n += b.received.Load()
	}
	return n
}

// await returns when every socket has received the entry with this number.
func (f *flock) await(ctx context.Context, seq uint64) error {
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for i := 0; i < len(f.birds); {
		if f.birds[i].last.Load() >= seq {
			i++
			continue
		}
		if err := f.failed(); err != nil {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("a socket of %s has entries up to %d and waits for %d: %w", f.target.side, f.birds[i].last.Load(), seq, ctx.Err())
		}
	}
	return f.failed()
}
