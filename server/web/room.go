package web

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// InRoom is the path of everything about one room.
type InRoom struct {
	Room string `path:"room" doc:"The room's id."`
}

// receipt answers a command: the first entry it made.
type receipt struct {
	Seq incident.Seq `json:"seq"`
}

type roomsAnswer struct {
	Rooms       []roomRow       `json:"rooms" doc:"The rooms I am in, the liveliest first."`
	Invitations []invitationRow `json:"invitations" doc:"Rooms that wait for me to join."`
	Elsewhere   int             `json:"elsewhere" doc:"How many more rooms and invitations there are that this server cannot read while the service is renewed. Another server can."`
	Reports     int             `json:"reports" doc:"For the hosts' people: reports that nobody looks at yet; 0 for everyone else."`
}

type roomRow struct {
	ID        incident.LogID     `json:"id"`
	Reference string             `json:"reference"`
	Title     string             `json:"title"`
	Mode      incident.Mode      `json:"mode"`
	Lifecycle incident.Lifecycle `json:"lifecycle"`
	Role      incident.Role      `json:"role"`
	Org       incident.OrgID     `json:"org"`
	Head      incident.Seq       `json:"head"`
	LastAt    incident.Instant   `json:"lastAt"`
	ReadTo    incident.Seq       `json:"readTo"`
	Unread    int                `json:"unread" doc:"What I may see and have not read; counts stop at 100."`
	Mentions  int                `json:"mentions"`
	Needs     int                `json:"needs" doc:"Decisions, actions, questions to lower the severity and books that wait for my word; counts stop at 100."`
	Muted     bool               `json:"muted"`
	ReadOnly  bool               `json:"readOnly" doc:"This section is not what was signed for, and nothing more is written to it."`
	Next      incident.LogID     `json:"next,omitempty" doc:"With readOnly: the section in which the room goes on, if I am in it."`
	Section   int                `json:"section"`
	Member    incident.MemberNo  `json:"member"`
	Waiting   int                `json:"waiting" doc:"People whom I could let in: they ask, or were proposed."`

	Cell *cellRow `json:"cell,omitempty" doc:"Of a side room: whose, and beside which room."`

	Colleagues []incident.MemberNo `json:"colleagues" doc:"Who else of my organisation is in the room."`
}

type invitationRow struct {
	ID        string         `json:"id"`
	Reference string         `json:"reference"`
	Title     string         `json:"title,omitempty" doc:"Absent while a lead has not said yet that it is for me."`
	Mode      incident.Mode  `json:"mode"`
	Seat      *incident.Seat `json:"seat,omitempty" doc:"Absent with the title."`
	Rules     rulesText      `json:"rules"`
}

type rulesText struct {
	Version int       `json:"version"`
	Lines   [5]string `json:"lines"`
}

type openRoomIn struct {
	Body openRoomBody
}

type openRoomBody struct {
	Title  string           `json:"title"`
	Mode   incident.Mode    `json:"mode"`
	Roster incident.Roster  `json:"roster" doc:"What guests may know of each other: names, organisations or hosts."`
	TLP    incident.TLP     `json:"tlp,omitempty" doc:"The label entries get when none is chosen; TLP:AMBER+STRICT if absent."`
	Org    incident.OrgID   `json:"org" doc:"The host organisation the opener acts for."`
	Report incident.Methane `json:"report"`
	Clock  *startClock      `json:"clock,omitempty" doc:"Exercises: where their own clock starts."`

	Filed string `json:"filed,omitempty" doc:"The report that it is opened of, by its id. Its words come into the room, for the hosts."`

	Severity *OpeningSeverity `json:"severity,omitempty" doc:"The opener's assessment, on the scale their organisation may assess on."`
}

type startClock struct {
	At     time.Time `json:"at"`
	Factor int       `json:"factor" doc:"Exercise seconds per second, 1 to 3600."`
	Paused bool      `json:"paused"`
}

type openRoomAnswer struct {
	Room      incident.LogID `json:"room"`
	Reference string         `json:"reference"`
	Seq       incident.Seq   `json:"seq" doc:"The room's head."`
}

type snapshotAnswer struct {
	Seq      incident.Seq    `json:"seq"`
	Frontier frontier        `json:"frontier"`
	Seal     *incident.Seal  `json:"seal,omitempty" doc:"How far the room is sealed; absent before its first checkpoint."`
	State    policy.Snapshot `json:"state"`
}

// frontier is the right edge of the room's Merkle tree (RFC 6962).
type frontier struct {
	Size   uint64   `json:"size"`
	Hashes []string `json:"hashes" doc:"Base64, the largest subtree first."`
}

type titleIn struct {
	InRoom
	Body struct {
		Title string `json:"title"`
	}
}

type lifecycleIn struct {
	InRoom
	Body struct {
		To   incident.Lifecycle `json:"to"`
		Seen incident.Seq       `json:"seen" doc:"The last entry on the screen it was decided at."`
	}
}

// roomOnly is a command that says nothing but which room.
type roomOnly struct {
	InRoom
	Body empty
}

func (s *Server) mountRooms() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms", Access: SignedIn, Tag: "rooms", ID: "rooms", Summary: "My rooms and invitations"}, s.rooms)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms", Access: Host, Tag: "rooms", ID: "open-room", Status: http.StatusCreated,
		Summary: "Open an incident room", Faults: []incident.Fault{incident.Conflict}}, s.openRoom)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}", Access: Member, Tag: "rooms", ID: "room", Summary: "A room's standing facts, as I may see them",
		Doc: "What the stream sends as a snapshot."}, s.snapshot)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/title", Access: Member, Tag: "rooms", ID: "title-room", Summary: "Give the room another title",
		Faults: refusals}, s.titleRoom)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/lifecycle", Access: Member, Tag: "rooms", ID: "move-room",
		Summary: "Take a step of the incident's lifecycle", Faults: refusals}, s.moveRoom)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/reopen", Access: Member, Tag: "rooms", ID: "reopen-room",
		Summary: "Begin a new section of a closed room", Faults: refusals}, s.reopenRoom)
}

// refusals are what every command in a room may be answered with.
var refusals = []incident.Fault{incident.Forbidden, incident.Conflict}

// do appends a command to the room the call is in.
func (s *Server) do(ctx context.Context, c *call, cmd command.Command) (receipt, error) {
	if err := s.change(c); err != nil {
		return receipt{}, err
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, cmd)
	return receipt{r.Seq}, err
}

func (s *Server) rooms(ctx context.Context, c *call, _ *none) (roomsAnswer, error) {
	a := roomsAnswer{Rooms: []roomRow{}, Invitations: []invitationRow{}}
	var mine []journal.Mine
	if c.actor.Person != "" {
		var err error
		if mine, err = s.Journal.Mine(ctx, c.actor.Person); err != nil {
			return a, err
		}
	}
	marks, err := s.Directory.Marks(ctx, c.actor.Person)
	if err != nil {
		return a, err
	}
	broken, err := s.brokenOf(ctx, mine)
	if err != nil {
		return a, err
	}
	for _, x := range mine {
		if err := s.addMine(ctx, c, &a, x, marks[x.Room], broken); journal.IsNewer(err) {
			a.Elsewhere++
		} else if err != nil {
			return a, err
		}
	}
	if err := s.addWaiting(ctx, c, &a); err != nil {
		return a, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	a.Reports = unseenReports(sys, c.actor.Person)
	slices.SortFunc(a.Rooms, func(x, y roomRow) int { return cmp.Or(y.LastAt.Compare(x.LastAt.Time), cmp.Compare(x.ID, y.ID)) })
	return a, nil
}

// addMine adds what somebody has of one room: its row, or the invitation to it.
func (s *Server) addMine(ctx context.Context, c *call, a *roomsAnswer, x journal.Mine, mark directory.Mark, broken map[incident.LogID]journal.Break) error {
	switch x.State {
	case incident.Joined:
		room, m, err := s.stands(ctx, x.Room, c.actor.Person)
		if incident.FaultOf(err) == incident.NotFound {
			return nil // left or was removed since
		}
		if err != nil {
			return err
		}
		row := roomRow{ID: room.ID, Reference: room.Reference, Title: room.Title, Mode: room.Mode, Lifecycle: room.Lifecycle, Role: m.Role, Org: m.Org,
			Head: room.Head, LastAt: room.Last, ReadTo: mark.ReadTo, Muted: mark.Muted, Member: m.Number, Waiting: admissible(room, c.actor), Section: room.Section, Colleagues: colleagues(room, m)}
		if row.Cell, err = s.cellOf(ctx, room); err != nil {
			return err
		}
		counts, err := s.Journal.Counts(ctx, room, m, mark.ReadTo)
		if err != nil {
			return err
		}
		row.Unread, row.Mentions, row.Needs = counts.Unread, counts.Mentions, min(counts.Needs+answerable(room, c.actor), 100)
		if b, ok := broken[x.Room]; ok {
			row.ReadOnly = true
			if row.Next, err = s.next(ctx, b, c.actor.Person); err != nil {
				return err
			}
		}
		a.Rooms = append(a.Rooms, row)
	case incident.Invited, incident.Asked, incident.Vouched:
		row, ok, err := s.waiting(ctx, c.actor.Person, x)
		if err != nil {
			return err
		}
		if ok {
			a.Invitations = append(a.Invitations, row)
		}
	}
	return nil
}

// answerable counts the standing questions that wait for somebody like this
// person: to agree to a lower severity or to an erasure, to confirm how
// decisions are signalled.
func answerable(room *incident.Room, a incident.Actor) (n int) {
	for _, x := range room.Assessments {
		if x.Lowering != nil && policy.Permit(policy.AgreeLowering, &policy.Scene{Room: room, Actor: a, Asked: x.Lowering}) == nil {
			n++
		}
	}
	for _, e := range room.Erasures {
		if len(room.Holds) == 0 && policy.May(room, room.Member(a.Person), e.Sight()) && policy.Permit(policy.AgreeErasure, &policy.Scene{Room: room, Actor: a, Erasure: e}) == nil {
			n++
		}
	}
	n += approvable(room, a)
	for _, b := range room.Books {
		if b.Open() && b.Agreed.IsZero() && policy.Permit(policy.AgreeBook, &policy.Scene{Room: room, Actor: a, Book: b}) == nil {
			n++
		}
	}
	return n
}

// admissible counts those who wait for somebody like this person to let them
// in.
func admissible(room *incident.Room, a incident.Actor) (n int) {
	for _, m := range room.Members {
		act := policy.Vouch
		switch m.State {
		case incident.Asked:
		case incident.Proposed:
			act = policy.Admit
		default:
			continue
		}
		if policy.Permit(act, &policy.Scene{Room: room, Actor: a, Target: m}) == nil {
			n++
		}
	}
	return n
}

// colleagues lists the others of a member's organisation who are in the room.
// They know of one another whatever the roster.
func colleagues(room *incident.Room, m *incident.Member) []incident.MemberNo {
	list := []incident.MemberNo{}
	for _, of := range room.Members {
		if of.Present() && of.Org == m.Org && of.Number != m.Number {
			list = append(list, of.Number)
		}
	}
	return list
}

// addWaiting adds the invitations that were made for this very sign-in: no
// room's log says whose those are before they join.
func (s *Server) addWaiting(ctx context.Context, c *call, a *roomsAnswer) error {
	all, err := s.Directory.WaitingFor(ctx, c.session.Issuer, c.session.Subject)
	if err != nil {
		return err
	}
	for _, w := range all {
		room, err := s.Journal.Room(ctx, w.Room)
		if incident.FaultOf(err) == incident.NotFound {
			continue // the room's log does not name it yet
		}
		if journal.IsNewer(err) {
			a.Elsewhere++
			continue
		}
		if err != nil {
			return err
		}
		i := slices.IndexFunc(room.Members, func(m *incident.Member) bool { return m.Invitation == w.ID && m.State == incident.Invited })
		if i >= 0 && room.Lifecycle != incident.Closed && !room.Spent(room.Members[i], c.actor.Person) {
			a.Invitations = append(a.Invitations, invitationOf(room, room.Members[i]))
		}
	}
	return nil
}

// waiting is an invitation that this person came with, and that waits for
// them or for a lead.
func (s *Server) waiting(ctx context.Context, p incident.PersonID, x journal.Mine) (invitationRow, bool, error) {
	room, err := s.Journal.Room(ctx, x.Room)
	if err != nil {
		return invitationRow{}, false, err
	}
	m := room.MemberRoot(x.Root)
	if m == nil || m.Person != p || room.Lifecycle == incident.Closed || room.Spent(m, p) {
		return invitationRow{}, false, nil
	}
	if m.State == incident.Asked { // whoever has a link can ask
		return invitationRow{ID: m.Invitation, Reference: room.Reference, Mode: room.Mode, Rules: rulesText{Version: rulesOf(room).Version}}, true, nil
	}
	return invitationOf(room, m), true, nil
}

func invitationOf(room *incident.Room, m *incident.Member) invitationRow {
	return invitationRow{ID: m.Invitation, Reference: room.Reference, Title: room.Title, Mode: room.Mode, Seat: &m.Seat, Rules: rulesOf(room)}
}

func rulesOf(room *incident.Room) rulesText {
	if room.Rules == nil {
		return rulesText{}
	}
	return rulesText{Version: room.Rules.Version, Lines: room.Rules.Lines}
}

// openRoom registers the room, then opens it. Both can be sent again: the ids
// are derived from the key. A crash between the two is finished by the
// steward.
func (s *Server) openRoom(ctx context.Context, c *call, in *openRoomIn) (openRoomAnswer, error) {
	b := in.Body
	if err := checkClock(b); err != nil {
		return openRoomAnswer{}, err
	}
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return openRoomAnswer{}, err
	}
	person, key := string(c.actor.Person), string(c.key)
	id := incident.LogID(s.id("room", person, key))
	cmd := command.RegisterRoom{Title: b.Title, Mode: b.Mode, Roster: b.Roster, TLP: b.TLP,
		Org: b.Org, Report: b.Report, Filed: b.Filed, Room: id, Access: incident.LogID(s.id("access", person, key))}
	if err := s.openWith(ctx, c, &cmd, b.Severity); err != nil {
		return openRoomAnswer{}, err
	}
	if b.Filed != "" {
		var err error
		if cmd.Brought, _, err = s.broughtOf(ctx, c, b.Filed); err != nil {
			return openRoomAnswer{}, err
		}
	}
	r, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, cmd)
	if err != nil {
		return openRoomAnswer{}, err
	}
	for _, e := range r.Events {
		if reg, ok := e.Body.(*incident.RoomRegistered); ok {
			if err := s.Steward.Finish(ctx, e.Seq, reg); err != nil {
				return openRoomAnswer{}, err
			}
		}
	}
	if b.Clock != nil {
		_, err := s.Journal.Append(ctx, id, c.actor, follow("clock", key), command.SetClock{At: b.Clock.At, Factor: b.Clock.Factor, Paused: b.Clock.Paused})
		if err != nil {
			return openRoomAnswer{}, opening(err)
		}
	}
	room, err := s.Journal.Room(ctx, id)
	if err != nil {
		return openRoomAnswer{}, opening(err)
	}
	s.tellRooms(c.actor.Person)
	s.tellCalled(ctx, cmd.OnCall)
	if cmd.Brought != nil {
		s.tellFiled(ctx, cmd.Filed)
	}
	return openRoomAnswer{Room: id, Reference: room.Reference, Seq: room.Head}, nil
}

// opening says of a room that is registered and not open yet that it will be.
func opening(err error) error {
	if incident.FaultOf(err) == incident.NotFound {
		return incident.Refuse(incident.Unavailable, "The room is being opened. Send this again in a moment.")
	}
	return err
}

// checkClock refuses a clock that SetClock would refuse, before the room is
// there.
func checkClock(b openRoomBody) error {
	switch {
	case b.Clock == nil:
		return nil
	case b.Mode != incident.ModeExercise:
		return incident.BadField("clock", "Only an exercise has a clock of its own.")
	case b.Clock.Factor < 1 || b.Clock.Factor > 3600:
		return incident.BadField("clock.factor", "Choose a speed from 1 to 3600.")
	case b.Clock.At.IsZero():
		return incident.BadField("clock.at", "Say where the exercise's clock starts.")
	}
	return command.ClockWithin("clock.at", b.Clock.At, time.Now())
}

func (s *Server) snapshot(ctx context.Context, c *call, _ *InRoom) (snapshotAnswer, error) {
	for {
		size, hashes, err := s.Journal.Frontier(ctx, c.room.ID)
		if err != nil {
			return snapshotAnswer{}, err
		}
		room, m, err := s.stands(ctx, c.room.ID, c.actor.Person)
		if err != nil {
			return snapshotAnswer{}, err
		}
		if uint64(room.Head)+1 != size {
			continue // an entry came between the two; they must be of one moment
		}
		f := frontier{Size: size, Hashes: []string{}}
		for _, h := range hashes {
			f.Hashes = append(f.Hashes, base64.StdEncoding.EncodeToString(h[:]))
		}
		a := snapshotAnswer{Seq: room.Head, Frontier: f, State: policy.Snap(room, m)}
		if s.Notary != nil {
			a.Seal, err = s.Notary.Seal(ctx, c.room.ID)
		}
		return a, err
	}
}

func (s *Server) titleRoom(ctx context.Context, c *call, in *titleIn) (receipt, error) {
	return s.do(ctx, c, command.TitleRoom{Title: in.Body.Title})
}

// moveRoom holds the step against where the room stood on the lead's screen:
// a move after the entry they had seen is a conflict that says so.
func (s *Server) moveRoom(ctx context.Context, c *call, in *lifecycleIn) (receipt, error) {
	from, err := s.stoodAt(ctx, c, in.Body.Seen)
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.MoveRoom{To: in.Body.To, From: from})
}

// stoodAt finds the lifecycle at an entry, from the room's moves before it.
func (s *Server) stoodAt(ctx context.Context, c *call, seen incident.Seq) (incident.Lifecycle, error) {
	if seen == 0 {
		return "", nil // nothing was seen, nothing can have moved since
	}
	at := incident.Open
	after := incident.Seq(0)
	for {
		rows, err := s.Journal.Page(ctx, c.room.ID, c.actor.Person, journal.Query{After: after, Before: seen + 1, Roots: []incident.Seq{1}, Later: true})
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			after = incident.Seq(row.Entry.Seq)
			if e := policy.View(c.room, c.member, row.Sight, row.Entry).Event(); e != nil {
				switch b := e.Body.(type) {
				case *incident.RoomMoved:
					at = b.To
				case *incident.RoomReopened:
					at = incident.Open
				}
			}
		}
		if len(rows) < journal.MaxPage {
			return at, nil
		}
	}
}

func (s *Server) reopenRoom(ctx context.Context, c *call, _ *roomOnly) (receipt, error) {
	main, err := s.main(ctx, c)
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.ReopenRoom{Parent: main})
}
