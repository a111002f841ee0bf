package web

import (
	"context"
	"net/http"

	"wardroom/server/incident"
	"wardroom/server/notify"
)

type alertNoticesIn struct {
	AlertPath
	Org string `query:"org" doc:"Also list the messages to this organisation's contacts."`
}

type alertNoticeIn struct {
	AlertPath
	ID   string `path:"id"`
	Body empty
}

// alertNoticeRow is a message to a contact of an organisation an alert went to.
type alertNoticeRow struct {
	NoticeRow
	Contact string               `json:"contact" doc:"The contact's id."`
	Name    string               `json:"name" doc:"Empty for who has left the directory since."`
	Role    incident.ContactRole `json:"role,omitempty"`
}

type alertNoticesAnswer struct {
	Counts  []messageCount   `json:"counts" doc:"Of the messages to all organisations it went to."`
	Notices []alertNoticeRow `json:"notices" doc:"To the contacts of org, the newest first; at most 200."`
}

// alertNoticesShown bounds one organisation's list.
const alertNoticesShown = 200

func (s *Server) mountAlertNotices() {
	operate(s, operation{Method: http.MethodGet, Path: "/alerts/{number}/notices", Access: Host, Tag: "alerts", ID: "alert-notices",
		Summary: "How far messages about an alert have come", Doc: "For the hosts alone: whom it went to is theirs to know.", Faults: []incident.Fault{incident.NotFound}}, s.alertNotices)
	operate(s, operation{Method: http.MethodPost, Path: "/alerts/{number}/notices/{id}/again", Access: Host, Tag: "alerts", ID: "send-alert-notice-again", Unkeyed: true, Status: http.StatusAccepted,
		Summary: "Send a message about an alert again that did not arrive", Faults: []incident.Fault{incident.NotFound, incident.Conflict}}, s.alertNoticeAgain)
}

func (s *Server) alertNotices(ctx context.Context, c *call, in *alertNoticesIn) (alertNoticesAnswer, error) {
	of := alertNoticesAnswer{Counts: []messageCount{}, Notices: []alertNoticeRow{}}
	_, a, _, err := s.alertSeen(ctx, c, in.Number)
	if err != nil || s.Courier == nil {
		return of, err
	}
	counts, err := s.Courier.Counts(ctx, a.Log, a.Seq)
	if err != nil {
		return of, err
	}
	for _, n := range counts {
		of.Counts = append(of.Counts, messageCount(n))
	}
	if in.Org == "" {
		return of, nil
	}
	org := incident.OrgID(in.Org)
	if a.Row(org) == nil {
		return of, incident.Missing()
	}
	list, err := s.Courier.StatesAt(ctx, a.Log, a.Seq, org, alertNoticesShown)
	if err != nil {
		return of, err
	}
	contacts, err := s.Directory.OrgContacts(ctx, org)
	if err != nil {
		return of, err
	}
	at := map[string]int{}
	for i, x := range contacts {
		at[x.ID] = i
	}
	for _, n := range list {
		row := alertNoticeRow{NoticeRow: noticeRow(n, true, a.Closed.IsZero()), Contact: n.Recipient}
		if i, ok := at[n.Recipient]; ok {
			row.Name, row.Role = contacts[i].Name, contacts[i].Role
		}
		of.Notices = append(of.Notices, row)
	}
	return of, nil
}

func (s *Server) alertNoticeAgain(ctx context.Context, c *call, in *alertNoticeIn) (empty, error) {
	_, a, _, err := s.alertSeen(ctx, c, in.Number)
	if err != nil {
		return empty{}, err
	}
	id, err := notify.ParseID(in.ID)
	if err != nil || s.Courier == nil {
		return empty{}, incident.Missing()
	}
	if !a.Closed.IsZero() {
		return empty{}, incident.Refuse(incident.Conflict, "This alert is closed: nothing about it is sent again.")
	}
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return empty{}, err
	}
	return empty{}, s.Courier.Retry(ctx, a.Log, a.Seq, id)
}
