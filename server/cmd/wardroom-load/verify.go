package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"wardroom/server/bundletest"
)

// fewEntries is the short bundle, beside which the long one shows whether
// memory grows.
const fewEntries = 10_000

// verifyRows run the offline verifier, as it is shipped, over a bundle as long
// as the longest history. The limit is SHA-256 over the file's bytes, once, by
// the same library on one core: what it costs to look at each byte at all.
func (g *ground) verifyRows(ctx context.Context) ([]row, error) {
	folder, err := os.MkdirTemp(g.bench.DataFolder, "wardroom-bundles-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	var bundles [2]bundle
	for i, n := range []int{fewEntries, g.bench.Entries} {
		g.note("verify: writing a bundle of %s entries", thousands(int64(n)))
		if bundles[i], err = writeBundle(folder, n); err != nil {
			return nil, err
		}
	}
	long := bundles[1]
	group := fmt.Sprintf("a bundle verified offline; limit: its %s MB hashed once", thousands(long.size/1e6))
	whole := row{Group: group, Name: thousands(int64(long.entries)) + " entries", Columns: []column{{Name: "seconds", Unit: "s", Less: true}}}
	if whole.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		began := time.Now()
		if s == limit {
			err = long.hash()
		} else {
			_, err = g.verify(ctx, long)
		}
		return sample{"seconds": time.Since(began).Seconds()}, err
	}); err != nil {
		return nil, err
	}
	rows := []row{whole}
	for _, b := range bundles {
		r := row{Group: group, Name: "memory at most, " + thousands(int64(b.entries)) + " entries", Columns: []column{{Name: "bytes", Unit: "MiB", Less: true, Alone: true, scale: 1.0 / (1 << 20)}}}
		for range g.bench.Repeat {
			peak, err := g.verify(ctx, b)
			if err != nil {
				return rows, err
			}
			r.Pair[ours] = append(r.Pair[ours], sample{"bytes": float64(peak)})
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// bundle is one on the disk.
type bundle struct {
	path, policy string
	entries      int
	size         int64
}

func writeBundle(folder string, entries int) (b bundle, err error) {
	b = bundle{path: filepath.Join(folder, fmt.Sprintf("%d.tar", entries)), policy: filepath.Join(folder, fmt.Sprintf("%d.policy", entries)), entries: entries}
	f, err := os.Create(b.path)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	scratch, err := os.CreateTemp(folder, "scratch-")
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, scratch.Close(), os.Remove(scratch.Name())) }()
	policy, err := bundletest.Long(f, scratch, entries)
	if err != nil {
		return b, err
	}
	info, err := f.Stat()
	if err != nil {
		return b, err
	}
	b.size = info.Size()
	return b, os.WriteFile(b.policy, []byte(policy.String()), 0o600)
}

func (b bundle) hash() error {
	f, err := os.Open(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyBuffer(sha256.New(), f, make([]byte, 1<<20))
	return err
}

// verify runs the verifier and returns the most memory it had, in bytes.
func (g *ground) verify(ctx context.Context, b bundle) (int64, error) {
	cmd := exec.CommandContext(ctx, g.bench.Verifier, "--json", "--policy", b.policy, b.path)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w: %.300s", g.bench.Verifier, err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("this system does not say how much memory a process had")
	}
	return usage.Maxrss << 10, nil
}
