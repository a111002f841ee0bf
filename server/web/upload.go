package web

import (
	"context"
	"net/http"
	"strconv"

	"wardroom/server/blob"
	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type beginUploadIn struct {
	InRoom
	Body struct {
		Name string `json:"name" doc:"What it is called. Folders and what cannot be seen are left out of it; the answer says what is kept."`
		Size int64  `json:"size" doc:"In bytes; at most 100,000,000."`
	}
}

type InUpload struct {
	InRoom
	Upload string `path:"upload" doc:"The upload's id."`
}

type chunkIn struct {
	InUpload
	N       string `path:"n" doc:"The chunk's number, from 0."`
	RawBody []byte `contentType:"application/octet-stream"`
}

type uploadAnswer struct {
	ID       incident.BlobID `json:"id"`
	Name     string          `json:"name"`
	Size     int64           `json:"size"`
	Chunk    int             `json:"chunk" doc:"Bytes of a chunk; the last may be shorter."`
	Received []int           `json:"received" doc:"The chunks that are here, ascending."`
	Whole    bool            `json:"whole"`
	SHA256   string          `json:"sha256,omitempty" doc:"Of the content, once it is whole."`
	Type     string          `json:"type,omitempty" doc:"What its first bytes look like."`
	Scan     blob.Scan       `json:"scan" enum:"none,pending,clean,found"`
}

func said(u *blob.Upload, err error) (uploadAnswer, error) {
	if err != nil {
		return uploadAnswer{}, err
	}
	return uploadAnswer{u.ID, u.Name, u.Size, blob.Chunk, u.Received, u.Whole, u.SHA256, u.Type, u.Scan}, nil
}

// mountUploads mounts what comes before an attachment. An upload is its
// sender's alone: to all others there is none of that id.
func (s *Server) mountUploads() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/uploads", Access: Member, Tag: "files", ID: "begin-upload", Status: http.StatusCreated, Unkeyed: true,
		Summary: "Begin to send a file", Doc: "It goes after a day unless an entry attaches it.", Faults: []incident.Fault{incident.Forbidden, incident.Conflict}}, s.beginUpload)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/uploads/{upload}", Access: Member, Tag: "files", ID: "upload",
		Summary: "How far my file has come"}, func(ctx context.Context, c *call, in *InUpload) (uploadAnswer, error) {
		return said(s.Blobs.Upload(ctx, c.room.ID, c.actor.Person, incident.BlobID(in.Upload)))
	})
	operate(s, operation{Method: http.MethodPut, Path: "/rooms/{room}/uploads/{upload}/chunks/{n}", Access: Member, Tag: "files", ID: "put-chunk", Unkeyed: true, Raw: blob.Chunk,
		Summary: "Send a part of my file", Doc: "In any order, as often as it takes; one that is there stays as it is. With the last the file is whole."}, s.putChunk)
	operateEmpty(s, operation{Method: http.MethodDelete, Path: "/rooms/{room}/uploads/{upload}", Access: Member, Tag: "files", ID: "drop-upload",
		Summary: "Take a file back that no entry attaches"}, func(ctx context.Context, c *call, in *InUpload) (none, error) {
		return none{}, s.Blobs.Drop(ctx, c.room.ID, c.actor.Person, incident.BlobID(in.Upload))
	})
}

// sends refuses whoever may write nothing in the room.
func (s *Server) sends(c *call) error {
	return policy.Permit(policy.Post, &policy.Scene{Room: c.room, Actor: c.actor, Now: c.session.Now})
}

func (s *Server) beginUpload(ctx context.Context, c *call, in *beginUploadIn) (uploadAnswer, error) {
	if err := s.sends(c); err != nil {
		return uploadAnswer{}, err
	}
	if err := s.change(c); err != nil {
		return uploadAnswer{}, err
	}
	return said(s.Blobs.Begin(ctx, c.room.ID, c.actor.Person, in.Body.Name, in.Body.Size))
}

func (s *Server) putChunk(ctx context.Context, c *call, in *chunkIn) (uploadAnswer, error) {
	n, err := strconv.Atoi(in.N)
	if err != nil || strconv.Itoa(n) != in.N {
		return uploadAnswer{}, incident.Missing()
	}
	if err := s.sends(c); err != nil {
		return uploadAnswer{}, err
	}
	return said(s.Blobs.Put(ctx, c.room.ID, c.actor.Person, incident.BlobID(in.Upload), n, in.RawBody))
}

// attach makes the command that attaches uploads, by their ids: with the facts
// the server has found of them, and nothing the client says. One that names what
// cannot be attached is refused where it is decided, not before: sent again, what
// was taken has its first answer, whatever became of its files since.
func (s *Server) attach(ctx context.Context, c *call, ids []incident.BlobID, to func(command.Attached) command.Command) (command.Command, error) {
	files, err := s.Blobs.Take(ctx, c.room.ID, c.actor.Person, ids)
	if incident.FaultOf(err) == incident.Invalid {
		return command.Unattachable(to(command.Named(ids)), err), nil
	}
	if err != nil {
		return nil, err
	}
	return to(files), nil
}
