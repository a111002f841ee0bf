package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type preflightIn struct {
	InRoom
	Body struct {
		TLP      incident.TLP       `json:"tlp,omitempty" doc:"As the entry would be sent. Absent: the default, as in sending."`
		Audience *incident.Audience `json:"audience,omitempty" doc:"Absent: the default, as in sending."`
		ReplyTo  incident.Seq       `json:"replyTo,omitempty"`
		Entry    incident.Seq       `json:"entry,omitempty" doc:"The entry that would be widened; absent for a new one."`
		Item     bool               `json:"item,omitempty" doc:"It is an item or a tear-line: machines that read by TAXII may be given it."`
		Recorded *bool              `json:"recorded,omitempty" doc:"Whether openings of it are put on record then: no machine is given such. Absent: as it is."`
		Shown    incident.Seq       `json:"shown,omitempty" doc:"The head of what was shown before: who came in since is marked."`
	}
}

type preflightAnswer struct {
	Head          incident.Seq   `json:"head" doc:"Send it back as shown: if somebody came in since, sending is refused."`
	Members       []receiverRow  `json:"members"`
	Organisations []receivingRow `json:"organisations"`
	Feeds         []feedingRow   `json:"feeds" doc:"The organisations' machines that would be given it."`
	Unnamed       bool           `json:"unnamed" doc:"The room does not name everyone who may receive this to me. It says nothing of whether there is anybody."`
}

type receiverRow struct {
	Number   incident.MemberNo `json:"number"`
	Name     string            `json:"name" doc:"Empty where the room shows organisations only."`
	Org      incident.OrgID    `json:"org"`
	OrgName  string            `json:"orgName"`
	Role     incident.Role     `json:"role"`
	Joined10 bool              `json:"joined10" doc:"They joined in the last ten minutes."`
	Supplier bool              `json:"supplier"`
	Gained   bool              `json:"gained" doc:"They would not have received it as of shown."`
	Already  bool              `json:"already" doc:"They receive the entry as it stands, before it is widened."`
}

type receivingRow struct {
	Org      incident.OrgID `json:"org"`
	OrgName  string         `json:"orgName"`
	Supplier bool           `json:"supplier"`
	People   int            `json:"people"`
	Whole    bool           `json:"whole" doc:"Whoever joins for it later and may see earlier entries receives it too."`
}

type feedingRow struct {
	Feed    incident.Seq   `json:"feed"`
	Name    string         `json:"name" doc:"What it is for; empty where the room shows organisations only."`
	Org     incident.OrgID `json:"org"`
	OrgName string         `json:"orgName"`
	Gained  bool           `json:"gained" doc:"It would not have been given this as of shown."`
	Already bool           `json:"already" doc:"It is given the entry as it stands, before it is widened."`
}

func (s *Server) mountPreflight() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/preflight", Access: Member, Tag: "messages", ID: "preflight", Unkeyed: true,
		Summary: "Who would receive this", Doc: "Changes nothing. It is refused where the sending would be.", Faults: refusals}, s.preflight)
}

func (s *Server) preflight(ctx context.Context, c *call, in *preflightIn) (preflightAnswer, error) {
	ask := command.AskReceivers{TLP: in.Body.TLP, Audience: in.Body.Audience, Recorded: in.Body.Recorded}
	if in.Body.Item {
		ask.Kind = "item.published"
	}
	for _, of := range []struct {
		seq incident.Seq
		to  **incident.Sight
	}{{in.Body.ReplyTo, &ask.ReplyTo}, {in.Body.Entry, &ask.Entry}} {
		if of.seq == 0 {
			continue
		}
		if of.seq > 1<<62 {
			return preflightAnswer{}, incident.Missing()
		}
		sight, err := s.Journal.Sight(ctx, c.room.ID, c.actor.Person, of.seq)
		switch {
		case incident.FaultOf(err) == incident.NotFound && of.seq == in.Body.ReplyTo:
			return preflightAnswer{}, incident.BadField("replyTo", "The entry you reply to is not there for you.")
		case err != nil:
			return preflightAnswer{}, err
		}
		*of.to = &sight
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return preflightAnswer{}, err
	}
	ask.Room = room
	sight, err := ask.Sight(c.actor, c.session.Now)
	if err != nil {
		return preflightAnswer{}, err
	}
	p := policy.Receivers(room, m, sight, c.session.Now)
	gained := map[incident.MemberNo]bool{}
	if in.Body.Shown != 0 {
		had := sight.Audience
		if b := room.BookRoot(in.Body.ReplyTo); b != nil && in.Body.Audience == nil {
			had = b.AudienceAt(in.Body.Shown)
		}
		for _, of := range policy.Gained(room, m, sight, had, in.Body.Shown) {
			gained[of.Number] = true
		}
	}
	a := preflightAnswer{Head: room.Head, Members: []receiverRow{}, Organisations: []receivingRow{}, Feeds: []feedingRow{}, Unnamed: p.Unnamed}
	came := map[incident.Seq]bool{}
	if in.Body.Shown != 0 {
		for _, f := range policy.GainedFeeds(room, m, sight, in.Body.Shown, c.session.Now) {
			came[f.Root] = true
		}
	}
	for _, f := range p.Feeds {
		already := ask.Entry != nil && policy.Feeds(room, room.FeedRoot(f.Feed), *ask.Entry, c.session.Now)
		a.Feeds = append(a.Feeds, feedingRow{f.Feed, f.Name, f.Org, f.OrgName, came[f.Feed], already})
	}
	for _, r := range p.Members {
		already := ask.Entry != nil && policy.May(room, room.Numbered(r.Number), *ask.Entry)
		a.Members = append(a.Members, receiverRow{r.Number, r.Name, r.Org, r.OrgName, r.Role, r.New, r.Supplier, gained[r.Number], already})
	}
	for _, o := range p.Organisations {
		a.Organisations = append(a.Organisations, receivingRow{o.Org, o.Name, o.Supplier, o.People, o.Whole})
	}
	return a, nil
}
