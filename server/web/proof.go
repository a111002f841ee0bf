package web

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"wardroom/server/incident"
)

type proofAnswer struct {
	Seq      incident.Seq `json:"seq"`
	Leaf     []byte       `json:"leaf" doc:"The entry's 333 bytes, which commit to it and tell nothing of it."`
	Size     uint64       `json:"size" doc:"Entries that the checkpoint covers."`
	Root     []byte       `json:"root"`
	Path     []string     `json:"path" doc:"From the leaf to the root, base64 (RFC 6962, section 2.1.1)."`
	Note     string       `json:"note" doc:"The checkpoint: a signed note (C2SP tlog-checkpoint)."`
	Cosigned bool         `json:"cosigned" doc:"The witness's signatures are on it too."`
	At       time.Time    `json:"at" doc:"When it was cosigned, by the witness's clock; or signed, by ours."`
}

type consistencyIn struct {
	InRoom
	From uint64 `query:"from" required:"true" minimum:"1" doc:"The smaller size."`
	To   uint64 `query:"to" required:"true" minimum:"1" doc:"The greater size: that of a checkpoint, at most the newest one's."`
}

type pathAnswer struct {
	Path []string `json:"path" doc:"Base64 (RFC 6962, section 2.1.2)."`
}

// mountProofs mounts what shows, without trust in the server, that an entry
// stands in the log and that the log was only added to. Whatever a member may
// see of an entry, its leaf is theirs.
func (s *Server) mountProofs() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/entries/{seq}/proof", Access: Member, Tag: "proof", ID: "proof",
		Summary: "The proof that an entry stands in the log", Doc: "In the newest cosigned checkpoint that covers it, else the newest signed one. A conflict while none covers it yet.",
		Faults: []incident.Fault{incident.Conflict}}, s.proof)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/consistency", Access: Member, Tag: "proof", ID: "consistency",
		Summary: "The proof that the log was only added to between two sizes", Faults: []incident.Fault{incident.Invalid}}, s.consistency)
}

func (s *Server) proof(ctx context.Context, c *call, in *InEntry) (proofAnswer, error) {
	seq, err := in.seq()
	if err != nil {
		return proofAnswer{}, err
	}
	p, err := s.Notary.Prove(ctx, c.room.ID, c.actor.Person, seq)
	if err != nil {
		return proofAnswer{}, err
	}
	return proofAnswer{Seq: seq, Leaf: p.Leaf, Size: p.Size, Root: p.Root[:], Path: hashes(p.Path), Note: p.Note, Cosigned: p.Cosigned, At: p.At}, nil
}

func (s *Server) consistency(ctx context.Context, c *call, in *consistencyIn) (pathAnswer, error) {
	path, err := s.Notary.Consistency(ctx, c.room.ID, c.actor.Person, in.From, in.To)
	return pathAnswer{hashes(path)}, err
}

func hashes(path [][32]byte) []string {
	text := make([]string, len(path))
	for i, h := range path {
		text[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return text
}
