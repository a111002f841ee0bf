package web

import (
	"context"
	"strconv"
	"strings"

	"wardroom/server/desk"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

func cutMember(text string) (room incident.LogID, n incident.MemberNo, ok bool) {
	id, number, ok := strings.Cut(text, ".")
	v, err := strconv.ParseUint(number, 10, 31)
	return incident.LogID(id), incident.MemberNo(v), ok && err == nil && incident.LogID(id).Valid()
}

type accessIn struct {
	Room   string       `query:"room" required:"true"`
	Before incident.Seq `query:"before" doc:"Go on with the lines below this one."`
	Limit  int          `query:"limit" default:"100" minimum:"1" maximum:"200"`
}

type accessLine struct {
	Seq     incident.Seq      `json:"seq" doc:"The line's number in the access log."`
	Kind    incident.Kind     `json:"kind"`
	Member  incident.MemberNo `json:"member"`
	At      incident.Instant  `json:"at"`
	Entry   incident.Seq      `json:"entry" doc:"The entry of the room that it is about."`
	Why     string            `json:"why,omitempty" doc:"Of a refusal: step_up or forbidden."`
	File    int               `json:"file,omitempty" doc:"Which of the entry's attachments was taken: 1, 2 …"`
	Sees    bool              `json:"sees" doc:"I may see that entry."`
	SHA256  string            `json:"sha256,omitempty" doc:"Of the bundle that was taken."`
	Feed    string            `json:"feed,omitempty" doc:"It was given to a machine: what that is for. Then member is 0."`
	Org     incident.OrgID    `json:"org,omitempty" doc:"The machine's organisation."`
	OrgName string            `json:"orgName,omitempty"`
}

type accessAnswer struct {
	Lines  []accessLine  `json:"lines" doc:"Newest first."`
	Before *incident.Seq `json:"before,omitempty" doc:"Go on with before set to this."`
}

func (s *Server) deskAccess(ctx context.Context, c *call, in *accessIn) (accessAnswer, error) {
	a := accessAnswer{Lines: []accessLine{}}
	if in.Before > 1<<62 {
		return a, incident.Missing()
	}
	list, next, err := s.Desk.Accesses(ctx, c.actor.Person, incident.LogID(in.Room), in.Before, in.Limit)
	for _, x := range list {
		a.Lines = append(a.Lines, accessLine{x.Seq, x.Kind, x.Member, x.At, x.Entry, x.Why, x.File, x.Sees, x.SHA256, x.Feed, x.Org, x.OrgName})
	}
	if next != 0 {
		a.Before = &next
	}
	return a, err
}

type gapsIn struct {
	Rooms []string `query:"room,explode" required:"true" doc:"Rooms, one or several."`
}

type restedEntry struct {
	Entry   incident.Seq `json:"entry"`
	Changed desk.Changed `json:"changed" doc:"withheld, corrected, superseded, reversed, disputed, withdrawn, recalled; or hidden: I may not see it."`
}

type gapRow struct {
	Lack desk.Lack         `json:"lack"`
	Root incident.Seq      `json:"root,omitempty" doc:"The object; absent: the room itself."`
	Due  *incident.Instant `json:"due,omitempty"`
	On   []restedEntry     `json:"on,omitempty" doc:"The entries that a decision rests on and that do not stand as they did."`
	Role incident.Role     `json:"role,omitempty"`
	Org  incident.OrgID    `json:"org,omitempty"`
}

type roomGaps struct {
	Room    incident.LogID `json:"room"`
	Gaps    []gapRow       `json:"gaps"`
	Entries []policy.Seen  `json:"entries" doc:"Everything about the objects that the gaps name."`
	More    bool           `json:"more" doc:"Older objects were not looked at."`
}

type gapsAnswer struct {
	Rooms []roomGaps `json:"rooms"`
}

func (s *Server) deskGaps(ctx context.Context, c *call, in *gapsIn) (gapsAnswer, error) {
	a := gapsAnswer{Rooms: []roomGaps{}}
	rooms, err := roomsOf(in.Rooms)
	if err != nil {
		return a, err
	}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return a, err
	}
	given := map[incident.LogID][]policy.Seen{}
	for _, id := range rooms {
		g, err := s.Desk.Gaps(ctx, c.actor.Person, id)
		if err != nil {
			return a, err
		}
		r := roomGaps{Room: id, Gaps: []gapRow{}, Entries: append([]policy.Seen{}, g.Entries...), More: g.More}
		for _, gap := range g.Gaps {
			row := gapRow{Lack: gap.Lack, Root: gap.Root, Role: gap.Role, Org: gap.Org}
			if !gap.Due.IsZero() {
				row.Due = &gap.Due
			}
			for _, on := range gap.On {
				row.On = append(row.On, restedEntry{on.Entry, on.Changed})
			}
			r.Gaps = append(r.Gaps, row)
		}
		a.Rooms = append(a.Rooms, r)
		given[id] = g.Entries
	}
	s.deliveredOf(ctx, c, given)
	return a, nil
}

type chartIn struct {
	Room string `query:"room" required:"true"`
}

type chartBucket struct {
	At      incident.Instant `json:"at"`
	Entries int              `json:"entries"`
}

type chartStep struct {
	Seq   incident.Seq     `json:"seq"`
	At    incident.Instant `json:"at"`
	Org   incident.OrgID   `json:"org"`
	Scale incident.Scale   `json:"scale"`
	Grade incident.Grade   `json:"grade"`
	Ended bool             `json:"ended" doc:"Withdrawn."`
}

type chartOrganisation struct {
	Org    incident.OrgID    `json:"org"`
	Name   string            `json:"name" doc:"As it was when they joined."`
	Joined incident.Instant  `json:"joined"`
	Ended  *incident.Instant `json:"ended,omitempty" doc:"Absent: somebody of it is in the room."`
}

type chartAnswer struct {
	From          incident.Instant    `json:"from"`
	To            incident.Instant    `json:"to"`
	Step          int                 `json:"step" doc:"Seconds that a bucket is of."`
	Buckets       []chartBucket       `json:"buckets"`
	Severity      []chartStep         `json:"severity"`
	Organisations []chartOrganisation `json:"organisations"`
	Exercise      bool                `json:"exercise"`
	Clock         bool                `json:"clock" doc:"Times are the exercise's own."`
}

func (s *Server) deskChart(ctx context.Context, c *call, in *chartIn) (chartAnswer, error) {
	a := chartAnswer{Buckets: []chartBucket{}, Severity: []chartStep{}, Organisations: []chartOrganisation{}}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return a, err
	}
	d, err := s.Desk.Chart(ctx, c.actor.Person, incident.LogID(in.Room))
	if err != nil {
		return a, err
	}
	a.From, a.To, a.Step, a.Exercise, a.Clock = d.From, d.To, int(d.Step.Seconds()), d.Room.Mode == incident.ModeExercise, d.Room.Clock != nil
	for _, b := range d.Buckets {
		a.Buckets = append(a.Buckets, chartBucket(b))
	}
	for _, st := range d.Severity {
		a.Severity = append(a.Severity, chartStep(st))
	}
	for _, p := range d.Organisations {
		o := chartOrganisation{Org: p.Org, Name: p.Name, Joined: p.Joined}
		if !p.Ended.IsZero() {
			o.Ended = &p.Ended
		}
		a.Organisations = append(a.Organisations, o)
	}
	return a, nil
}
