package command

import (
	"encoding/json"
	"time"

	"wardroom/server/incident"
)

// attaching is a command whose entry has attachments: what the server found of
// them when it had all of their content, by their ids.
type attaching interface{ attachments() []incident.File }

// Attached is what a command attaches. What makes it the same command when it is
// sent again is which content that is, whatever became of it since.
type Attached []incident.File

// MarshalJSON writes the ids alone.
func (a Attached) MarshalJSON() ([]byte, error) {
	ids := make([]incident.BlobID, len(a))
	for i, f := range a {
		ids[i] = f.ID
	}
	return json.Marshal(ids)
}

// Named is content of which nothing but the ids is known.
func Named(ids []incident.BlobID) Attached {
	a := make(Attached, len(ids))
	for i, id := range ids {
		a[i].ID = id
	}
	return a
}

// unattachable is a command that attaches what cannot be attached.
type unattachable struct {
	Command
	why error
}

// Unattachable returns the command as one that is refused with why, unless it
// was taken before: then it has the answer it had.
func Unattachable(c Command, why error) Command { return unattachable{c, why} }

func (c unattachable) decide(*scene) ([]*incident.Event, error) { return nil, c.why }

// Blobs lists the content that a command attaches, for the journal to say what
// is attached to an entry already.
func Blobs(c Command) (ids []incident.BlobID) {
	a, ok := meant(c).(attaching)
	if !ok {
		return nil
	}
	list := a.attachments()
	if len(list) > incident.MaxFiles {
		return nil // refused for that
	}
	for _, f := range list {
		ids = append(ids, f.ID)
	}
	return ids
}

// attach checks what a command attaches to the entry it writes.
func (s *scene) attach(field string, files []incident.File) error {
	if len(files) > incident.MaxFiles {
		return incident.BadField(field, "At most %d files fit one entry. Send the others with another.", incident.MaxFiles)
	}
	here := map[incident.BlobID]bool{}
	for i := range files {
		f := &files[i]
		if !f.Valid() {
			return incident.Refuse(incident.Internal, "This file was not taken in as it should have been. It has been reported.")
		}
		if here[f.ID] {
			return incident.BadField(field, "A file is attached twice.")
		}
		here[f.ID] = true
		if at := s.attached[f.ID]; at != 0 {
			return incident.BadField(field, "This file is attached to entry %d already. Attach it anew to send it again.", at)
		}
	}
	return nil
}

// TakeFile records on the access log that a member takes an attachment of a
// restricted entry. Its bytes are given out after it is committed, never before.
type TakeFile struct {
	Room   *incident.Room `json:"-"` // as it stood when asked, fetched by the server
	Sight  incident.Sight `json:"-"` // of the entry's root, at the head
	Opened bool           `json:"-"` // that the member opened the entry stands on the access log
	Entry  incident.Seq
	File   int // 1, 2 …
}

func (c TakeFile) roots() []incident.Seq { return nil }

func (c TakeFile) decide(s *scene) ([]*incident.Event, error) {
	if s.access == nil || s.empty || c.Room == nil || s.access.Room != c.Room.ID {
		return nil, incident.Missing()
	}
	if err := c.Permit(s.Actor, s.Now); err != nil {
		return nil, err
	}
	return one(&incident.Event{By: member(c.Room.Member(s.Actor.Person)), Body: &incident.FileTaken{Entry: c.Entry, File: c.File},
		Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)}})
}

// Permit judges whether the actor may have it now: as they may open the entry,
// and after they did.
func (c TakeFile) Permit(a incident.Actor, now time.Time) error {
	if err := (OpenEntry{Room: c.Room, Sight: c.Sight, Entry: c.Sight.Root}).Permit(a, now); err != nil {
		return err
	}
	if !c.Opened {
		return incident.Refuse(incident.Forbidden, "Open the entry first: that you did is recorded, and what is attached to it comes after that.")
	}
	return nil
}
