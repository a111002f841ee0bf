package web

import (
	"context"
	"encoding/base64"
	"net/http"

	"wardroom/server/incident"
)

type readIn struct {
	InRoom
	Body struct {
		Seq incident.Seq `json:"seq"`
	}
}

type muteIn struct {
	InRoom
	Body struct {
		Muted bool `json:"muted"`
	}
}

type draftKeyAnswer struct {
	Key string `json:"key" doc:"32 bytes in base64: mine, and this room's or no room's."`
}

// mountMarks mounts what is a person's own in a room, and no entry of it.
func (s *Server) mountMarks() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/read", Access: Member, Tag: "marks", ID: "mark-read", Glance: true,
		Summary: "I have read up to here", Doc: "The mark only moves forward. It is no activity: a page marks what comes in before nobody's eyes too."}, s.markRead)
	operateEmpty(s, operation{Method: http.MethodPut, Path: "/rooms/{room}/mute", Access: Member, Tag: "marks", ID: "mute", Summary: "Make the room silent for me, or not"}, s.mute)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/draft-key", Access: Member, Tag: "marks", ID: "draft-key",
		Summary: "The key my drafts for this room are sealed with on a device"}, s.draftKey)
	operate(s, operation{Method: http.MethodGet, Path: "/session/draft-key", Access: SignedIn, Tag: "marks", ID: "own-draft-key",
		Summary: "The key my drafts that belong to no room are sealed with on a device"}, s.ownDraftKey)
}

func (s *Server) markRead(ctx context.Context, c *call, in *readIn) (receipt, error) {
	if err := s.limiter.take(s.Config.Limits.Posts, "mark", c.session.ID); err != nil {
		return receipt{}, err
	}
	seq := min(in.Body.Seq, c.room.Head)
	return receipt{seq}, s.readTo(ctx, c.actor.Person, c.room.ID, seq, nil)
}

func (s *Server) mute(ctx context.Context, c *call, in *muteIn) (none, error) {
	return none{}, s.Directory.SetMuted(ctx, c.room.ID, c.actor.Person, in.Body.Muted)
}

func (s *Server) ownDraftKey(_ context.Context, c *call, _ *none) (draftKeyAnswer, error) {
	key := s.Directory.DraftKey("", c.actor.Person)
	return draftKeyAnswer{base64.StdEncoding.EncodeToString(key[:])}, nil
}

func (s *Server) draftKey(_ context.Context, c *call, _ *InRoom) (draftKeyAnswer, error) {
	key := s.Directory.DraftKey(c.room.ID, c.actor.Person)
	return draftKeyAnswer{base64.StdEncoding.EncodeToString(key[:])}, nil
}
