package config

import (
	"math"
	"os"
	"strconv"
	"strings"
)

// memoryFiles are where a container's memory limit stands: control groups of
// the second version, and of the first.
var memoryFiles = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// leastMemory is what a node can run in.
const leastMemory = 128 << 20

// memoryOf reads a number of bytes, or of MiB or GiB: 512M, 4G. -1 is none.
func memoryOf(text string) int64 {
	unit := int64(1)
	for suffix, n := range map[string]int64{"M": 1 << 20, "MiB": 1 << 20, "G": 1 << 30, "GiB": 1 << 30} {
		if digits, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = digits, n
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 1 || n > math.MaxInt64/unit || n*unit < leastMemory {
		return -1
	}
	return n * unit
}

func (c Config) checkMemory() []Problem {
	if c.Memory < 0 {
		return problem("WARDROOM_MEMORY is not an amount of memory from 128M on, such as 900M or 4G. Give what this server may use, or take it out: a container's own limit then counts.")
	}
	return nil
}

// MemoryBytes is what the server may use: what it was told, else the limit of
// the container it runs in; 0 if there is none.
func (c Config) MemoryBytes() int64 {
	if c.Memory > 0 {
		return c.Memory
	}
	for _, name := range memoryFiles {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
		if err != nil || n < leastMemory || n > 1<<50 { // "max", or as good as none
			return 0
		}
		return n
	}
	return 0
}
