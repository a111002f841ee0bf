package steward_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
	"wardroom/server/steward"
)

// registerCell is the first half of opening a side room of Northmoor's.
func registerCell(t *testing.T, h *servertest.House, room incident.LogID, lead incident.Actor) (incident.Seq, *incident.RoomRegistered) {
	t.Helper()
	at, err := h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	r := h.Must(h.Journal.Append(t.Context(), h.Journal.SystemLog(), lead, h.Key(), command.RegisterCell{Parent: at, Org: "X1N",
		Room: incident.LogID(incident.RandomID()), Access: incident.LogID(incident.RandomID())}))
	return r.Seq, r.Events[0].Body.(*incident.RoomRegistered)
}

type northmoor struct {
	h              *servertest.House
	lead, sam, kim incident.Actor
	room, cell     incident.LogID
}

func withCell(t *testing.T) *northmoor {
	h := servertest.NewHouse(t)
	n := &northmoor{h: h, lead: h.Person("Priya Anand", "DSC"), sam: h.Person("Sam Okafor", "X1N"), kim: h.Person("Kim Lowe", "X1N")}
	n.room = h.OpenRoom(n.lead, incident.ModeIncident, incident.RosterNames)
	h.Join(n.room, n.lead, n.sam, incident.Representative, incident.FromJoin)
	h.Join(n.room, n.lead, n.kim, incident.Representative, incident.FromJoin)
	seq, reg := registerCell(t, h, n.room, n.lead)
	if err := h.Steward.Finish(t.Context(), seq, reg); err != nil {
		t.Fatal(err)
	}
	n.cell = reg.Room
	return n
}

func (n *northmoor) at(id incident.LogID) *incident.Room {
	n.h.T.Helper()
	room, err := n.h.Journal.Room(context.Background(), id)
	if err != nil {
		n.h.T.Fatal(err)
	}
	return room
}

// follow runs two followers, as on two nodes, until the room is as said.
func (n *northmoor) follow(t *testing.T, id incident.LogID, until func(*incident.Room) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	changed := make(chan struct{}, 1)
	done := make(chan error, 2)
	for range 2 {
		node := n.h.Node()
		go func() { done <- steward.New(node).Run(ctx) }()
	}
	room, stop, err := n.h.Journal.Watch(ctx, id, func(*journal.Group) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for !until(room) {
		select {
		case <-changed:
			room = n.at(id)
		case <-ctx.Done():
			t.Fatal("the follower never came to it")
		}
	}
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestASideRoomCutShortIsOpenedOnceWithEverybodyInIt(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	room := h.OpenRoom(lead, incident.ModeExercise, incident.RosterHosts)
	h.Must(h.Do(room, lead, command.SetClock{At: time.Now().Add(-time.Hour), Factor: 60}))
	h.Join(room, lead, sam, incident.Representative, incident.FromJoin)
	before := len(h.Truth(room).Entries)
	seq, reg := registerCell(t, h, room, lead)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- steward.New(h.Node()).Run(ctx) }() // the request crashed: only the follower is left
	await(t, ctx, h, reg.Room)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := h.Steward.Finish(t.Context(), seq, reg); err != nil { // the request, sent again
		t.Error(err)
	}
	cell, err := h.Journal.Room(t.Context(), reg.Room)
	if err != nil {
		t.Fatal(err)
	}
	if cell.Cell == nil || cell.Cell.Parent != room || !cell.Member(sam.Person).Present() || !cell.Member(lead.Person).Leads() || len(cell.Members) != 2 ||
		cell.Clock == nil || cell.Clock.Factor != 60 || cell.Script != "" {
		t.Errorf("opened as %+v", cell)
	}
	if n := len(h.Truth(reg.Room).Entries); n != 6 {
		t.Errorf("it has %d entries, want 6: genesis, opened, its opener, Sam, the rules, the clock", n)
	}
	if n := len(h.Truth(room).Entries); n != before {
		t.Errorf("the main room grew by %d", n-before)
	}
	h.CheckLog(reg.Room)
	sys, err := h.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if next := sys.NextReference(incident.ModeExercise, time.Now()); next[len(next)-4:] != "0002" {
		t.Errorf("the next room is %s: the references tell how many side rooms there are", next)
	}
	for _, id := range sys.Exercise {
		if id == reg.Room {
			t.Error("exercise control plays into it")
		}
	}
}

func TestWhoIsRemovedFromTheMainRoomIsTakenOutOfTheSideRoomAfterACrash(t *testing.T) {
	n := withCell(t)
	n.h.Must(n.h.Do(n.room, n.lead, command.RemoveMember{Root: n.at(n.room).Member(n.sam.Person).Root}))
	n.h.Must(n.h.Do(n.room, n.kim, command.LeaveRoom{}))
	n.follow(t, n.cell, func(r *incident.Room) bool {
		return !r.Member(n.sam.Person).Present() && !r.Member(n.kim.Person).Present()
	})
	if r := n.at(n.cell); len(r.Members) != 3 || !r.Member(n.lead.Person).Present() || int(r.Head) != 7 {
		t.Errorf("head %d, %d members: each goes once and nobody else", r.Head, len(r.Members))
	}
	n.h.CheckLog(n.cell)
}

// Seated on a view of the main room that is a moment old.
func TestWhoIsSeatedWhileTheyAreRemovedDoesNotStay(t *testing.T) {
	n := withCell(t)
	noor := n.h.Person("Noor Haddad", "X1N")
	n.h.Join(n.room, n.lead, noor, incident.Representative, incident.FromJoin)
	was := n.at(n.room)
	n.h.Must(n.h.Do(n.room, n.lead, command.RemoveMember{Root: was.Member(noor.Person).Root}))
	if _, err := n.h.Steward.Moved(t.Context(), n.room, n.at(n.room).Head, noor.Person); err != nil {
		t.Fatal(err)
	}
	n.h.Must(n.h.Do(n.cell, n.lead, command.SeatMember{Parent: was, Member: was.Member(noor.Person).Number}))
	n.follow(t, n.cell, func(r *incident.Room) bool { return !r.Member(noor.Person).Present() })
	if !n.at(n.cell).Member(n.sam.Person).Present() {
		t.Error("so is somebody who stays in the main room")
	}
}

func TestConsentIsCarriedOutOnceAfterACrashAndARefusalIsNot(t *testing.T) {
	n := withCell(t)
	said := n.h.Say(n.cell, n.sam, "The pump controller answers")
	ask := func() incident.Seq {
		return n.h.Must(n.h.Do(n.cell, n.lead, command.AskPromotion{Parent: n.at(n.room), Entry: said})).Seq
	}
	before := n.at(n.room).Head
	n.h.Must(n.h.Do(n.cell, n.sam, command.AnswerPromotion{Root: ask(), Entry: said, Parent: n.at(n.room)}))
	n.h.Must(n.h.Do(n.cell, n.sam, command.AnswerPromotion{Root: ask(), Entry: said, Parent: n.at(n.room), Grant: true, Words: said, Origin: "00"}))
	n.follow(t, n.room, func(r *incident.Room) bool { return r.Head > before })
	n.follow(t, n.room, func(*incident.Room) bool { return true })
	promoted := 0
	for _, e := range n.h.Truth(n.room).Entries {
		event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == "entry.promoted" {
			promoted++
		}
	}
	if promoted != 1 || n.at(n.room).Head != before+1 {
		t.Errorf("promoted %d times; the main room grew by %d", promoted, n.at(n.room).Head-before)
	}
	n.h.CheckLog(n.room)
}

func TestClosingTheMainRoomClosesItsSideRooms(t *testing.T) {
	n := withCell(t)
	for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
		n.h.Must(n.h.Do(n.room, n.lead, command.MoveRoom{To: to}))
	}
	n.follow(t, n.cell, func(r *incident.Room) bool { return r.Lifecycle == incident.Closed })
	if _, err := n.h.Do(n.cell, n.sam, command.PostMessage{Text: "still here"}); incident.FaultOf(err) != incident.Conflict {
		t.Errorf("written to: %v", err)
	}
	n.h.CheckLog(n.cell)
}

// ledThroughout reports the entries of a side room after which nobody led it.
func (n *northmoor) ledThroughout(t *testing.T) {
	t.Helper()
	room := incident.NewRoom(n.cell)
	room.Reindex()
	opened := false
	for _, e := range n.h.Truth(n.cell).Entries {
		event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
		if err != nil {
			t.Fatal(err)
		}
		room.Apply(event)
		led := slices.ContainsFunc(room.Members, func(m *incident.Member) bool { return m.Leads() })
		if opened = opened || led; opened && !led {
			t.Errorf("after entry %d (%s) nobody leads it", e.Seq, event.Kind)
		}
	}
}

func (n *northmoor) change(of incident.Actor, role incident.Role) {
	n.h.T.Helper()
	n.h.Must(n.h.Do(n.room, n.lead, command.ChangeRole{Root: n.at(n.room).Member(of.Person).Root, Role: role}))
}

func TestARoleInTheMainRoomIsTheRoleInItsSideRoomAfterACrash(t *testing.T) {
	n := withCell(t)
	noor, jan := n.h.Person("Noor Haddad", "DSC"), n.h.Person("Jan Visser", "DSC")
	n.h.Join(n.room, n.lead, noor, incident.Liaison, incident.Full)
	n.h.Join(n.room, n.lead, jan, incident.Liaison, incident.Full)
	n.h.Must(n.h.Do(n.cell, n.lead, command.SeatMember{Parent: n.at(n.room), Member: n.at(n.room).Member(noor.Person).Number}))
	n.change(n.sam, incident.Observer)
	n.change(noor, incident.Lead)
	n.change(jan, incident.Lead)
	n.follow(t, n.cell, func(r *incident.Room) bool {
		return r.Member(n.sam.Person).Role == incident.Observer && r.Member(noor.Person).Role == incident.Lead
	})
	r := n.at(n.cell)
	if r.Member(n.kim.Person).Role != incident.Representative || r.Member(n.lead.Person).Role != incident.Lead {
		t.Error("so do others, whose role did not change")
	}
	if r.Member(jan.Person) != nil {
		t.Error("a new lead who is not in it was brought into a side room that is led")
	}
	if _, err := n.h.Do(n.cell, noor, command.ChangeRole{Root: r.Member(n.sam.Person).Root, Role: incident.Representative}); incident.FaultOf(err) != incident.Forbidden {
		t.Errorf("a role of its own, in the side room: %v", err)
	}
	if _, err := n.h.Do(n.cell, n.sam, command.PostMessage{Text: "as before"}); incident.FaultOf(err) != incident.Forbidden {
		t.Errorf("an observer writes: %v", err)
	}
	n.h.CheckLog(n.cell)
}

// Aligned on a view of the main room that is a moment old.
func TestOfTwoWhoAlignASideRoomTheOlderViewDoesNotStay(t *testing.T) {
	n := withCell(t)
	n.change(n.sam, incident.Observer)
	was := n.at(n.room)
	n.change(n.sam, incident.Representative)
	if _, err := n.h.Steward.Moved(t.Context(), n.room, n.at(n.room).Head, ""); err != nil {
		t.Fatal(err)
	}
	n.h.Must(n.h.Do(n.cell, incident.Actor{System: true}, command.AlignCell{Parent: was}))
	if n.at(n.cell).Member(n.sam.Person).Role != incident.Observer {
		t.Fatal("the older view did not come last")
	}
	n.follow(t, n.cell, func(r *incident.Room) bool { return r.Member(n.sam.Person).Role == incident.Representative })
}

func TestASideRoomWhoseOnlyLeadGoesIsLedByTheMainRoomsLeads(t *testing.T) {
	for name, goes := range map[string]func(*northmoor, incident.Actor){
		"leaves": func(n *northmoor, _ incident.Actor) { n.h.Must(n.h.Do(n.room, n.lead, command.LeaveRoom{})) },
		"is removed": func(n *northmoor, noor incident.Actor) {
			n.h.Must(n.h.Do(n.room, noor, command.RemoveMember{Root: n.at(n.room).Member(n.lead.Person).Root}))
		},
		"leads no more": func(n *northmoor, _ incident.Actor) { n.change(n.lead, incident.Observer) },
	} {
		t.Run(name, func(t *testing.T) {
			n := withCell(t)
			noor, jan := n.h.Person("Noor Haddad", "DSC"), n.h.Person("Jan Visser", "DSC")
			n.h.Join(n.room, n.lead, noor, incident.Lead, incident.Full)
			n.h.Join(n.room, n.lead, jan, incident.Deputy, incident.Full)
			if _, err := n.h.Do(n.cell, n.lead, command.LeaveRoom{}); incident.FaultOf(err) != incident.Conflict {
				t.Errorf("leaves the side room alone: %v", err)
			}
			goes(n, noor)
			n.follow(t, n.cell, func(r *incident.Room) bool { return !r.Member(n.lead.Person).Leads() })
			r := n.at(n.cell)
			if !r.Member(noor.Person).Leads() || r.Member(jan.Person) != nil {
				t.Error("the main room's lead did not take over, or a deputy did beside her")
			}
			n.ledThroughout(t)
			head := r.Head
			if _, err := n.h.Steward.Moved(t.Context(), n.room, n.at(n.room).Head, ""); err != nil {
				t.Fatal(err)
			}
			if n.at(n.cell).Head != head {
				t.Error("what was finished was done again")
			}
			n.h.CheckLog(n.cell)
		})
	}
}

func TestWhatIsRecalledInASideRoomIsRecalledInTheMainRoomAfterACrash(t *testing.T) {
	for name, between := range map[string]bool{"said there before": true, "not said there yet": false} {
		t.Run(name, func(t *testing.T) {
			n := withCell(t)
			noor := n.h.Person("Noor Haddad", "X1N")
			n.h.Join(n.room, n.lead, noor, incident.Representative, incident.FromJoin)
			was := n.at(n.room)
			n.h.Must(n.h.Do(n.room, n.lead, command.RemoveMember{Root: was.Member(noor.Person).Root}))
			said := n.h.Say(n.cell, n.sam, "The pump controller answers")
			ask := n.h.Must(n.h.Do(n.cell, n.lead, command.AskPromotion{Parent: n.at(n.room), Entry: said})).Seq
			before := n.at(n.room).Head
			agreed := n.h.Must(n.h.Do(n.cell, n.sam, command.AnswerPromotion{Root: ask, Entry: said, Words: said, Parent: n.at(n.room), Grant: true, Origin: "00"}))
			if between {
				b := agreed.Events[0].Body.(*incident.PromotionAgreed)
				if err := n.h.Steward.Promote(t.Context(), n.cell, agreed.Events[0], b); err != nil {
					t.Fatal(err)
				}
				n.h.Must(n.h.Do(n.room, n.lead, command.RecordDecision{Taken: command.Taken{Decision: "Cut it off", Rationale: "It answers", Maker: 1,
					Deliberation: incident.Deliberation{Relied: []incident.Seq{before + 1}}}}))
			}
			n.h.Must(n.h.Do(n.cell, n.sam, command.RecallEntry{Root: said, Reason: "it was wrong"}))
			// Seated on an older view, she goes when a follower has come so far.
			n.h.Must(n.h.Do(n.cell, n.lead, command.SeatMember{Parent: was, Member: was.Member(noor.Person).Number}))
			n.follow(t, n.cell, func(r *incident.Room) bool { return !r.Member(noor.Person).Present() })
			read := func() (told int, ended, shaken bool) {
				for _, e := range n.h.Truth(n.room).Entries {
					event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
					if err != nil {
						t.Fatal(err)
					}
					switch event.Body.(type) {
					case *incident.EntryPromoted:
						told++
					case *incident.EntryRecalled:
						ended = event.Root == before+1 && event.Marking.Audience.Equal(incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}})
					case *incident.DecisionShaken:
						shaken = true
					}
				}
				return told, ended, shaken
			}
			if between { // it is another log's entry that it comes of
				n.follow(t, n.room, func(*incident.Room) bool { _, ended, _ := read(); return ended })
			}
			if told, ended, shaken := read(); between && (told != 1 || !ended || !shaken) || !between && (told != 0 || ended) {
				t.Errorf("told %d times, recalled there: %v, the decision says so: %v", told, ended, shaken)
			}
			n.h.CheckLog(n.room)
		})
	}
}
