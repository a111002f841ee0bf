package torture

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/hub"
	"wardroom/server/incident"
	"wardroom/server/journal"
	finder "wardroom/server/search"
	"wardroom/server/servertest"
)

// stage is what all plays of a test share: one deployment, its people, one
// hub.
type stage struct {
	t      *testing.T
	h      *servertest.House
	hub    *hub.Hub
	walls  []wall // hubs with one wall down, to which everybody listens too in every other play
	search *finder.Searcher
	people []incident.Actor // the first opens every room, the last joins none
	warm   bool             // all rooms are ready in the hub from their first entry
}

// wall is a hub of which one wall stands alone; channel is what comes by it.
type wall struct {
	hub     *hub.Hub
	channel string
}

var cast = []struct {
	name string
	org  incident.OrgID
	role incident.Role
}{
	{"Priya Anand", "DSC", incident.Lead}, {"Dev Rao", "NCSC", incident.Deputy}, {"Rowan Ash", "NCSC", incident.Liaison},
	{"Sam Okafor", "X1N", incident.Representative}, {"Kim Doyle", "X1N", incident.Representative}, {"Ellis Byrne", "X2E", incident.Representative},
	{"Noor Haddad", "X3F", incident.Representative}, {"Orla Quinn", "X3F", incident.Observer}, {"Ada Voss", "AUD", incident.Auditor},
	{"Otto Lind", "X4S", incident.Representative},
}

func newStage(t *testing.T) *stage {
	h := servertest.NewHouse(t)
	st := &stage{t: t, h: h, hub: hub.New(hub.Options{Journal: h.Journal}), search: finder.New(h.Journal)}
	t.Cleanup(st.hub.Close)
	for _, c := range cast {
		st.people = append(st.people, h.Person(c.name, c.org))
	}
	return st
}

// play is one random history of one room. Every text of it carries a canary:
// 128 random bits that stand nowhere else.
type play struct {
	*stage
	rng  *rand.Rand
	room incident.LogID
	fold *incident.Room // at the head

	roots   []incident.Seq                                                   // of messages and the like, oldest first
	made    []made                                                           // the decisions and actions among them
	books   []incident.Seq                                                   // roots of loggists' books
	lines   []incident.Seq                                                   // roots of the lines in them
	members []incident.Seq                                                   // roots of memberships
	paper   *servertest.Paper                                                // where it is played; nil for the house's journal
	via     func(incident.Actor, command.Command) ([]*incident.Event, error) // with a paper: how acts come onto it; nil: at once
	hubs    []wall
	ears    map[incident.PersonID][]*ear // one on each hub
	every   []*ear                       // also those that have ended
	tee     []egress
	factors time.Time // when anybody last gave a second factor

	// avoid says which entries the play goes on without; nil for none.
	avoid func(incident.Seq) bool
	// told is called after every act that went through; nil for none.
	told func()
}

// factor is a second factor given now. Each is given at a time of its own, as
// the record keeps it: on paper two acts take less than a millisecond, and
// whether both fell into one would not be the seed's to say.
func (p *play) factor() time.Time {
	if now := time.Now(); now.Sub(p.factors) > time.Millisecond {
		p.factors = now
	} else {
		p.factors = p.factors.Add(time.Millisecond)
	}
	return p.factors
}

// egress is something a person got, and the head it was given at.
type egress struct {
	who     incident.PersonID
	head    incident.Seq
	channel string
	bytes   []byte
}

var rosters = []incident.Roster{incident.RosterNames, incident.RosterOrganisations, incident.RosterHosts}

func (st *stage) newPlay(seed uint64) *play { return st.playIn("", seed) }

// playIn is a play in a room of this mode; of none, chance has it.
func (st *stage) playIn(mode incident.Mode, seed uint64) *play {
	p := &play{stage: st, rng: rand.New(rand.NewPCG(seed, 1)), ears: map[incident.PersonID][]*ear{}}
	p.hubs = []wall{{st.hub, "stream"}}
	if seed%4 < 2 {
		p.hubs = append(p.hubs, st.walls...)
	}
	if drawn := pick(p.rng, []incident.Mode{incident.ModeIncident, incident.ModeExercise}); mode == "" {
		mode = drawn
	}
	p.room = st.h.OpenRoom(st.people[0], mode, rosters[p.rng.IntN(3)])
	p.roots, p.members = []incident.Seq{4}, []incident.Seq{2}
	p.refold()
	if seed%2 == 0 || st.warm {
		// The hub keeps the room ready from its first entry on; otherwise it
		// reads again what is older than its first listener.
		zero := incident.Seq(0)
		for _, w := range p.hubs {
			e := listen(w.hub, st.people[0], p.room, &zero)
			if err := e.await(p.fold.Head); err != nil {
				st.t.Fatal(err)
			}
			e.hang()
		}
	}
	p.hear(st.people[0])
	return p
}

func (p *play) refold() {
	if p.paper != nil {
		p.fold = p.paper.Room
		return
	}
	room, err := p.h.Journal.Room(p.t.Context(), p.room)
	if err != nil {
		p.t.Fatal(err)
	}
	p.fold = room
}

// canary is a text that stands nowhere else.
func (p *play) canary() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(p.rng.Uint32())
	}
	return "canary " + hex.EncodeToString(b[:])
}

// hear gives a person ears from now on.
func (p *play) hear(who incident.Actor) {
	for _, old := range p.ears[who.Person] {
		old.hang()
	}
	p.ears[who.Person] = nil
	for _, w := range p.hubs {
		e := listen(w.hub, who, p.room, nil)
		e.channel = w.channel
		p.ears[who.Person] = append(p.ears[who.Person], e)
		p.every = append(p.every, e)
	}
}

func (p *play) say(who incident.Actor, channel string, b []byte) {
	p.tee = append(p.tee, egress{who.Person, p.fold.Head, channel, b})
}

// do carries an act out as the person, keeps what they were answered, and
// waits until everyone who listens has been told.
func (p *play) do(who incident.Actor, cmd command.Command) (journal.Receipt, bool) {
	r, err := p.try(who, cmd)
	if err != nil {
		if f := incident.FaultOf(err); f == incident.Internal || f == incident.Unavailable {
			p.t.Errorf("%T by %s: %v", cmd, who.Name, err)
		} else if f == incident.NotFound && err.Error() != incident.Missing().Error() {
			p.t.Errorf("%T: missing is answered in two ways: %v", cmd, err)
		}
		p.say(who, "refusal", []byte(err.Error()))
		return r, false
	}
	p.refold()
	for _, e := range r.Events {
		switch e.Kind {
		case "book.opened":
			p.books = append(p.books, e.Seq)
		case "logentry.written":
			p.lines = append(p.lines, e.Seq)
		}
		switch {
		case e.IsRoot() && !e.Kind.Standing():
			p.roots = append(p.roots, e.Seq)
			p.keep(e)
		case e.IsRoot() && (e.Kind == "member.invited" || e.Kind == "member.proposed"):
			p.members = append(p.members, e.Seq)
		}
	}
	p.settle()
	if p.told != nil {
		p.told()
	}
	return r, true
}

// try is an act as it is asked for.
func (p *play) try(who incident.Actor, cmd command.Command) (journal.Receipt, error) {
	if p.paper == nil {
		return p.h.Do(p.room, who, cmd)
	}
	do := p.paper.Do
	if p.via != nil {
		do = p.via
	}
	events, err := do(who, cmd)
	if err != nil {
		return journal.Receipt{}, err
	}
	return journal.Receipt{Seq: events[0].Seq, Count: len(events), Events: events}, nil
}

// sight is a root's, as its opener has it.
func (p *play) sight(root incident.Seq) (incident.Sight, error) {
	if p.paper == nil {
		return p.h.Journal.Sight(p.t.Context(), p.room, p.people[0].Person, root)
	}
	s := p.paper.Sight(root)
	if s.Root == 0 || s.Kind.Standing() {
		return s, incident.Missing()
	}
	return s, nil
}

func (p *play) settle() {
	for _, who := range p.people {
		for _, e := range p.ears[who.Person] {
			if err := e.await(p.fold.Head); err != nil {
				p.t.Fatalf("by %s: %v", e.channel, err)
			}
		}
		if !p.fold.Member(who.Person).Present() {
			for _, e := range p.ears[who.Person] {
				e.hang()
			}
			delete(p.ears, who.Person)
		}
	}
}

func (p *play) present() (list []incident.Actor) {
	for _, a := range p.people {
		if p.fold.Member(a.Person).Present() {
			list = append(list, a)
		}
	}
	return list
}

func pick[T any](r *rand.Rand, list []T) (x T) {
	if len(list) == 0 {
		return x
	}
	return list[r.IntN(len(list))]
}

func (p *play) lead() incident.Actor {
	var leads []incident.Actor
	for _, a := range p.present() {
		if p.fold.Member(a.Person).Leads() {
			leads = append(leads, a)
		}
	}
	return pick(p.rng, leads)
}

// root is one of the newer roots most of the time.
func (p *play) root() incident.Seq {
	n := len(p.roots)
	if p.rng.IntN(3) > 0 {
		return p.roots[n-1-p.rng.IntN(min(n, 5))]
	}
	return p.roots[p.rng.IntN(n)]
}

func (p *play) numbers(n int) (list []incident.MemberNo) {
	for range 1 + p.rng.IntN(n) {
		list = append(list, incident.MemberNo(1+p.rng.IntN(int(p.fold.NextMember()))))
	}
	return list
}

func (p *play) audience() *incident.Audience {
	switch p.rng.IntN(8) {
	case 0:
		return &incident.Audience{Kind: incident.ToHosts}
	case 1, 2:
		return &incident.Audience{Kind: incident.ToNamed, Members: p.numbers(3)}
	case 3:
		return &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{pick(p.rng, cast).org}, Members: p.numbers(1)}
	case 4:
		return &incident.Audience{Kind: incident.ToRoom}
	}
	return nil
}

var labels = []incident.TLP{"", "", "", incident.Green, incident.Amber, incident.AmberStrict, incident.Red, incident.Red}

// act is one random step.
func (p *play) act() {
	in := p.present()
	who := pick(p.rng, in)
	if p.fold.Rules != nil && p.fold.Member(who.Person).Rules < p.fold.Rules.Version && p.rng.IntN(4) > 0 {
		p.do(who, command.AcceptRules{Version: p.fold.Rules.Version})
		return
	}
	switch n := p.rng.IntN(190); {
	case n >= 180:
		p.statutory(who)
	case n >= 160:
		p.authority(who)
	case n >= 130:
		p.intel(who)
	case n >= 110:
		p.record(who)
	case n >= 100:
		p.keepLog(who)
	case n < 34:
		p.post(who)
	case n < 60:
		p.about(who)
	case n < 72:
		p.stand(p.lead())
	case n < 80:
		p.sever()
	case n < 82:
		for _, e := range p.ears[who.Person] {
			e.resume()
		}
		p.settle()
	default:
		p.membership()
	}
}

func (p *play) post(who incident.Actor) {
	c := command.PostMessage{Text: p.canary(), TLP: pick(p.rng, labels), Audience: p.audience()}
	if c.TLP == incident.Red && (c.Audience == nil || len(c.Audience.Members) == 0) {
		c.Audience = &incident.Audience{Kind: incident.ToNamed, Members: p.numbers(3)}
	}
	if p.rng.IntN(3) == 0 {
		c.ReplyTo = p.root()
		c.Audience, c.TLP = nil, ""
	}
	if p.rng.IntN(3) == 0 {
		c.Mentions = p.numbers(2)
	}
	if p.rng.IntN(5) == 0 {
		c.PAP, c.Caveat, c.Occurred = incident.PAPAmber, incident.OfficialSensitive, time.Now().Add(-time.Hour)
	}
	p.do(who, c)
}

func (p *play) about(who incident.Actor) {
	root := p.root()
	switch p.rng.IntN(12) {
	case 0, 1:
		if m := p.author(root); m.Person != "" {
			who = m
		}
		p.do(who, command.CorrectMessage{Root: root, Text: p.canary(), Mentions: p.numbers(1)})
	case 2, 3:
		p.do(who, command.NoteEntry{Root: root})
	case 4:
		c := command.PinEntry{Root: root}
		if n := len(p.fold.Pins); n > 0 && p.rng.IntN(2) == 0 {
			c = command.PinEntry{Root: p.fold.Pins[p.rng.IntN(n)].Root, Off: true}
		}
		p.do(p.lead(), c)
	case 5, 6:
		if a := p.author(root); a.Person != "" && p.rng.IntN(2) == 0 {
			who = a
		} else {
			who = p.lead()
		}
		c := command.TightenEntry{Root: root, Audience: p.audience()}
		if p.rng.IntN(3) == 0 {
			c.TLP, c.Audience = incident.Red, &incident.Audience{Kind: incident.ToNamed, Members: p.numbers(2)}
		}
		p.do(who, c)
	case 7, 8:
		if a := p.author(root); a.Person != "" {
			who = a
		}
		p.do(who, command.WidenEntry{Root: root, TLP: incident.Green, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: p.canary()})
	case 9, 10:
		p.do(p.lead(), command.WithholdEntry{Root: root})
	default:
		p.do(p.lead(), command.RestoreEntry{Root: root})
	}
}

// keepLog opens, confirms, writes in, corrects or closes a loggist's book.
func (p *play) keepLog(who incident.Actor) {
	book := p.fold.BookRoot(pick(p.rng, p.books))
	n := p.rng.IntN(12)
	if book == nil || n == 0 {
		c := command.OpenBook{Maker: p.numbers(1)[0], Signal: p.canary(), Audience: pick(p.rng, []*incident.Audience{nil, nil, {Kind: incident.ToHosts}})}
		if book != nil && p.rng.IntN(2) == 0 {
			c.Continues, c.Audience = book.Root, nil
		}
		p.do(pick(p.rng, []incident.Actor{p.lead(), p.lead(), who}), c)
		return
	}
	by := func(n incident.MemberNo) incident.Actor { return p.actor(p.fold.Numbered(n).Person) }
	switch n {
	case 1:
		p.do(pick(p.rng, []incident.Actor{p.lead(), by(book.Loggist), who}), command.CloseBook{Root: book.Root, Seen: p.fold.Head})
	case 2, 3:
		p.do(pick(p.rng, []incident.Actor{by(book.Maker), who}), command.AgreeBook{Root: book.Root})
	case 4, 5:
		if len(p.lines) > 0 {
			line := pick(p.rng, p.lines)
			p.do(pick(p.rng, []incident.Actor{p.author(line), who}), command.CorrectLine{Root: line, Text: p.canary(), Reason: p.canary()})
		}
	default:
		c := command.WriteLine{Book: book.Root, Text: p.canary(), Speech: p.rng.IntN(3) == 0}
		if p.rng.IntN(4) == 0 {
			c.Paper, c.Cites = &incident.Paper{By: p.canary(), Page: p.canary()}, []incident.Seq{1, p.root()}
		}
		p.do(pick(p.rng, []incident.Actor{by(book.Loggist), by(book.Loggist), by(book.Loggist), who}), c)
	}
}

func (p *play) author(root incident.Seq) incident.Actor {
	s, err := p.sight(root)
	if err != nil {
		return incident.Actor{}
	}
	if m := p.fold.Numbered(s.Author); m != nil {
		return p.actor(m.Person)
	}
	return incident.Actor{}
}

func (p *play) actor(id incident.PersonID) incident.Actor {
	for _, a := range p.people {
		if a.Person == id {
			return a
		}
	}
	return incident.Actor{}
}

// stand changes a standing fact.
func (p *play) stand(lead incident.Actor) {
	switch p.rng.IntN(8) {
	case 6:
		p.tick(lead)
	case 7:
		if p.rng.IntN(4) == 0 {
			p.shut()
		}
	case 0:
		p.do(lead, command.TitleRoom{Title: p.canary()})
	case 1, 2:
		c := command.SetBrief{Lines: incident.BriefLines{Happened: p.canary(), Need: p.canary()}}
		if p.fold.Brief != nil {
			c.Seen = p.fold.Brief.Seq
		}
		p.do(lead, c)
	case 3, 4:
		p.do(lead, command.UpdateReport{Root: 4, Report: incident.Methane{Type: p.canary(), Hazards: p.canary(), Major: p.rng.IntN(2) == 0}})
	default:
		if p.rng.IntN(3) == 0 {
			p.do(lead, command.SetRules{Lines: [5]string{p.canary(), "b", "c", "d", p.canary()}})
		} else if next := p.fold.Lifecycle.Next(); len(next) > 0 { // a closed room moves no further
			p.do(lead, command.MoveRoom{To: next[0]})
		}
	}
}

// tick is exercise control's.
func (p *play) tick(lead incident.Actor) {
	if p.rng.IntN(2) == 0 {
		p.do(lead, command.SetClock{At: time.Now().Add(24 * time.Hour), Factor: 1 + p.rng.IntN(60), Paused: p.rng.IntN(2) == 0})
		return
	}
	p.do(incident.Actor{System: true}, command.GiveInject{Inject: incident.InjectGiven{Actor: "invented", At: "2017-05-12", Provenance: "invented", Text: p.canary()}})
}

// shut closes the room and opens its next section.
func (p *play) shut() {
	for range 4 {
		next := p.fold.Lifecycle.Next()
		if len(next) > 0 {
			p.do(p.lead(), command.MoveRoom{To: next[len(next)-1]})
		}
	}
	p.do(p.lead(), command.ReopenRoom{})
}

// decide settles something that waits for a lead, if anything does.
func (p *play) decide(lead incident.Actor) bool {
	for _, m := range p.fold.Members {
		if p.rng.IntN(3) > 0 {
			continue
		}
		switch root := m.Root; m.State {
		case incident.Proposed:
			pick(p.rng, []func(){func() { p.do(lead, command.AdmitMember{Root: root}) }, func() { p.do(lead, command.DeclineMember{Root: root}) }})()
			return true
		case incident.Invited, incident.Asked:
			p.do(lead, command.WithdrawMember{Root: root})
			return true
		}
	}
	return false
}

// membership moves someone on: in, out, or further back in sight.
func (p *play) membership() {
	lead := p.lead()
	var out []int
	for i := range p.people[:len(p.people)-1] {
		if !p.fold.Member(p.people[i].Person).Present() {
			out = append(out, i)
		}
	}
	if p.rng.IntN(3) == 0 && p.decide(lead) {
		return
	}
	switch n := p.rng.IntN(20); {
	case n < 8 && len(out) > 0:
		p.join(lead, pick(p.rng, out))
	case n < 13:
		who := pick(p.rng, p.present())
		p.do(who, command.ProposeMember{Name: p.canary(), Invitation: incident.RandomID()})
	case n < 15:
		if m := p.fold.MemberRoot(pick(p.rng, p.members)); m != nil && m.Present() && m.Start > 1 {
			p.do(lead, command.GrantHistory{Root: m.Root, Start: 1 + incident.Seq(p.rng.IntN(int(m.Start-1)))})
		}
	case n < 17:
		p.do(lead, command.ChangeRole{Root: pick(p.rng, p.members), Role: pick(p.rng, []incident.Role{incident.Observer, incident.Auditor, incident.Representative, incident.Deputy, incident.Loggist})})
	case n < 19:
		reason := ""
		if p.rng.IntN(2) == 0 {
			reason = p.canary()
		}
		p.do(lead, command.RemoveMember{Root: pick(p.rng, p.members), Reason: reason})
	default:
		p.do(pick(p.rng, p.present()), command.LeaveRoom{})
	}
}

// join invites a person, sometimes twice, and lets them in by one of the ways
// there are.
func (p *play) join(lead incident.Actor, i int) {
	who, c := p.people[i], cast[i]
	org := servertest.Org(c.org)
	seat := incident.Seat{Name: p.canary(), Org: org.Code, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: c.role, History: incident.FromJoin}
	if slices.Contains(p.fold.Hosts, org.Code) || p.rng.IntN(4) == 0 {
		seat.History = incident.Full
	}
	r, ok := p.do(lead, command.InviteMember{KnownOrg: true, Issuer: org.Issuer, Invitation: incident.RandomID(), Seat: seat})
	if !ok {
		return
	}
	how := "subject"
	switch p.rng.IntN(4) {
	case 0:
		if _, ok := p.do(who, command.AskToJoin{Root: r.Seq, Person: who.Person, Name: p.canary(), Issuer: org.Issuer}); !ok {
			return
		}
		if _, ok := p.do(p.lead(), command.VouchMember{Root: r.Seq}); !ok {
			return
		}
		how = "vouched"
	case 1: // not yet: they may listen in vain
		p.hear(who)
		p.settle()
		return
	}
	if _, ok := p.do(who, command.JoinRoom{Root: r.Seq, Person: who.Person, How: how, Rules: p.fold.Rules.Version}); ok {
		p.hear(who)
		p.settle()
	}
}

// enter brings someone in the plain way.
func (p *play) enter(i int) {
	who, c := p.people[i], cast[i]
	org := servertest.Org(c.org)
	r, ok := p.do(p.people[0], command.InviteMember{KnownOrg: true, Issuer: org.Issuer, Invitation: incident.RandomID(),
		Seat: incident.Seat{Name: p.canary(), Org: org.Code, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: c.role, History: incident.Full}})
	if ok {
		_, ok = p.do(who, command.JoinRoom{Root: r.Seq, Person: who.Person, How: "subject", Rules: 1})
	}
	if !ok {
		p.t.Fatalf("%s did not come in", who.Name)
	}
	p.hear(who)
	p.settle()
}

// rare does what chance alone does seldom.
func (p *play) rare() {
	p.enter(3)
	lead, rep := p.people[0], p.people[3]
	for _, end := range []func(incident.Seq){
		func(root incident.Seq) { p.do(lead, command.DeclineMember{Root: root}) },
		func(root incident.Seq) {
			p.do(lead, command.AdmitMember{Root: root})
			p.do(lead, command.WithdrawMember{Root: root})
		},
	} {
		if r, ok := p.do(rep, command.ProposeMember{Name: p.canary(), Invitation: incident.RandomID()}); ok {
			end(r.Seq)
		}
	}
	if r, ok := p.do(rep, command.PostMessage{Text: p.canary()}); ok {
		p.do(lead, command.PinEntry{Root: r.Seq})
		p.do(lead, command.PinEntry{Root: r.Seq, Off: true})
	}
	p.lowered()
	p.authorities(lead, p.people[1])
	p.statutes(lead, rep)
	p.rhythms(lead, p.people[1])
	p.tellings(lead, p.people[1])
	p.carry(lead, rep)
	if r, ok := p.do(lead, command.PublishItem{Item: p.item()}); ok {
		p.do(lead, command.RecordDecision{Taken: command.Taken{Decision: p.canary(), Rationale: p.canary(), Maker: 1, Deliberation: incident.Deliberation{Relied: []incident.Seq{r.Seq}}}})
		p.do(lead, command.RecallEntry{Root: r.Seq, Reason: p.canary()})
	}
	one, ok := p.do(lead, command.PublishItem{Item: p.item(), Tear: &command.Tear{Text: p.canary()}})
	two, also := p.do(lead, command.PublishItem{Item: p.item()})
	if !ok || !also {
		return
	}
	p.do(lead, command.CorrectItem{Root: one.Seq, Item: p.item()})
	p.do(rep, command.MarkSighting{Root: one.Seq, Verdict: incident.Seen})
	if asked, ok := p.do(rep, command.RequestRelease{Root: one.Seq, Why: p.canary(), TLP: incident.Green}); ok {
		p.do(lead, command.AnswerRelease{Root: asked.Seq, Entry: one.Seq, Grant: true})
	}
	p.do(lead, command.MergeItem{Root: two.Seq, Other: one.Seq})
	p.do(lead, command.WithholdEntry{Root: one.Seq})
	p.do(lead, command.RestoreEntry{Root: one.Seq})
	p.do(rep, command.LeaveRoom{})
}

// close ends the play's ears.
func (p *play) close() {
	for _, e := range p.every {
		e.hang()
	}
}

func (p *play) String() string { return fmt.Sprintf("room %s at %d", p.room, p.fold.Head) }
