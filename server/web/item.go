package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// maxItemBody bounds the body of a request that brings an item: its text and
// indicators, twice over for what JSON escapes.
const maxItemBody = 2 * incident.MaxItemBytes

// ItemBody is an item as its originator gives it.
type ItemBody struct {
	Title      string               `json:"title" doc:"One line of at most 200 bytes."`
	Text       string               `json:"text,omitempty" doc:"A subset of Markdown, never HTML; at most 32 KiB."`
	Caveats    string               `json:"caveats,omitempty" doc:"What is asked beyond the label; one line."`
	Indicators []incident.Indicator `json:"indicators,omitempty" doc:"At most 5,000."`
	Sources    []sourceBody         `json:"sources,omitempty" doc:"At most 50; absent: the originator, of whom nothing is said."`
	References []incident.Reference `json:"refs,omitempty" doc:"Outside references; never linked."`
	Expires    *time.Time           `json:"expires,omitempty" doc:"From when it is not to be acted on."`
	Review     *time.Time           `json:"review,omitempty" doc:"When its originator looks at it again."`
}

type sourceBody struct {
	Credibility incident.Credibility `json:"credibility" doc:"Admiralty 1 (confirmed) to 6 (cannot be judged)."`
	Kind        string               `json:"kind,omitempty"`
	Name        string               `json:"name,omitempty" doc:"Absent: de-attributed."`
	Received    *time.Time           `json:"received,omitempty"`
	Reliability incident.Reliability `json:"reliability" doc:"Admiralty A (completely reliable) to F (cannot be judged)."`
}

func (b ItemBody) item() incident.Item {
	i := incident.Item{Title: b.Title, Text: b.Text, Caveats: b.Caveats, Indicators: b.Indicators, Refs: b.References, Expires: given(b.Expires), Review: given(b.Review)}
	for _, s := range b.Sources {
		i.Sources = append(i.Sources, incident.Source{Credibility: s.Credibility, Kind: s.Kind, Name: s.Name, Received: given(s.Received), Reliability: s.Reliability})
	}
	return i
}

type publishIn struct {
	InRoom
	Body struct {
		ItemBody
		ChosenBody
		Overriding
		Recorded bool      `json:"recorded,omitempty" doc:"Opening it is put on the access log: it travels as an envelope."`
		Tear     *TearBody `json:"tear,omitempty" doc:"A wording that may go further, with a label and readers of its own."`

		Attachments []incident.BlobID `json:"attachments,omitempty" doc:"The ids of my uploads to this room, each whole; at most 10. They are the item's, not its tear-line's."`
	}
}

type publishAnswer struct {
	Seq  incident.Seq `json:"seq"`
	Tear incident.Seq `json:"tear,omitempty" doc:"The tear-line's number."`
}

type correctItemIn struct {
	InEntry
	Body struct {
		ItemBody
		Overriding
	}
}

type mergeIn struct {
	InEntry
	Body struct {
		Other incident.Seq `json:"other" minimum:"1" doc:"The item that is merged into this one."`
	}
}

type itemsIn struct {
	InRoom
	State   []string       `query:"state" doc:"Only live, merged or recalled ones, with commas between."`
	Overdue bool           `query:"overdue" doc:"Only live ones that are due to be looked at again, by the room's clock."`
	Expired bool           `query:"expired" doc:"Only those that are not to be acted on any more, by the room's clock."`
	Org     incident.OrgID `query:"org" doc:"Only this organisation's."`
	Before  incident.Seq   `query:"before" doc:"Only those that were published before this entry: the last of the page before."`
	Limit   int            `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

func (s *Server) mountItems() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/items", Access: Member, Tag: "intelligence", ID: "publish-item", Status: http.StatusCreated,
		Summary: "Share a piece of restricted intelligence", Faults: refusals, MaxBody: maxItemBody}, s.publishItem)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/items", Access: Member, Tag: "intelligence", ID: "items",
		Summary: "The items I may see", Doc: "A page at a time, newest first; sealed ones as envelopes. Filters that ask of what an envelope hides pass those over."}, s.items)
	about := func(method, path, id, summary, doc string) operation {
		return operation{Method: method, Path: "/rooms/{room}/items/{seq}/" + path, Access: Member, Tag: "intelligence", ID: id, Summary: summary, Doc: doc, Faults: refusals}
	}
	correct := about(http.MethodPost, "correct", "correct-item", "Say an item anew, whole", "Its originator's organisation alone. What it said before stays legible.")
	correct.MaxBody = maxItemBody
	operate(s, correct, s.correctItem)
	operate(s, about(http.MethodPost, "merge", "merge-item", "Merge another of the same originator into this one", "The sources of both stand here then; the other says where it went."), s.mergeItem)
	operate(s, about(http.MethodPost, "tearline", "publish-tearline", "Give it a wording that may go further", ""), s.publishTearline)
	operate(s, about(http.MethodPost, "sightings", "mark-sighting", "Say whether my organisation sees it", "The latest word of each organisation counts."), s.markSighting)
	list := about(http.MethodGet, "sightings", "sightings", "What organisations said of it, as far as I may see it", "The latest of each organisation, for the item and for each indicator, is what counts.")
	list.Faults = nil
	operate(s, list, s.sightings)
}

func (s *Server) publishItem(ctx context.Context, c *call, in *publishIn) (publishAnswer, error) {
	b := in.Body
	cmd := command.PublishItem{Item: b.item(), Recorded: b.Recorded, Chosen: b.chosen()}
	if b.Tear != nil {
		tear := b.Tear.tear()
		cmd.Tear = &tear
	}
	shared, err := s.attach(ctx, c, b.Attachments, func(files command.Attached) command.Command {
		cmd.Attachments = files
		return b.on(cmd)
	})
	if err != nil {
		return publishAnswer{}, err
	}
	r, err := s.do(ctx, c, shared)
	a := publishAnswer{Seq: r.Seq}
	if b.Tear != nil && err == nil {
		a.Tear = r.Seq + 1
	}
	return a, err
}

func (s *Server) items(ctx context.Context, c *call, in *itemsIn) (boardAnswer, error) {
	return s.board(ctx, c, &boardIn{InRoom: in.InRoom, Noun: "item", State: in.State, Overdue: in.Overdue, Expired: in.Expired, Org: in.Org, Before: in.Before, Limit: in.Limit})
}

func (s *Server) correctItem(ctx context.Context, c *call, in *correctItemIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.CorrectItem{Root: n, Item: in.Body.item()})
	})
}

func (s *Server) mergeItem(ctx context.Context, c *call, in *mergeIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.MergeItem{Root: n, Other: in.Body.Other} })
}
