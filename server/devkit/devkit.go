// Package devkit is what a development or test machine needs around the server, and a production machine does not: a private
// Postgres cluster, a Redis, the development identity providers, and child processes that do not outlive their parent.
// It is used by `wardroom dev` and by the test kit; nothing here is reached from `wardroom serve`.
//
// Whatever keeps a thing from starting (a taken port, a tool that is not installed, a folder of someone else's) comes back as a
// [Trouble]: a sentence about what is wrong and one about what to do, fit to be printed as it is.
package devkit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Trouble is something that the person at this machine can put right. Its text says what is wrong, then what to do.
type Trouble struct {
	Wrong string // a clause without a full stop: "port 5433 on 127.0.0.1 is taken"
	Do    string // an instruction without a full stop: "stop what listens there"
	Err   error  // what the machine said, or nil
}

// Error is the two sentences.
func (t *Trouble) Error() string {
	return strings.ToUpper(t.Wrong[:1]) + t.Wrong[1:] + ". " + strings.ToUpper(t.Do[:1]) + t.Do[1:] + "."
}

// Unwrap is what the machine said.
func (t *Trouble) Unwrap() error { return t.Err }

// RepoRoot is the folder of this repository, found by its go.mod upwards from the working directory.
func RepoRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module wardroom\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", &Trouble{
				Wrong: "this is not a folder of the wardroom repository: no go.mod of module wardroom in it or above it",
				Do:    "run the command from inside a clone of it",
			}
		}
		dir = filepath.Dir(dir)
	}
}

// claimDir makes dir if it is absent and checks that it is ours to write in: owned by who we are, and writable. Root is held to
// the same rule, since files it left in another's folder would stop that person's next run.
func claimDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return &Trouble{
			Wrong: fmt.Sprintf("the folder %s cannot be made (%s)", dir, reason(err)),
			Do:    "make its parent writable for you, or use a clone in a folder of your own",
			Err:   err,
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if owner := ownerOf(info); owner != os.Geteuid() {
		return &Trouble{
			Wrong: fmt.Sprintf("the folder %s belongs to %s, and you are %s", dir, userName(owner), userName(os.Geteuid())),
			Do:    fmt.Sprintf("run as %s, or hand the folder over: chown -R %d %s", userName(owner), os.Geteuid(), dir),
			Err:   fs.ErrPermission,
		}
	}
	probe, err := os.CreateTemp(dir, ".writable-")
	if err != nil {
		return &Trouble{
			Wrong: fmt.Sprintf("the folder %s cannot be written in (%s)", dir, reason(err)),
			Do:    fmt.Sprintf("make it writable: chmod u+rwx %s; a read-only disk needs another place", dir),
			Err:   err,
		}
	}
	probe.Close()
	return os.Remove(probe.Name())
}

// reason is the machine's own word for an error, without the path that the sentence names already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
