package torture

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/hub"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// counted counts what a node asks of the database.
type counted struct {
	all, log atomic.Int64 // statements; those that read entries
}

func (c *counted) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (c *counted) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	c.count(q.SQL)
}

func (c *counted) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (c *counted) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	c.count(q.SQL)
	return ctx
}

func (c *counted) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counted) count(sql string) {
	c.all.Add(1)
	if !strings.HasPrefix(sql, "INSERT") && (strings.Contains(sql, "FROM leaf") || strings.Contains(sql, "FROM opening")) {
		c.log.Add(1)
	}
}

// countedNode is a node whose questions to the database are counted, over pools
// of at most most connections each.
func countedNode(t *testing.T, h *servertest.House, most int32) (*journal.Journal, *counted, [2]*pgxpool.Pool) {
	t.Helper()
	c := &counted{}
	var pools [2]*pgxpool.Pool
	for i, url := range []string{h.DB.Cluster.WriterURL(h.DB.Name), h.DB.Cluster.ReaderURL(h.DB.Name)} {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		config.MaxConns, config.ConnConfig.Tracer = most, c
		if pools[i], err = pgxpool.NewWithConfig(context.Background(), config); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pools[i].Close)
	}
	return h.NodeOn(pools[0], pools[1]), c, pools
}

// Everybody drops at once, is away while sixty things are said, and comes
// back at once: to the node they left, which has it all ready, and to one that
// has never heard of the room. What is read of the log is read once for all, and
// nobody misses anything.
func TestAStormOfReconnectionsReadsTheLogOnceForAll(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	people := []incident.Actor{lead, h.Person("Dev Rao", "NCSC"), h.Person("Sam Okafor", "X1N"), h.Person("Ellis Byrne", "X2E")}
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	for i, who := range people[1:] {
		h.Join(room, lead, who, []incident.Role{incident.Deputy, incident.Representative, incident.Representative}[i], incident.Full)
	}
	const most = 6
	clients := times(t, 200)
	first, _, _ := countedNode(t, h, most)
	at := hub.New(hub.Options{Journal: first})
	defer at.Close()
	head := h.Say(room, lead, "before")
	ears := make([]*ear, clients)
	atOnce(clients, func(i int) { ears[i] = listen(at, people[i%len(people)], room, nil) })
	arrive(t, ears, head)
	away := func() incident.Seq {
		atOnce(clients, func(i int) { ears[i].hang() })
		for i := range 60 {
			head = h.Say(room, lead, fmt.Sprint("while nobody listens ", i))
		}
		return head
	}
	for round := range 4 {
		name := "the node they left"
		j, asked, pools := first, (*counted)(nil), [2]*pgxpool.Pool{}
		head = away()
		if round%2 == 1 {
			name = "a node that has not heard of the room"
			j, asked, pools = countedNode(t, h, most)
			at = hub.New(hub.Options{Journal: j})
			defer at.Close()
		}
		before := at.Stats()
		atOnce(clients, func(i int) { ears[i].hub = at; ears[i].resume() })
		arrive(t, ears, head)
		after := at.Stats()
		t.Logf("%d came back to %s: %d reads of a gap, %d of the fold", clients, name, after.GapReads-before.GapReads, after.FoldReads-before.FoldReads)
		if n := after.GapReads - before.GapReads; n > 10 {
			t.Errorf("the gap was read %d times for %d clients", n, clients)
		}
		if asked == nil {
			continue
		}
		t.Logf("of the database it asked %d things, %d of them entries", asked.all.Load(), asked.log.Load())
		if n := asked.log.Load(); n > 30 {
			t.Errorf("entries were read %d times for %d clients", n, clients)
		}
		if n := asked.all.Load(); n > int64(100+clients/2) {
			t.Errorf("%d things were asked of the database for %d clients", n, clients)
		}
		for _, p := range pools {
			if n := p.Stat().TotalConns(); n > most {
				t.Errorf("%d connections are open, and %d are allowed", n, most)
			}
		}
	}
	truth := h.Truth(room)
	c := servertest.NewChecker()
	c.From = truth.Size
	for i, e := range ears {
		if i%max(1, clients/20) > 0 {
			continue // the judge reads all that they heard: of very many, some
		}
		s := c.Stream(fmt.Sprintf("%s %d", e.who.Name, i), string(e.who.Person), 0)
		s.ToEnd = true
		frames, _ := e.heard()
		for _, f := range frames {
			s.Frame(f, 0)
		}
	}
	if found := c.Judge(truth); len(found) > 0 {
		t.Error(servertest.Describe(found))
	}
}

// atOnce runs fn for each of n, all at once.
func atOnce(n int, fn func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}

func arrive(t *testing.T, ears []*ear, head incident.Seq) {
	t.Helper()
	for _, e := range ears {
		if err := e.await(head); err != nil {
			t.Fatal(err)
		}
	}
}
