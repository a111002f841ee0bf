package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]int64{"536870912": 512 << 20, "512M": 512 << 20, "900MiB": 900 << 20, "4G": 4 << 30, "2GiB": 2 << 30,
		"": -1, "4": -1, "-4G": -1, "lots": -1, "64M": -1, "9999999999999G": -1} {
		if got := memoryOf(text); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

func TestMemoryIsTheContainersUnlessItWasSaid(t *testing.T) {
	was := memoryFiles
	t.Cleanup(func() { memoryFiles = was })
	file := filepath.Join(t.TempDir(), "memory.max")
	memoryFiles = []string{filepath.Join(t.TempDir(), "none"), file}
	for said, want := range map[string]int64{"max\n": 0, "1073741824\n": 1 << 30, "9223372036854771712\n": 0, "4096\n": 0} {
		os.WriteFile(file, []byte(said), 0o600)
		if got := (Config{}).MemoryBytes(); got != want {
			t.Errorf("%q is %d, want %d", said, got, want)
		}
	}
	if got := (Config{Memory: 2 << 30}).MemoryBytes(); got != 2<<30 {
		t.Errorf("what was said is %d", got)
	}
}
