package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/devkit"
	service "wardroom/server/witness"
)

// freePorts finds six ports in a row that nothing listens on.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 50 {
		first, err := devkit.HoldPort()
		if err != nil {
			t.Fatal(err)
		}
		port := first.Port()
		first.Release()
		if free(port, port+1, port+2, port+3, port+4, port+5) {
			return port
		}
	}
	t.Fatal("no six free ports in a row were found")
	return 0
}

func free(ports ...int) bool {
	for _, p := range ports {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", p))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

// said is what a command printed; ready is closed when it has said the word.
type said struct {
	mu    sync.Mutex
	text  bytes.Buffer
	word  string
	ready chan struct{}
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := strings.Contains(s.text.String(), s.word)
	s.text.Write(p)
	if !had && strings.Contains(s.text.String(), s.word) {
		close(s.ready)
	}
	return len(p), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// during runs `wardroom dev`, calls fn while it stands, and stops it as Ctrl-C
// would.
func during(t *testing.T, c dev, fn func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &said{word: "Wardroom is ready", ready: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- c.Run(&world{ctx: ctx, stdout: out, stderr: io.Discard}) }()
	select {
	case <-out.ready:
	case err := <-done:
		t.Fatalf("it ended before it was ready: %v\n%s", err, out)
	}
	fn()
	stop()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("it did not end well: %v", err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v %.500s", url, res.Status, err, body)
	}
	return string(body)
}

func TestADevelopmentMachineStartsStopsAndGoesOn(t *testing.T) {
	c := dev{Port: freePorts(t), Data: filepath.Join(t.TempDir(), "data")}
	var metrics string
	during(t, c, func() {
		for _, url := range c.publicURLs() {
			in := get(t, url+"/api/v1/sign-in")
			for _, want := range []string{`"development":true`, `"health"`, `"ncsc"`, devDuty} {
				if !strings.Contains(in, want) {
					t.Errorf("the sign-in page at %s does not say %s: %s", url, want, in)
				}
			}
			if strings.Contains(in, `"up":false`) {
				t.Errorf("it was called ready while a sign-in service does not answer: %s", in)
			}
		}
		metrics = get(t, "http://"+c.operator()+"/metrics")
		witnessed(t, c)
		if page := get(t, fmt.Sprintf("http://127.0.0.1:%d/phone", c.Port+5)); !strings.Contains(page, "Nothing has been sent yet") {
			t.Errorf("the telephone shows %s", page)
		}
	})
	if !strings.Contains(metrics, "wardroom_hub_connections 0") {
		t.Error("the operator's metrics do not count sockets")
	}
	if !free(c.Port, c.Port+1, c.Port+2, c.Port+3, c.Port+4, c.Port+5) {
		t.Error("something still listens after the end")
	}
	key := read(t, filepath.Join(c.Data, "vault.json"))
	keys := read(t, filepath.Join(c.Data, "witness", "keys.json"))
	during(t, c, func() {
		get(t, c.publicURLs()[0]+"/api/v1/sign-in")
		witnessed(t, c)
	})
	if read(t, filepath.Join(c.Data, "vault.json")) != key || read(t, filepath.Join(c.Data, "witness", "keys.json")) != keys {
		t.Error("the second run made another key file")
	}
}

// witnessed waits until the witness has cosigned the system log, the exercise
// room and its access log, as far as it holds them.
func witnessed(t *testing.T, c dev) {
	t.Helper()
	ask := time.NewTicker(100 * time.Millisecond)
	defer ask.Stop()
	at := fmt.Sprintf("http://127.0.0.1:%d", c.Port+4)
	for {
		var logs []service.Log
		if err := json.Unmarshal([]byte(get(t, at+"/logs")), &logs); err != nil {
			t.Fatal(err)
		}
		if len(logs) >= 3 && !slices.ContainsFunc(logs, func(l service.Log) bool { return l.Cosigned == 0 || l.Cosigned < l.Held }) {
			break
		}
		select {
		case <-ask.C:
		case <-t.Context().Done():
			t.Fatalf("the witness has %+v", logs)
		}
	}
	if page := get(t, at+"/"); !strings.Contains(page, devWitnessName) || strings.Contains(page, "two histories") {
		t.Errorf("the witness's page says %s", page)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestATakenPortIsSaidWithWhoHasItAndWhatToDo(t *testing.T) {
	for offset, what := range map[int]string{0: "browsers", 1: "the operator", 4: "the witness", 5: "the telephone"} {
		t.Run(what, func(t *testing.T) {
			c := dev{Port: freePorts(t), Data: filepath.Join(t.TempDir(), "data")}
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port+offset))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			err = c.Run(&world{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard})
			if err == nil {
				t.Fatal("it started")
			}
			for _, want := range []string{fmt.Sprintf("%d", c.Port+offset), "is taken", fmt.Sprintf("process %d", os.Getpid()), "PORT="} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if _, err := os.Stat(c.Data); err == nil {
				t.Error("a folder was made for a run that could not start")
			}
		})
	}
}

func TestASignInServicesTakenPortIsSaidToo(t *testing.T) {
	c := dev{Port: freePorts(t), Data: filepath.Join(t.TempDir(), "data")}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port+3))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = c.Run(&world{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "PORT=") || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("it says %v", err)
	}
	if !free(c.Port, c.Port+1, c.Port+2) {
		t.Error("what had started still listens")
	}
}

func TestAFolderOfSomeoneElseIsSaid(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can make a folder of someone else's; devkit tests the same sentence")
	}
	data := filepath.Join(t.TempDir(), "data")
	if err := errors.Join(os.Mkdir(data, 0o755), os.Chown(data, 12345, 12345)); err != nil {
		t.Fatal(err)
	}
	err := dev{Port: freePorts(t), Data: data}.Run(&world{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
		t.Errorf("it says %v", err)
	}
}

func TestAPortThatNoOneMayUseIsSaid(t *testing.T) {
	err := dev{Port: 80}.Run(&world{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "from 1024 to 65530") {
		t.Errorf("it says %v", err)
	}
}
