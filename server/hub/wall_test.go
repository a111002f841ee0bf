package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// said is a log that a test reads.
type said struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *said) lines() (list []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d := json.NewDecoder(bytes.NewReader(s.buf.Bytes())); ; {
		var line map[string]any
		if d.Decode(&line) != nil {
			return list
		}
		list = append(list, line)
	}
}

// lax is the journal with a fault in one entry's sight: by it, that entry is
// for the room, and labelled for everyone.
type lax struct {
	source
	mu   sync.Mutex
	root incident.Seq // 0: the next to begin
}

func (l *lax) Watch(ctx context.Context, room incident.LogID, fn func(*journal.Group)) (*incident.Room, func(), error) {
	return l.source.Watch(ctx, room, func(g *journal.Group) {
		l.mu.Lock()
		defer l.mu.Unlock()
		for i := range g.Entries {
			e := &g.Entries[i]
			if l.root == 0 {
				l.root = e.Root
			}
			if e.Root == l.root {
				e.Sight.TLP, e.Sight.Audience = incident.Clear, incident.Audience{Kind: incident.ToRoom}
			}
		}
		fn(g)
	})
}

var toHosts = &incident.Audience{Kind: incident.ToHosts}

func TestWhereTheWallsDisagreeTheViewerGetsAStubAndAnAlarmSounds(t *testing.T) {
	var log said
	s := newScene(t, func(o *Options) {
		o.Journal, o.Log = &lax{source: o.Journal}, slog.New(slog.NewJSONHandler(&log, nil))
	})
	ward, host := s.listen(s.ward, nil), s.listen(s.host, nil)
	root := s.do(s.lead, command.PostMessage{Text: "for hosts alone", Audience: toHosts})
	_, f := ward.next("the entry", 0, has(root))
	if got := f.Events[0].form(); got != "stub" {
		t.Errorf("the guest, whom the rows do not allow it, got it %s", got)
	}
	_, f = host.next("the entry", 0, has(root))
	if got := f.Events[0].text(); got != "for hosts alone" {
		t.Errorf("the host, whom both walls allow it, got %q", got)
	}
	alarms := s.hub.Stats().Alarms
	if alarms == 0 {
		t.Error("the counter stands at 0")
	}
	// What is said of it later, and its coming and going, go the same way.
	noted := s.do(s.host, command.NoteEntry{Root: root})
	at, f := ward.next("the note", 0, has(noted))
	if got := f.Events[0].form(); got != "stub" {
		t.Errorf("the note came %s", got)
	}
	narrowed := s.do(s.lead, command.TightenEntry{Root: root, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}})
	widened := s.do(s.lead, command.WidenEntry{Root: root, Audience: toHosts, Reason: "they need it"})
	ward.next("the widening", at, has(widened))
	host.next("the widening", 0, has(widened))
	if got := moved(ward.all(), 1); len(got) > 0 {
		t.Errorf("the guest was told %v of it", got)
	}
	host.next("all of it again", 0, is("opened"))
	again := s.listen(s.ward, seqp(root-1))
	if _, entries := stream(t, again.all(), root-1); entries[root].form() != "stub" || entries[narrowed].form() != "stub" {
		t.Errorf("on resuming it came as %v", outline(again.all()))
	}
	if s.hub.Stats().Alarms <= alarms {
		t.Error("the counter did not rise any more")
	}
	lines := log.lines()
	if len(lines) == 0 {
		t.Fatal("no alarm in the log")
	}
	for _, line := range lines {
		if line["level"] != "ERROR" || line["entry"] != float64(root) {
			t.Errorf("the log says %v", line)
		}
		for _, secret := range []string{"hosts alone", string(s.room), string(s.ward.Person), s.ward.Name} {
			if strings.Contains(fmt.Sprint(line), secret) {
				t.Errorf("the alarm names %q: %v", secret, line)
			}
		}
	}
}

// rowsOnly is a scene whose hub is told, for policy, that everybody may see
// everything.
func rowsOnly(t *testing.T) *scene {
	return newScene(t, func(o *Options) {
		h := o.Journal.(*journal.Journal)
		o.Journal = servertest.OneWall{Journal: h, NoPolicy: true}
	})
}

func TestByTheRowsAloneASnapshotTellsOfNothingWithheld(t *testing.T) {
	s := rowsOnly(t)
	secret := s.do(s.lead, command.PostMessage{Text: "for hosts alone", Audience: toHosts})
	open := s.Say(s.room, s.lead, "for all")
	for _, root := range []incident.Seq{secret, open} {
		s.do(s.lead, command.PinEntry{Root: root})
	}
	book := s.do(s.lead, command.OpenBook{Maker: s.hostNo, Signal: "a raised hand", Audience: toHosts})
	shared := s.do(s.lead, command.OpenBook{Maker: s.hostNo, Signal: "a word"})
	books := map[incident.PersonID]string{s.ward.Person: fmt.Sprint([]incident.Seq{shared}), s.host.Person: fmt.Sprint([]incident.Seq{book, shared})}
	pins := func(e *ear) (roots []incident.Seq, report bool) {
		t.Helper()
		all := e.all()
		var state struct {
			Pins, Books []struct{ Root incident.Seq }
			Report      json.RawMessage
		}
		for _, f := range all {
			if f.Type == "snapshot" {
				if err := json.Unmarshal(f.State, &state); err != nil {
					t.Fatal(err)
				}
			}
		}
		var told []incident.Seq
		for _, k := range state.Books {
			told = append(told, k.Root)
		}
		if got := fmt.Sprint(told); got != books[e.conn.who.Person] {
			t.Errorf("told of the books %s, want %s", got, books[e.conn.who.Person])
		}
		for _, p := range state.Pins {
			roots = append(roots, p.Root)
		}
		return roots, string(state.Report) != "null"
	}
	// The first to listen begins the room: its rows are read. For those after
	// them the rows have come with the entries.
	for range 2 {
		if roots, report := pins(s.listen(s.ward, nil)); fmt.Sprint(roots) != fmt.Sprint([]incident.Seq{open}) || report {
			t.Errorf("the guest, who came after the report, is told of pins %v and report %v; want [%d] and false", roots, report, open)
		}
		if roots, report := pins(s.listen(s.host, nil)); len(roots) != 2 || !report {
			t.Errorf("the host is told of pins %v and report %v", roots, report)
		}
		s.do(s.lead, command.WithholdEntry{Root: open})
		s.reached(s.do(s.lead, command.RestoreEntry{Root: open}))
	}
	s.reached(s.do(s.lead, command.WithholdEntry{Root: open}))
	if roots, _ := pins(s.listen(s.ward, nil)); len(roots) != 0 {
		t.Errorf("after withholding, the guest is told of pins %v", roots)
	}
	room, err := s.Journal.Room(t.Context(), s.room)
	if err != nil {
		t.Fatal(err)
	}
	s.reached(s.do(s.lead, command.GrantHistory{Root: room.Member(s.ward.Person).Root, Start: 1}))
	if _, report := pins(s.listen(s.ward, nil)); !report {
		t.Error("after a grant of all history, the guest is not told of the report")
	}
	if s.hub.Stats().Alarms == 0 {
		t.Error("no alarm sounded")
	}
}

func TestByTheRowsAloneNothingComesAfterARemovalAndNobodyOutsideGetsIn(t *testing.T) {
	s := rowsOnly(t)
	ward, lead := s.listen(s.ward, nil), s.listen(s.lead, nil)
	room, err := s.Journal.Room(t.Context(), s.room)
	if err != nil {
		t.Fatal(err)
	}
	out := s.do(s.lead, command.RemoveMember{Root: room.Member(s.ward.Person).Root})
	end := s.Say(s.room, s.lead, "now that she is gone")
	lead.next("the end", 0, has(end))
	if f := ward.lastWord(); f.Type != "revoked" {
		t.Errorf("the removed guest was told %q", f.Type)
	}
	if last, _ := stream(t, ward.all(), 0); last >= out {
		t.Errorf("the removed guest got entry %d", last)
	}
	for _, after := range []*incident.Seq{nil, seqp(1)} {
		back := attach(t, s.hub, s.ward)
		back.conn.Subscribe(s.room, after)
		if f := back.lastWord(); f.Type != "error" || f.Fault != incident.NotFound {
			t.Errorf("coming back, she was told %q %q", f.Type, f.Fault)
		}
		if got := types(back.all()); len(got) != 1 {
			t.Errorf("coming back, she got %v", got)
		}
	}
	if s.hub.Stats().Alarms == 0 {
		t.Error("no alarm sounded")
	}
}

func TestByTheRowsAloneREDTravelsAsAnEnvelopeToThoseNamed(t *testing.T) {
	s := rowsOnly(t)
	host, ward := s.listen(s.host, nil), s.listen(s.ward, nil)
	red := s.do(s.lead, command.PostMessage{Text: "RED", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{s.hostNo}}})
	for e, want := range map[*ear]string{host: "envelope", ward: "stub"} {
		if _, f := e.next("the entry", 0, has(red)); f.Events[0].form() != want {
			t.Errorf("it came as %s, want %s", f.Events[0].form(), want)
		}
	}
}

// What is read of the time before the ring is read for one person and shared:
// by the rows alone each still gets their own part.
func TestByTheRowsAloneAGapReadForOneGivesNoOtherMore(t *testing.T) {
	s := newScene(t)
	pool, err := pgxpool.New(t.Context(), s.DB.Cluster.SuperuserURL(s.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	past := s.NodeOn(pool, pool)
	from := s.Say(s.room, s.lead, "hello")
	secret := s.do(s.lead, command.PostMessage{Text: "for hosts alone", Audience: toHosts})
	open := s.Say(s.room, s.lead, "for all")
	s.hub = newHub(t, s.House, func(o *Options) { // its ring is empty
		o.Journal = servertest.OneWall{Journal: s.Journal, NoPolicy: true, Pages: past}
	})
	ward, host := s.listen(s.ward, &from), s.listen(s.host, &from)
	if _, entries := stream(t, ward.all(), from); entries[secret].form() != "stub" || entries[open].text() != "for all" {
		t.Errorf("the guest's gap brought %v", outline(ward.all()))
	}
	if _, entries := stream(t, host.all(), from); entries[secret].text() != "for hosts alone" {
		t.Errorf("the host's gap brought %v", outline(host.all()))
	}
	if s.hub.Stats().GapReads == 0 {
		t.Error("nothing was read: the test is blind")
	}
}
