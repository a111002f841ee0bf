package servertest

import (
	"context"
	"log/slog"
	"path/filepath"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/notary"
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
