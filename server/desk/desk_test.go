package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// bench is a room with everybody in it, and its desk.
type bench struct {
	*servertest.House
	*Desk
	room                           incident.LogID
	lead, host, sam, ellis, ada    incident.Actor
	leadNo, hostNo, samNo, ellisNo incident.MemberNo
}

func sit(t *testing.T) *bench {
	h := servertest.NewHouse(t)
	b := &bench{House: h, Desk: New(h.Journal)}
	b.lead, b.host = h.Person("Priya Anand", "DSC"), h.Person("Rowan Ash", "NCSC")
	b.sam, b.ellis, b.ada = h.Person("Sam Okafor", "X1N"), h.Person("Ellis Byrne", "X2E"), h.Person("Ada Voss", "AUD")
	b.room = h.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames)
	b.leadNo = 1
	b.hostNo = h.Join(b.room, b.lead, b.host, incident.Liaison, incident.Full)
	b.samNo = h.Join(b.room, b.lead, b.sam, incident.Representative, incident.Full)
	b.ellisNo = h.Join(b.room, b.lead, b.ellis, incident.Representative, incident.Full)
	h.Join(b.room, b.lead, b.ada, incident.Auditor, incident.Full)
	return b
}

func (b *bench) do(who incident.Actor, cmd command.Command) incident.Seq {
	b.T.Helper()
	return b.Must(b.Do(b.room, who, cmd)).Seq
}

func (b *bench) known(asker incident.Actor, of incident.MemberNo, at incident.Seq) Known {
	b.T.Helper()
	k, err := b.Known(b.T.Context(), asker.Person, b.room, of, Moment{Entry: at}, 0, 0)
	if err != nil {
		b.T.Fatal(err)
	}
	return k
}

// fact returns what is said of one entry; nil if it is hidden.
func fact(t *testing.T, k Known, n incident.Seq) *Fact {
	t.Helper()
	for i := range k.Facts {
		if f := &k.Facts[i]; f.From <= n && n <= f.To {
			if f.Hidden() {
				return nil
			}
			return f
		}
	}
	t.Fatalf("entry %d is in no fact", n)
	return nil
}

func to(list ...incident.MemberNo) *incident.Audience {
	slices.Sort(list)
	return &incident.Audience{Kind: incident.ToNamed, Members: list}
}

func TestOnlyAuditorsLeadsAndDeputiesReadTheDeskAndToOthersItIsNotThere(t *testing.T) {
	b := sit(t)
	stranger := b.Person("Noor Haddad", "X3F")
	for _, who := range []incident.Actor{b.host, b.sam, b.ellis, stranger, {}} {
		for _, act := range []policy.Act{policy.ReadDesk, policy.AskKnown, policy.ReadAccess} {
			_, _, got := b.Enter(t.Context(), act, b.room, who.Person)
			_, _, want := b.Enter(t.Context(), act, incident.LogID(incident.RandomID()), who.Person)
			if incident.FaultOf(got) != incident.NotFound || got.Error() != want.Error() {
				t.Errorf("%s, %s: %v, and of a room that is not there %v", who.Name, act, got, want)
			}
		}
		if rooms, err := b.Rooms(t.Context(), who.Person); err != nil || len(rooms) != 0 {
			t.Errorf("%s has %d rooms on the desk, %v", who.Name, len(rooms), err)
		}
	}
	if rooms, err := b.Rooms(t.Context(), b.ada.Person); err != nil || len(rooms) != 1 {
		t.Errorf("the auditor has %d rooms on the desk, %v", len(rooms), err)
	}
	room, _ := b.Journal.Room(t.Context(), b.room)
	b.do(b.lead, command.RemoveMember{Root: room.Member(b.ada.Person).Root})
	if _, _, err := b.Enter(t.Context(), policy.ReadDesk, b.room, b.ada.Person); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("an auditor who was removed: %v", err)
	}
}

// The auditor's answer about somebody must be the same whatever stands in an
// entry she may not see, and whoever may see it.
func TestOfAnEntryThatTheAuditorMayNotSeeSheLearnsNothing(t *testing.T) {
	tell := func(hidden func(*bench) incident.Seq) (string, incident.Seq) {
		b := sit(t)
		b.do(b.lead, command.PostMessage{Text: "for all"})
		n := hidden(b)
		b.do(b.lead, command.PostMessage{Text: "for all again"})
		room, err := b.Journal.Room(t.Context(), b.room)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		b.Journal.Delivered(journal.Delivery{Room: b.room, Members: []incident.MemberNo{b.samNo}, How: journal.Live, First: 1, Last: room.Head, Since: now, At: now},
			journal.Delivery{Room: b.room, Members: []incident.MemberNo{b.samNo}, How: journal.Object, First: n, Last: n, Since: now, At: now})
		if err := b.Journal.WriteDeliveries(t.Context()); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, of := range []incident.MemberNo{b.leadNo, b.hostNo, b.samNo, b.ellisNo} {
			k := b.known(b.ada, of, room.Head)
			for _, f := range k.Facts {
				fmt.Fprint(&out, of, " ", f.From, "-", f.To, " ", f.Hidden(), " ", f.Could, " ", f.Given != nil, " ", f.Opened != nil, "\n")
			}
		}
		line, err := b.Timeline(t.Context(), b.ada.Person, []incident.LogID{b.room}, Filter{}, false, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range line.Lines {
			fmt.Fprint(&out, l.From, "-", l.To, " ", l.Seen.Form(), " ", l.TLP, "\n")
		}
		for _, f := range []Filter{{Nouns: []string{"message"}}, {TLP: incident.Red}, {Org: "X1N"}, {Org: "DSC", Happened: true, From: time.Unix(0, 0)}} {
			line, err := b.Timeline(t.Context(), b.ada.Person, []incident.LogID{b.room}, f, true, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range line.Lines {
				fmt.Fprint(&out, f.Nouns, f.TLP, f.Org, " ", l.From, "-", l.To, " ", l.Seen.Form(), "\n")
			}
		}
		g, err := b.Gaps(t.Context(), b.ada.Person, b.room)
		fmt.Fprint(&out, len(g.Gaps), len(g.Entries), err)
		if _, err := b.History(t.Context(), b.ada.Person, b.room, n); incident.FaultOf(err) != incident.NotFound {
			t.Errorf("the history of a hidden entry: %v", err)
		}
		return out.String(), n
	}
	open := func(b *bench, who incident.Actor, n incident.Seq) {
		room, err := b.Journal.Room(t.Context(), b.room)
		if err != nil {
			t.Fatal(err)
		}
		access, err := b.Journal.AccessOf(t.Context(), b.room)
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.Journal.Sight(t.Context(), b.room, who.Person, n)
		if err != nil {
			t.Fatal(err)
		}
		who.StepUp = time.Now()
		b.Must(b.Journal.Append(t.Context(), access, who, b.Key(), command.OpenEntry{Room: room, Sight: s, Entry: n, UpTo: n}))
	}
	want, at := tell(func(b *bench) incident.Seq {
		return b.do(b.lead, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToHosts}})
	})
	if !strings.Contains(want, fmt.Sprintf("%d-%d true", at, at)) {
		t.Fatalf("the entry is not hidden:\n%s", want)
	}
	for name, hidden := range map[string]func(*bench) incident.Seq{
		"RED, to a guest, who opened it": func(b *bench) incident.Seq {
			n := b.do(b.lead, command.PostMessage{Text: "x", TLP: incident.Red, Audience: to(b.leadNo, b.samNo)})
			open(b, b.sam, n)
			return n
		},
		"from one guest to another": func(b *bench) incident.Seq {
			return b.do(b.sam, command.PostMessage{Text: "x", Audience: to(b.samNo, b.ellisNo)})
		},
		"a decision for one person": func(b *bench) incident.Seq {
			return b.do(b.lead, command.ProposeDecision{Decision: "x", Chosen: command.Chosen{Audience: to(b.leadNo)}})
		},
	} {
		if got, _ := tell(hidden); got != want {
			t.Errorf("%s is told of otherwise than an entry to the hosts:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestWhatSomebodyCouldSeeIsToldAsItWasThenAndNotAsItIsNow(t *testing.T) {
	b := sit(t)
	all := b.do(b.lead, command.PostMessage{Text: "for all"})
	b.do(b.lead, command.TightenEntry{Root: all, Audience: to(b.leadNo, b.samNo, 5)}) // the auditor is M-5
	narrowed := b.do(b.lead, command.PostMessage{Text: "after"})
	red := b.do(b.lead, command.PostMessage{Text: "sealed", TLP: incident.Red, Audience: to(b.leadNo, b.samNo, 5)})
	if f := fact(t, b.known(b.ada, b.ellisNo, all), all); f == nil || f.Could != policy.Open {
		t.Errorf("when it was for all, Ellis could see it: %+v", f)
	}
	if f := fact(t, b.known(b.ada, b.ellisNo, narrowed), all); f == nil || f.Could != policy.Stub {
		t.Errorf("after it was narrowed, Ellis could not: %+v", f)
	}
	if f := fact(t, b.known(b.ada, b.samNo, red), red); f == nil || f.Could != policy.Envelope || f.Opened != nil {
		t.Errorf("Sam could see that the sealed one is there: %+v", f)
	}
	if k := b.known(b.ada, b.ellisNo, 4); k.Member != nil || fact(t, k, 1).Could != policy.Stub {
		t.Errorf("before joining, Ellis was no member: %+v", k.Member)
	}
	early, err := b.Known(t.Context(), b.ada.Person, b.room, b.samNo, Moment{Time: time.Now().Add(-time.Hour)}, 0, 0)
	if err != nil || early.At != 0 || len(early.Facts) != 0 {
		t.Errorf("before the room was opened: %+v, %v", early, err)
	}
}

// tick returns once the record's clock, which is the database's and counts
// milliseconds, has moved on from what it was.
func (b *bench) tick() {
	b.T.Helper()
	clock := func() (at time.Time) {
		if err := b.DB.Writer.QueryRow(b.T.Context(), `SELECT clock_timestamp()`).Scan(&at); err != nil {
			b.T.Fatal(err)
		}
		return at.Truncate(time.Millisecond)
	}
	for was := clock(); !clock().After(was); {
	}
}

func TestDeliveriesAreToldByTheFormTheyHadAndTheTimeTheyCame(t *testing.T) {
	b := sit(t)
	said := b.do(b.lead, command.PostMessage{Text: "for the hosts and the auditor", Audience: to(b.leadNo, 5)})
	give := func(how journal.How, first, last incident.Seq) {
		t.Helper()
		now := time.Now()
		b.Journal.Delivered(journal.Delivery{Room: b.room, Members: []incident.MemberNo{b.samNo}, How: how, First: first, Last: last, Since: now, At: now})
		if err := b.Journal.WriteDeliveries(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.tick()
	}
	give(journal.Live, 1, said) // a number, and nothing it says
	if f := fact(t, b.known(b.ada, b.samNo, said), said); f.Given != nil || f.Could != policy.Stub {
		t.Errorf("a stub is told as delivered: %+v", f.Given)
	}
	b.do(b.lead, command.WidenEntry{Root: said, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "needed"})
	give(journal.Object, said, said)
	after := b.do(b.lead, command.PostMessage{Text: "after"})
	f := fact(t, b.known(b.ada, b.samNo, after), said)
	if f.Given == nil || f.Given.Form != policy.Open || f.Given.How != journal.Object || f.Given.When != By {
		t.Errorf("what was opened to Sam is told as %+v", f.Given)
	}
	if f := fact(t, b.known(b.ada, b.samNo, said), said); f.Given == nil || f.Given.When != After || f.Could != policy.Stub {
		t.Errorf("asked about the time before, it came after: %+v", f.Given)
	}
	if f := fact(t, b.known(b.ada, b.ellisNo, after), said); f.Given != nil || f.Could != policy.Open {
		t.Errorf("Ellis could see it and was given nothing: %+v", f)
	}
}

func TestUnderOtherRulesOfSightNothingIsToldOfWhatCouldBeSeen(t *testing.T) {
	b := sit(t)
	said := b.do(b.lead, command.PostMessage{Text: "for all"})
	if k := b.known(b.ada, b.samNo, said); !k.Rules.Apply() || k.Rules.Version != policy.Version || k.Member == nil {
		t.Fatalf("the present rules: %+v", k.Rules)
	}
	b.Must(b.Journal.Append(t.Context(), b.Journal.SystemLog(), incident.Actor{System: true}, b.Key(), command.ListPolicy{Version: policy.Version + 1}))
	b.tick()
	later := b.do(b.lead, command.PostMessage{Text: "under other rules"})
	b.do(b.lead, command.PostMessage{Text: "and more"})
	k := b.known(b.ada, b.samNo, later)
	if k.Rules.Apply() || k.Rules.Version != policy.Version+1 || k.Rules.Here != policy.Version || k.Member != nil {
		t.Errorf("rules this server does not know are %+v", k.Rules)
	}
	for _, f := range k.Facts {
		if f.Could != policy.Stub || f.Given != nil && f.Given.Form != policy.Stub {
			t.Errorf("of entry %d it is told what could be seen", f.From)
		}
	}
	if k := b.known(b.ada, b.samNo, said-1); !k.Rules.Apply() {
		t.Errorf("of the time before: %+v", k.Rules)
	}
}

func TestTheTimelineOfSeveralRoomsIsInOrderWholeAndWithoutRepeats(t *testing.T) {
	b := sit(t)
	other := b.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames)
	b.Join(other, b.lead, b.ada, incident.Auditor, incident.Full)
	rooms := []incident.LogID{b.room, other}
	for i := range 40 {
		who, aud := b.lead, &incident.Audience{Kind: incident.ToRoom}
		if i%5 == 0 {
			aud = &incident.Audience{Kind: incident.ToHosts}
		}
		b.Must(b.Do(rooms[i%2], who, command.PostMessage{Text: fmt.Sprint(i), Audience: aud}))
	}
	for _, newest := range []bool{false, true} {
		next := map[incident.LogID]incident.Seq{}
		var last time.Time
		cursor, lines := "", 0
		for {
			page, err := b.Timeline(t.Context(), b.ada.Person, rooms, Filter{}, newest, cursor, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range page.Lines {
				lines++
				if newest {
					if at, known := next[l.Room]; known && l.To != at-1 {
						t.Fatalf("newest first: after %d of a room came %d-%d", at, l.From, l.To)
					}
					next[l.Room] = l.From
				} else {
					if l.From != next[l.Room]+1 {
						t.Fatalf("oldest first: after %d of a room came %d-%d", next[l.Room], l.From, l.To)
					}
					next[l.Room] = l.To
				}
				if e := l.Seen.Head(); e != nil {
					if at := e.Times.Recorded.Time; !last.IsZero() && (newest && at.After(last) || !newest && at.Before(last)) {
						t.Fatalf("entry %d of %s is out of order", l.From, l.Room)
					} else {
						last = at
					}
				}
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		for _, id := range rooms {
			room, _ := b.Journal.Room(t.Context(), id)
			if want := map[bool]incident.Seq{false: room.Head, true: 1}[newest]; next[id] != want {
				t.Errorf("a room's last line is %d, want %d", next[id], want)
			}
		}
		if lines < 40 {
			t.Errorf("only %d lines", lines)
		}
	}
	// The same person in both rooms, found by one of their numbers.
	page, err := b.Timeline(t.Context(), b.ada.Person, rooms, Filter{Person: b.lead.Person, Nouns: []string{"message"}}, false, "", 200)
	if err != nil || len(page.Lines) != 32 {
		t.Errorf("the lead's messages that the auditor may see: %d, %v", len(page.Lines), err)
	}
}

func TestWhatIsMissingInTheRecordIsListedAsFarAsTheAskerSeesIt(t *testing.T) {
	b := sit(t)
	fact := b.do(b.lead, command.PostMessage{Text: "It is WannaCry"})
	secret := b.do(b.lead, command.PostMessage{Text: "said in confidence", Audience: &incident.Audience{Kind: incident.ToHosts}})
	review := time.Now().Add(2 * time.Second)
	decided := b.do(b.lead, command.RecordDecision{Taken: command.Taken{Decision: "Cut the link", Rationale: "It spreads", Maker: 1,
		Deliberation: incident.Deliberation{Relied: []incident.Seq{fact, secret}, Review: incident.At(review)}}})
	asked := b.do(b.lead, command.RaiseAction{Text: "Patch", For: incident.Assignee{Org: "X1N"}})
	b.do(b.lead, command.CorrectMessage{Root: fact, Text: "It is not WannaCry"})
	<-time.After(time.Until(review.Add(2 * time.Millisecond))) // what this is about: the time of review passes
	lacks := func(who incident.Actor) map[string]bool {
		g, err := b.Gaps(t.Context(), who.Person, b.room)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]bool{}
		for _, gap := range g.Gaps {
			all[fmt.Sprint(gap.Lack, " ", gap.Root, gap.Role, gap.On)] = true
		}
		return all
	}
	got := lacks(b.ada)
	for _, want := range []string{fmt.Sprint(NoOptions, " ", decided, "", []Rested(nil)), fmt.Sprint(NotConfirmed, " ", decided, "", []Rested(nil)),
		fmt.Sprint(ReviewLate, " ", decided, "", []Rested(nil)), fmt.Sprint(RestsOnGone, " ", decided, "", []Rested{{fact, WasCorrected}, {secret, NotYours}}),
		fmt.Sprint(NotAccepted, " ", asked, "", []Rested(nil)), fmt.Sprint(NoDue, " ", asked, "", []Rested(nil)), fmt.Sprint(NoRole, " 0", incident.Loggist, []Rested(nil))} {
		if !got[want] {
			t.Errorf("not listed: %s\n%v", want, got)
		}
	}
	if mine := lacks(b.lead); !mine[fmt.Sprint(RestsOnGone, " ", decided, "", []Rested{{fact, WasCorrected}})] {
		t.Errorf("to the lead, what was said in confidence stands: %v", mine)
	}
	b.do(b.lead, command.WithholdEntry{Root: fact})
	if got := lacks(b.ada); !got[fmt.Sprint(RestsOnGone, " ", decided, "", []Rested{{fact, NotYours}, {secret, NotYours}})] {
		t.Errorf("that it was withheld is not hers to know: %v", got)
	}
	if got := lacks(b.lead); !got[fmt.Sprint(RestsOnGone, " ", decided, "", []Rested{{fact, WasWithheld}})] {
		t.Errorf("to the lead, it was withheld: %v", got)
	}
	b.do(b.lead, command.RecallEntry{Root: secret, Reason: "it was wrong"})
	if got := lacks(b.ada); !got[fmt.Sprint(RestsOnGone, " ", decided, "", []Rested{{fact, NotYours}, {secret, WasRecalled}})] {
		t.Errorf("the decision says that it was recalled, and the list does not: %v", got)
	}
}

func TestTheAccessLogIsReadByThoseWhomPolicyNames(t *testing.T) {
	b := sit(t)
	red := b.do(b.lead, command.PostMessage{Text: "sealed", TLP: incident.Red, Audience: to(b.samNo, b.ellisNo)}) // the lead wrote it, and does not receive it
	room, _ := b.Journal.Room(t.Context(), b.room)
	access, _ := b.Journal.AccessOf(t.Context(), b.room)
	s, err := b.Journal.Sight(t.Context(), b.room, b.sam.Person, red)
	if err != nil {
		t.Fatal(err)
	}
	sam := b.sam
	sam.StepUp = time.Now()
	b.Must(b.Journal.Append(t.Context(), access, sam, b.Key(), command.OpenEntry{Room: room, Sight: s, Entry: red, UpTo: red}))
	b.Must(b.Journal.Append(t.Context(), access, b.ellis, b.Key(), command.RecordRefusal{Room: room, Sight: s, Entry: red, Why: "step_up"}))
	list, _, err := b.Accesses(t.Context(), b.ada.Person, b.room, 0, 0)
	if err != nil || len(list) != 2 || list[0].Kind != "member.refused" || list[0].Member != b.ellisNo || list[0].Why != "step_up" ||
		list[1].Kind != "entry.opened" || list[1].Member != b.samNo || list[1].Entry != red || list[1].Sees {
		t.Errorf("the auditor reads %+v, %v", list, err)
	}
	if page, next, err := b.Accesses(t.Context(), b.ada.Person, b.room, 0, 1); err != nil || len(page) != 1 || next == 0 {
		t.Errorf("a page of one: %+v, next %d, %v", page, next, err)
	}
	// Not past the second wall either: by the reader's rows a guest has none of it.
	rows, err := b.Journal.Accesses(t.Context(), b.room, b.ellis.Person, 0, 10)
	if err != nil || len(rows) != 0 {
		t.Errorf("the database gives a guest %d lines of the access log, %v", len(rows), err)
	}
	k, err := b.Journal.Known(t.Context(), b.room, b.ellis.Person, []incident.MemberNo{b.samNo}, nil, 1, 1000, time.Now())
	if err != nil || len(k.Delivered) != 0 || len(k.State) != 0 {
		t.Errorf("the database tells a guest what was delivered: %+v, %v", k, err)
	}
}
