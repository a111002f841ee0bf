package web

import (
	"context"
	"net/http"
	"time"
)

type sealsIn struct {
	InRoom
	Before uint64 `query:"before" doc:"Only those of fewer entries: the last of the page before."`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

type sealsAnswer struct {
	Seals []sealRow `json:"seals" doc:"The newest first."`
	More  bool      `json:"more"`
	Keys  []keySpan `json:"keys" doc:"Which generation of the notary's keys signed which sizes of this log."`
}

type sealRow struct {
	Size     uint64    `json:"size"`
	Key      int       `json:"key" doc:"The generation of the notary's keys that signed it."`
	Note     string    `json:"note" doc:"The signed note (C2SP tlog-checkpoint), with the witness's signatures if there are any."`
	Cosigned bool      `json:"cosigned"`
	At       time.Time `json:"at" doc:"When it was cosigned, by the witness's clock; or signed, by ours."`
}

type keySpan struct {
	Generation int    `json:"generation"`
	First      uint64 `json:"first" doc:"Its first checkpoint's size."`
	Last       uint64 `json:"last" doc:"Its last checkpoint's size so far."`
}

func (s *Server) mountSeals() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/seals", Access: Member, Tag: "proof", ID: "seals", Summary: "The room's checkpoints"}, s.seals)
}

func (s *Server) seals(ctx context.Context, c *call, in *sealsIn) (sealsAnswer, error) {
	a := sealsAnswer{Seals: []sealRow{}, Keys: []keySpan{}}
	list, more, spans, err := s.Notary.Seals(ctx, c.room.ID, c.actor.Person, in.Before, in.Limit)
	for _, x := range list {
		a.Seals = append(a.Seals, sealRow(x))
	}
	for _, x := range spans {
		a.Keys = append(a.Keys, keySpan(x))
	}
	a.More = more
	return a, err
}
