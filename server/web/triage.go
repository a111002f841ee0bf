package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type fileReportIn struct {
	OrgPath
	Body struct {
		Ethane incident.Ethane `json:"ethane"`
		Via    incident.Via    `json:"via,omitempty" doc:"web, for one's own organisation, if absent; telephone, for what one of the hosts' people was told."`
		Phone  string          `json:"phone" doc:"Whom to ring. The directory keeps it, and forgets it thirty days after the report is closed; no log holds it."`
		Caller string          `json:"caller,omitempty" doc:"By telephone: who rang. Kept and forgotten with the number."`
	}
}

type filedAnswer struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
}

type reportsIn struct {
	State  string `query:"state" enum:"open,closed" doc:"Those that are not closed, if absent."`
	Before string `query:"before" doc:"Those before this one, by its id."`
}

type myReportsIn struct {
	Before string `query:"before" doc:"Those before this one, by its id."`
}

type reportsAnswer struct {
	Reports []policy.FiledReport `json:"reports" doc:"Newest first, 25 at a time."`
	More    bool                 `json:"more"`
}

type reportNow struct {
	policy.FiledReport
	Phone string `json:"phone,omitempty" doc:"For hosts: the end of the number, as long as it is known."`
}

type ReportPath struct {
	ID string `path:"id"`
}

type reportOnly struct {
	ReportPath
	Body empty
}

type answerReportIn struct {
	ReportPath
	Body struct {
		Text string `json:"text" doc:"At most 1,000 characters. Whoever filed it reads it."`
	}
}

type closeReportIn struct {
	ReportPath
	Body struct {
		Reason string `json:"reason" doc:"At most 1,000 characters, for the hosts alone."`
	}
}

type callerAnswer struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

type bringReportIn struct {
	InRoom
	Body struct {
		Report string `json:"report"`
	}
}

func (s *Server) mountTriage() {
	file := operation{Method: http.MethodPost, Path: "/organisations/{code}/reports", Access: Organisation, Tag: "reports", ID: "file-report", Status: http.StatusCreated,
		Summary: "Report an incident", Doc: "By somebody of the organisation; or by one of the hosts' people, as it was told by telephone.", Faults: refusals}
	operate(s, file, s.fileReport)
	operate(s, operation{Method: http.MethodGet, Path: "/my-reports", Access: SignedIn, Tag: "reports", ID: "my-reports", Summary: "The reports that I filed",
		Faults: []incident.Fault{incident.Invalid}}, s.myReports)
	operate(s, operation{Method: http.MethodGet, Path: "/reports", Access: Host, Tag: "reports", ID: "reports", Summary: "The hosts' one inbox of reports",
		Faults: []incident.Fault{incident.Invalid}}, s.reports)
	operate(s, operation{Method: http.MethodGet, Path: "/reports/{id}", Access: SignedIn, Tag: "reports", ID: "report", Summary: "A report, as I may know it",
		Doc: "Whoever filed it is not told of rooms.", Faults: []incident.Fault{incident.NotFound}}, s.report)
	act := func(act, summary string) operation {
		return operation{Method: http.MethodPost, Path: "/reports/{id}/" + act, Access: Host, Tag: "reports", ID: act + "-report", Summary: summary,
			Faults: append([]incident.Fault{incident.NotFound}, refusals...)}
	}
	operate(s, act("note", "Say that I am looking at it"), func(ctx context.Context, c *call, in *reportOnly) (reportNow, error) {
		return s.onReport(ctx, c, in.ReportPath, command.NoteReport{Report: in.ID})
	})
	operate(s, act("answer", "Tell whoever filed it something"), func(ctx context.Context, c *call, in *answerReportIn) (reportNow, error) {
		return s.onReport(ctx, c, in.ReportPath, command.AnswerReport{Report: in.ID, Text: in.Body.Text})
	})
	operate(s, act("close", "Close it"), func(ctx context.Context, c *call, in *closeReportIn) (reportNow, error) {
		return s.onReport(ctx, c, in.ReportPath, command.CloseReport{Report: in.ID, Reason: in.Body.Reason})
	})
	ring := act("call", "Be shown whom to ring")
	ring.Doc = "That somebody was shown it is an entry of the system log, stored before it goes out; the number is not in it."
	operate(s, ring, s.callReporter)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/reports", Access: Member, Tag: "reports", ID: "bring-report", Status: http.StatusCreated,
		Summary: "Bring a report into the room, for the hosts there", Faults: refusals}, s.bringReport)
}

const reportsShown = 25

// fileReport writes the log first. A crash before the number is kept leaves
// whoever filed it without an answer: they send it again.
func (s *Server) fileReport(ctx context.Context, c *call, in *fileReportIn) (filedAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return filedAnswer{}, err
	}
	b := in.Body
	caller := directory.Caller{Name: strings.TrimSpace(b.Caller), Phone: strings.TrimSpace(b.Phone)}
	if b.Via == "" {
		b.Via = incident.ViaWeb
	}
	switch {
	case !telephone(caller.Phone):
		return filedAnswer{}, incident.BadField("phone", "Give a telephone number to ring: digits, spaces and a + in front.")
	case b.Via == incident.ViaWeb && caller.Name != "":
		return filedAnswer{}, incident.BadField("caller", "Who files it is known already.")
	case len(caller.Name) > 200 || strings.ContainsFunc(caller.Name, incident.Disguises) || strings.ContainsAny(caller.Name, "\n\r"):
		return filedAnswer{}, incident.BadField("caller", "Give a name of one line, at most 200 bytes long.")
	}
	person, key := string(c.actor.Person), string(c.key)
	id := s.id("report", person, key)
	a := filedAnswer{ID: id, Reference: "REP-" + strings.ToUpper(s.id("report reference", person, key)[:7])}
	_, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, command.FileReport{Report: id, Reference: a.Reference, Org: incident.OrgID(in.Code),
		Ethane: b.Ethane, Via: b.Via, Caller: s.id("report caller", caller.Name, caller.Phone)})
	if err != nil {
		return filedAnswer{}, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return filedAnswer{}, err
	}
	if sys.Filing(id) != nil { // of one that was closed since, an old request sent again keeps nothing
		if err := s.Directory.KeepCaller(ctx, id, caller); err != nil {
			return filedAnswer{}, err
		}
		if sys, err = s.Journal.System(ctx); err != nil {
			return filedAnswer{}, err
		}
		if sys.Filing(id) == nil { // closed between the two: the follower may have looked before it was kept
			if err := s.Directory.EndCaller(ctx, id, time.Now()); err != nil {
				return filedAnswer{}, err
			}
		}
	}
	s.tellTriage(sys, "")
	return a, nil
}

// tellTriage tells the hosts' people, and whoever filed a report, to look again.
func (s *Server) tellTriage(sys *incident.System, filed incident.PersonID) {
	for id := range sys.People {
		if id == filed || policy.TriagesReports(sys, id) {
			s.tellRooms(id)
		}
	}
}

// reportID refuses what can be no report's id.
func reportID(id string) error {
	if !incident.LogID(id).Valid() {
		return incident.Missing()
	}
	return nil
}

// joinedRooms says which rooms a person is in.
func (s *Server) joinedRooms(ctx context.Context, p incident.PersonID) (func(incident.LogID) bool, error) {
	rooms, err := s.joined(ctx, p)
	return func(id incident.LogID) bool {
		return slices.ContainsFunc(rooms, func(m journal.Mine) bool { return m.Room == id })
	}, err
}

func (s *Server) listReports(ctx context.Context, c *call, q journal.ReportQuery) (reportsAnswer, error) {
	a := reportsAnswer{Reports: []policy.FiledReport{}}
	if q.Before != "" && !incident.LogID(q.Before).Valid() {
		return a, incident.BadField("before", "There is no such report.")
	}
	q.Limit = reportsShown + 1
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	in, err := s.joinedRooms(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	all, err := s.Journal.Reports(ctx, q)
	if err != nil {
		return a, err
	}
	a.More = len(all) > reportsShown
	for _, events := range all[:min(len(all), reportsShown)] {
		if r, ok := policy.ViewReport(sys, c.actor.Person, events, in); ok {
			a.Reports = append(a.Reports, r)
		}
	}
	return a, nil
}

func (s *Server) myReports(ctx context.Context, c *call, in *myReportsIn) (reportsAnswer, error) {
	if c.actor.Person == "" {
		return reportsAnswer{Reports: []policy.FiledReport{}}, nil
	}
	return s.listReports(ctx, c, journal.ReportQuery{Person: c.actor.Person, Before: in.Before})
}

func (s *Server) reports(ctx context.Context, c *call, in *reportsIn) (reportsAnswer, error) {
	open := in.State != "closed"
	return s.listReports(ctx, c, journal.ReportQuery{Open: &open, Before: in.Before})
}

// viewReport returns a report as the caller may know it; Missing if that is
// nothing.
func (s *Server) viewReport(ctx context.Context, c *call, id string) (r policy.FiledReport, events []*incident.Event, err error) {
	if err := reportID(id); err != nil {
		return r, nil, err
	}
	if events, err = s.Journal.Report(ctx, id); err != nil {
		return r, nil, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return r, nil, err
	}
	in, err := s.joinedRooms(ctx, c.actor.Person)
	if err != nil {
		return r, nil, err
	}
	r, ok := policy.ViewReport(sys, c.actor.Person, events, in)
	if !ok {
		return r, nil, incident.Missing()
	}
	return r, events, nil
}

func (s *Server) report(ctx context.Context, c *call, in *ReportPath) (reportNow, error) {
	r, _, err := s.viewReport(ctx, c, in.ID)
	if err != nil {
		return reportNow{}, err
	}
	a := reportNow{FiledReport: r}
	if r.Triage != nil {
		caller, err := s.Directory.CallerOf(ctx, r.ID)
		if err == nil {
			a.Phone = masked(directory.Channel{Kind: incident.ByVoice, Value: caller.Phone})
		} else if incident.FaultOf(err) != incident.NotFound {
			return a, err
		}
	}
	return a, nil
}

// onReport does something about a report and answers with it as it stands then.
func (s *Server) onReport(ctx context.Context, c *call, at ReportPath, cmd command.Command) (reportNow, error) {
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return reportNow{}, err
	}
	r, _, err := s.viewReport(ctx, c, at.ID)
	if err != nil {
		return reportNow{}, err
	}
	if r.Triage == nil {
		return reportNow{}, incident.Missing()
	}
	if _, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, cmd); err != nil {
		return reportNow{}, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return reportNow{}, err
	}
	events, err := s.Journal.Report(ctx, at.ID)
	if err != nil {
		return reportNow{}, err
	}
	if f := incident.FoldFiling(events); f != nil && f.Via == incident.ViaWeb {
		s.tellTriage(sys, f.Person)
	} else {
		s.tellTriage(sys, "")
	}
	return s.report(ctx, c, &at)
}

func (s *Server) callReporter(ctx context.Context, c *call, in *reportOnly) (callerAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Opens, "call", c.session.ID); err != nil {
		return callerAnswer{}, err
	}
	r, _, err := s.viewReport(ctx, c, in.ID)
	if err != nil {
		return callerAnswer{}, err
	}
	if r.Triage == nil {
		return callerAnswer{}, incident.Missing()
	}
	caller, err := s.Directory.CallerOf(ctx, r.ID)
	if err != nil {
		return callerAnswer{}, err
	}
	if _, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, command.CallReport{Report: r.ID}); err != nil {
		return callerAnswer{}, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return callerAnswer{}, err
	}
	if sys.Filing(r.ID) == nil { // it was closed since, and an old request is sent again
		return callerAnswer{}, incident.Refuse(incident.Conflict, "This report is closed.")
	}
	if caller.Name == "" {
		caller.Name = r.Triage.By
	}
	return callerAnswer{caller.Name, caller.Phone}, nil
}

// broughtOf is a report as it goes into a room, with its entry; nil if there is
// none that the caller triages and that is not closed.
func (s *Server) broughtOf(ctx context.Context, c *call, id string) (*incident.ReportBrought, incident.LogRef, error) {
	r, events, err := s.viewReport(ctx, c, id)
	if incident.FaultOf(err) == incident.NotFound {
		return nil, incident.LogRef{}, nil
	}
	if err != nil || r.Triage == nil || r.State == incident.FilingClosed {
		return nil, incident.LogRef{}, err
	}
	return &incident.ReportBrought{At: r.At, Ethane: r.Ethane, Org: r.Org, OrgName: r.OrgName, Reference: r.Reference, Report: r.ID, Via: r.Via},
		incident.LogRef{Log: s.Journal.SystemLog(), Seq: events[0].Seq}, nil
}

// bringReport writes the room's log, then what the system log holds of it. A
// crash between the two is finished by the steward.
func (s *Server) bringReport(ctx context.Context, c *call, in *bringReportIn) (receipt, error) {
	if err := s.change(c); err != nil {
		return receipt{}, err
	}
	brought, from, err := s.broughtOf(ctx, c, in.Body.Report)
	if err != nil {
		return receipt{}, err
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, command.BringReport{Report: in.Body.Report, Brought: brought, From: from})
	if err != nil {
		return receipt{}, err
	}
	for _, e := range r.Events {
		if err := s.Steward.Brought(ctx, c.room.ID, e); err != nil {
			return receipt{r.Seq}, err
		}
	}
	s.tellFiled(ctx, in.Body.Report)
	return receipt{r.Seq}, nil
}

// tellFiled is tellTriage for a report that is not closed. Without it, they find
// it when they look.
func (s *Server) tellFiled(ctx context.Context, id string) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return
	}
	filed := incident.PersonID("")
	if f := sys.Filing(id); f != nil && f.Via == incident.ViaWeb {
		filed = f.Person
	}
	s.tellTriage(sys, filed)
}

// unseenReports counts the reports that nobody looks at, for the hosts' people.
func unseenReports(sys *incident.System, p incident.PersonID) (n int) {
	if !policy.TriagesReports(sys, p) {
		return 0
	}
	for _, f := range sys.Filings {
		if f.State == incident.FilingReceived {
			n++
		}
	}
	return n
}

// forgetEvery is how often callers whose time is over are dropped.
const forgetEvery = time.Hour

// KeepCallers forgets whom to ring about reports that were closed long enough
// ago, until ctx ends. It follows the system log, so that no crash leaves one
// known for ever.
func (s *Server) KeepCallers(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		done <- s.Journal.Follow(ctx, "directory/callers", incident.SystemLog, func(ctx context.Context, _ incident.LogID, e *incident.Event) error {
			b, ok := e.Body.(*incident.ReportClosed)
			if !ok {
				return nil
			}
			return s.Directory.EndCaller(ctx, b.Report, e.Times.Recorded.Time)
		})
	}()
	t := time.NewTicker(forgetEvery)
	defer t.Stop()
	for {
		if err := s.Directory.ForgetCallers(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "callers whose time is over could not be forgotten", "error", err)
		}
		select {
		case err := <-done:
			return err
		case <-t.C:
		}
	}
}
