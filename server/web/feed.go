package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
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
	Why     incident.FeedEnd  `json:"why,omitempty" doc:"What ended it: left (nobody of its organisation is here any more), closed (the room was), section (the room goes on in another). Absent: a lead did."`
	OrgName string            `json:"orgName"`
	Asked   *incident.Instant `json:"asked,omitempty" doc:"When a machine last asked with its token, to the minute. Absent: never."`
	Given   *incident.Instant `json:"given,omitempty" doc:"When it was last given something that it had not been given before."`
	Items   int               `json:"items" doc:"How many items it was given, of those of which I may know who had them."`
}

type feedsAnswer struct {
	Feeds []feedRow `json:"feeds" doc:"Oldest first."`
	Root  string    `json:"root" doc:"The address of the room's TAXII 2.1 API root."`
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

func (s *Server) feeds(ctx context.Context, c *call, _ *InRoom) (feedsAnswer, error) {
	a := feedsAnswer{Feeds: []feedRow{}, Root: s.taxiiURL(c.room.ID)}
	var ids []string
	for _, f := range c.room.Feeds {
		ids = append(ids, f.ID)
	}
	if len(ids) == 0 {
		return a, nil
	}
	used, err := s.Identity.Used(ctx, ids)
	if err != nil {
		return a, err
	}
	taken, err := s.Journal.Taken(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return a, err
	}
	for i := range c.room.Feeds {
		f := &c.room.Feeds[i]
		if !c.member.Leads() && c.member.Org != f.Org {
			continue
		}
		row := feedRow{Seq: f.Root, Name: f.Name, Org: f.Org, OrgName: policy.FeedOrg(c.room, f), Start: f.Start, By: f.By.Member, Issued: f.At, Expires: f.Expires, Why: f.Why}
		if !f.Closed.IsZero() {
			at := f.Closed
			row.Closed = &at
		}
		if at, ok := used[f.ID]; ok {
			row.Asked = new(incident.At(at))
		}
		for _, t := range taken {
			if t.Feed != f.Root || !policy.Receipts(c.room, c.member, t.Sight) {
				continue
			}
			if row.Items++; row.Given == nil || t.At.After(row.Given.Time) {
				row.Given = new(incident.At(t.At))
			}
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
