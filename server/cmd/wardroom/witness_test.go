package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// operatorLine is a line of a policy file with fresh keys.
func operatorLine(t *testing.T) string {
	t.Helper()
	_, ed, err := note.GenerateKey(nil, "wardroom.example/wardroom/1/notary")
	if err != nil {
		t.Fatal(err)
	}
	_, pq, err := cosign.GenerateMLDSAKey("wardroom.example/wardroom/1/notary")
	if err != nil {
		t.Fatal(err)
	}
	return "log " + ed + " " + pq + "\n"
}

func TestAWitnessReadsTheOperatorsKeysAgainWhenItIsToldTo(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, second := operatorLine(t), operatorLine(t)
	write("wardroom/policy/1\n" + first)
	port, err := freePortOf()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, logged := &said{word: "fingerprint", ready: make(chan struct{})}, &said{word: "stay in force", ready: make(chan struct{})}
	c := witness{Listen: "127.0.0.1:" + port, Data: filepath.Join(dir, "data"), Name: "witness.example", Policy: policy,
		System: "wardroom.example/wardroom/1/system/" + strings.Repeat("s", 26)}
	ended := make(chan error, 1)
	go func() { ended <- c.Run(&world{ctx: ctx, stdout: out, stderr: logged, lines: &lines{out: logged}}) }()
	select {
	case <-out.ready:
	case err := <-ended:
		t.Fatal(err)
	}
	url := fmt.Sprintf("http://127.0.0.1:%s/policy", port)
	shows := func(want string) {
		t.Helper()
		ask := time.NewTicker(20 * time.Millisecond)
		defer ask.Stop()
		for {
			if res, err := http.Get(url); err == nil {
				res.Body.Close()
				if strings.Contains(get(t, url), want) {
					return
				}
			}
			select {
			case <-ask.C:
			case <-t.Context().Done():
				t.Fatal("the policy does not change")
			}
		}
	}
	shows(first)
	write("nonsense")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-logged.ready
	shows(first)
	write("wardroom/policy/1\n" + first + second)
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	shows(second)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
