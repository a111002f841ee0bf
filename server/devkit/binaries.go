package devkit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
)

// oldestPostgres is the oldest major version the server works with.
const oldestPostgres = 15

// binaries is an installation of Postgres: initdb and postgres side by side.
type binaries struct {
	dir   string // holds initdb and postgres
	major int
	npm   bool // from the packages of deploy/dev/postgres, which can be moved as a whole
}

// systemPlaces is where Debian and Red Hat put what they do not put in PATH. A variable so that a test can be a machine without.
var systemPlaces = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"}

// findBinaries looks in PATH, in Debian's and Red Hat's places, then among npm's packages. If want is not 0 only that major version
// will do, since a cluster can be continued by no other; else the highest that is installed wins, and npm's comes last.
func findBinaries(want int, nodeModules string) (binaries, error) {
	var places []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			places = append(places, filepath.Dir(real))
		}
	}
	for _, pattern := range systemPlaces {
		found, _ := filepath.Glob(pattern)
		places = append(places, found...)
	}
	var usable []binaries
	for _, dir := range places {
		if major := postgresVersion(dir); major >= oldestPostgres {
			usable = append(usable, binaries{dir: dir, major: major})
		}
	}
	slices.SortStableFunc(usable, func(a, b binaries) int { return b.major - a.major })
	if packaged, err := npmBinaries(nodeModules); err == nil {
		usable = append(usable, packaged)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return binaries{}, err
	}
	for _, b := range usable {
		if want == 0 || b.major == want {
			return b, nil
		}
	}
	return binaries{}, noPostgres(want, len(usable) > 0)
}

func noPostgres(want int, others bool) error {
	if want != 0 && others {
		return &Trouble{
			Wrong: fmt.Sprintf("the database here was made by PostgreSQL %d, which is not installed any more, though another version is", want),
			Do:    fmt.Sprintf("install version %d again (apt-get install postgresql-%d), or forget the database with 'make reset'", want, want),
			Err:   exec.ErrNotFound,
		}
	}
	return &Trouble{
		Wrong: fmt.Sprintf("no PostgreSQL %d or newer was found in PATH, in /usr/lib/postgresql or among npm's packages", max(want, oldestPostgres)),
		Do:    "install it with 'apt-get install postgresql', or without root with 'npm ci --prefix deploy/dev/postgres'",
		Err:   exec.ErrNotFound,
	}
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// postgresVersion is the major version of the installation in dir; 0 if it is none, or not a whole one.
func postgresVersion(dir string) int {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}

// npmBinaries is the installation inside node_modules, if there is one (fs.ErrNotExist if not). Its package ships its libraries
// under their full names and makes the short ones in an install script; npm may not have run it, so that is done here.
func npmBinaries(nodeModules string) (binaries, error) {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	pkg := filepath.Join(nodeModules, "@embedded-postgres", runtime.GOOS+"-"+arch)
	dir := filepath.Join(pkg, "native", "bin")
	if _, err := os.Stat(filepath.Join(dir, "initdb")); nodeModules == "" || err != nil {
		return binaries{}, fs.ErrNotExist
	}
	if err := linkLibraries(pkg); err != nil {
		return binaries{}, &Trouble{
			Wrong: fmt.Sprintf("the packaged PostgreSQL in %s is not complete, and cannot be completed (%s)", pkg, reason(err)),
			Do:    "run 'npm ci --prefix deploy/dev/postgres' as the user who owns that folder, letting the package's install script run",
			Err:   err,
		}
	}
	major := postgresVersion(dir)
	if major < oldestPostgres {
		return binaries{}, fmt.Errorf("the packaged PostgreSQL in %s does not run on this machine: %w", pkg, runError(dir))
	}
	return binaries{dir: dir, major: major, npm: true}, nil
}

func runError(dir string) error {
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").CombinedOutput()
	return fmt.Errorf("%w: %s", err, out)
}

func linkLibraries(pkg string) error {
	text, err := os.ReadFile(filepath.Join(pkg, "native", "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	for _, l := range links {
		if !filepath.IsLocal(l.Target) {
			return fmt.Errorf("pg-symlinks.json names a file outside the package: %s", l.Target)
		}
		err := os.Symlink(filepath.Base(l.Source), filepath.Join(pkg, l.Target))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// copyTo copies an npm installation where the user of Postgres can reach it. A copy that was cut short is never mistaken for one.
func (b binaries) copyTo(home string) (binaries, error) {
	to := filepath.Join(home, fmt.Sprintf("postgres-%d", b.major))
	copied := binaries{dir: filepath.Join(to, "bin"), major: b.major, npm: true}
	if postgresVersion(copied.dir) == b.major {
		return copied, nil
	}
	part := to + ".part"
	if err := errors.Join(os.RemoveAll(part), os.RemoveAll(to)); err != nil {
		return binaries{}, err
	}
	if err := os.CopyFS(part, os.DirFS(filepath.Dir(b.dir))); err != nil {
		return binaries{}, err
	}
	return copied, os.Rename(part, to)
}
