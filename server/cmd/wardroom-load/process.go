package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ticks is how many clock ticks a second /proc counts in: USER_HZ, which is 100
// on every Linux that Go runs on.
const ticks = 100

// stat is what /proc/<pid>/stat says of a process (proc(5)).
type stat struct {
	parent int
	cpu    float64 // seconds in user and kernel mode, its own
	reaped float64 // the same of its children that have ended
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(text)
}

// parseStat reads the fields behind the command's name, which may itself hold
// blanks and brackets.
func parseStat(text []byte) (s stat, err error) {
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const state = 3 // the number, in proc(5), of the first field here
	if len(fields) <= 17-state {
		return s, fmt.Errorf("/proc/…/stat is cut short: %q", text)
	}
	number := func(field int) (n int) {
		var e error
		if n, e = strconv.Atoi(fields[field-state]); e != nil {
			err = e
		}
		return n
	}
	s.parent = number(4)
	s.cpu = float64(number(14)+number(15)) / ticks
	s.reaped = float64(number(16)+number(17)) / ticks
	return s, err
}

// cpuOf is the CPU time a living process has used, in seconds, to the
// nanosecond: the clock of the process, asked for as clock_getcpuclockid(3)
// does (the process's number inverted, then three bits that say "all of its
// threads, as scheduled").
func cpuOf(pid int) (float64, error) {
	const scheduled = 2
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &at); err != nil {
		return 0, fmt.Errorf("the processor time of process %d: %w", pid, err)
	}
	return float64(at.Nano()) / 1e9, nil
}

// cpuOfFamily is what a process, its living children and its ended ones have
// used, in seconds: of a postmaster, all of Postgres.
func cpuOfFamily(pid int) (float64, error) {
	s, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	sum := s.reaped
	own, err := cpuOf(pid)
	if err != nil {
		return 0, err
	}
	sum += own
	children, err := childrenOf(pid)
	for _, child := range children {
		if c, err := cpuOf(child); err == nil { // one that ends meanwhile is no error
			sum += c
		}
	}
	return sum, err
}

// childrenOf lists the living children of a process.
func childrenOf(pid int) (children []int, err error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		child, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if s, err := readStat(child); err == nil && s.parent == pid {
			children = append(children, child)
		}
	}
	return children, err
}

// residentOf is how much memory of a process is in the machine's, in bytes.
func residentOf(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm is cut short: %q", pid, text)
	}
	pages, err := strconv.Atoi(fields[1])
	return float64(pages * os.Getpagesize()), err
}

// machine is what a reader must know to compare two tables.
type machine struct {
	Cores     int    `json:"cores"`
	Processor string `json:"processor"`
	Kernel    string `json:"kernel"`
	Go        string `json:"go"`
	Postgres  string `json:"postgres"`
	Settings  string `json:"settings"` // of Postgres, those that decide what a commit costs
	Commit    string `json:"commit"`
	Load      string `json:"load"` // before the first measurement: the mean number of running processes in the last minute
}

func (m machine) String() string {
	return fmt.Sprintf("%d cores (%s), Linux %s, %s, PostgreSQL %s (%s), commit %s, load before %s",
		m.Cores, m.Processor, m.Kernel, m.Go, m.Postgres, m.Settings, m.Commit, m.Load)
}

// look fills in what needs no database.
func look(ctx context.Context) machine {
	m := machine{Cores: runtime.NumCPU(), Processor: "unknown", Kernel: "unknown", Go: runtime.Version(), Commit: "unknown", Load: "unknown"}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.Processor = strings.TrimSpace(value)
				break
			}
		}
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(text), " ")
	}
	if text, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*").Output(); err == nil {
		m.Commit = strings.TrimSpace(string(text))
	}
	return m
}
