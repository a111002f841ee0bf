package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type tokenRow struct {
	ID      string           `json:"id"`
	Name    string           `json:"name"`
	Scopes  []string         `json:"scopes"`
	Issued  incident.Instant `json:"issued"`
	Expires incident.Instant `json:"expires"`
	Revoked bool             `json:"revoked"`
}

type tokensAnswer struct {
	Tokens []tokenRow `json:"tokens"`
}

type issueTokenIn struct {
	Body struct {
		Name   string   `json:"name"`
		Scopes []string `json:"scopes"`
		Days   int      `json:"days" doc:"1 to 365."`
	}
}

type issueTokenAnswer struct {
	Token string `json:"token" doc:"Shown this once."`
}

type TokenPath struct {
	ID string `path:"id"`
}

func (s *Server) mountAdminTokens() {
	operate(s, operation{Method: http.MethodGet, Path: "/admin/tokens", Access: Admin, Tag: "administration", ID: "admin-tokens", Summary: "Service tokens"}, s.adminTokens)
	operate(s, operation{Method: http.MethodPost, Path: "/admin/tokens", Access: Admin, Tag: "administration", ID: "issue-token", Status: http.StatusCreated,
		Summary: "Issue a service token", Doc: "The token is in this answer and nowhere else. Sent again it is a conflict.", Faults: refusals}, s.issueToken)
	operateEmpty(s, operation{Method: http.MethodDelete, Path: "/admin/tokens/{id}", Access: Admin, Tag: "administration", ID: "revoke-token", Summary: "End a service token"}, s.revokeToken)
}

func (s *Server) adminTokens(ctx context.Context, _ *call, _ *none) (tokensAnswer, error) {
	a := tokensAnswer{Tokens: []tokenRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	for _, t := range sys.Tokens {
		a.Tokens = append(a.Tokens, tokenRow{t.ID, t.Name, append([]string{}, t.Scopes...), t.Issued, t.Expires, t.Revoked})
	}
	slices.SortFunc(a.Tokens, func(x, y tokenRow) int { return cmp.Or(y.Issued.Compare(x.Issued.Time), cmp.Compare(x.ID, y.ID)) })
	return a, nil
}

// issueToken writes the entry first. A crash before the secret is made leaves
// an entry whose token nobody has.
func (s *Server) issueToken(ctx context.Context, c *call, in *issueTokenIn) (issueTokenAnswer, error) {
	b := in.Body
	if b.Days < 1 || b.Days > 365 {
		return issueTokenAnswer{}, incident.BadField("days", "A token lasts from 1 to 365 days.")
	}
	id, expires := s.id("token", string(c.actor.Person), string(c.key)), time.Now().Add(time.Duration(b.Days)*24*time.Hour)
	r, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, command.IssueToken{ID: id, Name: b.Name, Scopes: b.Scopes, Expires: expires})
	if err != nil {
		return issueTokenAnswer{}, err
	}
	if r.Repeat {
		return issueTokenAnswer{}, incident.Refuse(incident.Conflict, "This token was issued already, and is not shown twice. Revoke it and issue another.")
	}
	token, err := s.Identity.IssueToken(ctx, id, expires)
	return issueTokenAnswer{token}, err
}

func (s *Server) revokeToken(ctx context.Context, c *call, in *TokenPath) (none, error) {
	c.key = follow("revoke", in.ID)
	_, err := s.toSystem(ctx, c, command.RevokeToken{ID: in.ID})
	return none{}, err
}
