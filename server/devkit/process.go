package devkit

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

func pollExit(ctx context.Context, pid int) error {
	look := time.NewTicker(readyEvery)
	defer look.Stop()
	for alive(pid) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
	return nil
}

func ownerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return fmt.Sprintf("user %d", uid)
}

// barrier is the first folder on the way to path that the user may not pass through, or "" if the way is free. It reads permission
// bits only; what an access control list adds is not seen, and costs a place elsewhere, not a failure.
func barrier(path string, as *syscall.Credential) string {
	if as == nil {
		return ""
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	var way []string
	for dir := path; ; dir = filepath.Dir(dir) {
		way = append([]string{dir}, way...)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, dir := range way {
		info, err := os.Stat(dir)
		if err != nil {
			return dir
		}
		if info.IsDir() && !mayPass(info, as) {
			return dir
		}
	}
	return ""
}

func mayPass(info fs.FileInfo, as *syscall.Credential) bool {
	stat := info.Sys().(*syscall.Stat_t)
	switch {
	case stat.Uid == as.Uid:
		return info.Mode()&0o100 != 0
	case stat.Gid == as.Gid:
		return info.Mode()&0o010 != 0
	default:
		return info.Mode()&0o001 != 0
	}
}
