//go:build unix && !linux

package devkit

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// childAttr puts a child in a group of its own. Only Linux can promise that it dies with us; elsewhere the next run finds what was
// left behind and stops it.
func childAttr(as *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as}
}

// alive tells whether a process runs and is no zombie.
func alive(pid int) bool {
	state, err := exec.Command("ps", "-o", "stat=", "-p", fmt.Sprint(pid)).Output()
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(state)), "Z")
}

func awaitExit(ctx context.Context, pid int) error { return pollExit(ctx, pid) }

// runsIn tells whether a process is a Postgres server of the data directory dir.
func runsIn(pid int, dir string) bool {
	command, err := exec.Command("ps", "-o", "command=", "-p", fmt.Sprint(pid)).Output()
	return err == nil && strings.Contains(string(command), "-D "+dir)
}
