package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
)

type importIn struct {
	Trusts  incident.OrgType `query:"trusts" enum:"acute_trust,mental_health_trust,community_trust,ambulance_trust" doc:"What trusts are taken for of which neither the table nor their name says it; absent: they are refused."`
	RawBody []byte           `contentType:"application/octet-stream"`
}

type enterIn struct {
	SHA256  string           `query:"sha256" required:"true" doc:"Of the table that was previewed."`
	Trusts  incident.OrgType `query:"trusts" enum:"acute_trust,mental_health_trust,community_trust,ambulance_trust" doc:"As previewed."`
	RawBody []byte           `contentType:"application/octet-stream"`
}

type importedOrg struct {
	Code incident.OrgID   `json:"code"`
	Name string           `json:"name"`
	Type incident.OrgType `json:"type"`
	Was  *importedWas     `json:"was,omitempty" doc:"As it stands now, if it changes."`
}

type importedWas struct {
	Name string           `json:"name"`
	Type incident.OrgType `json:"type"`
}

type importedClosing struct {
	Code      incident.OrgID `json:"code"`
	Name      string         `json:"name"`
	Ended     string         `json:"ended,omitempty"`
	Successor incident.OrgID `json:"successor,omitempty"`
}

type importedNote struct {
	Line int    `json:"line"`
	Code string `json:"code,omitempty"`
	Why  string `json:"why"`
}

// importAnswer counts everything and lists the first of each.
type importAnswer struct {
	SHA256   string            `json:"sha256"`
	Rows     int               `json:"rows"`
	Same     int               `json:"same" doc:"Rows that change nothing."`
	New      int               `json:"new"`
	Changed  int               `json:"changed"`
	Closed   int               `json:"closed"`
	Refused  int               `json:"refused"`
	Added    []importedOrg     `json:"added"`
	Changes  []importedOrg     `json:"changes"`
	Closings []importedClosing `json:"closings"`
	Refusals []importedNote    `json:"refusals"`
	Notes    []importedNote    `json:"notes"`
}

type enteredAnswer struct {
	Entered int `json:"entered"`
	Left    int `json:"left" doc:"What the table would still change. Send it again until there is nothing left."`
}

// importShown is how many of each are listed.
const importShown = 200

func (s *Server) mountImport() {
	operate(s, operation{Method: http.MethodPost, Path: "/admin/organisations/preview", Access: Admin, Unkeyed: true, Tag: "administration", ID: "preview-organisations",
		Summary: "What a table of organisations would change", Doc: "A CSV file of the Organisation Data Service, with a line of headings. Changes nothing.", Faults: refusals, Raw: directory.MaxODSBytes},
		s.previewOrganisations)
	operate(s, operation{Method: http.MethodPost, Path: "/admin/organisations/enter", Access: Admin, Tag: "administration", ID: "enter-organisations",
		Summary: "Bring a part of a table of organisations onto the books",
		Doc:     "Each call is one entry of the system log, and begins where the books and the table differ: one that was cut short is sent again.", Faults: refusals, Raw: directory.MaxODSBytes},
		s.enterOrganisations)
}

// readTable compares a table with the books. Two at once are read at most.
func (s *Server) readTable(ctx context.Context, file []byte, trusts incident.OrgType) (*directory.Import, *incident.System, error) {
	if err := importing.Acquire(ctx, 1); err != nil {
		return nil, nil, err
	}
	defer importing.Release(1)
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return nil, nil, err
	}
	got, err := directory.ReadODS(file, sys, trusts, time.Now())
	return got, sys, err
}

func (s *Server) previewOrganisations(ctx context.Context, c *call, in *importIn) (importAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Searches, "import", c.session.ID); err != nil {
		return importAnswer{}, err
	}
	got, sys, err := s.readTable(ctx, in.RawBody, in.Trusts)
	if err != nil {
		return importAnswer{}, err
	}
	a := importAnswer{SHA256: got.File, Rows: got.Rows, Same: got.Same, New: len(got.Added), Changed: len(got.Changed), Closed: len(got.Closed), Refused: len(got.Refused),
		Added: []importedOrg{}, Changes: []importedOrg{}, Closings: []importedClosing{}, Refusals: []importedNote{}, Notes: []importedNote{}}
	names := map[incident.OrgID]string{}
	for i, o := range got.Added {
		names[o.Code] = o.Name
		if i < importShown {
			a.Added = append(a.Added, importedOrg{Code: o.Code, Name: o.Name, Type: o.Type})
		}
	}
	for _, o := range got.Changed[:min(importShown, len(got.Changed))] {
		a.Changes = append(a.Changes, importedOrg{Code: o.Now.Code, Name: o.Now.Name, Type: o.Now.Type, Was: &importedWas{o.Was.Name, o.Was.Type}})
	}
	for _, o := range got.Closed[:min(importShown, len(got.Closed))] {
		name := names[o.Code]
		if was, ok := sys.Orgs[o.Code]; ok {
			name = was.Name
		}
		a.Closings = append(a.Closings, importedClosing{o.Code, name, o.Ended, o.Successor})
	}
	for _, n := range got.Refused[:min(importShown, len(got.Refused))] {
		a.Refusals = append(a.Refusals, importedNote(n))
	}
	for _, n := range got.Notes[:min(importShown, len(got.Notes))] {
		a.Notes = append(a.Notes, importedNote(n))
	}
	return a, nil
}

func (s *Server) enterOrganisations(ctx context.Context, c *call, in *enterIn) (enteredAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return enteredAnswer{}, err
	}
	got, _, err := s.readTable(ctx, in.RawBody, in.Trusts)
	if err != nil {
		return enteredAnswer{}, err
	}
	if got.File != in.SHA256 {
		return enteredAnswer{}, incident.BadField("sha256", "This is not the table that was previewed.")
	}
	if got.Left() == 0 {
		return enteredAnswer{}, nil
	}
	part := got.Part(command.MaxEntered)
	n := len(part.Added) + len(part.Changed) + len(part.Closed)
	// Sent again under its key after it was stored, this part is another by now,
	// and so a conflict: the next key goes on from there.
	_, err = s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, command.EnterOrganisations{Entered: *part})
	return enteredAnswer{n, got.Left() - n}, err
}
