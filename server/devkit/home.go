package devkit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Postgres does not run as root. Started by root it runs as `postgres` or `nobody`, and those may not enter every folder: a clone
// under /root is closed to them. Then the cluster's files live under /var/tmp, in a folder that belongs to this one alone.
const (
	outsideRoot   = "/var/tmp"
	outsidePrefix = "wardroom-"
	identityFile  = "cluster.json"
	ownershipFile = "belongs-to.json"
)

// longestDir is what Postgres takes (MAXPGPATH is 1024) less what is appended to it.
const longestDir = 900

// identity is a cluster's name for itself and its passwords. It stays in the folder the cluster was asked for, mode 0600.
type identity struct {
	ID        string `json:"id"`
	Superuser string `json:"superuser"`
	Owner     string `json:"owner"`
	Writer    string `json:"writer"`
	Reader    string `json:"reader"`
}

// belonging is left in what is kept outside, so that it is known when nobody needs it any more.
type belonging struct {
	Dir string `json:"dir"`
	ID  string `json:"id"`
}

func loadIdentity(dir string) (identity, error) {
	var id identity
	file := filepath.Join(dir, identityFile)
	text, err := os.ReadFile(file)
	if err == nil {
		if err := json.Unmarshal(text, &id); err != nil {
			return id, err
		}
		if id.Writer == "" || id.Reader == "" {
			return id, &Trouble{
				Wrong: fmt.Sprintf("the database in %s is of a time when the server had other roles, and its tables are", dir),
				Do:    "forget it with 'make reset'",
			}
		}
		return id, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	if _, err := os.Stat(filepath.Join(dir, "pgdata")); err == nil {
		return id, &Trouble{
			Wrong: fmt.Sprintf("the database in %s is there, but its passwords (%s) are not", dir, identityFile),
			Do:    "put the file back, or forget the database with 'make reset'",
		}
	}
	id = identity{ID: token(), Superuser: token(), Owner: token(), Writer: token(), Reader: token()}
	text, err = json.Marshal(id)
	if err != nil {
		return id, err
	}
	// Renamed into place: a crash leaves either no passwords and no cluster, or both.
	part := file + ".part"
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return id, err
	}
	return id, os.Rename(part, file)
}

func token() string {
	b := make([]byte, 24)
	rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

// lock makes sure that one process at a time uses dir. The kernel lets it go when the process ends, however it ends.
func lock(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(file.Name())
		file.Close()
		return nil, &Trouble{
			Wrong: fmt.Sprintf("the database in %s is in use by process %s", dir, strings.TrimSpace(string(holder))),
			Do:    "stop that one first (Ctrl-C where it runs), or use another folder",
			Err:   err,
		}
	}
	if err := errors.Join(file.Truncate(0), writeAt(file, fmt.Sprintln(os.Getpid()))); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func writeAt(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// postgresUser is whom Postgres runs as: nil for ourselves; for root the owner of an existing data folder, else postgres or nobody.
func postgresUser(pgdata string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if info, err := os.Stat(pgdata); err == nil && ownerOf(info) != 0 {
		stat := info.Sys().(*syscall.Stat_t)
		return &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32)
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, &Trouble{
		Wrong: "you are root, as whom PostgreSQL does not run, and there is neither a user postgres nor a user nobody",
		Do:    "make one (useradd --system postgres), or run as an ordinary user",
	}
}

// outside is the folder for a cluster whose own dir the user of Postgres may not enter. One that belongs to an earlier cluster of
// the same dir, which has been forgotten since, is emptied first.
func outside(dir string, id identity) (string, error) {
	sum := sha256.Sum256([]byte(dir))
	home := filepath.Join(outsideRoot, outsidePrefix+hex.EncodeToString(sum[:6]))
	info, err := os.Lstat(home)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", err
	case !info.IsDir() || ownerOf(info) != os.Geteuid():
		return "", &Trouble{
			Wrong: fmt.Sprintf("%s, where the database would be kept, belongs to %s", home, userName(ownerOf(info))),
			Do:    "remove it, or use a clone that the user of PostgreSQL may enter (not under /root)",
		}
	default:
		if b, err := readBelonging(home); err == nil && b == (belonging{dir, id.ID}) {
			return home, nil
		}
		if err := os.RemoveAll(home); err != nil {
			return "", err
		}
	}
	if err := os.Mkdir(home, 0o755); err != nil {
		return "", err
	}
	if err := os.Chmod(home, 0o755); err != nil { // whatever the umask is
		return "", err
	}
	return home, belonging{dir, id.ID}.writeTo(home)
}

func (b belonging) writeTo(home string) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(home, ownershipFile), text, 0o600)
}

func readBelonging(home string) (b belonging, err error) {
	text, err := os.ReadFile(filepath.Join(home, ownershipFile))
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	return b, err
}

// sweep removes what was kept outside (data and sockets) for clusters that were forgotten since: their dir is gone, or holds another
// one. Only what we made ourselves is looked at, and what a server still uses is left.
func sweep() {
	for _, root := range []string{outsideRoot, socketRoot} {
		homes, _ := filepath.Glob(filepath.Join(root, outsidePrefix+"*"))
		for _, home := range homes {
			note, err := os.Lstat(filepath.Join(home, ownershipFile))
			if err != nil || !note.Mode().IsRegular() || ownerOf(note) != os.Geteuid() {
				continue // being made just now, or not one of ours
			}
			b, err := readBelonging(home)
			if err != nil {
				continue
			}
			var id identity
			if text, err := os.ReadFile(filepath.Join(b.Dir, identityFile)); err == nil {
				_ = json.Unmarshal(text, &id)
			}
			if id.ID != b.ID && !inUse(home) {
				_ = os.RemoveAll(home) // what stays is found again next time
			}
		}
	}
}

// inUse tells whether a server runs on the data or listens on the socket in home.
func inUse(home string) bool {
	if len(serversOf(filepath.Join(home, "pgdata"))) > 0 {
		return true
	}
	locks, _ := filepath.Glob(filepath.Join(home, ".s.PGSQL.*.lock"))
	for _, name := range locks {
		text, _ := os.ReadFile(name)
		first, _, _ := strings.Cut(string(text), "\n")
		if pid, _ := strconv.Atoi(first); pid > 1 && alive(pid) {
			return true
		}
	}
	return false
}

// serversOf is every Postgres process, postmaster or not, whose working directory is pgdata. Linux only: elsewhere none is found.
func serversOf(pgdata string) (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, name := range names {
		comm, err := os.ReadFile(name)
		if err != nil || strings.TrimSpace(string(comm)) != "postgres" {
			continue
		}
		pid, _ := strconv.Atoi(strings.Split(name, "/")[2])
		if alive(pid) && runsIn(pid, pgdata) {
			pids = append(pids, pid)
		}
	}
	return pids
}
