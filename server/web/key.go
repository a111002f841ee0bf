package web

import (
	"context"
	"net/http"

	"wardroom/server/incident"
	"wardroom/server/notary"
)

type keysAnswer struct {
	Deployment string       `json:"deployment" doc:"The host name that every log's origin begins with."`
	Notary     []notaryKey  `json:"notary" doc:"By generation, from 1. Of a generation both keys must have signed."`
	Witness    *witnessKeys `json:"witness" required:"false" doc:"The second party's witness; null for none."`
	Policy     string       `json:"policy" doc:"A policy file for whoever checks the record: worth what the way is worth by which it came."`
}

type notaryKey struct {
	Generation   int              `json:"generation"`
	Name         string           `json:"name"`
	Verifiers    []string         `json:"verifiers" doc:"Ed25519, then ML-DSA-44 (C2SP signed-note)."`
	Fingerprints []string         `json:"fingerprints" doc:"SHA-256 of each line, as people compare it."`
	Listed       incident.Instant `json:"listed" doc:"When the system log listed it: nothing was signed with it before."`
}

type witnessKeys struct {
	Name         string   `json:"name"`
	Verifiers    []string `json:"verifiers"`
	Fingerprints []string `json:"fingerprints"`
	Address      string   `json:"address" doc:"Where it can be asked directly."`
}

func (s *Server) mountKeys() {
	operate(s, operation{Method: http.MethodGet, Path: "/proof/keys", Access: SignedIn, Tag: "proof", ID: "proof-keys", Summary: "The keys that sign the record, and the witness's"}, s.keys)
}

func (s *Server) keys(ctx context.Context, _ *call, _ *none) (keysAnswer, error) {
	a := keysAnswer{Deployment: s.Config.Deployment, Notary: []notaryKey{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	var second []string
	for _, k := range sys.Keys {
		a.Notary = append(a.Notary, notaryKey{k.Generation, k.Name, k.Verifiers, notary.Fingerprints(k.Verifiers), k.Listed})
	}
	if w := s.Notary.Witness(); w != nil {
		a.Witness = &witnessKeys{w.Name(), w.Keys, notary.Fingerprints(w.Keys), w.URL}
		second = w.Keys
	}
	a.Policy = notary.PolicyText(sys.Keys, second)
	return a, nil
}
