package devkit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// HeldPort is a TCP port on 127.0.0.1 that nobody else can take until Release.
type HeldPort struct {
	listener net.Listener
	port     int
}

// The ports handed out lie below the range from which the kernel takes ports for outgoing connections (32768–60999 by default):
// between Release and the moment the new owner listens, neither a connection of a load test nor someone else's ":0" lands on it.
const (
	lowestPort  = 20000
	highestPort = 32767
	portTries   = 64
)

// HoldPort finds a free port and holds it. Release it just before its user starts.
func HoldPort() (*HeldPort, error) {
	for range portTries {
		if held, err := holdPort(lowestPort + rand.IntN(highestPort-lowestPort+1)); err == nil {
			return held, nil
		}
	}
	return holdPort(0) // that range is crowded or forbidden here: any port the kernel gives
}

func holdPort(port int) (*HeldPort, error) {
	l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	return &HeldPort{listener: l, port: l.Addr().(*net.TCPAddr).Port}, nil
}

// Port is the number.
func (p *HeldPort) Port() int { return p.port }

// Release lets the port go. It may be called twice.
func (p *HeldPort) Release() { p.listener.Close() }

// takePort holds the given port, or any free one for 0, and says who has it if it is taken.
func takePort(port int) (*HeldPort, error) {
	if port == 0 {
		return HoldPort()
	}
	held, err := holdPort(port)
	if err == nil {
		return held, nil
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, PortTaken(port)
	}
	return nil, &Trouble{
		Wrong: fmt.Sprintf("port %d on 127.0.0.1 cannot be listened on (%s)", port, sysReason(err)),
		Do:    "use a port from 1024 to 65535",
		Err:   err,
	}
}

// PortTaken says who listens on a port of this machine, as far as that can be seen.
func PortTaken(port int) *Trouble {
	who := ""
	if pid, name := listenerOn(port); pid != 0 {
		who = fmt.Sprintf(" by %s (process %d)", name, pid)
	}
	return &Trouble{
		Wrong: fmt.Sprintf("port %d on 127.0.0.1 is taken%s", port, who),
		Do:    "stop what listens there, or use another port",
		Err:   syscall.EADDRINUSE,
	}
}

// listenerOn finds the process that listens on a port of this machine, as far as Linux's /proc shows it to us; 0 if it does not.
func listenerOn(port int) (pid int, name string) {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table)
		for _, line := range strings.Split(string(text), "\n") {
			// sl local_address rem_address st … inode; state 0A is LISTEN
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				sockets["socket:["+f[9]+"]"] = true
			}
		}
	}
	if len(sockets) == 0 {
		return 0, ""
	}
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && sockets[target] {
			pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
			comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
			return pid, strings.TrimSpace(string(comm))
		}
	}
	return 0, ""
}

func sysReason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
