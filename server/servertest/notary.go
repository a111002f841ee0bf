package servertest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/witness"
)

// NotaryFile is the house's key file, made and listed on first use.
func (h *House) NotaryFile() string {
	h.T.Helper()
	if h.notaryFile != "" {
		return h.notaryFile
	}
	path := filepath.Join(filepath.Dir(h.VaultFile), "notary.json")
	if err := notary.CreateKeys(path); err != nil {
		h.T.Fatal(err)
	}
	h.notaryFile = path
	h.Rotate()
	return path
}

// Rotate adds a generation to the house's key file, and lists it.
func (h *House) Rotate() {
	h.T.Helper()
	path := h.NotaryFile()
	sys, err := h.Journal.System(context.Background())
	if err != nil {
		h.T.Fatal(err)
	}
	k, err := notary.AddGeneration(path, len(sys.Keys)+1, incident.NotaryName(h.Deployment))
	if err != nil {
		h.T.Fatal(err)
	}
	h.Must(h.Do(sys.ID, incident.Actor{System: true}, command.ListKey{Key: k}))
}

// Notary is a notary of the house with the keys as the file has them now; more
// may change its options.
func (h *House) Notary(more func(*notary.Options)) *notary.Notary {
	h.T.Helper()
	keys, err := notary.LoadKeys(h.NotaryFile())
	if err != nil {
		h.T.Fatal(err)
	}
	o := notary.Options{Writer: h.DB.Writer, Reader: h.DB.Reader, Keys: keys, Record: h.Journal, Log: slog.New(slog.DiscardHandler)}
	if more != nil {
		more(&o)
	}
	return notary.New(o)
}

// Policy is whose signatures make a checkpoint of the house worth anything: of
// the generations of keys that are listed now, and of a witness with these keys;
// none for no witness.
func (h *House) Policy(second ...string) *evidence.Policy {
	h.T.Helper()
	h.NotaryFile()
	listed, err := h.Journal.Keys(context.Background())
	if err != nil {
		h.T.Fatal(err)
	}
	p, err := evidence.ParsePolicy([]byte(notary.PolicyText(listed, second)))
	if err != nil {
		h.T.Fatal(err)
	}
	return p
}

// Witness starts a real witness that knows the house's keys as they are listed
// now, and returns the house's way to it and its keys.
func (h *House) Witness() (second *notary.Witness, keys []string) {
	h.T.Helper()
	dir := h.T.TempDir()
	file := filepath.Join(dir, "policy.txt")
	if err := os.WriteFile(file, []byte(h.Policy().String()), 0o600); err != nil {
		h.T.Fatal(err)
	}
	w, err := witness.Open(witness.Options{Dir: dir, Name: "second.test", Policy: file, Log: slog.New(slog.DiscardHandler),
		System: incident.OriginLine(h.Deployment, incident.SystemLog, h.Journal.SystemLog())})
	if err != nil {
		h.T.Fatal(err)
	}
	server := httptest.NewServer(w.Handler())
	h.T.Cleanup(func() {
		server.Close()
		if err := w.Close(); err != nil {
			h.T.Error(err)
		}
	})
	second, err = notary.NewWitness(server.URL, w.Keys())
	if err != nil {
		h.T.Fatal(err)
	}
	return second, w.Keys()
}
