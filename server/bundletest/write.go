package bundletest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"wardroom/server/evidence"
)

// Verify asks this program's own verifier.
func (c Case) Verify(ctx context.Context) (*evidence.Report, error) {
	o := evidence.VerifyOptions{Since: c.Since, MinSize: c.MinSize, NotBefore: c.NotBefore}
	if c.Policy != nil {
		p, err := evidence.ParsePolicy(c.Policy)
		if err != nil {
			return nil, err
		}
		o.Policy = p
	}
	return evidence.Verify(ctx, bytes.NewReader(c.Bundle), int64(len(c.Bundle)), o)
}

// An Item is a case in index.json. The files stand beside it.
type Item struct {
	Name      string          `json:"name"`
	Bundle    string          `json:"bundle"`
	Policy    string          `json:"policy,omitempty"`
	Since     string          `json:"since,omitempty"`
	MinSize   uint64          `json:"minSize,omitempty"`
	NotBefore *time.Time      `json:"notBefore,omitempty"`
	Report    json.RawMessage `json:"report"` // evidence.Report.JSON
}

// Write writes all cases into a folder, and index.json, a list of Items.
func Write(ctx context.Context, folder string) error {
	var items []Item
	put := func(name string, b []byte) (string, error) {
		if b == nil {
			return "", nil
		}
		return name, os.WriteFile(filepath.Join(folder, name), b, 0o644)
	}
	for _, c := range Cases() {
		r, err := c.Verify(ctx)
		if err != nil {
			return err
		}
		i := Item{Name: c.Name, MinSize: c.MinSize}
		if !c.NotBefore.IsZero() {
			i.NotBefore = &c.NotBefore
		}
		if i.Report, err = r.JSON(); err != nil {
			return err
		}
		if i.Bundle, err = put(c.Name+".tar", append([]byte{}, c.Bundle...)); err != nil {
			return err
		}
		if i.Policy, err = put(c.Name+".policy.txt", c.Policy); err != nil {
			return err
		}
		if i.Since, err = put(c.Name+".since", c.Since); err != nil {
			return err
		}
		items = append(items, i)
	}
	index, err := json.MarshalIndent(items, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "index.json"), append(index, '\n'), 0o644)
}
