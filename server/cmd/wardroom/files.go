package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// A setting may stand in a file instead of the environment, which every child
// and every crash report inherits: WARDROOM_NAME_FILE names the file, and
// WARDROOM_NAME is what it holds, without white space around it. This is how
// Docker, Kubernetes and systemd hand secrets over.
const (
	settingPrefix = "WARDROOM_"
	fileSuffix    = "_FILE"
	largestFile   = 64 << 10 // bytes; a setting is a line
)

// fromFiles is the environment with what stands in files read into it. Its
// errors name settings and files, and quote neither.
func fromFiles(environ []string) ([]string, error) {
	given := map[string]bool{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		given[name] = strings.TrimSpace(value) != ""
	}
	all := make([]string, 0, len(environ))
	for _, pair := range environ {
		name, path, _ := strings.Cut(pair, "=")
		setting, ok := strings.CutSuffix(name, fileSuffix)
		if path = strings.TrimSpace(path); !ok || path == "" || !strings.HasPrefix(name, settingPrefix) {
			all = append(all, pair)
			continue
		}
		if given[setting] {
			return nil, fmt.Errorf("%s and %s are both set. Give the one or the other", setting, name)
		}
		value, err := settingIn(path)
		if err != nil {
			return nil, fmt.Errorf("the file that %s names cannot be used: %w", name, err)
		}
		all = append(all, setting+"="+value)
	}
	return all, nil
}

func settingIn(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	value := strings.TrimSpace(string(b))
	switch {
	case err != nil:
		return "", err
	case len(b) > largestFile:
		return "", fmt.Errorf("%s is longer than %d bytes, which no setting is", path, largestFile)
	case value == "":
		return "", fmt.Errorf("%s is empty", path)
	}
	return value, nil
}
