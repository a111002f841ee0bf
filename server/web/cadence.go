package web

import (
	"context"
	"net/http"
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type cadenceIn struct {
	InRoom
	Body struct {
		Meeting int          `json:"meeting" minimum:"0" doc:"Minutes between two meetings, 15 to 10,080; 0 leaves it to the severity."`
		Sitrep  int          `json:"sitrep" minimum:"0" doc:"The same for situation reports."`
		Update  int          `json:"update" minimum:"0" doc:"The same for updates to those whom the incident affects."`
		Reason  string       `json:"reason" doc:"At most 1,000 characters. Everyone in the room is told."`
		Seen    incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type putOffIn struct {
	InRoom
	Body struct {
		Until  incident.Instant `json:"until" doc:"By real time, in exercises too; at most one interval after it is due."`
		Reason string           `json:"reason" doc:"At most 1,000 characters. Everyone in the room is told."`
		Seen   incident.Seq     `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type snoozeIn struct {
	InRoom
	Body struct {
		Minutes int          `json:"minutes" minimum:"1" maximum:"60"`
		Seen    incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
	}
}

type meetingIn struct {
	InRoom
	Body struct {
		Held    *incident.Instant   `json:"held,omitempty" doc:"When it was, by the room's clock; left out: now."`
		Place   string              `json:"place" doc:"Where, or how; at most 200 characters."`
		Members []incident.MemberNo `json:"members,omitempty" doc:"Who of the room was there."`
		Others  string              `json:"others,omitempty" doc:"Who else was, in words; at most 1,000 characters."`
		Summary string              `json:"summary" doc:"At most 4,000 characters."`
		Cites   []incident.Seq      `json:"cites,omitempty" doc:"Its decisions and actions, and what was looked at."`
		ChosenBody
		Overriding
	}
}

type sitrepIn struct {
	InRoom
	Body struct {
		AsAt      *incident.Instant `json:"asAt,omitempty" doc:"How things were when, by the room's clock; left out: now."`
		Situation string            `json:"situation" doc:"Each part at most 4,000 characters."`
		Impact    string            `json:"impact,omitempty"`
		Actions   string            `json:"actions,omitempty"`
		Forecast  string            `json:"forecast,omitempty"`
		Cites     []incident.Seq    `json:"cites,omitempty"`
		ChosenBody
		Overriding
	}
}

type updateIn struct {
	InRoom
	Body struct {
		Text  string       `json:"text,omitempty" doc:"What they were told, at most 4,000 characters; may be left out where an entry says it."`
		Entry incident.Seq `json:"entry,omitempty" doc:"The message, brief or item that is the update."`
		ChosenBody
		Overriding
	}
}

type requestUpdateIn struct {
	InRoom
	Body struct {
		Text string `json:"text,omitempty" doc:"What about; at most 1,000 characters."`
		Overriding
	}
}

// mountCadence mounts what a room does again and again.
func (s *Server) mountCadence() {
	about := func(method, path, id, summary, doc string, faults []incident.Fault) operation {
		o := operation{Method: method, Path: "/rooms/{room}" + path, Access: Member, Tag: "cadence", ID: id, Summary: summary, Doc: doc, Faults: faults}
		if method == http.MethodPost {
			o.Status = http.StatusCreated
		}
		return o
	}
	fresh := append(slices.Clone(refusals), incident.StepUp)
	operate(s, about(http.MethodPost, "/cadence", "set-cadence", "Set how often the room meets and reports", "A graver severity than stands now counts again. Less often takes a second factor.", fresh),
		func(ctx context.Context, c *call, in *cadenceIn) (receipt, error) {
			b := in.Body
			return s.do(ctx, c, b.on(command.SetCadence{Meeting: b.Meeting, Sitrep: b.Sitrep, Update: b.Update, Reason: b.Reason, Seen: b.Seen}))
		})
	operate(s, about(http.MethodPost, "/meetings", "hold-meeting", "Write down a meeting that was held", "", refusals), func(ctx context.Context, c *call, in *meetingIn) (receipt, error) {
		b := in.Body
		cmd := command.HoldMeeting{Place: b.Place, Members: b.Members, Others: b.Others, Summary: b.Summary, Cites: b.Cites, Chosen: b.chosen()}
		if b.Held != nil {
			cmd.Held = b.Held.Time
		}
		return s.do(ctx, c, b.on(cmd))
	})
	operate(s, about(http.MethodPost, "/meetings/put-off", "put-off-meeting", "Put the next meeting off, once", "", refusals), func(ctx context.Context, c *call, in *putOffIn) (receipt, error) {
		return s.do(ctx, c, in.Body.on(command.PutOffMeeting{Until: in.Body.Until, Reason: in.Body.Reason, Seen: in.Body.Seen}))
	})
	operate(s, about(http.MethodPost, "/sitreps", "file-sitrep", "File a situation report", "A host's keeps the room's rhythm; a guest's is their organisation's own.", refusals),
		func(ctx context.Context, c *call, in *sitrepIn) (receipt, error) {
			b := in.Body
			cmd := command.FileSitrep{Situation: b.Situation, Impact: b.Impact, Actions: b.Actions, Forecast: b.Forecast, Cites: b.Cites, Chosen: b.chosen()}
			if b.AsAt != nil {
				cmd.AsAt = b.AsAt.Time
			}
			return s.do(ctx, c, b.on(cmd))
		})
	operate(s, about(http.MethodPost, "/updates", "give-update", "Say that those whom the incident affects were told", "", refusals), func(ctx context.Context, c *call, in *updateIn) (receipt, error) {
		return s.do(ctx, c, in.Body.on(command.GiveUpdate{Text: in.Body.Text, Entry: in.Body.Entry, Chosen: in.Body.chosen()}))
	})
	operate(s, about(http.MethodPost, "/updates/snooze", "snooze-update", "Put the next update off, twice at most", "", refusals), func(ctx context.Context, c *call, in *snoozeIn) (receipt, error) {
		return s.do(ctx, c, command.SnoozeUpdate{Minutes: in.Body.Minutes, Seen: in.Body.Seen})
	})
	operate(s, about(http.MethodPost, "/updates/request", "request-update", "Ask for an update", "The leads are told; one person can ask once in a quarter of an hour.", refusals),
		func(ctx context.Context, c *call, in *requestUpdateIn) (receipt, error) {
			return s.do(ctx, c, in.Body.on(command.RequestUpdate{Text: in.Body.Text}))
		})
}
