package web

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type sightingIn struct {
	InEntry
	Body struct {
		Verdict   incident.SightingVerdict `json:"verdict" doc:"seen, not_seen, false_positive or mitigated."`
		Indicator *int                     `json:"indicator,omitempty" minimum:"0" doc:"Its place in the item, from 0; absent: the item as a whole."`
		Note      string                   `json:"note,omitempty" doc:"One line; none about an item that travels as an envelope."`
		HostsOnly bool                     `json:"hostsOnly,omitempty" doc:"For the hosts, the item's originator and my own organisation; absent: for all who receive the item."`
		Overriding
	}
}

type ofItemIn struct {
	InEntry
	Before incident.Seq `query:"before" doc:"Only those before this entry."`
	Limit  int          `query:"limit" default:"200" minimum:"1" maximum:"200"`
}

func (s *Server) markSighting(ctx context.Context, c *call, in *sightingIn) (receipt, error) {
	b := in.Body
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return b.on(command.MarkSighting{Root: n, Verdict: b.Verdict, Indicator: b.Indicator, Note: b.Note, HostsOnly: b.HostsOnly})
	})
}

// sightings lists those of an item that the member may see. Of an item that
// they may not see there is nothing, also where they marked one themselves
// before it was recalled.
func (s *Server) sightings(ctx context.Context, c *call, in *ofItemIn) (boardAnswer, error) {
	root, err := s.root(ctx, c, in.InEntry)
	if err != nil {
		return boardAnswer{}, err
	}
	return s.board(ctx, c, &boardIn{InRoom: in.InRoom, Noun: "sighting", Under: root, Before: in.Before, Limit: in.Limit})
}
