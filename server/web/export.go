package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/export"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type requestExportIn struct {
	InRoom
	Body struct {
		Basis     incident.Basis     `json:"basis" enum:"inquiries_act_21,court_order,statutory,foi_eir,internal_review,other" doc:"What entitles the recipient to it."`
		BasisText string             `json:"basisText,omitempty" doc:"Its reference; for statutory and other, what it is. One line of at most 300 characters."`
		From      incident.Seq       `json:"from" minimum:"1" doc:"The first entry."`
		To        incident.Seq       `json:"to" minimum:"1" doc:"The last entry; there must be one of that number."`
		Purpose   string             `json:"purpose" doc:"What it is for. At most 1,000 characters."`
		Recipient incident.Recipient `json:"recipient"`
		Until     time.Time          `json:"until" doc:"Until when it may be taken: within a year."`
	}
}

type redactExportIn struct {
	InEntry
	Body struct {
		Redactions []incident.Redaction `json:"redactions,omitempty" doc:"What to leave out; at most 100 at once. One of the same entry, slot and field replaces an earlier one. A slot is withheld as a whole; with field and spans, a wording without them is given in its stead. Spans count Unicode code points of the decoded text that field, a JSON pointer into the slot, names: from is the first taken out, to the first that stays."`
		Drop       []incident.Place     `json:"drop,omitempty" doc:"Proposals to take back."`
		Seen       incident.Seq         `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
	}
}

type answerExportIn struct {
	InEntry
	Body struct {
		Answer     incident.Release     `json:"answer" enum:"release,redact,withhold"`
		Entries    []incident.Seq       `json:"entries" doc:"Which of the restricted entries of my organisation this answers for, at most 100 at once."`
		Ground     incident.Ground      `json:"ground,omitempty" doc:"Of withhold."`
		Reason     string               `json:"reason,omitempty" doc:"Of withhold. It goes to the recipient."`
		Redactions []incident.Redaction `json:"redactions,omitempty" doc:"Of redact: in entries of those objects."`
		Seen       incident.Seq         `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
	}
}

type takeExportIn struct {
	InEntry
	Body empty
}

type exportsIn struct{ InRoom }

type askedIn struct {
	InRoom
	After incident.Seq `query:"after" doc:"Only entries after this one, of all exports."`
	Limit int          `query:"limit" default:"100" minimum:"1" maximum:"200"`
}

type restrictedIn struct {
	InEntry
	After incident.Seq `query:"after" doc:"Only entries after this one."`
	Limit int          `query:"limit" default:"100" minimum:"1" maximum:"200"`
}

// exportRow is an export as those who see it do.
type exportRow struct {
	Root      incident.Seq         `json:"root"`
	State     incident.ExportState `json:"state" enum:"requested,agreed,approved,refused,withdrawn"`
	Over      bool                 `json:"over" doc:"Its time has passed: nothing more can be done about it."`
	Basis     incident.Basis       `json:"basis"`
	BasisText string               `json:"basisText"`
	From      incident.Seq         `json:"from"`
	To        incident.Seq         `json:"to"`
	Purpose   string               `json:"purpose"`
	Recipient incident.Recipient   `json:"recipient"`
	Until     incident.Instant     `json:"until"`
	By        incident.By          `json:"by"`
	Asked     incident.Instant     `json:"asked"`
	Agreed    []exportAct          `json:"agreed" doc:"The hosts that have agreed."`
	Waiting   []incident.OrgID     `json:"waiting" doc:"The hosts that have yet to agree."`
	Approved  *exportApproval      `json:"approved"`
	Ended     string               `json:"ended" doc:"Why it was refused or withdrawn."`
	Redacted  []exportRedaction    `json:"redacted" doc:"What is left out by redaction, as it stands."`
	Changed   incident.Seq         `json:"changed" doc:"The entry that last changed it: what seen must not be before."`
	May       []policy.Act         `json:"may" doc:"What I may do about it as it stands. Whether the range is sealed and the second factor fresh is asked when it is done."`
}

type exportAct struct {
	By incident.By      `json:"by"`
	At incident.Instant `json:"at"`
}

type exportApproval struct {
	By         incident.By      `json:"by"`
	At         incident.Instant `json:"at"`
	Seq        incident.Seq     `json:"seq"`
	Checkpoint uint64           `json:"checkpoint" doc:"Entries that the checkpoint it rests on covers."`
}

type exportRedaction struct {
	incident.Redaction
	By         incident.By  `json:"by"`
	Seq        incident.Seq `json:"seq" doc:"The entry that says so."`
	Originator bool         `json:"originator" doc:"Its originator's own: only they change it."`
}

type namedRow struct {
	Code  string `json:"code"`
	Words string `json:"words"`
}

type exportsAnswer struct {
	Exports []exportRow  `json:"exports" doc:"The newest first."`
	Bases   []namedRow   `json:"bases"`
	Grounds []namedRow   `json:"grounds"`
	Head    incident.Seq `json:"head"`
}

type exportAnswer struct {
	Export exportRow    `json:"export"`
	Head   incident.Seq `json:"head"`
}

type restrictedRow struct {
	Entry  incident.Seq      `json:"entry"`
	Org    incident.OrgID    `json:"org" doc:"Whose it is."`
	TLP    incident.TLP      `json:"tlp"`
	Answer incident.Release  `json:"answer" enum:"release,redact,withhold,," doc:"Empty while it is not answered: then it is left out, and listed as unanswered."`
	Ground incident.Ground   `json:"ground"`
	Reason string            `json:"reason"`
	At     *incident.Instant `json:"at"`
	Mine   bool              `json:"mine" doc:"I may answer for it."`
}

type restrictedAnswer struct {
	Entries []restrictedRow `json:"entries" doc:"Those that I may see, ascending. What I may not see is asked of its originator all the same."`
	Next    incident.Seq    `json:"next" doc:"Go on with after set to this; 0 when there is no more."`
}

// question is what an organisation is asked about an export that it does not
// see: which of its own entries may go to whom.
type question struct {
	Export       incident.Seq     `json:"export" doc:"What to answer."`
	Organisation string           `json:"organisation" doc:"The recipient's."`
	Role         string           `json:"role" doc:"The recipient's."`
	Basis        incident.Basis   `json:"basis"`
	Until        incident.Instant `json:"until" doc:"What is not answered until it is approved, or this has passed, is left out and listed as unanswered."`
	Entries      []restrictedRow  `json:"entries"`
}

type askedAnswer struct {
	Questions []question    `json:"questions"`
	Entries   []policy.Seen `json:"entries" doc:"The entries asked about, as I see them anyway."`
	Grounds   []namedRow    `json:"grounds"`
	More      bool          `json:"more" doc:"There are others: go on with after."`
	Head      incident.Seq  `json:"head"`
}

type suggestionRow struct {
	Entry  incident.Seq    `json:"entry"`
	Slot   int             `json:"slot"`
	Field  string          `json:"field"`
	Spans  []incident.Span `json:"spans" doc:"None: the whole slot."`
	Ground incident.Ground `json:"ground"`
	Why    string          `json:"why"`
}

type suggestionsAnswer struct {
	Suggestions []suggestionRow `json:"suggestions" doc:"Found just now in what I see, and kept nowhere."`
	Next        incident.Seq    `json:"next" doc:"Go on with after set to this; 0 when the end of the range was reached."`
}

func (s *Server) mountExports() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/exports", Access: Member, Tag: "exports", ID: "request-export", Status: http.StatusCreated,
		Summary: "Ask that a named recipient be given a range of the record", Doc: "A lead, a deputy or an auditor. A lead, deputy or liaison of each host agrees.", Faults: refusals}, s.requestExport)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/exports", Access: Member, Tag: "exports", ID: "exports",
		Summary: "The exports that I may see", Doc: "The hosts see them, and whoever asked for one."}, s.exports)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/exports/asked", Access: Member, Tag: "exports", ID: "asked-of-mine",
		Summary: "What is asked of my organisation", Doc: "Restricted entries of my organisation that an export would give out, and that I see. An organisation learns nothing else of an export."}, s.askedOfMine)
	about := func(path, id, summary, doc string, more ...incident.Fault) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/exports/{seq}/" + path, Access: Member, Tag: "exports", ID: id, Summary: summary, Doc: doc,
			Faults: append(slices.Clone(refusals), more...)}
	}
	read := func(path, id, summary, doc string) operation {
		return operation{Method: http.MethodGet, Path: "/rooms/{room}/exports/{seq}" + path, Access: Member, Tag: "exports", ID: id, Summary: summary, Doc: doc}
	}
	operate(s, read("", "export", "One export", ""), s.oneExport)
	operate(s, read("/restricted", "export-restricted", "The restricted entries of its range, and what their originators answered", "Those that I may see."), s.restricted)
	operate(s, read("/suggestions", "export-suggestions", "What might be left out", "NHS numbers, and what came from a security body."), s.suggestions)
	operate(s, about("agree", "agree-export", "Agree to it, for my host organisation", "A lead, deputy or liaison, of each host."), s.agreeExport)
	operate(s, about("refuse", "refuse-export", "Refuse it, with a reason", "A lead, deputy or liaison of a host, until it is approved."), s.refuseExport)
	operate(s, about("redact", "redact-export", "Propose what to leave out, or take a proposal back", ""), s.redactExport)
	operate(s, about("answer", "answer-export", "Answer for restricted entries of my organisation", "Whoever speaks for their originator and sees them. What is not asked of me is not there."), s.answerExport)
	operate(s, about("approve", "approve-export", "Approve it as it stands", "A second person, with a second factor given for this. It fixes the checkpoint, the range and every redaction.", incident.StepUp), s.approveExport)
	operate(s, about("withdraw", "withdraw-export", "Withdraw it", "A lead or deputy, or who asked for it; also after it was approved."), s.withdrawExport)
}

func (s *Server) requestExport(ctx context.Context, c *call, in *requestExportIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, command.RequestExport{ExportRequested: incident.ExportRequested{Basis: b.Basis, BasisText: b.BasisText, From: b.From, To: b.To,
		Purpose: b.Purpose, Recipient: b.Recipient, Until: incident.At(b.Until)}})
}

func (s *Server) agreeExport(ctx context.Context, c *call, in *seenIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.AgreeExport{Root: n, Seen: in.Body.Seen} })
}

func (s *Server) refuseExport(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return command.RefuseExport{Root: n, Seen: in.Body.Seen, Reason: in.Body.Reason}
	})
}

func (s *Server) withdrawExport(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return command.WithdrawExport{Root: n, Seen: in.Body.Seen, Reason: in.Body.Reason}
	})
}

func (s *Server) redactExport(ctx context.Context, c *call, in *redactExportIn) (receipt, error) {
	if err := s.fit(ctx, c, in.Body.Redactions); err != nil {
		return receipt{}, err
	}
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return command.RedactExport{Root: n, Seen: in.Body.Seen, Redactions: in.Body.Redactions, Drop: in.Body.Drop}
	})
}

func (s *Server) answerExport(ctx context.Context, c *call, in *answerExportIn) (receipt, error) {
	b := in.Body
	if err := s.fit(ctx, c, b.Redactions); err != nil {
		return receipt{}, err
	}
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return command.AnswerExport{Root: n, Seen: b.Seen, ExportAnswered: incident.ExportAnswered{Answer: b.Answer, Entries: b.Entries, Ground: b.Ground, Reason: b.Reason, Redactions: b.Redactions}}
	})
}

// fit looks up whether spans lie within the texts they are of. What is in an
// envelope it looks at too, for who may open it: they chose the spans of what
// they read. Of what the asker may not see it says nothing: that is refused
// where the rest is judged.
func (s *Server) fit(ctx context.Context, c *call, list []incident.Redaction) error {
	for _, d := range list {
		if len(d.Spans) == 0 || d.Slot < 0 || d.Slot >= incident.Slots || d.Entry == 0 || d.Entry > c.room.Head {
			continue
		}
		rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, journal.Query{After: d.Entry - 1, Before: d.Entry + 1, Limit: 1})
		if err != nil {
			return err
		}
		room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
		if err != nil {
			return err
		}
		if len(rows) != 1 {
			continue
		}
		if fits, ok := policy.Fits(room, m, rows[0].Sight, rows[0].Entry, d); ok && !fits {
			return incident.BadField("redactions", "The spans do not lie within that text of entry %d. Mark them again.", d.Entry)
		}
	}
	return nil
}

// approveExport fetches what the notary has sealed; nothing of it is the
// client's.
func (s *Server) approveExport(ctx context.Context, c *call, in *seenIn) (receipt, error) {
	root, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	size, note, keys, err := s.Export.Newest(ctx, c.room.ID)
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.ApproveExport{Root: root, Seen: in.Body.Seen, Sealed: command.Sealed{Size: size, Note: note, Policy: keys}})
}

func (s *Server) exports(ctx context.Context, c *call, _ *exportsIn) (exportsAnswer, error) {
	a := exportsAnswer{Exports: []exportRow{}, Bases: inWords(incident.Bases), Grounds: inWords(incident.Grounds), Head: c.room.Head}
	for _, x := range slices.Backward(c.room.Exports) {
		if policy.Sees(c.room, c.member, x.Sight) != policy.Open {
			continue
		}
		row, err := s.exportRow(ctx, c, x.Root)
		if incident.FaultOf(err) == incident.NotFound {
			continue // narrowed meanwhile
		}
		if err != nil {
			return a, err
		}
		a.Exports = append(a.Exports, row)
	}
	return a, nil
}

func inWords[T ~string](list []incident.Named[T]) []namedRow {
	rows := []namedRow{}
	for _, n := range list {
		rows = append(rows, namedRow{string(n.Code), n.Words})
	}
	return rows
}

func (s *Server) oneExport(ctx context.Context, c *call, in *InEntry) (exportAnswer, error) {
	root, err := in.seq()
	if err != nil {
		return exportAnswer{}, err
	}
	row, err := s.exportRow(ctx, c, root)
	return exportAnswer{row, c.room.Head}, err
}

// export returns an export that the member sees, as it stands. What it is made
// of is read by the house and judged by the room as it stands after.
func (s *Server) export(ctx context.Context, c *call, root incident.Seq) (*incident.Room, *incident.Member, *incident.Object, error) {
	if !slices.ContainsFunc(c.room.Exports, func(x incident.Outgoing) bool { return x.Root == root }) {
		return nil, nil, nil, incident.Missing()
	}
	o, err := s.Journal.Object(ctx, c.room.ID, root)
	if err != nil {
		return nil, nil, nil, err
	}
	room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
	if err != nil {
		return nil, nil, nil, err
	}
	if o == nil || o.Export == nil || policy.Sees(room, m, o.Sight()) != policy.Open {
		return nil, nil, nil, incident.Missing()
	}
	o.Export.Settle(room.Hosts)
	return room, m, o, nil
}

func (s *Server) exportRow(ctx context.Context, c *call, root incident.Seq) (exportRow, error) {
	room, m, o, err := s.export(ctx, c, root)
	if err != nil {
		return exportRow{}, err
	}
	x := o.Export
	q := x.Request
	row := exportRow{Root: root, State: x.State, Over: x.Over(incident.At(c.session.Now)), Basis: q.Basis, BasisText: q.BasisText, From: q.From, To: q.To, Purpose: q.Purpose,
		Recipient: q.Recipient, Until: q.Until, By: x.By, Asked: x.Asked, Agreed: []exportAct{}, Waiting: []incident.OrgID{}, Ended: x.Ended, Redacted: []exportRedaction{},
		Changed: x.Changed, May: []policy.Act{}}
	for _, a := range x.Agreed {
		row.Agreed = append(row.Agreed, exportAct{a.By, a.At})
	}
	for _, h := range room.Hosts {
		if !x.Has(h) {
			row.Waiting = append(row.Waiting, h)
		}
	}
	if v := x.Approved; v != nil {
		row.Approved = &exportApproval{v.By, v.At, v.Seq, v.Checkpoint}
	}
	for _, l := range x.Proposed {
		row.Redacted = append(row.Redacted, exportRedaction{l.Redaction, l.By, l.Seq, false})
	}
	for _, root := range answered(x) {
		sight, err := s.Journal.Sight(ctx, room.ID, c.actor.Person, root)
		if err != nil {
			return row, err
		}
		if !policy.May(room, m, sight) {
			continue // what is said of it is said of what they may not know
		}
		for _, d := range x.Answers[root].Redactions {
			if !slices.ContainsFunc(row.Redacted, func(r exportRedaction) bool {
				return r.Originator && r.Seq == x.Answers[root].Seq && r.Place() == d.Place()
			}) {
				row.Redacted = append(row.Redacted, exportRedaction{d, x.Answers[root].By, x.Answers[root].Seq, true})
			}
		}
	}
	row.May = s.mayDo(room, m, c, o)
	return row, nil
}

func answered(x *incident.Export) []incident.Seq {
	var list []incident.Seq
	for n, a := range x.Answers {
		if a.Answer == incident.Redacted {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list
}

// mayDo lists what the member may do about an export as it stands.
func (s *Server) mayDo(room *incident.Room, m *incident.Member, c *call, o *incident.Object) []policy.Act {
	acts := map[incident.ExportState][]policy.Act{
		incident.ExportIsRequested: {policy.AgreeExport, policy.RefuseExport, policy.RedactExport, policy.WithdrawExport},
		incident.ExportIsAgreed:    {policy.RefuseExport, policy.RedactExport, policy.ApproveExport, policy.WithdrawExport},
		incident.ExportIsApproved:  {policy.TakeExport, policy.WithdrawExport},
	}[o.Export.State]
	may := []policy.Act{}
	if o.Export.Over(incident.At(c.session.Now)) {
		return may
	}
	for _, act := range acts {
		if act == policy.AgreeExport && o.Export.Has(m.Org) {
			continue
		}
		if policy.Permit(act, &policy.Scene{Room: room, Actor: c.actor, Object: o, Now: c.session.Now}) == nil {
			may = append(may, act)
		}
	}
	return may
}

func (s *Server) restricted(ctx context.Context, c *call, in *restrictedIn) (restrictedAnswer, error) {
	root, err := in.seq()
	if err != nil {
		return restrictedAnswer{}, err
	}
	_, _, o, err := s.export(ctx, c, root)
	if err != nil {
		return restrictedAnswer{}, err
	}
	a := restrictedAnswer{Entries: []restrictedRow{}}
	a.Entries, a.Next, err = s.restrictedOf(ctx, c, o.Export, "", in.After, in.Limit, func(room *incident.Room, m *incident.Member, sight incident.Sight) bool {
		return policy.May(room, m, sight) && policy.Restricted(room.Hosts, sight)
	})
	return a, err
}

// restrictedOf lists restricted entries of an export's range that let takes,
// ascending; next is where to go on, 0 at the end. Those it does not take count
// for nothing.
func (s *Server) restrictedOf(ctx context.Context, c *call, x *incident.Export, org incident.OrgID, after incident.Seq, limit int,
	let func(*incident.Room, *incident.Member, incident.Sight) bool) (list []restrictedRow, next incident.Seq, err error) {
	list = []restrictedRow{}
	from := max(x.Request.From, after+1)
	for from <= x.Request.To {
		sights, err := s.Journal.Restricted(ctx, c.room, c.actor.Person, org, from, x.Request.To, journal.MaxPage)
		if err != nil {
			return list, 0, err
		}
		room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
		if err != nil {
			return list, 0, err
		}
		for _, sight := range sights {
			from = sight.Root + 1
			if !let(room, m, sight) {
				continue
			}
			if len(list) == limit {
				return list, list[limit-1].Entry, nil
			}
			row := restrictedRow{Entry: sight.Root, Org: sight.Org, TLP: sight.TLP, Mine: policy.MayRelease(room, m, sight)}
			if v, ok := x.Answers[sight.Root]; ok {
				at := v.At
				row.Answer, row.Ground, row.Reason, row.At = v.Answer, v.Ground, v.Reason, &at
			}
			list = append(list, row)
		}
		if len(sights) < journal.MaxPage {
			break
		}
	}
	return list, 0, nil
}

// askedOfMine says what is asked of the member's organisation, whether they see
// the exports or not: of an export nobody has agreed to, or in which nothing is
// theirs, there is nothing here.
func (s *Server) askedOfMine(ctx context.Context, c *call, in *askedIn) (askedAnswer, error) {
	a := askedAnswer{Questions: []question{}, Entries: []policy.Seen{}, Grounds: inWords(incident.Grounds), Head: c.room.Head}
	if !policy.Speaks(c.member) {
		return a, nil
	}
	var roots []incident.Seq
	for _, out := range c.room.Exports {
		if out.Ended || out.Approver != 0 {
			continue
		}
		o, err := s.Journal.Object(ctx, c.room.ID, out.Root)
		if err != nil {
			return a, err
		}
		if o == nil || o.Export == nil {
			continue
		}
		x := o.Export.Settle(c.room.Hosts)
		if x.State != incident.ExportIsAgreed || x.Over(incident.At(c.session.Now)) {
			continue
		}
		list, next, err := s.restrictedOf(ctx, c, x, c.member.Org, in.After, in.Limit, policy.MayRelease)
		if err != nil {
			return a, err
		}
		if len(list) == 0 {
			continue
		}
		a.More = a.More || next != 0
		a.Questions = append(a.Questions, question{Export: out.Root, Organisation: x.Request.Recipient.Organisation, Role: x.Request.Recipient.Role, Basis: x.Request.Basis,
			Until: x.Request.Until, Entries: list})
		for _, r := range list {
			roots = append(roots, r.Entry)
		}
	}
	if len(roots) == 0 {
		return a, nil
	}
	slices.Sort(roots)
	var err error
	a.Entries, err = s.about(ctx, c, journal.Query{Roots: slices.Compact(roots)})
	return a, err
}

// suggestScan is how many entries one request for suggestions looks at.
const suggestScan = 2_000

func (s *Server) suggestions(ctx context.Context, c *call, in *restrictedIn) (suggestionsAnswer, error) {
	a := suggestionsAnswer{Suggestions: []suggestionRow{}}
	root, err := in.seq()
	if err != nil {
		return a, err
	}
	_, _, o, err := s.export(ctx, c, root)
	if err != nil {
		return a, err
	}
	if err := s.limiter.take(s.Config.Limits.Searches, "search", c.session.ID); err != nil {
		return a, err
	}
	at := max(o.Export.Request.From-1, in.After)
	for scanned := 0; at < o.Export.Request.To; {
		rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, journal.Query{After: at, Before: o.Export.Request.To + 1, Limit: 500})
		if err != nil {
			return a, err
		}
		room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
		if err != nil {
			return a, err
		}
		for _, row := range rows {
			at = incident.Seq(row.Entry.Seq)
			for _, g := range export.Suggest(room, policy.View(room, m, row.Sight, row.Entry), row.Sight.Org) {
				spans := append([]incident.Span{}, g.Spans...)
				a.Suggestions = append(a.Suggestions, suggestionRow{g.Entry, g.Slot, g.Field, spans, g.Ground, g.Why})
			}
			if len(a.Suggestions) >= in.Limit {
				a.Next = at
				return a, nil
			}
		}
		if scanned += len(rows); len(rows) == 0 {
			break
		}
		if scanned >= suggestScan && at < o.Export.Request.To {
			a.Next = at
			break
		}
	}
	return a, nil
}
