package hub

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/projection"
	"wardroom/server/servertest"
)

// histories is how many random histories the test runs; `make torture` asks
// for more.
var (
	histories = flag.Int("histories", 12, "random histories of TestWhatAClientHoldsIsWhatItMaySee")
	seed      = flag.Uint64("seed", 1, "of the first of them")
)

// After any history, with connections cut and resumed at random, what each
// client holds of each entry is byte for byte what policy shows them of it at
// the head, judged on rows that row-level security gave out to them.
func TestWhatAClientHoldsIsWhatItMaySee(t *testing.T) {
	if alarms := manyHistories(t, bothWalls); alarms != 0 {
		t.Errorf("%d alarms, and the walls agree", alarms)
	}
}

// The same with either wall of live delivery down, and row-level security with
// it: the other wall alone comes to the same, to the byte.
func TestWhatAClientHoldsIsWhatItMaySeeByPolicyAlone(t *testing.T) {
	if alarms := manyHistories(t, policyAlone); alarms != 0 {
		t.Errorf("%d alarms, and the rows allow everything", alarms)
	}
}

func TestWhatAClientHoldsIsWhatItMaySeeByTheRowsAlone(t *testing.T) {
	if alarms := manyHistories(t, rowsAlone); alarms == 0 {
		t.Error("policy showed everything, and no alarm sounded")
	}
}

func TestWhatAClientHoldsIsWhatItMaySeeByTheRowsAloneOnAnotherNode(t *testing.T) {
	if alarms := manyHistories(t, rowsAloneElsewhere); alarms == 0 {
		t.Error("policy showed everything, and no alarm sounded")
	}
}

// walls says which of them stand in a history.
type walls int

const (
	bothWalls walls = iota
	policyAlone
	rowsAlone
	rowsAloneElsewhere // and the entries are another node's
)

// journal is what the hub is given of the house's.
func (w walls) journal(h *servertest.House) source {
	if w == bothWalls {
		return h.Journal
	}
	pool, err := pgxpool.New(h.T.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name)) // whom row-level security does not bind
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(pool.Close)
	one := servertest.OneWall{Journal: h.Journal, NoRows: w == policyAlone, NoPolicy: w != policyAlone, Pages: h.NodeOn(pool, pool)}
	if w == rowsAloneElsewhere {
		one.Journal = h.Node()
	}
	return one
}

func manyHistories(t *testing.T, w walls) (alarms uint64) {
	many := *histories
	if w != bothWalls {
		many = (many + 1) / 2
	}
	for i := range many {
		n := *seed + uint64(i)
		t.Run(fmt.Sprintf("seed %d", n), func(t *testing.T) { alarms += history(t, w, rand.New(rand.NewPCG(n, 7))) })
	}
	return alarms
}

// player is one of the people of a history, on one connection after another.
type player struct {
	incident.Actor
	replica
	ear  *ear
	seen int // frames of the ear applied
}

type story struct {
	*servertest.House
	rnd    *rand.Rand
	hub    *Hub
	room   incident.LogID
	lead   incident.Actor
	people []*player
	hosts  [2]incident.Actor // who agree to erasures
	roots  []incident.Seq    // messages
	seats  []incident.Seq    // proposals
}

func history(t *testing.T, w walls, rnd *rand.Rand) (alarms uint64) {
	h := servertest.NewHouse(t)
	s := &story{House: h, rnd: rnd, lead: h.Person("Lena", "DSC")}
	roster := []incident.Roster{incident.RosterNames, incident.RosterOrganisations, incident.RosterHosts}[rnd.IntN(3)]
	if w >= rowsAlone {
		roster = incident.RosterNames // the rows know no other
	}
	s.room = h.OpenRoom(s.lead, incident.ModeIncident, roster)
	ring := []int{4, 16, 64, 1024}[rnd.IntN(4)]
	journal := w.journal(h)
	begin := func() { s.hub = newHub(t, h, func(o *Options) { o.Journal, o.Ring = journal, ring }) }
	begin()
	s.people = append(s.people, &player{Actor: s.lead})
	s.hosts = [2]incident.Actor{h.Person("Dora", "DSC"), h.Person("Nils", "NCSC")}
	for _, a := range s.hosts { // not on any connection
		h.Join(s.room, s.lead, a, incident.Liaison, incident.Full)
	}
	for _, code := range []incident.OrgID{"X3F", "X4S"} { // nor are these, among whom others may hide
		org := servertest.Org(code)
		org.Type = incident.Acute
		h.JoinAs(s.room, s.lead, h.Person("One of "+string(code), code), org, incident.Representative, incident.Full)
	}
	for _, p := range []struct {
		name string
		org  incident.OrgID
		role incident.Role
	}{{"Hugo", "NCSC", incident.Liaison}, {"Wanda", "X1N", incident.Representative}, {"Wim", "X1N", incident.Representative},
		{"Olga", "X2E", incident.Representative}, {"Audrey", "AUD", incident.Auditor}, {"Sam", "S1C", incident.Observer}} {
		a := h.Person(p.name, p.org)
		history := []incident.History{incident.Full, incident.FromJoin}[rnd.IntN(2)]
		h.Join(s.room, s.lead, a, p.role, history)
		s.people = append(s.people, &player{Actor: a})
	}
	for _, p := range s.people {
		p.t, p.origin = t, evidence.OriginOf(incident.OriginLine(h.Deployment, incident.RoomLog, s.room))
	}
	steps := 60 + rnd.IntN(120)
	for range steps {
		s.act()
		if rnd.IntN(60) == 0 { // the node goes, another comes; its rings are empty
			s.hub.Close()
			alarms += s.hub.Stats().Alarms
			begin()
		}
		if p := s.people[rnd.IntN(len(s.people))]; rnd.IntN(3) == 0 {
			s.reconnect(p)
		}
	}
	s.agree()
	if w == bothWalls {
		s.copied()
	}
	return alarms + s.hub.Stats().Alarms
}

// act does something, or is refused it.
func (s *story) act() {
	r := s.rnd
	who := s.people[r.IntN(len(s.people))].Actor
	if r.IntN(2) == 0 {
		who = s.lead
	}
	var cmd command.Command
	switch r.IntN(23) {
	case 0, 1, 2, 3:
		m := command.PostMessage{Text: fmt.Sprintf("message %d", r.Uint64())}
		if r.IntN(2) == 0 {
			m.Audience = s.audience()
		}
		if r.IntN(4) == 0 {
			m.TLP, m.Audience = incident.Red, &incident.Audience{Kind: incident.ToNamed, Members: s.numbers()}
		}
		if r.IntN(4) == 0 {
			m.ReplyTo = s.root()
		}
		cmd = m
	case 4:
		cmd = command.CorrectMessage{Root: s.root(), Text: fmt.Sprintf("corrected %d", r.Uint64())}
	case 5:
		cmd = command.NoteEntry{Root: s.root()}
	case 6:
		cmd = command.PinEntry{Root: s.root(), Off: r.IntN(2) == 0}
	case 7:
		cmd = command.WithholdEntry{Root: s.root()}
	case 8:
		cmd = command.RestoreEntry{Root: s.root()}
	case 9:
		cmd = command.TightenEntry{Root: s.root(), Audience: s.audience()}
	case 10:
		cmd = command.WidenEntry{Root: s.root(), TLP: []incident.TLP{"", incident.Amber}[r.IntN(2)], Audience: s.audience(), Reason: "needed"}
	case 11:
		s.propose(who)
		return
	case 12:
		s.comeAndGo()
		return
	case 13:
		room := s.now()
		p := s.people[1+r.IntN(len(s.people)-1)]
		if m := room.Member(p.Person); m != nil && r.IntN(2) == 0 {
			cmd = command.GrantHistory{Root: m.Root, Start: 1 + incident.Seq(r.IntN(int(room.Head)))}
		} else if m != nil {
			cmd = command.ChangeRole{Root: m.Root, Role: []incident.Role{incident.Observer, incident.Representative, incident.Auditor, incident.Deputy, incident.Liaison}[r.IntN(5)]}
		} else {
			return
		}
	case 22:
		if rec, ok := s.try(who, command.PostMessage{Text: fmt.Sprintf("veiled %d", r.Uint64()), Veiled: true}); ok {
			s.roots = append(s.roots, rec.Seq, rec.Seq+1)
		}
		return
	case 16, 17:
		s.erase()
		return
	case 18:
		cmd = command.PublishItem{Item: incident.Item{Title: fmt.Sprintf("item %d", r.Uint64()), Text: "x"}, Recorded: r.IntN(2) == 0, Chosen: command.Chosen{Audience: s.audience()}}
	case 19:
		cmd = command.RecallEntry{Root: s.root(), Reason: "a mistake"}
	case 20, 21:
		on := r.IntN(2) == 0
		cmd = command.TightenEntry{Root: s.root(), Recorded: &on}
		if !on {
			cmd = command.WidenEntry{Root: s.root(), Recorded: &on, Reason: "needed"}
		}
	case 14:
		cmd = command.OpenBook{Maker: 2, Signal: fmt.Sprintf("signal %d", r.Uint64()), Audience: s.audience()}
	case 15:
		books := s.now().Books
		if len(books) == 0 {
			return
		}
		book := books[r.IntN(len(books))].Root
		cmd = []command.Command{command.WriteLine{Book: book, Text: fmt.Sprintf("line %d", r.Uint64())}, command.TightenEntry{Root: book, Audience: s.audience()},
			command.WidenEntry{Root: book, Audience: s.audience(), Reason: "needed"}}[r.IntN(3)]
	}
	if rec, ok := s.try(who, cmd); ok {
		switch cmd.(type) {
		case command.PostMessage, command.OpenBook, command.WriteLine, command.PublishItem:
			s.roots = append(s.roots, rec.Seq)
		}
	}
}

// erase has something erased, or asks for it and leaves it at that.
func (s *story) erase() {
	slots := [][]int{{incident.SlotBody}, {incident.SlotRefs}, incident.ErasableSlots}[s.rnd.IntN(3)]
	of := s.root()
	if s.rnd.IntN(3) == 0 { // or a later word about it
		of = 1 + incident.Seq(s.rnd.IntN(int(s.now().Head)))
	}
	rec, ok := s.try(s.Stepped(s.lead), command.AskErasure{Entries: []incident.Seq{of}, Slots: slots, Ground: incident.GroundPatientData, Reason: "a name"})
	if !ok || s.rnd.IntN(6) == 0 {
		return
	}
	for _, a := range s.hosts {
		s.try(s.Stepped(a), command.AgreeErasure{Root: rec.Seq})
	}
}

func (s *story) try(who incident.Actor, cmd command.Command) (journal.Receipt, bool) {
	rec, err := s.Do(s.room, who, cmd)
	switch incident.FaultOf(err) {
	case incident.Internal, incident.Unavailable:
		if err != nil {
			s.T.Fatalf("%T: %v", cmd, err)
		}
	}
	return rec, err == nil
}

func (s *story) now() *incident.Room {
	room, err := s.Journal.Room(context.Background(), s.room)
	if err != nil {
		s.T.Fatal(err)
	}
	return room
}

func (s *story) root() incident.Seq {
	if len(s.roots) == 0 {
		return 1
	}
	return s.roots[s.rnd.IntN(len(s.roots))]
}

func (s *story) numbers() (list []incident.MemberNo) {
	for n := incident.MemberNo(1); n < s.now().NextMember(); n++ {
		if s.rnd.IntN(3) == 0 {
			list = append(list, n)
		}
	}
	return list
}

func (s *story) audience() *incident.Audience {
	switch s.rnd.IntN(4) {
	case 0:
		return &incident.Audience{Kind: incident.ToRoom}
	case 1:
		return &incident.Audience{Kind: incident.ToHosts}
	case 2:
		return &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{[]incident.OrgID{"X1N", "X2E", "DSC"}[s.rnd.IntN(3)]}}
	}
	return &incident.Audience{Kind: incident.ToNamed, Members: s.numbers()}
}

func (s *story) propose(who incident.Actor) {
	switch {
	case len(s.seats) == 0 || s.rnd.IntN(3) == 0:
		if rec, ok := s.try(who, command.ProposeMember{Name: "Walter", Invitation: incident.RandomID()}); ok {
			s.seats = append(s.seats, rec.Seq)
		}
	default:
		seat := s.seats[s.rnd.IntN(len(s.seats))]
		s.try(s.lead, []command.Command{command.AdmitMember{Root: seat}, command.DeclineMember{Root: seat}, command.WithdrawMember{Root: seat}}[s.rnd.IntN(3)])
	}
}

// comeAndGo removes somebody, or lets somebody who is out come back.
func (s *story) comeAndGo() {
	p := s.people[1+s.rnd.IntN(len(s.people)-1)]
	if m := s.now().Member(p.Person); m.Present() {
		s.try(s.lead, command.RemoveMember{Root: m.Root})
	} else if m.State == incident.Removed {
		s.Join(s.room, s.lead, p.Actor, incident.Observer, []incident.History{incident.Full, incident.FromJoin}[s.rnd.IntN(2)])
	}
}

// hear applies what has come to the person's replica.
func (p *player) hear() {
	if p.ear == nil {
		return
	}
	frames := p.ear.all()
	for _, f := range frames[p.seen:] {
		p.replica.apply(f)
	}
	p.seen = len(frames)
}

// reconnect cuts the person's connection, after any of the frames they have
// not taken in yet, and begins another from what they hold.
func (s *story) reconnect(p *player) {
	if p.ear != nil {
		p.ear.net.Close()
		p.ear.gone()
		frames := p.ear.all()[p.seen:]
		for _, f := range frames[:s.rnd.IntN(len(frames)+1)] {
			p.replica.apply(f)
		}
	}
	p.ear, p.seen = attach(s.T, s.hub, p.Actor), 0
	p.revoked = false // that was the connection before
	var after *incident.Seq
	if p.began {
		after = seqp(p.last)
	}
	p.ear.conn.Subscribe(s.room, after)
}

// agree waits until everyone present holds what they may see, up to the head.
func (s *story) agree() {
	room := s.now()
	for _, p := range s.people {
		if p.ear == nil {
			s.reconnect(p)
		}
	}
	for _, p := range s.people {
		m := room.Member(p.Person)
		if !m.Present() {
			p.hear()
			if p.began && !p.revoked {
				p.ear.lastWord() // revoked, refused, or the socket ended under them
			}
			continue
		}
		want := s.entitled(room, m)
		why := ""
		late := timeout()
		limit := time.Now().Add(patience)
		for {
			if time.Now().After(limit) {
				s.T.Fatalf("%s (%s) at %d: %s", p.Name, m.Org, p.last, why)
			}
			p.ear.mu.Lock()
			ended, grown := p.ear.ended, p.ear.grown
			p.ear.mu.Unlock()
			p.hear()
			if why = p.differs(room.Head, want); why == "" {
				break
			}
			if ended || refused(p) || p.revoked {
				p.revoked = false // until this connection says so
				s.reconnect(p)
				continue
			}
			select {
			case <-grown:
			case <-late:
				s.T.Fatalf("%s (%s) at %d: %s; it said %v", p.Name, m.Org, p.last, why, outline(p.ear.all()))
			}
		}
	}
}

// copied holds the hub's copy of the rows against the database's.
func (s *story) copied() {
	head := s.now()
	r, err := s.hub.room(context.Background(), s.room)
	if err != nil {
		s.T.Fatal(err)
	}
	if err := r.reached(context.Background(), head.Head); err != nil {
		s.T.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	have := map[incident.Seq]*projection.Root{}
	for _, root := range tellsOf(head) {
		have[root] = r.wall.told[root]
	}
	for _, e := range r.ring.entries {
		if old := have[e.root]; old != nil && !reflect.DeepEqual(old, e.row) {
			s.T.Errorf("root %d is in the room as %+v and as %+v", e.root, old, e.row)
		}
		have[e.root] = e.row
	}
	members, stored, err := s.Journal.Rows(context.Background(), s.room, slices.Collect(maps.Keys(have)))
	if err != nil {
		s.T.Fatal(err)
	}
	if !maps.EqualFunc(have, stored, func(a, b *projection.Root) bool { return reflect.DeepEqual(a, b) }) {
		s.T.Errorf("of %d roots the room's rows are not the database's", len(have))
	}
	if len(members) != len(r.wall.members) {
		s.T.Errorf("%d memberships in the room, %d in the database", len(r.wall.members), len(members))
	}
	for _, m := range members {
		if have := r.wall.members[m.Root]; have == nil || *have != m {
			s.T.Errorf("membership %d is in the room as %+v, in the database as %+v", m.Root, have, m)
		}
	}
}

func refused(p *player) bool {
	all := p.ear.all()
	return len(all) > 0 && all[len(all)-1].Type == "error"
}

// entitled is every entry as the member may see it at the head.
func (s *story) entitled(room *incident.Room, m *incident.Member) map[incident.Seq]string {
	all := map[incident.Seq]string{}
	for after := incident.Seq(0); after < room.Head; {
		rows, err := s.Journal.Page(context.Background(), s.room, m.Person, journal.Query{After: after})
		if err != nil {
			s.T.Fatal(err)
		}
		for _, row := range rows {
			b, _ := json.Marshal(policy.View(room, m, row.Sight, row.Entry))
			all[incident.Seq(row.Entry.Seq)] = string(b)
			after = incident.Seq(row.Entry.Seq)
		}
	}
	return all
}

// differs says where what is held is not what is wanted; "" for nowhere.
func (p *player) differs(head incident.Seq, want map[incident.Seq]string) string {
	if !p.began || p.last != head {
		return fmt.Sprintf("has come to %d of %d", p.last, head)
	}
	for seq, e := range p.entries {
		var w fragment
		json.Unmarshal([]byte(want[seq]), &w)
		switch {
		case e.form() != w.form():
			return fmt.Sprintf("entry %d of root %d is held as %s, and is theirs as %s", seq, w.root(), e.form(), w.form())
		case e.form() != "stub" && e.raw != want[seq], e.raw != "" && e.raw != want[seq]:
			return fmt.Sprintf("entry %d is held as other bytes", seq)
		}
	}
	return ""
}

// outline is what the frames were about, without content.
func outline(frames []heard) (list []string) {
	for _, f := range frames {
		line := f.Type
		if f.Root != 0 {
			line += fmt.Sprintf(" root %d", f.Root)
		}
		if f.Seq != 0 {
			line += fmt.Sprintf(" %d", f.Seq)
		}
		for _, e := range f.Events {
			line += fmt.Sprintf(" %d:%s/%d", e.Seq, e.form(), e.root())
		}
		list = append(list, line)
	}
	return list
}
