package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type feedRow struct {
	Seq     incident.Seq      `json:"seq"`
	Name    string            `json:"name"`
	Org     incident.OrgID    `json:"org"`
	Start   incident.Seq      `json:"start" doc:"The first entry it may read."`
	By      incident.MemberNo `json:"by"`
	Issued  incident.Instant  `json:"issued"`
	Expires incident.Instant  `json:"expires"`
	Closed  *incident.Instant `json:"closed"`
}

type feedsAnswer struct {
	Feeds []feedRow `json:"feeds" doc:"Oldest first."`
}

type openFeedIn struct {
	InRoom
	Body struct {
		Name string         `json:"name" doc:"What it is for."`
		Org  incident.OrgID `json:"org" doc:"An organisation that has somebody in the room: it reads what goes to the room, or to all of that organisation."`
		Days int            `json:"days" doc:"1 to 90."`
	}
}

type openFeedAnswer struct {
	Seq   incident.Seq `json:"seq"`
	Token string       `json:"token" doc:"Shown this once."`
	Root  string       `json:"root" doc:"The address of the TAXII 2.1 API root."`
}

func (s *Server) mountFeeds() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/feeds", Access: Member, Tag: "intelligence", ID: "feeds",
		Summary: "Machines that read intelligence by TAXII", Doc: "Leads and deputies are told of all, others of their own organisation's."}, s.feeds)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/feeds", Access: Member, Tag: "intelligence", ID: "open-feed", Status: http.StatusCreated,
		Summary: "Issue a token by which an organisation's machine reads by TAXII",
		Doc:     "A lead or deputy, with a second factor of the last hour. The token is in this answer and nowhere else. Sent again it is a conflict.",
		Faults:  append([]incident.Fault{incident.StepUp}, refusals...)}, s.openFeed)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/feeds/{seq}/close", Access: Member, Tag: "intelligence", ID: "close-feed",
		Summary: "End a token", Faults: refusals}, s.closeFeed)
}

func (s *Server) feeds(_ context.Context, c *call, _ *InRoom) (feedsAnswer, error) {
	a := feedsAnswer{Feeds: []feedRow{}}
	for _, f := range c.room.Feeds {
		if !c.member.Leads() && c.member.Org != f.Org {
			continue
		}
		row := feedRow{Seq: f.Root, Name: f.Name, Org: f.Org, Start: f.Start, By: f.By.Member, Issued: f.At, Expires: f.Expires}
		if !f.Closed.IsZero() {
			at := f.Closed
			row.Closed = &at
		}
		a.Feeds = append(a.Feeds, row)
	}
	return a, nil
}

// openFeed writes the entry first. A crash before the secret is made leaves an
// entry whose token nobody has.
func (s *Server) openFeed(ctx context.Context, c *call, in *openFeedIn) (openFeedAnswer, error) {
	b := in.Body
	if b.Days < 1 || b.Days > command.MaxFeedDays {
		return openFeedAnswer{}, incident.BadField("days", "A token lasts from 1 to %d days.", command.MaxFeedDays)
	}
	if err := s.change(c); err != nil {
		return openFeedAnswer{}, err
	}
	id, expires := s.id("feed", string(c.room.ID), string(c.actor.Person), string(c.key)), time.Now().Add(time.Duration(b.Days)*24*time.Hour)
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, command.OpenFeed{ID: id, Name: b.Name, Org: b.Org, Expires: expires})
	if err != nil {
		return openFeedAnswer{}, err
	}
	if r.Repeat {
		return openFeedAnswer{}, incident.Refuse(incident.Conflict, "This token was issued already, and is not shown twice. End it and issue another.")
	}
	token, err := s.Identity.IssueFeed(ctx, c.room.ID, id, expires)
	return openFeedAnswer{r.Seq, token, s.taxiiURL(c.room.ID)}, err
}

func (s *Server) closeFeed(ctx context.Context, c *call, in *entryOnly) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.CloseFeed{Root: seq})
}
