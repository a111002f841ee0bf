package devkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// childAttr puts a child in a group of its own, and has the kernel signal it should our thread die. The kernel forgets that wish
// when a process changes its user, so it must be (and in syscall.forkExec it is) made after the change.
func childAttr(as *syscall.Credential, orphan syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: orphan, Credential: as}
}

// alive tells whether a process runs. A zombie, which kill -0 counts, does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// pid (comm) state …; comm may hold spaces and brackets, so look after the last one
	after := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
	fields := strings.Fields(after)
	return len(fields) > 0 && fields[0] != "Z" && fields[0] != "X"
}

// awaitExit returns when a process that is not our child has ended, zombie or not, or with ctx's error.
func awaitExit(ctx context.Context, pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return pollExit(ctx, pid) // a kernel before 5.3, or one that forbids it
	}
	defer unix.Close(fd)
	const slice = 100 * time.Millisecond // so that ctx is heard; the exit itself is told at once
	for ctx.Err() == nil {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(slice.Milliseconds()))
		if n > 0 {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
	return ctx.Err()
}

// runsIn tells whether a process is a Postgres server whose working directory is dir, as a postmaster's always is.
func runsIn(pid int, dir string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	a, errA := os.Stat(cwd)
	b, errB := os.Stat(dir)
	return errA == nil && errB == nil && os.SameFile(a, b)
}
